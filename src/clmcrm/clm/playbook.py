"""A playbook: what we want on each topic, what we would settle for, who may give way, and when to walk away.

The rule of the file: a playbook is data. Comparing it with a contract gives the deviations, each with how far down
the fallbacks it stands and who may concede it; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import field, frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.negotiation_entries import Conceded, Negotiation, noted
from clmcrm.clm.positions import AnyCondition, Condition, Reading
from clmcrm.errors import BeyondAuthority, InvalidRecord
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity
from clmcrm.values.record import Record
from clmcrm.values.validators import each, instance, member, text
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class Position:
    """What we would accept, in `words`, and the `condition` that says whether a contract does.

    `conceded_by` are the roles that may give way to it (empty on a preference: nothing is conceded); `severity` is
    how much a contract that stands here matters.
    """

    words: Wording = field(validator=instance(Wording))
    condition: AnyCondition = field(validator=instance(Condition))
    conceded_by: tuple[str, ...] = field(default=(), validator=each(text))
    severity: Severity = field(default=Severity.WARNING, validator=member(Severity))


@frozen(kw_only=True)
class Topic:
    """One topic: the `preferred` position, the `fallbacks` from the best down, and what lies beyond them.

    `walk_away` says where we would rather not sign; only `beyond_by` may concede what is beyond the last fallback
    (empty: nobody). `kinds` are the kinds of contract it is about (empty: all).
    """

    name: str = field(validator=text)
    preferred: Position = field(validator=instance(Position))
    fallbacks: tuple[Position, ...] = field(default=(), validator=each(instance(Position)))
    walk_away: Wording = field(validator=instance(Wording))
    beyond_by: tuple[str, ...] = field(default=(), validator=each(text))
    kinds: tuple[ContractKind, ...] = field(default=(), validator=each(member(ContractKind)))

    def __attrs_post_init__(self) -> None:
        for position in self.fallbacks:
            if not position.conceded_by:
                raise InvalidRecord(f"Topic {self.name}", "fallbacks", position.words.en, "a role that may concede it")

    @property
    def positions(self) -> tuple[Position, ...]:
        """The preference and the fallbacks, from the best down."""
        return (self.preferred, *self.fallbacks)

    def may_concede(self, position: int | None) -> tuple[str, ...]:
        """The roles that may give way to `position` (None: beyond the last fallback), each once.

        Whoever may concede more may concede less.
        """
        start = len(self.positions) if position is None else position
        deeper = [role for each_ in self.positions[start:] for role in each_.conceded_by]
        return tuple(dict.fromkeys((*deeper, *self.beyond_by)))


@frozen(kw_only=True)
class Playbook(Record):
    """The topics of a playbook, in the order in which they are looked at; each name once."""

    id: str = field(validator=text)
    title: str = field(validator=text)
    topics: tuple[Topic, ...] = field(default=(), validator=each(instance(Topic)))

    def __attrs_post_init__(self) -> None:
        names = [topic.name for topic in self.topics]
        for name in names:
            if names.count(name) > 1:
                raise InvalidRecord(f"Playbook {self.id}", "topics", name, "one topic of that name")

    def topic(self, name: str) -> Topic:
        """The topic of that name; raises `InvalidRecord` that names those there are."""
        for topic in self.topics:
            if topic.name == name:
                return topic
        raise InvalidRecord(f"Playbook {self.id}", "topic", name, ", ".join(t.name for t in self.topics) or "none")


@frozen(kw_only=True)
class Deviation:
    """A contract stands below our preference on `topic`: what is `asked`, what we `preferred`, and `why` it matters.

    `position` is the fallback it meets (1 is the first; None: beyond the last, or it cannot be told), `conceded_by`
    the roles that may concede it (empty: nobody). `citation` is the clause (empty: none).
    """

    topic: str
    citation: str
    severity: Severity
    asked: Wording
    preferred: Wording
    why: Wording
    position: int | None = None
    conceded_by: tuple[str, ...] = ()


def deviations(contract: Contract, playbook: Playbook) -> tuple[Deviation, ...]:
    """Where `contract`, as it stands, is below the playbook's preferences, in the playbook's order.

    Pass `as_amended(contract, day)` for a day's view. A topic the contract is silent about is a deviation too, as
    is one that cannot be compared: what cannot be told is not waved through.
    """
    topics = (topic for topic in playbook.topics if not topic.kinds or contract.kind in topic.kinds)
    found = (_deviation(contract, topic) for topic in topics)
    return tuple(deviation for deviation in found if deviation is not None)


def refusal(playbook: Playbook, topic: str, position: int | None, role: str) -> Wording | None:
    """Why `role` may not give way on `topic` to `position` (None: beyond the last fallback); None when it may.

    Raises `InvalidRecord` for a topic or a position that the playbook does not have.
    """
    about = playbook.topic(topic)
    if position == 0:
        return None  # our own preference is no concession
    if position is not None and not 0 <= position < len(about.positions):
        raise InvalidRecord(f"Topic {topic}", "position", position, f"0 to {len(about.positions) - 1}, or None beyond")
    may = about.may_concede(position)
    if role in may:
        return None
    what = about.walk_away if position is None else about.positions[position].words
    who = Wording(" or ".join(may) or "nobody", " ou ".join(may) or "personne")
    hat = Wording(role or "without a role, one", role or "sans fonction, on")
    return Wording(
        f"{hat.en} may not concede {topic}: {what.en}; {who.en} may",
        f"{hat.fr} ne peut pas concéder {topic} : {what.fr} ; {who.fr} le peut",
    )


def conceding(
    negotiation: Negotiation, entry: Conceded, playbook: Playbook, hats: Mapping[str, Collection[str]]
) -> Negotiation:
    """The negotiation with our concession added; `hats` are the roles of each person who negotiates for us.

    The entry's `role` must be one of the person's own; left empty, any of them may carry it. Raises
    `BeyondAuthority`, which says what the person may concede, and `InvalidRecord` for a topic or a position that the
    playbook does not have. The other side's concessions are theirs to authorise and are noted as they are.
    """
    if entry.side is Party.OWN:
        _check_authority(negotiation, entry, playbook, hats)
    return noted(negotiation, entry)


def _check_authority(
    negotiation: Negotiation, entry: Conceded, playbook: Playbook, hats: Mapping[str, Collection[str]]
) -> None:
    own = tuple(sorted(hats.get(entry.by, ())))
    worn = own if not entry.role else tuple(role for role in own if role == entry.role)
    if any(refusal(playbook, entry.topic, entry.position, role) is None for role in worn or ("",)):
        return
    about = playbook.topic(entry.topic)
    raise BeyondAuthority(
        f"negotiation of {negotiation.contract}",
        entry.topic,
        entry.citation,
        _words_of(about, entry.position),
        who=entry.by,
        roles=own,
        may=furthest(about, own),
        who_may=about.may_concede(entry.position),
    )


def furthest(topic: Topic, roles: Collection[str]) -> str | None:
    """The furthest position that one who has `roles` may give way to, in words; None when there is none."""
    places: list[int | None] = [None, *range(len(topic.positions) - 1, 0, -1)]
    found = (place for place in places if not set(roles).isdisjoint(topic.may_concede(place)))
    return next((_words_of(topic, place) for place in found), None)


def _words_of(topic: Topic, position: int | None) -> str:
    return topic.walk_away.en if position is None else topic.positions[position].words.en


def _deviation(contract: Contract, topic: Topic) -> Deviation | None:
    readings = [position.condition.read(contract) for position in topic.positions]
    first = readings[0]
    if first.met is True:
        return None
    for place, (fallback, reading) in enumerate(zip(topic.fallbacks, readings[1:], strict=True), 1):
        if reading.met is True:
            why = Wording(
                f"within fallback {place}: {fallback.words.en}", f"dans le repli n° {place} : {fallback.words.fr}"
            )
            return _found(topic, reading, why, place, fallback.severity)
    for reading in readings:
        if isinstance(reading.met, Unknown):
            why = Wording(f"it cannot be told: {reading.met.reason}", f"impossible à dire : {reading.met.reason}")
            return _found(topic, reading, why, None, Severity.WARNING)
    why = Wording(f"beyond every fallback: {topic.walk_away.en}", f"au-delà de tout repli : {topic.walk_away.fr}")
    return _found(topic, first, why, None, Severity.ERROR)


def _found(topic: Topic, reading: Reading, why: Wording, position: int | None, severity: Severity) -> Deviation:
    return Deviation(
        topic=topic.name,
        citation=reading.citation,
        severity=severity,
        asked=reading.asked,
        preferred=topic.preferred.words,
        why=why,
        position=position,
        conceded_by=topic.may_concede(position),
    )
