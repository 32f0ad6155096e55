"""A customer journey: planned steps one after another, and how far each traveller has come.

Where a traveller stands is folded from what happened (steps taken, left or not) and a day; no state is
stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from attrs import evolve, field, frozen

from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.ids import AccountId, ContactId, JourneyId, LeadId, SegmentId
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, instance, maybe, member, plain_date, text


class JourneyState(StrEnum):
    """Where a traveller stands: WAITING for the next step's day, DUE for it, FINISHED, or LEFT before."""

    WAITING = "waiting"
    DUE = "due"
    FINISHED = "finished"
    LEFT = "left"


@frozen(kw_only=True)
class JourneyStep:
    """One step: what is done (`action`), `wait_days` calendar days after the step before (or the entry).

    `only_for` is the segment a traveller must be in for the step, None for everyone: who checks it passes
    the step over by taking it with no action.
    """

    name: str = field(validator=text)
    action: str = field(validator=text)
    wait_days: int = field(default=0, validator=count)
    only_for: SegmentId | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class Journey(Record):
    """The plan: `steps` in order, each name once; `segment` is whom it is for (None: whoever enters)."""

    id: JourneyId = field(validator=text)
    name: str = field(validator=text)
    steps: tuple[JourneyStep, ...] = field(validator=each(instance(JourneyStep)))
    segment: SegmentId | None = field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        names = [step.name for step in self.steps]
        if not names or len(set(names)) < len(names):
            raise InvalidRecord(f"Journey {self.id}", "steps", names, "at least one step, each name once")


@frozen(kw_only=True)
class Travel(Record):
    """One traveller (exactly one of lead, contact and account) on a journey.

    `taken` are the days of the steps taken so far, in the journey's order; `left_on` the day the traveller
    left before the end, None while under way.
    """

    journey: JourneyId = field(validator=text)
    lead: LeadId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    account: AccountId | None = field(default=None, validator=maybe(text))
    entered_on: date = field(validator=plain_date)
    taken: tuple[date, ...] = field(default=(), validator=each(plain_date))
    left_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        name = f"Travel on {self.journey}"
        travellers = [who for who in (self.lead, self.contact, self.account) if who is not None]
        if len(travellers) != 1:
            raise InvalidRecord(name, "contact", travellers, "one lead, contact or account")
        if list(self.taken) != sorted((self.entered_on, *self.taken))[1:]:
            raise InvalidRecord(name, "taken", self.taken, f"days in order from {self.entered_on}")


@frozen(kw_only=True)
class Standing:
    """Where a traveller stands; `step` is the next one and `due_on` its day, None when there is none."""

    state: JourneyState = field(validator=member(JourneyState))
    step: JourneyStep | None = None
    due_on: date | None = field(default=None, validator=maybe(plain_date))


def standing(journey: Journey, travel: Travel, as_of: date) -> Standing:
    """Where `travel` stands on `as_of`.

    >>> plan = Journey(id=JourneyId("j"), name="Welcome",
    ...                steps=(JourneyStep(name="call", action="call them", wait_days=3),))
    >>> here = Travel(journey=JourneyId("j"), lead=LeadId("l"), entered_on=date(2026, 1, 1))
    >>> standing(plan, here, date(2026, 1, 3)).state.value, standing(plan, here, date(2026, 1, 4)).state.value
    ('waiting', 'due')
    """
    if travel.left_on is not None and travel.left_on <= as_of:
        return Standing(state=JourneyState.LEFT)
    if len(travel.taken) >= len(journey.steps):
        return Standing(state=JourneyState.FINISHED)
    step = journey.steps[len(travel.taken)]
    last = travel.taken[-1] if travel.taken else travel.entered_on
    due_on = last + timedelta(days=step.wait_days)
    state = JourneyState.DUE if due_on <= as_of else JourneyState.WAITING
    return Standing(state=state, step=step, due_on=due_on)


def step_taken(journey: Journey, travel: Travel, on: date) -> Travel:
    """`travel` with its next step taken on the day `on`.

    Raises `TransitionNotAllowed` before the step's day, after the end, and once the traveller has left.

    >>> plan = Journey(id=JourneyId("j"), name="Welcome", steps=(JourneyStep(name="call", action="call"),))
    >>> here = Travel(journey=JourneyId("j"), lead=LeadId("l"), entered_on=date(2026, 1, 1))
    >>> len(step_taken(plan, here, date(2026, 1, 2)).taken)
    1
    """
    here = standing(journey, travel, on)
    if here.state is not JourneyState.DUE:
        why = [f"the step {here.step.name} is due on {here.due_on}"] if here.step else []
        raise TransitionNotAllowed(f"travel on {journey.id}", "step", here.state.value, [], why)
    return evolve(travel, taken=(*travel.taken, on))


def travellers_due(journey: Journey, travels: Iterable[Travel], as_of: date) -> tuple[tuple[Travel, JourneyStep], ...]:
    """The travellers for whom a step is due on `as_of`, with that step, in the order given.

    >>> plan = Journey(id=JourneyId("j"), name="Welcome", steps=(JourneyStep(name="call", action="call"),))
    >>> here = Travel(journey=JourneyId("j"), lead=LeadId("l"), entered_on=date(2026, 1, 1))
    >>> [step.name for _, step in travellers_due(plan, [here], date(2026, 1, 1))]
    ['call']
    """
    found = ((travel, standing(journey, travel, as_of)) for travel in travels if travel.journey == journey.id)
    return tuple((t, s.step) for t, s in found if s.state is JourneyState.DUE and s.step is not None)
