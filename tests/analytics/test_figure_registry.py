"""One registry: every result is defined in it, and what it says of a figure holds on books made by chance."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_books import PERIOD, TODAY, Book, a_part, made_book

from clmcrm.analytics.exposure import Measure, exposure, exposure_by_day
from clmcrm.analytics.figures import FIGURES, WINGS, definition_of
from clmcrm.clm.auto_renewals import renewed_by_omission
from clmcrm.clm.cycle_phases import CyclePhase
from clmcrm.clm.kpis import (
    amount_in_dispute,
    approval_compliance,
    cycle_time,
    cycle_time_by_phase,
    deadline_adherence,
    dispute_count,
    obligations_by_state,
)
from clmcrm.clm.leakage import missed_uplifts, unused_commitments
from clmcrm.clm.norms.obligation_chart import ObligationState
from clmcrm.clm.retention import customer_retention, revenue_retention
from clmcrm.crm.kpis import (
    average_deal_value,
    conversion_rate,
    customer_acquisition_cost,
    customer_lifetime_value,
    pipeline_velocity,
    sales_cycle,
    win_rate,
)
from clmcrm.crm.stage_conversion import conversion_by_cohort, conversion_by_owner
from clmcrm.errors import InvalidRecord
from clmcrm.parties.hierarchy import account_groups
from clmcrm.values.figures import Figure
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable

DOCS = Path(__file__).parents[2] / "docs"
ONE, HALF = Decimal(1), Decimal("0.5")


def rates(book: Book) -> RateTable:
    return RateTable(book.rates)


def one_phase(phase: CyclePhase, book: Book) -> Figure:
    return cycle_time_by_phase(book.contracts, PERIOD)[phase]


def one_state(state: ObligationState, book: Book) -> Figure:
    return obligations_by_state(book.contracts, TODAY)[state]


CONTRACT_SIDE: dict[str, Callable[[Book], Figure]] = {
    "cycle": lambda b: cycle_time(b.contracts, PERIOD),
    "approvals": lambda b: approval_compliance(b.contracts),
    "adherence": lambda b: deadline_adherence(b.contracts, PERIOD, TODAY),
    "omission": lambda b: renewed_by_omission(b.contracts, PERIOD, TODAY),
    "uplifts": lambda b: missed_uplifts(b.contracts, TODAY, "EUR", rates(b)),
    "commitments": lambda b: unused_commitments(b.contracts, {}, TODAY, "EUR", rates(b)),
    "customers": lambda b: customer_retention(b.contracts, PERIOD, groups=account_groups(b.accounts)),
    "revenue": lambda b: revenue_retention(b.contracts, PERIOD, "EUR", rates(b)),
    "yearly": lambda b: exposure(b.contracts, TODAY, rates(b), "EUR").whole,
    "committed": lambda b: exposure(b.contracts, TODAY, rates(b), "EUR", measure=Measure.COMMITTED).whole,
}
for each_phase in CyclePhase:
    CONTRACT_SIDE[f"phase {each_phase.value}"] = partial(one_phase, each_phase)
for each_state in ObligationState:
    CONTRACT_SIDE[f"state {each_state.value}"] = partial(one_state, each_state)
SALES_SIDE: dict[str, Callable[[Book], Figure]] = {
    "win": lambda b: win_rate(b.sales, PERIOD),
    "value": lambda b: average_deal_value(b.sales, PERIOD, "EUR", rates(b)),
    "length": lambda b: sales_cycle(b.sales, PERIOD),
    "velocity": lambda b: pipeline_velocity(b.sales, PERIOD, "EUR", rates(b)),
    "acquisition": lambda b: customer_acquisition_cost(b.costs, b.sales, PERIOD, "EUR", rates(b)),
    "lifetime": lambda b: customer_lifetime_value(b.sales, PERIOD, "EUR", margin=HALF, years=ONE, rates=rates(b)),
}
OTHERS: dict[str, Callable[[Book], Figure]] = {
    "conversion": lambda b: conversion_rate(b.leads, PERIOD),
    "disputes": lambda b: dispute_count(b.disputes, TODAY),
    "contested": lambda b: amount_in_dispute(b.disputes, TODAY, "EUR", rates(b)),
}
ALL = {**CONTRACT_SIDE, **SALES_SIDE, **OTHERS}
SHARES = ("conversion", "win", "approvals", "adherence", "customers")
PEOPLE = frozenset({"customer acquisition cost", "customer lifetime value", "customer retention", "revenue retention"})
"""Figures whose population are customers: one customer may have records in both parts."""
books = st.integers(0, 10**6).map(lambda seed: made_book(seed, size=16))


def parts_of(book: Book, chance: Random) -> tuple[Book, Book]:
    """The book's records dealt out to two books; rates and accounts are known to both."""
    one, other = (Book(book.seed, rates=book.rates, accounts=book.accounts) for _ in range(2))
    for name in ("leads", "sales", "costs", "contracts", "disputes"):
        for record in getattr(book, name):
            getattr(chance.choice([one, other]), name).append(record)
    return one, other


def test_every_name_stands_once_and_in_two_languages() -> None:
    assert len(FIGURES) == sum(len(wing) for wing in WINGS.values())
    for definition in FIGURES.values():
        said = (definition.name, definition.formula, definition.population, definition.period, definition.missing)
        assert [each.en for each in said if each.en == each.fr] == []


@pytest.mark.parametrize("name", ALL)
def test_a_result_points_back_to_its_definition(name: str) -> None:
    figure = ALL[name](made_book(1))
    assert definition_of(figure).formula.en == figure.formula


def test_a_figure_of_ones_own_is_not_taken_for_one_of_these() -> None:
    with pytest.raises(InvalidRecord, match="registry"):
        definition_of(Figure(name="my own", value=ONE, unit="x", formula="f", population=1))


def test_the_committed_page_is_the_generated_one() -> None:
    script = runpy.run_path(str(DOCS / "generate.py"))
    committed = (DOCS / "reference" / "figures.md").read_text(encoding="utf-8")
    assert committed == script["generated"]()["figures.md"], "run docs/generate.py"


@a_part(of=7)
@given(books, st.randoms(use_true_random=False))
def test_the_order_of_the_records_makes_no_difference(book: Book, chance: Any) -> None:
    mixed = Book(book.seed, **{k: list(v) for k, v in vars(book).items() if isinstance(v, list)})
    for records in (mixed.leads, mixed.sales, mixed.costs, mixed.accounts, mixed.contracts, mixed.disputes):
        chance.shuffle(records)
    for name, figure in ALL.items():
        one, other = figure(book), figure(mixed)
        assert (one.value, one.population) == (other.value, other.population), name
        assert sorted(map(str, one.left_out)) == sorted(map(str, other.left_out)), name
        assert set(one.rates) == set(other.rates), name


@a_part(of=7)
@given(books, st.randoms(use_true_random=False))
def test_what_is_additive_adds_up_over_any_partition(book: Book, chance: Any) -> None:
    one, other = parts_of(book, chance)
    for name, figure in ALL.items():
        whole, parts = figure(book), (figure(one), figure(other))
        if whole.name not in PEOPLE:
            assert whole.population == sum(part.population for part in parts), name
            found = sorted(str(left) for part in parts for left in part.left_out)
            assert sorted(map(str, whole.left_out)) == found, name
        if definition_of(whole).additive:
            assert whole.number == sum(part.number or 0 for part in parts), name


@a_part(of=4)
@given(books)
def test_a_share_lies_between_none_and_all(book: Book) -> None:
    for name in SHARES:
        figure = ALL[name](book)
        assert isinstance(figure.value, Unknown) == (figure.population == 0), name
        assert figure.number is None or 0 <= figure.number <= 1, name


@a_part(of=4)
@given(books)
def test_owners_and_cohorts_partition_the_leads(book: Book) -> None:
    whole = conversion_rate(book.leads, PERIOD)
    for parts in (conversion_by_owner(book.leads, PERIOD), conversion_by_cohort(book.leads, PERIOD)):
        assert sum(part.population for part in parts.values()) == whole.population
        assert sum(len(part.left_out) for part in parts.values()) == len(whole.left_out)
        converted = sum(round(part.population * (part.number or 0)) for part in parts.values())
        assert converted == round(whole.population * (whole.number or 0))


@a_part(of=4)
@given(books)
def test_the_phases_sum_to_the_cycle(book: Book) -> None:
    whole = cycle_time(book.contracts)
    phases = cycle_time_by_phase(book.contracts)
    summed = sum((figure.number or Decimal(0) for figure in phases.values()), Decimal(0))
    # Four roundings to a hundredth of a day on one side, one on the other.
    assert abs(summed - (whole.number or 0)) <= Decimal("0.025")


@a_part(of=7)
@given(books)
def test_exposure_is_the_same_money_whichever_way_it_is_cut(book: Book) -> None:
    alone = exposure(book.contracts, TODAY, rates(book), "EUR")
    grouped = exposure(book.contracts, TODAY, rates(book), "EUR", groups=account_groups(book.accounts))
    assert alone.whole == grouped.whole
    for found in (alone, grouped):
        assert found.whole.number == sum(row.value.amount for row in found.by_counterparty)
        assert found.whole.number == sum(row.converted.amount for row in found.by_currency)
        assert all(row.contracts == 1 or len(row.members) <= row.contracts for row in found.by_counterparty)
    assert exposure_by_day(book.contracts, [TODAY], rates(book), "EUR")[TODAY] == alone


def test_every_currency_without_a_rate_is_named_never_added() -> None:
    book = made_book(2)
    for name in ("value", "contested", "yearly", "committed"):
        with_rates = ALL[name](book)
        book_without = Book(book.seed, **{k: v for k, v in vars(book).items() if isinstance(v, list)})
        book_without.rates = []
        without = ALL[name](book_without)
        assert with_rates.rates, name
        assert not without.rates, name
        assert without.population < with_rates.population, name
        assert len(without.left_out) == len(with_rates.left_out) + with_rates.population - without.population, name
