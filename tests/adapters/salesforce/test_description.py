"""What Salesforce does not take is refused by the closed description: a table of requests, each wrong in one way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.salesforce.answering import FakeSalesforce
from clmcrm.testing.vendors.salesforce.guarded import judged

BASE = "/services/data/v62.0"
KEY = "001000000000001AAA"
ACCOUNT = {"attributes": {"type": "Account"}, "Name": "A"}
KNOWN = {**ACCOUNT, "Id": KEY}
PART = {"method": "GET", "url": f"{BASE}/query?q=SELECT+Id+FROM+Account", "referenceId": "part0"}
JOB = {"object": "Account", "operation": "insert", "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"}


def sent(method: str, path: str, body: Any = None, **headers: str) -> Request:
    own = {"Authorization": "Bearer x", **({} if body is None else {"Content-Type": "application/json"}), **headers}
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Request(method=method, path=BASE + path, headers=own, body=data)


def collected(*records: Any, **more: Any) -> dict[str, Any]:
    return {"allOrNone": False, "records": list(records), **more}


def composed(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"allOrNone": False, "collateSubrequests": False, "compositeRequest": list(parts), **more}


RIGHT = {
    "query": sent("GET", "/query?q=SELECT+Id+FROM+Account"),
    "create": sent("POST", "/composite/sobjects", collected(ACCOUNT)),
    "update": sent("PATCH", "/composite/sobjects", collected(KNOWN)),
    "delete": sent("DELETE", f"/composite/sobjects?ids={KEY}&allOrNone=false"),
    "composite": sent("POST", "/composite", composed(PART)),
    "describe": sent("GET", "/sobjects/Account/describe"),
    "deleted": sent("GET", "/sobjects/Account/deleted/?start=2026-05-07T10:00:00Z&end=2026-05-07T11:00:00Z"),
    "row": sent("PATCH", f"/sobjects/Account/{KEY}", {"Name": "A"}),
    "job": sent("POST", "/jobs/ingest", JOB),
    "rows of a job": sent("PUT", f"/jobs/ingest/{KEY}/batches", b"Name\nA\n", **{"Content-Type": "text/csv"}),
    "close": sent("PATCH", f"/jobs/ingest/{KEY}", {"state": "UploadComplete"}),
}
WRONG = {
    "no such path": sent("GET", "/queries?q=x"),
    "another version": Request(method="GET", path="/services/data/v20.0/query?q=x", headers={"Authorization": "x"}),
    "no authorization": Request(method="GET", path=f"{BASE}/query?q=SELECT+Id+FROM+Account"),
    "a query by POST": sent("POST", "/query", {"q": "SELECT Id FROM Account"}),
    "a query without q": sent("GET", "/query"),
    "an empty query": sent("GET", "/query?q="),
    "a query with an unknown key": sent("GET", "/query?q=SELECT+Id+FROM+Account&limit=5"),
    "SOQL that ends early": sent("GET", "/query?q=SELECT+Id+FROM+Account+WHERE+Name+%3D"),
    "SOQL with AND and OR without brackets": sent(
        "GET", "/query?q=SELECT+Id+FROM+Account+WHERE+A%3D1+AND+B%3D2+OR+C%3D3"
    ),
    "SOQL with an open quote": sent("GET", "/query?q=SELECT+Id+FROM+Account+WHERE+Name+%3D+%27x"),
    "a query with a body": sent("GET", "/query?q=SELECT+Id+FROM+Account", {"a": 1}),
    "an address that is too long": sent("GET", f"/query?q=SELECT+Id+FROM+Account+WHERE+Name%3D%27{'x' * 16_000}%27"),
    "a locator that is none": sent("GET", "/query/../../x"),
    "no records": sent("POST", "/composite/sobjects", {"allOrNone": False}),
    "an empty collection": sent("POST", "/composite/sobjects", collected()),
    "201 records": sent("POST", "/composite/sobjects", collected(*[ACCOUNT] * 201)),
    "a record without a type": sent("POST", "/composite/sobjects", collected({"Name": "A"})),
    "a record of an unknown type": sent(
        "POST", "/composite/sobjects", collected({"attributes": {"type": "X"}, "A": 1})
    ),
    "a record whose field is a list": sent("POST", "/composite/sobjects", collected({**ACCOUNT, "Phone": ["1"]})),
    "a new record with an id": sent("POST", "/composite/sobjects", collected(KNOWN)),
    "a new record with a stamp of its own": sent(
        "POST", "/composite/sobjects", collected({**ACCOUNT, "SystemModstamp": "2026-05-07T10:00:00Z"})
    ),
    "an unknown member of a collection": sent("POST", "/composite/sobjects", collected(ACCOUNT, partial=True)),
    "allOrNone as a text": sent("POST", "/composite/sobjects", {"allOrNone": "no", "records": [ACCOUNT]}),
    "a change without an id": sent("PATCH", "/composite/sobjects", collected(ACCOUNT)),
    "a change with an id that is none": sent("PATCH", "/composite/sobjects", collected({**ACCOUNT, "Id": "1"})),
    "a change by PUT": sent("PUT", "/composite/sobjects", collected(KNOWN)),
    "a deletion without ids": sent("DELETE", "/composite/sobjects?allOrNone=false"),
    "a deletion of an id that is none": sent("DELETE", "/composite/sobjects?ids=1,2"),
    "a deletion of 201": sent("DELETE", f"/composite/sobjects?ids={','.join([KEY] * 201)}"),
    "a deletion with allOrNone as a number": sent("DELETE", f"/composite/sobjects?ids={KEY}&allOrNone=0"),
    "26 parts": sent("POST", "/composite", composed(*[PART] * 26)),
    "six queries in one call": sent("POST", "/composite", composed(*[PART] * 6)),
    "a part without a reference": sent("POST", "/composite", composed({"method": "GET", "url": PART["url"]})),
    "a part with a reference of other signs": sent("POST", "/composite", composed({**PART, "referenceId": "a-b"})),
    "a part on another host": sent("POST", "/composite", composed({**PART, "url": "https://evil.example/x"})),
    "a part of an unknown resource": sent("POST", "/composite", composed({**PART, "url": f"{BASE}/nothing"})),
    "a part with its own authorization": sent(
        "POST", "/composite", composed({**PART, "httpHeaders": {"Authorization": "x"}})
    ),
    "a part with a precondition that is no date": sent(
        "POST", "/composite", composed({**PART, "httpHeaders": {"If-Unmodified-Since": "2026-05-07"}})
    ),
    "a part with a wrong body": sent(
        "POST", "/composite", composed({**PART, "method": "POST", "url": f"{BASE}/composite/sobjects", "body": {}})
    ),
    "a composite as a form": sent(
        "POST", "/composite", b"a=1", **{"Content-Type": "application/x-www-form-urlencoded"}
    ),
    "half JSON": sent("POST", "/composite", b'{"compositeRequest":['),
    "a description by POST": sent("POST", "/sobjects/Account/describe", {}),
    "deletions without an end": sent("GET", "/sobjects/Account/deleted/?start=2026-05-07T10:00:00Z"),
    "deletions from a day": sent("GET", "/sobjects/Account/deleted/?start=2026-05-07&end=2026-05-08"),
    "a row with no change": sent("PATCH", f"/sobjects/Account/{KEY}", {}),
    "a row whose stamp is written": sent("PATCH", f"/sobjects/Account/{KEY}", {"SystemModstamp": "x"}),
    "a row by PUT": sent("PUT", f"/sobjects/Account/{KEY}", {"Name": "A"}),
    "a job of an unknown kind": sent("POST", "/jobs/ingest", {**JOB, "operation": "merge"}),
    "a job in JSON": sent("POST", "/jobs/ingest", {**JOB, "contentType": "JSON"}),
    "a job of no object": sent("POST", "/jobs/ingest", {"operation": "insert"}),
    "a job that is told to be done": sent("PATCH", f"/jobs/ingest/{KEY}", {"state": "JobComplete"}),
    "rows of a job in JSON": sent("PUT", f"/jobs/ingest/{KEY}/batches", [{"Name": "A"}]),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_is_taken(name: str) -> None:
    judge = judged(FakeSalesforce())
    _ = judge.answer(RIGHT[name])
    assert judge.refused == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused(name: str) -> None:
    judge = judged(FakeSalesforce())
    _ = judge.answer(WRONG[name])
    assert judge.refused != []


def test_there_are_more_than_thirty_wrong_requests() -> None:
    assert len(WRONG) >= 30
