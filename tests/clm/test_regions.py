"""Regions beside the stage: every move of their tables is what happens, and no other move is accepted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import attrs
import pytest

from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.documents import Document, DocumentState
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.regions import CRM_ROWS, DATA_ROWS, CrmRegion, DataRegion, regions_of
from clmcrm.clm.stages import Stage
from clmcrm.errors import TransitionNotAllowed
from clmcrm.values.ids import AmendmentId, DocumentId
from making import at, contract

RECORDED = e.RecordedAsExecuted(at("2024-05-20"), "archive")
DAY = date(2024, 7, 1)
TIED = e.LinkedToCrm(at("2024-06-01"), "sync", system="sf", key="800")
FOUND = e.CrmConflictFound(at("2024-06-02"), "sync", what="price")
LIVES = {
    CrmRegion.UNLINKED: (RECORDED,),
    CrmRegion.LINKED: (RECORDED, TIED),
    CrmRegion.CONFLICTING: (RECORDED, TIED, FOUND),
}
TRIED = (
    TIED, FOUND, e.UnlinkedFromCrm(at("2024-06-02"), "sync"),
    e.CrmConflictSettled(at("2024-06-02"), "ann", what="price"),
)  # fmt: skip


def life(*events: e.AnyEvent) -> Contract:
    found = contract()
    for event in events:
        found = advance(found, event)
    return found


@pytest.mark.parametrize("state", CrmRegion)
@pytest.mark.parametrize("event", TRIED, ids=lambda event: type(event).__name__)
def test_the_tie_to_the_crm_moves_as_its_table_says(state: CrmRegion, event: e.AnyEvent) -> None:
    rows = [row for row in CRM_ROWS if state in row.sources and row.cause is type(event)]
    start = life(*LIVES[state])
    again = attrs.evolve(event, at=at("2024-06-10"))
    if not rows:
        with pytest.raises(TransitionNotAllowed, match=type(event).__name__):
            _ = advance(start, again)
        return
    after = advance(start, again)
    assert regions_of(after, DAY).crm in {row.target for row in rows}
    assert stage_of(after, DAY) == stage_of(start, DAY)


def test_the_last_conflict_settled_leads_back_and_the_others_leave_it_conflicting() -> None:
    two = life(*LIVES[CrmRegion.CONFLICTING], e.CrmConflictFound(at("2024-06-03"), "sync", what="end"))
    one = advance(two, e.CrmConflictSettled(at("2024-06-04"), "ann", what="price"))
    assert (regions_of(one, DAY).crm, regions_of(one, DAY).conflicts) == (CrmRegion.CONFLICTING, ("end",))
    none = advance(one, e.CrmConflictSettled(at("2024-06-05"), "ann", what="end"))
    assert regions_of(none, DAY).crm is CrmRegion.LINKED
    assert regions_of(none, date(2024, 6, 4)).conflicts == ("end",)


def test_a_contract_of_an_opportunity_begins_linked_and_is_tied_to_one_record_only() -> None:
    sale = advance(contract(opportunity="O-1"), RECORDED)
    assert regions_of(sale, DAY).crm is CrmRegion.LINKED
    tied = advance(sale, TIED)
    assert regions_of(tied, DAY).crm_key == ("sf", "800")
    with pytest.raises(TransitionNotAllowed, match="it is tied to 800 in sf: cut that tie first"):
        _ = advance(tied, attrs.evolve(TIED, at=at("2024-06-02"), key="801"))


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (e.DataReviewed(at("2024-06-10"), "ann"), DataRegion.REVIEWED),
        (e.Suspended(at("2024-06-10"), "ann", from_day=date(2024, 6, 10), note="x"), None),
        (e.Redrafted(at("2024-06-10"), "ann"), DataRegion.UNREVIEWED),
        (e.AmendmentAccepted(at("2024-06-10"), "ann", amendment=AmendmentId("A1"), base_version=0, effective_on=DAY),
         DataRegion.UNREVIEWED),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reviewed", [False, True])
def test_the_data_region_moves_as_its_table_says(
    event: e.AnyEvent,
    state: DataRegion | None,
    reviewed: bool,
) -> None:
    before: tuple[e.AnyEvent, ...] = (e.DataReviewed(at("2024-06-01"), "bob"),) if reviewed else ()
    start = DataRegion.REVIEWED if reviewed else DataRegion.UNREVIEWED
    found = regions_of(attrs.evolve(contract(), events=(RECORDED, *before, event)), DAY).data
    assert found is (state or start)
    targets = {row.target for row in DATA_ROWS if row.cause is type(event)}
    assert targets == ({state} if state else set())


def test_the_document_region_is_the_furthest_document() -> None:
    assert regions_of(contract(), DAY).document is None
    papers = tuple(
        Document(id=DocumentId(state.value), name="c.pdf", state=state)
        for state in (DocumentState.EXECUTED, DocumentState.DRAFT)
    )
    assert regions_of(contract(documents=papers), DAY).document is DocumentState.EXECUTED


def test_a_hold_is_placed_once_released_once_and_keeps_from_the_archive() -> None:
    held = advance(life(RECORDED), e.HoldPlaced(at("2024-06-05"), "legal", hold="suit"))
    with pytest.raises(TransitionNotAllowed, match="the hold suit lasts already"):
        _ = advance(held, e.HoldPlaced(at("2024-06-06"), "legal", hold="suit"))
    ended = advance(held, e.Rescinded(at("2024-06-07"), "legal", note="fraud"))
    with pytest.raises(TransitionNotAllowed, match="under legal hold: suit"):
        _ = advance(ended, e.Archived(at("2024-06-08"), "legal"))
    free = advance(ended, e.HoldReleased(at("2024-06-08"), "legal", hold="suit"))
    assert regions_of(free, DAY).holds == ()
    assert stage_of(advance(free, e.Archived(at("2024-06-09"), "legal")), DAY).stage.value == "archived"
    with pytest.raises(TransitionNotAllowed, match="there is no such hold"):
        _ = advance(free, e.HoldReleased(at("2024-06-09"), "legal", hold="suit"))


def test_a_hold_that_was_placed_where_it_is_the_next_day_already_holds() -> None:
    """Half past midnight in Paris is 22.30 of the day before in UTC, half an hour before the archiving."""
    paris, ended = timezone(timedelta(hours=2)), e.Rescinded(at("2024-06-03"), "ann", note="mistake")
    hold = e.HoldPlaced(datetime(2024, 6, 5, 0, 30, tzinfo=paris), "legal", hold="suit")
    held = advance(advance(life(RECORDED), ended), hold)
    archived = e.Archived(datetime(2024, 6, 4, 23, tzinfo=UTC), "ann")
    with pytest.raises(TransitionNotAllowed, match="under legal hold: suit"):
        _ = advance(held, archived)
    released = advance(held, e.HoldReleased(datetime(2024, 6, 4, 22, 45, tzinfo=UTC), "legal", hold="suit"))
    assert stage_of(advance(released, archived), DAY).stage is Stage.ARCHIVED
