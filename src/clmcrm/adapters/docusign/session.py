"""One DocuSign account: where it is, and its requests.

`bucket` is one for all calls, since DocuSign counts every call of an account: 3,000 an hour, 500 in 30 seconds
(developers.docusign.com, "rules and limits"; an account may have been given more).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from clmcrm.adapters.docusign_wire import VENDOR, NoSuchEnvelope, RefusedByDocuSign, result, shown
from clmcrm.adapters.trees import Tree
from clmcrm.drivers.budgets import Budget
from clmcrm.errors import AmbiguousError, InvalidRecord, MalformedReply
from clmcrm.ports.calls import Call, Effect, Flow, Reply

T = TypeVar("T")

BUDGETS: Final = (
    Budget(vendor=VENDOR, size=3000, per=timedelta(hours=1)),
    Budget(vendor=VENDOR, size=500, per=timedelta(seconds=30)),
)
"""What an account allows by default; the driver's desk takes them."""

_JSON: Final[Mapping[str, str]] = {"content-type": "application/json", "accept": "application/json"}
_NOTHING: Final[Mapping[str, str]] = {}
_MISSING: Final = 404


class DocuSignSession:
    """The account `account` at `base_uri`, both as the user's own information names them (`grant.found_account`).

    Raises `InvalidRecord` for an address that is none.

    >>> DocuSignSession("https://demo.docusign.net", "5c9f7a1e")
    DocuSignSession('https://demo.docusign.net', '5c9f7a1e')
    """

    def __init__(self, base_uri: str, account: str, *, timeout: timedelta | None = None) -> None:
        self.origin = _origin(base_uri)
        if not account:
            raise InvalidRecord("DocuSignSession", "account", account, "the API account id")
        self.account = account
        self.last_date = ""
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"DocuSignSession({self.origin!r}, {self.account!r})"

    def get(self, path: str, query: Mapping[str, str] = _NOTHING) -> Flow[Tree]:
        """The object at `path` of the account. Raises what `wire.result` raises."""
        call = self._call("GET", path, query)
        reply = yield call
        return result(self._noted(reply), call.where)

    def send(self, method: str, path: str, body: Mapping[str, Any], *, effect: Effect) -> Flow[Tree]:
        """What DocuSign answers to a write. Raises what `wire.result` raises.

        A reply nobody can read says nothing about whether the write happened: `AmbiguousError`.
        """
        call = self._call(method, path, _NOTHING, body=json.dumps(body, ensure_ascii=False).encode(), effect=effect)
        reply = yield call
        try:
            return result(self._noted(reply), call.where)
        except MalformedReply as torn:
            raise AmbiguousError(VENDOR, f"{torn.what}; whether it was done is not known", torn.request_id) from None

    def pdf(self, path: str, query: Mapping[str, str] = _NOTHING) -> Flow[bytes]:
        """A PDF of the account; raises what `wire.result` raises, and `MalformedReply` for anything else."""
        call = self._call("GET", path, query, accept="application/pdf")
        reply = self._noted((yield call))
        if reply.status == _MISSING:
            raise NoSuchEnvelope(path)
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - the statuses of success
            _ = result(reply, call.where)
        if not reply.body.startswith(b"%PDF-"):
            raise MalformedReply(VENDOR, call.where, f"no PDF: {shown(reply)}", reply.request_id)
        return reply.body

    def _noted(self, reply: Reply) -> Reply:
        self.last_date = reply.headers.get("date", self.last_date)
        return reply

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        *,
        body: bytes | None = None,
        effect: Effect = Effect.NONE,
        accept: str = "application/json",
    ) -> Call:
        address = f"{self.origin}/restapi/v2.1/accounts/{quote(self.account, safe='')}/{path}"
        return Call(
            method=method,
            url=f"{address}?{urlencode(query, quote_via=quote)}" if query else address,
            vendor=VENDOR,
            headers={**_JSON, "accept": accept} if body is not None else {"accept": accept},
            body=body,
            effect=effect,
            timeout=self._timeout,
        )


def _origin(base_uri: str) -> str:
    """Where the API is; raises `InvalidRecord`, which repeats no user, password or query."""
    try:
        parts = urlsplit(base_uri)
        host, _ = parts.hostname, parts.port
    except ValueError:  # a bracket that is not closed, or a port that is none
        parts, host = urlsplit(""), None
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or parts.path.strip("/") or parts.query:
        found = "(not shown)" if {"@", "?", "#"} & set(base_uri) else base_uri
        raise InvalidRecord("DocuSignSession", "base_uri", found, "https://host, as the user information names it")
    return f"{parts.scheme}://{parts.netloc}"


def read_or_refuse(flow: Flow[T]) -> Flow[T]:
    """The same flow, where a refusal is an error that ends it: `RefusedError` with DocuSign's own words."""
    try:
        return (yield from flow)
    except RefusedByDocuSign as refused:
        raise refused.error() from None
