"""The main job end to end: an opportunity won becomes a workflow, its record a contract, and its terms come back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from ironclad_desk import DESCRIBED, IroncladDesk

from clmcrm.adapters.ironclad.lifecycle import AGREED, executed
from clmcrm.adapters.ironclad.shapes import Row
from clmcrm.adapters.ironclad.writing import Launching
from clmcrm.adapters.memory import MemoryCrm
from clmcrm.clm.contract import Contract
from clmcrm.clm.lifecycle import stage_of
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.liaison.main_job import Joined, Run, carry_out_flow, join
from clmcrm.liaison.views import stated
from clmcrm.parties.accounts import Account
from clmcrm.ports.records import Json, Kind
from clmcrm.store.memory import MemoryJournal
from clmcrm.testing.vendors.ironclad.company import ENTITIES, RECORDS, TEMPLATE, WORKFLOWS
from clmcrm.testing.vendors.serving import Judged
from clmcrm.values.ids import AccountId, LineId, OpportunityId
from clmcrm.values.money import UnitPrice
from clmcrm.values.tenor import Tenor

AS_OF = date(2026, 12, 15)
NOW = datetime(2026, 12, 15, 9, tzinfo=UTC)


class Told:
    """A desk whose requests are judged, and the clock of a journal that goes with the company's."""

    def __init__(self, launching: Launching | None) -> None:
        self.judged: Judged | None = None
        self.desk = IroncladDesk(before=self._judged, launching=launching)
        self.crm = MemoryCrm()
        self.joined: Joined = join(self.crm, self.desk.clm, MemoryJournal(), AS_OF)

    def _judged(self, fake: Any) -> Judged:
        self.judged = Judged(fake, DESCRIBED)
        return self.judged

    def run(self) -> Run:
        return self.desk.run(carry_out_flow(self.joined, clock=lambda: NOW))

    def written(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.desk.fake.asked if one.method != "GET"]


def win(crm: MemoryCrm) -> None:
    """A salesperson wins a deal with an account."""
    account = to_fields(Account(id=AccountId("A-1"), name="Durand", website="https://durand.example"))
    line = OpportunityLine(
        id=LineId("1"), description="seats", quantity=Decimal(3), unit_price=UnitPrice(10, "EUR"),
        recurs_every=Tenor(months=1),
    )  # fmt: skip
    won = to_fields(
        Opportunity(
            id=OpportunityId("O-1"), name="Licences", account=AccountId("A-1"), stage=OpportunityStage.WON,
            closed_on=date(2026, 11, 2), start_wanted_on=date(2026, 12, 1), initial_term=Tenor(years=1), lines=(line,),
        )
    )  # fmt: skip
    for kind, fields in ((Kind.ACCOUNT, account), (Kind.OPPORTUNITY, won)):
        _ = crm.add(kind, {name: one for name, one in fields.items() if name != "id"}, key=str(fields["id"]))


def contract_of(told: Told, key: str) -> Contract:
    seen = told.desk.seen(Kind.CONTRACT, key)
    return from_fields(Contract, {**stated(seen.fields), "id": key})


def test_a_won_opportunity_is_launched_signed_and_its_terms_come_back() -> None:
    told = Told(Launching(template=TEMPLATE))
    win(told.crm)
    first = told.run()
    assert (first.settled, first.problems) == (True, ())

    company = told.desk.company
    (entity,), (workflow,) = company.alive(ENTITIES), company.alive(WORKFLOWS)
    assert company.alive(RECORDS) == []
    assert workflow["attributes"]["counterpartyName"] == "Durand"
    assert workflow["attributes"]["entity_reference"] == entity["id"]
    assert workflow["attributes"]["standard_initialTermLength"] == {"years": 1}
    before = contract_of(told, f"workflow:{workflow['id']}")
    assert [(line.description, str(line.price)) for line in before.lines] == [("seats", "10.00 EUR")]
    assert stage_of(before, AS_OF).stage.value == "draft"

    sent = len(told.written())
    again = told.run()
    assert (again.written, again.settled, len(told.written())) == (0, True, sent)

    record = told.desk.fake.complete(
        workflow["id"],
        agreementDate={"type": "date", "value": "2026-12-01T00:00:00Z"},
        effectiveDate={"type": "date", "value": "2026-12-01T00:00:00Z"},
        standard_renewalType={"type": "string", "value": "Auto-Renew"},
        standard_renewalTermLength={"type": "duration", "value": "P1Y"},
        standard_renewalOptOutPeriod={"type": "duration", "value": "P3M"},
    )
    company.pass_time(timedelta(minutes=10))
    third = told.run()
    assert (third.settled, third.problems) == (True, ())
    after = contract_of(told, before.id)
    assert told.desk.seen(Kind.CONTRACT, record["id"]).merged_into == before.id
    assert after.lines == before.lines
    assert stage_of(after, AS_OF).stage.value == "in_effect"
    (terms,) = [seen.fields for seen in told.crm.changes(Kind.CONTRACT_TERMS, None).seen if not seen.gone]
    assert (terms["title"], terms["notice_by"]) == (after.title, "2027-08-31")
    (sold,) = told.crm.changes(Kind.OPPORTUNITY, None).seen
    assert sold.fields["contract"] == before.id

    company.pass_time(timedelta(minutes=10))
    sent = len(told.written())
    last = told.run()
    assert (last.written, last.settled, len(told.written())) == (0, True, sent)
    assert told.judged is not None
    assert not told.judged.refused


def test_without_a_launch_form_it_becomes_a_record_at_once() -> None:
    told = Told(None)
    win(told.crm)
    assert told.run().settled
    (record,) = told.desk.company.alive(RECORDS)
    assert record["properties"]["counterpartyName"] == {"type": "string", "value": "Durand"}
    assert told.run().written == 0


@pytest.mark.parametrize("launched", [True, False], ids=["workflow", "record"])
def test_a_push_whose_replies_are_lost_is_resumed_without_a_double(launched: bool) -> None:
    told = Told(Launching(template=TEMPLATE) if launched else None)
    win(told.crm)
    told.desk.fake.lose_replies = 2
    for _ in range(4):
        _ = told.run()
        told.desk.company.pass_time(timedelta(minutes=10))
    place = WORKFLOWS if launched else RECORDS
    assert [len(told.desk.company.alive(one)) for one in (ENTITIES, place)] == [1, 1]
    assert told.run().written == 0


@pytest.mark.parametrize("last", ["2026-05-06T23:30:00-05:00", "2026-05-07T01:00:00+02:00", "2026-05-06T10:00:00Z"])
def test_what_ironclad_did_comes_after_what_was_done_before_in_whatever_zone_that_is_written(last: str) -> None:
    agreed = {AGREED: {"type": "date", "value": "2026-05-07T00:00:00Z"}}
    row = Row(key="workflow:w", own="r", slots=agreed, besides={"source": {"type": "workflow"}})
    before: list[Json] = [{"is": "submitted_for_approval", "at": last, "by": "ann"}]
    told = executed(None)(row, {"events": before})["events"]
    read = from_fields(Contract, {"id": "c", "title": "t", "kind": "custom", "events": told})
    instants = [event.at for event in read.events]
    assert instants == sorted(instants)
    assert instants[-1] >= datetime(2026, 5, 7, tzinfo=UTC)
