"""Tryton as a CRM: parties, opportunities with the lines of their sales, and terms as attachments.

Every method is a flow: it asks the server and returns what the port promises (see `clmcrm.ports.systems`).
Writes depend on the time stamps of every row they touch; one stale row rolls the whole call back, so the
stale ones are found, answered as such, and the rest is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from attrs import evolve

from clmcrm.adapters.tryton import opportunities, parties, terms
from clmcrm.adapters.tryton.feed import Window, changed_in, missing_ids, window_at
from clmcrm.adapters.tryton.kinds import KINDS, TrytonKind
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.versions import STAMP, stamps, version_of
from clmcrm.adapters.tryton.wire import VENDOR, RefusedByServer, StaleRecords
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Effect, Flow
from clmcrm.ports.records import (
    Atomicity,
    Capabilities,
    Create,
    Creating,
    Feed,
    Fields,
    Kind,
    Outcome,
    Page,
    Precondition,
    Remove,
    Result,
    Seen,
    Update,
    Write,
)

PAGE: Final = 500
BATCH: Final = 100
OVERLAP: Final = timedelta(minutes=10)
"""Longer than the longest transaction that a Tryton is expected to have open."""
LOG: Final = "ir.model.log"

Row = Mapping[str, Any]
_EMPTY: Final[Row] = {}


class TrytonCrm:
    """The CRM side of a Tryton, asked through `session`.

    `accounts` is the domain of the parties that count as accounts, in Tryton's own form (empty: all of them,
    employees and one's own company included): `[["categories.name", "=", "Customer"]]`. `overlap` is how far
    back each pull reads again: it must exceed the longest transaction of the server.
    """

    def __init__(
        self,
        session: TrytonSession,
        *,
        accounts: Sequence[object] = (),
        overlap: timedelta = OVERLAP,
        page: int = PAGE,
    ) -> None:
        self._session = session
        self._kinds = {**KINDS, Kind.ACCOUNT: evolve(KINDS[Kind.ACCOUNT], domain=tuple(accounts))}
        self._page = page
        self._codes: dict[str, dict[str, int]] = {}
        self._capabilities = Capabilities(
            kinds=frozenset(KINDS),
            creates=frozenset({Kind.ACCOUNT, Kind.CONTRACT_TERMS}),
            feed=Feed.TIMESTAMP,
            precondition=Precondition.ROW,
            atomicity=Atomicity.ITEM,
            tells_merges=True,
            creating=Creating.LOOKUP,
            longest_processing=overlap,
            overlap=overlap,
            batch_size=BATCH,
            holds={
                Kind.ACCOUNT: parties.WRITABLE,
                Kind.OPPORTUNITY: opportunities.SHOWN,
            },
        )

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What a Tryton can and cannot do."""
        return self._capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`, deletions with it once the log proves them."""
        held, window = self._held(kind), window_at(cursor)
        rows = yield from self._session.rows(held.model, changed_in(held, window), held.read, most=self._page)
        window = window.begun(self._session.last_date)
        seen = [held.shown(row) for row in rows]
        if rows:
            window = evolve(window, top=max(window.top, int(rows[-1]["id"])))
        if len(rows) == self._page:
            further = evolve(window, after=int(rows[-1]["id"]))
            return Page(seen=tuple(seen), cursor=further.text(), more=True)
        gone, looked_at = yield from self._deleted(kind, held, window)
        ended = window.next(self._capabilities.overlap, looked_at)
        return Page(seen=(*seen, *gone), cursor=ended.text())

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that the log proves deleted is shown as gone."""
        held = self._held(kind)
        ids = _ids(keys)
        rows = (
            yield from self._session.rows(held.model, [*held.domain, ["id", "in", ids]], held.read) if ids else _none()
        )
        there = {int(row["id"]) for row in rows}
        gone = yield from self._proven(kind, held, [number for number in ids if number not in there])
        return (*(held.shown(row) for row in rows), *gone)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record that carries our key `mark`; None when there is none, or the kind carries none."""
        found = yield from self._marked(self._held(kind), [mark])
        return found.get(mark)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself."""
        if len(writes) > BATCH:
            raise TerminalError(VENDOR, f"{len(writes)} writes in one call, at most {BATCH} are taken")
        done: dict[int, Outcome] = {}
        for kind in dict.fromkeys(one.kind for one in writes):
            these = {place: one for place, one in enumerate(writes) if one.kind == kind}
            created = {place: one for place, one in these.items() if isinstance(one, Create)}
            changed = {place: one for place, one in these.items() if not isinstance(one, Create)}
            if created:
                done.update((yield from self._create(kind, created)))
            if changed:
                done.update((yield from self._change(kind, changed)))
        return tuple(done[place] for place in range(len(writes)))

    def _held(self, kind: str) -> TrytonKind:
        try:
            return self._kinds[kind]
        except KeyError:
            raise TerminalError(VENDOR, f"does not hold {kind}; it holds {', '.join(sorted(KINDS))}") from None

    # Deletions: an empty answer proves nothing, a row in the log does.

    def _deleted(self, kind: str, held: TrytonKind, window: Window) -> Flow[tuple[tuple[Seen, ...], int]]:
        log = yield from self._session.rows(LOG, [["event", "=", "delete"], ["id", ">", window.gone_after]], ["event"])
        last = max((int(row["id"]) for row in log), default=window.gone_after)
        if not log:
            return (), last
        # Over all records of the model: one that left the accounts' domain is still there.
        there = yield from self._session.ask(
            held.model, "search", [], 0, None, [["id", "ASC"]], context={"active_test": False}
        )
        gone = yield from self._proven(kind, held, missing_ids(there, window.top), after=window.gone_after)
        return gone, last

    def _proven(self, kind: str, held: TrytonKind, ids: Sequence[int], *, after: int = 0) -> Flow[tuple[Seen, ...]]:
        """Those of `ids` whose deletion stands in the log, found by halves: the log can be searched, not read."""
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

    # Creations: looked up by our key, then inserted together.

    def _create(self, kind: str, writes: Mapping[int, Create]) -> Flow[dict[int, Outcome]]:
        held = self._held(kind)
        done: dict[int, Outcome] = {}
        values: dict[int, dict[str, Any]] = {}
        yield from self._know_codes([one.fields for one in writes.values()])
        marked = yield from self._marked(held, [one.mark for one in writes.values()])
        for place, one in writes.items():
            there = marked.get(one.mark)
            why = self._unwritable(kind, _EMPTY, one.fields) if held.marked else f"{kind} is not created in Tryton"
            if there is not None:
                done[place] = Outcome(result=Result.BOUND, key=there.key, version=there.version)
            elif why is not None:
                done[place] = Outcome(result=Result.REFUSED, why=why)
            else:
                values[place] = self._new(kind, one)
        if values:
            done.update((yield from self._inserted(held, values)))
        return done

    def _marked(self, held: TrytonKind, marks: Sequence[str]) -> Flow[dict[str, Seen]]:
        """The records that carry these keys of ours, by key; of several under one key the first."""
        if held.marked is None:
            return {}
        rows = yield from self._session.rows(held.model, held.marked(marks), held.read)
        seen = [held.shown(row) for row in reversed(rows)]
        return {one.mark: one for one in seen if one.mark is not None}

    def _inserted(self, held: TrytonKind, values: Mapping[int, dict[str, Any]]) -> Flow[dict[int, Outcome]]:
        places = list(values)
        try:
            ids = yield from self._session.ask(held.model, "create", list(values.values()), effect=Effect.ONCE)
        except RefusedByServer as refused:
            if len(places) == 1:
                return {places[0]: Outcome(result=Result.REFUSED, why=refused.said)}
            return (yield from self._halved(places, lambda part: self._inserted(held, {p: values[p] for p in part})))
        versions = yield from self._versions(held, cast("list[int]", ids))
        return {
            place: Outcome(result=Result.DONE, key=str(number), version=versions[number])
            for place, number in zip(places, cast("list[int]", ids), strict=True)
        }

    # Changes: read, compared with what is expected, and written under the time stamps that were read.

    def _change(self, kind: str, writes: Mapping[int, Update | Remove]) -> Flow[dict[int, Outcome]]:
        held = self._held(kind)
        yield from self._know_codes([one.fields for one in writes.values() if isinstance(one, Update)])
        ids = _ids([one.key for one in writes.values()])
        rows = yield from self._session.rows(held.model, [*held.domain, ["id", "in", ids]], held.read)
        there = {str(row["id"]): row for row in rows}
        done: dict[int, Outcome] = {}
        ready: dict[int, tuple[Row, dict[str, Any]]] = {}
        for place, one in writes.items():
            row = there.get(one.key)
            told = self._told(kind, held, row, one)
            if isinstance(told, Outcome):
                done[place] = told
            else:
                ready[place] = (cast("Row", row), told)
        if ready:
            done.update((yield from self._written(held, ready)))
        return done

    def _told(self, kind: str, held: TrytonKind, row: Row | None, one: Update | Remove) -> Outcome | dict[str, Any]:
        """The values to write, or why nothing is."""
        if row is None:
            return Outcome(result=Result.MISSING, key=one.key)
        current = version_of(stamps(held.model, row, held.parts))
        if current != one.expected:
            return Outcome(result=Result.STALE, key=one.key, version=current)
        if isinstance(one, Remove):
            if kind != Kind.ACCOUNT:
                return Outcome(result=Result.REFUSED, key=one.key, why=f"Tryton cannot archive {kind}")
            return {"active": False}
        why = self._unwritable(kind, row, one.fields)
        if why is not None:
            return Outcome(result=Result.REFUSED, key=one.key, why=why)
        return self._changed(kind, row, one.fields)

    def _written(self, held: TrytonKind, ready: Mapping[int, tuple[Row, dict[str, Any]]]) -> Flow[dict[int, Outcome]]:
        places = list(ready)
        expected: dict[str, str] = {}
        pairs: list[object] = []
        for row, values in ready.values():
            expected.update(stamps(held.model, row, held.parts))
            pairs += [[row["id"]], values]
        try:
            _ = yield from self._session.ask(held.model, "write", *pairs, context={STAMP: expected}, effect=Effect.ONCE)
        except RefusedByServer as refused:
            if len(places) == 1:
                key = str(ready[places[0]][0]["id"])
                return {places[0]: Outcome(result=Result.REFUSED, key=key, why=refused.said)}
            return (yield from self._halved(places, lambda part: self._written(held, {p: ready[p] for p in part})))
        except StaleRecords:
            return (yield from self._without_stale(held, ready))
        ids = [int(row["id"]) for row, _ in ready.values()]
        versions = yield from self._versions(held, ids)
        return {
            place: Outcome(result=Result.DONE, key=str(number), version=versions.get(number, ""))
            for place, number in zip(places, ids, strict=True)
        }

    def _without_stale(
        self, held: TrytonKind, ready: Mapping[int, tuple[Row, dict[str, Any]]]
    ) -> Flow[dict[int, Outcome]]:
        """Answer the rows that have changed since they were read, and write the others."""
        versions = yield from self._versions(held, [int(row["id"]) for row, _ in ready.values()])
        done: dict[int, Outcome] = {}
        for place, (row, _) in ready.items():
            current = versions.get(int(row["id"]))
            if current is None:
                done[place] = Outcome(result=Result.MISSING, key=str(row["id"]))
            elif current != version_of(stamps(held.model, row, held.parts)):
                done[place] = Outcome(result=Result.STALE, key=str(row["id"]), version=current)
        if not done:
            raise TerminalError(VENDOR, "reports a change of its records that none of them shows")
        rest = {place: one for place, one in ready.items() if place not in done}
        if rest:
            done.update((yield from self._written(held, rest)))
        return done

    def _versions(self, held: TrytonKind, ids: Sequence[int]) -> Flow[dict[int, str]]:
        asked = [STAMP, *(f"{name}.{STAMP}" for name in held.parts)]
        rows = yield from self._session.rows(held.model, [["id", "in", list(ids)]], asked)
        return {int(row["id"]): version_of(stamps(held.model, row, held.parts)) for row in rows}

    def _halved(
        self, places: Sequence[int], attempt: Callable[[Sequence[int]], Flow[dict[int, Outcome]]]
    ) -> Flow[dict[int, Outcome]]:
        """Each half by itself: one row that is refused must not keep the others out."""
        middle = len(places) // 2
        first = yield from attempt(places[:middle])
        second = yield from attempt(places[middle:])
        return {**first, **second}

    # What a kind's fields are in Tryton's own terms.

    def _new(self, kind: str, one: Create) -> dict[str, Any]:
        if kind == Kind.ACCOUNT:
            return parties.created(one.mark, one.fields, self._codes["country"], self._lookups())
        return terms.created(one.mark, one.fields)

    def _changed(self, kind: str, row: Row, fields: Fields) -> dict[str, Any]:
        if kind == Kind.ACCOUNT:
            return parties.changed(row, fields, self._codes["country"], self._lookups())
        if kind == Kind.OPPORTUNITY:
            return opportunities.changed(fields)
        return terms.changed(terms.shown(row).fields, fields)

    def _unwritable(self, kind: str, row: Row, fields: Fields) -> str | None:
        if kind == Kind.ACCOUNT:
            return parties.unwritable(fields, self._codes["country"], self._lookups())
        if kind == Kind.OPPORTUNITY:
            return opportunities.unwritable(fields)
        return terms.unwritable(terms.shown(row).fields if row else {}, fields)

    def _lookups(self) -> dict[str, int | None]:
        found: dict[str, int | None] = {f"lang:{code}": number for code, number in self._codes["lang"].items()}
        return {**found, **{f"currency:{code}": number for code, number in self._codes["currency"].items()}}

    def _know_codes(self, wanted: Sequence[Fields]) -> Flow[None]:
        """The ids behind the codes of countries, languages and currencies, read once."""
        if self._codes or not wanted:
            return
        for name, model in (("country", "country.country"), ("lang", "ir.lang"), ("currency", "currency.currency")):
            rows = yield from self._session.rows(model, [], ["code"])
            self._codes[name] = {str(row["code"]): int(row["id"]) for row in rows if row["code"]}


def _ids(keys: Sequence[str]) -> list[int]:
    """The numbers that keys stand for; what is no number is no key of Tryton's, and nothing has it."""
    return sorted({int(key) for key in keys if key.isascii() and key.isdigit()})


def _none() -> Flow[list[dict[str, Any]]]:
    return []
    yield  # type: ignore[unreachable] # makes it a flow, which asks nothing
