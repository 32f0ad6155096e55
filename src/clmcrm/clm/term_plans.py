"""The terms of one contract as they follow one another: which there are, and when each begins and ends.

Terms are counted from the contract's own first day and never from the term before, so that nothing drifts over
month ends. The closed forms below need no loop over terms, however old the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from attrs import frozen

from clmcrm.calendars.months import add_days, day_in_month, month_number
from clmcrm.values.partial import DayFact, Unknown, known
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step

_ONE_DAY: Final = timedelta(days=1)

_MONTH_END: Final = 31


class TermKind(StrEnum):
    """What sort of term it is."""

    INITIAL = "initial"
    RENEWAL = "renewal"
    INDEFINITE = "indefinite"


@frozen(kw_only=True)
class Term:
    """One dated span of a contract's life.

    `index` is 0 for the initial term and counts renewals from 1. `first_day` is a fact (it may be unknown
    when only the end is stated); `last_day` is inside, None for a term without an end.
    """

    index: int
    kind: TermKind
    first_day: DayFact
    last_day: date | None

    @property
    def span(self) -> Span | None:
        """The days of the term; None when its first day is not known."""
        first_day = known(self.first_day)
        return None if first_day is None else Span(first_day, self.last_day)

    @property
    def next_first_day(self) -> date | None:
        """The day after the last one; None for a term without an end, or that ends with the calendar."""
        return None if self.last_day is None or self.last_day == date.max else self.last_day + _ONE_DAY


@frozen(kw_only=True)
class TermPlan:
    """How the terms of one contract follow one another, ready to answer for any day.

    `first_day` may be unknown; `initial_last_day` is None when the first term has no end. `length` is each
    renewal's length (None: no renewal of a fixed length), `times` how many renewals there can be (None:
    no limit), `indefinite` whether the contract goes on without an end after the initial term. `anchor` and
    `offset` are what renewals are counted from: the end of renewal k is `anchor` + `offset` + k lengths.
    `minimum` is the last day before which nobody may leave (None: none is agreed beyond the terms), `steps`
    how the initial term's last day was found where it follows from a rule. `unsure` says why it is not known whether
    the contract goes on after the initial term: something is said of a renewal, and nobody can read it. After an
    initial term that ends on 31 December 9999, as systems write that there is no end, the calendar has no day for
    another one.
    """

    first_day: DayFact
    initial_last_day: date | None
    length: Tenor | None
    times: int | None
    indefinite: bool
    anchor: date | None
    offset: Tenor | None
    minimum: date | None = None
    steps: tuple[Step, ...] = ()
    unsure: Unknown | None = None

    @property
    def final_day(self) -> date | None:
        """The last day of the last term there can be; None when there is no such term."""
        if self.initial_last_day == date.max:
            return self.initial_last_day
        if self.indefinite or self.initial_last_day is None:
            return None
        if self.length is None or self.times == 0:
            return self.initial_last_day
        return None if self.times is None else self._last_day(self.times)

    @property
    def open_from(self) -> date | None:
        """The earliest day the contract may end on: the initial term's last, or the minimum's; None: any."""
        if self.initial_last_day is None or self.minimum is None:
            return self.initial_last_day or self.minimum
        return max(self.initial_last_day, self.minimum)

    def term(self, index: int) -> Term | None:
        """Term number `index` (0 the initial one); None when the contract never has such a term."""
        if index == 0:
            kind = TermKind.INDEFINITE if self.initial_last_day is None else TermKind.INITIAL
            return Term(index=0, kind=kind, first_day=self.first_day, last_day=self.initial_last_day)
        if self.initial_last_day is None or self.initial_last_day == date.max:
            return None
        if self.indefinite:
            begins = self.initial_last_day + _ONE_DAY
            return Term(index=1, kind=TermKind.INDEFINITE, first_day=begins, last_day=None) if index == 1 else None
        if self.length is None or (self.times is not None and index > self.times):
            return None
        return Term(
            index=index,
            kind=TermKind.RENEWAL,
            first_day=self._last_day(index - 1) + _ONE_DAY,
            last_day=self._last_day(index),
        )

    def end_of(self, index: int) -> date | None:
        """The last day of term number `index`; None when there is no such term, or it has no end."""
        return self._last_day(index) if self.has_end(index) else None

    def has_end(self, index: int) -> bool:
        """Whether there can be a term number `index`, and one with an end."""
        if self.initial_last_day is None:
            return False
        if index == 0:
            return True
        if self.initial_last_day == date.max:
            return False
        return not self.indefinite and self.length is not None and (self.times is None or index <= self.times)

    def index_on(self, day: date) -> int | None:
        """The number of the term `day` lies in, as if no notice were ever given.

        0 for a day before the contract begins; None after the last term there can be.
        """
        if self.initial_last_day is None or day <= self.initial_last_day:
            return 0
        if self.indefinite:
            return 1
        found = next(self.ends_from(day), None)
        return None if found is None else found[0]

    def ends_from(self, day: date) -> Iterator[tuple[int, date]]:
        """The terms that end on or after `day`, as (number, last day), earliest first.

        Closed form: the count of months (or days) gives the first number, and seldom one that is too low.
        """
        if self.initial_last_day is None:
            return
        if day <= self.initial_last_day:
            yield 0, self.initial_last_day
        index = max(1, self._lowest(day))
        while self.has_end(index):
            last_day = self._last_day(index)
            if last_day >= day:
                yield index, last_day
            index += 1

    def _lowest(self, day: date) -> int:
        """The number of the term `day` lies in, or a lower one where months and days are mixed."""
        if self.length is None or self.initial_last_day is None:
            return 0
        months, days = self.length.whole_months, self.length.loose_days
        if not months:
            return -((self.initial_last_day - day).days // days)
        short = month_number(self.initial_last_day) - month_number(day)
        if not days:
            return -(short // months)
        # A month and its share of days are longer than 30 days and these: the quotient is never too high.
        return -(short + 1) * 30 // (months * 30 + days)

    def _last_day(self, index: int) -> date:
        """The last day of term `index`, 0 for the initial one."""
        assert self.initial_last_day is not None  # noqa: S101 - both callers have checked it
        length, offset = self.length, self.offset
        if index == 0 or length is None:
            return self.initial_last_day
        months, days = length.whole_months * index, length.loose_days * index
        if offset is not None:
            months, days = months + offset.whole_months, days + offset.loose_days
        return counted_last_day(self.anchor or self.initial_last_day + _ONE_DAY, months, days)


def counted_last_day(first_day: date, months: int, days: int) -> date:
    """The last day of a term of so many `months` and `days` that begins on `first_day`, the first day counted.

    The day before the corresponding day; where the month has no such day, its last one (BGB 188(2)-(3)). Days
    are counted on from where the months end.

    >>> counted_last_day(date(2025, 1, 31), 1, 0), counted_last_day(date(2025, 1, 31), 0, 10)
    (datetime.date(2025, 2, 28), datetime.date(2025, 2, 9))
    >>> counted_last_day(date(2025, 1, 28), 1, 10), counted_last_day(date(2025, 1, 31), 1, 10)
    (datetime.date(2025, 3, 9), datetime.date(2025, 3, 10))
    """
    month, day = month_number(first_day) + months, first_day.day
    if days:
        corresponding = day_in_month(month, day)
        # A month without the day ends with its last one, and not on the day before.
        return add_days(corresponding, days - (corresponding.day == day))
    # The day before the first of a month is the last of the one before.
    return day_in_month(month, day - 1) if day > 1 else day_in_month(month - 1, _MONTH_END)
