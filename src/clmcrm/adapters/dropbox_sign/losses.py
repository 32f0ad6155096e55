"""What does not survive the way to Dropbox Sign and back: of our request, and of theirs and its signatures.

A request is never written back: what it tells becomes facts, and the whole of it is at hand
(`DropboxSignEsign.signature_request`). Every property that the description declares is read, or stands here.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.loss_rows import Losses, loss_rows

REQUEST: Final[Losses] = {
    "ours alone: it stays with the request": ("refs", "extras", "provenance"),
    "ours alone: it counts beside `remind_after`, which is refused": ("remind_every",),
}
"""Fields of a `SignatureRequest` that are neither sent nor refused."""

RECIPIENT: Final[Losses] = {
    "ours alone: Dropbox Sign has no sides": ("side",),
    "ours alone: signers are told apart by their address": ("id", "signatory"),
    "ours alone: the roles that witness are refused": ("witness_for",),
}
"""Fields of a `Recipient` that are neither sent nor refused."""

_ASKED: Final = "as it was sent: it stands in our request"

THEIRS: Final[Losses] = {
    _ASKED: ("cc_email_addresses", "message", "original_title", "subject", "test_mode", "title"),
    "an address within Dropbox Sign": (
        "details_url", "files_url", "final_copy_uri", "signing_redirect_url", "signing_url",
    ),
    "of templates and forms, which are not sent through this adapter": (
        "bulk_send_job_id", "custom_fields", "signer_experience", "template_ids",
    ),
    "what signers filled in or handed over beside their signature": ("attachments", "response_data"),
    "the account that sent it": ("requester_email_address",),
}  # fmt: skip
"""Properties of `SignatureRequestResponse` that no fact is made of."""

SIGNATURE: Final[Losses] = {
    "a check that is not asked for through this adapter": (
        "has_pin", "has_sms_auth", "has_sms_delivery", "sms_phone_number",
    ),
    "of templates and groups, which are not sent through this adapter": ("signer_group_guid", "signer_role"),
    "reminders are the account's own setting": ("last_reminded_at",),
    "the other half of `reassigned_by`, which is read": ("reassigned_from",),
}  # fmt: skip
"""Properties of `SignatureRequestResponseSignatures` that no fact is made of."""


def loss_table() -> str:
    """What is not carried, in Markdown.

    >>> loss_table().splitlines()[2]
    '| our request | `extras`, `provenance`, `refs` | ours alone: it stays with the request |'
    """
    parts = {"our request": REQUEST, "our recipient": RECIPIENT, "request": THEIRS, "signature": SIGNATURE}
    return loss_rows(("of", "field", "why it is not carried"), parts)
