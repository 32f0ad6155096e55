from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clmcrm.calendars.calendar import EVERY_DAY, MONDAY_TO_FRIDAY, SATURDAY, HolidayTable
from clmcrm.calendars.catalogue import calendar_for
from clmcrm.calendars.legal_counting import latest_notice_day
from clmcrm.calendars.legal_moments import NamedDay, half_months, hours, named_day, nth_working_day, window
from clmcrm.calendars.legal_results import LegalDay
from clmcrm.calendars.legal_time import (
    after,
    before_clear,
    before_nth,
    earliest_after,
    notice_latest,
    term_last_day,
)
from clmcrm.calendars.regimes.known import regime
from clmcrm.calendars.regimes.record import WhenClosed
from clmcrm.errors import DateRuleError, OutsideCoverage
from clmcrm.values.source import Authority, Source
from clmcrm.values.tenor import Tenor

MONTH = Tenor(months=1)
NEW_YORK = ZoneInfo("America/New_York")
BRUSSELS = ZoneInfo("Europe/Brussels")
L215_1 = Source(citation="C. conso art. L215-1", authority=Authority.STATUTE)


def words(result: LegalDay) -> str:
    return "\n".join(step.what for step in result.steps)


# Without a calendar of the caller's, the law's own place decides: the same rule, other holidays.
BY_THE_LAWS_OWN_CALENDAR = [
    ("US_FRCP6", date(2007, 8, 22), Tenor(days=10), date(2007, 9, 4)),  # committee note 2009, Labor Day
    ("FR_CPC", date(2026, 5, 4), Tenor(days=10), date(2026, 5, 15)),  # Ascension Day
    ("DE_BGB", date(2026, 9, 3), MONTH, date(2026, 10, 5)),  # 3 October is a Saturday and a holiday
    ("UK_CPR28", date(2026, 3, 27), Tenor(days=7), date(2026, 4, 7)),  # Good Friday to Easter Monday
    ("UK_CDR", date(2026, 3, 3), MONTH, date(2026, 4, 3)),  # Good Friday: a contract is not moved
    ("IT_2963", date(2026, 1, 28), MONTH, date(2026, 2, 28)),  # Saturday is no holiday
    ("IT_CPC155", date(2026, 1, 28), MONTH, date(2026, 3, 2)),  # but for acts of procedure it is
    ("ES_CC5", date(2026, 1, 28), MONTH, date(2026, 2, 28)),
]


@pytest.mark.parametrize(("law", "event", "period", "day"), BY_THE_LAWS_OWN_CALENDAR)
def test_the_law_moves_a_closed_last_day_by_its_own_calendar(law: str, event: date, period: Tenor, day: date) -> None:
    assert after(event, period, law=regime(law)).day == day


def test_the_calendar_assumed_is_named_and_recorded() -> None:
    result = after(date(2026, 5, 4), Tenor(days=10), law=regime("FR_CPC"))
    assert "no calendar was given; assumed: FR legal holidays (2026.1)" in words(result)
    assert result.calendar == "FR legal holidays (2026.1)"


def test_a_calendar_that_is_given_is_named_too() -> None:
    result = after(date(2026, 5, 4), MONTH, law=regime("DE_BGB"), calendar=calendar_for("DE-BY"))
    assert "working days by the calendar: DE-BY legal holidays (2026.1)" in words(result)


@pytest.mark.parametrize("law", ["UNIDROIT112", "ETS76", "PECL1304", "EU1182"])
def test_weekends_alone_are_never_assumed_in_silence(law: str) -> None:
    result = after(date(2026, 2, 6), Tenor(days=8), law=regime(law))
    assert result.day == date(2026, 2, 16)
    assert "assumed: Saturday, Sunday closed, no holidays" in words(result)


def test_no_calendar_is_named_where_none_is_needed() -> None:
    result = notice_latest(date(2026, 3, 31), MONTH, law=regime("DE_BGB"))
    assert result.calendar is None
    assert result.day == date(2026, 2, 28)


def test_a_calendar_given_must_cover_the_day() -> None:
    with pytest.raises(OutsideCoverage):
        _ = after(date(2026, 1, 1), MONTH, law=regime("EU1182"), calendar=calendar_for("EU"))


def test_the_rule_that_decided_is_the_last_one_applied() -> None:
    law = regime("DE_BGB")
    assert after(date(2026, 3, 2), MONTH, law=law).rule is law.months
    assert after(date(2026, 3, 2), Tenor(days=3), law=law).rule is law.days
    assert after(date(2026, 1, 31), Tenor(months=3), law=law).rule is law.missing_day
    assert after(date(2025, 4, 4), MONTH, law=law).rule is law.forward.rule
    assert term_last_day(date(2026, 1, 1), MONTH, law=law).rule is law.first_day_counted
    assert notice_latest(date(2026, 12, 31), MONTH, law=law).rule is law.notice


def test_a_closed_day_that_stays_is_explained_by_the_rule_that_keeps_it() -> None:
    result = notice_latest(date(2026, 3, 31), MONTH, law=regime("DE_BGB"), calendar=calendar_for("DE"))
    assert result.day == date(2026, 2, 28)
    assert result.rule.citation.startswith("BGH III ZR 172/04")


def test_the_steps_are_said_in_french_as_well() -> None:
    result = after(date(2026, 5, 4), Tenor(days=10), law=regime("FR_CPC"))
    assert [step.said("fr") for step in result.steps] == [
        (
            "2026-05-04: l'événement est du lundi 4 mai 2026 : le jour de l'acte ou de l'événement qui fait "
            "courir le délai ne compte pas (CPC art. 640, 641)"
        ),
        (
            "2026-05-14: 10 jours plus tard, c'est le jeudi 14 mai 2026 : un délai en jours expire le "
            "dernier jour à vingt-quatre heures (CPC art. 641, 642)"
        ),
        "aucun calendrier donné ; supposé : FR legal holidays (2026.1)",
        (
            "2026-05-15: le jeudi 14 mai 2026 ne compte pas (Ascension) ; le dernier jour est le vendredi "
            "15 mai 2026 : le délai qui expirerait un samedi, un dimanche ou un jour férié est prorogé "
            "jusqu'au premier jour ouvrable suivant (CPC art. 642(2))"
        ),
    ]


def test_a_derived_rule_says_so_in_the_step() -> None:
    result = notice_latest(date(2026, 12, 31), Tenor(months=3), law=regime("ES_CC5"))
    assert "(derived)" in words(result)
    assert "notre lecture" in result.steps[-1].said("fr")


def test_a_rule_not_yet_in_force_is_cautioned_against() -> None:
    assert "caution: Fed. R. Civ. P. 6(a)(1)(C)" in words(
        after(date(2007, 8, 22), Tenor(days=10), law=regime("US_FRCP6"))
    )
    assert "caution" not in words(after(date(2026, 8, 20), Tenor(days=10), law=regime("US_FRCP6")))


# Reg. 1182/71 art. 3(5): a period of two days or more includes at least two working days.
TWO_WORKING_DAYS = [
    (date(2026, 5, 8), Tenor(days=2), date(2026, 5, 12)),  # Friday: Monday alone is not enough
    (date(2026, 5, 7), Tenor(days=2), date(2026, 5, 11)),  # Thursday: Friday and Monday
    (date(2026, 5, 8), Tenor(days=1), date(2026, 5, 11)),  # one day only
    (date(2026, 5, 8), Tenor(days=3), date(2026, 5, 12)),
    (date(2026, 5, 8), Tenor(days=5), date(2026, 5, 13)),
]


@pytest.mark.parametrize(("event", "period", "day"), TWO_WORKING_DAYS)
def test_a_union_period_holds_two_working_days(event: date, period: Tenor, day: date) -> None:
    assert after(event, period, law=regime("EU1182"), calendar=MONDAY_TO_FRIDAY).day == day


def test_a_union_period_counted_back_holds_two_working_days_too() -> None:
    result = before_nth(date(2026, 5, 11), Tenor(days=2), law=regime("EU1182"), calendar=MONDAY_TO_FRIDAY)
    assert result.day == date(2026, 5, 7)
    assert result.rule.citation.endswith("art. 3(5)")


@pytest.mark.parametrize(
    ("event", "day"),
    [
        (date(2026, 5, 11), date(2026, 5, 6)),  # a Monday: Thursday and Friday lie between
        (date(2026, 5, 8), date(2026, 5, 5)),  # a Friday: they do anyway
        (date(2026, 5, 10), date(2026, 5, 6)),  # a Sunday
    ],
)
def test_two_working_days_lie_between_where_a_union_period_must_be_clear(event: date, day: date) -> None:
    law = regime("EU1182")
    result = before_clear(event, Tenor(days=2), law=law, calendar=MONDAY_TO_FRIDAY)
    assert result.day == day
    # Days between cannot be easier to keep than days counted back.
    assert day < before_nth(event, Tenor(days=2), law=law, calendar=MONDAY_TO_FRIDAY).day


def test_a_clear_union_period_as_asked_for_is_not_lengthened() -> None:
    law, week = regime("EU1182"), MONDAY_TO_FRIDAY
    monday, two = date(2026, 5, 11), Tenor(days=2)
    assert before_clear(monday, two, law=law, calendar=week, when_closed=WhenClosed.STAYS).day == date(2026, 5, 8)
    assert before_clear(monday, two, law=law, calendar=week, skip_closed=True).day == date(2026, 5, 6)
    assert before_clear(monday, Tenor(days=1), law=law, calendar=week).day == date(2026, 5, 9)


TWO_WORKING_DAYS_FIRST_COUNTED = [
    (date(2026, 5, 5), Tenor(days=2), date(2026, 5, 6)),  # Tuesday and Wednesday: two working days
    (date(2026, 5, 8), Tenor(days=2), date(2026, 5, 11)),  # Friday, then Monday
    (date(2026, 5, 9), Tenor(days=2), date(2026, 5, 12)),  # Saturday: Monday and Tuesday
]


@pytest.mark.parametrize(("event", "period", "day"), TWO_WORKING_DAYS_FIRST_COUNTED)
def test_a_union_period_that_begins_with_a_day_counts_it_as_a_working_day(
    event: date, period: Tenor, day: date
) -> None:
    found = after(event, period, law=regime("EU1182"), calendar=MONDAY_TO_FRIDAY, first_day_counted=True)
    assert found.day == day


@pytest.mark.parametrize(
    ("event", "day"),
    [
        (date(2026, 5, 4), date(2026, 5, 6)),  # Monday, Tuesday, Wednesday
        (date(2026, 5, 7), date(2026, 5, 11)),  # Thursday, Friday, Monday
        (date(2026, 5, 9), date(2026, 5, 13)),  # a Saturday is left out like any closed day
    ],
)
@pytest.mark.parametrize(("law", "asked"), [("FR_CPC", True), ("UK_CPR28", None)])
def test_open_days_that_begin_with_a_day_count_it_where_it_is_open(
    event: date, day: date, law: str, asked: bool | None
) -> None:
    found = after(
        event,
        Tenor(days=3),
        law=regime(law),
        calendar=MONDAY_TO_FRIDAY,
        first_day_counted=True,
        when_closed=WhenClosed.STAYS,
        skip_closed=asked,
    )
    assert found.day == day
    assert "that begin with" in words(found)


FRIDAY, MONDAY = date(2026, 5, 8), date(2026, 5, 11)


@pytest.mark.parametrize(
    ("asked", "day"), [(None, date(2026, 5, 6)), (True, date(2026, 5, 6)), (False, date(2026, 5, 8))]
)
def test_a_short_period_counted_back_leaves_out_closed_days(asked: bool | None, day: date) -> None:
    law = regime("UK_CPR28")
    found = before_nth(MONDAY, Tenor(days=3), law=law, calendar=MONDAY_TO_FRIDAY, skip_closed=asked)
    assert found.day == day
    assert (found.rule.citation == "CPR 2.8(4)") is (asked is not False)


@pytest.mark.parametrize(
    ("clear", "asked", "day"),
    [
        (False, None, date(2026, 5, 13)),
        (True, None, date(2026, 5, 14)),
        (True, False, date(2026, 5, 12)),
        (False, False, date(2026, 5, 11)),
    ],
)
def test_the_earliest_day_after_a_short_period_leaves_out_closed_days(
    clear: bool, asked: bool | None, day: date
) -> None:
    law = regime("UK_CPR28")
    found = earliest_after(FRIDAY, Tenor(days=3), law=law, calendar=MONDAY_TO_FRIDAY, clear=clear, skip_closed=asked)
    assert found.day == day


def test_the_earliest_day_after_open_days_is_open() -> None:
    found = earliest_after(
        date(2026, 5, 6), Tenor(days=2), law=regime("FR_CPC"), calendar=MONDAY_TO_FRIDAY, clear=True, skip_closed=True
    )
    assert found.day == MONDAY  # Thursday and Friday lie between; Saturday is no day for it


@pytest.mark.parametrize(
    ("last_day", "n", "day"),
    [
        (date(2026, 5, 15), 3, date(2026, 5, 12)),  # Friday: Wednesday, Thursday, Friday
        (date(2026, 5, 17), 1, date(2026, 5, 14)),  # Sunday: Friday alone
        (date(2026, 5, 12), 3, date(2026, 5, 7)),  # Tuesday: Friday, Monday, Tuesday
        (date(2026, 5, 12), 2, date(2026, 5, 10)),  # from Sunday on, Monday and Tuesday are left
        (date(9999, 12, 31), 1, date(9999, 12, 30)),  # a Friday, and the last day there is
    ],
)
def test_notice_in_open_days_leaves_that_many_until_the_last_day(last_day: date, n: int, day: date) -> None:
    found = notice_latest(last_day, Tenor(days=n), law=regime("FR_CPC"), calendar=MONDAY_TO_FRIDAY, skip_closed=True)
    assert found.day == day
    assert "open days only" in words(found)
    assert "jours ouvrables seulement" in "\n".join(step.wording.fr for step in found.steps)


def test_open_days_of_notice_are_days() -> None:
    with pytest.raises(DateRuleError, match="P1M"):
        _ = notice_latest(date(2026, 5, 15), MONTH, law=regime("FR_CPC"), skip_closed=True)


@pytest.mark.parametrize("answer", [before_nth, before_clear, notice_latest])
def test_a_day_that_stays_needs_no_calendar_that_reaches_it(answer: Callable[..., LegalDay]) -> None:
    """Whether 2040 has a holiday there is not known; the law leaves the day where it is either way."""
    known = HolidayTable(name="office", place="FR", last_day=date(2030, 12, 31))
    law, last_day = regime("FR_CPC"), date(2040, 9, 30)
    found = answer(last_day, MONTH, law=law, calendar=known)
    assert found.day == answer(last_day, MONTH, law=law).day
    assert "not known" in words(found)
    assert "covers 0001-01-01 to 2030-12-31" in words(found)
    assert "on ne sait" in "\n".join(step.wording.fr for step in found.steps)


def test_short_periods_of_the_civil_procedure_rules_leave_out_closed_days() -> None:
    law = regime("UK_CPR28")
    friday = date(2026, 4, 17)
    assert after(friday, Tenor(days=5), law=law).day == date(2026, 4, 24)
    assert after(friday, Tenor(days=6), law=law).day == date(2026, 4, 23)
    assert before_clear(date(2023, 10, 20), Tenor(days=3), law=law).day == date(2023, 10, 16)
    assert before_clear(date(2025, 10, 20), Tenor(days=3), law=law).day == date(2025, 10, 14)
    assert before_clear(date(2026, 4, 21), Tenor(days=1), law=law).day == date(2026, 4, 17)


def test_closed_days_cannot_be_left_out_of_months() -> None:
    with pytest.raises(DateRuleError, match="P1M"):
        _ = after(date(2026, 1, 1), MONTH, law=regime("UK_CPR28"), skip_closed=True)


def test_the_earliest_day_is_moved_only_when_that_is_asked() -> None:
    law = regime("US_FRCP6")
    assert earliest_after(date(2026, 2, 6), Tenor(days=8), law=law).day == date(2026, 2, 14)
    moved = earliest_after(date(2026, 2, 6), Tenor(days=8), law=law, when_closed=WhenClosed.NEXT)
    assert moved.day == date(2026, 2, 17)  # 16 February is Washington's Birthday


def test_counting_back_in_the_united_states_steps_over_the_holiday() -> None:
    result = before_nth(date(2007, 9, 13), Tenor(days=10), law=regime("US_FRCP6"))
    assert result.day == date(2007, 8, 31)  # 3 September is Labor Day: back over the weekend


def test_a_notice_step_shows_both_sides_of_the_edge() -> None:
    text = words(notice_latest(date(2018, 9, 30), Tenor(months=6), law=regime("FR_CPC")))
    assert "from Saturday 31 March 2018 run out on Sunday 30 September 2018, in time" in text
    assert "from Sunday 1 April 2018, only on Monday 1 October 2018" in text


def test_a_period_beyond_the_calendar_is_a_date_rule_error() -> None:
    with pytest.raises(DateRuleError):
        _ = after(date(9999, 12, 1), MONTH, law=regime("UK_CDR"))


def test_saturday_is_a_working_day_in_the_german_third_working_day() -> None:
    law = regime("DE_BGB")
    result = nth_working_day(2002, 6, 3, law=law)
    assert result.day == date(2002, 6, 4)
    assert result.rule.citation == "BGH VIII ZR 206/04 (27.4.2005)"
    assert nth_working_day(2002, 6, 3, law=law, calendar=MONDAY_TO_FRIDAY).day == date(2002, 6, 5)
    assert nth_working_day(2026, 1, 1, law=law).day == date(2026, 1, 2)
    assert nth_working_day(2026, 1, 3, law=regime("FR_CPC")).day == date(2026, 1, 6)


@pytest.mark.parametrize(("month", "n", "said"), [(2, 0, "number 0"), (2, 30, "fewer than 30"), (13, 1, "month 13")])
def test_a_working_day_that_does_not_exist_is_refused(month: int, n: int, said: str) -> None:
    with pytest.raises(DateRuleError, match=said):
        _ = nth_working_day(2026, month, n, law=regime("DE_BGB"), calendar=EVERY_DAY)


def test_the_beginning_middle_and_end_of_a_month_are_german_words_only() -> None:
    law = regime("DE_BGB")
    found = [named_day(2024, 2, which, law=law).day.day for which in NamedDay]
    assert found == [1, 15, 29]
    with pytest.raises(DateRuleError, match="FR_CPC does not define the middle"):
        _ = named_day(2024, 2, NamedDay.MIDDLE, law=regime("FR_CPC"))


def test_half_a_month_is_fifteen_days_where_the_law_says_so() -> None:
    assert half_months(3, law=regime("EU1182")) == Tenor(days=45)
    with pytest.raises(DateRuleError, match="UK_CDR"):
        _ = half_months(1, law=regime("UK_CDR"))


def test_hours_survive_a_change_of_clocks_as_elapsed_time() -> None:
    event = datetime(2026, 3, 28, 12, 0, tzinfo=BRUSSELS)
    end = hours(event, 24, law=regime("UNIDROIT112")).at
    assert end.astimezone(UTC) - event.astimezone(UTC) == timedelta(hours=24)
    assert end.hour == 13


def test_the_hour_of_the_event_is_left_out_in_union_law_and_no_day_is_moved() -> None:
    event = datetime(2026, 5, 8, 10, 20, tzinfo=BRUSSELS)
    assert hours(event, 24, law=regime("EU1182")).at == datetime(2026, 5, 9, 11, 0, tzinfo=BRUSSELS)


def test_hours_that_end_on_a_holiday_run_to_the_same_time_of_the_next_day_in_the_united_states() -> None:
    event = datetime(2026, 1, 15, 15, 0, tzinfo=NEW_YORK)
    end = hours(event, 48, law=regime("US_FRCP6"))  # Saturday; Monday 19 January is Martin Luther King's
    assert end.at == datetime(2026, 1, 20, 15, 0, tzinfo=NEW_YORK)
    assert end.calendar == "US federal holidays (2026.1)"


def test_a_clock_time_that_does_not_exist_on_the_next_day_is_the_one_after_the_gap() -> None:
    event = datetime(2026, 3, 5, 2, 30, tzinfo=NEW_YORK)
    open_on_sundays = HolidayTable(name="x", place="x", closed_weekdays=frozenset({SATURDAY}))
    end = hours(event, 48, law=regime("US_FRCP6"), calendar=open_on_sundays).at
    assert end.isoformat() == "2026-03-08T03:30:00-04:00"  # 2:30 is skipped on that Sunday


@pytest.mark.parametrize(
    ("event", "count", "said"),
    [
        (datetime(2026, 1, 1), 1, "no time zone"),  # noqa: DTZ001 - a naive instant is the case
        (datetime(2026, 1, 1, tzinfo=UTC), 0, "0 hours"),
    ],
)
def test_hours_need_an_instant_and_a_length(event: datetime, count: int, said: str) -> None:
    with pytest.raises(DateRuleError, match=said):
        _ = hours(event, count, law=regime("US_FRCP6"))


def test_a_window_that_closes_before_it_opens_is_refused() -> None:
    with pytest.raises(DateRuleError, match="P1M"):
        _ = window(date(2026, 10, 31), MONTH, Tenor(months=3), source=L215_1)


def test_the_steps_of_a_window_name_both_bounds_and_the_source() -> None:
    found = window(date(2026, 10, 31), Tenor(months=3), MONTH, source=L215_1)
    assert [step.day for step in found.steps] == [date(2026, 10, 31), date(2026, 7, 31), date(2026, 9, 30)]
    assert "C. conso art. L215-1" in found.steps[-1].what


@pytest.mark.parametrize(("period", "day"), [(MONTH, date(9999, 11, 30)), (Tenor(days=1), date(9999, 12, 30))])
def test_a_notice_for_the_last_day_there_is_has_its_steps_too(period: Tenor, day: date) -> None:
    """31 December 9999 is what many systems write for "no end"."""
    last = date(9999, 12, 31)
    found = notice_latest(last, period, law=regime("FR_CPC"), calendar=EVERY_DAY)
    assert found.day == day == latest_notice_day(last, period)
    assert "after year 9999" in words(found)
    assert "après l'an 9999" in "\n".join(step.wording.fr for step in found.steps)


def test_a_window_before_the_last_day_there_is_has_its_steps_too() -> None:
    found = window(date(9999, 12, 31), Tenor(months=3), MONTH, source=L215_1)
    assert str(found.span) == "9999-10-01/9999-11-30"
    assert "3 months go beyond Friday 31 December 9999" in "\n".join(step.what for step in found.steps)


@pytest.mark.parametrize(
    ("event", "count"),
    [
        (datetime(9999, 12, 31, 23, tzinfo=UTC), 5),
        (datetime(2026, 1, 1, tzinfo=UTC), 10**12),
        (datetime(2026, 1, 1, tzinfo=UTC), 10**30),
        (datetime(1, 1, 1, tzinfo=BRUSSELS), 5),
    ],
)
@pytest.mark.parametrize("from_next_hour", [False, True])
def test_hours_beyond_the_calendar_are_a_date_rule_error(event: datetime, count: int, from_next_hour: bool) -> None:
    with pytest.raises(DateRuleError, match="years 1 to 9999"):
        _ = hours(event, count, law=regime("DE_BGB"), calendar=EVERY_DAY, from_next_hour=from_next_hour)


def test_the_same_time_on_a_day_beyond_the_calendar_is_a_date_rule_error() -> None:
    """In Honolulu the last evening there is lies beyond the last instant in UTC."""
    closed = HolidayTable(name="closed", place="x", closed_weekdays=frozenset(), holidays={date(9999, 12, 30): "h"})
    event = datetime(9999, 12, 29, 20, tzinfo=ZoneInfo("Pacific/Honolulu"))
    with pytest.raises(DateRuleError, match="years 1 to 9999"):
        _ = hours(event, 24, law=regime("US_FRCP6"), calendar=closed)


@pytest.mark.parametrize(
    ("fold", "minute", "begins"),
    [
        # On Lord Howe Island clocks go back from 2:00 to 1:30: the hour from 1:00 lasts an hour and a half.
        (0, 20, "2026-04-05T01:30:00+10:30"),
        (0, 40, "2026-04-05T01:30:00+10:30"),
        (1, 40, "2026-04-05T02:00:00+10:30"),
    ],
)
def test_hours_never_run_from_before_the_event(fold: int, minute: int, begins: str) -> None:
    event = datetime(2026, 4, 5, 1, minute, fold=fold, tzinfo=ZoneInfo("Australia/Lord_Howe"))
    found = hours(event, 1, law=regime("EU1182"))
    assert found.at.astimezone(UTC) == datetime.fromisoformat(begins) + timedelta(hours=1)
    assert f"hours run from {begins}" in found.steps[0].what
