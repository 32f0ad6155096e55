"""Credits of a sale: to the cent, and never more than the sale."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from clmcrm.crm.opportunity import Opportunity, Split, SplitKind
from clmcrm.crm.splits import credited_amounts
from clmcrm.values.ids import OpportunityId, UserId
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown

THIRD = Decimal("0.3333")


def sale(amount: Money | None, *splits: Split, owner: UserId | None = None) -> Opportunity:
    return Opportunity(id=OpportunityId("o"), name="S", amount=amount, splits=splits, owner=owner)


@st.composite
def portions(draw: st.DrawFn) -> list[Decimal]:
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), max_size=6)))
    return [Decimal(high - low) / 10_000 for low, high in zip([0, *cuts], cuts, strict=False)]


@given(st.integers(-(10**9), 10**9), portions(), st.sampled_from(["EUR", "JPY", "TND"]))
def test_credits_and_the_rest_sum_to_the_amount(units: int, shares: list[Decimal], code: str) -> None:
    splits = [Split(owner=UserId(str(i)), portion=share) for i, share in enumerate(shares)]
    whole = Money(units, code)
    found = credited_amounts(sale(whole, *splits))
    assert not isinstance(found, Unknown)
    assert total((c.amount for c in found.credits), code) + found.uncredited == whole
    assert [c.owner for c in found.credits] == [s.owner for s in splits]


def test_three_thirds_of_four_decimals_leave_the_rest_visible() -> None:
    splits = [Split(owner=UserId(name), portion=THIRD) for name in "abc"]
    found = credited_amounts(sale(Money(10_000, "EUR"), *splits))
    assert not isinstance(found, Unknown)
    assert [str(c.amount) for c in found.credits] == ["3333.00 EUR"] * 3
    assert found.uncredited == Money(1, "EUR")


def test_overlay_stands_on_top_of_the_amount() -> None:
    overlay = Split(owner=UserId("expert"), portion=Decimal("0.5"), kind=SplitKind.OVERLAY)
    found = credited_amounts(sale(Money(100, "EUR"), overlay, owner=UserId("seller")))
    assert not isinstance(found, Unknown)
    assert [(c.owner, c.kind.value, str(c.amount)) for c in found.credits] == [
        ("seller", "revenue", "100.00 EUR"),
        ("expert", "overlay", "50.00 EUR"),
    ]
    assert found.uncredited == Money(0, "EUR")


def test_a_portion_may_have_more_digits_than_an_amount() -> None:
    fifteenth = Decimal(2) / 30
    shares = [Split(owner=UserId(kind.value), portion=fifteenth, kind=kind) for kind in SplitKind]
    found = credited_amounts(sale(Money(300, "EUR"), *shares))
    assert not isinstance(found, Unknown)
    assert [str(c.amount) for c in found.credits] == ["20.00 EUR", "20.00 EUR"]
    assert found.uncredited == Money(280, "EUR")


def test_without_owner_and_splits_nobody_is_credited() -> None:
    found = credited_amounts(sale(Money(100, "EUR")))
    assert not isinstance(found, Unknown)
    assert found.credits == ()
    assert found.uncredited == Money(100, "EUR")


def test_a_sale_without_an_amount_credits_nothing_known() -> None:
    assert isinstance(credited_amounts(sale(None)), Unknown)
