"""Requests written by hand as an adapter sends them, and the slips an adapter makes: each vendor's own words."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clmcrm.testing.closed.description import FOLDER, load_description
from clmcrm.testing.closed.overlay import OVERLAYS
from clmcrm.testing.closed.validator import ClosedValidator, Request

_ = pytest.importorskip("jsonschema_rs", reason="jsonschema_rs is in the extra test")
_ = pytest.importorskip("yaml", reason="PyYAML is in the extra test")

SPECS = Path(os.environ.get(FOLDER, Path(__file__).parents[4] / "shared" / "specs"))
pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason=f"no folder {SPECS}")

DOCUSIGN, PANDADOC, DROPBOX = "docusign_esign_2.1_subset.json", "pandadoc_8.8.json", "dropbox_sign_3.0.yaml"
ENVELOPES = "/restapi/v2.1/accounts/17/envelopes"
ENVELOPE = {
    "emailSubject": "Please sign C-9", "status": "sent", "transactionId": "C-9-1",
    "documents": [{"documentBase64": "aGk=", "documentId": "1", "fileExtension": "pdf", "name": "C-9"}],
    "recipients": {"signers": [{"email": "a@example.com", "name": "Ann", "recipientId": "1", "routingOrder": "1"}]},
    "customFields": {"textCustomFields": [{"name": "clmcrm", "value": "C-9"}]},
}  # fmt: skip
DOCUMENT = {
    "name": "C-9", "template_uuid": "x", "metadata": {"clmcrm": "C-9"}, "tokens": [{"name": "client", "value": "Ann"}],
    "recipients": [{"email": "a@example.com", "first_name": "Ann", "last_name": "A", "role": "client"}],
}  # fmt: skip
SEND = {
    "template_ids": ["t1"], "subject": "C-9", "message": "Please sign", "test_mode": True,
    "metadata": {"clmcrm": "C-9"},
    "signers": [{"role": "Client", "name": "Ann", "email_address": "a@example.com"}],
}  # fmt: skip


@cache
def closed(name: str) -> ClosedValidator:
    description = load_description(SPECS / name)
    return ClosedValidator(description, OVERLAYS.get(description.name, ()))


def told(vendor: str, method: str, path: str, value: Any = None) -> str:
    if not (SPECS / vendor).is_file():
        pytest.skip(f"{vendor} is not in {SPECS}")
    headers = {} if value is None else {"Content-Type": "application/json"}
    body = b"" if value is None else json.dumps(value).encode()
    found = closed(vendor).problems(Request(method=method, path=path, headers=headers, body=body))
    return "; ".join(str(problem) for problem in found)


@pytest.mark.parametrize(
    ("vendor", "method", "path", "value"),
    [
        (DOCUSIGN, "POST", ENVELOPES, ENVELOPE),
        (DOCUSIGN, "GET", f"{ENVELOPES}?from_date=2026-01-01T00:00:00Z&status=completed&count=1000", None),
        (DOCUSIGN, "PUT", f"{ENVELOPES}/e1", {"status": "voided", "voidedReason": "lost"}),
        (PANDADOC, "POST", "/public/v1/documents", DOCUMENT),
        (PANDADOC, "GET", "/public/v1/documents?count=100&page=2&modified_from=2026-01-01T00:00:00Z", None),
        (PANDADOC, "POST", "/public/v1/documents/d1/send", {"subject": "C-9", "silent": True}),
        (DROPBOX, "POST", "/v3/signature_request/send_with_template", SEND),
        (DROPBOX, "GET", "/v3/signature_request/list?page=1&page_size=100", None),
    ],
)
def test_a_request_as_it_is_sent_is_let_through(vendor: str, method: str, path: str, value: Any) -> None:
    assert told(vendor, method, path, value) == ""


@pytest.mark.parametrize(
    ("vendor", "method", "path", "value", "why"),
    [
        (DOCUSIGN, "POST", ENVELOPES, ENVELOPE | {"emailSubjct": "x"}, "emailSubjct"),
        (DOCUSIGN, "POST", ENVELOPES, ENVELOPE | {"transactionID": "x"}, "transactionID"),
        (DOCUSIGN, "POST", ENVELOPES, ENVELOPE | {"recipients": {"signer": []}}, "signer"),
        (DOCUSIGN, "POST", ENVELOPES, ENVELOPE | {"recipients": {"signers": [{"mail": "a"}]}}, "mail"),
        (DOCUSIGN, "POST", ENVELOPES, ENVELOPE | {"documents": {"documentId": "1"}}, "documents"),
        (DOCUSIGN, "POST", "/v2.1/accounts/17/envelopes", ENVELOPE, "not described"),
        (DOCUSIGN, "GET", f"{ENVELOPES}?count=1001", None, "not 1 to 1000"),
        (DOCUSIGN, "GET", f"{ENVELOPES}?fromDate=2026-01-01", None, "fromDate"),
        (DOCUSIGN, "PATCH", f"{ENVELOPES}/e1", {"status": "voided"}, "PATCH is not described"),
        (PANDADOC, "POST", "/public/v1/documents", DOCUMENT | {"template": "x"}, "template"),
        (PANDADOC, "POST", "/public/v1/documents", DOCUMENT | {"recipients": [{"email": 7}]}, "recipients"),
        (PANDADOC, "POST", "/public/v1/documents", DOCUMENT | {"tokens": {"client": "Ann"}}, "tokens"),
        (PANDADOC, "GET", "/public/v1/documents?count=101", None, "100"),
        (PANDADOC, "GET", "/public/v1/documents?per_page=10", None, "per_page"),
        (PANDADOC, "POST", "/public/v1/documents/d1/send", {"silent": "yes"}, "silent"),
        (PANDADOC, "PUT", "/public/v1/documents", DOCUMENT, "PUT is not described"),
        (DROPBOX, "POST", "/v3/signature_request/send_with_template", SEND | {"template_id": "t"}, "template_id"),
        (DROPBOX, "POST", "/v3/signature_request/send_with_template", SEND | {"signers": [{"role": "a"}]}, "signers"),
        (DROPBOX, "POST", "/v3/signature_request/send_with_template", SEND | {"test_mode": "1"}, "test_mode"),
        (DROPBOX, "POST", "/v3/signature_request/send_with_template", {"subject": "x"}, "required"),
        (DROPBOX, "GET", "/v3/signature_request/list?page_size=101", None, "not 1 to 100"),
        (DROPBOX, "GET", "/signature_request/list", None, "not described"),
        (DROPBOX, "DELETE", "/v3/signature_request/list", None, "DELETE is not described"),
    ],
)
def test_an_adapters_slip_is_refused_and_named(vendor: str, method: str, path: str, value: Any, why: str) -> None:
    assert why in told(vendor, method, path, value)
