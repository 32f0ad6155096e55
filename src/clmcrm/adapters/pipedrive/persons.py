"""Contacts as Pipedrive keeps them: persons.

| canonical field | field |
| --- | --- |
| `given_name`, `family_name` | first_name, last_name |
| `name` | name, for a person with neither |
| `emails` | emails, the primary one first; what is no address stays in `extras` |
| `phones` | phones: label work is the office, mobile and home are themselves, any other label is other |
| `account`, `owner` | org_id, owner_id |
| `job_title`, `address` | job_title, postal_address: where contact sync is on, else Pipedrive refuses them |
| `created_on` | add_time, the day in the time zone of the user who asks |

Emails and phones are replaced whole by each write, so their labels are read first and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from attrs import field, frozen

from clmcrm.adapters.contact_fields import phone_shown
from clmcrm.adapters.pipedrive.addresses import address_sent, address_shown
from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.plain import (
    Body,
    Row,
    Unwritable,
    day_there,
    key_of,
    sent_key,
    sent_list,
    sent_object,
    sent_text,
    text,
)
from clmcrm.adapters.trees import tree_of, trees_of, word
from clmcrm.errors import InvalidRecord
from clmcrm.parties.codes import email_address
from clmcrm.parties.contacts import PhoneKind
from clmcrm.ports.records import Fields, Json

OBJECT: Final = "persons"
MAPPED: Final = (
    "name", "first_name", "last_name", "emails", "phones", "org_id", "owner_id", "job_title", "postal_address",
    "add_time",
)  # fmt: skip
CARRIED: Final = (
    "label_ids", "visible_to", "emails", "phones", "birthday", "notes", "im", "postal_address", "picture_id"
)  # fmt: skip
"""Standard fields without a canonical home, or with more in them than ours: shown in `extras`, written back."""

LISTS: Final = {"emails", "phones"}
SWITCHED: Final = {"job_title": "job_title", "address": "postal_address"}
"""Fields that are there where contact sync is on: a record without them does not show them, and shows no empty ones."""
WRITABLE: Final = frozenset(
    {"given_name", "family_name", "emails", "phones", "account", "owner", "job_title", "address", "extras"}
)
LABELS: Final = {
    "work": PhoneKind.OFFICE,
    "mobile": PhoneKind.MOBILE,
    "home": PhoneKind.HOME,
    "other": PhoneKind.OTHER,
}
"""Every label that Pipedrive offers for a phone; one of a company's own is kept in `extras`."""

_OWN_LABELS: Final = {kind.value: label for label, kind in LABELS.items()} | {PhoneKind.FAX.value: "fax"}
_NAMES: Final = {"given_name": "first_name", "family_name": "last_name"}


def shown(row: Row, company: Company) -> dict[str, Json]:
    """The canonical fields, empty ones as None; raises `ValueError` for a value that nobody can read."""
    first, last = text(row, "first_name"), text(row, "last_name")
    created = text(row, "add_time")
    told: dict[str, Json] = {
        "given_name": first,
        "family_name": last,
        "name": None if first or last else text(row, "name") or "(no name)",
        "emails": cast("Json", emails_shown(row)),
        "phones": cast("Json", phones_shown(row)),
        "account": key_of(row.get("org_id")),
        "owner": key_of(row.get("owner_id")),
        "job_title": text(row, "job_title"),
        "address": address_shown(tree_of(row, "postal_address")),
        "created_on": None if created is None else day_there(created, company.zone),
    }
    return {name: value for name, value in told.items() if name not in SWITCHED or SWITCHED[name] in row}


def emails_shown(row: Row) -> list[str]:
    """The addresses that are ones, the primary one first."""
    return [said for one in _primary_first(trees_of(row, "emails")) if _is_address(said := word(one, "value"))]


def phones_shown(row: Row) -> list[dict[str, Json]]:
    """The numbers, the primary one first."""
    return [
        phone_shown(word(one, "value"), _kind(word(one, "label")).value)
        for one in _primary_first(trees_of(row, "phones"))
        if word(one, "value")
    ]


def changed(fields: Fields, company: Company, present: Row) -> Body:
    """The body that makes the person show `fields`; raises `Unwritable` for what it cannot.

    `present` is the person as it stands, or what `extras` tell of it: labels are taken over from there.
    """
    del company
    sent: Body = {}
    for name, value in fields.items():
        if name in _NAMES:
            sent[_NAMES[name]] = sent_text(value, name)
        elif name == "emails":
            wanted = [sent_text(one, name) or "" for one in sent_list(value, name)]
            sent["emails"] = _listed(present, "emails", [(one, "work") for one in wanted], emails_shown(present))
        elif name == "phones":
            phones = [sent_object(one, name) for one in sent_list(value, name)]
            sent["phones"] = _listed(present, "phones", [_phone(one) for one in phones], phones_shown(present))
        elif name == "account":
            sent["org_id"] = sent_key(value, name, "organizations")
        elif name == "owner":
            sent["owner_id"] = sent_key(value, name, "users")
        elif name == "job_title":
            sent["job_title"] = sent_text(value, name)
        elif name == "address":
            sent["postal_address"] = address_sent(value, name)
    return sent


def _listed(present: Row, name: str, wanted: Sequence[tuple[str, str]], told: Sequence[object]) -> list[Body]:
    """The list to send: as it stands if it already says so, else with the labels of those that stay."""
    there = trees_of(present, name)
    said = [one[0] if name == "emails" else phone_shown(one[0], _kind(one[1]).value) for one in wanted]
    if there and said == list(told):
        return [dict(one) for one in there]
    labels = {word(one, "value"): word(one, "label") for one in there}
    made: list[Body] = []
    for place, (value, label) in enumerate(wanted):
        old = labels.get(value, label)
        kept = old if name == "emails" or _kind(old) is _kind(label) else label
        made.append({"value": value, "primary": place == 0, "label": kept})
    strange = [dict(one) for one in there if name == "emails" and not _is_address(word(one, "value"))]
    return made + [{**one, "primary": not made and place == 0} for place, one in enumerate(strange)]


def _phone(told: Body) -> tuple[str, str]:
    number = sent_text(told.get("number"), "phones.number")
    if number is None:
        raise Unwritable(f"phones has {told!r}; expected a number")
    kind = told.get("kind") or PhoneKind.OFFICE.value
    if not isinstance(kind, str) or kind not in _OWN_LABELS:
        raise Unwritable(f"phones.kind is {kind!r}; expected one of {', '.join(_OWN_LABELS)}")
    return number, _OWN_LABELS[kind]


def _kind(label: str) -> PhoneKind:
    return PhoneKind.FAX if label == "fax" else LABELS.get(label, PhoneKind.OTHER)


def _primary_first(told: Sequence[Any]) -> list[Any]:
    return sorted(told, key=lambda one: one.get("primary") is not True)


@frozen
class _Address:
    said: str = field(validator=email_address)


def _is_address(said: str) -> bool:
    try:
        return bool(_Address(said).said)
    except InvalidRecord:
        return False
