"""The validator in front of our DocuSign refuses what its description does not name; each row is one slip of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from docusign_desk import DOCUMENT, asked, needs_descriptions, validator

from clmcrm.adapters.docusign.definition import Sending, definition
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.docusign.service import ACCOUNT

pytestmark = needs_descriptions
ENVELOPES = f"/restapi/v2.1/accounts/{ACCOUNT}/envelopes"
KEY = "5c9f7a1e-0000-4000-8000-00000000000e"
Body = dict[str, Any]


def right() -> Body:
    body: Body = json.loads(json.dumps(definition(asked(remind_after=2), DOCUMENT, Sending(anchor="/s{number}/"), 30)))
    return body


def posted(body: Any, path: str = ENVELOPES, method: str = "POST") -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method=method, path=path, headers={"content-type": "application/json"}, body=raw)


def listed(**query: str) -> Request:
    return Request(method="GET", path=f"{ENVELOPES}?{urlencode(query)}")


def signer(body: Body) -> Body:
    one: Body = body["recipients"]["signers"][0]
    return one


def put(name: str, value: Any) -> Callable[[Body], object]:
    return lambda body: body.update({name: value})


def put_signer(name: str, value: Any) -> Callable[[Body], object]:
    return lambda body: signer(body).update({name: value})


BODIES: dict[str, Callable[[Body], object]] = {
    "a number for a status": put("status", 1),
    "a misspelt subject": put("emailSubjet", "x"),
    "snake case": put("email_subject", "x"),
    "a subject that is no text": put("emailSubject", ["x"]),
    "a transaction id as a number": put("transactionId", 7),
    "an idempotency key": put("idempotencyKey", "x"),
    "documents as an object": put("documents", {"documentId": "1"}),
    "a document that is a text": put("documents", ["x"]),
    "an unknown field of a document": lambda body: body["documents"][0].update(contentType="application/pdf"),
    "a document's id as a number": lambda body: body["documents"][0].update(documentId=1),
    "recipients as a list": put("recipients", []),
    "an unknown group of recipients": lambda body: body["recipients"].update(approvers=[]),
    "signers as an object": lambda body: body["recipients"].update(signers={}),
    "an order as a number": put_signer("routingOrder", 1),
    "a recipient's id as a number": put_signer("recipientId", 1),
    "an unknown field of a signer": put_signer("emailAddress", "a@b.c"),
    "custom fields of a signer as an object": put_signer("customFields", {"a": "b"}),
    "tabs as a list": put_signer("tabs", []),
    "an unknown kind of tab": put_signer("tabs", {"signatureTabs": []}),
    "an unknown field of a tab": put_signer("tabs", {"signHereTabs": [{"anchor": "x"}]}),
    "an unknown verification": put_signer("identityVerification", {"workflow": "x"}),
    "an unknown field of a provider": put_signer("recipientSignatureProviders", [{"name": "x"}]),
    "custom fields as a list": put("customFields", []),
    "an unknown kind of custom field": lambda body: body["customFields"].update(numberCustomFields=[]),
    "a custom field that is shown by a boolean": lambda b: b["customFields"]["textCustomFields"][0].update(show=False),
    "an unknown field of a custom field": lambda b: b["customFields"]["textCustomFields"][0].update(label="x"),
    "an expiry as a number": lambda body: body["notification"]["expirations"].update(expireAfter=30),
    "an unknown reminder": lambda body: body["notification"]["reminders"].update(reminderEvery="2"),
    "an unknown notification": lambda body: body["notification"].update(remind="true"),
    "templates as texts": put("compositeTemplates", ["x"]),
    "an unknown field of a template": put("compositeTemplates", [{"template": "x"}]),
}

REQUESTS: dict[str, Request] = {
    "an unknown filter": listed(from_date="2026-01-01", modified_since="2026-01-01"),
    "a page too large": listed(from_date="2026-01-01", count="1001"),
    "a page of none": listed(from_date="2026-01-01", count="0"),
    "a camel-cased filter": listed(fromDate="2026-01-01"),
    "limit for count": listed(from_date="2026-01-01", limit="10"),
    "ids under another name": listed(ids=KEY),
    "a patch": posted({"status": "voided"}, f"{ENVELOPES}/{KEY}", "PATCH"),
    "a deletion": Request(method="DELETE", path=f"{ENVELOPES}/{KEY}"),
    "an unknown path": Request(method="GET", path=f"{ENVELOPES}/{KEY}/history"),
    "another version": Request(method="GET", path=f"/restapi/v3/accounts/{ACCOUNT}/envelopes?from_date=2026-01-01"),
    "no base path": Request(method="GET", path=f"/v2.1/accounts/{ACCOUNT}/envelopes?from_date=2026-01-01"),
    "half a JSON": posted(b'{"status": '),
    "a void reason of another name": posted({"status": "voided", "reason": "x"}, f"{ENVELOPES}/{KEY}", "PUT"),
    "a query on the trail": Request(method="GET", path=f"{ENVELOPES}/{KEY}/audit_events?from_date=2026-01-01"),
    "a form": Request(
        method="POST", path=ENVELOPES, headers={"content-type": "text/plain"}, body=b"status=sent"
    ),
}  # fmt: skip


def test_the_right_request_is_let_through() -> None:
    assert validator().problems(posted(right())) == ()


@pytest.mark.parametrize("slip", BODIES, ids=str)
def test_a_wrong_body_is_refused(slip: str) -> None:
    body = right()
    _ = BODIES[slip](body)
    assert validator().problems(posted(body))


@pytest.mark.parametrize("slip", REQUESTS, ids=str)
def test_a_wrong_request_is_refused(slip: str) -> None:
    assert validator().problems(REQUESTS[slip])
