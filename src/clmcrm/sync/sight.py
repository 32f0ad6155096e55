"""The records of one kind while they are gathered, and which of them rest until an open step is looked up."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from clmcrm.ports.kept import Hint
from clmcrm.ports.records import SIDES, Seen, Side
from clmcrm.sync.directory import derived_pair, origin_key
from clmcrm.sync.known import Known
from clmcrm.sync.lineup import alive


@define
class Sight:
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


def let_rest(sight: Sight, hints: Sequence[Hint]) -> None:
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


def drop_resting(sight: Sight) -> None:
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
