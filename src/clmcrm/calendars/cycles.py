"""Cycles as ACTUS contracts write them: an anchor date and a text such as P1ML0.

The rule of the file: every date is the anchor plus k cycles. The letter after the period names the last
stub: `L0` long (the last regular date before an off-cycle end is dropped, whether or not the end itself is
an event), `L1` short. Month ends are kept only when asked for, when the anchor is the last day of a month
shorter than 31 days, and for months and years alone. Semantics inferred from the ACTUS test beds (2021).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.adjustments import AmountBasis, Convention, adjust
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import is_month_end, month_end, nth
from clmcrm.errors import ContradictorySchedule, DateRuleError, InvalidRecord
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, flag, instance, maybe, member, plain_date

_TEXT: Final = re.compile(r"(P\d+[DWMQHY])(?:L([01]))?")
_MONTHS: Final = {"Q": 3, "H": 6}
_LONGEST_MONTH: Final = 31
_CONVENTIONS: Final = {
    "F": Convention.FOLLOWING,
    "MF": Convention.MODIFIED_FOLLOWING,
    "P": Convention.PRECEDING,
    "MP": Convention.MODIFIED_PRECEDING,
}
_BASES: Final = {"SC": AmountBasis.SHIFT_THEN_CALCULATE, "CS": AmountBasis.CALCULATE_THEN_SHIFT}


@frozen
class Cycle:
    """A period and the kind of its last stub.

    >>> str(Cycle.parse("P1ML0")), Cycle.parse("P1Q").tenor.whole_months
    ('P1ML0', 3)
    """

    tenor: Tenor = field(validator=instance(Tenor))
    long_stub: bool = field(default=False, validator=flag)

    @classmethod
    def parse(cls, text: str) -> Cycle:
        """The cycle of `text` (unit D, W, M, Q, H or Y); without a stub letter the stub is short."""
        found = _TEXT.fullmatch(text.strip()) if text.isascii() else None
        if found is None:
            raise InvalidRecord("Cycle", "text", text, "a period and its last stub, such as P1ML0 or P3ML1")
        period, stub = found.groups()
        amount, unit = int(period[1:-1]), period[-1]
        tenor = Tenor(months=amount * _MONTHS[unit]) if unit in _MONTHS else Tenor.parse(period)
        return cls(tenor, stub == "0")

    def __str__(self) -> str:
        """The period and its stub letter."""
        return f"{self.tenor}L{0 if self.long_stub else 1}"


def parse_convention(code: str) -> tuple[Convention, AmountBasis]:
    """The convention and the amount basis of an ACTUS code: SCF, SCMF, SCP, SCMP, the same with CS, or NOS.

    >>> [part.value for part in parse_convention("CSMF")]
    ['modified following', 'calculate, then shift']
    """
    if code == "NOS":
        return Convention.NONE, AmountBasis.CALCULATE_THEN_SHIFT
    basis, convention = _BASES.get(code[:2]), _CONVENTIONS.get(code[2:])
    if basis is None or convention is None:
        raise InvalidRecord("Cycle", "convention", code, "NOS, or SC or CS with F, MF, P or MP")
    return convention, basis


@frozen(kw_only=True)
class CycleSeries:
    """The dates of one kind of event: from `anchor` every `cycle`, before `end`.

    `anchor` None means `extra` alone. `end` is no regular date; `with_end` makes it the last event. None
    means the series has no end of its own. `keep_month_end` is ACTUS's EOM. `extra` are dates added to it.
    """

    anchor: date | None = field(default=None, validator=maybe(plain_date))
    cycle: Cycle | None = field(default=None, validator=maybe(instance(Cycle)))
    end: date | None = field(default=None, validator=maybe(plain_date))
    with_end: bool = field(default=False, validator=flag)
    keep_month_end: bool = field(default=False, validator=flag)
    convention: Convention = field(default=Convention.NONE, validator=member(Convention))
    extra: tuple[date, ...] = field(default=(), validator=each(plain_date))

    def __attrs_post_init__(self) -> None:
        if (self.anchor is None) != (self.cycle is None):
            raise ContradictorySchedule(f"anchor {self.anchor} and cycle {self.cycle} need one another")
        if self.with_end and self.end is None:
            raise ContradictorySchedule("the end is to be an event, but there is no end")

    def _stepped(self, anchor: date, cycle: Cycle) -> Iterator[date]:
        tenor = cycle.tenor
        keep = self.keep_month_end and tenor.loose_days == 0 and is_month_end(anchor)
        # A month of 31 days hands on its last day by clipping alone.
        keep = keep and anchor.day < _LONGEST_MONTH
        for k in count():
            try:
                day = nth(anchor, tenor, k)
            except DateRuleError:
                return  # there are no days beyond year 9999
            yield month_end(day) if keep else day

    def unadjusted(self, last_day: date) -> tuple[date, ...]:
        """The dates before any adjustment, none after `last_day` (inside); in order, without repeats.

        >>> series = CycleSeries(
        ...     anchor=date(2026, 1, 31), cycle=Cycle.parse("P1ML0"), end=date(2026, 4, 15), with_end=True)
        >>> [day.isoformat() for day in series.unadjusted(date(2026, 12, 31))]
        ['2026-01-31', '2026-02-28', '2026-04-15']
        """
        days = self._regular(last_day)
        if self.with_end and self.end is not None:
            days.append(self.end)
        days.extend(self.extra)
        return tuple(sorted({day for day in days if day <= last_day}))

    def _regular(self, last_day: date) -> list[date]:
        if self.anchor is None or self.cycle is None:
            return []
        days: list[date] = []
        for day in self._stepped(self.anchor, self.cycle):
            if day == self.end or (self.end is None and day > last_day):
                return days
            if self.end is not None and day > self.end:
                break
            days.append(day)
        # The stub grows by the period before it, but an only date has nothing to give.
        has_long_stub = self.end is not None and self.cycle.long_stub and len(days) > 1
        return days[:-1] if has_long_stub else days


def cycle_days(series: CycleSeries, window: Span, calendar: HolidayCalendar) -> tuple[date, ...]:
    """The adjusted dates of `series` that lie in `window` (both ends inside).

    Dates that fall on the same day once adjusted are one event. Raises `ContradictorySchedule` for a
    window without an end, `OutsideCoverage` where the calendar has no data.

    >>> from clmcrm.calendars.calendar import MONDAY_TO_FRIDAY
    >>> series = CycleSeries(
    ...     anchor=date(2026, 1, 31), cycle=Cycle.parse("P1ML1"), convention=Convention.FOLLOWING)
    >>> window = Span(date(2026, 2, 1), date(2026, 3, 31))
    >>> [day.isoformat() for day in cycle_days(series, window, MONDAY_TO_FRIDAY)]
    ['2026-02-02', '2026-03-02', '2026-03-31']
    """
    if window.last_day is None:
        raise ContradictorySchedule(f"the window from {window.first_day} has no end")
    # An adjustment may bring a date back into the window from just behind it.
    margin = 0 if series.convention is Convention.NONE else _LONGEST_MONTH
    horizon = min(date.max.toordinal(), window.last_day.toordinal() + margin)
    adjusted = [adjust(day, series.convention, calendar) for day in series.unadjusted(date.fromordinal(horizon))]
    return tuple(sorted({day for day in adjusted if day in window}))
