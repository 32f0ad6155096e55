"""Stored derived dates: recomputed, compared and flagged with both values and the rule; never overwritten."""

from __future__ import annotations

from datetime import date

import pytest

from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.kinds import Party
from clmcrm.clm.stored_dates import StoredDates, stored_date_problems, term_contradictions
from clmcrm.clm.term_clauses import EndMeaning, NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.values.ids import AmendmentId
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.tenor import Tenor
from making import YEAR, at, contract

TODAY = date(2026, 1, 15)


def problem(stored: StoredDates, **changes: object) -> Problem:
    found = stored_date_problems(contract(**changes), stored, TODAY)
    assert len(found) == 1, found
    return found[0]


def test_dates_that_follow_from_the_clauses_are_no_problem() -> None:
    stored = StoredDates(
        system="vendor", notice_on=date(2026, 2, 28), ends_on=date(2026, 5, 31), renews_on=date(2026, 6, 1)
    )
    assert stored_date_problems(contract(), stored, TODAY) == ()


def test_the_notice_date_of_the_first_term_is_recognised() -> None:
    """Pain 1, found in stored data: the date was computed once and never again."""
    found = problem(StoredDates(system="vendor", notice_on=date(2025, 2, 28)))
    assert "the deadline of the first term" in found.what
    assert found.value == "2025-02-28"
    assert found.expected == "2026-02-28 (3 months before end of term; the contract, art. 9.2)"
    assert found.severity is Severity.ERROR


def test_end_minus_ninety_days_is_flagged_as_so_many_days_too_late() -> None:
    found = problem(StoredDates(system="vendor", notice_on=date(2026, 3, 2)))
    assert "2 days too late" in found.what


def test_a_date_that_only_another_reading_gives_is_flagged_with_the_spread() -> None:
    stored = StoredDates(system="vendor", notice_on=date(2026, 5, 2))
    found = problem(stored, notice=NoticeClause(length=Tenor(days=30)))
    assert "another reading (2026-05-01 to 2026-05-02 are arguable)" in found.what


def test_an_evergreen_contract_stored_with_a_false_end_is_flagged() -> None:
    """Pain 5."""
    found = problem(
        StoredDates(system="vendor", ends_on=date(2099, 12, 31)), renewal=RenewalClause(kind=RenewalKind.INDEFINITE)
    )
    assert "false end" in found.what
    assert found.expected == "no end"


@pytest.mark.parametrize(
    ("stored", "what", "severity"),
    [
        (StoredDates(system="v", ends_on=date(2026, 6, 1)), "the first day after the term", Severity.NOTE),
        (StoredDates(system="v", ends_on=date(2025, 5, 31)), "does not follow", Severity.ERROR),
        (StoredDates(system="v", renews_on=date(2026, 5, 31)), "the last day of the running term", Severity.NOTE),
        (StoredDates(system="v", renews_on=date(2026, 7, 1)), "does not follow", Severity.ERROR),
        (StoredDates(system="v", ends_on=PartialDate(year=2026)), "not fully known", Severity.NOTE),
    ],
)
def test_ends_and_renewal_dates_are_compared_as_what_they_mean(
    stored: StoredDates, what: str, severity: Severity
) -> None:
    found = problem(stored)
    assert what in found.what
    assert found.severity is severity


def test_what_cannot_be_recomputed_is_a_note_with_the_reason_and_no_verdict() -> None:
    found = problem(StoredDates(system="v", notice_on=date(2026, 2, 28)), notice=Unknown("the page is missing"))
    assert "cannot be checked: the notice period is not known: the page is missing" in found.what
    assert found.severity is Severity.NOTE


def test_after_a_served_notice_the_stored_notice_date_is_pointless() -> None:
    served = e.NonRenewalNotified(at("2026-01-10"), "legal", side=Party.OWN, served_on=date(2026, 1, 10))
    found = problem(StoredDates(system="v", notice_on=date(2026, 2, 28)), events=(served,))
    assert "no deadline" in found.what


@pytest.mark.parametrize(
    ("ends_on", "means", "contradicts"),
    [
        (date(2025, 5, 31), EndMeaning.UNSAID, False),
        (date(2025, 6, 1), EndMeaning.UNSAID, False),
        (date(2025, 6, 1), EndMeaning.LAST_DAY, True),
        (date(2025, 5, 31), EndMeaning.FIRST_DAY_AFTER, True),
        (date(2026, 5, 31), EndMeaning.UNSAID, True),
    ],
)
def test_a_stated_end_and_a_stated_length_must_agree(ends_on: date, means: EndMeaning, contradicts: bool) -> None:
    sample = contract(term=TermClause(initial=YEAR, ends_on=ends_on, end_means=means, citation="art. 2"))
    found = term_contradictions(sample)
    assert bool(found) == contradicts
    assert all("1 year from 2024-06-01" in one.what and "art. 2" in one.field for one in found)


def test_a_stated_end_that_an_amendment_put_right_is_no_problem() -> None:
    amended = Amendment(
        id=AmendmentId("A1"), title="end", base_version=0, effective_on=date(2024, 7, 1),
        term=TermClause(initial=YEAR, ends_on=date(2025, 5, 31)),
    )  # fmt: skip
    accepted = e.AmendmentAccepted(
        at("2024-06-20"), "clm", amendment=amended.id, base_version=0, effective_on=amended.effective_on
    )
    wrong = TermClause(initial=YEAR, ends_on=date(2025, 12, 31))
    sample = contract(term=wrong, amendments=(amended,), events=(accepted,))
    assert stored_date_problems(sample, StoredDates(system="v"), TODAY) == ()
    assert len(stored_date_problems(sample, StoredDates(system="v"), date(2024, 6, 30))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"renewal": RenewalClause(kind=RenewalKind.NONE), "effective_on": date(2025, 6, 1)},
        {"renewal": RenewalClause(kind=RenewalKind.TACIT, length=YEAR, times=1)},
        {"events": (e.NonRenewalNotified(at("2026-01-05"), "x", served_on=date(2026, 1, 5), side=Party.OWN),)},
        {"events": (e.Terminated(at("2026-01-05"), "x", ground=e.Ground.CAUSE, last_day=date(2026, 3, 31)),)},
    ],
    ids=["not renewed", "last permitted renewal", "notice served", "terminated"],
)
def test_a_stored_renewal_date_is_flagged_where_no_further_term_begins(changes: dict[str, object]) -> None:
    stored = StoredDates(system="v", renews_on=date(2026, 6, 1))
    (found,) = stored_date_problems(contract(**changes), stored, date(2026, 1, 15))
    assert found.what == "stands where no further term begins"
    assert found.severity is Severity.ERROR


def test_a_termination_after_the_next_renewal_leaves_that_renewal_standing() -> None:
    ending = e.Terminated(at("2026-01-05"), "x", ground=e.Ground.CAUSE, last_day=date(2026, 12, 31))
    stored = StoredDates(system="v", renews_on=date(2026, 6, 1), ends_on=date(2026, 12, 31))
    assert stored_date_problems(contract(events=(ending,)), stored, date(2026, 1, 15)) == ()


def test_a_contract_that_ends_with_the_calendar_has_its_stored_dates_checked() -> None:
    """31 December 9999, as many systems write that there is no end."""
    stored = StoredDates(system="vendor", ends_on=date(2026, 5, 31), renews_on=date(2026, 6, 1))
    found = stored_date_problems(contract(term=TermClause(ends_on=date.max)), stored, TODAY)
    assert [one.what for one in found] == ["does not follow from the clauses", "stands where no further term begins"]
    assert (
        stored_date_problems(
            contract(term=TermClause(ends_on=date.max)), StoredDates(system="vendor", ends_on=date.max), TODAY
        )
        == ()
    )
