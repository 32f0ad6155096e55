"""From a document, as PandaDoc shows it, to the facts it tells: only what has an instant that stays.

It keeps the instants of making, sending and completion and of each signature. Views, refusals and reasons stand in
the audit trail alone. A signer has the document from the instant at which those before them had signed. A document
that its sender marked complete is not taken for one that everybody signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from attrs import evolve

from clmcrm.adapters.pandadoc.statuses import UNSENT, status_of
from clmcrm.adapters.pandadoc.wire import VENDOR, moment
from clmcrm.adapters.trees import Tree, number, trees_of, word
from clmcrm.clm.signature import RecipientFact, RecipientState, RequestFact, RequestState, SignatureFact
from clmcrm.clm.signature_vendors import recipient_role
from clmcrm.errors import MalformedReply
from clmcrm.values.partial import Unknown

DELETED: Final = "clmcrm_deleted"
"""The name under which a row from the list of deleted documents is marked as one."""

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNER: Final = "signer"


def facts_of(document: Tree) -> tuple[SignatureFact, ...]:
    """Everything a document tells of itself and its recipients, its audit trail apart.

    Raises `MalformedReply` for an instant that is none.
    """
    facts: list[SignatureFact] = [*_of_whole(document)]
    sent = moment(document, "date_sent")
    if sent is not None:
        for one in trees_of(document, "recipients"):
            facts += _of_recipient(document, one, sent)
    return tuple(facts)


def was_sent(document: Tree) -> bool:
    """Whether anybody received it, now or before it was taken up again.

    Raises `MalformedReply` for one that tells no status, or one that is not documented, and no time of sending.
    """
    if document.get("date_sent"):
        return True
    said = word(document, "status")
    if isinstance(status_of(said), Unknown):
        what = f"is {said!r}, which is not documented" if said else "without a status"
        raise MalformedReply(VENDOR, "status", f"document {word(document, 'id')} {what}; it tells no time of sending")
    return said not in UNSENT


def is_complete(document: Tree) -> bool:
    """Whether everybody who signs has signed: its sender's word for it is not enough."""
    signers = [one for one in trees_of(document, "recipients") if _signs(one)]
    done = status_of(word(document, "status")) is RequestState.COMPLETED
    return done and bool(signers) and all(one.get("has_completed") is True for one in signers)


def version_of(document: Tree) -> str:
    """What changes with everything that happens to a document."""
    acts = [one.get("has_completed") is True for one in trees_of(document, "recipients")]
    return f"{word(document, 'status')} {word(document, 'date_modified')} {acts}"


def changed_at(document: Tree) -> datetime:
    """When something last happened to it, as far as it says."""
    return moment(document, "date_modified") or moment(document, "date_created") or _EVER


def address_of(recipient: Tree) -> str:
    """The address facts name a recipient by; for one without, what PandaDoc calls it by."""
    names = ("email", "phone", "name", "id")
    return next((told for name in names if (told := word(recipient, name))), "a recipient without an address")


def name_of(recipient: Tree) -> str:
    """First and last name, as they were sent."""
    return f"{word(recipient, 'first_name')} {word(recipient, 'last_name')}".strip()


def _of_whole(document: Tree) -> Iterator[RequestFact]:
    key, said = word(document, "id"), word(document, "status")

    def fact(at: datetime, state: RequestState | Unknown, raw: str) -> RequestFact:
        return RequestFact(at=at, system=VENDOR, raw=raw, event=f"{key}/{raw}", state=state)

    made, sent = moment(document, "date_created"), moment(document, "date_sent")
    if made is not None:
        yield fact(made, RequestState.CREATED, "date_created")
    if sent is not None:
        yield fact(sent, RequestState.SENT, "date_sent")
    if document.get(DELETED) is True:
        yield fact(changed_at(document), RequestState.DELETED, "deleted")
        return
    meant = status_of(said)
    if isinstance(meant, Unknown):
        yield fact(changed_at(document), meant, said)
    elif meant is RequestState.COMPLETED:
        at = moment(document, "date_completed") or _last_signature(document) or changed_at(document)
        by_hand = Unknown("it is marked complete, and not everybody has signed", said)
        names = tuple(address_of(one).lower() for one in trees_of(document, "recipients"))
        yield evolve(fact(at, meant if is_complete(document) else by_hand, said), names=names)
    elif meant is RequestState.DECLINED:
        yield fact(changed_at(document), meant, said)
    elif meant is RequestState.VOIDED:
        # PandaDoc voids what expires: what tells the two apart is when.
        ends, at = moment(document, "expiration_date"), changed_at(document)
        expired = ends is not None and ends <= at
        yield fact(ends if ends is not None and expired else at, RequestState.EXPIRED if expired else meant, said)


def _of_recipient(document: Tree, recipient: Tree, sent: datetime) -> Iterator[RecipientFact]:
    event = f"{word(document, 'id')}/{word(recipient, 'id')}"
    email, since = address_of(recipient), _since(document, recipient, sent)
    if since is not None:
        yield RecipientFact(
            at=since, system=VENDOR, raw="date_sent", event=f"{event}/sent", email=email, state=RecipientState.SENT
        )
    if recipient.get("has_completed") is not True or not _signs(recipient):
        return
    at = moment(recipient, "signature_date") or moment(document, "date_completed") or changed_at(document)
    yield RecipientFact(
        at=at, system=VENDOR, raw="has_completed", event=f"{event}/completed", email=email, name=name_of(recipient),
        state=RecipientState.COMPLETED,
    )  # fmt: skip


def _since(document: Tree, recipient: Tree, sent: datetime) -> datetime | None:
    """From when on a recipient has the document; None while others come first."""
    order = number(recipient, "signing_order")
    if order is None or not _signs(recipient):
        return sent
    before = [
        one for one in trees_of(document, "recipients") if _signs(one) and (number(one, "signing_order") or 0) < order
    ]
    acts = [moment(one, "signature_date") if one.get("has_completed") is True else None for one in before]
    known = [at for at in acts if at is not None]
    return max([sent, *known]) if len(known) == len(acts) else None


def _last_signature(document: Tree) -> datetime | None:
    found = [moment(one, "signature_date") for one in trees_of(document, "recipients")]
    return max((at for at in found if at is not None), default=None)


def _signs(recipient: Tree) -> bool:
    return recipient_role(VENDOR, word(recipient, "recipient_type") or _SIGNER) == recipient_role(VENDOR, _SIGNER)
