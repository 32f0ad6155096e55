"""Reads the sample's files: TOML tables with short forms, strictly, into records.

A key that a record does not have is refused, like every value it cannot hold; the error names the file,
the record and the field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Final, TypeVar, cast

from clmcrm.clm.contract import Contract
from clmcrm.clm.obligations import Obligation
from clmcrm.codec.records import from_fields
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.ports.records import Json
from clmcrm.sample.agreements import NOTICE, RENEWAL, TERM, due, events, performance, signatory
from clmcrm.sample.shorthand import (
    Expander,
    Table,
    address,
    day_fact,
    each_table,
    each_text,
    expanded,
    or_unknown,
    person,
)

T = TypeVar("T")

_TERMS: Final[dict[str, Expander]] = {
    "term": or_unknown(TERM.read),
    "renewal": or_unknown(RENEWAL.read),
    "notice": or_unknown(NOTICE.read),
}
_OBLIGATION: Final[dict[str, Expander]] = {"due": due, "performances": each_text(performance)}
_WANTED: Final[dict[str, Expander]] = {
    "start_wanted_on": day_fact,
    "signature_expected_on": day_fact,
    "billing_address": address,
    "shipping_address": address,
    "contacts": each_text(person),
}
SHORT_FORMS: Final[Mapping[type, Mapping[str, Expander]]] = {
    Account: {"billing_address": address, "shipping_address": address},
    Contact: {"address": address},
    Opportunity: _WANTED,
    Quote: _WANTED,
    Obligation: _OBLIGATION,
    Contract: {
        **_TERMS,
        "effective_on": day_fact,
        "executed_on": day_fact,
        "people": each_text(person),
        "signatories": each_text(signatory),
        "billing_address": address,
        "service_address": address,
        "obligations": each_table(_OBLIGATION),
        "amendments": each_table({**_TERMS, "executed_on": day_fact}),
        "events": events,
    },
}
"""The fields of each record that have a short form of their own."""


def tables(file: str, name: str) -> tuple[Table, ...]:
    """The tables ``[[name]]`` of a file of the sample, in order; the file holds nothing else.

    Raises `UnreadableInput` for a file that is no TOML, `InvalidRecord` for anything else in it.
    """
    text = files("clmcrm.sample").joinpath("data", file).read_text(encoding="utf-8")
    return parsed(text, file, name)


def parsed(text: str, file: str, name: str) -> tuple[Table, ...]:
    r"""The tables ``[[name]]`` of a TOML `text`; `file` is what errors call it. Raises as `tables` does.

    >>> parsed("[[rate]]\nfactor = 1.1", "rates.toml", "rate")
    ({'factor': Decimal('1.1')},)
    """
    try:
        held = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as problem:
        raise UnreadableInput(file, f"is no TOML: {problem}") from None
    found: object = held.pop(name, None)
    if held:
        raise InvalidRecord(file, next(iter(held)), "a table", f"nothing but tables [[{name}]]")
    if not isinstance(found, list):
        raise InvalidRecord(file, name, found, f"tables [[{name}]]")
    return tuple(cast("list[Table]", found))


def canonical(cls: type, table: Table, file: str) -> dict[str, Json]:
    """The canonical fields of a table for a record of `cls`, not yet judged by the codec.

    Raises `InvalidRecord` for a short form that cannot be read.

    >>> canonical(Account, {"name": "Durand", "revenue": "10 EUR"}, "accounts.toml")
    {'name': 'Durand', 'revenue': {'amount': '10', 'currency': 'EUR'}}
    """
    try:
        return expanded(table, SHORT_FORMS.get(cls, {}))
    except InvalidRecord as problem:
        named = f"{file}: {cls.__name__} {table.get('id', '')}".rstrip()
        raise InvalidRecord(named, problem.field, problem.value, problem.expected) from None


def record_of(cls: type[T], table: Table, file: str) -> T:
    """The record of `cls` that a table describes; raises `InvalidRecord` naming file, record and field.

    >>> record_of(Account, {"id": "A-1", "name": "Durand", "color": "blue"}, "accounts.toml")
    Traceback (most recent call last):
    clmcrm.errors.InvalidRecord: accounts.toml: Account A-1: $.color is 'blue'; expected no such field; ...
    """
    fields = canonical(cls, table, file)
    try:
        return from_fields(cls, fields)
    except InvalidRecord as problem:
        raise InvalidRecord(f"{file}: {problem.record}", problem.field, problem.value, problem.expected) from None


def records_of(cls: type[T], file: str, name: str) -> tuple[T, ...]:
    """Every record of a file, in order; raises as `tables` and `record_of` do."""
    return tuple(record_of(cls, table, file) for table in tables(file, name))
