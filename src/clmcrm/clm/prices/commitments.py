"""Volume commitments: what was promised per window, what was bought, what is short, and what is due for it.

The rule of the file: everything is computed from a list of dated purchases, in any order. Surplus and make-up
are lots that live for so many windows and are used oldest first. Nothing is due before a window is over.

A make-up right is the one of take-or-pay: what was paid for and not taken may be taken later, beyond the
minimum of the later window, without paying again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from attrs import define, field, frozen

from clmcrm.clm.price_clauses import VolumeCommitment
from clmcrm.clm.prices.windows import Purchase, Window, measured, windows
from clmcrm.values.days import check_days
from clmcrm.values.exact import exact_money, round_to
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.span import Span
from clmcrm.values.wording import Step, Wording

_SHOWN_DECIMALS: Final = 3


@frozen(kw_only=True)
class Commitment:
    """One window of a commitment; figures are units, or the amount's currency, exactly.

    `committed` is the minimum of this window, `counted` what was bought in it so far, `carried_in` how much of
    earlier surplus counts here, `shortfall` what is still missing, `surplus` what went beyond the minimum;
    `made_up` of that was paid for earlier, `carried_out` is handed on. `over` says that the window has ended.
    `true_up` is due for the shortfall and `credit` is given back for what was made up, both None until the
    window is over and when there is nothing; both are `Unknown` where no price per missing unit is agreed.
    """

    window: Window
    committed: Fraction
    counted: Fraction
    carried_in: Fraction
    shortfall: Fraction
    surplus: Fraction
    made_up: Fraction
    carried_out: Fraction
    over: bool
    true_up: Money | Unknown | None
    credit: Money | Unknown | None
    steps: tuple[Step, ...]


@frozen(kw_only=True)
class Commitments:
    """The windows begun so far, in order, and the purchases that lie in none of them."""

    windows: tuple[Commitment, ...]
    outside: tuple[Purchase, ...]


def commitments(
    clause: VolumeCommitment, purchases: Sequence[Purchase], life: Span, as_of: date, *, from_day: date | None = None
) -> Commitments:
    """How a commitment stands on `as_of`, window by window over `life`, the contract's own days.

    It asks for nothing before `from_day`, on which it comes into force (None: on the clause's own first day, or with
    the contract); see `clmcrm.clm.prices.in_force.came_into_force`. Purchases after `as_of` are not known yet and
    not counted. A window cut short asks for its share of days (unless the clause says otherwise). Raises
    `InvalidRecord` for a purchase that does not state what the clause counts, `CurrencyMismatch` for another
    currency.

    >>> from decimal import Decimal
    >>> from clmcrm.values.money import UnitPrice
    >>> from clmcrm.values.tenor import Tenor
    >>> clause = VolumeCommitment(per=Tenor(years=1), quantity=Decimal(100), shortfall=UnitPrice(2, "EUR"))
    >>> bought = [Purchase(on=date(2026, 5, 1), quantity=Decimal(70))]
    >>> found = commitments(clause, bought, Span(date(2026, 1, 1)), date(2027, 1, 1))
    >>> found.windows[0].true_up
    Money('60.00', 'EUR')
    """
    check_days("commitments", as_of=as_of)
    unit = None if clause.amount is None else clause.amount.currency
    stock = _Stock(clause)
    found: list[Commitment] = []
    anchor_on, starts = clause.anchor_on or life.first_day, from_day or clause.first_day
    for window in windows(clause.per, anchor_on, life, as_of, from_day=starts):
        counted = measured(purchases, window.span, as_of, clause.product, unit)
        over = window.span.last_day is not None and window.span.last_day < as_of
        found.append(stock.settle(window, counted, over=over))
    inside = [commitment.window.span for commitment in found]
    known = (p for p in purchases if p.on <= as_of and clause.product in (None, p.product))
    outside = tuple(p for p in known if not any(p.on in span for span in inside))
    return Commitments(windows=tuple(found), outside=outside)


def minimum(clause: VolumeCommitment, window: Window) -> Fraction:
    """What the clause asks for in `window`: the ramp's step or the standing minimum, by the share of days."""
    standing = clause.quantity if clause.amount is None else clause.amount.amount
    asked = clause.ramp[window.index] if window.index < len(clause.ramp) else standing
    return Fraction(asked or 0) * (window.share if clause.prorates else 1)


@define
class _Lot:
    """What is left of an earlier window's surplus or payment, and the last window it may serve."""

    left: Fraction
    until: int


@define
class _Stock:
    """What earlier windows hand on: surplus that counts for later ones, and payments not yet taken up."""

    clause: VolumeCommitment
    carried: list[_Lot] = field(factory=list[_Lot])
    paid: list[_Lot] = field(factory=list[_Lot])

    def settle(self, window: Window, counted: Fraction, *, over: bool) -> Commitment:
        """The window's figures; once it is over, what it hands on is put in stock."""
        clause, committed = self.clause, minimum(self.clause, window)
        carried_in = _taken(self.carried, max(Fraction(0), committed - counted), window.index)
        shortfall = max(Fraction(0), committed - counted - carried_in)
        surplus = max(Fraction(0), counted - committed)
        made_up = _taken(self.paid, surplus, window.index)
        carried_out = min(surplus - made_up, Fraction(clause.carry_forward or 0) * committed)
        if over:
            self.carried.append(_Lot(carried_out, window.index + clause.carry_periods))
            recoverable = min(shortfall, Fraction(clause.make_up or 0) * committed)
            self.paid.append(_Lot(recoverable, window.index + clause.make_up_periods))
        return Commitment(
            window=window,
            committed=committed,
            counted=counted,
            carried_in=carried_in,
            shortfall=shortfall,
            surplus=surplus,
            made_up=made_up,
            carried_out=carried_out,
            over=over,
            true_up=self._price(shortfall) if over and shortfall else None,
            credit=self._price(made_up) if over and made_up else None,
            steps=self._steps(window, committed, counted, carried_in, shortfall),
        )

    def _price(self, missing: Fraction) -> Money | Unknown:
        if self.clause.amount is not None:
            return exact_money(missing, self.clause.amount.currency)
        if self.clause.shortfall is None:
            return Unknown("the clause states no price per missing unit")
        return exact_money(missing * Fraction(self.clause.shortfall.amount), self.clause.shortfall.currency)

    def _steps(
        self, window: Window, committed: Fraction, counted: Fraction, carried_in: Fraction, shortfall: Fraction
    ) -> tuple[Step, ...]:
        last = window.span.last_day
        unit = self.clause.unit if self.clause.amount is None else self.clause.amount.currency.code
        asked, got, carried, short = (
            f"{_shown(figure)} {unit}".rstrip() for figure in (committed, counted, carried_in, shortfall)
        )
        part = "" if window.share == 1 else f" ({window.share})"
        return (
            Step(window.span.first_day, Wording(f"minimum {asked}{part}", f"minimum {asked}{part}")),
            Step(None, Wording(f"bought {got}, carried in {carried}", f"acheté {got}, report {carried}")),
            Step(last, Wording(f"short by {short}", f"manque {short}")),
        )


def _taken(lots: list[_Lot], wanted: Fraction, index: int) -> Fraction:
    """Take up to `wanted` from the lots that still serve window `index`, the oldest first."""
    taken = Fraction(0)
    for lot in lots:
        part = min(lot.left, wanted - taken) if index <= lot.until else Fraction(0)
        lot.left -= part
        taken += part
    return taken


def _shown(figure: Fraction) -> str:
    text = str(round_to(figure, _SHOWN_DECIMALS)).rstrip("0")
    return text.removesuffix(".")
