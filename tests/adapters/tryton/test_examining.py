"""What is missing is said before the first run, in Tryton's own words, as a running 8.2 says them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from judging import Judge, Judging

from clmcrm.adapters.findings import Finding, unwell
from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.examining import examined
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.ports.calls import Call, Reply

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
ALL = {"read": True, "write": True, "create": True, "delete": True}


class Scripted:
    """A Tryton that gives one answer to each method; get_access answers for the model that is asked about."""

    def __init__(self, **changed: Any) -> None:
        self.changed = changed

    def send(self, call: Call, within: timedelta) -> Reply:
        assert within > timedelta(0)
        told = json.loads(call.body or b"")
        method, params = told["method"], told["params"]
        name = method.removeprefix("model.").replace(".", "_")
        answer: dict[str, Any] = self.changed.get(name, {"result": self._well(method, params)})
        status = answer.get("status", 200)
        headers = {"date": "Sun, 29 Nov 2026 10:00:30 GMT"}
        return Reply(status=status, headers=headers, body=json.dumps(answer).encode() if status == 200 else b"<html>")

    def _well(self, method: str, params: list[Any]) -> Any:
        if method.endswith("login"):
            return [1, "token", None]
        if method.endswith("get_access"):
            return {model: self.changed.get("rights", {}).get(model, ALL) for model in params[0]}
        return 7 if method.endswith("count") else [1]


def found(told: Scripted, at: datetime | None = NOW) -> list[Finding]:
    session = TrytonSession("https://erp.example", database="crm", user="sync", password="canary-word")  # noqa: S106 - a canary
    judge = Judge(VENDOR)
    driver = Driver(Judging(told, judge), Desk(clock=lambda: NOW, policy=Policy(tries=1)), sleep=lambda _: None)
    findings = driver.run(examined(TrytonCrm(session), at))
    assert "canary" not in repr(findings)
    assert judge.refused == []
    return findings


def test_a_tryton_that_is_ready_is_well() -> None:
    findings = found(Scripted())
    assert unwell(findings) == []
    assert ("party.party", "may read, write, create") in {(one.what, one.found) for one in findings}
    assert ("sale.opportunity", "may read, write") in {(one.what, one.found) for one in findings}
    assert ("ir.model.log", "may read") in {(one.what, one.found) for one in findings}


LACKS: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "a password it does not accept",
        {"common_db_login": {"result": None}}, "let in", "'sync' may not log in to 'crm'", "compare user",
    ),
    (
        "a database that is not there",
        {"common_db_login": {"status": 404}}, "let in", "no such database", "database",
    ),
    (
        "a module that is not activated",
        {"sale_opportunity_search": {"error": ["'sale.opportunity'", ""]}},
        "sale.opportunity", "'sale.opportunity'", "activate the module sale_opportunity",
    ),
    (
        "the right to read",
        {"party_party_search": {"error": ["UserError", ["You are not allowed to access this model.", "", None]]}},
        "read party.party", "You are not allowed", "group",
    ),
    (
        "the right to write",
        {"rights": {"ir.attachment": {**ALL, "write": 0, "create": 0}}},
        "ir.attachment", "may not write or create", "group",
    ),
    (
        "the log of deletions",
        {"rights": {"ir.model.log": {**ALL, "read": False}}}, "ir.model.log", "may not read", "group",
    ),
    (
        "countries", {"country_country_search_count": {"result": 0}},
        "country.country", "0 are there", "trytond_import_countries",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changed", "where", "words", "repair"), LACKS, ids=[row[0] for row in LACKS])
def test_each_lack_is_named_with_its_repair(
    what: str, changed: dict[str, Any], where: str, words: str, repair: str
) -> None:
    (one,) = unwell(found(Scripted(**changed)))
    assert (one.what, words in one.found, repair in one.repair) == (where, True, True), (what, one)


def test_a_clock_that_is_wrong_is_told() -> None:
    (one,) = unwell(found(Scripted(), NOW + timedelta(minutes=10)))
    assert (one.what, one.found) == ("clock", "570 s apart")
