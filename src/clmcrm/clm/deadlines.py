"""A deadline: the last day on which something may still be done, and how it was found, step by step.

The last day for a notice is the inverse of the forward rule: the latest day from which the whole period
still runs out in time. It is never the end minus the period (that is a day late or up to three days
early), and it is never moved forward because it falls on a Sunday.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import add_days, forward, latest_start
from clmcrm.clm.clauses import NoticeClause, NoticeEffect, NoticeReference
from clmcrm.errors import OutsideCoverage
from clmcrm.values.ids import ContractId
from clmcrm.values.partial import Unknown
from clmcrm.values.source import Authority, Source
from clmcrm.values.validators import instance, maybe, member, plain_date
from clmcrm.values.wording import Step, Wording, day_words

_ONE_DAY: Final = timedelta(days=1)


class Purpose(StrEnum):
    """What may be done until the deadline."""

    STOP_RENEWAL = "stop the renewal"
    RENEW = "renew"
    LEAVE = "leave"


@frozen(kw_only=True)
class Rule:
    """The rule a date follows from: its name, and the `source` with the citation."""

    name: str
    source: Source


@frozen(kw_only=True)
class Reading:
    """One way to read the clause, and the last day it gives."""

    last_day: date = field(validator=plain_date)
    wording: Wording = field(validator=instance(Wording))


@frozen(kw_only=True)
class Deadline:
    """The last day for a notice, with every reading the clause leaves open.

    `last_day` follows the clause as it is best read; `safe_day` is the earliest and `latest_arguable` the
    latest day over all open readings, so a notice by `safe_day` is in time whoever is right. `ends_on` is
    the last day of the contract (or term) that the notice is about; `opens_on` is the first day on which
    notice may be given (None: any day before). `send_by` is when a letter must leave to arrive in time
    (None where no delay was agreed).
    """

    contract: ContractId
    purpose: Purpose = field(validator=member(Purpose))
    ends_on: date = field(validator=plain_date)
    last_day: date = field(validator=plain_date)
    safe_day: date = field(validator=plain_date)
    latest_arguable: date = field(validator=plain_date)
    opens_on: date | None = field(default=None, validator=maybe(plain_date))
    send_by: date | None = field(default=None, validator=maybe(plain_date))
    rule: Rule
    readings: tuple[Reading, ...]
    steps: tuple[Step, ...]

    @property
    def spread_days(self) -> int:
        """How many days lie between the earliest and the latest reading; 0 when they all agree."""
        return (self.latest_arguable - self.safe_day).days


@frozen(kw_only=True)
class NoDeadline:
    """There is nothing to watch for, and why; not the same as not knowing."""

    contract: ContractId
    reason: Wording

    def __str__(self) -> str:
        """The reason in English."""
        return self.reason.en


def last_day_for(clause: NoticeClause, ends_on: date) -> date:
    """The last day for a notice under `clause` about a term that ends on `ends_on`, without explanation.

    >>> from clmcrm.values.tenor import Tenor
    >>> last_day_for(NoticeClause(length=Tenor(months=6)), date(2018, 9, 30))
    datetime.date(2018, 3, 31)
    """
    reached = ends_on
    if clause.reference is NoticeReference.RENEWAL_DATE:
        reached += _ONE_DAY
    if clause.clear_days:
        reached -= _ONE_DAY
    return latest_start(reached, clause.length)


def explained(
    contract: ContractId,
    clause: NoticeClause,
    ends_on: date,
    purpose: Purpose,
    *,
    end_unsaid: bool,
    calendar: HolidayCalendar | None,
    before: tuple[Step, ...] = (),
) -> Deadline:
    """The deadline of a notice about a term that ends on `ends_on`, with its steps and open readings.

    `end_unsaid` says that the contract's stated end may also mean the first day after it. `calendar` is
    where the letter is delivered (None: nothing is said about business days, and the steps say so).
    `before` are the steps that led to `ends_on`.
    """
    last_day = last_day_for(clause, ends_on)
    readings = [Reading(last_day=last_day, wording=_plain_reading(clause, ends_on))]
    readings += _other_readings(clause, ends_on, end_unsaid=end_unsaid)
    steps = [*before, _period_step(clause, ends_on, last_day)]
    closed = _closed(last_day, calendar)
    if calendar is not None and isinstance(closed, str):
        open_day = _open_day_before(last_day, calendar)
        readings.append(Reading(last_day=open_day, wording=_closed_reading(last_day, closed, calendar)))
    steps.append(_weekday_step(last_day, calendar, closed))
    send_by = _send_by(clause, last_day, calendar)
    if send_by is not None:
        steps.append(_post_step(clause, send_by))
    days = [reading.last_day for reading in readings]
    if min(days) != max(days):
        steps.append(_spread_step(min(days), max(days)))
    return Deadline(
        contract=contract,
        purpose=purpose,
        ends_on=ends_on,
        last_day=last_day,
        safe_day=min([*days, *([send_by] if send_by else [])]),
        latest_arguable=max(days),
        opens_on=None if clause.not_before is None else _opens_on(clause, ends_on),
        send_by=send_by,
        rule=_rule(clause),
        readings=tuple(readings),
        steps=tuple(steps),
    )


def _rule(clause: NoticeClause) -> Rule:
    place = f"the contract, {clause.citation}" if clause.citation else "the contract's notice clause"
    unsaid = clause.reference is NoticeReference.UNSAID
    reference = "the end of the term" if unsaid else clause.reference.value.replace("_", " ")
    return Rule(
        name=f"{clause.length.words} before {reference}",
        source=Source(citation=place, authority=Authority.CONTRACT),
    )


def _opens_on(clause: NoticeClause, ends_on: date) -> date:
    """The first day whose longer period still reaches the end."""
    assert clause.not_before is not None  # noqa: S101 - the caller has checked it
    return latest_start(ends_on - _ONE_DAY, clause.not_before) + _ONE_DAY


def _plain_reading(clause: NoticeClause, ends_on: date) -> Wording:
    if clause.reference is NoticeReference.RENEWAL_DATE:
        return Wording(
            f"counted back from the renewal date, {ends_on + _ONE_DAY}",
            f"compté à rebours de la date de renouvellement, le {ends_on + _ONE_DAY}",
        )
    return Wording(
        f"counted back from the last day of the term, {ends_on}",
        f"compté à rebours du dernier jour du terme, le {ends_on}",
    )


def _other_readings(clause: NoticeClause, ends_on: date, *, end_unsaid: bool) -> list[Reading]:
    readings: list[Reading] = []
    if clause.reference is NoticeReference.UNSAID:
        wording = Wording(
            f"if the period counts back from the renewal date, {ends_on + _ONE_DAY}",
            f"si le délai se compte à rebours de la date de renouvellement, le {ends_on + _ONE_DAY}",
        )
        readings.append(Reading(last_day=latest_start(ends_on + _ONE_DAY, clause.length), wording=wording))
    if end_unsaid:
        wording = Wording(
            f"if the stated end means the first day after the term, so that it ends on {ends_on - _ONE_DAY}",
            f"si la fin indiquée est le premier jour après le terme, qui échoit alors le {ends_on - _ONE_DAY}",
        )
        readings.append(Reading(last_day=last_day_for(clause, ends_on - _ONE_DAY), wording=wording))
    return readings


def _period_step(clause: NoticeClause, ends_on: date, last_day: date) -> Step:
    runs_out = forward(last_day, clause.length)
    too_late = last_day + _ONE_DAY
    next_out = forward(too_late, clause.length)
    full = " clear" if clause.clear_days else ""
    return Step(
        last_day,
        Wording(
            f"the last day for the notice: {clause.length.words}{full} from {last_day} run out on {runs_out}; "
            f"from {too_late} they would run out on {next_out}, too late for the term ending {ends_on}",
            f"dernier jour pour notifier : le délai de {clause.length.said('fr')} à partir du {last_day} expire le "
            f"{runs_out} ; à partir du {too_late} il expirerait le {next_out}, trop tard pour le terme "
            f"échéant le {ends_on}",
        ),
    )


def _closed(day: date, calendar: HolidayCalendar | None) -> str | Unknown | None:
    """Why `day` does not count, None when it does, `Unknown` when the calendar's data does not reach it."""
    if calendar is None:
        return None
    try:
        return calendar.why_closed(day)
    except OutsideCoverage as outside:
        return Unknown(str(outside))


def _weekday_step(last_day: date, calendar: HolidayCalendar | None, closed: str | Unknown | None) -> Step:
    said = (day_words(last_day), day_words(last_day, "fr"))
    if calendar is None:
        return Step(
            last_day,
            Wording(
                f"this is a {said[0]}; no calendar was given, so business days were not looked at",
                f"c'est un {said[1]} ; aucun calendrier n'étant donné, les jours ouvrés n'ont pas été examinés",
            ),
        )
    source = f"{calendar.name}, {calendar.version}"
    if isinstance(closed, Unknown):
        return Step(
            last_day,
            Wording(
                f"this is a {said[0]}; whether it is a business day is not known: {closed.reason}",
                f"c'est un {said[1]} ; on ne sait s'il est ouvré : {closed.reason}",
            ),
        )
    if closed is None:
        return Step(
            last_day,
            Wording(f"this is {said[0]}, a business day ({source})", f"c'est un jour ouvré, {said[1]} ({source})"),
        )
    return Step(
        last_day,
        Wording(
            f"this is {said[0]}, no business day: {closed} ({source}); a period counted backwards is not "
            "moved forward, so a notice on the next business day would be late",
            f"c'est {said[1]}, jour non ouvré : {closed} ({source}) ; un délai compté à rebours n'est pas "
            "reporté, une notification le jour ouvré suivant serait tardive",
        ),
    )


def _closed_reading(last_day: date, closed: str, calendar: HolidayCalendar) -> Wording:
    return Wording(
        f"if nobody receives a notice on {last_day} ({closed}, {calendar.name})",
        f"si personne ne reçoit de notification le {last_day} ({closed}, {calendar.name})",
    )


def _open_day_before(day: date, calendar: HolidayCalendar) -> date:
    while calendar.why_closed(day) is not None:
        day = add_days(day, -1)
    return day


def _send_by(clause: NoticeClause, last_day: date, calendar: HolidayCalendar | None) -> date | None:
    """The day a letter must leave so that it counts as received on the last day."""
    if clause.effect is not NoticeEffect.RECEIPT or clause.deemed_days is None:
        return None
    day = last_day
    for _ in range(clause.deemed_days):
        day = add_days(day, -1)
        if calendar is not None and not isinstance(_closed(day, calendar), Unknown):
            day = _open_day_before(day, calendar)
    return day


def _post_step(clause: NoticeClause, send_by: date) -> Step:
    return Step(
        send_by,
        Wording(
            f"receipt counts, and a letter is deemed received {clause.deemed_days} business days after it was "
            "sent: it must leave by this day",
            f"la réception fait foi, et une lettre est réputée reçue {clause.deemed_days} jours ouvrés après "
            "son envoi : elle doit partir ce jour au plus tard",
        ),
    )


def _spread_step(safe_day: date, latest: date) -> Step:
    return Step(
        safe_day,
        Wording(
            f"a notice by this day is in time under every reading; under the most generous one, {latest}",
            f"une notification à cette date est à temps dans toutes les lectures ; dans la plus large, {latest}",
        ),
    )
