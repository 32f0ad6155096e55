"""What one side owes the other: what it is, when it falls due, and what has been done about it.

An obligation is due once, again and again, or a while after something else; which days that gives is worked
out in `clmcrm.clm.due_days`. A performance is evidence that is added, and performing late never erases that
it was late.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from attrs import field, frozen

from clmcrm.calendars.adjustments import Convention
from clmcrm.clm.day_expressions import DayExpression, Expression, OnFact
from clmcrm.clm.kinds import Party
from clmcrm.clm.remedies import CureStart, Remedy
from clmcrm.errors import InvalidRecord
from clmcrm.values.exact import sum_of
from clmcrm.values.ids import ObligationId
from clmcrm.values.money import Money
from clmcrm.values.partial import DayFact, PartialDate, Unknown
from clmcrm.values.record import Record
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, exact, flag, instance, maybe, member, plain_date, positive_count, share, text


class ObligationKind(StrEnum):
    """What sort of thing is owed."""

    PAYMENT = "payment"
    DELIVERY = "delivery"
    REPORT = "report"
    AUDIT = "audit"
    INSURANCE = "insurance"
    SERVICE_LEVEL = "service_level"
    CONFIDENTIALITY = "confidentiality"
    FILING = "filing"
    OTHER = "other"


class Trigger(StrEnum):
    """What a relative obligation is counted from."""

    EXECUTION = "execution"
    EFFECTIVE_DATE = "effective_date"
    END = "end"
    OBLIGATION = "obligation"


@frozen(kw_only=True)
class DueOn:
    """Due once, on `day`: a day as it is known, or an expression such as the later of two days."""

    day: DayFact | DayExpression = field(validator=instance(date, PartialDate, Unknown, Expression))


@frozen(kw_only=True)
class DueEvery:
    """Due on `first_on` and then every `every`, counted from `first_on` itself.

    `last_day` bounds the series, inside (None: as long as the contract); `times` is how many there are at
    most (1 or more; None: no limit).
    """

    first_on: date = field(validator=plain_date)
    every: Tenor = field(validator=instance(Tenor))
    last_day: date | None = field(default=None, validator=maybe(plain_date))
    times: int | None = field(default=None, validator=maybe(positive_count))


@frozen(kw_only=True)
class DueAfter:
    """Due `within` after the `trigger`; `obligation` names the other one when the trigger is one."""

    trigger: Trigger = field(validator=member(Trigger))
    within: Tenor = field(validator=instance(Tenor))
    obligation: ObligationId | None = field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        if (self.trigger is Trigger.OBLIGATION) != (self.obligation is not None):
            raise InvalidRecord("DueAfter", "obligation", self.obligation, "an id exactly when it is the trigger")


Due: TypeAlias = DueOn | DueEvery | DueAfter


@frozen(kw_only=True)
class Performance:
    """Evidence that something was done on `on`: for the occurrence due on `for_due`, `share` of it.

    `for_due` is its agreed day, or the day to which that was moved; where it is the agreed day of one occurrence and
    the due day of another, it is the first that is meant.
    `share` is from 0 to 1; `evidence` says where the proof is.
    """

    on: date = field(validator=plain_date)
    for_due: date = field(validator=plain_date)
    share: Decimal = field(default=Decimal(1), validator=exact)
    evidence: str = ""

    def __attrs_post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidRecord("Performance", "share", self.share, "a share above 0 and up to 1")


@frozen(kw_only=True)
class Proposal:
    """Where a reader found an obligation that a person must still confirm.

    `span` is the place in the text ("p. 4, chars 120-188"), `confidence` the reader's own 0 to 1 (None: it
    gave none).
    """

    source: str = field(validator=text)
    span: str = ""
    confidence: Decimal | None = field(default=None, validator=maybe(share))


@frozen(kw_only=True)
class Obligation(Record):
    """`obligor` owes `obligee` what `title` says.

    `convention` moves a due day off a day that does not count (NONE: it stays); `grace` is what is allowed
    after it (None: nothing). `condition` is what must happen first, in words (empty: unconditional), and
    `condition_fact` the name of the fact that says it has (None: nothing is computed from the condition);
    what was due before that day was never owed. `survives` says that it outlives the contract. `amount` is
    what one occurrence costs (None: no money).

    `antecedent` says the same as an expression (one of the two, not both); it must have come by
    `antecedent_deadline` (None: by the due day). `cure` is how long a breach may be healed, counted from
    `cure_from` (None: not at all); `remedies` what follows from a breach. After each number of overdue
    business days in `escalate_after`, rising, the matter goes one level up. `proposal` says that a reader
    found it and nobody has confirmed it yet (None: a person wrote it).
    """

    id: ObligationId = field(validator=text)
    kind: ObligationKind = field(validator=member(ObligationKind))
    title: str = field(validator=text)
    obligor: Party = field(validator=member(Party))
    obligee: Party = field(validator=member(Party))
    due: Due = field(validator=instance(DueOn, DueEvery, DueAfter))
    convention: Convention = field(default=Convention.NONE, validator=member(Convention))
    grace: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    condition: str = ""
    condition_fact: str | None = field(default=None, validator=maybe(text))
    citation: str = ""
    survives: bool = field(default=False, validator=flag)
    performances: tuple[Performance, ...] = field(default=(), validator=each(instance(Performance)))
    antecedent: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))
    antecedent_deadline: DayExpression | None = field(default=None, validator=maybe(instance(Expression)))
    cure: Tenor | None = field(default=None, validator=maybe(instance(Tenor)))
    cure_from: CureStart = field(default=CureStart.BREACH, validator=member(CureStart))
    remedies: tuple[Remedy, ...] = field(default=(), validator=each(instance(Remedy)))
    escalate_after: tuple[int, ...] = field(default=(), validator=each(positive_count))
    proposal: Proposal | None = field(default=None, validator=maybe(instance(Proposal)))

    def __attrs_post_init__(self) -> None:
        if self.antecedent is not None and self.condition_fact is not None:
            raise InvalidRecord(f"Obligation {self.id}", "antecedent", self.antecedent, "no condition_fact beside it")
        if list(self.escalate_after) != sorted(set(self.escalate_after)):
            raise InvalidRecord(
                f"Obligation {self.id}", "escalate_after", self.escalate_after, "rising numbers of days"
            )
        if len({remedy.id for remedy in self.remedies}) < len(self.remedies):
            raise InvalidRecord(f"Obligation {self.id}", "remedies", self.remedies, "an id of its own for each remedy")


def done_on(obligation: Obligation) -> date | Unknown:
    """The day on which an obligation due once was performed in full.

    `Unknown` for one that recurs: half of one occurrence and half of another are no whole.
    """
    if isinstance(obligation.due, DueEvery):
        return Unknown(f"{obligation.id} recurs: it has no single day")
    done = Decimal(0)
    for performance in sorted(obligation.performances, key=lambda p: p.on):
        done = sum_of([done, performance.share])
        if done >= 1:
            return performance.on
    return Unknown(f"{obligation.id} has not been performed in full")


def done_by(obligation: Obligation, due_on: date, as_of: date) -> Decimal:
    """The share of the occurrence due on `due_on` that was performed on or before `as_of` (0 to 1)."""
    shares = [p.share for p in obligation.performances if p.for_due == due_on and p.on <= as_of]
    return min(Decimal(1), sum_of(shares))


def antecedent_of(obligation: Obligation) -> DayExpression | None:
    """The day on which the obligation begins to be owed, as an expression; None when it has no condition."""
    if obligation.antecedent is None and obligation.condition_fact is not None:
        return OnFact(name=obligation.condition_fact)
    return obligation.antecedent
