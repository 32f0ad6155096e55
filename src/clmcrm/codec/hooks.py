"""The rules by which cattrs writes and reads each type: forms, records, unions, lists, mappings.

Every rule is strict. Types are looked up when a value is met and not before, so that records may refer to
one another in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NewType, get_args

import attrs
from cattrs import Converter

from clmcrm.codec.containers import mapping_reader, mapping_writer, set_reader, set_writer, tuple_reader, tuple_writer
from clmcrm.codec.forms import Form, Refused, object_in
from clmcrm.codec.hook_types import Annotation, Reader, Value, Writer, origin_of
from clmcrm.codec.known_forms import FORMS, form_of, has_form
from clmcrm.codec.record_hooks import record_reader, record_writer, untagged, with_tag
from clmcrm.codec.unions import TAG, VALUE, Member, is_single, is_union, members, tag_of, tagged
from clmcrm.ports.records import Json

WriterFactory = Callable[[Converter, Annotation], Writer]
ReaderFactory = Callable[[Converter, Annotation], Reader]


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
    for kind in (str, int, bool):
        _ = converter.register_unstructure_hook(kind, _primitive_writer(kind))
        _ = converter.register_structure_hook(kind, _read_primitive)
    _ = converter.register_unstructure_hook(float, _no_float)
    _ = converter.register_structure_hook(float, _no_float)
    # The last rule that applies is taken: forms, so that Money is written as Money and not as a record.
    add(lambda t: isinstance(t, NewType), _alias_writer, _alias_reader)
    add(is_union, _union_writer, _union_reader)
    add(_built_of(tuple), tuple_writer, tuple_reader)
    add(_built_of(frozenset), set_writer, set_reader)
    add(_built_of(dict, Mapping), mapping_writer, mapping_reader)
    add(attrs.has, record_writer, lambda c, t: record_reader(c, t, forward=forward))
    add(has_form, lambda _, t: form_of(t).write, lambda _, t: _reader_of(form_of(t)))
    return converter


def _built_of(*origins: object) -> Callable[[Annotation], bool]:
    return lambda annotation: origin_of(annotation) in origins


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
        # Whatever is True is an int as well, and would be written as a flag.
        if not issubclass(cls, kind) or (cls is bool and kind is not bool):
            raise Refused(value, FORMS[kind].words)
        return form_of(cls).write(value)

    return write


def _alias_writer(converter: Converter, alias: Annotation) -> Writer:
    below = alias.__supertype__
    return lambda value: converter.unstructure(value, unstructure_as=below)


def _alias_reader(converter: Converter, alias: Annotation) -> Reader:
    below = alias.__supertype__
    return lambda raw, _: converter.structure(raw, below)


def _tagged_value(parts: dict[str, Any], cls: Annotation) -> Value:
    if not is_single(cls):
        return untagged(parts)
    if parts.keys() != {TAG, VALUE}:
        raise Refused(parts, f'{{"{TAG}": "{tag_of(cls)}", "{VALUE}": …}}')
    return parts[VALUE]


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
            return with_tag(converter, value)
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
