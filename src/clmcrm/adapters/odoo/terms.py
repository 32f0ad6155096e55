"""What a salesperson sees of a contract, as an attachment at its customer in Odoo.

The attachment says the terms in words (`description`) and carries them as a small JSON file, so that they can be
read back exactly. Terms that ended are renamed, not deleted: a person may still look at them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final, cast

from clmcrm.adapters.odoo.partners import MODEL as PARTNER
from clmcrm.adapters.odoo.plain import Row
from clmcrm.adapters.terms_in_words import in_words
from clmcrm.codec.canonical import canonical_text
from clmcrm.ports.records import Fields, Json

MODEL: Final = "ir.attachment"
NAMED: Final = "clmcrm terms "
"""How the name of such an attachment begins; the contract's number or title follows."""
ENDED: Final = "clmcrm ended "
"""The same, once the terms were taken away."""
DOMAIN: Final = (["res_model", "=", PARTNER], "|", ["name", "=like", f"{NAMED}%"], ["name", "=like", f"{ENDED}%"])
SPEC: Final[Mapping[str, Any]] = {"name": {}, "datas": {}, "res_id": {}, "write_date": {}}
_LONGEST: Final = 80


def terms_fields(row: Row) -> dict[str, Json]:
    """The terms as they were written; raises `ValueError` for a file that is none of ours."""
    fields = json.loads(base64.b64decode(str(row["datas"] or ""), validate=True))
    if not isinstance(fields, dict):
        raise ValueError("no file of contract terms")  # noqa: TRY004 - one kind of failure for one reader
    return cast("dict[str, Json]", fields)


def is_gone(row: Row) -> bool:
    """Whether the terms were taken away."""
    return str(row["name"]).startswith(ENDED)


def ended(row: Row) -> dict[str, Any]:
    """The values that take the terms away."""
    return {"name": f"{ENDED}{str(row['name']).removeprefix(NAMED)}"}


def created(fields: Fields) -> dict[str, Any]:
    """The values of a new attachment."""
    return {"type": "binary", "res_model": PARTNER, "mimetype": "application/json", **changed({}, fields)}


def changed(before: Fields, fields: Fields) -> dict[str, Any]:
    """The values that make the attachment say `fields`, what it said `before` elsewhere kept."""
    told = {**before, **fields}
    return {
        "name": f"{NAMED}{str(told.get('number') or told.get('title') or '')[:_LONGEST]}",
        "datas": base64.b64encode(canonical_text(told).encode()).decode(),
        "description": in_words(told),
        "res_id": int(str(told["account"])),
    }


def unwritable(before: Fields, fields: Fields) -> str | None:
    """Why these terms cannot be written: there is no customer to attach them to."""
    account = {**before, **fields}.get("account")
    told = isinstance(account, str) and account.isascii() and account.isdigit()
    return None if told else "the terms name no customer of Odoo"
