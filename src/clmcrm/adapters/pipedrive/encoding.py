"""From canonical fields to the body that is sent, whatever the kind.

The rule of the file: a value that Pipedrive cannot hold as it is is refused with its reason, never bent.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.kinds import PipedriveKind
from clmcrm.adapters.pipedrive.plain import Body, Row, Unwritable, instant, sent_list, sent_object, sent_text
from clmcrm.adapters.pipedrive.wire import VENDOR
from clmcrm.errors import TerminalError
from clmcrm.ports.records import Fields, Json

COMPUTED: Final = frozenset(
    {
        "picture_id", "origin", "origin_id", "channel", "channel_id", "creator_user_id", "source_lead_id", "acv",
        "arr", "mrr", "local_won_date", "local_lost_date", "local_close_date",
    }
)  # fmt: skip
"""Fields of `extras` that Pipedrive sets by itself: shown, and left out of what is written."""

PARTS: Final = {"address": "billing_address", "postal_address": "address", "emails": "emails", "phones": "phones"}
"""Fields of `extras` that tell more of a canonical field: they are sent where they still say the same."""

_EXTRAS: Final = "extras"
_STATUSES: Final = {"won_time": ("won",), "lost_time": ("lost",), "close_time": ("won", "lost")}


def body_for(held: PipedriveKind, fields: Fields, company: Company, present: Row) -> Body:
    """The body that makes a record show `fields`; `present` is the record as it stands. Raises `Unwritable`."""
    if held.writable is not None and not fields.keys() <= held.writable:
        name = min(fields.keys() - held.writable)
        known = held.holds is not None and name in held.holds
        raise Unwritable(f"Pipedrive keeps {name} by itself" if known else f"{held.object} have no place for {name}")
    raws = _raws(held, fields.get(_EXTRAS))
    sent = held.changed(fields, company, {**present, **raws})
    said = held.shown({**present, **raws}, company) if raws else {}
    for name, raw in raws.items():
        field = PARTS.get(name)
        if field is None:
            sent.update(_carried(name, raw, sent))
        elif field not in fields or said.get(field) == fields[field]:
            sent[name] = raw
    customs = _customs(held, fields, company)
    return {**sent, "custom_fields": customs} if customs else sent


def codes_for(held: PipedriveKind, values: Body, company: Company) -> Body:
    """The values of custom fields of ours by their codes; raises `TerminalError` for one the company has not."""
    return {code_of(held, name, company): value for name, value in values.items()}


def code_of(held: PipedriveKind, name: str, company: Company) -> str:
    """The code of a custom field of ours; raises `TerminalError` where there is none, or more than one."""
    code = company.code(held.object, name)
    if code is None:
        found = len(company.named(held.object, name))
        many = f"{found} custom fields" if found else "no custom field"
        repair = "leave one of them" if found else "clmcrm.adapters.pipedrive.setting_up.set_up makes it"
        raise TerminalError(VENDOR, f"{held.object} have {many} named {name!r}; {repair}")
    return code


def _customs(held: PipedriveKind, fields: Fields, company: Company) -> Body:
    return {
        code_of(held, raw, company): sent_text(fields[name], name)
        for name, raw in held.custom.items()
        if name in fields
    }


def _raws(held: PipedriveKind, value: Json) -> dict[str, Any]:
    """What `extras` say, by field, but for what Pipedrive sets by itself; raises `Unwritable`."""
    found: dict[str, Any] = {}
    for one in sent_list(value, _EXTRAS):
        told = sent_object(one, _EXTRAS)
        name, raw = told.get("field"), told.get("raw")
        if told.get("system") != VENDOR or (isinstance(name, str) and name in COMPUTED):
            continue
        if not isinstance(name, str) or name not in held.carried or not isinstance(raw, str):
            raise Unwritable(f"extras: {name!r} is none of the fields that are carried")
        try:
            found[name] = json.loads(raw, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise Unwritable(f"extras.{name} is {raw!r}; expected JSON") from None
    return found


def _carried(name: str, raw: object, sent: Body) -> Body:
    """A carried field as it is sent: a time of closing only beside the status that it belongs to."""
    if name in _STATUSES and sent.get("status") not in _STATUSES[name]:
        return {}
    if name == "archive_time" and isinstance(raw, str):
        return {name: f"{instant(raw):%Y-%m-%d %H:%M:%S}"}
    return {name: raw}
