"""The contract lifecycle as a picture: drawn from the transition table, and read back from the picture.

The rule of the file: each move of `clmcrm.clm.diagram.edges` is one element that carries its two stages
and its label, in the same order, so that the picture can be checked against the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from clmcrm.clm.diagram import edges
from clmcrm.clm.stage_words import stage_name
from clmcrm.clm.stages import ACTIVE, TERMINAL, AnyStage, Stage
from clmcrm.clm.transitions import TRANSITIONS
from clmcrm.report.lifecycle_layers import PORT, stays
from clmcrm.report.lifecycle_layout import Box, Layout, Point, Route, layout
from clmcrm.report.markup import Markup, number, tag
from clmcrm.report.phrases import phrase
from clmcrm.report.svg import label, line, picture, rect, text_width
from clmcrm.values.wording import Language

_CHIP: Final = 8
_CHIP_ABOVE: Final = 20
_BEND: Final = 5
_PAD: Final = 20
_ROW: Final = 17
_LEAD: Final = 24
_SMALL: Final = 11.5


def lifecycle_picture(current: Stage | None = None, language: Language = "en", *, standalone: bool = True) -> Markup:
    """The lifecycle as SVG; `current` is filled and its ways out are drawn strong (None: no stage is).

    The numbers on the lines are the rows of the table listed below the picture. A number inside a stage is
    a row that leaves the contract in it.
    """
    drawn = layout()
    width = max(drawn.right - drawn.left, sum(_columns()) + _PAD) + 2 * _PAD
    shift = width / 2 - (drawn.left + drawn.right) / 2
    legend_top = drawn.bottom + 78
    routes: dict[tuple[int, AnyStage], Route] = {(r.row, r.source): r for r in drawn.routes}
    body = tag(
        "g",
        tag("g", *_edge_marks(routes), class_="edges"),
        tag("g", *_ways_out(drawn, current), class_="edge open"),
        tag("g", *_tips(drawn, current), class_="tips"),
        tag("g", *(_box_mark(box, current, language) for box in drawn.boxes), class_="stages"),
        tag("g", *_chips(drawn), class_="chips"),
        transform=f"translate({number(shift)} {_PAD})",
    )
    legend = list(_legend(width, legend_top, language))
    height = legend_top + _ROW * (_half() + 1) + 14
    title = phrase("lifecycle", language)
    return picture(width, height, body, *legend, title=title, name="lifecycle", standalone=standalone)


def edges_in(svg: str) -> tuple[tuple[Stage, Stage, str], ...]:
    """The moves that a picture shows, as (from, to, label), in the order in which they are drawn.

    >>> edges_in(lifecycle_picture()) == edges()
    True
    """
    # The picture is our own: it holds no entities and no document type.
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing, made a line above
    return tuple(
        (Stage(mark.attrib["data-from"]), Stage(mark.attrib["data-to"]), mark.attrib["data-label"])
        for mark in root.iter()
        if "data-label" in mark.attrib
    )


def _edge_marks(routes: dict[tuple[int, AnyStage], Route]) -> Iterator[Markup]:
    """One element per move, in the table's order: its line, or its number inside the stage it stays in."""
    moves = iter(edges())
    for row, transition in enumerate(TRANSITIONS, 1):
        for _ in transition.sources:
            source, target, text = next(moves)
            route = routes.get((row, source))
            shapes = () if route is None else (tag("path", d=_bent(route.points)),)
            title = tag("title", f"{row}. {source.value} → {target.value}: {text}")
            yield tag(
                "g",
                title,
                *shapes,
                class_="edge dashed" if transition.automatic else "edge",
                data_from=source.value,
                data_to=target.value,
                data_label=text,
            )


def _ways_out(drawn: Layout, current: Stage | None) -> Iterator[Markup]:
    """The lines that leave `current` once more, strong and above all others."""
    for route in drawn.routes:
        if route.source is current:
            automatic = TRANSITIONS[route.row - 1].automatic
            yield tag("path", d=_bent(route.points), class_="dashed" if automatic else None)


def _bent(points: tuple[Point, ...]) -> str:
    """The path through `points` with rounded corners."""
    parts = [f"M {number(points[0][0])} {number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        a, b = _toward(corner, before), _toward(corner, after)
        parts.append(f"L {number(a[0])} {number(a[1])}")
        parts.append(f"Q {number(corner[0])} {number(corner[1])} {number(b[0])} {number(b[1])}")
    parts.append(f"L {number(points[-1][0])} {number(points[-1][1])}")
    return " ".join(parts)


def _toward(corner: Point, other: Point) -> Point:
    """The point a bend away from `corner` in the direction of `other`."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)
    share = min(_BEND, length / 2) / length if length else 0
    return corner[0] + dx * share, corner[1] + dy * share


def _ends(drawn: Layout) -> Iterator[tuple[Route, Point]]:
    """The last point of each row's way, once per row."""
    seen: set[int] = set()
    for route in drawn.routes:
        if route.row not in seen:
            seen.add(route.row)
            yield route, route.points[0]


def _tips(drawn: Layout, current: Stage | None) -> Iterator[Markup]:
    leaving = {route.row for route in drawn.routes if route.source is current}
    for route, (x, y) in _ends(drawn):
        corners = f"{number(x)},{number(y)} {number(x - 4)},{number(y - 8)} {number(x + 4)},{number(y - 8)}"
        yield tag("polygon", points=corners, class_="tip-open" if route.row in leaving else "tip")


def _chips(drawn: Layout) -> Iterator[Markup]:
    for route, (x, y) in _ends(drawn):
        yield _chip(route.row, x, y - _CHIP_ABOVE)
    for box in drawn.boxes:
        rows = stays(box.stage)
        for i, row in enumerate(rows):
            yield _chip(row, box.x + (i - (len(rows) - 1) / 2) * PORT, box.y + box.height - 14)


def _chip(row: int, x: float, y: float) -> Markup:
    automatic = TRANSITIONS[row - 1].automatic
    circle = tag("circle", cx=x, cy=y, r=_CHIP, class_="chip-auto" if automatic else "chip")
    return tag("g", circle, tag("text", str(row), x=x, y=y + 3.5, class_="chip-text"))


def _box_mark(box: Box, current: Stage | None, language: Language) -> Markup:
    here = box.stage is current
    kind = "active" if box.stage in ACTIVE else "ended" if box.stage in TERMINAL | {Stage.ARCHIVED} else ""
    css = "box-current" if here else f"box-{kind}" if kind else "box"
    middle = box.y + (22 if stays(box.stage) else box.height / 2 + 4.5)
    return tag(
        "g",
        rect(box.x - box.width / 2, box.y, box.width, box.height, css, radius=8),
        label(
            box.x, middle, stage_name(box.stage).said(language), css="strong mid on-current" if here else "strong mid"
        ),
        class_="stage",
        data_stage=box.stage,
    )


def _half() -> int:
    return -(-len(TRANSITIONS) // 2)


def _labels() -> list[tuple[int, str]]:
    """Each row of the table by number, with the label of its moves."""
    moves = iter(edges())
    return [(row, _only({next(moves)[2] for _ in found.sources})) for row, found in enumerate(TRANSITIONS, 1)]


def _only(labels: set[str]) -> str:
    (text,) = labels
    return text


def _columns() -> tuple[float, float]:
    """How much room the two columns of the list need."""
    left, right = _labels()[: _half()], _labels()[_half() :]
    widths = [_LEAD + max(text_width(text, _SMALL) for _, text in column) for column in (left, right)]
    return widths[0], widths[1]


def _legend(width: float, top: float, language: Language) -> Iterator[Markup]:
    """The rows by number, in two columns."""
    yield line(_PAD, top - 30, width - _PAD, top - 30, "grid")
    yield label(_PAD, top - 8, phrase("moves", language), css="small muted")
    for row, text in _labels():
        x = _PAD + (_columns()[0] + _PAD if row > _half() else 0)
        y = top + ((row - 1) % _half() + 1) * _ROW
        yield _chip(row, x + _CHIP, y - 4)
        yield label(x + _LEAD, y, text, css="small")
