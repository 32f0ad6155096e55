"""Sets in records: a text in a set's place is refused, for `"Approved" in "NotApproved"` is true of texts."""

from __future__ import annotations

from typing import Any, cast

import attrs

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import Validator, describe


def set_of(inner: Validator) -> Validator:
    """A validator for a frozenset whose items each pass `inner`.

    >>> from clmcrm.values.validators import text
    >>> @attrs.frozen
    ... class Tagged:
    ...     tags: frozenset[str] = attrs.field(validator=set_of(text))
    >>> Tagged("new")
    Traceback (most recent call last):
    clmcrm.errors.InvalidRecord: Tagged: tags is 'new'; expected a frozenset
    """

    def validator(inst: Any, attribute: attrs.Attribute[Any], value: object) -> None:  # noqa: ANN401 - attrs' own signature
        if not isinstance(value, frozenset):
            raise InvalidRecord(describe(inst), attribute.name, value, "a frozenset")
        for item in cast("frozenset[object]", value):
            inner(inst, attribute, item)

    return validator
