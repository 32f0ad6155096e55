"""A sale that is won is saved, and then moved by an action of Odoo's own, which may refuse some of several."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from odoo_rows import lead

from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Call, Reply
from clmcrm.ports.records import Kind, Outcome, Result, Update

WON = "action_set_won"
MISSING, USER = "odoo.exceptions.MissingError", "odoo.exceptions.UserError"


class SalesTeam:
    """The opportunities of an Odoo, of which `stuck` may not be won; it answers as JSON-2 does."""

    def __init__(self, count: int, stuck: Collection[int], name: str) -> None:
        self.leads = {
            number: lead(id=number, order_ids=[], write_date="2026-11-28 07:00:00") for number in range(1, count + 1)
        }
        self.stuck, self.name = stuck, name
        self.asked: list[tuple[str, list[int]]] = []

    def send(self, call: Call, within: timedelta) -> Reply:
        del within
        method, told = call.url.rpartition("/")[2], json.loads(call.body or b"{}")
        if call.url.split("/")[-2] != "crm.lead" and method != "fields_get":
            return self._reply([] if method == "get_installed" else {"records": [], "length": 0})
        return getattr(self, f"_{method}", lambda _: self._reply([]))(told)

    def _fields_get(self, _: dict[str, Any]) -> Reply:
        return self._reply({name: {"type": "char"} for name in (*lead(), "write_date")})

    def _web_search_read(self, told: dict[str, Any]) -> Reply:
        return self._rows(next(value for name, _, value in told["domain"] if name == "id"))

    def _web_save_multi(self, told: dict[str, Any]) -> Reply:
        self.asked.append(("save", told["ids"]))
        for number, values in zip(told["ids"], told["vals_list"], strict=True):
            self.leads[number].update(values)
        return self._reply([self.leads[number] for number in told["ids"]])

    def _action_set_won(self, told: dict[str, Any]) -> Reply:
        self.asked.append((WON, told["ids"]))
        if not set(told["ids"]).isdisjoint(self.stuck):
            return Reply(status=422, body=json.dumps({"name": self.name, "message": "no quotation"}).encode())
        for number in told["ids"]:
            self.leads[number]["won_status"] = "won"
        return self._reply(True)

    def _rows(self, ids: list[int]) -> Reply:
        return self._reply({"records": [self.leads[number] for number in ids], "length": len(ids)})

    @staticmethod
    def _reply(told: object) -> Reply:
        return Reply(status=200, body=json.dumps(told, default=str).encode())


def won(team: SalesTeam) -> tuple[Outcome, ...]:
    """What becomes of winning all of them with a contract."""
    crm = OdooCrm(OdooSession("https://erp.example", database="prod", key=Secret("k")), contract_field="x_contract")
    driver = Driver(team, Desk(clock=lambda: datetime(2026, 11, 28, tzinfo=UTC)), sleep=lambda _seconds: None)
    seen = driver.run(crm.read(Kind.OPPORTUNITY, [str(number) for number in team.leads]))
    fields: dict[str, Any] = {"contract": "C-1", "stage": "won"}
    return driver.run(
        crm.write([Update(kind=Kind.OPPORTUNITY, key=one.key, fields=fields, expected=one.version) for one in seen])
    )


@pytest.mark.parametrize(("name", "result"), [(USER, Result.REFUSED), (MISSING, Result.MISSING)])
def test_what_may_not_be_won_is_told_by_itself_and_nothing_is_saved_twice(name: str, result: Result) -> None:
    team = SalesTeam(5, {2}, name)
    outcomes = won(team)
    assert [one.result for one in outcomes] == [Result.DONE, result, *[Result.DONE] * 3]
    assert "after it was saved" in outcomes[1].why
    assert "no quotation" in outcomes[1].why
    assert [number for method, ids in team.asked if method == "save" for number in ids] == [1, 2, 3, 4, 5]
    assert {number for number, row in team.leads.items() if row["won_status"] == "won"} == {1, 3, 4, 5}
    assert [one.shown.fields["stage"] for one in outcomes if one.shown] == ["won"] * 4


def test_sales_that_may_all_be_won_take_one_call() -> None:
    team = SalesTeam(5, (), USER)
    assert all(one.ok for one in won(team))
    assert team.asked == [("save", [1, 2, 3, 4, 5]), (WON, [1, 2, 3, 4, 5])]
