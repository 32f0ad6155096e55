"""Terms: anchored on the contract's first day, of different lengths, with or without an end."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.calendars.legal_time import term_last_day
from clmcrm.calendars.regimes.known import regime
from clmcrm.clm.renewals import legal_last_day, term_plan, terms
from clmcrm.clm.term_clauses import EndMeaning, RenewalClause, RenewalKind, TermClause
from clmcrm.clm.term_plans import TermKind
from clmcrm.values.partial import NOT_STATED, PartialDate, Perpetual, Unknown, known
from clmcrm.values.tenor import Tenor
from making import YEAR, contract

# (first day, length, last day, source)
LAST_DAYS = [
    ("2025-01-31", Tenor(months=1), "2025-02-28", "BGB 188(3): the month lacks the day"),
    ("2024-01-31", Tenor(months=1), "2024-02-29", "BGB 188(3), leap year"),
    ("2024-01-30", Tenor(months=1), "2024-02-29", "BGB 188(2): the day before the 30th is the 29th"),
    ("2025-03-01", Tenor(years=1), "2026-02-28", "BGB 188(2): the day before"),
    ("2023-03-01", Tenor(years=1), "2024-02-29", "BGB 188(2), leap year"),
    ("2024-02-29", Tenor(years=1), "2025-02-28", "BGB 188(3): the year lacks the day"),
    ("2024-02-29", Tenor(years=4), "2028-02-28", "BGB 188(2)"),
    ("2025-06-15", Tenor(days=30), "2025-07-14", "the first day counted"),
    ("2025-06-15", Tenor(weeks=2), "2025-06-28", "the first day counted"),
    (
        "2025-01-28",
        Tenor(months=1, days=10),
        "2025-03-09",
        "BGB 188(2): to the 27th, then ten days (months first, BGB 189)",
    ),
    (
        "2025-01-29",
        Tenor(months=1, days=10),
        "2025-03-10",
        "BGB 188(3): to the 28th, then ten days (months first, BGB 189)",
    ),
    (
        "2025-01-31",
        Tenor(months=1, days=10),
        "2025-03-10",
        "BGB 188(3): to the 28th, then ten days (months first, BGB 189)",
    ),
    ("2024-02-29", Tenor(years=1, weeks=1), "2025-03-07", "BGB 188(3): to 28 February, then seven days"),
]


@pytest.mark.parametrize(("first", "length", "last", "source"), LAST_DAYS)
def test_a_term_ends_on_its_legal_last_day(first: str, length: Tenor, last: str, source: str) -> None:
    assert legal_last_day(date.fromisoformat(first), length) == date.fromisoformat(last), source


@given(first=st.dates(date(1990, 1, 1), date(2060, 12, 31)), months=st.integers(0, 40), days=st.integers(0, 60))
@example(first=date(2025, 1, 31), months=1, days=10)
def test_the_term_is_what_the_law_counts_with_the_first_day(first: date, months: int, days: int) -> None:
    length = Tenor(months=months, days=days if months else days + 1)
    assert legal_last_day(first, length) == term_last_day(first, length, law=regime("DE_BGB")).day
    if months and days:
        # The days begin on the day after the months end.
        begin = legal_last_day(first, Tenor(months=months)) + timedelta(days=1)
        assert legal_last_day(first, length) == legal_last_day(begin, Tenor(days=days))


@pytest.mark.parametrize("kind", RenewalKind)
def test_no_term_follows_one_that_ends_with_the_calendar(kind: RenewalKind) -> None:
    """31 December 9999, as many systems write that there is no end."""
    endless = contract(
        term=TermClause(ends_on=date.max), renewal=RenewalClause(kind=kind, length=YEAR if kind != "none" else None)
    )
    plan = term_plan(endless)
    assert not isinstance(plan, Unknown)
    assert (plan.final_day, plan.index_on(date(2500, 1, 1)), plan.term(1), plan.end_of(1)) == (date.max, 0, None, None)
    found = terms(endless, date.max)
    assert not isinstance(found, Unknown)
    assert [(term.last_day, term.next_first_day) for term in found] == [(date.max, None)]


def test_terms_do_not_drift_over_month_ends() -> None:
    """Pain 6: a series from the 31st comes back to the 31st."""
    monthly = contract(
        effective_on=date(2025, 1, 31),
        term=TermClause(initial=Tenor(months=1)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(months=1)),
    )
    found = terms(monthly, date(2025, 6, 1))
    assert not isinstance(found, Unknown)
    assert [str(t.span) for t in found[:4]] == [
        "2025-01-31/2025-02-28",
        "2025-03-01/2025-03-30",
        "2025-03-31/2025-04-30",
        "2025-05-01/2025-05-30",
    ]


def test_initial_and_renewal_terms_of_different_length_are_not_mixed_up() -> None:
    """Pain 2."""
    mixed = contract(
        effective_on=date(2023, 4, 1),
        term=TermClause(initial=Tenor(months=36)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(months=12)),
    )
    found = terms(mixed, date(2027, 5, 1))
    assert not isinstance(found, Unknown)
    assert [(t.kind, str(t.span)) for t in found] == [
        (TermKind.INITIAL, "2023-04-01/2026-03-31"),
        (TermKind.RENEWAL, "2026-04-01/2027-03-31"),
        (TermKind.RENEWAL, "2027-04-01/2028-03-31"),
    ]


def test_a_commitment_then_open_ended_has_no_false_end() -> None:
    """Pains 3 and 5."""
    committed = contract(term=TermClause(initial=Tenor(months=24)), renewal=RenewalClause(kind=RenewalKind.INDEFINITE))
    found = terms(committed, date(2030, 1, 1))
    assert not isinstance(found, Unknown)
    assert [str(t.span) for t in found] == ["2024-06-01/2026-05-31", "2026-06-01/.."]
    assert found[-1].kind is TermKind.INDEFINITE


def test_n_renewals_then_the_end() -> None:
    twice = contract(renewal=RenewalClause(kind=RenewalKind.TACIT, length=YEAR, times=2))
    found = terms(twice, date(2099, 1, 1))
    assert not isinstance(found, Unknown)
    assert [t.index for t in found] == [0, 1, 2]
    none = contract(renewal=RenewalClause(kind=RenewalKind.TACIT, length=YEAR, times=0))
    only = terms(none, date(2099, 1, 1))
    assert not isinstance(only, Unknown)
    assert len(only) == 1  # 0 renewals is not "unlimited"


def test_a_stated_end_is_read_as_the_clause_says() -> None:
    inside = contract(term=TermClause(ends_on=date(2025, 5, 31), end_means=EndMeaning.LAST_DAY))
    after = contract(term=TermClause(ends_on=date(2025, 6, 1), end_means=EndMeaning.FIRST_DAY_AFTER))
    for sample in (inside, after):
        plan = term_plan(sample)
        assert not isinstance(plan, Unknown)
        assert plan.initial_last_day == date(2025, 5, 31)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"term": Unknown("the page is missing")}, "the page is missing"),
        ({"effective_on": PartialDate(year=2024, redacted=True)}, "the first day is not known"),
        ({"effective_on": NOT_STATED}, "the first day is not known"),
        ({"term": TermClause()}, "neither a length nor an end"),
        ({"term": TermClause(ends_on=PartialDate(year=2030))}, "the end of the initial term is not known"),
        ({"term": TermClause(ends_on=date(2020, 1, 1))}, "lies before the first day"),
    ],
)
def test_what_cannot_be_known_has_a_reason(changes: dict[str, object], reason: str) -> None:
    found = terms(contract(**changes), date(2030, 1, 1))
    assert isinstance(found, Unknown)
    assert reason in found.reason


def test_a_perpetual_contract_is_one_term_without_an_end() -> None:
    found = terms(contract(term=TermClause(ends_on=Perpetual())), date(2030, 1, 1))
    assert not isinstance(found, Unknown)
    assert [(t.kind, t.last_day) for t in found] == [(TermKind.INDEFINITE, None)]


LENGTHS = st.one_of(
    st.builds(Tenor, months=st.integers(1, 40)),
    st.builds(Tenor, days=st.integers(5, 400)),
    st.builds(Tenor, months=st.integers(1, 20), days=st.integers(1, 40)),
)


@given(
    first=st.dates(date(1990, 1, 1), date(2030, 12, 31)),
    initial=LENGTHS,
    length=LENGTHS,
    day=st.dates(date(1990, 1, 1), date(2060, 12, 31)),
)
def test_the_closed_form_finds_the_term_a_walk_finds(first: date, initial: Tenor, length: Tenor, day: date) -> None:
    sample = contract(
        effective_on=first,
        term=TermClause(initial=initial),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=length),
    )
    plan = term_plan(sample)
    assert not isinstance(plan, Unknown)
    index, last = 0, plan.initial_last_day
    while last is not None and last < day:
        index += 1
        term = plan.term(index)
        assert term is not None
        last = term.last_day
    assert plan.index_on(day) == index


@given(first=st.dates(date(1990, 1, 1), date(2030, 12, 31)), initial=LENGTHS, length=LENGTHS)
def test_terms_follow_one_another_without_gap_or_overlap(first: date, initial: Tenor, length: Tenor) -> None:
    sample = contract(
        effective_on=first,
        term=TermClause(initial=initial),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=length),
    )
    found = terms(sample, first + timedelta(days=2000))
    assert not isinstance(found, Unknown)
    for before, after in pairwise(found):
        assert before.next_first_day == known(after.first_day)
