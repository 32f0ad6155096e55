"""Phones and consents that a vendor keeps in single fields: one number of each kind, one refusal of each channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import sent_value, shown_value
from clmcrm.parties.contacts import PhoneKind
from clmcrm.ports.records import Json


def phone_shown(number: Json, kind: str) -> dict[str, Json]:
    """A phone as our records write it: the kind of an office's is not said.

    >>> phone_shown("+33 1", "office"), phone_shown("+33 6", "mobile")
    ({'number': '+33 1'}, {'number': '+33 6', 'kind': 'mobile'})
    """
    return {"number": number} if kind == PhoneKind.OFFICE else {"number": number, "kind": kind}


def phones_shown(row: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Json]:
    """The numbers that a row holds; `places` names the field of each kind of phone.

    >>> phones_shown({"Phone": "+33 1", "Fax": None}, {"office": "Phone", "fax": "Fax"})
    {'phones': [{'number': '+33 1'}]}
    """
    found: list[Json] = []
    for kind, at in places.items():
        number = shown_value(at, "text", row.get(at))
        if number is not None:
            found.append(phone_shown(number, kind))
    return {"phones": found}


def phones_sent(value: Json, places: Mapping[str, str], vendor: str) -> dict[str, Any]:
    """All fields of `places`, so that no earlier number stays; raises `Misfit` for a second number of a kind."""
    made: dict[str, Any] = dict.fromkeys(places.values())
    given = value or []
    if not isinstance(given, list):
        raise Misfit("phones", "are no list")
    for one in given:
        told = one if isinstance(one, dict) else {}
        kind = told.get("kind") or PhoneKind.OFFICE.value
        at = places.get(str(kind))
        if at is None or told.get("number") is None:
            raise Misfit("phones", f"{one!r} is no number of a known kind"[:200])
        if made[at] is not None:
            raise Misfit("phones", f"hold two numbers of the kind {kind}; a contact of {vendor} has one")
        made[at] = sent_value("phones", "text", told["number"])
    return made


def consents_shown(row: Mapping[str, Any], refusals: Mapping[str, str]) -> dict[str, Json]:
    """The refusals that a row holds; `refusals` names the field of each channel.

    >>> consents_shown({"donotfax": True, "donotemail": False}, {"email": "donotemail", "fax": "donotfax"})
    {'consents': [{'channel': 'fax', 'given': False}]}
    """
    refused = [channel for channel, at in refusals.items() if shown_value(at, "flag", row.get(at)) is True]
    return {"consents": [{"channel": channel, "given": False} for channel in refused]}


def consents_sent(value: Json, refusals: Mapping[str, str], kept: str) -> dict[str, Any]:
    """All fields of `refusals`; raises `Misfit` for what is no refusal of theirs, and says what is `kept`."""
    made: dict[str, Any] = dict.fromkeys(refusals.values(), False)
    given = value or []
    for one in given if isinstance(given, list) else [given]:
        told = one if isinstance(one, dict) else {}
        at = refusals.get(str(told.get("channel")))
        if at is None or told.get("given") is not False or told.keys() - {"channel", "given"}:
            raise Misfit("consents", f"{one!r} has no place; {kept}"[:200])
        made[at] = True
    return made
