"""Looks again at what points at a pair whose two records were merged into different ones: it points at two now.

Nobody repoints a reference that was written when its record had been merged already and no feed told of it yet. Mostly
both sides still mean one pair by it. Where that was torn apart, or has another record on one side now, they mean two,
and neither record that points there has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from clmcrm.ports.journal import Agreed, Journal
from clmcrm.ports.records import SIDES, Side
from clmcrm.sync.directory import hints_of, referred
from clmcrm.sync.ownership import KindRules, Rules
from clmcrm.sync.sight import Sight
from clmcrm.sync.succession import survivor_of


def hint_at_referrers(journal: Journal, sight: Sight, rules: Rules | None) -> None:
    """Save hints at every record that points at a pair of this kind that is being torn apart.

    The journal is read through for it, page by page: it keeps no index of references, and this happens seldom.
    """
    torn = set(_torn(sight)) if rules is not None else set[str]()
    if not torn:
        return
    for kind in rules or ():
        if sight.kind in kind.references.values():
            found = [known for known in journal.agreed(kind.kind) if not torn.isdisjoint(_pointed_at(known, kind))]
            with journal.transaction():
                journal.save_hints(hint for known in found for hint in hints_of(known.link))


def _torn(sight: Sight) -> Iterator[str]:
    """The pairs of which no record is left, but not all went to one other pair; and those that get another record."""
    directory = sight.known.directory
    found = {
        directory.pair_of(side, sight.kind, each)
        for side in SIDES
        for key, row in sight.rows[side].items()
        if row.merged_into is not None
        for each in (key, survivor_of(key, sight.rows[side]))
    }
    concerned = sorted(pair for pair in found if pair is not None)
    others = _others(sight, concerned)
    for pair in concerned:
        heirs = _heirs(sight, pair)
        apart = bool(heirs) and None not in heirs.values() and not _one(sight, heirs)
        if apart or any(_gets_another(sight, pair, side, others) for side in SIDES):
            yield pair


def _others(sight: Sight, pairs: Iterable[str]) -> dict[tuple[Side, str], set[str]]:
    """With which records of the other side those pairs leave each record once their merges are followed."""
    found: dict[tuple[Side, str], set[str]] = {}
    for pair in pairs:
        left = {side: _left(sight, pair, side) for side in SIDES}
        for side in SIDES:
            key, other = left[side], left[side.other]
            if key is not None and other is not None:
                found.setdefault((side, key), set()).add(other)
    return found


def _left(sight: Sight, pair: str, side: Side) -> str | None:
    """What a pair's record on `side` is once its merges are followed; None where the pair has none there."""
    link = sight.known.directory.link(pair)
    key = None if link is None else link.key(side)
    return None if key is None else survivor_of(key, sight.rows[side])


def _gets_another(sight: Sight, pair: str, side: Side, others: Mapping[tuple[Side, str], set[str]]) -> bool:
    """Whether a pair keeps its other record, and gets on `side`, for one that went to another pair, that of a third."""
    own, went = _left(sight, pair, side.other), _left(sight, pair, side)
    if own is None or sight.known.directory.pair_of(side.other, sight.kind, own) != pair:
        return False
    lost = went is None or len(others.get((side, went), ())) > 1
    return lost and not others.get((side.other, own), set[str]()) <= {went}


def _heirs(sight: Sight, pair: str) -> dict[Side, str | None]:
    """To which other pair each record went that the pair still links; None for one that stays, or becomes another."""
    directory = sight.known.directory
    link = directory.link(pair)
    keys = {side: None if link is None else link.key(side) for side in SIDES}
    heirs = {
        side: directory.pair_of(side, sight.kind, survivor_of(key, sight.rows[side]))
        for side, key in keys.items()
        if key is not None
    }
    return {side: None if heir == pair else heir for side, heir in heirs.items()}


def _one(sight: Sight, heirs: dict[Side, str | None]) -> bool:
    """Whether both records went to one pair: at once, or one of them earlier, of which that pair keeps the key."""
    if len(set(heirs.values())) > 1:
        return False
    [(side, heir), *rest] = heirs.items()
    link = sight.known.directory.link(heir or "")
    return bool(rest) or (link is not None and any(other is side.other for other, _ in link.aliases))


def _pointed_at(known: Agreed, rules: KindRules) -> Iterator[str]:
    for fields in (known.base, known.shown_crm, known.shown_clm):
        yield from referred(fields, rules)
