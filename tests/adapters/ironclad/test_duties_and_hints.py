"""Obligations are shown as duties of their contracts, and webhooks lead to the records they are about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from ironclad_desk import IroncladDesk, session_of

from clmcrm.adapters.ironclad.checks import date_problems
from clmcrm.adapters.ironclad.duties import DUE, Duties, due_days, duty_of
from clmcrm.adapters.ironclad.hints import KINDS, KeyedInbox
from clmcrm.adapters.ironclad.writing import Launching
from clmcrm.adapters.webhooks.handing_over import hand_over
from clmcrm.adapters.webhooks.inbox import MemoryInbox
from clmcrm.adapters.webhooks.verified import Event
from clmcrm.clm.contract import Contract
from clmcrm.clm.obligations import DueOn
from clmcrm.codec.records import from_fields
from clmcrm.errors import InvalidRecord, RefusedError
from clmcrm.liaison.views import stated
from clmcrm.ports.calls import Call
from clmcrm.ports.records import Create, Kind, Result, Seen, Side, Update
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.ironclad.company import OBLIGATIONS, RECORDS, TEMPLATE
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity

STATUS = {"type": "string", "value": "In Progress"}


def owed(desk: IroncladDesk, contract: dict[str, Any], name: str, day: str | None, **more: Any) -> str:
    properties = {"userFacingObligations_status": STATUS}
    if day is not None:
        properties[DUE] = {"type": "date", "value": day}
    told = {"name": name, "parentReadableId": contract["ironcladId"], "parentRecordName": contract["name"]}
    added = desk.company.add(OBLIGATIONS, {**told, "properties": properties, "namedTypeIds": ["t1"], **more})
    return str(added["id"])


def record(desk: IroncladDesk, name: str = "MSA") -> dict[str, Any]:
    return desk.company.add(RECORDS, {"name": name, "type": "nda", "properties": {}})


def pulled(desk: IroncladDesk, cursor: str | None) -> tuple[dict[str, Seen], str]:
    told: dict[str, Seen] = {}
    while True:
        page = desk.blocking.changes(Kind.CONTRACT, cursor)
        told |= {seen.key: seen for seen in page.seen}
        cursor = page.cursor
        if not page.more:
            return told, cursor


def test_obligations_are_shown_as_duties_with_the_day_they_are_due() -> None:
    desk = IroncladDesk(duties=Duties())
    contract, other = record(desk), record(desk, "Other")
    _ = owed(desk, contract, "Deliver a report", "2026-05-07T00:00:00Z")
    _ = owed(desk, contract, "Keep it secret", None)
    told, _ = pulled(desk, None)
    fields = told[contract["id"]].fields
    read = from_fields(Contract, {**stated(fields), "id": contract["id"]})
    assert [duty.due for duty in read.obligations] == [
        DueOn(day=date(2026, 5, 7)), DueOn(day=Unknown("Ironclad states no due date"))
    ]  # fmt: skip
    assert due_days(fields["obligations"]) == [("2026-05-07", "Deliver a report")]
    (status, *_) = [one.raw for one in read.obligations[0].extras if one.field.endswith("_status")]
    assert status == STATUS
    assert told[other["id"]].fields["obligations"] == []


def test_an_obligation_that_changed_tells_its_contract() -> None:
    desk = IroncladDesk(duties=Duties(), overlap=timedelta(0))
    contract, other = record(desk), record(desk, "Other")
    own = owed(desk, contract, "Report", "2026-05-07T00:00:00Z")
    desk.company.pass_time(timedelta(minutes=1))
    _, cursor = pulled(desk, None)
    desk.company.pass_time(timedelta(hours=1))
    _ = desk.company.set_properties(own, **{DUE: {"type": "date", "value": "2026-06-07T00:00:00Z"}})
    told, cursor = pulled(desk, cursor)
    assert {key: due_days(seen.fields["obligations"]) for key, seen in told.items()} == {
        contract["id"]: [("2026-06-07", "Report")]
    }
    desk.company.pass_time(timedelta(hours=1))
    _ = desk.company.edit(own, parentReadableId=other["ironcladId"])
    told, _ = pulled(desk, cursor)
    assert {key: len(due_days(seen.fields["obligations"])) for key, seen in told.items()} == {
        contract["id"]: 0, other["id"]: 1
    }  # fmt: skip


def test_an_obligation_that_was_deleted_is_shown_no_longer_and_tells_its_contract() -> None:
    desk = IroncladDesk(duties=Duties(), overlap=timedelta(0))
    contract, other = record(desk), record(desk, "Other")
    own = owed(desk, contract, "Report", "2026-05-07T00:00:00Z")
    _ = owed(desk, other, "Audit", "2026-06-07T00:00:00Z")
    _ = owed(desk, other, "", "2026-07-07T00:00:00Z")  # nobody can read this one
    desk.company.pass_time(timedelta(minutes=1))
    _, cursor = pulled(desk, None)
    desk.company.pass_time(timedelta(hours=1))
    desk.company.delete(own)
    told, cursor = pulled(desk, cursor)
    assert {key: seen.fields["obligations"] for key, seen in told.items()} == {contract["id"]: []}
    before = len(desk.fake.asked)
    assert pulled(desk, cursor)[0] == {}
    assert sum("obligations" in one.path for one in desk.fake.asked[before:]) == 1


def test_an_obligation_that_is_deleted_while_all_are_read_hides_no_other_one() -> None:
    """Pages go by number, newest first: what is deleted of a page that was read pulls the others over its edge."""
    desk = IroncladDesk(duties=Duties(page=2), overlap=timedelta(0))
    contract = record(desk)
    own: list[str] = []
    for number in range(5):
        desk.company.pass_time(timedelta(minutes=1))
        own.append(owed(desk, contract, f"Duty {number}", f"2026-05-0{number + 1}T00:00:00Z"))

    def deleted(request: Request) -> None:
        if "obligations" in request.path and "page=1" in request.path and own[-1] in alive():
            desk.company.delete(own[-1])

    def alive() -> set[str]:
        return {one["id"] for one in desk.company.alive(OBLIGATIONS)}

    desk.fake.override = deleted
    fields = desk.seen(Kind.CONTRACT, contract["id"]).fields
    assert [title for _, title in due_days(fields["obligations"])] == [f"Duty {number}" for number in range(4)]


def test_a_reading_of_the_obligations_that_failed_shows_no_contract_without_them() -> None:
    """Nor does one that is under way: whoever asks meanwhile reads them too."""
    desk = IroncladDesk(duties=Duties())
    contract, other = record(desk), record(desk, "Other")
    for one in (contract, other):
        _ = owed(desk, one, "Report", "2026-05-07T00:00:00Z")
    desk.fake.scopes_missing.add("obligations")
    with pytest.raises(RefusedError):
        _ = desk.blocking.read(Kind.CONTRACT, [contract["id"]])
    desk.fake.scopes_missing.clear()
    seen = desk.blocking.read(Kind.CONTRACT, [contract["id"], other["id"]])
    assert [due_days(one.fields["obligations"]) for one in seen] == [[("2026-05-07", "Report")]] * 2
    assert sum("obligations" in one.path for one in desk.fake.asked) == 1 + 1  # refused, and read


def test_two_who_ask_for_the_obligations_at_one_time_are_both_shown_them() -> None:
    desk, duties = IroncladDesk(), Duties()
    contract = record(desk)
    _ = owed(desk, contract, "Report", "2026-05-07T00:00:00Z")
    flows = [duties.of(session_of(), contract["ironcladId"]) for _ in range(2)]
    calls = [next(flow) for flow in flows]
    shown: list[Any] = []
    for flow, call in zip(flows, calls, strict=True):
        assert isinstance(call, Call)
        with pytest.raises(StopIteration) as end:
            _ = flow.send(desk.transport.send(call, timedelta(seconds=1)))
        shown.append(due_days(end.value.value))
    assert shown == [[("2026-05-07", "Report")]] * 2


def test_obligations_are_never_written() -> None:
    desk = IroncladDesk(duties=Duties())
    contract = record(desk)
    seen = desk.seen(Kind.CONTRACT, contract["id"])
    update = Update(kind=Kind.CONTRACT, key=seen.key, fields={"obligations": []}, expected=seen.version)
    (outcome,) = desk.blocking.write([update])
    assert (outcome.result, outcome.why) == (
        Result.REFUSED, "obligations: they are made and kept in Ironclad itself"
    )  # fmt: skip


def test_without_the_add_on_they_are_not_asked_for_and_with_it_a_refusal_is_told() -> None:
    desk = IroncladDesk()
    _ = record(desk)
    desk.fake.scopes_missing.add("obligations")
    _ = pulled(desk, None)
    assert not [one for one in desk.fake.asked if "obligations" in one.path]
    asking = IroncladDesk(desk.fake, duties=Duties())
    with pytest.raises(RefusedError, match="insufficient scope"):
        _ = pulled(asking, None)


@pytest.mark.parametrize("value", ["soon", 7, None], ids=str)
def test_a_due_date_that_is_none_is_unknown_with_what_it_says(value: Any) -> None:
    told = {"id": "o", "name": "x", "properties": {DUE: {"type": "date", "value": value}}}
    assert duty_of(told).obligation.due == DueOn(day=Unknown("it is no date", str(value)))
    with pytest.raises(InvalidRecord):
        _ = duty_of({"id": "o", "properties": {}})


def test_a_duty_without_a_name_is_kept_aside_with_the_reason() -> None:
    duties = Duties()
    desk = IroncladDesk(duties=duties)
    contract = record(desk)
    own = owed(desk, contract, "", "2026-05-07T00:00:00Z")
    told, _ = pulled(desk, None)
    assert told[contract["id"]].fields["obligations"] == []
    assert "title" in duties.unreadable[own]


# Webhooks, already verified, as hints.


def event(number: int, kind: str, object_: str, key: str | None, *, gone: bool = False) -> Event:
    return Event(id=f"e{number}", kind=kind, object=object_, key=key, gone=gone)


def test_events_become_hints_in_the_keys_of_this_adapter() -> None:
    inbox, journal = MemoryInbox(), MemoryJournal()
    events = [
        event(1, "record_updated", "record", "r1"), event(2, "workflow_updated", "workflow", "w1"),
        event(3, "entity_deleted", "entity", "x1", gone=True), event(4, "workflow_cancelled", "workflow", "w2"),
        event(5, "obligation_updated", "obligation", "o1"), event(6, "webhook_ping", "webhook", None),
    ]  # fmt: skip
    keyed = KeyedInbox(inbox)
    assert keyed.take("ironclad", events, datetime(2026, 11, 2, tzinfo=UTC)) == 6
    handed = hand_over(keyed, journal, "ironclad", Side.CLM, KINDS)
    assert {(hint.kind, hint.key, hint.gone) for hint in handed.hints} == {
        ("contract", "r1", False), ("contract", "workflow:w1", False), ("account", "x1", True),
        ("contract", "workflow:w2", True),
    }  # fmt: skip
    assert handed.pulls == {"contract"}
    assert [arrival.event.object for arrival in handed.left] == ["webhook"]
    assert list(keyed.waiting()) == []
    assert keyed.forget(datetime(2027, 1, 1, tzinfo=UTC)) == 6


def test_every_key_that_a_webhook_names_leads_to_its_contract() -> None:
    """A record of a workflow of ours is asked for by its own id, and is the workflow's contract."""
    desk = IroncladDesk(launching=Launching(template=TEMPLATE))
    (made,) = desk.blocking.write(
        [Create(kind=Kind.CONTRACT, mark="m", fields={"title": "T", "names_in_text": ["Petit"]})]
    )
    done = desk.fake.complete(made.key.removeprefix("workflow:"))
    by_record, by_workflow = desk.seen(Kind.CONTRACT, done["id"]), desk.seen(Kind.CONTRACT, made.key)
    assert (by_record.gone, by_record.merged_into) == (True, made.key)
    assert (by_workflow.gone, by_workflow.mark, by_workflow.fields["title"]) == (False, "m", done["name"])
    found = desk.blocking.find(Kind.CONTRACT, "m")
    assert found == by_workflow
    change = Update(kind=Kind.CONTRACT, key=made.key, fields={"title": "New"}, expected=by_workflow.version)
    assert desk.blocking.write([change])[0].ok
    assert desk.company.one(done["id"])["name"] == "New"
    desk.company.delete(done["id"])
    assert desk.blocking.read(Kind.CONTRACT, [made.key, done["id"]]) == ()


# The opt-out date that Ironclad states.


@pytest.mark.parametrize(("day", "fits"), [("2026-09-30", True), ("2026-09-15", False)], ids=["right", "wrong"])
def test_an_opt_out_date_that_does_not_follow_is_told(day: str, fits: bool) -> None:
    desk = IroncladDesk()
    own = desk.company.add(
        RECORDS,
        {
            "name": "A", "type": "nda",
            "properties": {
                "effectiveDate": {"type": "date", "value": "2026-01-01T00:00:00Z"},
                "standard_initialTermLength": {"type": "duration", "value": "P1Y"},
                "standard_renewalType": {"type": "string", "value": "Auto-Renew"},
                "standard_renewalTermLength": {"type": "duration", "value": "P1Y"},
                "standard_renewalOptOutPeriod": {"type": "duration", "value": "P3M"},
                "standard_renewalOptOutDate": {"type": "date", "value": f"{day}T00:00:00Z"},
            },
        },
    )["id"]  # fmt: skip
    seen = desk.seen(Kind.CONTRACT, own)
    contract = from_fields(Contract, {**stated(seen.fields), "id": own})
    errors = [one for one in date_problems(contract, date(2026, 5, 1)) if one.severity is Severity.ERROR]
    assert (errors == []) is fits
