"""How an envelope carries our key, so that a request is sent once: three text fields and a transaction id.

DocuSign finds an envelope by `transactionId` for seven days and by a text custom field for good; it promises for
neither that a second envelope is refused. So both are looked up before anything is sent. A text field's value
holds 100 characters, and `%` in a search stands for anything: ids that are longer or hold other signs than
letters, digits and `:._-` are kept as their fingerprint.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

import attrs

from clmcrm.adapters.sent_once import id_bytes, print_of
from clmcrm.adapters.trees import Tree, is_list, tree_of, trees_of, word
from clmcrm.clm.signature import SignatureRequest
from clmcrm.errors import InvalidRecord

REQUEST: Final = "clmcrm_request"
"""The custom field that holds our id."""
PRINT: Final = "clmcrm_print"
"""The custom field that holds the fingerprint of the whole request, document included."""
SENDER: Final = "clmcrm_sender"
"""The custom field that holds the name of the installation, by which its envelopes are listed."""
RECIPIENT: Final = "clmcrm_recipient="
"""What begins the custom field of a recipient that holds our id of it."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9:._-]{1,80}")
_SPACE: Final = UUID("6f2f3c1e-6a0b-5f6e-9d55-0c7f5b7c2f11")
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def kept_id(request_id: str) -> str:
    """Our id as a custom field holds it.

    >>> kept_id("signature:C-1:1"), kept_id("50 %")[:14]
    ('signature:C-1:1', 'sha256:97945fd')
    """
    return request_id if _PLAIN.fullmatch(request_id) else f"sha256:{sha256(id_bytes(request_id)).hexdigest()}"


def searchable(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A validator: a text that a search takes as itself; raises `InvalidRecord`."""
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        expected = "1 to 80 letters, digits, colons, points, underscores and hyphens"
        raise InvalidRecord(type(instance).__name__, attribute.name, value, expected)


def transaction_id(sender: str, request_id: str) -> str:
    """The transaction id of a request: the same for the same sender and id, and for no other.

    >>> transaction_id("acme", "R-1") == transaction_id("acme", "R-1") != transaction_id("acme", "r-1")
    True
    """
    return str(uuid5(_SPACE, f"{sender}\n{request_id}"))


def marked(sender: str, request: SignatureRequest) -> Tree:
    """The custom fields of an envelope."""
    told = {REQUEST: kept_id(request.id), PRINT: print_of(request), SENDER: sender}
    return {
        "textCustomFields": [
            {"name": name, "value": value, "show": "false", "required": "false"} for name, value in told.items()
        ]
    }


def mark_of(envelope: Tree, name: str) -> str:
    """The value of one of our custom fields; empty when the envelope has none."""
    fields = trees_of(tree_of(envelope, "customFields"), "textCustomFields")
    return next((word(one, "value") for one in fields if word(one, "name") == name), "")


def recipient_id(recipient: Tree) -> str:
    """Our id of a recipient; empty when it was sent without one."""
    told = recipient.get("customFields")
    texts = [one for one in told if isinstance(one, str)] if is_list(told) else []
    return next((text.removeprefix(RECIPIENT) for text in texts if text.startswith(RECIPIENT)), "")


def is_guid(key: str) -> bool:
    """Whether it has the form of an envelope's id; DocuSign never gave a key of another form.

    >>> is_guid("5c9f7a1e-0000-4000-8000-000000000001"), is_guid("../templates")
    (True, False)
    """
    return _GUID.fullmatch(key) is not None
