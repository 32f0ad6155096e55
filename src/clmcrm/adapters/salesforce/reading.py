"""Reading a Salesforce: what changed, what is there, and what is proven gone or merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve

from clmcrm.adapters.held_kinds import held_kind
from clmcrm.adapters.salesforce.deletions import LONGEST, deleted_since
from clmcrm.adapters.salesforce.feed import Window, parts_query, rows_query, window_at
from clmcrm.adapters.salesforce.kinds import Row, SalesforceKind, by_id, described, kinds_of, seen_of
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.adapters.salesforce.soql import Compared, Condition, in_pieces
from clmcrm.adapters.salesforce.wire import VENDOR
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Page, Seen

_ID: Final = re.compile(r"[A-Za-z0-9]{18}")


class Reader:
    """Reads the records of an org through `session`, by pages of `page`, `overlap` back each time."""

    def __init__(
        self, session: SalesforceSession, org: OrgSettings, *, page: int, overlap: timedelta, accept_gap: bool
    ) -> None:
        self.session, self.org = session, org
        self._kinds = kinds_of(org)
        self._page, self._overlap, self._accept_gap = page, overlap, accept_gap

    def held(self, kind: str) -> Flow[SalesforceKind]:
        """How Salesforce keeps `kind`, described by the org once; raises `TerminalError` for one it does not keep."""
        known = self.known(kind)
        if known.visible is None:
            told = yield from self.session.ask("GET", f"/sobjects/{known.object}/describe")
            known = self._kinds[kind] = described(known, told, self.org)
        return known

    def known(self, kind: str) -> SalesforceKind:
        """The same without asking: as far as it is known by now."""
        return held_kind(VENDOR, self._kinds, kind)

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind."""
        return frozenset(self._kinds)

    # What changed.

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of what changed since `cursor`; proven deletions and merges come with the last one."""
        window = window_at(cursor)
        held = yield from self.held(kind)
        if 0 <= window.part < len(held.touched_by):
            query = parts_query(held.query(self.org), window, held.touched_by[window.part], self._page)
        else:
            query = rows_query(held.query(self.org), window, self._ours(held), self._page)
        rows, stopped, date = yield from self.session.page(query)
        window = window.begun(date)
        seen = tuple(seen_of(held, row, self.org) for row in rows)
        window = window.told([one.changed_at for one in seen if one.changed_at is not None])
        if rows and (stopped or len(rows) == self._page):
            last = seen[-1]
            if last.changed_at is None:
                raise TerminalError(VENDOR, f"{held.object} {last.key} has no time of change: no page can follow it")
            return Page(seen=seen, cursor=evolve(window, place=(last.changed_at, last.key)).text(), more=True)
        if window.since is not None and window.part + 1 < len(held.touched_by):
            return Page(seen=seen, cursor=window.next_part().text(), more=True)
        gone, until = yield from self._gone(held, window)
        return Page(seen=(*seen, *gone), cursor=window.next(self._overlap, until).text())

    def _ours(self, held: SalesforceKind) -> Condition | None:
        return Compared(self.org.key_field, "!=", None) if held.own_terms else None

    def _gone(self, held: SalesforceKind, window: Window) -> Flow[tuple[tuple[Seen, ...], datetime | None]]:
        """What was deleted or merged since it was last asked, and until when that is known."""
        now = window.until or window.high
        if window.gone_since is None or now is None:
            return (), None if now is None else now - self._overlap
        told = yield from deleted_since(self.session, held, window.gone_since, now)
        if not told.known and not self._accept_gap:
            raise TerminalError(VENDOR, _gap(held, window.gone_since))
        if not told.ids:
            return (), max(window.gone_since, told.until - self._overlap)
        seen = yield from self._proven(held, told.ids)
        return seen, max(window.gone_since, told.until - self._overlap)

    def _proven(self, held: SalesforceKind, ids: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """Of the ids that the log names: those that are not there any more, with what they were merged into."""
        keys = list(dict.fromkeys(one for one in ids if is_id(one)))
        rows = yield from self._rows(held, keys, deleted=True)
        there = by_id(rows)
        gone = [there[key] for key in keys if key in there and there[key].get("IsDeleted") is True]
        purged = [Seen(kind=held.kind, key=key, fields={}, gone=True) for key in keys if key not in there]
        if held.own_terms:  # of contracts that were never ours nothing is told
            gone = [row for row in gone if row.get(self.org.key_field)]
        return (*(seen_of(held, row, self.org) for row in gone), *purged)

    # What is there.

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one in the recycle bin is shown as gone, with what it was merged into."""
        held = yield from self.held(kind)
        rows = yield from self._rows(held, list(dict.fromkeys(key for key in keys if is_id(key))), deleted=True)
        return tuple(seen_of(held, row, self.org) for row in rows if self._counts(held, row))

    def rows(self, held: SalesforceKind, keys: Sequence[str]) -> Flow[dict[str, Row]]:
        """The live rows of these keys."""
        wanted = list(dict.fromkeys(key for key in keys if is_id(key)))
        found = yield from self._rows(held, wanted, deleted=False)
        return {key: row for key, row in by_id(found).items() if self._counts(held, row)}

    def marked(self, held: SalesforceKind, marks: Sequence[str], *, deleted: bool = False) -> Flow[dict[str, Row]]:
        """The rows that carry these keys of ours, by key; of a live one and one in the recycle bin the live one."""
        if not held.created:
            return {}
        pieces = in_pieces(held.query(self.org), self.org.key_field, list(dict.fromkeys(marks)))
        rows = yield from self.session.queries((query, deleted) for query, _ in pieces)
        found: dict[str, Row] = {}
        for row in sorted(
            by_id(rows).values(), key=lambda one: (one.get("IsDeleted") is not True, str(one.get("SystemModstamp")))
        ):
            # A list of IN compares without regard to case, our keys do not.
            found[str(row.get(self.org.key_field))] = row
        return {mark: found[mark] for mark in marks if mark in found}

    def _counts(self, held: SalesforceKind, row: Row) -> bool:
        return not held.own_terms or bool(row.get(self.org.key_field))

    def _rows(self, held: SalesforceKind, keys: Sequence[str], *, deleted: bool) -> Flow[list[Row]]:
        pieces = in_pieces(held.query(self.org), "Id", keys)
        return (yield from self.session.queries((query, deleted) for query, _ in pieces))


def is_id(key: str) -> bool:
    """Whether a text may be an id of Salesforce's; what is none is the id of nothing.

    >>> is_id("001000000000001AAA"), is_id("1' OR Name != '")
    (True, False)
    """
    return _ID.fullmatch(key) is not None


def _gap(held: SalesforceKind, since: datetime) -> str:
    return (
        f"what was deleted of {held.object} since {since.astimezone(UTC):%Y-%m-%d %H:%M} is not known: its log of "
        f"deletions reaches back {LONGEST.days} days at most. Compare in full: read every record that is linked, then "
        "begin again without a cursor (or allow the gap: accept_gap=True)"
    )
