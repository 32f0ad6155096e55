"""A session with one environment of Dataverse: the calls an adapter makes, and what they bring back.

Who signs the calls is the driver's business (`clmcrm.adapters.dataverse.tokens`): no token is kept here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import frozen

from clmcrm.adapters._http import origin_of
from clmcrm.adapters.dataverse.multipart import Item, Part, answers_in, batch_of
from clmcrm.adapters.dataverse.wire import (
    BROKEN,
    VENDOR,
    VERSION,
    Said,
    checked,
    own_link,
    preferences,
    said_in,
    value_of,
)
from clmcrm.adapters.declared.members import exact_json
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.drivers.reading import read_json
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

Row = Mapping[str, Any]

ANNOTATED: Final = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'
"""The wish that a lookup says which table it leads to."""
MOST_PAGES: Final = 10_000
_NO_HEADERS: Final[Mapping[str, str]] = {}
_VERSIONS: Final = {"odata-maxversion": "4.0", "odata-version": "4.0"}
_DELETED: Final = "/$deletedEntity"


@frozen(kw_only=True)
class RowsPage:
    """One page of rows, the ids of rows that it tells as `deleted`, and the queries of the links that follow.

    `more` is the query of the next page, `delta` that of the changes after this pull (None: not given).
    """

    rows: list[Row]
    deleted: list[str]
    more: str | None
    delta: str | None


class DataverseSession:
    """Where an environment is: `url` is its own address ("https://acme.crm4.dynamics.com").

    `last_date` is the Date header of the last reply.

    >>> DataverseSession("https://acme.crm4.dynamics.com/")
    DataverseSession('https://acme.crm4.dynamics.com')
    """

    def __init__(self, url: str, *, timeout: timedelta | None = None) -> None:
        try:
            _ = origin_of(url)
        except ValueError:
            shown = "***" if "@" in url else url[:80]
            raise InvalidRecord(
                "DataverseSession", "url", shown, "https://your-environment.crm4.dynamics.com"
            ) from None
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.base = f"/api/data/v{VERSION}"
        self.last_date = ""
        self._timeout = timeout

    def __repr__(self) -> str:
        """Where."""
        return f"DataverseSession({self.origin!r})"

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        effect: Effect = Effect.NONE,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Flow[Any]:
        """The JSON that an address below the version answers with. Raises what `wire.value_of` raises."""
        sent = None if body is None else exact_json(body).encode()
        kind = {} if body is None else {"content-type": "application/json"}
        call = self._call(method, path, sent, effect=effect, headers={**kind, **headers})
        return value_of((yield from self._send(call)), call)

    def page(self, of: str, query: str, headers: Mapping[str, str]) -> Flow[RowsPage]:
        """One page of an entity set; `query` is what follows the question mark (empty: nothing)."""
        found = yield from self.ask("GET", f"{of}?{query}" if query else of, headers=headers)
        return self.read_page(found, of)

    def read_page(self, found: object, of: str) -> RowsPage:
        """What a page says; raises `MalformedReply` for what is none, `TerminalError` for links elsewhere."""
        where = f"GET /{of}"
        told = found if is_tree(found) else {}
        items = told.get("value")
        if not is_list(items) or not all(is_tree(one) for one in items):
            raise MalformedReply(VENDOR, where, "no rows, or a row that is no object")
        links = [told.get(f"@odata.{name}Link") for name in ("next", "delta")]
        path = f"{self.base}/{of}"
        more, delta = (None if one is None else own_link(one, self.origin, path, where) for one in links)
        live: list[Row] = []
        deleted: list[str] = []
        for one in items:
            if str(one.get("@odata.context", "")).endswith(_DELETED):
                deleted += _deleted(one, where)
            else:
                live.append(one)
        return RowsPage(rows=live, deleted=deleted, more=more, delta=delta)

    def batch(self, items: Sequence[Item], *, effect: Effect) -> Flow[list[list[Reply]]]:
        """The replies of a batch, one list for each item; an item that fails does not keep the others.

        A reply is the part's own, whatever its status. Raises for a batch that failed as a whole.
        """
        kind, body = batch_of(items, self.base)
        headers = {"content-type": kind, **preferences("odata.continue-on-error")}
        call = self._call("POST", "$batch", body, effect=effect, headers=headers)
        reply = yield from self._send(call)
        if "multipart" not in reply.headers.get("content-type", "").lower():
            _ = value_of(reply, call)
            raise MalformedReply(VENDOR, call.where, "a batch answered by something else", reply.request_id)
        found = answers_in(reply, call.where)
        if len(found) != len(items):
            raise MalformedReply(VENDOR, call.where, f"{len(found)} answers to {len(items)} requests", reply.request_id)
        return found

    def several(self, paths: Sequence[tuple[str, str]]) -> Flow[list[Row]]:
        """The rows of several queries, each with its entity set: all of them in one call, and their further pages."""
        if not paths:
            return []
        parts = [Part(method="GET", path=path, headers={"Prefer": ANNOTATED}) for _, path in paths]
        told = yield from self.batch(parts, effect=Effect.NONE)
        rows: list[Row] = []
        for (of, _), (reply,) in zip(paths, told, strict=True):
            page = self.read_page(part_of(reply, f"GET /{of}"), of)
            rows += page.rows
            rows += yield from self.rest(of, page.more)
        return rows

    def rest(self, of: str, more: str | None) -> Flow[list[Row]]:
        """The rows of the pages that follow, from the query `more` on; none for None."""
        rows: list[Row] = []
        pages = 0
        while more is not None:
            pages += 1
            if pages > MOST_PAGES:
                raise MalformedReply(VENDOR, f"GET /{of}", f"more than {MOST_PAGES} pages")
            page = yield from self.page(of, more, preferences(ANNOTATED))
            rows += page.rows
            more = page.more
        return rows

    def _send(self, call: Call) -> Flow[Reply]:
        reply: Reply = yield call
        self.last_date = reply.headers.get("date", self.last_date)
        return reply

    def _call(self, method: str, path: str, body: bytes | None, *, effect: Effect, headers: Mapping[str, str]) -> Call:
        return Call(
            method=method,
            url=f"{self.origin}{self.base}/{path}",
            vendor=VENDOR,
            headers={"accept": "application/json", **_VERSIONS, **headers},
            body=body,
            effect=effect,
            timeout=self._timeout,
        )


def part_of(reply: Reply, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON that a part of a batch of readings answered with.

    Raises as `wire.checked` does; and `TransientError` where the environment broke down over it, which the driver sees
    of a whole reply alone.
    """
    try:
        return checked(reply, where)
    except RefusedError as refused:
        if refused.status < BROKEN:
            raise
        raise TransientError(VENDOR, refused.what, refused.request_id) from None


def row_of(reply: Reply, where: str) -> Row:
    """The row that a part of a batch answered with; raises as `wire.checked` does, and for no row."""
    found = checked(reply, where)
    if not is_tree(found):
        raise MalformedReply(VENDOR, where, "no row")
    return found


def error_of(reply: Reply) -> Said:
    """Why a part was not done, in the vendor's own words; its status where it has none."""
    try:
        said = said_in(read_json(reply, VENDOR, "a part of a batch"))
    except MalformedReply:
        said = None
    return said or Said("", f"status {reply.status}")


def _deleted(one: Row, where: str) -> list[str]:
    """The id of a row that a delta tells as deleted; nothing for one that only left the set."""
    key = one.get("id")
    if not isinstance(key, str) or not key:
        raise MalformedReply(VENDOR, where, "a deletion of nothing")
    return [key.lower()] if one.get("reason") == "deleted" else []
