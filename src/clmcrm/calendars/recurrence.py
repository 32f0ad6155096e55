"""Recurrence rules of calendars (RFC 5545 RRULE), and contract series written as such.

The rule of the file: an RRULE on day 29, 30 or 31 *skips* the months without that day, while a contract's
series clips to the month's end. So a series is exported with BYSETPOS=-1 over the last days of the month.
Days only: hours, minutes and seconds have no place here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, Final

import attrs
from attrs import evolve, field, frozen

from clmcrm.errors import DateRuleError, InvalidRecord
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import describe, maybe, member, plain_date, positive_count

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SHORTEST: Final = 28
_FEBRUARY: Final = 2


class Frequency(StrEnum):
    """How often a rule starts over."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


def _within(low: int, high: int, *, signed: bool) -> Callable[[Any, Any, Any], None]:
    expected = f"whole numbers from {low} to {high}" + (", or the same below zero" if signed else "")

    def validator(inst: object, attribute: attrs.Attribute[Any], value: tuple[int, ...]) -> None:
        for number in value:
            if not low <= (abs(number) if signed else number) <= high:
                raise InvalidRecord(describe(inst), attribute.name, number, expected)

    return validator


@frozen
class WeekdayRule:
    """A weekday (0 is Monday), every one of them (`nth` 0) or the nth of the period, from its end below zero.

    >>> str(WeekdayRule(4, -1))
    '-1FR'
    """

    weekday: int
    nth: int = 0

    def __str__(self) -> str:
        """The RFC's spelling."""
        return f"{self.nth or ''}{WEEKDAYS[self.weekday]}"


@frozen(kw_only=True)
class Recurrence:
    """A rule and the day it starts from (`first_day`, DTSTART), which is an occurrence only if it fits.

    `interval` counts periods of `frequency`; `count` limits how many days it gives and `last_day` (UNTIL,
    inside) how far it goes, not both; with neither it never ends. The other fields are the RFC's BY parts
    (empty: not given) and `week_start` its WKST (0 is Monday).
    """

    first_day: date = field(validator=plain_date)
    frequency: Frequency = field(validator=member(Frequency))
    interval: int = field(default=1, validator=positive_count)
    count: int | None = field(default=None, validator=maybe(positive_count))
    last_day: date | None = field(default=None, validator=maybe(plain_date))
    months: tuple[int, ...] = field(default=(), validator=_within(1, 12, signed=False))
    week_numbers: tuple[int, ...] = field(default=(), validator=_within(1, 53, signed=True))
    year_days: tuple[int, ...] = field(default=(), validator=_within(1, 366, signed=True))
    month_days: tuple[int, ...] = field(default=(), validator=_within(1, 31, signed=True))
    weekdays: tuple[WeekdayRule, ...] = ()
    positions: tuple[int, ...] = field(default=(), validator=_within(1, 366, signed=True))
    week_start: int = 0

    def __attrs_post_init__(self) -> None:
        if self.count is not None and self.last_day is not None:
            raise InvalidRecord("Recurrence", "last_day", self.last_day, "COUNT or UNTIL, not both")

    def __str__(self) -> str:
        """The RRULE text, without DTSTART."""
        until = None if self.last_day is None else f"{self.last_day:%Y%m%d}"
        parts: list[tuple[str, object]] = [
            ("FREQ", self.frequency),
            ("INTERVAL", self.interval if self.interval > 1 else None),
            ("COUNT", self.count),
            ("UNTIL", until),
            ("WKST", WEEKDAYS[self.week_start] if self.week_start else None),
        ]
        parts += [(name, ",".join(map(str, getattr(self, by))) or None) for name, by in BY_PARTS.items()]
        return ";".join(f"{name}={value}" for name, value in parts if value is not None)


BY_PARTS: Final = {
    "BYMONTH": "months",
    "BYWEEKNO": "week_numbers",
    "BYYEARDAY": "year_days",
    "BYMONTHDAY": "month_days",
    "BYDAY": "weekdays",
    "BYSETPOS": "positions",
}


def completed(rule: Recurrence) -> Recurrence:
    """The rule with the parts that its first day implies written out (RFC 5545, 3.3.10).

    >>> str(completed(Recurrence(first_day=date(2026, 1, 15), frequency=Frequency.MONTHLY)))
    'FREQ=MONTHLY;BYMONTHDAY=15'
    """
    if rule.week_numbers or rule.year_days or rule.month_days or rule.weekdays:
        return rule
    if rule.frequency is Frequency.WEEKLY:
        return evolve(rule, weekdays=(WeekdayRule(rule.first_day.weekday()),))
    if rule.frequency is Frequency.DAILY:
        return rule
    months = rule.months or ((rule.first_day.month,) if rule.frequency is Frequency.YEARLY else ())
    return evolve(rule, months=months, month_days=(rule.first_day.day,))


def skips_months(rule: Recurrence) -> bool:
    """Whether the rule leaves out a month because that month is too short (a plain 29, 30 or 31).

    >>> skips_months(Recurrence(first_day=date(2026, 1, 31), frequency=Frequency.MONTHLY))
    True
    >>> skips_months(recurrence_of(date(2026, 1, 31), Tenor(months=1)))
    False
    """
    rule = completed(rule)
    if rule.positions or rule.frequency not in {Frequency.MONTHLY, Frequency.YEARLY}:
        return False
    months = rule.months or tuple(range(1, 13))
    shortest = min(_SHORTEST if month == _FEBRUARY else monthrange(2023, month)[1] for month in months)
    return bool(rule.month_days) and max(rule.month_days) > shortest


def recurrence_of(anchor: date, tenor: Tenor, *, count: int | None = None, last_day: date | None = None) -> Recurrence:
    """The rule whose days are `anchor` plus k times `tenor`, clipped to the ends of short months.

    Raises `DateRuleError` for months and days together, which no RRULE can say.

    >>> str(recurrence_of(date(2026, 1, 30), Tenor(months=1), count=12))
    'FREQ=MONTHLY;COUNT=12;BYMONTHDAY=28,29,30;BYSETPOS=-1'
    >>> str(recurrence_of(date(2024, 2, 29), Tenor(years=1)))
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1'
    """
    months, days = tenor.whole_months, tenor.loose_days
    if months and days:
        raise DateRuleError(f"{tenor} mixes months and days, which no RRULE can say")
    if days:
        weeks, rest = divmod(days, 7)
        frequency, interval = (Frequency.DAILY, days) if rest else (Frequency.WEEKLY, weeks)
    else:
        years, rest = divmod(months, 12)
        frequency, interval = (Frequency.MONTHLY, months) if rest else (Frequency.YEARLY, years)
    rule = Recurrence(first_day=anchor, frequency=frequency, interval=interval, count=count, last_day=last_day)
    return _clipped(rule)


def _clipped(rule: Recurrence) -> Recurrence:
    """The same rule without BY parts, made to fall on the last day of a month that is too short."""
    if not skips_months(rule):
        return rule
    months = completed(rule).months
    days = tuple(range(_SHORTEST, rule.first_day.day + 1))
    return evolve(rule, months=months, month_days=days, positions=(-1,))


def tenor_of(rule: Recurrence) -> Tenor | None:
    """The step of the contract series that has the same days as `rule`; None when it is no such series.

    >>> str(tenor_of(recurrence_of(date(2026, 1, 31), Tenor(months=3))))
    'P3M'
    >>> tenor_of(Recurrence(first_day=date(2026, 1, 31), frequency=Frequency.MONTHLY)) is None
    True
    """
    plain = Recurrence(
        first_day=rule.first_day,
        frequency=rule.frequency,
        interval=rule.interval,
        count=rule.count,
        last_day=rule.last_day,
        week_start=rule.week_start,
    )
    if completed(_clipped(plain)) != completed(rule):
        return None
    unit = {
        Frequency.DAILY: Tenor(days=1),
        Frequency.WEEKLY: Tenor(weeks=1),
        Frequency.MONTHLY: Tenor(months=1),
        Frequency.YEARLY: Tenor(years=1),
    }[rule.frequency]
    return unit.times(rule.interval)
