"""The list of envelopes: bounded by a date or by ids, filtered, ordered, in pages; it is late, as DocuSign's is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from clmcrm.testing.vendors.docusign.envelopes import Envelope

MOST: Final = 1000
_TIMES: Final = {
    "changed": "statusChangedDateTime", "created": "createdDateTime", "sent": "sentDateTime",
    "delivered": "deliveredDateTime", "completed": "completedDateTime", "declined": "declinedDateTime",
    "voided": "voidedDateTime",
}  # fmt: skip
_ORDERS: Final = {
    "status_changed": "statusChangedDateTime",
    "created": "createdDateTime",
    "sent": "sentDateTime",
    "completed": "completedDateTime",
    "last_modified": "lastModifiedDateTime",
}
_INCLUDED: Final = {"recipients": "recipients", "custom_fields": "customFields"}


class WrongList(Exception):
    """A list that is asked for in a way DocuSign does not take; its words."""


def included(shown: Mapping[str, Any], asked: str) -> dict[str, Any]:
    """An envelope with only those of its parts that were asked for."""
    wanted = {_INCLUDED[name] for name in asked.split(",") if name in _INCLUDED}
    return copy.deepcopy({k: v for k, v in shown.items() if k in wanted or k not in _INCLUDED.values()})


def listed(envelopes: Iterable[Envelope], query: Mapping[str, str], visible: datetime) -> dict[str, Any]:
    """The page of the list that a query asks for, as it was at the instant `visible`; raises `WrongList`."""
    if not any(name in query for name in ("from_date", "envelope_ids", "transaction_ids")):
        raise WrongList("one of from_date, envelope_ids, transaction_ids is required")
    seen = [(one, shown) for one in envelopes if (shown := one.as_of(visible)) is not None]
    if "transaction_ids" in query:
        asked = {text.lower() for text in query["transaction_ids"].split(",")}
        known = [(one, shown) for one, shown in seen if one.transaction.lower() in asked]
        return {
            "resultSetSize": str(len(known)), "totalSetSize": str(len(known)),
            "envelopeTransactionStatuses": [
                {"transactionId": one.transaction, "envelopeId": one.key, "status": shown["status"]}
                for one, shown in known if (visible - one.made_at).days < 7  # noqa: PLR2004 - as DocuSign documents
            ],
        }  # fmt: skip
    rows = [shown for _, shown in seen if _meets(shown, query)]
    order = query.get("order_by", "status_changed")
    if order not in _ORDERS:
        raise WrongList(f"order_by {order} is not known")
    rows.sort(key=lambda row: str(row.get(_ORDERS[order], "")), reverse=query.get("order", "desc") == "desc")
    size, start = int(query.get("count", str(MOST))), int(query.get("start_position", "0"))
    if not 1 <= size <= MOST:
        raise WrongList(f"count is 1 to {MOST}")
    page = [included(row, query.get("include", "")) for row in rows[start : start + size]]
    told: dict[str, Any] = {
        "resultSetSize": str(len(page)),
        "totalSetSize": str(len(rows)),
        "startPosition": str(start),
    }
    told["endPosition"] = str(max(start + len(page) - 1, 0))
    return {**told, "envelopes": page} if page else told


def _meets(shown: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    if "envelope_ids" in query and shown["envelopeId"] not in query["envelope_ids"].split(","):
        return False
    if "status" in query and shown["status"] not in query["status"].split(","):
        return False
    if "custom_field" in query and not _has_field(shown, query["custom_field"]):
        return False
    if "from_date" not in query:
        return True
    name = _TIMES.get(query.get("from_to_status", "changed").lower())
    if name is None:
        raise WrongList(f"from_to_status {query['from_to_status']} is not known")
    told = shown.get(name)
    since = datetime.fromisoformat(query["from_date"])
    since = since if since.tzinfo is not None else since.replace(tzinfo=UTC)
    return told is not None and datetime.fromisoformat(told) >= since


def _has_field(shown: Mapping[str, Any], asked: str) -> bool:
    """Whether a text field has the value; case does not count, and `%` stands for anything."""
    name, _, value = asked.partition("=")
    pattern = value.lower().replace("[", "[[]").replace("?", "[?]").replace("*", "[*]").replace("%", "*")
    fields = shown["customFields"].get("textCustomFields", [])
    return any(one["name"] == name and fnmatchcase(one["value"].lower(), pattern) for one in fields)
