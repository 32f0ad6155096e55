"""Where a traveller stands on a customer journey on a day: folded from the steps taken and the signals heard.

The rule of the file: no state is stored. A step on record that the chart has no place for is told (LOST), never
bent into the chart.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import field, frozen

from clmcrm.calendars.months import add_days
from clmcrm.crm.journey import AnyNode, AwaitSignal, Journey, Signal, StepOutcome, Travel, WaitDays
from clmcrm.values.days import check_days
from clmcrm.values.validators import count, maybe, member, plain_date


class JourneyState(StrEnum):
    """Where a traveller stands: WAITING, DUE for a step, FINISHED, LEFT before the end, or LOST.

    LOST: a step is on record that the chart has no place for; somebody must look at it.
    """

    WAITING = "waiting"
    DUE = "due"
    FINISHED = "finished"
    LEFT = "left"
    LOST = "lost"


@frozen(kw_only=True)
class TravelStanding:
    """Where a traveller stands: at `node` since the day `since`, and when it goes on by itself (`due_on`).

    `node` is None once the journey is over; `due_on` None where there is nothing to wait for.
    """

    state: JourneyState = field(validator=member(JourneyState))
    node: AnyNode | None = None
    since: date | None = field(default=None, validator=maybe(plain_date))
    due_on: date | None = field(default=None, validator=maybe(plain_date))
    steps: int = field(default=0, validator=count)


def travel_standing(journey: Journey, travel: Travel, as_of: date) -> TravelStanding:
    """Where `travel` stands on `as_of`, by what had happened by then.

    Nobody leaves a journey that was over: one who had finished by the day of leaving is FINISHED.

    >>> from clmcrm.crm.journey import AskPerson
    >>> from clmcrm.values.ids import JourneyId, LeadId
    >>> plan = Journey(id=JourneyId("j"), name="Welcome", nodes=(
    ...     WaitDays(name="pause", days=3, then="call"), AskPerson(name="call", action="call them")))
    >>> here = Travel(journey=JourneyId("j"), lead=LeadId("l"), entered_on=date(2026, 1, 1))
    >>> [travel_standing(plan, here, date(2026, 1, day)).state.value for day in (3, 4)]
    ['waiting', 'due']
    """
    check_days("travel_standing", as_of=as_of)
    left = _left_on(journey, travel)
    if left is None or left > as_of:
        return _under_way(journey, travel, as_of)
    then = _under_way(journey, travel, left)
    return then if then.state is JourneyState.FINISHED else TravelStanding(state=JourneyState.LEFT, since=left)


def _under_way(journey: Journey, travel: Travel, as_of: date) -> TravelStanding:
    """Where `travel` stands on `as_of` unless it was left before."""
    taken = [step for step in travel.taken if step.on <= as_of]
    unheard = sorted(travel.signals, key=lambda signal: signal.on)
    name: str | None = journey.nodes[0].name
    since, steps = travel.entered_on, 0
    while name is not None:
        node = journey.node(name)
        if isinstance(node, WaitDays | AwaitSignal):
            moved = _after_waiting(node, unheard, since, as_of)
            if isinstance(moved, date):
                return TravelStanding(state=JourneyState.WAITING, node=node, since=since, due_on=moved, steps=steps)
            name, since = moved
            continue
        if steps == len(taken):
            state = JourneyState.DUE if since <= as_of else JourneyState.WAITING
            return TravelStanding(state=state, node=node, since=since, due_on=since, steps=steps)
        step = taken[steps]
        if step.node != node.name:
            return TravelStanding(state=JourneyState.LOST, node=node, since=since, steps=steps)
        name = getattr(node, "otherwise", None) if step.outcome is StepOutcome.OTHERWISE else node.then
        since, steps = step.on, steps + 1
    state = JourneyState.FINISHED if steps == len(taken) else JourneyState.LOST
    return TravelStanding(state=state, since=since, steps=steps)


def _left_on(journey: Journey, travel: Travel) -> date | None:
    days = [signal.on for signal in travel.signals if signal.name in journey.exits and signal.on >= travel.entered_on]
    days += [] if travel.left_on is None else [travel.left_on]
    return min(days, default=None)


def _after_waiting(
    node: WaitDays | AwaitSignal, unheard: list[Signal], since: date, as_of: date
) -> tuple[str | None, date] | date:
    """Where the traveller went and when, or the day the wait is over; a signal that was heard is taken out."""
    last = add_days(since, node.days)
    if isinstance(node, WaitDays):
        return (node.then, last) if last <= as_of else last
    heard = next((s for s in unheard if s.name == node.signal and since <= s.on <= min(last, as_of)), None)
    if heard is not None:
        unheard.remove(heard)
        return node.then, heard.on
    over = add_days(last, 1)
    return (node.otherwise, over) if over <= as_of else over
