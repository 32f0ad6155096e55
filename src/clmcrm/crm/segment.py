"""A segment: the records that fulfil a condition put together from small ones.

Conditions are three-valued: on a record that does not state the field the answer is None, not False, so
that "not in Germany" does not sweep in every account without a country.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import eq, gt, lt
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast

import attrs
from attrs import field, frozen

from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.currencies import Currency
from clmcrm.values.ids import SegmentId
from clmcrm.values.money import Money
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.record import Record
from clmcrm.values.validators import describe, each, instance, maybe, member, text

R = TypeVar("R", bound=Record)
Operand: TypeAlias = str | int | Decimal | bool | date | Money
"""What a field may be compared with; an enum's member is a text."""


class Comparison(StrEnum):
    """How a field is compared with the operand."""

    EQUALS = "equals"
    LESS = "is less than"
    MORE = "is more than"
    CONTAINS = "contains"
    STARTS_WITH = "starts with"


def is_condition(inst: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """The validator of a field that holds a condition."""
    if not isinstance(value, Where | Stated | Both | Either | Opposite):
        raise InvalidRecord(describe(inst), attribute.name, value, "a condition")


def _is_operand(inst: object, attribute: attrs.Attribute[Any], value: object) -> None:
    _OPERANDS(inst, attribute, value)
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidRecord(
            describe(inst), attribute.name, value, "a finite Decimal, which others can be compared with"
        )


_OPERANDS: Final = instance(str, int, Decimal, date, Money)


@frozen
class Where:
    """`name` (a field, or a path such as "billing_address.city") compared with `operand`.

    Texts are compared without regard to case, an instant by its day in its own time zone, and a currency by its code;
    CONTAINS asks for an element of a tuple, or a piece of text. What cannot be compared so (a number with a text, or
    with True) is refused when it is asked, and an operand that is no finite number at once.
    """

    name: str = field(validator=text)
    comparison: Comparison = field(validator=member(Comparison))
    operand: Operand = field(validator=_is_operand)


@frozen
class Stated:
    """The record states the field `name`; the only condition that is never undecided."""

    name: str = field(validator=text)


@frozen
class Both:
    """Every one of `conditions`; True when there is none."""

    conditions: tuple[Condition, ...] = field(validator=each(is_condition))


@frozen
class Either:
    """At least one of `conditions`; False when there is none."""

    conditions: tuple[Condition, ...] = field(validator=each(is_condition))


@frozen
class Opposite:
    """The contrary of `condition`; undecided where that is."""

    condition: Condition = field(validator=is_condition)


Condition: TypeAlias = Where | Stated | Both | Either | Opposite
"""A condition, small or put together."""


@frozen(kw_only=True)
class Segment(Record):
    """A named condition over one kind of record (`entity`, the record's class name)."""

    id: SegmentId = field(validator=text)
    name: str = field(validator=text)
    entity: str = field(validator=text)
    condition: Condition = field(validator=is_condition)
    description: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class Selection(Generic[R]):
    """The records a segment takes in, and those of which it cannot be said (`undecided`)."""

    members: tuple[R, ...]
    undecided: tuple[R, ...]


def fulfils(record: object, condition: Condition) -> bool | None:
    """Whether `record` fulfils `condition`; None when a field it hangs on is not stated or not comparable.

    Raises `InvalidRecord` for a field the record does not have.

    >>> from clmcrm.parties.accounts import Account, AccountId
    >>> durand = Account(id=AccountId("a"), name="Durand", country="FR")
    >>> fulfils(durand, Where("country", Comparison.EQUALS, "FR"))
    True
    >>> fulfils(durand, Opposite(Where("industry", Comparison.EQUALS, "steel"))) is None
    True
    """
    if isinstance(condition, Opposite):
        inner = fulfils(record, condition.condition)
        return None if inner is None else not inner
    if isinstance(condition, Both | Either):
        # Kleene's logic: one deciding answer settles it, whatever is not known beside it.
        decides = isinstance(condition, Either)
        answers = {fulfils(record, part) for part in condition.conditions}
        return decides if decides in answers else (None if None in answers else not decides)
    value = value_at(record, condition.name)
    if isinstance(condition, Stated):
        return not is_unstated(value)
    return None if is_unstated(value) else _compared(value, condition)


def select(segment: Segment, records: Iterable[R]) -> Selection[R]:
    """The members of `segment` among `records`, and the undecided ones, in the order given.

    Records of another class than the segment's are passed over.

    >>> from clmcrm.parties.accounts import Account, AccountId
    >>> french = Segment(id=SegmentId("fr"), name="French", entity="Account",
    ...                  condition=Where("country", Comparison.EQUALS, "FR"))
    >>> chosen = select(french, [Account(id=AccountId("a"), name="Durand")])
    >>> chosen.members, len(chosen.undecided)
    ((), 1)
    """
    asked = [(r, fulfils(r, segment.condition)) for r in records if type(r).__name__ == segment.entity]
    return Selection(
        members=tuple(record for record, answer in asked if answer),
        undecided=tuple(record for record, answer in asked if answer is None),
    )


def value_at(record: object, path: str) -> object:
    """What `record` states at `path` ("billing_address.city"); None where a part of the way is not stated.

    Raises `InvalidRecord` for a field that is not there.

    >>> from clmcrm.parties.accounts import Account, AccountId
    >>> value_at(Account(id=AccountId("a"), name="Durand"), "billing_address.city") is None
    True
    """
    value: object = record
    for name in path.split("."):
        if value is None or isinstance(value, Unknown):
            return None
        if name.startswith("_") or not hasattr(value, name):
            raise InvalidRecord(type(record).__name__, path, name, f"a field of {type(value).__name__}")
        value = getattr(value, name)
    return value


def is_unstated(value: object) -> bool:
    """Whether a condition cannot be decided by `value`: it is not stated (None, empty), or only partly known.

    >>> is_unstated(None), is_unstated(""), is_unstated(0)
    (True, True, False)
    """
    is_empty = isinstance(value, str | tuple) and not value
    return value is None or is_empty or isinstance(value, Unknown | PartialDate)


def _compared(value: object, condition: Where) -> bool | None:
    operand, comparison = condition.operand, condition.comparison
    if comparison is Comparison.CONTAINS and isinstance(value, tuple):
        return _folded(operand) in [_folded(item) for item in cast("tuple[object, ...]", value)]
    value = _plain(value)
    if isinstance(value, str) and isinstance(operand, str):
        return _text_compared(value.casefold(), operand.casefold(), comparison)
    if comparison in _ORDERED and _is_measured_alike(value, operand):
        try:
            return bool(_ORDERED[comparison](value, operand))
        except CurrencyMismatch:
            return None
    kind = type(value).__name__
    raise InvalidRecord("Where", "operand", operand, f"what can be compared so with {condition.name}, a {kind}")


_ORDERED: Final[Mapping[Comparison, Callable[[Any, Any], bool]]] = {
    Comparison.EQUALS: eq,
    Comparison.LESS: lt,
    Comparison.MORE: gt,
}
_MEASURED: Final = ((int, Decimal), date, Money)
"""What is compared with its like only: numbers, days, amounts."""


def _is_measured_alike(value: object, operand: object) -> bool:
    # To Python True is 1, and a record with one employee would equal True.
    if isinstance(value, bool) is not isinstance(operand, bool):
        return False
    return any(isinstance(value, kind) and isinstance(operand, kind) for kind in _MEASURED)


def _plain(value: object) -> object:
    """A value as an operand can state it: an instant by its day, a currency by its code."""
    if isinstance(value, datetime):
        return value.date()
    return value.code if isinstance(value, Currency) else value


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _text_compared(value: str, operand: str, comparison: Comparison) -> bool:
    return {
        Comparison.EQUALS: value == operand,
        Comparison.LESS: value < operand,
        Comparison.MORE: value > operand,
        Comparison.CONTAINS: operand in value,
        Comparison.STARTS_WITH: value.startswith(operand),
    }[comparison]
