"""What a company needs before the first run: custom fields of our own, found by their names.

`missing` says what there is not, in words; `set_up` makes it, where the token may manage fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from clmcrm.adapters.pipedrive import deals, organizations, persons, terms
from clmcrm.adapters.pipedrive.company import FIELDS, V2, Company, FieldDescription, read_fields
from clmcrm.adapters.pipedrive.marks import KEY
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import VENDOR
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Effect, Flow

TEXT: Final = "varchar"
LONG_TEXT: Final = "text"
DATE: Final = "date"


@frozen(kw_only=True)
class Needed:
    """A custom field that a company must have on an object, and its type."""

    object: str
    name: str
    type: str = TEXT


def needed(place: TermsPlace) -> list[Needed]:
    """Every field of ours, by object, when terms are written there."""
    there = organizations.OBJECT if place is TermsPlace.ORGANIZATION else deals.OBJECT
    return [
        *(Needed(object=name, name=KEY) for name in (organizations.OBJECT, persons.OBJECT, deals.OBJECT)),
        Needed(object=deals.OBJECT, name=deals.CONTRACT),
        Needed(object=there, name=terms.TERMS_KEY),
        Needed(object=there, name=terms.TERMS, type=LONG_TEXT),
        Needed(object=there, name=terms.WORDS, type=LONG_TEXT),
        Needed(object=there, name=terms.NOTICE, type=DATE),
        Needed(object=there, name=terms.ENDS, type=DATE),
    ]


def missing(session: PipedriveSession, place: TermsPlace) -> Flow[tuple[tuple[Needed, str], ...]]:
    """What the company does not have, each with the reason in words; empty when everything is there."""
    found: list[tuple[Needed, str]] = []
    company = yield from with_fields(session, [one.object for one in needed(place)])
    for one in needed(place):
        why = fault(company, one)
        if why:
            found.append((one, why))
    return tuple(found)


def with_fields(session: PipedriveSession, objects: Sequence[str]) -> Flow[Company]:
    """The company with the fields of these objects, and nothing else."""
    fields: dict[str, tuple[FieldDescription, ...]] = {}
    for name in dict.fromkeys(objects):
        fields[name] = yield from read_fields(session, name)
    return Company(fields=fields)


def fault(company: Company, one: Needed) -> str:
    """What is wrong with a field of ours, in words; empty when nothing is."""
    found = company.named(one.object, one.name)
    if not found:
        return f"{one.object} have no custom field {one.name!r}"
    if len(found) > 1:
        return f"{one.object} have {len(found)} custom fields {one.name!r}"
    strange = next((known.type for known in found if known.type != one.type), None)
    return "" if strange is None else f"custom field {one.name!r} of {one.object} is of type {strange}, not {one.type}"


def set_up(session: PipedriveSession, place: TermsPlace) -> Flow[tuple[Needed, ...]]:
    """Make every field that is not there; those that were made.

    Raises `TerminalError` for one that is there twice or of another type, which the API does not change afterwards.
    """
    made: list[Needed] = []
    for one, why in (yield from missing(session, place)):
        if "have no" not in why:
            raise TerminalError(VENDOR, f"{why}; rename or delete it in Pipedrive's settings, then run this again")
        body = {"field_name": one.name, "field_type": one.type}
        _ = yield from session.send("POST", f"{V2}/{FIELDS[one.object]}", body, effect=Effect.ONCE)
        made.append(one)
    return tuple(made)


def names_of(needs: Sequence[Needed]) -> list[str]:
    """Object and name of each, for a person.

    >>> names_of(needed(TermsPlace.DEAL))[:2]
    ['organizations: clmcrm key', 'persons: clmcrm key']
    """
    return [f"{one.object}: {one.name}" for one in needs]
