"""Contracts in Ironclad: the standard properties of its lifecycle, and how each is one of our facts.

| canonical field | property | type |
| --- | --- | --- |
| `title` | the record's name | |
| `kind_detail`, `kind` | the record's type, and which kind of ours the company says it is | |
| `counterparty` | `entity_reference` | reference |
| `names_in_text` | `counterpartyName` | string |
| `executed_on` | `agreementDate` | date |
| `effective_on` | `effectiveDate` | date |
| `term` | `standard_initialTermLength`, `expirationDate` | duration, date |
| `renewal` | `standard_renewalType`, `standard_renewalTermLength` | string, duration |
| `notice` | `standard_renewalOptOutPeriod` | duration |
| `total_value` | `contractValue` | monetary_amount |
| `parent`, `relation` | the parent record, and whether this one amends it | |

Source: developer.ironcladapp.com, record actions: activate, editRenewal, terminate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import Any, Final

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.adapters.ironclad.lifecycle import executed, in_progress
from clmcrm.adapters.ironclad.shapes import LINK, NAME, PARENT, TYPE, Native, Shape, Slots, named, plain
from clmcrm.adapters.ironclad.typed import read_typed, write_typed
from clmcrm.adapters.trees import is_list, is_tree, word
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.codec.records import to_fields
from clmcrm.ports.records import Json, Kind
from clmcrm.values.ids import ContractId

KEY: Final = "clmcrmKey"
FACTS: Final = "clmcrmFacts"
"""The text properties that an administrator adds once, in Data Manager."""

COUNTERPARTY: Final = "entity_reference"
COUNTERPARTY_NAME: Final = "counterpartyName"
OPT_OUT_DATE: Final = "standard_renewalOptOutDate"
HOLDS: Final = FIELDS[Kind.CONTRACT] - {"id"}
"""Every field of a contract has a place: a property or the facts."""
EMPTIES: Final = to_fields(Contract(id=ContractId("-"), title="-", kind=ContractKind.CUSTOM), whole=True)
"""How a field is shown of which nothing is stated."""

DEFAULTS: Final[Mapping[str, Json]] = {"kind": ContractKind.CUSTOM.value}

RENEWALS: Final[Mapping[str, str | None]] = {
    "Auto-Renew": "tacit",
    "Optional Extension": "option",
    "Evergreen": "indefinite",
    "None": "none",
    "Other": None,
}
"""Every renewal type of Ironclad's; None where it says no more than that it is another."""

TYPES: Final[Mapping[str, str]] = {
    "governing_law": "string", "purchase_order": "string", "special_terms": "string", "number": "string",
    "annual_value": "monetary_amount", "recurring_value": "monetary_amount", "billing_address": "address",
    "service_address": "address",
}  # fmt: skip
"""Fields that may have a property of the company's own, and its type."""

_BY_RENEWAL: Final = {kind: own for own, kind in RENEWALS.items() if kind is not None}
_TYPE, _LENGTH = "standard_renewalType", "standard_renewalTermLength"
_INITIAL, _EXPIRES = "standard_initialTermLength", "expirationDate"
_OPT_OUT: Final = "standard_renewalOptOutPeriod"
_AMENDMENT: Final = "amendment"
_ONE: Final = timedelta(days=1)
_KINDS: Final = frozenset(ContractKind)


def contract_shape(
    types: Mapping[str, str], properties: Mapping[str, str], *, default_type: str, zone: tzinfo | None
) -> Shape:
    """How contracts stand as records: `types` says which kind of ours a type of the company's is.

    `properties` gives fields of `TYPES` a property of the company's own; `default_type` is the type of a contract of
    which neither kind nor detail says another.
    """
    return Shape(
        record=Contract, holds=HOLDS, empties=EMPTIES, key=KEY, facts=FACTS, defaults=DEFAULTS,
        natives=(
            named("title", NAME), named("kind_detail", TYPE), _kind(types, default_type), named("parent", PARENT),
            _RELATION, *_shared(properties, zone),
        ),
        implied=executed(zone),
    )  # fmt: skip


def workflow_shape(types: Mapping[str, str], properties: Mapping[str, str], *, zone: tzinfo | None) -> Shape:
    """How contracts stand as workflows, which have no parent, and a title of their own making."""
    return Shape(
        record=Contract, holds=HOLDS, empties=EMPTIES, key=KEY, facts=FACTS, defaults=DEFAULTS,
        natives=_shared(properties, zone), implied=in_progress(types),
    )  # fmt: skip


def _shared(properties: Mapping[str, str], zone: tzinfo | None) -> Sequence[Native]:
    """What records and workflows have in common."""
    return (
        plain("counterparty", COUNTERPARTY, "reference"),
        Native(
            name="names_in_text", properties={COUNTERPARTY_NAME: "string"},
            read=lambda slots: [told] if (told := read_typed(slots.get(COUNTERPARTY_NAME))) else None,
            project=lambda value: {COUNTERPARTY_NAME: write_typed("string", _first(value))},
        ),
        plain("executed_on", "agreementDate", "date", zone),
        plain("effective_on", "effectiveDate", "date", zone),
        Native(
            name="term", properties={_INITIAL: "duration", _EXPIRES: "date"},
            read=lambda slots: _term(slots, zone), project=lambda value: _from_term(value, zone),
        ),
        Native(name="renewal", properties={_TYPE: "string", _LENGTH: "duration"}, read=_renewal, project=_from_renewal),
        Native(name="notice", properties={_OPT_OUT: "duration"}, read=_notice, project=_from_notice),
        plain("total_value", "contractValue", "monetary_amount"),
        *(plain(name, own, TYPES[name]) for name, own in properties.items()),
    )  # fmt: skip


def _first(value: Json) -> Json:
    return value[0] if is_list(value) and value else None


def _kind(types: Mapping[str, str], default_type: str) -> Native:
    by_kind = {kind: own for own, kind in reversed(list(types.items()))}

    def read(slots: Slots) -> Json:
        found = types.get(str(slots.get(TYPE)), "")
        return found if found in _KINDS else ContractKind.CUSTOM.value

    def fits(value: Json, slots: Slots) -> bool:
        return str(slots.get(TYPE)) not in types or read(slots) == value

    return Native(
        name="kind", read=read, fits=fits,
        project=lambda value: {TYPE: by_kind.get(str(value), default_type)},
    )  # fmt: skip


_RELATION: Final = Native(
    name="relation",
    read=lambda slots: "amends" if slots.get(LINK) == _AMENDMENT else None,
    project=lambda value: {LINK: _AMENDMENT if value == "amends" else None},
)


def _term(slots: Slots, zone: tzinfo | None) -> Json:
    initial, ends = read_typed(slots.get(_INITIAL)), read_typed(slots.get(_EXPIRES), zone)
    told = {"initial": initial, "ends_on": ends}
    stated: dict[str, Json] = {name: value for name, value in told.items() if value is not None}
    return {"is": "term_clause", **stated} if stated else None


def _from_term(value: Json, zone: tzinfo | None) -> dict[str, Any]:
    told: Mapping[str, Any] = value if is_tree(value) and value.get("is") == "term_clause" else {}
    ends = told.get("ends_on")
    if told.get("end_means") == "first_day_after" and isinstance(ends, str):
        ends = (date.fromisoformat(ends) - _ONE).isoformat()
    return {
        _INITIAL: write_typed("duration", told.get("initial")),
        _EXPIRES: write_typed("date", ends, zone),
    }


def _renewal(slots: Slots) -> Json:
    own, length = read_typed(slots.get(_TYPE)), read_typed(slots.get(_LENGTH))
    if own is None:
        return None
    kind = RENEWALS.get(str(own))
    if kind in ("none", "indefinite"):
        return {"is": "renewal_clause", "kind": kind}
    if kind is not None and length is not None:
        return {"is": "renewal_clause", "kind": kind, "length": length}
    why = "Ironclad states no length of a further term" if kind else "Ironclad does not say how it is renewed"
    return {"unknown": why, "raw": own}


def _from_renewal(value: Json) -> dict[str, Any]:
    told: Mapping[str, Any] = value if is_tree(value) else {}
    own = _BY_RENEWAL.get(word(told, "kind")) or word(told, "raw") or None
    return {_TYPE: write_typed("string", own), _LENGTH: write_typed("duration", told.get("length"))}


def _notice(slots: Slots) -> Json:
    length = read_typed(slots.get(_OPT_OUT))
    return None if length is None else {"is": "notice_clause", "length": length, "reference": "end_of_term"}


def _from_notice(value: Json) -> dict[str, Any]:
    told: Mapping[str, Any] = value if is_tree(value) and value.get("is") == "notice_clause" else {}
    ends = told.get("reference") in ("end_of_term", "renewal_date", None)
    return {_OPT_OUT: write_typed("duration", told.get("length") if ends else None)}
