"""What changed between two drafts, word by word and in a sentence: nothing lost, the same each time."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.negotiation import Redline
from clmcrm.clm.redline_words import clause_redlines, redline_words
from clmcrm.clm.redlining import SegmentKind, after_of, before_of, word_changes

TEXTS = st.text(alphabet="ab 1,.'\n\u00e9", max_size=40)
DRAFTS = st.dictionaries(st.sampled_from(("art. 1", "art. 2", "art. 3")), TEXTS)


@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_read_off_the_changes(before: str, after: str) -> None:
    found = word_changes(before, after)
    assert (before_of(found), after_of(found)) == (before, after)
    assert all(segment.text for segment in found)
    assert all(one.kind is not other.kind for one, other in pairwise(found))
    assert (before == after) == all(segment.kind is SegmentKind.KEPT for segment in found)


def test_a_renumbered_contract_is_compared_in_about_a_second_and_texts_without_a_common_word_too() -> None:
    """The paragraphs all differ: matched word by word as one block, they took more than a minute."""
    clauses = [f"{number}. the tenant shall pay the rent of month {number}\n" for number in range(300)]
    renumbered = [f"{number + 1}. the tenant shall pay the rent of month {number}\n" for number in range(300)]
    begun = perf_counter()
    found = word_changes("".join(clauses), "new. the tenant moves in\n" + "".join(renumbered))
    assert sum(segment.kind is SegmentKind.DELETED for segment in found) <= 300
    assert before_of(found) == "".join(clauses)
    other = [f"x{number}" for number in range(1_500)]
    found = word_changes(" ".join(clauses), "-".join(other))
    assert (before_of(found), after_of(found)) == (" ".join(clauses), "-".join(other))
    assert perf_counter() - begun < 20


@given(before=DRAFTS, after=DRAFTS)
def test_the_redlines_lead_from_one_draft_to_the_next(before: dict[str, str], after: dict[str, str]) -> None:
    draft = dict(before)
    for redline in clause_redlines(before, after):
        assert draft.get(redline.citation, "") == redline.before
        draft[redline.citation] = redline.after
    assert {k: v for k, v in draft.items() if v} == {k: v for k, v in after.items() if v}
    assert clause_redlines(before, after) == clause_redlines(dict(before), dict(after))


@pytest.mark.parametrize(
    ("before", "after", "english", "french"),
    [
        ("within 30 days", "within 60 days", 'art. 4: "30" becomes "60"', "art. 4 : « 30 » devient « 60 »"),
        ("", "pay", 'art. 4 is new: "pay"', "art. 4 est nouveau : « pay »"),
        ("pay", "", 'art. 4 goes: "pay"', "art. 4 disparaît : « pay »"),
        ("pay now", "pay", 'art. 4: "now" is struck out', "art. 4 : « now » est supprimé"),
        ("pay", "pay now", 'art. 4: "now" is added', "art. 4 : « now » s'ajoute"),
        ("a  b", "a b", "art. 4: blanks change", "art. 4 : les blancs changent"),
        (
            "at most 1,000 EUR a year",
            "at most 2,500 EUR",
            'art. 4: "1,000" becomes "2,500", "a year" is struck out',
            "art. 4 : « 1,000 » devient « 2,500 », « a year » est supprimé",
        ),
    ],
)
def test_a_redline_in_a_sentence(before: str, after: str, english: str, french: str) -> None:
    words = redline_words(Redline(citation="art. 4", before=before, after=after))
    assert (words.en, words.fr) == (english, french)
