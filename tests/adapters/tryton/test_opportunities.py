"""Opportunities of Tryton's: amounts as our records take them, and the one field that is written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.tryton.opportunities import opportunity_fields, unwritable
from clmcrm.codec.records import from_fields
from clmcrm.crm.opportunity import Opportunity
from clmcrm.ports.records import Fields

EURO = {"code": "EUR"}


def sold(amount: Decimal, price: Decimal) -> dict[str, Any]:
    """An opportunity with a sale of one line, as the reading of Tryton's rows gives it."""
    line = {
        "id": 3, "type": "line", "sequence": 1, "description": "Licence", "summary": "", "quantity": Decimal("1.0"),
        "unit.": None, "product": None, "unit_price": price,
    }  # fmt: skip
    return {
        "id": 1, "number": "7", "description": "Licences", "comment": None, "lost_reason": None, "reference": None,
        "party": 2, "employee": None, "amount": amount, "currency.": EURO, "state": "converted",
        "conversion_probability": Decimal("0.5"), "start_date": None, "end_date": None, "last_modified_at": None,
        "sales.": [{"id": 2, "state": "confirmed", "currency.": EURO, "lines.": [line]}],
    }  # fmt: skip


@given(st.decimals(0, 10**9, places=2), st.decimals(0, 10**6, places=8), st.integers(0, 4))
def test_an_opportunity_is_one_of_ours_whatever_the_form_of_its_numbers(
    amount: Decimal, price: Decimal, shift: int
) -> None:
    """A price of eight decimals that is zero is "0E-8" to Python, and a round amount may be "1E+3"."""
    round_amount = Decimal((0, amount.as_tuple().digits, shift))
    for told in (amount, round_amount):
        fields = {name: value for name, value in opportunity_fields(sold(told, price)).items() if value is not None}
        record = from_fields(Opportunity, {**fields, "id": "1"})
        assert isinstance(record, Opportunity)
        assert record.amount is not None
        assert record.amount.amount == told
        (line,) = record.lines
        assert line.unit_price is not None
        assert line.unit_price.amount == price


def test_a_free_line_of_eight_decimals() -> None:
    fields = opportunity_fields(sold(Decimal("1E+3"), Decimal("0.00000000")))
    assert fields["amount"] == {"amount": "1000", "currency": "EUR"}
    assert cast("Any", fields["lines"])[0]["unit_price"] == {"amount": "0.00000000", "currency": "EUR"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"contract": 7}, "contract is 7; expected a text"),
        ({"contract": ["C-1"]}, "contract is ['C-1']; expected a text"),
        ({"stage": "won"}, "Tryton keeps stage of an opportunity by itself"),
        ({"contract": "C-1"}, None),
        ({"contract": None}, None),
    ],
)
def test_only_the_link_to_the_contract_is_written(fields: Fields, why: str | None) -> None:
    assert unwritable(fields) == why
