"""Electronic signature, whichever service collects it: what was asked, and the facts a service reports.

A request names who must act, in which order and at which level. A fact is a service's statement that a
recipient, or the request as a whole, reached a state at an instant; its own word is kept verbatim. What the
facts add up to is worked out by `clmcrm.clm.signature_standing`, the same for any order of arrival.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.clm.kinds import Party
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId, DocumentId
from clmcrm.values.instants import in_utc
from clmcrm.values.partial import Unknown
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, flag, instance, instant, maybe, member, positive_count, text

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SIDES: Final = (Party.OWN, Party.COUNTERPARTY)


class SignatureLevel(StrEnum):
    """Simple, advanced or qualified (Regulation (EU) No 910/2014, art. 3(10)-(12)), from the lowest up."""

    SIMPLE = "SES"
    ADVANCED = "AdES"
    QUALIFIED = "QES"

    def reaches(self, least: SignatureLevel) -> bool:
        """Whether this level is `least` or a higher one.

        >>> SignatureLevel.ADVANCED.reaches(SignatureLevel.QUALIFIED)
        False
        """
        ladder = list(SignatureLevel)
        return ladder.index(self) >= ladder.index(least)


class Authentication(StrEnum):
    """How a service makes sure of who is there; what a method proves in law is not said here."""

    EMAIL_LINK = "email_link"
    ACCOUNT = "account"
    ACCESS_CODE = "access_code"
    SMS_CODE = "sms_code"
    PHONE_CALL = "phone_call"
    KNOWLEDGE = "knowledge"
    ID_DOCUMENT = "id_document"
    ELECTRONIC_ID = "electronic_id"
    CERTIFICATE = "certificate"
    IN_PERSON = "in_person"


class RecipientRole(StrEnum):
    """What a recipient is asked to do."""

    SIGNER = "signer"
    APPROVER = "approver"
    WITNESS = "witness"
    NOTARY = "notary"
    ASSISTANT = "assistant"
    VIEWER = "viewer"
    COPY = "copy"


ACTING: Final = frozenset(RecipientRole) - {RecipientRole.VIEWER, RecipientRole.COPY}
"""The roles without whose act a request is not complete; a viewer and a copy only receive."""


@frozen(kw_only=True)
class Recipient:
    """Somebody the document goes to; `order` 0 comes first, equal orders go out together.

    `id` tells recipients apart where one address appears twice (empty: the address does). `signatory` is the
    name of the contract's signatory they sign as (empty: their own name). `authentication` is how they are
    asked to prove who they are (None: as the service does by default), `level` the least level of their
    signature (None: the request's). `witness_for` is the key of the recipient whose act they witness.
    """

    name: str = field(validator=text)
    email: str = field(validator=text)
    side: Party = field(validator=member(Party))
    role: RecipientRole = field(default=RecipientRole.SIGNER, validator=member(RecipientRole))
    order: int = field(default=0, validator=count)
    required: bool = field(default=True, validator=flag)
    id: str = ""
    signatory: str = ""
    authentication: Authentication | None = field(default=None, validator=maybe(member(Authentication)))
    level: SignatureLevel | None = field(default=None, validator=maybe(member(SignatureLevel)))
    witness_for: str = ""

    def __attrs_post_init__(self) -> None:
        if self.role is RecipientRole.SIGNER and self.side not in _SIDES:
            raise InvalidRecord(f"Recipient {self.email}", "side", self.side.value, "own or counterparty for a signer")

    @property
    def key(self) -> str:
        """What facts name the recipient by: the id, or the address in lower case."""
        return self.id or self.email.lower()

    @property
    def signs_as(self) -> str:
        """The name of the contract's signatory this recipient stands for."""
        return self.signatory or self.name

    @property
    def must_act(self) -> bool:
        """Whether the request is incomplete without their act."""
        return self.required and self.role in ACTING


@frozen(kw_only=True)
class SignatureRequest(Record):
    """A request to sign `contract`'s document with the fingerprint `sha256`; `id` is our key, sent only once.

    `document` is the id of that document in the contract (None: not said). `level` is the least level of every
    signature. `expires_at` is the instant from which nobody may sign any more (None: no end). Reminders go out
    `remind_after` days after sending and then `remind_every` days (None: none).

    Raises `InvalidRecord` for two recipients with one key, for a fingerprint that is none, and for a witness of
    nobody.
    """

    id: str = field(validator=text)
    contract: ContractId = field(validator=text)
    sha256: str = field(validator=text)
    recipients: tuple[Recipient, ...] = field(validator=each(instance(Recipient)))
    level: SignatureLevel = field(default=SignatureLevel.SIMPLE, validator=member(SignatureLevel))
    document: DocumentId | None = field(default=None, validator=maybe(text))
    expires_at: datetime | None = field(default=None, validator=maybe(instant))
    remind_after: int | None = field(default=None, validator=maybe(positive_count))
    remind_every: int | None = field(default=None, validator=maybe(positive_count))

    def __attrs_post_init__(self) -> None:
        name = f"SignatureRequest {self.id}"
        if not _SHA256.fullmatch(self.sha256):
            raise InvalidRecord(name, "sha256", self.sha256, "64 lower-case hex digits")
        keys = Counter(recipient.key for recipient in self.recipients)
        twice = sorted(key for key, times in keys.items() if times > 1)
        if twice:
            raise InvalidRecord(name, "recipients", twice[0], "an id for each recipient with this address")
        for recipient in self.recipients:
            if recipient.witness_for and recipient.witness_for not in keys.keys() - {recipient.key}:
                raise InvalidRecord(name, "recipients", recipient.witness_for, "the key of another recipient")

    def level_of(self, recipient: Recipient) -> SignatureLevel:
        """The least level asked of this recipient's signature."""
        return recipient.level or self.level

    def reminders(self, sent_at: datetime, until: datetime) -> tuple[datetime, ...]:
        """The instants from `sent_at` to `until`, both inside, at which those who have not acted are reminded.

        None after the request has expired; days are of 24 hours.
        """
        if self.remind_after is None:
            return ()
        until = in_utc(until, "until")
        if self.expires_at is not None:
            until = min(until, in_utc(self.expires_at, "expires_at"))
        found: list[datetime] = []
        due = in_utc(sent_at, "sent_at") + timedelta(days=self.remind_after)
        while due <= until:
            found.append(due.astimezone(sent_at.tzinfo))
            if self.remind_every is None:
                break
            due += timedelta(days=self.remind_every)
        return tuple(found)


class RecipientState(StrEnum):
    """How far a recipient has come, in this order; when facts are merged, the later state holds.

    BOUNCED: the message did not arrive; whoever opens it later has it all the same. SIGNED: the signature is
    placed, the service has not concluded yet. COMPLETED: concluded. DECLINED stands last, so that nobody counts
    as having signed while a refusal is on record. DELEGATED is no step: the place passes to somebody else.
    """

    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"
    DELIVERED = "delivered"
    VIEWED = "viewed"
    DELEGATED = "delegated"
    SIGNED = "signed"
    COMPLETED = "completed"
    DECLINED = "declined"


class RequestState(StrEnum):
    """How far a request as a whole has come, in this order; when facts are merged, the later state holds.

    CORRECTED: the sender took it up again to change it. What was completed is not undone by a void, an expiry
    or a deletion, whichever is reported first: the signatures exist. DECLINED stands last: see `RecipientState`.
    """

    CREATED = "created"
    SENT = "sent"
    DELIVERED = "delivered"
    CORRECTED = "corrected"
    EXPIRED = "expired"
    VOIDED = "voided"
    DELETED = "deleted"
    COMPLETED = "completed"
    DECLINED = "declined"


def _with_offset(at: datetime) -> tuple[datetime, timedelta | None]:
    """An instant and its zone's offset: two facts are one only if both agree, so that neither is lost."""
    return at, at.utcoffset()


@frozen(kw_only=True)
class SignatureFact:
    """What every fact says of itself: its instant, and where it comes from.

    `system` is the service, `raw` its own word for the state, verbatim; `event` its key for the message
    (empty: it gave none); `reason` what was said with it; `evidence` where the proof is kept. `sha256` is the
    fingerprint of the document the fact is about, as the service states it (None: it states none).
    """

    at: datetime = field(validator=instant, eq=_with_offset)
    system: str = ""
    raw: str = ""
    event: str = ""
    reason: str = ""
    evidence: str = ""
    sha256: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise InvalidRecord(type(self).__name__, "sha256", self.sha256, "64 lower-case hex digits")


@frozen(kw_only=True)
class RecipientFact(SignatureFact):
    """The recipient with this `email` (and `recipient` id, where the request gives one) reached `state`.

    `state` is an `Unknown` with the service's word where that word is not known to us. `name` is who acted,
    `ip` from where, `authenticated_by` and `level` what the service states about it (None: it states nothing;
    a level is never inferred). `delegate` is the address of the one the place was handed to.
    """

    email: str = field(validator=text)
    state: RecipientState | Unknown = field(validator=instance(RecipientState, Unknown))
    recipient: str = ""
    name: str = ""
    ip: str = ""
    authenticated_by: Authentication | None = field(default=None, validator=maybe(member(Authentication)))
    level: SignatureLevel | None = field(default=None, validator=maybe(member(SignatureLevel)))
    delegate: str = ""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if (self.state is RecipientState.DELEGATED) != bool(self.delegate):
            expected = "an address exactly when the place was handed to somebody else"
            raise InvalidRecord("RecipientFact", "delegate", self.delegate, expected)


@frozen(kw_only=True)
class RequestFact(SignatureFact):
    """The request as a whole reached `state`, an `Unknown` where the service's word is not known to us.

    `names` are those whom the service names as its signers beside that state, each by the id it was sent with or else
    by the address in lower case; empty where it does not say. Whoever was taken out of the request is not among them.
    """

    state: RequestState | Unknown = field(validator=instance(RequestState, Unknown))
    names: tuple[str, ...] = field(default=(), validator=each(text))
