"""Writing to Ironclad: once under our key, only what was asked for, and each refusal in Ironclad's own words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ironclad_desk import QUICK, IroncladDesk, clm_of, now

from clmcrm.adapters.ironclad.accounts import PROPERTY_TYPES
from clmcrm.adapters.ironclad.clm import IroncladClm
from clmcrm.adapters.ironclad.oauth import authority
from clmcrm.adapters.ironclad.session import IroncladSession, bucket_of, budgets, scopes
from clmcrm.adapters.ironclad.writing import Launching
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AmbiguousError, InvalidRecord, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind, Outcome, Remove, Result, Update, Write
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.ironclad.company import ENTITIES, RECORDS, TEMPLATE, WORKFLOWS
from clmcrm.testing.vendors.ironclad.service import CLIENT, ORIGIN, TOKEN, USER, FakeIronclad
from clmcrm.testing.vendors.serving import InProcess

LAUNCHING = Launching(template=TEMPLATE)


def account(number: int, **fields: Any) -> Create:
    return Create(kind=Kind.ACCOUNT, mark=f"account:crm:{number}", fields={"name": f"A{number}", **fields})


def contract(number: int, **fields: Any) -> Create:
    told = {"title": f"C{number}", "names_in_text": ["Durand"], **fields}
    return Create(kind=Kind.CONTRACT, mark=f"contract:crm:{number}", fields=told)


def one(desk: IroncladDesk, write: Write) -> Outcome:
    (outcome,) = desk.blocking.write([write])
    return outcome


def sent(desk: IroncladDesk) -> list[tuple[str, str, Any]]:
    return [
        (ask.method, ask.path.partition("?")[0].removeprefix("/public/api/v1"), json.loads(ask.body or b"null"))
        for ask in desk.fake.asked
        if ask.method != "GET"
    ]


@pytest.mark.parametrize("launching", [None, LAUNCHING], ids=["records", "workflows"])
def test_a_creation_whose_reply_was_lost_is_bound_when_it_is_sent_again(launching: Launching | None) -> None:
    desk = IroncladDesk(launching=launching)
    for write, place in ((account(1), ENTITIES), (contract(1), WORKFLOWS if launching else RECORDS)):
        desk.fake.lose_replies = 1
        with pytest.raises(AmbiguousError):
            _ = one(desk, write)
        outcome = one(desk, write)
        assert outcome.result is Result.BOUND
        assert len(desk.company.alive(place)) == 1


def test_our_key_is_found_behind_more_objects_that_carried_it_than_a_page_holds() -> None:
    """Archived entities keep the key that they had, and stand before the live ones where they changed later."""
    desk = IroncladDesk(page=2)
    first, second = (one(desk, account(number)).key for number in (1, 2))
    kept = desk.company.one(first)["properties"]
    for _ in range(3):
        desk.company.pass_time(timedelta(minutes=1))
        _ = desk.company.add(ENTITIES, {"name": "A1", "status": "INACTIVE", "properties": kept})
    found = desk.blocking.find(Kind.ACCOUNT, "account:crm:1")
    assert found is not None
    assert found.key == first
    outcomes = desk.blocking.write([account(1), account(2)])
    assert [(each.result, each.key) for each in outcomes] == [(Result.BOUND, first), (Result.BOUND, second)]


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_batch_of_which_a_part_was_written_is_not_told_as_one_of_which_nothing_was(status: int) -> None:
    """Lists are late: were it sent again at once, what was created would be created twice."""
    desk = IroncladDesk()
    writes = [account(number) for number in range(3)]
    failure = Reply(status=status, headers={"content-type": "application/json"}, body=b'{"message":"not now"}')
    desk.fake.override = lambda request: failure if b'"A1"' in (request.body or b"") else None
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = desk.blocking.write(writes)
    assert len(desk.company.alive(ENTITIES)) == 2
    desk.fake.override = lambda _: failure
    with pytest.raises((TransientError, RefusedError)):  # now nothing is
        _ = desk.blocking.write(writes)


def test_a_token_that_ends_in_the_middle_of_a_batch_refuses_no_record_by_itself() -> None:
    """Ironclad says so in its own form (UNAUTHORIZED): it is about whoever asks, and not about a record."""
    desk = IroncladDesk()
    kept = one(desk, account(7))
    first, *rest = [account(number) for number in range(3)]

    def ended(request: Request) -> None:
        if b'"A1"' in (request.body or b""):
            desk.fake.tokens.clear()

    desk.fake.override = ended
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = desk.blocking.write([first, *rest])
    with pytest.raises(RefusedError, match="UNAUTHORIZED"):
        _ = desk.blocking.write([Remove(kind=Kind.ACCOUNT, key=kept.key, expected=kept.version)])
    with pytest.raises(RefusedError, match="UNAUTHORIZED"):  # nor is each record unreadable
        _ = desk.blocking.read(Kind.ACCOUNT, [kept.key])


def test_creations_take_one_call_each_and_few_look_ups() -> None:
    """Within 1.05 of one call for each record, which is the least that Ironclad's API allows."""
    desk = IroncladDesk()
    _ = desk.blocking.read(Kind.ACCOUNT, ["x"])
    before = desk.transport.calls
    for start in range(0, 200, 50):
        _ = desk.blocking.write([account(number) for number in range(start, start + 50)])
    calls = desk.transport.calls - before
    assert calls <= 210, calls
    assert len(desk.company.alive(ENTITIES)) == 200


@pytest.mark.parametrize("launching", [None, LAUNCHING], ids=["records", "workflows"])
def test_a_hundred_contracts_with_their_accounts_stay_within_the_bound(launching: Launching | None) -> None:
    """The name of the counterparty costs no call where its account was written by the same run."""
    desk = IroncladDesk(launching=launching)
    accounts = [desk.blocking.write([account(n) for n in range(s, s + 50)]) for s in (0, 50)]
    keys = [outcome.key for batch in accounts for outcome in batch]
    _ = one(desk, contract(1_000))
    before = desk.transport.calls
    for start in (0, 50):
        _ = desk.blocking.write([contract(n, counterparty=keys[n]) for n in range(start, start + 50)])
    assert desk.transport.calls - before <= 105


def test_an_update_looks_first_and_sends_only_what_changed() -> None:
    desk = IroncladDesk()
    key = one(desk, account(1, website="https://a.example", employees=7, description="Far")).key
    seen = desk.seen(Kind.ACCOUNT, key)
    fields = {"website": None, "employees": 8, "description": "Far", "name": "A1"}
    before = desk.transport.calls
    outcome = one(desk, Update(kind=Kind.ACCOUNT, key=key, fields=fields, expected=seen.version))
    assert outcome.ok
    assert desk.transport.calls - before == 2
    assert sent(desk)[-1] == (
        "PATCH", f"/entities/{key}",
        {
            "addProperties": {"entity_employees": {"type": "number", "value": 8}},
            "removeProperties": ["entity_website"],
        },
    )  # fmt: skip
    assert outcome.version == desk.seen(Kind.ACCOUNT, key).version


def test_an_edit_since_it_was_read_is_found_before_the_write() -> None:
    """Ironclad takes no precondition: this narrows the gap, and says so in `capabilities`."""
    desk = IroncladDesk()
    key = one(desk, account(1)).key
    seen = desk.seen(Kind.ACCOUNT, key)
    _ = desk.company.edit(key, name="By a person")
    outcome = one(desk, Update(kind=Kind.ACCOUNT, key=key, fields={"name": "By us"}, expected=seen.version))
    assert outcome.result is Result.STALE
    assert desk.company.one(key)["name"] == "By a person"
    assert desk.clm.capabilities.precondition.value == "none"


def test_a_property_that_a_person_changed_holds_against_our_facts() -> None:
    """Where we wrote a whole clause of which a property says a part."""
    desk = IroncladDesk()
    term = {"is": "term_clause", "initial": "P36M", "minimum": "P1Y6M", "citation": "art. 9.1"}
    key = one(desk, contract(1, term=term, kind="lease")).key
    assert desk.company.one(key)["properties"]["standard_initialTermLength"]["value"] == "P36M"
    assert desk.seen(Kind.CONTRACT, key).fields["term"] == term
    _ = desk.company.set_properties(key, standard_initialTermLength={"type": "duration", "value": "P48M"})
    assert desk.seen(Kind.CONTRACT, key).fields["term"] == {"is": "term_clause", "initial": "P48M"}
    _ = desk.company.edit(key, type="nda")
    fields = desk.seen(Kind.CONTRACT, key).fields
    assert (fields["kind"], fields["kind_detail"]) == ("nda", "nda")


def test_a_parent_and_its_relation_are_set_changed_and_taken_away() -> None:
    desk = IroncladDesk()
    first, second = (one(desk, contract(n)).key for n in (1, 2))
    key = one(desk, contract(3, parent=first, relation="amends")).key
    told = desk.seen(Kind.CONTRACT, key)
    assert (told.fields["parent"], told.fields["relation"]) == (first, "amends")
    moved = Update(kind=Kind.CONTRACT, key=key, fields={"parent": second}, expected=told.version)
    assert one(desk, moved).ok
    assert sent(desk)[-1][2] == {"setParent": {"recordId": second, "parentLinkType": "amendment"}}
    told = desk.seen(Kind.CONTRACT, key)
    freed = Update(kind=Kind.CONTRACT, key=key, fields={"parent": None, "relation": None}, expected=told.version)
    assert one(desk, freed).ok
    assert sent(desk)[-1][2] == {"removeParent": True}


def test_what_ironclad_refuses_is_told_in_its_own_words() -> None:
    desk = IroncladDesk(default_type="orderform")
    outcome = one(desk, contract(1))
    assert (outcome.result, outcome.why) == (
        Result.REFUSED, "INVALID_PARAM: unknown record type orderform"
    )  # fmt: skip
    assert one(desk, account(2, parent="nobody")).result is Result.REFUSED


def test_a_launch_form_without_our_fields_is_refused_before_anything_is_sent() -> None:
    desk = IroncladDesk(launching=LAUNCHING)
    del desk.company.forms[TEMPLATE]["clmcrmFacts"]
    outcome = one(desk, contract(1))
    assert "has no field clmcrmFacts" in outcome.why
    assert sent(desk) == []


def test_a_workflow_past_its_review_takes_no_change() -> None:
    desk = IroncladDesk(launching=LAUNCHING)
    key = one(desk, contract(1)).key
    _ = desk.company.edit(key.removeprefix("workflow:"), step="Sign")
    seen = desk.seen(Kind.CONTRACT, key)
    outcome = one(desk, Update(kind=Kind.CONTRACT, key=key, fields={"title": "New"}, expected=seen.version))
    assert (outcome.result, outcome.why) == (Result.REFUSED, "INVALID_STATE: workflow is not in the review step")


def test_templates_are_chosen_by_kind() -> None:
    desk = IroncladDesk(launching=Launching(templates={"nda": TEMPLATE}))
    nda, sale = one(desk, contract(1, kind="nda")), one(desk, contract(2, kind="sales"))
    assert nda.key.startswith("workflow:")
    assert not sale.key.startswith("workflow:")
    assert desk.seen(Kind.CONTRACT, nda.key).fields["kind"] == "nda"


def test_a_workflow_is_launched_with_somebody_and_with_no_name_that_nobody_has() -> None:
    desk = IroncladDesk(launching=LAUNCHING)
    nobody = one(desk, contract(1, names_in_text=None))
    assert (nobody.result, "counterpartyName" in nobody.why) == (Result.REFUSED, True)
    assert desk.company.alive(WORKFLOWS) == []
    entity = one(desk, account(1)).key
    assert one(desk, contract(1, names_in_text=None, counterparty=entity)).result is Result.DONE
    assert one(desk, contract(2, names_in_text=["Durand SA"], counterparty=entity)).result is Result.DONE
    names = [workflow["attributes"]["counterpartyName"] for workflow in desk.company.alive(WORKFLOWS)]
    assert names == ["A1", "Durand SA"]


def test_removing_archives_an_entity_cancels_a_workflow_and_deletes_a_record() -> None:
    desk = IroncladDesk(launching=Launching(templates={"nda": TEMPLATE}))
    for write, call in (
        (account(1), "PATCH"), (contract(1, kind="nda"), "POST"), (contract(2), "DELETE"),
    ):  # fmt: skip
        key = one(desk, write).key
        seen = desk.seen(write.kind, key)
        assert one(desk, Remove(kind=write.kind, key=key, expected=seen.version)).ok
        assert sent(desk)[-1][0] == call
    assert [one_["status"] for one_ in desk.company.alive(ENTITIES) + desk.company.alive(WORKFLOWS)] == [
        "inactive", "cancelled"
    ]  # fmt: skip


def test_facts_that_are_too_long_are_refused_and_not_cut() -> None:
    desk = IroncladDesk()
    outcome = one(desk, contract(1, special_terms="x" * 33_000))
    assert outcome.result is Result.REFUSED
    assert "and Ironclad takes 32000" in outcome.why
    assert sent(desk) == []


def test_a_relationship_type_is_replaced_and_not_taken_away() -> None:
    desk = IroncladDesk()
    key = one(desk, account(1, kind="customer")).key
    seen = desk.seen(Kind.ACCOUNT, key)
    assert (seen.fields["kind"], seen.fields["kind_raw"]) == ("customer", "customer")
    gone = Update(kind=Kind.ACCOUNT, key=key, fields={"kind": None, "kind_raw": None}, expected=seen.version)
    assert "takes none away" in one(desk, gone).why
    assert one(desk, Update(kind=Kind.ACCOUNT, key=key, fields={"kind_raw": "landlord"}, expected=seen.version)).ok
    fields = desk.seen(Kind.ACCOUNT, key).fields
    assert (fields["kind"], fields["kind_raw"]) == ("customer", "landlord")


def test_what_cannot_be_configured_is_said_at_once() -> None:
    session = IroncladSession(as_user=USER)
    options: list[dict[str, Any]] = [
        {"account_properties": {"nmae": "x"}}, {"contract_properties": {"title": "x"}}, {"types": {"nda": "NDA"}},
        {"page": 101}, {"page": 0},
    ]  # fmt: skip
    for wrong in options:
        with pytest.raises(InvalidRecord):
            _ = IroncladClm(session, **wrong)
    assert "name" not in PROPERTY_TYPES


# Letting in, and limits.


def desk_with(fake: FakeIronclad, secret: str = CLIENT[1]) -> Driver:
    signing = authority(client_id=CLIENT[0], client_secret=Secret(secret), scopes=scopes(), clock=now)
    told = Desk(clock=now, policy=QUICK, authorities={"ironclad": signing})
    return Driver(InProcess(fake, ORIGIN), told, sleep=lambda _: None)


def test_a_token_is_asked_for_once_and_renewed_when_it_has_ended() -> None:
    fake = FakeIronclad()
    driver, clm = desk_with(fake), clm_of(IroncladSession(as_user=USER))
    for _ in range(2):
        _ = driver.run(clm.changes(Kind.ACCOUNT, None))
    assert [one_.path for one_ in fake.asked].count("/oauth/token") == 1
    fake.tokens.clear()
    _ = driver.run(clm.changes(Kind.ACCOUNT, None))
    assert [one_.path for one_ in fake.asked].count("/oauth/token") == 2
    (first, *_) = [json.loads(one_.body) for one_ in fake.asked if one_.path == "/oauth/token"]
    assert first["scope"].split() == list(scopes())


def test_a_wrong_secret_is_told_in_ironclads_words_and_never_repeated() -> None:
    fake = FakeIronclad()
    with pytest.raises(RefusedError, match="invalid client") as refused:
        _ = desk_with(fake, "wrong-canary").run(clm_of(IroncladSession(as_user=USER)).changes(Kind.ACCOUNT, None))
    assert "wrong-canary" not in f"{refused.value!r}{refused.value}"


def test_secrets_stand_in_no_repr_and_in_no_error() -> None:
    desk = IroncladDesk()
    session = IroncladSession(as_user=USER, token=Secret(TOKEN))
    assert TOKEN not in repr(session)
    desk.fake.tokens.clear()
    with pytest.raises(RefusedError) as refused:
        _ = desk.blocking.changes(Kind.ACCOUNT, None)
    assert TOKEN not in f"{refused.value!r}"
    for wrong in ("", "a\nb", "ä"):
        with pytest.raises(InvalidRecord):
            _ = IroncladSession(token=Secret(wrong), as_user=USER)
        with pytest.raises(InvalidRecord):
            _ = IroncladSession(as_user=wrong)


def test_the_budgets_are_those_that_ironclad_publishes() -> None:
    assert {told.bucket: (told.size, told.per) for told in budgets()} == {
        "workflows-read": (400, timedelta(minutes=1)), "workflows-write": (40, timedelta(minutes=1)),
        "records-read": (600, timedelta(minutes=1)), "records-write": (200, timedelta(minutes=1)),
        "others": (800, timedelta(minutes=1)),
    }  # fmt: skip
    assert bucket_of("POST", "/workflows/7/cancel") == "workflows-write"
    assert bucket_of("GET", "/workflow-schemas/7") == "others"


def test_forty_launches_a_minute_are_never_exceeded() -> None:
    """A hundred launches, by a clock that moves only when the driver waits."""
    limits = {"workflows-write": 40, "workflows-read": 400}
    fake = FakeIronclad(limits=limits)
    at = [datetime(2026, 11, 2, 9, tzinfo=UTC)]

    def wait(seconds: float) -> None:
        at[0] += timedelta(seconds=seconds)
        fake.company.pass_time(timedelta(seconds=seconds))

    told = Desk(clock=lambda: at[0], policy=Policy(tries=1), budgets=Budgets(budgets()))
    driver = Driver(InProcess(fake, ORIGIN), told, sleep=wait)
    desk = IroncladDesk(fake, launching=LAUNCHING)
    for number in range(100):
        (outcome,) = driver.run(desk.clm.write([contract(number)]))
        assert outcome.ok
    assert at[0] - datetime(2026, 11, 2, 9, tzinfo=UTC) >= timedelta(minutes=2)


def test_a_batch_above_the_size_is_refused_whole() -> None:
    desk = IroncladDesk()
    with pytest.raises(TerminalError, match="at most 50"):
        _ = desk.blocking.write([account(number) for number in range(51)])
    assert sent(desk) == []


@pytest.mark.parametrize("kind", [Kind.CONTRACT, Kind.ACCOUNT])
def test_a_parent_that_is_not_there_is_a_refusal_and_no_missing_record(kind: Kind) -> None:
    """Ironclad says NOT_FOUND of a parent as of the object itself, and the object was taken for gone."""
    desk = IroncladDesk()
    made = one(desk, contract(1) if kind is Kind.CONTRACT else account(1))
    seen = desk.seen(kind, made.key)
    outcome = one(desk, Update(kind=kind, key=made.key, fields={"parent": "nobody"}, expected=seen.version))
    assert (outcome.result, outcome.key, outcome.version) == (Result.REFUSED, made.key, seen.version)
    assert "couldn't find a record matching the id nobody" in outcome.why


def test_a_record_that_goes_between_the_last_look_and_the_change_is_missing() -> None:
    desk = IroncladDesk()
    made = one(desk, contract(1))
    seen = desk.seen(Kind.CONTRACT, made.key)

    def gone(request: Request) -> None:
        if request.method == "PATCH":
            desk.company.delete(made.key)

    desk.fake.override = gone
    outcome = one(desk, Update(kind=Kind.CONTRACT, key=made.key, fields={"title": "x"}, expected=seen.version))
    assert outcome.result is Result.MISSING
