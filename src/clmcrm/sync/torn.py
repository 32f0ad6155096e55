"""Looks again at what points at a pair whose two records were merged into different ones: it points at two now.

Nobody repoints a reference that was written when its record had been merged already and no feed told of it yet. Mostly
both sides still mean one pair by it. Where that was torn apart they mean two, and neither record that points there has
changed. What points at a pair that has another record afterwards is looked at once that is kept (`groundwork`).
"""

from __future__ import annotations

from collections.abc import Iterator

from clmcrm.ports.journal import Journal
from clmcrm.ports.records import SIDES, Side
from clmcrm.sync.ownership import Rules
from clmcrm.sync.referrers import referrers
from clmcrm.sync.sight import Sight
from clmcrm.sync.succession import survivor_of


def hint_at_referrers(journal: Journal, sight: Sight, rules: Rules | None) -> None:
    """Save hints at every record that points at a pair of this kind that is being torn apart."""
    found = {} if rules is None else referrers(journal, rules, sight.kind, set(_torn(sight)))
    if found:
        with journal.transaction():
            journal.save_hints(hint for hints in found.values() for hint in hints)


def _torn(sight: Sight) -> Iterator[str]:
    """The pairs of which no record is left, but not all went to one other pair."""
    directory = sight.known.directory
    found = {
        directory.pair_of(side, sight.kind, key)
        for side in SIDES
        for key, row in sight.rows[side].items()
        if row.merged_into is not None
    }
    for pair in sorted(pair for pair in found if pair is not None):
        heirs = _heirs(sight, pair)
        if heirs and None not in heirs.values() and not _one(sight, heirs):
            yield pair


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
