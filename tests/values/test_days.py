"""Tenors keep their units, spans count both ends, and a half-known date is never completed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import Extra, Ref
from clmcrm.values.partial import PartialDate, Perpetual, Unknown, known, why_not
from clmcrm.values.problems import Problem
from clmcrm.values.provenance import Provenance
from clmcrm.values.record import Record
from clmcrm.values.source import Authority, Source
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording, day_words

COUNTS = st.integers(0, 999)
TENORS = st.builds(Tenor, years=COUNTS, months=COUNTS, weeks=COUNTS, days=st.integers(1, 999))


@given(TENORS)
def test_a_tenor_survives_its_own_text(tenor: Tenor) -> None:
    assert Tenor.parse(str(tenor)) == tenor


def test_three_months_never_become_ninety_days() -> None:
    assert Tenor(months=3) != Tenor(days=90)
    assert Tenor(years=1) != Tenor(months=12)
    assert (Tenor(years=1, months=6).whole_months, Tenor(weeks=2, days=1).loose_days) == (18, 15)


_NONE = ("", "P", "3M", "P-3M", "PT5H", "P1.5Y", "P3", "p3m", "P٣M", "P1M1Y", "P0D", f"P{'9' * 5000}D")


@pytest.mark.parametrize("text", _NONE, ids=[text[:6] or "nothing" for text in _NONE])
def test_what_is_no_duration_of_days_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        _ = Tenor.parse(text)


@pytest.mark.parametrize("parts", [{"months": -1}, {"days": 1.5}, {"years": True}, {}])
def test_a_tenor_of_nothing_or_less_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord):
        _ = Tenor(**parts)


@pytest.mark.parametrize(
    ("tenor", "english", "french"),
    [
        (Tenor(days=1), "1 day", "1 jour"),
        (Tenor(years=1, months=6), "1 year and 6 months", "1 an et 6 mois"),
        (Tenor(years=2, months=1, days=3), "2 years, 1 month and 3 days", "2 ans, 1 mois et 3 jours"),
    ],
)
def test_a_tenor_reads_well_in_both_languages(tenor: Tenor, english: str, french: str) -> None:
    assert (tenor.words, tenor.said("fr")) == (english, french)


DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(DAYS, DAYS, DAYS)
def test_a_span_holds_both_its_ends_and_nothing_outside(a: date, b: date, day: date) -> None:
    first, last = sorted((a, b))
    span = Span(first, last)
    assert first in span
    assert last in span
    assert (day in span) == (first <= day <= last)
    assert span.days == (last - first).days + 1
    assert span.overlaps(Span(last))
    assert not span.overlaps(Span(span.next_first_day or last))


def test_an_open_span_has_no_end_and_a_reversed_one_is_refused() -> None:
    assert (Span(date(2026, 1, 1)).days, Span(date(2026, 1, 1)).next_first_day) == (None, None)
    assert date(9999, 1, 1) in Span(date(2026, 1, 1))
    with pytest.raises(InvalidRecord, match="2026-01-02 or later"):
        _ = Span(date(2026, 1, 2), date(2026, 1, 1))


def test_whether_an_instant_lies_in_a_span_is_not_guessed() -> None:
    span = Span(date(2026, 1, 1), date(2026, 1, 31))
    with pytest.raises(InvalidRecord, match=r"a day .*without a time"):
        _ = datetime(2026, 1, 5, tzinfo=UTC) in span
    assert "2026-01-05" not in span


@pytest.mark.parametrize("text", [None, 3, b"P3M", Tenor(months=3)])
def test_a_duration_that_is_no_text_is_refused(text: Any) -> None:
    with pytest.raises(InvalidRecord, match="Tenor: text is") as refused:
        _ = Tenor.parse(text)
    assert refused.value.value == text


def test_an_instant_is_never_taken_for_a_day() -> None:
    """Pain 25: a date with a time of day has a zone to be asked about first."""
    with pytest.raises(InvalidRecord, match="without a time of day"):
        _ = Span(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidRecord, match="with a time zone"):
        _ = Provenance(field="x", source="y", observed_at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is refused


@pytest.mark.parametrize(
    ("parts", "earliest", "latest"),
    [
        ({"year": 2019, "month": 9}, "2019-09-01", "2019-09-30"),
        ({"year": 2024, "month": 2}, "2024-02-01", "2024-02-29"),
        ({"year": 2019}, "2019-01-01", "2019-12-31"),
        ({"year": 2023, "day": 31}, "2023-01-31", "2023-12-31"),
    ],
)
def test_a_partial_date_has_bounds_and_no_day(parts: dict[str, Any], earliest: str, latest: str) -> None:
    partial = PartialDate(**parts)
    assert (str(partial.earliest), str(partial.latest)) == (earliest, latest)
    assert known(partial) is None
    assert "known" in why_not(partial)


@pytest.mark.parametrize(
    "parts",
    [
        {"month": 13}, {"year": 0}, {"day": 32}, {"year": 2020, "month": 1, "day": 1},
        {"year": "2019"}, {"year": True}, {"year": 2019.5}, {"month": 2.0}, {"day": date(2026, 1, 1)},
    ],
)  # fmt: skip
def test_an_impossible_partial_date_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord):
        _ = PartialDate(**parts)


def test_every_kind_of_missing_day_says_why() -> None:
    assert why_not(Perpetual()) == "it is perpetual"
    assert why_not(Unknown("the cell is empty")) == "the cell is empty"
    assert why_not(date(2026, 1, 1)) == ""
    assert str(PartialDate(month=12, day=1)) == "....-12-01"


def test_a_record_finds_its_refs_and_extras() -> None:
    record = Record(refs=(Ref("odoo", "res.partner", "7"),), extras=(Extra("odoo", "colour", 3),))
    assert str(record.ref("odoo")) == "odoo:res.partner:7"
    assert record.ref("hubspot") is None
    found = [record.extra("odoo", name) for name in ("colour", "x")]  # noqa: S610 - no database, our own method
    assert found == [3, None]


def test_sources_are_in_force_on_their_days_and_say_when_they_are_derived() -> None:
    rule = Source(citation="art. 1", authority=Authority.DERIVED, first_day=date(2022, 3, 1))
    assert str(rule) == "art. 1 (derived)"
    assert not rule.in_force(date(2022, 2, 28))
    assert rule.in_force(date(2022, 3, 1))


def test_a_source_in_force_on_no_day_is_refused() -> None:
    day = date(2022, 3, 1)
    assert Source(citation="art. 1", authority=Authority.STATUTE, first_day=day, last_day=day).in_force(day)
    with pytest.raises(InvalidRecord, match=r"Source art\. 1: last_day is .*; expected 2022-03-01 or later"):
        _ = Source(citation="art. 1", authority=Authority.STATUTE, first_day=day, last_day=date(2022, 2, 28))


def test_steps_speak_both_languages() -> None:
    step = Step(date(2026, 5, 1), Wording("begins", "commence"))
    assert (step.what, step.said("fr")) == ("begins", "2026-05-01: commence")
    assert day_words(date(2026, 5, 1), "fr") == "vendredi 1er mai 2026"
    assert str(Problem(where="row 7", field="End", value="x", what="is no date", expected="ISO")) == (
        "row 7: End 'x' is no date; expected ISO"
    )
