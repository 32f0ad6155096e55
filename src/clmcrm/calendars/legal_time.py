"""Legal deadlines with their reasons: what day a period ends on, and how to check it line by line.

Every function takes the `law` (a `Regime`) and returns the day, the rule that decided it and the steps in
words. A last day that falls on a closed day moves only as the law says: counted forward it often runs to
the next working day, counted backwards it never moves later. Where the law needs a calendar and none is
given, the one assumed is named in the steps. Not legal advice: a derived rule says that it is one.
"""

from __future__ import annotations

from datetime import date

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.closed_last_days import backward_rule, settled_last_day, with_least_working_days
from clmcrm.calendars.legal_counting import nth_open_day, reached
from clmcrm.calendars.legal_results import LegalDay
from clmcrm.calendars.legal_steps import counted, counted_back_open, counted_open, notice_open, skips_closed
from clmcrm.calendars.months import add_days, backward, forward, latest_start
from clmcrm.calendars.reasoning import Reasoning, length, said
from clmcrm.calendars.regimes.record import LastDayRule, Regime, WhenClosed
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording


def after(
    event: date,
    period: Tenor,
    *,
    law: Regime,
    calendar: HolidayCalendar | None = None,
    first_day_counted: bool = False,
    when_closed: WhenClosed | None = None,
    skip_closed: bool | None = None,
) -> LegalDay:
    """The last day of `period` counted forward from `event`.

    `first_day_counted`: the period begins with the day itself (see `term_last_day`). `when_closed` says
    what becomes of a closed last day and `skip_closed` whether closed days are left out of the count;
    None leaves both to the law. Raises `DateRuleError` when closed days are to be left out of months or
    weeks, `OutsideCoverage` where the calendar's data ends before a day that the answer hangs on.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> end = after(date(2026, 5, 4), Tenor(days=10), law=regime("FR_CPC"))
    >>> end.day, end.rule.citation
    (datetime.date(2026, 5, 15), 'CPC art. 642(2)')
    >>> for step in end.steps: print(step.what)
    the event is on Monday 4 May 2026: the day of the act or event that sets the period off is not counted (CPC art. 640, 641)
    10 days later is Thursday 14 May 2026: a period in days expires on its last day at midnight (CPC art. 641, 642)
    no calendar was given; assumed: FR legal holidays (2026.1)
    Thursday 14 May 2026 does not count (Ascension Day); the last day is Friday 15 May 2026: a period that would expire on a Saturday, Sunday or holiday runs to the next working day (CPC art. 642(2))
    """  # noqa: E501 - the steps are printed as they are
    reasons = Reasoning(law)
    chosen = law.forward.when_closed if when_closed is None else when_closed
    if skips_closed(period, law=law, asked=skip_closed):
        day = counted_open(reasons, event, period, calendar, first_day_counted=first_day_counted)
    else:
        day = counted(reasons, event, period, first_day_counted=first_day_counted)
    day = settled_last_day(reasons, day, LastDayRule(when_closed=chosen, rule=law.forward.rule), calendar)
    if chosen is not WhenClosed.STAYS:
        day = with_least_working_days(reasons, event, day, period, calendar, event_counted=first_day_counted)
    return reasons.conclude(day, event)


def earliest_after(
    event: date,
    period: Tenor,
    *,
    law: Regime,
    calendar: HolidayCalendar | None = None,
    clear: bool = False,
    when_closed: WhenClosed = WhenClosed.STAYS,
    skip_closed: bool | None = None,
) -> LegalDay:
    """The first day on which something may be done once `period` has passed since `event`.

    `clear`: the whole period must lie between, so the first day is the one after its last. A closed day
    is moved only when `when_closed` asks for it. With `skip_closed` (None leaves it to the law) only open
    days are counted, and the day after them is open too. Raises as `before_clear`.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> earliest_after(date(2023, 10, 1), Tenor(days=28), law=regime("UK_CPR28"), clear=True).day
    datetime.date(2023, 10, 30)
    """
    reasons = Reasoning(law)
    skips = skips_closed(period, law=law, asked=skip_closed)
    if skips:
        day = counted_open(reasons, event, period, calendar)
    else:
        day = counted(reasons, event, period, first_day_counted=False)
    if clear:
        day = nth_open_day(day, 1, reasons.rely_on(calendar, event)) if skips else add_days(day, 1)
        reasons.apply(law.clear, day, said("the first day after is {0}", "le premier jour après est le {0}", day))
    if when_closed is not WhenClosed.STAYS:
        rule = LastDayRule(when_closed=when_closed, rule=law.forward.rule)
        day = settled_last_day(reasons, day, rule, calendar)
    return reasons.conclude(day, event)


def term_last_day(first_day: date, term: Tenor, *, law: Regime) -> LegalDay:
    """The last day of a `term` that begins with `first_day`, which is counted; it is never moved.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> term_last_day(date(2026, 1, 1), Tenor(years=1), law=regime("DE_BGB")).day
    datetime.date(2026, 12, 31)
    """
    reasons = Reasoning(law)
    day = counted(reasons, first_day, term, first_day_counted=True)
    return reasons.conclude(day, first_day)


def before_nth(
    event: date,
    period: Tenor,
    *,
    law: Regime,
    calendar: HolidayCalendar | None = None,
    when_closed: WhenClosed | None = None,
    skip_closed: bool | None = None,
) -> LegalDay:
    """The last day permitted when `period` is counted back from `event`, which is not counted.

    The n-th day back is the last one; a closed day stays or moves back, as the law says (None) or as
    `when_closed` says. With `skip_closed` (None leaves it to the law) only open days are counted. For a
    notice that must run its full length use `notice_latest` or `before_clear`. Raises as `before_clear`.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> before_nth(date(2007, 9, 11), Tenor(days=10), law=regime("US_FRCP6")).day
    datetime.date(2007, 8, 31)
    """
    reasons = Reasoning(law)
    reasons.note(said("the event is on {0}", "l'événement est du {0}", event), event)
    skips = skips_closed(period, law=law, asked=skip_closed)
    if skips:
        day = counted_back_open(reasons, event, period, calendar)
    else:
        day, span = backward(event, period), length(period)
        back = said(f"{span.en} back from {{0}} is {{1}}", f"{span.fr} avant le {{0}}, c'est le {{1}}", event, day)
        reasons.apply(law.counted_back, day, back)
    day = settled_last_day(reasons, day, backward_rule(law, when_closed), calendar)
    if when_closed is None and not skips:
        day = with_least_working_days(reasons, event, day, period, calendar)
    return reasons.conclude(day, event)


def before_clear(
    event: date,
    period: Tenor,
    *,
    law: Regime,
    calendar: HolidayCalendar | None = None,
    when_closed: WhenClosed | None = None,
    skip_closed: bool | None = None,
) -> LegalDay:
    """The last day on which the whole of `period` still lies between the act and `event`.

    Neither day is counted. With `skip_closed` (None leaves it to the law) only open days are counted, and
    the act too must fall on an open day. Raises `DateRuleError` when closed days are to be left out of
    months or weeks.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> before_clear(date(2026, 5, 12), Tenor(weeks=6), law=regime("FR_CPC")).day
    datetime.date(2026, 3, 30)
    """
    reasons = Reasoning(law)
    reasons.note(said("the event is on {0}", "l'événement est du {0}", event), event)
    skips = skips_closed(period, law=law, asked=skip_closed)
    if skips:
        day = counted_back_open(reasons, event, period, calendar, clear=True)
    else:
        day, span = latest_start(add_days(event, -1), period), length(period)
        between = said(f"{span.en} lie between {{0}} and {{1}}", f"{span.fr} séparent le {{0}} du {{1}}", day, event)
        reasons.apply(law.clear, day, between)
    day = settled_last_day(reasons, day, backward_rule(law, when_closed), calendar)
    if when_closed is None and not skips:
        day = with_least_working_days(reasons, event, day, period, calendar, clear=True)
    return reasons.conclude(day, event)


def notice_latest(
    last_day: date,
    period: Tenor,
    *,
    law: Regime,
    calendar: HolidayCalendar | None = None,
    when_closed: WhenClosed | None = None,
    skip_closed: bool = False,
) -> LegalDay:
    """The latest day on which notice of `period` may be given for a term that ends with `last_day`.

    The latest d such that `forward(d, period) <= last_day`: the inverse of the forward rule and not a
    subtraction (Cass. 3e civ. 8.3.2018, 17-11.312). A closed day stays or moves back, as the law says
    (None) or as `when_closed` says. `latest_notice_day` gives the same day without the steps. With
    `skip_closed`, which no law asks for by itself, only open days are counted: as many are left after
    the day until `last_day`. Raises as `before_clear`.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> notice_latest(date(2018, 9, 30), Tenor(months=6), law=regime("FR_CPC")).day
    datetime.date(2018, 3, 31)
    """
    reasons = Reasoning(law)
    reasons.note(said("the term ends with {0}", "le terme finit avec le {0}", last_day), last_day)
    if skips_closed(period, law=law, asked=skip_closed):
        day = notice_open(reasons, last_day, period, calendar)
    else:
        day = latest_start(last_day, period)
        reasons.apply(law.notice, day, _both_sides_of_the_edge(day, period))
    day = settled_last_day(reasons, day, backward_rule(law, when_closed), calendar)
    return reasons.conclude(day, last_day)


def _both_sides_of_the_edge(day: date, period: Tenor) -> Wording:
    span, next_day = length(period), add_days(day, 1)
    too_late = reached(next_day, period)
    en, fr = ("only on {3}", "seulement le {3}") if too_late else ("after year 9999", "après l'an 9999")
    return said(
        f"{span.en} from {{0}} run out on {{1}}, in time; from {{2}}, {en}",
        f"{span.fr} à compter du {{0}} expirent le {{1}}, à temps ; à compter du {{2}}, {fr}",
        day,
        forward(day, period),
        next_day,
        *([too_late] if too_late else []),
    )
