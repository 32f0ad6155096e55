"""What becomes of a last day that is closed: it stays, moves on or moves back, as the law says, and a step says why.

The rule of the file: a day counted backwards never moves later, whoever asks for it.
"""

from __future__ import annotations

from datetime import date

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.legal_counting import moved, with_least_open_days
from clmcrm.calendars.months import add_days
from clmcrm.calendars.reasoning import Reasoning, said, why_closed
from clmcrm.calendars.regimes.record import LastDayRule, Regime, Rule, WhenClosed
from clmcrm.errors import DateRuleError, OutsideCoverage
from clmcrm.values.tenor import Tenor


def backward_rule(law: Regime, when_closed: WhenClosed | None) -> LastDayRule:
    """The law's rule for a day counted backwards; such a day never moves later."""
    if when_closed is None:
        return law.backward
    if when_closed is WhenClosed.NEXT:
        raise DateRuleError("a day counted backwards never moves later; expected none or preceding")
    return LastDayRule(when_closed=when_closed, rule=law.backward.rule)


def settled_last_day(reasons: Reasoning, day: date, end: LastDayRule, calendar: HolidayCalendar | None) -> date:
    """`day`, moved when it is closed and the rule moves it; a step says what was decided and why."""
    if end.when_closed is WhenClosed.STAYS:
        _stays(reasons, day, end.rule, calendar)
        return day
    used = reasons.rely_on(calendar, day)
    reason = why_closed(day, used)
    if reason is None:
        reasons.note(said("{0} is open: it stands", "le {0} est ouvert : il vaut", day), day)
        return day
    last = moved(day, end.when_closed, used)
    reasons.apply(
        end.rule,
        last,
        said(
            f"{{0}} does not count ({reason.en}); the last day is {{1}}",
            f"le {{0}} ne compte pas ({reason.fr}) ; le dernier jour est le {{1}}",
            day,
            last,
        ),
    )
    return last


def _stays(reasons: Reasoning, day: date, rule: Rule, calendar: HolidayCalendar | None) -> None:
    """Say that the day is not moved, and why, when the calendar given shows that it is closed.

    The day does not hang on it: a calendar that does not reach so far is told, and is no obstacle.
    """
    try:
        reason = None if calendar is None else why_closed(day, calendar)
    except OutsideCoverage as outside:
        en, fr = "whether {0} is open is not known", "on ne sait si le {0} est ouvert"
        last_en, last_fr = "either way it stays the last day", "dans les deux cas il reste le dernier jour"
        reasons.note(said(f"{en} ({outside}); {last_en}", f"{fr} ({outside}) ; {last_fr}", day), day)
        return
    if reason is None:
        return
    _ = reasons.rely_on(calendar, day)
    reasons.apply(
        rule,
        day,
        said(
            f"{{0}} is a closed day ({reason.en}) and stays the last day",
            f"le {{0}} est un jour chômé ({reason.fr}) et reste le dernier jour",
            day,
        ),
    )


def with_least_working_days(
    reasons: Reasoning,
    event: date,
    day: date,
    period: Tenor,
    calendar: HolidayCalendar | None,
    *,
    clear: bool = False,
    event_counted: bool = False,
) -> date:
    """`day`, moved away from the event where the law wants a least number of working days in the period.

    `clear`: the working days must lie between `day` and the event, so `day` is none of them. `event_counted`:
    the period begins with the day of the event, which is one of them where it is open.
    """
    least = reasons.law.least_working_days
    if least is None or (not period.whole_months and period.loose_days < least.working_days):
        return day
    used = reasons.rely_on(calendar, day)
    inner = add_days(day, clear)
    last = add_days(with_least_open_days(event, inner, least.working_days, used, event_counted=event_counted), -clear)
    if last != day:
        needed = least.working_days
        reasons.apply(
            least.rule,
            last,
            said(
                f"{{0}} leaves fewer than {needed} working days; the last day is {{1}}",
                f"le {{0}} laisse moins de {needed} jours ouvrables ; le dernier jour est le {{1}}",
                day,
                last,
            ),
        )
    return last
