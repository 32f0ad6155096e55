"""Contract templates: text with named merge fields and nothing else. A template never contains code.

A field is written `{{ name }}`. A field without a value is an error that names it; a value without a
field is returned, so that nothing is lost unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from clmcrm.clm.kinds import ContractKind
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import TemplateId
from clmcrm.values.record import Record
from clmcrm.values.validators import member, text

_FIELD: Final = re.compile(r"\{\{ ?([a-z][a-z0-9_.]{0,63}) ?\}\}")
_NEAR: Final = 20
"""So much of the text before and after it shows where something stands."""


@frozen(kw_only=True)
class Template(Record):
    """A contract's text for one `kind` in one `language` (ISO 639 code).

    Raises `InvalidRecord` for double braces that are no field: it would go out as it stands.
    """

    id: TemplateId = field(validator=text)
    name: str = field(validator=text)
    kind: ContractKind = field(validator=member(ContractKind))
    language: str = field(default="en", validator=text)
    body: str = field(validator=text)

    def __attrs_post_init__(self) -> None:
        rest = _FIELD.sub(" ", self.body)
        at = min((place for mark in ("{{", "}}") if (place := rest.find(mark)) >= 0), default=None)
        if at is not None:
            near = rest[max(0, at - _NEAR) : at + _NEAR]
            raise InvalidRecord(f"Template {self.id}", "body", near, "fields such as {{ buyer.name }}")

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the merge fields, each once, in the order of the text."""
        return tuple(dict.fromkeys(_FIELD.findall(self.body)))


@frozen(kw_only=True)
class Merged:
    """The filled text, and the values the template had no field for."""

    text: str
    unused: tuple[str, ...]


def merge_fields(template: Template, values: Mapping[str, str]) -> Merged:
    """The template's text with every field replaced by its value, as it stands (values are not read again).

    Raises `InvalidRecord` naming the first field without a value (None is none), or with one that is no text.

    >>> letter = Template(id=TemplateId("T"), name="nda", kind=ContractKind.NDA, body="Between us and {{ them }}.")
    >>> merge_fields(letter, {"them": "ACME"}).text
    'Between us and ACME.'
    """
    for name in template.fields:
        value: object = values.get(name)
        if not isinstance(value, str):
            expected = "a value for this merge field" if value is None else "a text: the caller says how it is written"
            raise InvalidRecord(f"Template {template.id}", name, value, expected)
    filled = _FIELD.sub(lambda found: values[found.group(1)], template.body)
    return Merged(text=filled, unused=tuple(sorted(set(values) - set(template.fields))))
