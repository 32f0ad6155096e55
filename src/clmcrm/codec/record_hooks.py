"""How a record is written and read: its fields, the tag where it stands for a class above its own, its extras.

The rule of the file: a key that no field answers to is refused, or kept among the extras where the record has them
and the reader was asked to; never dropped.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Final

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from clmcrm.codec.forms import Refused, list_in, object_in
from clmcrm.codec.hook_types import Annotation, Reader, Value, Writer
from clmcrm.codec.unions import KEYED, TAG, VALUE, is_single, tag_of, tagged
from clmcrm.ports.records import Json
from clmcrm.values.partial import PartialDate, Perpetual, Unknown
from clmcrm.values.record import Record

OWN_SYSTEM: Final = "clmcrm"
"""The system under whose name fields of a newer version of this library are kept as extras."""

_EXTRA: Final = frozenset({"system", "field", "raw"})


def _plain_hooks(converter: Converter, cls: type) -> tuple[Writer, Reader]:
    """What cattrs generates for one class alone, with our keys for the values that have some."""
    options: dict[str, Any] = {}
    if cls is Unknown:
        options = {"reason": override(rename=KEYED[cls])}
    if cls is Perpetual:
        options = {"raw": override(rename=KEYED[cls], omit_if_default=False)}
    generic: type[Any] = cls
    write: Writer = make_dict_unstructure_fn(generic, converter, _cattrs_omit_if_default=True, **options)
    read: Reader = make_dict_structure_fn(generic, converter, _cattrs_detailed_validation=True, **options)
    return write, read


def _keys(cls: type) -> frozenset[str]:
    names = {part.name for part in attrs.fields(cls) if part.init}
    return frozenset({Unknown: {KEYED[Unknown], "raw"}, Perpetual: {KEYED[Perpetual]}}.get(cls, names))


def record_writer(converter: Converter, cls: type) -> Writer:
    """The rule that writes a record of `cls`; one of a class derived from it carries its tag."""
    plain, _ = _plain_hooks(converter, cls)

    def write(value: Value) -> Json:
        if value.__class__ is cls:
            return {KEYED[cls]: plain(value)} if cls is PartialDate else plain(value)
        if not isinstance(value, cls):
            raise Refused(value, f"a {cls.__name__}")
        return with_tag(converter, value)

    return write


def with_tag(converter: Converter, value: Value) -> Json:
    """The value as an object with the tag of its class, beside its fields or, where it has none, its `VALUE`."""
    cls: Annotation = value.__class__
    below: Any = converter.unstructure(value, unstructure_as=cls)
    return {TAG: tag_of(cls), VALUE: below} if is_single(cls) else {TAG: tag_of(cls), **below}


def record_reader(converter: Converter, cls: type, *, forward: bool) -> Reader:
    """The rule that reads an object as a record of `cls`, or of the derived class that its tag names."""
    _, plain = _plain_hooks(converter, cls)
    keys, keeps = _keys(cls), issubclass(cls, Record)
    known = ", ".join(sorted(keys))

    def read(raw: Value, _: Annotation) -> Value:
        parts = object_in(raw)
        if parts is None:
            raise Refused(raw, f"an object: the fields of {cls.__name__}")
        if TAG in parts:
            return _derived(converter, cls, parts)
        if cls is PartialDate:
            parts = _unwrapped(parts)
        if keeps:
            parts = _with_extras(parts, keys, forward=forward)
        for key in parts:
            if key not in keys:
                raise Refused(parts[key], f"no such field; {cls.__name__} has {known}", f".{key}")
        return plain(parts, cls)

    return read


def _derived(converter: Converter, cls: type, parts: dict[str, Any]) -> Value:
    found: Annotation = tagged(parts[TAG], (cls,))
    if found is None:
        raise Refused(parts[TAG], f"the tag of a {cls.__name__}", f".{TAG}")
    return converter.structure(untagged(parts), found)


def untagged(parts: dict[str, Any]) -> dict[str, Any]:
    """The parts of a tagged object without the tag."""
    return {key: value for key, value in parts.items() if key != TAG}


def _unwrapped(parts: dict[str, Any]) -> dict[str, Any]:
    inner = object_in(parts.get(KEYED[PartialDate]))
    if len(parts) != 1 or inner is None:
        raise Refused(parts, 'a half-known date such as {"partial": {"year": 2019}}')
    return inner


def _with_extras(parts: dict[str, Any], keys: frozenset[str], *, forward: bool) -> dict[str, Any]:
    """What an older version kept for us goes back to its field; what we do not know goes to the extras."""
    extras = list_in(parts.get("extras", []))
    if extras is None:
        raise Refused(parts["extras"], "a list", ".extras")
    missing = keys - parts.keys()
    # The last of a name is the newest; an earlier one stays where it is, as every extra does that is not taken.
    taken = {extra["field"]: place for place, extra in enumerate(extras) if _is_ours(extra, missing)}
    kept = {name: extras[place].get("raw") for name, place in taken.items()}
    unknown = [key for key in parts if key not in keys] if forward else []
    if not unknown and not kept:
        return parts
    added = [{"system": OWN_SYSTEM, "field": key, "raw": parts[key]} for key in unknown]
    staying = [extra for place, extra in enumerate(extras) if place not in taken.values()]
    known = {key: value for key, value in parts.items() if key in keys}
    return {**known, **kept, "extras": [*staying, *added]}


def _is_ours(extra: object, names: AbstractSet[str]) -> bool:
    """Whether it is an extra of our own, as one is written, for one of these fields."""
    parts = object_in(extra) or {}
    name = parts.get("field")
    ours = parts.get("system") == OWN_SYSTEM and parts.keys() <= _EXTRA
    return ours and isinstance(name, str) and name in names
