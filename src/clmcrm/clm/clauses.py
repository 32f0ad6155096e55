"""Rules the parties agreed, as data: term, renewal, notice, price, volume, restrictions and the rest.

A clause says what was agreed and where (`citation`); dates are computed from it elsewhere. A clause that
is not known is an `Unknown` with its reason, never an empty clause.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.day_expressions import DayExpression, Expression
from clmcrm.clm.events import ClockEffect
from clmcrm.clm.kinds import Party
from clmcrm.clm.remedies import PowerId
from clmcrm.clm.service_clauses import SupportClause
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.exact import Rounding
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import NOT_STATED, EndFact, PartialDate, Perpetual, Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.tiers import TIERED_MODELS, PriceModel, PriceTier, check_tiers, tiered_amount
from clmcrm.values.validators import (
    count,
    each,
    exact,
    flag,
    instance,
    maybe,
    member,
    not_negative,
    plain_date,
    positive_count,
    share,
    text,
)

_MONTHS_IN_YEAR: Final = 12


class EndMeaning(StrEnum):
    """What a stated end date means: the last day inside, or the first day after."""

    LAST_DAY = "last_day"
    FIRST_DAY_AFTER = "first_day_after"
    UNSAID = "unsaid"


@frozen(kw_only=True)
class TermClause(Clause):
    """How long the contract runs at first: a length, a stated end, or both; or a rule for its last day.

    With a length and a stated end, the stated end wins (`clmcrm.clm.stored_dates.term_contradictions` says
    whether they agree). `until` is the last day by a rule, such as the earlier of two days; it stands in
    place of a stated end and wins over a length. `minimum` is how long nobody may leave, from the first day
    (None: no minimum apart from the term itself). `end_means` says how the stated end is to be read;
    `UNSAID` leaves both readings open, and deadlines then carry the spread.
    """

    initial: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    ends_on: EndFact = field(default=NOT_STATED, validator=instance(date, PartialDate, Perpetual, Unknown))
    end_means: EndMeaning = field(default=EndMeaning.UNSAID, validator=member(EndMeaning))
    minimum: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    until: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))

    def __attrs_post_init__(self) -> None:
        if self.until is not None and isinstance(self.ends_on, date):
            raise InvalidRecord("TermClause", "until", self.until, f"no rule beside the stated end {self.ends_on}")


class RenewalKind(StrEnum):
    """What happens when a term ends and nobody says anything more than the clause asks for."""

    NONE = "none"
    TACIT = "tacit"
    EXPRESS = "express"
    MUTUAL = "mutual"
    OPTION = "option"
    INDEFINITE = "indefinite"


@frozen(kw_only=True)
class RenewalClause(Clause):
    """Whether and for how long the contract goes on after a term.

    `TACIT`: renews unless notice is given. `EXPRESS`: ends unless the one who may says so; `OPTION`: the
    same for one side alone; `MUTUAL`: only if both agree. `INDEFINITE`: goes on without an end until
    notice. `length` is the length of each further term (required unless NONE or INDEFINITE), `times` how
    many renewals there may be at most (0 or more; None: as many as come). `by` is who may renew or object.
    """

    kind: RenewalKind = field(validator=member(RenewalKind))
    length: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    times: int | None = field(default=None, validator=maybe(count))
    by: Party = field(default=Party.EITHER, validator=member(Party))

    def __attrs_post_init__(self) -> None:
        needs_length = self.kind not in (RenewalKind.NONE, RenewalKind.INDEFINITE)
        if needs_length and self.length is None:
            raise InvalidRecord(
                "RenewalClause", "length", None, f"the length of each further term ({self.kind} renewal)"
            )


class NoticeReference(StrEnum):
    """What the notice period is counted back from."""

    END_OF_TERM = "end_of_term"
    RENEWAL_DATE = "renewal_date"
    UNSAID = "unsaid"
    """Before the end or before the renewal: the clause leaves it open, and the two differ by one day."""
    ANNIVERSARY = "anniversary"
    END_OF_MONTH = "end_of_month"
    END_OF_QUARTER = "end_of_quarter"
    END_OF_HALF_YEAR = "end_of_half_year"
    END_OF_YEAR = "end_of_year"
    ANY_TIME = "any_time"


class NoticeEffect(StrEnum):
    """When a notice counts as given."""

    RECEIPT = "receipt"
    DISPATCH = "dispatch"
    UNSAID = "unsaid"


@frozen(kw_only=True)
class NoticeClause(Clause):
    """How long before what a notice must be given, and how it is counted.

    `length` is at least; `not_before` opens a window (notice may not be given more than that long
    before). `effect` says whether receipt or dispatch counts; `deemed_days` is how many business days
    after dispatch a letter counts as received (None: not agreed). `cut_off` with `zone` (an IANA name) is
    the hour after which a delivery counts for the next day. `clear_days` counts full days between.
    `regime` names the legal regime that computes time, by its own name ("FR_CPC") or its place ("FR", "DE");
    None: the law of the contract's governing place (`clmcrm.clm.governing_regime`).
    """

    length: Tenor = field(validator=instance(Tenor))
    reference: NoticeReference = field(default=NoticeReference.UNSAID, validator=member(NoticeReference))
    not_before: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    effect: NoticeEffect = field(default=NoticeEffect.UNSAID, validator=member(NoticeEffect))
    deemed_days: int | None = field(default=None, validator=maybe(count))
    cut_off: time | None = None
    zone: str | None = None
    clear_days: bool = field(default=False, validator=flag)
    regime: str | None = None
    by: Party = field(default=Party.EITHER, validator=member(Party))
    form: str = ""


@frozen(kw_only=True)
class TerminationRight(Clause):
    """A right to end the contract early, with `notice` (None: at once) and, for cause, a `cure` period."""

    by: Party = field(default=Party.EITHER, validator=member(Party))
    for_cause: bool = field(default=False, validator=flag)
    notice: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    cure: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))


@frozen(kw_only=True)
class PriceClause(Clause):
    """An agreed price for a product: what is charged per unit, and the most that may be taken off it.

    `valid` is when the price holds (None: as long as the contract); `max_discount` a share (None: no limit
    agreed); `floor` the lowest unit price (None: none agreed).
    """

    product: ProductId = field(validator=text)
    price: UnitPrice = field(validator=instance(UnitPrice))
    valid: Span | None = field(default=None, validator=maybe(instance(Span)))
    max_discount: Decimal | None = field(default=None, validator=maybe(share))
    floor: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))


@frozen(kw_only=True)
class TieredPriceClause(Clause):
    """An agreed price for a product that depends on the quantity: see `PriceModel` for how tiers count.

    `valid` is when the price holds (None: as long as the contract). Raises `InvalidRecord` for a model
    without tiers and for tiers that do not rise, `CurrencyMismatch` for tiers in two currencies.
    """

    product: ProductId = field(validator=text)
    model: PriceModel = field(validator=member(PriceModel))
    tiers: tuple[PriceTier, ...] = field(validator=each(instance(PriceTier)))
    valid: Span | None = field(default=None, validator=maybe(instance(Span)))

    def __attrs_post_init__(self) -> None:
        if self.model not in TIERED_MODELS:
            expected = ", ".join(sorted(model.value for model in TIERED_MODELS))
            raise InvalidRecord("TieredPriceClause", "model", self.model.value, expected)
        check_tiers(f"TieredPriceClause {self.product}", self.model, self.tiers)

    def amount(self, quantity: Decimal) -> Money:
        """What `quantity` (zero or more) costs, rounded once; `InvalidRecord` beyond the last tier.

        >>> seats = TieredPriceClause(product=ProductId("seat"), model=PriceModel.VOLUME,
        ...                           tiers=(PriceTier(price=UnitPrice(7, "EUR")),))
        >>> seats.amount(Decimal(3))
        Money('21.00', 'EUR')
        """
        return tiered_amount(self.model, self.tiers, quantity)


class ComparedWith(StrEnum):
    """What a revision starts from: the agreed price and its base index, or the price and index in force.

    After a cap the two part ways: compared with the INITIAL index, what the cap held back comes through at a
    later revision; compared with the PREVIOUS one it is lost for good.
    """

    INITIAL = "initial"
    PREVIOUS = "previous"


class PrintPolicy(StrEnum):
    """Which published value of a month counts, where the publisher revised it.

    FIRST: the first print, whatever comes later. LATEST: the last one published by the day. FINAL: only a
    value the publisher calls final.
    """

    FIRST = "first"
    LATEST = "latest"
    FINAL = "final"


@frozen(kw_only=True)
class PriceRevisionClause(Clause):
    """How prices move: by a fixed share or by an index, `every` so often from `anchor_on`.

    `anchor_on` None means from the contract's first day. Percentages are in percent ("3" is 3 %).

    The index: `index` names the published series (None with a fixed `percent`); the start is `base_value` on
    the base `index_base` ("2015=100"; empty: the series' own), or what was published for `base_month` (its
    first day). It is compared with the month `lag_months` before the revision's month, or the nearest earlier
    `comparison_month` (1 to 12; None: any month); `average_of` takes the mean of that many values up to it.
    `prints` says which print counts; `settles_later` lets a value that is published after the revision's day
    count from that day on (otherwise only what was published by then exists).

    From index to price: the ratio, rounded to `ratio_decimals` (None: exact); `share_of_change` of the change
    is passed on (0.85 stands for the formula 0.15 + 0.85 x I/I0); then `cap` and `floor` bound one revision
    against the price in force, `total_cap` and `total_floor` all of them against the agreed price (None: no
    bound), and `ratchet` lets prices only rise; last, the price is rounded to `decimals` (None: as many as the
    agreed price has, and at least the currency's) by `rounding`.
    """

    every: Tenor = field(validator=instance(Tenor))
    anchor_on: date | None = field(default=None, validator=maybe(plain_date))
    percent: Decimal | None = field(default=None, validator=maybe(exact))
    index: str | None = None
    index_base: str = ""
    base_value: Decimal | None = field(default=None, validator=maybe(exact))
    base_month: date | None = field(default=None, validator=maybe(plain_date))
    lag_months: int = field(default=0, validator=count)
    comparison_month: int | None = field(default=None, validator=maybe(positive_count))
    average_of: int = field(default=1, validator=positive_count)
    compares_with: ComparedWith = field(default=ComparedWith.INITIAL, validator=member(ComparedWith))
    prints: PrintPolicy = field(default=PrintPolicy.FIRST, validator=member(PrintPolicy))
    settles_later: bool = field(default=False, validator=flag)
    ratio_decimals: int | None = field(default=None, validator=maybe(count))
    share_of_change: Decimal = field(default=Decimal(1), validator=share)
    cap: Decimal | None = field(default=None, validator=maybe(exact))
    floor: Decimal | None = field(default=None, validator=maybe(exact))
    total_cap: Decimal | None = field(default=None, validator=maybe(exact))
    total_floor: Decimal | None = field(default=None, validator=maybe(exact))
    ratchet: bool = field(default=False, validator=flag)
    decimals: int | None = field(default=None, validator=maybe(count))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=member(Rounding))

    def __attrs_post_init__(self) -> None:
        name = "PriceRevisionClause"
        if (self.percent is None) == (self.index is None):
            raise InvalidRecord(name, "percent", self.percent, "either a percent or an index")
        if self.base_value is not None and self.base_value <= 0:
            raise InvalidRecord(name, "base_value", self.base_value, "an index above zero (a level, not a rate)")
        if self.comparison_month is not None and self.comparison_month > _MONTHS_IN_YEAR:
            raise InvalidRecord(name, "comparison_month", self.comparison_month, "a month from 1 to 12")
        bounds = (("floor", self.floor, self.cap), ("total_floor", self.total_floor, self.total_cap))
        for field_name, low, high in bounds:
            if low is not None and high is not None and low > high:
                raise InvalidRecord(name, field_name, low, f"at most the cap, {high}")


@frozen(kw_only=True)
class VolumeCommitment(Clause):
    """A minimum to buy per period: a `quantity` of `unit`, or an `amount`; what is short costs `shortfall`.

    `shortfall` is the price per missing unit (None: not agreed; what is short of an `amount` is due itself).
    Periods are counted from `anchor_on` (None: the contract's first day), not from the calendar's year.
    `ramp` is what the first periods ask for, one by one, in units or in the amount's currency; after them
    `quantity` or `amount` holds. A period cut short by the contract's first or last day asks for its share of
    the days, or for everything when `prorates` is False.

    What is bought beyond the minimum may count for the next `carry_periods`, up to `carry_forward` times the
    period's own minimum (None: nothing is carried). What was paid for and not taken may be taken without
    further charge, beyond the minimum, in the next `make_up_periods`, up to `make_up` times the minimum
    (None: no make-up right).
    """

    per: Tenor = field(validator=instance(Tenor))
    quantity: Decimal | None = field(default=None, validator=maybe(not_negative))
    unit: str = ""
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    product: ProductId | None = None
    shortfall: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    by: Party = field(default=Party.COUNTERPARTY, validator=member(Party))
    anchor_on: date | None = field(default=None, validator=maybe(plain_date))
    ramp: tuple[Decimal, ...] = field(default=(), validator=each(not_negative))
    prorates: bool = field(default=True, validator=flag)
    carry_forward: Decimal | None = field(default=None, validator=maybe(not_negative))
    carry_periods: int = field(default=1, validator=positive_count)
    make_up: Decimal | None = field(default=None, validator=maybe(not_negative))
    make_up_periods: int = field(default=1, validator=positive_count)

    def __attrs_post_init__(self) -> None:
        if (self.quantity is None) == (self.amount is None):
            raise InvalidRecord("VolumeCommitment", "quantity", self.quantity, "a quantity or an amount")
        if self.amount is not None and self.shortfall is not None:
            expected = "None beside an amount: what is short of it is due itself"
            raise InvalidRecord("VolumeCommitment", "shortfall", self.shortfall, expected)


class RebateMethod(StrEnum):
    """Whether a tier's rate applies to what lies in the tier (MARGINAL) or to everything (RETROACTIVE)."""

    MARGINAL = "marginal"
    RETROACTIVE = "retroactive"


class RebateMeasure(StrEnum):
    """What earns the rebate: TURNOVER in the clause's currency, or UNITS bought."""

    TURNOVER = "turnover"
    UNITS = "units"


@frozen(kw_only=True)
class RebateTier:
    """From `threshold` on, the rebate is `rate`: a share of turnover (0.05 is 5 %), or an amount per unit."""

    threshold: Decimal = field(validator=not_negative)
    rate: Decimal = field(validator=not_negative)


@frozen(kw_only=True)
class RebateClause(Clause):
    """A part of what was bought in a period that is given back at its end, by tiers that rise.

    Periods of `per` are counted from `anchor_on` (None: the contract's first day). `threshold_counts` says
    that reaching a threshold exactly earns its tier (False: only going beyond). The rebate is due
    `settles_after` the period (None: not agreed). `product` None means all products together. Raises
    `InvalidRecord` for thresholds that do not rise, and for a share above 1.
    """

    per: Tenor = field(validator=instance(Tenor))
    currency: Currency = field(converter=currency)
    tiers: tuple[RebateTier, ...] = field(validator=each(instance(RebateTier)))
    measure: RebateMeasure = field(default=RebateMeasure.TURNOVER, validator=member(RebateMeasure))
    method: RebateMethod = field(default=RebateMethod.MARGINAL, validator=member(RebateMethod))
    threshold_counts: bool = field(default=True, validator=flag)
    anchor_on: date | None = field(default=None, validator=maybe(plain_date))
    settles_after: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    product: ProductId | None = None
    by: Party = field(default=Party.OWN, validator=member(Party))

    def __attrs_post_init__(self) -> None:
        thresholds = [tier.threshold for tier in self.tiers]
        if not thresholds or any(high <= low for low, high in pairwise(thresholds)):
            raise InvalidRecord("RebateClause", "tiers", thresholds, "at least one tier, with rising thresholds")
        if self.measure is RebateMeasure.TURNOVER and any(tier.rate > 1 for tier in self.tiers):
            raise InvalidRecord("RebateClause", "tiers", [t.rate for t in self.tiers], "shares of turnover from 0 to 1")


class RestrictionKind(StrEnum):
    """What a party may not do, or must grant."""

    EXCLUSIVITY = "exclusivity"
    NON_COMPETE = "non_compete"
    MOST_FAVOURED_CUSTOMER = "most_favoured_customer"
    PRICE = "price"
    VOLUME = "volume"
    TERRITORY = "territory"
    PRODUCT = "product"
    NO_SOLICIT_CUSTOMERS = "no_solicit_customers"
    NO_SOLICIT_EMPLOYEES = "no_solicit_employees"
    FIRST_REFUSAL = "first_refusal"
    NO_ASSIGNMENT = "no_assignment"
    CHANGE_OF_CONTROL = "change_of_control"


@frozen(kw_only=True)
class Restriction(Clause):
    """A restriction on `binds`, within `territories` (ISO 3166 codes) and for `products`.

    Empty territories or products mean everywhere or everything; `valid` None means as long as the contract.
    A restriction of volume may say how much: at least `minimum` and at most `maximum` (both inside; None: no
    such bound, or one in words only) of `unit`, in one order or in each period of `per`.

    Raises `InvalidRecord` for bounds of another kind of restriction, and for a minimum above the maximum.
    """

    kind: RestrictionKind = field(validator=member(RestrictionKind))
    binds: Party = field(default=Party.OWN, validator=member(Party))
    territories: tuple[str, ...] = ()
    products: tuple[ProductId, ...] = ()
    valid: Span | None = field(default=None, validator=maybe(instance(Span)))
    minimum: Decimal | None = field(default=None, validator=maybe(not_negative))
    maximum: Decimal | None = field(default=None, validator=maybe(not_negative))
    unit: str = ""
    per: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))

    def __attrs_post_init__(self) -> None:
        for name, bound in (("minimum", self.minimum), ("maximum", self.maximum)):
            if bound is not None and self.kind is not RestrictionKind.VOLUME:
                raise InvalidRecord("Restriction", name, bound, f"None for a restriction of {self.kind.value}")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InvalidRecord("Restriction", "minimum", self.minimum, f"at most the maximum, {self.maximum}")


@frozen(kw_only=True)
class PaymentClause(Clause):
    """When an invoice is due: `days` after it (0: at once), at the `end_of_month` of that day if so agreed.

    `late_fee` is the share charged per year on what is late (None: not agreed).
    """

    days: int = field(validator=count)
    end_of_month: bool = field(default=False, validator=flag)
    late_fee: Decimal | None = field(default=None, validator=maybe(not_negative))


@frozen(kw_only=True)
class LiabilityCap(Clause):
    """The most one side can owe: a fixed `amount`, or `multiple` times the fees of one `per` period."""

    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    multiple: Decimal | None = field(default=None, validator=maybe(not_negative))
    per: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    of: Party = field(default=Party.BOTH, validator=member(Party))

    def __attrs_post_init__(self) -> None:
        if (self.amount is None) == (self.multiple is None):
            raise InvalidRecord("LiabilityCap", "amount", self.amount, "an amount or a multiple of the fees")


@frozen(kw_only=True)
class CreditTier:
    """Below `below` percent of service, `credit` (a share of the period's fee, 0 to 1) is owed."""

    below: Decimal = field(validator=exact)
    credit: Decimal = field(validator=share)


@frozen(kw_only=True)
class ServiceLevel(Clause):
    """A promised level of service, measured over each `per` from `first_on`.

    `tiers` begin with the highest `below`, each later one lower and worth more. `cap` is the most that all
    credits of one period may come to, as a share of its fee (None: no cap). `claim_within` is how long
    after the period's last day a credit may be claimed (None: it need not be claimed).
    """

    metric: str = field(validator=text)
    per: Tenor = field(validator=instance(Tenor))
    first_on: date = field(validator=plain_date)
    tiers: tuple[CreditTier, ...] = field(validator=each(instance(CreditTier)))
    cap: Decimal | None = field(default=None, validator=maybe(share))
    claim_within: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))

    def __attrs_post_init__(self) -> None:
        if not self.tiers:
            raise InvalidRecord("ServiceLevel", "tiers", self.tiers, "one tier or more")
        for upper, lower in pairwise(self.tiers):
            if lower.below >= upper.below or lower.credit <= upper.credit:
                raise InvalidRecord("ServiceLevel", "tiers", lower, f"a level below {upper.below} and a higher credit")


@frozen(kw_only=True)
class ClauseFact(Clause):
    """A reader's answer about a clause that has no type of its own here.

    `category` is the reader's name for it ("Governing Law", "Audit Rights"), `answer` what was answered;
    `confidence` 0 to 1 when a machine read it (None: not told), `reviewed_by` who confirmed it.
    """

    category: str = field(validator=text)
    answer: str = ""
    confidence: Decimal | None = field(default=None, validator=maybe(share))
    reviewed_by: str = ""
    page: int | None = field(default=None, validator=maybe(positive_count))


@frozen(kw_only=True)
class ForceMajeureClause(Clause):
    """What an event beyond control does to the duties it prevents, once it is notified.

    `clocks` is the declared effect on running days. Notified `notify_within` the event (None: whenever),
    relief counts from the event itself, and later from the day of the notice (so the ICC Force Majeure
    Clause 2020, paragraph 5). When it has lasted `long_stop`, the power `opens` can be used (None: none).
    """

    clocks: ClockEffect = field(default=ClockEffect.SHIFT, validator=member(ClockEffect))
    notify_within: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    long_stop: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    opens: PowerId | None = field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        if (self.long_stop is None) != (self.opens is None):
            raise InvalidRecord("ForceMajeureClause", "opens", self.opens, "a power exactly when there is a long stop")


AnyClause: TypeAlias = (
    TerminationRight
    | PriceClause
    | TieredPriceClause
    | PriceRevisionClause
    | RebateClause
    | VolumeCommitment
    | Restriction
    | PaymentClause
    | LiabilityCap
    | ServiceLevel
    | SupportClause
    | ForceMajeureClause
    | ClauseFact
)
"""The clauses a contract may have any number of; term, renewal and notice have fields of their own."""
