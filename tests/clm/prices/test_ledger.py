"""The delta ledger: right after the first change of a period and after the tenth, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.calendars.day_counts import DayCount
from clmcrm.calendars.months import tile
from clmcrm.clm.lines import BillingTiming
from clmcrm.clm.prices.ledger import EntryKind, Ledger, LedgerEntry, PriceFrom, amended, billed_on, restated
from clmcrm.clm.prices.periods import period_index
from clmcrm.clm.prices.proration import BY_DAYS, ProrationMethod, ProrationPolicy, prorated, share
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.exact import Rounding, exact_money
from clmcrm.values.money import Money, total
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

MONTH, YEAR = Tenor(months=1), Tenor(years=1)
ANCHORS = st.dates(min_value=date(2023, 1, 1), max_value=date(2028, 12, 31))


def dollars(first_day: str, amount: int | str) -> PriceFrom:
    return PriceFrom(date.fromisoformat(first_day), Money(amount, "USD"))


def ledger(first_day: str, amount: int | str, every: Tenor, policy: ProrationPolicy = BY_DAYS) -> Ledger:
    first = dollars(first_day, amount)
    return Ledger(anchor_on=first.first_day, every=every, policy=policy, prices=(first,))


def changed(to: Ledger, first_day: str, amount: int | str) -> Ledger:
    change = dollars(first_day, amount)
    return amended(to, change, change.first_day)


def amounts(entries: tuple[LedgerEntry, ...]) -> list[str]:
    return [str(entry.amount.amount) for entry in entries]


def test_second_upgrade_in_a_period_is_credited_at_the_price_in_force_not_at_the_last_charge() -> None:
    """Pain 7: 499, then 998, then 1497 USD a year, the plans of antiwork/gumroad#6077 in whole days.

    342 of 365 days are unused at the first upgrade (93.70 %), 337 at the second (92.33 %).
    """
    signed_up = billed_on(ledger("2026-01-01", 499, YEAR), date(2026, 1, 1))
    first = changed(signed_up, "2026-01-24", 998)
    second = changed(first, "2026-01-29", 1497)

    assert amounts(second.entries) == ["499.00", "-467.56", "935.12", "-921.44", "1382.16"]
    day_by_day = Fraction(499 * 23 + 998 * 5 + 1497 * 337, 365)
    assert second.charged(0) == second.owed(0) == exact_money(day_by_day, "USD") == Money("1427.28", "USD")

    # The bug: the credit is reckoned from the last charge, 467.56, which is only a difference.
    last_charge = total((entry.amount for entry in second.entries[1:3]), "USD")
    period, unused = second.period(0), second.entries[3].covers
    wrong_credit = prorated(last_charge, period, unused)
    assert -second.entries[3].amount - wrong_credit == Money("489.75", "USD")


def test_upgrade_then_downgrade_to_the_same_price_costs_only_the_days_between() -> None:
    found = billed_on(ledger("2026-04-01", 30, MONTH), date(2026, 4, 1))
    found = changed(changed(found, "2026-04-11", 90), "2026-04-21", 30)
    assert found.charged(0) == Money(50, "USD")


def test_a_third_change_on_the_last_day_of_the_period_moves_one_day_only() -> None:
    found = billed_on(ledger("2026-01-01", 31, MONTH), date(2026, 1, 1))
    for day, amount in (("2026-01-11", 62), ("2026-01-21", 93), ("2026-01-31", 310)):
        found = changed(found, day, amount)
    assert found.charged(0) == Money(10 * 1 + 10 * 2 + 10 * 3 + 10, "USD")
    assert found.entries[-1].covers == Span(date(2026, 1, 31), date(2026, 1, 31))


def test_an_ended_line_is_credited_for_the_rest_and_never_charged_again() -> None:
    found = billed_on(ledger("2026-04-01", 30, MONTH), date(2026, 4, 1))
    found = billed_on(changed(found, "2026-04-11", 0), date(2026, 12, 31))
    assert amounts(found.entries) == ["30.00", "-20.00"]
    assert found.billed == 8


def test_a_backdated_change_touches_every_period_billed_since_and_no_other() -> None:
    found = billed_on(ledger("2026-01-01", 31, MONTH), date(2026, 3, 1))
    found = amended(found, dollars("2026-01-31", 62), date(2026, 3, 15))
    deltas = found.entries[3:]
    assert [str(entry.covers) for entry in deltas[::2]] == [
        "2026-01-31/2026-01-31",
        "2026-02-01/2026-02-28",
        "2026-03-01/2026-03-31",
    ]
    assert {entry.recorded_on for entry in deltas} == {date(2026, 3, 15)}
    assert [str(found.charged(k)) for k in range(3)] == ["32.00 USD", "62.00 USD", "62.00 USD"]


def test_a_change_ahead_of_billing_writes_no_delta_and_is_billed_in_runs() -> None:
    found = changed(billed_on(ledger("2026-04-01", 30, MONTH), date(2026, 4, 1)), "2026-05-16", 60)
    assert len(found.entries) == 1
    found = billed_on(found, date(2026, 5, 1))
    assert amounts(found.entries[1:]) == ["14.52", "30.96"]  # 15 and 16 days of May
    assert found.charged(1) == found.owed(1) == Money("45.48", "USD")


def test_arrears_are_billed_on_the_day_after_the_period_with_what_was_in_force() -> None:
    first = dollars("2026-04-01", 30)
    found = Ledger(anchor_on=first.first_day, every=MONTH, timing=BillingTiming.ARREARS, prices=(first,))
    assert billed_on(found, date(2026, 4, 30)).entries == ()
    found = billed_on(changed(found, "2026-04-16", 60), date(2026, 5, 1))
    assert amounts(found.entries) == ["15.00", "30.00"]


def test_a_first_period_begun_late_owes_its_days_only() -> None:
    found = Ledger(anchor_on=date(2026, 4, 1), every=MONTH, prices=(dollars("2026-04-21", 30),))
    assert amounts(billed_on(found, date(2026, 5, 1)).entries) == ["10.00", "30.00"]


def test_nothing_is_written_when_nothing_changes() -> None:
    found = billed_on(ledger("2026-04-01", 30, MONTH), date(2026, 4, 1))
    assert changed(found, "2026-04-11", 30).entries == found.entries
    assert billed_on(found, date(2026, 4, 30)) == found


def test_every_entry_says_why_in_both_languages() -> None:
    found = changed(billed_on(ledger("2026-04-01", 30, MONTH), date(2026, 4, 1)), "2026-04-11", 60)
    credit = found.entries[1]
    assert (credit.kind, credit.price) == (EntryKind.CREDIT, Money(30, "USD"))
    assert credit.step.said("en") == (
        "2026-04-11: credited as charged: 20 of 30 days (2026-04-11/2026-04-30) at 30.00 USD a period"
    )
    assert credit.step.said("fr").startswith("2026-04-11: avoir, tel que facturé : jours couverts : 20 sur 30")


@pytest.mark.parametrize(
    "prices",
    [
        (),
        (dollars("2026-02-01", 1), dollars("2026-01-01", 1)),
        (dollars("2026-01-01", 1), dollars("2026-01-01", 2)),
    ],
)
def test_prices_out_of_order_are_refused(prices: tuple[PriceFrom, ...]) -> None:
    with pytest.raises(InvalidRecord):
        Ledger(anchor_on=date(2026, 1, 1), every=MONTH, prices=prices)


def test_a_line_that_begins_before_its_anchor_is_billed_for_a_short_period_first() -> None:
    found = Ledger(anchor_on=date(2026, 2, 1), every=MONTH, prices=(dollars("2026-01-15", 31),))
    billed = billed_on(found, date(2026, 2, 1))
    assert [(str(entry.covers), str(entry.amount)) for entry in billed.entries] == [
        ("2026-01-15/2026-01-31", "17.00 USD"),
        ("2026-02-01/2026-02-28", "31.00 USD"),
    ]


def test_a_start_that_is_put_earlier_or_later_moves_what_was_billed() -> None:
    found = billed_on(ledger("2026-03-01", 31, MONTH), date(2026, 3, 1))
    earlier = restated(found, [dollars("2026-01-01", 31)], date(2026, 3, 2))
    assert [str(earlier.charged(k)) for k in (-2, -1, 0)] == ["31.00 USD"] * 3
    later = restated(earlier, [dollars("2026-02-15", 28)], date(2026, 3, 3))
    assert [str(later.charged(k)) for k in (-2, -1, 0)] == ["0.00 USD", "14.00 USD", "28.00 USD"]


@given(ANCHORS, st.sampled_from([MONTH, Tenor(days=10), Tenor(weeks=2), Tenor(months=1, days=3), YEAR]), st.data())
def test_a_day_lies_in_the_period_its_number_says(anchor: date, every: Tenor, data: st.DataObject) -> None:
    day = data.draw(st.dates(min_value=date(2010, 1, 1), max_value=date(2040, 12, 31)))
    assert day in tile(anchor, every, period_index(anchor, every, day))


def test_two_currencies_never_meet_in_one_ledger() -> None:
    found = billed_on(ledger("2026-04-01", 30, MONTH), date(2026, 4, 1))
    euros = PriceFrom(date(2026, 4, 11), Money(30, "EUR"))
    with pytest.raises(CurrencyMismatch):
        amended(found, euros, date(2026, 4, 11))
    with pytest.raises(CurrencyMismatch):
        restated(found, [euros], date(2026, 4, 11))


def by(count: DayCount) -> ProrationPolicy:
    return ProrationPolicy(method=ProrationMethod.DAY_COUNT, day_count=count)


POLICIES = st.sampled_from(
    [
        BY_DAYS,
        ProrationPolicy(rounding=Rounding.HALF_EVEN),
        ProrationPolicy(rounding=Rounding.DOWN),
        ProrationPolicy(method=ProrationMethod.MONTHS_AND_DAYS),
        ProrationPolicy(method=ProrationMethod.CALENDAR_MONTHS),
        by(DayCount.ACT_365F),
        by(DayCount.ACT_ACT_ISDA),
        by(DayCount.ACT_ACT_ICMA),
        by(DayCount.THIRTY_E_360),
        by(DayCount.THIRTY_360_ISDA),
    ]
)
RHYTHMS = st.sampled_from([MONTH, Tenor(months=3), YEAR])
CENTS = st.integers(0, 200_000).map(lambda cents: Money(Decimal(cents) / 100, "EUR"))
# Day of the change (days after the anchor), price, and on which day it is recorded.
CHANGES = st.lists(
    st.tuples(st.integers(1, 500), CENTS, st.integers(0, 600)), max_size=6, unique_by=lambda change: change[0]
)


def brute_force(found: Ledger, index: int) -> Money:
    """The period priced one day at a time in exact fractions, and dealt out to the days by largest remainder."""
    period = found.period(index)
    ideals: list[Fraction] = []
    before = Fraction(0)
    for n in range(period.days or 0):
        day = period.first_day + timedelta(n)
        until = share(period, Span(period.first_day, day), found.policy, per=found.every)
        in_force = [price.amount.amount for price in found.prices if price.first_day <= day]
        ideals.append(Fraction(in_force[-1] if in_force else 0) * (until - before) * 100)
        before = until
    exact = sum(ideals, Fraction(0))
    whole = _cents(exact, found.policy.rounding)
    dealt = [int(ideal) for ideal in ideals]
    by_remainder = sorted(range(len(ideals)), key=lambda n: (dealt[n] - ideals[n], n))
    for n in by_remainder[: whole - sum(dealt)]:
        dealt[n] += 1
    assert sum(dealt) == whole
    return Money(Decimal(sum(dealt)) / 100, "EUR")


def _cents(exact: Fraction, rounding: Rounding) -> int:
    floor, rest = divmod(exact, 1)
    if rounding is Rounding.DOWN or rest < Fraction(1, 2):
        return int(floor)
    if rest == Fraction(1, 2) and rounding is Rounding.HALF_EVEN:
        return int(floor) + int(floor) % 2
    return int(floor) + 1


@given(ANCHORS, RHYTHMS, POLICIES, CENTS, CHANGES)
def test_the_sum_of_the_ledger_is_the_price_in_force_day_by_day(
    anchor: date, every: Tenor, policy: ProrationPolicy, first: Money, changes: list[tuple[int, Money, int]]
) -> None:
    """Whatever changes, however often in one period, backdated or not, recorded in any order."""
    found = Ledger(anchor_on=anchor, every=every, policy=policy, prices=(PriceFrom(anchor, first),))
    for after, amount, recorded in sorted(changes, key=lambda change: change[2]):
        recorded_on = anchor + timedelta(recorded)
        found = amended(billed_on(found, recorded_on), PriceFrom(anchor + timedelta(after), amount), recorded_on)
        assert all(found.charged(k) == found.owed(k) for k in found.billed_since(anchor))
    found = billed_on(found, anchor + timedelta(600))
    assert len(found.billed_since(anchor)) > 1
    for index in found.billed_since(anchor):
        assert found.charged(index) == brute_force(found, index)


def test_a_price_that_changes_nothing_today_still_ends_one_recorded_later() -> None:
    found = billed_on(ledger("2026-04-01", 30, MONTH), date(2026, 4, 1))
    found = changed(found, "2026-04-21", 30)
    found = changed(found, "2026-04-11", 60)
    assert found.charged(0) == found.owed(0) == Money(40, "USD")


@given(
    ANCHORS, CENTS, st.lists(st.tuples(st.integers(1, 364), CENTS), min_size=1, max_size=3, unique_by=lambda c: c[0])
)
def test_the_order_in_which_changes_are_recorded_does_not_matter(
    anchor: date, first: Money, changes: list[tuple[int, Money]]
) -> None:
    begun = billed_on(Ledger(anchor_on=anchor, every=YEAR, prices=(PriceFrom(anchor, first),)), anchor)
    sums: set[Money] = set()
    for order in permutations(changes):
        found = begun
        for after, amount in order:
            found = amended(found, PriceFrom(anchor + timedelta(after), amount), anchor + timedelta(364))
        sums.add(found.charged(0))
    assert len(sums) == 1


@given(ANCHORS, RHYTHMS, CENTS, CHANGES)
def test_no_charge_is_below_zero_and_each_is_within_a_cent_of_exact(
    anchor: date, every: Tenor, first: Money, changes: list[tuple[int, Money, int]]
) -> None:
    found = billed_on(Ledger(anchor_on=anchor, every=every, prices=(PriceFrom(anchor, first),)), anchor)
    for after, amount, recorded in changes:
        found = amended(found, PriceFrom(anchor + timedelta(after), amount), anchor + timedelta(recorded))
    for entry in found.entries:
        sign = -1 if entry.kind is EntryKind.CREDIT else 1
        exact = sign * Fraction(entry.price.amount) * share(entry.period, entry.covers)
        assert sign * entry.amount.amount > 0
        assert abs(Fraction(entry.amount.amount) - exact) <= Fraction(1, 100)
