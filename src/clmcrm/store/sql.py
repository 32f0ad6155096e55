"""A journal over any SQL database: what of it stands in which rows.

How rows are read, sealed and written is said in `clmcrm.store.sealed_rows`, who may write them in
`clmcrm.store.leased_rows`; a database fills in what these two leave open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, Literal
from weakref import WeakValueDictionary

from clmcrm.errors import JournalCorrupt
from clmcrm.ports.journal import DEAD_LETTER
from clmcrm.ports.kept import Agreed, Entry, Hint
from clmcrm.ports.records import CRM, SIDES, Fields, Side
from clmcrm.store.encoding import (
    agreed_of,
    agreed_row,
    alias_rows,
    encoded,
    entry_of,
    hint_row,
    hint_seal,
    is_shown,
    key_text,
    merged_hint,
    seal_of,
)
from clmcrm.store.leased_rows import LeasedRows
from clmcrm.store.sealed_rows import PAGE
from clmcrm.store.statements import Statements

WHOLE: Final = "all"
"""The partition of a journal that is not divided."""
_SIDES: Final = {side.value: side for side in SIDES}


class SqlJournal(LeasedRows):
    """What all journals in SQL share; `place` names the file or database in errors."""

    def __init__(self, sql: Statements, place: str, partition: str, scope: tuple[str, ...]) -> None:
        super().__init__(sql, place, partition, scope)
        self._met: WeakValueDictionary[tuple[Any, ...], Agreed] = WeakValueDictionary()

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
        """The pairs of `kind` that have a record on one side alone, ordered by pair."""
        last = ""
        while rows := self._rows(self._sql.agreed_lonely, (*self._scope, kind, last, PAGE)):
            yield from self.agreed(kind, [row[0] for row in rows])
            last = rows[-1][0]

    def count(self, kind: str) -> int:
        """How many pairs of `kind` there are, without those that have ended."""
        return int(self._rows(self._sql.agreed_count, (*self._scope, kind) * 2)[0][0])

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

    def _all_agreed(self, kind: str) -> Iterator[tuple[Any, ...]]:
        last = ""
        while rows := self._rows(self._sql.agreed_page, (*self._scope, kind, last, PAGE)):
            yield from rows
            last = rows[-1][0]

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
