"""DocuSign's words for how far an envelope or a recipient is, and ours.

Total over the words its documentation names; any other word is an `Unknown` that keeps it. Sources:
Envelopes: listStatusChanges (`status`, `from_to_status`), "envelope status code descriptions", "recipient status
code descriptions", and the action words of the audit trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.clm.signature import Authentication, RecipientState, RequestState
from clmcrm.values.partial import Unknown

ENVELOPE: Final[Mapping[str, RequestState]] = {
    "processing": RequestState.CREATED,  # taken over, not sent yet
    "created": RequestState.CREATED,
    "sent": RequestState.SENT,
    "delivered": RequestState.DELIVERED,  # every recipient has opened it
    "signed": RequestState.DELIVERED,  # all have signed, DocuSign has not concluded: never complete before it says so
    "correct": RequestState.CORRECTED,
    "completed": RequestState.COMPLETED,
    "authoritativecopy": RequestState.COMPLETED,
    "transfercompleted": RequestState.COMPLETED,
    "declined": RequestState.DECLINED,
    "voided": RequestState.VOIDED,
    "timedout": RequestState.EXPIRED,
    "deleted": RequestState.DELETED,
}

RECIPIENT: Final[Mapping[str, RecipientState]] = {
    "created": RecipientState.WAITING,
    "sent": RecipientState.SENT,
    "autoresponded": RecipientState.BOUNCED,
    "delivered": RecipientState.VIEWED,  # "has viewed the documents", not "the mail arrived"
    "faxpending": RecipientState.SIGNED,
    "signed": RecipientState.SIGNED,
    "completed": RecipientState.COMPLETED,
    "declined": RecipientState.DECLINED,
}

ACTIONS: Final[Mapping[str, RequestState | RecipientState | None]] = {
    "registered": RequestState.CREATED,
    "created": RequestState.CREATED,
    "sent invitations": RequestState.SENT,
    "corrected": RequestState.CORRECTED,
    "voided": None,  # the envelope's own instant tells it, and whether it had expired
    "opened": RecipientState.VIEWED,
    "viewed": RecipientState.VIEWED,
    "signed": RecipientState.SIGNED,
    "declined": RecipientState.DECLINED,
    "email bounced": RecipientState.BOUNCED,
    "autoresponded": RecipientState.BOUNCED,
    # What changes nothing about a signature.
    "resent": None,
    "printed": None,
    "downloaded": None,
    "document downloaded": None,
    "security checked": None,
    "certificate downloaded": None,
    "transferred": None,
    "completed": None,  # the envelope's own instant tells it
}
"""The audit trail's actions; None for those that change nothing about a signature."""

CHECKED: Final[Mapping[str, Authentication]] = {
    "accessCodeResult": Authentication.ACCESS_CODE,
    "smsAuthResult": Authentication.SMS_CODE,
    "phoneAuthResult": Authentication.PHONE_CALL,
    "idQuestionsResult": Authentication.KNOWLEDGE,
    "idLookupResult": Authentication.KNOWLEDGE,
    "identityVerificationResult": Authentication.ID_DOCUMENT,
    "signatureProviderResult": Authentication.CERTIFICATE,
    "anySocialIDResult": Authentication.ACCOUNT,
    "facebookResult": Authentication.ACCOUNT,
    "googleResult": Authentication.ACCOUNT,
    "linkedinResult": Authentication.ACCOUNT,
    "liveIDResult": Authentication.ACCOUNT,
    "openIDResult": Authentication.ACCOUNT,
    "salesforceResult": Authentication.ACCOUNT,
    "twitterResult": Authentication.ACCOUNT,
    "yahooResult": Authentication.ACCOUNT,
}
"""The results of checks of identity; ages and sanction lists (`ageVerifyResult`, `ofacResult`) say nothing of who."""


def envelope_state(said: str) -> RequestState | Unknown:
    """What a word for an envelope means.

    >>> envelope_state("Sent"), envelope_state("Frozen").raw
    (<RequestState.SENT: 'sent'>, 'Frozen')
    """
    return ENVELOPE.get(said.lower()) or Unknown("a status that is not documented", raw=said)


def recipient_state(said: str) -> RecipientState | Unknown:
    """What a word for a recipient means."""
    return RECIPIENT.get(said.lower()) or Unknown("a status that is not documented", raw=said)
