"""What cannot be answered is an error that says why, or an Unknown that names the clause: one test each."""

from __future__ import annotations

from datetime import date

import pytest

from clmcrm.analytics.portfolio import agenda
from clmcrm.calendars.adjustments import Convention
from clmcrm.calendars.calendar import EVERY_DAY, HolidayTable, Purpose
from clmcrm.calendars.catalogue import BUILT_IN, Catalogue
from clmcrm.calendars.regimes.known import regime
from clmcrm.calendars.schedules import PeriodicSchedule, resolve
from clmcrm.calendars.stubs import Stub
from clmcrm.clm.day_expressions import After, Facts, NthWorkingDay, OnDay, OnFact
from clmcrm.clm.days_found import day_of
from clmcrm.clm.deadlines import NoDeadline
from clmcrm.clm.events import NonRenewalNotified, Novated, RecordedAsExecuted, Superseded
from clmcrm.clm.kinds import Party
from clmcrm.clm.notice import end_after_notice, first_notice_deadline, last_day_in_force, next_notice_deadline
from clmcrm.clm.obligations import DueEvery, DueOn, Obligation, ObligationKind
from clmcrm.clm.renewals import term_plan
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.errors import ContradictorySchedule, InvalidRecord, OutsideCoverage, UnknownCalendar, UnknownRegime
from clmcrm.values.ids import ContractId, ObligationId
from clmcrm.values.partial import PartialDate, Unknown
from clmcrm.values.tenor import Tenor
from making import YEAR, at, contract

TODAY = date(2026, 1, 1)
ITALY_2026 = HolidayTable(
    name="Italy 2026", place="IT", purpose=Purpose.LEGAL, first_day=date(2026, 1, 1), last_day=date(2026, 12, 31)
)
SHORT = Catalogue((ITALY_2026,))
SIGNED = (RecordedAsExecuted(at("2024-05-20"), "ann"),)


def reason(answer: object) -> str:
    assert isinstance(answer, Unknown), answer
    return answer.reason


@pytest.mark.parametrize(
    "terms",
    [
        {"first_regular": date(2026, 5, 1)},  # after the end
        {"first_regular": date(2025, 12, 1)},  # before the beginning
        {"first_regular": date(2026, 3, 15), "last_regular": date(2026, 2, 15)},
        {"first_regular": date(2026, 2, 10), "last_regular": date(2026, 3, 15)},  # no whole months between
        {"stub": Stub.NONE, "first_regular": date(2026, 2, 15)},
        {"stub": Stub.SHORT_FINAL, "first_regular": date(2026, 2, 10)},
        {"stub": Stub.SHORT_INITIAL, "last_regular": date(2026, 3, 20)},
        {"frequency": None, "first_regular": date(2026, 2, 15)},
    ],
)
def test_contradictory_stub_dates_raise_and_name_the_dates(terms: dict[str, object]) -> None:
    facts = {"frequency": Tenor(months=1)} | terms
    with pytest.raises(ContradictorySchedule, match=r"20\d\d-\d\d-\d\d"):
        _ = resolve(
            PeriodicSchedule(
                first_day=date(2026, 1, 5),
                next_first_day=date(2026, 4, 15),
                **facts,  # type: ignore[arg-type] # each row is what a caller may write
            ),
            EVERY_DAY,
        )


def test_a_notice_longer_than_the_term_is_no_deadline_with_the_day_it_would_have_been() -> None:
    month = Tenor(months=1)
    short = contract(
        term=TermClause(initial=month), renewal=RenewalClause(kind=RenewalKind.TACIT, length=month, times=1)
    )
    for answer in (first_notice_deadline(short), next_notice_deadline(short, date(2024, 6, 1))):
        assert isinstance(answer, NoDeadline)
        assert "before the contract began" in answer.reason.en
        assert "2024-06-01" in answer.reason.fr


def test_an_unknown_regime_names_the_clause_the_term_or_the_obligation_that_names_it() -> None:
    with pytest.raises(UnknownRegime, match="DE_BGB"):
        _ = regime("XX")
    clause = NoticeClause(length=Tenor(months=3), regime="XX", citation="art. 9")
    assert "the notice clause (art. 9) names the regime 'XX'" in reason(
        next_notice_deadline(contract(notice=clause), TODAY)
    )
    until = After(start=OnFact(name="effective_on"), length=YEAR, regime="XX")
    ends = reason(term_plan(contract(term=TermClause(until=until))))
    assert "the term clause ends the term by a rule" in ends
    assert "no regime 'XX'" in ends
    owed = Obligation(
        id=ObligationId("O-1"), kind=ObligationKind.REPORT, title="report", obligor=Party.OWN,
        obligee=Party.COUNTERPARTY, due=DueOn(day=After(start=OnDay(day=TODAY), length=YEAR, regime="XX")),
    )  # fmt: skip
    (undated,) = agenda((contract(obligations=(owed,), events=SIGNED),), TODAY, date(2027, 12, 31)).undated
    assert "the due day of O-1 is not known" in undated.reason
    assert "no regime 'XX'" in undated.reason


def test_an_unknown_calendar_is_an_error_or_names_what_needs_it() -> None:
    with pytest.raises(UnknownCalendar, match="known calendars"):
        _ = BUILT_IN.calendar_for("ZZ")
    owed = Obligation(
        id=ObligationId("O-1"), kind=ObligationKind.REPORT, title="report", obligor=Party.OWN,
        obligee=Party.COUNTERPARTY, due=DueEvery(first_on=TODAY, every=YEAR), convention=Convention.FOLLOWING,
    )  # fmt: skip
    sample = contract(governing_place="ZZ", obligations=(owed,), events=SIGNED)
    (undated,) = agenda((sample,), TODAY, date(2026, 12, 31), BUILT_IN).undated
    assert undated.reason == "report: its days move to business days, and no calendar is known for its place"
    third = day_of(NthWorkingDay(number=3, of=OnDay(day=TODAY)), Facts())
    assert "working day 3 of 2026-01 needs a calendar" in reason(third)


def test_a_day_outside_the_calendar_names_the_clause_that_needs_it_and_nothing_is_guessed() -> None:
    clause = NoticeClause(length=Tenor(months=3), reference=NoticeReference.END_OF_TERM, citation="art. 9")
    sample = contract(governing_place="IT", notice=clause)
    later = date(2027, 1, 15)
    for answer in (next_notice_deadline(sample, later, SHORT), end_after_notice(sample, later, SHORT)):
        assert "the last day under the notice clause (art. 9) cannot be said" in reason(answer)
        assert "Italy 2026 covers 2026-01-01 to 2026-12-31" in reason(answer)
    served = NonRenewalNotified(at("2027-01-15"), "legal", side=Party.OWN, served_on=later)
    ended = last_day_in_force(contract(governing_place="IT", notice=clause, events=(served,)), later, SHORT)
    assert "notice was given on 2027-01-15" in reason(ended)
    with pytest.raises(OutsideCoverage):
        _ = ITALY_2026.why_closed(later)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"effective_on": PartialDate(year=2024)}, "2024-..-.."),
        ({"effective_on": PartialDate(year=2024, month=6)}, "2024-06-.."),
        ({"term": TermClause(ends_on=PartialDate(year=2026))}, "the end of the initial term is not known"),
        (
            {"term": TermClause(until=OnDay(day=PartialDate(month=5, day=31)))},
            "the term clause ends the term by a rule",
        ),
    ],
)
def test_a_half_known_date_is_never_completed(changes: dict[str, object], said: str) -> None:
    sample = contract(**changes)
    assert said in reason(next_notice_deadline(sample, TODAY))
    assert said in reason(last_day_in_force(sample, TODAY))


@pytest.mark.parametrize("event", [Superseded, Novated])
def test_a_successor_from_the_first_day_of_all_is_refused(event: type[Superseded | Novated]) -> None:
    with pytest.raises(InvalidRecord, match=r"from_day is .*; expected a day after 0001-01-01"):
        _ = event(at("2026-01-01"), "clm", successor=ContractId("C-2"), from_day=date.min)
