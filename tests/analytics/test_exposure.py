"""What is at stake on a day: by what was known then, counted once and rounded once."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.analytics.customer_view import agreed_facts
from clmcrm.analytics.exposure import Exposures, Measure, exposure, exposure_by_day
from clmcrm.clm import events as e
from clmcrm.clm.amendments import Amendment
from clmcrm.clm.contract import Contract
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.term_clauses import RenewalClause, RenewalKind, TermClause
from clmcrm.parties.accounts import Account
from clmcrm.values.ids import AmendmentId, LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable
from clmcrm.values.tenor import Tenor
from making import at, contract

BEGIN = date(2024, 6, 1)
YEAR = Tenor(years=1)
FIXED = {"term": TermClause(initial=Tenor(years=10)), "renewal": RenewalClause(kind=RenewalKind.NONE)}


def line(price: str, every: Tenor | None = YEAR, **more: Any) -> ContractLine:
    facts: dict[str, Any] = {"id": LineId("1"), "description": "seats", "price": UnitPrice(price, "EUR")}
    return ContractLine(recurrence=every, **(facts | more))


def running(*lines: ContractLine, **changes: Any) -> Contract:
    return advance(contract(lines=lines, **changes), e.RecordedAsExecuted(at("2024-05-20"), "archive"))


def at_stake(held: Contract, day: date, measure: Measure = Measure.YEAR) -> Exposures:
    return exposure([held], day, RateTable([]), "EUR", measure=measure)


def enlarged() -> Contract:
    """1500 a year since 1 July 2025, recorded on 1 December; 1000 until then."""
    more = Amendment(id=AmendmentId("A-1"), title="more", base_version=0, effective_on=date(2025, 7, 1),
                     lines_added=(line("500", id=LineId("2")),))  # fmt: skip
    held = attrs.evolve(running(line("1000"), **FIXED), amendments=(more,))
    return advance(held, e.AmendmentAccepted(at("2025-12-01"), "clm", amendment=more.id, base_version=0,
                                             effective_on=more.effective_on))  # fmt: skip


def test_an_amendment_that_reaches_back_counts_from_the_day_it_was_recorded() -> None:
    """Asking about a past day never sees what came later."""
    held = enlarged()
    days = [date(2025, 8, 1), date(2025, 11, 30), date(2025, 12, 1)]
    for measure, worth in ((Measure.YEAR, (1000, 1000, 1500)), (Measure.COMMITTED, None)):
        found = exposure_by_day([held], days, RateTable([]), "EUR", measure=measure)
        told = [found[day].whole.number for day in days]
        if worth is not None:
            assert told == list(worth)
        alone = [at_stake(running(line("1000"), **FIXED), day, measure).whole.number for day in days[:2]]
        assert told[:2] == alone


def test_the_view_of_a_customer_on_a_past_day_does_not_see_it_either() -> None:
    held = enlarged()
    assert held.counterparty is not None
    buyer = Account(id=held.counterparty, name="buyer")
    days = (date(2025, 8, 1), date(2025, 11, 30), date(2025, 12, 1))
    facts = [agreed_facts(buyer, [held], day, "EUR") for day in days]
    assert [found.yearly_value for found in facts] == [Money(worth, "EUR") for worth in (1000, 1000, 1500)]


def test_a_contract_of_unknown_stage_is_not_said_to_be_out_of_effect() -> None:
    (left,) = at_stake(running(line("1000"), effective_on=Unknown("the page is missing")), BEGIN).whole.left_out
    assert left.reason == (
        "its stage is not known: signed, but the effective date is not known: the page is missing"
    )  # fmt: skip


RHYTHMS = [Tenor(weeks=1), Tenor(months=1), Tenor(months=3), YEAR, Tenor(days=30), Tenor(months=1, days=15)]


@given(
    st.integers(1, 10**7).map(lambda n: Decimal(n).scaleb(-2)),
    st.sampled_from(RHYTHMS),
    st.integers(0, 3651),
    st.none() | st.integers(0, 4000),
)
def test_what_is_committed_is_the_exact_year_by_days_rounded_once(
    price: Decimal, every: Tenor, passed: int, last: int | None
) -> None:
    """A naive count of the definition: amount a year x days still to come / 365."""
    ends = date(2034, 5, 31)
    day = date.fromordinal(BEGIN.toordinal() + passed)
    until = None if last is None else date.fromordinal(BEGIN.toordinal() + last)
    found = at_stake(running(line(str(price), every, last_day=until), **FIXED), day, Measure.COMMITTED).whole
    months, days = every.months + 12 * every.years, every.days + 7 * every.weeks
    a_year = Fraction(price) / (Fraction(months, 12) + Fraction(days, 365))
    to_come = (min(ends, until or ends) - day).days
    owed = a_year * to_come / 365 if to_come > 0 and day <= ends else Fraction(0)
    cents = (Decimal(owed.numerator) * 100 / Decimal(owed.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    assert found.value == Money(cents.scaleb(-2), "EUR")


@pytest.mark.parametrize(("day", "worth"), [("2025-05-31", 0), ("2025-06-01", 365), ("2025-06-02", 0)])
def test_a_contract_of_one_day_is_at_stake_on_that_day(day: str, worth: int) -> None:
    one_day = {**FIXED, "effective_on": date(2025, 6, 1), "term": TermClause(initial=Tenor(days=1))}
    held = running(line("365"), **one_day)
    assert at_stake(held, date.fromisoformat(day)).whole.number == worth
    assert at_stake(held, date.fromisoformat(day), Measure.COMMITTED).whole.number == 0
