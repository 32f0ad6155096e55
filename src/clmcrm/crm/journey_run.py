"""One run of a journey on a day: which messages go out, which are withheld, who is asked to do what.

The rule of the file: nothing is sent here. Each action carries a key that is the same in every run, so
that a channel that has it already sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from attrs import Attribute, define, evolve, field, frozen

from clmcrm.calendars.months import add_days
from clmcrm.crm.journey import (
    AskPerson,
    ChooseWay,
    FrequencyCap,
    Journey,
    SendMessage,
    Signal,
    StepOutcome,
    StepTaken,
    Travel,
)
from clmcrm.crm.journey_standing import JourneyState, travel_standing
from clmcrm.crm.segment import fulfils
from clmcrm.crm.segment_reasons import explained
from clmcrm.errors import InvalidRecord
from clmcrm.parties.contacts import Channel, Consent, consent_given
from clmcrm.values.ids import JourneyId
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import maybe, member, plain_date, text

_KINDS: Final = ("lead", "contact", "account")


@frozen(kw_only=True)
class JourneyAction:
    """Something to do for `traveller` on the day `on`: a message on `channel`, or an errand of ours (None).

    `traveller` is a `Travel.traveller` ("contact/ada"), `content` the template of a message, or what we are asked to
    do. `key` names it once and for all.
    """

    key: str = field(validator=text)
    journey: JourneyId = field(validator=text)
    node: str = field(validator=text)
    traveller: str = field(validator=text)
    on: date = field(validator=plain_date)
    channel: Channel | None = field(default=None, validator=maybe(member(Channel)))
    content: str = field(validator=text)
    purpose: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class HeldBack:
    """A message to `traveller` at `node` that did not go out, and why; `until` when it may (None: never).

    Of several caps that forbid it, the one that does so the longest is named.
    """

    traveller: str
    node: str
    why: str
    until: date | None = None


@frozen(kw_only=True)
class JourneyRun:
    """The travels after the run, in the order given; the actions to carry out; what was held back."""

    travels: tuple[Travel, ...]
    actions: tuple[JourneyAction, ...]
    held_back: tuple[HeldBack, ...]


def _by_traveller(_: object, attribute: Attribute[Any], value: Mapping[str, Any]) -> None:
    for key in value:
        if key.partition("/")[0] not in _KINDS:
            wanted = " or ".join(f"{kind}/{key}" for kind in _KINDS)
            raise InvalidRecord("Circumstances", attribute.name, key, wanted)


@frozen(kw_only=True)
class Circumstances:
    """What a run must know: the day, the travellers' records and consents, and the caps.

    `records` are what conditions look at (`CustomerFacts`, a lead, a contact), `consents` what each traveller
    allowed, both by `Travel.traveller` ("contact/ada"). `other_travels` are those on other journeys: their messages
    count for the caps.

    Raises `InvalidRecord` for a record or a consent under anything else: it would be nobody's.
    """

    as_of: date = field(validator=plain_date)
    records: Mapping[str, object] = field(validator=_by_traveller)
    consents: Mapping[str, Sequence[Consent]] = field(validator=_by_traveller)
    caps: tuple[FrequencyCap, ...] = ()
    other_travels: tuple[Travel, ...] = ()


def run_journey(journey: Journey, travels: Iterable[Travel], around: Circumstances) -> JourneyRun:
    """Every step of `journey` that is due on the day, for each of `travels`; those on other journeys stay as they are.

    A message without the consent it needs is withheld and the traveller goes on; one that a cap forbids waits
    where it is until the cap allows it. Missed days are caught up with on the day of the run: what was due
    before is done now, once. A run of a day before a traveller's last step leaves that traveller as they are.

    >>> from clmcrm.values.ids import LeadId
    >>> mail = SendMessage(name="hello", channel=Channel.EMAIL, template="hello.html")
    >>> plan = Journey(id=JourneyId("j"), name="Welcome", nodes=(mail,))
    >>> lead = Travel(journey=JourneyId("j"), lead=LeadId("l"), entered_on=date(2026, 1, 1))
    >>> allowed = {"lead/l": [Consent(channel=Channel.EMAIL, given=True)]}
    >>> day = Circumstances(as_of=date(2026, 1, 2), records={}, consents=allowed)
    >>> [action.key for action in run_journey(plan, [lead], day).actions]
    ['j/lead/l/2026-01-01/0']
    """
    given = list(travels)
    run = _Run(journey, around)
    for travel in (*given, *around.other_travels):
        for step in travel.taken:
            if step.channel is not None and step.outcome is StepOutcome.DONE:
                run.sent.setdefault(travel.traveller, []).append((step.on, step.channel))
    after = tuple(_walk(run, travel) if travel.journey == journey.id else travel for travel in given)
    return JourneyRun(travels=after, actions=tuple(run.actions), held_back=tuple(run.held))


@define
class _Run:
    """One run: what it is about and what it has come to so far."""

    journey: Journey
    around: Circumstances
    sent: dict[str, list[tuple[date, Channel]]] = field(factory=dict[str, list[tuple[date, Channel]]])
    actions: list[JourneyAction] = field(factory=list[JourneyAction])
    held: list[HeldBack] = field(factory=list[HeldBack])


def _walk(run: _Run, travel: Travel) -> Travel:
    if travel.taken and travel.taken[-1].on > run.around.as_of:
        return travel  # a later run has done it: what was due then is not due again
    while True:
        here = travel_standing(run.journey, travel, run.around.as_of)
        node = here.node
        if here.state is not JourneyState.DUE or node is None:
            return travel
        step: StepTaken | None
        if isinstance(node, ChooseWay):
            step = _chosen(node, run.around.records.get(travel.traveller), run.around.as_of)
        elif isinstance(node, SendMessage):
            step = _message(run, node, travel)
        elif isinstance(node, AskPerson):
            run.actions.append(_action(run, travel, node, node.action))
            step = StepTaken(node=node.name, on=run.around.as_of)
        else:
            return travel
        if step is None:
            return travel
        travel = evolve(travel, taken=(*travel.taken, step))


def _chosen(node: ChooseWay, record: object, as_of: date) -> StepTaken:
    if record is None:
        return StepTaken(
            node=node.name, on=as_of, outcome=StepOutcome.OTHERWISE, why="no record of the traveller is given"
        )
    holds = fulfils(record, node.condition)
    verdict = explained(record, node.condition)
    outcome = StepOutcome.THEN if holds else StepOutcome.OTHERWISE
    return StepTaken(node=node.name, on=as_of, outcome=outcome, why=verdict.said.en)


def _message(run: _Run, node: SendMessage, travel: Travel) -> StepTaken | None:
    who, as_of = travel.traveller, run.around.as_of
    consent = consent_given(run.around.consents.get(who, ()), node.channel, node.purpose)
    if consent is False or (node.needs_consent and consent is None):
        why = "refused" if consent is False else "no consent is on record"
        run.held.append(HeldBack(traveller=who, node=node.name, why=why))
        return StepTaken(node=node.name, on=as_of, outcome=StepOutcome.WITHHELD, why=why)
    sent = run.sent.setdefault(who, [])
    frees = [(cap, _free_from(cap, node.channel, sent, as_of)) for cap in run.around.caps]
    forbidden = [(cap, until) for cap, until in frees if until is not None]
    if forbidden:
        cap, until = max(forbidden, key=lambda pair: pair[1])
        on = "" if cap.channel is None else f" on {cap.channel.value}"
        messages = "message" if cap.most == 1 else "messages"
        why = f"at most {cap.most} {messages}{on} in {Tenor(days=cap.days).words}"
        run.held.append(HeldBack(traveller=who, node=node.name, why=why, until=until))
        return None
    run.actions.append(_action(run, travel, node, node.template))
    sent.append((as_of, node.channel))
    return StepTaken(node=node.name, on=as_of, channel=node.channel)


def _free_from(cap: FrequencyCap, channel: Channel, sent: list[tuple[date, Channel]], as_of: date) -> date | None:
    """The first day the cap allows one more message; None when that is `as_of`."""
    if cap.channel not in {None, channel}:
        return None
    counted = [on for on, where in sent if cap.channel in {None, where}]
    if _has_room(cap, counted, as_of):
        return None
    # A day frees itself only when a message of before leaves its days.
    ends = sorted({add_days(on, cap.days) for on in counted if (as_of - on).days < cap.days})
    return next(day for day in ends if day > as_of and _has_room(cap, counted, day))


def _has_room(cap: FrequencyCap, sent: list[date], day: date) -> bool:
    """Whether no run of days that holds `day` is full; some may have been sent later, on another journey."""
    near = [(on - day).days for on in sent if abs((on - day).days) < cap.days]
    begins = {0, *(n for n in near if n < 0)}
    return all(sum(begin <= n < begin + cap.days for n in near) < cap.most for begin in begins)


def _action(run: _Run, travel: Travel, node: SendMessage | AskPerson, content: str) -> JourneyAction:
    return JourneyAction(
        key=f"{run.journey.id}/{travel.traveller}/{travel.entered_on}/{len(travel.taken)}",
        journey=run.journey.id,
        node=node.name,
        traveller=travel.traveller,
        on=run.around.as_of,
        channel=node.channel if isinstance(node, SendMessage) else None,
        content=content,
        purpose=node.purpose if isinstance(node, SendMessage) else None,
    )


def entered(journey: Journey, signals: Iterable[tuple[Travel, Signal]]) -> tuple[Travel, ...]:
    """The travels that `signals` begin: those whose name is the journey's trigger, each traveller once.

    Each signal comes with a travel that names the traveller (its other fields are not looked at).

    >>> plan = Journey(id=JourneyId("j"), name="W", trigger="signed up", nodes=(AskPerson(name="call", action="call"),))
    >>> from clmcrm.values.ids import LeadId
    >>> who = Travel(journey=JourneyId("j"), lead=LeadId("l"), entered_on=date(2026, 1, 1))
    >>> entered(plan, [(who, Signal(name="signed up", on=date(2026, 2, 1)))])[0].entered_on.isoformat()
    '2026-02-01'
    """
    found: dict[str, Travel] = {}
    for who, signal in sorted(signals, key=lambda pair: (pair[1].on, pair[0].traveller)):
        if signal.name == journey.trigger and who.traveller not in found:
            found[who.traveller] = Travel(
                journey=journey.id, lead=who.lead, contact=who.contact, account=who.account, entered_on=signal.on
            )
    return tuple(found.values())
