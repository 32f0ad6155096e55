"""Rebates: what is given back for a period's purchases, accrued so far and settled after its end.

The rule of the file: a marginal rebate grows without a jump; a retroactive one jumps at each threshold,
because a new rate applies to everything bought, and then it matters whether reaching the threshold is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from clmcrm.calendars.months import forward
from clmcrm.clm.price_clauses import RebateClause, RebateMeasure, RebateMethod, RebateTier
from clmcrm.clm.prices.windows import Purchase, Window, measured, windows
from clmcrm.values.days import check_days
from clmcrm.values.exact import exact_money
from clmcrm.values.money import Money
from clmcrm.values.span import Span
from clmcrm.values.wording import Step, Wording


@frozen(kw_only=True)
class Rebate:
    """The rebate of one window: `earned` on what was bought so far (`counted`, in units or turnover).

    `tier` is the highest one reached (None: none). `to_next` is how much more reaches the next tier (None:
    there is none; under a clause that asks to go beyond a threshold, any more than this). `over` says that
    the window has ended, so that `earned` is final and no longer an accrual; `settles_on` is the day it is
    then due (None: not agreed).
    """

    window: Window
    counted: Fraction
    tier: RebateTier | None
    earned: Money
    to_next: Fraction | None
    over: bool
    settles_on: date | None
    step: Step


def rebates(clause: RebateClause, purchases: Sequence[Purchase], life: Span, as_of: date) -> tuple[Rebate, ...]:
    """The rebate of every window of `life` begun by `as_of`, in order; see `earned` for the amount.

    There is none before the clause's own first day. Thresholds hold for whole and short windows alike. Raises
    `InvalidRecord` for a purchase that does not state what the clause counts, `CurrencyMismatch` for another
    currency.
    """
    check_days("rebates", as_of=as_of)
    unit = clause.currency if clause.measure is RebateMeasure.TURNOVER else None
    return tuple(
        _rebate(clause, window, measured(purchases, window.span, as_of, clause.product, unit), as_of)
        for window in windows(clause.per, clause.anchor_on or life.first_day, life, as_of, from_day=clause.first_day)
    )


def earned(clause: RebateClause, counted: Fraction | Decimal | int) -> Money:
    """The rebate on `counted` units or turnover, rounded once; zero below the first threshold.

    >>> from clmcrm.values.tenor import Tenor
    >>> tiers = (RebateTier(threshold=Decimal(0), rate=Decimal("0.01")),
    ...          RebateTier(threshold=Decimal(1000), rate=Decimal("0.03")))
    >>> marginal = RebateClause(per=Tenor(years=1), currency="EUR", tiers=tiers)
    >>> retroactive = RebateClause(per=Tenor(years=1), currency="EUR", tiers=tiers,
    ...                            method=RebateMethod.RETROACTIVE)
    >>> earned(marginal, 1500), earned(retroactive, 1500)
    (Money('25.00', 'EUR'), Money('45.00', 'EUR'))
    """
    bought = Fraction(counted)
    if clause.method is RebateMethod.RETROACTIVE:
        reached = _reached(clause, bought)
        rate = Fraction(0) if reached is None else Fraction(reached.rate)
        return exact_money(rate * max(bought, Fraction(0)), clause.currency)
    return exact_money(_marginal(clause, bought), clause.currency)


def _marginal(clause: RebateClause, bought: Fraction) -> Fraction:
    tops = [*(Fraction(tier.threshold) for tier in clause.tiers[1:]), None]
    amount = Fraction(0)
    for tier, top in zip(clause.tiers, tops, strict=True):
        bottom = Fraction(tier.threshold)
        inside = (bought if top is None else min(bought, top)) - bottom
        amount += max(inside, Fraction(0)) * Fraction(tier.rate)
    return amount


def _reached(clause: RebateClause, bought: Fraction) -> RebateTier | None:
    reached = [tier for tier in clause.tiers if _reaches(clause, bought, tier)]
    return reached[-1] if reached else None


def _reaches(clause: RebateClause, bought: Fraction, tier: RebateTier) -> bool:
    return bought >= tier.threshold if clause.threshold_counts else bought > tier.threshold


def _rebate(clause: RebateClause, window: Window, counted: Fraction, as_of: date) -> Rebate:
    last_day = window.span.last_day
    over = last_day is not None and last_day < as_of
    missing = [Fraction(tier.threshold) - counted for tier in clause.tiers if not _reaches(clause, counted, tier)]
    tier, amount = _reached(clause, counted), earned(clause, counted)
    settles = clause.settles_after
    return Rebate(
        window=window,
        counted=counted,
        tier=tier,
        earned=amount,
        to_next=missing[0] if missing else None,
        over=over,
        settles_on=forward(last_day, settles) if over and last_day is not None and settles is not None else None,
        step=Step(last_day, _words(clause, tier, amount, over=over)),
    )


def _words(clause: RebateClause, tier: RebateTier | None, amount: Money, *, over: bool) -> Wording:
    en, fr = ("final", "définitif") if over else ("accrued so far", "provision à ce jour")
    if tier is None:
        return Wording(f"no tier reached ({en})", f"aucun palier atteint ({fr})")
    return Wording(
        f"{amount} by the {clause.method.value} tier from {tier.threshold} ({en})",
        f"{amount} selon le palier à partir de {tier.threshold} ({fr})",
    )
