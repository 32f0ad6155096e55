"""What does not survive the way to PandaDoc and back, generated from the adapter's own tables.

A document is written once, when it is made; afterwards only its status is. So nothing of PandaDoc's is ever
overwritten, and a loss is what makes no fact of signing: it stays as it is in `PandaDocEsign.document`.
Source of the names: PandaDoc/pandadoc-openapi-specification 8.8.0, document details, document audit trail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

FACT: Final = ""
"""It becomes a fact, or a part of one."""

_SHOWN: Final = "kept as shown; it says nothing of who signed"
_CONTENT: Final = "kept as shown; the content is the document that was sent"
_REACH: Final = "kept as shown; how a recipient is reached"

DOCUMENT: Final[Mapping[str, str]] = {
    "approval_execution": "kept as shown; the sender's own approval", "autonumbering_sequence_name_prefix": _SHOWN,
    "content_date_modified": _CONTENT, "created_by": _SHOWN, "date_completed": FACT, "date_created": FACT,
    "date_modified": FACT, "date_sent": FACT, "expiration_date": FACT, "fields": _CONTENT, "folder_uuid": _SHOWN,
    "grand_total": _CONTENT, "id": FACT, "images": _CONTENT, "linked_objects": _SHOWN, "lock": _SHOWN,
    "metadata": "ours is read back; the rest is kept as shown", "name": _SHOWN, "pricing": _CONTENT,
    "recipients": FACT, "ref_number": _SHOWN, "sent_by": _SHOWN, "status": FACT, "tables": _CONTENT, "tags": _SHOWN,
    "template": _SHOWN, "texts": _CONTENT, "tokens": _CONTENT, "version": _SHOWN,
}  # fmt: skip
"""The fields of a document in detail, each with why it makes no fact."""

RECIPIENT: Final[Mapping[str, str]] = {
    "avatar": _SHOWN, "contact_id": _SHOWN, "delivery_methods": _REACH, "email": FACT, "first_name": FACT,
    "has_completed": FACT, "id": FACT, "last_name": FACT, "members": "kept as shown; no group is sent through here",
    "name": FACT, "phone": FACT, "recipient_type": FACT, "redirect": _REACH, "role": _SHOWN, "roles": _SHOWN,
    "shared_link": _REACH, "signature_date": FACT, "signing_order": FACT, "type": _SHOWN,
    "verification_settings": "kept as shown; which check was passed stands in the trail",
}  # fmt: skip
"""The fields of a recipient and of a group."""

ENTRY: Final[Mapping[str, str]] = {
    "action": FACT, "date_created": FACT, "id": FACT, "ip_address": FACT, "reason": FACT, "user": FACT,
}  # fmt: skip
"""The fields of an entry of the audit trail."""

_PRINT: Final = "in the fingerprint alone"

REQUEST: Final[Mapping[str, str]] = {
    "contract": FACT, "document": FACT, "expires_at": "whole days, counted down", "extras": _PRINT, "id": FACT,
    "level": FACT, "provenance": _PRINT, "recipients": FACT, "refs": _PRINT, "remind_after": FACT,
    "remind_every": FACT, "sha256": FACT,
}  # fmt: skip
"""The fields of a request of ours, each with what of it PandaDoc does not take; the fingerprint covers all of them."""

ASKED_OF: Final[Mapping[str, str]] = {
    "authentication": "a link or an identity document; any other is refused", "email": FACT,
    "id": "in the fingerprint alone: PandaDoc has one recipient for an address", "level": FACT, "name": FACT,
    "order": "of those who sign; a copy goes out with the first", "required": "an optional signer is refused",
    "role": "signers and copies; any other is refused", "side": _PRINT,
    "signatory": _PRINT, "witness_for": "a witness is refused",
}  # fmt: skip
"""The fields of a recipient of ours."""

_TABLES: Final = {
    "their document": DOCUMENT, "their recipient": RECIPIENT, "their trail": ENTRY, "our request": REQUEST,
    "our recipient": ASKED_OF,
}  # fmt: skip


def losses() -> Iterator[tuple[str, str, str]]:
    """Whose field, its name, and why it does not survive; none of PandaDoc's is ever written."""
    for whose, table in _TABLES.items():
        for name, why in table.items():
            if why:
                yield whose, name, why


def loss_table() -> str:
    """The table of losses, in Markdown.

    >>> loss_table().splitlines()[0]
    '| of | field | what becomes of it |'
    """
    lines = ["| of | field | what becomes of it |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {whose} | `{name}` | {why} |" for whose, name, why in losses())])
