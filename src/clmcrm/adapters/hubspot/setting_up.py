"""What an account needs before the first run: the properties of our own, and which of them must be unique.

`missing` says what there is not, in words; `set_up` makes it, where the token may write schemas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.hubspot import companies, contacts, deals, terms
from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.marks import KEY
from clmcrm.adapters.hubspot.session import HubSpotSession, segment
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.adapters.trees import tree_in
from clmcrm.errors import RefusedError, TerminalError
from clmcrm.ports.calls import Effect, Flow

PROPERTIES: Final = "/crm/v3/properties"
_MISSING: Final = 404
_GROUPS: Final = {
    companies.OBJECT: "companyinformation",
    contacts.OBJECT: "contactinformation",
    deals.OBJECT: "dealinformation",
    terms.CONTRACTS: "contract_information",
}


@frozen(kw_only=True)
class Needed:
    """A property that an account must have on an object."""

    object: str
    name: str
    label: str
    type: str = "string"
    field: str = "text"
    unique: bool = False

    def body(self) -> dict[str, Any]:
        """What creates it."""
        return {
            "name": self.name, "label": self.label, "groupName": _GROUPS[self.object], "type": self.type,
            "fieldType": self.field, "hasUniqueValue": self.unique,
        }  # fmt: skip


def needed(place: TermsPlace) -> list[Needed]:
    """Every property of ours, by object, when terms are written there."""
    keys = [
        Needed(object=name, name=KEY, label="clmcrm key", unique=True)
        for name in (companies.OBJECT, contacts.OBJECT, deals.OBJECT)
    ]
    link = Needed(object=deals.OBJECT, name=deals.CONTRACT, label="Contract")
    carrier = {
        TermsPlace.DEAL: deals.OBJECT,
        TermsPlace.COMPANY: companies.OBJECT,
        TermsPlace.CONTRACT: terms.CONTRACTS,
    }
    own = KEY if place is TermsPlace.CONTRACT else terms.TERMS_KEY
    there = carrier[place]
    return [
        *keys,
        link,
        Needed(object=there, name=own, label="clmcrm key of the terms", unique=True),
        Needed(object=there, name=terms.TERMS, label="Contract terms (data)", field="textarea"),
        Needed(object=there, name=terms.WORDS, label="Contract terms", field="textarea"),
        Needed(object=there, name=terms.NOTICE, label="Notice at the latest on", type="date", field="date"),
        Needed(object=there, name=terms.ENDS, label="Contract ends on", type="date", field="date"),
    ]


def missing(session: HubSpotSession, place: TermsPlace) -> Flow[tuple[tuple[Needed, str], ...]]:
    """What the account does not have, each with the reason in words; empty when everything is there."""
    found: list[tuple[Needed, str]] = []
    for one in needed(place):
        why = yield from fault(session, one.object, one.name, unique=one.unique)
        if why:
            found.append((one, why))
    return tuple(found)


def set_up(session: HubSpotSession, place: TermsPlace) -> Flow[tuple[Needed, ...]]:
    """Make every property that is not there; those that were made.

    Raises `TerminalError` for one that is there and not unique, which HubSpot does not change afterwards.
    """
    made: list[Needed] = []
    for one, why in (yield from missing(session, place)):
        if "is not unique" in why:
            raise TerminalError(VENDOR, f"{why}; delete it in HubSpot's settings, then run this again")
        path = f"{PROPERTIES}/{segment(one.object)}"
        _ = yield from session.post(path, one.body(), effect=Effect.KEYED)
        made.append(one)
    return tuple(made)


def check_key(session: HubSpotSession, held: HubSpotKind) -> Flow[None]:
    """Make sure that our key is a unique property there; raises `TerminalError` when it is not.

    A key that is not unique would let a creation that is sent again make a second record, without a word.
    """
    why = yield from fault(session, held.object, held.key, unique=True)
    if why:
        raise TerminalError(VENDOR, f"{why}; create it once (clmcrm.adapters.hubspot.setting_up.set_up does)")


def fault(session: HubSpotSession, name: str, key: str, *, unique: bool) -> Flow[str]:
    """What is wrong with the property `key` of an object, in words; empty when nothing is."""
    try:
        told = yield from session.get(f"{PROPERTIES}/{segment(name)}/{segment(key)}")
    except RefusedError as refused:
        if refused.status != _MISSING:
            raise
        return f"{name} have no property {key}"
    found = tree_in(told)
    if unique and found.get("hasUniqueValue") is not True:
        return f"property {key} of {name} is not unique (hasUniqueValue is {found.get('hasUniqueValue')!r})"
    return ""


def names_of(needs: Sequence[Needed]) -> list[str]:
    """Object and name of each, for a person.

    >>> names_of(needed(TermsPlace.DEAL))[:2]
    ['companies.clmcrm_key', 'contacts.clmcrm_key']
    """
    return [f"{one.object}.{one.name}" for one in needs]
