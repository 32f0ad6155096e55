"""What was charged and credited for a recurring price that changes in mid-period, right after every change.

The rule of the file: nothing is ever reckoned from the last charge. A period owes the price that was in
force day by day, exactly, rounded once; each entry is the difference between two rounded running totals, so
the entries of a period always sum to what it owes, after the first change and after the tenth. (A credit
taken from the last charge, which after one change is only a difference, overcharged a customer by 431.88 USD:
github.com/antiwork/gumroad/pull/6077.) Entries are added and never altered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

import attrs
from attrs import field, frozen

from clmcrm.calendars.months import tile
from clmcrm.clm.lines import BillingTiming
from clmcrm.clm.prices.periods import period_index
from clmcrm.clm.prices.proration import BY_DAYS, ProrationPolicy, share
from clmcrm.errors import CurrencyMismatch, InvalidRecord
from clmcrm.values.days import check_days
from clmcrm.values.exact import exact_money
from clmcrm.values.money import Money, total
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, instance, maybe, member, plain_date
from clmcrm.values.wording import Step, Wording

_ONE_DAY: Final = timedelta(days=1)


@frozen
class PriceFrom:
    """From `first_day` (counted) on, a whole period costs `amount`; zero once nothing is charged any more."""

    first_day: date = field(validator=plain_date)
    amount: Money = field(validator=instance(Money))


class EntryKind(StrEnum):
    """A charge for days at the price now in force, or a credit for days charged at another one."""

    CHARGE = "charge"
    CREDIT = "credit"


@frozen(kw_only=True)
class LedgerEntry:
    """One line for the invoice: `amount` (below zero for a credit) for the days `covers` of `period`.

    `recorded_on` is the day the period fell due or the change was recorded, `price` the price of a whole
    period that it is reckoned from, `step` why, in words.
    """

    kind: EntryKind = field(validator=member(EntryKind))
    recorded_on: date = field(validator=plain_date)
    period: Span = field(validator=instance(Span))
    covers: Span = field(validator=instance(Span))
    price: Money = field(validator=instance(Money))
    amount: Money = field(validator=instance(Money))
    step: Step = field(validator=instance(Step))


@frozen(kw_only=True)
class Ledger:
    """A recurring price, its history, and everything charged and credited for it so far.

    Periods of `every` are counted from `anchor_on` (period 0 begins there, earlier ones are below zero) and
    billed at their start or after their end (`timing`). `prices` is what has been in force from which day, in
    order, one a day; before the first nothing is owed. `billed` is the number of the last period billed (None:
    none yet): periods up to it may get deltas. Raises `InvalidRecord` for prices out of order and
    `CurrencyMismatch` for two currencies.
    """

    anchor_on: date = field(validator=plain_date)
    every: Tenor = field(validator=instance(Tenor))
    policy: ProrationPolicy = field(default=BY_DAYS, validator=instance(ProrationPolicy))
    timing: BillingTiming = field(default=BillingTiming.ADVANCE, validator=member(BillingTiming))
    prices: tuple[PriceFrom, ...] = field(validator=each(instance(PriceFrom)))
    billed: int | None = field(default=None, validator=maybe(instance(int)))
    entries: tuple[LedgerEntry, ...] = field(default=(), validator=each(instance(LedgerEntry)))

    def __attrs_post_init__(self) -> None:
        _check_prices(self.prices)

    def period(self, index: int) -> Span:
        """Period number `index`, both ends inside; the first price may begin inside it."""
        return tile(self.anchor_on, self.every, index)

    def billed_since(self, day: date) -> range:
        """The numbers of the periods billed from the one `day` lies in on, in order; empty when none is."""
        if self.billed is None:
            return range(0)
        return range(period_index(self.anchor_on, self.every, day), self.billed + 1)

    def owed(self, index: int) -> Money:
        """What period `index` costs by the prices in force on each of its days, rounded once."""
        period = self.period(index)
        return self.money(_cost(self, self.prices, period, period.next_first_day))

    def charged(self, index: int) -> Money:
        """What the entries of period `index` sum to: equal to `owed` as soon as the period is billed."""
        period = self.period(index)
        amounts = (entry.amount for entry in self.entries if entry.period == period)
        return total(amounts, self.prices[0].amount.currency)

    def money(self, exact: Fraction) -> Money:
        """An exact amount in the ledger's currency, rounded by its policy."""
        return exact_money(exact, self.prices[0].amount.currency, self.policy.rounding)


def billed_on(ledger: Ledger, day: date) -> Ledger:
    """The ledger with a charge for every period that falls due by `day` and is not billed yet.

    In advance a period falls due on its first day, in arrears on the day after its last. A period in which
    the price changes gets one charge for each price.

    >>> monthly = Ledger(anchor_on=date(2026, 4, 1), every=Tenor(months=1),
    ...                  prices=(PriceFrom(date(2026, 4, 1), Money(30, "EUR")),))
    >>> [str(entry.amount) for entry in billed_on(monthly, date(2026, 5, 1)).entries]
    ['30.00 EUR', '30.00 EUR']
    """
    check_days("billed_on", day=day)
    entries, billed = list(ledger.entries), ledger.billed
    first = period_index(ledger.anchor_on, ledger.every, ledger.prices[0].first_day)
    index = first if billed is None else billed + 1
    while (due_on := _due_on(ledger, index)) <= day:
        entries += _charges(ledger, ledger.period(index), due_on)
        billed, index = index, index + 1
    return attrs.evolve(ledger, entries=tuple(entries), billed=billed)


def amended(ledger: Ledger, change: PriceFrom, recorded_on: date) -> Ledger:
    """The ledger after a change of price, which holds from its first day until the next price there is.

    A change on a day that has one already replaces it. See `restated` for what is written.

    >>> monthly = Ledger(anchor_on=date(2026, 4, 1), every=Tenor(months=1),
    ...                  prices=(PriceFrom(date(2026, 4, 1), Money(30, "EUR")),))
    >>> billed = billed_on(monthly, date(2026, 4, 1))
    >>> upgraded = amended(billed, PriceFrom(date(2026, 4, 16), Money(60, "EUR")), date(2026, 4, 16))
    >>> [str(entry.amount) for entry in upgraded.entries], str(upgraded.owed(0))
    (['30.00 EUR', '-15.00 EUR', '30.00 EUR'], '45.00 EUR')
    """
    others = [price for price in ledger.prices if price.first_day != change.first_day]
    return restated(ledger, sorted([*others, change], key=lambda price: price.first_day), recorded_on)


def restated(ledger: Ledger, prices: Sequence[PriceFrom], recorded_on: date) -> Ledger:
    """The ledger with `prices` as its whole history, and the deltas this makes in the periods billed.

    In each period billed, all days from the first one whose price differs are credited as they were charged
    and charged as they cost now; the days before it are left alone. Raises `InvalidRecord` for prices out of
    order and `CurrencyMismatch` for another currency.
    """
    new = attrs.evolve(ledger, prices=tuple(prices))
    if new.prices[0].amount.currency != ledger.prices[0].amount.currency:
        raise CurrencyMismatch(ledger.prices[0].amount.currency.code, new.prices[0].amount.currency.code)
    changed_on = _first_difference(ledger.prices, new.prices)
    if changed_on is None:
        # Nothing to charge, but the history is kept: a price that equals the one before it still holds from its
        # day on when the earlier one is changed later.
        return new
    entries = list(ledger.entries)
    for index in ledger.billed_since(changed_on):
        period = ledger.period(index)
        if period.last_day is not None and changed_on <= period.last_day:
            tail = Span(max(changed_on, period.first_day), period.last_day)
            undone = [_entry(ledger, period, part, recorded_on, EntryKind.CREDIT) for part in _runs(ledger, tail)]
            charges = [_entry(new, period, part, recorded_on, EntryKind.CHARGE) for part in _runs(new, tail)]
            entries += [entry for entry in [*undone, *charges] if entry.amount.amount]
    return attrs.evolve(new, entries=tuple(entries))


def _check_prices(prices: Sequence[PriceFrom]) -> None:
    days = [price.first_day for price in prices]
    if not days or any(later <= day for day, later in pairwise(days)):
        raise InvalidRecord("Ledger", "prices", [str(day) for day in days], "at least one, in order, one a day")
    for price in prices[1:]:
        if price.amount.currency != prices[0].amount.currency:
            raise CurrencyMismatch(prices[0].amount.currency.code, price.amount.currency.code)


def _due_on(ledger: Ledger, index: int) -> date:
    return ledger.period(index if ledger.timing is BillingTiming.ADVANCE else index + 1).first_day


def _charges(ledger: Ledger, period: Span, recorded_on: date) -> list[LedgerEntry]:
    entries = [_entry(ledger, period, part, recorded_on, EntryKind.CHARGE) for part in _runs(ledger, period)]
    return [entry for entry in entries if entry.amount.amount]


def _runs(ledger: Ledger, days: Span) -> list[tuple[Span, Money]]:
    """`days` cut where the price changes, with the price of each run; days without a price are left out."""
    firsts = [price.first_day for price in ledger.prices]
    lasts = [*(first - _ONE_DAY for first in firsts[1:]), days.last_day]
    runs: list[tuple[Span, Money]] = []
    for price, last_day in zip(ledger.prices, lasts, strict=True):
        first, last = max(price.first_day, days.first_day), min(last_day or date.max, days.last_day or date.max)
        if first <= last:
            runs.append((Span(first, last), price.amount))
    return runs


def _cost(ledger: Ledger, prices: Sequence[PriceFrom], period: Span, before: date | None) -> Fraction:
    """The exact cost of the days of `period` that lie before `before`."""
    stops = [*(price.first_day for price in prices[1:]), before]
    cost = Fraction(0)
    for price, stop in zip(prices, stops, strict=True):
        until = min(stop or date.max, before or date.max)
        if price.first_day < until:
            weight = _share_before(ledger, period, until) - _share_before(ledger, period, price.first_day)
            cost += Fraction(price.amount.amount) * weight
    return cost


def _share_before(ledger: Ledger, period: Span, day: date) -> Fraction:
    """The share of the period that lies before `day`: differences of it add up, whatever the policy."""
    if day <= period.first_day:
        return Fraction(0)
    return share(period, Span(period.first_day, day - _ONE_DAY), ledger.policy, per=ledger.every)


def _entry(ledger: Ledger, period: Span, run: tuple[Span, Money], recorded_on: date, kind: EntryKind) -> LedgerEntry:
    days, price = run
    through = ledger.money(_cost(ledger, ledger.prices, period, days.next_first_day))
    amount = through - ledger.money(_cost(ledger, ledger.prices, period, days.first_day))
    return LedgerEntry(
        kind=kind,
        recorded_on=recorded_on,
        period=period,
        covers=days,
        price=price,
        amount=-amount if kind is EntryKind.CREDIT else amount,
        step=Step(days.first_day, _words(kind, days, period, price)),
    )


def _words(kind: EntryKind, days: Span, period: Span, price: Money) -> Wording:
    en = f"{days.days} of {period.days} days ({days}) at {price} a period"
    fr = f"jours couverts : {days.days} sur {period.days} ({days}), à {price} la période"
    if kind is EntryKind.CREDIT:
        return Wording(f"credited as charged: {en}", f"avoir, tel que facturé : {fr}")
    return Wording(f"charged: {en}", f"facturé : {fr}")


def _first_difference(old: Sequence[PriceFrom], new: Sequence[PriceFrom]) -> date | None:
    """The first day on which two histories charge a different price; None when they never do."""
    for day in sorted({price.first_day for price in [*old, *new]}):
        if _on(old, day) != _on(new, day):
            return day
    return None


def _on(prices: Sequence[PriceFrom], day: date) -> Money:
    amounts = [price.amount for price in prices if price.first_day <= day]
    return amounts[-1] if amounts else Money(0, prices[0].amount.currency)
