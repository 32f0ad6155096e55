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
_MOST: Final = 200_000
"""How many keys of a kind are kept in memory, some 30 MB; beyond that they are asked for again."""


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


class Marks:
    """Our keys by record id, as far as they were looked at.

    A record and our key are inserted in one transaction, and no other record takes the key later: what was looked
    at once is known for good, and not asked again.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[int, str | None]] = {}

    def unknown(self, kind: str, ids: Iterable[int]) -> list[int]:
        """Those of the ids whose key was never looked at, or is not kept any more."""
        known = self._known.get(kind, {})
        if len(known) > _MOST:  # here, and not in between: what is not named here is told by `of` a moment later
            known.clear()
        return [number for number in ids if number not in known]

    def of(self, kind: str, number: int) -> str | None:
        """The key that a record carries; None when it carries none, or was not looked at."""
        return self._known.get(kind, {}).get(number)

    def learn(self, kind: str, asked: Iterable[int], told: Iterable[Any]) -> None:
        """Keep what `get_metadata` told of the ids that were `asked` for; one that it leaves out stays unknown."""
        known = self._known.setdefault(kind, {})
        wanted = set(asked)
        for row in told:
            parts = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
            number = parts.get("id")
            if type(number) is int and number in wanted:
                known[number] = mark_in(kind, parts.get("xmlids") or ())
