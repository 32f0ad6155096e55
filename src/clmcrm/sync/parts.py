"""Which part of what changed is taken now, where not all of it is: never a record without those merged into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clmcrm.ports.journal import Hint
from clmcrm.ports.records import SIDES
from clmcrm.sync.sight import Sight


def part_of(sight: Sight, first: list[Hint], every: Iterable[Hint]) -> tuple[list[Hint], bool]:
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
