"""Lines the records of both sides up into pairs: by link, by alias, by our mark, and at last by identity.

Only what is shown is lined up; a record that is gone keeps its place, so that its end can be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from clmcrm.ports.journal import Agreed, Link
from clmcrm.ports.records import CLM, CRM, SIDES, Fields, Seen, Side
from clmcrm.sync.arbitration import PAIRING, Decision, conflict_key
from clmcrm.sync.directory import Directory, derived_pair, origin_key
from clmcrm.sync.ownership import KindRules
from clmcrm.sync.pairing import pair_up
from clmcrm.values.problems import Problem

Aliases: TypeAlias = tuple[tuple[Side, str], ...]


@frozen(kw_only=True)
class Lined:
    """One pair as it stands: its `link` after the line-up, and the records shown.

    `agreed` is None for a pair the journal does not know; `why` says what became of the link, empty when it
    is as before; `fresh` that the record is another one than the agreed values are about.
    """

    link: Link
    agreed: Agreed | None
    seen: Mapping[Side, Seen | None]
    why: str = ""
    fresh: bool = False

    @property
    def pair(self) -> str:
        """The pair's key."""
        return self.link.pair


@define(kw_only=True)
class Lineup:
    """The pairs of one kind while they are lined up.

    `rows` are the records shown, by side and key; `directory` learns every new link; `lined` are the
    pairs, `problems` what was doubtful, `waiting` the records to look at again, `decided` the decisions
    that were followed, `loose` what `free` found last.
    """

    rules: KindRules
    rows: Mapping[Side, Mapping[str, Seen]]
    directory: Directory
    decisions: Mapping[str, Decision] = field(factory=dict[str, Decision])
    lined: dict[str, Lined] = field(factory=dict[str, Lined])
    problems: list[Problem] = field(factory=list[Problem])
    waiting: set[tuple[str, Side, str]] = field(factory=set[tuple[str, Side, str]])
    decided: list[str] = field(factory=list[str])
    loose: dict[Side, list[str]] = field(factory=dict[Side, list[str]])

    @property
    def kind(self) -> str:
        """The kind of every record here."""
        return self.rules.kind

    def row(self, side: Side, key: str | None) -> Seen | None:
        """The record `key` as `side` shows it, or None."""
        return None if key is None else self.rows[side].get(key)

    def free(self, side: Side) -> list[str]:
        """The keys of a side's living records that belong to no pair, sorted; pairs only ever get more."""
        rows, paired = self.rows[side], self.directory.pairs_on(side, self.kind)
        loose = self.loose[side] if side in self.loose else sorted(rows)
        self.loose[side] = [key for key in loose if key not in paired and alive(rows[key])]
        return list(self.loose[side])

    def enter(self, link: Link, agreed: Agreed | None, why: str = "", *, fresh: bool = False) -> None:
        """Enter a pair, or its newer form."""
        seen = {side: self.row(side, link.key(side)) for side in SIDES}
        self.directory.add(link)
        self.lined[link.pair] = Lined(link=link, agreed=agreed, seen=seen, why=why, fresh=fresh)

    def put_aside(self, side: Side, key: str, problem: Problem) -> None:
        """Leave a doubtful record alone, and look at it again next time."""
        self.waiting.add((self.kind, side, key))
        self.problems.append(problem)


def alive(seen: Seen | None) -> bool:
    """Whether there is a record that is neither gone nor merged away."""
    return seen is not None and not seen.gone and seen.merged_into is None


def line_up(lineup: Lineup, agreed: Mapping[str, Agreed]) -> None:
    """Fill the line-up of one kind, beginning with the journal's pairs."""
    merged = any(row.merged_into is not None for side in SIDES for row in lineup.rows[side].values())
    for pair in sorted(agreed):
        if merged or not _stands(lineup, agreed[pair]):
            _follow(lineup, agreed[pair])
    for side in SIDES:
        for key in lineup.free(side):
            _by_mark(lineup, side, lineup.rows[side][key])
    _by_identity(lineup)
    for side in SIDES:
        for key in lineup.free(side):
            _alone(lineup, side, key)


def _stands(lineup: Lineup, agreed: Agreed) -> bool:
    """Whether the pair is as it was, where nothing shown was merged away: then it is entered at once, as most are."""
    link, rows = agreed.link, lineup.rows
    if link.crm is None or link.clm is None or lineup.directory.link(link.pair) is not link:
        return False
    seen = {CRM: rows[CRM].get(link.crm), CLM: rows[CLM].get(link.clm)}
    lineup.lined[link.pair] = Lined(link=link, agreed=agreed, seen=seen)
    return True


def _follow(lineup: Lineup, agreed: Agreed) -> None:
    """A pair of the journal: follow merges and restored records on both sides."""
    # An earlier pair may have left an alias here: the directory has the newest link.
    link = lineup.directory.link(agreed.link.pair) or agreed.link
    why = "" if link is agreed.link or link == agreed.link else "another key leads here now"
    fresh = any(agreed.link.key(side) is None and link.key(side) is not None for side in SIDES)
    for side in SIDES:
        link, moved = _succession(lineup, link, side)
        why = moved or why
    lineup.enter(link, agreed, why, fresh=fresh)


def _succession(lineup: Lineup, link: Link, side: Side) -> tuple[Link, str]:
    """The link once merges and restorations on `side` are followed, and what happened in words."""
    key = link.key(side)
    if key is None:
        return _restored(lineup, link, side)
    survivor = _survivor(key, lineup.rows[side])
    if survivor == key:
        return link, ""
    why = f"{key} was merged into {survivor} on the {side.upper()}"
    owner = lineup.directory.pair_of(side, link.kind, survivor)
    heir = None if owner is None else lineup.directory.link(owner)
    if heir is not None and heir.ended and heir.pair != link.pair:
        _take_over(lineup, heir, side, survivor)
        heir = None
    if heir is None or heir.pair == link.pair:
        return link.with_alias(side, key).with_key(side, survivor), why
    return _inherit(lineup, heir.with_alias(side, key), link, side, why), why


def _take_over(lineup: Lineup, ended: Link, side: Side, key: str) -> None:
    """A key of a pair that has ended leads to another pair now: its record came back as what others became."""
    rest = tuple(alias for alias in ended.aliases if alias != (side, key))
    left = evolve(ended, aliases=rest)
    known = lineup.lined.get(ended.pair)
    lineup.directory.add(left)
    if known is not None:
        lineup.enter(left, known.agreed, "another pair has its record now")


def _inherit(lineup: Lineup, heir: Link, emptied: Link, side: Side, why: str) -> Link:
    """Two pairs became one record on `side`: the survivor's pair takes the key; returns what is left of the other.

    Where the survivor has no counterpart it takes over the other's too, and the two are one pair. Where both have
    one, a merge is proposed.
    """
    survivor, rest = heir.key(side.other), emptied.key(side.other)
    emptied = emptied.with_key(side, None)
    known = lineup.lined.get(heir.pair)
    joined = survivor is None and rest is not None and alive(lineup.row(side.other, rest))
    if joined:
        emptied, heir = emptied.with_key(side.other, None), heir.with_key(side.other, rest)
    if emptied.ended:  # whatever led to it leads to the survivor
        emptied, heir = evolve(emptied, aliases=()), evolve(heir, aliases=_together(heir.aliases, emptied.aliases))
    lineup.directory.add(emptied)
    lineup.directory.add(heir)
    if known is not None:
        lineup.enter(heir, known.agreed, why, fresh=known.fresh or joined)
    if not joined and survivor is not None and rest is not None and alive(lineup.row(side.other, rest)):
        _propose(lineup, heir, emptied, side)
    return emptied


def _together(some: Aliases, others: Aliases) -> Aliases:
    return tuple(sorted({*some, *others}))


def _propose(lineup: Lineup, heir: Link, emptied: Link, side: Side) -> None:
    survivor, rest = heir.key(side.other), emptied.key(side.other)
    lineup.problems.append(
        Problem(
            where=emptied.pair,
            field="merged_into",
            value=str(heir.key(side)),
            what=f"is one record on the {side.upper()} now, and two on the {side.other.upper()}",
            expected=f"a merge of {rest} into {survivor} on the {side.other.upper()}",
        )
    )


def _survivor(key: str, rows: Mapping[str, Seen]) -> str:
    """The key at the end of a chain of merges; the key itself when it was not merged (or in a circle)."""
    met, last = {key}, key
    while (seen := rows.get(last)) is not None and seen.merged_into is not None:
        if seen.merged_into in met:
            return key
        last = seen.merged_into
        met.add(last)
    return last


def _restored(lineup: Lineup, link: Link, side: Side) -> tuple[Link, str]:
    """A side that lost its record may show it again under the key it had."""
    for other, key in link.aliases:
        owner = lineup.directory.pair_of(side, link.kind, key)
        if other is side and owner == link.pair and alive(lineup.row(side, key)):
            rest = tuple(alias for alias in link.aliases if alias != (side, key))
            restored = evolve(link.with_key(side, key), aliases=rest)
            return restored, f"{key} was restored on the {side.upper()}"
    return link, ""


def _by_mark(lineup: Lineup, side: Side, seen: Seen) -> None:
    """A record that was created under our mark belongs to the pair the mark names, or to what became of its origin.

    The mark binds it to its origin as a link does, whether that is shown, has ended, or has become another record:
    it is never taken for a new one.
    """
    mark = seen.mark
    if mark is None:
        return
    origin = origin_key(lineup.kind, side.other, mark)
    heir = None if origin is None else _survivor(origin, lineup.rows[side.other])
    owner = None if heir is None else lineup.directory.pair_of(side.other, lineup.kind, heir)
    known = lineup.lined.get(mark) or lineup.lined.get(owner or "")
    if known is not None and known.link.key(side) is None:
        link = known.link.with_key(side, seen.key)
        lineup.enter(link, known.agreed, "it carries our mark", fresh=True)
    elif known is not None:
        lineup.put_aside(side, seen.key, _double(lineup.kind, side, seen.key, known.link))
    elif origin is not None:
        link = Link(pair=mark, kind=lineup.kind).with_key(side, seen.key).with_key(side.other, origin)
        link, why = _succession(lineup, link, side.other)
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
    pools: dict[Side, list[str]] = {}
    for side in SIDES:
        pools[side] = _pool(lineup, side)
        if not pools[side]:
            return
    canonical = {side: _canonical(lineup, side, pool) for side, pool in pools.items()}
    chosen = {(side, key): _chosen(lineup, side, key) for side, pool in pools.items() for key in pool}
    choices = {who: value for who, value in chosen.items() if value is not None}
    paired = pair_up(lineup.rules, canonical[Side.CRM], canonical[Side.CLM], choices)
    for crm, clm, why in paired.pairs:
        _pair_by_identity(lineup, crm, clm, why)
    for side, key, problem in paired.held:
        lineup.put_aside(side, key, problem)


def _pool(lineup: Lineup, side: Side) -> list[str]:
    free = [key for key in lineup.free(side) if (lineup.kind, side, key) not in lineup.waiting]
    one_sided = (lined for lined in lineup.lined.values() if lined.link.crm is None or lined.link.clm is None)
    lonely = [
        str(lined.link.key(side))
        for lined in one_sided
        if lined.link.key(side.other) is None and alive(lined.seen[side])
    ]
    return sorted({*free, *lonely})


def _canonical(lineup: Lineup, side: Side, pool: list[str]) -> dict[str, Fields]:
    rows = lineup.rows[side]
    return {key: lineup.directory.canonical(rows[key].fields, side, lineup.rules) for key in pool}


def _chosen(lineup: Lineup, side: Side, key: str) -> str | None:
    decision = lineup.decisions.get(conflict_key(derived_pair(lineup.kind, side, key), PAIRING))
    if decision is None:
        return None
    lineup.decided.append(decision.key)
    return str(decision.value)


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
    if lineup.rules.direction.creates_on(side.other):
        pair = derived_pair(lineup.kind, side, key)
        link = Link(pair=pair, kind=lineup.kind).with_key(side, key)
        lineup.lined[pair] = Lined(link=link, agreed=None, seen={side: lineup.row(side, key), side.other: None})
    elif lineup.rules.match:
        lineup.waiting.add((lineup.kind, side, key))
