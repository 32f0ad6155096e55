"""A journal over any SQL database: reads page by page, seals every row, and writes under its lease.

A database adds four things: how rows are fetched, how many are written, what a transaction is, and the time
by which leases run out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from weakref import WeakValueDictionary

from attrs import evolve

from clmcrm.errors import JournalCorrupt, LeaseHeld, LeaseLost
from clmcrm.ports.journal import DEAD_LETTER, Agreed, Entry, Hint, Lease
from clmcrm.ports.records import CRM, SIDES, Fields, Side
from clmcrm.store.encoding import (
    agreed_of,
    agreed_row,
    alias_rows,
    decoded,
    encoded,
    entry_of,
    hint_row,
    hint_seal,
    is_shown,
    key_text,
    merged_hint,
    seal_of,
)
from clmcrm.store.statements import Statements

PAGE: Final = 500
WHOLE: Final = "all"
"""The partition of a journal that is not divided."""
_SIDES: Final = {side.value: side for side in SIDES}


class SqlJournal(ABC):
    """What all journals in SQL share; `place` names the file or database in errors."""

    def __init__(self, sql: Statements, place: str, partition: str, scope: tuple[str, ...]) -> None:
        self._sql = sql
        self.place = place
        self.partition = partition
        self._scope = scope
        self._lease: Lease | None = None
        self._met: WeakValueDictionary[tuple[Any, ...], Agreed] = WeakValueDictionary()

    @property
    def lease(self) -> Lease | None:
        """The lease that this journal writes under; None when it has taken none."""
        return self._lease

    def agreed(self, kind: str, pairs: Collection[str] | None = None) -> Iterator[Agreed]:
        """Every pair of `kind`, ordered by pair; only these `pairs` when given."""
        if pairs is None:
            yield from (self._agreed_of(kind, row) for row in self._all_agreed(kind))
            return
        for row in self._rows_in(self._sql.agreed_some, (kind,), sorted(set(pairs))):
            yield self._read(kind, row)

    def _agreed_of(self, kind: str, row: tuple[Any, ...]) -> Agreed:
        pair, crm, clm, body, seal = row
        where = f"pair {pair}"
        self._sealed(where, seal, kind, pair, crm, clm, body)
        try:
            return agreed_of(body, where)
        except JournalCorrupt as error:
            raise JournalCorrupt(error.what, self.place) from error

    def leading_to(self, kind: str, side: Side, keys: Collection[str]) -> Iterator[Agreed]:
        """The pairs of `kind` whose key on `side` is one of these, or whose aliases name one; ordered by pair."""
        texts = [key_text(key) for key in sorted(set(keys))]
        own = self._sql.crm_keys if side is Side.CRM else self._sql.clm_keys
        pairs = {str(row[0]) for row in self._rows_in(own, (kind,), texts, ")")}
        pairs.update(
            pair for _, _, pair in self._aliases_of(self._rows_in(self._sql.alias_keys, (kind, side.value), texts, ")"))
        )
        yield from self.agreed(kind, pairs)

    def one_sided(self, kind: str) -> Iterator[Agreed]:
        """The pairs of `kind` that have no record on one of the sides, ordered by pair."""
        last = ""
        while rows := self._rows(self._sql.agreed_lonely, (*self._scope, kind, last, PAGE)):
            yield from self.agreed(kind, [row[0] for row in rows])
            last = rows[-1][0]

    def count(self, kind: str) -> int:
        """How many pairs of `kind` there are."""
        return int(self._rows(self._sql.agreed_count, (*self._scope, kind))[0][0])

    def aliases(self, kind: str) -> Iterator[tuple[Side, str, str]]:
        """Every key that was merged into another, as (side, key as JSON text, pair), ordered so."""
        yield from self._aliases_of(self._rows(self._sql.aliases, (*self._scope, kind)))

    def as_shown(
        self, kind: str, side: Side, records: Sequence[tuple[str, Fields | None]]
    ) -> list[Literal[True] | Agreed | None]:
        """Of each record (key, fields): True where its text tells that `side` last showed just that, else its pair."""
        sql, place = (self._sql.crm_shown, 1) if side is CRM else (self._sql.clm_shown, 2)
        texts = [key_text(key) for key, _ in records]
        rows: dict[str, tuple[Any, ...] | None] = {}
        for row in self._rows_in(sql, (kind,), sorted(set(texts)), ")"):
            rows[row[place]] = None if row[place] in rows else row  # two pairs with one key: the text does not tell
        told: list[Literal[True] | Agreed | None] = []
        by_text = True
        for text, (_, fields) in zip(texts, records, strict=True):
            found = rows.get(text)
            if found is None:
                told.append(None)
            elif by_text and fields is not None and self._says(found, side, fields, kind):
                told.append(True)
            else:
                # Changed records come together: after one the next is read at once, and its text not looked at first.
                known = self._read(kind, found)
                by_text = known.shown(side) == fields
                told.append(known)
        return told

    @staticmethod
    def _says(row: tuple[Any, ...], side: Side, fields: Fields, kind: str) -> bool:
        pair, crm, clm, body, _ = row
        return is_shown(body, side, fields, kind, pair, (crm, clm))

    def _read(self, kind: str, row: tuple[Any, ...]) -> Agreed:
        """The pair of a row; a run reads the same pair more than once.

        As long as somebody holds what was read, a row that is the same in every column, its seal too, is not read anew.
        """
        found = self._met.get((kind, *row))
        if found is None:
            found = self._met[kind, *row] = self._agreed_of(kind, row)
        return found

    def kinds(self) -> tuple[str, ...]:
        """Every kind with a pair or a hint, sorted."""
        return tuple(str(row[0]) for row in self._rows(self._sql.kinds, self._scope * 2))

    def cursor(self, side: Side, kind: str) -> str | None:
        """Where the last pull ended; None before the first."""
        rows = self._rows(self._sql.cursor, (*self._scope, side.value, kind))
        return next((cursor for _, _, cursor in self._cursors_of(rows)), None)

    def cursors(self) -> Iterator[tuple[Side, str, str]]:
        """Every cursor, ordered by side and kind."""
        yield from self._cursors_of(self._rows(self._sql.cursors, self._scope))

    def hints(self, kind: str) -> Iterator[Hint]:
        """The records of `kind` that are not settled, oldest hint first."""
        for row in self._paged(self._sql.hints, (kind,)):
            yield self._hint_of(row)

    def history(self, pair: str | None = None) -> Iterator[Entry]:
        """The history, oldest first; of one pair when it is given."""
        sql, values = (self._sql.history, ()) if pair is None else (self._sql.history_pair, (pair,))
        for number, at, known, what, facts, seal in self._paged(sql, values):
            self._sealed(f"history line {number} of {known}", seal, at, known, what, facts)
            with self._named():
                found = entry_of(at, known, what, facts)
            yield found

    def buried(self, pairs: Collection[str]) -> frozenset[str]:
        """Those of these pairs whose history has a dead letter, replaced since or not."""
        return frozenset(str(row[0]) for row in self._rows_in(self._sql.buried, (DEAD_LETTER,), sorted(pairs), ")"))

    def open_steps(self) -> Iterator[tuple[str, Fields]]:
        """Steps begun and not ended, oldest first."""
        for _, key, facts, seal in self._paged(self._sql.steps, ()):
            yield key, self._facts(f"open step {key}", key, facts, seal)

    def decisions(self) -> Iterator[tuple[str, Fields]]:
        """Decisions not yet applied, ordered by key."""
        for key, facts, seal in self._rows(self._sql.decisions, self._scope):
            yield key, self._facts(f"decision {key}", key, facts, seal)

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All that is saved inside is saved together, or not at all when the block raises.

        Inside another transaction it is a part of that one. Raises `JournalUnavailable` when the store does
        not take it, `LeaseLost` when the lease this journal has taken is no longer its own.
        """

    def save_agreed(self, agreed: Iterable[Agreed]) -> None:
        """Insert or replace these pairs."""
        pairs = {(a.link.kind, a.link.pair): a for a in agreed}
        if pairs:
            with self.transaction():
                rows = [agreed_row(each) for each in pairs.values()]
                if self._put(self._sql.agreed_save, rows) < len(rows):
                    _ = self._put(self._sql.agreed_moved, rows)
                self._end_aliases(pairs)
                having = [each.link for each in pairs.values() if each.link.aliases]
                _ = self._put(self._sql.alias_save, [row for link in having for row in alias_rows(link)])

    def save_cursor(self, side: Side, kind: str, cursor: str) -> None:
        """Remember where the pull ended."""
        row = (side.value, kind, cursor)
        self._save(self._sql.cursor_save, [(*row, seal_of(*row))])

    def save_hints(self, hints: Iterable[Hint]) -> None:
        """Remember these records as changed; of several hints at one record the last gives the number."""
        new: dict[tuple[str, Side, str], Hint] = {}
        for hint in hints:
            place = (hint.kind, hint.side, hint.key)
            new[place] = merged_hint(new.pop(place), hint, 0) if place in new else hint
        if not new:
            return
        with self.transaction():
            if self._put(self._sql.hint_new, [hint_row(hint) for hint in new.values()]) == len(new):
                return
            known = self._known_hints(new)
            merged = [merged_hint(known[place], h, 0) if place in known else h for place, h in new.items()]
            _ = self._put(self._sql.hint_save, [hint_row(hint) for hint in merged])

    def end_hints(self, numbers: Iterable[int]) -> None:
        """Forget the hints of these numbers."""
        self._save(self._sql.hint_end, [(number,) for number in numbers])

    def save_entries(self, entries: Iterable[Entry]) -> None:
        """Append lines to the history."""
        rows = ((e.at.isoformat(), e.pair, e.what, encoded(e.facts)) for e in entries)
        self._save(self._sql.entry_save, [(*row, seal_of(*row)) for row in rows])

    def begin_steps(self, steps: Iterable[tuple[str, Fields]]) -> None:
        """Record steps before they are sent."""
        rows = ((key, encoded(fields)) for key, fields in steps)
        self._save(self._sql.step_save, [(*row, seal_of(*row)) for row in rows])

    def end_steps(self, keys: Sequence[str]) -> None:
        """Forget steps that were acknowledged or given up."""
        self._save(self._sql.step_end, [(key,) for key in keys])

    def save_decision(self, key: str, decision: Fields) -> None:
        """Keep a person's decision, replacing an earlier one."""
        row = (key, encoded(decision))
        self._save(self._sql.decision_save, [(*row, seal_of(*row))])

    def end_decisions(self, keys: Sequence[str]) -> None:
        """Forget decisions that were applied."""
        self._save(self._sql.decision_end, [(key,) for key in keys])

    def set_aside(self, kind: str, pairs: Sequence[str]) -> None:
        """Forget the agreed values of pairs that no longer exist."""
        ended = [(kind, pair) for pair in pairs]
        with self.transaction():
            _ = self._put(self._sql.agreed_end, ended)
            self._end_aliases(ended)

    def take(self, holder: str, lasting: timedelta) -> Lease:
        """Take the partition for `lasting`, and write under the lease from now on.

        The same holder may take it again at once: its earlier self is fenced off. Raises `LeaseHeld` while
        another holder has it.
        """
        self._lease = None
        with self.transaction():
            _ = self._write(self._sql.lease_make, [(self.partition,)])
            token, known, until = self._lease_row(self._sql.lease_lock)
            now = self._now()
            if known not in ("", holder) and until is not None and until > now:
                raise LeaseHeld(self.partition, known, until)
            lease = Lease(partition=self.partition, holder=holder, token=token + 1, until=now + lasting)
            self._keep_lease(lease)
        self._lease = lease
        return lease

    def extend(self, lasting: timedelta) -> Lease:
        """Hold the partition for `lasting` from now; raises `LeaseLost` when it is no longer held."""
        if self._lease is None:
            raise LeaseLost(self.partition, "this journal", "it has taken no lease")
        with self.transaction():
            _ = self._lease_row(self._sql.lease_lock)
            lease = evolve(self._lease, until=self._now() + lasting)
            self._keep_lease(lease)
        self._lease = lease
        return lease

    def release(self) -> None:
        """Give the partition up at once; nothing happens when it is not held."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        with self.transaction():
            token, _, _ = self._lease_row(self._sql.lease_lock)
            if token == lease.token:
                _ = self._write(self._sql.lease_save, [(token, "", "", self.partition)])

    @abstractmethod
    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    @abstractmethod
    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run `sql` once per row, inside the transaction that is open; how many rows were changed by it."""

    @abstractmethod
    def _now(self) -> datetime:
        """The instant by which leases run out: one clock for all workers."""

    def _fence(self) -> None:
        """See, inside a transaction, that the lease is still this journal's: it stays so until the commit."""
        lease = self._lease
        if lease is None:
            return
        token, holder, until = self._lease_row(self._sql.lease_check)
        if token != lease.token:
            raise LeaseLost(self.partition, lease.holder, f"{holder or 'another worker'} has taken it over")
        if until is None or until <= self._now():
            raise LeaseLost(self.partition, lease.holder, f"its lease ran out at {lease.until.isoformat()}")

    def _keep_lease(self, lease: Lease) -> None:
        _ = self._write(self._sql.lease_save, [(lease.token, lease.holder, lease.until.isoformat(), lease.partition)])

    def _lease_row(self, sql: str) -> tuple[int, str, datetime | None]:
        rows = self._rows(sql, (self.partition,))
        if not rows:
            return 0, "", None
        token, holder, until = rows[0]
        return int(token), str(holder), datetime.fromisoformat(until) if until else None

    def _all_agreed(self, kind: str) -> Iterator[tuple[Any, ...]]:
        last = ""
        while rows := self._rows(self._sql.agreed_page, (*self._scope, kind, last, PAGE)):
            yield from rows
            last = rows[-1][0]

    def _rows_in(
        self, sql: str, first: tuple[str, ...], values: Sequence[str], closing: str = ""
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a query that ends in a list of `values`, page by page.

        Where the list is of keys no order is asked for: it would make SQLite walk through all pairs.
        """
        for start in range(0, len(values), PAGE):
            page = values[start : start + PAGE]
            whole = sql + ",".join([self._mark] * len(page)) + (closing or self._sql.closing)
            yield from self._rows(whole, (*self._scope, *first, *page))

    def _known_hints(self, places: Iterable[tuple[str, Side, str]]) -> dict[tuple[str, Side, str], Hint]:
        keys: dict[tuple[str, Side], list[str]] = {}
        for kind, side, key in places:
            keys.setdefault((kind, side), []).append(key)
        sql, closing = self._sql.hint_some, self._sql.hint_closing
        found = (
            self._hint_of(row)
            for (kind, side), some in sorted(keys.items())
            for row in self._rows_in(sql, (kind, side.value), sorted(some), closing)
        )
        return {(hint.kind, hint.side, hint.key): hint for hint in found}

    def _end_aliases(self, pairs: Collection[tuple[str, str]]) -> None:
        """Forget the aliases of these (kind, pair); most kinds have none, which is quickly seen."""
        having = {kind for kind in {kind for kind, _ in pairs} if self._rows(self._sql.alias_any, (*self._scope, kind))}
        _ = self._put(self._sql.alias_end, [place for place in pairs if place[0] in having])

    def _aliases_of(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Side, str, str]]:
        for kind, side, key, pair, seal in rows:
            self._sealed(f"alias {key} of pair {pair}", seal, kind, side, key, pair)
            yield Side(side), str(key), str(pair)

    @property
    @abstractmethod
    def _mark(self) -> str:
        """What stands for a value in the SQL of this database."""

    def _paged(self, sql: str, values: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The rows of a query by growing number, page by page, so that writing in between is safe."""
        last = 0
        while rows := self._rows(sql, (*self._scope, *values, last, PAGE)):
            yield from rows
            last = rows[-1][0]

    def _save(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows, in a transaction."""
        if rows:
            with self.transaction():
                _ = self._put(sql, rows)

    def _put(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Write rows, in the transaction that is open; how many were changed by it."""
        if not rows:
            return 0
        return self._write(sql, [(*self._scope, *row) for row in rows] if self._scope else rows)

    def _cursors_of(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Side, str, str]]:
        for side, kind, cursor, seal in rows:
            self._sealed(f"cursor of {kind} on the {side}", seal, side, kind, cursor)
            yield Side(side), str(kind), str(cursor)

    def _hint_of(self, row: tuple[Any, ...]) -> Hint:
        number, kind, side, key, gone, merged_into, seal = row
        if seal != hint_seal(kind, side, key, gone, merged_into):
            raise self._altered(f"hint {number} at {kind} {key}")
        return Hint(
            kind=kind, side=_SIDES[side], key=key, gone=bool(gone), merged_into=merged_into, number=number
        )  # fmt: skip

    def _facts(self, where: str, key: str, facts: str, seal: int) -> Fields:
        self._sealed(where, seal, key, facts)
        with self._named():
            return decoded(facts, where)

    def _sealed(self, where: str, seal: int, *columns: str | int | None) -> None:
        """Refuse a row that is not as it was written."""
        if seal != seal_of(*columns):
            raise self._altered(where)

    def _altered(self, where: str) -> JournalCorrupt:
        return JournalCorrupt(f"{where}: is not as it was written; restore the journal from a copy", self.place)

    @contextmanager
    def _named(self) -> Generator[None, None, None]:
        """Add the place to what is said about a row."""
        try:
            yield
        except JournalCorrupt as error:
            raise JournalCorrupt(error.what, self.place) from error
