"""Segments: three answers, composed as logic asks, and nothing guessed from a missing field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.crm.case import Case
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.segment import (
    Both,
    Comparison,
    Condition,
    Either,
    Opposite,
    Segment,
    Stated,
    Where,
    fulfils,
    select,
)
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account, AccountKind
from clmcrm.parties.addresses import Address
from clmcrm.values.ids import AccountId, CaseId, ContractId, OpportunityId, SegmentId
from clmcrm.values.money import Money
from clmcrm.values.partial import PartialDate

DURAND = Account(
    id=AccountId("a"),
    name="Durand SAS",
    kind=AccountKind.CUSTOMER,
    employees=250,
    revenue=Money(1000, "EUR"),
    billing_address=Address(city="Paris"),
    currency="EUR",
    tags=("steel",),
    created_on=date(2026, 1, 1),
)


@pytest.mark.parametrize(
    ("name", "comparison", "operand", "answer"),
    [
        ("name", Comparison.EQUALS, "durand sas", True),
        ("name", Comparison.STARTS_WITH, "DURAND", True),
        ("name", Comparison.CONTAINS, "and", True),
        ("name", Comparison.CONTAINS, "acme", False),
        ("kind", Comparison.EQUALS, "customer", True),
        ("kind", Comparison.EQUALS, AccountKind.SUPPLIER, False),
        ("employees", Comparison.MORE, 249, True),
        ("employees", Comparison.MORE, 250, False),
        ("employees", Comparison.LESS, Decimal("250.5"), True),
        ("employees", Comparison.EQUALS, 250, True),
        ("revenue", Comparison.MORE, Money(999, "EUR"), True),
        ("revenue", Comparison.LESS, Money(999, "EUR"), False),
        ("revenue", Comparison.MORE, Money(1, "USD"), None),
        ("created_on", Comparison.LESS, date(2026, 1, 2), True),
        ("billing_address.city", Comparison.EQUALS, "Paris", True),
        ("billing_address.region", Comparison.EQUALS, "Paris", None),
        ("shipping_address.city", Comparison.EQUALS, "Paris", None),
        ("tags", Comparison.CONTAINS, "steel", True),
        ("tags", Comparison.CONTAINS, "STEEL", True),
        ("tags", Comparison.CONTAINS, "coal", False),
        ("active", Comparison.EQUALS, True, True),
        ("country", Comparison.EQUALS, "FR", None),
        ("currency", Comparison.EQUALS, "EUR", True),
        ("currency", Comparison.EQUALS, "USD", False),
        ("revenue", Comparison.EQUALS, Money(1000, "EUR"), True),
        ("revenue", Comparison.EQUALS, Money(1000, "USD"), False),
        ("created_on", Comparison.EQUALS, date(2026, 1, 1), True),
    ],
)
def test_a_comparison_answers_yes_no_or_not_known(
    name: str, comparison: Comparison, operand: Any, answer: bool | None
) -> None:
    condition = Where(name, comparison, operand)
    assert fulfils(DURAND, condition) is answer
    assert fulfils(DURAND, Opposite(condition)) is (None if answer is None else not answer)


def test_a_way_through_an_unknown_value_decides_nothing() -> None:
    """The field is there on the records that state it: one that does not stops no selection."""
    this_year = Where("start_wanted_on.year", Comparison.EQUALS, 2026)
    sale = Opportunity(id=OpportunityId("o"), name="S")
    assert fulfils(sale, this_year) is None
    assert fulfils(sale, Stated("start_wanted_on.year")) is False
    assert fulfils(evolve(sale, start_wanted_on=date(2026, 3, 1)), this_year) is True
    assert fulfils(evolve(sale, start_wanted_on=PartialDate(year=2026)), this_year) is True


def test_a_partly_known_date_decides_nothing() -> None:
    sale = Opportunity(id=OpportunityId("o"), name="S", start_wanted_on=PartialDate(year=2026))
    assert fulfils(sale, Where("start_wanted_on", Comparison.LESS, date(2030, 1, 1))) is None


@pytest.mark.parametrize(
    ("comparison", "operand", "answer"),
    [
        (Comparison.EQUALS, date(2026, 5, 7), True),
        (Comparison.LESS, date(2026, 5, 7), False),
        (Comparison.LESS, date(2026, 5, 8), True),
        (Comparison.MORE, date(2026, 5, 6), True),
    ],
)
def test_an_instant_is_compared_by_its_day_in_its_own_zone(comparison: Comparison, operand: date, answer: bool) -> None:
    case = Case(id=CaseId("k"), opened_at=datetime.fromisoformat("2026-05-07T00:30+02:00"))
    assert fulfils(case, Where("opened_at", comparison, operand)) is answer


def test_an_empty_text_states_nothing() -> None:
    contract = Contract(id=ContractId("C"), title="Supply", kind=ContractKind.SALES)
    french = Where("governing_law", Comparison.EQUALS, "French law")
    assert fulfils(contract, Opposite(french)) is None
    assert fulfils(contract, Stated("governing_law")) is False


@pytest.mark.parametrize(
    "condition",
    [
        Where("colour", Comparison.EQUALS, "red"),
        Stated("colour"),
        Where("_private", Comparison.EQUALS, "x"),
        Where("employees", Comparison.LESS, "many"),
        Where("employees", Comparison.STARTS_WITH, 2),
        Where("revenue", Comparison.LESS, 5),
        Where("revenue", Comparison.CONTAINS, Money(5, "EUR")),
        Where("revenue", Comparison.STARTS_WITH, Money(5, "EUR")),
        Where("employees", Comparison.EQUALS, "250"),
        Where("created_on", Comparison.EQUALS, "2026-01-01"),
        Where("tags", Comparison.EQUALS, "steel"),
        Where("employees", Comparison.EQUALS, True),
        Where("employees", Comparison.MORE, False),
        Where("active", Comparison.EQUALS, 1),
        Where("active", Comparison.LESS, Decimal(2)),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(condition: Condition) -> None:
    with pytest.raises(InvalidRecord):
        fulfils(DURAND, condition)


def test_a_flag_is_compared_with_a_flag() -> None:
    assert fulfils(DURAND, Where("active", Comparison.EQUALS, True)) is True
    assert fulfils(DURAND, Where("active", Comparison.EQUALS, False)) is False


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity"])
def test_what_nothing_can_be_compared_with_is_no_operand(number: str) -> None:
    with pytest.raises(InvalidRecord, match="a finite Decimal"):
        Where("employees", Comparison.LESS, Decimal(number))


@pytest.mark.parametrize(("build", "part"), [(Both, (1,)), (Either, []), (Opposite, None)])
def test_only_conditions_can_be_put_together(build: Callable[[Any], Condition], part: object) -> None:
    with pytest.raises(InvalidRecord):
        _ = build(part)


YES, NO, DUNNO = Stated("name"), Stated("country"), Where("country", Comparison.EQUALS, "FR")


def conditions(*leaves: Condition) -> st.SearchStrategy[Condition]:
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: st.one_of(
            st.builds(Opposite, inner),
            st.builds(lambda parts: Both(tuple(parts)), st.lists(inner, max_size=3)),
            st.builds(lambda parts: Either(tuple(parts)), st.lists(inner, max_size=3)),
        ),
        max_leaves=6,
    )


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (Both((YES, DUNNO)), None),
        (Both((DUNNO, NO)), False),
        (Both((YES, YES)), True),
        (Both(()), True),
        (Either((NO, DUNNO)), None),
        (Either((DUNNO, YES)), True),
        (Either((NO, NO)), False),
        (Either(()), False),
    ],
)
def test_one_deciding_answer_settles_it_whatever_is_not_known(condition: Condition, answer: bool | None) -> None:
    assert fulfils(DURAND, condition) is answer


@given(st.lists(conditions(YES, NO, DUNNO), max_size=4))
def test_de_morgan_holds_for_all_three_answers(parts: list[Condition]) -> None:
    opposites = tuple(Opposite(part) for part in parts)
    assert fulfils(DURAND, Opposite(Both(tuple(parts)))) is fulfils(DURAND, Either(opposites))
    assert fulfils(DURAND, Opposite(Either(tuple(parts)))) is fulfils(DURAND, Both(opposites))


@given(conditions(YES, DUNNO), st.sampled_from(["FR", "DE"]))
def test_a_settled_answer_stays_when_more_becomes_known(condition: Condition, country: str) -> None:
    before = fulfils(DURAND, condition)
    after = fulfils(evolve(DURAND, country=country), condition)
    assert after is not None
    assert before in {None, after}


def test_a_selection_keeps_the_undecided_apart() -> None:
    french = Account(id=AccountId("f"), name="F", country="FR")
    german = Account(id=AccountId("d"), name="D", country="DE")
    segment = Segment(id=SegmentId("s"), name="French", entity="Account", condition=DUNNO)
    sale = Opportunity(id=OpportunityId("o"), name="S")
    chosen = select(segment, [DURAND, german, french, sale])
    assert chosen.members == (french,)
    assert chosen.undecided == (DURAND,)
