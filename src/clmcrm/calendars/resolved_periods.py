"""What an agreed schedule resolves to: dated periods, each with its dates before and after adjustment.

The rule of the file: results only, and both dates of a pair are kept; how they are found is in
`clmcrm.calendars.schedules`.
"""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.calendars.adjustments import AmountBasis
from clmcrm.calendars.months import add_days
from clmcrm.calendars.rolls import Roll
from clmcrm.values.span import Span
from clmcrm.values.validators import plain_date


@frozen(kw_only=True)
class SchedulePeriod:
    """One period, adjusted and unadjusted: each pair is its first day and the first day of the next one."""

    unadjusted_first_day: date = field(validator=plain_date)
    unadjusted_next_first_day: date = field(validator=plain_date)
    first_day: date = field(validator=plain_date)
    next_first_day: date = field(validator=plain_date)
    is_stub: bool = False

    def span(self, basis: AmountBasis = AmountBasis.CALCULATE_THEN_SHIFT) -> Span:
        """The days the period is priced on: the unadjusted ones unless shifting comes first.

        >>> from datetime import date as d
        >>> period = SchedulePeriod(
        ...     unadjusted_first_day=d(2026, 5, 1), unadjusted_next_first_day=d(2026, 6, 1),
        ...     first_day=d(2026, 5, 4), next_first_day=d(2026, 6, 1))
        >>> period.span().days, period.span(AmountBasis.SHIFT_THEN_CALCULATE).days
        (31, 28)
        """
        if basis is AmountBasis.SHIFT_THEN_CALCULATE:
            return Span(self.first_day, add_days(self.next_first_day, -1))
        return Span(self.unadjusted_first_day, add_days(self.unadjusted_next_first_day, -1))


@frozen(kw_only=True)
class Schedule:
    """Resolved dates: the periods in order, and the roll that was applied."""

    periods: tuple[SchedulePeriod, ...]
    roll: Roll

    @property
    def unadjusted(self) -> tuple[date, ...]:
        """Every boundary before adjustment: the first day of each period, then the end of the last."""
        ends = tuple(period.unadjusted_next_first_day for period in self.periods)
        return (self.periods[0].unadjusted_first_day, *ends)

    @property
    def adjusted(self) -> tuple[date, ...]:
        """Every boundary after adjustment, in the order of `unadjusted`."""
        return (self.periods[0].first_day, *(period.next_first_day for period in self.periods))
