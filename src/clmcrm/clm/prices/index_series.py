"""A published index: every print with the day it came out, so that nothing uses a value before it existed.

The rule of the file: a value is asked for by month and by what was known on a day. A month without a value,
or whose value was not out yet, is `Unknown` with the reason; the last value is never taken in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.months import day_in_month, month_number
from clmcrm.clm.price_clauses import PrintPolicy
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import round_to
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import (
    count,
    describe,
    each,
    exact,
    flag,
    instance,
    maybe,
    plain_date,
    positive_count,
    text,
)

_LENGTHS: Final = (1, 3, 12)


@frozen(kw_only=True)
class IndexPrint:
    """One published value: for `month` (its first day), on `published_on`, on the reference base `base`.

    A quarterly or yearly value is for the first month of its period. `base` is written as the publisher does
    ("2015=100"; empty when there is but one), `final` is True when the publisher calls the value final.
    Raises `InvalidRecord` for a value of zero or less: an index is a level, not a rate of change.
    """

    month: date = field(validator=plain_date)
    published_on: date = field(validator=plain_date)
    value: Decimal = field(validator=exact)
    base: str = ""
    final: bool = field(default=False, validator=flag)

    def __attrs_post_init__(self) -> None:
        if self.month.day != 1:
            raise InvalidRecord("IndexPrint", "month", self.month, "the first day of a month")
        if self.published_on < self.month:
            raise InvalidRecord("IndexPrint", "published_on", self.published_on, f"{self.month} or later")
        if self.value <= 0:
            raise InvalidRecord("IndexPrint", "value", self.value, "a level above zero (a rate of change is no index)")


@frozen(kw_only=True)
class RebaseLink:
    """How the publisher continues an old base: a value on `new` times `factor` is the value on `old`.

    The product is rounded half up to `decimals` (None: not rounded). `published_on` is the day the link came
    out; before it, there is none.
    """

    old: str = field(validator=text)
    new: str = field(validator=text)
    factor: Decimal = field(validator=exact)
    published_on: date = field(validator=plain_date)
    decimals: int | None = field(default=None, validator=maybe(count))

    def __attrs_post_init__(self) -> None:
        if self.factor <= 0 or self.old == self.new:
            raise InvalidRecord("RebaseLink", "factor", self.factor, "a factor above zero between two bases")


@frozen(kw_only=True)
class IndexValue:
    """A value for `month` on `base`, the print `printed` it comes from, and the `links` applied, first one first."""

    value: Fraction
    month: date
    base: str
    printed: IndexPrint
    links: tuple[RebaseLink, ...] = ()


@frozen(kw_only=True)
class IndexSeries:
    """A series as its publisher (`source`) names it, with every print and every link between its bases.

    `months` is how many months one value stands for: 1, 3 (a quarter) or 12. The order of `prints` does not
    matter. Raises `InvalidRecord` for another number of months, for a print of a month in which no value begins
    (February, of a quarterly series), and for two prints of one month and base on one day.
    """

    id: str = field(validator=text)
    title: str = ""
    source: str = field(validator=text)
    months: int = field(default=1, validator=positive_count)
    prints: tuple[IndexPrint, ...] = field(default=(), validator=each(instance(IndexPrint)))
    links: tuple[RebaseLink, ...] = field(default=(), validator=each(instance(RebaseLink)))

    def __attrs_post_init__(self) -> None:
        if self.months not in _LENGTHS:
            raise InvalidRecord(describe(self), "months", self.months, "1, 3 (a quarter) or 12")
        for found in self.prints:
            if self.month_of(found.month) != found.month:
                expected = f"the first month of its period, {self.month_of(found.month):%Y-%m}"
                raise InvalidRecord(describe(self), "prints", f"{found.month:%Y-%m}", expected)
        keys = [(found.month, found.base, found.published_on) for found in self.prints]
        if len(keys) != len(set(keys)):
            raise InvalidRecord(describe(self), "prints", len(keys), "one print a day for each month and base")

    def month_of(self, day: date, steps: int = 0) -> date:
        """The first day of the month, quarter or year the series measures `day` in, `steps` values later.

        >>> rents = IndexSeries(id="ILC", source="INSEE", months=3)
        >>> rents.month_of(date(2026, 5, 7)), rents.month_of(date(2026, 5, 7), -1)
        (datetime.date(2026, 4, 1), datetime.date(2026, 1, 1))
        """
        month = month_number(day)
        return day_in_month(month - month % self.months + steps * self.months, 1)

    def value(
        self, day: date, known_on: date, policy: PrintPolicy = PrintPolicy.FIRST, base: str | None = None
    ) -> IndexValue | Unknown:
        """The value for the month of `day` by what was published on or before `known_on`.

        `base` is the base it is wanted on (None: the one it was printed on);
        a value on another base is carried over by the links published by then. `Unknown` with the reason when
        the month has no value, none yet, none that `policy` accepts, or no link leads to `base`.
        """
        month = self.month_of(day)
        found = [p for p in self.prints if p.month == month]
        out = [p for p in found if p.published_on <= known_on]
        counting = [p for p in out if p.final] if policy is PrintPolicy.FINAL else out
        if not counting:
            return Unknown(self._why_none(month, known_on, found, out))
        values = list(self._on_base(counting, known_on, base))
        if not values:
            bases = " or ".join(sorted({p.base or "an unnamed base" for p in counting}))
            return Unknown(f"{self.id} for {month:%Y-%m} is on {bases}, and no link to {base or 'that base'} was out")
        # A print on the base asked for is worth more than one that had to be carried over.
        direct = min(len(value.links) for value in values)
        best = [value for value in values if len(value.links) == direct]
        pick = min if policy is PrintPolicy.FIRST else max
        return pick(best, key=lambda value: (value.printed.published_on, value.base))

    def _on_base(self, prints: list[IndexPrint], known_on: date, base: str | None) -> Iterator[IndexValue]:
        for found in prints:
            path = () if base is None else self._path(found.base, base, known_on)
            if path is not None:
                value = Fraction(found.value)
                for link in path:
                    value *= Fraction(link.factor)
                    value = value if link.decimals is None else Fraction(round_to(value, link.decimals))
                target = found.base if base is None else base
                yield IndexValue(value=value, month=found.month, base=target, printed=found, links=path)

    def _path(self, start: str, target: str, known_on: date) -> tuple[RebaseLink, ...] | None:
        """The shortest run of links from `start` to `target`; None when there is none."""
        paths: dict[str, tuple[RebaseLink, ...]] = {start: ()}
        waiting = [start]
        while waiting and target not in paths:
            here = waiting.pop(0)
            for link in self.links:
                if link.new == here and link.old not in paths and link.published_on <= known_on:
                    paths[link.old] = (*paths[here], link)
                    waiting.append(link.old)
        return paths.get(target)

    def _why_none(self, month: date, known_on: date, found: list[IndexPrint], out: list[IndexPrint]) -> str:
        which = f"{self.id} for {month:%Y-%m}"
        if out:
            return f"{which} was provisional on {known_on}: the clause asks for the final value"
        if found:
            return f"{which} came out on {min(p.published_on for p in found)}, after {known_on}"
        return f"the series has no value of {which}"
