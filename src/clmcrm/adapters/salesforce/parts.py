"""The parts a record is made of: each says which fields it reads, what it shows, and what it sends.

A part is one field or a few that belong together. A record is the sum of its parts; what no part stands for goes
to the extras (`clmcrm.adapters.salesforce.extras`). Amounts and addresses are parts of forms of their own (`amounts`,
`addresses` beside it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from attrs import field, frozen

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import Form, sent_value, shown_value
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.ports.records import Fields, Json

Row = Mapping[str, Any]

_NO_WORDS: Final[Mapping[str, str]] = {}


class Part(Protocol):
    """Some canonical fields and the fields of Salesforce behind them."""

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        ...

    @property
    def reads(self) -> Sequence[str]:
        """The fields asked for."""
        ...

    @property
    def children(self) -> Sequence[Query]:
        """The queries of records that belong to it."""
        ...

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """What a record shows; raises `Misfit` for a value of the wrong form."""
        ...

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """The values to send for those of its names that `fields` holds; raises `Misfit` for what has no place."""
        ...


@frozen(kw_only=True)
class Column:
    """One field: `name` here, `at` there, of that `form`; not `written` when Salesforce keeps it by itself.

    With `words` it is an enum: each word of Salesforce with its canonical value, `other` for a word not listed;
    `raw` is the canonical field that keeps the word itself.
    """

    name: str
    at: str
    form: Form = "text"
    written: bool = True
    words: Mapping[str, str] = _NO_WORDS
    other: str | None = None
    raw: str | None = None
    children: Sequence[Query] = field(default=(), init=False)

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        return (self.name,) if self.raw is None else (self.name, self.raw)

    @property
    def reads(self) -> Sequence[str]:
        """The field."""
        return (self.at,)

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """The value, and the word itself beside it."""
        del org
        value = shown_value(self.at, self.form, row.get(self.at))
        if self.raw is None:
            return {self.name: value}
        return {self.name: None if value is None else self.words.get(str(value), self.other), self.raw: value}

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """The value; a raw word goes before the canonical one."""
        del org
        given = [name for name in self.names if name in fields]
        if not given:
            return {}
        if not self.written:
            raise Misfit(given[0], "Salesforce keeps it by itself")
        if self.raw is not None and fields.get(self.raw) is not None:
            return {self.at: sent_value(self.raw, "text", fields[self.raw])}
        value = fields.get(self.name)
        if self.raw is None or value is None:
            return {self.at: sent_value(self.name, self.form, value)}
        return {self.at: self._word(value)}

    def _word(self, value: Json) -> str:
        for word, canonical in self.words.items():
            if canonical == value:
                return word
        known = ", ".join(dict.fromkeys(self.words.values()))
        raise Misfit(self.name, f"{value!r} has no word in Salesforce; known are {known}")


@frozen(kw_only=True)
class PartOf:
    """A part made of two functions, where fields belong together in a way of their own."""

    names: Sequence[str]
    reads: Sequence[str]
    show: Callable[[Row, OrgSettings], dict[str, Json]]
    send: Callable[[Fields, OrgSettings], dict[str, Any]]
    children: Sequence[Query] = ()

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """As `show` says."""
        return self.show(row, org)

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """As `send` says, for those of its names that are given."""
        return self.send(fields, org) if any(name in fields for name in self.names) else {}


def kept_by_itself(*names: str) -> Callable[[Fields, OrgSettings], dict[str, Any]]:
    """What a part sends whose fields Salesforce keeps by itself: nothing, by name."""

    def send(fields: Fields, org: OrgSettings) -> dict[str, Any]:
        del org
        raise Misfit(next(name for name in names if name in fields), "Salesforce keeps it by itself")

    return send
