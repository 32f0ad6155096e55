"""Entities as accounts: a name, a relationship type, a parent, and properties that the company defines itself.

Ironclad prescribes no property of an entity, so that `properties` says which of the company's own stand for which
field; what has none stands in the facts. An entity that is INACTIVE is archived.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

from attrs import evolve

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.adapters.ironclad.shapes import NAME, PARENT, TYPES, Native, Shape, Slots, named, plain
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import ClmcrmError
from clmcrm.parties.accounts import Account, AccountKind
from clmcrm.ports.records import Json, Kind
from clmcrm.values.ids import AccountId

KEY: Final = "entity_clmcrmKey"
FACTS: Final = "entity_clmcrmFacts"
"""The text properties of entities that an administrator adds once, in Data Manager."""

HOLDS: Final = FIELDS[Kind.ACCOUNT] - {"id", "active", "merged_into"}
EMPTIES: Final = to_fields(Account(id=AccountId("-"), name="-"), whole=True)
"""How a field is shown of which nothing is stated."""

KINDS: Final[Mapping[str, str]] = {
    "customer": AccountKind.CUSTOMER.value,
    "prospect": AccountKind.PROSPECT.value,
    "vendor": AccountKind.SUPPLIER.value,
    "supplier": AccountKind.SUPPLIER.value,
    "partner": AccountKind.PARTNER.value,
    "reseller": AccountKind.RESELLER.value,
    "competitor": AccountKind.COMPETITOR.value,
    "investor": AccountKind.INVESTOR.value,
}
"""Relationship types by their key; they are the company's own, and any other has no kind of ours."""

PROPERTY_TYPES: Final[Mapping[str, str]] = {
    "legal_name": "string", "legal_form": "string", "registration_number": "string", "vat_number": "string",
    "industry": "string", "description": "string", "website": "string", "phone": "string", "email": "email",
    "employees": "number", "revenue": "monetary_amount", "billing_address": "address", "shipping_address": "address",
    "owner": "string", "unit": "string", "currency": "string", "language": "string", "country": "string",
    "lead_source": "string", "created_on": "date", "tags": "array",
}  # fmt: skip
"""Fields that may have a property of the company's own, and its type."""

_NARROW: Final = frozenset({"email", "employees", "currency", "language", "country"})
"""Fields that do not take every value of their type."""


def account_shape(kinds: Mapping[str, str], properties: Mapping[str, str], zone: tzinfo | None) -> Shape:
    """How accounts stand as entities; `kinds` says which kind of ours a relationship type is."""
    by_kind = {kind: own for own, kind in reversed(list(kinds.items()))}

    def fits(value: Json, slots: Slots) -> bool:
        return str(slots.get(TYPES)) not in kinds or kinds[str(slots.get(TYPES))] == value

    kind = Native(
        name="kind", read=lambda slots: kinds.get(str(slots.get(TYPES))), fits=fits,
        project=lambda value: {TYPES: by_kind.get(str(value))},
    )  # fmt: skip
    own = (_held(plain(name, told, PROPERTY_TYPES[name], zone)) for name, told in properties.items())
    return Shape(
        record=Account, holds=HOLDS, empties=EMPTIES, key=KEY, facts=FACTS,
        natives=(named("name", NAME), named("kind_raw", TYPES), kind, named("parent", PARENT), *own),
    )  # fmt: skip


def _held(native: Native) -> Native:
    """The same, for values that an account can hold: others (a country as a word) stay among the extras."""
    if native.name not in _NARROW:
        return native

    def read(slots: Slots) -> Json:
        own = native.read(slots)
        try:
            _ = None if own is None else from_fields(Account, {"id": "-", "name": "-", native.name: own})
        except ClmcrmError:
            return None
        return own

    return evolve(native, read=read)
