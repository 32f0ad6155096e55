"""A system that holds records: the rules of the port, over any place that keeps rows.

Every change, a person's or the engine's, gives the row a new number; the number is its version and its
place in the feed. What a place must do to keep rows is `Shelf`; `ShelfSystem` does all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve

from clmcrm.adapters.each_by_itself import check_size
from clmcrm.adapters.feeds import told_by_key, told_by_number, told_by_time
from clmcrm.adapters.rows import Row, Shelf
from clmcrm.codec.canonical import check_json
from clmcrm.errors import InvalidRecord, TerminalError, Unsupported
from clmcrm.ports.records import (
    Atomicity,
    Capabilities,
    Create,
    Feed,
    Fields,
    Json,
    Outcome,
    Page,
    Precondition,
    Remove,
    Result,
    Seen,
    Update,
    Write,
)

PAGE_SIZE: Final = 100
"""How many records one page of the feed holds, unless the system is built otherwise."""

NO_FIELDS: Final[dict[str, Json]] = {}


class _Undone(Exception):
    """Leaves a transaction so that nothing in it is kept."""

    def __init__(self, outcomes: tuple[Outcome, ...]) -> None:
        self.outcomes = outcomes
        super().__init__("the batch is undone")


class ShelfSystem:
    """A record system over a `Shelf`, and the edits that persons make in it.

    `known` names the fields each kind may have; a kind without an entry takes any field. `clock` says
    when a change happens. A field set to None is emptied, and stays shown as empty.
    """

    def __init__(
        self,
        system: str,
        capabilities: Capabilities,
        shelf: Shelf,
        *,
        clock: Callable[[], datetime],
        known: Mapping[str, frozenset[str]],
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._system = system
        self._capabilities = capabilities
        self._shelf = shelf
        self._clock = clock
        self._known = known
        self._page_size = page_size

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return self._system

    @property
    def capabilities(self) -> Capabilities:
        """What it can and cannot do."""
        return self._capabilities

    # What the port asks for.

    def changes(self, kind: str, cursor: str | None) -> Page:
        """What changed in `kind` since `cursor`; raises `TerminalError` for a cursor it never gave."""
        self._hold(kind)
        feed = {Feed.TIMESTAMP: told_by_time, Feed.NONE: told_by_key}.get(self.capabilities.feed, told_by_number)
        try:
            told = feed(self._shelf, kind, cursor, self._page_size)
        except (OverflowError, RecursionError, TypeError, ValueError):
            raise TerminalError(self.system, f"{(cursor or '')[:80]!r} is no cursor of the feed of {kind}") from None
        seen = tuple(self._seen(row) for row in told.rows if not row.gone or self.capabilities.tells_deletes)
        return Page(seen=seen, cursor=told.cursor, more=told.more)

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The records of these keys; a removed one is shown as gone where deletions are told."""
        self._hold(kind)
        rows = (self._shelf.row(kind, key) for key in dict.fromkeys(keys))
        return tuple(self._seen(row) for row in rows if row is not None and self._shows(row))

    def find(self, kind: str, mark: str) -> Seen | None:
        """The record created under `mark`; None when there is none. Raises `Unsupported` where marks are not kept."""
        self._hold(kind)
        if not self.capabilities.marks:
            raise Unsupported(self.system, "marks", f"no {kind} is found by our key: it keeps none")
        row = self._shelf.marked(kind, mark)
        return self._seen(row) if row is not None and self._shows(row) else None

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write, in order; more than `capabilities.batch_size` is a `TerminalError`."""
        check_size(self.system, writes, self.capabilities.batch_size)
        try:
            with self._shelf.transaction():
                return self._batch(writes)
        except _Undone as undone:
            return tuple(_unwritten(undone.outcomes))

    # What persons do.

    def add(self, kind: str, fields: Fields, *, key: str | None = None) -> Seen:
        """A person enters a record; `key` is the system's own choice when it is None."""
        self._take(kind, fields)
        with self._shelf.transaction():
            if key is not None and self._shelf.row(kind, key) is not None:
                raise TerminalError(self.system, f"{kind} {key} exists already")
            return self._seen(self._inserted(kind, fields, key=key))

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        """A person sets `fields` of a record; the others stay."""
        self._take(kind, fields)
        with self._shelf.transaction():
            row = self._live(kind, key)
            return self._seen(self._changed(row, fields={**row.fields, **fields}))

    def delete(self, kind: str, key: str) -> Seen:
        """A person removes a record; its row stays, marked as gone."""
        with self._shelf.transaction():
            return self._seen(self._parted(self._live(kind, key)))

    def restore(self, kind: str, key: str) -> Seen:
        """A person brings a removed record back, with the values it had."""
        self._hold(kind)
        with self._shelf.transaction():
            row = self._shelf.row(kind, key)
            if row is None or not row.gone:
                raise TerminalError(self.system, f"no {kind} {key} was removed")
            return self._seen(self._kept(evolve(row, gone=False, merged_into=None)))

    def merge(self, kind: str, loser: str, survivor: str, fields: Fields = NO_FIELDS) -> Seen:
        """A person merges `loser` into `survivor`, which takes over `fields`; returns the survivor."""
        self._take(kind, fields)
        if loser == survivor:
            raise TerminalError(self.system, f"{kind} {loser} cannot be merged into itself")
        with self._shelf.transaction():
            lost, kept = self._live(kind, loser), self._live(kind, survivor)
            _ = self._parted(lost, merged_into=survivor)
            return self._seen(self._changed(kept, fields={**kept.fields, **fields}))

    # How it is done.

    def _hold(self, kind: str) -> None:
        if kind not in self.capabilities.kinds:
            held = ", ".join(sorted(self.capabilities.kinds))
            raise TerminalError(self.system, f"no kind {kind!r}; it holds {held}")

    def _take(self, kind: str, fields: Fields) -> None:
        self._hold(kind)
        why = self._objection(kind, fields)
        if why:
            raise TerminalError(self.system, why)

    def _objection(self, kind: str, fields: Fields) -> str:
        """Why these values are not taken, in words; an empty text when they are."""
        known = self._known.get(kind)
        strange = sorted(fields.keys() - known) if known is not None else []
        if strange:
            return f"{kind} has no field {', '.join(strange)}"
        try:
            check_json(fields)
        except InvalidRecord as problem:
            return f"{kind}: {problem.field} is no canonical value; expected {problem.expected}"
        return ""

    def _shows(self, row: Row) -> bool:
        return not row.gone or self.capabilities.tells_deletes

    def _seen(self, row: Row) -> Seen:
        return Seen(
            kind=row.kind, key=row.key, fields=row.fields, version=str(row.number), mark=row.mark, gone=row.gone,
            merged_into=row.merged_into if self.capabilities.tells_merges else None, changed_at=row.changed_at,
        )  # fmt: skip

    def _live(self, kind: str, key: str) -> Row:
        self._hold(kind)
        row = self._shelf.row(kind, key)
        if row is None or row.gone:
            raise TerminalError(self.system, f"there is no {kind} {key}")
        return row

    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        number = self._shelf.next_number()
        own = f"{kind}-{number}" if key is None else key
        while key is None and self._shelf.row(kind, own) is not None:  # somebody chose that key
            number = self._shelf.next_number()
            own = f"{kind}-{number}"
        row = Row(kind=kind, key=own, fields=dict(fields), number=number, changed_at=self._clock(), mark=mark)
        self._shelf.keep(row)
        return row

    def _changed(self, row: Row, *, fields: Fields) -> Row:
        """The row with these fields; nothing is a change, and has no new number, when they are the same."""
        if fields == row.fields:
            return row
        return self._kept(evolve(row, fields=fields))

    def _parted(self, row: Row, *, merged_into: str | None = None) -> Row:
        return self._kept(evolve(row, gone=True, merged_into=merged_into))

    def _kept(self, row: Row) -> Row:
        kept = evolve(row, number=self._shelf.next_number(), changed_at=self._clock())
        self._shelf.keep(kept)
        return kept

    def _batch(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        outcomes = tuple(self._written(write) for write in writes)
        if self.capabilities.atomicity is Atomicity.ALL and not all(outcome.ok for outcome in outcomes):
            raise _Undone(outcomes)
        return outcomes

    def _written(self, write: Write) -> Outcome:
        if write.kind not in self.capabilities.kinds:
            return Outcome(result=Result.REFUSED, why=f"there is no kind {write.kind}")
        if not self.capabilities.creates:
            return Outcome(result=Result.REFUSED, why="it is only read")
        if isinstance(write, Create):
            return self._created(write)
        row = self._shelf.row(write.kind, write.key)
        if row is None or row.gone:
            return Outcome(result=Result.MISSING, key=write.key, why=f"there is no {write.kind} {write.key}")
        if self.capabilities.precondition is Precondition.ROW and str(row.number) != write.expected:
            why = f"version {row.number} is current, not {write.expected}"
            return Outcome(result=Result.STALE, key=row.key, version=str(row.number), why=why)
        return self._removed(row) if isinstance(write, Remove) else self._updated(row, write)

    def _created(self, write: Create) -> Outcome:
        if write.kind not in self.capabilities.creates:
            return Outcome(result=Result.REFUSED, why=f"no {write.kind} can be created here")
        bound = self._shelf.marked(write.kind, write.mark) if self.capabilities.marks else None
        if bound is not None:
            return Outcome(result=Result.BOUND, key=bound.key, version=str(bound.number))
        why = self._objection(write.kind, write.fields)
        if why:
            return Outcome(result=Result.REFUSED, why=why)
        row = self._inserted(write.kind, write.fields, mark=write.mark if self.capabilities.marks else None)
        return Outcome(result=Result.DONE, key=row.key, version=str(row.number))

    def _updated(self, row: Row, write: Update) -> Outcome:
        why = self._objection(write.kind, write.fields)
        if why:
            return Outcome(result=Result.REFUSED, key=row.key, version=str(row.number), why=why)
        shown = self._seen(self._changed(row, fields={**row.fields, **write.fields}))
        return Outcome(result=Result.DONE, key=shown.key, version=shown.version, shown=shown)

    def _removed(self, row: Row) -> Outcome:
        changed = self._parted(row)
        return Outcome(result=Result.DONE, key=changed.key, version=str(changed.number))


def _unwritten(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of a batch that was undone: what failed keeps its reason, the rest says that it waits."""
    first = next(place for place, outcome in enumerate(outcomes) if not outcome.ok)
    why = f"not written, because write {first + 1} of the batch failed: {outcomes[first].why}"
    return [o if not o.ok else Outcome(result=Result.REFUSED, why=why) for o in outcomes]
