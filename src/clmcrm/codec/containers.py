"""How lists, sets and mappings are written and read: their items one by one, each by the rule of its own type.

The rule of the file: what goes wrong in an item says which item it was; a set is written in one order only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import get_args

from cattrs import Converter
from cattrs.errors import IterableValidationNote

from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.forms import Refused, list_in, object_in
from clmcrm.codec.hook_types import Annotation, Reader, Value, Writer
from clmcrm.codec.known_forms import form_of, has_form
from clmcrm.ports.records import Json


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


def _built(value: Value, kind: type) -> Value:
    """The value, which is to be a `kind`: a text is a run of letters, too, and would come back as a tuple of them."""
    if not isinstance(value, kind):
        raise Refused(value, f"a {kind.__name__}")
    return value


def tuple_writer(converter: Converter, annotation: Annotation) -> Writer:
    """The rule that writes a tuple as a list: of one type throughout, or each item of its own."""
    first, *others = get_args(annotation)
    if others == [Ellipsis]:
        return lambda value: [converter.unstructure(item, unstructure_as=first) for item in _built(value, tuple)]
    kinds = (first, *others)
    return lambda value: [
        converter.unstructure(item, unstructure_as=kind) for item, kind in zip(_built(value, tuple), kinds, strict=True)
    ]


def tuple_reader(converter: Converter, annotation: Annotation) -> Reader:
    """The rule that reads a list as a tuple; one of another length than the tuple's is refused."""
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


def set_writer(converter: Converter, annotation: Annotation) -> Writer:
    """The rule that writes a set as a list, sorted by the canonical JSON of its items."""
    (kind,) = get_args(annotation)
    # cattrs would write an item of an enum of texts as whatever text it is.
    write: Writer = form_of(kind).write if has_form(kind) else partial(converter.unstructure, unstructure_as=kind)
    return lambda value: sorted(map(write, _built(value, frozenset)), key=canonical_text)


def set_reader(converter: Converter, annotation: Annotation) -> Reader:
    """The rule that reads a list as a set; a repeated item is refused."""
    (kind,) = get_args(annotation)

    def read(raw: Value, _: Annotation) -> Value:
        items = _items(raw, annotation, lambda _, item: converter.structure(item, kind))
        found = frozenset(items)
        if len(found) != len(items):
            raise Refused(raw, "a list without repeated items")
        return found

    return read


def mapping_writer(converter: Converter, annotation: Annotation) -> Writer:
    """The rule that writes a mapping as an object; its keys become text."""
    key_kind, kind = get_args(annotation)

    def write(value: Value) -> Json:
        return {
            str(converter.unstructure(key, unstructure_as=key_kind)): converter.unstructure(item, unstructure_as=kind)
            for key, item in _built(value, Mapping).items()
        }

    return write


def mapping_reader(converter: Converter, annotation: Annotation) -> Reader:
    """The rule that reads an object as a mapping; what goes wrong in a value names its key."""
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
