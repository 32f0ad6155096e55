"""What does not fit together in a service's facts, in words; the rules of the standing decided, a person checks.

The rule of the file: a finding never changes the standing. It names the place, says what contradicts what, and
which rule decided (`clmcrm.clm.signature_standing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import chain

from attrs import field, frozen

from clmcrm.clm.signature import RecipientFact, RecipientRole, RecipientState, RequestState, SignatureLevel
from clmcrm.clm.signature_standing import ENDED, Place, SignatureStanding, is_done
from clmcrm.values.instants import in_utc
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Severity
from clmcrm.values.validators import member, text
from clmcrm.values.wording import Wording


class SignatureIssue(StrEnum):
    """What sort of thing does not fit."""

    DECLINED_AND_COMPLETED = "declined_and_completed"
    ENDED_AFTER_COMPLETION = "ended_after_completion"
    CORRECTED_AFTER_ACT = "corrected_after_act"
    OUT_OF_TURN = "out_of_turn"
    LEVEL_TOO_LOW = "level_too_low"
    LEVEL_NOT_STATED = "level_not_stated"
    OTHER_DOCUMENT = "other_document"
    HANDED_ON = "handed_on"
    ACT_INFERRED = "act_inferred"
    LEFT_OUT = "left_out"
    AFTER_EXPIRY = "after_expiry"
    BOUNCED = "bounced"
    STRANGER = "stranger"
    UNKNOWN_WORD = "unknown_word"


@frozen(kw_only=True)
class SignatureFinding:
    """One thing that does not fit: the recipient's key `where` (or the request's id), and what in words."""

    issue: SignatureIssue = field(validator=member(SignatureIssue))
    severity: Severity = field(validator=member(Severity))
    where: str = field(validator=text)
    wording: Wording

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.where}: {self.wording.en}"


def signature_findings(standing: SignatureStanding) -> tuple[SignatureFinding, ...]:
    """Everything in the facts that contradicts, comes out of turn, falls short or cannot be read.

    First what concerns the whole, then place by place in the request's order; the same for the same facts.
    """
    places = chain.from_iterable(_of_place(standing, place) for place in standing.places)
    return (*_of_whole(standing), *places, *_of_strangers(standing))


def _finding(issue: SignatureIssue, severity: Severity, where: str, en: str, fr: str) -> SignatureFinding:
    return SignatureFinding(issue=issue, severity=severity, where=where, wording=Wording(en, fr))


def _of_whole(standing: SignatureStanding) -> Iterator[SignatureFinding]:
    request = standing.request.id
    states = {fact.state: fact for fact in reversed(standing.whole)}  # the earliest of each state stays
    if standing.declined and RequestState.COMPLETED in states:
        yield _finding(
            SignatureIssue.DECLINED_AND_COMPLETED, Severity.ERROR, request,
            "reported as completed although a refusal is on record: it counts as refused until a person decides",
            "déclarée achevée alors qu'un refus est enregistré : elle vaut refus jusqu'à décision d'une personne",
        )  # fmt: skip
    for state in sorted(ENDED & states.keys()) if standing.complete else ():
        yield _finding(
            SignatureIssue.ENDED_AFTER_COMPLETION, Severity.ERROR, request,
            f"reported as {state.value} on {states[state].at.date()} although everybody has signed: the signatures "
            "stand; only an agreement or a termination ends the contract",
            f"déclarée « {_FR_ENDED[state]} » le {states[state].at.date()} alors que tous ont signé : les signatures "
            "demeurent ; seul un accord ou une résiliation met fin au contrat",
        )  # fmt: skip
    yield from _corrections(standing)
    for fact in standing.whole:
        if fact.sha256 is not None and fact.sha256 != standing.request.sha256:
            yield _other_document(request, fact.sha256)


def _corrections(standing: SignatureStanding) -> Iterator[SignatureFinding]:
    corrected = [fact.at for fact in standing.whole if fact.state is RequestState.CORRECTED]
    acts = [p for p in standing.places if p.recipient.must_act and is_done(p) and not p.inferred]
    last = corrected[-1] if corrected else None  # the facts stand by their instants
    before = [p.recipient.name for p in acts if last and (at := _acted_at(p)) and in_utc(at, "at") < in_utc(last, "at")]
    if last and before:
        names = ", ".join(before)
        yield _finding(
            SignatureIssue.CORRECTED_AFTER_ACT, Severity.ERROR if standing.complete else Severity.WARNING,
            standing.request.id,
            f"taken up again on {last.date()}, after {names} had acted: compare the fingerprints of what "
            "each has signed",
            f"reprise le {last.date()}, après l'acte de {names} : comparer les empreintes de ce que chacun "
            "a signé",
        )  # fmt: skip


_FR_ENDED = {
    RequestState.EXPIRED: "expirée",
    RequestState.VOIDED: "annulée",
    RequestState.DELETED: "supprimée",
}


def _other_document(where: str, sha256: str) -> SignatureFinding:
    return _finding(
        SignatureIssue.OTHER_DOCUMENT, Severity.ERROR, where,
        f"about another document than the one sent: its fingerprint begins with {sha256[:12]}",
        f"porte sur un autre document que celui envoyé : son empreinte commence par {sha256[:12]}",
    )  # fmt: skip


def _of_place(standing: SignatureStanding, place: Place) -> Iterator[SignatureFinding]:
    name, key = place.recipient.name, place.recipient.key
    states = {fact.state for fact in place.facts}
    if states >= {RecipientState.DECLINED, RecipientState.COMPLETED}:
        yield _finding(
            SignatureIssue.DECLINED_AND_COMPLETED, Severity.ERROR, key,
            f"{name} is reported to have both refused and completed: it counts as a refusal until a person decides",
            f"{name} est déclaré avoir à la fois refusé et achevé : cela vaut refus jusqu'à décision d'une personne",
        )  # fmt: skip
    if place.inferred:
        yield _finding(
            SignatureIssue.ACT_INFERRED, Severity.NOTE, key,
            f"no message says that {name} completed: it follows from the completion of the whole",
            f"aucun message ne dit que {name} a achevé : cela découle de l'achèvement de l'ensemble",
        )  # fmt: skip
    if place.left_out:
        yield _finding(
            SignatureIssue.LEFT_OUT, Severity.ERROR, key,
            f"completed without {name}, whom the service does not name any more: {name} has signed nothing",
            f"achevée sans {name}, que le service ne nomme plus : {name} n'a rien signé",
        )  # fmt: skip
    if place.state is RecipientState.BOUNCED:
        yield _finding(
            SignatureIssue.BOUNCED, Severity.WARNING, key,
            f"the message to {name} did not arrive at {place.recipient.email}",
            f"le message à {name} n'est pas parvenu à {place.recipient.email}",
        )  # fmt: skip
    if len(place.holders) > 1:
        yield _handed_on(place)
    if is_done(place):
        yield from _of_act(standing, place)
    for fact in place.facts:
        if fact.sha256 is not None and fact.sha256 != standing.request.sha256:
            yield _other_document(key, fact.sha256)


def _handed_on(place: Place) -> SignatureFinding:
    name, to = place.recipient.name, ", ".join(place.holders[1:])
    return _finding(
        SignatureIssue.HANDED_ON, Severity.WARNING, place.recipient.key,
        f"{name} handed the place on to {to}: see that they have authority to act",
        f"{name} a transmis sa place à {to} : vérifier le pouvoir d'agir",
    )  # fmt: skip


def _of_act(standing: SignatureStanding, place: Place) -> Iterator[SignatureFinding]:
    """What may be wrong with an act that is concluded: its turn, its time, its level."""
    name, key, at = place.recipient.name, place.recipient.key, _acted_at(place)
    earlier = _skipped(standing, place)
    if earlier:
        others = ", ".join(p.recipient.name for p in earlier)
        yield _finding(
            SignatureIssue.OUT_OF_TURN, Severity.WARNING, key,
            f"{name} acted although it was first the turn of {others}, of whom no earlier act is known",
            f"{name} a agi alors que c'était d'abord le tour de {others}, dont aucun acte antérieur n'est connu",
        )  # fmt: skip
    expires_at = standing.request.expires_at
    if expires_at is not None and at is not None and in_utc(at, "at") >= in_utc(expires_at, "expires_at"):
        yield _finding(
            SignatureIssue.AFTER_EXPIRY, Severity.WARNING, key,
            f"{name} acted on {at.isoformat()}, after the request had expired",
            f"{name} a agi le {at.isoformat()}, après l'expiration de la demande",
        )  # fmt: skip
    if place.recipient.role is RecipientRole.SIGNER:
        yield from _of_level(standing, place)


def _skipped(standing: SignatureStanding, place: Place) -> list[Place]:
    """The places of an earlier order that must act and are not known to have acted before this one."""
    at = _acted_at(place)
    if place.inferred or at is None or not place.recipient.must_act:
        return []
    return [
        other
        for other in standing.places
        if other.recipient.must_act
        and other.recipient.order < place.recipient.order
        and not other.inferred
        and (not is_done(other) or (other_at := _acted_at(other)) is None or in_utc(other_at, "at") > in_utc(at, "at"))
    ]


def _acted_at(place: Place) -> datetime | None:
    """When a place's act was placed, or followed from the completion of the whole; None before it."""
    return place.acted_at or place.since


def _of_level(standing: SignatureStanding, place: Place) -> Iterator[SignatureFinding]:
    least, name = standing.request.level_of(place.recipient), place.recipient.name
    if place.level is not None and not place.level.reaches(least):
        yield _finding(
            SignatureIssue.LEVEL_TOO_LOW, Severity.ERROR, place.recipient.key,
            f"{name} signed at level {place.level.value}; {least.value} was asked for",
            f"{name} a signé au niveau {place.level.value} ; {least.value} était demandé",
        )  # fmt: skip
    if place.level is None and least is not SignatureLevel.SIMPLE:
        yield _finding(
            SignatureIssue.LEVEL_NOT_STATED, Severity.WARNING, place.recipient.key,
            f"the service does not state the level of {name}'s signature; {least.value} was asked for",
            f"le service n'indique pas le niveau de la signature de {name} ; {least.value} était demandé",
        )  # fmt: skip


def _of_strangers(standing: SignatureStanding) -> Iterator[SignatureFinding]:
    for fact in standing.strangers:
        yield _finding(
            SignatureIssue.STRANGER, Severity.WARNING, fact.email.lower(),
            f"{fact.raw or fact.state} is reported of {fact.email}, which is not the address of one recipient",
            f"{fact.raw or fact.state} est déclaré de {fact.email}, qui n'est pas l'adresse d'un destinataire",
        )  # fmt: skip
    for unread in standing.unread:
        who = unread.email.lower() if isinstance(unread, RecipientFact) else standing.request.id
        state = getattr(unread, "state", None)
        word = unread.raw or (state.raw if isinstance(state, Unknown) else "")
        yield _finding(
            SignatureIssue.UNKNOWN_WORD, Severity.WARNING, who,
            f"the word {word!r} of {unread.system or 'the service'} is not known: it decides nothing",
            f"le mot « {word} » de {unread.system or 'ce service'} n'est pas connu : il ne décide rien",
        )  # fmt: skip
