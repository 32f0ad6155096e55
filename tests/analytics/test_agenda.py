"""The agenda holds what may still be done and what should be done to be safe, and nothing that is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from clmcrm.analytics.portfolio import EntryKind, agenda
from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.calendars.months import forward
from clmcrm.clm import events as e
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import next_notice_deadline
from clmcrm.clm.obligations import DueEvery, DueOn, Obligation, ObligationKind, Performance
from clmcrm.clm.stages import ACTIVE
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.errors import InvalidRecord
from clmcrm.sample.company import SAMPLE_TODAY, Company, load_company
from clmcrm.values.ids import AccountId, ContractId, ObligationId
from clmcrm.values.partial import Perpetual
from clmcrm.values.tenor import Tenor

BEGUN = date(2025, 1, 1)
DUE = date(2026, 1, 30)
UNTIL = timedelta(days=20)


def contract(*obligations: Obligation) -> Contract:
    since = datetime(BEGUN.year, BEGUN.month, BEGUN.day, 9, tzinfo=UTC)
    events = (e.RecordedAsExecuted(since, "registry"), e.Activated(since, "registry", effective_on=BEGUN))
    return Contract(
        id=ContractId("C"), title="supply", kind=ContractKind.SALES, effective_on=BEGUN, obligations=obligations,
        events=events,
    )  # fmt: skip


def report(grace: Tenor | None, **facts: object) -> Obligation:
    told: dict[str, object] = {
        "id": ObligationId("O"), "kind": ObligationKind.REPORT, "title": "report", "obligor": Party.OWN,
        "obligee": Party.COUNTERPARTY, "due": DueOn(day=DUE), "grace": grace,
    }  # fmt: skip
    return Obligation(**{**told, **facts})  # type: ignore[arg-type] # the facts are checked by the record


def listed(one: Obligation, as_of: date) -> list[date]:
    found = agenda([contract(one)], as_of, as_of + UNTIL).entries
    return [entry.safe_day for entry in found if entry.kind is EntryKind.OBLIGATION]


def test_an_entry_names_whoever_took_the_place_of_the_party() -> None:
    held = contract(report(None))
    moved = e.PartyAssigned(datetime(2026, 1, 5, 9, tzinfo=UTC), "registry", to=AccountId("B"))
    held = attrs.evolve(held, counterparty=AccountId("A"), events=(*held.events, moved))
    for as_of, who in ((date(2026, 1, 4), "A"), (date(2026, 1, 5), "B")):
        entries = agenda([held], as_of, as_of + 2 * UNTIL).entries
        assert {entry.counterparty for entry in entries} == {who}


@pytest.mark.parametrize("grace", [None, Tenor(days=10), Tenor(months=1), Tenor(months=2, days=3)])
def test_an_obligation_stays_until_its_days_of_grace_are_over(grace: Tenor | None) -> None:
    over = DUE if grace is None else forward(DUE, grace)
    for days in range(-40, 120):
        as_of = DUE + timedelta(days=days)
        assert listed(report(grace), as_of) == ([DUE] if DUE - UNTIL <= as_of <= over else []), as_of


def test_what_was_done_in_its_grace_is_left_out() -> None:
    done = report(
        Tenor(days=10), performances=(Performance(on=DUE + timedelta(days=3), for_due=DUE, share=Decimal(1)),)
    )
    assert listed(done, DUE + timedelta(days=2)) == [DUE]
    assert listed(done, DUE + timedelta(days=3)) == []


@pytest.mark.parametrize("named", [date(2026, 1, 31), date(2026, 2, 2)])
def test_what_was_done_for_the_agreed_day_or_the_moved_one_is_left_out(named: date) -> None:
    """The last day of January 2026 is a Saturday: it may be named by either day, as in its standing."""
    moved = report(None, due=DueOn(day=date(2026, 1, 31)), convention=Convention.FOLLOWING)
    done = attrs.evolve(moved, performances=(Performance(on=date(2026, 1, 20), for_due=named),))
    for one, days in ((moved, [date(2026, 2, 2)]), (done, [])):
        held = attrs.evolve(contract(one), governing_place="FR")
        found = agenda([held], date(2026, 1, 21), date(2026, 2, 10), BUILT_IN)
        assert [entry.day for entry in found.entries if entry.kind is EntryKind.OBLIGATION] == days


def test_a_period_that_ends_before_it_begins_is_refused_whatever_the_contracts() -> None:
    """Without an obligation among them it was an agenda of nothing."""
    with pytest.raises(InvalidRecord, match=r"agenda: until is .*; expected 2026-02-01 or later"):
        _ = agenda([], date(2026, 2, 1), date(2026, 1, 31))
    assert agenda([], date(2026, 2, 1), date(2026, 2, 1)).entries == ()


def test_of_what_recurs_each_due_day_is_listed_once() -> None:
    monthly = report(Tenor(days=45), due=DueEvery(every=Tenor(months=1), first_on=date(2026, 1, 31)))
    as_of = date(2026, 5, 1)
    # the last of March may be done until 15 May, the last of April until 14 June
    assert sorted(listed(monthly, as_of)) == [date(2026, 3, 31), date(2026, 4, 30)]


@pytest.fixture(scope="module")
def company() -> Company:
    return load_company()


@pytest.mark.parametrize("days", [0, 10, 30, 60, 90, 180, 400])
def test_a_notice_is_listed_once_its_safe_day_lies_inside(company: Company, days: int) -> None:
    until = SAMPLE_TODAY + timedelta(days=days)
    found = agenda(company.contracts, SAMPLE_TODAY, until, BUILT_IN).entries
    on_it = {entry.contract for entry in found if entry.kind is EntryKind.NOTICE}
    for one in company.contracts:
        answer = next_notice_deadline(one, SAMPLE_TODAY, BUILT_IN)
        if stage_of(one, SAMPLE_TODAY).stage in ACTIVE and isinstance(answer, Deadline):
            assert (one.id in on_it) == (answer.safe_day <= until), one.id


def test_a_notice_that_can_be_read_two_ways_is_listed_by_its_safe_day(company: Company) -> None:
    in_force = [one for one in company.contracts if stage_of(one, SAMPLE_TODAY).stage in ACTIVE]
    deadlines = [next_notice_deadline(one, SAMPLE_TODAY, BUILT_IN) for one in in_force]
    read_twice = [one for one in deadlines if isinstance(one, Deadline) and one.safe_day < one.last_day]
    assert read_twice
    for one in read_twice:
        between = agenda(company.contracts, SAMPLE_TODAY, one.safe_day, BUILT_IN).entries
        assert one in [entry.deadline for entry in between]


def test_one_contract_beyond_the_calendar_leaves_the_others_their_days(company: Company) -> None:
    """A notice in force from the last days there are: its period cannot be counted, and nobody else's suffers."""
    lost = attrs.evolve(
        contract(),
        id=ContractId("lost"),
        effective_on=date(9999, 12, 30),
        term=TermClause(ends_on=Perpetual()),
        renewal=RenewalClause(kind=RenewalKind.NONE),
        notice=NoticeClause(length=Tenor(months=1), reference=NoticeReference.END_OF_YEAR),
    )
    until = SAMPLE_TODAY + timedelta(days=90)
    alone = agenda(company.contracts, SAMPLE_TODAY, until, BUILT_IN)
    found = agenda([lost, *company.contracts], SAMPLE_TODAY, until, BUILT_IN)
    assert found.entries == alone.entries
    told = [one for one in found.undated if one.contract == lost.id]
    assert [one.known for one in told] == [False]
    assert "year 10000" in told[0].reason
