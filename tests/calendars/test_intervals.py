"""ISO 8601 intervals name spans whose ends are both inside."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.intervals import interval_of, parse_interval
from clmcrm.calendars.months import tile
from clmcrm.errors import ClmcrmError, InvalidRecord
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
TENORS = st.builds(Tenor, years=st.integers(0, 3), months=st.integers(0, 30), days=st.integers(1, 90))


@given(DAYS, st.integers(0, 3000) | st.none())
def test_a_span_is_read_back_from_its_text(first_day: date, length: int | None) -> None:
    last_day = None if length is None else date.fromordinal(first_day.toordinal() + length)
    span = Span(first_day, last_day)
    assert parse_interval(interval_of(span)) == span


@given(DAYS, TENORS)
def test_a_duration_ends_where_the_next_tile_begins(first_day: date, tenor: Tenor) -> None:
    span = parse_interval(f"{first_day}/{tenor}")
    assert span == tile(first_day, tenor, 0)
    assert interval_of(span, tenor) == f"{first_day}/{tenor}"


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("2026-01-01/2026-12-31", Span(date(2026, 1, 1), date(2026, 12, 31))),
        ("2026-01-01/2026-01-01", Span(date(2026, 1, 1), date(2026, 1, 1))),
        ("2026-01-31/P1M", Span(date(2026, 1, 31), date(2026, 2, 27))),
        ("P1M/2026-02-28", Span(date(2026, 2, 1), date(2026, 2, 28))),
        ("P1Y6M/2026-06-30", Span(date(2025, 1, 1), date(2026, 6, 30))),
        (" 2026-01-01/.. ", Span(date(2026, 1, 1))),
    ],
)
def test_the_forms_of_an_interval(text: str, expect: Span) -> None:
    assert parse_interval(text) == expect


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01/",
        "/2026-01-01",
        "../2026-01-01",
        "P1M/P1M",
        "P1M/..",
        "2026-01-01/P1X",
        "2026-01-01/P0D",
        "2026-12-31/2026-01-01",
        "2026-01-01T00:00/2026-01-02",
        "R5/2026-01-01/P1M",
        "2026-01-01/2026-01-02/2026-01-03",
        "\u0662026-01-01/..",
        "2026-01-01/P9000Y",
        "P1M/0001-01-15",
    ],
)
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        parse_interval(text)


def test_a_duration_that_does_not_say_the_same_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="ends on 2026-12-30"):
        interval_of(Span(date(2026, 1, 1), date(2026, 12, 30)), Tenor(years=1))


@given(st.text(max_size=30) | st.text(alphabet="0123456789-/P.YMWD", max_size=30))
def test_any_text_is_an_interval_or_a_typed_error(text: str) -> None:
    with suppress(ClmcrmError):
        assert isinstance(parse_interval(text), Span)
