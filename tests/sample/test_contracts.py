"""Every kind of contract, clause, renewal, notice and obligation is in the sample, and its histories hold."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest

from clmcrm.analytics.portfolio import EntryKind, agenda, contract_anchors
from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm.clauses import LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.due_days import occurrences
from clmcrm.clm.events import NonRenewalNotified, Superseded
from clmcrm.clm.guards import all_norms_discharged
from clmcrm.clm.kinds import ContractKind, Relation
from clmcrm.clm.lifecycle import advance, stage_of
from clmcrm.clm.notice import calendar_of, first_notice_deadline, last_day_in_force, next_notice_deadline
from clmcrm.clm.obligations import DueAfter, DueEvery, DueOn, Obligation, Trigger, done_by
from clmcrm.clm.price_clauses import PriceClause, PriceRevisionClause, VolumeCommitment
from clmcrm.clm.prices.in_force import agreed_prices, annual_recurring_value
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.stages import Stage
from clmcrm.clm.term_clauses import (
    NoticeClause,
    NoticeEffect,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
    TerminationRight,
)
from clmcrm.clm.transitions import CHARTS
from clmcrm.sample.company import SAMPLE_TODAY, Company
from clmcrm.values.ids import ContractId
from clmcrm.values.money import Money
from clmcrm.values.partial import PartialDate, Perpetual, Unknown, known
from clmcrm.values.tenor import Tenor

REACHABLE = frozenset(Stage) - {Stage.NEW, Stage.RESCINDED}


def of(company: Company, key: str) -> Contract:
    return next(contract for contract in company.contracts if contract.id == key)


def dated(company: Company) -> dict[ContractId, Deadline]:
    """The next notice deadline of each contract that has one."""
    found = {c.id: next_notice_deadline(c, company.today, BUILT_IN) for c in company.contracts}
    return {key: answer for key, answer in found.items() if isinstance(answer, Deadline)}


def test_every_kind_is_there(company: Company) -> None:
    assert {contract.kind for contract in company.contracts} == set(ContractKind)
    assert all(c.kind_detail for c in company.contracts if c.kind is ContractKind.CUSTOM)


def test_law_of_every_country_is_there(company: Company) -> None:
    wanted = {"FR", "DE", "DE-BY", "GB-ENG", "GB-SCT", "US-NY", "US-CA"}
    assert wanted <= {contract.governing_place for contract in company.contracts}


@pytest.mark.parametrize("length", [Tenor(years=1), Tenor(months=1)])
@pytest.mark.parametrize("month_and_day", [(1, 31), (11, 30), (2, 29)])
def test_month_ends_are_anchors_of_yearly_and_monthly_terms(
    company: Company, length: Tenor, month_and_day: tuple[int, int]
) -> None:
    found = [
        contract
        for contract in company.contracts
        if (first := known(contract.effective_on)) and (first.month, first.day) == month_and_day
        and isinstance(contract.term, TermClause) and contract.term.initial == length
        and isinstance(contract.renewal, RenewalClause) and contract.renewal.length == length
    ]  # fmt: skip
    assert found
    if month_and_day == (2, 29):
        assert {known(contract.effective_on) for contract in found} == {date(2024, 2, 29)}


def test_every_renewal_is_there(company: Company) -> None:
    found = {c.renewal.kind for c in company.contracts if isinstance(c.renewal, RenewalClause)}
    assert found == set(RenewalKind)


def test_renewals_that_are_counted_run_out(company: Company) -> None:
    plan = term_plan(of(company, "CT-022"))
    assert not isinstance(plan, Unknown)
    assert plan.times == 3
    assert last_day_in_force(of(company, "CT-022"), company.today) == date(2026, 12, 31)
    assert isinstance(next_notice_deadline(of(company, "CT-022"), company.today), NoDeadline)


def test_commitment_is_followed_by_an_open_end(company: Company) -> None:
    contract = of(company, "CT-008")
    assert isinstance(contract.term, TermClause)
    assert contract.term.minimum == Tenor(years=3)
    plan = term_plan(contract)
    assert not isinstance(plan, Unknown)
    assert plan.indefinite
    assert plan.initial_last_day == date(2026, 6, 30)


def test_notices_are_counted_in_every_way(company: Company) -> None:
    notices = [c.notice for c in company.contracts if isinstance(c.notice, NoticeClause)]
    assert {notice.reference for notice in notices} == set(NoticeReference)
    assert {notice.effect for notice in notices} == set(NoticeEffect)
    assert any(notice.not_before for notice in notices)
    assert any(notice.deemed_days and notice.effect is NoticeEffect.RECEIPT for notice in notices)
    assert any(notice.clear_days for notice in notices)


def served(contract: Contract) -> NonRenewalNotified:
    return next(event for event in contract.events if isinstance(event, NonRenewalNotified))


def test_notice_served_in_time_ends_the_running_term(company: Company) -> None:
    contract = of(company, "CT-005")
    before = attrs.evolve(contract, events=contract.events[:-1])
    deadline = next_notice_deadline(before, date(2026, 8, 1))
    assert isinstance(deadline, Deadline)
    assert served(contract).received_on == date(2026, 8, 12) <= deadline.last_day
    assert last_day_in_force(contract, company.today) == deadline.ends_on == date(2026, 11, 29)


def test_notice_served_late_ends_the_following_term(company: Company) -> None:
    contract = of(company, "CT-009")
    deadline = first_notice_deadline(contract)
    assert isinstance(deadline, Deadline)
    assert served(contract).served_on > deadline.last_day == date(2026, 6, 30)
    assert last_day_in_force(contract, company.today) == date(2027, 9, 30)


def test_amended_price_holds_from_the_middle_of_the_year(company: Company) -> None:
    contract = of(company, "CT-007")
    prices = {
        day: [str(agreed.clause.price) for agreed in agreed_prices(contract, day)]
        for day in (date(2026, 6, 30), date(2026, 7, 1))
    }
    assert prices == {date(2026, 6, 30): ["5.60 EUR"], date(2026, 7, 1): ["5.95 EUR"]}
    assert annual_recurring_value(contract, date(2026, 6, 30)) == (Money("49848.00", "EUR"),)
    assert annual_recurring_value(contract, date(2026, 7, 1)) == (Money("52536.00", "EUR"),)


def test_dates_that_nobody_knows_are_there(company: Company) -> None:
    redacted = of(company, "CT-056").effective_on
    assert isinstance(redacted, PartialDate)
    assert redacted.redacted
    endless = [c for c in company.contracts if isinstance(c.term, TermClause) and isinstance(c.term.ends_on, Perpetual)]
    assert len(endless) >= 2
    missing = of(company, "CT-057").term
    assert isinstance(missing, Unknown)
    assert "missing from the scan" in missing.reason


def test_family_tree_has_every_branch(company: Company) -> None:
    below = [c for c in company.contracts if c.parent == "CT-001"]
    assert {c.relation for c in below} == {Relation.UNDER, Relation.SCHEDULE}
    assert len(below) == 3
    relations = {c.relation for c in company.contracts}
    assert {Relation.RENEWS, Relation.REPLACES} <= relations
    replaced = of(company, "CT-025").events[-1]
    assert isinstance(replaced, Superseded)
    assert of(company, replaced.successor).parent == "CT-025"


def test_every_stage_is_reached_on_the_day(company: Company) -> None:
    stages = {stage_of(contract, company.today).stage for contract in company.contracts}
    assert stages == REACHABLE


# The sample keeps no ledgers of norms, where a completion would be looked up.
WITHOUT_LEDGERS = CHARTS.replacing(all_norms_discharged, lambda *_: "")


def test_every_history_can_be_replayed(company: Company) -> None:
    for contract in company.contracts:
        assert contract.events
        replayed = attrs.evolve(contract, events=())
        for event in contract.events:
            replayed = advance(replayed, event, charts=WITHOUT_LEDGERS)
        assert replayed == contract
        assert stage_of(contract, company.today).ignored == ()


def obligations(company: Company) -> list[tuple[Contract, Obligation]]:
    return [(contract, owed) for contract in company.contracts for owed in contract.obligations]


def test_obligations_are_due_in_every_way(company: Company) -> None:
    dues = [owed.due for _, owed in obligations(company)]
    assert any(isinstance(due, DueOn) for due in dues)
    every = {(str(due.every), due.first_on.day) for due in dues if isinstance(due, DueEvery)}
    assert {("P1M", 31), ("P3M", 31)} <= every
    assert {due.trigger for due in dues if isinstance(due, DueAfter)} == set(Trigger)
    moved = {owed.convention for _, owed in obligations(company)}
    assert {Convention.NONE, Convention.FOLLOWING, Convention.PRECEDING, Convention.MODIFIED_FOLLOWING} <= moved
    assert any(owed.grace for _, owed in obligations(company))
    assert any(owed.amount for _, owed in obligations(company))
    assert any(owed.survives for _, owed in obligations(company))
    assert any(owed.condition for _, owed in obligations(company))


def test_business_days_move_some_due_days(company: Company) -> None:
    until = company.today.replace(year=company.today.year + 1)
    entries = agenda(company.contracts, company.today, until, BUILT_IN).entries
    assert any(len(entry.steps) > 1 for entry in entries if entry.kind is EntryKind.OBLIGATION)


def test_every_performance_is_for_a_day_that_was_due(company: Company) -> None:
    performed = [(contract, owed, p) for contract, owed in obligations(company) for p in owed.performances]
    assert len(performed) >= 12
    for contract, owed, done in performed:
        around = (done.for_due - timedelta(days=10), done.for_due + timedelta(days=10))
        anchors = contract_anchors(contract, done.on)
        found = occurrences(owed, *around, anchors=anchors, calendar=calendar_of(contract, BUILT_IN))
        assert not isinstance(found, Unknown)
        assert done.for_due in {occurrence.due_on for occurrence in found}, owed.id


def test_obligations_are_met_in_full_in_parts_and_not_at_all(company: Company) -> None:
    shares = {done_by(owed, p.for_due, company.today) for _, owed in obligations(company) for p in owed.performances}
    assert Decimal(1) in shares
    assert any(0 < share < 1 for share in shares)
    assert any(not owed.performances for _, owed in obligations(company))
    assert any(done.on > done.for_due for _, owed in obligations(company) for done in owed.performances)


def kinds_of_restriction(company: Company) -> set[RestrictionKind]:
    return {c.kind for contract in company.contracts for c in contract.clauses if isinstance(c, Restriction)}


def test_every_sort_of_clause_is_there(company: Company) -> None:
    found = {type(clause) for contract in company.contracts for clause in contract.clauses}
    wanted = {
        LiabilityCap, PaymentClause, PriceClause, PriceRevisionClause, Restriction, TerminationRight, VolumeCommitment,
    }  # fmt: skip
    assert wanted <= found
    assert {
        RestrictionKind.EXCLUSIVITY,
        RestrictionKind.MOST_FAVOURED_CUSTOMER,
        RestrictionKind.TERRITORY,
        RestrictionKind.NON_COMPETE,
    } <= kinds_of_restriction(company)


def test_one_product_is_exclusive_to_one_customer_in_france(company: Company) -> None:
    exclusive = [
        (contract.counterparty, clause.products)
        for contract in company.contracts
        for clause in contract.clauses
        if isinstance(clause, Restriction)
        and clause.kind is RestrictionKind.EXCLUSIVITY
        and clause.territories == ("FR",)
    ]
    assert exclusive == [("P-2002", ("PR-CASE",))]


def test_disputes_are_open_and_closed_and_about_what_exists(company: Company) -> None:
    contracts = {contract.id: contract for contract in company.contracts}
    still_open = [dispute for dispute in company.disputes if dispute.open_on(company.today)]
    assert len(still_open) == 2
    assert len(company.disputes) - len(still_open) == 3
    for dispute in company.disputes:
        contract = contracts[dispute.contract]
        named = {clause.citation for clause in contract.clauses} | {o.citation for o in contract.obligations}
        assert dispute.citation in named | {""}
        assert dispute.obligation in {owed.id for owed in contract.obligations} | {None}


@pytest.mark.parametrize(("days", "least", "most"), [(10, 2, 2), (90, 8, 30)])
def test_notices_are_pressing(company: Company, days: int, least: int, most: int) -> None:
    until = company.today + timedelta(days=days)
    assert least <= sum(deadline.last_day <= until for deadline in dated(company).values()) <= most


@pytest.mark.parametrize(
    ("key", "day", "why"),
    [
        ("CT-006", date(2026, 12, 25), "Christmas Day"),
        ("CT-013", date(2027, 1, 31), "Sunday"),
    ],
)
def test_notice_falls_on_a_day_that_does_not_count(company: Company, key: ContractId, day: date, why: str) -> None:
    deadline, calendar = dated(company)[key], calendar_of(of(company, key), BUILT_IN)
    assert calendar is not None
    assert deadline.last_day == day
    assert calendar.why_closed(day) == why
    assert deadline.safe_day < day


def test_year_to_come_is_full(company: Company) -> None:
    coming = agenda(company.contracts, company.today, SAMPLE_TODAY.replace(year=2027), BUILT_IN)
    assert 90 <= len(coming.entries) <= 125
    assert {entry.kind for entry in coming.entries} == set(EntryKind)
    assert any(not undated.known for undated in coming.undated)
    assert any(undated.known for undated in coming.undated)
