"""Electronic signature, whichever service collects it: what was asked, and what is known to have happened.

Facts from a service may come in any order, twice, or late; merging them gives the same standing whatever
the order, because a fact is never taken back by an older one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from clmcrm.clm.kinds import Party
from clmcrm.values.ids import ContractId
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, flag, instance, instant, member, text


class SignatureLevel(StrEnum):
    """Simple, advanced or qualified (Regulation (EU) No 910/2014, art. 3(10)-(12))."""

    SIMPLE = "SES"
    ADVANCED = "AdES"
    QUALIFIED = "QES"


class RecipientRole(StrEnum):
    """What a recipient is asked to do."""

    SIGNER = "signer"
    APPROVER = "approver"
    VIEWER = "viewer"
    COPY = "copy"


@frozen(kw_only=True)
class Recipient:
    """Somebody the document goes to; `order` 0 comes first, equal orders go out together."""

    name: str = field(validator=text)
    email: str = field(validator=text)
    side: Party = field(validator=member(Party))
    role: RecipientRole = field(default=RecipientRole.SIGNER, validator=member(RecipientRole))
    order: int = field(default=0, validator=count)
    required: bool = field(default=True, validator=flag)


@frozen(kw_only=True)
class SignatureRequest(Record):
    """A request to sign `contract`'s document with the fingerprint `sha256`; `id` is our key, sent only once."""

    id: str = field(validator=text)
    contract: ContractId = field(validator=text)
    sha256: str = field(validator=text)
    recipients: tuple[Recipient, ...] = field(validator=each(instance(Recipient)))
    level: SignatureLevel = field(default=SignatureLevel.SIMPLE, validator=member(SignatureLevel))


class RecipientState(StrEnum):
    """How far a recipient has come, in this order; the later one wins when facts are merged."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    DECLINED = "declined"


@frozen(kw_only=True)
class SignatureFact:
    """A service's statement: the recipient with this `email` reached `state` at `at`."""

    email: str = field(validator=text)
    state: RecipientState = field(validator=member(RecipientState))
    at: datetime = field(validator=instant)
    evidence: str = ""


@frozen(kw_only=True)
class SignatureStanding:
    """What is known: each recipient's furthest fact, by email in lower case."""

    facts: tuple[tuple[str, SignatureFact], ...]
    complete: bool
    declined: bool


def signature_standing(request: SignatureRequest, facts: Iterable[SignatureFact]) -> SignatureStanding:
    """The furthest fact per recipient; the same for any order and any number of repeats of `facts`.

    Complete when every required signer and approver has completed; declined as soon as one of them has.
    Facts about somebody the request does not name are left out.
    """
    order = list(RecipientState)
    furthest: dict[str, SignatureFact] = {}
    asked = {recipient.email.lower(): recipient for recipient in request.recipients}
    for fact in facts:
        email = fact.email.lower()
        known = furthest.get(email)
        rank = (order.index(fact.state), -fact.at.timestamp(), fact.evidence)
        if email in asked and (
            known is None or rank > (order.index(known.state), -known.at.timestamp(), known.evidence)
        ):
            furthest[email] = fact
    needed = [
        email
        for email, recipient in asked.items()
        if recipient.required and recipient.role in (RecipientRole.SIGNER, RecipientRole.APPROVER)
    ]
    states = [furthest[email].state if email in furthest else RecipientState.WAITING for email in needed]
    return SignatureStanding(
        facts=tuple(sorted(furthest.items())),
        complete=bool(states) and all(state is RecipientState.COMPLETED for state in states),
        declined=RecipientState.DECLINED in states,
    )
