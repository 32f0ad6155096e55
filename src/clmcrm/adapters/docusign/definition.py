"""From a request to the envelope that asks DocuSign for it, and why some requests are refused before that.

The rule of the file: what DocuSign cannot do as it was asked is refused with the reason, never done otherwise.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.docusign.marks import RECIPIENT, marked, searchable, transaction_id
from clmcrm.adapters.sent_once import document_objections, kind_of, whole_days
from clmcrm.adapters.trees import Tree
from clmcrm.clm.signature import Authentication, Recipient, RecipientRole, SignatureLevel, SignatureRequest
from clmcrm.values.validators import text

GROUPS: Final[Mapping[RecipientRole, str]] = {
    RecipientRole.SIGNER: "signers",
    RecipientRole.VIEWER: "certifiedDeliveries",
    RecipientRole.COPY: "carbonCopies",
}
"""Where an envelope keeps the recipients of a role."""

MOST_BYTES: Final = 25 * 1024 * 1024
"""The largest document (DocuSign, "rules and limits")."""
MOST_DAYS: Final = 999
"""The most days an envelope may stay open (Envelopes: `expireAfter`)."""

_LONGEST: Final = 100
_NO_PROVIDERS: Final[Mapping[SignatureLevel, str]] = {}
_NO_WORKFLOWS: Final[Mapping[Authentication, str]] = {}


@frozen(kw_only=True)
class Sending:
    """How envelopes are sent.

    `sender` names this installation among others that use the account, in letters, digits and `:._-`. `subject` is
    the subject of the mail, with "{contract}" for the contract's id; `blurb` its text. `anchor` is the text in the
    document at which a recipient signs, with "{number}" for the place on the request, from 1 (empty: wherever they
    like). `providers` are the account's signature providers for levels above the simple one, `workflows` its identity
    verification workflows. `template` is a template whose fields and settings are laid over our document; its roles
    are matched by the recipient's id, or by the name the recipient signs as (None: none).
    """

    sender: str = field(default="clmcrm", validator=searchable)
    subject: str = field(default="Signature: {contract}", validator=text)
    blurb: str = ""
    anchor: str = ""
    providers: Mapping[SignatureLevel, str] = _NO_PROVIDERS
    workflows: Mapping[Authentication, str] = _NO_WORKFLOWS
    template: str | None = None

    @property
    def levels(self) -> frozenset[SignatureLevel]:
        """The levels it can collect."""
        return frozenset({SignatureLevel.SIMPLE, *self.providers})

    def subject_of(self, request: SignatureRequest) -> str:
        """The mail's subject."""
        return self.subject.replace("{contract}", request.contract)


def objection(request: SignatureRequest, document: bytes, sending: Sending) -> str:
    """Why the request is not sent; empty when it may be."""
    return next(_objections(request, document, sending), "")


def _objections(request: SignatureRequest, document: bytes, sending: Sending) -> Iterator[str]:
    yield from document_objections(request, document, "DocuSign")
    if len(document) > MOST_BYTES:
        yield f"the document has {len(document)} bytes; DocuSign takes {MOST_BYTES}"
    if len(sending.subject_of(request)) > _LONGEST:
        yield f"the subject of the mail has more than {_LONGEST} characters"
    if max(request.remind_after or 0, request.remind_every or 0) > MOST_DAYS:
        yield f"it reminds after more than {MOST_DAYS} days; by then every envelope of DocuSign's has ended"
    for recipient in request.recipients:
        yield from _of_recipient(request, recipient, sending)


def _of_recipient(request: SignatureRequest, recipient: Recipient, sending: Sending) -> Iterator[str]:
    level, asked = request.level_of(recipient), recipient.authentication
    if recipient.role not in GROUPS:
        yield f"{recipient.email}: the role {recipient.role.value} is not sent through this adapter"
    if level not in sending.levels:
        yield f"{recipient.email}: no signature provider is configured for the level {level.value}"
    if not recipient.required:
        yield f"{recipient.email}: DocuSign has no recipient whose act may be left out"
    if asked not in (None, Authentication.EMAIL_LINK) and asked not in sending.workflows:
        yield f"{recipient.email}: no identity workflow is configured for {asked.value if asked else ''}"
    if max(len(recipient.name), len(recipient.email)) > _LONGEST:
        yield f"{recipient.email}: name and address have at most {_LONGEST} characters"


def days_open(request: SignatureRequest, now: datetime) -> int | str | None:
    """How many days the envelope stays open, at most `MOST_DAYS`; see `whole_days`."""
    days = whole_days(request, now, "DocuSign")
    too_long = isinstance(days, int) and days > MOST_DAYS
    return f"it stays open for {days} days; DocuSign allows {MOST_DAYS}" if too_long else days


def definition(request: SignatureRequest, document: bytes, sending: Sending, days: int | None) -> Tree:
    """The body that creates and sends the envelope; `days` it stays open (None: as the account is set)."""
    whole: dict[str, Any] = {
        "status": "sent",
        "emailSubject": sending.subject_of(request),
        "transactionId": transaction_id(sending.sender, request.id),
        "customFields": marked(sending.sender, request),
    }
    if sending.blurb:
        whole["emailBlurb"] = sending.blurb
    notification = _notification(request, days)
    if notification:
        whole["notification"] = notification
    recipients = _recipients(request, sending)
    if sending.template is None:
        return {**whole, "documents": [_document(request, document)], "recipients": recipients}
    laid_over = {
        "compositeTemplateId": "1",
        "document": _document(request, document),
        "serverTemplates": [{"sequence": "1", "templateId": sending.template}],
        "inlineTemplates": [{"sequence": "2", "recipients": recipients}],
    }
    return {**whole, "compositeTemplates": [laid_over]}


def _document(request: SignatureRequest, document: bytes) -> Tree:
    return {
        "documentId": "1",
        "name": request.document or request.contract,
        "fileExtension": kind_of(document),
        "documentBase64": base64.b64encode(document).decode(),
    }


def _recipients(request: SignatureRequest, sending: Sending) -> Tree:
    found: dict[str, list[Tree]] = {}
    for number, recipient in enumerate(request.recipients, start=1):
        found.setdefault(GROUPS[recipient.role], []).append(_recipient(request, recipient, number, sending))
    return found


def _recipient(request: SignatureRequest, recipient: Recipient, number: int, sending: Sending) -> Tree:
    # DocuSign begins to count at 1; the same number goes out together.
    made: dict[str, Any] = {
        "recipientId": str(number), "routingOrder": str(recipient.order + 1), "name": recipient.name,
        "email": recipient.email,
    }  # fmt: skip
    if recipient.id:
        made["customFields"] = [f"{RECIPIENT}{recipient.id}"]
    if sending.template is not None:
        made["roleName"] = recipient.id or recipient.signs_as
    if recipient.authentication is not None and recipient.authentication in sending.workflows:
        made["identityVerification"] = {"workflowId": sending.workflows[recipient.authentication]}
    if recipient.role is not RecipientRole.SIGNER:
        return made
    level = request.level_of(recipient)
    if level in sending.providers:
        made["recipientSignatureProviders"] = [{"signatureProviderName": sending.providers[level]}]
    if sending.anchor:
        place = {"anchorString": sending.anchor.replace("{number}", str(number)), "documentId": "1"}
        made["tabs"] = {"signHereTabs": [place]}
    return made


def _notification(request: SignatureRequest, days: int | None) -> Tree:
    told: dict[str, Any] = {}
    if request.remind_after is not None:
        # No second reminder: one that would come after every envelope has ended.
        told["reminders"] = {
            "reminderEnabled": "true", "reminderDelay": str(request.remind_after),
            "reminderFrequency": str(request.remind_every or MOST_DAYS),
        }  # fmt: skip
    if days is not None:
        told["expirations"] = {"expireEnabled": "true", "expireAfter": str(days), "expireWarn": "0"}
    return {"useAccountDefaults": "false", **told} if told else {}
