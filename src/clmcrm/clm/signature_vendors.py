"""Six services' own words for how far a signature has come, and ours.

The rule of the file: each list is complete as the service publishes it. A word that says nothing about how far
it has come (a template was made, a reminder went out) is listed with None; a word that is not listed is an
`Unknown` that keeps it verbatim, and never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import field, frozen

from clmcrm.clm.signature import RecipientRole, RecipientState, RequestState
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import text

State: TypeAlias = RecipientState | RequestState
_R: TypeAlias = RecipientState
_W: TypeAlias = RequestState


@frozen(kw_only=True)
class WordList:
    """One list of one service: `of` what ("recipient status"), where it is published, and each word's meaning."""

    system: str = field(validator=text)
    of: str = field(validator=text)
    source: str = field(validator=text)
    words: Mapping[str, State | None]

    def state(self, word: str) -> State | Unknown | None:
        """What `word` means, upper and lower case alike; None for a word that says nothing about progress.

        >>> word_list("docusign", "recipient status").state("Completed")
        <RecipientState.COMPLETED: 'completed'>
        >>> word_list("docusign", "recipient status").state("teleported").raw
        'teleported'
        """
        key = word.strip().casefold()
        if key not in self.words:
            return Unknown(f"{self.system} does not publish this {self.of}", word)
        return self.words[key]


def _list(system: str, of: str, source: str, words: Mapping[str, State | None]) -> WordList:
    return WordList(system=system, of=of, source=source, words={word.casefold(): s for word, s in words.items()})


_DOCUSIGN_DOCS: Final = "developers.docusign.com: eSignature REST API, status codes"
_DOCUSIGN_SPEC: Final = "docusign/OpenAPI-Specifications, eSignature REST 2.1"

WORD_LISTS: Final[tuple[WordList, ...]] = (
    _list(
        "docusign", "envelope status", _DOCUSIGN_DOCS,
        {
            "created": _W.CREATED, "sent": _W.SENT, "delivered": _W.DELIVERED,
            # Everybody signed, and the service has not concluded yet: the whole has no such step of ours.
            "signed": _W.DELIVERED,
            "completed": _W.COMPLETED, "declined": _W.DECLINED, "voided": _W.VOIDED, "timedout": _W.EXPIRED,
            "deleted": _W.DELETED, "correct": _W.CORRECTED,
            "authoritativecopy": None, "transfercompleted": None, "template": None,
        },
    ),
    _list(
        "docusign", "recipient status", _DOCUSIGN_DOCS,
        {
            "created": _R.WAITING, "sent": _R.SENT, "autoresponded": _R.BOUNCED,
            # "Delivered" means that the recipient looked at it on the signing site, not that mail arrived.
            "delivered": _R.VIEWED, "signed": _R.SIGNED, "faxpending": _R.SIGNED,
            "completed": _R.COMPLETED, "declined": _R.DECLINED,
        },
    ),
    _list(
        "docusign", "envelope instant", _DOCUSIGN_SPEC,
        {
            "createdDateTime": _W.CREATED, "initialSentDateTime": _W.SENT, "sentDateTime": _W.SENT,
            "deliveredDateTime": _W.DELIVERED, "completedDateTime": _W.COMPLETED, "declinedDateTime": _W.DECLINED,
            "voidedDateTime": _W.VOIDED, "deletedDateTime": _W.DELETED,
            "expireDateTime": None,  # when it is going to expire, not that it has
            "lastModifiedDateTime": None, "statusChangedDateTime": None, "statusDateTime": None,
        },
    ),
    _list(
        "docusign", "recipient instant", _DOCUSIGN_SPEC,
        {
            "sentDateTime": _R.SENT, "deliveredDateTime": _R.VIEWED, "signedDateTime": _R.SIGNED,
            "declinedDateTime": _R.DECLINED,
        },
    ),
    _list(
        "pandadoc", "document status", "PandaDoc/pandadoc-openapi-specification 8.8.0, DocumentStatusEnum",
        {
            "document.draft": _W.CREATED, "document.uploaded": _W.CREATED, "document.error": None,
            # Approved and rejected are the sender's own approval before sending, not a signatory's act.
            "document.waiting_approval": _W.CREATED, "document.approved": _W.CREATED, "document.rejected": _W.CREATED,
            "document.scheduled": _W.CREATED, "document.sent": _W.SENT, "document.external_review": _W.SENT,
            "document.viewed": _W.DELIVERED,
            # Payment comes last: everybody has signed by then.
            "document.waiting_pay": _W.COMPLETED, "document.paid": _W.COMPLETED, "document.completed": _W.COMPLETED,
            "document.voided": _W.VOIDED, "document.declined": _W.DECLINED,
        },
    ),
    _list(
        "pandadoc", "webhook event", "PandaDoc/pandadoc-openapi-specification 8.8.0, WebhookEventTriggerEnum",
        {
            "recipient_completed": _R.COMPLETED, "document_deleted": _W.DELETED,
            "document_completed_pdf_ready": _W.COMPLETED,
            # The new state stands in the message's body; it is read with the list above.
            "document_state_changed": None,
            "document_updated": None, "document_creation_failed": None, "document_section_added": None,
            "quote_updated": None, "template_created": None, "template_updated": None, "template_deleted": None,
            "content_library_item_created": None, "content_library_item_creation_failed": None,
        },
    ),
    _list(
        "dropbox_sign", "event type", "hellosign/hellosign-openapi 3.0.0, EventCallbackRequestEvent.event_type",
        {
            "signature_request_sent": _W.SENT, "signature_request_viewed": _R.VIEWED,
            "signature_request_signed": _R.COMPLETED, "signature_request_all_signed": _W.COMPLETED,
            "signature_request_downloadable": None,  # the files may be fetched; nobody need have signed them
            "signature_request_declined": _R.DECLINED, "signature_request_canceled": _W.VOIDED,
            "signature_request_expired": _W.EXPIRED, "signature_request_destroyed": _W.DELETED,
            "signature_request_email_bounce": _R.BOUNCED, "signature_request_prepared": _W.CREATED,
            # Who the place went to stands in the message's body; without it there is no delegation to record.
            "signature_request_reassigned": None,
            "signature_request_signer_removed": _W.CORRECTED,
            "signature_request_remind": None, "signature_request_incomplete_qes": None,
            "signature_request_invalid": None, "account_confirmed": None, "unknown_error": None, "file_error": None,
            "sign_url_invalid": None, "template_created": None, "template_error": None, "callback_test": None,
        },
    ),
    _list(
        "dropbox_sign", "signature status", "hellosign/hellosign-openapi 3.0.0, SignatureRequestResponseSignatures",
        {"awaiting_signature": _R.WAITING, "signed": _R.COMPLETED, "declined": _R.DECLINED},
    ),
    _list(
        "docuseal", "submission event", "docusealco/docuseal app/models/submission_event.rb",
        {
            "send_email": _R.SENT, "send_sms": _R.SENT, "send_reminder_email": None, "send_2fa_sms": None,
            "send_2fa_email": None, "bounce_email": _R.BOUNCED, "complaint_email": _R.BOUNCED,
            "open_email": _R.DELIVERED, "click_email": _R.DELIVERED, "click_sms": _R.DELIVERED,
            "phone_verified": None, "email_verified": None, "start_verification": None,
            "complete_verification": None, "start_kba": None, "complete_kba": None, "fail_kba": None,
            "view_form": _R.VIEWED, "start_form": _R.VIEWED, "invite_party": None,
            "complete_form": _R.COMPLETED, "api_complete_form": _R.COMPLETED, "decline_form": _R.DECLINED,
        },
    ),
    _list(
        "docuseal", "webhook event", "docusealco/docuseal app/models/webhook_url.rb",
        {
            "form.viewed": _R.VIEWED, "form.started": _R.VIEWED, "form.completed": _R.COMPLETED,
            "form.declined": _R.DECLINED, "submission.created": _W.SENT, "submission.completed": _W.COMPLETED,
            "submission.expired": _W.EXPIRED, "submission.archived": None,
            "template.created": None, "template.updated": None,
        },
    ),
    _list(
        "docuseal", "submitter status", "docusealco/docuseal app/models/submitter.rb",
        {
            "awaiting": _R.WAITING, "sent": _R.SENT, "opened": _R.VIEWED, "completed": _R.COMPLETED,
            "declined": _R.DECLINED,
        },
    ),
    _list(
        "documenso", "document status", "documenso/documenso packages/prisma/schema.prisma, DocumentStatus",
        {
            "DRAFT": _W.CREATED, "PENDING": _W.SENT, "COMPLETED": _W.COMPLETED, "REJECTED": _W.DECLINED,
            "CANCELLED": _W.VOIDED,
        },
    ),
    _list(
        "documenso", "webhook event", "documenso/documenso packages/prisma/schema.prisma, WebhookTriggerEvents",
        {
            "DOCUMENT_CREATED": _W.CREATED, "DOCUMENT_SENT": _W.SENT, "DOCUMENT_OPENED": _R.VIEWED,
            "DOCUMENT_SIGNED": _R.COMPLETED, "DOCUMENT_COMPLETED": _W.COMPLETED, "DOCUMENT_REJECTED": _R.DECLINED,
            "DOCUMENT_CANCELLED": _W.VOIDED,
        },
    ),
    _list(
        "documenso", "recipient status", "documenso/documenso packages/prisma/schema.prisma, Read/Send/SigningStatus",
        {
            "NOT_SENT": _R.WAITING, "SENT": _R.SENT, "NOT_OPENED": None, "OPENED": _R.VIEWED, "NOT_SIGNED": None,
            "SIGNED": _R.COMPLETED, "REJECTED": _R.DECLINED,
        },
    ),
    _list(
        "opensign", "document flag", "OpenSignLabs/OpenSign, class contracts_Document",
        {"IsCompleted": _W.COMPLETED, "IsDeclined": _W.DECLINED, "IsArchive": None, "ExpiryDate": None},
    ),
    _list(
        "opensign", "audit activity", "OpenSignLabs/OpenSign, contracts_Document.AuditTrail",
        {"Viewed": _R.VIEWED, "Signed": _R.COMPLETED},
    ),
)  # fmt: skip
"""Every list of every service, in the order of this page."""

_ROLES: Final[Mapping[str, Mapping[str, RecipientRole]]] = {
    "docusign": {
        "signers": RecipientRole.SIGNER, "inpersonsigners": RecipientRole.SIGNER, "seals": RecipientRole.SIGNER,
        "witnesses": RecipientRole.WITNESS, "notaries": RecipientRole.NOTARY, "agents": RecipientRole.ASSISTANT,
        "editors": RecipientRole.ASSISTANT, "intermediaries": RecipientRole.ASSISTANT,
        "certifieddeliveries": RecipientRole.VIEWER, "carboncopies": RecipientRole.COPY,
        "participants": RecipientRole.VIEWER,
    },
    "documenso": {
        "signer": RecipientRole.SIGNER, "approver": RecipientRole.APPROVER, "assistant": RecipientRole.ASSISTANT,
        "viewer": RecipientRole.VIEWER, "cc": RecipientRole.COPY,
    },
    "pandadoc": {
        "signer": RecipientRole.SIGNER, "approver": RecipientRole.APPROVER, "cc": RecipientRole.COPY,
    },
}  # fmt: skip


def word_list(system: str, of: str) -> WordList:
    """The list of `system` for what `of` names; raises `InvalidRecord` that names the lists there are."""
    for found in WORD_LISTS:
        if (found.system, found.of) == (system, of):
            return found
    raise InvalidRecord("WordList", "of", f"{system} {of}", ", ".join(f"{w.system} {w.of}" for w in WORD_LISTS))


def recipient_role(system: str, word: str) -> RecipientRole | Unknown:
    """Our role for a service's word; `Unknown` with that word where the service publishes no such role.

    >>> recipient_role("documenso", "CC")
    <RecipientRole.COPY: 'copy'>
    """
    found = _ROLES.get(system, {}).get(word.strip().casefold())
    return Unknown(f"{system} does not publish this role", word) if found is None else found
