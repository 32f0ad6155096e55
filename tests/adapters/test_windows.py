"""The window of a feed by time: where it begins, where the next one does, and cursors that never were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clmcrm.adapters.windows import EVER, Window, ids_of, window_at
from clmcrm.errors import TerminalError

NOON = "Thu, 07 May 2026 12:00:00 GMT"
AT = datetime(2026, 5, 7, 12, tzinfo=UTC)
TEN = timedelta(minutes=10)

moments = st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware there


@settings(max_examples=30)
@given(moments, st.integers(0, 10**9), st.none() | moments, st.text(max_size=20))
def test_a_cursor_is_the_window_it_was_made_of(
    since: datetime, after: int, until: datetime | None, beside: str
) -> None:
    window = Window(since=since, after=after, until=until, beside=beside)
    assert window_at("erp", window.text()) == window


def test_the_next_window_reaches_back_by_the_overlap_from_when_this_one_was_begun() -> None:
    first = Window().begun("erp", NOON)
    later = first.begun("erp", "Thu, 07 May 2026 13:00:00 GMT")  # a later page of the same window
    assert later.until == AT
    assert later.next(TEN, "x") == Window(since=AT - TEN, beside="x")


def test_a_server_whose_clock_was_set_back_makes_no_hole() -> None:
    ahead = Window(since=AT + timedelta(hours=1)).begun("erp", NOON)
    assert ahead.until == AT + timedelta(hours=1)
    assert Window().next(TEN, "").since == EVER


@pytest.mark.parametrize("date", ["", "soon", "99"], ids=["none", "no date", "a number"])
def test_without_the_servers_date_there_is_no_next_window(date: str) -> None:
    with pytest.raises(TerminalError, match="no readable date"):
        _ = Window().begun("erp", date)


@pytest.mark.parametrize(
    "cursor", ["", "x", "[]", "{}", "null", "[1,2,3,4]", '["2026-01-01",0,null,""]'],
    ids=["empty", "a word", "a list", "an object", "null", "numbers", "no zone"],
)  # fmt: skip
def test_a_cursor_that_was_never_given_is_refused(cursor: str) -> None:
    with pytest.raises(TerminalError, match="no cursor of its feeds"):
        _ = window_at("erp", cursor)


@example(["007", "0", "00"])
@given(st.lists(st.text(st.sampled_from("0179-+ x\u00b2\u0661"), max_size=4), max_size=6))
def test_what_is_found_by_a_number_has_the_key_that_was_asked_for(keys: list[str]) -> None:
    """A system answers for "007" with the record 7, whose key is another one."""
    numbers = [number for number in range(1_000) if str(number) in keys]
    assert ids_of(keys, 3) == numbers
