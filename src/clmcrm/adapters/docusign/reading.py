"""From an envelope, as a list shows it, to the facts it tells: one for each instant, and none that is inferred.

DocuSign keeps the instant of each step beside the present status, so that one reading tells the whole history and
a later one tells it again. "Delivered" means opened: the mail's arrival is not told, only its failure is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

from clmcrm.adapters.docusign.marks import recipient_id
from clmcrm.adapters.docusign.statuses import CHECKED, envelope_state, recipient_state
from clmcrm.adapters.docusign_wire import VENDOR, instant
from clmcrm.adapters.trees import Tree, tree_of, trees_of, word
from clmcrm.clm.signature import (
    Authentication,
    RecipientFact,
    RecipientState,
    RequestFact,
    RequestState,
    SignatureFact,
    SignatureLevel,
)
from clmcrm.values.partial import Unknown

GROUPS: Final = (
    "signers", "inPersonSigners", "witnesses", "notaries", "participants", "seals", "agents", "editors",
    "intermediaries", "certifiedDeliveries", "carbonCopies",
)  # fmt: skip
"""The lists in which an envelope keeps its recipients."""

_ONLY_RECEIVE: Final = frozenset(
    {"participants", "agents", "editors", "intermediaries", "certifiedDeliveries", "carbonCopies"}
)
"""Who is in these completes without an act on the document: by getting it, looking at it or passing it on."""

OPEN: Final = frozenset({"sent", "delivered"})
"""The statuses of an envelope on which somebody may act."""

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE: Final = (
    ("createdDateTime", RequestState.CREATED, "created"),
    ("deliveredDateTime", RequestState.DELIVERED, "delivered"),
    ("completedDateTime", RequestState.COMPLETED, "completed"),
    ("declinedDateTime", RequestState.DECLINED, "declined"),
    ("deletedDateTime", RequestState.DELETED, "deleted"),
)
_STEPS: Final = (
    ("sentDateTime", RecipientState.SENT, "sent"),
    ("deliveredDateTime", RecipientState.VIEWED, "delivered"),
    ("signedDateTime", RecipientState.SIGNED, "signed"),
    ("declinedDateTime", RecipientState.DECLINED, "declined"),
)
_ACTS: Final = (RecipientState.SIGNED, RecipientState.COMPLETED)
_PASSED: Final = "passed"


def recipients_of(envelope: Tree) -> list[Tree]:
    """Every recipient of an envelope, whatever its role."""
    return [one for _, one in _grouped(envelope)]


def _grouped(envelope: Tree) -> list[tuple[str, Tree]]:
    recipients = tree_of(envelope, "recipients")
    return [(group, one) for group in GROUPS for one in trees_of(recipients, group)]


def address_of(recipient: Tree) -> str:
    """The address facts name a recipient by; for one without, what DocuSign calls it by."""
    names = ("email", "signerEmail", "hostEmail", "name", "recipientIdGuid", "recipientId")
    return next((told for name in names if (told := word(recipient, name))), "a recipient without a name")


def facts_of(envelope: Tree, providers: Mapping[SignatureLevel, str]) -> tuple[SignatureFact, ...]:
    """Everything an envelope tells of itself and its recipients.

    A level is stated only where the envelope names the provider that gives it. Who only receives the envelope
    completes nothing, unless it was sent with our id of them. Raises `MalformedReply` for an instant that is none.
    """
    levels = {name: level for level, name in providers.items()}
    facts: list[SignatureFact] = [*_of_whole(envelope)]
    for group, recipient in _grouped(envelope):
        # Without our id it is told by its address, and the same address may be asked to sign.
        acts = group not in _ONLY_RECEIVE or recipient_id(recipient)
        facts += (one for one in _of_recipient(envelope, recipient, levels) if acts or one.state not in _ACTS)
    return tuple(facts)


def instants_of(envelope: Tree) -> list[datetime]:
    """Every instant an envelope and its recipients show, the oldest first."""
    names = ("statusChangedDateTime", "sentDateTime", "voidedDateTime", *(name for name, _, _ in _WHOLE))
    own = [instant(envelope, name) for name in names]
    theirs = [instant(one, name) for one in recipients_of(envelope) for name, _, _ in _STEPS]
    return sorted(at for at in (*own, *theirs) if at is not None)


def latest_of(envelope: Tree) -> datetime:
    """When something last happened to an envelope, as far as it says."""
    return (instants_of(envelope) or [_EVER])[-1]


def completed(envelope: Tree) -> bool:
    """Whether it is complete: it may have left DocuSign since, and its status then says something else."""
    return (
        envelope_state(word(envelope, "status")) is RequestState.COMPLETED
        or instant(envelope, "completedDateTime") is not None
    )


def bounced(envelope: Tree) -> bool:
    """Whether a mail came back: a change without an instant of its own."""
    return any(word(one, "status").lower() == "autoresponded" for one in recipients_of(envelope))


def version_of(envelope: Tree) -> str:
    """A fingerprint of an envelope's state, which changes with everything that happens to it."""
    told = [word(envelope, "envelopeId"), word(envelope, "status"), *(at.isoformat() for at in instants_of(envelope))]
    told += [f"{word(one, 'recipientId')} {word(one, 'status')} {address_of(one)}" for one in recipients_of(envelope)]
    return blake2b("\0".join(told).encode(), digest_size=8).hexdigest()


def _of_whole(envelope: Tree) -> Iterator[RequestFact]:
    key = word(envelope, "envelopeId")

    def fact(at: datetime, state: RequestState | Unknown, raw: str, reason: str = "") -> RequestFact:
        names = _names(envelope) if state is RequestState.COMPLETED else ()
        return RequestFact(at=at, system=VENDOR, raw=raw, event=f"{key}/{raw}", reason=reason, state=state, names=names)

    told: set[object] = {None}
    sent = instant(envelope, "initialSentDateTime") or instant(envelope, "sentDateTime")
    if sent is not None:
        told.add(RequestState.SENT)
        yield fact(sent, RequestState.SENT, "sent")
    for name, state, raw in _WHOLE:
        at = instant(envelope, name)
        if at is not None:
            told.add(state)
            yield fact(at, state, raw)
    voided = instant(envelope, "voidedDateTime")
    if voided is not None:
        # DocuSign voids what expires; what tells the two apart is when, for the reason's words are in any language.
        ends = instant(envelope, "expireDateTime")
        state = RequestState.EXPIRED if ends is not None and ends <= voided else RequestState.VOIDED
        told |= {RequestState.VOIDED, RequestState.EXPIRED}
        yield fact(voided, state, "voided", word(envelope, "voidedReason"))
    said = word(envelope, "status")
    meant = envelope_state(said)
    if said and meant not in told and isinstance(meant, RequestState | Unknown):
        at = instant(envelope, "statusChangedDateTime") or latest_of(envelope)
        yield fact(at, meant, said)


def _names(envelope: Tree) -> tuple[str, ...]:
    """Who may have to act, by our id of them or their address."""
    acting = (one for group, one in _grouped(envelope) if group not in _ONLY_RECEIVE or recipient_id(one))
    return tuple(recipient_id(one) or address_of(one).lower() for one in acting)


def _of_recipient(envelope: Tree, recipient: Tree, levels: Mapping[str, SignatureLevel]) -> Iterator[RecipientFact]:
    key = f"{word(envelope, 'envelopeId')}/{word(recipient, 'recipientIdGuid') or word(recipient, 'recipientId')}"
    level, checked = _level(recipient, levels), _checked(recipient)

    def fact(at: datetime, state: RecipientState | Unknown, raw: str, reason: str = "") -> RecipientFact:
        acts = state in _ACTS
        return RecipientFact(
            at=at, system=VENDOR, raw=raw, event=f"{key}/{raw}", reason=reason, state=state,
            email=address_of(recipient), recipient=recipient_id(recipient),
            name=word(recipient, "name") if acts else "", level=level if acts else None,
            authenticated_by=checked if acts else None,
        )  # fmt: skip

    sent = instant(recipient, "sentDateTime")
    told: set[object] = {RecipientState.WAITING}
    for name, state, raw in _STEPS:
        at = instant(recipient, name)
        if at is not None:
            told.add(state)
            yield fact(at, state, raw, word(recipient, "declinedReason") if raw == "declined" else "")
    giver = word(tree_of(recipient, "delegatedBy"), "Email")
    if giver and sent is not None:
        yield RecipientFact(
            at=sent, system=VENDOR, raw="delegatedBy", event=f"{key}/delegated", email=giver,
            state=RecipientState.DELEGATED, delegate=address_of(recipient),
        )  # fmt: skip
    said = word(recipient, "status")
    meant = recipient_state(said)
    if not said or meant in told or not isinstance(meant, RecipientState | Unknown):
        return
    signed = instant(recipient, "signedDateTime") or instant(recipient, "deliveredDateTime")
    at = (signed if meant is RecipientState.COMPLETED else sent) or sent or latest_of(envelope)
    yield fact(at, meant, said, word(recipient, "autoRespondedReason") if meant is RecipientState.BOUNCED else "")


def _level(recipient: Tree, levels: Mapping[str, SignatureLevel]) -> SignatureLevel | None:
    named = [word(one, "signatureProviderName") for one in trees_of(recipient, "recipientSignatureProviders")]
    return next((levels[name] for name in named if name in levels), None)


def _checked(recipient: Tree) -> Authentication | None:
    results = tree_of(recipient, "recipientAuthenticationStatus")
    passed = (method for name, method in CHECKED.items() if word(tree_of(results, name), "status").lower() == _PASSED)
    return next(passed, None)
