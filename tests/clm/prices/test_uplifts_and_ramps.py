"""Uplifts by basis and bounds, ramps with a stated renewal basis, and the lines that are left alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.lines import ContractLine
from clmcrm.clm.prices.ledger import Ledger, billed_on
from clmcrm.clm.prices.ramps import Ramp, RampBasis, RampSegment, ramp_of, renewal_basis
from clmcrm.clm.prices.repricing import repriced
from clmcrm.clm.prices.uplifts import Uplift, UpliftBasis, uplifted
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.ids import LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from making import contract

MONTH = Tenor(months=1)
LIST, LAST, COMPOUNDED = UpliftBasis.LIST, UpliftBasis.LAST, UpliftBasis.COMPOUNDED


def euros(amount: str | int) -> UnitPrice:
    return UnitPrice(amount, "EUR")


@pytest.mark.parametrize(
    ("basis", "times", "expected"),
    [
        (LIST, 1, "87.00"),  # 80 + 7 % of the list price of 100
        (LIST, 3, "101.00"),
        (LAST, 1, "85.60"),  # 80 + 7 % of 80
        (LAST, 3, "96.80"),
        (COMPOUNDED, 1, "85.60"),
        (COMPOUNDED, 3, "98.00"),  # 80 x 1.07^3 = 98.00344
        (COMPOUNDED, 0, "80.00"),
    ],
)
def test_the_basis_decides_what_three_uplifts_come_to(basis: UpliftBasis, times: int, expected: str) -> None:
    uplift = Uplift(percent=Decimal(7), basis=basis)
    assert uplifted(euros(80), uplift, times, list_price=euros(100)) == euros(expected)


def test_compounding_builds_on_exact_amounts_and_rounds_once() -> None:
    tiny = Uplift(percent=Decimal("0.4"))
    assert uplifted(euros("1.00"), tiny, 2) == euros("1.01")  # 1.008016; rounded each time it would stay 1.00
    once = uplifted(euros("1.00"), tiny)
    assert isinstance(once, UnitPrice)
    assert uplifted(once, tiny) == euros("1.00")


@pytest.mark.parametrize(
    ("percent", "minimum", "maximum", "expected"),
    [("1", "2", None, "104.00"), ("9", None, "5", "110.00"), ("3", "2", "5", "106.09"), ("-1", "0", None, "100.00")],
)
def test_bounds_limit_each_uplift_and_not_their_sum(
    percent: str, minimum: str | None, maximum: str | None, expected: str
) -> None:
    low, high = (None if bound is None else euros(bound) for bound in (minimum, maximum))
    assert uplifted(euros(100), Uplift(percent=Decimal(percent), minimum=low, maximum=high), 2) == euros(expected)


def test_a_rise_on_list_without_a_list_price_is_unknown() -> None:
    found = uplifted(euros(80), Uplift(percent=Decimal(3), basis=LIST))
    assert found == Unknown("the uplift is on the list price, and no list price is stated")


def test_a_price_never_falls_below_zero() -> None:
    assert uplifted(euros(80), Uplift(percent=Decimal(-60), basis=LAST), 3) == euros("0.00")


def test_a_fine_price_keeps_its_decimals() -> None:
    assert uplifted(euros("0.0035"), Uplift(percent=Decimal(10))) == euros("0.0039")


def test_bad_uplifts_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="at most the maximum"):
        Uplift(percent=Decimal(1), minimum=euros(2), maximum=euros(1))
    with pytest.raises(CurrencyMismatch):
        Uplift(percent=Decimal(1), minimum=euros(1), maximum=UnitPrice(2, "USD"))
    with pytest.raises(CurrencyMismatch):
        uplifted(euros(1), Uplift(percent=Decimal(1), minimum=UnitPrice(2, "USD")))
    with pytest.raises(InvalidRecord, match="zero or more"):
        uplifted(euros(1), Uplift(percent=Decimal(1)), -1)


@given(st.decimals("0.01", 10_000, places=2), st.decimals(0, 50, places=1), st.integers(2, 10))
def test_compounding_is_never_below_simple(price: Decimal, percent: Decimal, times: int) -> None:
    found = [uplifted(UnitPrice(price, "EUR"), Uplift(percent=percent, basis=b), times) for b in (LAST, COMPOUNDED)]
    simple, compounded = (one for one in found if isinstance(one, UnitPrice))
    assert simple.amount <= compounded.amount


def line(key: str, **changes: Any) -> ContractLine:
    facts: dict[str, Any] = {"id": LineId(key), "description": key, "price": euros(100), "recurrence": MONTH}
    return ContractLine(**(facts | changes))


def test_one_off_expired_and_future_lines_are_never_uplifted() -> None:
    """Pain 8 (OCA/contract#467, expired lines revised) and pain 20 (one-off taken for recurring)."""
    found = repriced(
        contract(
            lines=(
                line("setup", recurrence=None),
                line("old", last_day=date(2025, 12, 31)),
                line("today", first_day=date(2026, 1, 1), last_day=date(2026, 1, 1)),
                line("next", first_day=date(2026, 1, 2)),
                line("always"),
                line("unlisted", list_price=euros(50)),
            )
        ),
        date(2026, 1, 1),
        lambda one: uplifted(one.price, Uplift(percent=Decimal(3), basis=LIST), list_price=one.list_price),
    )
    assert [one.step.what for one in found] == [
        "one-off: never revised",
        "ended on 2025-12-31: not revised",
        "not known: the uplift is on the list price, and no list price is stated",
        "begins on 2026-01-02: not revised yet",
        "not known: the uplift is on the list price, and no list price is stated",
        "100 EUR becomes 101.50 EUR",
    ]
    assert [one.change for one in found[:5]] == [None] * 5
    change = found[5].change
    assert change is not None
    assert (change.line, change.price) == ("unlisted", euros("101.50"))


def segment(first: str, last: str | None, price: str | int, quantity: int = 1) -> RampSegment:
    span = Span(date.fromisoformat(first), None if last is None else date.fromisoformat(last))
    return RampSegment(span=span, price=euros(price), quantity=Decimal(quantity))


FIRST = segment("2026-01-01", "2026-12-31", 80, 10)
SECOND = segment("2027-01-01", "2027-06-30", 90, 20)
OPEN = segment("2027-07-01", None, 100, 20)


def test_a_ramp_says_what_holds_on_each_day() -> None:
    ramp = Ramp((FIRST, SECOND))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 7, 1))
    assert [ramp.on(day) for day in days] == [None, FIRST, FIRST, SECOND, None]


def test_a_renewal_starts_from_the_segment_that_is_named() -> None:
    ramp = Ramp((FIRST, SECOND))
    assert renewal_basis(ramp, RampBasis.FIRST) == euros(80)
    assert renewal_basis(ramp, RampBasis.LAST) == euros(90)


def test_a_ramp_stepping_in_mid_period_is_billed_day_by_day() -> None:
    ledger = Ledger(anchor_on=date(2026, 1, 1), every=Tenor(months=12), prices=Ramp((FIRST, SECOND)).prices)
    billed = billed_on(ledger, date(2028, 12, 31))
    assert [str(entry.amount) for entry in billed.entries] == ["800.00 EUR", "892.60 EUR"]  # 1800 x 181 / 365
    assert Ramp((FIRST, SECOND, OPEN)).prices[-1].amount == Money(2000, "EUR")


@pytest.mark.parametrize(
    "segments",
    [
        (),
        (FIRST, OPEN),
        (FIRST, segment("2026-12-31", None, 1)),
        (SECOND, FIRST),
        (OPEN, segment("2028-01-01", None, 1)),
    ],
)
def test_a_ramp_with_a_gap_or_an_overlap_is_refused(segments: tuple[RampSegment, ...]) -> None:
    with pytest.raises(InvalidRecord):
        Ramp(segments)


def test_a_ramp_in_two_currencies_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        Ramp((FIRST, RampSegment(span=SECOND.span, price=UnitPrice(1, "USD"))))


def step(key: str, of: RampSegment) -> ContractLine:
    span = of.span
    return line(key, ramp="r", first_day=span.first_day, last_day=span.last_day, price=of.price, quantity=of.quantity)


def test_lines_of_one_mark_make_a_ramp_in_any_order() -> None:
    lines = [
        step("b", SECOND),
        line("other", first_day=date(2026, 1, 1)),
        step("a", FIRST),
    ]
    assert ramp_of(lines, "r") == Ramp((FIRST, SECOND))
    assert ramp_of(lines, "s") == Unknown("no line belongs to a ramp 's'")
    assert ramp_of(lines, "") == Unknown("no line belongs to a ramp ''")
    assert ramp_of([line("a", ramp="r")], "r") == Unknown("line a of ramp r has no first day")


def test_a_ramp_costs_what_its_lines_cost() -> None:
    first, second = attrs.evolve(step("a", FIRST), discount=Decimal("0.125")), step("b", SECOND)
    ramp = ramp_of([first, second], "r")
    assert isinstance(ramp, Ramp)
    assert [segment.amount for segment in ramp.segments] == [first.amount, second.amount]
    off = ramp_of([attrs.evolve(first, discount_amount=Money(5, "EUR")), second], "r")
    assert off == Unknown("line a of ramp r has 5.00 EUR taken off each charge")
    yearly = ramp_of([first, attrs.evolve(second, recurrence=Tenor(years=1))], "r")
    assert yearly == Unknown("lines a and b of ramp r do not recur alike")


def test_a_ramp_has_no_price_of_more_digits_than_a_price_holds() -> None:
    third = attrs.evolve(step("a", FIRST), discount=Decimal(1) / Decimal(3), price=UnitPrice("9.99", "EUR"))
    assert ramp_of([third], "r") == Unknown("line a of ramp r costs 9.99 EUR less its discount: too many digits")


def test_a_year_and_twelve_months_recur_alike() -> None:
    first, second = (attrs.evolve(step(key, of), recurrence=length) for key, of, length in (
        ("a", FIRST, Tenor(years=1)), ("b", SECOND, Tenor(months=12)),
    ))  # fmt: skip
    assert ramp_of([first, second], "r") == Ramp((FIRST, SECOND))
