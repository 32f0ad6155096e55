"""The rules by which cattrs writes and reads each type: forms, records, unions, lists, mappings.

Every rule is strict. Types are looked up when a value is met and not before, so that records may refer to
one another in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache
from typing import Any, Final, Literal, NewType, get_args

import attrs
from cattrs import Converter
from cattrs.errors import IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.forms import (
    FORMS,
    Form,
    Refused,
    enum_form,
    list_in,
    literal_form,
    object_in,
    read_raw,
    write_raw,
)
from clmcrm.codec.unions import KEYED, TAG, VALUE, Member, is_single, is_union, members, origin_of, tag_of, tagged
from clmcrm.ports.records import Json
from clmcrm.values.partial import PartialDate, Perpetual, Unknown
from clmcrm.values.record import Record

# An annotation is whatever stands in a class body, and a value whatever a caller hands over.
Annotation = Any
Value = Any
Reader = Callable[[Value, Annotation], Value]
Writer = Callable[[Value], Json]
WriterFactory = Callable[[Converter, Annotation], Writer]
ReaderFactory = Callable[[Converter, Annotation], Reader]

OWN_SYSTEM: Final = "clmcrm"
"""The system under whose name fields of a newer version of this library are kept as extras."""


def strict_converter(*, forward: bool = False) -> Converter:
    """A converter that knows every type a record may hold; `forward` keeps unknown keys as extras.

    >>> strict_converter().structure("false", bool)
    Traceback (most recent call last):
    clmcrm.codec.forms.Refused: true or false
    """
    converter = Converter(detailed_validation=True, omit_if_default=True)

    def add(applies: Callable[[Annotation], bool], writer: WriterFactory, reader: ReaderFactory) -> None:
        def writer_of(annotation: Annotation) -> Writer:
            return writer(converter, annotation)

        def reader_of(annotation: Annotation) -> Reader:
            return reader(converter, annotation)

        _ = converter.register_unstructure_hook_factory(applies, writer_of)
        _ = converter.register_structure_hook_factory(applies, reader_of)

    # cattrs finds these (and the enums derived from them) by class before it asks any predicate.
    for kind in (str, int):
        _ = converter.register_unstructure_hook(kind, _primitive_writer(kind))
        _ = converter.register_structure_hook(kind, _read_primitive)
    _ = converter.register_unstructure_hook(float, _no_float)
    _ = converter.register_structure_hook(float, _no_float)
    # The last rule that applies is taken: forms, so that Money is written as Money and not as a record.
    add(lambda t: isinstance(t, NewType), _alias_writer, _alias_reader)
    add(is_union, _union_writer, _union_reader)
    add(_built_of(tuple), _tuple_writer, _tuple_reader)
    add(_built_of(frozenset), _set_writer, _set_reader)
    add(_built_of(dict, Mapping), _mapping_writer, _mapping_reader)
    add(attrs.has, _record_writer, lambda c, t: _record_reader(c, t, forward=forward))
    add(_has_form, lambda _, t: form_of(t).write, lambda _, t: _reader_of(form_of(t)))
    return converter


@cache
def form_of(annotation: Annotation) -> Form:
    """The form of a type that has one of its own; raises `TypeError` for any other.

    >>> form_of(bool).words
    'true or false'
    """
    if annotation in (object, Any):
        return Form("any JSON value", write_raw, read_raw, lambda _: True)
    if annotation in FORMS:
        return FORMS[annotation]
    if origin_of(annotation) is Literal:
        return literal_form(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return enum_form(annotation)
    raise TypeError(f"{annotation} has no exact form in JSON")


def _built_of(*origins: object) -> Callable[[Annotation], bool]:
    return lambda annotation: origin_of(annotation) in origins


def _has_form(annotation: Annotation) -> bool:
    try:
        _ = form_of(annotation)
    except TypeError:
        return False
    return True


def _no_float(value: Value, _: Annotation = None) -> Value:
    raise Refused(value, "a Decimal: a record holds no float")


def _reader_of(form: Form) -> Reader:
    read = form.read
    return lambda raw, _: read(raw)


def _read_primitive(raw: Value, annotation: Annotation) -> Value:
    return form_of(annotation).read(raw)


def _primitive_writer(kind: type) -> Writer:
    def write(value: Value) -> Json:
        cls: Annotation = value.__class__
        if not issubclass(cls, kind):
            raise Refused(value, FORMS[kind].words)
        return form_of(cls).write(value)

    return write


def _alias_writer(converter: Converter, alias: Annotation) -> Writer:
    below = alias.__supertype__
    return lambda value: converter.unstructure(value, unstructure_as=below)


def _alias_reader(converter: Converter, alias: Annotation) -> Reader:
    below = alias.__supertype__
    return lambda raw, _: converter.structure(raw, below)


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


def _record_writer(converter: Converter, cls: type) -> Writer:
    plain, _ = _plain_hooks(converter, cls)

    def write(value: Value) -> Json:
        if value.__class__ is cls:
            return {KEYED[cls]: plain(value)} if cls is PartialDate else plain(value)
        if not isinstance(value, cls):
            raise Refused(value, f"a {cls.__name__}")
        return _with_tag(converter, value)

    return write


def _with_tag(converter: Converter, value: Value) -> Json:
    cls: Annotation = value.__class__
    below: Any = converter.unstructure(value, unstructure_as=cls)
    return {TAG: tag_of(cls), VALUE: below} if is_single(cls) else {TAG: tag_of(cls), **below}


def _record_reader(converter: Converter, cls: type, *, forward: bool) -> Reader:
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
    return converter.structure(_untagged(parts), found)


def _untagged(parts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parts.items() if key != TAG}


def _tagged_value(parts: dict[str, Any], cls: Annotation) -> Value:
    if not is_single(cls):
        return _untagged(parts)
    if parts.keys() != {TAG, VALUE}:
        raise Refused(parts, f'{{"{TAG}": "{tag_of(cls)}", "{VALUE}": …}}')
    return parts[VALUE]


def _unwrapped(parts: dict[str, Any]) -> dict[str, Any]:
    inner = object_in(parts.get(KEYED[PartialDate]))
    if len(parts) != 1 or inner is None:
        raise Refused(parts, 'a half-known date such as {"partial": {"year": 2019}}')
    return inner


def _with_extras(parts: dict[str, Any], keys: frozenset[str], *, forward: bool) -> dict[str, Any]:
    """What an older version kept for us goes back to its field; what we do not know goes to the extras."""
    extras = list_in(parts.get("extras")) or []
    kept = {e["field"]: e.get("raw") for e in extras if _is_ours(e, keys - parts.keys())}
    unknown = [key for key in parts if key not in keys] if forward else []
    if not unknown and not kept:
        return parts
    staying = [e for e in extras if not _is_ours(e, kept.keys())]
    added = [{"system": OWN_SYSTEM, "field": key, "raw": parts[key]} for key in unknown]
    known = {key: value for key, value in parts.items() if key in keys}
    return {**known, **kept, "extras": [*staying, *added]}


def _is_ours(extra: object, names: AbstractSet[str]) -> bool:
    parts = object_in(extra) or {}
    name = parts.get("field")
    return parts.get("system") == OWN_SYSTEM and isinstance(name, str) and name in names


def _union_writer(converter: Converter, union: Annotation) -> Writer:
    choice = members(union)
    found: dict[object, Member] = {}

    def write(value: Value) -> Json:
        if value is None:
            return None
        member = found.get(value.__class__) or next((m for m in choice if m.holds(value)), None)
        if member is None:
            raise Refused(value, " or ".join(m.words for m in choice))
        found[value.__class__] = member
        if member.by_tag and len(choice) > 1:
            return _with_tag(converter, value)
        below: Json = converter.unstructure(value, unstructure_as=member.type)
        return below

    return write


def _union_reader(converter: Converter, union: Annotation) -> Reader:
    choice, optional = members(union), type(None) in get_args(union)
    only = choice[0].type if len(choice) == 1 else None
    classes = tuple(m.plain for m in choice if m.by_tag)
    words = " or ".join(m.words for m in choice)
    known: dict[object, type] = {}

    def read(raw: Value, _: Annotation) -> Value:
        if raw is None and optional:
            return None
        if only is not None:
            return converter.structure(raw, only)
        parts = object_in(raw)
        if parts is not None and isinstance(parts.get(TAG), str):
            tag = parts[TAG]
            cls: Annotation = known.get(tag) or tagged(tag, classes)
            if cls is not None:
                known[tag] = cls
                return converter.structure(_tagged_value(parts, cls), cls)
        for member in choice:
            if member.fits(raw):
                return converter.structure(raw, member.type)
        raise Refused(raw, words)

    return read


def _items(raw: Value, annotation: Annotation, read: Callable[[int, Value], Value]) -> list[Value]:
    """Each item read; a refusal is told which item it was."""
    items = list_in(raw)
    if items is None:
        raise Refused(raw, "a list")
    found: list[Value] = []
    for index, item in enumerate(items):
        try:
            found.append(read(index, item))
        except Exception as problem:
            problem.add_note(IterableValidationNote(f"item {index}", index, annotation))
            raise
    return found


def _tuple_writer(converter: Converter, annotation: Annotation) -> Writer:
    first, *others = get_args(annotation)
    if others == [Ellipsis]:
        return lambda value: [converter.unstructure(item, unstructure_as=first) for item in value]
    kinds = (first, *others)
    return lambda value: [
        converter.unstructure(item, unstructure_as=kind) for item, kind in zip(value, kinds, strict=True)
    ]


def _tuple_reader(converter: Converter, annotation: Annotation) -> Reader:
    first, *others = get_args(annotation)
    length = None if others == [Ellipsis] else 1 + len(others)
    kinds = (first, *others)

    def read_item(index: int, item: Value) -> Value:
        return converter.structure(item, kinds[0 if length is None else index])

    def read(raw: Value, _: Annotation) -> Value:
        items = list_in(raw)
        if length is not None and items is not None and len(items) != length:
            raise Refused(raw, f"a list of {length} items")
        return tuple(_items(raw, annotation, read_item))

    return read


def _set_writer(converter: Converter, annotation: Annotation) -> Writer:
    (kind,) = get_args(annotation)
    return lambda value: sorted(
        (converter.unstructure(item, unstructure_as=kind) for item in value), key=canonical_text
    )


def _set_reader(converter: Converter, annotation: Annotation) -> Reader:
    (kind,) = get_args(annotation)

    def read(raw: Value, _: Annotation) -> Value:
        items = _items(raw, annotation, lambda _, item: converter.structure(item, kind))
        found = frozenset(items)
        if len(found) != len(items):
            raise Refused(raw, "a list without repeated items")
        return found

    return read


def _mapping_writer(converter: Converter, annotation: Annotation) -> Writer:
    key_kind, kind = get_args(annotation)

    def write(value: Value) -> Json:
        return {
            str(converter.unstructure(key, unstructure_as=key_kind)): converter.unstructure(item, unstructure_as=kind)
            for key, item in value.items()
        }

    return write


def _mapping_reader(converter: Converter, annotation: Annotation) -> Reader:
    key_kind, kind = get_args(annotation)

    def read(raw: Value, _: Annotation) -> Value:
        parts = object_in(raw)
        if parts is None:
            raise Refused(raw, "an object")
        found: dict[Value, Value] = {}
        for key, item in parts.items():
            try:
                found[converter.structure(key, key_kind)] = converter.structure(item, kind)
            except Exception as problem:
                problem.add_note(IterableValidationNote(f"key {key}", key, annotation))
                raise
        return found

    return read
