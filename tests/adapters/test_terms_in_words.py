"""Terms in words: one line a term, whatever stands in it, and no word for what is not stated."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.terms_in_words import in_words, said, shown_term
from clmcrm.ports.records import Json

VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from("a :\n\r\u2028\x85\x0b"), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)


def test_a_line_break_in_a_title_does_not_state_another_term() -> None:
    """A salesperson reads these lines: a title must not look like a notice day."""
    assert in_words({"title": "Supply\nnotice by: 2030-01-01"}) == "title: Supply notice by: 2030-01-01"
    assert shown_term("12 rue Bleue\r\nDouai") == "12 rue Bleue Douai"


def test_what_is_not_stated_inside_a_term_has_no_word() -> None:
    assert said({"amount": "1.00", "currency": "EUR", "per": None}) == "1.00 EUR"
    assert in_words({"prices": [None, "", {"per": None}], "days": 0}) == "days: 0"


@given(fields=st.dictionaries(st.sampled_from(["title", "notice_by", "prices", "days"]), VALUES, max_size=4))
def test_there_is_a_line_for_each_term_that_is_stated_and_no_other(fields: dict[str, Json]) -> None:
    lines = in_words(fields).splitlines()
    named = [name.replace("_", " ") for name, value in fields.items() if said(value)]
    assert [line.partition(": ")[0] for line in lines] == named
    assert all(line == line.strip() for line in lines)
