"""Days as contracts describe them: "the earlier of acceptance and 90 days after signature", in full.

An expression is data, and so are the facts it speaks of; `clmcrm.clm.days_found.day_of` evaluates one against
the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.calendars.months import CalendarUnit
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import DayFact, PartialDate, Unknown
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, flag, instance, maybe, member, positive_count, text

EFFECTIVE_ON: Final = "effective_on"
"""The fact that is the contract's first day."""
EXECUTED_ON: Final = "executed_on"
"""The fact that is the day of the last signature."""


@frozen(kw_only=True)
class Expression:
    """The base of every expression of a day."""


@frozen(kw_only=True)
class OnDay(Expression):
    """The day itself, as a fact that may be half known or unknown."""

    day: DayFact = field(validator=instance(date, PartialDate, Unknown))


@frozen(kw_only=True)
class OnFact(Expression):
    """The day of a named fact: "effective_on", "executed_on", "event:activated", "due:B-1", "met:M-1"."""

    name: str = field(validator=text)


@frozen(kw_only=True)
class After(Expression):
    """`length` counted forward from `start`, which is not counted unless `first_day_counted`.

    `regime` names the law that counts (None: the bare count, and nothing is moved).
    """

    start: DayExpression = field(validator=instance(Expression))
    length: Tenor = field(validator=instance(Tenor))
    first_day_counted: bool = field(default=False, validator=flag)
    regime: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class Before(Expression):
    """The latest day from which `length` still runs out by `end`: the inverse of `After`, no subtraction."""

    end: DayExpression = field(validator=instance(Expression))
    length: Tenor = field(validator=instance(Tenor))
    regime: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class EarlierOf(Expression):
    """The earliest of two or more days."""

    of: tuple[DayExpression, ...] = field(validator=each(instance(Expression)))

    def __attrs_post_init__(self) -> None:
        _check_several(self, self.of)


@frozen(kw_only=True)
class LaterOf(Expression):
    """The latest of two or more days."""

    of: tuple[DayExpression, ...] = field(validator=each(instance(Expression)))

    def __attrs_post_init__(self) -> None:
        _check_several(self, self.of)


@frozen(kw_only=True)
class NoLaterThan(Expression):
    """`day`, but `limit` at the latest."""

    day: DayExpression = field(validator=instance(Expression))
    limit: DayExpression = field(validator=instance(Expression))


@frozen(kw_only=True)
class EndOf(Expression):
    """The last day of the calendar `unit` that `of` lies in."""

    unit: CalendarUnit = field(validator=member(CalendarUnit))
    of: DayExpression = field(validator=instance(Expression))


@frozen(kw_only=True)
class EndOfContractYear(Expression):
    """The last day of contract year number `year` (from 1), counted from the contract's first day."""

    year: int = field(validator=positive_count)


@frozen(kw_only=True)
class Anniversary(Expression):
    """Anniversary number `number` (from 1) of a day; of 29 February, the 28th in common years."""

    number: int = field(validator=positive_count)
    of: DayExpression = field(validator=instance(Expression))


@frozen(kw_only=True)
class LastDayOfMonth(Expression):
    """The last day of the month that `of` lies in."""

    of: DayExpression = field(validator=instance(Expression))


@frozen(kw_only=True)
class NthWorkingDay(Expression):
    """Working day number `number` (from 1) of the month that `of` lies in; `from_end` counts from its end.

    `regime` names the law that says which days work where no calendar is given (None: a calendar must be).
    """

    number: int = field(validator=positive_count)
    of: DayExpression = field(validator=instance(Expression))
    from_end: bool = field(default=False, validator=flag)
    regime: str | None = field(default=None, validator=maybe(text))


DayExpression: TypeAlias = (
    OnDay | OnFact | After | Before | EarlierOf | LaterOf | NoLaterThan | EndOf | EndOfContractYear
    | Anniversary | LastDayOfMonth | NthWorkingDay
)  # fmt: skip
"""A day as a contract describes it."""


@frozen
class Facts:
    """The named days that expressions speak of; a name that is not there is a fact that is missing."""

    days: Mapping[str, DayFact] = field(factory=dict[str, DayFact], hash=False)

    def __getitem__(self, name: str) -> DayFact:
        """The fact of that name; `Unknown`, naming it, when there is none."""
        return self.days.get(name, Unknown(f"{name!r} is not recorded"))


def names_in(expression: DayExpression) -> frozenset[str]:
    """The names of the facts that the expression speaks of.

    >>> sorted(names_in(EarlierOf(of=(EndOfContractYear(year=3), OnFact(name="event:acceptance")))))
    ['effective_on', 'event:acceptance']
    """
    match expression:
        case OnFact(name=name):
            return frozenset({name})
        case EndOfContractYear():
            return frozenset({EFFECTIVE_ON})
        case _:
            return frozenset[str]().union(*(names_in(part) for part in _parts(expression)))


def _parts(expression: DayExpression) -> tuple[DayExpression, ...]:
    match expression:
        case OnDay() | OnFact() | EndOfContractYear():
            return ()
        case EarlierOf() | LaterOf():
            return expression.of
        case NoLaterThan():
            return (expression.day, expression.limit)
        case After():
            return (expression.start,)
        case Before():
            return (expression.end,)
        case _:
            return (expression.of,)


def _check_several(expression: Expression, parts: tuple[DayExpression, ...]) -> None:
    if len(parts) < 2:  # noqa: PLR2004 - of fewer than two there is nothing to choose
        raise InvalidRecord(type(expression).__name__, "of", parts, "two days or more")
