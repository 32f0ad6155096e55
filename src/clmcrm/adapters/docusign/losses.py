"""What does not survive the way to DocuSign and back: of our request, of an envelope, and of its recipients.

An envelope is never written back: what it tells becomes facts, and the whole of it is at hand
(`DocuSignEsign.envelope`). Every property that the description declares is read, or stands here with its reason.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.loss_rows import Losses, loss_rows

REQUEST: Final[Losses] = {
    "ours alone: it stays with the request": ("refs", "extras", "provenance"),
}
"""Fields of a `SignatureRequest` that are neither sent nor refused."""

RECIPIENT: Final[Losses] = {
    "ours alone: DocuSign has no sides": ("side",),
    "ours alone, unless a template is laid over, whose role it then names": ("signatory",),
    "ours alone: the roles that witness are refused": ("witness_for",),
}
"""Fields of a `Recipient` that are neither sent nor refused."""

_ASKED: Final = "as it was sent: it stands in our request"
_SETTING: Final = "a setting of the sending or of the account, which says nothing of who signed"

ENVELOPE: Final[Losses] = {
    "an address within DocuSign": (
        "attachmentsUri", "certificateUri", "customFieldsUri", "documentsCombinedUri", "documentsUri", "envelopeUri",
        "notificationUri", "recipientsUri", "templatesUri",
    ),
    _SETTING: (
        "accessControlListBase64", "allowComments", "allowMarkup", "allowReassign", "allowViewHistory", "anySigner",
        "asynchronous", "authoritativeCopy", "authoritativeCopyDefault", "autoNavigation", "brandId", "brandLock",
        "copyRecipientData", "disableResponsiveDocument", "emailSettings", "enableWetSign", "enforceSignerVisibility",
        "envelopeIdStamping", "is21CFRPart11", "isDynamicEnvelope", "isSignatureProviderEnvelope", "messageLock",
        "recipientsLock", "signerCanSignOnMobile", "signingLocation", "useDisclosure", "workflow",
    ),
    _ASKED: (
        "documentBase64", "emailBlurb", "emailSubject", "envelopeDocuments", "expireAfter", "expireEnabled",
        "externalEnvelopeId", "notification", "transactionId",
    ),
    "whose it is in DocuSign, where it is kept and for how long": (
        "envelopeCustomMetadata", "envelopeLocation", "envelopeMetadata", "folders", "holder", "location",
        "lockInformation", "powerForm", "purgeCompletedDate", "purgeRequestDate", "purgeState", "sender",
    ),
    "what people added beside the document": (
        "envelopeAttachments", "hasComments", "hasFormDataChanged", "hasWavFile",
    ),
    "an instant that says less than those that are read": ("lastModifiedDateTime", "statusDateTime"),
}  # fmt: skip
"""Properties of `envelope` that no fact is made of."""

SIGNER: Final[Losses] = {
    "which of its values DocuSign lets be edited": (
        "accessCodeMetadata", "agentCanEditEmail", "agentCanEditName", "deliveryMethodMetadata", "emailMetadata",
        "faxNumberMetadata", "firstNameMetadata", "fullNameMetadata", "idCheckConfigurationNameMetadata",
        "isBulkRecipientMetadata", "lastNameMetadata", "lockedRecipientPhoneAuthEditable",
        "lockedRecipientSmsEditable", "nameMetadata", "noteMetadata", "recipientFeatureMetadata",
        "recipientTypeMetadata", "requireIdLookupMetadata", "routingOrderMetadata", "signInEachLocationMetadata",
        "signingGroupIdMetadata", "templateLocked", "templateRequired",
    ),
    _ASKED: (
        "accessCode", "firstName", "fullName", "idCheckConfigurationName", "idCheckInformationInput",
        "identityVerification", "lastName", "phoneAuthentication", "requireIdLookup", "requireSignOnPaper",
        "requireSignerCertificate", "requireUploadSignature", "roleName", "routingOrder", "signInEachLocation",
        "smsAuthentication", "socialAuthentications",
    ),
    _SETTING: (
        "addAccessCodeToEmail", "allowSystemOverrideForLockedRecipient", "autoNavigation", "canSignOffline",
        "defaultRecipient", "documentVisibility", "excludedDocuments", "inheritEmailNotificationConfiguration",
        "note", "recipientSuppliesTabs", "suppressEmails",
    ),
    "another way to receive it than by our mail, which is not sent through this adapter": (
        "additionalNotifications", "bulkRecipientsUri", "clientUserId", "deliveryMethod", "emailNotification",
        "emailRecipientPostSigningURL", "embeddedRecipientStartURL", "faxNumber", "isBulkRecipient", "notaryId",
        "notarySignerEmailSent", "phoneNumber", "signingGroupId", "signingGroupName", "signingGroupUsers",
    ),
    "what they filled in or handed over beside their signature": (
        "completedCount", "proofFile", "recipientAttachments", "signatureInfo", "tabs", "totalTabCount",
    ),
    "what DocuSign counts them by, and why it made them": (
        "creationReason", "designatorId", "designatorIdGuid", "recipientType", "userId",
    ),
    "the other half of `delegatedBy`, which is read": ("delegatedTo",),
    "a failure in words: the status says that there was one": ("errorDetails", "statusCode"),
}  # fmt: skip
"""Properties of `signer` that no fact is made of."""


def loss_table() -> str:
    """What is not carried, in Markdown.

    >>> loss_table().splitlines()[2]
    '| our request | `extras`, `provenance`, `refs` | ours alone: it stays with the request |'
    """
    parts = {"our request": REQUEST, "our recipient": RECIPIENT, "envelope": ENVELOPE, "signer": SIGNER}
    return loss_rows(("of", "field", "why it is not carried"), parts)
