"""How a signature request stands: one state for each place on it and one for the whole, from all facts.

The rules of the file, in the order in which they decide:

- The furthest state holds (`RecipientState`, `RequestState`), dated by the earliest fact that reports it.
- A refusal outweighs a completion of the same place: nobody counts as having signed while both are on record.
- What a place was handed on to counts for the place: the delegate's facts are the recipient's.
- A completion of the whole that nobody contradicts stands for the places whose own message was lost; not for one
  that the service does not name any more: whoever was taken out of the request has signed nothing.
- What was completed stays completed when a void, an expiry, a deletion or a correction is reported too.

Each rule looks at the set of facts and never at the order of their arrival. Whatever a rule had to decide is
reported by `clmcrm.clm.signature_findings`; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from clmcrm.clm.signature import (
    Authentication,
    Recipient,
    RecipientFact,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureFact,
    SignatureLevel,
    SignatureRequest,
)
from clmcrm.clm.signature_merge import merged
from clmcrm.values.instants import in_utc
from clmcrm.values.partial import Unknown

_ACTS: Final = (RecipientState.SIGNED, RecipientState.COMPLETED)
_CONCLUDED: Final = (RecipientState.COMPLETED, RecipientState.DECLINED)
_STEPS: Final[Mapping[RecipientState, int]] = {state: step for step, state in enumerate(RecipientState)}
_WHOLE: Final[Mapping[RequestState, int]] = {state: step for step, state in enumerate(RequestState)}
ENDED: Final = frozenset({RequestState.EXPIRED, RequestState.VOIDED, RequestState.DELETED})
"""The states in which nobody may act any more, though nobody refused."""


@frozen(kw_only=True)
class Place:
    """One recipient's place: its `state`, since when (None: only waiting), and every fact about it.

    `holders` are the addresses that may act for it, the recipient's own first and then each one it was handed
    on to. `inferred` says that its completion follows from that of the whole and no fact of its own tells it;
    `left_out` that the whole was completed without the place, which the service does not name any more.
    """

    recipient: Recipient
    state: RecipientState
    since: datetime | None
    holders: tuple[str, ...]
    facts: tuple[RecipientFact, ...]
    inferred: bool = False
    left_out: bool = False

    @property
    def deciding(self) -> RecipientFact | None:
        """The earliest fact that reports the state; None for a place that waits or whose state is inferred."""
        return next((fact for fact in self.facts if fact.state is self.state), None)

    @property
    def acted_at(self) -> datetime | None:
        """The earliest instant at which the act itself is reported, concluded or not yet; None when it never is."""
        return next((fact.at for fact in self.facts if fact.state in _ACTS), None)

    @property
    def level(self) -> SignatureLevel | None:
        """The level the service states for the act; None when it states none."""
        return next((fact.level for fact in self._telling() if fact.level is not None), None)

    @property
    def authenticated_by(self) -> Authentication | None:
        """The method the service states for the act; None when it states none."""
        return next((f.authenticated_by for f in self._telling() if f.authenticated_by is not None), None)

    @property
    def ip(self) -> str:
        """Where the act came from, as the service states it; empty when it does not."""
        return next((fact.ip for fact in self._telling() if fact.ip), "")

    @property
    def acted_by(self) -> str:
        """Who acted: the name the service states, the recipient's own where the place was not handed on."""
        stated = next((fact.name for fact in self._telling() if fact.name), "")
        handed_on = self.deciding is not None and self.deciding.email.lower() != self.holders[0]
        return stated or (self.deciding.email if handed_on and self.deciding else self.recipient.name)

    def at(self, state: RecipientState) -> datetime | None:
        """The earliest instant at which `state` is reported; None when it never is."""
        return next((fact.at for fact in self.facts if fact.state is state), None)

    def _telling(self) -> list[RecipientFact]:
        """The facts that may say something about the act: those of its state, then those of the signature."""
        return [f for wanted in (self.state, RecipientState.SIGNED) for f in self.facts if f.state is wanted]


@frozen(kw_only=True)
class SignatureStanding:
    """What is known of a request: its places in the request's order, its own state, and what fits nowhere.

    `complete`: every place that must act is completed and nobody refused. `declined`: somebody who must act
    refused, or the service says that the whole was refused. `ended`: it expired, was voided or deleted before
    it was complete. `whole` are the facts about the whole, `strangers` those about somebody the request does
    not name, `unread` those whose word is not known to us; a fact of `unread` decides nothing.
    """

    request: SignatureRequest
    state: RequestState
    since: datetime | None
    places: tuple[Place, ...]
    whole: tuple[RequestFact, ...]
    strangers: tuple[RecipientFact, ...]
    unread: tuple[SignatureFact, ...]

    @property
    def complete(self) -> bool:
        """Whether everybody who must act has, and nobody refused."""
        return self.state is RequestState.COMPLETED

    @property
    def declined(self) -> bool:
        """Whether somebody who must act refused."""
        return self.state is RequestState.DECLINED

    @property
    def ended(self) -> bool:
        """Whether nobody may act any more, though nobody refused and it is not complete."""
        return self.state in ENDED

    @property
    def waiting_for(self) -> tuple[Recipient, ...]:
        """Those whose turn it is: the first order in which somebody who must act has not; none at an end."""
        if self.complete or self.declined or self.ended:
            return ()
        still = [place.recipient for place in self.places if place.recipient.must_act and not is_done(place)]
        first = min((recipient.order for recipient in still), default=0)
        return tuple(recipient for recipient in still if recipient.order == first)


def is_done(place: Place) -> bool:
    """Whether the place's act is concluded."""
    return place.state is RecipientState.COMPLETED


def signature_standing(request: SignatureRequest, facts: Iterable[SignatureFact]) -> SignatureStanding:
    """What `facts` add up to for `request`; the same for any order and any number of repeats.

    >>> from datetime import UTC
    >>> from clmcrm.clm.kinds import Party
    >>> from clmcrm.values.ids import ContractId
    >>> ann = Recipient(name="Ann", email="ann@example.org", side=Party.OWN)
    >>> asked = SignatureRequest(id="R-1", contract=ContractId("C-1"), sha256="0" * 64, recipients=(ann,))
    >>> may_6 = datetime(2026, 5, 6, tzinfo=UTC)
    >>> done = RecipientFact(email="Ann@example.org", state=RecipientState.COMPLETED, at=may_6)
    >>> signature_standing(asked, [done, done]).complete
    True
    """
    known = merged(facts)
    unread = tuple(f for f in known if isinstance(_state(f), Unknown))
    about = [f for f in known if isinstance(f, RecipientFact) and isinstance(f.state, RecipientState)]
    whole = tuple(f for f in known if isinstance(f, RequestFact) and isinstance(f.state, RequestState))
    holders = _holders(request, about)
    owners = _owners(request, about, holders)
    ends_whole = any(f.state is RequestState.DECLINED for f in whole)
    completed = [] if ends_whole else [f for f in whole if f.state is RequestState.COMPLETED]
    places = tuple(
        _place(r, holders[r.key], [f for f in about if r.key in owners[f]], completed) for r in request.recipients
    )
    state, since = _whole_state(places, whole)
    return SignatureStanding(
        request=request,
        state=state,
        since=since,
        places=places,
        whole=whole,
        strangers=tuple(f for f in about if not owners[f]),
        unread=unread,
    )


def _state(fact: SignatureFact) -> object:
    return fact.state if isinstance(fact, RecipientFact | RequestFact) else Unknown("the fact states nothing")


def _holders(request: SignatureRequest, facts: list[RecipientFact]) -> dict[str, tuple[str, ...]]:
    """Each recipient's key with the addresses its place went to, the own one first, each once."""
    keys = {r.key for r in request.recipients}
    handed: dict[str, set[str]] = {}
    for fact in facts:
        if fact.state is RecipientState.DELEGATED:
            giver = fact.recipient if fact.recipient in keys else fact.email.lower()
            handed.setdefault(giver, set()).add(fact.delegate.lower())
    only = _only_recipients(request)
    return {r.key: _reached(r, handed, by_address=r.email.lower() in only) for r in request.recipients}


def _reached(recipient: Recipient, handed: Mapping[str, set[str]], *, by_address: bool) -> tuple[str, ...]:
    found = [recipient.email.lower()]
    waiting = sorted(handed.get(recipient.key, set()) | (handed.get(found[0], set()) if by_address else set()))
    while waiting:
        address = waiting.pop(0)
        if address not in found:
            found.append(address)
            waiting += sorted(handed.get(address, set()))
    return tuple(found)


def _only_recipients(request: SignatureRequest) -> dict[str, str]:
    """The addresses that belong to one recipient alone, with its key."""
    found: dict[str, list[str]] = {}
    for recipient in request.recipients:
        found.setdefault(recipient.email.lower(), []).append(recipient.key)
    return {address: keys[0] for address, keys in found.items() if len(keys) == 1}


def _owners(
    request: SignatureRequest, facts: list[RecipientFact], holders: Mapping[str, tuple[str, ...]]
) -> dict[RecipientFact, frozenset[str]]:
    """The keys of the places each fact is about; none for a stranger's, or where it does not say which.

    A fact's own id decides; then the address of a recipient; then every place that was handed on to it.
    """
    keys = {r.key for r in request.recipients}
    taken = {r.email.lower() for r in request.recipients}
    own = _only_recipients(request)
    handed: dict[str, set[str]] = {}
    for key, addresses in holders.items():
        for address in addresses[1:]:
            handed.setdefault(address, set()).add(key)

    def owners(fact: RecipientFact) -> frozenset[str]:
        address = fact.email.lower()
        if fact.recipient in keys:
            return frozenset({fact.recipient})
        if address in taken:
            return frozenset({own[address]} if address in own else ())
        return frozenset(handed.get(address, ()))

    return {fact: owners(fact) for fact in facts}


def _place(
    recipient: Recipient, holders: tuple[str, ...], facts: list[RecipientFact], completed: list[RequestFact]
) -> Place:
    states = [fact.state for fact in facts if isinstance(fact.state, RecipientState)]
    state = max(states, key=_STEPS.__getitem__, default=RecipientState.WAITING)
    since = next((fact.at for fact in facts if fact.state is state), None)
    silent = bool(completed) and recipient.must_act and state not in _CONCLUDED
    left_out = silent and not all(_is_named(recipient, holders, fact.names) for fact in completed)
    inferred = silent and not left_out
    if inferred:
        state, since = RecipientState.COMPLETED, completed[0].at
    return Place(
        recipient=recipient, state=state, since=since, holders=holders, facts=tuple(facts), inferred=inferred,
        left_out=left_out,
    )  # fmt: skip


def _is_named(recipient: Recipient, holders: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return not names or recipient.key in names or not set(holders).isdisjoint(names)


def _whole_state(places: tuple[Place, ...], whole: tuple[RequestFact, ...]) -> tuple[RequestState, datetime | None]:
    """The state of the whole and the earliest instant that brings it about."""
    needed = [place for place in places if place.recipient.must_act]
    refused = [p.since for p in needed if p.state is RecipientState.DECLINED and p.since is not None]
    reported = {f.state: f.at for f in reversed(whole)}  # the facts stand by their instants: the earliest stays
    if refused or RequestState.DECLINED in reported:
        return RequestState.DECLINED, min([*refused, *_instants(reported.get(RequestState.DECLINED))], key=_utc)
    if (needed or RequestState.COMPLETED in reported) and all(is_done(place) for place in needed):
        acts = [place.since for place in needed if place.since is not None]
        return RequestState.COMPLETED, max(acts, key=_utc) if acts else reported[RequestState.COMPLETED]
    steps = [state for state in reported if isinstance(state, RequestState) and state is not RequestState.COMPLETED]
    state = max(steps, key=_WHOLE.__getitem__, default=RequestState.CREATED)
    return state, reported.get(state)


def _utc(at: datetime) -> datetime:
    # In an hour that comes twice, Python compares two instants of one zone by what its clocks show.
    return in_utc(at, "at")


def _instants(at: datetime | None) -> list[datetime]:
    return [] if at is None else [at]
