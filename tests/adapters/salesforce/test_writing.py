"""How many calls writing takes, and what becomes of records that others lock, double, edit or delete meanwhile."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from salesforce_suite import NEW, ORG, ORIGIN, crm_of, driver_of, fake_org

from clmcrm.adapters.salesforce import bulk
from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.drivers.driver import Driver
from clmcrm.errors import AdapterError, AmbiguousError, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Flow, Reply
from clmcrm.ports.records import Create, Fields, Json, Kind, Outcome, Precondition, Remove, Result, Seen, Update, Write
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.salesforce.answering import FakeSalesforce
from clmcrm.testing.vendors.salesforce.guarded import JudgedOrg, judged
from clmcrm.testing.vendors.serving import InProcess

COUNT = 1_000


class Desk:
    """An org, an adapter, and what runs it."""

    def __init__(self, **more: object) -> None:
        self.judge: JudgedOrg = judged(fake_org())
        self.fake: FakeSalesforce = self.judge.org
        self.crm: SalesforceCrm = crm_of(**more)
        self.driver: Driver = driver_of(InProcess(self.judge, ORIGIN))

    def write(self, *writes: Write) -> tuple[Outcome, ...]:
        return self.driver.run(self.crm.write(writes))

    def calls(self) -> int:
        return self.fake.calls

    def names(self) -> list[str]:
        return [str(row["Name"]) for row in self.fake.data.rows["Account"].values() if not row["IsDeleted"]]


def account(number: int, **fields: str) -> Create:
    return Create(kind=Kind.ACCOUNT, mark=f"account:{number}", fields={"name": f"N{number}", **fields})


def in_batches(desk: Desk, writes: list[Write], size: int = 200) -> list[Outcome]:
    return [outcome for start in range(0, len(writes), size) for outcome in desk.write(*writes[start : start + size])]


@pytest.mark.parametrize(("precondition", "most"), [(Precondition.NONE, 5), (Precondition.ROW, 50)])
def test_a_thousand_creations_take_five_calls_and_a_thousand_changes_as_declared(
    precondition: Precondition, most: int
) -> None:
    desk = Desk(precondition=precondition)
    _ = desk.driver.run(desk.crm.read(Kind.ACCOUNT, []))  # the description of the object, once
    before = desk.calls()
    made = in_batches(desk, [account(number) for number in range(COUNT)])
    assert {one.result for one in made} == {Result.DONE}
    assert desk.calls() - before == 5
    before = desk.calls()
    changed: list[Write] = [
        Update(kind=Kind.ACCOUNT, key=one.key, fields={"name": f"New {n}"}, expected=one.version)
        for n, one in enumerate(made)
    ]
    assert {one.result for one in in_batches(desk, changed)} == {Result.DONE}
    assert desk.calls() - before <= most
    before = desk.calls()
    page = desk.driver.run(desk.crm.changes(Kind.ACCOUNT, None))
    assert (len(page.seen), page.more, desk.calls() - before) == (COUNT, False, 1)
    before = desk.calls()
    again = desk.driver.run(desk.crm.changes(Kind.ACCOUNT, page.cursor))
    assert not again.more
    assert desk.calls() - before == 2  # one page, and the log of deletions
    assert not desk.judge.refused


def test_a_job_takes_thousands_of_new_records_and_says_what_became_of_each() -> None:
    desk = Desk(batch_size=5_000, bulk_from=1_400)
    _ = desk.write(account(7), account(8))
    before = desk.calls()
    writes: list[Write] = [account(number, website=f'https://example.org/?a,"{number}"') for number in range(1_500)]
    writes[3] = account(3, phone="0" * 41)
    outcomes = desk.write(*writes)
    results = [one.result for one in outcomes]
    assert (results.count(Result.DONE), results[7], results[8]) == (1_497, Result.BOUND, Result.BOUND)
    assert results[3] is Result.REFUSED
    assert "data value too large" in outcomes[3].why
    assert all(one.version for one in outcomes if one.ok)
    assert desk.calls() - before <= 7 + 2 + 2  # the job, two questions more, and the versions
    rows = desk.fake.data.rows["Account"]
    assert rows[outcomes[9].key]["Website"] == 'https://example.org/?a,"9"'
    assert not desk.judge.refused


def test_a_text_that_a_job_takes_for_no_value_is_not_lost() -> None:
    desk = Desk(batch_size=5_000, bulk_from=10)
    outcomes = desk.write(*[account(number, phone="#N/A" if number == 3 else "1") for number in range(12)])
    assert {one.result for one in outcomes} == {Result.DONE}
    phones = [desk.fake.data.rows["Account"][one.key]["Phone"] for one in outcomes]
    assert phones == ["1"] * 3 + ["#N/A"] + ["1"] * 8


def test_a_text_longer_than_any_field_keeps_no_job_from_being_read() -> None:
    """What the org refuses of a job stands in its results, whole: a cell may be longer than a reader takes."""
    desk = Desk(batch_size=5_000, bulk_from=10)
    texts = ["short"] * 11 + ["x" * 140_000]
    outcomes = desk.write(*[account(number, description=text) for number, text in enumerate(texts)])
    assert [one.result for one in outcomes] == [Result.DONE] * 11 + [Result.REFUSED]
    assert "data value too large" in outcomes[-1].why


@pytest.mark.parametrize(
    "text", ["a\rb", "a\nb", "a\r\nb", 'a "b" c', "a, b", "Société 😀", "a\u2028b", "=1+1", "\\"], ids=ascii
)
def test_a_job_sets_a_text_as_it_is_whatever_breaks_it(text: str) -> None:
    desk = Desk(batch_size=5_000, bulk_from=2)
    made = desk.write(account(1, description=text), account(2, description="plain"))
    assert [one.result for one in made] == [Result.DONE] * 2
    assert [desk.fake.data.live("Account", one.key)["Description"] for one in made] == [text, "plain"]


def test_a_creation_that_is_refused_for_its_values_is_bound_where_its_record_is_there() -> None:
    """The org looks at the reference first, and says nothing of our key."""
    desk = Desk()
    nowhere = "001000000000999AAA"
    (made,) = desk.write(account(1))
    again, other = desk.write(account(1, parent=nowhere), account(2, parent=nowhere))
    assert (again.result, again.key) == (Result.BOUND, made.key)
    assert other.result is Result.REFUSED


def test_a_key_with_a_blank_around_it_keeps_no_other_out() -> None:
    """Salesforce takes the blanks away: the record would never be found under our key again."""
    desk = Desk()
    odd = evolve(account(1), mark=" account:1")
    refused, made = desk.write(odd, account(2))
    assert (refused.result, made.result) == (Result.REFUSED, Result.DONE)
    assert refused.why == "mark: ' account:1' has a blank around it, which Salesforce does not keep"
    assert desk.names() == ["N2"]


def test_what_is_other_here_is_other_there() -> None:
    desk = Desk()
    (made,) = desk.write(account(1, kind="other"))
    assert desk.fake.data.live("Account", made.key)["Type"] == "Other"


def test_a_job_that_stops_half_way_is_ambiguous_and_its_records_are_bound_later() -> None:
    desk = Desk(batch_size=5_000, bulk_from=10)
    desk.fake.jobs.stops_after = 6
    writes = [account(number) for number in range(12)]
    with pytest.raises(AmbiguousError, match="some records of the batch were inserted"):
        _ = desk.write(*writes)
    results = [one.result for one in desk.write(*writes)]
    assert results == [Result.BOUND] * 6 + [Result.DONE] * 6
    assert len(desk.names()) == 12


def test_a_job_that_fails_says_why_in_the_words_of_the_org() -> None:
    desk = Desk(batch_size=5_000, bulk_from=10)
    desk.fake.jobs.stops_after = 0
    with pytest.raises(TransientError, match="the job did not come to it and ended as Failed: InvalidBatch"):
        _ = desk.write(*(account(number) for number in range(12)))
    assert desk.names() == []


@pytest.mark.parametrize("times", [1, 9])
def test_creations_whose_reply_is_lost_are_made_once(times: int) -> None:
    desk = Desk()
    writes: list[Write] = [account(number) for number in range(50)]
    _ = desk.write(account(99))
    left = [times]

    def lost(request: Request) -> Reply | None:
        if left[0] == 0 or request.method != "POST":
            return None
        left[0] -= 1
        desk.fake.override = lambda _request: None
        _ = desk.fake.answer(request)  # it was done, and nobody hears of it
        desk.fake.override = lost
        return Reply(status=504)

    desk.fake.override = lost
    if times > 1:
        with pytest.raises(AmbiguousError):
            _ = desk.write(*writes)
        left[0] = 0
    assert {one.result for one in desk.write(*writes)} == {Result.BOUND}
    assert len(desk.names()) == 51


def test_an_edit_between_our_comparing_and_our_writing_is_not_overwritten() -> None:
    desk = Desk()
    (made,) = desk.write(account(1))

    def meanwhile(request: Request) -> Reply | None:
        if b"If-Unmodified-Since" in request.body:
            desk.fake.override = lambda _request: None
            desk.fake.data.pass_time()
            desk.fake.data.update("Account", made.key, {"Name": "By a person"})
        return None

    desk.fake.override = meanwhile
    (outcome,) = desk.write(Update(kind=Kind.ACCOUNT, key=made.key, fields={"name": "X"}, expected=made.version))
    assert outcome.result is Result.STALE
    assert desk.names() == ["By a person"]


def test_two_edits_of_one_second_are_two_versions() -> None:
    desk = Desk()
    (made,) = desk.write(account(1))
    desk.fake.data.update("Account", made.key, {"Phone": "1"})
    (seen,) = desk.driver.run(desk.crm.read(Kind.ACCOUNT, [made.key]))
    desk.fake.data.update("Account", made.key, {"Phone": "2"})  # its SystemModstamp is the same
    (outcome,) = desk.write(Update(kind=Kind.ACCOUNT, key=made.key, fields={"phone": "3"}, expected=seen.version))
    assert outcome.result is Result.STALE


@pytest.mark.parametrize("precondition", list(Precondition))
def test_a_record_that_somebody_else_is_writing_is_stale_and_the_others_are_written(
    precondition: Precondition,
) -> None:
    desk = Desk(precondition=precondition)
    first, second = desk.write(account(1), account(2))
    desk.fake.data.busy[first.key] = 1
    changes = [
        Update(kind=Kind.ACCOUNT, key=one.key, fields={"phone": "1"}, expected=one.version) for one in (first, second)
    ]
    outcomes = desk.write(*changes)
    assert [one.result for one in outcomes] == [Result.STALE, Result.DONE]
    assert "UNABLE_TO_LOCK_ROW" in outcomes[0].why


def test_a_creation_whose_parent_is_locked_is_sent_again_alone() -> None:
    desk = Desk()
    desk.fake.data.busy["account:1"] = 2
    assert [one.result for one in desk.write(account(1), account(2))] == [Result.DONE, Result.DONE]
    assert sorted(desk.names()) == ["N1", "N2"]
    desk.fake.data.busy["account:3"] = 9
    with pytest.raises(TransientError, match="UNABLE_TO_LOCK_ROW"):
        _ = desk.write(account(3))


@pytest.mark.parametrize("where", ["of one record", "of the queries after it"])
def test_changes_of_which_a_part_was_made_are_not_told_as_none(where: str) -> None:
    """Without a precondition nobody would ask the history what they have covered."""
    desk = Desk(precondition=Precondition.NONE)
    first, second = desk.write(account(1), account(2))
    spoilt = {"success": False, "errors": [{"statusCode": "REQUEST_LIMIT_EXCEEDED", "message": "x", "fields": []}]}
    refused = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}]
    answer = desk.fake.answer

    def limited(request: Request) -> Reply:
        reply = answer(request)
        if not request.path.endswith("/composite"):
            return reply
        told = json.loads(reply.body)
        parts = told["compositeResponse"]
        if where == "of one record":
            parts[0]["body"][1] = spoilt
        else:
            parts[1].update(httpStatusCode=403, body=refused)
        return evolve(reply, body=json.dumps(told).encode())

    desk.fake.answer = limited  # type: ignore[method-assign]
    changes = [
        Update(kind=Kind.ACCOUNT, key=one.key, fields={"phone": "1"}, expected=one.version) for one in (first, second)
    ]
    with pytest.raises(AmbiguousError, match="a part of the batch was written, and the rest not"):
        _ = desk.write(*changes)


def test_a_job_that_was_closed_and_whose_end_cannot_be_asked_for_is_in_doubt() -> None:
    desk = Desk(batch_size=5_000, bulk_from=10)
    refused = b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}]'
    spoilt = Reply(status=403, headers={"content-type": "application/json"}, body=refused)
    desk.fake.override = lambda asked: spoilt if asked.method == "GET" and "/jobs/ingest/" in asked.path else None
    with pytest.raises(AmbiguousError, match="REQUEST_LIMIT_EXCEEDED"):
        _ = desk.write(*[account(number) for number in range(12)])


BAD_BATCH = b'[{"errorCode": "InvalidBatch", "message": "it cannot be read"}]'


@pytest.mark.parametrize(
    ("step", "reply", "raised"),
    [
        ("PUT", Reply(status=400, body=BAD_BATCH), RefusedError),
        ("PUT", Reply(status=503), AmbiguousError),
        ("UploadComplete", Reply(status=400, body=BAD_BATCH), RefusedError),
        ("UploadComplete", Reply(status=503), AmbiguousError),
    ],
    ids=["upload refused", "upload in doubt", "closing refused", "closing in doubt"],
)
def test_a_job_that_cannot_be_begun_is_aborted_and_nothing_is_made(
    step: str, reply: Reply, raised: type[AdapterError]
) -> None:
    desk = Desk(batch_size=5_000, bulk_from=10)
    spoilt = evolve(reply, headers={"content-type": "application/json"})
    desk.fake.override = lambda asked: spoilt if step in (asked.method, *_state(asked)) else None
    with pytest.raises(raised, match="InvalidBatch" if raised is RefusedError else "503"):
        _ = desk.write(*[account(number) for number in range(12)])
    assert [job.state for job in desk.fake.jobs.all] == ["Aborted"]
    assert desk.names() == []
    desk.fake.override = lambda _asked: None
    assert {one.result for one in desk.write(*[account(number) for number in range(12)])} == {Result.DONE}


def test_a_job_that_cannot_be_aborted_either_fails_with_what_went_wrong_first() -> None:
    desk = Desk(batch_size=5_000, bulk_from=10)
    spoilt = Reply(status=400, headers={"content-type": "application/json"}, body=BAD_BATCH)
    other = evolve(spoilt, body=b'[{"errorCode": "API_CURRENTLY_DISABLED", "message": "x"}]')
    desk.fake.override = lambda asked: {"PUT": spoilt, "PATCH": other}.get(asked.method)
    with pytest.raises(RefusedError, match="InvalidBatch"):
        _ = desk.write(*[account(number) for number in range(12)])


def _state(asked: Request) -> list[str]:
    return [json.loads(asked.body)["state"]] if asked.method == "PATCH" and "/jobs/" in asked.path else []


def test_more_bytes_than_a_job_takes_are_said_before_one_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminal, so that the engine sends halves: later the same records would be as many bytes."""
    monkeypatch.setattr(bulk, "MOST_BYTES", 400)
    desk = Desk(batch_size=5_000, bulk_from=10)
    writes = [account(number, description="x" * 20) for number in range(12)]
    with pytest.raises(TerminalError, match="a job takes 400 bytes, these 12 records have 443: send fewer"):
        _ = desk.write(*writes)
    assert desk.fake.jobs.all == []
    assert {one.result for half in (writes[:6], writes[6:]) for one in desk.write(*half)} == {Result.DONE}


def test_a_duplicate_rule_refuses_one_record_in_its_own_words() -> None:
    desk = Desk()
    desk.fake.data.doubles.add("N1")
    first, second = desk.write(account(1), account(2))
    assert (first.result, second.result) == (Result.REFUSED, Result.DONE)
    assert "DUPLICATES_DETECTED" in first.why


def test_a_day_without_calls_left_is_transient_and_said() -> None:
    desk = Desk()
    _ = desk.write(account(1))
    assert desk.crm.usage is not None
    assert desk.crm.usage.left > 0
    desk.fake.quota = desk.fake.calls
    with pytest.raises(TransientError, match="REQUEST_LIMIT_EXCEEDED: TotalRequests"):
        _ = desk.write(account(2))


def test_a_reference_to_nothing_is_refused_and_is_not_taken_for_a_missing_record() -> None:
    desk = Desk()
    (made,) = desk.write(account(1))
    nobody = "001999999999999AAA"
    (outcome,) = desk.write(Update(kind=Kind.ACCOUNT, key=made.key, fields={"parent": nobody}, expected=made.version))
    assert outcome.result is Result.REFUSED
    assert "INVALID_CROSS_REFERENCE_KEY" in outcome.why


def test_without_a_precondition_a_missing_record_is_missing_and_the_others_are_written() -> None:
    desk = Desk(precondition=Precondition.NONE)
    first, second, third = desk.write(account(1), account(2), account(3))
    desk.fake.data.delete("Account", first.key)
    outcomes = desk.write(
        Update(kind=Kind.ACCOUNT, key=first.key, fields={"phone": "1"}, expected=""),
        Update(kind=Kind.ACCOUNT, key=second.key, fields={"phone": "1"}, expected=""),
        Remove(kind=Kind.ACCOUNT, key=third.key, expected=""),
    )
    assert [one.result for one in outcomes] == [Result.MISSING, Result.DONE, Result.DONE]
    assert desk.names() == ["N2"]


@pytest.mark.parametrize("kind", ["salesforce_contract", "order", "asset"])
def test_what_is_only_read_is_neither_made_nor_changed_nor_deleted(kind: str) -> None:
    desk = Desk()
    account_id = desk.fake.data.insert("Account", {"Name": "Durand"})
    table = {"salesforce_contract": "Contract", "order": "Order", "asset": "Asset"}[kind]
    more = {"EffectiveDate": "2026-05-07", "Status": "Draft"} if kind == "order" else {}
    key = desk.fake.data.insert(table, {"AccountId": account_id, "Name": "As it is", **more})
    (seen,) = desk.driver.run(desk.crm.read(kind, [key]))
    before = dict(desk.fake.data.rows[table][key])
    outcomes = desk.write(
        Create(kind=kind, mark="m", fields={}),
        Update(kind=kind, key=key, fields={"billing_address": {"city": "Lyon"}}, expected=seen.version),
        Update(kind=kind, key=key, fields={"extras": []}, expected=seen.version),
        Remove(kind=kind, key=key, expected=seen.version),
    )
    assert {one.result for one in outcomes} == {Result.REFUSED}
    assert all(f"{kind} is only read here" in one.why for one in outcomes)
    assert desk.fake.data.rows[table][key] == before


BAD_EXTRAS: dict[str, Json] = {
    "a number": 7,
    "a word": "x",
    "no list of objects": ["x"],
    "no raw value": [{"system": "salesforce", "field": "Site"}],
    "no field": [{"system": "salesforce", "raw": "x"}],
}


@pytest.mark.parametrize("name", BAD_EXTRAS)
def test_extras_that_are_none_are_refused_and_the_others_are_written(name: str) -> None:
    desk = Desk()
    bad = Create(kind=Kind.ACCOUNT, mark="bad", fields={"name": "Bad", "extras": BAD_EXTRAS[name]})
    refused, done = desk.write(bad, account(1))
    assert (refused.result, "extras" in refused.why, done.result) == (Result.REFUSED, True, Result.DONE)
    assert desk.names() == ["N1"]


def test_an_amount_in_another_currency_than_the_orgs_is_refused_by_name() -> None:
    from clmcrm.adapters.salesforce.org import OrgSettings  # noqa: PLC0415 - for this one case
    from clmcrm.adapters.salesforce.session import SalesforceSession  # noqa: PLC0415 - as above
    from clmcrm.testing.vendors.salesforce.data import OrgData  # noqa: PLC0415 - as above

    desk = Desk()
    desk.judge = judged(FakeSalesforce(OrgData(multi_currency=False)))
    desk.driver = driver_of(InProcess(desk.judge, ORIGIN))
    desk.crm = SalesforceCrm(SalesforceSession(ORIGIN), OrgSettings(currency="EUR"))
    fields: Fields = {"name": "A", "revenue": {"amount": "5.00", "currency": "USD"}}
    (outcome,) = desk.write(Create(kind=Kind.ACCOUNT, mark="m", fields=fields))
    assert outcome.result is Result.REFUSED
    assert "revenue: is in USD; the org keeps everything in EUR" in outcome.why
    fields = {"name": "A", "revenue": {"amount": "12345678.50", "currency": "EUR"}}
    (outcome,) = desk.write(Create(kind=Kind.ACCOUNT, mark="m", fields=fields))
    (seen,) = desk.driver.run(desk.crm.read(Kind.ACCOUNT, [outcome.key]))
    assert seen.fields["revenue"] == {"amount": "12345678.50", "currency": "EUR"}  # it came as 1.23456785E7


def test_a_session_that_ended_without_anybody_to_renew_it_is_refused() -> None:
    desk = Desk()
    desk.fake.tokens = set()
    call = Call(method="GET", url=f"{ORIGIN}/services/data/v62.0/limits", vendor="another")
    assert desk.driver.run(_one(call)).status == 401
    with pytest.raises((RefusedError, AssertionError)):
        _ = desk.write(account(1))


def _one(call: Call) -> Flow[Reply]:
    reply: Reply = yield call
    return reply


def test_the_past_of_a_reference_is_told_by_ids_whatever_name_it_bears_there() -> None:
    desk = Desk(precondition=Precondition.NONE, history=True)
    data = desk.fake.data
    one, other = (data.insert("Account", {"Name": name}) for name in ("Durand", "Martin"))
    contact = data.insert("Contact", {"LastName": "Byron", "AccountId": other})
    for old, new in ((one, other), ("Durand", "Martin")):
        change = {"ContactId": contact, "Field": "Account", "OldValue": old, "NewValue": new}
        _ = data.insert("ContactHistory", change)
    past = desk.driver.run(desk.crm.past(Kind.CONTACT, [contact]))
    assert [told.value for told in past if told.name == "account"] == [one, other]


def moved(stages: dict[str, str], stage: str) -> tuple[Outcome, Seen]:
    """An opportunity brought into a stage, in an org with stages of its own."""
    desk = Desk()
    desk.crm = SalesforceCrm(SalesforceSession(ORIGIN), evolve(ORG, stages=stages))
    key = desk.fake.data.insert("Opportunity", {"Name": "S", **NEW})
    (seen,) = desk.driver.run(desk.crm.read(Kind.OPPORTUNITY, [key]))
    change = Update(kind=Kind.OPPORTUNITY, key=key, fields={"stage": stage}, expected=seen.version)
    (outcome,) = desk.write(change)
    (seen,) = desk.driver.run(desk.crm.read(Kind.OPPORTUNITY, [key]))
    return outcome, seen


@pytest.mark.parametrize(
    ("stage", "name"), [("negotiation", "Haggling"), ("proposal", "Negotiation/Review"), ("won", "Closed Won")]
)
def test_a_stage_is_written_by_a_name_that_means_it_in_the_org(stage: str, name: str) -> None:
    outcome, seen = moved({"Negotiation/Review": "proposal", "Haggling": "negotiation"}, stage)
    assert (outcome.ok, seen.fields["stage"], seen.fields["stage_raw"]) == (True, stage, name)


def test_a_stage_whose_only_name_means_another_one_in_the_org_is_refused() -> None:
    outcome, _ = moved({"Negotiation/Review": "proposal"}, "negotiation")
    assert (outcome.result, "no stage that the org has a name for" in outcome.why) == (Result.REFUSED, True)
