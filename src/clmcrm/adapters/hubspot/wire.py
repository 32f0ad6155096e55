"""HubSpot's HTTP on the wire: bodies there and back, and what a reply means.

Every property travels as a text, whatever its type. A batch may succeed in part (207); a conflict may refuse it whole
(409) although each of its items has a trace id. Every error has the same form: a category and a message.
Source: developers.hubspot.com, "error handling" and "CRM objects, batch".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from clmcrm.adapters.pages_for_people import is_page
from clmcrm.adapters.trees import is_list, list_in, tree_in
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.errors import MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Reply

VENDOR: Final = "hubspot"
ORIGIN: Final = "https://api.hubapi.com"
"""Where HubSpot is for accounts of every region."""

_SHOWN: Final = 300
_SUCCESS: Final = range(200, 300)
_LATER: Final = (423, 477)
"""Locked, and an account on the move between data centres: both pass."""

_WRITER: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False)
"""Bodies are made here and hold no circle; a value that did would be a RecursionError."""

Row = Mapping[str, Any]


class RefusedWhole(RefusedError):
    """HubSpot took nothing of a batch: each of its items must be tried by itself to know which one it was."""


def written(value: object) -> bytes:
    """The body that says `value`.

    >>> written({"inputs": [{"id": "1"}]})
    b'{"inputs":[{"id":"1"}]}'
    """
    return _WRITER.encode(value).encode()


def written_inputs(inputs: Collection[str | Mapping[str, Any]]) -> bytes:
    """The body that says these `inputs`, of which a text is one that is JSON already.

    >>> written_inputs(['{"id":"1"}', {"id": "2"}])
    b'{"inputs":[{"id":"1"},{"id":"2"}]}'
    """
    if not any(isinstance(one, str) for one in inputs):
        return written({"inputs": list(inputs)})
    said = [one if isinstance(one, str) else _WRITER.encode(one) for one in inputs]
    return f'{{"inputs":[{",".join(said)}]}}'.encode()


def result(reply: Reply, where: str, *, plainly: bool = False, secrets: Sequence[Secret] = ()) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON of a reply; None for an empty one. `where` names the call in errors.

    `plainly`: an object that names a key twice is not looked for, which is half the work of reading; for the outcomes
    of writes, of which three texts are taken, each checked by itself. `secrets` are hidden in what HubSpot says.

    Raises `RefusedError` with HubSpot's own words for a status of failure (`RefusedWhole` for 400 and 409),
    `TransientError` for one that passes, and `MalformedReply` for what is no JSON, or a page for people.
    """
    if is_page(reply):
        raise MalformedReply(VENDOR, where, f"status {reply.status} with a page for people", reply.request_id)
    if reply.status not in _SUCCESS:
        raise _failure(reply, where, secrets)
    value = _plain_json(reply, where) if plainly else read_json(reply, VENDOR, where)
    told = tree_in(value)
    if told.get("status") == "error" and "results" not in told:
        what = f"{where}: {hidden(words(told), secrets)}"
        raise RefusedError(VENDOR, what, _request(reply, told), status=reply.status)
    return value


def _plain_json(reply: Reply, where: str) -> Any:  # noqa: ANN401 - any JSON value
    body = reply.body
    # Escapes may hide half a character: read strictly. One sign is looked for twenty times faster than two, and most
    # replies have no backslash at all.
    if not body or (b"\\" in body and b"\\u" in body):
        return read_json(reply, VENDOR, where)
    try:
        return _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        return read_json(reply, VENDOR, where)  # which says what is wrong, and where


def _no_constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{name} is no JSON")


_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
"""Made once: every reply would make its own."""


def rows(value: object, where: str) -> list[dict[str, Any]]:
    """The records in the `results` of a reply; raises `MalformedReply` when they are no list of objects."""
    items = tree_in(value).get("results")
    if not is_list(items):
        raise MalformedReply(VENDOR, f"{where}: $.results", "no list")
    for number, item in enumerate(items):
        if type(item) is not dict:
            raise MalformedReply(VENDOR, f"{where}: $.results[{number}]", "no object")
    return items


def after(value: object) -> str | None:
    """The cursor of the next page; None on the last one. The link beside it is never followed.

    >>> after({"paging": {"next": {"after": "200", "link": "https://elsewhere.example/"}}})
    '200'
    """
    found: object = value
    for name in ("paging", "next", "after"):
        found = tree_in(found).get(name)
    return None if found is None or found == "" else str(found)


def words(error: Mapping[str, Any]) -> str:
    """What an error says, in HubSpot's own words, details included.

    >>> words({"message": "Invalid input", "errors": [{"message": "x is no option"}]})
    'Invalid input; x is no option'
    """
    said = [error.get("message"), *(tree_in(one).get("message") for one in list_in(error.get("errors")))]
    return "; ".join(dict.fromkeys(str(one) for one in said if one))[:_SHOWN] or "no reason given"


def _failure(reply: Reply, where: str, secrets: Sequence[Secret]) -> Exception:
    try:
        found = read_json(reply, VENDOR, where)
    except MalformedReply:
        found = None
    told = tree_in(found)
    said = words(told) if told else repr(reply.body[:_SHOWN].decode("utf-8", "replace"))
    said, scopes = hidden(said, secrets), _scopes(told)
    what = f"{where}: status {reply.status}: {said}" + (f"; scopes that would do: {scopes}" if scopes else "")
    request = _request(reply, told)
    if reply.status in _LATER:
        return TransientError(VENDOR, what, request)
    kind = RefusedWhole if reply.status in (400, 409) else RefusedError
    return kind(VENDOR, what, request, status=reply.status)


def _scopes(told: Mapping[str, Any]) -> str:
    """The scopes that a refusal for want of one names, wherever it does."""
    found: list[str] = []
    for one in (told, *list_in(told.get("errors"))):
        context = tree_in(tree_in(one).get("context"))
        for name in ("requiredGranularScopes", "requiredScopes"):
            found += [str(each) for each in list_in(context.get(name))]
    return ", ".join(dict.fromkeys(found))


def _request(reply: Reply, told: Mapping[str, Any]) -> str | None:
    named = told.get("correlationId")
    return str(named) if named else reply.request_id
