"""What a salesperson sees of a contract, as an attachment to its account in Tryton.

The attachment is named after the contract, says the terms in words (`description`), and carries them as a
small JSON file, so that they can be read back exactly. Tryton has no fields for them without a module of
its own. Terms that ended are renamed, not deleted: Tryton's log does not record the deletion of attachments,
so that nothing would prove it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from clmcrm.adapters.terms_in_words import in_words
from clmcrm.adapters.tryton.parties import MODEL as PARTY
from clmcrm.adapters.tryton.versions import STAMP, stamps, version_of
from clmcrm.codec.canonical import canonical_text
from clmcrm.ports.records import Fields, Json, Kind, Seen

MODEL: Final = "ir.attachment"
PARTS: Final[Mapping[str, str]] = {}
NAMED: Final = "clmcrm terms "
"""How the name of such an attachment begins; our key follows."""
ENDED: Final = "clmcrm ended "
"""The same, once the terms were taken away."""
READ: Final = ("name", "data", "resource", "last_modified_at", STAMP)
DOMAIN: Final = ["OR", ["name", "like", f"{NAMED}%"], ["name", "like", f"{ENDED}%"]]

Row = Mapping[str, Any]


def shown(row: Row) -> Seen:
    """The terms as they were written; a file that is none of ours says so, and the others of its page go on."""
    fields, gone = _terms_in(row), str(row["name"]).startswith(ENDED)
    return Seen(
        kind=Kind.CONTRACT_TERMS,
        key=str(row["id"]),
        fields=fields or {},
        version=version_of(stamps(MODEL, row, PARTS)),
        mark=mark_of(row),
        gone=gone,
        changed_at=cast("datetime | None", row["last_modified_at"]),
        unreadable="" if gone or fields is not None else f"{MODEL} {row['id']}: its file holds no contract terms",
    )


def _terms_in(row: Row) -> dict[str, Json] | None:
    try:
        fields = json.loads(row["data"] or b"", parse_float=str)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Json]", fields) if isinstance(fields, dict) else None


def mark_of(row: Row) -> str:
    """Our key, which the name carries."""
    return str(row["name"]).removeprefix(NAMED).removeprefix(ENDED)


def ended(row: Row) -> dict[str, Any]:
    """The values that take the terms away."""
    return {"name": f"{ENDED}{mark_of(row)}"}


def created(mark: str, fields: Fields) -> dict[str, Any]:
    """The values of a new attachment that carries our key."""
    return {"name": f"{NAMED}{mark}", "type": "data", **changed({}, fields)}


def changed(before: Fields, fields: Fields) -> dict[str, Any]:
    """The values that make the attachment say `fields`, what it said `before` elsewhere kept."""
    told = {**before, **fields}
    return {
        "data": canonical_text(told).encode(),
        "description": in_words(told),
        "resource": f"{PARTY},{told['account']}",
    }


def unwritable(before: Fields, fields: Fields) -> str | None:
    """Why these terms cannot be written: there is no account to attach them to."""
    account = {**before, **fields}.get("account")
    told = isinstance(account, str) and account.isascii() and account.isdigit()
    return None if told else "the terms name no account of Tryton"
