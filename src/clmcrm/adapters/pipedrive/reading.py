"""Reading a Pipedrive: what changed, what is there, and what a record itself proves to be in the bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.held_kinds import held_kind
from clmcrm.adapters.pipedrive import deals
from clmcrm.adapters.pipedrive.company import Acquaintance, Company
from clmcrm.adapters.pipedrive.deal_products import COUNT, lines, products
from clmcrm.adapters.pipedrive.feed import Phase, Window, since_text, window_at
from clmcrm.adapters.pipedrive.kinds import PipedriveKind
from clmcrm.adapters.pipedrive.plain import instant, is_key, key_of
from clmcrm.adapters.pipedrive.rows import STATUSES, by_keys, by_mark, listed
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.showing import gone, is_gone, mark_of, own_text, seen
from clmcrm.adapters.pipedrive.wire import VENDOR
from clmcrm.errors import MalformedReply, RefusedError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Page, Seen

Row = Mapping[str, Any]

_REFUSED_CURSOR: Final = frozenset({400, 404, 410, 422})


class Reader:
    """Reads records of `kinds` through `session`, by pages of `page`, `overlap` back each time.

    `sweep` is how often all organizations and persons are looked through for what is in the bin; None: never.
    """

    def __init__(
        self, session: PipedriveSession, kinds: Mapping[str, PipedriveKind], *, page: int, overlap: timedelta,
        sweep: timedelta | None,
    ) -> None:  # fmt: skip
        self._session, self._kinds = session, kinds
        self._page, self._overlap, self._sweep = page, overlap, sweep
        self.acquaintance = Acquaintance(session)

    def held(self, kind: str) -> PipedriveKind:
        """How Pipedrive keeps `kind`; raises `TerminalError` for one it does not."""
        return held_kind(VENDOR, self._kinds, kind)

    def company(self, held: PipedriveKind) -> Flow[Company]:
        """The company, with what records of that kind need."""
        return self.acquaintance.company(held.object)

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of what changed since `cursor`; archived deals come after the others, the sweep last."""
        held, window = self.held(kind), window_at(cursor)
        company = yield from self.company(held)
        told: list[Seen] = []
        if window.phase is not Phase.SWEEP:
            found, window = yield from self._changed(held, window, company)
            told += found
            if window.phase is not Phase.SWEEP:
                return Page(seen=tuple(told), cursor=window.text(), more=True)
        if held.object != deals.OBJECT and window.due(self._sweep):
            found, window, more = yield from self._swept(held, window, company)
            told += found
            if more:
                return Page(seen=tuple(told), cursor=window.text(), more=True)
        return Page(seen=tuple(told), cursor=window.next(self._overlap).text())

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that says of itself that it is deleted is shown as gone."""
        held = self.held(kind)
        if not any(is_key(key) for key in keys):
            return ()
        company = yield from self.company(held)
        found = yield from by_keys(self._session, held, keys, company)
        return tuple((yield from self.shown(held, found, company)))

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record that carries our key `mark`."""
        held = self.held(kind)
        company = yield from self.company(held)
        row = yield from by_mark(self._session, held, mark, company)
        return None if row is None else (yield from self.shown(held, [row], company))[0]

    def shown(self, held: PipedriveKind, found: Sequence[Row], company: Company) -> Flow[list[Seen]]:
        """The rows of this kind as the port shows them, deals with their lines."""
        own = [row for row in found if _fits(held, row, company)]
        if held.object == deals.OBJECT and not held.carrier:
            stages = {key for row in own if (key := key_of(row.get("stage_id"))) is not None}
            company = yield from self.acquaintance.with_stages(stages)
        told = [gone(held, row) if is_gone(row) else seen(held, row, company) for row in own]
        if held.object != deals.OBJECT or held.carrier:
            return told
        lined = [str(row.get("id")) for row in own if row.get(COUNT) not in (0, None) and not is_gone(row)]
        attached = (yield from products(self._session, lined)) if lined else {}
        return [_lined(one, attached.get(one.key, [])) for one in told]

    def _changed(self, held: PipedriveKind, window: Window, company: Company) -> Flow[tuple[list[Seen], Window]]:
        """One page of changed records; the window goes on to what comes next when it was the last of its list."""
        archived = window.phase is Phase.ARCHIVED
        more = [("status", STATUSES)] if held.object == deals.OBJECT else []
        if window.since is not None:
            more.append(("updated_since", since_text(window.since)))
        try:
            found, after = yield from listed(
                self._session, held, company, more, page=window.page, most=self._page, archived=archived
            )
        except RefusedError as refused:
            if window.page is None or refused.status not in _REFUSED_CURSOR:
                raise
            # Pipedrive's own cursor has ended: the list begins again; what was told comes twice.
            return [], evolve(window, page=None)
        if after is not None and after == window.page:
            raise MalformedReply(VENDOR, f"GET {held.path}", "its next page is the page that it is")
        window = window.begun(self._session.last_date, _newest(found))
        told = yield from self.shown(held, found, company)
        window = evolve(window, page=after, known=_with(window.known, held, found, company))
        if after is None:
            on = Phase.ARCHIVED if held.object == deals.OBJECT and not archived else Phase.SWEEP
            window = evolve(window, phase=on)
        if window.phase is Phase.ARCHIVED and not archived:
            others, window = yield from self._changed(held, window, company)
            told += others
        return told, window

    def _swept(self, held: PipedriveKind, window: Window, company: Company) -> Flow[tuple[list[Seen], Window, bool]]:
        """One page of all records, by id: what it leaves out is asked for, what nobody had told is told."""
        try:
            found, after = yield from listed(self._session, held, company, [], page=window.page, most=self._page)
        except RefusedError as refused:
            if window.page is None or refused.status not in _REFUSED_CURSOR:
                raise
            return [], evolve(window, page=None, above=0), True
        there = {_id(row) for row in found}
        last = max(there, default=window.above)
        upper = last if after is not None else max(window.known, default=last)
        missing = sorted(one for one in window.known if window.above < one <= upper and one not in there)
        lost = yield from by_keys(self._session, held, [str(one) for one in missing], company)
        proven = [row for row in lost if is_gone(row)]
        new = [row for row in found if _id(row) not in window.known]
        told = [*(gone(held, row) for row in proven), *(yield from self.shown(held, new, company))]
        known = _with(window.known, held, new, company) - {_id(row) for row in proven}
        window = evolve(window, page=after, above=last, known=known)
        if after is None:
            return told, evolve(window, above=0, swept_at=window.until), False
        return told, window, True


def _lined(one: Seen, items: Sequence[Row]) -> Seen:
    if one.unreadable or one.gone:
        return one
    currency = one.fields.get("currency")
    try:
        found = lines(items, currency if isinstance(currency, str) else None)
    except (ValueError, KeyError, TypeError, ArithmeticError) as problem:
        return evolve(one, fields={}, unreadable=f"deals {one.key}: its products: {problem!r}")
    return evolve(one, fields={**one.fields, "lines": found})


def _fits(held: PipedriveKind, row: Row, company: Company) -> bool:
    """Whether the row is of the kind: a deal without terms is no record of terms."""
    if held.present is None:
        return True
    return own_text(held, row, company, held.present) is not None or mark_of(held, row, company) is not None


def _with(known: frozenset[int], held: PipedriveKind, found: Sequence[Row], company: Company) -> frozenset[int]:
    """The ids there are, with those of this page; deals tell their bin themselves."""
    if held.object == deals.OBJECT:
        return known
    rows = (row for row in found if _fits(held, row, company) and not is_gone(row))
    return known | {int(key) for row in rows if (key := key_of(row.get("id"))) is not None}


def _id(row: Row) -> int:
    key = key_of(row.get("id"))
    if key is None:
        raise MalformedReply(VENDOR, "a list of records", f"a record with the id {row.get('id')!r}")
    return int(key)


def _newest(found: Sequence[Row]) -> datetime | None:
    moments: list[datetime] = []
    for row in found:
        told: object = row.get("update_time")
        if isinstance(told, str):
            try:
                moments.append(instant(told))
            except (ValueError, OverflowError):
                continue
    return max(moments, default=None)
