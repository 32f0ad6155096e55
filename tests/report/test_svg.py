from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clmcrm.report.svg import DayScale, fitted, label, text_width

SCALE = DayScale(date(2026, 1, 1), date(2026, 12, 31), 100, 830)


@given(st.text(max_size=60), st.integers(20, 400))
def test_a_fitted_text_is_never_wider_than_its_room(text: str, room: int) -> None:
    assert text_width(fitted(text, room), 13) <= room


@given(st.text(max_size=60))
def test_a_text_with_room_enough_stays_as_it_is(text: str) -> None:
    assert fitted(text, text_width(text)) == text


def test_a_text_of_any_length_is_cut_at_once() -> None:
    assert fitted("Maintenance of lifts " * 50_000, 60) == "Mainte…"


def test_a_shortened_label_says_all_of_it_in_its_title() -> None:
    drawn = label(0, 0, "Maintenance of lifts & doors", room=60)
    assert "<title>Maintenance of lifts &amp; doors</title>" in drawn
    assert "…" in drawn


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_no_day_falls_outside_the_scale(day: date) -> None:
    assert 100 <= SCALE.start(day) <= SCALE.stop(day) <= 830


@given(st.dates(date(2026, 1, 1), date(2026, 12, 30)))
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    assert SCALE.stop(day) == SCALE.start(day + timedelta(days=1))


def test_the_first_and_the_last_day_fill_the_scale() -> None:
    assert (SCALE.start(date(2026, 1, 1)), SCALE.stop(date(2026, 12, 31))) == (100, 830)
