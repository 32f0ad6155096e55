"""What users of today's systems suffer from, on the side of the sale: pains 19 and 20, with their threads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from clmcrm.analytics.exposure import Measure, exposure
from clmcrm.clm import events as e
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.crm.forecast import forecast_sales
from clmcrm.crm.kpis import average_deal_value
from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import ForecastCategory, Opportunity, OpportunityStage
from clmcrm.crm.recurring import yearly_recurring
from clmcrm.values.ids import LineId, OpportunityId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import Rate, RateTable
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import at, contract

QUARTER = Span(date(2026, 1, 1), date(2026, 3, 31))
JANUARY = Rate(source="USD", target="EUR", on=date(2026, 1, 1), factor="0.90", by="ECB")
MARCH = Rate(source="USD", target="EUR", on=date(2026, 3, 1), factor="0.80", by="ECB")


def won(key: str, amount: Money, closed_on: date) -> Opportunity:
    return Opportunity(id=OpportunityId(key), name=key, stage=OpportunityStage.WON, amount=amount, closed_on=closed_on)


def test_pain_19_amounts_summed_in_the_wrong_currency_at_an_undated_rate() -> None:
    """SuiteCRM#9840, #9841; espocrm#1429; NPSP#5185."""
    sales = [
        won("euros", Money(100, "EUR"), date(2026, 2, 1)),
        won("early dollars", Money(100, "USD"), date(2026, 2, 1)),
        won("late dollars", Money(100, "USD"), date(2026, 3, 31)),
        won("yen", Money(100, "JPY"), date(2026, 2, 1)),
    ]
    figure = average_deal_value(sales, QUARTER, "EUR", RateTable([JANUARY, MARCH]))
    # (100 + 90 at January's rate + 80 at March's) / 3; a hundred yen are not a hundred euros
    assert figure.value == Money(90, "EUR")
    assert figure.rates == (JANUARY, MARCH)
    (yen,) = figure.left_out
    assert yen.record == "opportunity yen"
    assert "JPY" in yen.reason
    # Without any rate the dollars are left out and said; they never enter at par.
    bare = average_deal_value(sales, QUARTER, "EUR")
    assert (bare.value, bare.population, len(bare.left_out)) == (Money(100, "EUR"), 1, 3)
    # A rate that was published later does not exist yet.
    before = average_deal_value(sales, QUARTER, "EUR", RateTable([MARCH]))
    assert "opportunity early dollars" in {left.record for left in before.left_out}


def test_pain_19_a_forecast_says_which_rate_it_used_and_whom_it_left_out() -> None:
    sale = Opportunity(
        id=OpportunityId("o"),
        name="s",
        stage=OpportunityStage.PROPOSAL,
        amount=Money(100, "USD"),
        probability=Decimal("0.5"),
        forecast_category=ForecastCategory.PIPELINE,
        expected_close_on=date(2026, 5, 1),
    )
    dated = forecast_sales([sale], code="EUR", as_of=date(2026, 2, 1), rates=RateTable([JANUARY, MARCH]))
    assert (dated.cells[0].amount, dated.rates) == (Money(90, "EUR"), (JANUARY,))
    bare = forecast_sales([sale], code="EUR", as_of=date(2026, 2, 1))
    assert bare.cells == ()
    assert any("USD" in left.reason for left in bare.left_out)


ONCE = OpportunityLine(id=LineId("1"), description="installation", unit_price=UnitPrice(11_500, "EUR"))
MONTHLY = OpportunityLine(
    id=LineId("2"), description="licence", unit_price=UnitPrice("8.25", "EUR"), recurs_every=Tenor(months=1)
)


def test_pain_20_one_time_items_counted_as_recurring() -> None:
    """pax8labs/pax8-cli#710, #295: an installation made the recurring base 116 times too big."""
    sale = Opportunity(id=OpportunityId("o"), name="s", lines=(ONCE, MONTHLY))
    assert yearly_recurring(sale) == Money(99, "EUR")
    assert yearly_recurring(Opportunity(id=OpportunityId("p"), name="s", lines=(ONCE,))) == Money(0, "EUR")
    assert isinstance(yearly_recurring(Opportunity(id=OpportunityId("q"), name="s")), Unknown)


def test_pain_20_which_value_is_at_risk_is_said_by_the_name_of_the_measure() -> None:
    """customeros#7644: what recurs a year, and what is still owed before one can get out, are two figures."""
    licence = ContractLine(
        id=LineId("2"), description="licence", price=UnitPrice("100", "EUR"), recurrence=Tenor(months=1)
    )
    installation = ContractLine(id=LineId("1"), description="installation", price=UnitPrice("11500", "EUR"))
    agreement = contract(
        events=(e.RecordedAsExecuted(at("2024-06-01"), "clm"),),
        lines=(licence, installation),
        term=TermClause(initial=Tenor(years=1)),
        renewal=RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1)),
        notice=NoticeClause(length=Tenor(months=3), reference=NoticeReference.END_OF_TERM),
    )
    day = date(2025, 2, 1)
    year = exposure([agreement], day, RateTable([]), "EUR")
    assert (year.whole.name, year.whole.value) == ("annual recurring value in force", Money(1200, "EUR"))
    # Notice given today ends it on 31 May 2025: 119 days of 1200 EUR a year.
    committed = exposure([agreement], day, RateTable([]), "EUR", measure=Measure.COMMITTED)
    assert (committed.whole.name, committed.whole.value) == ("committed value", Money("391.23", "EUR"))
    # A month later the window has closed: it runs on to 31 May 2026, 456 days.
    later = exposure([agreement], date(2025, 3, 1), RateTable([]), "EUR", measure=Measure.COMMITTED)
    assert later.whole.value == Money("1499.18", "EUR")
