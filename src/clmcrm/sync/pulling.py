"""Finds out what changed on both sides and reads it, so that the plan is made from the truth.

What a feed tells is a hint. A page's hints and the cursor behind it are saved in one transaction, before
anything is read or merged; a hint is forgotten only when the apply that settled it says so. So a run may
die anywhere between pull and apply: the next one finds the hints and reads the records again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from attrs import define, field, frozen

from clmcrm.errors import SyncError
from clmcrm.ports.calls import Flow, answered, finished
from clmcrm.ports.journal import Agreed, Hint, Journal
from clmcrm.ports.records import NO_TIME, SIDES, Feed, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.directory import derived_pair, origin_key
from clmcrm.sync.known import Known
from clmcrm.sync.lineup import alive
from clmcrm.sync.open_steps import OpenStep, open_steps_in
from clmcrm.sync.ownership import Rules
from clmcrm.sync.sifting import changed
from clmcrm.sync.steps import Op
from clmcrm.values.problems import Problem

CURRENT_FEEDS: Final = (Feed.DELTA, Feed.TIMESTAMP, Feed.NONE)
"""Feeds that show the records themselves, where nothing lags; a journal's events are read again."""


@frozen(kw_only=True)
class Pulled:
    """What a plan needs: the pairs concerned, the records of the touched ones, the hints to settle.

    `known` is the number of pairs per kind, for the guard. `more` says that hints were left for the next pull,
    `problems` which records could not be understood: they are not among the others, and keep their hints.
    """

    agreed: tuple[Agreed, ...]
    left: tuple[Seen, ...]
    right: tuple[Seen, ...]
    hints: tuple[Hint, ...]
    known: Mapping[str, int] = field(factory=dict[str, int])
    more: bool = False
    problems: tuple[Problem, ...] = ()


@define
class _Sight:
    """The records of one kind while they are gathered; `ended` are those the feed says have ended.

    What belongs to an open step rests until that is looked up: `held` are the pairs of open steps. On the
    `creating` sides a creation of this kind is open: a record that ended there before we knew it may be the one it
    made, and on the `unmarked` ones, where it leaves no mark of ours, so may any that is new. `resting` are the
    records met that rest, with all that a chain of merges joins to them: who takes over whom is not known yet.
    Of the `followed` only a row that names others leads on, while there are no more than so many `links`.
    """

    kind: str
    known: Known
    held: frozenset[str]
    creating: frozenset[Side] = frozenset()
    unmarked: frozenset[Side] = frozenset()
    resting: set[tuple[Side, str]] = field(factory=set[tuple[Side, str]])
    wanted: dict[Side, set[str]] = field(factory=lambda: {side: set[str]() for side in SIDES})
    rows: dict[Side, dict[str, Seen]] = field(factory=lambda: {side: dict[str, Seen]() for side in SIDES})
    ended: dict[tuple[Side, str], Hint] = field(factory=dict[tuple[Side, str], Hint])
    unread: set[tuple[Side, str]] = field(factory=set[tuple[Side, str]])
    followed: dict[Side, set[str]] = field(factory=lambda: {side: set[str]() for side in SIDES})
    links: int = 0

    @property
    def may_rest(self) -> bool:
        """Whether there may be any record that rests: mostly no step is open."""
        return bool(self.held or self.creating or self.unmarked or self.resting)

    def rests(self, side: Side, key: str, *, ended: bool = False, mark: str | None = None) -> bool:
        """Whether the record waits until an open step is looked up; one with our mark waits for its origin too."""
        if not self.may_rest:
            return False
        if (side, key) in self.resting:
            return True
        known = self.known.directory.pair_of(side, self.kind, key)
        pair = known or derived_pair(self.kind, side, key)
        link = None if known is None else self.known.directory.link(known)
        if link is not None and any((each, link.key(each)) in self.resting for each in SIDES):
            return True
        maybe_ours = known is None and side in (self.creating if ended and mark is None else self.unmarked)
        if maybe_ours or pair in self.held or (mark is not None and mark in self.held):
            return True
        origin = None if mark is None else origin_key(self.kind, side.other, mark)
        return known is None and origin is not None and self.rests(side.other, origin)


def pull(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    kinds: Sequence[str],
    *,
    rules: Rules | None = None,
    at_most: int | None = None,
) -> Pulled:
    """What changed since the last pull, and is not settled, in these kinds on both sides.

    With `rules` only the pairs concerned are read from the journal, and records that look as they were last
    shown are set aside at once; without, all pairs are read. `at_most` bounds how many changed records of
    each kind are taken (None: all); the rest waits for the next pull. Records without a pair are not counted
    where both sides have such: they must be seen together.

    Pairs with an open step are left out until it is reconciled. Raises what the port raises, and
    `SyncError` for a feed that does not advance; what was pulled until then is kept.
    """
    return finished(pull_flow(systems, journal, kinds, rules=rules, at_most=at_most))


def pull_flow(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    kinds: Sequence[str],
    *,
    rules: Rules | None = None,
    at_most: int | None = None,
) -> Flow[Pulled]:
    """The same as `pull`, as a flow for a driver."""
    fresh: dict[str, dict[tuple[Side, str], Seen]] = {}
    told: list[Agreed] = []
    for kind in kinds:
        fresh[kind] = yield from _follow_feeds(systems, journal, kind, rules, told, in_parts=at_most is not None)
    known = Known(journal, kinds, rules)
    known.meet(told)
    waiting = open_steps_in(journal)
    held = frozenset(each.step.pair for each in waiting)
    hints: list[Hint] = []
    rows: dict[Side, list[Seen]] = {side: [] for side in SIDES}
    more, problems = False, list[Problem]()
    for kind in kinds:
        found = list(islice(journal.hints(kind), None if at_most is None else at_most + 1))
        if not found:
            continue
        creating, unmarked = _creating(systems, waiting, kind)
        sight = _Sight(kind=kind, known=known, held=held, creating=creating, unmarked=unmarked)
        if at_most is not None and len(found) > at_most:
            found, left = _part(sight, found[:at_most], journal.hints(kind))
            more = more or left
        taken = _take_hints(sight, found)
        yield from _read_all(systems, sight, fresh[kind])
        _drop_untold(sight, taken)
        yield from _read_lonely(systems, sight)
        problems += _set_aside(systems, sight)
        left_alone = sight.unread | sight.resting
        hints += [hint for hint in taken if (hint.side, hint.key) not in left_alone]
        for side in SIDES:
            rows[side] += [row for _, row in sorted(sight.rows[side].items())]
    known.meet_references({side: [(row.kind, row.fields) for row in rows[side]] for side in SIDES})
    return Pulled(
        agreed=known.agreed,
        left=tuple(rows[Side.CRM]),
        right=tuple(rows[Side.CLM]),
        hints=tuple(hints),
        known=known.counts(),
        more=more,
        problems=tuple(problems),
    )


def _creating(
    systems: Mapping[Side, AnySystem], waiting: Iterable[OpenStep], kind: str
) -> tuple[frozenset[Side], frozenset[Side]]:
    """The sides on which a creation of `kind` is open, and those where nobody could tell its record by our mark."""
    sides = {each.step.side for each in waiting if each.step.op is Op.CREATE and each.step.kind == kind}
    creating = frozenset(side for side in SIDES if side in sides and side in systems)
    return creating, frozenset(side for side in creating if not systems[side].capabilities.marks)


def _follow_feeds(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    kind: str,
    rules: Rules | None,
    met: list[Agreed],
    *,
    in_parts: bool,
) -> Flow[dict[tuple[Side, str], Seen]]:
    """Save hints and cursors page by page; what current feeds showed is returned by side and key.

    `met` gathers the pairs that were read on the way. In parts, a full listing leaves the hints it repeats in
    their places, or those it lists last would never have their turn.
    """
    shown: dict[tuple[Side, str], Seen] = {}
    for side in SIDES:
        system = systems.get(side)
        if system is None or kind not in system.capabilities.kinds:
            continue
        lists = system.capabilities.feed is Feed.NONE
        known = {h.key for h in journal.hints(kind) if h.side is side} if in_parts and lists else set[str]()
        told = yield from _follow(system, side, journal, kind, rules=rules, met=met, hinted=known)
        if _current(system):
            shown.update(((side, seen.key), seen) for seen in told)
    return shown


def _current(system: AnySystem) -> bool:
    """Whether what its feed shows is the truth. What lags may show a record as it was before our own last write."""
    return system.capabilities.feed in CURRENT_FEEDS and system.capabilities.visible_lag == NO_TIME


def _follow(
    system: AnySystem,
    side: Side,
    journal: Journal,
    kind: str,
    *,
    rules: Rules | None,
    met: list[Agreed],
    hinted: Collection[str],
) -> Flow[list[Seen]]:
    kept = journal.cursor(side, kind)
    # Without a feed every pull is a full listing, and nobody goes on from the middle of one.
    lists = system.capabilities.feed is Feed.NONE
    cursor = None if lists else kept
    told: list[Seen] = []
    while True:
        page = yield from answered(system.changes(kind, cursor))
        current = rules is not None and system.capabilities.feed in CURRENT_FEEDS
        seen: Sequence[Seen] = page.seen
        if rules is not None and current and seen:
            seen, agreed = changed(journal, rules.of(kind), side, page.seen)
            met += agreed
        hints = [_hint(side, row) for row in seen if row.key not in hinted]
        if hints or (page.cursor != kept and not (lists and page.more)):
            with journal.transaction():
                journal.save_hints(hints)
                journal.save_cursor(side, kind, page.cursor)
            kept = page.cursor
        told += seen
        if not page.more:
            return told
        if page.cursor == cursor:
            raise SyncError(f"{system.system}: the feed of {kind} does not advance beyond {cursor!r}")
        cursor = page.cursor


def _hint(side: Side, seen: Seen) -> Hint:
    ended = seen.gone or seen.merged_into is not None
    return Hint(kind=seen.kind, side=side, key=seen.key, gone=ended, merged_into=seen.merged_into)


def _part(sight: _Sight, first: list[Hint], every: Iterable[Hint]) -> tuple[list[Hint], bool]:
    """The part to take now, and whether any of `every` hint is left.

    A record is never judged without those that were merged into it: it may be theirs to take over. Where both
    sides have records without a pair, these are all taken: what belongs together (by our mark, or because it
    identifies each other) must be seen together, or each would be created once more.
    """
    hints = list(every)
    first = _with_kin(first, hints)
    sight.known.meet_keys(sight.kind, {side: [hint.key for hint in hints if hint.side is side] for side in SIDES})
    unpaired = [h for h in hints if sight.known.directory.pair_of(h.side, sight.kind, h.key) is None]
    if len({hint.side for hint in unpaired}) < len(SIDES):
        return first, len(hints) > len(first)
    taken = {hint.number for hint in _with_kin((*first, *unpaired), hints)}
    part = [hint for hint in hints if hint.number in taken]
    return part, len(hints) > len(part)


def _with_kin(first: Iterable[Hint], every: Sequence[Hint]) -> list[Hint]:
    """These hints, and all that chains of merges join them to."""
    merges = [hint for hint in every if hint.merged_into is not None]
    if not merges:
        return list(first)
    taken = {hint.number for hint in first}
    keys = {(hint.side, hint.key) for hint in every if hint.number in taken}
    while True:
        kin = [h for h in merges if (h.side, h.key) in keys or (h.side, str(h.merged_into)) in keys]
        more = {(hint.side, key) for hint in kin for key in (hint.key, str(hint.merged_into))} - keys
        if not more:
            return [hint for hint in every if hint.number in taken or (hint.side, hint.key) in keys]
        keys |= more


def _take_hints(sight: _Sight, hints: Iterable[Hint]) -> list[Hint]:
    """Want the records hinted at, and their counterparts; those that are held keep their hints."""
    taken: list[Hint] = []
    hints = list(hints)
    sight.known.meet_keys(sight.kind, {side: [hint.key for hint in hints if hint.side is side] for side in SIDES})
    _let_rest(sight, hints)
    for hint in hints:
        if (hint.side, hint.key) in sight.resting:
            continue
        taken.append(hint)
        sight.wanted[hint.side].add(hint.key)
        if hint.gone:
            sight.ended[hint.side, hint.key] = hint
        if hint.merged_into is not None:
            sight.wanted[hint.side].add(hint.merged_into)
    return taken


def _let_rest(sight: _Sight, hints: Sequence[Hint]) -> None:
    """Whatever belongs to an open step rests, and with it what it was merged into and what was merged into it."""
    left = list(hints)
    while sight.may_rest:
        resting = [
            hint
            for hint in left
            if sight.rests(hint.side, hint.key, ended=hint.gone)
            or (hint.merged_into is not None and sight.rests(hint.side, hint.merged_into))
        ]
        if not resting:
            return
        left = [hint for hint in left if hint not in resting]
        for hint in resting:
            sight.resting.add((hint.side, hint.key))
            if hint.merged_into is not None:
                sight.resting.add((hint.side, hint.merged_into))


def _read_all(systems: Mapping[Side, AnySystem], sight: _Sight, fresh: Mapping[tuple[Side, str], Seen]) -> Flow[None]:
    """Read what is wanted, then what that leads to, until nothing new is met."""
    done: set[tuple[Side, str]] = set()
    while True:
        sight.known.meet_keys(sight.kind, sight.wanted)
        _want_counterparts(sight)
        sight.known.meet_keys(sight.kind, sight.wanted)
        missing = {side: sorted(key for key in sight.wanted[side] if (side, key) not in done) for side in SIDES}
        if not any(missing.values()):
            return
        for side, keys in missing.items():
            done.update((side, key) for key in keys)
            known = {key: fresh[side, key] for key in keys if alive(fresh.get((side, key)))}
            yield from _read(systems.get(side), sight, side, [key for key in keys if key not in known])
            sight.rows[side].update(known)
        _drop_resting(sight)


def _want_counterparts(sight: _Sight) -> None:
    marks = {row.mark for side in SIDES for row in sight.rows[side].values() if row.mark is not None}
    sight.known.meet_pairs(sight.kind, marks)
    links = len(sight.known.directory)
    if links != sight.links:
        sight.links, sight.followed = links, {side: set[str]() for side in SIDES}
    for side in SIDES:
        rows, followed = sight.rows[side], sight.followed[side]
        for key in list(sight.wanted[side]):
            row = rows.get(key)
            if key not in followed or (row is not None and (row.mark or row.merged_into)):
                followed.add(key)
                _want_counterpart(sight, side, key, row)


def _want_counterpart(sight: _Sight, side: Side, key: str, row: Seen | None) -> None:
    """Want what a record was merged into, and the records of its pair: the one linked, or that our mark names."""
    if row is not None and row.merged_into is not None:
        sight.wanted[side].add(row.merged_into)
    directory = sight.known.directory
    pair = directory.pair_of(side, sight.kind, key)
    link = directory.link(pair) if pair else None
    if link is not None:
        for each in SIDES:
            linked = link.key(each)
            if linked is not None:
                sight.wanted[each].add(linked)
    elif row is not None and row.mark is not None:
        origin = origin_key(sight.kind, side.other, row.mark)
        if origin is not None:
            sight.wanted[side.other].add(origin)


def _read(system: AnySystem | None, sight: _Sight, side: Side, keys: Sequence[str]) -> Flow[None]:
    if system is None or sight.kind not in system.capabilities.kinds:
        return
    size = system.capabilities.batch_size
    for start in range(0, len(keys), size):
        for seen in (yield from answered(system.read(sight.kind, keys[start : start + size]))):
            sight.rows[side][seen.key] = seen
    for key in keys:
        ended = sight.ended.get((side, key))
        if ended is not None and key not in sight.rows[side]:
            sight.rows[side][key] = Seen(kind=sight.kind, key=key, fields={}, gone=True, merged_into=ended.merged_into)


def _set_aside(systems: Mapping[Side, AnySystem], sight: _Sight) -> list[Problem]:
    """Take out what could not be understood, with its counterpart: a pair is judged whole or not at all."""
    problems: list[Problem] = []
    for side in SIDES:
        for key, row in sorted([(key, row) for key, row in sight.rows[side].items() if row.unreadable]):
            system = systems.get(side)
            problems.append(_not_understood(system.system if system else side.value, side, row))
            pair = sight.known.directory.pair_of(side, sight.kind, key)
            link = sight.known.directory.link(pair) if pair else None
            sight.unread |= {(side, key), *((each, link.key(each) or "") for each in SIDES if link)}
    for side, key in sight.unread:
        _ = sight.rows[side].pop(key, None)
    return problems


def _not_understood(system: str, side: Side, row: Seen) -> Problem:
    return Problem(
        where=derived_pair(row.kind, side, row.key),
        field=row.kind,
        what=f"could not be understood as {system} shows it: {row.unreadable}",
        expected="a record that can be read; it is left alone and looked at again",
    )


def _drop_resting(sight: _Sight) -> None:
    """Leave out the records that turn out to rest, with all that was merged with them."""
    while sight.may_rest:
        rows = [(side, key, row) for side in SIDES for key, row in sight.rows[side].items()]
        resting = [
            (side, key, row)
            for side, key, row in rows
            if sight.rests(side, key, ended=not alive(row), mark=row.mark)
            or (row.merged_into is not None and sight.rests(side, row.merged_into))
        ]
        if not resting:
            return
        for side, key, row in resting:
            del sight.rows[side][key]
            sight.resting.add((side, key))
            if row.merged_into is not None:
                sight.resting.add((side, row.merged_into))


def _read_lonely(systems: Mapping[Side, AnySystem], sight: _Sight) -> Flow[None]:
    """Where a new record has come up, read those that lost their counterpart: it may be the new one."""
    for side in SIDES:
        other, directory = side.other, sight.known.directory
        rows = sight.rows[other].items()
        new = any(directory.pair_of(other, sight.kind, key) is None and alive(row) for key, row in rows)
        if new:
            sight.known.meet_one_sided(sight.kind)
            agreed = sight.known.of(sight.kind)
            keys = [known.link.key(side) for known in agreed if known.link.key(side.other) is None]
            unread = sorted(key for key in keys if key is not None and key not in sight.rows[side])
            yield from _read(systems.get(side), sight, side, unread)


def _drop_untold(sight: _Sight, taken: Iterable[Hint]) -> None:
    """Leave out what strangers were merged into until the feed itself tells of it.

    A read may be ahead of the feed. Who else was merged into the record is told with it: until then it is not
    taken for a new one, because it may be what became of a record we know.
    """
    told = {(hint.side, hint.key) for hint in taken}
    pair_of = sight.known.directory.pair_of
    for side in SIDES:
        ended = [(key, row.merged_into) for key, row in sight.rows[side].items() if row.merged_into is not None]
        known = {heir for key, heir in ended if pair_of(side, sight.kind, key) is not None}
        for heir in {heir for _, heir in ended} - known:
            if (side, heir) not in told and pair_of(side, sight.kind, heir) is None:
                _ = sight.rows[side].pop(heir, None)


def touch(journal: Journal, side: Side, kind: str, keys: Iterable[str]) -> None:
    """Note that these records may have changed (a webhook said so): the next pull reads them."""
    with journal.transaction():
        journal.save_hints(Hint(kind=kind, side=side, key=key) for key in keys)
