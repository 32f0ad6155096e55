"""The parts a record is made of: each says which fields it reads, what it shows, and what it sends.

A part is one field or a few that belong together. A record is the sum of its parts; what no part stands for goes
to the extras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, cast

from attrs import field, frozen

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.declared.members import plain
from clmcrm.adapters.field_forms import Form, money_sent, money_shown, sent_value, shown_value, typed
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.adapters.salesforce.wire import VENDOR
from clmcrm.adapters.trees import is_tree
from clmcrm.ports.records import Fields, Json

Row = Mapping[str, Any]

CURRENCY: Final = "CurrencyIsoCode"
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
class MoneyPart:
    """Amounts that share the record's currency: canonical names with their fields.

    With `currency` the record's currency is a canonical field too. In an org of one currency an amount in another
    is refused; in one of several, writing an amount sets the record's currency.
    """

    amounts: Mapping[str, str]
    currency: bool = False
    multi: bool = False
    children: Sequence[Query] = field(default=(), init=False)

    @property
    def names(self) -> Sequence[str]:
        """The canonical fields."""
        return (*self.amounts, "currency") if self.currency else tuple(self.amounts)

    @property
    def reads(self) -> Sequence[str]:
        """The fields, and the currency where each record has its own."""
        return (*self.amounts.values(), CURRENCY) if self.multi else tuple(self.amounts.values())

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """The amounts, and the currency."""
        code = code_of(row, org)
        found = {name: money_shown(at, row.get(at), code) for name, at in self.amounts.items()}
        return {**found, "currency": code} if self.currency else found

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """The amounts, and the currency where each record has its own."""
        made: dict[str, Any] = {}
        codes: dict[str, str] = {}
        for name, at in self.amounts.items():
            if name in fields:
                money = money_sent(name, fields[name])
                made[at] = None if money is None else money.amount
                if money is not None:
                    codes[name] = money.currency.code
        stated = fields.get("currency") if self.currency else None
        if stated is not None:
            codes["currency"] = str(stated)
        for name, code in codes.items():
            if not self.multi and code != org.currency:
                raise Misfit(name, f"is in {code}; the org keeps everything in {org.currency}")
            if code != next(iter(codes.values())):
                raise Misfit(name, f"is in {code}, another amount of the record in {next(iter(codes.values()))}")
        return {**made, CURRENCY: next(iter(codes.values()))} if codes and self.multi else made


def code_of(row: Row, org: OrgSettings) -> str:
    """The currency of a record."""
    return str(row.get(CURRENCY) or org.currency)


@frozen(kw_only=True)
class AddressPart:
    """An address: five fields that begin with `prefix` ("Billing").

    A country is a code where the org keeps codes, and where the text is two capitals; else it is a word.
    """

    name: str
    prefix: str
    codes: bool = False
    children: Sequence[Query] = field(default=(), init=False)

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return (self.name,)

    @property
    def reads(self) -> Sequence[str]:
        """The five fields, and the country's code where there is one."""
        last = ("Country", "CountryCode") if self.codes else ("Country",)
        return tuple(f"{self.prefix}{end}" for end in ("Street", "City", "State", "PostalCode", *last))

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """The parts that are stated; None when none is."""
        del org
        made: dict[str, Json] = {}
        street = self._text(row, "Street")
        if street:
            made["lines"] = [line for line in street.splitlines() if line]
        for end, name in (("City", "city"), ("State", "region"), ("PostalCode", "postal_code")):
            if self._text(row, end):
                made[name] = self._text(row, end)
        country = self._text(row, "Country")
        code = self._text(row, "CountryCode") if self.codes else country if _is_code(country) else None
        if code:
            made["country"] = code
        elif country:
            made["country_name"] = country
        return {self.name: made or None}

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """All five fields, so that nothing of an earlier address stays."""
        del org
        if self.name not in fields:
            return {}
        told = fields[self.name] if fields[self.name] is not None else {}
        if not isinstance(told, dict) or told.keys() - _ADDRESS:
            raise Misfit(self.name, "is no address of lines, city, region, postal_code, country or country_name")
        lines = told.get("lines") or []
        if not isinstance(lines, list) or not all(isinstance(one, str) and "\n" not in one for one in lines):
            raise Misfit(self.name, "its lines are no list of lines")
        code, word = told.get("country"), told.get("country_name")
        if code is None and _is_code(word):
            raise Misfit(self.name, f"its country_name {word!r} would be shown as a code")
        ends = {
            "Street": "\n".join(cast("list[str]", lines)) or None,
            "City": sent_value(self.name, "text", told.get("city")),
            "State": sent_value(self.name, "text", told.get("region")),
            "PostalCode": sent_value(self.name, "text", told.get("postal_code")),
        }
        if self.codes:
            ends["CountryCode"] = sent_value(self.name, "text", code)
            if word is not None and code is None:
                raise Misfit(self.name, "the org takes a country's code only")
        else:
            ends["Country"] = sent_value(self.name, "text", code if code is not None else word)
        return {f"{self.prefix}{end}": value for end, value in ends.items()}

    def _text(self, row: Row, end: str) -> str | None:
        value = shown_value(f"{self.prefix}{end}", "long", row.get(f"{self.prefix}{end}"))
        return None if value is None else str(value)


_ADDRESS: Final = frozenset({"lines", "city", "region", "postal_code", "country", "country_name"})


def _is_code(word: object) -> bool:
    return isinstance(word, str) and len(word) == 2 and word.isascii() and word.isupper() and word.isalpha()  # noqa: PLR2004


@frozen(kw_only=True)
class ExtrasPart:
    """The fields that have no canonical name: kept as they are, and written back as they were.

    `fields` are those that may be written, with their form; `kept` those that Salesforce keeps by itself.
    """

    fields: Mapping[str, Form]
    kept: Sequence[str] = ()
    children: Sequence[Query] = field(default=(), init=False)

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return ("extras",)

    @property
    def reads(self) -> Sequence[str]:
        """All of them."""
        return (*self.fields, *self.kept)

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """Those that hold something, raw."""
        del org
        held = [at for at in self.reads if row.get(at) is not None]
        return {"extras": [{"system": VENDOR, "field": at, "raw": plain(row[at])} for at in held]}

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """Those that are named; other systems' extras are not ours to write."""
        del org
        made: dict[str, Any] = {}
        for one in cast("Sequence[Any]", fields.get("extras") or ()):
            at = str(one.get("field")) if is_tree(one) and one.get("system") == VENDOR else ""
            if at in self.fields:
                made[at] = sent_value("extras", _SENT_AS.get(self.fields[at], self.fields[at]), one["raw"])
        return made


_SENT_AS: Final[Mapping[Form, Form]] = {"text": "long", "whole": "number"}


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


def texts(called: str, value: Json) -> list[str]:
    """A list of texts; raises `Misfit` for what is none."""
    try:
        return [typed(str, one, "text") for one in typed(list, value or [], "list")]
    except ValueError as problem:
        raise Misfit(called, str(problem)) from None
