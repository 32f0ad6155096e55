"""Rules the parties agreed, as data: restrictions, payment, liability and the rest, and the union of all.

Term, price and service have modules of their own (`term_clauses`, `price_clauses`, `service_clauses`).

A clause says what was agreed and where (`citation`); dates are computed from it elsewhere. A clause that
is not known is an `Unknown` with its reason, never an empty clause.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from attrs import field, frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.events import ClockEffect
from clmcrm.clm.kinds import Party
from clmcrm.clm.price_clauses import PriceClause, PriceRevisionClause, RebateClause, TieredPriceClause, VolumeCommitment
from clmcrm.clm.remedies import PowerId
from clmcrm.clm.service_clauses import ServiceLevel, SupportClause
from clmcrm.clm.term_clauses import TerminationRight
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ProductId
from clmcrm.values.money import Money
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import (
    count,
    each,
    flag,
    instance,
    maybe,
    member,
    not_negative,
    positive_count,
    share,
    text,
)


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
    territories: tuple[str, ...] = field(default=(), validator=each(text))
    products: tuple[ProductId, ...] = field(default=(), validator=each(text))
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

    def holds_on(self, day: date) -> bool:
        """Whether it has come into force by `day` and is not over, both ends counted.

        >>> alone = Restriction(kind=RestrictionKind.EXCLUSIVITY, valid=Span(date(2026, 1, 1), date(2026, 12, 31)))
        >>> alone.holds_on(date(2026, 12, 31)), alone.holds_on(date(2027, 1, 1))
        (True, False)
        """
        return self.begun_by(day) and (self.valid is None or day in self.valid)


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
