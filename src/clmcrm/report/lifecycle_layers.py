"""Which stage of the lifecycle stands where: layers from top to bottom, worked out from the transition table.

The rule of the file: a stage stands below everything that leads on to it, the ends stand side by side, and
the longest way to being in effect runs straight down the middle.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from attrs import frozen

from clmcrm.clm.stage_words import stage_name
from clmcrm.clm.stages import TERMINAL, Stage
from clmcrm.clm.transitions import TRANSITIONS
from clmcrm.report.svg import text_width

PORT: Final = 18
"""The grid on which boxes and their ports stand, in pixels."""

_BOLD: Final = 14
_SIDE: Final = 162
_PAIR: Final = 2


@frozen(kw_only=True)
class Bundle:
    """One row of the table (`row` counts from 1) as one tree of lines: from its `sources` to its `target`."""

    row: int
    sources: tuple[Stage, ...]
    target: Stage


@frozen(kw_only=True)
class Place:
    """Where a stage stands: its `layer` from the top, the `x` of its centre, and its width."""

    stage: Stage
    layer: int
    x: int
    width: int

    def near(self, x: float, margin: float) -> bool:
        """Whether a vertical line at `x` would come closer than `margin`."""
        return abs(x - self.x) < self.width / 2 + margin


def bundles() -> tuple[Bundle, ...]:
    """The rows that move a contract to another stage, in the table's order.

    >>> bundles()[0].target
    <Stage.DRAFT: 'draft'>
    """
    found: list[Bundle] = []
    for number, row in enumerate(TRANSITIONS, 1):
        moving = tuple(stage for stage in Stage if stage in row.sources and row.target not in (None, stage))
        if isinstance(row.target, Stage) and moving:
            found.append(Bundle(row=number, sources=moving, target=row.target))
    return tuple(found)


def stays(stage: Stage) -> tuple[int, ...]:
    """The numbers of the rows that leave a contract in `stage`.

    >>> [TRANSITIONS[row - 1].label for row in stays(Stage.NEGOTIATING)]
    ['TurnPassed']
    """
    return tuple(n for n, row in enumerate(TRANSITIONS, 1) if stage in row.sources and row.target in (None, stage))


def places() -> dict[Stage, Place]:
    """The place of every stage."""
    rank = _ranks()
    spine = spine_of(rank)
    found: dict[Stage, Place] = {}
    for layer in range(max(rank.values()) + 1):
        stages = _ordered([stage for stage in Stage if rank[stage] == layer], spine)
        for stage, x in zip(stages, _centres(stages, spine), strict=True):
            found[stage] = Place(stage=stage, layer=layer, x=x, width=_width(stage))
    return found


def spine_of(rank: dict[Stage, int]) -> frozenset[Stage]:
    """The stages on the longest way from the start to being in effect, and the last one of all."""
    stage, spine = Stage.IN_EFFECT, {Stage.IN_EFFECT, Stage.ARCHIVED}
    while stage is not Stage.NEW:
        stage = next(s for s, t in _forward() if t is stage and rank[s] == rank[stage] - 1)
        spine.add(stage)
    return frozenset(spine)


def _forward() -> tuple[tuple[Stage, Stage], ...]:
    """The moves that go on in life (the stages are named in that order); the others go back."""
    order = list(Stage)
    moves = ((source, bundle.target) for bundle in bundles() for source in bundle.sources)
    return tuple((source, target) for source, target in moves if order.index(source) < order.index(target))


def _ranks() -> dict[Stage, int]:
    """How many moves the longest way to each stage has; one that nothing leads to stands before its next."""
    forward = _forward()
    rank = dict.fromkeys(Stage, 0)
    for stage in Stage:
        rank[stage] = max((rank[s] + 1 for s, t in forward if t is stage), default=0)
    last = max(rank[stage] for stage in TERMINAL)
    rank.update(dict.fromkeys(TERMINAL, last))
    rank[Stage.ARCHIVED] = last + 1
    for stage in Stage:
        if rank[stage] == 0 and stage is not Stage.NEW:
            followers = [rank[b.target] for b in bundles() if stage in b.sources]
            rank[stage] = min(followers, default=1) - 1
    return rank


def _ordered(stages: list[Stage], spine: frozenset[Stage]) -> tuple[Stage, ...]:
    """The stages of a layer from left to right, the one of the spine in the middle."""
    middle = [stage for stage in stages if stage in spine]
    others = [stage for stage in stages if stage not in spine]
    return (*others[0::2], *middle, *others[1::2]) if middle else tuple(stages)


def _centres(stages: tuple[Stage, ...], spine: frozenset[Stage]) -> list[int]:
    """The centres of a layer's stages: its stage of the spine at zero, or the middle left free for a pair."""
    middle = next((i for i, stage in enumerate(stages) if stage in spine), None)
    if middle is not None:
        return [(i - middle) * _SIDE for i in range(len(stages))]
    if len(stages) == _PAIR:
        return [-_SIDE, _SIDE]
    widths = [_width(stage) for stage in stages]
    left, centres = -(sum(widths) + PORT * (len(stages) - 1)) // (2 * PORT) * PORT, list[int]()
    for width in widths:
        centres.append(left + width // 2)
        left += width + PORT
    return centres


def _width(stage: Stage) -> int:
    """Wide enough for the name, the ports and the chips of the rows that stay; an even number of ports."""
    leaving = sum(stage in bundle.sources for bundle in bundles())
    coming = sum(stage is bundle.target for bundle in bundles())
    names = max(text_width(stage_name(stage).en, _BOLD), text_width(stage_name(stage).fr, _BOLD))
    wanted = ceil(max(names + PORT, (max(leaving, coming + 1, len(stays(stage))) + 1) * PORT))
    return -(-wanted // (2 * PORT)) * 2 * PORT
