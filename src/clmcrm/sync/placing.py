"""Places every record shown in a pair: by link, by alias, by our mark, and at last by identity.

Only what is shown is placed; a record that is gone keeps its place, so that its end can be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import evolve

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import CLM, CRM, SIDES, Fields, Seen, Side
from clmcrm.sync.arbitration import DISTINCT, PAIRING, Decision, conflict_key
from clmcrm.sync.directory import derived_pair, origin_key
from clmcrm.sync.lineup import Lined, Lineup, alive
from clmcrm.sync.pairing import pair_up, resembling
from clmcrm.sync.succession import follow, put_aside_restored, succeeded, survivor_of
from clmcrm.values.problems import Problem

Choices: TypeAlias = Mapping[tuple[Side, str], str]
"""Which record of the other side a person said that a record is, or `DISTINCT`."""


def line_up(lineup: Lineup, agreed: Mapping[str, Agreed]) -> None:
    """Fill the line-up of one kind, beginning with the journal's pairs."""
    merged = any(row.merged_into is not None for side in SIDES for row in lineup.rows[side].values())
    for pair in sorted(agreed):
        if merged or not _stands(lineup, agreed[pair]):
            follow(lineup, agreed[pair])
    for side in SIDES:
        for key in lineup.free(side):
            _by_mark(lineup, side, lineup.rows[side][key])
    _by_identity(lineup)
    for side in SIDES:
        if lineup.rules.direction.creates_on(side):
            _wait_for_doubtful(lineup, side)
    for side in SIDES:
        for key in lineup.free(side):
            _alone(lineup, side, key)
        put_aside_restored(lineup, side)


def _stands(lineup: Lineup, agreed: Agreed) -> bool:
    """Whether the pair is as it was, where nothing shown was merged away: then it is entered at once, as most are."""
    link, rows = agreed.link, lineup.rows
    if link.crm is None or link.clm is None or lineup.directory.link(link.pair) is not link:
        return False
    seen = {CRM: rows[CRM].get(link.crm), CLM: rows[CLM].get(link.clm)}
    lineup.lined[link.pair] = Lined(link=link, agreed=agreed, seen=seen)
    return True


def _by_mark(lineup: Lineup, side: Side, seen: Seen) -> None:
    """A record that was created under our mark belongs to the pair the mark names, or to what became of its origin.

    The mark binds it to its origin as a link does, whether that is shown, has ended, or has become another record:
    it is never taken for a new one.
    """
    mark = seen.mark
    if mark is None:
        return
    origin = origin_key(lineup.kind, side.other, mark)
    heir = None if origin is None else survivor_of(origin, lineup.rows[side.other])
    owner = None if heir is None else lineup.directory.pair_of(side.other, lineup.kind, heir)
    known = lineup.lined.get(mark) or lineup.lined.get(owner or "")
    if known is not None and known.link.key(side) is None:
        link = known.link.with_key(side, seen.key)
        lineup.enter(link, known.agreed, "it carries our mark", fresh=True)
    elif known is not None:
        lineup.put_aside(side, seen.key, _double(lineup.kind, side, seen.key, known.link))
    elif origin is not None:
        link = Link(pair=mark, kind=lineup.kind).with_key(side, seen.key).with_key(side.other, origin)
        link, why = succeeded(lineup, link, side.other)
        lineup.enter(link, None, why or "it carries our mark")


def _double(kind: str, side: Side, key: str, link: Link) -> Problem:
    return Problem(
        where=derived_pair(kind, side, key),
        field="mark",
        value=link.pair,
        what=f"names a pair that has {link.key(side)} already",
        expected="one record per mark: merge or remove the double",
    )


def _by_identity(lineup: Lineup) -> None:
    """Pair what identifies each other, among the free and those whose counterpart is gone."""
    pools: dict[Side, dict[str, Seen]] = {}
    for side in SIDES:
        pools[side] = {key: lineup.rows[side][key] for key in _pool(lineup, side)}
        if not pools[side]:
            return
    canonical = {side: _canonical(lineup, side, pool) for side, pool in pools.items()}
    chosen = {(side, key): _chosen(lineup, side, key) for side, pool in pools.items() for key in pool}
    choices = {who: value for who, value in chosen.items() if value is not None}
    latest = _latest(lineup, choices, pools)
    paired = pair_up(lineup.rules, canonical[Side.CRM], canonical[Side.CLM], latest)
    for crm, clm, why in paired.pairs:
        _pair_by_identity(lineup, crm, clm, why + _overruled(lineup, choices, crm, clm) if choices else why)
    for side, key, problem in paired.held:
        lineup.put_aside(side, key, problem)


def _wait_for_doubtful(lineup: Lineup, side: Side) -> None:
    """Create nothing anew on `side` that may be a record there which nobody can read, or which has lost its other."""
    free = [key for key in lineup.free(side.other) if (lineup.kind, side.other, key) not in lineup.waiting]
    doubtful = {**_unread(lineup, side), **_bereft(lineup, side)} if free else {}
    if not doubtful:
        return
    chosen = {key: _chosen(lineup, side.other, key) for key in free}
    waits = {key: other for key, other in chosen.items() if other in doubtful}
    waits |= {key: other for key, other in _counterparts(lineup, side, doubtful).items() if key in chosen}
    named = {*waits.values(), *(key for key, row in doubtful.items() if row.mark or _decision(lineup, side, key))}
    records = {key: row for key, row in lineup.rows[side.other].items() if chosen.get(key, DISTINCT) is None}
    seeming = resembling(
        lineup.rules,
        _canonical(lineup, side, {key: row for key, row in doubtful.items() if key not in named}),
        _canonical(lineup, side.other, {key: row for key, row in records.items() if key not in waits}),
    )
    for key, other in sorted((seeming | waits).items()):
        lineup.put_aside(side.other, key, _maybe_other(lineup.kind, side.other, key, doubtful[other]))


def _unread(lineup: Lineup, side: Side) -> dict[str, Seen]:
    """The records of `side` that nobody can read; of one that has lost its counterpart, our mark tells of that."""
    paired = lineup.directory.pairs_on(side, lineup.kind)
    rows = (row for row in lineup.unread.get(side, ()) if alive(row))
    return {row.key: evolve(row, mark=None) if row.key in paired else row for row in rows}


def _bereft(lineup: Lineup, side: Side) -> dict[str, Seen]:
    """The records of `side` whose counterpart is not shown, or has ended and what follows is not settled.

    Our mark tells of the counterpart they had, and not who they are.
    """
    found: dict[str, Seen] = {}
    for lined in lineup.lined.values():
        row, other = lined.seen[side], lined.link.key(side.other)
        if row is not None and alive(row) and other is not None and not alive(lined.seen[side.other]):
            why = f"its counterpart {other} is not shown, or has ended"
            found[row.key] = evolve(row, mark=None, unreadable=why)
    return found


def _counterparts(lineup: Lineup, side: Side, unread: Mapping[str, Seen]) -> dict[str, str]:
    """The records of the other side that unread ones of `side` belong to: our mark names them, or a person did."""
    found: dict[str, str] = {}
    for key, row in unread.items():
        origin = None if row.mark is None else origin_key(lineup.kind, side.other, row.mark)
        decision = _decision(lineup, side, key)
        for one in (origin, None if decision is None else str(decision.value)):
            if one is not None:
                found[one] = key
    return found


def _maybe_other(kind: str, side: Side, key: str, unread: Seen) -> Problem:
    return Problem(
        where=derived_pair(kind, side, key),
        field=kind,
        what=f"may be {unread.key} on the {side.other.upper()}, which cannot be judged yet ({unread.unreadable})",
        expected="a decision on the pairing, or to wait: until then it is not created there",
    )


def _pool(lineup: Lineup, side: Side) -> list[str]:
    free = [key for key in lineup.free(side) if (lineup.kind, side, key) not in lineup.waiting]
    one_sided = (lined for lined in lineup.lined.values() if lined.link.crm is None or lined.link.clm is None)
    lonely = [
        str(lined.link.key(side))
        for lined in one_sided
        if lined.link.key(side.other) is None and alive(lined.seen[side])
    ]
    return sorted({*free, *lonely})


def _canonical(lineup: Lineup, side: Side, rows: Mapping[str, Seen]) -> dict[str, Fields]:
    return {key: lineup.directory.canonical(row.fields, side, lineup.rules) for key, row in rows.items()}


def _decision(lineup: Lineup, side: Side, key: str) -> Decision | None:
    return lineup.decisions.get(conflict_key(derived_pair(lineup.kind, side, key), PAIRING))


def _chosen(lineup: Lineup, side: Side, key: str) -> str | None:
    decision = _decision(lineup, side, key)
    if decision is None:
        return None
    lineup.decided[decision.key] = None
    return str(decision.value)


def _latest(lineup: Lineup, choices: Choices, pools: Mapping[Side, Mapping[str, Seen]]) -> Choices:
    """What was chosen, where no later word about one of the two records says otherwise.

    Whose counterpart is not there, or is another's by now, is paired with nobody: a person is told.
    """
    said = {who: decision.at for who in choices if (decision := _decision(lineup, *who)) is not None}
    latest: dict[tuple[Side, str], str] = {}
    settled: dict[tuple[Side, str], str] = {}
    for who in sorted(said, key=lambda who: said[who], reverse=True):
        (side, key), value = who, choices[who]
        other = (side.other, value)
        stands = settled.setdefault(who, value) == value and settled.get(other, key) == key
        latest[who] = value if stands and value in pools[side.other] else DISTINCT
        if stands and value != DISTINCT:
            settled[other] = key
    return latest


def _overruled(lineup: Lineup, choices: Choices, crm: str, clm: str) -> str:
    """Who said something else about one of the two before, for the history."""
    told = (((Side.CRM, crm), clm), ((Side.CLM, clm), crm))
    words = (_decision(lineup, *who) for who, other in told if choices.get(who, other) != other)
    return "".join(f"; {word.by} had said otherwise: {word.why}" for word in words if word is not None)


def _decided(lineup: Lineup, side: Side, key: str) -> str | None:
    """The record of the other side that a person paired this one with, saying so of either; None where nobody did."""
    own = _decision(lineup, side, key)
    if own is not None:
        return None if own.value == DISTINCT else str(own.value)
    start, end = derived_pair(lineup.kind, side.other, ""), conflict_key("", PAIRING)
    named = (name for name, decision in lineup.decisions.items() if decision.value == key)
    return next((n[len(start) : -len(end)] for n in named if n.startswith(start) and n.endswith(end)), None)


def _cannot_pair(kind: str, side: Side, key: str, other: str) -> Problem:
    return Problem(
        where=derived_pair(kind, side, key),
        field=PAIRING,
        value=other,
        what=f"was said to be {other} on the {side.other.upper()}, which is not there or belongs to another one",
        expected="a record that is there and free, or a decision that it is another; nothing is created until then",
    )


def _pair_by_identity(lineup: Lineup, crm: str, clm: str, why: str) -> None:
    first = lineup.directory.pair_of(Side.CRM, lineup.kind, crm)
    second = lineup.directory.pair_of(Side.CLM, lineup.kind, clm)
    if first and second:
        return  # both are what a deletion left behind: two histories are not joined by likeness
    pair = first or second
    old = lineup.lined[pair] if pair else None
    link = old.link if old else Link(pair=derived_pair(lineup.kind, Side.CRM, crm), kind=lineup.kind)
    link = link.with_key(Side.CRM, crm).with_key(Side.CLM, clm)
    lineup.enter(link, old.agreed if old else None, why, fresh=old is not None)


def _alone(lineup: Lineup, side: Side, key: str) -> None:
    """A record without a counterpart: to be created on the other side, or kept in sight."""
    if (lineup.kind, side, key) in lineup.waiting:
        return
    other = _decided(lineup, side, key)
    if other is not None:
        lineup.put_aside(side, key, _cannot_pair(lineup.kind, side, key, other))
    elif lineup.rules.direction.creates_on(side.other):
        pair = derived_pair(lineup.kind, side, key)
        link = Link(pair=pair, kind=lineup.kind).with_key(side, key)
        lineup.lined[pair] = Lined(link=link, agreed=None, seen={side: lineup.row(side, key), side.other: None})
    elif lineup.rules.match:
        lineup.waiting.add((lineup.kind, side, key))
