"""The readings of a notice deadline, and its edges: each reading is what the contract so read would answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable, Purpose
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline, Reading
from clmcrm.clm.events import RecordedAsExecuted
from clmcrm.clm.notice import end_after_notice, first_notice_deadline, next_notice_deadline
from clmcrm.clm.notice_kernel import compiled, fast_next_deadline, fast_next_notice
from clmcrm.clm.renewals import term_plan, terms
from clmcrm.clm.situations import situations_of
from clmcrm.clm.term_clauses import (
    EndMeaning,
    NoticeClause,
    NoticeEffect,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
)
from clmcrm.clm.term_plans import TermPlan
from clmcrm.errors import DateRuleError
from clmcrm.values.partial import NOT_STATED, Perpetual, Unknown
from clmcrm.values.tenor import Tenor
from making import YEAR, at, contract

ONE_DAY = timedelta(days=1)
MONTH, MONTHS_3 = Tenor(months=1), Tenor(months=3)
TO_THE_END = NoticeClause(length=MONTH, reference=NoticeReference.END_OF_TERM)


@attrs.frozen
class Everywhere:
    """One calendar, wherever it is asked for."""

    table: HolidayTable

    def calendar_for(self, place: str, purpose: Purpose = Purpose.LEGAL) -> HolidayCalendar:  # noqa: ARG002
        return self.table


def places(**facts: Any) -> Everywhere:
    return Everywhere(HolidayTable(name="office", place="FR", **facts))


def deadline(answer: Deadline | NoDeadline | Unknown) -> Deadline:
    assert isinstance(answer, Deadline), answer
    return answer


def tacit(length: Tenor) -> RenewalClause:
    return RenewalClause(kind=RenewalKind.TACIT, length=length)


def read_otherwise(found: Deadline) -> Reading | None:
    return next((one for one in found.readings if "stated end means" in one.wording.en), None)


# The stated end as the first day after: the whole series is counted from another anchor, and some ends stay.
OTHER_ENDS = [
    (date(2025, 12, 31), Tenor(months=6), date(2026, 6, 30), None),  # June has no 31st either way
    (date(2025, 12, 31), YEAR, date(2026, 12, 31), date(2026, 12, 30)),
    (date(2025, 6, 1), YEAR, date(2026, 6, 1), date(2026, 5, 31)),
    (date(2025, 1, 29), MONTH, date(2025, 2, 28), None),
    (date(2025, 1, 28), MONTH, date(2025, 2, 28), date(2025, 2, 27)),
]


@pytest.mark.parametrize(("stated", "length", "ends_on", "other"), OTHER_ENDS)
def test_a_stated_end_read_otherwise_ends_the_renewal_where_that_reading_does(
    stated: date, length: Tenor, ends_on: date, other: date | None
) -> None:
    sample = contract(
        effective_on=date(2024, 1, 1),
        term=TermClause(ends_on=stated),
        renewal=tacit(length),
        notice=NoticeClause(length=Tenor(days=5), reference=NoticeReference.END_OF_TERM),
    )
    found = deadline(next_notice_deadline(sample, stated + ONE_DAY))
    assert found.ends_on == ends_on
    reading = read_otherwise(found)
    assert (reading is None) is (other is None)
    assert found.spread_days == int(other is not None)
    if reading is not None:
        assert f"ends on {other}" in reading.wording.en
        assert f"échoit alors le {other}" in reading.wording.fr


LENGTHS = st.one_of(
    st.builds(Tenor, months=st.integers(1, 14)), st.builds(Tenor, days=st.integers(1, 100)), st.just(YEAR)
)


@settings(max_examples=300)
@given(
    stated=st.dates(date(2024, 1, 2), date(2028, 12, 31)),
    length=LENGTHS,
    notice=LENGTHS,
    reference=st.sampled_from([NoticeReference.END_OF_TERM, NoticeReference.RENEWAL_DATE, NoticeReference.UNSAID]),
    ahead=st.integers(0, 900),
)
def test_a_reading_of_the_stated_end_is_what_the_contract_so_read_says(
    stated: date, length: Tenor, notice: Tenor, reference: NoticeReference, ahead: int
) -> None:
    sample = contract(
        effective_on=date(2024, 1, 1),
        term=TermClause(ends_on=stated),
        renewal=tacit(length),
        notice=NoticeClause(length=notice, reference=reference),
    )
    found = next_notice_deadline(sample, date(2024, 1, 1) + timedelta(days=ahead))
    assume(isinstance(found, Deadline))
    assert isinstance(found, Deadline)
    as_read = attrs.evolve(sample, term=TermClause(ends_on=stated, end_means=EndMeaning.FIRST_DAY_AFTER))
    plan, other_plan = term_plan(sample), term_plan(as_read)
    assert isinstance(plan, TermPlan)
    assert isinstance(other_plan, TermPlan)
    index = plan.index_on(found.ends_on)
    assert index is not None
    other = other_plan.end_of(index)
    reading = read_otherwise(found)
    if reading is None:
        assert other == found.ends_on
    else:
        assert f"ends on {other}" in reading.wording.en
        again = next_notice_deadline(as_read, reading.last_day)
        # Read so, that day is the last one for this end; a notice longer than the time there was has no such day.
        assert not isinstance(again, Deadline) or again.ends_on != other or again.last_day == reading.last_day


def test_the_day_before_an_anniversary_does_not_hang_on_a_stated_end() -> None:
    yearly = NoticeClause(length=MONTH, reference=NoticeReference.ANNIVERSARY)
    sample = contract(effective_on=date(2024, 6, 15), term=TermClause(ends_on=date(2025, 12, 31)), notice=yearly)
    found = deadline(next_notice_deadline(sample, date(2026, 1, 15)))
    assert (found.ends_on, found.last_day) == (date(2026, 6, 14), date(2026, 5, 14))
    assert read_otherwise(found) is None
    assert found.spread_days == 0


def test_a_stated_end_on_the_first_day_cannot_be_the_day_after() -> None:
    day = date(2026, 5, 4)
    sample = contract(effective_on=day, executed_on=date(2026, 1, 1), term=TermClause(ends_on=day), notice=TO_THE_END)
    assert read_otherwise(deadline(next_notice_deadline(sample, date(2026, 2, 1)))) is None


# The strictest reading of a window may lie before the window opens.


def windowed(effect: NoticeEffect, deemed_days: int | None) -> NoticeClause:
    return NoticeClause(
        length=Tenor(days=30),
        not_before=Tenor(days=31),
        reference=NoticeReference.END_OF_TERM,
        effect=effect,
        deemed_days=deemed_days,
    )


def test_a_safe_day_before_the_window_opens_is_not_called_in_time() -> None:
    """The last day, 1 May 2028, is a holiday, and the office was last open before the window of two days opened."""
    sample = contract(effective_on=date(2027, 6, 1), governing_place="FR", notice=windowed(NoticeEffect.UNSAID, None))
    closed = places(holidays={date(2028, 5, 1): "Labour Day"})
    found = deadline(next_notice_deadline(sample, date(2027, 7, 1), closed))
    assert (found.opens_on, found.last_day, found.safe_day) == (date(2028, 4, 30), date(2028, 5, 1), date(2028, 4, 28))
    assert isinstance(end_after_notice(sample, found.safe_day, closed), Unknown)
    said = found.steps[-1]
    assert said.day == found.safe_day
    assert said.what.startswith("no day is in time under every reading")
    assert "only from 2028-04-30" in said.what
    assert "aucun jour n'est à temps dans toutes les lectures" in said.wording.fr


def test_a_letter_that_leaves_before_the_window_opens_arrives_in_it() -> None:
    sample = contract(effective_on=date(2026, 6, 1), notice=windowed(NoticeEffect.RECEIPT, 3))
    found = deadline(next_notice_deadline(sample, date(2026, 7, 1)))
    # Saturday 1 May 2027 is closed; 30 April is in the window, and the letter leaves three business days before.
    assert (found.opens_on, found.safe_day) == (date(2027, 4, 30), date(2027, 4, 27))
    assert "in time under every reading (" in found.steps[-1].what
    posted = attrs.evolve(sample, notice=windowed(NoticeEffect.UNSAID, 3))
    assert "no day is in time" in deadline(next_notice_deadline(posted, date(2026, 7, 1))).steps[-1].what


# Where the data of a calendar ends, nothing is taken for open.


def posted_contract(calendar: Everywhere, deemed_days: int | None) -> Deadline:
    """The last day for the notice is Monday 5 January 2026."""
    clause = attrs.evolve(TO_THE_END, deemed_days=deemed_days, effect=NoticeEffect.RECEIPT)
    sample = contract(effective_on=date(2025, 2, 6), governing_place="FR", notice=clause)
    found = deadline(next_notice_deadline(sample, date(2025, 3, 1), calendar))
    assert found.last_day == date(2026, 1, 5)
    return found


def test_a_letters_delay_is_counted_where_the_calendar_knows_every_day_of_it() -> None:
    christmas = {date(2025, 12, 25): "Christmas Day", date(2026, 1, 1): "New Year's Day"}
    known = posted_contract(places(first_day=date(2025, 12, 1), holidays=christmas), 8)
    assert known.send_by == date(2025, 12, 22)
    assert "(office)" in next(step.what for step in known.steps if "must leave" in step.what)


@pytest.mark.parametrize("deemed_days", [3, 45])
def test_a_letters_delay_beyond_the_calendar_is_monday_to_friday_and_said_to_be(deemed_days: int) -> None:
    first = {3: date(2026, 1, 2), 45: date(2025, 11, 6)}[deemed_days]
    found = posted_contract(places(first_day=first), deemed_days)
    assert found.send_by == {3: date(2025, 12, 31), 45: date(2025, 11, 3)}[deemed_days]
    assert "Monday to Friday, no holidays" in next(step.what for step in found.steps if "must leave" in step.what)


def test_a_closed_last_day_at_the_edge_of_the_calendar_is_not_called_safe() -> None:
    closed = places(first_day=date(2026, 1, 4), holidays={date(2026, 1, 5): "Epiphany"})
    found = posted_contract(closed, None)
    assert found.safe_day == date(2026, 1, 2)  # the 4th is a Sunday, and of Saturday the 3rd nothing is known
    reading = next(one for one in found.readings if one.last_day == found.safe_day)
    assert "covers 2026-01-04 to 9999-12-31, not 2026-01-02: Monday to Friday there" in reading.wording.en
    assert "du lundi au vendredi" in reading.wording.fr


def test_a_deadline_does_not_hang_on_a_day_long_past_that_the_calendar_does_not_know() -> None:
    """Notice for the first term was due before the contract began, and before the data of the calendar."""
    sample = contract(
        effective_on=date(2024, 6, 10),
        term=TermClause(initial=MONTH),
        governing_place="IT",
        notice=NoticeClause(length=MONTHS_3, reference=NoticeReference.END_OF_TERM),
    )
    known = places(first_day=date(2025, 1, 1))
    found = deadline(next_notice_deadline(sample, date(2026, 1, 15), known))
    assert (found.last_day, found.ends_on) == (date(2026, 4, 9), date(2026, 7, 9))
    assert fast_next_notice(compiled(sample, known), date(2026, 1, 15)) == (found.last_day, found.ends_on)
    assert any("it could not be given" in step.what for step in found.steps)


def test_a_notice_reaches_its_end_though_the_calendar_does_not_know_the_days_of_earlier_ones() -> None:
    clause = NoticeClause(length=Tenor(years=2), reference=NoticeReference.END_OF_QUARTER)
    sample = contract(
        effective_on=date(2020, 1, 1), term=TermClause(ends_on=Perpetual()), governing_place="IT", notice=clause
    )
    known = places(first_day=date(2026, 1, 1))
    found = deadline(next_notice_deadline(sample, date(2026, 2, 1), known))
    assert end_after_notice(sample, found.last_day, known) == found.ends_on == date(2028, 3, 31)


# A contract without an end, left at the end of a quarter: its first deadline is the first that can be met.


@pytest.mark.parametrize("reference", [NoticeReference.END_OF_QUARTER, NoticeReference.END_OF_YEAR])
@pytest.mark.parametrize("place", [None, "IT"])
def test_the_first_deadline_without_a_term_is_the_next_one_on_the_first_day(
    reference: NoticeReference, place: str | None
) -> None:
    sample = contract(
        effective_on=date(2024, 6, 1),
        term=TermClause(ends_on=Perpetual()),
        renewal=RenewalClause(kind=RenewalKind.NONE),
        governing_place=place,
        notice=NoticeClause(length=MONTHS_3, reference=reference),
    )
    found = deadline(first_notice_deadline(sample))
    assert found == deadline(next_notice_deadline(sample, date(2024, 6, 1)))
    assert found.last_day == fast_next_deadline(compiled(sample), date(2024, 6, 1))


def test_the_first_deadline_without_a_term_or_a_first_day_is_not_known() -> None:
    sample = contract(
        effective_on=NOT_STATED,
        term=TermClause(ends_on=Perpetual()),
        notice=NoticeClause(length=MONTHS_3, reference=NoticeReference.END_OF_QUARTER),
    )
    found = first_notice_deadline(sample)
    assert isinstance(found, Unknown)
    assert found.reason == "the first day is not known: the record does not state it"


# The edges of the calendar.


def test_the_steps_of_the_last_deadline_there_is_can_be_read() -> None:
    sample = contract(
        term=TermClause(ends_on=Perpetual()),
        notice=NoticeClause(length=MONTHS_3, reference=NoticeReference.END_OF_YEAR),
    )
    found = deadline(next_notice_deadline(sample, date(9999, 6, 1)))
    assert found.last_day == date(9999, 9, 30)
    assert "they would run out after year 9999" in "\n".join(step.what for step in found.steps)
    assert "il expirerait après l'an 9999" in "\n".join(step.said("fr") for step in found.steps)


def _stated_at_the_beginning(meaning: EndMeaning) -> Contract:
    """1 January of year 1 is what some systems write for a date that is not set."""
    return contract(effective_on=NOT_STATED, term=TermClause(ends_on=date.min, end_means=meaning))


def test_no_term_ends_before_the_first_day_there_is() -> None:
    sample = _stated_at_the_beginning(EndMeaning.FIRST_DAY_AFTER)
    for answer in (terms(sample, date(2026, 1, 1)), next_notice_deadline(sample, date(2026, 1, 1))):
        assert isinstance(answer, Unknown)
        assert "0001-01-01 is the first day there is" in answer.reason
    found = deadline(next_notice_deadline(_stated_at_the_beginning(EndMeaning.UNSAID), date(2026, 1, 1)))
    assert read_otherwise(found) is None


@pytest.mark.parametrize(
    "term", [TermClause(initial=Tenor(years=9999)), TermClause(initial=YEAR, minimum=Tenor(years=9999))]
)
def test_a_term_that_ends_after_the_calendar_is_not_known_for_that_reason(term: TermClause) -> None:
    """9999 years is how some write a term without an end."""
    sample = contract(term=term)
    day = date(2026, 1, 1)
    for answer in (terms(sample, day), next_notice_deadline(sample, day), end_after_notice(sample, day)):
        assert isinstance(answer, Unknown)
        assert answer.reason.endswith("of 9999 years from 2024-06-01 ends after year 9999")
    assert fast_next_deadline(compiled(sample), day) is None


def test_the_kernel_knows_the_last_anniversary_there_is() -> None:
    sample = contract(
        effective_on=date(2024, 7, 13),
        term=TermClause(ends_on=date(9999, 12, 29)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(days=1), times=1),
        notice=NoticeClause(length=MONTH, reference=NoticeReference.ANNIVERSARY),
    )
    assert isinstance(next_notice_deadline(sample, date(2026, 1, 15)), NoDeadline)
    assert fast_next_deadline(compiled(sample), date(2026, 1, 15)) is None


@pytest.mark.parametrize("kind", [RenewalKind.MUTUAL, RenewalKind.TACIT])
def test_clear_days_before_the_first_day_there_is_are_a_date_rule_error(kind: RenewalKind) -> None:
    sample = contract(
        effective_on=NOT_STATED,
        term=TermClause(ends_on=date.min),
        renewal=RenewalClause(kind=kind, length=YEAR),
        notice=attrs.evolve(TO_THE_END, clear_days=True),
    )
    with pytest.raises(DateRuleError):
        _ = first_notice_deadline(sample)


@pytest.mark.parametrize("reference", list(NoticeReference))
def test_an_end_with_the_calendar_has_no_right_to_renew_that_was_missed(reference: NoticeReference) -> None:
    """31 December 9999 is what many systems write for "no end"."""
    sample = contract(
        term=TermClause(ends_on=date.max),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=MONTH),
        notice=NoticeClause(length=MONTH, reference=reference),
        events=(RecordedAsExecuted(at("2024-06-01"), "registry"),),
    )
    assert not [one for one in situations_of(sample, date(2026, 1, 15)) if "ran out" in one.why.en]


@settings(max_examples=300)
@given(
    length=st.integers(20, 40),
    not_before=st.one_of(st.builds(Tenor, months=st.integers(1, 2)), st.builds(Tenor, days=st.integers(20, 45))),
    clear=st.booleans(),
    place=st.sampled_from([None, "IT"]),
    first=st.dates(date(2024, 1, 1), date(2025, 12, 31)),
    ahead=st.integers(0, 800),
)
def test_an_empty_window_has_no_day_in_bulk_either(
    *, length: int, not_before: Tenor, clear: bool, place: str | None, first: date, ahead: int
) -> None:
    """Some months are shorter than the window's days: there no day is known, whoever is asked."""
    clause = attrs.evolve(TO_THE_END, length=Tenor(days=length), not_before=not_before, clear_days=clear)
    sample = contract(effective_on=first, renewal=tacit(MONTH), governing_place=place, notice=clause)
    day = first + timedelta(days=ahead)
    answer = next_notice_deadline(sample, day)
    expected = (answer.last_day, answer.ends_on) if isinstance(answer, Deadline) else None
    assert fast_next_notice(compiled(sample), day) == expected
    assert fast_next_deadline(compiled(sample), day) == (None if expected is None else expected[0])


def test_a_zone_that_does_not_exist_leaves_no_day_in_bulk_either() -> None:
    sample = contract(notice=attrs.evolve(TO_THE_END, zone="Europe/Nowhere"))
    assert isinstance(next_notice_deadline(sample, date(2026, 1, 15)), Unknown)
    assert fast_next_deadline(compiled(sample), date(2026, 1, 15)) is None
