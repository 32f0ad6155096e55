from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.report.markup import Markup, escaped, number, prose, stylesheet, tag

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT, ANY_TEXT)
def test_no_text_leaves_its_element_or_its_attribute(content: str, attribute: str) -> None:
    element = ET.fromstring(tag("a", content, title=attribute))  # noqa: S314 - our own markup
    assert len(element) == 0
    assert set(element.attrib) == {"title"}


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_what_xml_allows_comes_back_unchanged(content: str) -> None:
    element = ET.fromstring(tag("a", content))  # noqa: S314 - our own markup
    assert (element.text or "") == content


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))) | st.just("x 2026-03-31 y"))
def test_prose_keeps_every_word(content: str) -> None:
    assert "".join(ET.fromstring(tag("p", prose(content))).itertext()) == content  # noqa: S314 - our own markup


@pytest.mark.parametrize("number", ["CT-2024-13-45", "2026-02-30", "0000-00-00", "12026-01-01"])
def test_a_number_that_is_no_day_is_not_marked_as_one(number: str) -> None:
    assert prose(f"see {number}, art. 4") == f"see {number}, art. 4"


def test_a_character_xml_forbids_is_replaced_and_not_dropped_in_silence() -> None:
    assert escaped("a\x00b\ud800c") == "a\ufffdb\ufffdc"


def test_markup_passes_once_and_is_not_escaped_again() -> None:
    inner = tag("b", "&")
    assert isinstance(inner, Markup)
    assert tag("p", inner) == "<p><b>&amp;</b></p>"


def test_a_void_element_has_no_end_tag() -> None:
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


@pytest.mark.parametrize(("value", "shown"), [(1.25, "1.2"), (-0.04, "0"), (10, "10"), (3.0, "3"), (99.96, "100")])
def test_numbers_have_at_most_one_decimal(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_style_sheet_with_markup_in_it_is_refused() -> None:
    with pytest.raises(AssertionError):
        _ = stylesheet("</style><script>")
