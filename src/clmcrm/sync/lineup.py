"""The pairs of one kind while they are lined up, and the records shown that they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import SIDES, Seen, Side
from clmcrm.sync.arbitration import Decision
from clmcrm.sync.directory import Directory
from clmcrm.sync.ownership import KindRules
from clmcrm.values.problems import Problem


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

    `rows` are the records shown, by side and key, `unread` those that cannot be judged yet and may be anyone's
    counterpart; `directory` learns every new link; `lined` are the pairs, `problems` what was doubtful, `waiting` the
    records to look at again, `decided` the decisions that were followed, `loose` what `free` found last.
    """

    rules: KindRules
    rows: Mapping[Side, Mapping[str, Seen]]
    directory: Directory
    unread: Mapping[Side, Sequence[Seen]] = field(factory=dict[Side, Sequence[Seen]])
    decisions: Mapping[str, Decision] = field(factory=dict[str, Decision])
    lined: dict[str, Lined] = field(factory=dict[str, Lined])
    problems: list[Problem] = field(factory=list[Problem])
    waiting: set[tuple[str, Side, str]] = field(factory=set[tuple[str, Side, str]])
    decided: dict[str, None] = field(factory=dict[str, None])
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
