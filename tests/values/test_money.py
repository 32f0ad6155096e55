"""Money is exact, has one currency, and refuses what would make it a guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import add, ge, gt, le, lt, sub
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.codec.records import from_json, to_json
from clmcrm.errors import CurrencyMismatch, InvalidRecord, RateMissing
from clmcrm.values.currencies import currency
from clmcrm.values.exact import Rounding, exact_money, round_to
from clmcrm.values.figures import Figure
from clmcrm.values.money import Money, UnitPrice, rounded, shared_out, total
from clmcrm.values.rates import Rate, RateTable

# (code, decimals) from ISO 4217 list one; the exceptions are where software goes wrong.
DECIMALS = [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("ISK", 0), ("TND", 3), ("KWD", 3), ("CLF", 4), ("CHF", 2),
            ("MXV", 2), ("COU", 2), ("BOV", 2), ("CHE", 2), ("CHW", 2), ("USN", 2)]  # fmt: skip


@pytest.mark.parametrize(("code", "decimals"), DECIMALS)
def test_a_currency_has_its_own_number_of_decimals(code: str, decimals: int) -> None:
    assert currency(code).decimals == decimals
    assert Money(Decimal(1).scaleb(-decimals), code).amount > 0
    with pytest.raises(InvalidRecord, match="decimals"):
        _ = Money(Decimal(1).scaleb(-decimals - 1), code)


NO_AMOUNT = [
    1.5,
    True,
    "12,50",
    "NaN",
    "Infinity",
    "",
    None,
    Decimal("sNaN"),
    "1e99",
    "1_000",
    "\u0661\u0662",
    "1\u00a0000",
]


@pytest.mark.parametrize("amount", NO_AMOUNT)
def test_what_is_no_exact_amount_is_refused_by_name_and_value(amount: object) -> None:
    with pytest.raises(InvalidRecord) as refused:
        _ = Money(amount, "EUR")  # type: ignore[arg-type] # the refusal is what is tested
    assert refused.value.record == "Money"
    assert refused.value.field == "amount"
    assert refused.value.value is amount


@pytest.mark.parametrize("code", ["eur", "EU", "XXX", "", "US$", None, 978, ["EUR"]])
def test_an_unlisted_currency_is_refused(code: Any) -> None:
    with pytest.raises(InvalidRecord, match="ISO 4217"):
        _ = Money(1, code)


@pytest.mark.parametrize("other", [5, Decimal(5), "5", None])
@pytest.mark.parametrize("act", [add, sub, lt, le, gt, ge])
def test_what_is_no_money_never_meets_money(act: Any, other: object) -> None:
    with pytest.raises(InvalidRecord, match=r"amount is .*; expected Money in EUR") as refused:
        act(Money(1, "EUR"), other)
    assert refused.value.value == other


@pytest.mark.parametrize("rounding", ["ROUND_HALF", "half up", "", None])
def test_a_rounding_that_nobody_knows_is_refused(rounding: Any) -> None:
    with pytest.raises(InvalidRecord, match=r"expected ROUND_CEILING, ROUND_DOWN, .* or ROUND_UP") as refused:
        _ = Money(1, "EUR").times(2, rounding)
    assert (refused.value.field, refused.value.value) == ("rounding", rounding)
    with pytest.raises(InvalidRecord, match=r"expected ROUND_CEILING"):
        _ = rounded(Decimal(1), "EUR", rounding)


UPWARDS = {Rounding.HALF_UP, Rounding.UP, Rounding.CEILING}


@pytest.mark.parametrize("rounding", list(Rounding))
def test_what_is_longer_than_python_writes_is_rounded_like_the_rest(rounding: Rounding) -> None:
    """Python turns no whole number of more than 4,300 digits into a text."""
    long = round_to(Fraction(10**5001 + 5, 100), 1, rounding)
    assert Fraction(long) - 10**4999 == (Fraction(1, 10) if rounding in UPWARDS else 0)
    up = rounding in {Rounding.UP, Rounding.CEILING}
    assert round_to(Fraction(1, 10**6000), 2, rounding) == (Decimal("0.01") if up else 0)


def test_two_currencies_never_meet_in_one_sum() -> None:
    for act in (
        lambda: Money(1, "EUR") + Money(1, "USD"),
        lambda: Money(1, "EUR") - Money(1, "USD"),
        lambda: Money(1, "EUR") < Money(1, "USD"),
        lambda: total([Money(1, "EUR"), Money(1, "USD")], "EUR"),
    ):
        with pytest.raises(CurrencyMismatch, match="USD"):
            _ = act()


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0.0000001", "0.0000001"), ("1E-7", "0.0000001"), ("1E+5", "100000"), ("-0", "0"), ("0.0035", "0.0035"),
     ("5.00", "5.00"), ("0E-9", "0.000000000")],
)  # fmt: skip
def test_a_price_is_written_out_however_small(amount: str, written: str) -> None:
    price = UnitPrice(amount, "EUR")
    assert (str(price), repr(price)) == (f"{written} EUR", f"UnitPrice('{written}', 'EUR')")
    assert UnitPrice(written, "EUR") == price


def test_a_figure_is_written_out_however_small() -> None:
    figure = Figure(name="rate", value=Decimal("1.2E-7"), unit="share", formula="a / b", population=1)
    assert str(figure) == "rate: 0.00000012 share (a / b; 1 counted, 0 left out)"


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_figure_that_is_no_number_is_unknown_and_nothing_else(value: str) -> None:
    with pytest.raises(InvalidRecord, match=r"Figure rate: value is .*; expected a finite Decimal, or Unknown"):
        _ = Figure(name="rate", value=Decimal(value), unit="share", formula="a / b", population=1)


def test_equal_amounts_are_one_value() -> None:
    assert Money("5", "EUR") == Money("5.00", "EUR")
    assert {Money("5", "EUR"), Money("5.00", "EUR")} == {Money(5, "EUR")}
    assert repr(Money("5", "EUR")) == "Money('5.00', 'EUR')"


def test_nothing_is_nothing_and_never_less_than_nothing() -> None:
    """Equal amounts print alike, so that -0.00 never reads as a loss or a second value."""
    smallest = Money("-0.01", "EUR")
    for zero in (Money("-0", "EUR"), exact_money(Fraction(-1, 1000), "EUR"), smallest.times("0.1"), -Money(0, "EUR"),
                 *shared_out(smallest, [0, 1])[:1]):  # fmt: skip
        assert repr(zero) == "Money('0.00', 'EUR')"
    for rounding in Rounding:
        if rounding not in {Rounding.UP, Rounding.FLOOR}:
            assert str(round_to(Fraction(-1, 10**6), 4, rounding)) == "0.0000"
    assert str(round_to(Fraction(-1, 10**6), 4, Rounding.FLOOR)) == "-0.0001"


def test_a_price_per_unit_may_be_finer_than_the_currency() -> None:
    assert UnitPrice("0.0035", "EUR").times(1500) == Money("5.25", "EUR")
    with pytest.raises(InvalidRecord):
        _ = UnitPrice(-1, "EUR")


@pytest.mark.parametrize(("code", "whole"), [("EUR", 26), ("JPY", 28), ("TND", 25), ("CLF", 24)])
def test_the_longest_amount_can_be_reckoned_with_and_read_again(code: str, whole: int) -> None:
    """One digit more was an amount that nobody could add to, turn round or read: its decimals made it too long."""
    for kind in (Money, UnitPrice):
        longest = kind("9" * whole, code)
        assert from_json(kind, to_json(longest)) == longest
        for digits in ("9" * (whole + 1), "9" * 28 + "0" * (code == "JPY"), f"1E+{whole}"):
            with pytest.raises(InvalidRecord, match=r"amount is .*; expected a finite number of at most 28 digits"):
                _ = kind(digits, code)
    most = Money("9" * whole, code)
    assert -Money(f"-{most.amount}", code) == most + Money(0, code) == total([most], code) == most.times(1) == most


AMOUNTS = st.integers(-(10**9), 10**9).map(lambda cents: Money(Decimal(cents).scaleb(-2), "EUR"))


@given(AMOUNTS, st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
def test_the_parts_sum_to_the_whole_and_each_is_within_a_cent_of_its_share(whole: Money, weights: list[int]) -> None:
    parts = shared_out(whole, weights)
    assert total(parts, "EUR") == whole
    for part, weight in zip(parts, weights, strict=True):
        share = Fraction(whole.amount) * weight / sum(weights)
        assert abs(Fraction(part.amount) - share) < Fraction(1, 100)
        assert weight or part.amount == 0


@pytest.mark.parametrize("amount", ["Infinity", "-Infinity", "NaN", "sNaN", "1E+200", "1E+99999", "1E+28"])
def test_an_amount_that_no_money_holds_is_not_rounded(amount: str) -> None:
    with pytest.raises(InvalidRecord, match="at most 28 digits"):
        _ = rounded(Decimal(amount), "EUR")
    with pytest.raises(InvalidRecord, match="never a float"):
        _ = rounded(float(amount.replace("sNaN", "NaN")), "EUR")  # type: ignore[arg-type] # the refusal is tested


@pytest.mark.parametrize(
    "weights", [[], [0, 0], [1, -1], [0.5, 1], ["1"], [1, Decimal("NaN")], [Decimal("Infinity")], [None]]
)
def test_weights_that_share_nothing_are_refused(weights: list[Any]) -> None:
    with pytest.raises(InvalidRecord, match="weights"):
        _ = shared_out(Money(1, "EUR"), weights)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_sums_do_not_depend_on_the_order(a: Money, b: Money, c: Money) -> None:
    assert (a + b) + c == a + (b + c) == c + b + a
    assert a - b == -(b - a)


@pytest.mark.parametrize("factor", ["0", "-0.9", 0, "-0", 0.9, "abc", "NaN"])
def test_a_rate_is_a_number_above_zero(factor: Any) -> None:
    """A negative one turned what is owed into a claim; zero made every amount vanish."""
    with pytest.raises(InvalidRecord, match=r"Rate.*: factor is"):
        _ = Rate(source="USD", target="EUR", on=date(2026, 1, 2), factor=factor, by="a bank")


RATES = RateTable(
    [
        Rate(source="USD", target="EUR", on=date(2026, 1, 2), factor="0.90", by="a bank"),
        Rate(source="USD", target="EUR", on=date(2026, 6, 1), factor="0.80", by="a bank"),
    ]
)


@pytest.mark.parametrize(
    ("day", "euros"),
    [("2026-01-02", "90.00"), ("2026-05-31", "90.00"), ("2026-06-01", "80.00"), ("2030-01-01", "80.00")],
)
def test_a_conversion_uses_the_latest_rate_of_its_day_and_names_it(day: str, euros: str) -> None:
    """Pain 19: the rate is dated."""
    answer = RATES.convert(Money(100, "USD"), "EUR", date.fromisoformat(day))
    assert answer.money == Money(euros, "EUR")
    assert answer.rate is not None
    assert answer.rate.on <= date.fromisoformat(day)


def test_an_inverse_rate_serves_and_a_missing_one_is_an_error() -> None:
    assert RATES.convert(Money(90, "EUR"), "USD", date(2026, 2, 1)).money == Money(100, "USD")
    assert RATES.convert(Money(7, "EUR"), "EUR", date(1999, 1, 1)).rate is None
    with pytest.raises(RateMissing, match="2026-01-01"):
        _ = RATES.convert(Money(1, "USD"), "EUR", date(2026, 1, 1))
    with pytest.raises(RateMissing):
        _ = RATES.convert(Money(1, "USD"), "GBP", date(2026, 2, 1))


@pytest.mark.parametrize(("day", "euros"), [("2025-12-31", "90.00"), ("2026-01-01", "80.00"), ("2026-07-01", "50.00")])
def test_the_later_of_a_rate_and_its_inverse_counts(day: str, euros: str) -> None:
    table = RateTable(
        [
            Rate(source="USD", target="EUR", on=date(2020, 1, 1), factor="0.90", by="a bank"),
            Rate(source="EUR", target="USD", on=date(2026, 1, 1), factor="1.25", by="a bank"),
            Rate(source="EUR", target="USD", on=date(2026, 7, 1), factor="1.25", by="a bank"),
            Rate(source="USD", target="EUR", on=date(2026, 7, 1), factor="0.50", by="a bank"),
        ]
    )
    assert table.convert(Money(100, "USD"), "EUR", date.fromisoformat(day)).money == Money(euros, "EUR")


def test_a_replaced_currency_knows_its_last_day() -> None:
    assert currency("BGN").valid_on(date(2025, 12, 31))
    assert not currency("BGN").valid_on(date(2026, 1, 1))
    assert not currency("EUR").valid_on(date(1998, 12, 31))


def test_rounding_is_half_up_unless_asked() -> None:
    assert rounded(Decimal("0.125"), "EUR") == Money("0.13", "EUR")
    assert rounded(Decimal("0.125"), "EUR", "ROUND_HALF_EVEN") == Money("0.12", "EUR")


@given(st.integers(0, 10**26 - 1), st.integers(0, 10**26 - 1))
def test_the_largest_amounts_are_added_to_the_last_cent(a: int, b: int) -> None:
    left, right = (Money(Decimal(cents).scaleb(-2), "EUR") for cents in (a, b))
    assert Fraction((left + right).amount) == Fraction(a + b, 100)
