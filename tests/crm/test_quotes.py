"""Quotes: what the lines sum to, and every contradiction reported, none repaired."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from clmcrm.crm.lines import QuoteLine
from clmcrm.crm.quote import Quote, lines_total, quote_problems
from clmcrm.values.ids import LineId, QuoteId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.problems import Severity
from clmcrm.values.tiers import PriceModel, PriceTier


def line(key: str, price: str | None = "10", code: str = "EUR", **more: Any) -> QuoteLine:
    unit_price = None if price is None else UnitPrice(price, code)
    return QuoteLine(id=LineId(key), quantity=Decimal(2), unit_price=unit_price, **more)


def quote(*lines: QuoteLine, **more: Any) -> Quote:
    return Quote(id=QuoteId("q"), number="Q-7", currency="EUR", lines=lines, **more)


def test_the_chosen_lines_are_summed_and_optional_ones_are_not() -> None:
    found = quote(line("1"), line("2", "2.50"), line("3", "99", is_optional=True))
    assert lines_total(found) == Money(25, "EUR")


def test_a_line_without_a_price_leaves_the_sum_unknown() -> None:
    found = quote(line("1"), line("2", None), stated_total=Money(20, "EUR"))
    assert lines_total(found) is None
    assert [str(p) for p in quote_problems(found)] == ["quote Q-7, line 2: unit_price '' is missing"]


def test_a_quantity_beyond_the_tiers_is_reported_and_leaves_the_sum_unknown() -> None:
    tiers = (PriceTier(up_to=Decimal("1.5"), price=UnitPrice(5, "EUR")),)
    found = quote(line("1", None, price_model=PriceModel.VOLUME, tiers=tiers), stated_total=Money(20, "EUR"))
    assert lines_total(found) is None
    (problem,) = quote_problems(found)
    assert str(problem).startswith("quote Q-7, line 1: quantity '2' lies beyond the last tier")
    assert problem.expected == "at most 1.5"


def test_a_stated_total_unlike_the_lines_is_reported_and_kept() -> None:
    found = quote(line("1"), stated_total=Money(21, "EUR"))
    (problem,) = quote_problems(found)
    assert (problem.value, problem.expected) == ("21.00 EUR", "20.00 EUR")
    assert found.stated_total == Money(21, "EUR")
    assert quote_problems(quote(line("1"), stated_total=Money(20, "EUR"))) == ()


def test_a_line_in_another_currency_is_an_error_and_nothing_is_summed() -> None:
    (problem,) = quote_problems(quote(line("1", code="USD"), stated_total=Money(20, "EUR")))
    assert problem.severity is Severity.ERROR
    assert (problem.value, problem.expected) == ("USD", "EUR")


def test_a_total_or_a_tax_in_another_currency_is_an_error_also_where_no_line_has_a_price() -> None:
    dollars = {"stated_total": Money(20, "USD"), "stated_tax": Money(4, "USD")}
    for lines in ((line("1"),), (line("1", None),), ()):
        errors = [p for p in quote_problems(quote(*lines, **dollars)) if p.severity is Severity.ERROR]
        assert [(p.field, p.value, p.expected) for p in errors] == [
            ("stated_total", "20.00 USD", "EUR"),
            ("stated_tax", "4.00 USD", "EUR"),
        ]


def test_a_quote_may_be_accepted_on_its_last_day() -> None:
    found = quote(last_valid_day=date(2026, 5, 7))
    assert found.lapsed(date(2026, 5, 7)) is False
    assert found.lapsed(date(2026, 5, 8)) is True
    assert quote().lapsed(date(2026, 5, 8)) is None
