"""What our canonical fields are in Tryton's own terms, for each kind: the values to create and to write.

The rule of the file: a value that Tryton cannot hold as it is is refused with its reason, never bent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.field_forms import ill_formed
from clmcrm.adapters.tryton import opportunities, parties, terms
from clmcrm.ports.records import Create, Fields, Kind

Row = Mapping[str, Any]

CODED: Final = {"country": "country.country", "lang": "ir.lang", "currency": "currency.currency"}
"""The models whose records we name by a code."""

_TEXTS: Final = frozenset({"name", "email", "phone", "website", "vat_number", "language", "currency"})


@frozen
class Codes:
    """The ids behind the codes of countries, languages and currencies."""

    by_name: Mapping[str, Mapping[str, int]]

    @property
    def countries(self) -> Mapping[str, int]:
        """The countries by code."""
        return self.by_name["country"]

    @property
    def lookups(self) -> Mapping[str, int | None]:
        """Languages and currencies, as "lang:fr" and "currency:EUR"."""
        return {f"{name}:{code}": n for name in ("lang", "currency") for code, n in self.by_name[name].items()}


def new_values(one: Create, codes: Codes) -> dict[str, Any]:
    """The values of a new record that carries our key."""
    if one.kind == Kind.ACCOUNT:
        return parties.created(one.mark, one.fields, codes.countries, codes.lookups)
    return terms.created(one.mark, one.fields)


def changed_values(kind: str, row: Row, fields: Fields, codes: Codes) -> dict[str, Any]:
    """The values to write so that the record shows `fields`."""
    if kind == Kind.ACCOUNT:
        return parties.changed(row, fields, codes.countries, codes.lookups)
    if kind == Kind.OPPORTUNITY:
        return opportunities.changed(fields)
    return terms.changed(terms.shown(row).fields, fields)


def unfit(kind: str, row: Row | None, fields: Fields, codes: Codes) -> str | None:
    """Why these fields cannot be written, in words; None when they can. `row` None: a new record."""
    for name, value in fields.items():
        if name in _TEXTS and value is not None and not isinstance(value, str):
            return f"{name} is {value!r}; expected a text"
    if kind == Kind.ACCOUNT:
        return ill_formed(fields) or parties.unwritable(fields, codes.countries, codes.lookups)
    if kind == Kind.OPPORTUNITY:
        return opportunities.unwritable(fields)
    return terms.unwritable(terms.shown(row).fields if row else {}, fields)
