"""Requests that are wrong in one way each, and the description refuses every one of them; right ones it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hubspot_suite import DESCRIBED

from clmcrm.testing.closed.validator import Request

OBJECTS = "/crm/v3/objects/companies"
READ = f"{OBJECTS}/batch/read"
LINKS = "/crm/v4/associations/contacts/companies/batch"
SEARCH: dict[str, Any] = {
    "filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "GT", "value": "7"}]}],
    "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
    "properties": ["name"],
    "limit": 200,
}
CREATE: dict[str, Any] = {"inputs": [{"properties": {"name": "Durand"}, "associations": []}]}
UPDATE: dict[str, Any] = {"inputs": [{"id": "1001", "properties": {"name": "Durand"}}]}
UPSERT: dict[str, Any] = {"inputs": [{"id": "k", "idProperty": "clmcrm_key", "properties": {"name": "Durand"}}]}
TYPES = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]


def many(body: dict[str, Any], count: int) -> dict[str, Any]:
    return {"inputs": body["inputs"] * count}


def only(filters: list[dict[str, Any]]) -> dict[str, Any]:
    return {**SEARCH, "filterGroups": [{"filters": filters}]}


RIGHT: dict[str, tuple[str, str, Any]] = {
    "a search": ("POST", f"{OBJECTS}/search", SEARCH),
    "a full batch of creations": ("POST", f"{OBJECTS}/batch/create", many(CREATE, 100)),
    "an update": ("POST", f"{OBJECTS}/batch/update", UPDATE),
    "an upsert": ("POST", f"{OBJECTS}/batch/upsert", UPSERT),
    "a batch read": ("POST", READ, {"inputs": [{"id": "1"}] * 100, "properties": ["name"]}),
    "a read of archived records": ("POST", f"{READ}?archived=true", {"inputs": [{"id": "1"}], "properties": ["name"]}),
    "a read by our key": ("POST", READ, {"inputs": [{"id": "a:1"}], "properties": [], "idProperty": "clmcrm_key"}),
    "a read with the past": (
        "POST", READ, {"inputs": [{"id": "1"}] * 50, "properties": [], "propertiesWithHistory": ["name"]}
    ),
    "a list of archived records": ("GET", f"{OBJECTS}?archived=true&limit=100&after=7", None),
    "a contract": ("POST", "/crm/objects/2026-09/contracts/batch/create", CREATE),
    "a label that ends": (
        "POST", f"{LINKS}/labels/archive", {"inputs": [{"types": TYPES, "from": {"id": "1"}, "to": {"id": "2"}}]}
    ),
    "associations": ("POST", f"{LINKS}/create", {"inputs": [{"types": TYPES, "from": {"id": "1"}, "to": {"id": "2"}}]}),
}  # fmt: skip

WRONG: dict[str, tuple[str, str, Any]] = {
    "a search for 201 rows": ("POST", f"{OBJECTS}/search", {**SEARCH, "limit": 201}),
    "a search for none": ("POST", f"{OBJECTS}/search", {**SEARCH, "limit": 0}),
    "two sorting rules": ("POST", f"{OBJECTS}/search", {**SEARCH, "sorts": SEARCH["sorts"] * 2}),
    "a sorting rule as a text": ("POST", f"{OBJECTS}/search", {**SEARCH, "sorts": ["hs_object_id"]}),
    "six groups of filters": ("POST", f"{OBJECTS}/search", {**SEARCH, "filterGroups": SEARCH["filterGroups"] * 6}),
    "seven filters": ("POST", f"{OBJECTS}/search", only(SEARCH["filterGroups"][0]["filters"] * 7)),
    "no filter in a group": ("POST", f"{OBJECTS}/search", only([])),
    "an operator that is none": (
        "POST", f"{OBJECTS}/search", only([{"propertyName": "name", "operator": "LIKE", "value": "x"}])
    ),
    "a filter with a number": (
        "POST", f"{OBJECTS}/search", only([{"propertyName": "name", "operator": "EQ", "value": 7}])
    ),
    "a filter without a value": ("POST", f"{OBJECTS}/search", only([{"propertyName": "name", "operator": "EQ"}])),
    "a presence with a value": (
        "POST", f"{OBJECTS}/search", only([{"propertyName": "name", "operator": "HAS_PROPERTY", "value": "x"}])
    ),
    "a property's name with a quote": (
        "POST", f"{OBJECTS}/search", only([{"propertyName": "name' OR 1", "operator": "EQ", "value": "x"}])
    ),
    "a misspelt key of a search": ("POST", f"{OBJECTS}/search", {**SEARCH, "filters": []}),
    "a cursor that is no number": ("POST", f"{OBJECTS}/search", {**SEARCH, "after": "next"}),
    "101 creations": ("POST", f"{OBJECTS}/batch/create", many(CREATE, 101)),
    "no creation": ("POST", f"{OBJECTS}/batch/create", {"inputs": []}),
    "a property that is a number": (
        "POST", f"{OBJECTS}/batch/create", {"inputs": [{"properties": {"amount": 7}, "associations": []}]}
    ),
    "a property that is null": (
        "POST", f"{OBJECTS}/batch/update", {"inputs": [{"id": "1", "properties": {"name": None}}]}
    ),
    "a creation without its associations": ("POST", f"{OBJECTS}/batch/create", {"inputs": [{"properties": {}}]}),
    "a creation with an id": ("POST", f"{OBJECTS}/batch/create", {"inputs": [{**CREATE["inputs"][0], "id": "7"}]}),
    "an association without a type": (
        "POST", f"{OBJECTS}/batch/create",
        {"inputs": [{"properties": {}, "associations": [{"to": {"id": "1"}, "types": []}]}]},
    ),
    "101 updates": ("POST", f"{OBJECTS}/batch/update", many(UPDATE, 101)),
    "an update without an id": ("POST", f"{OBJECTS}/batch/update", {"inputs": [{"properties": {"name": "x"}}]}),
    "an update by a property": (
        "POST", f"{OBJECTS}/batch/update", {"inputs": [{**UPDATE["inputs"][0], "idProperty": "hs_object_id"}]}
    ),
    "an id that is a path": ("POST", f"{OBJECTS}/batch/update", {"inputs": [{"id": "../1", "properties": {}}]}),
    "an id as a number": ("POST", f"{OBJECTS}/batch/archive", {"inputs": [{"id": 1001}]}),
    "an upsert without its property": ("POST", f"{OBJECTS}/batch/upsert", UPDATE),
    "an archive with properties": ("POST", f"{OBJECTS}/batch/archive", UPDATE),
    "101 reads": ("POST", READ, {"inputs": [{"id": "1"}] * 101, "properties": []}),
    "51 reads with the past": (
        "POST", READ, {"inputs": [{"id": "1"}] * 51, "properties": [], "propertiesWithHistory": ["name"]}
    ),
    "a read by key of the id property and the past": (
        "POST", READ,
        {"inputs": [{"id": "1"}], "properties": [], "idProperty": "clmcrm_key", "propertiesWithHistory": ["name"]},
    ),
    "a page of 101": ("GET", f"{OBJECTS}?archived=true&limit=101", None),
    "a list with a key it has not": ("GET", f"{OBJECTS}?deleted=true", None),
    "an object the account has not": ("POST", "/crm/v3/objects/unicorns/search", SEARCH),
    "a contract by the old version": ("POST", "/crm/v3/objects/contracts/batch/create", CREATE),
    "a company by the version of contracts": ("POST", "/crm/objects/2026-09/companies/batch/create", CREATE),
    "1,001 records' associations": ("POST", f"{LINKS}/read", {"inputs": [{"id": "1"}] * 1001}),
    "an association without its end": ("POST", f"{LINKS}/create", {"inputs": [{"types": TYPES, "from": {"id": "1"}}]}),
    "an association of a made-up category": (
        "POST", f"{LINKS}/create",
        {"inputs": [{"types": [{**TYPES[0], "associationCategory": "MINE"}], "from": {"id": "1"}, "to": {"id": "2"}}]},
    ),
    "a property without a type": ("POST", "/crm/v3/properties/deals", {"name": "x", "label": "x", "groupName": "x"}),
    "a method it has not": ("DELETE", f"{OBJECTS}/search", None),
    "a batch as a list": ("POST", f"{OBJECTS}/batch/create", CREATE["inputs"]),
}  # fmt: skip


def request(method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> Request:
    told = {"Content-Type": "application/json", "Authorization": "Bearer x"} if headers is None else headers
    return Request(method=method, path=path, headers=told, body=b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_is_taken(name: str) -> None:
    assert DESCRIBED.problems(request(*RIGHT[name])) == ()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused(name: str) -> None:
    assert DESCRIBED.problems(request(*WRONG[name]))


def test_a_request_without_a_token_is_refused() -> None:
    bare = request("POST", f"{OBJECTS}/search", SEARCH, {"Content-Type": "application/json"})
    assert [str(one) for one in DESCRIBED.problems(bare)] == ["header Authorization: is required"]


def test_there_are_thirty_wrong_ones_at_least() -> None:
    assert len(WRONG) >= 30
