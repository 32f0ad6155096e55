from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.months import forward
from clmcrm.calendars.reminders import (
    DE_309_9,
    DE_309_9_OF_2002,
    FR_L215_1,
    NY_GBS_521_B,
    NY_GOL_5_903,
    REMINDER_RULES,
    TERM_LIMITS,
    ReminderRule,
    limit_breaches,
    reminder_rules,
    reminder_window,
)
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

WINDOWS = [
    (FR_L215_1, date(2026, 10, 31), Span(date(2026, 7, 31), date(2026, 9, 30))),
    (NY_GOL_5_903, date(2026, 10, 31), Span(date(2026, 10, 1), date(2026, 10, 16))),  # 30 to 15 days
    (NY_GBS_521_B, date(2026, 12, 31), Span(date(2026, 11, 1), date(2026, 12, 16))),  # 60 to 15 days
]


@pytest.mark.parametrize(("rule", "reference_day", "span"), WINDOWS, ids=[w[0].name for w in WINDOWS])
def test_the_window_is_counted_from_the_reference_day(rule: ReminderRule, reference_day: date, span: Span) -> None:
    found = reminder_window(rule, reference_day)
    assert found.span == span
    assert found.source is rule.source
    assert rule.reference in {step.wording for step in found.steps}


@given(st.sampled_from(REMINDER_RULES), st.dates(date(2010, 1, 1), date(2090, 1, 1)))
def test_every_day_of_the_window_is_in_time_and_the_days_around_it_are_not(rule: ReminderRule, day: date) -> None:
    span = reminder_window(rule, day).span
    assert span.last_day is not None
    one = timedelta(days=1)
    assert forward(span.first_day, rule.opens) >= day > forward(span.first_day - one, rule.opens)
    assert forward(span.last_day, rule.closes) <= day < forward(span.last_day + one, rule.closes)


# C. conso L136-1 in force 28.7.2005, renumbered L215-1 on 1.7.2016, changed by loi 2017-203 on 23.2.2017.
VERSIONS = [
    (date(2005, 7, 27), []),
    (date(2005, 7, 28), ["FR-L136-1"]),
    (date(2016, 6, 30), ["FR-L136-1"]),
    (date(2016, 7, 1), ["FR-L215-1-2016"]),
    (date(2017, 2, 23), ["FR-L215-1"]),
    (date(2026, 1, 1), ["FR-L215-1"]),
]


@pytest.mark.parametrize(("on", "names"), VERSIONS)
def test_one_version_of_the_consumer_code_holds_at_a_time(on: date, names: list[str]) -> None:
    assert [rule.name for rule in reminder_rules("FR", on)] == names


def test_callers_pass_their_own_rules() -> None:
    assert reminder_rules("US-NY", date(2026, 1, 1), (FR_L215_1,)) == ()
    assert reminder_rules("US-NY", date(2026, 1, 1)) == (NY_GOL_5_903, NY_GBS_521_B)


def test_a_window_before_the_rule_was_in_force_is_cautioned_against() -> None:
    early = reminder_window(FR_L215_1, date(2017, 2, 25))
    assert any("not in force" in step.what for step in early.steps)
    late = reminder_window(FR_L215_1, date(2026, 10, 31))
    assert not any("not in force" in step.what for step in late.steps)


def test_every_rule_has_its_source_and_says_what_it_applies_to() -> None:
    for rule in REMINDER_RULES:
        assert rule.source.citation
        assert rule.applies_to.fr
    for limits in TERM_LIMITS:
        assert limits.source.first_day is not None
        assert limits.applies_to.fr


def breaches(**terms: Tenor) -> list[str]:
    given_terms = {"first_term": Tenor(years=2), "notice": Tenor(months=1), **terms}
    return [step.what for step in limit_breaches(DE_309_9, first_day=date(2026, 1, 1), **given_terms)]


def test_german_consumer_terms_within_the_limits_have_no_breach() -> None:
    assert breaches() == []
    assert breaches(first_term=Tenor(months=24), notice_once_indefinite=Tenor(days=30)) == []


def test_each_german_limit_is_checked_on_its_own() -> None:
    assert breaches(first_term=Tenor(months=25)) == [
        "a first term of 25 months is longer than 2 years (BGB § 309 Nr. 9)"
    ]
    assert breaches(notice=Tenor(weeks=6)) == ["notice of 6 weeks is longer than 1 month (BGB § 309 Nr. 9)"]
    assert breaches(renewal=Tenor(months=1)) == [
        "renewal for 1 month is not allowed: only for an indefinite time (BGB § 309 Nr. 9)"
    ]
    assert breaches(notice_once_indefinite=Tenor(months=2)) == [
        "once indefinite, notice of 2 months is longer than 1 month (BGB § 309 Nr. 9)"
    ]


def test_the_older_german_version_allowed_a_year_of_renewal_and_three_months_notice() -> None:
    def older(renewal: Tenor, notice: Tenor) -> int:
        return len(
            limit_breaches(
                DE_309_9_OF_2002,
                first_day=date(2020, 1, 1),
                first_term=Tenor(years=2),
                notice=notice,
                renewal=renewal,
            )
        )

    assert older(Tenor(years=1), Tenor(months=3)) == 0
    assert older(Tenor(months=13), Tenor(months=4)) == 2
