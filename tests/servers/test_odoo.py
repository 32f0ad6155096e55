"""A running Odoo 19 as the CRM and, with the OCA's contracts, as the CLM: what only a real server can refuse."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from odoo_desk import OdooDesk, now
from serving_odoo import running

from clmcrm.adapters.odoo.clm import Keeping, OdooClm
from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.cli.main import run
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import RefusedError, TerminalError
from clmcrm.liaison.main_job import Run, carry_out_flow, join
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Create, Json, Kind, Outcome, Remove, Result, Seen, Update
from clmcrm.store.memory import MemoryJournal

pytestmark = [pytest.mark.servers, pytest.mark.slow]

AS_OF = date(2026, 12, 1)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OdooDesk, OdooDesk]]:
    with running(tmp_path_factory.mktemp("odoo"), ("crm", "clm")) as server:
        desk, legal = OdooDesk(server, "crm"), OdooDesk(server, "clm")
        desk.sell_in_euros()
        yield desk, legal


@pytest.fixture(scope="module")
def desk(desks: tuple[OdooDesk, OdooDesk]) -> OdooDesk:
    return desks[0]


@pytest.fixture(scope="module")
def legal(desks: tuple[OdooDesk, OdooDesk]) -> OdooDesk:
    return desks[1]


@pytest.fixture
def crm(desk: OdooDesk) -> OdooCrm:
    return desk.crm()


@pytest.fixture
def clm(legal: OdooDesk) -> OdooClm:
    return legal.clm()


def one(desk: OdooDesk, system: OdooCrm | OdooClm, kind: str, key: object) -> Seen:
    (seen,) = desk.driver.run(system.read(kind, [str(key)]))
    return seen


def written(desk: OdooDesk, system: OdooCrm | OdooClm, *writes: Any) -> tuple[Outcome, ...]:
    return desk.driver.run(system.write(writes))


def contracts(desk: OdooDesk, clm: OdooClm) -> list[Contract]:
    told = desk.driver.run(clm.changes(Kind.CONTRACT, None)).seen
    return [from_fields(Contract, {**stated(seen.fields), "id": seen.key}) for seen in told]


# The main job: Odoo's CRM on one side, the OCA's contracts in another database on the other.


def test_a_sale_won_there_becomes_a_contract_of_the_oca_and_its_terms_come_back(
    desk: OdooDesk, legal: OdooDesk, crm: OdooCrm, clm: OdooClm
) -> None:
    partner = desk.account("Durand", email="achats@durand.example")
    sale = desk.opportunity(partner, "maintenance 2027", 1794.0)
    _ = desk.win(
        sale,
        {"name": "maintenance", "product_uom_qty": 12, "price_unit": 99.50},
        {"name": "set-up", "product_uom_qty": 1.5, "price_unit": 400, "discount": 10},
    )
    joined = join(crm, clm, MemoryJournal(), AS_OF)

    def settled() -> Run:
        return desk.driver.run(carry_out_flow(joined, clock=now))

    first = settled()
    assert first.settled
    assert not first.problems

    (contract,) = [made for made in contracts(legal, clm) if made.opportunity == str(sale)]
    assert [(line.description, line.quantity, str(line.price), line.discount) for line in contract.lines] == [
        ("maintenance", Decimal(12), "99.50 EUR", Decimal(0)),
        ("set-up", Decimal("1.5"), "400.00 EUR", Decimal("0.1")),
    ]
    # What legal sees in the OCA's own form, and the salesperson in Odoo's.
    row = legal.row("contract.contract", int(contract.id), "name", "partner_id", "date_start", "contract_type")
    assert (row["name"], row["partner_id"][1], row["date_start"]) == ("maintenance 2027", "Durand", False)
    assert desk.row("crm.lead", sale, "x_contract")["x_contract"] == contract.id
    (terms,) = desk.do(
        "ir.attachment", "search_read", fields=["description"],
        domain=[["res_model", "=", "res.partner"], ["res_id", "=", partner]],
    )  # fmt: skip
    assert "title: maintenance 2027" in terms["description"]

    again = settled()
    assert (again.written, again.settled) == (0, True)

    # Legal sets the term in Odoo by hand; the salesperson's terms follow.
    legal.write("contract.contract", int(contract.id), date_start="2027-01-01", date_end="2027-12-31")
    assert settled().written == 1
    (terms,) = desk.do(
        "ir.attachment", "search_read", fields=["description"],
        domain=[["res_model", "=", "res.partner"], ["res_id", "=", partner]],
    )  # fmt: skip
    assert "effective on: 2027-01-01" in terms["description"]
    assert settled().written == 0


def test_fields_travel_to_their_owners(desk: OdooDesk, legal: OdooDesk, crm: OdooCrm, clm: OdooClm) -> None:
    partner = desk.account("Petit", website="https://petit.example")
    joined = join(crm, clm, MemoryJournal(), AS_OF)
    _ = desk.driver.run(carry_out_flow(joined, clock=now))
    (mine,) = legal.do("res.partner", "search", domain=[["name", "=", "Petit"]])
    desk.write("res.partner", partner, name="Petit & Cie")
    legal.write("res.partner", mine, vat="FR23334175221")
    assert desk.driver.run(carry_out_flow(joined, clock=now)).written == 2
    assert legal.row("res.partner", mine, "name")["name"] == "Petit & Cie"
    assert desk.row("res.partner", partner, "vat")["vat"] == "FR23334175221"
    assert desk.driver.run(carry_out_flow(joined, clock=now)).written == 0


# Opportunities


def test_won_and_lost_are_odoos_own_actions(desk: OdooDesk, crm: OdooCrm) -> None:
    partner = desk.account("Moreau")
    first, second = (desk.opportunity(partner, name, 10.0) for name in ("to win", "to lose"))
    seen = {k: one(desk, crm, Kind.OPPORTUNITY, k) for k in (first, second)}
    assert seen[first].fields["stage"] == "qualification"
    outcomes = written(
        desk,
        crm,
        Update(kind=Kind.OPPORTUNITY, key=str(first), fields={"stage": "won"}, expected=seen[first].version),
        Update(kind=Kind.OPPORTUNITY, key=str(second), fields={"stage": "lost"}, expected=seen[second].version),
        Update(kind=Kind.OPPORTUNITY, key=str(first), fields={"amount": None}, expected=seen[first].version),
    )
    assert [outcome.result for outcome in outcomes] == [Result.DONE, Result.DONE, Result.REFUSED]
    assert desk.row("crm.lead", first, "won_status")["won_status"] == "won"
    lost = one(desk, crm, Kind.OPPORTUNITY, second)
    # Odoo archives what is lost: it is lost all the same, and not gone.
    assert (lost.fields["stage"], lost.gone) == ("lost", False)


def test_a_changed_order_line_is_a_change_of_its_opportunity(desk: OdooDesk, crm: OdooCrm) -> None:
    sale = desk.opportunity(desk.account("Lefevre"), "with lines", 5.0)
    order = desk.win(sale, {"name": "seat", "product_uom_qty": 1, "price_unit": 7})
    _, cursor = desk.pull(crm, Kind.OPPORTUNITY)
    desk.wait()
    (line,) = desk.row("sale.order", order, "order_line")["order_line"]
    before = one(desk, crm, Kind.OPPORTUNITY, sale)
    desk.write("sale.order.line", line, product_uom_qty=3)
    told, _ = desk.pull(crm, Kind.OPPORTUNITY, cursor)
    assert told[str(sale)].fields["lines"][0]["quantity"] == "3"  # type: ignore[index, call-overload] # JSON
    assert told[str(sale)].version != before.version


# Deletions


def test_a_deletion_is_told_once_reading_by_id_proves_it(desk: OdooDesk, crm: OdooCrm) -> None:
    kept, deleted = desk.account("stays"), desk.account("goes")
    _, cursor = desk.pull(crm, Kind.ACCOUNT)
    _ = desk.do("res.partner", "unlink", [deleted])
    told, _ = desk.pull(crm, Kind.ACCOUNT, cursor)
    assert told[str(deleted)].gone
    assert not any(seen.gone for key, seen in told.items() if key != str(deleted))
    # One that is a company no longer left the kind, and is still there.
    desk.write("res.partner", kept, is_company=False)
    told, _ = desk.pull(crm, Kind.ACCOUNT, cursor)
    assert str(kept) not in told
    assert desk.driver.run(crm.read(Kind.ACCOUNT, [str(kept)])) == ()


def test_lost_permissions_delete_nothing(desk: OdooDesk) -> None:
    hidden = [desk.account(f"hidden {k}", ref="secret") for k in range(5)]
    crm = desk.crm()
    first, cursor = desk.pull(crm, Kind.ACCOUNT)
    assert {str(k) for k in hidden} <= first.keys()
    (model,) = desk.do("ir.model", "search", who="admin", domain=[["model", "=", "res.partner"]])
    rule = {"name": "hide", "model_id": model, "domain_force": "['|', ('ref', '=', False), ('ref', '!=', 'secret')]"}
    (made,) = desk.do("ir.rule", "create", who="admin", vals_list=[rule])
    try:
        again, cursor = desk.pull(crm, Kind.ACCOUNT, cursor)
        assert not [seen for seen in again.values() if seen.gone]
        read = desk.driver.run(crm.read(Kind.ACCOUNT, [str(k) for k in hidden]))
        assert read == ()
    finally:
        _ = desk.do("ir.rule", "unlink", [made], who="admin")
    # One of them is deleted while nobody of ours could see it: told once they are in sight again.
    _ = desk.do("res.partner", "unlink", hidden[:1])
    later, _ = desk.pull(crm, Kind.ACCOUNT, cursor)
    assert later[str(hidden[0])].gone
    assert not any(seen.gone for key, seen in later.items() if key != str(hidden[0]))


def test_a_user_without_rights_is_told_so_and_deletes_nothing(desk: OdooDesk) -> None:
    guest = desk.crm(desk.session("guest"))
    with pytest.raises(TerminalError, match=r"may not read crm\.lead"):
        _ = desk.driver.run(guest.changes(Kind.OPPORTUNITY, None))


def test_an_anonymous_answer_deletes_nothing(desk: OdooDesk, crm: OdooCrm) -> None:
    """Without a key Odoo answers 401, and an unknown database 404: neither is an empty list of partners."""
    _, cursor = desk.pull(crm, Kind.ACCOUNT)
    nobody = OdooSession(desk.server.url, database=desk.database, key=Secret("k" * 40))
    elsewhere = OdooSession(desk.server.url, database="elsewhere", key=Secret(desk.server.keys["sync"]))
    for session in (nobody, elsewhere):
        system = desk.crm(session)
        with pytest.raises(TerminalError):
            _ = desk.driver.run(system.changes(Kind.ACCOUNT, cursor))
        with pytest.raises(TerminalError):
            _ = desk.driver.run(system.read(Kind.ACCOUNT, ["1"]))


def test_a_number_that_never_was_is_no_deletion_the_feed_tells(desk: OdooDesk, crm: OdooCrm) -> None:
    """Odoo answers 200 and an empty list to both; only what was told before is told as deleted."""
    _, cursor = desk.pull(crm, Kind.ACCOUNT)
    told, _ = desk.pull(crm, Kind.ACCOUNT, cursor)
    assert not any(seen.gone for seen in told.values())
    assert "99999999" not in told


def test_archiving_keeps_the_partner(desk: OdooDesk, crm: OdooCrm) -> None:
    partner = desk.account("old")
    seen = one(desk, crm, Kind.ACCOUNT, partner)
    (outcome,) = written(desk, crm, Remove(kind=Kind.ACCOUNT, key=str(partner), expected=seen.version))
    assert outcome.result is Result.DONE
    assert one(desk, crm, Kind.ACCOUNT, partner).gone
    assert desk.row("res.partner", partner, "active")["active"] is False


# Writing


def test_two_runs_at_once_create_one_record(desk: OdooDesk) -> None:
    made: list[Outcome] = []

    def create() -> None:
        write = Create(kind=Kind.ACCOUNT, mark="account:clm:race", fields={"name": "raced"})
        own = OdooDesk(desk.server, desk.database)
        made.extend(own.driver.run(own.crm().write([write])))

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({outcome.key for outcome in made}) == 1, made
    assert desk.do("res.partner", "search_count", domain=[["name", "=", "raced"]]) == 1


def test_creating_again_binds_and_keeps_what_a_person_changed(desk: OdooDesk, crm: OdooCrm) -> None:
    write = Create(kind=Kind.ACCOUNT, mark="account:clm:bind", fields={"name": "once"})
    (first,) = written(desk, crm, write)
    desk.write("res.partner", int(first.key), name="by a person")
    (second,) = written(desk, crm, write)
    assert (first.result, second.result) == (Result.DONE, Result.BOUND)
    assert first.key == second.key
    assert desk.row("res.partner", int(first.key), "name")["name"] == "by a person"


def test_a_refused_row_keeps_no_other_out(desk: OdooDesk, crm: OdooCrm) -> None:
    made = written(desk, crm, *(
        Create(kind=Kind.ACCOUNT, mark=f"account:clm:row {k}", fields={"name": f"row {k}"} | more)
        for k, more in enumerate([{}, {"parent": "99999999"}, {}])
    ))  # fmt: skip
    assert [outcome.result for outcome in made] == [Result.DONE, Result.REFUSED, Result.DONE]
    assert "99999999" in made[1].why
    seen = [one(desk, crm, Kind.ACCOUNT, outcome.key) for outcome in (made[0], made[2])]
    updates = [
        Update(kind=Kind.ACCOUNT, key=row.key, fields=fields, expected=row.version)
        for row, fields in zip(seen, ({"parent": seen[0].key}, {"name": "renamed"}), strict=True)
    ]
    # Its own parent: Odoo's constraint refuses it, and with it the whole call.
    outcomes = written(desk, crm, *updates)
    assert [outcome.result for outcome in outcomes] == [Result.REFUSED, Result.DONE]
    assert outcomes[0].why


def test_a_record_that_moved_on_is_stale_even_within_its_second(desk: OdooDesk, crm: OdooCrm) -> None:
    partner = desk.account("quick")
    seen = one(desk, crm, Kind.ACCOUNT, partner)
    desk.write("res.partner", partner, phone="1")
    (outcome,) = written(
        desk, crm, Update(kind=Kind.ACCOUNT, key=str(partner), fields={"phone": "2"}, expected=seen.version)
    )
    assert outcome.result is Result.STALE
    assert desk.row("res.partner", partner, "phone")["phone"] == "1"


@pytest.mark.parametrize("text", ["O'Hara", "')]|('id', '>', 0", "%", '{"$ne": 1}', "été ☃", "a" * 3000, "=1+1"])
def test_a_value_stays_a_value(desk: OdooDesk, crm: OdooCrm, text: str) -> None:
    mark = f"account:clm:{text}"
    (made,) = written(desk, crm, Create(kind=Kind.ACCOUNT, mark=mark, fields={"name": text}))
    assert made.result is Result.DONE, made.why
    found = desk.driver.run(crm.find(Kind.ACCOUNT, mark))
    assert found is not None
    assert (found.key, found.fields["name"]) == (made.key, text)


def test_a_thousand_changes_take_as_few_calls_as_pages_and_batches_allow(desk: OdooDesk) -> None:
    """One page and one batch for a thousand, 1.05 times that, and one call for a page or a batch that is not full."""
    names = [{"name": f"many {k:04}", "is_company": True} for k in range(1000)]
    ids = desk.do("res.partner", "create", vals_list=names)
    crm = desk.crm()
    _, cursor = desk.pull(crm, Kind.ACCOUNT)  # what fields there are, and our keys, are looked at once
    _ = written(desk, crm, Create(kind=Kind.ACCOUNT, mark="account:clm:first", fields={"name": "first"}))
    desk.wait()
    _, cursor = desk.pull(crm, Kind.ACCOUNT, cursor)
    _ = desk.do("res.partner", "write", ids, vals={"phone": "0"})
    with desk.counted() as calls:
        told, _ = desk.pull(crm, Kind.ACCOUNT, cursor)
    pulled = calls()
    with desk.counted() as calls:
        seen = desk.driver.run(crm.read(Kind.ACCOUNT, [str(k) for k in ids]))
        outcomes = written(desk, crm, *(
            Update(kind=Kind.ACCOUNT, key=row.key, fields={"phone": f"01 {row.key}"}, expected=row.version)
            for row in seen
        ))  # fmt: skip
    changed = calls()
    with desk.counted() as calls:
        made = written(desk, crm, *(
            Create(kind=Kind.ACCOUNT, mark=f"account:clm:many {k}", fields={"name": f"made {k}"}) for k in range(1000)
        ))  # fmt: skip
    created = calls()
    print(f"calls for 1,000 records: {pulled} to pull, {changed} to read and change, {created} to create")  # noqa: T201 - a measure
    assert set(map(str, ids)) <= told.keys()
    assert len(outcomes) == len(made) == 1000
    assert all(outcome.result is Result.DONE for outcome in (*outcomes, *made))
    assert all(outcome.shown is not None for outcome in (*outcomes, *made))
    assert pulled <= 1.05 * 1 + 1
    assert changed <= 1.05 * 2 + 1
    assert created <= 1.05 * 2 + 1


# Contracts


def test_a_recurring_line_with_a_first_day_is_one_of_the_ocas(legal: OdooDesk, clm: OdooClm) -> None:
    partner = legal.account("Garnier")
    price: dict[str, Json] = {"amount": "120.50", "currency": "EUR"}
    lines: list[Json] = [
        {"id": "1", "description": "support", "price": price, "recurrence": "P3M", "quantity": "2"},
        {"id": "2", "description": "set-up", "price": price},
    ]
    fields: dict[str, Json] = {
        "title": "support", "kind": "sales", "counterparty": str(partner), "effective_on": "2026-01-31",
        "term": {"is": "term_clause", "ends_on": "2027-02-01", "end_means": "first_day_after"}, "lines": lines,
    }  # fmt: skip
    (made,) = written(legal, clm, Create(kind=Kind.CONTRACT, mark="contract:crm:lines", fields=fields))
    assert made.result is Result.DONE, made.why
    row = legal.row("contract.contract", int(made.key), "contract_line_ids", "date_start", "date_end")
    assert (row["date_start"], row["date_end"]) == ("2026-01-31", "2027-01-31")
    (line,) = legal.do(
        "contract.line", "read", row["contract_line_ids"],
        fields=["name", "quantity", "price_unit", "recurring_rule_type", "recurring_interval", "date_start"],
    )  # fmt: skip
    assert (line["name"], line["quantity"], line["price_unit"]) == ("support", 2, Decimal("120.5"))
    assert (line["recurring_rule_type"], line["recurring_interval"]) == ("monthly", 3)
    shown = one(legal, clm, Kind.CONTRACT, made.key).fields
    assert {name: shown[name] for name in fields} == fields

    # A person edits the line in Odoo: that is what holds, and what Odoo has no room for stays.
    legal.write("contract.line", line["id"], price_unit=130)
    shown = one(legal, clm, Kind.CONTRACT, made.key).fields
    assert [(told["description"], told["price"]["amount"]) for told in shown["lines"]] == [  # type: ignore[union-attr, index, call-overload] # JSON
        ("support", "130.00"), ("set-up", "120.50"),
    ]  # fmt: skip


def test_the_oca_lets_a_months_end_slip(legal: OdooDesk) -> None:
    """31 January, 28 February, 28 March: each period begins the day after the last one ended."""
    line = {
        "name": "rent", "quantity": 1, "price_unit": 1, "recurring_rule_type": "monthly", "recurring_interval": 1,
        "recurring_invoicing_type": "pre-paid", "date_start": "2026-01-31",
    }  # fmt: skip
    number = legal.create(
        "contract.contract", name="rent", partner_id=legal.account("Faure"), date_start="2026-01-31",
        line_recurrence=True, contract_line_ids=[[0, 0, line]],
    )  # fmt: skip
    (line_id,) = legal.row("contract.contract", number, "contract_line_ids")["contract_line_ids"]
    days = []
    for _ in range(4):
        period = legal.row("contract.line", line_id, "next_period_date_start", "next_period_date_end")
        days.append(period["next_period_date_start"])
        legal.write("contract.line", line_id, last_date_invoiced=period["next_period_date_end"])
    assert days == ["2026-01-31", "2026-02-28", "2026-03-28", "2026-04-28"]


def test_a_contract_made_by_hand_is_understood(legal: OdooDesk, clm: OdooClm) -> None:
    partner = legal.account("Roux")
    number = legal.create(
        "contract.contract", name="by hand", code="H-1", partner_id=partner, contract_type="purchase",
        date_start="2026-03-01", line_recurrence=True,
        contract_line_ids=[[0, 0, {
            "name": "lease", "quantity": 1, "price_unit": 99.5, "recurring_rule_type": "quarterly",
            "recurring_interval": 1, "recurring_invoicing_type": "post-paid", "date_start": "2026-03-01",
        }]],
    )  # fmt: skip
    shown = one(legal, clm, Kind.CONTRACT, number)
    contract = from_fields(Contract, {**stated(shown.fields), "id": shown.key})
    assert (contract.title, contract.number, contract.kind.value) == ("by hand", "H-1", "procurement")
    assert contract.effective_on == date(2026, 3, 1)
    (line,) = contract.lines
    assert (str(line.recurrence), line.timing.value, str(line.price)) == ("P3M", "arrears", "99.50 EUR")


def test_an_agreement_is_a_contract_as_well(legal: OdooDesk) -> None:
    clm = legal.clm(keeping=Keeping.AGREEMENT)
    partner = legal.account("Blanc")
    fields: dict[str, Json] = {
        "title": "framework", "number": "A-1", "kind": "partnership", "counterparty": str(partner),
        "executed_on": "2026-05-07", "effective_on": {"partial": {"year": 2026}},
        "term": {"is": "term_clause", "initial": "P36M", "citation": "art. 9.1"},
    }  # fmt: skip
    (made,) = written(legal, clm, Create(kind=Kind.CONTRACT, mark="contract:crm:agreed", fields=fields))
    assert made.result is Result.DONE, made.why
    row = legal.row("agreement", int(made.key), "name", "code", "signature_date", "start_date")
    assert (row["name"], row["code"], row["signature_date"], row["start_date"]) == (
        "framework", "A-1", "2026-05-07", False,
    )  # fmt: skip
    shown = one(legal, clm, Kind.CONTRACT, made.key).fields
    assert {name: shown[name] for name in fields} == fields


# The doors


def test_the_older_door_shows_and_takes_the_same(desk: OdooDesk) -> None:
    partner = desk.account("by both doors")
    new, old = desk.crm(), desk.crm(desk.by_rpc())
    seen = one(desk, new, Kind.ACCOUNT, partner)
    assert one(desk, old, Kind.ACCOUNT, partner) == seen
    update = Update(kind=Kind.ACCOUNT, key=str(partner), fields={"phone": "7"}, expected=seen.version)
    create = Create(kind=Kind.ACCOUNT, mark="account:clm:old door", fields={"name": "old door"})
    assert [outcome.result for outcome in written(desk, old, update, create)] == [Result.DONE, Result.DONE]
    assert one(desk, new, Kind.ACCOUNT, partner).fields["phone"] == "7"
    assert desk.driver.run(old.find(Kind.ACCOUNT, "account:clm:nobody")) is None


def test_the_best_known_client_sees_what_we_write_and_we_what_it_writes(desk: OdooDesk, crm: OdooCrm) -> None:
    odoorpc: Any = pytest.importorskip("odoorpc", reason="OdooRPC is in the dependency group vendors")
    client = odoorpc.ODOO("127.0.0.1", port=int(desk.server.url.rpartition(":")[2]))
    client.login(desk.database, "sync", desk.server.keys["sync"])
    partner = client.env["res.partner"].create({"name": "by its client", "is_company": True, "zip": "75009"})
    seen = one(desk, crm, Kind.ACCOUNT, partner)
    assert (seen.fields["name"], seen.fields["billing_address"]) == ("by its client", {"postal_code": "75009"})
    fields: dict[str, Json] = {"phone": "0102", "billing_address": {"city": "Lyon"}}
    (outcome,) = written(desk, crm, Update(kind=Kind.ACCOUNT, key=seen.key, fields=fields, expected=seen.version))
    assert outcome.ok
    (row,) = client.execute("res.partner", "read", [partner], ["name", "phone", "city", "zip"])
    assert row == {"id": partner, "name": "by its client", "phone": "0102", "city": "Lyon", "zip": False}


@pytest.mark.parametrize("by_rpc", [False, True])
def test_a_wrong_key_is_said_and_not_shown(desk: OdooDesk, *, by_rpc: bool) -> None:
    made = desk.by_rpc() if by_rpc else desk.session()
    session = OdooSession(
        desk.server.url, database=desk.database, key=Secret("hunter2-secret"), door=made.door, login="sync"
    )
    with pytest.raises(TerminalError) as refused:
        _ = desk.driver.run(session.ask("res.partner", "search", domain=[]))
    assert "hunter2" not in f"{refused.value}{session!r}{refused.value.__cause__!r}"


def test_a_mistake_of_ours_is_no_fault_of_the_servers(desk: OdooDesk) -> None:
    """Odoo answers 500 to both; the body says which, and nothing is tried again."""
    with desk.counted() as calls, pytest.raises(RefusedError, match="Invalid field"):
        _ = desk.driver.run(desk.session().ask("res.partner", "search", domain=[["nope", "=", 1]]))
    assert calls() == 1
    with pytest.raises(TerminalError, match="x_nowhere"):
        _ = desk.driver.run(desk.crm(contract_field="x_nowhere").changes(Kind.OPPORTUNITY, None))
    other = OdooSession(desk.server.url, database="elsewhere", key=Secret("k" * 40))
    with pytest.raises(RefusedError):
        _ = desk.driver.run(other.ask("res.partner", "search", domain=[]))


# `clmcrm connect`


def connected(desk: OdooDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, **options: str) -> str:
    """What it prints for a user of this database, in one line; the key never."""
    monkeypatch.setenv("ODOO_KEY", desk.server.keys.get(who, who))
    told = {"database": desk.database, **options}
    lines = ", ".join(f'{name} = "{value}"' for name, value in told.items())
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(f'[systems.erp]\nvendor = "odoo"\noptions = {{ {lines} }}\nsecrets.key.env = "ODOO_KEY"\n')
    out = io.StringIO()
    code = run(["connect", "erp", "--config", str(file), "--address", desk.server.url, "--json"], out, out)
    said = " ".join(out.getvalue().split())
    assert desk.server.keys.get(who, who) not in said
    assert (code == 0) is ('"ok": false' not in said), said
    return said


def test_connect_says_what_is_missing_in_odoos_own_words(
    desk: OdooDesk, legal: OdooDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, options in ((desk, {"contract_field": "x_contract"}), (legal, {"side": "contract"})):
        assert '"ok": false' not in connected(place, tmp_path, monkeypatch, "sync", **options)
    lacking: list[tuple[str, dict[str, str], str]] = [
        ("wrong-key", {}, "Invalid apikey"),
        ("sync", {"database": "elsewhere"}, "'elsewhere' is not there"),
        ("sync", {"database": "elsewhere", "login": "sync"}, "does not exist"),
        ("sync", {"contract_field": "x_nowhere"}, "crm.lead has no field x_nowhere"),
        ("sync", {"company": "99"}, "unauthorized or invalid companies"),
        ("guest", {}, "You are not allowed to access 'Lead' (crm.lead) records"),
        ("guest", {"side": "agreement"}, "Agreement/User"),
        ("guest", {}, "the user may not write or create records of it"),
    ]
    for who, options, words in lacking:
        assert words in connected(desk, tmp_path, monkeypatch, who, **options)
