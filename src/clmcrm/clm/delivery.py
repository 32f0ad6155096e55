"""How a notice reaches the other side: the hour it must be there, and the day a letter must leave.

The rule of the file: an instant is fixed in the zone the clause names and in no other; of two readings of
a clock that is being changed, the earlier one is taken, because it is safe.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY, HolidayCalendar
from clmcrm.calendars.legal_counting import moved, nth_open_day
from clmcrm.calendars.months import add_days
from clmcrm.calendars.regimes.record import WhenClosed
from clmcrm.clm.governing_regime import named_clause
from clmcrm.clm.term_clauses import NoticeClause, NoticeEffect
from clmcrm.errors import OutsideCoverage
from clmcrm.values.partial import Unknown
from clmcrm.values.wording import Step, Wording

_MIDNIGHT: Final = time()


def receive_before(clause: NoticeClause, last_day: date) -> datetime | Unknown | None:
    """The instant before which the notice must have arrived, in the clause's zone.

    The `cut_off` hour of `last_day`, or the midnight that ends it where only a zone is agreed. None where
    the clause names no zone, or dispatch is what counts; `Unknown` for a zone that does not exist. Raises
    `DateRuleError` where that midnight lies beyond the calendar.

    >>> from clmcrm.values.tenor import Tenor
    >>> clause = NoticeClause(length=Tenor(months=1), cut_off=time(17), zone="Europe/Paris")
    >>> print(receive_before(clause, date(2026, 3, 31)))
    2026-03-31 17:00:00+02:00
    """
    if clause.zone is None or clause.effect is NoticeEffect.DISPATCH:
        return None
    try:
        zone = ZoneInfo(clause.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # "Europe" alone is a folder of zones
        return Unknown(f"{named_clause(clause)} names the zone {clause.zone!r}, which is no IANA time zone")
    if clause.cut_off is None:
        return _earliest(add_days(last_day, 1), _MIDNIGHT, zone)
    return _earliest(last_day, clause.cut_off, zone)


def _earliest(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The clock time as the earlier of its two readings; one that the clocks skip becomes one that exists."""
    readings = (datetime.combine(day, hour.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return min(readings).astimezone(zone)


def hour_step(clause: NoticeClause, last_day: date, before: datetime | None) -> Step | None:
    """What the clause says of the hour; None when it says nothing."""
    if before is not None:
        return Step(
            last_day,
            Wording(
                f"it must arrive before {before:%H:%M} on {before:%Y-%m-%d} ({clause.zone}, {before:%z}); "
                "what comes later counts for the next day",
                f"elle doit arriver avant {before:%H:%M} le {before:%Y-%m-%d} ({clause.zone}, {before:%z}) ; "
                "plus tard, elle compte pour le lendemain",
            ),
        )
    if clause.cut_off is None:
        return None
    hour = clause.cut_off.strftime("%H:%M")
    if clause.effect is NoticeEffect.DISPATCH:
        return Step(
            last_day,
            Wording(
                f"a delivery after {hour} would count for the next day, but dispatch is what counts",
                f"une remise après {hour} compterait pour le lendemain, mais c'est l'envoi qui compte",
            ),
        )
    return Step(
        last_day,
        Wording(
            f"it must arrive before {hour}; in which time zone the clause does not say",
            f"elle doit arriver avant {hour} ; la clause ne dit pas dans quel fuseau horaire",
        ),
    )


def is_posted(clause: NoticeClause) -> bool:
    """Whether a letter's delay matters: a deemed delay is agreed, and receipt counts or may count.

    >>> from clmcrm.values.tenor import Tenor
    >>> is_posted(NoticeClause(length=Tenor(months=1), effect=NoticeEffect.DISPATCH, deemed_days=2))
    False
    """
    return clause.deemed_days is not None and clause.effect is not NoticeEffect.DISPATCH


def send_by(clause: NoticeClause, last_day: date, calendar: HolidayCalendar | None) -> date:
    """The day a letter must leave to count as received by `last_day`, `deemed_days` business days back.

    Where the last day itself is closed, the letter has to count as received on the business day before it.
    Without a calendar, or beyond its data, business days are Monday to Friday; `post_step` says so.
    """
    return _sent_by(clause, last_day, post_calendar(clause, last_day, calendar))


def post_calendar(clause: NoticeClause, last_day: date, calendar: HolidayCalendar | None) -> HolidayCalendar:
    """The calendar a letter's delay is counted on: the one given where it knows every day of the delay."""
    if calendar is None:
        return MONDAY_TO_FRIDAY
    try:
        _ = _sent_by(clause, last_day, calendar)
    except OutsideCoverage:
        return MONDAY_TO_FRIDAY
    return calendar


def _sent_by(clause: NoticeClause, last_day: date, calendar: HolidayCalendar) -> date:
    """As `send_by`, on `calendar` alone; raises `OutsideCoverage` where it ends."""
    day = moved(last_day, WhenClosed.PREVIOUS, calendar)
    return nth_open_day(day, -clause.deemed_days, calendar) if clause.deemed_days else day


def deemed_received(clause: NoticeClause, sent_on: date, calendar: HolidayCalendar | None) -> date:
    """The day a letter sent on `sent_on` counts as received, `deemed_days` business days later (none agreed: that day).

    Without a calendar, or beyond its data, business days are Monday to Friday.

    >>> from clmcrm.values.tenor import Tenor
    >>> clause = NoticeClause(length=Tenor(months=1), effect=NoticeEffect.RECEIPT, deemed_days=2)
    >>> deemed_received(clause, date(2026, 2, 27), None)
    datetime.date(2026, 3, 3)
    """
    if not clause.deemed_days:
        return sent_on
    try:
        return nth_open_day(sent_on, clause.deemed_days, calendar or MONDAY_TO_FRIDAY)
    except OutsideCoverage:
        return nth_open_day(sent_on, clause.deemed_days, MONDAY_TO_FRIDAY)


def post_step(clause: NoticeClause, leaves: date, used: HolidayCalendar) -> Step:
    """The step that says when the letter must leave, and on which calendar that was counted."""
    sure = clause.effect is NoticeEffect.RECEIPT
    en = "receipt counts, and" if sure else "if receipt counts, which the clause leaves open,"
    fr = "la réception fait foi, et" if sure else "si la réception fait foi, ce que la clause ne dit pas,"
    return Step(
        leaves,
        Wording(
            f"{en} a letter is deemed received {clause.deemed_days} business days after it was sent "
            f"({used.name}): it must leave by this day",
            f"{fr} une lettre est réputée reçue {clause.deemed_days} jours ouvrés après son envoi "
            f"({used.name}) : elle doit partir ce jour au plus tard",
        ),
    )


def open_day_before(day: date, calendar: HolidayCalendar) -> date:
    """`day`, or the last open day before it; the day itself where the calendar knows nothing of it.

    Where the data of a closed `day`'s calendar ends on the way, the days before are taken as Monday to Friday
    (`beyond_words` says so).

    >>> open_day_before(date(2026, 3, 1), MONDAY_TO_FRIDAY)
    datetime.date(2026, 2, 27)
    """
    candidate = day
    try:
        while calendar.why_closed(candidate) is not None:
            candidate = add_days(candidate, -1)
    except OutsideCoverage:
        return day if candidate == day else moved(candidate, WhenClosed.PREVIOUS, MONDAY_TO_FRIDAY)
    return candidate


def beyond_words(day: date, calendar: HolidayCalendar) -> tuple[str, str]:
    """What is to be said, in English and French, of an open day that the calendar does not reach; else nothing."""
    try:
        _ = calendar.why_closed(day)
    except OutsideCoverage as outside:
        return f"; {outside}: Monday to Friday there", f" ; {outside} : du lundi au vendredi à ces dates"
    return "", ""
