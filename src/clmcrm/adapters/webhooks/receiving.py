"""One message, from the raw bytes to the answer: believed or refused, kept once, and answered.

The plain function for any framework: give it the bytes as they came, and send what it returns. 2xx when the
message was taken, or had been taken before; 4xx when it is refused; 503 only when it could not be kept, so that
the vendor sends it again. What a message holds never leads to a 5xx.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import field, frozen

from clmcrm.adapters.webhooks.inbox import Inbox
from clmcrm.adapters.webhooks.keys import length
from clmcrm.adapters.webhooks.message import Limits, Message, within
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import Event, Reply, Scheme, Verified
from clmcrm.errors import ClmcrmError, InvalidRecord, WebhookRefused
from clmcrm.values.validators import instance, maybe, member, text


@frozen(kw_only=True)
class Endpoint:
    """One address that one system posts to.

    `system` names the system in the inbox. `oldest` bounds a message whose signature covers no time: when its
    body tells when it was made, and that is longer ago, it is refused as stale; set it above the vendor's
    retries, and let the inbox remember for longer. 15 days outlast the retries of DocuSign, the longest here.
    """

    system: str = field(validator=text)
    scheme: Scheme
    inbox: Inbox
    limits: Limits = field(default=Limits(), validator=instance(Limits))
    oldest: timedelta = field(default=timedelta(days=15), validator=length)


class Fate(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    REPEATED = "repeated"
    """All of its events had been taken before: nothing was kept, and the vendor hears that all is well."""
    REFUSED = "refused"
    NOT_KEPT = "not-kept"
    """It is genuine, and the inbox could not be written."""


@frozen(kw_only=True)
class Received:
    """What became of a message and what to answer; `verified` None when it was refused, `why` in words then."""

    fate: Fate = field(validator=member(Fate))
    reply: Reply = field(validator=instance(Reply))
    verified: Verified | None = field(default=None, validator=maybe(instance(Verified)))
    reason: str = ""
    why: str = ""


def verify(endpoint: Endpoint, message: Message, now: datetime) -> Verified:
    """What is known of the message; raises `WebhookRefused`. Nothing is kept and nothing remembered.

    Raises `InvalidRecord` for a `now` without a time zone.
    """
    if now.utcoffset() is None:  # a refusal would lose every genuine message, and nobody would know why
        raise InvalidRecord("verify", "now", now, "an instant with a time zone")
    within(message, endpoint.limits)
    try:
        verified = endpoint.scheme.verify(message, now)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # a 5xx would make the vendor hold back everything behind this message
        what = f"checking failed with {type(error).__name__}; please report it"
        raise refused(endpoint.scheme.name, Reason.UNEXPECTED, what) from error
    made = verified.occurred_at
    if verified.covers_body and not verified.covers_time and made is not None and now - made > endpoint.oldest:
        raise refused(verified.scheme, Reason.STALE, f"made more than {endpoint.oldest} ago")
    return verified


def receive(endpoint: Endpoint, message: Message, now: datetime) -> Received:
    """Check, keep, answer; raises nothing that a message can cause, and `InvalidRecord` for a naive `now`.

    >>> from clmcrm.adapters.webhooks.documenso import Documenso
    >>> from clmcrm.adapters.webhooks.inbox import MemoryInbox
    >>> from clmcrm.adapters.webhooks.keys import Key
    >>> from datetime import UTC
    >>> sign = Endpoint(system="documenso", scheme=Documenso(keys=(Key("one", "a long secret"),)), inbox=MemoryInbox())
    >>> message = Message(headers={"X-Documenso-Secret": "a long guess"}, body=b"{}")
    >>> received = receive(sign, message, datetime(2026, 1, 15, tzinfo=UTC))
    >>> received.fate.value, received.reply.status, received.why
    ('refused', 401, 'documenso: no key in use gives this signature')
    """
    try:
        verified = verify(endpoint, message, now)
    except WebhookRefused as refusal:
        answer = Reply(refusal.status, refusal.reason.encode())
        return Received(fate=Fate.REFUSED, reply=answer, reason=refusal.reason, why=str(refusal))
    try:
        new = endpoint.inbox.take(endpoint.system, _kept(verified), now)
    except ClmcrmError as error:
        return Received(fate=Fate.NOT_KEPT, reply=Reply(503), verified=verified, why=str(error))
    fate = Fate.TAKEN if new else Fate.REPEATED
    return Received(fate=fate, reply=endpoint.scheme.reply, verified=verified, why=verified.unread)


def _kept(verified: Verified) -> tuple[Event, ...]:
    """The events; for what could not be read one that says so, so that nobody has to search a log."""
    if not verified.unread:
        return verified.events
    return (*verified.events, Event(id=verified.event_id, kind="unreadable", object="message"))
