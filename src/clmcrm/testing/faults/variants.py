"""Engines and adapters that break one rule each: the rig must catch every one of them, or it proves nothing.

A variant changes the library for as long as a trial lasts, and only here: nothing in it is broken on purpose.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, cast

from attrs import evolve, frozen

from clmcrm.ports.records import (
    Create,
    Creating,
    Feed,
    Fields,
    Json,
    Outcome,
    Page,
    Remove,
    Result,
    Side,
    Update,
    Write,
)
from clmcrm.sync.open_steps import OpenStep
from clmcrm.testing.faults.history import Told, history
from clmcrm.testing.faults.memory import RigJournal
from clmcrm.testing.faults.mixes import Mix, mix_of
from clmcrm.testing.faults.people import People
from clmcrm.testing.faults.remote import Remote
from clmcrm.testing.faults.wire import Wire
from clmcrm.testing.faults.world import World, dice_of

NOTHING: Final = timedelta(0)
Changes = Mapping[tuple[str, str], Any]
"""What stands in for which attribute of which object ("module" or "module:Class")."""


@contextmanager
def swapped(changes: Changes) -> Generator[None, None, None]:
    """These attributes are others, for as long as the block lasts."""
    before: list[tuple[Any, str, Any]] = []
    try:
        for (where, name), value in changes.items():
            target = _target(where)
            before.append((target, name, cast("dict[str, Any]", vars(target))[name]))
            setattr(target, name, value)
        yield
    finally:
        for target, name, value in reversed(before):
            setattr(target, name, value)


def _target(where: str) -> Any:  # noqa: ANN401 - a module or a class
    module, _, inner = where.partition(":")
    found = sys.modules[module]  # the rig has imported every room that a variant breaks
    return getattr(found, inner) if inner else found


@frozen(kw_only=True)
class Variant:
    """A broken rule: its `name`, the `rule` it breaks, what it `changes`, and what kind of wire it has.

    `shows` says in which mixes it can show at all: the others are passed over when a seed is looked for.
    """

    name: str
    rule: str
    changes: Callable[[], Changes]
    wiring: type[Wire] = Wire
    shows: Callable[[Mix], bool] = lambda _: True

    def told(self, seed: str) -> Told:
        """The history of a seed with the rule broken."""
        with swapped(self.changes()):
            return history(seed, self.wiring)


def replaced(where: str, name: str) -> Any:  # noqa: ANN401 - any function of the library
    """What stands there before anything is swapped."""
    return getattr(_target(where), name)


def _nothing() -> Changes:
    return {}


def _numbered(give: Callable[[], Any]) -> Callable[..., Any]:
    """A function that gives the same whatever it is asked."""

    def given(*_: Any) -> Any:  # noqa: ANN401 - whatever the original takes and gives
        return give()

    return given


# adapters


class _BlindUpsert(Wire):
    """A creation under a known mark overwrites what stands there."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        outcomes = super().write(writes)
        for write, outcome in zip(writes, outcomes, strict=False):
            row = self._remote.rows.get((write.kind, outcome.key))
            if isinstance(write, Create) and outcome.result is Result.BOUND and row is not None:
                self._remote.edit(row, write.fields)
        return tuple(evolve(o, result=Result.DONE) if o.result is Result.BOUND else o for o in outcomes)


class _Careless(Wire):
    """An adapter that claims a precondition and sends none."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return super().write([_now(self._remote, write) for write in writes])


def _now(remote: Remote, write: Write) -> Write:
    row = None if isinstance(write, Create) else remote.rows.get((write.kind, write.key))
    return write if row is None or isinstance(write, Create) else evolve(write, expected=str(row.version))


class _FloatMoney(Wire):
    """An adapter that reads amounts into floats."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return super().write([w if isinstance(w, Remove) else evolve(w, fields=_floated(w.fields)) for w in writes])


def _floated(fields: Fields) -> Fields:
    def told(value: Json) -> Json:
        if isinstance(value, dict) and "amount" in value:
            return {**value, "amount": f"{float(str(value['amount'])):.2f}"}
        return value

    return {name: told(value) for name, value in fields.items()}


class _OffsetPaging(Wire):
    """A listing by offsets over rows that move: what is edited between two pages is skipped."""

    def changes(self, kind: str, cursor: str | None) -> Page:
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


class _StrictlyAfter(Wire):
    """A feed that goes on strictly after the last time it told."""

    def changes(self, kind: str, cursor: str | None) -> Page:
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


class _NoOverlap(_StrictlyAfter):
    """A feed by time and key that never looks back: a change that began before the watermark is skipped."""

    def changes(self, kind: str, cursor: str | None) -> Page:
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


class _EchoByTime(Wire):
    """Whatever changed within a minute of our own write is taken for its echo."""

    def __init__(self, remote: Remote, mix: Mix, world: World, people: People) -> None:
        super().__init__(remote, mix, world, people)
        self._written: dict[str, int] = {}

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        outcomes = super().write(writes)
        self._written.update({outcome.key: self._world.now for outcome in outcomes if outcome.ok})
        return outcomes

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        recent = {key for key, at in self._written.items() if self._world.now - at < 60_000}
        return evolve(page, seen=tuple(seen for seen in page.seen if seen.key not in recent))


class _IgnoresItems(Wire):
    """A batch that was answered is taken to be done, whatever became of its items."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return tuple(
            evolve(o, result=Result.DONE, key=o.key or getattr(w, "key", "?")) if not o.ok else o
            for w, o in zip(writes, super().write(writes), strict=False)
        )


class _RetriesBlindly(Wire):
    """Sends a batch again when the reply was lost."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        from clmcrm.errors import AmbiguousError, MalformedReply  # noqa: PLC0415 - beside their only use

        try:
            return super().write(writes)
        except (AmbiguousError, MalformedReply):
            return super().write(writes)


# engines


def _random_mark() -> Changes:
    original = replaced("clmcrm.sync.applying", "write_of")
    count = iter(range(10**9))

    def write_of(*arguments: Any) -> Write:  # noqa: ANN401 - whatever the original takes
        write: Write = original(*arguments)
        return evolve(write, mark=f"{next(count)}") if isinstance(write, Create) else write

    return {("clmcrm.sync.applying", "write_of"): write_of}


def _random_key() -> Changes:
    count = iter(range(10**9))
    return {("clmcrm.sync.applying", "idempotency_key"): _numbered(lambda: f"key-{next(count)}")}


def _body_not_frozen() -> Changes:
    frozen_write: Any = vars(OpenStep)["write"].fget

    def write(self: OpenStep) -> Write:
        body: Write = frozen_write(self)
        if isinstance(body, Create | Update):
            return evolve(body, fields={**body.fields, "name": f"read again at {len(self.sent)}"})
        return body

    return {("clmcrm.sync.open_steps:OpenStep", "write"): property(write)}


def _early_cursor() -> Changes:
    def save_hints(self: RigJournal, hints: Iterable[Any]) -> None:
        self.late_hints = [*getattr(self, "late_hints", []), *hints]  # type: ignore[attr-defined] # the broken part

    def hints(self: RigJournal, kind: str) -> Any:  # noqa: ANN401 - as the original
        waiting, self.late_hints = getattr(self, "late_hints", []), []  # type: ignore[attr-defined] # as above
        if waiting:
            _original_save(self, waiting)
        return _original_hints(self, kind)

    def reopen(self: RigJournal) -> None:
        self.late_hints = []  # type: ignore[attr-defined] # what was only in memory is gone

    from clmcrm.store.memory import MemoryJournal  # noqa: PLC0415 - as above

    _original_save, _original_hints = MemoryJournal.save_hints, MemoryJournal.hints
    where = "clmcrm.store.memory:MemoryJournal"
    return {
        (where, "save_hints"): save_hints,
        (where, "hints"): hints,
        ("clmcrm.testing.faults.memory:RigJournal", "reopen"): reopen,
    }


def _early_base() -> Changes:
    original = replaced("clmcrm.sync.applying", "acknowledged")

    def opened(self: Any, step: Any, write: Any) -> Any:  # noqa: ANN401 - as the original
        found = keep(self, step, write)
        if step.key is not None and step.pair in self._pairs:
            pair = original(self._pairs[step.pair], step, self._pairs[step.pair].link)
            self._save(pair)
        return found

    keep = replaced("clmcrm.sync.applying:_Run", "_opened")
    return {("clmcrm.sync.applying:_Run", "_opened"): opened}


def _hints_settled_at_once() -> Changes:
    original = replaced("clmcrm.sync.applying:_Run", "settle")

    def settle(self: Any, hints: Iterable[Any]) -> None:  # noqa: ANN401 - as the original
        hints = list(hints)
        original(self, hints)
        self._journal.end_hints(hint.number for hint in hints)

    return {("clmcrm.sync.applying:_Run", "settle"): settle}


def _no_quarantine() -> Changes:
    return {("clmcrm.ports.records:Capabilities", "quarantine"): property(lambda _: NOTHING)}


def _quarantine_from_intent() -> Changes:
    def sent_by(self: OpenStep, _: Any) -> OpenStep:  # noqa: ANN401 - an instant, not looked at
        return evolve(self, sent_at=self.at)

    return {("clmcrm.sync.open_steps:OpenStep", "sent_by"): sent_by}


def _no_open_step() -> Changes:
    return {("clmcrm.sync.applying", "keep_open"): _numbered(lambda: None)}


def _ambiguous_is_failed() -> Changes:
    from clmcrm.sync.reports import Ended  # noqa: PLC0415 - beside its only use

    original = replaced("clmcrm.sync.applying:_Run", "_acknowledge")

    def acknowledge(self: Any, opened: Any, answer: Any, seen: Any) -> None:  # noqa: ANN401 - as the original
        failed = answer.ended is Ended.AMBIGUOUS
        original(self, opened, evolve(answer, ended=Ended.STALE) if failed else answer, seen)

    return {("clmcrm.sync.applying:_Run", "_acknowledge"): acknowledge}


def _no_notes() -> Changes:
    return {("clmcrm.sync.applying", "concerns"): _numbered(lambda: False)}


def _no_audit() -> Changes:
    def audited(*_: Any, **__: Any) -> Generator[Any, Any, tuple[Any, ...]]:  # noqa: ANN401 - as the original
        yield from ()
        return ()

    return {("clmcrm.sync.exchange", "audited"): audited, ("clmcrm.sync.reconciling", "audited"): audited}


def _last_write_wins() -> Changes:
    return {("clmcrm.sync.planning", "_note"): _numbered(lambda: None)}


def _feed_is_the_truth() -> Changes:
    return {("clmcrm.sync.following", "_current"): _numbered(lambda: True)}


def _heirs_alone() -> Changes:
    def alone(first: Iterable[Any], _: Any) -> list[Any]:  # noqa: ANN401 - as the original
        return list(first)

    return {("clmcrm.sync.parts", "_with_kin"): alone}


def _unsynchronised() -> Changes:
    return {("clmcrm.testing.faults.memory:RigJournal", "synchronous"): False}


def _resends_parked() -> Changes:
    found = replaced("clmcrm.sync.reconciling", "_NOTHING")
    return {("clmcrm.sync.reconciling", "_PARKED"): found}


def _merged_in_parts(mix: Mix) -> bool:
    """Whether a run takes only a part of what it is told of merges."""
    return bool(mix.merges) and mix.at_most is not None


def _keys_alone(mix: Mix) -> bool:
    """Whether nothing but its key keeps a creation from being done twice after the journal was lost."""
    keyed = mix.able[Side.CLM].creation is Creating.KEYED
    return mix.losses > 0 and mix.one_way and keyed and not any(kind.match for kind in mix.rules)


def _late_and_looked_up(mix: Mix) -> bool:
    """Whether a creation may arrive late on a side where only a look-up would find it."""
    looked_up = any(able.creation is Creating.LOOKUP for able in mix.able.values())
    return looked_up and mix.rates.get("late", 0.0) >= 0.2


def _late_by_the_clock(mix: Mix) -> bool:
    """Whether a late creation is kept out by nothing but the time since its send, and that time is short."""
    timed = any(a.creation is Creating.LOOKUP and not a.visible_lag for a in mix.able.values())
    return timed and mix.rates.get("late", 0.0) >= 0.2


def _bound_late(mix: Mix) -> bool:
    """Whether a creation may arrive late on a side that binds by our mark, and people edit what it made."""
    unique = any(able.creation is Creating.UNIQUE for able in mix.able.values())
    return unique and mix.edit_rate >= 0.2 and max(mix.rates.get("late", 0.0), mix.rates.get("after", 0.0)) >= 0.2


def _told_of_old(mix: Mix) -> bool:
    """Whether a feed tells what a record was, people edit it meanwhile, and no version but an audit would show it."""
    audited = [able for able in mix.able.values() if able.history]
    old = any(able.feed is Feed.JOURNAL or able.visible_lag for able in audited)
    return old and mix.edit_rate >= 0.2


def _unfindable(mix: Mix) -> bool:
    """Whether a creation of unknown outcome can be settled by a person only."""
    return any(able.creation is Creating.NONE for able in mix.able.values()) and bool(mix.rates)


SIMULATED: Final = (
    Variant(
        name="blind upsert",
        rule="a creation inserts or binds",
        changes=_nothing,
        wiring=_BlindUpsert,
        shows=_bound_late,
    ),
    Variant(name="random mark", rule="marks are derived", changes=_random_mark),
    Variant(name="random key", rule="idempotency keys are derived", changes=_random_key, shows=_keys_alone),
    Variant(name="body not frozen", rule="the same key goes with the same body", changes=_body_not_frozen),
    Variant(name="no precondition", rule="a write depends on the version", changes=_nothing, wiring=_Careless),
    Variant(name="no history audit", rule="without a precondition the history is audited", changes=_no_audit),
    Variant(name="cursor moved early", rule="cursor and hints are saved together", changes=_early_cursor),
    Variant(name="base moved early", rule="the base moves once both sides acknowledged", changes=_early_base),
    Variant(
        name="hints settled at once", rule="a hint ends when its record is settled", changes=_hints_settled_at_once
    ),
    Variant(name="strict >", rule="equal times lose nothing", changes=_nothing, wiring=_StrictlyAfter),
    Variant(name="no overlap", rule="a feed by time is read again for a while", changes=_nothing, wiring=_NoOverlap),
    Variant(name="offset paging", rule="pages go by time and key", changes=_nothing, wiring=_OffsetPaging),
    Variant(
        name="no quarantine",
        rule="what may still arrive is waited for",
        changes=_no_quarantine,
        shows=_late_and_looked_up,
    ),
    Variant(
        name="quarantine from the intent",
        rule="it counts from the send",
        changes=_quarantine_from_intent,
        shows=_late_by_the_clock,
    ),
    Variant(name="no open step", rule="a step is recorded before it is sent", changes=_no_open_step),
    Variant(name="unknown taken for failed", rule="an unknown outcome is looked up", changes=_ambiguous_is_failed),
    Variant(
        name="sent again blindly", rule="an unknown write is never repeated", changes=_nothing, wiring=_RetriesBlindly
    ),
    Variant(
        name="parked step sent again", rule="without a mark a person looks", changes=_resends_parked, shows=_unfindable
    ),
    Variant(
        name="synchronous off", rule="an acknowledged save is on the disk", changes=_unsynchronised, shows=_unfindable
    ),
    Variant(name="float money", rule="a value comes back as it was given", changes=_nothing, wiring=_FloatMoney),
    Variant(name="echo by timestamp", rule="an echo is known by its value", changes=_nothing, wiring=_EchoByTime),
    Variant(
        name="items ignored", rule="each item of a batch has its own outcome", changes=_nothing, wiring=_IgnoresItems
    ),
    Variant(name="notes forgotten", rule="an edit that gives way is noted", changes=_no_notes),
    Variant(name="last write wins", rule="every field has an owner, and giving way is told", changes=_last_write_wins),
    Variant(
        name="heirs judged alone",
        rule="a record is judged with all that was merged into it",
        changes=_heirs_alone,
        shows=_merged_in_parts,
    ),
    Variant(name="feed is the truth", rule="a hint is read again", changes=_feed_is_the_truth, shows=_told_of_old),
)
"""Those that the first tier catches."""


def first_caught(variant: Variant, seeds: Iterable[str]) -> Told | None:
    """The first history in which the broken rule shows; None when none of these does."""
    for seed in seeds:
        if not variant.shows(mix_of(dice_of(seed))):
            continue
        try:
            told = variant.told(seed)
        except Exception as error:  # noqa: BLE001 - an engine that falls over is caught as well
            return Told(seed=seed, verdict=_fallen(error), trace="", faults=0, crashes=0)
        if not told.verdict.clean:
            return told
    return None


def _fallen(error: Exception) -> Any:  # noqa: ANN401 - a verdict
    from clmcrm.testing.faults.verdict import Verdict  # noqa: PLC0415 - beside its only use

    return Verdict(divergent=(f"{type(error).__name__}: {error}",))


__all__ = ["SIMULATED", "Changes", "Variant", "first_caught", "replaced", "swapped"]
