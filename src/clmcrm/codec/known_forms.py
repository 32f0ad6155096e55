"""Which types have a form of their own: those listed here, every enum, and literals; all else is built of them.

The rule of the file: a form is looked up by its type and by nothing else, so that a type is written alike
wherever it stands.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any, Final, Literal, cast, get_args

from clmcrm.codec.amounts import AMOUNT_FORMS
from clmcrm.codec.forms import PLAIN_FORMS, Form, Refused, read_raw, write_raw
from clmcrm.codec.hook_types import Annotation, origin_of
from clmcrm.ports.records import Json


def enum_form(kind: type[Enum]) -> Form:
    """The form of an enum: its members' values."""
    by_value: dict[tuple[object, object], Enum] = {(type(m.value), m.value): m for m in kind}

    def read(raw: object) -> Enum:
        # A list has no hash; 1 and True have the same one: hence type and value.
        found = by_value.get((type(raw), raw)) if isinstance(raw, str | int) else None
        if found is None:
            raise Refused(raw, "one of " + ", ".join(str(member.value) for member in kind))
        return found

    def fits(raw: object) -> bool:
        return isinstance(raw, str | int) and (type(raw), raw) in by_value

    def write(member: object) -> Json:
        # What stands in an enum's place without being of it is written only if it can be read again.
        return cast("Json", member.value if isinstance(member, kind) else read(member).value)

    return Form(f"one of {kind.__name__}", write, read, fits)


def literal_form(values: tuple[object, ...]) -> Form:
    """The form of `Literal`: one of these texts or whole numbers."""
    words = "one of " + ", ".join(map(str, values))

    def fits(raw: object) -> bool:
        return any(type(raw) is type(value) and raw == value for value in values)

    def checked(raw: object) -> Any:  # noqa: ANN401 - a text or a number, the same in JSON
        if not fits(raw):
            raise Refused(raw, words)
        return raw

    return Form(words, checked, checked, fits)


FORMS: Final[dict[type, Form]] = {**PLAIN_FORMS, **AMOUNT_FORMS}
"""The form of every type that has one of its own; whatever else a record holds is built of these."""


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


def has_form(annotation: Annotation) -> bool:
    """Whether the type has a form of its own.

    >>> has_form(bool), has_form(dict)
    (True, False)
    """
    try:
        _ = form_of(annotation)
    except TypeError:
        return False
    return True
