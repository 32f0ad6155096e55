"""A session with one Salesforce org: the calls an adapter makes, and what they bring back.

Who signs the calls is the driver's business (`clmcrm.adapters.salesforce.tokens`): no token is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from attrs import frozen

from clmcrm.adapters._http import origin_of
from clmcrm.adapters.declared.members import exact_json
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.adapters.salesforce.wire import (
    VENDOR,
    VERSION,
    Usage,
    errors_in,
    failure_of,
    own_link,
    usage_in,
    value_of,
)
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.errors import InvalidRecord, MalformedReply
from clmcrm.ports.calls import Call, Effect, Flow, Reply

Row = Mapping[str, Any]

MOST_PARTS: Final = 25
"""How many parts a composite call has at most, and of these as many as follow may be queries or collections."""
MOST_QUERIES: Final = 5
MOST_PAGES: Final = 10_000
_NO_HEADERS: Final[Mapping[str, str]] = {}
_FAILED: Final = 300
_LONGEST_PATH: Final = 12_000
"""An address with its headers has at most 16,384 bytes; a longer query goes into a body."""


@frozen(kw_only=True)
class Part:
    """One part of a composite call: the resource below the version ("/query?q=..."), with its own headers."""

    method: str
    path: str
    body: object = None
    headers: Mapping[str, str] = _NO_HEADERS


@frozen(kw_only=True)
class Answered:
    """What one part of a composite call was answered with."""

    status: int
    body: Any
    headers: Mapping[str, str] = _NO_HEADERS


class SalesforceSession:
    """Where an org is: `url` is its own address ("https://acme.my.salesforce.com"), `version` that of the API.

    `usage` is what the last reply said of the calls of the day (None: nothing yet), `last_date` its Date header.

    >>> SalesforceSession("https://acme.my.salesforce.com/")
    SalesforceSession('https://acme.my.salesforce.com', version='62.0')
    """

    def __init__(self, url: str, *, version: str = VERSION, timeout: timedelta | None = None) -> None:
        try:
            _ = origin_of(url)
        except ValueError:
            shown = "***" if "@" in url else url[:80]
            raise InvalidRecord("SalesforceSession", "url", shown, "https://your-domain.my.salesforce.com") from None
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.version = version
        self.usage: Usage | None = None
        self.last_date = ""
        self._base = f"/services/data/v{version}"
        self._timeout = timeout

    def __repr__(self) -> str:
        """Where, and which version."""
        return f"SalesforceSession({self.origin!r}, version={self.version!r})"

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        effect: Effect = Effect.NONE,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> Flow[Any]:
        """The JSON that a resource below the version answers with. Raises what `wire.value_of` raises."""
        call = self.call(method, path, body, effect=effect, headers=headers)
        return value_of((yield from self.send(call)), call)

    def send(self, call: Call) -> Flow[Reply]:
        """The reply to a call, noted for usage and time."""
        reply: Reply = yield call
        self.usage = usage_in(reply.headers) or self.usage
        self.last_date = reply.headers.get("date", self.last_date)
        return reply

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        effect: Effect = Effect.NONE,
        headers: Mapping[str, str] = _NO_HEADERS,
        bucket: str = "",
    ) -> Call:
        """The call of a resource below the version; bytes are sent as they are, all else as JSON."""
        sent = body if isinstance(body, bytes) or body is None else exact_json(body).encode()
        kind = {} if body is None or isinstance(body, bytes) else {"content-type": "application/json; charset=UTF-8"}
        return Call(
            method=method,
            url=f"{self.origin}{self._base}{path}",
            vendor=VENDOR,
            headers={"accept": "application/json", **kind, **headers},
            body=sent,
            bucket=bucket,
            effect=effect,
            timeout=self._timeout,
        )

    def page(self, query: Query) -> Flow[tuple[list[Row], bool, str]]:
        """The first page the query gives, whether it stopped before the end, and the Date header it came with."""
        path = query_path(query)
        if len(path) > _LONGEST_PATH:
            (told,) = yield from self.composite([Part(method="GET", path=path)], effect=Effect.NONE)
            found = body_of(told, "GET /query")
        else:
            found = yield from self.ask("GET", path)
        rows, done, _ = _page(found, "GET /query")
        if not rows and not done:  # the next page is asked for by the last row of this one
            raise MalformedReply(VENDOR, "GET /query", "there is more, and no record to go on from")
        date = self.last_date
        for row in rows:
            yield from self.complete(row)
        return rows, not done, date

    def all_of(self, found: object, where: str) -> Flow[list[Row]]:
        """The records of a query's answer and of the pages it leads to, each with all its children."""
        rows, done, link = _page(found, where)
        pages = 1
        while not done:
            pages += 1
            if pages > MOST_PAGES:
                raise MalformedReply(VENDOR, where, f"more than {MOST_PAGES} pages")
            more, done, link = _page((yield from self._linked(link, where)), where)
            rows += more
        for row in rows:
            yield from self.complete(row)
        return rows

    def complete(self, row: Row) -> Flow[None]:
        """Put the rest of a record's children beside the first, where the answer held only some of them."""
        for child in row.values():
            if is_tree(child) and child.get("done") is False and "records" in child:
                child["records"] = yield from self.all_of(dict(child), "children")
                child["done"] = True

    def composite(self, parts: Sequence[Part], *, effect: Effect) -> Flow[list[Answered]]:
        """The answers of the parts, done one after another in one call that counts once."""
        body = {
            "allOrNone": False,
            "collateSubrequests": False,
            "compositeRequest": [self._part(number, part) for number, part in enumerate(parts)],
        }
        found = yield from self.ask("POST", "/composite", body, effect=effect)
        told = found.get("compositeResponse") if is_tree(found) else None
        if not is_list(told) or len(told) != len(parts):
            raise MalformedReply(VENDOR, "POST /composite", f"not {len(parts)} answers")
        return [_answered(one) for one in told]

    def queries(self, queries: Iterable[tuple[Query, bool]]) -> Flow[list[Row]]:
        """The records of several queries (each with whether deleted ones count), five of them in one call."""
        waiting = [query_path(query, deleted=deleted) for query, deleted in queries]
        rows: list[Row] = []
        for start in range(0, len(waiting), MOST_QUERIES):
            paths = waiting[start : start + MOST_QUERIES]
            told = yield from self.composite([Part(method="GET", path=path) for path in paths], effect=Effect.NONE)
            for one in told:
                rows += yield from self.all_of(body_of(one, "GET /query"), "GET /query")
        return rows

    def _linked(self, link: object, where: str) -> Flow[Any]:
        url = own_link(link, self.origin, where)
        call = Call(
            method="GET", url=url, vendor=VENDOR, headers={"accept": "application/json"}, effect=Effect.NONE,
            timeout=self._timeout,
        )  # fmt: skip
        return value_of((yield from self.send(call)), call)

    def _part(self, number: int, part: Part) -> dict[str, object]:
        made: dict[str, object] = {
            "method": part.method, "url": f"{self._base}{part.path}", "referenceId": f"part{number}"
        }  # fmt: skip
        if part.body is not None:
            made["body"] = part.body
        if part.headers:
            made["httpHeaders"] = dict(part.headers)
        return made


def query_path(query: Query, *, deleted: bool = False) -> str:
    """The resource of a query; with `deleted` the one that shows the recycle bin too."""
    return f"/{'queryAll' if deleted else 'query'}?q={quote(query.text(), safe='')}"


def body_of(answer: Answered, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """The body of one part; raises as the whole call would when the part failed."""
    if answer.status >= _FAILED:
        raise failure_of(errors_in(answer.body), answer.status, where)
    return answer.body


def _page(found: object, where: str) -> tuple[list[Row], bool, object]:
    told = found if is_tree(found) else {}
    rows = told.get("records")
    if not is_list(rows) or not isinstance(told.get("done"), bool):
        raise MalformedReply(VENDOR, where, "no records, or not whether there are more")
    if not all(is_tree(row) for row in rows):
        raise MalformedReply(VENDOR, where, "a record that is no object")
    return list(rows), bool(told["done"]), told.get("nextRecordsUrl")


def _answered(one: object) -> Answered:
    told = one if is_tree(one) else {}
    status = told.get("httpStatusCode")
    if not isinstance(status, int):
        raise MalformedReply(VENDOR, "POST /composite", "a part without a status")
    given = told.get("httpHeaders")
    headers = given if is_tree(given) else {}
    return Answered(status=status, body=told.get("body"), headers={str(k).lower(): str(v) for k, v in headers.items()})
