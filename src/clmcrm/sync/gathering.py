"""Reads the records that hints are about, and those that these lead to: a pair is judged whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import evolve

from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.kept import Hint
from clmcrm.ports.records import CLM, CRM, SIDES, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.directory import origin_key
from clmcrm.sync.following import Fresh
from clmcrm.sync.lineup import alive
from clmcrm.sync.sight import Sight, drop_resting, let_rest
from clmcrm.values.json_text import PLAIN, strange

_RESTS: Final = "a write of unknown outcome may have to do with it"
_SHOWN: Final = 80
"""So much is said of a value that cannot be kept."""
_BEREFT: Final = "its counterpart is left alone for now, and may have ended"


def take_hints(sight: Sight, hints: Iterable[Hint]) -> list[Hint]:
    """Want the records hinted at, and their counterparts; those that are held keep their hints."""
    taken: list[Hint] = []
    hints = list(hints)
    sight.known.meet_keys(sight.kind, {side: [hint.key for hint in hints if hint.side is side] for side in SIDES})
    let_rest(sight, hints)
    resting = sight.resting
    for hint in hints:
        if resting and (hint.side, hint.key) in resting:
            continue
        taken.append(hint)
        sight.wanted[hint.side].add(hint.key)
        if hint.gone:
            sight.ended[hint.side, hint.key] = hint
        if hint.merged_into is not None:
            sight.wanted[hint.side].add(hint.merged_into)
    return taken


def read_all(systems: Mapping[Side, AnySystem], sight: Sight, fresh: Fresh) -> Flow[None]:
    """Read what is wanted, then what that leads to, until nothing new is met."""
    done: dict[Side, set[str]] = {side: set() for side in SIDES}
    while True:
        sight.known.meet_keys(sight.kind, sight.wanted)
        _want_counterparts(sight)
        sight.known.meet_keys(sight.kind, sight.wanted)
        missing = {side: sorted(sight.wanted[side] - done[side]) for side in SIDES}
        if not any(missing.values()):
            return
        for side, keys in missing.items():
            done[side].update(keys)
            told = fresh.get(side, {})
            known = {key: told[key] for key in keys if alive(told.get(key))}
            yield from _read(systems.get(side), sight, side, [key for key in keys if key not in known])
            sight.rows[side].update((key, _judged(row)) for key, row in known.items())
        drop_resting(sight)


def _want_counterparts(sight: Sight) -> None:
    marks = {row.mark for side in SIDES for row in sight.rows[side].values() if row.mark is not None}
    sight.known.meet_pairs(sight.kind, marks)
    links = len(sight.known.directory)
    if links != sight.links:
        sight.links, sight.followed = links, {side: set[str]() for side in SIDES}
    for side in SIDES:
        rows, wanted, followed = sight.rows[side], sight.wanted[side], sight.followed[side]
        leading = {key for key, row in rows.items() if row.mark or row.merged_into}
        new = (wanted - followed) | (wanted & leading)
        for key in new:
            _want_counterpart(sight, side, key, rows.get(key))
        followed |= new


def _want_counterpart(sight: Sight, side: Side, key: str, row: Seen | None) -> None:
    """Want what a record was merged into, and the records of its pair: the one linked, or that our mark names."""
    if row is not None and row.merged_into is not None:
        sight.wanted[side].add(row.merged_into)
    directory = sight.known.directory
    pair = directory.pairs_on(side, sight.kind).get(key)
    link = directory.link(pair) if pair else None
    if link is not None:
        if link.crm is not None:
            sight.wanted[CRM].add(link.crm)
        if link.clm is not None:
            sight.wanted[CLM].add(link.clm)
    elif row is not None and row.mark is not None:
        origin = origin_key(sight.kind, side.other, row.mark)
        if origin is not None:
            sight.wanted[side.other].add(origin)


def _read(system: AnySystem | None, sight: Sight, side: Side, keys: Sequence[str]) -> Flow[None]:
    if system is None or sight.kind not in system.capabilities.kinds:
        return
    size = system.capabilities.batch_size
    for start in range(0, len(keys), size):
        for seen in (yield from answered(system.read(sight.kind, keys[start : start + size]))):
            sight.rows[side][seen.key] = _judged(seen)
    for key in keys if sight.ended else ():
        ended = sight.ended.get((side, key))
        if ended is not None and key not in sight.rows[side]:
            sight.rows[side][key] = Seen(kind=sight.kind, key=key, fields={}, gone=True, merged_into=ended.merged_into)


def _judged(seen: Seen) -> Seen:
    """The record; where a field holds what no journal can keep, without that field, and `unreadable`."""
    wrong = strange(seen.fields if isinstance(seen.fields, dict) else dict(seen.fields), "fields")
    if wrong is None:
        return seen
    place, value = wrong
    why = f"{place} is {repr(value)[:_SHOWN]} ({type(value).__name__}), not {PLAIN}"
    kept = {name: each for name, each in seen.fields.items() if strange({name: each}, "") is None}
    return evolve(seen, fields=kept, unreadable=seen.unreadable or why)


def read_lonely(systems: Mapping[Side, AnySystem], sight: Sight) -> Flow[None]:
    """Where a new record has come up, read those that lost their counterpart: it may be the new one."""
    for side in SIDES:
        other = side.other
        paired, rows = sight.known.directory.pairs_on(other, sight.kind), sight.rows[other]
        if any(alive(rows[key]) for key in rows.keys() - paired.keys()):
            sight.known.meet_one_sided(sight.kind)
            agreed = sight.known.of(sight.kind)
            keys = [known.link.key(side) for known in agreed if known.link.key(side.other) is None]
            unread = sorted(key for key in keys if key is not None and key not in sight.rows[side])
            yield from _read(systems.get(side), sight, side, unread)
            _leave_to_the_feed(sight, side, unread)


def read_left_alone(systems: Mapping[Side, AnySystem], sight: Sight) -> Flow[None]:
    """Where a new record has come up, read those that it may belong to and that nothing may follow from yet.

    These rest without a counterpart, or have one that is left alone and may have ended: the new one may stand in its
    place. They are shown as unread, the latter without our mark, which tells of the counterpart they had.
    """
    for side in SIDES:
        paired, rows = sight.known.directory.pairs_on(side.other, sight.kind), sight.rows[side.other]
        if not any(alive(rows[key]) for key in rows.keys() - paired.keys()):
            continue
        bereft = _bereft(sight, side)
        keys = sorted(bereft | _resting_alone(sight, side))
        yield from _read(systems.get(side), sight, side, keys)
        for key in keys:
            row = sight.rows[side].pop(key, None)
            if row is not None and alive(row):
                why = row.unreadable or (_BEREFT if key in bereft else _RESTS)
                sight.rows[side][key] = evolve(row, unreadable=why, mark=None if key in bereft else row.mark)


def _resting_alone(sight: Sight, side: Side) -> set[str]:
    paired = sight.known.directory.pairs_on(side, sight.kind)
    return {key for each, key in sight.resting if each is side and key not in paired}


def _bereft(sight: Sight, side: Side) -> set[str]:
    """The records of `side` whose counterparts are left alone."""
    directory = sight.known.directory
    left = {directory.pair_of(each, sight.kind, key) for each, key in sight.resting | sight.unread if each is not side}
    links = [directory.link(pair) for pair in left if pair is not None]
    keys = {link.key(side) for link in links if link is not None and link.key(side.other) is not None}
    return {key for key in keys if key is not None and key not in sight.rows[side]}


def _leave_to_the_feed(sight: Sight, side: Side, keys: Iterable[str]) -> None:
    """What was merged away is not the new one; the feed tells of it, and then its heir is read with it."""
    for key in keys:
        row = sight.rows[side].get(key)
        if row is not None and row.merged_into is not None:
            del sight.rows[side][key]


def drop_untold(sight: Sight, taken: Iterable[Hint]) -> None:
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
