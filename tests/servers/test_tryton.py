"""A running Tryton as the CRM: the main job end to end, twice, and what only a real server can refuse."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from serving_tryton import running
from tryton_desk import TrytonDesk, now

from clmcrm.adapters.embedded import EmbeddedClm
from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import RefusedByServer
from clmcrm.cli.main import run
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields
from clmcrm.errors import TerminalError
from clmcrm.liaison.main_job import Joined, Run, carry_out_flow, join
from clmcrm.liaison.views import stated
from clmcrm.ports.records import Create, Kind, Remove, Result, Update
from clmcrm.store.memory import MemoryJournal

pytestmark = pytest.mark.servers

AS_OF = date(2026, 12, 1)
BRIEF = timedelta(seconds=2)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesk]:
    with running(tmp_path_factory.mktemp("tryton")) as server:
        yield TrytonDesk(server)


@pytest.fixture
def crm(desk: TrytonDesk) -> TrytonCrm:
    return desk.crm(overlap=BRIEF)


def put_together(crm: TrytonCrm) -> tuple[Joined, EmbeddedClm]:
    clm = EmbeddedClm(":memory:")
    return join(crm, clm, MemoryJournal(), AS_OF), clm


def settled(desk: TrytonDesk, joined: Joined) -> Run:
    return desk.driver.run(carry_out_flow(joined, clock=now))


def contracts(clm: EmbeddedClm) -> list[Contract]:
    return [
        from_fields(Contract, {**stated(one.fields), "id": one.key}) for one in clm.changes(Kind.CONTRACT, None).seen
    ]


def test_a_sale_won_there_becomes_a_contract_and_its_terms_come_back(desk: TrytonDesk, crm: TrytonCrm) -> None:
    party = desk.account("Durand", email="achats@durand.example")
    sale = desk.opportunity(party, "maintenance 2027", "1000.00")
    desk.win(
        sale,
        {"description": "maintenance", "quantity": 12.0, "unit_price": Decimal("99.50")},
        {"description": "set-up", "quantity": 1.5, "unit_price": Decimal("400.0000")},
    )
    joined, clm = put_together(crm)
    first = settled(desk, joined)
    assert first.settled
    assert not first.problems

    (contract,) = [one for one in contracts(clm) if one.opportunity == str(sale)]
    assert [(line.description, line.quantity, str(line.price)) for line in contract.lines] == [
        ("maintenance", Decimal(12), "99.50 EUR"),
        ("set-up", Decimal("1.5"), "400.00 EUR"),
    ]
    assert contract.title == "maintenance 2027"
    # What the salesperson sees, in Tryton's own words: the link, and the terms attached to the customer.
    (row,) = desk.do("sale.opportunity", "read", [sale], ["reference"])
    assert row["reference"] == contract.id
    (terms,) = desk.do(
        "ir.attachment", "search_read", [["resource", "=", f"party.party,{party}"]], 0, None, None, ["description"]
    )
    assert "title: maintenance 2027" in terms["description"]

    again = settled(desk, joined)
    assert (again.written, again.settled) == (0, True)


def test_fields_travel_both_ways_to_their_owners(desk: TrytonDesk, crm: TrytonCrm) -> None:
    party = desk.account("Petit", website="https://petit.example")
    joined, clm = put_together(crm)
    _ = settled(desk, joined)
    (mine,) = [one for one in clm.changes(Kind.ACCOUNT, None).seen if one.fields["name"] == "Petit"]
    desk.do("party.party", "write", [party], {"name": "Petit & Cie"})
    _ = clm.edit(Kind.ACCOUNT, mine.key, {"vat_number": "FR23334175221"})
    assert settled(desk, joined).written == 2
    assert clm.read(Kind.ACCOUNT, [mine.key])[0].fields["name"] == "Petit & Cie"
    codes = desk.do("party.identifier", "search_read", [["party", "=", party]], 0, None, None, ["type", "code"])
    assert ("eu_vat", "FR23334175221") in {(code["type"], code["code"]) for code in codes}
    assert settled(desk, joined).written == 0


def test_a_change_of_an_address_alone_is_seen(desk: TrytonDesk, crm: TrytonCrm) -> None:
    party = desk.account("Moreau")
    first = desk.driver.run(crm.changes(Kind.ACCOUNT, None))
    (seen,) = desk.driver.run(crm.read(Kind.ACCOUNT, [str(party)]))
    address = desk.do("party.address", "search", [["party", "=", party]])
    desk.do("party.address", "write", address, {"city": "Lyon"})
    later = {one.key: one for one in desk.driver.run(crm.changes(Kind.ACCOUNT, first.cursor)).seen}
    assert later[str(party)].fields["billing_address"] == {
        "lines": ["1 rue Bleue"],
        "city": "Lyon",
        "postal_code": "75009",
    }
    # The version has moved as well: a write that expects the old one is refused by Tryton's own lock.
    (outcome,) = desk.driver.run(
        crm.write([Update(kind=Kind.ACCOUNT, key=str(party), fields={"name": "X"}, expected=seen.version)])
    )
    assert outcome.result is Result.STALE


def test_one_stale_row_rolls_its_call_back_and_the_others_are_written(desk: TrytonDesk, crm: TrytonCrm) -> None:
    parties = [desk.account(f"row {k}") for k in range(5)]
    rows = {one.key: one for one in desk.driver.run(crm.read(Kind.ACCOUNT, list(map(str, parties))))}
    writes = [
        Update(kind=Kind.ACCOUNT, key=str(p), fields={"name": f"renamed {p}"}, expected=rows[str(p)].version)
        for p in parties
    ]
    flow: Any = crm.write(writes)
    edited = False
    # A person edits between our reading and our writing: the very window the lock is for.
    reply: Any = None
    try:
        while True:
            call = flow.send(reply)
            if not edited and b".write" in (call.body or b""):
                desk.do("party.party", "write", [parties[2]], {"name": "by a person"})
                edited = True
            reply = desk.driver.run(_one(call))
    except StopIteration as end:
        outcomes = end.value
    assert edited
    assert [one.result for one in outcomes] == [Result.DONE, Result.DONE, Result.STALE, Result.DONE, Result.DONE]
    names = {row["id"]: row["name"] for row in desk.do("party.party", "read", parties, ["name"])}
    assert names[parties[2]] == "by a person"
    assert names[parties[4]] == f"renamed {parties[4]}"


def _one(call: Any) -> Any:
    return (yield call)


def test_a_refused_row_keeps_no_other_out(desk: TrytonDesk, crm: TrytonCrm) -> None:
    made = desk.driver.run(crm.write([
        Create(kind=Kind.ACCOUNT, mark=f"account:clm:{k}", fields={"name": f"new {k}", "vat_number": vat})
        for k, vat in enumerate(["FR23334175221", "nonsense", "DE136695976"])
    ]))  # fmt: skip
    assert [one.result for one in made] == [Result.DONE, Result.REFUSED, Result.DONE]
    assert "not valid" in made[1].why


def test_creating_again_under_the_same_mark_binds(desk: TrytonDesk, crm: TrytonCrm) -> None:
    write = Create(kind=Kind.ACCOUNT, mark="account:clm:bind", fields={"name": "once"})
    (first,), (second,) = (desk.driver.run(crm.write([write])) for _ in range(2))
    assert (first.result, second.result) == (Result.DONE, Result.BOUND)
    assert first.key == second.key
    assert desk.do("party.party", "search_count", [["name", "=", "once"]]) == 1


def test_a_deletion_is_believed_only_when_the_log_proves_it(desk: TrytonDesk, crm: TrytonCrm) -> None:
    kept, deleted = desk.account("stays"), desk.account("goes")
    first = desk.driver.run(crm.changes(Kind.ACCOUNT, None))
    desk.do("party.party", "delete", [deleted])
    told = {one.key: one for one in desk.driver.run(crm.changes(Kind.ACCOUNT, first.cursor)).seen}
    assert told[str(deleted)].gone
    assert not any(one.gone for key, one in told.items() if key != str(deleted))
    # A key that never was is not shown at all; a category taken away is no deletion either.
    desk.do("party.party", "write", [kept], {"categories": [["remove", [desk.customer]]]})
    read = desk.driver.run(crm.read(Kind.ACCOUNT, [str(kept), str(deleted), "987654"]))
    assert [(one.key, one.gone) for one in read] == [(str(deleted), True)]


def test_archiving_keeps_the_party(desk: TrytonDesk, crm: TrytonCrm) -> None:
    party = desk.account("old")
    (seen,) = desk.driver.run(crm.read(Kind.ACCOUNT, [str(party)]))
    (outcome,) = desk.driver.run(crm.write([Remove(kind=Kind.ACCOUNT, key=str(party), expected=seen.version)]))
    assert outcome.result is Result.DONE
    (seen,) = desk.driver.run(crm.read(Kind.ACCOUNT, [str(party)]))
    assert seen.gone
    assert desk.do("party.party", "search_count", [["id", "=", party]], context={"active_test": False}) == 1


@pytest.mark.parametrize("text", ["O'Hara", '"]] OR [["id', "%' OR 1=1 --", "été ☃", "a" * 3000, "_timestamp"])
def test_a_value_stays_a_value(desk: TrytonDesk, crm: TrytonCrm, text: str) -> None:
    mark = f"account:clm:{text}"
    (made,) = desk.driver.run(crm.write([Create(kind=Kind.ACCOUNT, mark=mark, fields={"name": text})]))
    assert made.result is Result.DONE, made.why
    found = desk.driver.run(crm.find(Kind.ACCOUNT, mark))
    assert found is not None
    assert (found.key, found.fields["name"]) == (made.key, text)


def test_paging_shows_each_once_whatever_the_stamps(desk: TrytonDesk) -> None:
    names = {f"page {k}" for k in range(23)}
    values = [{"name": name, "categories": [["add", [desk.customer]]]} for name in sorted(names)]
    desk.do("party.party", "create", values)  # one transaction: one time stamp for all
    paged = desk.crm(overlap=BRIEF, page=5)
    seen, cursor, more = [], None, True
    while more:
        page = desk.driver.run(paged.changes(Kind.ACCOUNT, cursor))
        seen += [one.key for one in page.seen if one.fields.get("name") in names]
        cursor, more = page.cursor, page.more
    assert len(seen) == len(set(seen)) == 23


def test_a_wrong_password_says_who_and_not_what(desk: TrytonDesk) -> None:
    session = TrytonSession(desk.server.url, database="crm", user="admin", password="hunter2-secret")  # noqa: S106 - a canary
    with pytest.raises(TerminalError, match="'admin' may not log in") as refused:
        _ = desk.driver.run(session.ask("party.party", "search", []))
    assert "hunter2" not in f"{refused.value}{session!r}{refused.value.__cause__!r}"


@pytest.mark.slow
def test_a_thousand_changes_take_as_few_calls_as_pages_and_batches_allow(desk: TrytonDesk) -> None:
    """One page and one batch for a thousand, 1.05 times that, and one call for a page or a batch that is not full."""
    crm = desk.crm(overlap=BRIEF, accounts=[])
    ids = desk.do("party.party", "create", [{"name": f"many {k:04}"} for k in range(1000)])
    cursor = desk.driver.run(crm.changes(Kind.ACCOUNT, None)).cursor
    _ = desk.driver.run(crm.write([Create(kind=Kind.ACCOUNT, mark="account:clm:first", fields={"name": "first"})]))
    sleep(BRIEF.total_seconds() + 1.5)
    cursor = desk.driver.run(crm.changes(Kind.ACCOUNT, cursor)).cursor
    desk.do("party.party", "write", ids, {"name": "renamed"})
    with desk.counted() as calls:
        page = desk.driver.run(crm.changes(Kind.ACCOUNT, cursor))
    pulled = calls()
    with desk.counted() as calls:
        seen = desk.driver.run(crm.read(Kind.ACCOUNT, [str(k) for k in ids]))
        outcomes = desk.driver.run(crm.write([
            Update(kind=Kind.ACCOUNT, key=row.key, fields={"phone": f"+33 1 {row.key}"}, expected=row.version)
            for row in seen
        ]))  # fmt: skip
    changed = calls()
    with desk.counted() as calls:
        made = desk.driver.run(crm.write([
            Create(kind=Kind.ACCOUNT, mark=f"account:clm:many {k}", fields={"name": f"made {k}"}) for k in range(1000)
        ]))  # fmt: skip
    created = calls()
    print(f"calls for 1,000 records: {pulled} to pull, {changed} to read and change, {created} to create")  # noqa: T201 - a measure
    assert set(map(str, ids)) <= {one.key for one in page.seen}
    assert not page.more
    assert all(outcome.result is Result.DONE for outcome in (*outcomes, *made))
    assert all(outcome.shown is not None for outcome in (*outcomes, *made))
    assert pulled <= 1.05 * 1 + 1
    assert changed <= 1.05 * 2 + 1
    assert created <= 1.05 * 2 + 1


# `clmcrm connect`, and what a user without rights is told


GUEST = "a-guest-of-tryton-1"


@pytest.fixture(scope="module")
def guest(desk: TrytonDesk) -> str:
    """A user in no group, who may see opportunities and not write them."""
    companies = {"companies": [["add", [desk.company]]], "company": desk.company}
    _ = desk.do("res.user", "create", [{"name": "Guest", "login": "guest", "password": GUEST, **companies}])
    rights = {"perm_read": True, "perm_write": False, "perm_create": False, "perm_delete": False}
    _ = desk.do("ir.model.access", "create", [{"model": "sale.opportunity", "group": None, **rights}])
    return "guest"


def connected(desk: TrytonDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str, **options: str) -> str:
    """What it prints, in one line; the password never."""
    monkeypatch.setenv("TRYTON_PASSWORD", password)
    told = {"database": "crm", "user": "admin", "company": str(desk.company), **options}
    lines = ", ".join(f'{name} = "{value}"' for name, value in told.items())
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(
        f'[systems.erp]\nvendor = "tryton"\noptions = {{ {lines} }}\nsecrets.password.env = "TRYTON_PASSWORD"\n'
    )
    out = io.StringIO()
    code = run(["connect", "erp", "--config", str(file), "--address", desk.server.url, "--json"], out, out)
    said = " ".join(out.getvalue().split())
    assert password not in said
    assert (code == 0) is ('"ok": false' not in said), said
    return said


def test_connect_says_what_is_missing_in_trytons_own_words(
    desk: TrytonDesk, guest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert '"ok": false' not in connected(desk, tmp_path, monkeypatch, desk.server.password)
    lacking: list[tuple[str, dict[str, str], str]] = [
        ("wrong-password", {}, "'admin' may not log in to 'crm'"),
        (desk.server.password, {"database": "elsewhere"}, "no such database"),
        (GUEST, {"user": guest}, "the user may not write records of it"),
    ]
    for password, options, words in lacking:
        assert words in connected(desk, tmp_path, monkeypatch, password, **options)


def test_lost_permissions_delete_nothing(desk: TrytonDesk, crm: TrytonCrm, guest: str) -> None:
    """A user who may see nothing any more is told of no deletion, by the feed as by a reading of keys."""
    party = desk.account("hidden")
    first = desk.driver.run(crm.changes(Kind.ACCOUNT, None))
    theirs = TrytonCrm(desk.as_user(guest, GUEST), overlap=BRIEF)
    for ask in (lambda: theirs.changes(Kind.ACCOUNT, first.cursor), lambda: theirs.read(Kind.ACCOUNT, [str(party)])):
        try:
            told: Any = desk.driver.run(ask())
        except (TerminalError, RefusedByServer):
            continue
        assert not any(one.gone for one in getattr(told, "seen", told))
    # A rule that hides a part of the parties is no deletion of them.
    hiding = desk.crm(overlap=BRIEF, accounts=[["id", "<", 0]])
    page = desk.driver.run(hiding.changes(Kind.ACCOUNT, first.cursor))
    assert not page.seen
    assert desk.driver.run(hiding.read(Kind.ACCOUNT, [str(party)])) == ()


def test_an_anonymous_answer_deletes_nothing(desk: TrytonDesk, crm: TrytonCrm) -> None:
    """Without a session Tryton answers 401, and an unknown database 404: neither is an empty list of parties."""
    first = desk.driver.run(crm.changes(Kind.ACCOUNT, None))
    nobody = TrytonCrm(desk.as_user("nobody", "nothing"), overlap=BRIEF)
    elsewhere = TrytonSession(desk.server.url, database="elsewhere", user="admin", password=desk.server.password)
    for system in (nobody, TrytonCrm(elsewhere, overlap=BRIEF)):
        with pytest.raises(TerminalError):
            _ = desk.driver.run(system.changes(Kind.ACCOUNT, first.cursor))
        with pytest.raises(TerminalError):
            _ = desk.driver.run(system.read(Kind.ACCOUNT, ["1"]))
