"""DocuSign's words for how far an envelope or a recipient is, and ours.

The words of statuses stand in `clmcrm.clm.signature_vendors`; here are those of this interface alone: the status
of an envelope that is being taken over, the action words of the audit trail, and the results of identity checks.
Any other word is an `Unknown` that keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from clmcrm.clm.signature import Authentication, RecipientState, RequestState
from clmcrm.clm.signature_vendors import State, word_list
from clmcrm.values.partial import Unknown

Meaning: TypeAlias = State | Unknown | None
"""A state, an unknown word, or None for a word that says nothing about progress."""

_ENVELOPE: Final = word_list("docusign", "envelope status")
_RECIPIENT: Final = word_list("docusign", "recipient status")
_TAKEN_OVER: Final = "processing"
"""`status` of Envelopes: listStatusChanges, which the list of status codes does not name."""

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


def envelope_state(said: str) -> Meaning:
    """What a word for an envelope means.

    >>> envelope_state("Sent"), envelope_state("Frozen").raw
    (<RequestState.SENT: 'sent'>, 'Frozen')
    """
    return RequestState.CREATED if said.lower() == _TAKEN_OVER else _ENVELOPE.state(said)


def recipient_state(said: str) -> Meaning:
    """What a word for a recipient means."""
    return _RECIPIENT.state(said)
