"""Reading a Tryton: what changed, what is there, and what the log proves deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.extras import Carry, Declared
from clmcrm.adapters.held_kinds import held_kind
from clmcrm.adapters.tryton.feed import changed_in, gone_after, missing_ids
from clmcrm.adapters.tryton.kinds import TrytonKind
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.versions import stamps, version_of
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.adapters.windows import ids_of, window_at
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Page, Seen

LOG: Final = "ir.model.log"
BEYOND: Final = 500
"""How many numbers above the highest id are looked up in the log at a time: the last ones may be gone."""
LONGEST: Final = 18  # digits of an id that its database can hold
_RECENT: Final = 5_000
"""How many rows of a kind are remembered: those just read are the ones that are written next."""


class Reader:
    """Reads records of `kinds` through `session`, by pages of `page`, `overlap` back each time."""

    def __init__(
        self, session: TrytonSession, kinds: Mapping[str, TrytonKind], *, page: int, overlap: timedelta
    ) -> None:
        self._session, self._kinds = session, kinds
        self._page, self._overlap = page, overlap
        self._fitted: dict[str, TrytonKind] = {}
        self._recent: dict[str, dict[str, Mapping[str, Any]]] = {}

    def held(self, kind: str) -> TrytonKind:
        """How Tryton keeps `kind`; raises `TerminalError` for one it does not."""
        return held_kind(VENDOR, self._kinds, kind)

    def fitted(self, held: TrytonKind) -> Flow[TrytonKind]:
        """The same, fitted to this server."""
        if held.kind not in self._fitted:
            declared: Declared = {} if held.written is None else (yield from self._session.fields(held.model))
            self._fitted[held.kind] = held.fitted(declared)
        return self._fitted[held.kind]

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of what changed since `cursor`; proven deletions come with the last one."""
        window = window_at(VENDOR, cursor)
        after = gone_after(window)
        held = yield from self.fitted(self.held(kind))
        rows = yield from self._session.rows(held.model, changed_in(held, window), held.read, most=self._page)
        window = window.begun(VENDOR, self._session.last_date)
        self._remember(held, rows)
        seen = tuple(held.shown(row) for row in rows)
        if len(rows) == self._page:
            return Page(seen=seen, cursor=evolve(window, after=int(rows[-1]["id"])).text(), more=True)
        gone, looked_at = yield from self._deleted(kind, held, after)
        return Page(seen=(*seen, *gone), cursor=window.next(self._overlap, str(looked_at)).text())

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that the log proves deleted is shown as gone."""
        held, ids = (yield from self.fitted(self.held(kind))), ids_of(keys, LONGEST)
        if not ids:
            return ()
        rows = yield from self.rows(held, ids)
        there = {int(row["id"]) for row in rows}
        gone = yield from self._proven(kind, held, [number for number in ids if number not in there])
        return (*(held.shown(row) for row in rows), *gone)

    def marked(self, kind: str, marks: Sequence[str]) -> Flow[dict[str, Seen]]:
        """The live records that carry these keys of ours, by key; of several under one key the first."""
        held = yield from self.fitted(self.held(kind))
        if held.marked is None or not marks:
            return {}
        rows = yield from self._session.rows(held.model, held.marked(marks), held.read)
        seen = [one for row in reversed(rows) if not (one := held.shown(row)).gone]
        return {one.mark: one for one in seen if one.mark is not None}

    def rows(self, held: TrytonKind, ids: Sequence[int], *, whole_model: bool = False) -> Flow[list[dict[str, Any]]]:
        """The rows of these ids that are of the kind, or of the `whole_model`."""
        if not ids:
            return []
        domain = [*(() if whole_model else held.domain), ["id", "in", list(ids)]]
        rows = yield from self._session.rows(held.model, domain, held.read, most=len(ids))
        self._remember(held, rows)
        return rows

    def at_version(self, held: TrytonKind, key: str, version: str) -> Mapping[str, Any] | None:
        """The row of that very version, if it was just read; None when it was not."""
        row = self._recent.get(held.model, {}).get(key)
        return row if row is not None and version_of(stamps(held.model, row, held.parts)) == version else None

    def _remember(self, held: TrytonKind, rows: Sequence[Mapping[str, Any]]) -> None:
        recent = self._recent.setdefault(held.model, {})
        recent.update((str(row["id"]), row) for row in rows)
        most = min(self._page, _RECENT) if Carry.FILES in held.carry else _RECENT
        for key in list(recent)[: max(0, len(recent) - most)]:
            del recent[key]

    # Deletions: an empty answer proves nothing, a row in the log does.

    def _deleted(self, kind: str, held: TrytonKind, after: int) -> Flow[tuple[tuple[Seen, ...], int]]:
        """What was deleted since the log was last looked at, and how far it was looked at now."""
        log = yield from self._session.rows(LOG, [["event", "=", "delete"], ["id", ">", after]], ["event"])
        if not log:
            return (), after
        # Over all records of the model: one that left the kind's domain is still there.
        there = yield from self._session.ask(
            held.model, "search", [], 0, None, [["id", "ASC"]], context={"active_test": False}
        )
        gone = yield from self._proven(kind, held, missing_ids(there), after=after)
        top = max(there, default=0)
        while True:
            beyond = yield from self._proven(kind, held, range(top + 1, top + 1 + BEYOND), after=after)
            gone, top = (*gone, *beyond), top + BEYOND
            if not beyond:
                return gone, int(log[-1]["id"])

    def _proven(self, kind: str, held: TrytonKind, ids: Sequence[int], *, after: int = 0) -> Flow[tuple[Seen, ...]]:
        """Those of `ids` whose deletion stands in the log, found by halves: the log is searched, never read."""
        if not ids:
            return ()
        resources = [f"{held.model},{number}" for number in ids]
        count = yield from self._session.ask(
            LOG, "search_count", [["event", "=", "delete"], ["id", ">", after], ["resource", "in", resources]]
        )
        if not count:
            return ()
        # An id is never used again, so it is deleted at most once.
        if count == len(ids):
            return tuple(Seen(kind=kind, key=str(number), fields={}, gone=True) for number in ids)
        middle = len(ids) // 2
        first = yield from self._proven(kind, held, ids[:middle], after=after)
        second = yield from self._proven(kind, held, ids[middle:], after=after)
        return (*first, *second)
