"""What Dataverse does not take is refused by the closed description: a table of requests, each wrong in one way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.dataverse.guarded import judged

BASE = "/api/data/v9.2"
KEY = "00000000-0000-0000-0000-000000000001"
ROW = f"/accounts({KEY})"
MARK = "/accounts(clmcrm_key='account~3a1')"
TAG = {"If-Match": 'W/"77180907"'}
NEW = {"If-None-Match": "*"}
TABLE = "/EntityDefinitions(LogicalName='account')?$select=LogicalName&$expand=Keys($select=KeyAttributes)"


def sent(method: str, path: str, body: Any = None, more: dict[str, str] | None = None) -> Request:
    own = {"Authorization": "Bearer x", "OData-Version": "4.0"}
    own |= {} if body is None else {"Content-Type": "application/json"}
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Request(method=method, path=BASE + path, headers={**own, **(more or {})}, body=data)


def part(method: str, path: str, body: Any = None, more: dict[str, str] | None = None) -> str:
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (more or {}).items())]
    lines += ["Content-Type: application/json"] if body is not None else []
    return f"{head}\r\n" + "\r\n".join(lines) + "\r\n\r\n" + ("" if body is None else json.dumps(body)) + "\r\n"


def batched(*parts: str, kind: str = "multipart/mixed; boundary=batch_1") -> Request:
    body = "".join(f"--batch_1\r\n{one}" for one in parts) + "--batch_1--\r\n"
    return sent("POST", "/$batch", body.encode(), {"Content-Type": kind, "Prefer": "odata.continue-on-error"})


RIGHT = {
    "who am i": sent("GET", "/WhoAmI"),
    "rows": sent("GET", "/accounts?$select=name,_ownerid_value&$filter=name%20eq%20'O''Neill'"),
    "rows that are tracked": sent("GET", "/accounts", None, {"Prefer": "odata.track-changes,odata.maxpagesize=5000"}),
    "a delta": sent("GET", "/accounts?$deltatoken=919042%2108%2f22%2f2017"),
    "a row": sent("GET", ROW),
    "a row by key": sent("GET", MARK),
    "a creation": sent("PATCH", MARK, {"name": "A"}, NEW),
    "a change": sent("PATCH", ROW, {"name": "A", "revenue": 5.5, "ownerid@odata.bind": f"/systemusers({KEY})"}, TAG),
    "a deletion": sent("DELETE", ROW, None, TAG),
    "a table": sent("GET", TABLE),
    "a batch": batched(part("GET", f"{BASE}/accounts?$select=name"), part("PATCH", BASE + ROW, {"name": "A"}, TAG)),
}
WRONG = {
    "no such path": sent("GET", "/customers"),
    "another version": Request(method="GET", path="/api/data/v8.0/accounts", headers={"Authorization": "x"}),
    "no authorization": Request(method="GET", path=f"{BASE}/accounts", headers={"OData-Version": "4.0"}),
    "no version of OData": Request(method="GET", path=f"{BASE}/accounts", headers={"Authorization": "x"}),
    "an unknown option": sent("GET", "/accounts?$skip=5"),
    "an option without its dollar": sent("GET", "/accounts?filter=name%20eq%20'x'"),
    "a selection of nothing": sent("GET", "/accounts?$select="),
    "a selection with a capital": sent("GET", "/accounts?$select=Name"),
    "a filter that ends early": sent("GET", "/accounts?$filter=name%20eq"),
    "a filter with an open quote": sent("GET", "/accounts?$filter=name%20eq%20'x"),
    "a filter of SQL": sent("GET", "/accounts?$filter=name%20=%20'x'"),
    "a filter with an unknown function": sent("GET", "/accounts?$filter=matches(name,'x')"),
    "a top of nothing": sent("GET", "/accounts?$top=0"),
    "tracking with a filter": sent("GET", "/accounts?$filter=name%20eq%20'x'", None, {"Prefer": "odata.track-changes"}),
    "tracking with an order": sent("GET", "/accounts?$orderby=name", None, {"Prefer": "odata.track-changes"}),
    "pages of ten thousand": sent("GET", "/accounts", None, {"Prefer": "odata.maxpagesize=10000"}),
    "an unknown wish": sent("GET", "/accounts", None, {"Prefer": "respond-async"}),
    "rows with a body": sent("GET", "/accounts", {"a": 1}),
    "a creation by POST": sent("POST", "/accounts", {"name": "A"}),
    "an id that is none": sent("GET", "/accounts(1)"),
    "an id in quotes": sent("GET", f"/accounts('{KEY}')"),
    "another key": sent("GET", "/accounts(accountnumber='1')"),
    "a key with a colon": sent("PATCH", "/accounts(clmcrm_key='account%3A1')", {"name": "A"}, NEW),
    "a key with a capital": sent("PATCH", "/accounts(clmcrm_key='A')", {"name": "A"}, NEW),
    "a key that is too long": sent("PATCH", f"/accounts(clmcrm_key='{'a' * 451}')", {"name": "A"}, NEW),
    "a blind upsert": sent("PATCH", MARK, {"name": "A"}),
    "a blind deletion": sent("DELETE", ROW),
    "a tag that is none": sent("PATCH", ROW, {"name": "A"}, {"If-Match": "77180907"}),
    "a change by PUT": sent("PUT", ROW, {"name": "A"}, TAG),
    "an unknown column": sent("PATCH", ROW, {"nmae": "A"}, TAG),
    "the key in the body": sent("PATCH", MARK, {"name": "A", "clmcrm_key": "account~3a1"}, NEW),
    "a column that is kept": sent("PATCH", ROW, {"versionnumber": 1}, TAG),
    "a lookup by its value": sent("PATCH", ROW, {"_parentaccountid_value": KEY}, TAG),
    "a lookup by its column": sent("PATCH", ROW, {"parentaccountid": KEY}, TAG),
    "a lookup to another table": sent("PATCH", ROW, {"parentaccountid@odata.bind": f"/contacts({KEY})"}, TAG),
    "a lookup on another host": sent("PATCH", ROW, {"parentaccountid@odata.bind": f"https://x/accounts({KEY})"}, TAG),
    "a customer without its table": sent("PATCH", f"/contacts({KEY})", {"parentcustomerid@odata.bind": "/x"}, TAG),
    "an amount as text": sent("PATCH", ROW, {"revenue": "5.00"}, TAG),
    "an amount beyond the range": sent("PATCH", ROW, {"revenue": 10**15}, TAG),
    "an option as text": sent("PATCH", ROW, {"customertypecode": "3"}, TAG),
    "a text that is too long": sent("PATCH", ROW, {"name": "x" * 161}, TAG),
    "a flag as a number": sent("PATCH", ROW, {"donotemail": 1}, TAG),
    "a day with a time": sent("PATCH", f"/opportunities({KEY})", {"estimatedclosedate": "2026-05-07T00:00:00Z"}, TAG),
    "a change in a form": sent("PATCH", ROW, b"a=1", {**TAG, "Content-Type": "application/x-www-form-urlencoded"}),
    "half JSON": sent("PATCH", ROW, b'{"name":', TAG),
    "a table of another name": sent("GET", "/EntityDefinitions(LogicalName='secret')?$select=LogicalName"),
    "all tables with everything": sent("GET", "/EntityDefinitions"),
    "an address that is too long": sent("GET", f"/accounts?$filter=name%20eq%20'{'x' * 33_000}'"),
    "a batch in JSON": sent("POST", "/$batch", {"requests": []}),
    "a batch by GET": sent("GET", "/$batch"),
    "an empty batch": batched(),
    "a batch of 1,001": batched(*[part("GET", f"{BASE}/WhoAmI")] * 1_001),
    "a batch inside a batch": batched(part("POST", f"{BASE}/$batch", {})),
    "a batch with another boundary": batched(part("GET", f"{BASE}/WhoAmI"), kind="multipart/mixed; boundary=b"),
    "a part on another host": batched(part("GET", "https://evil.example/api/data/v9.2/WhoAmI")),
    "a part of an unknown table": batched(part("GET", f"{BASE}/customers")),
    "a part with its own authorization": batched(part("GET", f"{BASE}/WhoAmI", None, {"Authorization": "x"})),
    "a part without a precondition": batched(part("PATCH", BASE + ROW, {"name": "A"})),
    "a part with an unknown column": batched(part("PATCH", BASE + ROW, {"nmae": "A"}, TAG)),
    "a part that is no request": batched("Content-Type: application/http\r\n\r\nhello\r\n"),
    "a part that reads in a change set": batched(
        "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" + part("GET", f"{BASE}/WhoAmI") + "--c--\r\n"
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_is_taken(name: str) -> None:
    judge = judged(FakeDataverse())
    _ = judge.answer(RIGHT[name])
    assert judge.refused == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused(name: str) -> None:
    judge = judged(FakeDataverse())
    _ = judge.answer(WRONG[name])
    assert judge.refused != []


def test_there_are_more_than_thirty_wrong_requests() -> None:
    assert len(WRONG) >= 30
