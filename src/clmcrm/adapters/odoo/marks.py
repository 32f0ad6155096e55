"""Our key on a record of Odoo's, as its external id: one row of `ir.model.data`, unique in the database itself.

The row is written in the same transaction as the record, and nobody sees it in the record's form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, cast
from urllib.parse import quote, unquote

MODULE: Final = "clmcrm"
"""What all our external ids begin with; no module of Odoo's bears the name, so no upgrade takes them away."""
_LONGEST: Final = 1500
"""Longer names would not fit the index that keeps them unique."""
_HASHED: Final = "!"


def name_of(kind: str, mark: str) -> str:
    """The name of the external id for our key `mark`; of a very long one the fingerprint stands for its end.

    >>> name_of("account", "account:clm:O'Hara 1.5")
    'account__account%3Aclm%3AO%27Hara%201%2E5'
    """
    told = quote(mark, safe="").replace(".", "%2E")
    if len(told) > _LONGEST:
        told = f"{_HASHED}{sha256(mark.encode()).hexdigest()}"
    return f"{kind}__{told}"


def mark_in(kind: str, xmlids: Iterable[Mapping[str, Any]]) -> str | None:
    """Our key among the external ids of a record of `kind`; None when there is none, or only its fingerprint.

    >>> mark_in("account", [{"xmlid": "base.main_partner"}, {"xmlid": "clmcrm.account__a%2E1"}])
    'a.1'
    """
    begins = f"{MODULE}.{kind}__"
    for one in xmlids:
        name = str(one.get("xmlid", ""))
        if name.startswith(begins) and not name.startswith(begins + _HASHED):
            return unquote(name.removeprefix(begins))
    return None


def marks_in(kind: str, told: Iterable[Any]) -> dict[int, str]:
    """Our keys by record id, in what `get_metadata` told."""
    found: dict[int, str] = {}
    for row in told:
        if isinstance(row, dict):
            parts = cast("dict[str, Any]", row)
            mark = mark_in(kind, parts.get("xmlids") or ())
            if mark is not None:
                found[int(parts["id"])] = mark
    return found
