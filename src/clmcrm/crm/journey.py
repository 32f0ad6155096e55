"""A customer journey as a chart: nodes that send, wait, listen and branch, and what each traveller did on it.

What a branch decided is recorded when it decides, so that a changed record never rewrites the past. Where a
traveller stands is computed from that, in `clmcrm.crm.journey_standing`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.crm.segment import Condition, is_condition
from clmcrm.errors import InvalidRecord
from clmcrm.parties.contacts import Channel
from clmcrm.values.ids import AccountId, ContactId, JourneyId, LeadId, SegmentId
from clmcrm.values.record import Record
from clmcrm.values.validators import each, flag, instance, maybe, member, plain_date, positive_count, text


@frozen(kw_only=True)
class Node:
    """One place of a journey; `then` names the next one, None ends the journey."""

    name: str = field(validator=text)
    then: str | None = field(default=None, validator=maybe(text))

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the nodes it can lead to."""
        return () if self.then is None else (self.then,)


@frozen(kw_only=True)
class SendMessage(Node):
    """Send the `template` on the `channel`, for a `purpose` the traveller may have consented to.

    `needs_consent` False sends unless it was refused; True, only where consent is on record.
    """

    channel: Channel = field(validator=member(Channel))
    template: str = field(validator=text)
    purpose: str | None = field(default=None, validator=maybe(text))
    needs_consent: bool = field(default=True, validator=flag)


@frozen(kw_only=True)
class AskPerson(Node):
    """Ask one of us to do something (`action`): a call, a visit, a letter by hand."""

    action: str = field(validator=text)


@frozen(kw_only=True)
class WaitDays(Node):
    """Wait `days` calendar days."""

    days: int = field(validator=positive_count)


@frozen(kw_only=True)
class AwaitSignal(Node):
    """Wait for the `signal` ("replied") for `days` at most, that day inside; `otherwise` when it does not come.

    A signal is heard once: a later wait for the same one waits for the next.
    """

    signal: str = field(validator=text)
    days: int = field(validator=positive_count)
    otherwise: str | None = field(default=None, validator=maybe(text))

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the nodes it can lead to."""
        return tuple(way for way in (self.then, self.otherwise) if way is not None)


@frozen(kw_only=True)
class ChooseWay(Node):
    """Go on with `then` when the record fulfils `condition`, with `otherwise` when it does not or cannot be said."""

    condition: Condition = field(validator=is_condition)
    otherwise: str | None = field(default=None, validator=maybe(text))

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the nodes it can lead to."""
        return tuple(way for way in (self.then, self.otherwise) if way is not None)


AnyNode: TypeAlias = SendMessage | AskPerson | WaitDays | AwaitSignal | ChooseWay
"""Every kind of node."""


@frozen(kw_only=True)
class FrequencyCap:
    """At most `most` messages to one traveller within any `days` days, on `channel` (None: all together)."""

    most: int = field(validator=positive_count)
    days: int = field(validator=positive_count)
    channel: Channel | None = field(default=None, validator=maybe(member(Channel)))


@frozen(kw_only=True)
class Journey(Record):
    """The chart: `nodes`, the first of which is where travellers enter.

    `segment` is whom it is for (None: whoever enters); `trigger` the signal that lets somebody enter (None:
    they are entered by hand); `exits` are the signals that end it at once ("unsubscribed").

    Raises `InvalidRecord` for no node, a name twice, a way that leads nowhere, a node nobody reaches, or a
    circle that takes no time: it would send without end.
    """

    id: JourneyId = field(validator=text)
    name: str = field(validator=text)
    nodes: tuple[AnyNode, ...] = field(validator=each(instance(Node)))
    segment: SegmentId | None = field(default=None, validator=maybe(text))
    trigger: str | None = field(default=None, validator=maybe(text))
    exits: tuple[str, ...] = field(default=(), validator=each(text))

    def __attrs_post_init__(self) -> None:
        label = f"Journey {self.id}"
        names = [node.name for node in self.nodes]
        if not names or len(set(names)) < len(names):
            raise InvalidRecord(label, "nodes", names, "at least one node, each name once")
        for node in self.nodes:
            for way in node.ways:
                if way not in names:
                    raise InvalidRecord(label, node.name, way, f"a node of the journey: {', '.join(names)}")
        unreached = set(names) - self._reached(names[0])
        if unreached:
            raise InvalidRecord(label, "nodes", sorted(unreached), "nodes that a way leads to")
        for node in self.nodes:
            if node.name in self._reached(*node.ways, at_once=True) and not isinstance(node, _TAKES_TIME):
                raise InvalidRecord(label, node.name, "a circle that takes no time", "a wait on the way round")

    def _reached(self, *begin: str, at_once: bool = False) -> set[str]:
        by_name = {node.name: node for node in self.nodes}
        found: set[str] = set()
        waiting = list(begin)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                node = by_name[name]
                waiting.extend(() if at_once and isinstance(node, _TAKES_TIME) else node.ways)
        return found

    def node(self, name: str) -> AnyNode:
        """The node of that name; raises `InvalidRecord` when there is none."""
        found = next((node for node in self.nodes if node.name == name), None)
        if found is None:
            raise InvalidRecord(f"Journey {self.id}", "nodes", name, ", ".join(node.name for node in self.nodes))
        return found


_TAKES_TIME: Final = (WaitDays, AwaitSignal)


class StepOutcome(StrEnum):
    """What became of a step: DONE; WITHHELD, because it was not allowed; or the way a branch took."""

    DONE = "done"
    WITHHELD = "withheld"
    THEN = "then"
    OTHERWISE = "otherwise"


@frozen(kw_only=True)
class StepTaken:
    """The step at `node` was taken on the day `on`; `why` says why it was withheld, or what decided it.

    `channel` is the one a message went out on.
    """

    node: str = field(validator=text)
    on: date = field(validator=plain_date)
    outcome: StepOutcome = field(default=StepOutcome.DONE, validator=member(StepOutcome))
    channel: Channel | None = field(default=None, validator=maybe(member(Channel)))
    why: str = ""


@frozen(kw_only=True)
class Signal:
    """Something the traveller did or that happened to them (`name`: "replied"), on the day `on`."""

    name: str = field(validator=text)
    on: date = field(validator=plain_date)


@frozen(kw_only=True)
class Travel(Record):
    """One traveller (exactly one of lead, contact and account) on a journey.

    `taken` are the steps taken so far, in order; `signals` what was heard, in any order; `left_on` the day
    the traveller was taken off by hand, None while under way.
    """

    journey: JourneyId = field(validator=text)
    lead: LeadId | None = field(default=None, validator=maybe(text))
    contact: ContactId | None = field(default=None, validator=maybe(text))
    account: AccountId | None = field(default=None, validator=maybe(text))
    entered_on: date = field(validator=plain_date)
    taken: tuple[StepTaken, ...] = field(default=(), validator=each(instance(StepTaken)))
    signals: tuple[Signal, ...] = field(default=(), validator=each(instance(Signal)))
    left_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        name = f"Travel on {self.journey}"
        travellers = [who for who in (self.lead, self.contact, self.account) if who is not None]
        if len(travellers) != 1:
            raise InvalidRecord(name, "contact", travellers, "one lead, contact or account")
        days = [step.on for step in self.taken]
        if days != sorted((self.entered_on, *days))[1:]:
            raise InvalidRecord(name, "taken", days, f"days in order from {self.entered_on}")

    @property
    def traveller(self) -> str:
        """Who travels, as "lead/l1", "contact/ada" or "account/a1": a lead and a contact may have one id.

        >>> Travel(journey=JourneyId("j"), lead=LeadId("l1"), entered_on=date(2026, 1, 1)).traveller
        'lead/l1'
        """
        named = (("lead", self.lead), ("contact", self.contact), ("account", self.account))
        return next(f"{kind}/{key}" for kind, key in named if key is not None)
