"""What is missing is said before the first run, in Odoo's own words; the words are those of a running series 19."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from judging import Judge, Judging

from clmcrm.adapters.findings import Finding, unwell
from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.examining import examined
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import VENDOR, Door
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Call, Reply

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
GROUPS = "You are not allowed to access 'Lead' (crm.lead) records. This operation is allowed for: - Sales"
WELL: dict[str, tuple[int, Any]] = {
    "res.users/context_get": (200, {"lang": "en_US", "uid": 5}),
    "res.users.apikeys/search_read": (200, [{"id": 1, "expiration_date": "2027-02-17 07:45:04"}]),
    "res.partner/fields_get": (200, {"name": {"type": "char"}}),
    "crm.lead/fields_get": (200, {"name": {"type": "char"}, "x_contract": {}, "order_ids": {}}),
    "ir.attachment/fields_get": (200, {"name": {"type": "char"}}),
    **{f"{model}/search": (200, [1]) for model in ("res.partner", "crm.lead", "ir.attachment")},
    **{f"{model}/has_access": (200, True) for model in ("res.partner", "crm.lead", "ir.attachment")},
}


def error(name: str, message: str) -> dict[str, Any]:
    return {"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback ..."}


class Scripted:
    """An Odoo that gives one answer to each method of each model."""

    def __init__(self, **changed: Any) -> None:
        self.told = {**WELL, **{name.replace("__", "/").replace("_of_", "."): one for name, one in changed.items()}}

    def send(self, call: Call, within: timedelta) -> Reply:
        assert within > timedelta(0)
        if call.url.endswith("/jsonrpc"):
            status, body = self.told["jsonrpc"]
        else:
            status, body = self.told[call.url.partition("/json/2/")[2]]
        told = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Reply(status=status, headers={"date": "Sun, 29 Nov 2026 10:00:30 GMT"}, body=told)


def found(told: Scripted, *, door: Door = Door.JSON_2, at: datetime | None = NOW) -> list[Finding]:
    session = OdooSession("https://erp.example", database="prod", key=Secret("canary-key"), login="sync", door=door)
    judge = Judge(VENDOR)
    driver = Driver(Judging(told, judge), Desk(clock=lambda: NOW, policy=Policy(tries=1)), sleep=lambda _: None)
    findings = driver.run(examined(OdooCrm(session, contract_field="x_contract"), at))
    assert "canary" not in repr(findings)
    # The older door and the older names are not described.
    assert door is Door.JSON_RPC or not [one for one in judge.refused if "check_access_rights" not in one]
    return findings


def test_an_odoo_that_is_ready_is_well() -> None:
    findings = found(Scripted())
    assert unwell(findings) == []
    assert ("crm.lead", "may read, write") in {(one.what, one.found) for one in findings}
    assert ("key", "the user's keys end on 2027-02-17") in {(one.what, one.found) for one in findings}


LACKS: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "a key that Odoo does not know",
        {"res_of_users__context_get": (401, error("werkzeug.exceptions.Unauthorized", "Invalid apikey"))},
        "key", "Invalid apikey", "API key",
    ),
    (
        "a database that is not there",
        {"res_of_users__context_get": (404, b"<!DOCTYPE html>\n<title>404 Not Found</title>")},
        "database", "'prod' is not there", "compare database",
    ),
    (
        "a company of somebody else",
        {"res_of_users__context_get": (
            403, error("odoo.exceptions.AccessError", "Access to unauthorized or invalid companies.")
        )},
        "company", "unauthorized or invalid companies", "a company this user may see",
    ),
    (
        "a module that is not installed",
        {"crm_of_lead__fields_get": (
            404, error("werkzeug.exceptions.NotFound", "the model 'crm.lead' does not exist")
        )},
        "crm.lead", "does not exist", "install the module crm",
    ),
    (
        "orders that are not installed",
        {"crm_of_lead__fields_get": (200, {"x_contract": {}})},
        "crm.lead.order_ids", "no lines", "sale_crm",
    ),
    (
        "our text field",
        {"crm_of_lead__fields_get": (200, {"order_ids": {}})},
        "crm.lead.x_contract", "has no field x_contract", "an administrator adds",
    ),
    (
        "the right to read",
        {"crm_of_lead__search": (403, error("odoo.exceptions.AccessError", GROUPS))},
        "read crm.lead", GROUPS, "group",
    ),
    (
        "the right to write",
        {"res_of_partner__has_access": (200, False)},
        "res.partner", "may not read or write or create", "group",
    ),
    (
        "a key that ends soon",
        {"res_of_users_of_apikeys__search_read": (200, [{"id": 1, "expiration_date": "2026-12-05 07:45:04"}])},
        "key", "2026-12-05", "new key",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changed", "where", "words", "repair"), LACKS, ids=[row[0] for row in LACKS])
def test_each_lack_is_named_with_its_repair(
    what: str, changed: dict[str, Any], where: str, words: str, repair: str
) -> None:
    (one,) = unwell(found(Scripted(**changed)))
    assert (one.what, words in one.found, repair in one.repair) == (where, True, True), (what, one)


def test_a_clock_that_is_wrong_is_told() -> None:
    (one,) = unwell(found(Scripted(), at=NOW + timedelta(minutes=10)))
    assert (one.what, one.found) == ("clock", "570 s apart")


def test_the_older_door_says_that_the_database_is_not_there() -> None:
    """It calls it an operational error like a database that is down, and only the words tell them apart."""
    said = error("psycopg2.OperationalError", 'connection failed: FATAL: database "prod" does not exist')
    told = Scripted(jsonrpc=(200, {"jsonrpc": "2.0", "id": 1, "error": {"data": said}}))
    (one,) = unwell(found(told, door=Door.JSON_RPC))
    assert (one.what, 'database "prod" does not exist' in one.found) == ("database", True)


def test_rights_of_an_older_series_are_asked_by_their_older_name() -> None:
    unknown = (404, error("werkzeug.exceptions.NotFound", "there is no method has_access"))
    models = ("res_of_partner", "crm_of_lead", "ir_of_attachment")
    older: dict[str, Any] = {f"{model}__has_access": unknown for model in models}
    older |= {f"{model}__check_access_rights": (200, True) for model in models}
    assert unwell(found(Scripted(**older))) == []
