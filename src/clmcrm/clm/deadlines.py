"""A deadline: the last day on which something may still be done, and how it was found, step by step.

The last day for a notice is the inverse of the forward rule: the latest day from which the whole period
still runs out in time. It is never the end minus the period (that is a day late or up to three days
early), and it is never moved forward because it falls on a Sunday.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.legal_counting import moved
from clmcrm.calendars.months import add_days, latest_start
from clmcrm.calendars.reasoning import Reasoning
from clmcrm.calendars.regimes.record import Regime, WhenClosed
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference
from clmcrm.values.ids import ContractId
from clmcrm.values.source import Source
from clmcrm.values.validators import instance, instant, maybe, member, plain_date
from clmcrm.values.wording import Step, Wording


class Purpose(StrEnum):
    """What may be done until the deadline."""

    STOP_RENEWAL = "stop the renewal"
    RENEW = "renew"
    LEAVE = "leave"


@frozen(kw_only=True)
class Rule:
    """The rule a date follows from: what it says, in words, and the `source` with the citation."""

    wording: Wording
    source: Source

    @property
    def name(self) -> str:
        """The rule in English."""
        return self.wording.en


@frozen(kw_only=True)
class Reading:
    """One way to read the clause, and the last day it gives."""

    last_day: date = field(validator=plain_date)
    wording: Wording = field(validator=instance(Wording))


@frozen(kw_only=True)
class Deadline:
    """The last day for a notice, with every reading the clause leaves open.

    `last_day` follows the clause as it is best read, under the law that counts (`law`, a regime's name;
    None: the bare count); `safe_day` is the earliest and `latest_arguable` the latest day over all open
    readings, so a notice by `safe_day` is in time whoever is right (a step says so where that
    day lies before the clause's window opens, and none is). `ends_on` is the last day of the
    contract (or term) that the notice is about; `opens_on` is the first day on which notice may be given
    (None: any day before). `send_by` is when a letter must leave to arrive in time (None where no delay
    was agreed), `receive_before` the instant before which it must have arrived (None where no zone was).
    `rule` is the clause, or the rule of law where that decides the day.
    """

    contract: ContractId
    purpose: Purpose = field(validator=member(Purpose))
    ends_on: date = field(validator=plain_date)
    last_day: date = field(validator=plain_date)
    safe_day: date = field(validator=plain_date)
    latest_arguable: date = field(validator=plain_date)
    opens_on: date | None = field(default=None, validator=maybe(plain_date))
    send_by: date | None = field(default=None, validator=maybe(plain_date))
    receive_before: datetime | None = field(default=None, validator=maybe(instant))
    law: str | None = None
    rule: Rule
    readings: tuple[Reading, ...]
    steps: tuple[Step, ...]

    @property
    def spread_days(self) -> int:
        """How many days lie between the earliest and the latest reading; 0 when they all agree."""
        return (self.latest_arguable - self.safe_day).days

    @property
    def open_readings(self) -> tuple[Reading, ...]:
        """The readings that give another day than `last_day`: what makes the days differ."""
        return tuple(reading for reading in self.readings if reading.last_day != self.last_day)


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
    return latest_start(add_days(ends_on, shift(clause, None)), clause.length)


def shift(clause: NoticeClause, law: Regime | None) -> int:
    """How many days after the term's last day the period may run out: 1, 0 or -1.

    1 for a period before the renewal date; one less where clear days are agreed, or where the law wants
    the whole period between the notice and the date it comes before (France: avis of 6.11.2025, 25-70.018).

    >>> from clmcrm.calendars.regimes.known import regime
    >>> from clmcrm.values.tenor import Tenor
    >>> clause = NoticeClause(length=Tenor(days=30), reference=NoticeReference.RENEWAL_DATE)
    >>> shift(clause, None), shift(clause, regime("FR_CPC"))
    (1, 0)
    """
    on_renewal = clause.reference is NoticeReference.RENEWAL_DATE
    full = clause.clear_days or (on_renewal and law is not None and not law.clear.source.derived)
    return on_renewal - full


def last_day_under(
    clause: NoticeClause, ends_on: date, law: Regime | None, calendar: HolidayCalendar | None = None
) -> date:
    """The last day for a notice as `law` counts it (None: as `last_day_for`), without explanation.

    A law that moves a closed day back (Italy, the US federal rules) does so on `calendar`, or on the one
    assumed for it. Raises `OutsideCoverage` where that calendar's data ends.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> from clmcrm.values.tenor import Tenor
    >>> clause = NoticeClause(length=Tenor(months=3), reference=NoticeReference.END_OF_TERM)
    >>> str(last_day_under(clause, date(2026, 4, 30), None))
    '2026-01-31'
    >>> str(last_day_under(clause, date(2026, 5, 31), regime("IT_2963")))
    '2026-02-28'
    >>> str(last_day_under(clause, date(2026, 6, 1), regime("IT_2963")))
    '2026-02-28'
    """
    day = counted_back(clause, ends_on, law)
    if law is None or not moves_back(law):
        return day
    return moved(day, WhenClosed.PREVIOUS, calendar or assumed_calendar(law, day))


def counted_back(clause: NoticeClause, ends_on: date, law: Regime | None) -> date:
    """The day that `last_day_under` arrives at before the law moves a closed one: no calendar is asked.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> from clmcrm.values.tenor import Tenor
    >>> str(counted_back(NoticeClause(length=Tenor(months=3)), date(2026, 6, 1), regime("IT_2963")))
    '2026-03-01'
    """
    return latest_start(add_days(ends_on, shift(clause, law)), clause.length)


def moves_back(law: Regime) -> bool:
    """Whether the law moves a closed last day, counted backwards, to an open day before it.

    >>> from clmcrm.calendars.regimes.known import regime
    >>> moves_back(regime("IT_2963")), moves_back(regime("DE_BGB"))
    (True, False)
    """
    return law.backward.when_closed is WhenClosed.PREVIOUS


def assumed_calendar(law: Regime, near: date) -> HolidayCalendar:
    """The calendar the law is assumed to mean around `near` when the caller gives none."""
    return Reasoning(law).rely_on(None, near)


def opens_on(clause: NoticeClause, ends_on: date, law: Regime | None) -> date | None:
    """The first day on which notice may be given: whose `not_before` reaches the reference day, or None.

    >>> from clmcrm.values.tenor import Tenor
    >>> clause = NoticeClause(length=Tenor(months=3), not_before=Tenor(months=6))
    >>> opens_on(clause, date(2026, 12, 31), None)
    datetime.date(2026, 7, 1)
    """
    if clause.not_before is None:
        return None
    return add_days(latest_start(add_days(ends_on, shift(clause, law) - 1), clause.not_before), 1)
