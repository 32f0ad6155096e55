from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from clmcrm.report.page_css import PAGE_CSS
from clmcrm.report.style import DARK, LIGHT, PICTURE_CSS

TEXT_PAIRS = [
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("muted", "page"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("accent", "page"),
    ("accent", "surface"),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("on-accent", "accent"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("bad", "surface"),
]
MARK_PAIRS = [
    ("bar", "surface"),
    ("bar", "sunken"),
    ("bar-alt", "surface"),
    ("mark", "surface"),
    ("notice", "surface"),
    ("notice", "sunken"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_agrees_with_the_standard() -> None:
    # WCAG 2.2: black on white is 21 to 1.
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT_PAIRS)
def test_text_has_the_contrast_of_wcag_1_4_3(palette: Mapping[str, str], front: str, back: str) -> None:
    assert contrast(palette[front], palette[back]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), MARK_PAIRS)
def test_marks_have_the_contrast_of_wcag_1_4_11(palette: Mapping[str, str], front: str, back: str) -> None:
    assert contrast(palette[front], palette[back]) >= 3


def test_both_palettes_name_the_same_colours_and_every_colour_used_has_a_name() -> None:
    used = set(re.findall(r"var\(--([a-z-]+)\)", PAGE_CSS + PICTURE_CSS)) - {"font"}
    assert set(LIGHT) == set(DARK)
    assert used <= set(LIGHT)


def test_the_style_sheets_fetch_nothing() -> None:
    assert "url(" not in PAGE_CSS + PICTURE_CSS
    assert "@import" not in PAGE_CSS + PICTURE_CSS
