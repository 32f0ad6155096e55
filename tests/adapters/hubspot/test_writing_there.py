"""Writing to HubSpot: item by item, once under our key, audited afterwards, and never with a value bent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hubspot_desk import QUICK, HubSpotDesk, now, ready

from clmcrm.adapters.hubspot import deals
from clmcrm.adapters.hubspot.crm import HubSpotCrm
from clmcrm.adapters.hubspot.oauth import authority
from clmcrm.adapters.hubspot.portal import read_portal
from clmcrm.adapters.hubspot.properties import sent_amount
from clmcrm.adapters.hubspot.session import HubSpotSession, budgets
from clmcrm.adapters.hubspot.setting_up import missing, names_of, set_up
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import ORIGIN
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import MemoryTokenShelf, Token
from clmcrm.errors import AmbiguousError, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind, Outcome, Remove, Result, Update, Write
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.hubspot.account import TOKEN, HubSpotAccount
from clmcrm.testing.vendors.hubspot.schema import stamp
from clmcrm.testing.vendors.serving import InProcess


def wrote(desk: HubSpotDesk, *writes: Write) -> tuple[Outcome, ...]:
    return desk.blocking.write(writes)


def results(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [one.result.value for one in outcomes]


def person(number: int, email: str, **more: Any) -> Create:
    return Create(
        kind=Kind.CONTACT, mark=f"p:{number}", fields={"family_name": f"P{number}", "emails": [email], **more}
    )


def test_a_conflict_that_refuses_the_whole_batch_keeps_no_other_out() -> None:
    """Two people share an address: HubSpot answers 409 for all of the batch, traces or not."""
    desk = HubSpotDesk()
    taken = desk.account.add("contacts", email="taken@example.org")
    writes = [person(n, "TAKEN@example.org" if n == 41 else f"p{n}@example.org") for n in range(64)]
    outcomes = wrote(desk, *writes)
    assert [place for place, one in enumerate(outcomes) if not one.ok] == [41]
    assert f"Existing ID: {taken.id}" in outcomes[41].why
    assert len({one.key for one in outcomes if one.ok}) == 63


@pytest.mark.parametrize("whole", [False, True])
def test_a_creation_whose_reply_was_lost_is_bound_when_it_is_sent_again(whole: bool) -> None:
    desk = HubSpotDesk()
    desk.account.objects.conflicts_whole = whole
    writes = [person(n, f"p{n}@example.org") for n in range(20)]
    _ = wrote(desk, person(99, "first@example.org"))  # the account is known from here on
    desk.account.lose_replies = 1
    outcomes = wrote(desk, *writes)
    assert set(results(outcomes)) == {"bound"}
    assert len(desk.account.records.of("contacts")) == 21
    assert [desk.seen(Kind.CONTACT, one.key).mark for one in outcomes] == [one.mark for one in writes]


def test_results_without_traces_are_still_told_apart() -> None:
    desk = HubSpotDesk()
    desk.account.objects.trace = False
    outcomes = wrote(desk, *(person(n, f"p{n}@example.org") for n in range(5)))
    assert [desk.seen(Kind.CONTACT, one.key).mark for one in outcomes] == [f"p:{n}" for n in range(5)]
    updates = [
        Update(kind=Kind.CONTACT, key=one.key, fields={"job_title": f"T{n}"}, expected="")
        for n, one in enumerate(outcomes)
    ]
    assert {one.key: desk.seen(Kind.CONTACT, one.key).fields["job_title"] for one in wrote(desk, *updates)} == {
        one.key: f"T{n}" for n, one in enumerate(outcomes)
    }


@pytest.mark.parametrize("errors", [[], None])
def test_a_write_that_hubspot_says_nothing_of_is_in_doubt_and_not_refused(errors: object) -> None:
    """As many were written as were asked for; the reply tells one fewer, and no error."""
    desk = HubSpotDesk()
    keys = [desk.account.add("companies", name=name).id for name in ("first", "second")]

    def short(request: Request) -> Reply | None:
        if not request.path.endswith(("batch/update", "batch/create")):
            return None
        desk.account.override = lambda _request: None
        told = json.loads((reply := desk.account.answer(request)).body)
        desk.account.override = short
        more = {} if errors is None else {"errors": errors}
        return Reply(
            status=200, headers=reply.headers, body=json.dumps({"results": told["results"][:1], **more}).encode()
        )

    desk.account.override = short
    updates = [Update(kind=Kind.ACCOUNT, key=key, fields={"phone": "1"}, expected="") for key in keys]
    for writes in (updates, [person(n, f"p{n}@example.org") for n in range(2)]):
        with pytest.raises(AmbiguousError, match="neither among the results nor among the errors"):
            _ = wrote(desk, *writes)
    assert [desk.seen(Kind.ACCOUNT, key).fields["phone"] for key in keys] == ["1", "1"]


def test_outcomes_of_updates_are_each_its_own() -> None:
    desk = HubSpotDesk()
    good, gone = (desk.account.add("companies", name=name).id for name in ("good", "gone"))
    desk.account.delete("companies", gone)

    def update(key: str, **fields: Any) -> Update:
        return Update(kind=Kind.ACCOUNT, key=key, fields=fields, expected="")

    outcomes = wrote(
        desk, update(good, phone="1"), update(gone, phone="1"), update("999999", phone="1"), update("../1", phone="1"),
        update(good, kind_raw="SOMETHING"), update(good, legal_name="no place"), update(good, created_on="2026-01-01"),
        Remove(kind=Kind.ACCOUNT, key=gone, expected=""),
    )  # fmt: skip
    assert results(outcomes) == ["done", "missing", "missing", "missing", "refused", "refused", "refused", "missing"]
    assert "SOMETHING was not one of the allowed options" in outcomes[4].why
    assert outcomes[5].why == "companies have no place for legal_name"
    assert outcomes[6].why == "HubSpot keeps created_on by itself"


def test_a_change_of_terms_that_is_refused_names_its_record_and_one_that_has_gone_is_missing() -> None:
    desk = HubSpotDesk()
    keys = [desk.account.add("deals", dealname=f"D{n}").id for n in range(3)]
    terms = [Create(kind=Kind.CONTRACT_TERMS, mark=f"t:{n}", fields={"opportunity": key}) for n, key in enumerate(keys)]
    assert results(wrote(desk, *terms)) == ["done"] * 3

    def meanwhile(request: Request) -> Reply | None:
        """After the terms were read, one of the deals is deleted, and HubSpot takes no change of another one."""
        if not request.path.endswith("batch/update"):
            return None
        if desk.account.records.of("deals")[keys[1]].archived_at is None:
            desk.account.delete("deals", keys[1])
        asked = json.loads(request.body or b"{}")["inputs"]
        error = {"status": "error", "category": "VALIDATION_ERROR", "message": "no"}
        refused = Reply(status=400, headers={"content-type": "application/json"}, body=json.dumps(error).encode())
        return refused if keys[2] in [one["id"] for one in asked] else None

    desk.account.override = meanwhile
    updates = [Update(kind=Kind.CONTRACT_TERMS, key=key, fields={"title": "U"}, expected="") for key in keys[1:]]
    told = wrote(desk, *updates)
    assert [(one.result, one.key) for one in told] == [(Result.MISSING, keys[1]), (Result.REFUSED, keys[2])]


def test_the_account_s_own_properties_can_be_fields() -> None:
    account = HubSpotAccount()
    account.need("companies", "siren")
    desk = HubSpotDesk(account, custom={Kind.ACCOUNT: {"registration_number": "siren"}})
    assert "registration_number" in desk.crm.capabilities.holds[Kind.ACCOUNT]
    create = Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "Durand", "registration_number": "334175221"})
    (made,) = wrote(desk, create)
    assert desk.seen(Kind.ACCOUNT, made.key).fields["registration_number"] == "334175221"
    assert account.records.of("companies")[made.key].properties["siren"] == "334175221"


@pytest.mark.parametrize(
    ("kind", "word", "raw"),
    [(Kind.ACCOUNT, "prospect", "type"), (Kind.OPPORTUNITY, "expansion", "dealtype")],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_kind_without_a_word_of_hubspots_own_is_written(kind: str, word: str, raw: str, turned: bool) -> None:
    """A record of another system says both, and its word is empty here: in whichever order, the kind stays."""
    desk = HubSpotDesk()
    said: dict[str, Any] = {"kind_raw": None, "kind": word} if turned else {"kind": word, "kind_raw": None}
    (made,) = wrote(desk, Create(kind=kind, mark="a", fields={"name": "Durand", **said}))
    assert desk.seen(kind, made.key).fields["kind"] == word
    (emptied,) = wrote(desk, Update(kind=kind, key=made.key, fields={"kind": None, "kind_raw": None}, expected=""))
    assert emptied.ok
    assert not desk.account.records.of(f"{'companies' if raw == 'type' else 'deals'}")[made.key].properties.get(raw)


@pytest.mark.parametrize(
    "fields", [{"stage": "won", "pipeline": None}, {"pipeline": None, "stage": "won"}, {"name": "x", "pipeline": None}]
)
def test_a_deal_without_a_pipeline_said_is_put_into_that_of_its_stage(fields: dict[str, Any]) -> None:
    desk = HubSpotDesk()
    sent = deals.changed(fields, desk.run(read_portal(desk.session)))
    assert sent.get("pipeline", "default") == "default"
    assert sent.get("dealstage", "closedwon") == "closedwon"


@pytest.mark.parametrize("said", ["1E+3", "1_000", " 1000 "])
def test_an_amount_is_sent_in_digits(said: str) -> None:
    assert sent_amount({"amount": said, "currency": "EUR"}, "amount") == ("1000", "EUR")


Override = Callable[[Request], Reply | None]
NOWHERE = {"system": "hubspot", "field": "nope"}
EURO = {"amount": "1", "currency": "EUR"}


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        (Kind.ACCOUNT, {"name": "x", "revenue": {"amount": "1.00", "currency": "USD"}}, "account's own currency, EUR"),
        (Kind.ACCOUNT, {"name": "x", "kind": "competitor"}, "a company's type has no such value"),
        (Kind.ACCOUNT, {"name": "x", "employees": "many"}, "expected a whole number"),
        (Kind.ACCOUNT, {"name": "x", "parent": "../7"}, "expected the id of one of the companies"),
        (Kind.ACCOUNT, {"name": "x", "billing_address": {"lines": "12 rue Bleue"}}, "expected a list"),
        (Kind.ACCOUNT, {"name": "x", "billing_address": "12 rue Bleue"}, "expected an object"),
        (Kind.ACCOUNT, {"name": "x", "extras": "none"}, "expected a list"),
        (Kind.ACCOUNT, {"name": "x", "extras": [{**NOWHERE, "raw": "1"}]}, "that are carried"),
        (Kind.ACCOUNT, {"name": "x", "extras": [{**NOWHERE, "field": ["nope"], "raw": "1"}]}, "that are carried"),
        (Kind.CONTACT, {"family_name": "x", "phones": "1"}, "expected a list"),
        (Kind.CONTACT, {"family_name": "x", "emails": "a@x.org"}, "expected a list"),
        (Kind.ACCOUNT, {"name": "half \ud83d"}, "expected a text"),
        (Kind.CONTACT, {"family_name": "x", "emails": ["a@x.org", "b@x.org"]}, "only one is written"),
        (Kind.CONTACT, {"family_name": "x", "phones": [{"number": "1", "kind": "home"}]}, "has no place"),
        (Kind.OPPORTUNITY, {"name": "x", "stage": "on hold"}, "means that"),
        (Kind.OPPORTUNITY, {"name": "x", "stage_id": "nowhere"}, "the account has"),
        (Kind.OPPORTUNITY, {"name": "x", "expected_close_on": "soon"}, "expected a day"),
        (Kind.OPPORTUNITY, {"name": "x", "amount": EURO, "currency": "USD"}, "one currency"),
        (Kind.OPPORTUNITY, {"name": "x", "amount": {"amount": "1e999", "currency": "EUR"}}, "no number"),
        (Kind.OPPORTUNITY, {"name": "x", "amount": {"amount": "1", "currency": "GBP"}}, "deal_currency_code"),
    ],
)  # fmt: skip
def test_a_value_that_hubspot_cannot_hold_is_refused_and_never_bent(kind: str, fields: Any, why: str) -> None:
    desk = HubSpotDesk()
    (outcome,) = wrote(desk, Create(kind=kind, mark="m", fields=fields))
    assert (outcome.result, why in outcome.why) == (Result.REFUSED, True), outcome.why


def test_a_key_that_is_not_unique_is_found_before_the_first_creation() -> None:
    desk = HubSpotDesk()
    desk.account.schema.make_common("companies", "clmcrm_key")
    with pytest.raises(TerminalError, match="clmcrm_key of companies is not unique"):
        _ = wrote(desk, Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "Durand"}))
    assert not desk.account.records.of("companies")


@pytest.mark.parametrize("place", TermsPlace)
def test_what_an_account_lacks_is_named_and_can_be_made(place: TermsPlace) -> None:
    account = HubSpotAccount()
    session = HubSpotSession(Secret(TOKEN))
    driver = Driver(InProcess(account, ORIGIN), Desk(clock=now, policy=QUICK), sleep=lambda _: None)
    lacking = driver.run(missing(session, place))
    assert names_of([one for one, _ in lacking])[:2] == ["companies.clmcrm_key", "contacts.clmcrm_key"]
    assert lacking[0][1] == "companies have no property clmcrm_key"
    assert len(driver.run(set_up(session, place))) == len(lacking)
    assert driver.run(missing(session, place)) == ()
    account.schema.make_common("contacts", "clmcrm_key")
    with pytest.raises(TerminalError, match="is not unique"):
        _ = driver.run(set_up(session, place))


def test_a_missing_scope_is_said_in_hubspots_own_words() -> None:
    desk = HubSpotDesk()
    desk.account.scopes_missing = {"contacts"}
    with pytest.raises(RefusedError, match=r"required scopes.*crm\.objects\.contacts\.write") as refused:
        _ = desk.run(desk.crm.changes(Kind.CONTACT, None))
    assert (refused.value.status, TOKEN in str(refused.value)) == (403, False)


def test_an_edit_that_we_overwrote_is_in_the_past_that_is_told() -> None:
    desk = HubSpotDesk()
    (made,) = wrote(desk, Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "Durand", "phone": "1"}))
    desk.account.edit("companies", made.key, phone="by hand", city="Lyon")
    _ = wrote(desk, Update(kind=Kind.ACCOUNT, key=made.key, fields={"phone": "2"}, expected=made.version))
    past = desk.run(desk.crm.past(Kind.ACCOUNT, [made.key]))
    assert [one.value for one in past if one.name == "phone"] == ["1", "by hand", "2"]
    assert [one.value for one in past if one.name == "billing_address"] == [None, {"city": "Lyon"}]


def test_a_token_that_has_ended_is_renewed_once() -> None:
    account = ready(HubSpotAccount())
    account.refresh_tokens["refresh-canary"] = "ended"
    shelf = MemoryTokenShelf(Token(access=Secret("ended"), refresh=Secret("refresh-canary")))
    signing = authority(shelf, client_id="app", client_secret=Secret("app-canary"), clock=lambda: datetime.now(UTC))
    driver = Driver(
        InProcess(account, ORIGIN), Desk(clock=now, policy=QUICK, authorities={"hubspot": signing}),
        sleep=lambda _: None,
    )  # fmt: skip
    crm = HubSpotCrm(HubSpotSession())
    (made,) = driver.run(crm.write([Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "Durand"})]))
    assert made.ok
    assert (shelf.read().generation, shelf.read().access.reveal() in account.tokens) == (1, True)
    assert [path for _, path in account.asked].count("/oauth/v1/token") == 1
    account.refresh_tokens.clear()
    account.tokens.clear()
    with pytest.raises(RefusedError, match="refresh token"):
        _ = driver.run(crm.changes(Kind.ACCOUNT, None))


def test_searches_draw_on_a_bucket_of_their_own() -> None:
    """Five a second for the account, whatever else is asked; with the budgets HubSpot refuses none."""
    desk = HubSpotDesk(page=10)
    for number in range(100):
        _ = desk.account.add("companies", name=f"C {number}")
    desk.account.windows.searches = 5
    clock = desk.account.clock

    def sleep(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    told: list[str] = []
    held = Desk(clock=lambda: clock.now, policy=QUICK, budgets=Budgets(budgets()))
    driver = Driver(desk.transport, held, sleep=sleep)
    page = driver.run(desk.crm.changes(Kind.ACCOUNT, None))
    while page.more:
        told += [one.key for one in page.seen]
        page = driver.run(desk.crm.changes(Kind.ACCOUNT, page.cursor))
    assert len(told) == 100
    bare = Driver(desk.transport, Desk(clock=lambda: clock.now, policy=QUICK), sleep=lambda _: None)
    clock.advance(timedelta(seconds=1))
    _ = [bare.run(desk.crm.changes(Kind.ACCOUNT, None)) for _ in range(5)]
    with pytest.raises(TransientError, match="too many calls"):
        _ = bare.run(desk.crm.changes(Kind.ACCOUNT, None))


def test_properties_that_were_written_are_not_told_as_nothing_when_the_association_fails_to_follow() -> None:
    """Told as nothing, nobody would ask the past what the update has covered."""
    desk = HubSpotDesk()
    company = desk.account.add("companies", name="A").id
    contact = desk.account.add("contacts", email="a@b.example").id
    later = Reply(status=429, headers={"content-type": "application/json"}, body=b'{"message":"not now"}')
    desk.account.override = lambda request: later if "/associations/" in request.path else None
    change = Update(kind=Kind.CONTACT, key=contact, fields={"family_name": "Lee", "account": company}, expected="")
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = wrote(desk, change)
    assert desk.account.records.of("contacts")[contact].properties["lastname"] == "Lee"


@pytest.mark.parametrize(("zone", "day"), [("America/Los_Angeles", "2026-05-06"), ("Pacific/Auckland", "2026-05-07")])
def test_a_day_is_the_day_in_the_account(zone: str, day: str) -> None:
    desk = HubSpotDesk(HubSpotAccount(zone=zone))
    deal = desk.account.add("deals", dealname="x", closedate="2026-05-07T05:30:00Z").id
    assert desk.seen(Kind.OPPORTUNITY, deal).fields["expected_close_on"] == day
    written = Update(kind=Kind.OPPORTUNITY, key=deal, fields={"expected_close_on": "2026-05-08"}, expected="")
    _ = wrote(desk, written)
    assert desk.seen(Kind.OPPORTUNITY, deal).fields["expected_close_on"] == "2026-05-08"


def test_stages_are_those_of_the_account_s_own_pipelines() -> None:
    desk = HubSpotDesk()
    (made,) = wrote(
        desk, Create(kind=Kind.OPPORTUNITY, mark="o", fields={"name": "x", "stage": "won", "pipeline": "887700"})
    )
    seen = desk.seen(Kind.OPPORTUNITY, made.key).fields
    assert (seen["stage"], seen["stage_id"], seen["stage_raw"], seen["pipeline"]) == (
        "won",
        "998102",
        "Signed",
        "887700",
    )
    assert seen["closed_on"] == seen["expected_close_on"] is not None
    desk.account.records.of("deals")[made.key].properties["dealstage"] = "abolished"
    seen = desk.seen(Kind.OPPORTUNITY, made.key).fields
    assert (seen["stage"], seen["stage_raw"]) == ("unknown", "abolished")


@pytest.mark.parametrize("names", [("stage_id", "pipeline"), ("pipeline", "stage_id")])
def test_a_stage_of_another_pipeline_than_the_one_named_is_refused_in_any_order(names: tuple[str, str]) -> None:
    desk = HubSpotDesk()
    deal = desk.account.add("deals", dealname="x", pipeline="default", dealstage="contractsent").id
    told = {"stage_id": "998101", "pipeline": "default"}
    write = Update(kind=Kind.OPPORTUNITY, key=deal, fields={name: told[name] for name in names}, expected="")
    (outcome,) = wrote(desk, write)
    assert (outcome.result, "998101 is of pipeline 887700" in outcome.why) == (Result.REFUSED, True)


def test_a_stage_is_never_taken_from_another_pipeline() -> None:
    desk = HubSpotDesk()
    deal = desk.account.add("deals", dealname="x", pipeline="887700", dealstage="998101").id

    def moved(**fields: Any) -> Outcome:
        (outcome,) = wrote(desk, Update(kind=Kind.OPPORTUNITY, key=deal, fields=fields, expected=""))
        return outcome

    outcome = moved(stage="won")
    assert (outcome.result, "stage needs a pipeline" in outcome.why) == (Result.REFUSED, True)
    assert moved(stage="won", pipeline="887700").ok
    assert desk.seen(Kind.OPPORTUNITY, deal).fields["stage_id"] == "998102"
    assert moved(stage_id="qualifiedtobuy").ok
    assert desk.seen(Kind.OPPORTUNITY, deal).fields["pipeline"] == "default"


def terms(number: int, deal: str) -> Create:
    fields: dict[str, Any] = {
        "title": f"Supply {number}",
        "notice_by": "2026-05-07",
        "opportunity": deal,
        "prices": ["10 EUR"],
    }
    return Create(kind=Kind.CONTRACT_TERMS, mark=f"t:{number}", fields=fields)


def test_terms_stand_on_their_deal_in_words_and_as_dates() -> None:
    desk = HubSpotDesk()
    deal = desk.account.add("deals", dealname="Supply").id
    first, second = wrote(desk, terms(1, deal), terms(2, deal))
    assert results((first, second)) == ["done", "refused"]
    assert second.why == f"opportunity {deal} carries the terms of another contract already"
    there = desk.account.records.of("deals")[deal].properties
    assert there["clmcrm_notice_by"] == "2026-05-07"
    assert "title: Supply 1\nnotice by: 2026-05-07" in there["clmcrm_terms_words"]
    assert results(wrote(desk, terms(1, deal))) == ["bound"]
    assert results(wrote(desk, terms(3, deal))) == ["refused"]
    moved = Update(kind=Kind.CONTRACT_TERMS, key=deal, fields={"opportunity": "7"}, expected="")
    assert results(wrote(desk, moved, Remove(kind=Kind.CONTRACT_TERMS, key=deal, expected=""))) == ["refused", "done"]
    assert desk.seen(Kind.CONTRACT_TERMS, deal).gone
    assert there["dealname"] == "Supply"
    assert results(wrote(desk, terms(2, deal))) == ["done"]


def test_terms_as_contracts_of_hubspots_own() -> None:
    desk = HubSpotDesk(place=TermsPlace.CONTRACT)
    fields: dict[str, Any] = {
        "title": "Supply", "effective_on": "2026-06-01", "annual_value": [{"amount": "10.00", "currency": "EUR"}]
    }  # fmt: skip
    (made,) = wrote(desk, Create(kind=Kind.CONTRACT_TERMS, mark="t", fields=fields))
    there = desk.account.records.of("contracts")[made.key].properties
    assert (there["hs_name"], there["hs_contract_effective_date"], there["hs_currency_code"]) == (
        "Supply", "2026-06-01", "EUR",
    )  # fmt: skip
    assert all(path.startswith("/crm/objects/2026-09/") for _, path in desk.account.asked if "contracts/batch" in path)
    undated = Update(kind=Kind.CONTRACT_TERMS, key=made.key, fields={"effective_on": None}, expected="")
    assert results(wrote(desk, undated)) == ["done"]
    assert not desk.account.records.of("contracts")[made.key].properties.get("hs_contract_effective_date")
    bad = Update(kind=Kind.CONTRACT_TERMS, key=made.key, fields={"title": 1.5}, expected="")  # type: ignore[dict-item] # a float on purpose
    assert results(wrote(desk, bad)) == ["refused"]


def test_terms_on_an_account_without_contracts_are_refused_in_its_own_words() -> None:
    desk = HubSpotDesk(place=TermsPlace.CONTRACT)
    desk.account.contracts = False
    with pytest.raises(RefusedError, match="does not have access to this object"):
        _ = wrote(desk, Create(kind=Kind.CONTRACT_TERMS, mark="t", fields={"title": "x"}))


def test_a_second_parent_company_takes_the_place_of_the_first() -> None:
    desk = HubSpotDesk()
    child, one, two = (desk.account.add("companies", name=name).id for name in ("child", "one", "two"))
    for parent in (one, two, None, one):
        (outcome,) = wrote(desk, Update(kind=Kind.ACCOUNT, key=child, fields={"parent": parent}, expected=""))
        assert outcome.ok, outcome.why
        assert desk.seen(Kind.ACCOUNT, child).fields["parent"] == parent
    (outcome,) = wrote(desk, Update(kind=Kind.ACCOUNT, key=child, fields={"parent": "424242"}, expected=""))
    assert (outcome.result, "424242 not found" in outcome.why) == (Result.REFUSED, True)
    assert desk.seen(Kind.ACCOUNT, child).fields["parent"] == one  # what was refused has taken nothing away


def test_a_parent_that_is_taken_away_keeps_the_other_labels_between_the_two_companies() -> None:
    """A person's own label says something of its own: ending the whole association would take it along."""
    desk = HubSpotDesk()
    child, one, two = (desk.account.add("companies", name=name).id for name in ("child", "one", "two"))
    for parent in (one, two):
        (outcome,) = wrote(desk, Update(kind=Kind.ACCOUNT, key=child, fields={"parent": parent}, expected=""))
        assert outcome.ok, outcome.why
        desk.account.links.make("companies", child, "companies", parent, 901)
    (outcome,) = wrote(desk, Update(kind=Kind.ACCOUNT, key=child, fields={"parent": None}, expected=""))
    assert outcome.ok, outcome.why
    assert desk.seen(Kind.ACCOUNT, child).fields["parent"] is None
    assert desk.account.links.of("companies", child, "companies") == {one: {901}, two: {901}}
    desk.account.links.make("companies", child, "companies", one, 14)
    (outcome,) = wrote(desk, Update(kind=Kind.ACCOUNT, key=child, fields={"parent": two}, expected=""))
    assert outcome.ok, outcome.why
    assert desk.account.links.of("companies", child, "companies") == {one: {901}, two: {14, 901}}


ACCOUNTS = pytest.mark.parametrize(
    ("kind", "source", "primary", "plain", "label"),
    [(Kind.CONTACT, "contacts", 1, 279, 902), (Kind.OPPORTUNITY, "deals", 5, 341, 903)],
)


@ACCOUNTS
@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("others", [1, 2])
def test_an_account_that_is_taken_away_leaves_the_other_companies_and_all_labels(
    kind: Kind, source: str, primary: int, plain: int, label: int, *, labelled: bool, others: int
) -> None:
    """Were its association ended, the only company that is left would be read as the account."""
    desk = HubSpotDesk()
    links, key = desk.account.links, desk.account.add(source).id
    account, *more = (desk.account.add("companies", name=str(n)).id for n in range(1 + others))
    links.make(source, key, "companies", account, primary)
    for other in more:
        links.make(source, key, "companies", other, plain)
    for company in (account, *more) if labelled else ():
        links.make(source, key, "companies", company, label)
    (outcome,) = wrote(desk, Update(kind=kind, key=key, fields={"account": None}, expected=""))
    assert outcome.ok, outcome.why
    assert desk.seen(kind, key).fields["account"] is None
    assert links.of(source, key, "companies") == dict.fromkeys(
        (account, *more), {plain, label} if labelled else {plain}
    )


@ACCOUNTS
def test_an_only_company_that_a_label_joins_stays_the_account_and_the_write_says_why(
    kind: Kind, source: str, primary: int, plain: int, label: int
) -> None:
    """Ending the association would end the label; without its primary type the company were the account still."""
    desk = HubSpotDesk()
    links, (key, free) = desk.account.links, (desk.account.add(source).id for _ in range(2))
    account = desk.account.add("companies", name="A").id
    for one in (key, free):
        links.make(source, one, "companies", account, primary)
    links.make(source, key, "companies", account, label)

    def taken_away() -> tuple[Outcome, ...]:
        return wrote(desk, *(Update(kind=kind, key=one, fields={"account": None}, expected="") for one in (key, free)))

    refused, done = taken_away()
    assert (refused.result, done.result) == (Result.REFUSED, Result.DONE)
    assert refused.why == (
        "its properties were written, its association was not: "
        f"a label of your own joins it to companies {account}, and would end too: take it off first"
    )
    assert links.of(source, key, "companies") == {account: {primary, plain, label}}
    assert [desk.seen(kind, one).fields["account"] for one in (key, free)] == [account, None]
    links.unlabel(source, key, "companies", account, label)
    assert results(taken_away()) == ["done", "done"]
    assert links.of(source, key, "companies") == {}


def test_a_load_makes_or_overwrites_under_our_key() -> None:
    desk = HubSpotDesk()
    loader = desk.crm.loader(Kind.ACCOUNT)

    def rows(phone: str) -> dict[str, Any]:
        return {f"l:{n}": {"name": f"L{n}", "phone": phone} for n in range(100)}

    first = desk.run(loader.load(rows("1")))
    assert (first.new, dict(first.refused)) == (frozenset(first.keys), {})
    calls, loaded = desk.calls(loader.load({**rows("2"), "l:3": {"name": "x", "employees": "many"}}))
    assert (calls, loaded.new, set(loaded.refused)) == (1, frozenset(), {"l:3"})
    assert {mark: first.keys[mark] for mark in loaded.keys} == loaded.keys
    assert [desk.seen(Kind.ACCOUNT, first.keys[f"l:{n}"]).fields["phone"] for n in (3, 7)] == ["1", "2"]
    with pytest.raises(TerminalError, match="at most 100"):
        _ = desk.run(loader.load({**rows("3"), "l:more": {"name": "x"}}))


def test_a_load_is_told_record_by_record_where_results_have_no_traces() -> None:
    desk = HubSpotDesk()
    desk.account.objects.trace = False
    for phone in ("1", "2"):  # made, and then overwritten
        loaded = desk.run(desk.crm.loader(Kind.ACCOUNT).load({f"l:{n}": {"phone": phone} for n in range(3)}))
        assert dict(loaded.refused) == {}
        seen = {mark: desk.seen(Kind.ACCOUNT, key) for mark, key in loaded.keys.items()}
        assert {mark: one.mark for mark, one in seen.items()} == {mark: mark for mark in ("l:0", "l:1", "l:2")}
        assert {one.fields["phone"] for one in seen.values()} == {phone}


def answering(
    body: bytes, status: int = 200, kind: str = "application/json", **headers: str
) -> Callable[[Request], Reply | None]:
    def override(request: Request) -> Reply | None:
        wanted = request.path.endswith(("/search", "/batch/update"))
        return Reply(status=status, headers={"Content-Type": kind}, body=body) if wanted else None

    return override


BAD = {
    "a page for people": answering(b"<html>Sign in</html>", kind="text/html"),
    "a page that says it is JSON": answering(b"<!DOCTYPE html><p>hello"),
    "half of the JSON": answering(b'{"results": [{"id": "1", "prop'),
    "no list": answering(b'{"results": {"id": "1"}}'),
    "texts for records": answering(b'{"results": ["1"]}'),
    "a success with an error": answering(b'{"status": "error", "message": "internal", "category": "X"}'),
    "an error nobody knows": answering(b'{"what": 1}', status=418),
    "NaN": answering(b'{"results": [NaN]}'),
    "no UTF-8": answering(b'{"results": ["\xff"]}'),
    "a record without an id": answering(b'{"results": [{"properties": {}}]}'),
    "an id that is none": answering(b'{"results": [{"id": "../x", "properties": {}}]}'),
    "nothing": answering(b""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_reply_is_an_error_and_never_an_empty_answer(name: str) -> None:
    desk = HubSpotDesk()
    _ = desk.account.add("companies", name="Durand")
    desk.account.override = BAD[name]
    with pytest.raises((TerminalError, TransientError)):
        _ = desk.run(desk.crm.changes(Kind.ACCOUNT, None))


@pytest.mark.parametrize("category", ["INTERNAL_ERROR", "FORBIDDEN", None])
def test_a_record_that_hubspot_could_not_read_is_not_taken_for_one_that_is_not_there(category: str | None) -> None:
    """A deal would be shown without a line that it has, and what is there be told as missing."""
    desk = HubSpotDesk()
    deal = desk.account.add("deals", dealname="Supply").id
    line = desk.account.add("line_items", name="Support", quantity="1").id
    desk.account.links.make("deals", deal, "line_items", line, 19)
    error = {"status": "error", "message": "try later", **({"category": category} if category else {})}
    body = json.dumps({"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [error]}).encode()

    def failing(name: str) -> None:
        partial = Reply(status=207, headers={"Content-Type": "application/json"}, body=body)
        desk.account.override = lambda ask: partial if f"/{name}/batch/read" in ask.path else None

    failing("line_items")
    with pytest.raises(TerminalError, match="try later"):
        _ = desk.blocking.read(Kind.OPPORTUNITY, [deal])
    failing("deals")
    with pytest.raises(TerminalError, match="try later"):
        _ = desk.blocking.write([Remove(kind=Kind.OPPORTUNITY, key=deal, expected="")])


def test_a_secret_that_hubspot_repeats_is_hidden() -> None:
    for body in (
        json.dumps({"status": "error", "message": f"the token {TOKEN} is not known"}).encode(),
        f"the token {TOKEN} is not known".encode(),
    ):
        desk = HubSpotDesk()
        desk.account.override = answering(body, status=403)
        with pytest.raises(RefusedError, match=r"the token \*\*\* is not known") as refused:
            _ = desk.run(desk.crm.changes(Kind.ACCOUNT, None))
        assert TOKEN not in repr(refused.value)


ODD: dict[str, dict[str, Any]] = {
    "an amount that is no number": {"annualrevenue": "a lot"},
    "a count with an exponent too large": {"numberofemployees": "1E+999999999"},
    "a count that is none": {"numberofemployees": "12.5"},
    "a count with a point": {"numberofemployees": "12.0"},
    "a date that is none": {"createdate": "2026-13-45"},
    "an enum nobody knows": {"type": "FRENEMY"},
    "an amount as a number": {"annualrevenue": 10.25},
    "an instant with a zone": {"createdate": "2026-05-07T23:30:00+02:00"},
    "milliseconds": {"createdate": "1778112000000"},
    "a nested object": {"phone": {"number": "1"}},
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_record_is_shown_or_reported_and_the_others_go_on(name: str) -> None:
    desk = HubSpotDesk()
    first, second = (desk.account.add("companies", name=each).id for each in ("odd", "even"))
    told = [
        {
            "id": key,
            "properties": {"name": "x", "clmcrm_key": "account:clm:L1", **more},
            "updatedAt": stamp(desk.account.clock.now),
            "archived": False,
        }
        for key, more in ((first, ODD[name]), (second, {}))
    ]
    body = json.dumps({"results": told, "paging": {"next": {"link": "https://evil.example"}}}).encode()
    desk.account.override = answering(body)
    page = desk.run(desk.crm.changes(Kind.ACCOUNT, None))
    odd, even = page.seen
    assert (even.unreadable, even.fields["name"]) == ("", "x")
    none = ("an amount that is no number", "a count with an exponent too large", "a count that is none",
            "a date that is none")  # fmt: skip
    assert bool(odd.unreadable) is (name in none)
    assert odd.mark == "account:clm:L1"  # whose it is is told in any case
    if name == "an enum nobody knows":
        assert (odd.fields["kind"], odd.fields["kind_raw"]) == (None, "FRENEMY")
    if name == "a count with a point":
        assert odd.fields["employees"] == 12
    if name == "an amount as a number":
        assert odd.fields["revenue"] == {"amount": "10.25", "currency": "EUR"}
    if name == "an instant with a zone":
        assert odd.fields["created_on"] == "2026-05-07"
