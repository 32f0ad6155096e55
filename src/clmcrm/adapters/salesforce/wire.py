"""Salesforce's REST API on the wire: what a reply means, and what its error codes mean for us.

Errors come as a list of `{errorCode, message}` with a status of failure, as `errors` of one item inside a success,
and as the body of one part of a composite reply: all are read here, by their code first and their status second.
Source: REST API Developer Guide, "Status Codes and Error Responses", "sObject Collections", "Composite".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from attrs import field, frozen

from clmcrm.adapters.pages_for_people import is_page
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.drivers.reading import read_json
from clmcrm.errors import AdapterError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Reply
from clmcrm.values.validators import count

VENDOR: Final = "salesforce"
LOGIN: Final = "salesforce-login"
"""The vendor's name of calls to the token endpoint: their origin may be another one than the instance's."""
VERSION: Final = "62.0"
"""The version of the API that is spoken unless another one is asked for (Winter '25)."""

BUSY: Final = frozenset({"UNABLE_TO_LOCK_ROW"})
"""Somebody else is writing that row (or its parent) at this moment: nothing was done."""
AGAIN: Final = frozenset({"REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "CONCURRENT_REQUESTS_LIMIT_EXCEEDED"})
"""Nothing was done, and it may go later: the quota of the day, the number of long calls at once."""
DELETED: Final = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
"""There is no such record any more."""
MISSING: Final = frozenset({"INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "INVALID_ID_FIELD"})
"""The id is one of nothing, or of another object: the record's own, or one that it refers to."""
_LONGEST: Final = 500
_OK: Final = range(200, 300)


@frozen
class Said:
    """One error in the vendor's own words: its `code`, its `message`, the fields it names."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In one line."""
        named = f" [{', '.join(self.fields)}]" if self.fields else ""
        return f"{self.code}: {self.message}{named}"[:_LONGEST]


@frozen
class Usage:
    """How many calls the org has used of those allowed in 24 hours (`Sforce-Limit-Info`)."""

    used: int = field(validator=count)
    allowed: int = field(validator=count)

    @property
    def left(self) -> int:
        """How many are left; never below zero."""
        return max(self.allowed - self.used, 0)


def usage_in(headers: Mapping[str, str]) -> Usage | None:
    """What a reply says of the calls of the day; None when it says nothing that can be read.

    >>> usage_in({"sforce-limit-info": "api-usage=18/15000"})
    Usage(used=18, allowed=15000)
    """
    for part in headers.get("sforce-limit-info", "").split(";"):
        label, _, numbers = part.strip().partition("=")
        used, _, allowed = numbers.partition("/")
        if label == "api-usage" and used.isdecimal() and allowed.isdecimal() and len(numbers) < _LONGEST // 10:
            return Usage(int(used), int(allowed))
    return None


def value_of(reply: Reply, call: Call) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON of a reply; None for an empty one. Raises what `failure_of` gives, and `MalformedReply`."""
    if is_page(reply):
        raise MalformedReply(VENDOR, call.where, f"status {reply.status} with a page for people", reply.request_id)
    value = read_json(reply, VENDOR, call.where)
    said = errors_in(value)
    if said or reply.status not in _OK:
        raise failure_of(said, reply.status, call.where, reply.request_id)
    return value


def errors_in(value: object) -> tuple[Said, ...]:
    """The errors that a body consists of; none when it is no list of errors."""
    items = value if is_list(value) else [value]
    found = [_said(item, "errorCode") for item in items if is_tree(item) and "errorCode" in item]
    return tuple(found) if items and len(found) == len(items) else ()


def item_errors(item: Mapping[str, Any]) -> tuple[Said, ...]:
    """The errors of one item of a collection; one without words when it failed and says nothing."""
    told = item.get("errors")
    found = [_said(one, "statusCode") for one in told if is_tree(one)] if is_list(told) else []
    return tuple(found) or (() if item.get("success") is True else (Said("UNKNOWN_EXCEPTION", "no reason given"),))


def _said(item: Mapping[str, Any], code: str) -> Said:
    names = item.get("fields")
    fields = tuple(str(one) for one in names) if is_list(names) else ()
    return Said(str(item.get(code) or ""), str(item.get("message") or "no reason given"), fields)


def failure_of(said: tuple[Said, ...], status: int, where: str, request_id: str | None = None) -> AdapterError:
    """The error to raise for a call that failed as a whole.

    >>> print(failure_of((Said("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),), 403, "GET /query"))
    salesforce: GET /query: REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.
    """
    words = "; ".join(str(one) for one in said)[:_LONGEST] or f"status {status}"
    what = f"{where}: {words}"
    if any(one.code in AGAIN | BUSY for one in said):
        return TransientError(VENDOR, what, request_id)
    return RefusedError(VENDOR, what, request_id, status=status)


def own_link(link: object, origin: str, where: str) -> str:
    """The address of a page link on the instance itself.

    Raises `TerminalError` for one that leads elsewhere: the token must not go there.

    >>> own_link("/services/data/v62.0/query/01g-2000", "https://acme.my.salesforce.com", "GET /query")
    'https://acme.my.salesforce.com/services/data/v62.0/query/01g-2000'
    """
    if not isinstance(link, str) or not link:
        raise MalformedReply(VENDOR, where, "there is more, and no link to it")
    try:
        url = urljoin(f"{origin}/", link)
        parts = urlsplit(url)
        same = f"{parts.scheme}://{parts.netloc}" == origin and parts.path.startswith("/services/data/")
    except ValueError:
        same, url = False, ""
    if not same:
        raise TerminalError(VENDOR, f"{where}: a page link leads to another origin; it is not followed")
    return url
