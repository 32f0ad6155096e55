"""Requests as Ironclad's documentation prints them, over a socket: what we prove ourselves against answers them.

No client of Ironclad's API is on the package registry, so its published examples stand in for one.
Sources: developer.ironcladapp.com: "Client Credentials Grant", "Authenticate a Request", "Create a Record" (recipe),
"Update Record Metadata", "List All Records", "Filter query param", "Create an Entity", "Update an Entity", "Launch a
Workflow", "Update Workflow Metadata", "Cancel a Workflow", "Retrieve a Workflow Schema", "List All Obligations".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from clmcrm.testing.vendors.ironclad.company import OBLIGATIONS, TEMPLATE
from clmcrm.testing.vendors.ironclad.service import CLIENT, USER, FakeIronclad
from clmcrm.testing.vendors.serving import serving


class Company:
    """Asks as the examples do: bearer token, the user's address, JSON."""

    def __init__(self, origin: str, fake: FakeIronclad) -> None:
        self.origin, self.fake, self.token = origin, fake, ""

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        url = self.origin + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers |= {"Authorization": f"Bearer {self.token}", "x-as-user-email": USER}
        sent = None if body is None else json.dumps(body).encode()
        request = Request(url, method=method, headers=headers, data=sent)  # noqa: S310 - loopback
        try:
            with urlopen(request, timeout=10) as reply:  # noqa: S310 - loopback
                told = reply.read()
                return reply.status, json.loads(told) if told else None
        except HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def api(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        return self.ask(method, f"/public/api/v1{path}", body, **query)


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    fake = FakeIronclad()
    with serving(fake) as origin:
        found = Company(origin, fake)
        grant = {
            "grant_type": "client_credentials", "scope": "public.records.readRecords public.records.createRecords",
            "client_id": CLIENT[0], "client_secret": CLIENT[1],
        }  # fmt: skip
        status, told = found.ask("POST", "/oauth/token", grant)
        assert (status, told["token_type"], sorted(told)) == (
            200, "Bearer", ["access_token", "expires_in", "scope", "token_type"]
        )  # fmt: skip
        found.token = told["access_token"]
        yield found


def test_a_record_is_created_listed_filtered_changed_and_deleted(company: Company) -> None:
    new = {
        "type": "contract", "name": "My API Generated Record",
        "properties": {
            "agreementDate": {"type": "date", "value": "2018-05-08T00:00:00-07:00"},
            "counterpartyName": {"type": "string", "value": "Test LLC"},
            "contractValue": {"type": "monetary_amount", "value": {"currency": "USD", "amount": 100000}},
        },
    }  # fmt: skip
    status, record = company.api("POST", "/records", new)
    assert status == 200
    assert {"id", "ironcladId", "type", "name", "lastUpdated", "properties", "attachments", "links"} <= set(record)
    status, told = company.api(
        "GET", "/records", page="0", pageSize="20", filter="Equals([counterpartyName], 'Test LLC')"
    )
    assert (status, told["page"], told["pageSize"], told["count"], told["list"][0]["id"]) == (
        200,
        0,
        20,
        1,
        record["id"],
    )
    patch = {
        "type": "nda", "name": "Consulting Agreement with Jane Doe",
        "addProperties": {"counterpartyName": {"type": "string", "value": "Jane Doe"}},
        "removeProperties": ["agreementDate"],
    }  # fmt: skip
    status, changed = company.api("PATCH", f"/records/{record['ironcladId']}", patch)
    assert (status, changed["name"], changed["type"]) == (200, patch["name"], "nda")
    assert sorted(changed["properties"]) == ["contractValue", "counterpartyName"]
    _, since = company.api("GET", "/records", lastUpdated="2018-03-10T00:00:00.000Z")
    assert since["count"] == 1
    assert company.api("DELETE", f"/records/{record['id']}") == (204, None)
    status, gone = company.api("GET", f"/records/{record['id']}")
    assert (status, gone["code"]) == (400, "NOT_FOUND")


def test_what_is_refused_is_said_in_ironclads_form(company: Company) -> None:
    wrong = {"type": "my_nonexistent_record_type", "name": "x", "properties": {}}
    status, told = company.api("POST", "/records", wrong)
    assert (status, told) == (
        400, {"code": "INVALID_PARAM", "message": "unknown record type my_nonexistent_record_type", "param": "type"}
    )  # fmt: skip
    unknown = {
        "type": "nda",
        "name": "x",
        "properties": {"my_nonexistent_record_property": {"type": "string", "value": "x"}},
    }
    status, told = company.api("POST", "/records", unknown)
    assert (status, told["param"]) == (400, "properties.my_nonexistent_record_property")


def test_addresses_are_texts_unless_objects_are_asked_for(company: Company) -> None:
    place = {"lines": ["123 Main St."], "locality": "Los Angeles", "region": "CA", "postcode": "90001"}
    new = {"type": "nda", "name": "x", "properties": {"counterpartyAddress": {"type": "address", "value": place}}}
    _, record = company.api("POST", "/records", new)
    assert record["properties"]["counterpartyAddress"]["value"] == "123 Main St., Los Angeles, CA, 90001"
    _, again = company.api("GET", f"/records/{record['id']}", addressAsObject="true")
    assert again["properties"]["counterpartyAddress"]["value"] == place


def test_an_entity_is_created_filtered_and_changed(company: Company) -> None:
    new = {
        "name": "Ironclad Inc.", "relationshipTypeKey": ["customer"],
        "properties": {
            "entity_externalID": {"type": "string", "value": "1234567890"},
            "entity_businessType": {"type": "string", "value": "company"},
        },
    }  # fmt: skip
    status, parent = company.api("POST", "/entities", new)
    assert (status, parent["status"]) == (201, "active")
    _, told = company.api(
        "GET", "/entities", filter="Equals([entity_externalID], '1234567890')", sortField="lastUpdated",
        sortDirection="DESC",
    )  # fmt: skip
    assert [one["id"] for one in told["list"]] == [parent["id"]]
    _, child = company.api("POST", "/entities", {"name": "Child", "parent": {"recordId": parent["id"]}})
    assert child["parentId"] == parent["id"]
    status, moved = company.api("PATCH", f"/entities/{child['id']}", {"removeParent": True})
    assert (status, moved.get("parentId")) == (200, None)
    _, types = company.api("GET", "/entities/relationship-types")
    assert [one["id"] for one in types if one["name"] == "customer"] == parent["namedTypeIds"]


def test_a_workflow_is_launched_changed_and_cancelled(company: Company) -> None:
    _, form = company.api("GET", f"/workflow-schemas/{TEMPLATE}", form="launch")
    assert form["schema"]["contractValue"]["type"] == "monetaryAmount"
    launch = {
        "template": TEMPLATE,
        "attributes": {"counterpartyName": "Example Company", "contractValue": {"currency": "USD", "amount": 25.37}},
    }
    status, told = company.api("POST", "/workflows", launch)
    assert (status, told["step"], told["status"], told["isComplete"]) == (200, "Review", "active", False)
    updates = {
        "updates": [{"action": "set", "path": "counterpartyName", "value": "Example Co"}],
        "comment": "Changing attribute on a Workflow.",
    }  # fmt: skip
    status, changed = company.api("PATCH", f"/workflows/{told['id']}/attributes", updates)
    assert (status, changed["attributes"]["counterpartyName"]) == (200, "Example Co")
    status, again = company.api("PATCH", f"/workflows/{told['id']}/attributes", updates)
    assert (status, again["message"][:22]) == (400, "No information changed")
    assert company.api("POST", f"/workflows/{told['id']}/cancel", {"comment": {"message": "Not needed"}})[0] == 204
    assert company.api("GET", "/workflows")[1]["count"] == 0
    assert company.api("GET", "/workflows", status="cancelled")[1]["count"] == 1


def test_obligations_are_listed(company: Company) -> None:
    _ = company.fake.company.add(
        OBLIGATIONS, {"name": "Report", "parentReadableId": "IC-1", "properties": {}, "namedTypeIds": ["t"]}
    )
    _, told = company.api("GET", "/obligations", sortField="lastUpdated", sortDirection="DESC")
    assert [one["name"] for one in told["list"]] == ["Report"]


def test_nobody_is_let_in_without_a_token_or_a_user(company: Company) -> None:
    token, company.token = company.token, ""
    try:
        assert company.api("GET", "/records")[0] == 401
        assert company.ask("POST", "/oauth/token", {"grant_type": "client_credentials", "scope": "x"})[0] == 401
    finally:
        company.token = token
