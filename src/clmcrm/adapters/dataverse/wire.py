"""The Dataverse Web API on the wire: what a reply means, and what its error codes mean for us.

An error is `{"error": {"code": "0x80040217", "message": "..."}}`, as the body of a reply or of one part of a `$batch`:
both are read here, by code first and status second.
Source: Dataverse developer guide, "Compose HTTP requests and handle errors", "Web service error codes", "Service
protection API limits", "Perform conditional operations using the Web API".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from attrs import frozen

from clmcrm.adapters.pages_for_people import is_page
from clmcrm.adapters.trees import is_tree
from clmcrm.drivers.reading import read_json
from clmcrm.errors import AdapterError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Reply

VENDOR: Final = "dataverse"
LOGIN: Final = "dataverse-login"
"""The vendor's name of calls to Microsoft's token endpoint, whose origin is another one than the environment's."""
VERSION: Final = "9.2"
"""The version of the Web API that is spoken."""

NOBODY: Final = frozenset({"0x80040217", "0x80060891"})
"""There is no record of that id, or of that alternate key."""
DOUBLE: Final = frozenset({"0x80060892", "0x80040237"})
"""An alternate key has this value already."""
MOVED: Final = "0x80060882"
"""The version of the record is not the one that was stated."""
EXPIRED: Final = "0x80044352"
"""The delta token is older than the environment keeps changes (seven days unless it says otherwise)."""
AGAIN: Final = frozenset({"0x80072322", "0x80072321", "0x80072326", "0x80044151"})
"""Nothing was done, and it may go later: service protection limits, a time-out of the database."""
TOO_MANY: Final = 429
PRECONDITION: Final = 412
ABSENT: Final = 404
GONE: Final = 410
BROKEN: Final = 500
_LONGEST: Final = 500
_OK: Final = range(200, 300)


@frozen
class Said:
    """An error in the vendor's own words: its `code` (lower case, empty for none) and its `message`."""

    code: str
    message: str

    def __str__(self) -> str:
        """In one line."""
        return (f"{self.code}: {self.message}" if self.code else self.message)[:_LONGEST]


def said_in(value: object) -> Said | None:
    """The error that a body holds; None when it holds none.

    >>> print(said_in({"error": {"code": "0x80040217", "message": "account Does Not Exist"}}))
    0x80040217: account Does Not Exist
    """
    told = value.get("error") if is_tree(value) else None
    if told is None:
        return None
    if not is_tree(told):
        return Said("", str(told)[:_LONGEST])
    return Said(str(told.get("code") or "").lower(), str(told.get("message") or "no reason given"))


def value_of(reply: Reply, call: Call) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON of a reply; None for an empty one. Raises what `failure_of` gives, and `MalformedReply`."""
    return checked(reply, call.where)


def checked(reply: Reply, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """The same for a reply or a part of a batch, named `where` in errors."""
    if is_page(reply):
        raise MalformedReply(VENDOR, where, f"status {reply.status} with a page for people", reply.request_id)
    value = read_json(reply, VENDOR, where)
    said = said_in(value)
    if said is not None or reply.status not in _OK:
        raise failure_of(said, reply.status, where, reply.request_id)
    return value


def failure_of(said: Said | None, status: int, where: str, request_id: str | None = None) -> AdapterError:
    """The error to raise for a call that failed as a whole.

    >>> print(failure_of(Said("0x80072322", "Number of requests exceeded the limit of 6000"), 429, "POST /$batch"))
    dataverse: POST /$batch: 0x80072322: Number of requests exceeded the limit of 6000
    """
    what = f"{where}: {said or f'status {status}'}"
    if status == TOO_MANY or (said is not None and said.code in AGAIN):
        return TransientError(VENDOR, what, request_id)
    return RefusedError(VENDOR, what, request_id, status=status)


def is_expired(refused: RefusedError) -> bool:
    """Whether it was refused since a delta token has expired, so that everything is to be read anew."""
    return refused.status == GONE or EXPIRED in refused.what.lower()


def own_link(link: object, origin: str, path: str, where: str) -> str:
    """The query of a page link or a delta link: what follows its question mark.

    Raises `TerminalError` for a link that leads to another host or another table: the token must not go there.

    >>> own_link("https://acme.crm4.dynamics.com/api/data/v9.2/accounts?$deltatoken=7",
    ...     "https://acme.crm4.dynamics.com", "/api/data/v9.2/accounts", "GET /accounts")
    '$deltatoken=7'
    """
    if not isinstance(link, str) or not link:
        raise MalformedReply(VENDOR, where, "a link that is no address")
    try:
        parts = urlsplit(urljoin(f"{origin}{path}", link))
        same = f"{parts.scheme}://{parts.netloc}".lower() == origin.lower() and parts.path == path
    except ValueError:
        same, parts = False, urlsplit("")
    if not same or not parts.query:
        raise TerminalError(VENDOR, f"{where}: a link leads to another origin or another table; it is not followed")
    return parts.query


def preferences(*wishes: str) -> Mapping[str, str]:
    """The header that states them.

    >>> preferences("odata.track-changes", "odata.maxpagesize=10")["prefer"]
    'odata.track-changes,odata.maxpagesize=10'
    """
    return {"prefer": ",".join(wishes)}
