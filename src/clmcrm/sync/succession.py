"""What became of a pair's records: merged into others, or restored after they had ended.

A merge is an alias: the survivor's pair takes the key over. Merging on the other side is only proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import evolve

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import SIDES, Seen, Side
from clmcrm.sync.directory import derived_pair
from clmcrm.sync.lineup import Lineup, alive
from clmcrm.values.problems import Problem

Aliases: TypeAlias = tuple[tuple[Side, str], ...]


def follow(lineup: Lineup, agreed: Agreed) -> None:
    """A pair of the journal: follow merges and restored records on both sides."""
    # An earlier pair may have left an alias here: the directory has the newest link.
    link = lineup.directory.link(agreed.link.pair) or agreed.link
    why = "" if link is agreed.link or link == agreed.link else "another key leads here now"
    fresh = any(agreed.link.key(side) is None and link.key(side) is not None for side in SIDES)
    for side in SIDES:
        link, moved = succeeded(lineup, link, side)
        why = moved or why
    lineup.enter(link, agreed, why, fresh=fresh)


def succeeded(lineup: Lineup, link: Link, side: Side) -> tuple[Link, str]:
    """The link once merges and restorations on `side` are followed, and what happened in words."""
    key = link.key(side)
    if key is None:
        return _restored(lineup, link, side)
    survivor = survivor_of(key, lineup.rows[side])
    if survivor == key:
        return link, ""
    why = f"{key} was merged into {survivor} on the {side.upper()}"
    owner = lineup.directory.pair_of(side, link.kind, survivor)
    heir = None if owner is None else lineup.directory.link(owner)
    if heir is not None and heir.ended and heir.pair != link.pair:
        _take_over(lineup, heir, side, survivor)
        heir = None
    if heir is None or heir.pair == link.pair:
        return link.with_merged([(side, key)]).with_key(side, survivor), why
    # Whatever was merged into it before goes with it, and not what ended: that may be restored.
    gone = [(side, key), *(each for each in link.merged if each[0] is side)]
    return _inherit(lineup, heir.with_merged(gone), link.without(gone), side, why), why


def _take_over(lineup: Lineup, ended: Link, side: Side, key: str) -> None:
    """A key of a pair that has ended leads to another pair now: its record came back as what others became."""
    left = ended.without([(side, key)])
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
        aliases = _together(heir.aliases, emptied.aliases)
        heir = evolve(heir, aliases=aliases, merged=_together(heir.merged, emptied.merged))
        emptied = evolve(emptied, aliases=(), merged=())
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


def survivor_of(key: str, rows: Mapping[str, Seen]) -> str:
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
            restored = link.with_key(side, key).without([(side, key)])
            return restored, f"{key} was restored on the {side.upper()}"
    return link, ""


def put_aside_restored(lineup: Lineup, side: Side) -> None:
    """Restored records of pairs that have another one there by now: what they were merged into, or take its place."""
    pairs, rows = lineup.directory.pairs_on(side, lineup.kind), lineup.rows[side]
    for key in sorted(rows.keys() & pairs.keys()):
        link = lineup.directory.link(pairs[key])
        other = None if link is None else link.key(side)
        if link is not None and other not in (None, key) and alive(rows[key]):
            what = f"was restored, and {link.pair} has {other} on the {side.upper()}"
            expected = f"a merge of {key} into {other} there, or the end of one of them"
            where = derived_pair(lineup.kind, side, key)
            lineup.put_aside(side, key, Problem(where=where, field="key", value=key, what=what, expected=expected))
