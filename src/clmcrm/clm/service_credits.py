"""Service credits: what a missed service level is worth, the cap on it, and until when it must be claimed.

The rule of the file: what was measured is a count of units and is never rounded before it is compared;
what is not claimed in its window is lost, so every credit carries the last day for its claim.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.legal_time import after
from clmcrm.calendars.months import forward, tile
from clmcrm.calendars.regimes.record import Regime
from clmcrm.clm.service_clauses import CreditTier, ServiceLevel
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import round_to
from clmcrm.values.money import Money
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import count, positive_count
from clmcrm.values.wording import Step, Wording

_HUNDRED: Final = 100


@frozen(kw_only=True)
class Measured:
    """What was measured over period number `period` (from 0): units in `total`, of which `failed`.

    `excluded` units (agreed maintenance, force majeure) are taken out of the total; `failed` counts none
    of them.
    """

    period: int = field(validator=count)
    total: int = field(validator=positive_count)
    failed: int = field(validator=count)
    excluded: int = field(default=0, validator=count)

    def __attrs_post_init__(self) -> None:
        if self.failed + self.excluded > self.total:
            raise InvalidRecord("Measured", "failed", self.failed, f"{self.total - self.excluded} or fewer")

    @property
    def percent(self) -> Fraction:
        """The service given, in percent of what was owed, exactly; 100 where everything was excluded."""
        owed = self.total - self.excluded
        return Fraction(_HUNDRED * (owed - self.failed), owed) if owed else Fraction(_HUNDRED)


class ClaimState(StrEnum):
    """What became of a credit."""

    NOT_NEEDED = "not needed"
    OPEN = "open"
    CLAIMED = "claimed"
    LOST = "lost"


@frozen(kw_only=True)
class ServiceCredit:
    """The credit for one period: its days, the level reached, the amount, and the last day for the claim.

    `amount` is after the cap, `uncapped` before it; both are zero where the level was kept. `claim_by` is
    inside (None: no claim is needed).
    """

    period: Span
    percent: Fraction
    uncapped: Money
    amount: Money
    claim_by: date | None
    steps: tuple[Step, ...]

    def state(self, as_of: date, claimed_on: date | None = None) -> ClaimState:
        """What became of the credit on `as_of`, claimed on `claimed_on` (None: not claimed)."""
        if self.claim_by is None or not self.amount.amount:
            return ClaimState.NOT_NEEDED
        if claimed_on is not None and claimed_on <= as_of:
            return ClaimState.CLAIMED if claimed_on <= self.claim_by else ClaimState.LOST
        return ClaimState.OPEN if as_of <= self.claim_by else ClaimState.LOST


def service_credit(
    level: ServiceLevel,
    measured: Measured,
    fee: Money,
    *,
    already: Money | None = None,
    law: Regime | None = None,
    calendar: HolidayCalendar | None = None,
) -> ServiceCredit:
    """The credit owed for one measured period, at a `fee` for that period.

    `already` is what other credits of the same period come to, which count towards the cap. `law` computes
    the claim's last day (None: the bare count, and nothing is moved). Raises `CurrencyMismatch`, and
    `InvalidRecord` for an amount below zero: less than nothing would raise the cap.

    >>> level = ServiceLevel(metric="availability", per=Tenor(months=1), first_on=date(2026, 1, 1),
    ...     tiers=(CreditTier(below=Decimal("99.9"), credit=Decimal("0.05")),), claim_within=Tenor(days=30))
    >>> found = service_credit(level, Measured(period=0, total=44640, failed=60), Money("1000", "EUR"))
    >>> str(found.amount), found.claim_by
    ('50.00 EUR', datetime.date(2026, 3, 2))
    """
    nothing = Money(0, fee.currency)
    spent = nothing if already is None else already
    for name, given in (("fee", fee), ("already", spent)):
        if given < nothing:
            raise InvalidRecord(f"service credit for {level.metric}", name, given, f"{nothing} or more")
    period = tile(level.first_on, level.per, measured.period)
    last_day = period.last_day or period.first_day
    percent = measured.percent
    reached = [tier for tier in level.tiers if percent < Fraction(tier.below)]
    credit = reached[-1].credit if reached else Decimal(0)
    uncapped = amount = fee.times(credit)
    steps = [_measured_step(level, measured, percent, last_day), _tier_step(reached, uncapped)]
    if level.cap is not None:
        limit = fee.times(level.cap)
        left = max(nothing, limit - spent)
        if amount > left:
            amount = left
            steps.append(_cap_step(limit, amount))
    claim_by: date | None = None
    if level.claim_within is not None:
        claim_by, claim_steps = _claim(level.claim_within, last_day, law, calendar)
        steps += claim_steps
    return ServiceCredit(
        period=period, percent=percent, uncapped=uncapped, amount=amount, claim_by=claim_by, steps=tuple(steps)
    )


def _claim(
    within: Tenor, last_day: date, law: Regime | None, calendar: HolidayCalendar | None
) -> tuple[date, tuple[Step, ...]]:
    if law is not None:
        found = after(last_day, within, law=law, calendar=calendar)
        return found.day, found.steps
    day = forward(last_day, within)
    wording = Wording(
        f"the last day to claim it: {within.words} after the period's last day, {last_day}",
        f"dernier jour pour le réclamer : {within.said('fr')} après le dernier jour de la période, le {last_day}",
    )
    return day, (Step(day, wording),)


def _measured_step(level: ServiceLevel, measured: Measured, percent: Fraction, last_day: date) -> Step:
    shown = f"{round_to(percent, 4)} %"
    return Step(
        last_day,
        Wording(
            f"{level.metric}: {measured.failed} of {measured.total - measured.excluded} units failed "
            f"({measured.excluded} excluded): {shown}",
            f"{level.metric} : {measured.failed} unités sur {measured.total - measured.excluded} en défaut "
            f"({measured.excluded} exclues) : {shown}",
        ),
    )


def _tier_step(reached: list[CreditTier], uncapped: Money) -> Step:
    if not reached:
        return Step(None, Wording("the level was kept: no credit", "le niveau est tenu : pas d'avoir"))
    tier = reached[-1]
    return Step(
        None,
        Wording(
            f"below {tier.below} %: a credit of {tier.credit} of the fee, {uncapped}",
            f"sous {tier.below} % : un avoir de {tier.credit} du prix, {uncapped}",
        ),
    )


def _cap_step(limit: Money, amount: Money) -> Step:
    return Step(
        None,
        Wording(
            f"all credits of the period are capped at {limit}: {amount} is left",
            f"les avoirs de la période sont plafonnés à {limit} : il reste {amount}",
        ),
    )
