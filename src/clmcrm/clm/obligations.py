"""What one side owes the other: when it is due, on which days, and what has been done about it.

An obligation is due once, again and again, or a while after something else. Its occurrences keep the
agreed day and the adjusted one side by side; a performance is evidence that is added, and performing late
never erases that it was late.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import TypeAlias

from attrs import field, frozen

from clmcrm.calendars.adjustments import Convention, adjust
from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import forward, month_number, nth
from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.clm.day_expressions import DayExpression, Expression, Facts, OnFact, day_of, names_in
from clmcrm.clm.kinds import Party
from clmcrm.clm.remedies import CureStart, Remedy
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ObligationId
from clmcrm.values.money import Money
from clmcrm.values.partial import DayFact, PartialDate, Unknown, known, why_not
from clmcrm.values.record import Record
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import each, flag, instance, maybe, member, plain_date, positive_count, share, text
from clmcrm.values.wording import Step, Wording


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

    `share` is from 0 to 1; `evidence` says where the proof is.
    """

    on: date = field(validator=plain_date)
    for_due: date = field(validator=plain_date)
    share: Decimal = Decimal(1)
    evidence: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.share.is_finite() or not 0 < self.share <= 1:
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


@frozen(kw_only=True)
class Occurrence:
    """One due day: `agreed_on` as counted, `due_on` after adjustment, `late_after` with the grace added."""

    obligation: ObligationId
    title: str
    agreed_on: date
    due_on: date
    late_after: date
    amount: Money | None
    steps: tuple[Step, ...]


@frozen(kw_only=True)
class Anchors:
    """What obligations of one contract are counted from.

    Its days, each a fact that may be unknown (`last_day` None: no end in sight), and its `others`: the
    obligations that one may be counted from. `facts` are further named days that expressions speak of.
    """

    executed_on: DayFact
    effective_on: DayFact
    last_day: DayFact | None
    others: tuple[Obligation, ...] = ()
    facts: Facts = field(factory=Facts)


def occurrences(
    obligation: Obligation,
    first_day: date,
    last_day: date,
    *,
    anchors: Anchors,
    calendar: HolidayCalendar | None = None,
    regimes: Regimes = BUILT_IN_REGIMES,
) -> tuple[Occurrence, ...] | Unknown:
    """Every occurrence whose due day lies from `first_day` to `last_day`, both inside, in order.

    `regimes` are those that expressions may name. `Unknown` names the missing day. Raises `InvalidRecord`
    when an adjustment is agreed and no `calendar` is given.
    """
    asked = _Question(anchors, calendar, regimes)
    owed_from = asked.owed_from(obligation)
    if isinstance(owed_from, Unknown):
        return owed_from
    days = asked.agreed_days(obligation, Span(first_day, last_day))
    if isinstance(days, Unknown):
        return days
    found = [_occurrence(obligation, day, asked.steps, calendar) for day in days if day >= owed_from]
    return tuple(o for o in found if first_day <= o.due_on <= last_day)


def agreed_day(
    obligation: Obligation,
    anchors: Anchors,
    calendar: HolidayCalendar | None = None,
    *,
    regimes: Regimes = BUILT_IN_REGIMES,
) -> date | Unknown:
    """The agreed day of an obligation that is due once; `Unknown` for one that recurs or lacks a fact."""
    if isinstance(obligation.due, DueEvery):
        return Unknown(f"{obligation.id} recurs: it has no single day")
    days = _Question(anchors, calendar, regimes).agreed_days(obligation, Span(date.min, date.max))
    return days if isinstance(days, Unknown) else days[0]


def done_on(obligation: Obligation) -> date | Unknown:
    """The day on which an obligation due once was performed in full."""
    done = Decimal(0)
    for performance in sorted(obligation.performances, key=lambda p: p.on):
        done += performance.share
        if done >= 1:
            return performance.on
    return Unknown(f"{obligation.id} has not been performed in full")


def done_by(obligation: Obligation, due_on: date, as_of: date) -> Decimal:
    """The share of the occurrence due on `due_on` that was performed on or before `as_of` (0 to 1)."""
    shares = [p.share for p in obligation.performances if p.for_due == due_on and p.on <= as_of]
    return min(Decimal(1), sum(shares, Decimal(0)))


def antecedent_of(obligation: Obligation) -> DayExpression | None:
    """The day on which the obligation begins to be owed, as an expression; None when it has no condition."""
    if obligation.antecedent is None and obligation.condition_fact is not None:
        return OnFact(name=obligation.condition_fact)
    return obligation.antecedent


class _Question:
    """One question about due days: what they are counted from, and the steps that were taken."""

    def __init__(self, anchors: Anchors, calendar: HolidayCalendar | None, regimes: Regimes) -> None:
        self._anchors = anchors
        self._calendar = calendar
        self._regimes = regimes
        self.steps: tuple[Step, ...] = ()

    def owed_from(self, obligation: Obligation) -> date | Unknown:
        """The day from which the obligation is owed: that of its condition, if it has one."""
        antecedent = antecedent_of(obligation)
        if antecedent is None:
            return date.min
        facts = self.facts_for(antecedent, frozenset({obligation.id}))
        found = day_of(antecedent, facts, self._calendar, regimes=self._regimes)
        if not isinstance(found, Unknown):
            return found.day
        said = obligation.condition or obligation.condition_fact or "its antecedent"
        return Unknown(f"{obligation.id} is owed only on a condition ({said}): {found.reason}")

    def agreed_days(
        self, obligation: Obligation, window: Span, seen: frozenset[ObligationId] = frozenset()
    ) -> tuple[date, ...] | Unknown:
        """The days as agreed, before any adjustment; `seen` are the obligations that led here."""
        due, anchors = obligation.due, self._anchors
        if isinstance(due, DueOn):
            if isinstance(due.day, Expression):
                return self._expressed(obligation, due.day, seen)
            return _one(due.day, f"the due day of {obligation.id}")
        if isinstance(due, DueAfter):
            return self._after(obligation, due, seen)
        end = None if obligation.survives or anchors.last_day is None else known(anchors.last_day)
        bounds = [day for day in (due.last_day, end, window.last_day) if day is not None]
        return _series(due, window.first_day, min(bounds))

    def fact(self, name: str, seen: frozenset[ObligationId]) -> DayFact:
        """A named fact: the contract's days, "due:ID" and "done:ID" of another obligation, or one given."""
        anchors = self._anchors
        if name == "last_day":
            return anchors.last_day or Unknown("the contract has no end in sight")
        own = {"executed_on": anchors.executed_on, "effective_on": anchors.effective_on}
        kind, _, key = name.partition(":")
        other = next((o for o in anchors.others if o.id == key), None)
        if other is None or kind not in ("due", "done"):
            return own.get(name) or anchors.facts[name]
        if kind == "done":
            return done_on(other)
        if other.id in seen:
            return Unknown(f"{other.id} is counted from what is counted from it in turn")
        if isinstance(other.due, DueEvery):
            return Unknown(f"{other.id} recurs: it has no single day")
        days = self.agreed_days(other, Span(date.min, date.max), seen)
        return days if isinstance(days, Unknown) else days[0]

    def facts_for(self, day: DayExpression, seen: frozenset[ObligationId]) -> Facts:
        """The facts that the expression speaks of."""
        return Facts({name: self.fact(name, seen) for name in names_in(day)})

    def _expressed(
        self, obligation: Obligation, day: DayExpression, seen: frozenset[ObligationId]
    ) -> tuple[date, ...] | Unknown:
        facts = self.facts_for(day, seen | {obligation.id})
        found = day_of(day, facts, self._calendar, regimes=self._regimes)
        if isinstance(found, Unknown):
            return Unknown(f"the due day of {obligation.id} is not known: {found.reason}")
        self.steps = found.steps
        return (found.day,)

    def _after(
        self, obligation: Obligation, due: DueAfter, seen: frozenset[ObligationId]
    ) -> tuple[date, ...] | Unknown:
        if due.trigger is Trigger.OBLIGATION:
            return self._after_other(obligation, due, seen | {obligation.id})
        fact = {
            Trigger.EXECUTION: self._anchors.executed_on,
            Trigger.EFFECTIVE_DATE: self._anchors.effective_on,
            Trigger.END: self._anchors.last_day or Unknown("the contract has no end in sight"),
        }[due.trigger]
        start = _one(fact, f"the {due.trigger.value.replace('_', ' ')} {obligation.id} is counted from")
        return start if isinstance(start, Unknown) else (forward(start[0], due.within),)

    def _after_other(
        self, obligation: Obligation, due: DueAfter, seen: frozenset[ObligationId]
    ) -> tuple[date, ...] | Unknown:
        other = next((o for o in self._anchors.others if o.id == due.obligation), None)
        if other is None:
            return Unknown(f"{obligation.id} is counted from {due.obligation}, which the contract does not hold")
        if other.id in seen:
            return Unknown(f"{obligation.id} is counted from {other.id}, which is counted from it in turn")
        if isinstance(other.due, DueEvery):
            return Unknown(f"{obligation.id} is counted from {other.id}, which recurs: it has no single day")
        start = self.agreed_days(other, Span(date.min, date.max), seen)
        return start if isinstance(start, Unknown) else (forward(start[0], due.within),)


def _one(fact: DayFact, what: str) -> tuple[date, ...] | Unknown:
    day = known(fact)
    return Unknown(f"{what} is not known: {why_not(fact)}") if day is None else (day,)


def _series(due: DueEvery, first_day: date, last_day: date) -> tuple[date, ...]:
    """The days of the series up to `last_day`, from a little before `first_day` (adjustment may move one in)."""
    days: list[date] = []
    for k in count(_first_index(due, first_day)):
        if due.times is not None and k >= due.times:
            break
        day = nth(due.first_on, due.every, k)
        if day > last_day:
            break
        days.append(day)
    return tuple(days)


def _first_index(due: DueEvery, first_day: date) -> int:
    """A number at or a little before the first date of the series that can matter; closed form."""
    if due.every.whole_months:
        passed = month_number(first_day) - month_number(due.first_on) - 2
        return max(0, passed * 30 // (due.every.whole_months * 31 + due.every.loose_days))
    return max(0, (first_day - due.first_on).days // due.every.loose_days - 15)


def _occurrence(
    obligation: Obligation, day: date, before: tuple[Step, ...], calendar: HolidayCalendar | None
) -> Occurrence:
    steps = [*before, Step(day, Wording(f"{obligation.title}: the agreed day", f"{obligation.title} : jour convenu"))]
    due_on = day
    if obligation.convention is not Convention.NONE:
        if calendar is None:
            raise InvalidRecord(
                f"Obligation {obligation.id}", "convention", obligation.convention.value, "a calendar to adjust on"
            )
        due_on = adjust(day, obligation.convention, calendar)
        if due_on != day:
            closed = calendar.why_closed(day)
            steps.append(
                Step(
                    due_on,
                    Wording(
                        f"{day} does not count ({closed}, {calendar.name}): {obligation.convention}",
                        f"le {day} ne compte pas ({closed}, {calendar.name}) : {obligation.convention}",
                    ),
                )
            )
    late_after = due_on if obligation.grace is None else forward(due_on, obligation.grace)
    return Occurrence(
        obligation=obligation.id,
        title=obligation.title,
        agreed_on=day,
        due_on=due_on,
        late_after=late_after,
        amount=obligation.amount,
        steps=tuple(steps),
    )
