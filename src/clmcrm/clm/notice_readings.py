"""The ways to read a notice clause, each with the last day it gives, and the day that is safe under all of them.

The rule of the file: what the clause leaves open becomes a `Reading` of its own and is never chosen among.
Ways to count come first; closed days and the time a letter takes are then looked at for each of them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import add_days, latest_start
from clmcrm.calendars.reasoning import why_closed
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.deadlines import Reading, last_day_for, last_day_under
from clmcrm.clm.delivery import beyond_words, is_posted, open_day_before, send_by
from clmcrm.clm.term_clauses import NoticeClause, NoticeEffect, NoticeReference
from clmcrm.values.partial import Unknown
from clmcrm.values.wording import Wording

_ONE_DAY: Final = timedelta(days=1)

ALL_AT_ONCE: Final = Wording(
    "if the strict readings hold together", "si les lectures les plus strictes valent toutes à la fois"
)
"""The words of the reading in which every strict one holds; its last day is the safe day."""


def plain_reading(clause: NoticeClause, ends_on: date) -> Wording:
    """The words of the plain count: back from the renewal date or from the last day of the term, as the clause says."""
    if clause.reference is NoticeReference.RENEWAL_DATE:
        return Wording.later(
            lambda: f"counted back from the renewal date, {ends_on + _ONE_DAY}",
            lambda: f"compté à rebours de la date de renouvellement, le {ends_on + _ONE_DAY}",
        )
    return Wording.later(
        lambda: f"counted back from the last day of the term, {ends_on}",
        lambda: f"compté à rebours du dernier jour du terme, le {ends_on}",
    )


def other_counts(clause: NoticeClause, ends_on: date, last_day: date, law: Regime | None) -> list[Reading]:
    """The other ways to count, before anything is said of closed days and letters."""
    readings: list[Reading] = []
    bare = last_day if law is None else last_day_for(clause, ends_on)
    if law is not None and bare != last_day:
        wording = Wording.later(
            lambda: f"if the bare count holds and not the rule of {law.title.en}",
            lambda: f"si le simple décompte vaut, et non la règle : {law.title.fr}",
        )
        readings.append(Reading(last_day=bare, wording=wording))
    if clause.reference is NoticeReference.UNSAID:
        wording = Wording.later(
            lambda: f"if the period counts back from the renewal date, {ends_on + _ONE_DAY}",
            lambda: f"si le délai se compte à rebours de la date de renouvellement, le {ends_on + _ONE_DAY}",
        )
        reach = add_days(ends_on, 1 - clause.clear_days)
        readings.append(Reading(last_day=latest_start(reach, clause.length), wording=wording))
    return readings


def earlier_end(clause: NoticeClause, earlier: date, law: Regime | None, calendar: HolidayCalendar | None) -> Reading:
    """The reading in which the stated end is the first day after the term, which then ends on `earlier`."""
    wording = Wording.later(
        lambda: f"if the stated end means the first day after the term, so that it ends on {earlier}",
        lambda: f"si la fin indiquée est le premier jour après le terme, qui échoit alors le {earlier}",
    )
    return Reading(last_day=last_day_under(clause, earlier, law, calendar), wording=wording)


def strict_readings(
    clause: NoticeClause, last_day: date, calendar: HolidayCalendar | None, closed: str | Unknown | None
) -> list[Reading]:
    """What follows when nobody is there on the last day, or when receipt counts after all."""
    readings: list[Reading] = []
    if calendar is not None and isinstance(closed, str):
        named = why_closed(last_day, calendar) or Wording(closed, closed)
        open_day = open_day_before(last_day, calendar)
        en, fr = beyond_words(open_day, calendar)
        wording = Wording.later(
            lambda: f"if nobody receives a notice on {last_day} ({closed}, {calendar.name}{en})",
            lambda: f"si personne ne reçoit de notification le {last_day} ({named.fr}, {calendar.name}{fr})",
        )
        readings.append(Reading(last_day=open_day, wording=wording))
    if is_posted(clause) and clause.effect is NoticeEffect.UNSAID:
        wording = Wording.later(
            lambda: f"if receipt counts and not dispatch: a letter takes {clause.deemed_days} business days",
            lambda: f"si la réception compte et non l'envoi : une lettre met {clause.deemed_days} jours ouvrés",
        )
        readings.append(Reading(last_day=send_by(clause, last_day, calendar), wording=wording))
    return readings


def receipt_by(clause: NoticeClause, days: list[date], calendar: HolidayCalendar | None, safe_day: date) -> date:
    """When a notice that is sent by `safe_day` counts as given, if each of `days` may be the last one.

    A letter counts from its receipt, which may be a few days later, only where receipt is what counts.
    """
    if not is_posted(clause) or clause.effect is not NoticeEffect.RECEIPT:
        return safe_day
    return min(days) if calendar is None else min(open_day_before(day, calendar) for day in days)


def safe_by(clause: NoticeClause, day: date, calendar: HolidayCalendar | None) -> date:
    """`day`, or earlier where it is closed or a letter takes its time."""
    open_day = day if calendar is None else open_day_before(day, calendar)
    return min(open_day, send_by(clause, day, calendar)) if is_posted(clause) else open_day
