"""Numbers in a vendor's JSON: exact ones are taken, and none that would take the memory of the machine."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import SENT, SHOWN, money_sent, sent_value, shown_value

FORMS = ("number", "share", "whole")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("exponent", [29, -29, 999_999_999_999_999_999, -999_999_999_999_999_999])
def test_a_number_that_nobody_counts_with_is_a_misfit_that_names_its_field(form: str, exponent: int) -> None:
    with pytest.raises(Misfit, match=r"Quantity: .* is no number"):
        _ = shown_value("Quantity", form, Decimal(f"1E{exponent:+d}"))
    if form != "whole":
        with pytest.raises(Misfit, match=r"quantity: .* is no number"):
            _ = sent_value("quantity", form, f"1E{exponent:+d}")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("told", ["1_000", "\u0661\u0662", "\uff11", "1_0.5"])
def test_what_python_alone_reads_as_a_number_is_a_misfit(form: str, told: str) -> None:
    with pytest.raises(Misfit, match=r"Quantity: .* is no number"):
        _ = shown_value("Quantity", form, told)
    with pytest.raises(Misfit, match=r"amount: .* is no number"):
        _ = money_sent("amount", {"amount": told, "currency": "EUR"})


def test_a_number_of_any_form_is_exact() -> None:
    assert shown_value("Quantity", "number", Decimal("1.50E+3")) == "1500"
    assert shown_value("Probability", "share", Decimal("12.50")) == "0.125"
    assert sent_value("probability", "share", "0.125") == Decimal("12.500")
    assert shown_value("Quantity", "number", Decimal("0.00")) == "0"
    assert SHOWN.keys() - SENT.keys() == {"day"}


@pytest.mark.parametrize("said", ["soon", "1,5", "", " ", "1E+9999999999999999999999", "NaN"])
def test_a_text_that_is_no_number_is_named_in_words_for_people(said: str) -> None:
    if said:
        with pytest.raises(Misfit, match=f"probability: {re.escape(repr(said))} is no number"):
            _ = sent_value("probability", "share", said)
    with pytest.raises(Misfit, match=f"amount: {re.escape(repr(said))} is no number"):
        _ = money_sent("amount", {"amount": said, "currency": "EUR"})
