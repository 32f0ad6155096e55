"""What HubSpot's feeds tell: beyond 10,000 rows, moved associations, merges, deletions, line items; at what cost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, cast

import pytest
from hubspot_desk import HubSpotDesk

from clmcrm.adapters.hubspot import sweeping
from clmcrm.adapters.hubspot.crm import HubSpotCrm
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind, Page, Seen, Update
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.hubspot import pipelines, searching
from clmcrm.testing.vendors.hubspot.account import HubSpotAccount

NO_OVERLAP: dict[str, Any] = {"overlap": timedelta(0), "sweep": None}


def pulled(desk: HubSpotDesk, kind: str, cursor: str | None = None) -> tuple[list[Seen], str]:
    """All that a pull tells, and the cursor it ends with."""
    told: list[Seen] = []
    while True:
        page: Page = desk.run(desk.crm.changes(kind, cursor))
        told += page.seen
        cursor = page.cursor
        if not page.more:
            return told, cursor


def of(told: list[Seen], key: str) -> Seen:
    return next(one for one in reversed(told) if one.key == key)


def companies(desk: HubSpotDesk, count: int) -> list[str]:
    return [desk.account.add("companies", name=f"Company {n}").id for n in range(count)]


def test_more_rows_of_one_instant_than_a_search_tells_are_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_TOLD", 300)
    desk = HubSpotDesk(page=250)
    first = desk.account.clock.now
    for number in range(900):
        _ = desk.account.objects.create("companies", {"name": f"Company {number}"})  # nothing moves the clock
    assert {one.updated for one in desk.account.records.of("companies").values()} == {first}
    told, _ = pulled(desk, Kind.ACCOUNT)
    assert len({one.key for one in told}) == 900


def test_a_thousand_changed_records_take_the_fewest_calls() -> None:
    """Five searches and one read of associations; then the last search and the list of archived records."""
    desk = HubSpotDesk(**NO_OVERLAP)
    keys = companies(desk, 1_000)
    _, cursor = pulled(desk, Kind.ACCOUNT)
    for key in keys:
        desk.account.edit("companies", key, phone="1")
    calls, page = desk.calls(desk.crm.changes(Kind.ACCOUNT, cursor))
    assert (len(page.seen), page.more, calls) == (1_000, True, 6)
    calls, page = desk.calls(desk.crm.changes(Kind.ACCOUNT, page.cursor))
    assert (page.seen, page.more, calls) == ((), False, 2)


def test_a_thousand_writes_take_ten_calls() -> None:
    desk = HubSpotDesk()
    creates = [Create(kind=Kind.ACCOUNT, mark=f"a:{n}", fields={"name": f"N {n}"}) for n in range(1_000)]
    _ = desk.run(desk.crm.write(creates[:1]))  # the account, its stages and the property of our key are asked for once
    total = 0
    keys: list[str] = []
    for first in range(0, 1_000, 100):
        some = [Create(kind=one.kind, mark=f"b:{one.mark}", fields=one.fields) for one in creates[first : first + 100]]
        calls, outcomes = desk.calls(desk.crm.write(some))
        total += calls
        keys += [one.key for one in outcomes]
    assert total == 10
    updates = [Update(kind=Kind.ACCOUNT, key=key, fields={"phone": "1"}, expected="") for key in keys]
    assert sum(desk.calls(desk.crm.write(updates[n : n + 100]))[0] for n in range(0, 1_000, 100)) == 10
    # The audit afterwards: with history HubSpot takes fifty records a call.
    calls, past = desk.calls(desk.crm.past(Kind.ACCOUNT, keys))
    assert (calls, {one.value for one in past if one.name == "phone"} - {None}) == (20, {"1"})


@pytest.fixture
def family() -> tuple[HubSpotDesk, list[str], str, str]:
    """Contacts at one of two companies."""
    desk = HubSpotDesk(overlap=timedelta(0), sweep=timedelta(0))
    first, second = desk.account.add("companies", name="one").id, desk.account.add("companies", name="two").id
    contacts = [desk.account.add("contacts", email=f"p{n}@example.org").id for n in range(5)]
    for key in contacts:
        desk.account.links.make("contacts", key, "companies", first, 1)
    desk.account.clock.advance(timedelta(seconds=2))  # windows go by whole seconds
    return desk, contacts, first, second


def test_a_moved_association_is_told_although_no_date_says_so(family: tuple[HubSpotDesk, list[str], str, str]) -> None:
    desk, contacts, first, second = family
    told, cursor = pulled(desk, Kind.CONTACT)
    assert {one.fields["account"] for one in told} == {first}
    _, cursor = pulled(desk, Kind.CONTACT, cursor)
    before = desk.account.records.of("contacts")[contacts[2]].updated
    desk.account.links.make("contacts", contacts[2], "companies", second, 1)
    assert desk.account.records.of("contacts")[contacts[2]].updated == before
    desk.account.clock.advance(timedelta(seconds=2))
    told, cursor = pulled(desk, Kind.CONTACT, cursor)
    assert of(told, contacts[2]).fields["account"] == second
    desk.account.clock.advance(timedelta(seconds=2))
    assert pulled(desk, Kind.CONTACT, cursor)[0] == []


def test_a_sweep_that_finds_nothing_tells_nothing(family: tuple[HubSpotDesk, list[str], str, str]) -> None:
    desk, _, first, _ = family
    _, cursor = pulled(desk, Kind.CONTACT)
    new = desk.account.add("contacts", email="new@example.org").id
    desk.account.links.make("contacts", new, "companies", first, 1)
    desk.account.clock.advance(timedelta(seconds=2))
    told, cursor = pulled(desk, Kind.CONTACT, cursor)
    assert of(told, new).fields["account"] == first
    desk.account.clock.advance(timedelta(seconds=2))
    assert pulled(desk, Kind.CONTACT, cursor)[0] == []


def test_an_association_of_a_new_record_that_moved_before_its_first_sweep_is_told(
    family: tuple[HubSpotDesk, list[str], str, str],
) -> None:
    desk, _, first, second = family
    desk.crm = HubSpotCrm(desk.session, overlap=timedelta(0), sweep=timedelta(hours=6))
    _, cursor = pulled(desk, Kind.CONTACT)
    new = desk.account.add("contacts", email="new@example.org").id
    desk.account.links.make("contacts", new, "companies", first, 1)
    desk.account.clock.advance(timedelta(minutes=1))
    told, cursor = pulled(desk, Kind.CONTACT, cursor)
    assert of(told, new).fields["account"] == first
    desk.account.links.make("contacts", new, "companies", second, 1)
    desk.account.clock.advance(timedelta(hours=7))
    told, cursor = pulled(desk, Kind.CONTACT, cursor)
    assert of(told, new).fields["account"] == second
    desk.account.clock.advance(timedelta(hours=7))
    assert pulled(desk, Kind.CONTACT, cursor)[0] == []


def test_a_sweep_takes_as_many_calls_as_there_are_thousands_however_often_it_was_done(
    family: tuple[HubSpotDesk, list[str], str, str],
) -> None:
    desk, contacts, first, second = family
    _, cursor = pulled(desk, Kind.CONTACT)
    calls: list[int] = []
    for number in range(8):
        new = desk.account.add("contacts", email=f"new{number}@example.org").id
        desk.account.links.make("contacts", new, "companies", first, 1)
        desk.account.clock.advance(timedelta(seconds=2))
        before = desk.transport.calls
        told, cursor = pulled(desk, Kind.CONTACT, cursor)
        calls.append(desk.transport.calls - before)
        assert {one.key for one in told} == {new}
    assert len(set(calls)) == 1
    for moved in (contacts[0], new):
        desk.account.links.make("contacts", moved, "companies", second, 1)
        desk.account.clock.advance(timedelta(seconds=2))
        told, cursor = pulled(desk, Kind.CONTACT, cursor)
        assert of(told, moved).fields["account"] == second


def test_runs_longer_than_one_is_now_and_runs_that_fill_up_lose_nothing(
    family: tuple[HubSpotDesk, list[str], str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, contacts, first, second = family
    _, cursor = pulled(desk, Kind.CONTACT)  # one run of five
    monkeypatch.setattr(sweeping, "RUN", 3)
    monkeypatch.setattr(sweeping, "MOST_ROWS", 2)
    for number in range(9):
        contacts.append(desk.account.add("contacts", email=f"new{number}@example.org").id)
        desk.account.links.make("contacts", contacts[-1], "companies", first, 1)
        desk.account.clock.advance(timedelta(seconds=2))
        told, cursor = pulled(desk, Kind.CONTACT, cursor)
        assert contacts[-1] in {one.key for one in told}
    for moved in contacts:
        desk.account.links.make("contacts", moved, "companies", second, 1)
        desk.account.clock.advance(timedelta(seconds=2))
        told, cursor = pulled(desk, Kind.CONTACT, cursor)
        assert of(told, moved).fields["account"] == second
        desk.account.clock.advance(timedelta(seconds=2))
        told, cursor = pulled(desk, Kind.CONTACT, cursor)
        assert told == []


def test_a_sweep_waits_until_it_is_due(family: tuple[HubSpotDesk, list[str], str, str]) -> None:
    desk, contacts, _, second = family
    crm = HubSpotCrm(desk.session, overlap=timedelta(0), sweep=timedelta(hours=6))
    page = desk.run(crm.changes(Kind.CONTACT, None))
    desk.account.links.make("contacts", contacts[0], "companies", second, 1)
    desk.account.clock.advance(timedelta(hours=1))
    page = desk.run(crm.changes(Kind.CONTACT, page.cursor))
    assert page.seen == ()
    desk.account.clock.advance(timedelta(hours=6))
    told: list[Seen] = []
    page = desk.run(crm.changes(Kind.CONTACT, page.cursor))
    told += page.seen
    while page.more:
        page = desk.run(crm.changes(Kind.CONTACT, page.cursor))
        told += page.seen
    assert of(told, contacts[0]).fields["account"] == second


def test_a_merge_that_makes_a_new_record_is_told_for_both() -> None:
    desk = HubSpotDesk(**NO_OVERLAP)
    desk.account.objects.merges_mint = True
    loser, survivor = companies(desk, 2)
    _, cursor = pulled(desk, Kind.ACCOUNT)
    left = desk.account.merge("companies", loser, survivor)
    assert left.id not in (loser, survivor)
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert {(one.key, one.gone, one.merged_into) for one in told} == {
        (loser, True, left.id), (survivor, True, left.id), (left.id, False, None)
    }  # fmt: skip


def test_a_merged_contact_that_hubspot_resolves_is_shown_as_merged() -> None:
    desk = HubSpotDesk()
    loser, survivor = (desk.account.add("contacts", email=f"{name}@example.org").id for name in ("l", "s"))
    _ = desk.account.merge("contacts", loser, survivor)
    shown = {one.key: (one.gone, one.merged_into) for one in desk.blocking.read(Kind.CONTACT, [loser, survivor])}
    assert shown == {loser: (True, survivor), survivor: (False, None)}


def test_a_deletion_is_believed_only_from_the_list_of_archived_records() -> None:
    desk = HubSpotDesk()
    (key,) = companies(desk, 1)
    desk.account.delete("companies", key)
    (gone,) = desk.blocking.read(Kind.ACCOUNT, [key])
    assert gone.gone
    # Purged for good, or never there: no proof, so nothing is said.
    del desk.account.records.of("companies")[key]
    assert desk.blocking.read(Kind.ACCOUNT, [key]) == ()


def test_many_archived_records_are_paged_and_only_the_new_ones_told() -> None:
    desk = HubSpotDesk(**NO_OVERLAP)
    keys = companies(desk, 250)
    for key in keys[:230]:
        desk.account.delete("companies", key)
    desk.account.clock.advance(timedelta(seconds=5))
    _, cursor = pulled(desk, Kind.ACCOUNT)
    desk.account.clock.advance(timedelta(seconds=5))
    desk.account.delete("companies", keys[240])
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert [(one.key, one.gone) for one in told] == [(keys[240], True)]


def test_a_changed_line_item_tells_its_deal() -> None:
    desk = HubSpotDesk(**NO_OVERLAP)
    deal = desk.account.add("deals", dealname="Supply", deal_currency_code="EUR").id
    line = desk.account.add(
        "line_items", name="licence", quantity="3", price="10.50", recurringbillingfrequency="monthly",
        hs_recurring_billing_period="P12M", hs_discount_percentage="5",
    ).id  # fmt: skip
    desk.account.links.make("deals", deal, "line_items", line, 19)
    told, cursor = pulled(desk, Kind.OPPORTUNITY)
    assert of(told, deal).fields["lines"] == [
        {
            "id": line, "position": 1, "quantity": "3", "description": "licence", "discount": "0.05",
            "unit_price": {"amount": "10.5", "currency": "EUR"}, "recurs_every": "P1M", "term": "P12M",
        }
    ]  # fmt: skip
    desk.account.clock.advance(timedelta(seconds=5))
    _, cursor = pulled(desk, Kind.OPPORTUNITY, cursor)
    desk.account.clock.advance(timedelta(seconds=5))
    before = desk.account.records.of("deals")[deal].updated
    desk.account.edit("line_items", line, price="12")
    assert desk.account.records.of("deals")[deal].updated == before
    told, _ = pulled(desk, Kind.OPPORTUNITY, cursor)
    lines: Any = of(told, deal).fields["lines"]
    assert lines[0]["unit_price"]["amount"] == "12"


@pytest.mark.parametrize(
    ("price", "off", "count", "shown"),
    [
        ("8", "1", "3", {"discount": "0.125"}),
        ("3", "2", "5", {"discount_amount": {"amount": "10.00", "currency": "EUR"}}),
        ("3", "1", "2.5", {"discount_amount": {"amount": "2.50", "currency": "EUR"}}),
        ("3", "0.001", "1", {}),  # a tenth of a cent, which no amount in euros states
        ("3", "0", "1", {}),
    ],
)
def test_an_amount_off_each_unit_is_an_exact_share_or_an_amount_off_the_line(
    price: str, off: str, count: str, shown: dict[str, Any]
) -> None:
    desk = HubSpotDesk()
    deal = desk.account.add("deals", dealname="Supply", deal_currency_code="EUR").id
    line = desk.account.add("line_items", name="licence", quantity=count, price=price, discount=off).id
    desk.account.links.make("deals", deal, "line_items", line, 19)
    (told,) = cast("list[dict[str, Any]]", desk.seen(Kind.OPPORTUNITY, deal).fields["lines"])
    assert {name: one for name, one in told.items() if name.startswith("discount")} == shown


def test_a_deal_in_a_stage_that_was_made_meanwhile_is_told_by_what_it_means(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = HubSpotDesk(**NO_OVERLAP)
    deal = desk.account.add("deals", dealname="Supply").id
    _, cursor = pulled(desk, Kind.OPPORTUNITY)
    label, stages = pipelines.PIPELINES["default"]
    monkeypatch.setitem(pipelines.PIPELINES, "default", (label, (*stages, ("own", "Signed by post", "1.0", True))))
    desk.account.clock.advance(timedelta(seconds=5))
    desk.account.edit("deals", deal, dealstage="own", closedate="2026-05-07T10:00:00.000Z")
    told, cursor = pulled(desk, Kind.OPPORTUNITY, cursor)
    assert (of(told, deal).fields["stage"], of(told, deal).fields["stage_raw"]) == ("won", "Signed by post")


def test_a_stage_that_is_no_more_is_asked_for_once() -> None:
    desk = HubSpotDesk(**NO_OVERLAP)
    deal = desk.account.add("deals", dealname="Supply").id
    desk.account.records.of("deals")[deal].properties["dealstage"] = "abolished"
    calls = [desk.calls(desk.crm.read(Kind.OPPORTUNITY, [deal]))[0] for _ in range(3)]
    assert calls[0] > calls[1] == calls[2]
    assert desk.seen(Kind.OPPORTUNITY, deal).fields["stage"] == "unknown"


def test_associations_of_more_than_one_page_are_read_to_the_end() -> None:
    desk = HubSpotDesk()
    desk.account.links.page = 2
    deal = desk.account.add("deals", dealname="Many lines").id
    for number in range(5):
        line = desk.account.add("line_items", name=f"line {number}", quantity="1").id
        desk.account.links.make("deals", deal, "line_items", line, 19)
    lines: Any = desk.seen(Kind.OPPORTUNITY, deal).fields["lines"]
    assert [one["description"] for one in lines] == [f"line {n}" for n in range(5)]


def test_a_feed_without_a_readable_date_still_loses_nothing() -> None:
    desk = HubSpotDesk(HubSpotAccount(), **NO_OVERLAP)
    keys = companies(desk, 2)
    desk.session.last_date = ""
    told, cursor = pulled(desk, Kind.ACCOUNT)
    assert {one.key for one in told} == set(keys)
    desk.account.edit("companies", keys[0], phone="2")
    assert keys[0] in {one.key for one in pulled(desk, Kind.ACCOUNT, cursor)[0]}


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "null", '{"since": 7}', "x" * 5_000])
def test_a_cursor_that_was_never_given_is_refused(cursor: str) -> None:
    with pytest.raises(TerminalError, match="is no cursor of its feeds"):
        _ = pulled(HubSpotDesk(), Kind.ACCOUNT, cursor)


def test_a_change_at_the_very_instant_a_window_begins_is_told() -> None:
    desk = HubSpotDesk(**NO_OVERLAP)
    (key,) = companies(desk, 1)
    began = desk.account.clock.now.replace(microsecond=0) + timedelta(seconds=9)
    desk.account.clock.now = began
    _, cursor = pulled(desk, Kind.ACCOUNT)
    later, desk.account.clock.now = desk.account.clock.now, began
    desk.account.objects.update(desk.account.records.live("companies", key), {"phone": "1"})
    desk.account.clock.now = later
    told, _ = pulled(desk, Kind.ACCOUNT, cursor)
    assert of(told, key).fields["phone"] == "1"


def test_two_edits_of_one_instant_are_told_in_their_order() -> None:
    desk = HubSpotDesk()
    (key,) = companies(desk, 1)
    for phone in ("1", "2", "3"):
        desk.account.objects.update(desk.account.records.live("companies", key), {"phone": phone})
    past = desk.run(desk.crm.past(Kind.ACCOUNT, [key]))
    assert [one.value for one in past if one.name == "phone"] == ["1", "2", "3"]


def test_a_primary_company_is_primary_whatever_page_of_its_associations_tells_it() -> None:
    desk = HubSpotDesk()
    associations, person = desk.account.links, desk.account.add("contacts", email="eve@example.org").id
    first, second, third = companies(desk, 3)
    associations.page = 2
    for company in (first, second, third):
        associations.make("contacts", person, "companies", company, 279)
    assert desk.seen(Kind.CONTACT, person).fields["account"] is None  # of three nobody made one the primary one
    associations.make("contacts", person, "companies", second, 1)
    assert desk.seen(Kind.CONTACT, person).fields["account"] == second
    associations.make("contacts", person, "companies", third, 1)
    assert desk.seen(Kind.CONTACT, person).fields["account"] == third


def test_a_label_of_the_accounts_own_is_no_primary_company_whatever_its_number() -> None:
    """Types are numbered by category: the account's own number 1 is another one than HubSpot's."""
    desk = HubSpotDesk()
    person = desk.account.add("contacts", email="eve@example.org").id
    labelled, primary = companies(desk, 2)
    own = {"category": "USER_DEFINED", "typeId": 1, "label": "Billed for"}
    plain, first = ({"category": "HUBSPOT_DEFINED", "typeId": number, "label": None} for number in (279, 1))
    to = [
        {"toObjectId": int(labelled), "associationTypes": [own, plain]},
        {"toObjectId": int(primary), "associationTypes": [plain, first]},
    ]

    def answered(request: Request) -> Reply | None:
        body = json.dumps({"results": [{"from": {"id": person}, "to": to}]}).encode()
        reply = Reply(status=200, headers={"Content-Type": "application/json"}, body=body)
        return reply if "/crm/v4/associations/contacts/companies/" in request.path else None

    desk.account.override = answered
    assert desk.seen(Kind.CONTACT, person).fields["account"] == primary
