"""A host adds stages, events, guards and kinds to the lifecycle, and the library is not touched."""

from __future__ import annotations

from datetime import date

import pytest

from clmcrm.clm import events as e
from clmcrm.clm.charts import Charts, Transition
from clmcrm.clm.contract import Contract
from clmcrm.clm.diagram import edges, to_mermaid
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.lifecycle import advance, possible_events, stage_of, standing_of
from clmcrm.clm.stages import HostStage, Phase, Stage
from clmcrm.clm.standing import Standing
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind
from clmcrm.clm.transitions import CHARTS, LIFECYCLE
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from making import at, contract

REVIEW = HostStage(value="legal_review", phase=Phase.BEFORE)
ON_HOLD = HostStage(value="on_hold", phase=Phase.ACTIVE)


def names_a_lawyer(_contract: Contract, _standing: Standing, event: e.Event) -> str:
    """The event names who reviews."""
    return "" if isinstance(event, e.HostEvent) and dict(event.facts).get("lawyer") else "the lawyer is missing"


OWN = LIFECYCLE.adding(
    Transition(frozenset({Stage.DRAFT}), "review_asked", REVIEW, (names_a_lawyer,)),
    Transition(frozenset({REVIEW}), "review_done", Stage.DRAFT),
    Transition(frozenset({REVIEW}), e.Canceled, Stage.CANCELED),
    Transition(frozenset({Stage.IN_EFFECT}), "put_on_hold", ON_HOLD),
    Transition(frozenset({ON_HOLD}), "taken_up", Stage.IN_EFFECT),
    name="ours",
)
FRANCHISE = Charts(LIFECYCLE).extended({"franchise": OWN})


def franchise(**changes: object) -> Contract:
    return contract(kind=ContractKind.CUSTOM, kind_detail="franchise", **changes)


def host(day: str, name: str, **facts: str) -> e.HostEvent:
    return e.HostEvent(at(day), "ann", name=name, facts=tuple(facts.items()))


def test_a_stage_an_event_and_a_guard_of_a_hosts_own_work_as_ours_do() -> None:
    life = advance(franchise(), e.Requested(at("2024-04-01"), "ann"), charts=FRANCHISE)
    with pytest.raises(
        TransitionNotAllowed, match=r"review_asked is not possible in stage draft .the lawyer is missing"
    ):
        _ = advance(life, host("2024-04-02", "review_asked"), charts=FRANCHISE)
    life = advance(life, host("2024-04-02", "review_asked", lawyer="eve"), charts=FRANCHISE)
    found = stage_of(life, date(2024, 4, 3), charts=FRANCHISE)
    assert (found.stage, found.since, str(found)) == (REVIEW, date(2024, 4, 2), "legal_review since 2024-04-02")
    assert possible_events(life, date(2024, 4, 3), charts=FRANCHISE) == ("review_done", "Canceled", "Undone")
    assert stage_of(life, date(2024, 4, 1), charts=FRANCHISE).stage is Stage.DRAFT


def test_a_chart_may_let_a_new_contract_go_out_at_once() -> None:
    at_once = Transition(frozenset({Stage.NEW}), e.SentForSignature, Stage.AWAITING_SIGNATURE)
    charts = Charts(LIFECYCLE.adding(at_once, name="at once"))
    assert "SentForSignature" in possible_events(contract(), date(2024, 4, 1), charts=charts)


def test_what_a_date_brings_about_holds_for_a_hosts_stage_of_that_phase() -> None:
    once = franchise(renewal=RenewalClause(kind=RenewalKind.NONE))
    life = advance(once, e.RecordedAsExecuted(at("2024-05-20"), "ann"), charts=FRANCHISE)
    life = advance(life, host("2024-09-01", "put_on_hold"), charts=FRANCHISE)
    assert stage_of(life, date(2025, 5, 31), charts=FRANCHISE).stage is ON_HOLD
    assert stage_of(life, date(2025, 6, 1), charts=FRANCHISE).stage is Stage.EXPIRED
    begun = standing_of(life, date(2024, 9, 5), charts=FRANCHISE)
    assert standing_of(life, date(2026, 1, 1), charts=FRANCHISE, begun=begun) == standing_of(
        life, date(2026, 1, 1), charts=FRANCHISE
    )


def test_other_kinds_do_not_know_it() -> None:
    life = advance(contract(), e.Requested(at("2024-04-01"), "ann"), charts=FRANCHISE)
    with pytest.raises(TransitionNotAllowed, match="review_asked is not possible in stage draft"):
        _ = advance(life, host("2024-04-02", "review_asked", lawyer="eve"), charts=FRANCHISE)


def test_a_contract_with_a_hosts_events_survives_the_codec() -> None:
    life = advance(franchise(), e.Requested(at("2024-04-01"), "ann"), charts=FRANCHISE)
    life = advance(life, host("2024-04-02", "review_asked", lawyer="eve"), charts=FRANCHISE)
    life = advance(life, e.Undone(at("2024-04-03"), "ann", what=life.events[-1]), charts=FRANCHISE)
    again = from_fields(Contract, to_fields(life))
    assert again == life
    assert stage_of(again, date(2024, 4, 2), charts=FRANCHISE).stage == REVIEW
    assert stage_of(again, date(2024, 4, 3), charts=FRANCHISE).stage is Stage.DRAFT


def test_a_chart_is_changed_into_another_one_and_mistakes_are_named() -> None:
    strict = LIFECYCLE.guarding(e.Archived, lambda *_: "never")
    life = advance(contract(), e.Requested(at("2024-04-01"), "ann"))
    life = advance(life, e.Canceled(at("2024-04-02"), "ann"))
    with pytest.raises(TransitionNotAllowed, match="never"):
        _ = advance(life, e.Archived(at("2025-01-01"), "ann"), charts=Charts(strict))
    assert "Archived" not in LIFECYCLE.without(e.Archived).possible_from(Stage.CANCELED)
    with pytest.raises(InvalidRecord, match="one row for review_asked in stage draft"):
        _ = OWN.adding(Transition(frozenset({Stage.DRAFT}), "review_asked", None))
    with pytest.raises(InvalidRecord, match="a cause of one of its rows"):
        _ = LIFECYCLE.guarding("review_asked", names_a_lawyer)
    with pytest.raises(InvalidRecord, match="not one of the library's stages"):
        _ = HostStage(value="draft", phase=Phase.BEFORE)
    with pytest.raises(InvalidRecord, match="a kind of contract"):
        _ = CHARTS.extended({"": OWN})
    other = OWN.replacing(names_a_lawyer, lambda *_: "")
    assert other != OWN
    assert LIFECYCLE.replacing(names_a_lawyer, lambda *_: "") is LIFECYCLE


def test_a_hosts_chart_is_drawn_as_ours_are() -> None:
    assert "    draft --> legal_review: review_asked [names a lawyer]" in to_mermaid(OWN)


@pytest.mark.parametrize(
    ("kind", "possible", "stage"),
    [
        (ContractKind.NDA, "SentForSignature", Stage.DRAFT),
        (ContractKind.PARTNERSHIP, "PartyLeft", Stage.SUSPENDED),
        (ContractKind.SALES, "Novated", Stage.IN_EFFECT),
    ],
)
def test_kinds_differ_as_their_charts_say(kind: ContractKind, possible: str, stage: Stage) -> None:
    assert possible in CHARTS.chart_of(kind).possible_from(stage)
    without = {ContractKind.SALES: ContractKind.EMPLOYMENT}.get(kind, ContractKind.LEASE)
    assert possible not in CHARTS.chart_of(without).possible_from(stage)


def test_every_chart_of_ours_leads_from_the_beginning_to_the_archive() -> None:
    for chart in CHARTS.every():
        reached: set[object] = {Stage.NEW, Stage.UNKNOWN}
        for _ in chart.rows:
            reached |= {row.target for row in chart.rows if row.target is not None and row.sources & reached}
        assert Stage.ARCHIVED in reached, chart.name
        drawn = {stage for source, target, _ in edges(chart) for stage in (source, target)}
        assert drawn <= reached, chart.name
