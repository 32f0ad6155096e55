"""Rules the parties agreed, as data: term, renewal, notice, price, volume, restrictions and the rest.

A clause says what was agreed and where (`citation`); dates are computed from it elsewhere. A clause that
is not known is an `Unknown` with its reason, never an empty clause.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from attrs import field, frozen

from clmcrm.clm.day_expressions import DayExpression, Expression
from clmcrm.clm.kinds import Party
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import NOT_STATED, EndFact, PartialDate, Perpetual, Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
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


@frozen(kw_only=True)
class Clause:
    """What every clause says of itself.

    `citation` is its place in the contract ("art. 9.2"; empty when not known), `quote` its own words,
    `first_day` the day it comes into force (None: with the contract).
    """

    citation: str = ""
    quote: str = ""
    first_day: date | None = field(default=None, validator=maybe(plain_date))


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
class PriceRevisionClause(Clause):
    """How prices move: by a fixed share or by an index, `every` so often from `base_month` (its first day).

    `index` names the published series (None with a fixed `percent`); `lag_months` says how many months
    before the revision the compared value was published for; `share_of_change` is how much of the change
    is passed on; `cap` and `floor` bound one revision in percent (None: no bound); `ratchet` lets prices
    only rise.
    """

    every: Tenor = field(validator=instance(Tenor))
    percent: Decimal | None = field(default=None, validator=maybe(exact))
    index: str | None = None
    base_month: date | None = field(default=None, validator=maybe(plain_date))
    lag_months: int = field(default=0, validator=count)
    share_of_change: Decimal = field(default=Decimal(1), validator=share)
    cap: Decimal | None = field(default=None, validator=maybe(exact))
    floor: Decimal | None = field(default=None, validator=maybe(exact))
    ratchet: bool = field(default=False, validator=flag)

    def __attrs_post_init__(self) -> None:
        if (self.percent is None) == (self.index is None):
            raise InvalidRecord("PriceRevisionClause", "percent", self.percent, "either a percent or an index")


@frozen(kw_only=True)
class VolumeCommitment(Clause):
    """A minimum to buy per period: a `quantity` of `unit`, or an `amount`; what is short costs `shortfall`.

    `shortfall` is the price per missing unit (None: not agreed). The period is counted from the
    contract's first day, not from the calendar's year.
    """

    per: Tenor = field(validator=instance(Tenor))
    quantity: Decimal | None = field(default=None, validator=maybe(not_negative))
    unit: str = ""
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    product: ProductId | None = None
    shortfall: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    by: Party = field(default=Party.COUNTERPARTY, validator=member(Party))

    def __attrs_post_init__(self) -> None:
        if (self.quantity is None) == (self.amount is None):
            raise InvalidRecord("VolumeCommitment", "quantity", self.quantity, "a quantity or an amount")


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
    """

    kind: RestrictionKind = field(validator=member(RestrictionKind))
    binds: Party = field(default=Party.OWN, validator=member(Party))
    territories: tuple[str, ...] = ()
    products: tuple[ProductId, ...] = ()
    valid: Span | None = field(default=None, validator=maybe(instance(Span)))


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


AnyClause: TypeAlias = (
    TerminationRight
    | PriceClause
    | PriceRevisionClause
    | VolumeCommitment
    | Restriction
    | PaymentClause
    | LiabilityCap
    | ServiceLevel
    | ClauseFact
)
"""The clauses a contract may have any number of; term, renewal and notice have fields of their own."""
