"""Co-terming as vendors' documents work it out, through the contract's own prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from clmcrm.clm.prices.coterm import cotermed
from clmcrm.values.money import Money, total
from clmcrm.values.span import Span

FILE = "renewal_math.json"


def spans(vector: Any) -> tuple[Span, Span]:
    days = {
        name: date.fromisoformat(vector[name]) for name in ("original_start", "original_end", "new_start", "new_end")
    }
    return Span(days["original_start"], days["original_end"]), Span(days["new_start"], days["new_end"])


@pytest.mark.vectors(FILE, "cotermination")
def test_a_cotermed_line_costs_its_days_and_its_uplift(vector: Any) -> None:
    old, new = spans(vector)
    factor = Decimal(vector["uplift_factor"])
    found = cotermed([Money(vector["original_price"], "USD")], old, new, uplift=(factor - 1) * 100)
    assert found.whole == Money(vector["expect"], "USD")
    assert found.factor == Fraction(vector["new_days"], vector["original_days"]) * Fraction(factor)
    assert f"{vector['new_days']}/{vector['original_days']} days" in found.step.what


@pytest.mark.vectors(FILE, "cotermination")
def test_cotermed_lines_sum_to_the_total_rounded_once(vector: Any) -> None:
    old, new = spans(vector)
    uplift = (Decimal(vector["uplift_factor"]) - 1) * 100
    price = Money(vector["original_price"], "USD")
    third = price.times(Decimal(1) / Decimal(3))
    lines = [third, third, price - third - third]
    found = cotermed(lines, old, new, uplift=uplift)
    assert found.whole == cotermed([price], old, new, uplift=uplift).whole
    assert total(found.amounts, "USD") == found.whole
