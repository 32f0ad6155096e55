"""The fields a company has on its objects, and what each takes: the standard ones, and those it added.

Version 2 is strict: a number is no text, a key that it does not know refuses the request, and null is taken only where
the reference says so (custom fields, probability, lost reason, time of closing). For the fields that an organization
gained in 2026, for addresses and for links to other records the reference does not say; this fake takes it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha1
from typing import Any, Final

from attrs import frozen

from clmcrm.testing.closed.description import is_list, is_tree
from clmcrm.testing.vendors.pipedrive.refusals import invalid

ADDRESS_PARTS: Final = (
    "value", "country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route",
    "street_number", "subpremise", "postal_code", "formatted_address",
)  # fmt: skip
CONTACT_SYNC: Final = ("job_title", "notes", "im", "birthday", "postal_address")
"""Fields of a person that are there only where contact sync is on; sent without it, they are refused."""

INDUSTRIES: Final = {1: "Agriculture", 2: "Software", 3: "Transport"}
FREQUENCIES: Final = ("one-time", "weekly", "monthly", "quarterly", "semi-annually", "annually")
PHONE_LABELS: Final = ("work", "home", "mobile", "other")
STATUSES: Final = ("open", "won", "lost")


@frozen(kw_only=True)
class Taken:
    """A standard field: its type, whether it takes null, and whether a request may set it at all."""

    type: str
    null: bool = False
    write: bool = True


def _read_only(kind: str) -> Taken:
    return Taken(type=kind, write=False)


STANDARD: Final[Mapping[str, Mapping[str, Taken]]] = {
    "organizations": {
        "name": Taken(type="text"),
        "owner_id": Taken(type="int"),
        "add_time": Taken(type="time"),
        "update_time": Taken(type="time"),
        "visible_to": Taken(type="int"),
        "label_ids": Taken(type="ids"),
        "address": Taken(type="address", null=True),
        "website": Taken(type="text", null=True),
        "linkedin": Taken(type="text", null=True),
        "industry": Taken(type="int", null=True),
        "annual_revenue": Taken(type="number", null=True),
        "employee_count": Taken(type="int", null=True),
        "is_deleted": _read_only("bool"),
    },
    "persons": {
        "name": Taken(type="text"),
        "first_name": Taken(type="text", null=True),
        "last_name": Taken(type="text", null=True),
        "owner_id": Taken(type="int"),
        "org_id": Taken(type="int", null=True),
        "add_time": Taken(type="time"),
        "update_time": Taken(type="time"),
        "emails": Taken(type="labelled"),
        "phones": Taken(type="labelled"),
        "visible_to": Taken(type="int"),
        "label_ids": Taken(type="ids"),
        "job_title": Taken(type="text", null=True),
        "notes": Taken(type="text", null=True),
        "im": Taken(type="labelled"),
        "birthday": Taken(type="date", null=True),
        "postal_address": Taken(type="address", null=True),
        "picture_id": _read_only("int"),
        "is_deleted": _read_only("bool"),
    },
    "deals": {
        "title": Taken(type="text"),
        "owner_id": Taken(type="int"),
        "person_id": Taken(type="int", null=True),
        "org_id": Taken(type="int", null=True),
        "pipeline_id": Taken(type="int"),
        "stage_id": Taken(type="int"),
        "value": Taken(type="number", null=True),
        "currency": Taken(type="text"),
        "is_archived": Taken(type="bool"),
        "archive_time": Taken(type="time"),
        "status": Taken(type="text"),
        "probability": Taken(type="number", null=True),
        "lost_reason": Taken(type="text", null=True),
        "visible_to": Taken(type="int"),
        "close_time": Taken(type="time", null=True),
        "won_time": Taken(type="time"),
        "lost_time": Taken(type="time"),
        "expected_close_date": Taken(type="date"),
        "label_ids": Taken(type="ids"),
        "add_time": _read_only("time"),
        "update_time": _read_only("time"),
        "stage_change_time": _read_only("time"),
        "local_won_date": _read_only("date"),
        "local_lost_date": _read_only("date"),
        "local_close_date": _read_only("date"),
        "creator_user_id": _read_only("int"),
        "origin": _read_only("text"),
        "origin_id": _read_only("text"),
        "channel": _read_only("int"),
        "channel_id": _read_only("text"),
        "source_lead_id": _read_only("text"),
        "acv": _read_only("number"),
        "arr": _read_only("number"),
        "mrr": _read_only("number"),
        "is_deleted": _read_only("bool"),
    },
}
"""Every standard field of each object, in the order of the reference."""

_FRACTION: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_LIMITS: Final = {"varchar": 255, "varchar_auto": 255, "phone": 255, "text": 65_535}


@frozen(kw_only=True)
class Custom:
    """A custom field: its key of forty digits, its name and its type."""

    code: str
    name: str
    type: str


def code_for(object_name: str, name: str, number: int) -> str:
    """Forty digits for a new field, alike in every run and different for every field."""
    return sha1(f"{object_name}/{name}/{number}".encode(), usedforsecurity=False).hexdigest()


def taken(name: str, told: Taken, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a standard field as it is kept; raises `Refused` for one that is not taken."""
    if value is None:
        if not told.null:
            raise invalid(f"{name}: The value is not a valid '{_WORDS[told.type]}'")
        return None
    return _READERS[told.type](name, value)


def custom_taken(one: Custom, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a custom field as it is kept; raises `Refused` for one that is not taken."""
    if value is None:
        return None
    if one.type in _LIMITS:
        said = _text(one.code, value)
        if len(said) > _LIMITS[one.type]:
            raise invalid(f"custom_fields.{one.code}: longer than {_LIMITS[one.type]} characters")
        return said
    if one.type == "date":
        return _date(one.code, value)
    if one.type == "double":
        return _number(one.code, value)
    return value


def _text(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(value, str):
        raise invalid(f"{name}: The value is not a valid 'string'")
    return value


def _whole(name: str, value: Any) -> int:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"{name}: The value is not a valid 'integer'")
    return value


def _number(name: str, value: Any) -> Decimal:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid(f"{name}: The value is not a valid 'number'")
    return Decimal(repr(float(value)))  # a double-precision number, as it is kept there


def _flag(name: str, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if not isinstance(value, bool):
        raise invalid(f"{name}: The value is not a valid 'boolean'")
    return value


def _date(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    said = _text(name, value)
    if said == "":
        return "0000-00-00"
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        raise invalid(f"{name}: The value is not a valid 'date'") from None


def _time(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    said = _text(name, value)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise invalid(f"{name}: The value is not a valid datetime") from None
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _ids(name: str, value: Any) -> list[int]:  # noqa: ANN401 - any JSON value
    if not is_list(value):
        raise invalid(f"{name}: The value is not a valid 'array'")
    return [_whole(name, one) for one in value]


def _address(name: str, value: Any) -> dict[str, str | None]:  # noqa: ANN401 - any JSON value
    if not is_tree(value):
        raise invalid(f"{name}: The value is not a valid 'object'")
    strange = sorted(value.keys() - set(ADDRESS_PARTS))
    if strange:
        raise invalid(f"{name}: Unknown key '{strange[0]}'")
    if not isinstance(value.get("value"), str):
        raise invalid(f"{name}.value: is required")
    parts = {part: value.get(part) for part in ADDRESS_PARTS}
    return {part: None if said is None else _text(f"{name}.{part}", said) for part, said in parts.items()}


def _labelled(name: str, value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    """Emails, phones and messengers: one of them is primary, the last that says so, else the first."""
    if not is_list(value):
        raise invalid(f"{name}: The value is not a valid 'array'")
    kept: list[dict[str, Any]] = []
    for one in value:
        if not is_tree(one) or one.keys() - {"value", "primary", "label"}:
            raise invalid(f"{name}: The value is not a valid 'object'")
        kept.append(
            {
                "value": _text(f"{name}.value", one.get("value")),
                "primary": one.get("primary") is True,
                "label": _text(f"{name}.label", one.get("label", "work")),
            }
        )
    first = max((place for place, one in enumerate(kept) if one["primary"]), default=0)
    return [{**one, "primary": place == first} for place, one in enumerate(kept)]


_READERS: Final = {
    "text": _text, "int": _whole, "number": _number, "bool": _flag, "date": _date, "time": _time, "ids": _ids,
    "address": _address, "labelled": _labelled,
}  # fmt: skip
_WORDS: Final = {
    "text": "string", "int": "integer", "number": "number", "bool": "boolean", "date": "string", "time": "string",
    "ids": "array", "address": "object", "labelled": "array",
}  # fmt: skip


def moment_of(name: str, said: str) -> datetime:
    """An instant in a query: RFC 3339 in whole seconds; raises `Refused` for anything else."""
    found = _FRACTION.fullmatch(said)
    if found is None or found.group(1) or not found.group(2):
        raise invalid(f"{name}: {said} is not a valid datetime")
    return datetime.fromisoformat(said)


def custom_told(one: Custom) -> dict[str, Any]:
    """A custom field as the API describes it."""
    return {
        "field_name": one.name, "field_code": one.code, "field_type": one.type, "options": None, "subfields": None,
        "is_custom_field": True, "is_optional_response_field": False,
    }  # fmt: skip


def standard_told(code: str, name: str) -> dict[str, Any]:
    """A standard field of the object `name` as the API describes it."""
    options = [{"id": key, "label": label} for key, label in INDUSTRIES.items()]
    return {
        "field_name": code.replace("_", " ").title(), "field_code": code, "field_type": "varchar",
        "options": options if (name, code) == ("organizations", "industry") else None, "subfields": None,
        "is_custom_field": False, "is_optional_response_field": False,
    }  # fmt: skip
