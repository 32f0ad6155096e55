"""How the moves of the lifecycle picture run: ports, lanes and tracks, so that no two rows share a line.

The rule of the file: a row leaves its stages at the bottom and enters its target at the top, each at a
port of its own. Between two layers it runs on a track, around stages on a lane. Ports out stand on the
grid, other ports in and lanes beside it, so that upright lines of two rows never fall on each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.clm.stages import Stage
from clmcrm.report.lifecycle_layers import PORT, Bundle, Place, bundles, places, stays

Point: TypeAlias = tuple[float, float]

CHIP_ROOM: Final = 34
"""How much of the space above a stage is kept for arrow heads and numbers, in pixels."""

_TRACK: Final = 11
_PAD: Final = 12
_NAME_HEIGHT: Final = 34
_CHIPS_HEIGHT: Final = 22
_LANE_STEP: Final = PORT / 2
_LANE_OFFSET: Final = PORT / 4
_LANE_GAP: Final = 13
_MARGIN: Final = 13
_OUTERMOST: Final = 1000


@frozen(kw_only=True)
class Box:
    """A stage as drawn: `x` is its centre, `y` its upper edge."""

    stage: Stage
    x: float
    y: float
    width: float
    height: float


@frozen(kw_only=True)
class Route:
    """The way of one move, from the target back to the source; `row` counts the table's rows from 1."""

    row: int
    source: Stage
    target: Stage
    points: tuple[Point, ...]


@frozen(kw_only=True)
class Layout:
    """All boxes and routes, and the edges of what is drawn."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    left: float
    right: float
    bottom: float


@frozen
class _Lane:
    """An upright line at `x` past the layers from `upper` to `lower`, both inside."""

    x: float
    upper: int
    lower: int

    def meets(self, other: _Lane) -> bool:
        near = abs(self.x - other.x) < _LANE_GAP
        return near and self.upper <= other.lower + 1 and other.upper <= self.lower + 1


_Lanes: TypeAlias = dict[int, _Lane]
_Outs: TypeAlias = dict[tuple[int, Stage], float]
_Ins: TypeAlias = dict[int, float]
_Tracks: TypeAlias = dict[tuple[int, int], int]


@frozen(kw_only=True)
class _Ways:
    """Everything sideways: where stages stand, lanes by row, ports out by row and stage, ports in by row."""

    where: Mapping[Stage, Place]
    lanes: _Lanes
    outs: _Outs
    ins: _Ins


def layout() -> Layout:
    """The places of all stages and the ways of all moves."""
    where, rows = places(), bundles()
    lanes = _lanes(rows, where)
    outs, ins = _ports_out(rows, where, lanes), _ports_in(rows, where, lanes)
    ways = _Ways(where=where, lanes=lanes, outs=outs, ins=ins)
    tracks = _tracks(rows, ways)
    tops = _tops(where, tracks)
    boxes = {stage: _box(place, tops, where) for stage, place in where.items()}
    heights = {key: tops[key[0]] - CHIP_ROOM - _TRACK * number for key, number in tracks.items()}
    routes = tuple(
        Route(
            row=row.row,
            source=source,
            target=row.target,
            points=_points(row, boxes[source], boxes[row.target], ways, heights),
        )
        for row in rows
        for source in row.sources
    )
    xs = [x for route in routes for x, _ in route.points]
    xs += [edge for box in boxes.values() for edge in (box.x - box.width / 2, box.x + box.width / 2)]
    bottom = max(box.y + box.height for box in boxes.values())
    return Layout(boxes=tuple(boxes.values()), routes=routes, left=min(xs), right=max(xs), bottom=bottom)


def _direct(source: Place, target: Place, where: Mapping[Stage, Place]) -> bool:
    """Whether a line may fall straight from the source to the channel above the target."""
    if source.layer >= target.layer:
        return False
    half = source.width / 2
    return not any(
        source.layer < other.layer < target.layer and other.near(source.x, half - PORT) for other in where.values()
    )


def _lanes(rows: tuple[Bundle, ...], where: Mapping[Stage, Place]) -> _Lanes:
    """A lane for each row that has to go around something; short ones first, they stay close."""
    wanted: list[tuple[int, int, int, Bundle]] = []
    for row in rows:
        around = [where[s] for s in row.sources if not _direct(where[s], where[row.target], where)]
        if around:
            layers = [place.layer for place in (*around, where[row.target])]
            wanted.append((max(layers) - min(layers), min(layers), max(layers), row))
    found: _Lanes = {}
    for _, upper, lower, row in sorted(wanted, key=lambda entry: (entry[0], entry[3].row)):
        found[row.row] = _free_lane(row, upper, lower, where, found)
    return found


def _free_lane(row: Bundle, upper: int, lower: int, where: Mapping[Stage, Place], taken: _Lanes) -> _Lane:
    """The lane with the shortest way sideways that is clear of boxes and other lanes."""
    ends = [where[stage].x for stage in (*row.sources, row.target)]
    boxes = [place for place in where.values() if upper <= place.layer <= lower]

    def detour(lane: _Lane) -> tuple[float, float]:
        return sum(abs(lane.x - x) for x in ends), lane.x

    reach = max(abs(place.x) + place.width for place in boxes)
    steps = int(reach / _LANE_STEP) + 2 * len(taken) + 4
    candidates = (_Lane(_LANE_OFFSET + k * _LANE_STEP, upper, lower) for k in range(-steps, steps))
    return min(
        (
            lane
            for lane in candidates
            if not any(place.near(lane.x, _MARGIN) for place in boxes)
            and not any(lane.meets(other) for other in taken.values())
        ),
        key=detour,
    )


def _ports_out(rows: tuple[Bundle, ...], where: Mapping[Stage, Place], lanes: _Lanes) -> _Outs:
    """Where each row leaves each of its stages, on the grid; the way down the middle leaves in the middle."""
    found: _Outs = {}
    for stage, place in where.items():
        leaving = [row for row in rows if stage in row.sources]
        leaving.sort(key=lambda row: _heading(row, place, where, lanes))
        middle = next((i for i, row in enumerate(leaving) if _straight(row, where)), (len(leaving) - 1) // 2)
        found.update({(row.row, stage): place.x + (i - middle) * PORT for i, row in enumerate(leaving)})
    return found


def _ports_in(rows: tuple[Bundle, ...], where: Mapping[Stage, Place], lanes: _Lanes) -> _Ins:
    """Where each row enters its target: half a step beside the grid, the way down the middle in the middle."""
    found: _Ins = {}
    for stage, place in where.items():
        coming = [row for row in rows if row.target is stage]
        coming.sort(key=lambda row: _origin(row, place, where, lanes))
        middle = next((i for i, row in enumerate(coming) if _straight(row, where)), None)
        for i, row in enumerate(coming):
            if middle is None:
                offset = (i - len(coming) // 2) * PORT + PORT / 2
            else:
                side = (i > middle) - (i < middle)
                offset = (i - middle) * PORT + side * PORT / 2
            found[row.row] = place.x + offset
    return found


def _straight(row: Bundle, where: Mapping[Stage, Place]) -> bool:
    """Whether the row is a step straight down: one source, right above its target."""
    if len(row.sources) != 1:
        return False
    source, target = where[row.sources[0]], where[row.target]
    return source.layer == target.layer - 1 and source.x == target.x


def _heading(row: Bundle, source: Place, where: Mapping[Stage, Place], lanes: _Lanes) -> tuple[float, float, int]:
    """From left to right: lanes on the left, near targets on the left, far ones, then the mirror image."""
    target = where[row.target]
    if not _direct(source, target, where):
        x = lanes[row.row].x - source.x
        return (_OUTERMOST if x > 0 else -_OUTERMOST, -x, row.row)
    x = target.x - source.x
    side = (x > 0) - (x < 0)
    return (side * (_OUTERMOST - 1 - (target.layer - source.layer)), x, row.row)


def _origin(row: Bundle, target: Place, where: Mapping[Stage, Place], lanes: _Lanes) -> tuple[float, int]:
    direct = [where[s].x - target.x for s in row.sources if _direct(where[s], target, where)]
    if direct:
        return sum(direct) / len(direct), row.row
    x = lanes[row.row].x - target.x
    return (_OUTERMOST - x if x > 0 else -_OUTERMOST - x), row.row


def _stretches(row: Bundle, ways: _Ways) -> dict[int, list[float]]:
    """For each channel (by the layer below it) the x of everything the row joins there."""
    target, found = ways.where[row.target], dict[int, list[float]]()
    for stage in row.sources:
        source, out = ways.where[stage], ways.outs[row.row, stage]
        if _direct(source, target, ways.where):
            found.setdefault(target.layer, []).append(out)
        else:
            lane = ways.lanes[row.row].x
            found.setdefault(source.layer + 1, []).extend((out, lane))
            found.setdefault(target.layer, []).append(lane)
    found[target.layer].append(ways.ins[row.row])
    return {layer: xs for layer, xs in found.items() if min(xs) != max(xs)}


def _tracks(rows: tuple[Bundle, ...], ways: _Ways) -> _Tracks:
    """The number of each row's track in each channel, from the bottom; rows share one where they stay apart."""
    wanted: dict[int, list[tuple[float, float, float, int]]] = {}
    for bundle in rows:
        for layer, xs in _stretches(bundle, ways).items():
            # Of two rows that run the same way, the one that starts farther back takes the lower track.
            key = xs[0] if xs[-1] > xs[0] else -xs[0]
            wanted.setdefault(layer, []).append((key, min(xs), max(xs), bundle.row))
    found: _Tracks = {}
    for layer, stretches in wanted.items():
        taken: list[list[tuple[float, float]]] = []
        for _, low, high, row in sorted(stretches):
            free = (i for i, track in enumerate(taken) if _apart(track, low - PORT, high + PORT))
            number = next(free, len(taken))
            if number == len(taken):
                taken.append([])
            taken[number].append((low, high))
            found[layer, row] = number
    return found


def _apart(track: list[tuple[float, float]], low: float, high: float) -> bool:
    return all(stop < low or high < start for start, stop in track)


def _tops(where: Mapping[Stage, Place], tracks: _Tracks) -> dict[int, float]:
    """The upper edge of each layer, and of the empty one below the last."""
    tops, y = dict[int, float](), 0.0
    for layer in range(max(place.layer for place in where.values()) + 2):
        numbers = [number for (channel, _), number in tracks.items() if channel == layer]
        if layer:
            y += _PAD + CHIP_ROOM + _TRACK * max(numbers, default=0)
        tops[layer] = y
        y += max((_height(place, where) for place in where.values() if place.layer == layer), default=0)
    return tops


def _height(place: Place, where: Mapping[Stage, Place]) -> float:
    """The height of a stage's layer: taller when a stage in it has rows that stay."""
    chips = any(stays(other.stage) for other in where.values() if other.layer == place.layer)
    return _NAME_HEIGHT + (_CHIPS_HEIGHT if chips else 0)


def _box(place: Place, tops: Mapping[int, float], where: Mapping[Stage, Place]) -> Box:
    y, height = tops[place.layer], _height(place, where)
    return Box(stage=place.stage, x=place.x, y=y, width=place.width, height=height)


def _points(
    row: Bundle,
    source: Box,
    target: Box,
    ways: _Ways,
    heights: Mapping[tuple[int, int], float],
) -> tuple[Point, ...]:
    out, into = ways.outs[row.row, source.stage], ways.ins[row.row]
    start, end = (out, source.y + source.height), (into, target.y)
    upper, lower = ways.where[source.stage], ways.where[row.target]
    if _direct(upper, lower, ways.where):
        track = heights.get((lower.layer, row.row))
        return (end, start) if track is None else (end, (into, track), (out, track), start)
    lane = ways.lanes[row.row].x
    above, below = heights[lower.layer, row.row], heights[upper.layer + 1, row.row]
    return (end, (into, above), (lane, above), (lane, below), (out, below), start)
