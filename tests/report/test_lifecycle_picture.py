from __future__ import annotations

import runpy
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from clmcrm.clm.charts import Consequence
from clmcrm.clm.diagram import edges
from clmcrm.clm.stage_words import STAGES
from clmcrm.clm.stages import Stage
from clmcrm.clm.transitions import TRANSITIONS
from clmcrm.report.lifecycle_layers import bundles, places, stays
from clmcrm.report.lifecycle_layout import Point, _free_lane, _Lane, layout
from clmcrm.report.lifecycle_picture import edges_in, lifecycle_picture
from clmcrm.report.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("current", [None, *Stage])
def test_the_picture_holds_every_move_of_the_table_and_no_other(current: Stage | None) -> None:
    assert edges_in(lifecycle_picture(current, "fr")) == edges()


def test_a_move_taken_out_of_the_picture_is_missed() -> None:
    drawn = lifecycle_picture().replace('data-label="Resumed"', "", 1)
    assert edges_in(drawn) != edges()


def test_every_row_is_drawn_as_a_line_or_stands_in_a_stage() -> None:
    drawn = {bundle.row for bundle in bundles()} | {row for stage in Stage for row in stays(stage)}
    assert drawn == set(range(1, len(TRANSITIONS) + 1))


def test_what_follows_from_facts_or_the_date_is_dashed() -> None:
    automatic = {row.cause.value for row in TRANSITIONS if isinstance(row.cause, Consequence)}
    for mark in ET.fromstring(lifecycle_picture()).iter(f"{SVG}g"):  # noqa: S314 - our own markup
        if "data-label" in mark.attrib:
            assert ("dashed" in mark.get("class", "")) == (mark.get("data-label") in automatic)


def test_only_the_current_stage_is_filled() -> None:
    root = ET.fromstring(lifecycle_picture(Stage.SUSPENDED))  # noqa: S314 - our own markup
    filled = [
        mark.get("data-stage")
        for mark in root.iter(f"{SVG}g")
        if mark.get("class") == "stage" and any(e.get("class") == "box-current" for e in mark)
    ]
    assert filled == ["suspended"]


def test_no_two_stages_overlap() -> None:
    for a, b in combinations(layout().boxes, 2):
        apart_x = abs(a.x - b.x) >= (a.width + b.width) / 2 + 8
        apart_y = a.y + a.height < b.y or b.y + b.height < a.y
        assert apart_x or apart_y, (a.stage, b.stage)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_name_fits_its_stage(language: str) -> None:
    for box in layout().boxes:
        wording = STAGES[box.stage]
        assert text_width(wording.fr if language == "fr" else wording.en, 14) <= box.width - 8


def stretches(points: tuple[Point, ...]) -> list[tuple[Point, Point]]:
    return [(min(a, b), max(a, b)) for a, b in pairwise(points)]


def shared(one: tuple[Point, Point], other: tuple[Point, Point]) -> float:
    """How long the stretch is that two upright or level lines have in common."""
    for across, along in ((0, 1), (1, 0)):
        on_one_line = {one[0][across], one[1][across], other[0][across], other[1][across]}
        if len(on_one_line) == 1:
            return min(one[1][along], other[1][along]) - max(one[0][along], other[0][along])
    return -1


def test_no_two_rows_share_a_stretch_of_line() -> None:
    for a, b in combinations(layout().routes, 2):
        if a.row != b.row:
            for one in stretches(a.points):
                assert all(shared(one, other) <= 0 for other in stretches(b.points)), (a, b)


def test_a_lane_that_is_taken_is_not_given_twice() -> None:
    where, row = places(), bundles()[0]
    first = _free_lane(row, 2, 5, where, {})
    for upper, lower in ((2, 5), (4, 7), (0, 2)):
        taken = {99: _Lane(first.x, upper, lower)}
        assert abs(_free_lane(row, 2, 5, where, taken).x - first.x) >= 13
    assert _free_lane(row, 2, 5, where, {99: _Lane(first.x, 8, 9)}) == first


def test_lines_run_level_or_upright_and_never_through_a_stage() -> None:
    drawn = layout()
    for route in drawn.routes:
        for (x1, y1), (x2, y2) in stretches(route.points):
            assert x1 == x2 or y1 == y2
            for box in drawn.boxes:
                beside = x2 <= box.x - box.width / 2 or x1 >= box.x + box.width / 2
                above_or_below = y2 <= box.y or y1 >= box.y + box.height
                assert beside or above_or_below, (route, box.stage)


def test_no_two_numbers_overlap() -> None:
    circles = list(ET.fromstring(lifecycle_picture()).iter(f"{SVG}circle"))  # noqa: S314 - our own markup
    places = [(float(e.get("cx", "0")), float(e.get("cy", "0"))) for e in circles]
    # The list below the picture is drawn on another origin: it is looked at on its own.
    drawn, listed = places[: -len(TRANSITIONS)], places[-len(TRANSITIONS) :]
    assert len(drawn) == len(bundles()) + sum(len(stays(stage)) for stage in Stage)
    for group in (drawn, listed):
        for (ax, ay), (bx, by) in combinations(group, 2):
            assert max(abs(ax - bx), abs(ay - by)) >= 16


def test_the_committed_pictures_are_the_generated_ones() -> None:
    script = runpy.run_path(str(DOCS / "generate.py"))
    for name, text in script["generated"]().items():
        committed = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert committed == text, f"run docs/generate.py: {name} is stale"
