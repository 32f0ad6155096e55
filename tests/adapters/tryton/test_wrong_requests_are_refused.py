"""Requests to Tryton that are wrong in one way each: the closed description refuses every one; right ones it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from judging import described

from clmcrm.testing.closed.validator import Request

DESCRIBED = described("tryton")
CONTEXT: dict[str, Any] = {"company": 1, "companies": [1], "active_test": False}
STAMPED = {"company": 1, "companies": [1], "_timestamp": {"party.party,2": "1795391180.512012"}}
NOON = {
    "__class__": "datetime", "year": 2026, "month": 5, "day": 7, "hour": 12, "minute": 0, "second": 0, "microsecond": 0,
}  # fmt: skip
ORDER = [["id", "ASC"]]
DOMAIN: list[Any] = [
    "AND", ["AND", ["categories.name", "=", "Customer"], ["id", ">", 0], ["OR", ["write_date", ">=", NOON]]],
    ["id", ">", 7],
]  # fmt: skip
READ: list[Any] = [DOMAIN, 0, 2000, ORDER, ["name", "addresses.street", "_timestamp"], CONTEXT]
PARTY: dict[str, Any] = {
    "name": "Durand", "lang": None,
    "identifiers": [["create", [{"code": "clmcrm:account:clm:7"}]]],
    "addresses": [["write", [9], {"city": "Lyon", "country": 75}]],
}  # fmt: skip
TERMS: dict[str, Any] = {
    "name": "clmcrm terms contract:clm:7", "type": "data", "data": {"__class__": "bytes", "base64": "e30="},
    "description": "title: x", "resource": "party.party,2",
}  # fmt: skip
GONE: list[Any] = [
    ["event", "=", "delete"], ["id", ">", 0], ["resource", "in", ["party.party,2", "party.party,3"]],
]  # fmt: skip
P, A, S = "model.party.party", "model.ir.attachment", "model.sale.opportunity"


def read(**changed: Any) -> list[Any]:
    names = ("domain", "offset", "limit", "order", "fields", "context")
    return [changed.get(name, value) for name, value in zip(names, READ, strict=True)]


def party(**values: Any) -> list[Any]:
    return [[2], {**PARTY, **values}, STAMPED]


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in NOON.items() if key != name}


def since(moment: object) -> list[Any]:
    return read(domain=["AND", [], ["write_date", ">=", moment]])


RIGHT: dict[str, tuple[str, list[Any]]] = {
    "logging in": ("common.db.login", ["admin", {"password": "secret"}]),
    "a page of a feed": (f"{P}.search_read", READ),
    "rows by id": (f"{P}.search_read", read(domain=["AND", [["id", "in", [1, 2]]], ["id", ">", 0]])),
    "all ids": (f"{P}.search", [[], 0, None, ORDER, CONTEXT]),
    "what the log proves": ("model.ir.model.log.search_count", [GONE, CONTEXT]),
    "creations": (f"{P}.create", [[PARTY, PARTY], CONTEXT]),
    "rows that differ": (f"{P}.write", [[2], PARTY, [3], {"active": False}, STAMPED]),
    "terms": (f"{A}.create", [[TERMS], CONTEXT]),
    "a link to a contract": (f"{S}.write", [[4], {"reference": "C-7"}, STAMPED]),
    "rights": ("model.ir.model.access.get_access", [["party.party"], CONTEXT]),
}

WRONG: dict[str, tuple[str, list[Any]]] = {
    "a model that is none of ours": ("model.res.user.search_read", READ),
    "a method that is none of ours": (f"{P}.delete", [[2], CONTEXT]),
    "a button": (f"{S}.convert", [[4], CONTEXT]),
    "a password that is no text": ("common.db.login", ["admin", {"password": 7}]),
    "a login without a password": ("common.db.login", ["admin", {}]),
    "a login with a context": ("common.db.login", ["admin", {"password": "x"}, CONTEXT]),
    "no context": (f"{P}.search_read", READ[:-1]),
    "the context first": (f"{P}.search_read", [CONTEXT, *READ[:-1]]),
    "a context nobody knows": (f"{P}.search_read", read(context={**CONTEXT, "language": "fr"})),
    "a company that is a word": (f"{P}.search_read", read(context={"company": "ours"})),
    "archived ones left out": (f"{P}.search_read", read(context={"active_test": True})),
    "a page too long": (f"{P}.search_read", read(limit=2001)),
    "a page without an end": (f"{P}.search_read", read(limit=None)),
    "a page by its number": (f"{P}.search_read", read(offset=100)),
    "another order": (f"{P}.search_read", read(order=[["write_date", "DESC"]])),
    "no order": (f"{P}.search_read", read(order=None)),
    "no fields": (f"{P}.search_read", read(fields=[])),
    "a field twice": (f"{P}.search_read", read(fields=["name", "name"])),
    "a field that is no name": (f"{P}.search_read", read(fields=["name; --"])),
    "a domain that is a text": (f"{P}.search_read", read(domain="[('id', '>', 0)]")),
    "an operator nobody uses": (f"{P}.search_read", read(domain=[["name", "ilike", "%x%"]])),
    "a condition of two": (f"{P}.search_read", read(domain=[["name", "="]])),
    "a list for one value": (f"{P}.search_read", read(domain=[["id", "=", [1, 2]]])),
    "one value for a list": (f"{P}.search_read", read(domain=[["id", "in", 1]])),
    "a list of none": (f"{P}.search_read", read(domain=[["id", "in", []]])),
    "a connective of one": (f"{P}.search_read", read(domain=["OR"])),
    "a moment as a text": (f"{P}.search_read", since("2026-05-07T12:00:00")),
    "a moment without its second": (f"{P}.search_read", since(without("second"))),
    "a moment in a zone": (f"{P}.search_read", since({**NOON, "tzinfo": "Europe/Paris"})),
    "a thirteenth month": (f"{P}.search_read", since({**NOON, "month": 13})),
    "ids of some": (f"{P}.search", [[["id", ">", 7]], 0, None, ORDER, CONTEXT]),
    "the log of writes": (
        "model.ir.model.log.search_count", [[["event", "=", "write"], *GONE[1:]], CONTEXT]
    ),
    "the log of everything": ("model.ir.model.log.search_count", [GONE[:2], CONTEXT]),
    "a resource that is an id": (
        "model.ir.model.log.search_count", [[*GONE[:2], ["resource", "in", [2]]], CONTEXT]
    ),
    "a write without time stamps": (f"{P}.write", [[2], PARTY, [3], PARTY]),
    "a write of several alike": (f"{P}.write", [[2, 3], PARTY, STAMPED]),
    "a write of nobody": (f"{P}.write", [[], PARTY, STAMPED]),
    "a time stamp as a number": (f"{P}.write", [[2], PARTY, {"_timestamp": {"party.party,2": 1795391180.5}}]),
    "no time stamp": (f"{P}.write", [[2], PARTY, {"_timestamp": {}}]),
    "a field that a party has not": (f"{P}.write", party(legal_name="Durand SA")),
    "a party brought back": (f"{P}.write", party(active=True)),
    "a language by its code": (f"{P}.write", party(lang="fr")),
    "a part that is replaced": (f"{P}.write", party(addresses=[["set", [9]]])),
    "a part of another type": (f"{P}.write", party(contact_mechanisms=[["create", [{"type": "fax", "value": "1"}]]])),
    "an identifier of another kind": (f"{P}.write", party(identifiers=[["create", [{"type": "siren", "code": "1"}]]])),
    "a state written": (f"{S}.write", [[4], {"state": "won"}, STAMPED]),
    "an amount written": (f"{S}.write", [[4], {"amount": {"__class__": "Decimal", "decimal": "1"}}, STAMPED]),
    "an opportunity created": (f"{S}.create", [[{"reference": "x"}], CONTEXT]),
    "terms of another name": (f"{A}.create", [[{**TERMS, "name": "contract.pdf"}], CONTEXT]),
    "terms of nobody": (f"{A}.create", [[{**TERMS, "resource": "sale.sale,2"}], CONTEXT]),
    "a file as a text": (f"{A}.create", [[{**TERMS, "data": "e30="}], CONTEXT]),
    "creations of none": (f"{P}.create", [[], CONTEXT]),
}  # fmt: skip


def request(method: str, params: list[Any], beside: dict[str, Any] | None = None) -> Request:
    body = {"id": 1, "method": method, "params": params, **(beside or {})}
    headers = {"Content-Type": "application/json", "Authorization": "Session x"}
    return Request(method="POST", path="/crm/rpc/", headers=headers, body=json.dumps(body).encode())


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_is_taken(name: str) -> None:
    assert DESCRIBED.problems(request(*RIGHT[name])) == ()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused(name: str) -> None:
    assert DESCRIBED.problems(request(*WRONG[name]))


def test_what_stands_beside_the_call_is_refused() -> None:
    right = RIGHT["a page of a feed"]
    for changed in ({"jsonrpc": "2.0"}, {"id": "1"}, {"params": None}):
        assert DESCRIBED.problems(request(*right, beside=changed))


def test_the_rest_interface_is_refused_for_it_ignores_time_stamps() -> None:
    body = json.dumps({"name": "Durand"}).encode()
    asked = Request(method="PUT", path="/crm/rest/model/party.party/2", body=body)
    assert [str(one) for one in DESCRIBED.problems(asked)] == ["path: /crm/rest/model/party.party/2 is not described"]


def test_there_are_thirty_wrong_ones_at_least() -> None:
    assert len(WRONG) >= 30
