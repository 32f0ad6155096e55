"""The counting of legal periods step by step: months, then days, or open days only, each with its reason.

The rule of the file: nothing is moved here. A closed last day is for `clmcrm.calendars.closed_last_days`.
"""

from __future__ import annotations

from datetime import date

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.legal_counting import nth_open_day, nth_open_day_from, period_last_day
from clmcrm.calendars.months import add_days, add_months
from clmcrm.calendars.reasoning import Reasoning, lacks_day, length, said
from clmcrm.calendars.regimes.record import Regime, Rule
from clmcrm.errors import DateRuleError
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording


def skips_closed(period: Tenor, *, law: Regime, asked: bool | None) -> bool:
    """Whether closed days are left out of the count: as `asked`, or (None) as `law` says for the period.

    Raises `DateRuleError` when that is asked of a period in months, years or weeks.
    """
    in_days = not period.whole_months and not period.weeks
    if asked and not in_days:
        raise DateRuleError(f"closed days can be left out of a number of days only, not of {period}")
    if asked is None:
        short = law.short_periods
        return short is not None and in_days and period.days <= short.longest
    return asked


def counted(reasons: Reasoning, event: date, period: Tenor, *, first_day_counted: bool) -> date:
    """The last day before any moving, with the steps that lead to it."""
    law = reasons.law
    if first_day_counted:
        day = period_last_day(event, period, first_day_counted=True)
        span = length(period)
        reasons.apply(
            law.first_day_counted,
            day,
            said(
                f"{span.en} that begin with {{0}} end with {{1}}",
                f"{span.fr} qui commencent le {{0}} finissent le {{1}}",
                event,
                day,
            ),
        )
        return day
    reasons.apply(law.event, event, said("the event is on {0}", "l'événement est du {0}", event))
    day = _months_counted(reasons, event, period)
    return _days_counted(reasons, day, period)


def _months_counted(reasons: Reasoning, event: date, period: Tenor) -> date:
    if not period.whole_months:
        return event
    day = add_months(event, period.whole_months)
    missing = lacks_day(event, day)
    rule = reasons.law.missing_day if missing else reasons.law.months
    reasons.apply(rule, day, _later(Tenor(years=period.years, months=period.months), day))
    return day


def _days_counted(reasons: Reasoning, start: date, period: Tenor) -> date:
    if not period.loose_days:
        return start
    day = add_days(start, period.loose_days)
    law = reasons.law
    in_weeks = period.weeks and not period.days
    rule = law.week_rule if in_weeks else law.days
    reasons.apply(rule, day, _later(Tenor(weeks=period.weeks, days=period.days), day))
    return day


def _later(period: Tenor, day: date) -> Wording:
    span = length(period)
    return said(f"{span.en} later is {{0}}", f"{span.fr} plus tard, c'est le {{0}}", day)


def counted_open(
    reasons: Reasoning, event: date, period: Tenor, calendar: HolidayCalendar | None, *, first_day_counted: bool = False
) -> date:
    """The last of so many open days, with the steps that lead to it; the first day counts where it is open."""
    law, span = reasons.law, length(period)
    used = reasons.rely_on(calendar, event)
    if first_day_counted:
        day = nth_open_day_from(event, period.loose_days, used)
        words = said(
            f"{span.en}, open days only, that begin with {{0}} end with {{1}}",
            f"{span.fr}, jours ouvrables seulement, qui commencent le {{0}} finissent le {{1}}",
            event,
            day,
        )
    else:
        reasons.apply(law.event, event, said("the event is on {0}", "l'événement est du {0}", event))
        day = nth_open_day(event, period.loose_days, used)
        words = said(f"{span.en}, open days only: {{0}}", f"{span.fr}, jours ouvrables seulement : {{0}}", day)
    reasons.apply(open_days_rule(law, law.days), day, words)
    return day


def counted_back_open(
    reasons: Reasoning, event: date, period: Tenor, calendar: HolidayCalendar | None, *, clear: bool = False
) -> date:
    """The n-th open day back from the event, or the open day before as many that lie between, with its step."""
    law, span = reasons.law, length(period)
    day = nth_open_day(event, -(period.loose_days + clear), reasons.rely_on(calendar, event))
    en, fr = f"{span.en}, open days only,", f"{span.fr}, jours ouvrables seulement,"
    if clear:
        words = said(f"{en} lie between {{0}} and {{1}}", f"{fr} séparent le {{0}} du {{1}}", day, event)
    else:
        words = said(f"{en} back from {{0}} is {{1}}", f"{fr} avant le {{0}}, c'est le {{1}}", event, day)
    reasons.apply(open_days_rule(law, law.clear if clear else law.counted_back), day, words)
    return day


def notice_open(reasons: Reasoning, last_day: date, period: Tenor, calendar: HolidayCalendar | None) -> date:
    """The latest day after which so many open days are left until `last_day`, itself counted, with its step."""
    law, span = reasons.law, length(period)
    first = nth_open_day_from(last_day, -period.loose_days, reasons.rely_on(calendar, last_day))
    day = add_days(first, -1)
    words = said(
        f"{span.en}, open days only, are left after {{0}}: the first is {{1}}",
        f"{span.fr}, jours ouvrables seulement, restent après le {{0}} : le premier est le {{1}}",
        day,
        first,
    )
    reasons.apply(open_days_rule(law, law.notice), day, words)
    return day


def open_days_rule(law: Regime, otherwise: Rule) -> Rule:
    """The law's own rule on periods that leave closed days out, where it has one."""
    return otherwise if law.short_periods is None else law.short_periods.rule
