"""Writing to a Pipedrive: what it cannot hold is refused, what is lost on the way is found, and nothing twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pipedrive_desk import PipedriveDesk, now, ready

from clmcrm.adapters.pipedrive.crm import PipedriveCrm
from clmcrm.adapters.pipedrive.feed import Window
from clmcrm.adapters.pipedrive.session import PipedriveSession, budgets
from clmcrm.adapters.pipedrive.setting_up import missing, needed, set_up
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import ORIGIN
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AmbiguousError, InvalidRecord, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Kind, Remove, Result, Seen, Update
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.pipedrive.service import TOKEN, PipedriveService
from clmcrm.testing.vendors.serving import InProcess


def change(kind: str, key: object, **fields: Any) -> Update:
    return Update(kind=kind, key=str(key), fields=fields, expected="")


def test_a_creation_whose_reply_was_lost_is_bound_when_it_is_sent_again() -> None:
    desk = PipedriveDesk()
    write = Create(kind=Kind.ACCOUNT, mark="a:1", fields={"name": "A"})
    desk.service.lose_replies = 1
    with pytest.raises(AmbiguousError):
        _ = desk.blocking.write([write])
    (again,) = desk.blocking.write([write])
    assert again.result is Result.BOUND
    assert len(desk.service.records.of("organizations")) == 1


@pytest.mark.parametrize("status", [401, 402, 429])
def test_a_batch_of_which_a_part_was_written_is_not_told_as_one_of_which_nothing_was(status: int) -> None:
    desk = PipedriveDesk(PipedriveService(search_lag=timedelta(seconds=30)))
    writes = [Create(kind=Kind.ACCOUNT, mark=f"a:{n}", fields={"name": f"A{n}"}) for n in range(3)]
    failure = Reply(status=status, headers=JSON, body=b'{"success":false,"error":"not now"}')
    desk.service.override = lambda request: failure if b'"A1"' in (request.body or b"") else None
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = desk.blocking.write(writes)
    made = len(desk.service.records.of("organizations"))
    assert made == 2
    desk.service.override = lambda _: failure
    with pytest.raises((TransientError, RefusedError)):  # now nothing is
        _ = desk.blocking.write(writes)


def test_a_change_that_names_a_record_that_is_not_there_is_refused_and_its_own_record_not_told_as_gone() -> None:
    """Pipedrive answers 404 for an organization that it does not find, as it does for the person itself."""
    desk = PipedriveDesk()
    create = [Create(kind=Kind.CONTACT, mark=f"p:{n}", fields={"family_name": f"P{n}"}) for n in range(3)]
    first, second, gone = (one.key for one in desk.blocking.write(create))
    _ = desk.blocking.write([Remove(kind=Kind.CONTACT, key=gone, expected="")])
    told = desk.blocking.write(
        [
            change(Kind.CONTACT, first, account="999999"), change(Kind.CONTACT, second, family_name="Durand"),
            change(Kind.CONTACT, gone, account="999999"),
        ]
    )  # fmt: skip
    assert [one.result for one in told] == [Result.REFUSED, Result.DONE, Result.MISSING]
    assert "Organization not found" in told[0].why


def test_one_bad_record_keeps_no_other_out() -> None:
    desk = PipedriveDesk()
    gone = desk.service.add("organizations", name="Gone").id
    kept = desk.service.add("organizations", name="Kept").id
    desk.service.delete("organizations", gone)
    outcomes = desk.blocking.write(
        [
            change(Kind.ACCOUNT, gone, name="x"),
            change(Kind.ACCOUNT, kept, owner="nobody"),
            change(Kind.ACCOUNT, kept, name="Kept on"),
            Remove(kind=Kind.ACCOUNT, key=str(gone), expected=""),
            change(Kind.ACCOUNT, "999999", name="x"),
            Create(kind=Kind.ACCOUNT, mark="x" * 256, fields={"name": "x"}),
        ]
    )
    assert [one.result for one in outcomes] == [
        Result.MISSING, Result.REFUSED, Result.DONE, Result.MISSING, Result.MISSING, Result.REFUSED,
    ]  # fmt: skip
    assert "a field of text holds 255" in outcomes[-1].why


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a name that is empty": (Kind.ACCOUNT, {"name": ""}, "name is empty"),
    "a number as a name": (Kind.ACCOUNT, {"name": 7}, "expected a text"),
    "half a character": (Kind.ACCOUNT, {"name": "\ud800"}, "expected a text"),
    "revenue in another currency": (Kind.ACCOUNT, {"revenue": {"amount": "1.00", "currency": "USD"}}, "the company's"),
    "employees as a text": (Kind.ACCOUNT, {"employees": "7"}, "expected a whole number"),
    "an industry it has not": (Kind.ACCOUNT, {"industry": "Magic"}, "Agriculture, Software, Transport"),
    "two countries": (Kind.ACCOUNT, {"billing_address": {"country": "FR", "country_name": "France"}}, "both a country"),
    "an address as a text": (Kind.ACCOUNT, {"billing_address": "Paris"}, "expected an object"),
    "a field of no place": (Kind.ACCOUNT, {"vat_number": "FR1"}, "no place for vat_number"),
    "the day of creation": (Kind.ACCOUNT, {"created_on": "2026-01-01"}, "keeps created_on by itself"),
    "extras it does not carry": (
        Kind.ACCOUNT, {"extras": [{"system": "pipedrive", "field": "org_id", "raw": "1"}]}, "none of the fields"
    ),
    "extras that are no JSON": (
        Kind.ACCOUNT, {"extras": [{"system": "pipedrive", "field": "visible_to", "raw": "{"}]}, "expected JSON"
    ),
    "extras whose field is a list": (
        Kind.ACCOUNT, {"extras": [{"system": "pipedrive", "field": ["visible_to"], "raw": "1"}]}, "none of the fields"
    ),
    "an account that is no id": (Kind.CONTACT, {"account": "../1"}, "the id of one of the organizations"),
    "a phone without a number": (Kind.CONTACT, {"phones": [{"kind": "office"}]}, "expected a number"),
    "a phone of a strange kind": (Kind.CONTACT, {"phones": [{"number": "1", "kind": "telex"}]}, "phones.kind"),
    "a phone whose kind is a list": (Kind.CONTACT, {"phones": [{"number": "1", "kind": ["fax"]}]}, "phones.kind"),
    "an email that is no text": (Kind.CONTACT, {"emails": [7]}, "expected a text"),
    "an amount as a number": (Kind.OPPORTUNITY, {"amount": 7}, "an amount and a currency"),
    "an amount in a made-up currency": (
        Kind.OPPORTUNITY, {"amount": {"amount": "1", "currency": "XXZ"}}, "amount is"
    ),
    "an amount in one currency and another": (
        Kind.OPPORTUNITY, {"amount": {"amount": "1", "currency": "EUR"}, "currency": "USD"}, "one currency"
    ),
    "a stage that is none": (Kind.OPPORTUNITY, {"stage": "signed", "pipeline": "1"}, "open, won or lost"),
    "a stage that is a list": (Kind.OPPORTUNITY, {"stage": ["won"], "pipeline": "1"}, "open, won or lost"),
    "a list without its pipeline": (Kind.OPPORTUNITY, {"stage": ["won"]}, "needs a pipeline or a stage_id"),
    "a stage the company has not": (Kind.OPPORTUNITY, {"stage_id": "99"}, "the company has 11, 12"),
    "a stage of another pipeline": (
        Kind.OPPORTUNITY, {"stage_id": "22", "pipeline": "1"}, "stage_id 22 is of pipeline 2, and pipeline is '1'"
    ),
    "a stage without its pipeline": (Kind.OPPORTUNITY, {"stage": "proposal"}, "needs a pipeline or a stage_id"),
    "a probability of two": (Kind.OPPORTUNITY, {"probability": "2"}, "a share from 0 to 1"),
    "a day that is none": (Kind.OPPORTUNITY, {"expected_close_on": "soon"}, "a day such as"),
    "no day at all": (Kind.OPPORTUNITY, {"expected_close_on": None}, "not a valid 'string'"),
    "a loss reason of an open deal": (Kind.OPPORTUNITY, {"loss_reason": "price"}, "only be set if deal status is lost"),
    "a currency the company has not": (Kind.OPPORTUNITY, {"currency": "CHF"}, "currency"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_that_pipedrive_cannot_hold_is_refused_and_never_bent(name: str) -> None:
    kind, fields, why = REFUSED[name]
    desk = PipedriveDesk()
    objects = {Kind.ACCOUNT: "organizations", Kind.CONTACT: "persons", Kind.OPPORTUNITY: "deals"}
    made = desk.service.add(objects[Kind(kind)], **{"title" if kind == Kind.OPPORTUNITY else "name": "As it was"})
    before = desk.seen(kind, str(made.id))
    (outcome,) = desk.blocking.write([change(kind, made.id, **fields)])
    assert (outcome.result, why in outcome.why) == (Result.REFUSED, True), outcome.why
    assert desk.seen(kind, str(made.id)) == before


def test_the_company_s_own_fields_can_be_fields() -> None:
    service = PipedriveService()
    code = service.need("organizations", "VAT number")
    desk = PipedriveDesk(service, custom={"account": {"vat_number": "VAT number", "legal_name": code}})
    with pytest.raises(TerminalError, match="no custom field named 'Nowhere'"):
        _ = PipedriveDesk(custom={"account": {"vat_number": "Nowhere"}}).blocking.write(
            [Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "A", "vat_number": "1"})]
        )
    (made,) = desk.blocking.write([Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "A", "vat_number": "FR1"})])
    assert service.records.of("organizations")[int(made.key)].customs[code] == "FR1"
    assert desk.seen(Kind.ACCOUNT, made.key).fields["legal_name"] == "FR1"


@pytest.mark.parametrize(("value", "legal_name"), [('"Durand SA"', "Durand SA"), ("null", None), ('""', None)])
def test_a_text_of_the_company_s_own_is_shown(value: str, legal_name: str | None) -> None:
    seen = _with_own(value)
    assert (seen.unreadable, seen.fields["legal_name"]) == ("", legal_name)


@pytest.mark.parametrize("value", ["7", "1.5", "true", "[3]", '{"value":7,"currency":"EUR"}'])
def test_a_field_of_the_company_s_own_that_is_no_text_is_not_shown_as_nothing(value: str) -> None:
    """An option's id, a number, an amount: as nothing it would look as if somebody had emptied it."""
    assert "custom field 'Legal name' is" in _with_own(value).unreadable


def _with_own(value: str) -> Seen:
    desk = PipedriveDesk(custom={"account": {"legal_name": "Legal name"}})
    code = desk.service.need("organizations", "Legal name", "varchar")
    row = f'{{"id":1,"name":"A","custom_fields":{{"{code}":{value}}}}}'
    body = f'{{"success":true,"data":{row}}}'.encode()
    desk.service.override = lambda ask: Reply(status=200, headers=JSON, body=body) if "/1?" in ask.path else None
    return desk.seen(Kind.ACCOUNT, "1")


def test_a_field_of_the_same_name_twice_is_not_guessed_at() -> None:
    desk = PipedriveDesk()
    _ = desk.service.need("organizations", "clmcrm key")
    with pytest.raises(TerminalError, match="2 custom fields named 'clmcrm key'"):
        _ = desk.blocking.write([Create(kind=Kind.ACCOUNT, mark="a", fields={"name": "A"})])
    assert not desk.service.records.of("organizations")


@pytest.mark.parametrize("place", TermsPlace)
def test_what_a_company_lacks_is_named_and_can_be_made(place: TermsPlace) -> None:
    service = PipedriveService()
    desk = PipedriveDesk()
    desk.transport = InProcess(service, ORIGIN)
    driver = Driver(desk.transport, Desk(clock=now), sleep=lambda _: None)
    lacking = driver.run(missing(desk.session, place))
    assert [one for one, _ in lacking] == needed(place)
    assert lacking[0][1] == "organizations have no custom field 'clmcrm key'"
    assert driver.run(set_up(desk.session, place)) == tuple(needed(place))
    assert driver.run(missing(desk.session, place)) == ()
    assert driver.run(set_up(desk.session, place)) == ()
    _ = service.need("deals", "clmcrm key", "double")
    with pytest.raises(TerminalError, match="2 custom fields 'clmcrm key'; rename or delete"):
        _ = driver.run(set_up(desk.session, place))


def test_a_field_of_another_type_is_told() -> None:
    service = PipedriveService()
    for one in needed(TermsPlace.DEAL):
        _ = service.need(one.object, one.name, "double" if one.name == "clmcrm terms" else one.type)
    driver = Driver(InProcess(service, ORIGIN), Desk(clock=now), sleep=lambda _: None)
    ((_, why),) = driver.run(missing(PipedriveSession(Secret(TOKEN)), TermsPlace.DEAL))
    assert why == "custom field 'clmcrm terms' of deals is of type double, not text"


def test_a_missing_scope_is_said_in_pipedrives_own_words() -> None:
    desk = PipedriveDesk()
    desk.service.forbidden = {"deals"}
    with pytest.raises(RefusedError, match="Scope and URL mismatch"):
        _ = desk.blocking.changes(Kind.OPPORTUNITY, None)


def test_contact_sync_that_is_off_refuses_a_job_title_in_its_own_words() -> None:
    desk = PipedriveDesk(PipedriveService(contact_sync=False))
    fields: dict[str, Any] = {"family_name": "Byron", "job_title": "Countess"}
    (outcome,) = desk.blocking.write([Create(kind=Kind.CONTACT, mark="p", fields=fields)])
    assert (outcome.result, "Contact sync is not enabled" in outcome.why) == (Result.REFUSED, True)


def test_an_edit_that_we_overwrote_is_in_the_past_that_is_told() -> None:
    desk = PipedriveDesk()
    deal = desk.service.add("deals", title="A", value=10, stage_id=11)
    desk.service.edit("deals", deal.id, value=20, title="By hand", stage_id=12, expected_close_date="2026-05-07")
    _ = desk.blocking.write(
        [change(Kind.OPPORTUNITY, deal.id, name="Ours", stage="won", amount={"amount": "30.00", "currency": "EUR"})]
    )
    told = desk.run(desk.crm.past(Kind.OPPORTUNITY, [str(deal.id)]))
    by_name = {
        name: [one.value for one in told if one.name == name] for name in ("name", "amount", "stage_raw", "stage")
    }
    assert by_name["name"] == ["A", "By hand", "Ours"]
    assert [one["amount"] for one in by_name["amount"]] == ["10.00", "20.00", "30.00"]  # type: ignore[index, call-overload] # amounts
    assert by_name["stage_raw"] == ["Qualified", "Contact Made"]
    assert by_name["stage"][0] == "qualification"
    assert by_name["stage"][-1] == "won"


def test_a_company_without_audit_says_that_edits_may_be_lost() -> None:
    assert PipedriveDesk(audit=False).crm.capabilities.history is False


# Terms.


@pytest.mark.parametrize("place", TermsPlace)
def test_terms_stand_on_their_carrier_in_words_and_as_dates(place: TermsPlace) -> None:
    desk = PipedriveDesk(place=place)
    name = "organizations" if place is TermsPlace.ORGANIZATION else "deals"
    carrier = desk.service.add(name, **{"name" if place is TermsPlace.ORGANIZATION else "title": "Durand"})
    on = "account" if place is TermsPlace.ORGANIZATION else "opportunity"
    terms = {"title": "Supply", "notice_by": "2026-05-07", "ends_on": "2026-12-31", on: str(carrier.id)}
    writes = [Create(kind=Kind.CONTRACT_TERMS, mark=f"t:{n}", fields=terms) for n in range(2)]
    first, second = desk.blocking.write(writes)
    assert (first.result, first.key) == (Result.DONE, str(carrier.id))
    assert (second.result, "the terms of another contract already" in second.why) == (Result.REFUSED, True)
    shown = {one.name: carrier.customs.get(code) for code, one in desk.service.records.customs[name].items()}
    assert (shown["Notice at the latest on"], shown["Contract ends on"]) == ("2026-05-07", "2026-12-31")
    assert "title: Supply" in str(shown["Contract terms"])
    (gone,) = desk.blocking.write([Remove(kind=Kind.CONTRACT_TERMS, key=first.key, expected="")])
    assert gone.ok
    assert desk.seen(Kind.CONTRACT_TERMS, first.key).gone
    assert not desk.seen(Kind.OPPORTUNITY if name == "deals" else Kind.ACCOUNT, first.key).gone


# Limits, tokens and secrets.


def test_searches_draw_on_a_bucket_of_their_own() -> None:
    clock = [datetime(2026, 5, 7, 9, 0, tzinfo=UTC)]
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += timedelta(seconds=seconds)
        service.clock.advance(timedelta(seconds=seconds))

    service = ready(PipedriveService(tick=timedelta(0)))
    service.windows.searches = 10
    driver = Driver(
        InProcess(service, ORIGIN), Desk(clock=lambda: clock[0], budgets=Budgets(budgets(10_000))), sleep=sleep
    )
    crm = PipedriveCrm(PipedriveSession(Secret(TOKEN)))
    for number in range(25):
        assert driver.run(crm.find(Kind.ACCOUNT, f"a:{number}")) is None
    assert sum(waits) == 4  # ten in two seconds, and 25 of them


def test_a_used_up_day_is_told_and_not_waited_for() -> None:
    service = ready(PipedriveService())
    service.windows.tokens = 30
    policy = Policy(tries=2, first_wait=timedelta(0))
    driver = Driver(InProcess(service, ORIGIN), Desk(clock=now, policy=policy), sleep=lambda _: None)
    session = PipedriveSession(Secret(TOKEN))
    crm = PipedriveCrm(session)
    _ = driver.run(crm.changes(Kind.ACCOUNT, None))
    assert (session.left, session.spent) == (8, 22)
    with pytest.raises(TransientError, match="too many calls"):
        _ = driver.run(crm.changes(Kind.ACCOUNT, None))


@pytest.mark.parametrize("token", ["", " ", "a\nb", "é"], ids=["empty", "blank", "two lines", "accent"])
def test_a_token_that_no_header_can_carry_is_refused_unseen(token: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        _ = PipedriveSession(Secret(token))
    assert not token.strip() or token not in str(refused.value)


# Bad replies.

JSON = {"content-type": "application/json"}
BAD: dict[str, Reply] = {
    "a page for people": Reply(status=200, headers={"content-type": "text/html"}, body=b"<html>maintenance</html>"),
    "a page that says it is JSON": Reply(status=200, headers=JSON, body=b"  <html>"),
    "the block of whoever goes on": Reply(status=403, headers={"content-type": "text/html"}, body=b"<html>1020</html>"),
    "half JSON": Reply(status=200, headers=JSON, body=b'{"success":true,"data":[{"id":1'),
    "nothing": Reply(status=200, headers=JSON),
    "a list": Reply(status=200, headers=JSON, body=b"[]"),
    "a success that is none": Reply(status=200, headers=JSON, body=b'{"success":false,"error":"no"}'),
    "no word of success": Reply(status=200, headers=JSON, body=b'{"data":[]}'),
    "records that are no list": Reply(status=200, headers=JSON, body=b'{"success":true,"data":{"id":1}}'),
    "records that are no objects": Reply(status=200, headers=JSON, body=b'{"success":true,"data":[1]}'),
    "NaN": Reply(status=200, headers=JSON, body=b'{"success":true,"data":[{"id":1,"annual_revenue":NaN}]}'),
    "a member twice": Reply(status=200, headers=JSON, body=b'{"success":true,"success":false,"data":[]}'),
    "a redirect": Reply(status=302, headers={"location": "https://evil.example/"}),
    "no money": Reply(status=402, headers=JSON, body=b'{"success":false,"error":"company account is not open"}'),
    "a busy server": Reply(status=503, headers=JSON, body=b"{}"),
    "a page that leads to itself": Reply(
        status=200, headers=JSON, body=b'{"success":true,"data":[],"additional_data":{"next_cursor":"c"}}'
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_reply_is_an_error_and_never_an_empty_answer(name: str) -> None:
    desk = PipedriveDesk()
    _ = desk.run(desk.crm.read(Kind.ACCOUNT, ["1"]))
    desk.service.override = lambda _request: BAD[name]
    window = Window(page="c").text() if name == "a page that leads to itself" else None
    with pytest.raises((TerminalError, TransientError, AmbiguousError)) as failure:
        _ = desk.blocking.changes(Kind.ACCOUNT, window)
    assert failure.value.vendor == "pipedrive"
    assert TOKEN not in repr(failure.value)


@pytest.mark.parametrize("name", ["a success that is none", "nothing", "half JSON", "a list", "a page for people"])
def test_a_bad_answer_to_a_write_is_never_taken_for_done(name: str) -> None:
    desk = PipedriveDesk()
    key = desk.service.add("organizations", name="A").id
    _ = desk.run(desk.crm.read(Kind.ACCOUNT, ["1"]))
    desk.service.override = lambda _request: BAD[name]
    try:
        (outcome,) = desk.blocking.write([change(Kind.ACCOUNT, key, name="B")])
    except (TerminalError, AmbiguousError):
        return
    assert outcome.result is Result.REFUSED


def test_a_secret_that_pipedrive_repeats_is_hidden() -> None:
    desk = PipedriveDesk()
    said = f'{{"success":false,"error":"the token {TOKEN} is not known"}}'.encode()
    desk.service.override = lambda _request: Reply(status=401, headers=JSON, body=said)
    with pytest.raises(RefusedError) as refused:
        _ = desk.blocking.changes(Kind.ACCOUNT, None)
    assert TOKEN not in str(refused.value)


ODD: dict[str, tuple[str, bool]] = {
    "an amount as a text": ('"value":"12.50"', True),
    "an amount with an exponent": ('"value":1.25E1', True),
    "no amount": ('"value":null', True),
    "an amount that is a word": ('"value":"a lot"', False),
    "a currency nobody knows": ('"value":1,"currency":"XXZ"', False),
    "a time with a zone": ('"update_time":"2026-05-07T11:30:00+02:00"', True),
    "a time of version 1": ('"update_time":"2026-05-07 09:30:00"', True),
    "a time that is none": ('"update_time":"soon"', False),
    "an emptied day": ('"expected_close_date":"0000-00-00"', True),
    "a day with a time": ('"expected_close_date":"2026-05-07T00:00:00Z"', True),
    "a day that is none": ('"expected_close_date":"2026-13-01"', False),
    "a status nobody knows": ('"status":"paused"', True),
    "a stage that is gone": ('"stage_id":999', True),
    "a probability beyond": ('"probability":250', False),
    "an owner that is an object": ('"owner_id":{"id":7,"name":"Ada"}', True),
    "a title that is a list": ('"title":["x"]', False),
    "custom fields that are a list": ('"custom_fields":[]', True),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_record_is_shown_or_reported_and_the_others_go_on(name: str) -> None:
    told, readable = ODD[name]
    desk = PipedriveDesk()
    fine = '{"id":2,"title":"Fine","status":"open","update_time":"2026-05-07T09:30:00Z"}'
    body = f'{{"success":true,"data":[{{"id":1,{told}}},{fine}],"additional_data":null}}'.encode()
    _ = desk.run(desk.crm.read(Kind.OPPORTUNITY, ["1"]))

    def answered(request: Request) -> Reply | None:
        return Reply(status=200, headers=JSON, body=body) if request.path.startswith("/api/v2/deals?") else None

    desk.service.override = answered
    page = desk.blocking.changes(Kind.OPPORTUNITY, None)
    odd, other = page.seen
    assert (odd.key, not odd.unreadable, other.fields["name"]) == ("1", readable, "Fine"), odd.unreadable


@pytest.mark.parametrize(("count", "employees"), [("12", 12), ("12.0", 12), ("12.5", None), ("true", None)])
def test_a_number_of_employees_is_a_whole_one_and_is_never_cut_off(count: str, employees: int | None) -> None:
    desk = PipedriveDesk()
    body = f'{{"success":true,"data":{{"id":1,"name":"A","employee_count":{count}}}}}'.encode()
    desk.service.override = lambda ask: Reply(status=200, headers=JSON, body=body) if "/1?" in ask.path else None
    (seen,) = desk.blocking.read(Kind.ACCOUNT, ["1"])
    assert (seen.fields.get("employees"), bool(seen.unreadable)) == (employees, employees is None)


@pytest.mark.parametrize("status", [401, 402])
def test_terms_are_not_refused_one_by_one_when_nobody_may_write_anything(status: int) -> None:
    desk = PipedriveDesk()
    deals = [str(desk.service.add("deals", title=f"D{n}").id) for n in range(3)]
    writes = [Create(kind=Kind.CONTRACT_TERMS, mark=f"t:{key}", fields={"opportunity": key}) for key in deals]
    failure = Reply(status=status, headers=JSON, body=b'{"success":false,"error":"not now"}')
    desk.service.override = lambda request: failure if request.method == "PATCH" else None
    with pytest.raises(RefusedError, match="not now") as refused:
        _ = desk.blocking.write(writes)
    assert refused.value.status == status
    desk.service.override = lambda _: None
    done = desk.blocking.write(writes)
    assert {one.result for one in done} == {Result.DONE}
    desk.service.override = lambda request: failure if request.path.endswith(f"/{deals[2]}") else None
    changes = [change(Kind.CONTRACT_TERMS, key, title="New") for key in deals]
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = desk.blocking.write(changes)


def test_terms_of_a_deal_that_is_put_into_the_bin_meanwhile_are_not_told_as_written() -> None:
    """A change of what is in the bin is answered with the record, which says of itself that it is deleted."""
    desk = PipedriveDesk()
    first, second = (str(desk.service.add("deals", title=f"D{n}").id) for n in range(2))
    (made,) = desk.blocking.write([Create(kind=Kind.CONTRACT_TERMS, mark="t:1", fields={"opportunity": first})])
    assert made.ok

    def binned(request: Request) -> Reply | None:
        if request.method != "PATCH":
            return None
        row = {"id": int(request.path.rpartition("/")[2].partition("?")[0]), "is_deleted": True}
        return Reply(status=200, headers=JSON, body=json.dumps({"success": True, "data": row}).encode())

    desk.service.override = binned
    (changed,) = desk.blocking.write([change(Kind.CONTRACT_TERMS, first, title="New")])
    (new,) = desk.blocking.write([Create(kind=Kind.CONTRACT_TERMS, mark="t:2", fields={"opportunity": second})])
    assert (changed.result, changed.key, new.result) == (Result.MISSING, first, Result.REFUSED)
