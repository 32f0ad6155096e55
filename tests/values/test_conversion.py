"""Amounts of several currencies in one: what could not be converted is named, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from clmcrm.values.conversion import DatedAmount, in_one_currency
from clmcrm.values.money import Money
from clmcrm.values.rates import RateTable

IN_DOLLARS = DatedAmount(record="sale 1", amount=Money(5, "USD"), on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("rates", "english", "french"),
    [
        (None, "is in USD and no rates were given", "est en USD et aucun taux n'est donné"),
        (
            RateTable([]),
            "no rate from USD to EUR on or before 2026-01-01; add one to the rate table",
            "aucun taux de USD en EUR jusqu'au 2026-01-01 ; à ajouter à la table des taux",
        ),
    ],
)
def test_what_cannot_be_converted_is_named_in_both_languages(
    rates: RateTable | None, english: str, french: str
) -> None:
    (left,) = in_one_currency([IN_DOLLARS], "EUR", rates).left_out
    assert (left.record, left.reason, left.said("en"), left.said("fr")) == ("sale 1", english, english, french)
