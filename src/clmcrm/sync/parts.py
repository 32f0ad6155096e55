"""Which part of what changed is taken now, where not all of it is: never a new record without what it may belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from clmcrm.errors import InvalidRecord
from clmcrm.ports.kept import Hint
from clmcrm.ports.records import SIDES, Side
from clmcrm.sync.sight import Sight


def check_part(at_most: int | None) -> None:
    """Raise `InvalidRecord` for a part of no records: a run would never come to its end with such."""
    if at_most is not None and (type(at_most) is not int or at_most < 1):
        raise InvalidRecord("pull", "at_most", at_most, "a whole number of one or more, or None for all")


def part_of(sight: Sight, first: list[Hint], every: Iterable[Hint]) -> tuple[list[Hint], list[Hint]]:
    """The part to take now, and what is left of `every` hint.

    Where both sides have records without a pair, these are all taken: what belongs together (by our mark, or because it
    identifies each other) must be seen together, or each would be created once more. So is whatever ended on the side
    of a record without a pair: that may be what others were merged into, or stand in the place of one. And both hints
    at one pair are taken together: that its record is gone there as well is told by the other hint alone.
    """
    hints = list(every)
    sight.known.meet_keys(sight.kind, {side: [hint.key for hint in hints if hint.side is side] for side in SIDES})
    pairs = {hint.number: sight.known.directory.pair_of(hint.side, sight.kind, hint.key) for hint in hints}
    unpaired = [hint for hint in hints if pairs[hint.number] is None]
    sides = {hint.side for hint in unpaired}
    taken = {hint.number for hint in (*first, *_ended(hints, sides), *(unpaired if len(sides) == len(SIDES) else ()))}
    met = {pair for number in taken if (pair := pairs[number]) is not None}
    taken.update(number for number, pair in pairs.items() if pair in met)
    return [hint for hint in hints if hint.number in taken], [hint for hint in hints if hint.number not in taken]


def ending(sight: Sight, left: Iterable[Hint]) -> int:
    """How many pairs will lose a record by what is left, if it is as it was told: the guard looks ahead."""
    directory = sight.known.directory
    gone = [hint for hint in left if hint.gone and hint.merged_into is None]
    pairs = {(directory.pair_of(hint.side, sight.kind, hint.key), hint) for hint in gone}
    return len({pair for pair, hint in pairs if pair and directory.key_of(pair, hint.side) == hint.key})


def _ended(hints: Iterable[Hint], sides: Collection[Side]) -> list[Hint]:
    return [hint for hint in hints if hint.side in sides and (hint.gone or hint.merged_into is not None)]
