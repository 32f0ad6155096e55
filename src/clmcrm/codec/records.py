"""Records to canonical JSON-ready fields, and back: `from_fields(type(x), to_fields(x)) == x`.

An instant comes back with its offset and without the name of its zone. It is the same instant, but in the hour that
clocks show twice Python finds no instant of a zone by name equal to one by offset: compare those in UTC.

What equals its default is left out, so that a record is as short as what is known of it; a changed
default is therefore a changed format. Reading refuses what a field cannot hold, and keys it does not
know, and names the path (`$.lines[2].quantity`), the value and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar, cast

import attrs
from cattrs import Converter
from cattrs.errors import AttributeValidationNote, IterableValidationNote

from clmcrm.codec.canonical import check_json
from clmcrm.codec.forms import Refused, object_in
from clmcrm.codec.hooks import strict_converter
from clmcrm.codec.known_forms import FORMS, has_form
from clmcrm.codec.unions import KEYED
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields, Json

T = TypeVar("T")

_UNWRITABLE: Final = (Refused, RecursionError, AttributeError, TypeError, ValueError)


def to_fields(record: object, *, whole: bool = False) -> dict[str, Json]:
    """The record's fields in canonical JSON form; what equals its default is left out.

    With `whole`, the record's own fields are all written, empty ones as null or as an empty list: the
    form a system shows, where an absent field means that it is not shown. Raises `InvalidRecord` naming
    the field for a value that JSON cannot hold exactly.

    >>> from clmcrm.values.money import Money
    >>> from clmcrm.values.rates import Converted
    >>> to_fields(Converted(Money("10.00", "EUR"), None))
    {'money': {'amount': '10.00', 'currency': 'EUR'}, 'rate': None}
    """
    cls = type(record)
    if not attrs.has(cls) or cls in FORMS or cls in KEYED:
        raise InvalidRecord(cls.__name__, "$", record, "a record (for a single value there is to_json)")
    try:
        written = cast("dict[str, Json]", _converter().unstructure(record, unstructure_as=cls))
        return {**_every_field(record), **written} if whole else written
    except _UNWRITABLE as problem:
        raise _unwritable(record, problem) from problem


def from_fields(cls: type[T], fields: Fields, *, forward: bool = False) -> T:
    """The record of `cls` that `fields` describe.

    With `forward`, keys that this version does not know are kept among the extras of the record they
    stand in, under the system "clmcrm", instead of being refused; a version that knows them reads them
    from there. Raises `InvalidRecord`: its `field` is the path, with its `value` and what is `expected`.

    >>> from clmcrm.values.source import Source
    >>> from_fields(Source, {"citation": "art. 9", "authority": "rumour"})
    Traceback (most recent call last):
    clmcrm.errors.InvalidRecord: Source: $.authority is 'rumour'; expected one of statute, court, contract, \
doctrine, derived
    """
    given: object = fields  # a caller without type checks may hand over anything
    raw = dict(fields) if isinstance(given, Mapping) else given
    try:
        return _converter(forward=forward).structure(raw, cls)
    except Exception as problem:
        raise _located(cls, raw, problem) from problem


def to_json(value: object, annotation: Any = None) -> Json:  # noqa: ANN401 - an annotation is anything
    """A value's canonical JSON; `annotation` says as what it is written (None: as its own class).

    Written as a union or as a base class, a record carries its tag. Raises `InvalidRecord`.

    >>> from clmcrm.values.tenor import Tenor
    >>> to_json(Tenor(months=3)), to_json(Tenor(months=3), Tenor | str)
    ('P3M', {'is': 'tenor', 'value': 'P3M'})
    """
    kind: Any = type(value) if annotation is None else annotation
    try:
        written = cast("Json", _converter().unstructure(value, unstructure_as=kind))
        if not (attrs.has(kind) or has_form(kind)):
            check_json(written)  # a list, a set or an object of no type that is known here is written as it is
    except Refused as refusal:
        name = type(value).__name__
        raise InvalidRecord(name, f"${refusal.inside}", refusal.value, refusal.expected) from refusal
    except InvalidRecord as problem:
        raise InvalidRecord(type(value).__name__, problem.field, problem.value, problem.expected) from problem
    except _UNWRITABLE as problem:
        raise InvalidRecord(type(value).__name__, "$", value, f"{kind}") from problem
    return written


def from_json(annotation: Any, raw: object, *, forward: bool = False) -> Any:  # noqa: ANN401 - as it says
    """The value of any type a record's field may have, unions among them (an event by its tag).

    Raises `InvalidRecord`, as `from_fields` does.

    >>> from clmcrm.values.partial import DayFact
    >>> from_json(DayFact, {"unknown": "the page is missing"})
    Unknown(reason='the page is missing', raw='')
    """
    try:
        return _converter(forward=forward).structure(raw, annotation)
    except Exception as problem:
        raise _located(annotation, raw, problem) from problem


@cache
def _converter(*, forward: bool = False) -> Converter:
    return strict_converter(forward=forward)


def _every_field(record: object) -> dict[str, Json]:
    fields = attrs.fields(attrs.resolve_types(cast("type[attrs.AttrsInstance]", type(record))))
    write = _converter().unstructure
    return {f.name: write(getattr(record, f.name), unstructure_as=f.type) for f in fields}


def _unwritable(record: object, problem: Exception) -> InvalidRecord:
    """The error that names the first field which cannot be written."""
    name = _named(type(record), getattr(record, "id", None))
    for part in attrs.fields(cast("type[attrs.AttrsInstance]", type(record))):
        value = getattr(record, part.name)
        try:
            _ = _converter().unstructure(value, unstructure_as=part.type)
        except Refused as refusal:
            return InvalidRecord(name, f"$.{part.name}{refusal.inside}", refusal.value, refusal.expected)
        except _UNWRITABLE:
            return InvalidRecord(name, f"$.{part.name}", value, f"{part.type}")
    return InvalidRecord(name, "$", record, str(problem))


def _located(cls: Any, raw: object, problem: BaseException) -> InvalidRecord:  # noqa: ANN401 - a class or an annotation
    """The error that names the path to the first thing wrong: what cattrs wraps in groups, unwrapped."""
    parts = object_in(raw) or {}
    name, path, leaf = _named(cls, parts.get("id")), "$", problem
    while True:
        for note in reversed(getattr(leaf, "__notes__", ())):
            if isinstance(note, AttributeValidationNote):
                path += f".{note.name}"
            elif isinstance(note, IterableValidationNote):
                path += f".{note.index}" if isinstance(note.index, str) else f"[{note.index}]"
        if not isinstance(leaf, BaseExceptionGroup):
            break
        leaf = cast("BaseExceptionGroup[BaseException]", leaf).exceptions[0]
    if isinstance(leaf, Refused):
        return InvalidRecord(name, path + leaf.inside, leaf.value, leaf.expected)
    if isinstance(leaf, InvalidRecord):
        return InvalidRecord(name, f"{path}.{leaf.field}", leaf.value, leaf.expected)
    if isinstance(leaf, KeyError):
        return InvalidRecord(name, path, None, "a value: the field is required")
    return InvalidRecord(name, path, "a value", f"one that can be read ({type(leaf).__name__}: {leaf})")


def _named(kind: Any, own: object) -> str:  # noqa: ANN401 - an annotation is anything
    name = getattr(kind, "__name__", "a value")
    return f"{name} {own}" if isinstance(own, str) and own else name
