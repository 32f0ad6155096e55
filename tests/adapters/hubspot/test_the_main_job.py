"""The main job end to end: a deal won in HubSpot becomes a contract, its terms come back, and a second run is idle."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hubspot_desk import HubSpotDesk, now

from clmcrm.adapters.embedded import EmbeddedClm
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.clm.contract import Contract
from clmcrm.codec.records import from_fields
from clmcrm.liaison.main_job import Joined, Run, carry_out_flow, join
from clmcrm.liaison.views import stated
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.hubspot.account import HubSpotAccount

AS_OF = date(2026, 12, 1)


def settled(desk: HubSpotDesk, joined: Joined) -> Run:
    return desk.run(carry_out_flow(joined, clock=now))


def contracts(clm: EmbeddedClm) -> list[Contract]:
    return [
        from_fields(Contract, {**stated(one.fields), "id": one.key}) for one in clm.changes(Kind.CONTRACT, None).seen
    ]


def won(account: HubSpotAccount, number: int, company: str) -> str:
    """A deal with two lines, won by a salesperson."""
    deal = account.add("deals", dealname=f"maintenance {number}", amount="1194", deal_currency_code="EUR").id
    account.links.make("deals", deal, "companies", company, 5)
    for name, quantity, price, rhythm in (("maintenance", "12", "99.50", "monthly"), ("set-up", "1.5", "400", "")):
        line = account.add("line_items", name=name, quantity=quantity, price=price, recurringbillingfrequency=rhythm).id
        account.links.make("deals", deal, "line_items", line, 19)
    account.edit("deals", deal, dealstage="closedwon")
    return deal


@pytest.mark.parametrize("place", TermsPlace)
def test_a_deal_won_there_becomes_a_contract_and_its_terms_come_back(place: TermsPlace) -> None:
    desk = HubSpotDesk(place=place)
    company = desk.account.add("companies", name="Durand", domain="durand.example", country="France").id
    person = desk.account.add("contacts", firstname="Zoé", lastname="Durand", email="zoe@durand.example").id
    desk.account.links.make("contacts", person, "companies", company, 1)
    deal = won(desk.account, 2027, company)
    clm = EmbeddedClm(":memory:")
    joined = join(desk.crm, clm, MemoryJournal(), AS_OF)
    run = settled(desk, joined)
    assert (run.settled, run.problems) == (True, ())

    (contract,) = contracts(clm)
    assert (contract.opportunity, contract.title) == (deal, "maintenance 2027")
    assert [(line.description, str(line.price), str(line.quantity)) for line in contract.lines] == [
        ("maintenance", "99.50 EUR", "12"), ("set-up", "400.00 EUR", "1.5"),
    ]  # fmt: skip
    # What the salesperson sees: the link, and the terms where the account keeps them.
    assert desk.account.records.of("deals")[deal].properties["clmcrm_contract"] == contract.id
    carrier = {TermsPlace.DEAL: "deals", TermsPlace.COMPANY: "companies", TermsPlace.CONTRACT: "contracts"}[place]
    (words,) = [
        one.properties["clmcrm_terms_words"]
        for one in desk.account.records.of(carrier).values()
        if one.properties.get("clmcrm_terms_words")
    ]
    assert "title: maintenance 2027" in words

    asked = len(desk.account.asked)
    again = settled(desk, joined)
    assert (again.written, again.settled) == (0, True)
    assert not [one for one in desk.account.asked[asked:] if one[1].endswith(("create", "update", "archive", "upsert"))]


def test_fields_travel_both_ways_to_their_owners() -> None:
    desk = HubSpotDesk(custom={Kind.ACCOUNT: {"vat_number": "vat"}}, account=with_vat())
    company = desk.account.add("companies", name="Petit", website="https://petit.example").id
    clm = EmbeddedClm(":memory:")
    joined = join(desk.crm, clm, MemoryJournal(), AS_OF)
    _ = settled(desk, joined)
    (mine,) = clm.changes(Kind.ACCOUNT, None).seen
    desk.account.edit("companies", company, name="Petit & Cie")
    _ = clm.edit(Kind.ACCOUNT, mine.key, {"vat_number": "FR23334175221"})
    assert settled(desk, joined).written == 2
    assert clm.read(Kind.ACCOUNT, [mine.key])[0].fields["name"] == "Petit & Cie"
    assert desk.account.records.of("companies")[company].properties["vat"] == "FR23334175221"
    assert settled(desk, joined).written == 0


def with_vat() -> HubSpotAccount:
    account = HubSpotAccount()
    account.need("companies", "vat")
    return account


def test_an_edit_in_the_window_before_our_write_is_never_lost_silently() -> None:
    """HubSpot takes no precondition: what was covered is found in the history, and kept as a note."""
    desk = HubSpotDesk(custom={Kind.ACCOUNT: {"vat_number": "vat"}}, account=with_vat())
    company = desk.account.add("companies", name="Petit", vat="old").id
    clm = EmbeddedClm(":memory:")
    journal = MemoryJournal()
    joined = join(desk.crm, clm, journal, AS_OF)
    _ = settled(desk, joined)
    (mine,) = clm.changes(Kind.ACCOUNT, None).seen
    _ = clm.edit(Kind.ACCOUNT, mine.key, {"vat_number": "ours"})
    done: list[bool] = []

    def a_person_is_faster(request: Request) -> Reply | None:
        if request.path.endswith("companies/batch/update") and not done:
            done.append(True)
            desk.account.edit("companies", company, vat="by hand")
        return None

    desk.account.override = a_person_is_faster
    _ = settled(desk, joined)
    assert done
    assert desk.account.records.of("companies")[company].properties["vat"] == "ours"
    notes = [entry.facts for entry in journal.history() if entry.what == "note"]
    assert [(one["name"], one["value"]) for one in notes] == [("vat_number", "by hand")]


def test_an_update_whose_reply_was_lost_is_looked_up_and_not_sent_blindly_again() -> None:
    desk = HubSpotDesk(custom={Kind.ACCOUNT: {"vat_number": "vat"}}, account=with_vat())
    company = desk.account.add("companies", name="Petit", vat="old").id
    clm = EmbeddedClm(":memory:")
    joined = join(desk.crm, clm, MemoryJournal(), AS_OF)
    _ = settled(desk, joined)
    (mine,) = clm.changes(Kind.ACCOUNT, None).seen
    _ = clm.edit(Kind.ACCOUNT, mine.key, {"vat_number": "ours"})
    sent: list[str] = []

    def lose(request: Request) -> Reply | None:
        if request.path.endswith("/batch/update"):
            sent.append(request.path)
            desk.account.lose_replies = 1
        return None

    desk.account.override = lose
    _ = settled(desk, joined)
    assert desk.account.records.of("companies")[company].properties["vat"] == "ours"
    assert len(sent) == 1
    assert settled(desk, joined).written == 0


def test_a_push_that_dies_half_way_is_resumed_without_a_double() -> None:
    """Three replies to creations are lost in a push of 250 companies, and the run goes on; then it is run again."""
    desk = HubSpotDesk()
    clm = EmbeddedClm(":memory:")
    writes = [Create(kind=Kind.ACCOUNT, mark=f"seed:{n}", fields={"name": f"Company {n}"}) for n in range(250)]
    for start in range(0, 250, 50):
        _ = clm.write(writes[start : start + 50])
    joined = join(desk.crm, clm, MemoryJournal(), AS_OF)
    lost = [0]

    def lose(request: Request) -> Reply | None:
        if request.path.endswith("/batch/create") and lost[0] < 3:
            lost[0] += 1
            desk.account.lose_replies += 1
        return None

    desk.account.override = lose
    first = settled(desk, joined)
    desk.account.clock.advance(timedelta(hours=1))
    second = settled(desk, joined)
    third = settled(desk, joined)
    names = [one.properties["name"] for one in desk.account.records.of("companies").values()]
    assert (len(names), len(set(names)), lost) == (250, 250, [3])
    assert third.written == 0, (first.written, second.written)
