"""Pipedrive's HTTP on the wire: bodies there and back, and what a reply means.

Every reply is an envelope: `success`, `data`, and `additional_data` with the cursor of the next page. Version 2 takes
numbers as numbers, so exact ones are written digit by digit. Whoever goes on after too many requests is answered by a
page for people.
Source: pipedrive.readme.io, "Responses", "HTTP status codes", "Rate limiting", "API v2 migration guide".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from clmcrm.adapters.pages_for_people import is_page
from clmcrm.adapters.trees import is_list, is_tree, tree_of, word
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.errors import MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Reply

VENDOR: Final = "pipedrive"
ORIGIN: Final = "https://api.pipedrive.com"
"""Where Pipedrive is for every company; a company's own domain answers faster."""

NOT_THERE: Final = frozenset({404, 410})
"""Statuses that say that there is no such record (any more)."""

SPOILT: Final = frozenset({401, 402, 429})
"""Statuses of refusals that are not about the record: nobody may write anything just now."""

_SHOWN: Final = 300
_SUCCESS: Final = range(200, 300)
_LATER: Final = 503
Row = Mapping[str, Any]


def written(value: object) -> bytes:
    r"""The body that says `value`, exact numbers to their last digit.

    >>> written({"value": Decimal("1.10"), "title": "é"})
    b'{"value":1.10,"title":"\\u00e9"}'
    """
    return _text(value).encode()


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if is_tree(value):
        return "{" + ",".join(f"{json.dumps(str(name))}:{_text(each)}" for name, each in value.items()) + "}"
    if is_list(value):
        return "[" + ",".join(_text(each) for each in value) + "]"
    return json.dumps(value)


def result(reply: Reply, where: str, secrets: Sequence[Secret] = ()) -> Row:
    """The envelope of a reply; `where` names the call in errors, `secrets` are hidden in what Pipedrive says.

    Raises `RefusedError` with Pipedrive's own words for a status of failure and for `success` false,
    `TransientError` for one that passes, and `MalformedReply` for what is no envelope, or a page for people.
    """
    if is_page(reply):
        why = f"status {reply.status} with a page for people (so is answered whoever goes on after status 429, too)"
        raise MalformedReply(VENDOR, where, why, reply.request_id)
    if reply.status not in _SUCCESS:
        raise _failure(reply, where, secrets)
    told: object = read_json(reply, VENDOR, where)
    if not is_tree(told):
        raise MalformedReply(VENDOR, where, "no object", reply.request_id)
    if told.get("success") is not True:
        what = f"{where}: {hidden(words(told), secrets)}"
        raise RefusedError(VENDOR, what, _request(reply), status=reply.status)
    return told


def row_of(told: Row, where: str) -> dict[str, Any]:
    """The one record of an envelope; raises `MalformedReply` when there is none."""
    data: object = told.get("data")
    if not is_tree(data):
        raise MalformedReply(VENDOR, f"{where}: $.data", "no object")
    return data


def rows_of(told: Row, where: str) -> list[dict[str, Any]]:
    """The records of an envelope, none for null; raises `MalformedReply` when they are no list of objects."""
    data: object = told.get("data")
    if data is None:
        return []
    if not is_list(data):
        raise MalformedReply(VENDOR, f"{where}: $.data", "no list")
    for number, each in enumerate(data):
        if not is_tree(each):
            raise MalformedReply(VENDOR, f"{where}: $.data[{number}]", "no object")
    return data


def next_page(told: Row) -> str | None:
    """The cursor of the next page; None on the last one.

    >>> next_page({"additional_data": {"next_cursor": "eyJpZCI6N30"}}), next_page({"additional_data": None})
    ('eyJpZCI6N30', None)
    """
    return word(tree_of(told, "additional_data"), "next_cursor") or None


def words(error: Row) -> str:
    """What an error says, in Pipedrive's own words.

    >>> words({"error": "Validation failed: title is required", "error_info": "Please check developers.pipedrive.com"})
    'Validation failed: title is required'
    """
    said = [str(each) for name in ("error", "message", "code") if (each := error.get(name))]
    return "; ".join(dict.fromkeys(said))[:_SHOWN] or "no reason given"


def _failure(reply: Reply, where: str, secrets: Sequence[Secret]) -> Exception:
    try:
        found: object = read_json(reply, VENDOR, where)
    except MalformedReply:
        found = None
    said = words(found) if is_tree(found) else repr(reply.body[:_SHOWN].decode("utf-8", "replace"))
    what = f"{where}: status {reply.status}: {hidden(said, secrets)}"
    if reply.status == _LATER:
        return TransientError(VENDOR, what, _request(reply))
    return RefusedError(VENDOR, what, _request(reply), status=reply.status)


def _request(reply: Reply) -> str | None:
    return reply.headers.get("x-correlation-id") or reply.request_id
