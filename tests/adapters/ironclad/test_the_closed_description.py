"""Requests that are wrong in one way each, and the description refuses every one of them; right ones it takes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from ironclad_desk import DESCRIBED

from clmcrm.testing.closed.validator import Request

BASE = "/public/api/v1"
TEXT = {"type": "string", "value": "Jane Doe"}
RECORD: dict[str, Any] = {"type": "nda", "name": "NDA", "properties": {"counterpartyName": TEXT}}
ENTITY: dict[str, Any] = {"name": "Durand", "relationshipTypeKey": ["customer"], "properties": {"entity_x": TEXT}}
LAUNCH: dict[str, Any] = {"template": "600b", "attributes": {"counterpartyName": "Durand"}}
SET = {"action": "set", "path": "counterpartyName", "value": "Durand"}
GRANT = {
    "grant_type": "client_credentials",
    "scope": "public.records.readRecords",
    "client_id": "a",
    "client_secret": "b",
}


def listed(place: str, **query: str) -> tuple[str, str, Any]:
    return "GET", f"{BASE}/{place}?{urlencode(query)}", None


def record(**properties: Any) -> tuple[str, str, Any]:
    return "POST", f"{BASE}/records", {**RECORD, "properties": properties}


def with_value(kind: str, value: Any) -> tuple[str, str, Any]:
    return record(p={"type": kind, "value": value})


def patched(place: str, **body: Any) -> tuple[str, str, Any]:
    return "PATCH", f"{BASE}/{place}/7", body


RIGHT: dict[str, tuple[str, str, Any]] = {
    "a token": ("POST", "/oauth/token", GRANT),
    "a list of records": listed(
        "records", page="0", pageSize="100", sortField="lastUpdated", sortDirection="DESC", addressAsObject="true",
        lastUpdated="2026-05-07T12:00:00.123Z",
    ),
    "records by our key": listed("records", filter="Or(Equals([clmcrmKey], 'a'), Equals([clmcrmKey], 'b'))"),
    "a record": ("POST", f"{BASE}/records?addressAsObject=true", RECORD),
    "an amount": with_value("monetary_amount", {"currency": "USD", "amount": 25.37}),
    "an address": with_value("address", {"lines": ["1 Main St"], "locality": "Paris"}),
    "a changed record": patched("records", addProperties={"counterpartyName": TEXT}, removeProperties=["a"]),
    "an amendment": patched("records", setParent={"recordId": "r", "parentLinkType": "amendment"}),
    "an entity": ("POST", f"{BASE}/entities", ENTITY),
    "an archived entity": patched("entities", status="INACTIVE"),
    "a launch": ("POST", f"{BASE}/workflows", LAUNCH),
    "workflows of every status": listed("workflows", status="active,paused,completed,cancelled"),
    "a changed attribute": ("PATCH", f"{BASE}/workflows/7/attributes", {"updates": [SET]}),
    "a cancellation": ("POST", f"{BASE}/workflows/7/cancel", {"comment": {"message": "gone"}}),
    "a launch form": ("GET", f"{BASE}/workflow-schemas/600b?form=launch", None),
}  # fmt: skip

WRONG: dict[str, tuple[str, str, Any]] = {
    "a page of 101": listed("records", pageSize="101"),
    "a page of none": listed("entities", pageSize="0"),
    "a page before the first": listed("records", page="-1"),
    "a list with a key it has not": listed("records", updatedSince="2026-01-01"),
    "entities by their last change": listed("entities", lastUpdated="2026-05-07T12:00:00.000Z"),
    "a last change without a time": listed("records", lastUpdated="2026-05-07"),
    "a last change in another zone": listed("records", lastUpdated="2026-05-07T12:00:00.000+02:00"),
    "records sorted by a property": listed("records", sortField="clmcrmKey"),
    "records in the order of age": listed("records", sortField="lastUpdated", sortDirection="ASC"),
    "a filter without quotes": listed("records", filter="Equals([clmcrmKey], a)"),
    "a filter with a quote in its text": listed("records", filter="Equals([clmcrmKey], 'a'b')"),
    "a filter that goes on after its end": listed("records", filter="Equals([k], 'a'), IsEmpty([x])"),
    "an operation that is none": listed("records", filter="Like([k], 'a')"),
    "one of one": listed("records", filter="Or(Equals([k], 'a'))"),
    "a filter of 4,001 letters": listed("records", filter=f"Equals([k], '{'a' * 4_000}')"),
    "workflows of no status": listed("workflows", page="0"),
    "workflows of a status that is none": listed("workflows", status="active,done"),
    "sorted workflows": listed("workflows", status="active", sortField="lastUpdated"),
    "a launch form of another step": ("GET", f"{BASE}/workflow-schemas/600b?form=review", None),
    "a record without a type": ("POST", f"{BASE}/records", {"name": "NDA", "properties": {}}),
    "a record without properties": ("POST", f"{BASE}/records", {"type": "nda", "name": "NDA"}),
    "a record with an id": ("POST", f"{BASE}/records", {**RECORD, "id": "7"}),
    "a record with a status": ("POST", f"{BASE}/records", {**RECORD, "contractStatus": {"status": "active"}}),
    "a property without a type": record(p={"value": "x"}),
    "a property without a value": record(p={"type": "string"}),
    "a bare property": record(p="x"),
    "a property that is null": record(p=None),
    "a property of a type that is none": with_value("text", "x"),
    "a property with what it said before": record(p={**TEXT, "originalValue": "x"}),
    "an empty text": with_value("string", ""),
    "a text of 32,001 letters": with_value("string", "x" * 32_001),
    "a number as a text": with_value("number", "5"),
    "an amount as a text": with_value("monetary_amount", {"currency": "USD", "amount": "5"}),
    "an amount without a currency": with_value("monetary_amount", {"amount": 5}),
    "an amount in words": with_value("monetary_amount", {"currency": "Dollars", "amount": 5}),
    "a flag as a text": with_value("boolean", "true"),
    "a date without a time": with_value("date", "2026-05-07"),
    "a date without a zone": with_value("date", "2026-05-07T00:00:00"),
    "a length in hours": with_value("duration", "PT5H"),
    "an empty length": with_value("duration", "P"),
    "an address of five lines": with_value("address", {"lines": ["x"] * 5}),
    "an address with a part it has not": with_value("address", {"city": "Paris"}),
    "an e-mail address that is none": with_value("email", "ada"),
    "an empty list": with_value("array", []),
    "a reference by name": with_value("reference", "Durand"),
    "a change of nothing": patched("records"),
    "a change that empties no property": patched("records", removeProperties=[]),
    "a change by the words of a creation": patched("records", properties={"counterpartyName": TEXT}),
    "a parent without an id": patched("records", setParent={"parentLinkType": "amendment"}),
    "a link of a kind that is none": patched("records", setParent={"recordId": "r", "parentLinkType": "renewal"}),
    "an entity without a name": ("POST", f"{BASE}/entities", {"properties": {}}),
    "two relationship types": ("POST", f"{BASE}/entities", {**ENTITY, "relationshipTypeKey": ["customer", "vendor"]}),
    "no relationship type": patched("entities", relationshipTypeKey=[]),
    "a status in small letters": patched("entities", status="inactive"),
    "a deleted entity": ("DELETE", f"{BASE}/entities/7", None),
    "a launch without a counterparty": ("POST", f"{BASE}/workflows", {"template": "600b", "attributes": {}}),
    "a launch without a form": ("POST", f"{BASE}/workflows", {"attributes": LAUNCH["attributes"]}),
    "a launch with its creator": ("POST", f"{BASE}/workflows", {**LAUNCH, "creator": {"email": "a@b.c"}}),
    "an attribute as a property": ("POST", f"{BASE}/workflows", {**LAUNCH, "attributes": {"counterpartyName": TEXT}}),
    "an update of nothing": ("PATCH", f"{BASE}/workflows/7/attributes", {"updates": []}),
    "an attribute set to nothing": ("PATCH", f"{BASE}/workflows/7/attributes", {"updates": [{**SET, "value": None}]}),
    "an attribute removed with a value": (
        "PATCH", f"{BASE}/workflows/7/attributes", {"updates": [{**SET, "action": "remove"}]}
    ),
    "a cancellation without a word": ("POST", f"{BASE}/workflows/7/cancel", {"comment": {"message": ""}}),
    "an obligation that is written": ("POST", f"{BASE}/obligations", {"name": "x", "parentId": "r"}),
    "a replaced record": ("PUT", f"{BASE}/records/7", RECORD),
    "a record as a list": ("POST", f"{BASE}/records", [RECORD]),
    "a token by password": ("POST", "/oauth/token", {**GRANT, "grant_type": "password"}),
    "a token without scopes": ("POST", "/oauth/token", {k: v for k, v in GRANT.items() if k != "scope"}),
    "a path of another version": ("GET", "/public/api/v2/records", None),
}  # fmt: skip


def request(method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> Request:
    known = {"Content-Type": "application/json", "Authorization": "Bearer x", "x-as-user-email": "a@b.c"}
    told = known if headers is None else headers
    return Request(method=method, path=path, headers=told, body=b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_is_taken(name: str) -> None:
    assert DESCRIBED.problems(request(*RIGHT[name])) == ()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused(name: str) -> None:
    assert DESCRIBED.problems(request(*WRONG[name]))


def test_a_request_without_a_token_is_refused() -> None:
    bare = request("GET", f"{BASE}/records", None, {"x-as-user-email": "a@b.c"})
    assert [str(one) for one in DESCRIBED.problems(bare)] == ["header Authorization: is required"]


def test_there_are_thirty_wrong_ones_at_least() -> None:
    assert len(WRONG) >= 30
