"""The validator in front of our PandaDoc refuses what its description does not name; each row is one slip of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from attrs import evolve
from docusign_desk import ANN, BEN, DOCUMENT, asked, needs_descriptions, validator
from pandadoc_desk import SPEC, SPOT

from clmcrm.adapters.forms import form
from clmcrm.adapters.pandadoc.definition import Sending, fields_at, mail_of, parts_of, reminders_of, settings_of
from clmcrm.clm.signature import Authentication
from clmcrm.testing.closed.validator import Problem, Request
from clmcrm.testing.vendors.pandadoc.requests import as_described

pytestmark = needs_descriptions
BASE = "/public/v1/documents"
KEY = "msFYActMfJHqNTKH8YSvF1"
ASKED = asked("R-1", evolve(ANN, authentication=Authentication.ID_DOCUMENT), BEN, remind_after=2, remind_every=3)
Body = dict[str, Any]


def problems(request: Request) -> list[Problem]:
    return [problem for one in as_described(request) for problem in validator(SPEC).problems(one)]


def sent(body: Any, step: str, method: str = "POST", version: str = "v1") -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"content-type": "application/json"}
    return Request(method=method, path=f"/public/{version}/documents/{KEY}/{step}", headers=kind, body=raw)


def uploaded(data: Any, path: str = f"{BASE}?upload", **files: bytes) -> Request:
    text = data if isinstance(data, str) else json.dumps(data)
    body, kind = form([("data", text)], {name: ("c.pdf", told) for name, told in files.items()})
    return Request(method="POST", path=path, headers={"content-type": kind}, body=body)


def listed(**query: str) -> Request:
    return Request(method="GET", path=f"{BASE}?{urlencode(query)}")


def got(step: str, version: str = "v1") -> Request:
    return Request(method="GET", path=f"/public/{version}/documents/{step}")


def data() -> Body:
    made: Body = json.loads(parts_of(ASKED, DOCUMENT, Sending())[0])
    return made


def fields() -> Body:
    made: Body = json.loads(json.dumps(fields_at(SPOT, {"signer1": KEY})))
    return made


RIGHT: dict[str, Request] = {
    "a document": uploaded(data(), file=DOCUMENT),
    "a list": listed(metadata_clmcrm_sender="x", count="100", page="1", order_by="date_modified"),
    "a list since": listed(metadata_clmcrm_sender="x", modified_from="2026-01-01T00:00:00.000000Z", deleted="true"),
    "a look": got(KEY),
    "details": got(f"{KEY}/details"),
    "a trail": got(f"{KEY}/audit-trail?limit=100&offset=0", "v2"),
    "a file": got(f"{KEY}/download-protected"),
    "fields": sent(fields(), "fields"),
    "settings": sent(settings_of(ASKED, 30), "settings", "PATCH", "v2"),
    "reminders": sent(reminders_of(ASKED), "auto-reminders", "PATCH"),
    "a sending": sent(mail_of(ASKED, Sending(message="Please")), "send"),
    "a voiding": sent({"status": 11, "note": "x", "notify_recipients": True}, "status", "PATCH"),
}


def put(name: str, value: Any) -> Callable[[Body], object]:
    return lambda body: body.update({name: value})


def put_signer(name: str, value: Any) -> Callable[[Body], object]:
    return lambda body: body["recipients"][0].update({name: value})


DATA: dict[str, Callable[[Body], object]] = {
    "a misspelt name": put("title", "x"),
    "an idempotency key": put("idempotency_key", "x"),
    "camel case": put("parseFormFields", False),
    "form fields as a text": put("parse_form_fields", "false"),
    "recipients as an object": put("recipients", {}),
    "a recipient that is a text": put("recipients", ["ann@example.org"]),
    "an address as a number": put_signer("email", 7),
    "a whole name": put_signer("name", "Ann"),
    "an order as a text": put_signer("signing_order", "1"),
    "a list of roles": put_signer("roles", ["signer1"]),
    "an unknown kind of check": put_signer("verification_settings", {"verification_place": "before_open", "sms": {}}),
    "a check at an unknown place": put_signer("verification_settings", {"verification_place": "always"}),
    "metadata as a list": put("metadata", []),
    "tags as a text": put("tags", "clmcrm"),
    "an end of its own": put("expires_in", 30),
    "a message of its own": put("message", "x"),
    "a subject of its own": put("subject", "x"),
}

REQUESTS: dict[str, Request] = {
    "half a JSON in a form": uploaded('{"name": ', file=DOCUMENT),
    "an unknown part of a form": uploaded(data(), file=DOCUMENT, other=DOCUMENT),
    "a form to the address for JSON": uploaded(data(), path=BASE, file=DOCUMENT),
    "an unknown filter": listed(modified_since="2026-01-01"),
    "our id without the prefix": listed(clmcrm_request="x"),
    "limit for count": listed(limit="10"),
    "a page too large": listed(count="101"),
    "a page of none": listed(count="0"),
    "the page before the first": listed(page="0"),
    "an unknown order": listed(order_by="modified"),
    "a day that is no instant": listed(modified_from="yesterday"),
    "a status as a word": listed(status="document.sent"),
    "deleted as a number": listed(deleted="1"),
    "a page of a trail too large": got(f"{KEY}/audit-trail?limit=101", "v2"),
    "a trail of the older version": got(f"{KEY}/audit-trail"),
    "a query on details": got(f"{KEY}/details?include=metadata"),
    "an unknown path": got(f"{KEY}/history"),
    "another version": Request(method="GET", path=f"/public/v3/documents/{KEY}"),
    "no version": Request(method="GET", path=f"/documents/{KEY}"),
    "a put": sent({"status": 11}, "status", "PUT"),
    "a status in words": sent({"status": "document.voided"}, "status", "PATCH"),
    "a status that nobody sets": sent({"status": 1}, "status", "PATCH"),
    "a reason under another name": sent({"status": 11, "reason": "x"}, "status", "PATCH"),
    "silence as a text": sent({"silent": "yes"}, "send"),
    "an unknown field of a mail": sent({"title": "x"}, "send"),
    "a reminder before the first day": sent({"enabled": True, "initial_delay_days": 0}, "auto-reminders", "PATCH"),
    "a reminder after half a year": sent({"enabled": True, "initial_delay_days": 181}, "auto-reminders", "PATCH"),
    "a reminder by post": sent({"enabled": True, "delivery_method": "post"}, "auto-reminders", "PATCH"),
    "a reminder that says nothing": sent({}, "auto-reminders", "PATCH"),
    "an end of no days": sent({"expires_in": 0}, "settings", "PATCH", "v2"),
    "an end as a day": sent({"expires_at": "2026-01-01"}, "settings", "PATCH", "v2"),
    "settings of the older version": sent({"expires_in": 30}, "settings", "PATCH"),
    "half a JSON": sent(b'{"silent": ', "send"),
    "a form for JSON": Request(
        method="POST", path=f"{BASE}/{KEY}/send", headers={"content-type": "text/plain"}, body=b"silent=true"
    ),
}  # fmt: skip

FIELDS: dict[str, Callable[[Body], object]] = {
    "an unknown kind of field": put("type", "sign"),
    "a field without a place": lambda field: field.pop("layout"),
    "a page as a text": lambda field: field["layout"].update(page="1"),
    "a place above the page": lambda field: field["layout"]["position"].update(offset_y=-1),
    "a place from the middle": lambda field: field["layout"]["position"].update(anchor_point="middle"),
    "a field without a size": lambda field: field["layout"].pop("style"),
    "a recipient by address": put("recipient", "ann@example.org"),
}


@pytest.mark.parametrize("asked_for", RIGHT, ids=str)
def test_a_right_request_is_let_through(asked_for: str) -> None:
    assert problems(RIGHT[asked_for]) == []


@pytest.mark.parametrize("slip", DATA, ids=str)
def test_wrong_data_of_a_document_is_refused(slip: str) -> None:
    body = data()
    _ = DATA[slip](body)
    assert problems(uploaded(body, file=DOCUMENT))


@pytest.mark.parametrize("slip", FIELDS, ids=str)
def test_a_wrong_field_is_refused(slip: str) -> None:
    body = fields()
    _ = FIELDS[slip](body["fields"][0])
    assert problems(sent(body, "fields"))


@pytest.mark.parametrize("slip", REQUESTS, ids=str)
def test_a_wrong_request_is_refused(slip: str) -> None:
    assert problems(REQUESTS[slip])
