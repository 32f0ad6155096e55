"""Which of HubSpot's objects plays which kind of record, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.hubspot import companies, contacts, deals, terms
from clmcrm.adapters.hubspot.marks import KEY
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Properties, Sent
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.ports.records import Fields, Json, Kind
from clmcrm.values.json_text import quoted

V3: Final = "/crm/v3/objects"
DATED: Final = "/crm/objects/2026-09"
"""Where the version of the API stands that can write contracts."""

MERGED: Final = "hs_merged_object_ids"
"""The ids of the records that were merged into this one, separated by semicolons."""


@frozen(kw_only=True)
class Link:
    """A field that is an association: to which object, by which type of HubSpot's own.

    `only` says that a record has one of it at most, so that the old one is taken away first.
    """

    field: str
    to: str
    type_id: int
    only: bool = False


@frozen(kw_only=True)
class HubSpotKind:
    """How one kind lives in HubSpot.

    `object` is the name in paths below `base`, `modified` the property that says when it changed, `mapped` and
    `carried` the properties asked for, with and without a canonical home. `key` is the unique property that carries
    our key; `link` the association that is one of its fields. `texts` are the fields that are one text property each,
    with its name, empty where they are None. `shown` reads properties, `changed` writes them; `holds` are the fields it
    has a place for, `writable` those that can be written (None: any). `present` is a property without which an object
    is none of this kind; `carrier` says that the object is another kind's, and only carries the record.
    """

    kind: str
    object: str
    base: str = V3
    modified: str
    mapped: Sequence[str]
    carried: Sequence[str] = ()
    key: str = KEY
    link: Link | None = None
    texts: Mapping[str, str] = field(factory=dict[str, str])
    shown: Callable[[Properties, Portal], dict[str, Json]]
    changed: Callable[[Fields, Portal], Sent]
    holds: frozenset[str] | None = None
    writable: frozenset[str] | None = None
    present: str | None = None
    carrier: bool = False
    custom: Mapping[str, str] = field(factory=dict[str, str])

    @cached_property
    def beginnings(self) -> dict[str, str]:
        """How each of the `texts` begins as JSON."""
        return {name: f"{quoted(raw)}:" for name, raw in self.texts.items()}

    @property
    def path(self) -> str:
        """Where its records are."""
        return f"{self.base}/{self.object}"

    @property
    def asked(self) -> list[str]:
        """Every property that is asked for."""
        found = [*self.mapped, *self.carried, *self.custom.values(), self.key, self.modified, MERGED]
        return list(dict.fromkeys(found))


COMPANY: Final = HubSpotKind(
    kind=Kind.ACCOUNT,
    object=companies.OBJECT,
    modified=companies.MODIFIED,
    mapped=companies.MAPPED,
    carried=companies.CARRIED,
    link=Link(field="parent", to=companies.OBJECT, type_id=14, only=True),
    texts=companies.TEXTS,
    shown=companies.shown,
    changed=companies.changed,
    holds=companies.WRITABLE | {"created_on"},
    writable=companies.WRITABLE,
)
CONTACT: Final = HubSpotKind(
    kind=Kind.CONTACT,
    object=contacts.OBJECT,
    modified=contacts.MODIFIED,
    mapped=contacts.MAPPED,
    carried=contacts.CARRIED,
    link=Link(field="account", to=companies.OBJECT, type_id=1),
    texts=contacts.TEXTS,
    shown=contacts.shown,
    changed=contacts.changed,
    holds=contacts.WRITABLE | {"created_on", "consents", "name"},
    writable=contacts.WRITABLE,
)
DEAL: Final = HubSpotKind(
    kind=Kind.OPPORTUNITY,
    object=deals.OBJECT,
    modified=deals.MODIFIED,
    mapped=deals.MAPPED,
    carried=deals.CARRIED,
    link=Link(field="account", to=companies.OBJECT, type_id=5),
    texts={name: raw for name, raw in deals.TEXTS.items() if name != "pipeline"},  # of which a deal always has one
    shown=deals.shown,
    changed=deals.changed,
    holds=deals.SHOWN,
    writable=deals.WRITABLE,
)

_TERMS: Final = (terms.TERMS, terms.WORDS, *terms.DAYS.values())


def terms_kind(place: TermsPlace) -> HubSpotKind:
    """How contract terms live there."""
    at_home = place is TermsPlace.CONTRACT
    carrier = COMPANY if place is TermsPlace.COMPANY else DEAL
    return HubSpotKind(
        kind=Kind.CONTRACT_TERMS,
        object=terms.CONTRACTS if at_home else carrier.object,
        base=DATED if at_home else V3,
        modified=terms.MODIFIED if at_home else carrier.modified,
        mapped=(terms.NAME, terms.EFFECTIVE, terms.CURRENCY, *_TERMS) if at_home else _TERMS,
        key=KEY if at_home else terms.TERMS_KEY,
        shown=terms.shown,
        changed=terms.as_contract,
        present=KEY if at_home else terms.TERMS,
        carrier=not at_home,
    )


def kinds(place: TermsPlace, custom: Mapping[str, Mapping[str, str]]) -> dict[str, HubSpotKind]:
    """Every kind, by its name; `custom` adds text properties of the account's own to a kind's fields."""
    standard = (COMPANY, CONTACT, DEAL, terms_kind(place))
    return {one.kind: _with(one, custom.get(one.kind, {})) for one in standard}


def _with(one: HubSpotKind, custom: Mapping[str, str]) -> HubSpotKind:
    if not custom:
        return one
    holds = None if one.holds is None else one.holds | custom.keys()
    writable = None if one.writable is None else one.writable | custom.keys()
    texts = {name: raw for name, raw in one.texts.items() if name not in custom}
    return evolve(one, custom=dict(custom), holds=holds, writable=writable, texts=texts)


def row_properties(row: Mapping[str, Any]) -> Properties:
    """The properties of a record; raises `TypeError` when it has none."""
    found: Any = row.get("properties")
    return cast("dict[str, Any]", {**found})
