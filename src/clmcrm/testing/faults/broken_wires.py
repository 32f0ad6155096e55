"""Adapters that break one rule each: what they send, what they make of an answer, and what they list."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from clmcrm.ports.records import (
    Create,
    Feed,
    Fields,
    Json,
    Outcome,
    Page,
    Remove,
    Result,
    Write,
)
from clmcrm.testing.faults.mixes import Mix
from clmcrm.testing.faults.people import People
from clmcrm.testing.faults.remote import Remote
from clmcrm.testing.faults.wire import Wire
from clmcrm.testing.faults.world import World


class BlindUpsert(Wire):
    """A creation under a known mark overwrites what stands there."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Writes, and overwrites what a mark is bound to."""
        outcomes = super().write(writes)
        for write, outcome in zip(writes, outcomes, strict=False):
            row = self._remote.rows.get((write.kind, outcome.key))
            if isinstance(write, Create) and outcome.result is Result.BOUND and row is not None:
                self._remote.edit(row, write.fields)
        return tuple(evolve(o, result=Result.DONE) if o.result is Result.BOUND else o for o in outcomes)


class Careless(Wire):
    """An adapter that claims a precondition and sends none."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Writes, whatever version is there."""
        return super().write([_now(self._remote, write) for write in writes])


def _now(remote: Remote, write: Write) -> Write:
    row = None if isinstance(write, Create) else remote.rows.get((write.kind, write.key))
    return write if row is None or isinstance(write, Create) else evolve(write, expected=str(row.version))


class FloatMoney(Wire):
    """An adapter that reads amounts into floats."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Writes amounts as a float gives them back."""
        return super().write([w if isinstance(w, Remove) else evolve(w, fields=_floated(w.fields)) for w in writes])


def _floated(fields: Fields) -> Fields:
    def told(value: Json) -> Json:
        if isinstance(value, dict) and "amount" in value:
            return {**value, "amount": f"{float(str(value['amount'])):.2f}"}
        return value

    return {name: told(value) for name, value in fields.items()}


class OffsetPaging(Wire):
    """A listing by offsets over rows that move: what is edited between two pages is skipped."""

    def changes(self, kind: str, cursor: str | None) -> Page:
        """The next page by its offset."""
        if self.capabilities.feed is not Feed.TIMESTAMP:
            return super().changes(kind, cursor)
        self._reading(f"changes {kind}")
        done, _, since = (cursor or "0|0").partition("|")
        rows = sorted(
            (r for r in self._remote.rows.values() if r.kind == kind and r.changed_at >= int(since)),
            key=lambda row: (row.changed_at, row.key),
        )
        size, start = self._remote.habits.page, int(done)
        told = tuple(self._remote.seen(row) for row in rows[start : start + size])
        if len(rows) > start + size:
            return Page(seen=told, cursor=f"{start + size}|{since}", more=True)
        newest = max((row.changed_at for row in rows), default=int(since))
        return Page(seen=told, cursor=f"0|{newest}")


class StrictlyAfter(Wire):
    """A feed that goes on strictly after the last time it told."""

    def changes(self, kind: str, cursor: str | None) -> Page:
        """The next page, strictly after the last time told."""
        if self.capabilities.feed is not Feed.TIMESTAMP:
            return super().changes(kind, cursor)
        self._reading(f"changes {kind}")
        since = int(cursor or -1)
        now = self._world.now
        rows = [r for r in self._remote.rows.values() if r.kind == kind and r.shown_at <= now and r.changed_at > since]
        rows.sort(key=lambda row: row.changed_at)
        part = rows[: self._remote.habits.page]
        last = part[-1].changed_at if part else max(since, 0)
        return Page(seen=tuple(map(self._remote.seen, part)), cursor=str(last), more=len(rows) > len(part))


class NoOverlap(StrictlyAfter):
    """A feed by time and key that never looks back: a change that began before the watermark is skipped."""

    def changes(self, kind: str, cursor: str | None) -> Page:
        """The next page, strictly after the last time and key told."""
        if self.capabilities.feed is not Feed.TIMESTAMP:
            return super().changes(kind, cursor)
        self._reading(f"changes {kind}")
        at, _, key = (cursor or "-1|").partition("|")
        place, now = (int(at), key), self._world.now
        rows = [r for r in self._remote.rows.values() if r.kind == kind and r.shown_at <= now]
        left = sorted((r for r in rows if (r.changed_at, r.key) > place), key=lambda row: (row.changed_at, row.key))
        part = left[: self._remote.habits.page]
        last = f"{part[-1].changed_at}|{part[-1].key}" if part else (cursor or "-1|")
        return Page(seen=tuple(map(self._remote.seen, part)), cursor=last, more=len(left) > len(part))


class EchoByTime(Wire):
    """Whatever changed within a minute of our own write is taken for its echo."""

    def __init__(self, remote: Remote, mix: Mix, world: World, people: People) -> None:
        super().__init__(remote, mix, world, people)
        self._written: dict[str, int] = {}

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Writes, and remembers when."""
        outcomes = super().write(writes)
        self._written.update({outcome.key: self._world.now for outcome in outcomes if outcome.ok})
        return outcomes

    def changes(self, kind: str, cursor: str | None) -> Page:
        """The next page, without what was written within a minute."""
        page = super().changes(kind, cursor)
        recent = {key for key, at in self._written.items() if self._world.now - at < 60_000}
        return evolve(page, seen=tuple(seen for seen in page.seen if seen.key not in recent))


class IgnoresItems(Wire):
    """A batch that was answered is taken to be done, whatever became of its items."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Writes, and takes every item to be done."""
        return tuple(
            evolve(o, result=Result.DONE, key=o.key or getattr(w, "key", "?")) if not o.ok else o
            for w, o in zip(writes, super().write(writes), strict=False)
        )


class RetriesBlindly(Wire):
    """Sends a batch again when the reply was lost."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Writes, and once more when the outcome is not known."""
        from clmcrm.errors import AmbiguousError, MalformedReply  # noqa: PLC0415 - beside their only use

        try:
            return super().write(writes)
        except (AmbiguousError, MalformedReply):
            return super().write(writes)
