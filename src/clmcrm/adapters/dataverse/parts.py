"""The parts a record is made of: each says which columns it reads, what it shows, and what it sends.

A part is one column or a few that belong together. A record is the sum of its parts; what no part stands for goes to
the extras (`clmcrm.adapters.dataverse.extras`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, cast

from attrs import frozen

from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.dataverse.odata import is_id
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import Form, money_sent, money_shown, number, sent_value, shown_value, typed
from clmcrm.ports.records import Fields, Json

Row = Mapping[str, Any]

CURRENCY: Final = "transactioncurrencyid"
TABLE: Final = "Microsoft.Dynamics.CRM.lookuplogicalname"
"""The annotation that says which table a lookup leads to."""
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
class Lookup:
    """A lookup that leads to the table `to`; one that leads elsewhere is none of its own, and among the extras.

    `bound` is the name by which a write binds it (None: that of the column).
    """

    name: str
    at: str
    to: str
    bound: str | None = None

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return (self.name,)

    @property
    def columns(self) -> Sequence[str]:
        """The column."""
        return (self.at,)

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The id of the other row."""
        del ground
        key = lookup_key(row, self.at)
        return {self.name: key if key is None or table_of(row, self.at) in (self.to, "") else None}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """What binds it to the other row, or takes it off."""
        if self.name not in fields:
            return {}
        return {f"{self.bound or self.at}@odata.bind": address(self.name, fields[self.name], self.to, ground)}


def lookup_key(row: Row, at: str) -> str | None:
    """The id that a lookup leads to; None when it is empty. Raises `Misfit` for what is no id."""
    value = row.get(f"_{at}_value")
    if value is None:
        return None
    if not isinstance(value, str) or not is_id(value):
        raise Misfit(at, f"{value!r} is no id of a row"[:100])
    return value.lower()


def table_of(row: Row, at: str) -> str:
    """The table that a lookup leads to; empty when the row does not say."""
    return str(row.get(f"_{at}_value@{TABLE}") or "")


def address(called: str, key: Json, table: str, ground: Ground) -> str | None:
    """The address of a row, as a lookup is bound to it; None for none."""
    if key is None or key == "":
        return None
    if not isinstance(key, str) or not is_id(key):
        raise Misfit(called, f"{key!r} is no id of a row in Dataverse"[:200])
    if table not in ground.sets:
        raise Misfit(called, f"the environment has no table {table}"[:200])
    return f"/{ground.sets[table]}({key.lower()})"


@frozen(kw_only=True)
class MoneyPart:
    """Amounts that share the row's currency: canonical names with their columns; the currency is a field too.

    Each row has its own currency (`transactioncurrencyid`); writing an amount sets it. An amount has four decimals.
    """

    amounts: Mapping[str, str]

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        return (*self.amounts, "currency")

    @property
    def columns(self) -> Sequence[str]:
        """The columns, and the currency."""
        return (*self.amounts.values(), CURRENCY)

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The amounts, and the currency."""
        code = code_of(row, ground)
        found = {name: money_shown(at, row.get(at), code) for name, at in self.amounts.items()}
        return {**found, "currency": code}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """The amounts, and the currency they are in."""
        made: dict[str, Any] = {}
        codes: dict[str, str] = {}
        for name, at in self.amounts.items():
            if name in fields:
                money = money_sent(name, fields[name])
                made[at] = None if money is None else money.amount
                if money is not None:
                    codes[name] = money.currency.code
        stated = fields.get("currency")
        if stated is not None:
            codes["currency"] = str(stated)
        for name, code in codes.items():
            first = next(iter(codes.values()))
            if code != first:
                raise Misfit(name, f"is in {code}, another amount of the record in {first}")
            key = ground.currency_id(code)
            if key is None:
                raise Misfit(name, f"is in {code}, which is no currency of the environment")
            made[f"{CURRENCY}@odata.bind"] = f"/transactioncurrencies({key})"
        return made


def code_of(row: Row, ground: Ground) -> str:
    """The currency of a row; raises `Misfit` for one that the environment does not name."""
    key = lookup_key(row, CURRENCY)
    if key is None:
        return ground.org.currency
    if key not in ground.currencies:
        raise Misfit(CURRENCY, f"{key} is no currency that the environment names")
    return ground.currencies[key]


@frozen(kw_only=True)
class AddressPart:
    """An address: the columns that begin with `prefix` ("address1").

    A street has three lines at most. A country is a code where the text is two capitals; else it is a word.
    """

    name: str
    prefix: str

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return (self.name,)

    @property
    def columns(self) -> Sequence[str]:
        """The seven columns."""
        return tuple(f"{self.prefix}_{end}" for end in (*_LINES, *_ENDS, "country"))

    def shown(self, row: Row, ground: Ground) -> dict[str, Json]:
        """The parts that are stated; None when none is."""
        del ground
        made: dict[str, Json] = {}
        lines: list[Json] = [line for end in _LINES if (line := self._text(row, end))]
        if lines:
            made["lines"] = lines
        for end, name in _ENDS.items():
            if self._text(row, end):
                made[name] = self._text(row, end)
        country = self._text(row, "country")
        if country:
            made["country" if _is_code(country) else "country_name"] = country
        return {self.name: made or None}

    def sent(self, fields: Fields, ground: Ground) -> dict[str, Any]:
        """All seven columns, so that nothing of an earlier address stays."""
        del ground
        if self.name not in fields:
            return {}
        told = fields[self.name] if fields[self.name] is not None else {}
        if not isinstance(told, dict) or told.keys() - _ADDRESS:
            raise Misfit(self.name, "is no address of lines, city, region, postal_code, country or country_name")
        lines = texts(self.name, told.get("lines"))
        if len(lines) > len(_LINES):
            raise Misfit(self.name, f"has {len(lines)} lines; a street of Dataverse has {len(_LINES)}")
        code, word = told.get("country"), told.get("country_name")
        if code is None and _is_code(word):
            raise Misfit(self.name, f"its country_name {word!r} would be shown as a code")
        stated = {end: told.get(name) for end, name in _ENDS.items()}
        stated |= dict(zip(_LINES, [*lines, None, None, None], strict=False))
        stated["country"] = code if code is not None else word
        return {f"{self.prefix}_{end}": sent_value(self.name, "text", value) for end, value in stated.items()}

    def _text(self, row: Row, end: str) -> str | None:
        value = shown_value(f"{self.prefix}_{end}", "text", row.get(f"{self.prefix}_{end}"))
        return None if value is None else str(value)


_LINES: Final = ("line1", "line2", "line3")
_ENDS: Final = {"city": "city", "stateorprovince": "region", "postalcode": "postal_code"}
_ADDRESS: Final = frozenset({"lines", "city", "region", "postal_code", "country", "country_name"})


def _is_code(word: object) -> bool:
    return isinstance(word, str) and len(word) == 2 and word.isascii() and word.isupper() and word.isalpha()  # noqa: PLR2004


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


def texts(called: str, value: Json) -> list[str]:
    """A list of texts; raises `Misfit` for what is none."""
    try:
        return [typed(str, one, "text") for one in typed(list, value or [], "list")]
    except ValueError as problem:
        raise Misfit(called, str(problem)) from None


# The owner, and the state, are kept alike by every table.


def owner() -> Part:
    """Who a record belongs to: a user by id, a team as "team/" and its id."""
    return PartOf(names=("owner",), columns=("ownerid",), show=_owner, send=_owner_sent)


def _owner(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    key = lookup_key(row, "ownerid")
    return {"owner": f"{_TEAM}{key}" if key is not None and table_of(row, "ownerid") == "team" else key}


def _owner_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    told = fields["owner"]
    if told is None:
        raise Misfit("owner", "a record of Dataverse always has one")
    team = isinstance(told, str) and told.startswith(_TEAM)
    key = told.removeprefix(_TEAM) if isinstance(told, str) else told
    return {"ownerid@odata.bind": address("owner", key, "team" if team else "systemuser", ground)}


_TEAM: Final = "team/"


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
