"""The parts a record is made of: each says which columns it reads, what it shows, and what it sends.

A part is one column or a few that belong together. A record is the sum of its parts; what no part stands for goes to
the extras (`clmcrm.adapters.dataverse.extras`). Lookups, amounts and addresses are parts of forms of their own
(`clmcrm.adapters.dataverse.lookups`, `amounts`, `addresses`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, cast

from attrs import frozen

from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import Form, number, sent_value, shown_value
from clmcrm.ports.records import Fields, Json

Row = Mapping[str, Any]

KEPT: Final = "Dataverse keeps it by itself"


class Part(Protocol):
    """Some canonical fields and the columns behind them."""

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """The columns, by their logical names."""
        ...

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """What a row shows; raises `Misfit` for a value of the wrong form."""
        ...

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """The values to send for those of its names that `fields` holds; raises `Misfit` for what has no place."""
        ...


@frozen(kw_only=True)
class Column:
    """One column: `name` here, `at` there, of that `form`; not `written` when Dataverse keeps it by itself."""

    name: str
    at: str
    form: Form = "text"
    written: bool = True

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return (self.name,)

    @property
    def columns(self) -> Sequence[str]:
        """The column."""
        return (self.at,)

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The value."""
        del ground
        return {self.name: shown_value(self.at, self.form, row.get(self.at))}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """The value."""
        del ground
        if self.name not in fields:
            return {}
        if not self.written:
            raise Misfit(self.name, KEPT)
        return {self.at: sent_value(self.name, self.form, fields[self.name])}


@frozen(kw_only=True)
class Choice:
    """One option of a set: each option's number with its canonical word, `other` for a number not listed.

    `raw` is the canonical field that keeps the number itself, as text; without it an unlisted number is shown as it
    is.
    """

    name: str
    at: str
    words: Mapping[int, str]
    other: str | None = None
    raw: str | None = None

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        return (self.name,) if self.raw is None else (self.name, self.raw)

    @property
    def columns(self) -> Sequence[str]:
        """The column."""
        return (self.at,)

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The word, and the number itself beside it."""
        del ground
        value = shown_value(self.at, "whole", row.get(self.at))
        if value is None:
            return dict.fromkeys(self.names)
        option = cast("int", value)
        word = self.words.get(option, str(option) if self.raw is None else self.other)
        return {self.name: word} if self.raw is None else {self.name: word, self.raw: str(option)}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """The number; a raw one goes before the canonical word."""
        del ground
        if not any(name in fields for name in self.names):
            return {}
        raw = None if self.raw is None else fields.get(self.raw)
        if self.raw is not None and raw is not None:
            return {self.at: option_of(self.raw, raw)}
        value = fields.get(self.name)
        return {self.at: None if value in (None, "") else self._option(value)}

    def _option(self, value: Json) -> int:
        for option, word in self.words.items():
            if word == value:
                return option
        if self.raw is None and isinstance(value, str) and _is_option(value):
            return int(value)
        known = ", ".join(dict.fromkeys(self.words.values()))
        raise Misfit(self.name, f"{value!r} is no option of {self.at}; known are {known}"[:300])


def option_of(called: str, value: Json) -> int:
    """The number that stands for an option; raises `Misfit` for what is none."""
    if not isinstance(value, str) or not _is_option(value):
        raise Misfit(called, f"{value!r} is no number of an option"[:200])
    return int(value)


def _is_option(value: str) -> bool:
    digits = value.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 10  # noqa: PLR2004 - an Int32


@frozen(kw_only=True)
class PartOf:
    """A part made of two functions, where columns belong together in a way of their own."""

    names: Sequence[str]
    columns: Sequence[str]
    show: Callable[[Row, Ground], dict[str, Json]]
    send: Callable[[Fields, Ground], dict[str, Any]]

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """As `show` says."""
        return self.show(row, ground)

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """As `send` says, for those of its names that are given."""
        return self.send(fields, ground) if any(name in fields for name in self.names) else {}


def kept_by_itself(*names: str) -> Callable[[Fields, Ground], dict[str, Any]]:
    """What a part sends whose columns Dataverse keeps by itself: nothing, by name."""

    def send(fields: Fields, ground: Ground) -> dict[str, Any]:
        del ground
        raise Misfit(next(name for name in names if name in fields), KEPT)

    return send


def active() -> Part:
    """Whether a record is active: its state, with the first reason of that state when it is written."""
    return PartOf(names=("active",), columns=("statecode",), show=_active, send=_active_sent)


def _active(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    state = shown_value("statecode", "whole", row.get("statecode"))
    return {"active": None if state is None else state == 0}


def _active_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    del ground
    told = fields["active"]
    if not isinstance(told, bool):
        raise Misfit("active", f"{told!r} is neither true nor false"[:100])
    return {"statecode": 0, "statuscode": 1} if told else {"statecode": 1, "statuscode": 2}


def whole(called: str, value: Json) -> int:
    """A whole number; raises `Misfit` for what is none."""
    try:
        found = number(value)
    except (ValueError, ArithmeticError) as problem:
        raise Misfit(called, str(problem)[:200]) from None
    if found != found.to_integral_value():
        raise Misfit(called, f"{value} is no whole number; Dataverse keeps no others here")
    return int(found)
