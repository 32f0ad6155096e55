"""Dated rates that contradict each other are refused when the table is made."""

from __future__ import annotations

from datetime import date

import pytest

from clmcrm.errors import InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.rates import Rate, RateTable

DAY = date(2026, 1, 2)


def _rate(factor: str, *, on: date = DAY, source: str = "USD", by: str = "ECB") -> Rate:
    return Rate(source=source, target="EUR", on=on, factor=factor, by=by)


def test_two_factors_of_one_pair_and_day_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="one factor on 2026-01-02") as caught:
        _ = RateTable([_rate("0.90"), _rate("0.80", by="the bank")])
    assert (caught.value.record, caught.value.value) == ("RateTable USD to EUR", ("0.90", "0.80"))


def test_the_same_factor_told_twice_and_other_days_and_pairs_are_not() -> None:
    rates = [
        _rate("0.90"),
        _rate("0.9", by="the bank"),
        _rate("0.80", on=date(2026, 1, 3)),
        _rate("1.10", source="GBP"),
    ]
    assert RateTable(rates).convert(Money(100, "USD"), "EUR", DAY).money == Money("90.00", "EUR")
