"""Requests to Odoo that are wrong in one way each: the closed description refuses every one; right ones it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from judging import described

from clmcrm.testing.closed.validator import Request

DESCRIBED = described("odoo")
HEADERS = {"Authorization": "bearer key", "X-Odoo-Database": "prod", "Content-Type": "application/json"}
CONTEXT: dict[str, Any] = {"lang": "en_US", "tz": "UTC"}
BINDING = {**CONTEXT, "mode": "update", "noupdate": True, "module": "clmcrm"}
SEARCH: dict[str, Any] = {
    "domain": [["is_company", "=", True], ["id", ">", 7], "|", ["write_date", ">=", "2026-05-07 12:00:00"],
               ["child_ids.write_date", ">=", "2026-05-07 12:00:00"]],
    "specification": {"name": {}, "country_id": {"fields": {"code": {}}}}, "limit": 2000, "order": "id",
    "context": {**CONTEXT, "active_test": False},
}  # fmt: skip
LOAD: dict[str, Any] = {
    "fields": ["id", "child_ids/country_id/.id", "child_ids/type", "name"],
    "data": [["account__a%3A1", "75", "delivery", "Durand"]], "context": BINDING,
}  # fmt: skip
SAVE: dict[str, Any] = {
    "ids": [7], "vals_list": [{"name": "Durand", "parent_id": False, "child_ids": [[1, 9, {"city": "Lyon"}]]}],
    "specification": {"name": {}}, "context": {**CONTEXT, "active_test": False},
}  # fmt: skip
LINE: dict[str, Any] = {
    "name": "support", "quantity": 2.0, "price_unit": 99.5, "discount": 0.0, "recurring_rule_type": "monthly",
    "recurring_interval": 3, "recurring_invoicing_type": "pre-paid", "date_start": "2026-01-31", "date_end": False,
}  # fmt: skip
READ: dict[str, Any] = {"ids": [7], "fields": ["write_date"], "context": CONTEXT}
MARK: dict[str, Any] = {"module": "clmcrm", "xml_id": "account__account%3Aclm%3A7", "context": CONTEXT}
TERMS: dict[str, Any] = {"name": "clmcrm terms C-7", "datas": "e30=", "description": "title: x", "res_id": 7}


def saved(values: dict[str, Any]) -> dict[str, Any]:
    return {**SAVE, "vals_list": [values]}


def asked(domain: object) -> dict[str, Any]:
    return {**SEARCH, "domain": domain}


RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "a page of a feed": ("res.partner/web_search_read", SEARCH),
    "everything of a model": ("res.country/web_search_read", {**SEARCH, "limit": None, "domain": []}),
    "inserted or bound": ("res.partner/load", LOAD),
    "rows that differ": ("res.partner/web_save_multi", SAVE),
    "lines of a contract": (
        "contract.contract/web_save_multi",
        saved({"x_clmcrm_facts": "{}", "contract_line_ids": [[0, 0, {"sequence": 1, **LINE}], [2, 9, 0]]}),
    ),
    "terms": ("ir.attachment/web_save_multi", {**SAVE, "vals_list": [TERMS], "specification": {}}),
    "a link to a contract": ("crm.lead/web_save_multi", saved({"x_contract": "C-7"})),
    "a proof": ("res.partner/read", READ),
    "a look for our key": ("ir.model.data/check_object_reference", MARK),
    "a sale won": ("crm.lead/action_set_won", {"ids": [4], "context": CONTEXT}),
    "rights": ("crm.lead/has_access", {"ids": [], "operation": "write", "context": CONTEXT}),
}

WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "a model that is none of ours": ("res.users/web_search_read", SEARCH),
    "a method that is none of ours": ("res.partner/unlink", {"ids": [7], "context": CONTEXT}),
    "writing one by one": ("res.partner/write", {"ids": [7], "vals": {"name": "x"}, "context": CONTEXT}),
    "creating without our key": ("res.partner/create", {"vals_list": [{"name": "x"}], "context": CONTEXT}),
    "no context": ("res.partner/read", {"ids": [7], "fields": ["write_date"]}),
    "a language of somebody else": ("res.partner/read", {**READ, "context": {"lang": "fr_FR", "tz": "UTC"}}),
    "a zone of somebody else": ("res.partner/read", {**READ, "context": {"lang": "en_US", "tz": "Europe/Paris"}}),
    "a company that is a word": ("res.partner/read", {**READ, "context": {**CONTEXT, "allowed_company_ids": ["x"]}}),
    "a switch nobody knows": ("res.partner/read", {**READ, "context": {**CONTEXT, "tracking_disable": True}}),
    "an argument nobody knows": ("res.partner/web_search_read", {**SEARCH, "offset": 100}),
    "a page too long": ("res.partner/web_search_read", {**SEARCH, "limit": 2001}),
    "a page of none": ("res.partner/web_search_read", {**SEARCH, "limit": 0}),
    "another order": ("res.partner/web_search_read", {**SEARCH, "order": "write_date desc"}),
    "no order": ("res.partner/web_search_read", {k: v for k, v in SEARCH.items() if k != "order"}),
    "a domain that is a text": ("res.partner/web_search_read", asked("[('id', '>', 0)]")),
    "an operator nobody uses": ("res.partner/web_search_read", asked([["name", "any!", [["id", "=", 1]]]])),
    "a condition of two": ("res.partner/web_search_read", asked([["name", "="]])),
    "a condition of four": ("res.partner/web_search_read", asked([["name", "=", "x", 1]])),
    "a field that is no name": ("res.partner/web_search_read", asked([["name' OR 1=1", "=", "x"]])),
    "a list for one value": ("res.partner/web_search_read", asked([["id", "=", [1, 2]]])),
    "one value for a list": ("res.partner/web_search_read", asked([["id", "in", 1]])),
    "a list of none": ("res.partner/web_search_read", asked([["id", "in", []]])),
    "a connective nobody knows": ("res.partner/web_search_read", asked(["||", ["id", "=", 1]])),
    "fields as a list": ("res.partner/web_search_read", {**SEARCH, "specification": ["name"]}),
    "a limit within a field": (
        "res.partner/web_search_read", {**SEARCH, "specification": {"child_ids": {"fields": {}, "limit": 1}}}
    ),
    "an id that is a text": ("res.partner/read", {**READ, "ids": ["7"]}),
    "an id of zero": ("res.partner/read", {**READ, "ids": [0]}),
    "a proof of no record": ("res.partner/read", {**READ, "ids": []}),
    "a proof that reads more": ("res.partner/read", {**READ, "fields": ["write_date", "name"]}),
    "an external id of another module": ("ir.model.data/check_object_reference", {**MARK, "module": "base"}),
    "an external id with a point": ("ir.model.data/check_object_reference", {**MARK, "xml_id": "account.7"}),
    "a load that writes over": ("res.partner/load", {**LOAD, "context": {**BINDING, "noupdate": False}}),
    "a load under no module": (
        "res.partner/load", {**LOAD, "context": {k: v for k, v in BINDING.items() if k != "module"}}
    ),
    "a load without our key": ("res.partner/load", {**LOAD, "fields": LOAD["fields"][1:]}),
    "a load of our key last": ("res.partner/load", {**LOAD, "fields": LOAD["fields"][::-1]}),
    "a cell that is a number": ("res.partner/load", {**LOAD, "data": [["a", 75, "delivery", "Durand"]]}),
    "a load of nothing": ("res.partner/load", {**LOAD, "data": []}),
    "a load into opportunities": ("crm.lead/load", LOAD),
    "a field that a partner has not": ("res.partner/web_save_multi", saved({"legal_name": "Durand SA"})),
    "no values": ("res.partner/web_save_multi", saved({})),
    "a name that is empty": ("res.partner/web_save_multi", saved({"name": ""})),
    "a name of nothing": ("res.partner/web_save_multi", saved({"name": None})),
    "a key as a text": ("res.partner/web_save_multi", saved({"parent_id": "7"})),
    "a partner brought back": ("res.partner/web_save_multi", saved({"active": True})),
    "an address of another type": (
        "res.partner/web_save_multi", saved({"child_ids": [[0, 0, {"type": "invoice", "city": "Lyon"}]]})
    ),
    "all parts replaced": ("res.partner/web_save_multi", saved({"child_ids": [[6, 0, [9]]]})),
    "a stage written": ("crm.lead/web_save_multi", saved({"stage_id": 4})),
    "an amount written": ("crm.lead/web_save_multi", saved({"expected_revenue": 10.0})),
    "facts that are no object": ("agreement/web_save_multi", saved({"x_clmcrm_facts": "[]"})),
    "a day that is a moment": ("agreement/web_save_multi", saved({"start_date": "2026-05-07 12:00:00"})),
    "a contract of nobody": ("contract.contract/web_save_multi", saved({"partner_id": False})),
    "a rhythm nobody knows": (
        "contract.contract/web_save_multi",
        saved({"contract_line_ids": [[0, 0, {**LINE, "recurring_rule_type": "hourly"}]]}),
    ),
    "a line without its first day": (
        "contract.contract/web_save_multi",
        saved({"contract_line_ids": [[0, 0, {k: v for k, v in LINE.items() if k != "date_start"}]]}),
    ),
    "terms of another name": ("ir.attachment/web_save_multi", saved({**TERMS, "name": "contract.pdf"})),
    "a file that is no base64": ("ir.attachment/web_save_multi", saved({**TERMS, "datas": "{}"})),
    "a sale of nobody won": ("crm.lead/action_set_won", {"ids": [], "context": CONTEXT}),
    "a right to delete": ("crm.lead/has_access", {"ids": [], "operation": "unlink", "context": CONTEXT}),
}  # fmt: skip


def request(path: str, body: dict[str, Any], headers: dict[str, str] = HEADERS, method: str = "POST") -> Request:
    return Request(method=method, path=f"/json/2/{path}", headers=headers, body=json.dumps(body).encode())


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_is_taken(name: str) -> None:
    assert DESCRIBED.problems(request(*RIGHT[name])) == ()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_refused(name: str) -> None:
    assert DESCRIBED.problems(request(*WRONG[name]))


@pytest.mark.parametrize("name", ["Authorization", "X-Odoo-Database"])
def test_a_request_without_its_header_is_refused(name: str) -> None:
    bare = {key: value for key, value in HEADERS.items() if key != name}
    problems = DESCRIBED.problems(request("res.partner/read", READ, bare))
    assert [str(one) for one in problems] == [f"header {name}: is required"]


def test_another_verb_and_another_door_are_refused() -> None:
    assert DESCRIBED.problems(request("res.partner/read", READ, method="GET"))
    assert DESCRIBED.problems(Request(method="POST", path="/xmlrpc/2/object", headers=HEADERS, body=b"{}"))


def test_there_are_thirty_wrong_ones_at_least() -> None:
    assert len(WRONG) >= 30
