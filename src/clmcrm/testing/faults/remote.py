"""A stateful fake system: records, feeds, writes, with the abilities and the bad habits it is given.

It has no network and no chance of its own, except that it asks the world for the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from clmcrm.adapters.keyset import asking, page_of
from clmcrm.ports.records import (
    Atomicity,
    Capabilities,
    Create,
    Creating,
    Feed,
    Fields,
    Json,
    Outcome,
    Page,
    Precondition,
    Remove,
    Result,
    Seen,
    Side,
    Write,
)  # fmt: skip
from clmcrm.ports.systems import Past
from clmcrm.testing.faults.habits import POISON, Habits
from clmcrm.testing.faults.rows import Event, Row, readable
from clmcrm.testing.faults.world import FIRST, SECOND, World


class Remote:
    """The system on one `side`; `received` counts the writes it was ever given, `made` the records created."""

    def __init__(self, side: Side, able: Capabilities, habits: Habits, world: World) -> None:
        self.side = side
        self.system = f"fake-{side.value}"
        self.capabilities = able
        self.habits = habits
        self.world = world
        self.rows: dict[tuple[str, str], Row] = {}
        self._of_kind: dict[str, list[Row]] = {}
        self.received = 0
        self._log: dict[str, list[Event]] = {}
        self._past: list[tuple[str, Past]] = []
        self._keys: dict[str, tuple[Write, Outcome, int]] = {}
        self._next = 0

    # what people do

    def add(self, kind: str, fields: Fields, mark: str | None = None, uid: str | None = None) -> Row:
        """A new record; `uid` None: the one its code names."""
        self._next += 1
        now = self.world.now
        uid = uid or str(fields.get("code"))
        row = Row(uid=uid, kind=kind, key=f"{self.side.value[1].upper()}{self._next}", fields={}, mark=mark, version=0)
        row.made_at = now + self.habits.lag
        self.rows[kind, row.key] = row
        self._of_kind.setdefault(kind, []).append(row)
        self._set(row, fields)
        return row

    def edit(self, row: Row, fields: Fields) -> None:
        """Other values for some fields."""
        self._set(row, fields)

    def delete(self, row: Row, into: str | None = None) -> None:
        """Archive a record; `into` names the one it was merged into."""
        self._index(row)
        row.gone, row.merged_into = True, into
        self._touched(row)

    def restore(self, row: Row) -> None:
        """Bring an archived record back."""
        self._index(row)
        row.gone = False
        self._touched(row)

    def garble(self, row: Row, names: frozenset[str]) -> None:
        """Something is entered in these fields that no adapter can read."""
        self._index(row)
        row.garbled = names
        self._touched(row)

    def mend(self, row: Row) -> None:
        """What was entered can be read: an adapter has learned to, so that no feed tells of it."""
        row.garbled, row.looks = frozenset(), None

    def merge(self, loser: Row, winner: Row) -> Row:
        """Merge two records; returns the surviving one, which may have a new key."""
        survivor = winner
        if self.habits.new_ids:
            survivor = self.add(winner.kind, winner.fields, uid=winner.uid)
            self.delete(winner, survivor.key)
        self.delete(loser, survivor.key)
        survivor.absorbed = (loser.stands_for | winner.stands_for) - {survivor.uid}
        self._index(survivor)
        self._touched(survivor)
        for row in (loser, winner):  # all three are seen at the same time: it is one transaction
            row.shown_at, row.changed_at, row.looks = survivor.shown_at, survivor.changed_at, None
        return survivor

    def living(self, kind: str | None = None) -> list[Row]:
        """The records that are not gone, in the order in which they were made."""
        rows = self.rows.values() if kind is None else self._of_kind.get(kind, ())
        return [row for row in rows if not row.gone]

    # what the port asks

    def changes(self, kind: str, cursor: str | None) -> Page:
        """What changed since."""
        feed = self.capabilities.feed
        if feed is Feed.TIMESTAMP:
            return self._by_time(kind, cursor)
        if feed is Feed.NONE:
            return self._by_key(kind, cursor)
        return self._by_number(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """These records as they are now."""
        rows = (self.rows.get((kind, key)) for key in sorted(keys, reverse=True))
        return tuple(self.seen(row) for row in rows if row is not None and (self.habits.tombstones or not row.gone))

    def find(self, kind: str, mark: str) -> Seen | None:
        """The record under our mark, once look-ups show it; the one that stands before one that has ended."""
        now, marks = self.world.now, self.capabilities.marks
        found = [row for row in self._of_kind.get(kind, ()) if marks and row.mark == mark and row.made_at <= now]
        return self.seen(min(found, key=lambda row: row.gone)) if found else None

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        """The values these records' fields had."""
        return tuple(past for known, past in self._past if known == kind and past.key in keys)

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write."""
        self.received += len(writes)
        if self.capabilities.atomicity is Atomicity.ALL:
            objections = [self._objection(write) for write in writes]
            if any(objections):
                rolled_back = Outcome(result=Result.REFUSED, why="the batch was rolled back")
                return tuple(objection or rolled_back for objection in objections)
        return tuple(self._once(write) for write in writes)

    def seen(self, row: Row) -> Seen:
        """The record as it is shown now; made anew only when it was touched, for it is shown in every run."""
        if row.looks is None:
            row.looks = Seen(
                kind=row.kind, key=row.key, fields=readable(row), version=str(row.version),
                mark=row.mark if self.capabilities.marks else None, gone=row.gone, merged_into=row.merged_into,
                changed_at=FIRST + timedelta(milliseconds=row.changed_at),
                unreadable="" if row.gone or not row.garbled else f"{', '.join(sorted(row.garbled))}: no value",
            )  # fmt: skip
        return row.looks

    # feeds

    def _by_number(self, kind: str, cursor: str | None) -> Page:
        start, log, now = int(cursor or 0), self._log.get(kind, []), self.world.now
        if start == len(log):
            return Page(seen=(), cursor=str(start))
        end = min(start + self.habits.page, len(log))
        while end > start and log[end - 1].shown_at > now:
            end -= 1
        told = log[start:end]
        current = self.capabilities.feed is Feed.DELTA
        events = {event.key: event for event in told} if current else dict(enumerate(told))
        seen = [self.seen(self.rows[kind, e.key]) if current else self._as_it_was(kind, e) for e in events.values()]
        more = end - start == self.habits.page and end < len(log) and log[end].shown_at <= now
        return Page(seen=self._told(seen), cursor=str(end), more=more)

    def _as_it_was(self, kind: str, event: Event) -> Seen:
        return Seen(
            kind=kind, key=event.key, fields=event.fields, version=str(event.version),
            mark=event.mark if self.capabilities.marks else None, gone=event.gone, merged_into=event.merged_into,
        )  # fmt: skip

    def _told(self, seen: Iterable[Seen]) -> tuple[Seen, ...]:
        able = self.capabilities
        return tuple(
            each for each in seen if not each.gone or (able.tells_merges if each.merged_into else able.tells_deletes)
        )

    def _by_time(self, kind: str, cursor: str | None) -> Page:
        overlap = self.capabilities.overlap
        asked, now = asking(cursor, overlap), self.world.now
        since = None if asked.at is None else int((asked.at - FIRST) / timedelta(milliseconds=1))
        rows = self._of_kind.get(kind, ())
        listed = [(row.changed_at, row.key, row) for row in rows if row.shown_at <= now]
        listed += [(row.indexed[0], row.key, row) for row in rows if row.shown_at > now and row.indexed is not None]
        if since is not None:
            after = asked.after or ""
            listed = [each for each in listed if each[0] > since or (each[0] == since and each[1] > after)]
        listed.sort(key=lambda each: each[:2])
        page = [seen for _, _, row in listed[: self.habits.page] if (seen := self._listed(row)) is not None]
        found = page_of(cursor, page, more=len(listed) > len(page), overlap=overlap)
        return Page(seen=self._told(found.seen), cursor=found.cursor, more=found.more)

    def _by_key(self, kind: str, cursor: str | None) -> Page:
        now = self.world.now
        shown = [self._listed(row) for row in self._of_kind.get(kind, ()) if row.made_at <= now]
        left = [seen for seen in shown if seen is not None and not seen.gone and (not cursor or seen.key > cursor)]
        left.sort(key=lambda seen: seen.key)
        page = left[: self.habits.page]
        more = len(left) > len(page)
        return Page(seen=tuple(page), cursor=page[-1].key if more else "", more=more)

    def _listed(self, row: Row) -> Seen | None:
        """The record as listings show it: a while after a change still as it was before; None before they know it."""
        if row.shown_at <= self.world.now:
            return self.seen(row)
        return None if row.indexed is None else row.indexed[1]

    def _index(self, row: Row) -> None:
        """Keep what listings show of a record that is about to change."""
        if self.habits.lag and row.version and row.shown_at <= self.world.now:
            row.indexed = (row.changed_at, self.seen(row))

    # writes

    def _once(self, write: Write) -> Outcome:
        if not self.capabilities.key_window:
            return self._carried_out(write)
        key, window = write.idempotency_key, self.capabilities.key_window
        known = self._keys.get(key)
        if known is not None and known[2] + window / timedelta(milliseconds=1) > self.world.now:
            if known[0] == write:
                return known[1]
            if not self.habits.loose:
                return Outcome(result=Result.REUSED)
        outcome = self._carried_out(write)
        if outcome.ok:
            self._keys[key] = (write, outcome, self.world.now)
        return outcome

    def _objection(self, write: Write) -> Outcome | None:
        """Why the write is not done; None when it would be."""
        if not isinstance(write, Remove) and self.habits.poisonous:
            bad = next((n for n, v in write.fields.items() if isinstance(v, str) and v.startswith(POISON)), None)
            if bad is not None:
                return Outcome(result=Result.REFUSED, why=f"{bad} is not accepted")
        if isinstance(write, Create):
            return None
        row = self.rows.get((write.kind, write.key))
        if row is None or row.gone:
            return Outcome(result=Result.MISSING, key=write.key)
        if self.capabilities.precondition is Precondition.ROW and str(row.version) != write.expected:
            return Outcome(result=Result.STALE, key=write.key)
        return None

    def _carried_out(self, write: Write) -> Outcome:
        objection = self._objection(write)
        if objection is not None:
            return objection
        if isinstance(write, Create):
            return self._create(write)
        row = self.rows[write.kind, write.key]
        if isinstance(write, Remove):
            self.delete(row)
        else:
            self._set(row, write.fields)
        return Outcome(result=Result.DONE, key=row.key, version=str(row.version))

    def _create(self, write: Create) -> Outcome:
        if self.capabilities.creation is Creating.UNIQUE:
            for row in self._of_kind.get(write.kind, ()):
                if row.mark == write.mark:
                    return Outcome(result=Result.BOUND, key=row.key, version=str(row.version))
        row = self.add(write.kind, write.fields, write.mark)
        return Outcome(result=Result.DONE, key=row.key, version=str(row.version))

    def _set(self, row: Row, fields: Fields) -> None:
        self._index(row)
        spelled = {name: self._spelled(name, value) for name, value in fields.items()}
        row.fields = {**row.fields, **spelled}
        self._past += [(row.kind, Past(key=row.key, name=name, value=value)) for name, value in spelled.items()]
        self._touched(row)

    def _spelled(self, name: str, value: Json) -> Json:
        return value.upper() if self.habits.shouts and name == "phone" and isinstance(value, str) else value

    def _touched(self, row: Row) -> None:
        row.version, row.looks = row.version + 1, None
        now, habits, dice = self.world.now, self.habits, self.world.dice
        # Some changes began a while ago and are there only now; seconds, so that there are ties.
        began = now - (dice.randrange(habits.slack) if habits.slack else 0)
        row.changed_at = began - began % SECOND
        # A later change shows no earlier than one before it: what a merge made shows with what it ended.
        row.shown_at = max(row.shown_at, now + (dice.randrange(habits.lag) if habits.lag else 0))
        event = Event(now + habits.lag, row.key, row.fields, row.version, row.gone, row.merged_into, row.mark)
        self._log.setdefault(row.kind, []).append(event)
