"""Hypothesis strategies: values as contracts state them, and any record of this library.

`records(cls)` reads the fields' types and builds valid records: what a validator refuses is left at its
default. The strategies give what is rare in practice and breaks programs: half-known dates, currencies
without decimals, text in every script.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, NewType, TypeVar, Union, cast, get_args

import attrs

from clmcrm.codec.hook_types import origin_of
from clmcrm.codec.unions import descendants, is_enum
from clmcrm.errors import InvalidRecord, MissingExtra
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import DayFact, EndFact, PartialDate, Perpetual, Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

try:
    from hypothesis import reject
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy
except ImportError as missing:
    raise MissingExtra("test", "clmcrm.testing.strategies") from missing

T = TypeVar("T")

_CODES: Final = ("EUR", "USD", "GBP", "CHF", "JPY", "TND", "CLF", "DEM")
_ZONES: Final = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30)))
_FIRST_DAY: Final = date(1950, 1, 1)
_LAST_DAY: Final = date(2150, 12, 31)
_MOST_ITEMS: Final = 3
_MOST_TRIES: Final = 30
_SOMETIMES: Final = st.integers(0, 2).map(lambda drawn: drawn == 0)


def texts() -> SearchStrategy[str]:
    """Texts that are not empty, of any script, without surrogates."""
    return st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)


def days() -> SearchStrategy[date]:
    """Days from 1950 to 2150."""
    return st.dates(_FIRST_DAY, _LAST_DAY)


def instants() -> SearchStrategy[datetime]:
    """Instants from 1950 to 2150, in several zones."""
    first, last = (datetime.combine(day, time.min) for day in (_FIRST_DAY, _LAST_DAY))
    return st.datetimes(first, last, timezones=st.sampled_from(_ZONES))


def currencies() -> SearchStrategy[Currency]:
    """Currencies with none to four decimals, one that the euro replaced among them."""
    return st.sampled_from(_CODES).map(currency)


def exact_numbers(places: int = 6) -> SearchStrategy[Decimal]:
    """Exact numbers, negative ones too, with at most `places` decimals."""
    return st.decimals(-(10**9), 10**9, places=places)


@st.composite
def money(draw: st.DrawFn) -> Money:
    """An amount in any of the currencies, with as many decimals as it has."""
    unit = draw(currencies())
    return Money(draw(exact_numbers(unit.decimals)), unit)


@st.composite
def unit_prices(draw: st.DrawFn) -> UnitPrice:
    """A price of zero or more for one unit, with more decimals than its currency."""
    return UnitPrice(abs(draw(exact_numbers())), draw(currencies()))


@st.composite
def tenors(draw: st.DrawFn) -> Tenor:
    """A length in one or several units."""
    parts = {name: draw(st.integers(0, most)) for name, most in _UNITS.items()}
    if not any(parts.values()):
        parts[draw(st.sampled_from(sorted(_UNITS)))] = 1
    return Tenor(**parts)


_UNITS: Final = {"years": 10, "months": 40, "weeks": 60, "days": 400}


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """A span, with or without an end."""
    first_day = draw(days())
    return Span(first_day, draw(st.none() | st.dates(first_day, _LAST_DAY)))


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    """A date of which at least one part is unknown."""
    parts: dict[str, int | None] = {
        "year": draw(st.integers(1950, 2150)), "month": draw(st.integers(1, 12)), "day": draw(st.integers(1, 31)),
    }  # fmt: skip
    for name in draw(st.sets(st.sampled_from(sorted(parts)), min_size=1)):
        parts[name] = None
    return PartialDate(**parts, redacted=draw(st.booleans()), raw=draw(st.just("") | texts()))


def unknowns() -> SearchStrategy[Unknown]:
    """A value that is not known, with its reason."""
    return st.builds(Unknown, texts(), st.just("") | texts())


def day_facts() -> SearchStrategy[DayFact]:
    """A day as contracts state it: exact, half-known or unknown."""
    return st.one_of(days(), partial_dates(), unknowns())


def end_facts() -> SearchStrategy[EndFact]:
    """An end as contracts state it: a day fact, or perpetual."""
    return st.one_of(day_facts(), st.builds(Perpetual, st.just("") | texts()))


def json_values() -> SearchStrategy[object]:
    """Raw values as a vendor sends them: JSON, with fractions as Decimal."""
    plain = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts() | exact_numbers()
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts(), inner, max_size=2), max_leaves=4
    )


@st.composite
def records(draw: st.DrawFn, cls: type[T]) -> T:
    """A valid record of an attrs class, some of its optional fields set.

    A value that the record refuses is left at its default, or kept and the record's choices are drawn again: it may be
    one that only a converted lead has. A required value is drawn again.
    """
    parts, required = _fields_of(cast("Any", cls))  # mypy takes a class for unhashable
    choices = _choices_of(cast("Any", cls))
    given = {name: draw(part) for name, part in parts.items() if name in required or draw(_SOMETIMES)}
    for _ in range(_MOST_TRIES):
        try:
            return cls(**given)
        except InvalidRecord as problem:
            refused = problem.field if problem.field in parts else draw(st.sampled_from(sorted(parts)))
        if choices and refused not in required and refused not in choices and draw(st.booleans()):
            given |= {name: draw(parts[name]) for name in choices}
            continue
        missing = given.pop(refused, None) is None
        if missing or refused in required:
            given[refused] = draw(parts[refused])
    return reject()


@cache
def _fields_of(cls: type[Any]) -> tuple[Mapping[str, SearchStrategy[Any]], frozenset[str]]:
    """What is drawn for each field, and which fields are required: found once for each class."""
    parts = _typed(cls)
    required = frozenset(part.name for part in parts if part.default is attrs.NOTHING)
    return {part.name: _field(part) for part in parts}, required


@cache
def _choices_of(cls: type[Any]) -> tuple[str, ...]:
    """The fields that are one of a few words: what else a record may have depends on them."""
    return tuple(part.name for part in _typed(cls) if is_enum(part.type))


def _field(part: attrs.Attribute[Any]) -> SearchStrategy[Any]:
    return _BY_NAME[part.name]() if part.name in _BY_NAME else values(part.type)


def values(annotation: Any) -> SearchStrategy[Any]:  # noqa: ANN401 - an annotation is anything
    """Values of any type that a record's field may have; `TypeError` for one that none has.

    >>> values(bool)
    booleans()
    """
    if isinstance(annotation, NewType):
        return values(annotation.__supertype__)
    if annotation in _BY_TYPE:
        return _BY_TYPE[annotation]()
    origin = origin_of(annotation)
    if origin in _BY_ORIGIN:
        return _BY_ORIGIN[origin](*get_args(annotation))
    if is_enum(annotation):
        return st.sampled_from(list(annotation))
    if attrs.has(annotation):
        return _any_record(annotation)
    raise TypeError(f"no strategy for {annotation!r}")


@cache
def _any_record(base: type) -> SearchStrategy[Any]:
    return st.deferred(lambda: _more_often_flat(base))


def _more_often_flat(base: type) -> SearchStrategy[Any]:
    """Any record under `base`; those that hold none of its kind twice as often, or a rule of rules has no end."""
    kinds: list[type[Any]] = list(descendants(base))
    flat = [cls for cls in kinds if not any(_names(part.type, base) for part in _typed(cls))]
    return st.one_of([records(cls) for cls in (*flat, *kinds)])


def _names(annotation: Any, base: type) -> bool:  # noqa: ANN401 - an annotation is anything
    return annotation is base or any(_names(part, base) for part in get_args(annotation))


def _typed(cls: type) -> list[attrs.Attribute[Any]]:
    typed = attrs.resolve_types(cast("type[attrs.AttrsInstance]", cls))
    return [part for part in attrs.fields(typed) if part.init]


def _one_of(*kinds: Any) -> SearchStrategy[Any]:  # noqa: ANN401 - an annotation is anything
    return st.one_of([values(kind) for kind in kinds])


def _tuples(*kinds: Any) -> SearchStrategy[Any]:  # noqa: ANN401 - an annotation is anything
    if kinds[1:] == (Ellipsis,):
        return st.lists(values(kinds[0]), max_size=_MOST_ITEMS).map(tuple)
    return st.tuples(*map(values, kinds))


def _sets(kind: Any) -> SearchStrategy[Any]:  # noqa: ANN401 - an annotation is anything
    return st.frozensets(values(kind), max_size=_MOST_ITEMS)


def _mappings(key: Any, kind: Any) -> SearchStrategy[Any]:  # noqa: ANN401 - an annotation is anything
    return st.dictionaries(values(key), values(kind), max_size=_MOST_ITEMS)


_BY_ORIGIN: Final[dict[Any, Callable[..., SearchStrategy[Any]]]] = {
    Union: _one_of,
    types.UnionType: _one_of,
    Literal: lambda *choice: st.sampled_from(choice),
    tuple: _tuples,
    frozenset: _sets,
    dict: _mappings,
    Mapping: _mappings,
}

_BY_TYPE: Final[dict[Any, Callable[[], SearchStrategy[Any]]]] = {
    bool: st.booleans,
    int: lambda: st.integers(0, 40),
    str: texts,
    Decimal: lambda: st.decimals(0, 1, places=4) | exact_numbers(),
    date: days,
    datetime: instants,
    time: st.times,
    type(None): st.none,
    object: json_values,
    Currency: currencies,
    Money: money,
    UnitPrice: unit_prices,
    Tenor: tenors,
    Span: spans,
    PartialDate: partial_dates,
    Unknown: unknowns,
}

# Texts of a form that no type tells.
_BY_NAME: Final[dict[str, Callable[[], SearchStrategy[Any]]]] = {
    "country": lambda: st.sampled_from(["FR", "DE", "US"]),
    "language": lambda: st.sampled_from(["fr", "en-GB"]),
    "email": lambda: st.sampled_from(["ada@example.org", "zoé@exemple.fr"]),
    "emails": lambda: st.sampled_from([(), ("ada@example.org", "b@example.org")]),
    "sha256": lambda: st.sampled_from(["0" * 64, "0123456789abcdef" * 4]),
}
