"""The figures of the contract side against cases worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment, AmendmentKind, LineChange, Restatement
from clmcrm.clm.approval_policy import ApprovalPolicy, ApprovalRule
from clmcrm.clm.approval_steps import ApprovalStep, Approver
from clmcrm.clm.approvals import approval, submission
from clmcrm.clm.auto_renewals import RENEWAL_DECIDED, renewed_by_omission, tacit_renewals
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.cycle_phases import Cycle, CyclePhase, cycle_of
from clmcrm.clm.disputes import Dispute, DisputeOutcome
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.kpis import (
    amount_in_dispute,
    approval_compliance,
    cycle_time,
    cycle_time_by_phase,
    deadline_adherence,
    dispute_count,
    obligations_by_state,
)
from clmcrm.clm.leakage import missed_uplift, missed_uplifts, unused_commitments
from clmcrm.clm.lifecycle import advance, standing_of
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.norms.obligation_chart import ObligationState
from clmcrm.clm.obligations import DueEvery, DueOn, Obligation, ObligationKind, Performance
from clmcrm.clm.price_clauses import PriceRevisionClause, VolumeCommitment
from clmcrm.clm.prices.in_force import came_into_force, spells
from clmcrm.clm.prices.index_series import IndexSeries
from clmcrm.clm.prices.windows import Purchase
from clmcrm.clm.retention import customer_retention, revenue_retention
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.parties.hierarchy import Hierarchy
from clmcrm.values.figures import Figure
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, DisputeId, LineId, ObligationId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import at, contract

OWN, OTHER = Party.OWN, Party.COUNTERPARTY
MONTH, YEAR = Tenor(months=1), Tenor(years=1)
YEAR_2026 = Span(date(2026, 1, 1), date(2026, 12, 31))


def reasons(figure: Figure) -> list[str]:
    return [left.reason for left in figure.left_out]


def signed(day: str, side: Party = OWN) -> e.Signed:
    return e.Signed(at(day), "sign", side=side)


WAY = (
    e.Requested(at("2026-01-01"), "crm"),
    e.SubmittedForApproval(at("2026-01-04"), "ada"),
    e.Approved(at("2026-01-06"), "grace", role="legal"),
    e.TurnPassed(at("2026-01-10"), "ada"),
    e.SentForSignature(at("2026-01-20"), "ada"),
    signed("2026-01-21"),
    signed("2026-01-25", OTHER),
)


def test_cycle_time_ends_with_the_last_signature_needed_and_is_split_by_phase() -> None:
    whole = contract(events=WAY)
    assert cycle_of(whole) == Cycle(
        requested_on=date(2026, 1, 1),
        signed_on=date(2026, 1, 25),
        days_in={
            CyclePhase.DRAFTING: 3,
            CyclePhase.APPROVAL: 2,
            CyclePhase.NEGOTIATION: 14,
            CyclePhase.SIGNATURE: 5,
        },
    )
    shorter = contract(id=ContractId("C-2"), events=(WAY[0], WAY[4], WAY[5], signed("2026-01-22", OTHER)))
    figure = cycle_time([whole, shorter])
    assert (figure.value, figure.population) == (Decimal("22.50"), 2)
    parts = {phase: str(part.value) for phase, part in cycle_time_by_phase([whole, shorter]).items()}
    assert parts == {"drafting": "11.00", "approval": "1.00", "negotiation": "7.00", "signature": "3.50"}


def test_each_round_of_approval_lasts_until_everybody_has_approved_in_it() -> None:
    twice = (
        *WAY[:3], e.Recalled(at("2026-01-07"), "ada"), e.SubmittedForApproval(at("2026-01-09"), "ada"),
        e.Approved(at("2026-01-10"), "cy", role="finance"), e.Approved(at("2026-01-18"), "grace", role="legal"),
        *WAY[4:],
    )  # fmt: skip
    found = cycle_of(contract(approvals_needed=("legal", "finance"), events=twice))
    assert isinstance(found, Cycle)
    assert found.days_in == {
        CyclePhase.DRAFTING: 3 + 2,
        CyclePhase.APPROVAL: 3 + 9,
        CyclePhase.NEGOTIATION: 2,
        CyclePhase.SIGNATURE: 5,
    }


def two_steps(*, recalled: bool = False) -> tuple[e.AnyEvent, ...]:
    """Requested on 1 January, submitted on the 2nd, approved by Grace on the 4th and by Cy on the 14th."""
    board = ApprovalStep(name="board", order=1, roles=("board",))
    people = (Approver(name="Grace", roles=("legal",)), Approver(name="Cy", roles=("board",)))
    rules = tuple(ApprovalRule(step=step, why="always") for step in (LEGAL, board))
    policy = ApprovalPolicy(name="two", rules=rules, approvers=people)
    life = advance(contract(), e.Requested(at("2026-01-01"), "ada"))
    life = advance(life, submission(life, policy, at("2026-01-02"), "ada"))
    for step, day, who in (("legal", "2026-01-04", "Grace"), ("board", "2026-01-14", "Cy")):
        now = standing_of(life, date(2026, 1, 14)).round
        assert now is not None
        if recalled and step == "board":
            return (*life.events, e.Recalled(at("2026-01-05"), "ada"))
        life = advance(life, approval(now, step, at(day), who, role=step))
    return life.events


def test_the_phase_of_approval_lasts_until_the_last_step_is_taken() -> None:
    """A contract that names no role was out of approval with its first step."""
    way = (*two_steps(), *WAY[4:])
    assert approval_compliance([contract(events=way)]).number == 1
    found = cycle_of(contract(events=way))
    assert isinstance(found, Cycle)
    assert found.days_in == {
        CyclePhase.DRAFTING: 1,
        CyclePhase.APPROVAL: 12,
        CyclePhase.NEGOTIATION: 6,
        CyclePhase.SIGNATURE: 5,
    }
    late = (*way[:-1], e.Approved(at("2026-01-23"), "eve"), way[-1])  # it slipped in, and begins nothing
    assert cycle_of(contract(events=late)) == found


def test_a_round_that_was_recalled_before_it_was_complete_approved_nothing() -> None:
    assert approval_compliance([contract(events=(*two_steps(recalled=True), SENT))]).number == 0


def test_a_sending_follows_an_approval_that_was_written_in_a_zone_where_it_is_the_next_day() -> None:
    """Half past midnight in Paris is 23.30 of the day before in UTC."""
    *before, board = two_steps()
    night = attrs.evolve(board, at=datetime(2026, 1, 15, 0, 30, tzinfo=timezone(timedelta(hours=1))))
    sent = e.SentForSignature(datetime(2026, 1, 14, 23, 45, tzinfo=UTC), "ada")
    life = advance(advance(contract(events=tuple(before)), night), sent)
    assert approval_compliance([life]).number == 1


@pytest.mark.parametrize(
    ("events", "why"),
    [
        (WAY[1:], "its request was not recorded here"),
        (WAY[:-1], "not signed by everybody yet"),
        ((*WAY, e.Undone(at("2026-01-26"), "ada")), "not signed by everybody yet"),
        ((*WAY[:6], e.SignatureWithdrawn(at("2026-01-23"), "ada"), WAY[6]), "not signed by everybody yet"),
        ((signed("2026-01-01"), signed("2026-01-02", OTHER), e.Requested(at("2026-02-01"), "crm")), "before it was"),
    ],
)
def test_a_way_that_cannot_be_measured_is_left_out_with_the_reason(events: tuple[e.AnyEvent, ...], why: str) -> None:
    figure = cycle_time([contract(events=events)])
    assert isinstance(figure.value, Unknown)
    assert why in reasons(figure)[0]


def test_only_signatures_inside_the_period_count() -> None:
    assert cycle_time([contract(events=WAY)], Span(date(2026, 1, 25), date(2026, 1, 25))).population == 1
    assert cycle_time([contract(events=WAY)], Span(date(2026, 1, 26))).population == 0


SENT = WAY[4]


@pytest.mark.parametrize(
    ("needed", "events", "compliant"),
    [
        (("legal",), WAY, True),
        (("legal", "finance"), WAY, False),
        ((), WAY, True),
        ((), (WAY[0], SENT), False),
        (("legal",), (WAY[2], e.Redrafted(at("2026-01-07"), "ada"), SENT), False),
        (("legal",), (SENT, attrs.evolve(WAY[2], at=at("2026-02-01"))), False),
        (("legal",), (WAY[2], SENT, e.Redrafted(at("2026-01-22"), "ada"), SENT), False),
        (("legal",), (*WAY[1:3], e.Recalled(at("2026-01-07"), "ada"), WAY[1], SENT), False),
        # nobody approves their own text: not who submitted it, nor who asked for it, however the name is written
        (("legal",), (*WAY[:2], attrs.evolve(WAY[2], by="ada"), SENT), False),
        ((), (*WAY[:2], attrs.evolve(WAY[2], by="CRM "), SENT), False),
        (("legal",), (*WAY[:2], attrs.evolve(WAY[2], by="ada"), WAY[2], SENT), True),
        # a role is the same role however it is written, in a log of another system as well
        (("legal",), (*WAY[:2], attrs.evolve(WAY[2], role="LEGAL", step="legal"), SENT), True),
        (("legal",), (attrs.evolve(WAY[2], role=" Legal"), SENT), True),
        # nobody clears two roles (OCA/server-ux PR 399)
        (("legal", "finance"), (*WAY[:3], attrs.evolve(WAY[2], role="finance"), SENT), False),
        (("legal", "finance"), (WAY[2], attrs.evolve(WAY[2], by="Grace ", role="finance"), SENT), False),
        (("legal", "finance"), (WAY[2], attrs.evolve(WAY[2], by="cy", role="finance"), SENT), True),
        # what was recalled or refused is not approved
        ((), (WAY[2], e.Recalled(at("2026-01-07"), "ada"), SENT), False),
        ((), (WAY[2], e.Rejected(at("2026-01-07"), "cy", note="no"), SENT), False),
    ],
)
def test_a_text_is_approved_by_everybody_before_every_sending(
    needed: tuple[str, ...], events: tuple[e.AnyEvent, ...], compliant: bool
) -> None:
    figure = approval_compliance([contract(events=events, approvals_needed=needed)])
    assert (figure.number, figure.population) == (Decimal(compliant), 1)


LEGAL = ApprovalStep(name="legal", roles=("legal",), within=Tenor(days=2), escalates_to=("counsel",))
OFFICE = ApprovalPolicy(
    name="office",
    rules=(ApprovalRule(step=LEGAL, why="always"),),
    approvers=(
        Approver(name="Grace", roles=("legal",), accounts=("grace@own.example",)),
        Approver(name="Ada", roles=("legal",), accounts=("ada@own.example",)),
        Approver(name="Cy", roles=("counsel",)),
    ),
)


@pytest.mark.parametrize(
    ("escalated", "by", "role", "compliant"),
    [
        (False, "grace@own.example", "LEGAL", True),
        (True, "cy", "counsel", True),
        (False, "cy", "counsel", False),  # nothing was escalated to counsel
        (False, "ada@own.example", "legal", False),  # the author, under another account
        (False, "mallory", "legal", False),
    ],
)
def test_where_steps_were_submitted_their_round_says_what_counts(
    escalated: bool, by: str, role: str, compliant: bool
) -> None:
    """What the lifecycle lets through is compliant, and what slipped into a log past it is not."""
    life = advance(contract(approvals_needed=("legal",)), e.Requested(at("2026-01-01"), "ada"))
    life = advance(life, submission(life, OFFICE, at("2026-01-02"), "ada"))
    if escalated:
        life = advance(life, e.ApprovalEscalated(at("2026-01-08"), "clock", step="legal", to="counsel"))
    now = standing_of(life, date(2026, 1, 8)).round
    assert now is not None
    steps = (approval(now, "legal", at("2026-01-09"), by, role=role), e.SentForSignature(at("2026-01-10"), "ada"))
    if compliant:
        life = advance(advance(life, steps[0]), steps[1])
    else:
        with pytest.raises(TransitionNotAllowed):
            _ = advance(life, steps[0])
        life = attrs.evolve(life, events=(*life.events, *steps))
    assert approval_compliance([life]).number == int(compliant)


def test_what_needs_no_approval_is_said_and_what_was_not_sent_is_no_matter() -> None:
    nda = contract(kind=ContractKind.NDA, events=(WAY[0], SENT))
    figure = approval_compliance([nda, contract(events=WAY[:3])])
    assert (figure.population, reasons(figure)) == (0, ["one of its kind needs no approval"])
    strict = attrs.evolve(nda, approvals_needed=("legal",))
    assert approval_compliance([strict]).number == 0


LIVE = (e.RecordedAsExecuted(at("2024-06-01"), "clm"),)


def duty(key: str, due: date | DueOn | DueEvery, *done: date, **facts: Any) -> Obligation:
    return Obligation(
        id=ObligationId(key),
        kind=ObligationKind.DELIVERY,
        title="deliver",
        obligor=facts.pop("obligor", OWN),
        obligee=OTHER,
        due=DueOn(day=due) if isinstance(due, date) else due,
        performances=tuple(Performance(on=on, for_due=due if isinstance(due, date) else on) for on in done),
        **facts,
    )


def test_deadline_adherence_counts_what_was_done_in_time_among_what_is_decided() -> None:
    duties = (
        duty("in time", date(2026, 3, 1), date(2026, 3, 1)),
        duty("in grace", date(2026, 3, 1), date(2026, 3, 8), grace=Tenor(weeks=1)),
        duty("late", date(2026, 3, 1), date(2026, 3, 2)),
        duty("never", date(2026, 3, 1)),
        duty("theirs", date(2026, 3, 1), date(2026, 2, 1), obligor=OTHER),
        duty("not yet", date(2026, 12, 1)),
        duty("before", date(2025, 12, 31)),
        duty("some day", DueOn(day=Unknown("nobody wrote it down"))),
    )
    supply = contract(events=LIVE, obligations=duties)
    figure = deadline_adherence([supply], YEAR_2026, date(2026, 6, 1))
    assert (figure.value, figure.population) == (Decimal("0.6000"), 5)
    assert [left.record.partition(", ")[2] for left in figure.left_out] == [
        "obligation not yet of 2026-12-01",
        "obligation some day",
    ]
    ours = deadline_adherence([supply], YEAR_2026, date(2026, 6, 1), obligor=OWN)
    assert (ours.value, ours.population) == (Decimal("0.5000"), 4)


def test_what_both_sides_owe_counts_for_each() -> None:
    duties = (
        duty("ours", date(2026, 3, 1), date(2026, 3, 1)),
        duty("theirs", date(2026, 3, 1), date(2026, 3, 1), obligor=OTHER),
        duty("mutual", date(2026, 3, 1), obligor=Party.BOTH),
        duty("of either", date(2026, 3, 1), date(2026, 3, 2), obligor=Party.EITHER),
    )
    supply = contract(events=LIVE, obligations=duties)
    for side in (OWN, OTHER):
        figure = deadline_adherence([supply], YEAR_2026, date(2026, 6, 1), obligor=side)
        assert (figure.value, figure.population) == (Decimal("0.3333"), 3)


def test_obligations_are_counted_by_state_and_every_missed_month_is_there() -> None:
    monthly = DueEvery(first_on=date(2026, 1, 15), every=MONTH)
    supply = contract(events=LIVE, obligations=(duty("report", monthly, date(2026, 2, 15)),))
    figures = obligations_by_state([supply], date(2026, 5, 1), calendars=BUILT_IN)
    numbers = {state: int(figure.number or 0) for state, figure in figures.items() if figure.number}
    assert numbers == {ObligationState.FULFILLED: 1, ObligationState.BREACHED: 3}
    assert {figure.population for figure in figures.values()} == {4}


def test_disputes_are_open_until_the_day_before_they_close_and_money_is_summed_at_the_days_rate() -> None:
    def dispute(key: str, amount: Money | None, closed: date | None = None) -> Dispute:
        return Dispute(
            id=DisputeId(key),
            contract=ContractId("C-1"),
            subject="late",
            raised_by=OWN,
            opened_on=date(2026, 1, 1),
            closed_on=closed,
            outcome=None if closed is None else DisputeOutcome.WON,
            amount=amount,
        )

    found = [
        dispute("a", Money(100, "EUR")),
        dispute("b", Money(100, "USD")),
        dispute("c", Money(100, "CHF")),
        dispute("d", None),
        dispute("e", Money(7, "EUR"), date(2026, 2, 1)),
    ]
    rates = RateTable([Rate(source="USD", target="EUR", on=date(2026, 1, 1), factor="0.5", by="test")])
    assert dispute_count(found, date(2026, 2, 1)).number == 4
    assert dispute_count(found, date(2026, 1, 31)).number == 5
    money = amount_in_dispute(found, date(2026, 2, 1), "EUR", rates)
    assert (money.value, money.population) == (Money(150, "EUR"), 2)
    assert sorted(left.record for left in money.left_out) == ["dispute c", "dispute d"]


DECIDED = e.HostEvent(at("2025-02-01"), "ada", name=RENEWAL_DECIDED)


@pytest.mark.parametrize(
    ("events", "omitted"),
    [
        (LIVE, 1),
        ((*LIVE, DECIDED), 0),
        ((*LIVE, attrs.evolve(DECIDED, at=at("2025-02-28"))), 0),
        ((*LIVE, attrs.evolve(DECIDED, at=at("2025-03-01"))), 1),
        ((*LIVE, attrs.evolve(DECIDED, name="something else")), 1),
    ],
)
def test_a_renewal_nobody_decided_in_time_is_one_by_omission(events: tuple[e.AnyEvent, ...], omitted: int) -> None:
    # One year from 1 June 2024, three months' notice: 28 February 2025 is the last day to decide.
    figure = renewed_by_omission(
        [contract(events=events)], Span(date(2025, 1, 1), date(2025, 12, 31)), date(2026, 1, 1)
    )
    assert (figure.number, figure.population) == (Decimal(omitted), 1)


def test_a_decision_about_one_renewal_says_nothing_about_the_next() -> None:
    figure = renewed_by_omission([contract(events=(*LIVE, DECIDED))], Span(date(2026, 1, 1)), date(2026, 7, 1))
    assert (figure.number, figure.population) == (Decimal(1), 1)


@pytest.mark.parametrize(
    ("decided_on", "omitted"),
    [
        ("2025-02-28", 1),  # that was the last day for the renewal of 1 June
        ("2025-03-01", 0),
        ("2025-03-31", 0),  # three months run out on 30 June
        ("2025-04-01", 1),
        ("2025-06-15", 1),  # in the term before, and too late
    ],
)
def test_a_notice_longer_than_the_term_is_decided_on_before_the_term_begins(decided_on: str, omitted: int) -> None:
    """One month from 1 June 2025, three months' notice: the renewal of 1 July is decided on by 31 March."""
    monthly = contract(
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(months=1)),
        events=(*LIVE, attrs.evolve(DECIDED, at=at(decided_on))),
    )
    july = Span(date(2025, 7, 1), date(2025, 7, 31))
    found = tacit_renewals(monthly, july, date(2026, 1, 1))
    assert not isinstance(found, Unknown)
    assert [(one.first_day, one.decide_by) for one in found] == [(date(2025, 7, 1), date(2025, 3, 31))]
    assert renewed_by_omission([monthly], july, date(2026, 1, 1)).number == omitted


def test_no_tacit_renewal_is_seen_where_there_was_none() -> None:
    window = Span(date(2025, 1, 1), date(2025, 12, 31))
    express = contract(events=LIVE, renewal=RenewalClause(kind=RenewalKind.EXPRESS, length=YEAR))
    stopped = contract(
        events=(*LIVE, e.NonRenewalNotified(at("2025-01-10"), "b", side=OTHER, served_on=date(2025, 1, 10)))
    )
    not_yet = contract(events=LIVE)
    assert tacit_renewals(express, window, date(2026, 1, 1)) == ()
    assert tacit_renewals(stopped, window, date(2026, 1, 1)) == ()
    assert tacit_renewals(not_yet, window, date(2025, 5, 31)) == ()
    vague = contract(events=LIVE, term=Unknown("the page is missing"))
    figure = renewed_by_omission([vague], window, date(2026, 1, 1))
    assert reasons(figure) == ["the term is not known: the page is missing"]


THREE = PriceRevisionClause(every=YEAR, percent=Decimal(3), citation="art. 5")


def line(price: str = "100", **facts: Any) -> ContractLine:
    usual: dict[str, Any] = {"quantity": Decimal(10), "recurrence": MONTH, "price": UnitPrice(price, "EUR")}
    return ContractLine(id=LineId("1"), description="seats", **{**usual, **facts})


def supply(*clauses: Any, **facts: Any) -> Contract:
    usual: dict[str, Any] = {"events": LIVE, "lines": (line(),), "clauses": clauses}
    return contract(**{**usual, **facts})


def raised(on: date, price: str) -> Contract:
    return changed(on, line_changes=(LineChange(line=LineId("1"), price=UnitPrice(price, "EUR")),))


def changed(
    on: date, recorded: date | None = None, lines: tuple[ContractLine, ...] | None = None, **how: Any
) -> Contract:
    amendment = Amendment(id=AmendmentId("A"), title="change", base_version=0, effective_on=on, **how)
    accepted = e.AmendmentAccepted(
        at((recorded or on).isoformat()), "clm", amendment=AmendmentId("A"), base_version=0, effective_on=on
    )
    before = (line(),) if lines is None else lines
    return supply(THREE, lines=before, amendments=(amendment,), events=(*LIVE, accepted))


LOWERED = (LineChange(line=LineId("1"), price=UnitPrice("90", "EUR")),)


def restated(on: date, price: str) -> Contract:
    return changed(on, kind=AmendmentKind.RESTATES, restated=Restatement(clauses=(THREE,), lines=(line(price),)))


@pytest.mark.parametrize(
    ("agreement", "as_of", "missed"),
    [
        # 100 to 103 after one year: 3 a unit x 10 units x 12 months
        (supply(THREE), date(2025, 6, 1), "360.00"),
        (supply(THREE), date(2025, 5, 31), "0.00"),
        # 106.09 after two
        (supply(THREE), date(2026, 6, 1), "730.80"),
        (supply(THREE, lines=(line(discount=Decimal("0.5")),)), date(2025, 6, 1), "180.00"),
        # agreed anew: nothing was missed until the next revision
        (raised(date(2025, 6, 1), "103"), date(2026, 5, 31), "0.00"),
        (raised(date(2025, 6, 1), "103"), date(2026, 6, 1), "370.80"),
        (raised(date(2025, 9, 1), "120"), date(2026, 5, 31), "0.00"),
        (raised(date(2025, 9, 1), "120"), date(2026, 6, 1), "432.00"),
        # more than the clause gives is no gain to be counted against what is missed
        (raised(date(2025, 9, 1), "90"), date(2025, 12, 31), "0.00"),
        # recorded a month late: what is in force was agreed, and nothing of it was missed
        (changed(date(2025, 9, 1), date(2025, 10, 1), line_changes=LOWERED), date(2025, 9, 15), "0.00"),
        # a line that an amendment adds was agreed by it: no year before it was missed
        (changed(date(2025, 9, 1), lines=(), lines_added=(line(),)), date(2026, 5, 31), "0.00"),
        (changed(date(2025, 9, 1), lines=(), lines_added=(line(),)), date(2026, 6, 1), "360.00"),
        # all terms anew: so is the price
        (restated(date(2025, 9, 1), "101"), date(2026, 5, 31), "0.00"),
        (restated(date(2025, 9, 1), "101"), date(2026, 6, 1), "363.60"),
        # the days of revision are the contract's, whenever the line begins
        (supply(THREE, lines=(line(first_day=date(2025, 1, 1)),)), date(2025, 5, 31), "0.00"),
        (supply(THREE, lines=(line(first_day=date(2025, 1, 1)),)), date(2025, 6, 1), "360.00"),
        # and none of them before the line began
        (supply(THREE, lines=(line(first_day=date(2025, 6, 1)),)), date(2026, 5, 31), "0.00"),
    ],
)
def test_a_missed_uplift_is_what_a_year_would_bring_more(agreement: Contract, as_of: date, missed: str) -> None:
    figure = missed_uplifts([agreement], as_of, "EUR")
    assert (str(figure.number), figure.population) == (missed, 1)


def test_an_uplift_that_cannot_be_computed_is_named_and_one_off_lines_have_none() -> None:
    by_index = PriceRevisionClause(every=YEAR, index="SYNTEC", citation="art. 5")
    figure = missed_uplifts([supply(by_index)], date(2026, 1, 1), "EUR")
    assert (figure.number, reasons(figure)) == (Decimal(0), ["the index SYNTEC is not given"])
    once = supply(THREE, lines=(line(recurrence=None),))
    assert missed_uplift(once, once.lines[0], date(2026, 1, 1)) is None
    assert missed_uplifts([once, supply()], date(2026, 1, 1), "EUR").population == 0


def test_the_uplifts_of_a_contract_of_which_nobody_knows_whether_it_is_in_effect_are_named() -> None:
    """With and without an anchor of its own: the stage is what is not known."""
    blacked_out = {"effective_on": Unknown("it is blacked out")}
    for clause in (THREE, attrs.evolve(THREE, anchor_on=date(2024, 6, 1))):
        figure = missed_uplifts([supply(clause, **blacked_out)], date(2026, 1, 1), "EUR")
        assert (figure.number, figure.population) == (Decimal(0), 0)
        (why,) = reasons(figure)
        assert why.startswith("its stage on 2026-01-01 is not known: signed, but the effective date is not known")
    assert missed_uplifts([supply(**blacked_out)], date(2026, 1, 1), "EUR").left_out == ()


def test_an_added_line_does_not_share_the_first_index_of_its_contract() -> None:
    by_index = PriceRevisionClause(every=YEAR, index="SYNTEC", base_month=date(2024, 6, 1), citation="art. 5")
    agreement = attrs.evolve(changed(date(2025, 9, 1), lines=(), lines_added=(line(),)), clauses=(by_index,))
    missed = missed_uplift(agreement, line(), date(2026, 6, 1), {"SYNTEC": IndexSeries(id="SYNTEC", source="Syntec")})
    assert isinstance(missed, Unknown)
    assert missed.reason == "its price was agreed anew on 2025-09-01, and the clause compares with the first index"


def amended_by(on: date, *adds: Any, drops: tuple[str, ...] = (), clauses: tuple[Any, ...] = ()) -> Contract:
    return attrs.evolve(changed(on, adds=adds, drops_citations=drops), clauses=clauses)


FOUR = PriceRevisionClause(every=YEAR, percent=Decimal(4), citation="art. 5")


@pytest.mark.parametrize(
    ("agreement", "as_of", "missed"),
    [
        # brought by an amendment: no year before it was missed
        (amended_by(date(2026, 1, 1), THREE), date(2026, 5, 31), "0.00"),
        (amended_by(date(2026, 1, 1), THREE), date(2026, 6, 1), "360.00"),
        # a price that is firm for two years moves on the day the clause comes into force
        (supply(attrs.evolve(THREE, first_day=date(2026, 6, 1))), date(2026, 6, 1), "360.00"),
        (supply(attrs.evolve(THREE, first_day=date(2026, 6, 2))), date(2027, 5, 31), "0.00"),
    ],
)
def test_no_uplift_was_missed_before_its_clause_was_in_force(agreement: Contract, as_of: date, missed: str) -> None:
    figure = missed_uplifts([agreement], as_of, "EUR")
    assert (str(figure.number), figure.population) == (missed, 1)


def test_a_clause_that_has_not_begun_misses_nothing_and_one_that_took_anothers_place_is_named() -> None:
    later = supply(attrs.evolve(THREE, first_day=date(2026, 6, 2)))
    assert missed_uplifts([later], date(2026, 6, 1), "EUR").population == 0
    raised_to_four = amended_by(date(2025, 9, 1), FOUR, drops=("art. 5",), clauses=(THREE,))
    assert reasons(missed_uplifts([raised_to_four], date(2026, 6, 1), "EUR")) == [
        "its price was agreed under another revision clause, which held until 2025-09-01"
    ]


COMMITTED = VolumeCommitment(per=YEAR, quantity=Decimal(100), shortfall=UnitPrice(2, "EUR"), citation="art. 3")


def test_an_unused_commitment_is_due_once_its_window_is_over() -> None:
    bought = {ContractId("C-1"): [Purchase(on=date(2024, 9, 1), quantity=Decimal(70))]}
    figure = unused_commitments([supply(COMMITTED)], bought, date(2025, 6, 1), "EUR")
    assert (figure.value, figure.population) == (Money(60, "EUR"), 1)
    running = unused_commitments([supply(COMMITTED)], bought, date(2025, 5, 31), "EUR")
    assert (running.value, running.population) == (Money(0, "EUR"), 0)


@pytest.mark.parametrize(
    "agreement",
    [amended_by(date(2025, 3, 1), COMMITTED), supply(attrs.evolve(COMMITTED, first_day=date(2025, 3, 1)))],
)
def test_a_commitment_asks_for_nothing_before_it_is_in_force(agreement: Contract) -> None:
    """From 1 March to 31 May 2025: 92 of the 365 days of its first window, 25.2055 units at 2 EUR."""
    bought: dict[ContractId, list[Purchase]] = {ContractId("C-1"): []}
    assert unused_commitments([agreement], bought, date(2025, 6, 1), "EUR").value == Money("50.41", "EUR")


@pytest.mark.parametrize(
    ("dropped_on", "brings", "as_of", "due", "left_out"),
    [
        # Windows from 1 June to 31 May: nothing was bought, 100 units at 2 EUR are due for each that was over.
        (date(2026, 6, 1), (), date(2026, 7, 1), "400.00", []),
        (date(2026, 5, 31), (), date(2026, 7, 1), "200.00", ["its commitment was dropped on 2026-05-31"]),
        (date(2025, 6, 1), (), date(2026, 7, 1), "200.00", []),
        (date(2024, 6, 1), (), date(2026, 7, 1), "0.00", []),
        # Before it is dropped, as ever.
        (date(2026, 6, 1), (), date(2026, 5, 31), "200.00", []),
        # Half of it from a new window on: the old one for one window, the new one for one.
        (date(2025, 6, 1), (50,), date(2026, 6, 1), "300.00", []),
        # From 1 March: 92 of 365 days of the window at 50 units, and the whole next one.
        (date(2025, 3, 1), (50,), date(2026, 6, 1), "125.21", ["its commitment was dropped on 2025-03-01"]),
    ],
)
def test_a_commitment_that_was_dropped_is_due_for_what_was_over_by_then(
    dropped_on: date, brings: tuple[int, ...], as_of: date, due: str, left_out: list[str]
) -> None:
    adds = (attrs.evolve(COMMITTED, quantity=Decimal(units)) for units in brings)
    agreement = amended_by(dropped_on, *adds, drops=("art. 3",), clauses=(COMMITTED,))
    bought: dict[ContractId, list[Purchase]] = {ContractId("C-1"): []}
    figure = unused_commitments([agreement], bought, as_of, "EUR")
    assert (str(figure.number), reasons(figure)) == (due, left_out)


def test_a_clause_dropped_and_brought_again_had_two_spells() -> None:
    dropped = Amendment(
        id=AmendmentId("A"), title="a", base_version=0, effective_on=date(2025, 1, 1), drops_citations=("art. 3",)
    )
    brought = Amendment(
        id=AmendmentId("B"), title="b", base_version=1, effective_on=date(2025, 9, 1), adds=(COMMITTED,)
    )
    events = [
        e.AmendmentAccepted(at(f"2025-01-0{n}"), "clm", amendment=a.id, base_version=n - 1, effective_on=a.effective_on)
        for n, a in enumerate((dropped, brought), 1)
    ]
    agreement = supply(COMMITTED, amendments=(dropped, brought), events=(*LIVE, *events))
    days = [(spell.since, spell.dropped_on) for spell in spells(agreement, VolumeCommitment, date(2026, 1, 1))]
    assert days == [(None, date(2025, 1, 1)), (date(2025, 9, 1), None)]
    assert spells(agreement, VolumeCommitment, date(2024, 12, 31)) == spells(
        supply(COMMITTED), VolumeCommitment, date(2026, 1, 1)
    )
    assert came_into_force(agreement, COMMITTED, date(2026, 1, 1)) == date(2025, 9, 1)


def test_a_draft_owes_no_shortfall_and_the_reason_is_not_its_day() -> None:
    draft = attrs.evolve(supply(COMMITTED), events=())
    figure = unused_commitments([draft], {draft.id: []}, date(2025, 6, 1), "EUR")
    assert figure.value == Money(0, "EUR")
    assert reasons(figure) == ["the contract is not in effect: it is new (nothing has happened yet)"]


def test_purchases_nobody_gave_are_not_purchases_of_nothing() -> None:
    figure = unused_commitments([supply(COMMITTED)], {}, date(2025, 6, 1), "EUR")
    assert (figure.value, reasons(figure)) == (Money(0, "EUR"), ["its purchases are not given"])
    nothing = unused_commitments([supply(COMMITTED)], {ContractId("C-1"): []}, date(2025, 6, 1), "EUR")
    assert nothing.value == Money(200, "EUR")
    unpriced = attrs.evolve(COMMITTED, shortfall=None)
    named = unused_commitments([supply(unpriced)], {ContractId("C-1"): []}, date(2025, 6, 1), "EUR")
    assert reasons(named) == ["the clause states no price per missing unit"]
    ours = attrs.evolve(COMMITTED, by=OWN)
    assert unused_commitments([supply(ours)], {}, date(2025, 6, 1), "EUR").left_out == ()


def customer(key: str, account: str, *, until: str | None = None, **facts: Any) -> Contract:
    usual: dict[str, Any] = {
        "id": ContractId(key),
        "counterparty": AccountId(account),
        "effective_on": date(2024, 6, 1),
    }
    over = (
        ()
        if until is None
        else (e.Terminated(at("2025-06-02"), "clm", ground=e.Ground.MUTUAL, last_day=date.fromisoformat(until)),)
    )
    return supply(events=(*LIVE, *over), **{**usual, **facts})


def test_retention_follows_the_customers_of_the_first_day_to_the_last() -> None:
    contracts = [
        customer("1", "stays"),
        customer("2", "leaves", until="2026-06-30"),
        customer("3", "swaps", until="2026-06-30"),
        customer("4", "swaps", effective_on=date(2026, 7, 1), lines=(line("300"),)),
        customer("5", "comes", effective_on=date(2026, 2, 1)),
        customer("6", "stays", kind=ContractKind.PROCUREMENT),
    ]
    figure = customer_retention(contracts, YEAR_2026)
    assert (figure.value, figure.population) == (Decimal("0.6667"), 3)
    group = Hierarchy({AccountId("leaves"): AccountId("stays"), AccountId("stays"): None})
    assert customer_retention(contracts, YEAR_2026, groups=group).number == 1
    # 12 000 each on the first day; 12 000 and 36 000 are left of 36 000
    assert revenue_retention(contracts, YEAR_2026, "EUR").value == Decimal("1.3333")
    assert revenue_retention(contracts, YEAR_2026, "EUR", net=False).value == Decimal("0.6667")
    with pytest.raises(InvalidRecord, match="a last day"):
        customer_retention(contracts, Span(date(2026, 1, 1)))


@pytest.mark.parametrize(("recorded", "share"), [(date(2026, 12, 31), "1.5"), (date(2027, 1, 1), "1")])
def test_retention_sees_no_amendment_that_was_recorded_after_the_period(recorded: date, share: str) -> None:
    dearer = (LineChange(line=LineId("1"), price=UnitPrice("150", "EUR")),)
    grows = changed(date(2026, 10, 1), recorded, line_changes=dearer)
    contracts = [attrs.evolve(grows, counterparty=AccountId("grows"))]
    assert revenue_retention(contracts, YEAR_2026, "EUR").value == Decimal(share)


def test_a_moving_rate_is_never_taken_for_growth() -> None:
    dollars = customer("1", "stays", lines=(attrs.evolve(line(), price=UnitPrice(100, "USD")),))
    moving = RateTable(
        [
            Rate(source="USD", target="EUR", on=date(2025, 12, 1), factor="0.8", by="test"),
            Rate(source="USD", target="EUR", on=date(2026, 12, 1), factor="1.2", by="test"),
        ]
    )
    assert revenue_retention([dollars], YEAR_2026, "EUR", moving).number == 1
    named = revenue_retention([dollars], YEAR_2026, "EUR")
    assert (named.population, named.left_out[0].record) == (0, "customer stays")


def test_a_customer_left_out_for_several_contracts_names_each_once_in_any_order() -> None:
    dollars = (attrs.evolve(line(), price=UnitPrice(100, "USD")),)
    contracts = [customer("1", "stays", lines=dollars), customer("2", "stays", lines=dollars)]
    said = [revenue_retention(way, YEAR_2026, "EUR").left_out for way in (contracts, contracts[::-1])]
    assert said[0] == said[1]
    assert said[0][0].reason.count("is in USD") == len(contracts)


def test_who_took_the_place_of_the_counterparty_is_the_counterparty_from_then_on() -> None:
    assigned = e.PartyAssigned(at("2025-03-01"), "clm", to=AccountId("B-1"))
    moved = contract(events=(*LIVE, assigned))
    assert counterparty_on(moved, date(2025, 2, 28)) == "A-1"
    assert counterparty_on(moved, date(2025, 3, 1)) == "B-1"
    agreed = Amendment(
        id=AmendmentId("A"), title="assignment", kind=AmendmentKind.ASSIGNS, base_version=0,
        effective_on=date(2025, 6, 1),
        side=OTHER, to_account=AccountId("C-1"),
    )  # fmt: skip
    accepted = e.AmendmentAccepted(
        at("2025-05-20"), "clm", amendment=agreed.id, base_version=0, effective_on=agreed.effective_on
    )
    passed_on = attrs.evolve(moved, amendments=(agreed,), events=(*moved.events, accepted))
    assert [counterparty_on(passed_on, date(2025, month, 1)) for month in (2, 3, 5, 6)] == ["A-1", "B-1", "B-1", "C-1"]
    assert counterparty_on(attrs.evolve(moved, events=LIVE), date(2025, 3, 1) + timedelta(days=9)) == "A-1"
