"""Requests that are wrong in one way each, and the description refuses every one of them; right ones it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pipedrive_suite import DESCRIBED

from clmcrm.testing.closed.validator import Request

ORGS = "/api/v2/organizations"
PERSONS = "/api/v2/persons"
DEALS = "/api/v2/deals"
CODE = "d4de1c1518b4531717c676029a45911c340390a6"
SEARCH = "/api/v2/itemSearch/field"
TERM = f"{SEARCH}?term=a%3A7&entity_type=deal&field={CODE}&match=exact&limit=50"
KEY = {"custom_fields": {CODE: "account:7"}}
ORG: dict[str, Any] = {"name": "Durand", **KEY}
DEAL: dict[str, Any] = {"title": "Licences", **KEY}
PERSON: dict[str, Any] = {"first_name": "Ada", **KEY}
EMAIL = {"value": "ada@example.org", "primary": True, "label": "work"}
HUNDRED = ",".join(str(number) for number in range(1, 101))

RIGHT: dict[str, tuple[str, str, Any]] = {
    "a page": ("GET", f"{ORGS}?sort_by=id&sort_direction=asc&limit=500&cursor=eyJpZCI6N30%3D", None),
    "what changed": ("GET", f"{DEALS}?status=open,won,lost,deleted&updated_since=2026-05-07T09:30:00Z", None),
    "archived deals": ("GET", f"{DEALS}/archived?limit=500&include_fields=products_count", None),
    "a hundred ids": ("GET", f"{ORGS}?ids={HUNDRED}", None),
    "our custom fields": ("GET", f"{PERSONS}/7?custom_fields={CODE},{CODE}", None),
    "products": ("GET", f"{DEALS}/products?deal_ids={HUNDRED}&limit=500", None),
    "a search by our key": ("GET", TERM, None),
    "a new organization": ("POST", ORGS, {**ORG, "address": {"value": "10 rue Bleue, Paris", "country": "FR"}}),
    "a new person": ("POST", PERSONS, {**PERSON, "emails": [EMAIL], "phones": []}),
    "a new deal": ("POST", DEALS, {**DEAL, "value": 12.5, "currency": "EUR", "status": "won"}),
    "an empty loss reason": ("PATCH", f"{DEALS}/7", {"lost_reason": None}),
    "an emptied custom field": ("PATCH", f"{DEALS}/7", {"custom_fields": {CODE: None}}),
    "a removal": ("DELETE", f"{PERSONS}/7", None),
    "a field of ours": ("POST", "/api/v2/dealFields", {"field_name": "clmcrm key", "field_type": "varchar"}),
    "a changelog": ("GET", "/api/v1/deals/7/changelog?limit=500", None),
    "who asks": ("GET", "/api/v1/users/me", None),
}

WRONG: dict[str, tuple[str, str, Any]] = {
    "a page of 501": ("GET", f"{ORGS}?limit=501", None),
    "a page of none": ("GET", f"{ORGS}?limit=0", None),
    "a page by offset": ("GET", f"{ORGS}?start=100", None),
    "an order by name": ("GET", f"{ORGS}?sort_by=name", None),
    "an order of version 1": ("GET", f"{ORGS}?sort=update_time%20DESC", None),
    "a direction that is none": ("GET", f"{ORGS}?sort_direction=up", None),
    "101 ids": ("GET", f"{ORGS}?ids={HUNDRED},101", None),
    "an id that is zero": ("GET", f"{ORGS}?ids=0", None),
    "an id that is a text": ("GET", f"{ORGS}?ids=7;8", None),
    "fractions of a second": ("GET", f"{ORGS}?updated_since=2026-05-07T09:30:00.123Z", None),
    "a time without a zone": ("GET", f"{ORGS}?updated_since=2026-05-07T09:30:00", None),
    "sixteen custom fields": ("GET", f"{ORGS}?custom_fields={','.join([CODE] * 16)}", None),
    "a custom field by its name": ("GET", f"{ORGS}?custom_fields=clmcrm%20key", None),
    "a status of organizations": ("GET", f"{ORGS}?status=deleted", None),
    "a status that is none": ("GET", f"{DEALS}?status=all_not_deleted", None),
    "a record's id as a path": ("GET", f"{ORGS}/7/../8", None),
    "products of 101 deals": ("GET", f"{DEALS}/products?deal_ids={HUNDRED},101", None),
    "products of no deal": ("GET", f"{DEALS}/products", None),
    "a search without a term": ("GET", f"{SEARCH}?entity_type=deal&field={CODE}", None),
    "a search by a field's name": ("GET", f"{SEARCH}?term=a&entity_type=deal&field=clmcrm", None),
    "a search of version 1": ("GET", f"{SEARCH}?term=a&field_type=dealField&field_key={CODE}", None),
    "a search for leads": ("GET", TERM.replace("deal", "lead"), None),
    "an organization without a name": ("POST", ORGS, KEY),
    "an organization with an empty name": ("POST", ORGS, {**ORG, "name": ""}),
    "an organization without our key": ("POST", ORGS, {"name": "Durand"}),
    "a misspelt field": ("POST", ORGS, {**ORG, "web_site": "x"}),
    "a field of version 1": ("POST", ORGS, {**ORG, "active_flag": True}),
    "a custom field beside the others": ("POST", ORGS, {**ORG, CODE: "x"}),
    "an owner as a text": ("POST", ORGS, {**ORG, "owner_id": "7"}),
    "an address as a text": ("POST", ORGS, {**ORG, "address": "10 rue Bleue"}),
    "an address without its line": ("POST", ORGS, {**ORG, "address": {"country": "FR"}}),
    "an address with a strange part": ("POST", ORGS, {**ORG, "address": {"value": "x", "zip": "1"}}),
    "labels as a text": ("PATCH", f"{ORGS}/7", {"label_ids": "1,2"}),
    "a visibility that is none": ("PATCH", f"{ORGS}/7", {"visible_to": 2}),
    "nothing to change": ("PATCH", f"{ORGS}/7", {}),
    "a person's name beside its parts": ("POST", PERSONS, {**PERSON, "name": "Ada Byron"}),
    "an email as a text": ("POST", PERSONS, {**PERSON, "emails": ["ada@example.org"]}),
    "an email without a value": ("POST", PERSONS, {**PERSON, "emails": [{"label": "work"}]}),
    "the email of version 1": ("POST", PERSONS, {**PERSON, "email": [EMAIL]}),
    "a deal without a title": ("POST", DEALS, KEY),
    "an amount as a text": ("POST", DEALS, {**DEAL, "value": "12.50"}),
    "a currency in small letters": ("POST", DEALS, {**DEAL, "currency": "eur"}),
    "a status to delete with": ("PATCH", f"{DEALS}/7", {"status": "deleted"}),
    "a probability of 101": ("PATCH", f"{DEALS}/7", {"probability": 101}),
    "no day of closing": ("PATCH", f"{DEALS}/7", {"expected_close_date": None}),
    "a day with a time": ("PATCH", f"{DEALS}/7", {"expected_close_date": "2026-05-07T00:00:00Z"}),
    "a custom field that is a number": ("PATCH", f"{DEALS}/7", {"custom_fields": {CODE: 7}}),
    "a change by PUT": ("PUT", f"{DEALS}/7", {"title": "x"}),
    "deals of version 1": ("GET", "/api/v1/deals", None),
    "a batch of removals": ("DELETE", f"{DEALS}?ids=1,2", None),
    "a field of no type": ("POST", "/api/v2/dealFields", {"field_name": "x"}),
    "a body that is a list": ("POST", ORGS, [ORG]),
}


def request(method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> Request:
    told = {"Content-Type": "application/json", "x-api-token": "x"} if headers is None else headers
    return Request(method=method, path=path, headers=told, body=b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_is_taken(name: str) -> None:
    assert DESCRIBED.problems(request(*RIGHT[name])) == ()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused(name: str) -> None:
    assert DESCRIBED.problems(request(*WRONG[name]))


def test_a_request_without_a_token_is_refused() -> None:
    bare = request("GET", ORGS, None, {})
    assert [str(one) for one in DESCRIBED.problems(bare)] == ["header x-api-token: is required"]


def test_there_are_thirty_wrong_ones_at_least() -> None:
    assert len(WRONG) >= 30
