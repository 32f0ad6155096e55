"""The validator in front of our Navigator refuses what its description does not name; each row is one slip of ours."""

from __future__ import annotations

from datetime import timedelta

import pytest
from docusign_desk import needs_descriptions, validator

from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Call, Effect
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.navigator import ACCOUNT, ORIGIN, TOKEN, FakeNavigator
from clmcrm.testing.vendors.serving import InProcess

NAVIGATOR = "docusign_navigator.json"
HOME = f"/v1/accounts/{ACCOUNT}"
BASE = f"{HOME}/agreements"
KEY = "48e593bd-73e8-455f-92e7-7299fef08dea"
ONE = f"{BASE}/{KEY}"
JOBS = f"{HOME}/upload/jobs"
JSON = {"content-type": "application/json"}


def sent(method: str, path: str, body: bytes, kind: str = "application/json") -> Request:
    return Request(method=method, path=path, headers={"content-type": kind}, body=body)


PATHS = {
    "no version": f"/accounts/{ACCOUNT}/agreements",
    "another version": f"/v2/accounts/{ACCOUNT}/agreements",
    "the base path of signatures": f"/restapi{BASE}",
    "the interface of signatures": f"/restapi/v2.1/accounts/{ACCOUNT}/envelopes",
    "an account of no id": "/v1/accounts//agreements",
    "no account": "/v1/agreements",
    "an account that is no id": "/v1/accounts/acme/agreements",
    "an account's number": "/v1/accounts/4711/agreements",
    "the account in the query": f"/v1/agreements?accountId={ACCOUNT}",
    "a slash at the end": f"{BASE}/",
    "a slash too many": f"{HOME}//agreements",
    "a step up": f"{BASE}/../agreements",
    "a capital": f"{HOME}/Agreements",
    "the singular": f"{HOME}/agreement/{KEY}",
    "an agreement that is no id": f"{BASE}/7",
    "an id without its hyphens": f"{BASE}/{KEY.replace('-', '')}",
    "an id with its scheme": f"{BASE}/urn:uuid:{KEY}",
    "an id and a line end": f"{ONE}%0A",
    "an id that was cut": f"{BASE}/{KEY[:-1]}",
    "two ids": f"{ONE},{KEY}",
    "the provisions alone": f"{ONE}/provisions",
    "the documents": f"{HOME}/documents/{KEY}",
    "a whole address": f"{ORIGIN}{BASE}",
}
QUERIES = {
    "an unknown filter": "modified_since=2026-01-01",
    "a filter by the time of an edit": "metadata.modified_at=2026-01-01T00:00:00Z",
    "a filter by a provision that has none": "provisions.governing_law=France",
    "a filter by an object": "provisions[effective_date]=2026-01-01T00:00:00Z",
    "a filter by parties as such": "parties=ACME",
    "a filter in camel case": "documentId=7",
    "a filter without its sign": "filter=x",
    "a filter too long": f"$filter={'x' * 2001}",
    "two filters": "$filter=a&$filter=b",
    "a page number": "page=2",
    "an offset": "offset=100",
    "OData's size of a page": "$top=10",
    "OData's order": "$orderby=title",
    "the size of a page as others name it": "page_size=10",
    "a capital": "Limit=10",
    "a page of none": "limit=0",
    "a page of less than none": "limit=-1",
    "a page of half an agreement": "limit=1.5",
    "a page larger than 32 bits": "limit=3000000000",
    "a page that is no number": "limit=many",
    "a page of no size": "limit=",
    "a page with a nought in front": "limit=010",
    "two sizes": "limit=5&limit=6",
    "two tokens": "ctoken=a&ctoken=b",
    "the token of another interface": "continuation_token=1",
    "a direction that is none": "direction=up",
    "a direction in capitals": "direction=ASC",
    "no direction": "direction=",
    "two states": "status=COMPLETE&status=PENDING",
    "a day for a moment": "metadata.created_at=2026-01-01",
    "a moment without its zone": "metadata.created_at=2026-01-01T00:00:00",
    "a day of no calendar": "provisions.effective_date=2026-02-30T00:00:00Z",
    "a day as it is written elsewhere": "provisions.expiration_date=31/12/2026",
    "a word for a moment": "review_completed_at=yesterday",
    "fields of our choice": "fields=title",
    "a token of access": "access_token=x",
}
REQUESTS = {
    "an agreement that is posted": sent("POST", BASE, b"{}"),
    "an agreement that is put": sent("PUT", ONE, b"{}"),
    "an agreement that is patched": sent("PATCH", ONE, b'{"title": "x"}'),
    "all that is deleted": Request(method="DELETE", path=BASE),
    "the head of a list": Request(method="HEAD", path=BASE),
    "a method in small letters": Request(method="get", path=BASE),
    "a query on one agreement": Request(method="GET", path=f"{ONE}?limit=1"),
    "a filter on one agreement": Request(method="GET", path=f"{ONE}?$filter=x"),
    "a body to a list": sent("GET", BASE, b'{"limit": 10}'),
    "a body to one agreement": sent("GET", ONE, b"{}"),
    "a form to a list": sent("GET", BASE, b"limit=10", "application/x-www-form-urlencoded"),
    "a body to a deletion": sent("DELETE", ONE, b"{}"),
    "a list of jobs": Request(method="GET", path=JOBS),
    "a job without a body": Request(method="POST", path=JOBS),
    "a job of nothing": sent("POST", JOBS, b"{}"),
    "a job of no document": sent("POST", JOBS, b'{"expected_number_of_docs": 0}'),
    "a job too large": sent("POST", JOBS, b'{"expected_number_of_docs": 10001}'),
    "a job's number as a text": sent("POST", JOBS, b'{"expected_number_of_docs": "2"}'),
    "a job with an unknown field": sent("POST", JOBS, b'{"expected_number_of_docs": 2, "folder": "x"}'),
    "a job as a form": sent("POST", JOBS, b"expected_number_of_docs=2", "application/x-www-form-urlencoded"),
    "half a job": sent("POST", JOBS, b'{"expected_number_of_docs": '),
    "a job that is asked to be over": Request(method="GET", path=f"{JOBS}/{KEY}/actions/complete"),
}
WRONG = {
    **{f"path: {slip}": Request(method="GET", path=path) for slip, path in PATHS.items()},
    **{f"query: {slip}": Request(method="GET", path=f"{BASE}?{query}") for slip, query in QUERIES.items()},
    **{f"request: {slip}": request for slip, request in REQUESTS.items()},
}
RIGHT = {
    "a list": BASE,
    "a page": f"{BASE}?limit=100",
    "the next page": f"{BASE}?limit=100&ctoken=abc123",
    "the smallest page": f"{BASE}?limit=1",
    "a filter": f"{BASE}?$filter=parties/name_in_agreement%20eq%20'ACME'",
    "a filter whose sign is escaped": f"{BASE}?%24filter=x",
    "the longest filter": f"{BASE}?$filter={'x' * 2000}",
    "an order": f"{BASE}?sort=title&direction=desc",
    "those made at a moment": f"{BASE}?metadata.created_at=2026-01-01T00:00:00Z",
    "those made at a moment elsewhere": f"{BASE}?metadata.created_at=2026-01-01T00:00:00%2B02:00",
    "those of an envelope": f"{BASE}?source_name=x&source_id={KEY}",
    "one": ONE,
    "one in capitals": f"{BASE}/{KEY.upper()}",
    "one in braces": f"{BASE}/%7B{KEY}%7D",
}


@needs_descriptions
@pytest.mark.parametrize("slip", WRONG, ids=str)
def test_a_wrong_request_is_refused(slip: str) -> None:
    assert validator(NAVIGATOR).problems(WRONG[slip])


@needs_descriptions
@pytest.mark.parametrize("what", RIGHT, ids=str)
def test_a_right_request_is_let_through(what: str) -> None:
    assert validator(NAVIGATOR).problems(Request(method="GET", path=RIGHT[what])) == ()


@needs_descriptions
def test_a_slip_is_refused_for_what_it_is_and_for_nothing_else() -> None:
    judge = validator(NAVIGATOR)
    for slip, query in QUERIES.items():
        name = query.partition("=")[0]
        assert {problem.where for problem in judge.problems(WRONG[f"query: {slip}"])} == {f"query {name}"}, slip


# What the description leaves to the transport and to the token.


@pytest.mark.parametrize(
    "origin",
    [
        "https://api.docusign.com", "https://api-d.docusign.com.evil.example", "http://api-d.docusign.com",
        "https://api-d.docusign.com:8443", "https://demo.docusign.net", "https://evil@api-d.docusign.com",
    ],
)  # fmt: skip
def test_another_host_is_not_asked(origin: str) -> None:
    fake = FakeNavigator([])
    transport = InProcess(fake, ORIGIN)
    call = Call(method="GET", url=f"{origin}{BASE}", vendor="navigator", effect=Effect.NONE)
    with pytest.raises(TerminalError, match="nothing was sent"):
        _ = transport.send(call, timedelta(seconds=1))
    assert (transport.calls, fake.methods) == (0, set())


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"authorization": TOKEN}, {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer another"}, {"authorization": "Bearer "}, {"x-authorization": f"Bearer {TOKEN}"},
    ],
    ids=str,
)  # fmt: skip
def test_who_does_not_show_the_token_is_shown_nothing(headers: dict[str, str]) -> None:
    reply = FakeNavigator([{"id": KEY}]).answer(Request(method="GET", path=BASE, headers=headers))
    assert (reply.status, KEY.encode() in reply.body) == (401, False)
