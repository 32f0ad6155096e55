"""What one side may do: end, renew, step in, audit, reset prices, assign; from when, until when, how often.

The rule of the file: a power is agreed data. Using it yields a typed command that the host carries out; no
power carries itself out. Until when notice must be given against a renewal stays with `clmcrm.clm.notice`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.clm.day_expressions import DayExpression, Expression
from clmcrm.clm.events import Ground
from clmcrm.clm.kinds import Party
from clmcrm.clm.remedies import NewDuty, PowerId
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import LineId
from clmcrm.values.record import Record
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import flag, instance, maybe, member, positive_count, text


class PowerKind(StrEnum):
    """What sort of thing may be done."""

    TERMINATE = "terminate"
    RENEW = "renew"
    STEP_IN = "step_in"
    AUDIT = "audit"
    PRICE_RESET = "price_reset"
    ASSIGN = "assign"


@frozen(kw_only=True)
class EndsContract:
    """The contract ends, `notice` after the power was used (None: that very day is the last)."""

    ground: Ground = field(validator=member(Ground))
    notice: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))


@frozen(kw_only=True)
class RenewsTerm:
    """One further term begins when the running one ends."""


@frozen(kw_only=True)
class AssignsPlace:
    """Somebody else takes the holder's place: named when the power is used."""


@frozen(kw_only=True)
class ResetsPrice:
    """A new price, named when the power is used, holds `after` that day (None: from that day).

    `line` is the line it is for (None: named in the contract's words, not here).
    """

    line: LineId | None = field(default=None, validator=maybe(text))
    after: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))


@frozen(kw_only=True)
class AllowsAudit:
    """Books and premises are open, `after` the power was used (None: from that day)."""

    after: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))


@frozen(kw_only=True)
class AllowsStepIn:
    """The holder may do the work in the other side's place, at its cost."""


PowerConsequence: TypeAlias = (
    EndsContract | RenewsTerm | AssignsPlace | ResetsPrice | AllowsAudit | AllowsStepIn | NewDuty
)
_OF_KIND: Final[dict[PowerKind, type]] = {
    PowerKind.TERMINATE: EndsContract,
    PowerKind.RENEW: RenewsTerm,
    PowerKind.STEP_IN: AllowsStepIn,
    PowerKind.AUDIT: AllowsAudit,
    PowerKind.PRICE_RESET: ResetsPrice,
    PowerKind.ASSIGN: AssignsPlace,
}


@frozen(kw_only=True)
class Power(Record):
    """`holder` may do to `against` what `title` says.

    It opens on the day of `trigger` or, if later, of `antecedent` (both None: with the contract, or when a
    remedy opens it) and can be used up to and with the day of `closes` (None: as long as the contract).
    `closes` may speak of the day it opened by the name "opens". It may be used `times` times (None: as
    often as one likes), in all or in each period of `per` counted from the day it opened. `consequence`
    is of the kind, or a `NewDuty` of `against`. `survives` says that it outlives the contract.
    """

    id: PowerId = field(validator=text)
    kind: PowerKind = field(validator=member(PowerKind))
    title: str = field(validator=text)
    holder: Party = field(validator=member(Party))
    against: Party = field(validator=member(Party))
    consequence: PowerConsequence = field(validator=instance(*_OF_KIND.values(), NewDuty))
    trigger: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))
    antecedent: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))
    closes: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))
    times: int | None = field(default=1, validator=maybe(positive_count))
    per: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    survives: bool = field(default=False, validator=flag)
    citation: str = ""

    def __attrs_post_init__(self) -> None:
        right = _OF_KIND[self.kind]
        if not isinstance(self.consequence, right | NewDuty):
            shown = type(self.consequence).__name__
            raise InvalidRecord(f"Power {self.id}", "consequence", shown, f"{right.__name__} or NewDuty")
        if self.per is not None and self.times is None:
            raise InvalidRecord(f"Power {self.id}", "per", str(self.per), "times as well: how often in each period")

    def held_by(self, side: Party) -> bool:
        """Whether `side` may use it."""
        return self.holder in (side, Party.EITHER) or (self.holder is Party.BOTH and side is Party.BOTH)
