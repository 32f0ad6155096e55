"""Our keys as texts that a formula can ask for exactly: lower case, and no sign that a formula gives a meaning.

How Ironclad compares letters of two cases, and how a quote is written inside a text of a formula, it does not say.
So a key's text has neither capitals nor quotes.
"""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789:._-")
_SIGN: Final = "~"
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+")


def as_value(mark: str) -> str:
    """The text that stands for a mark: any other letter is written as its UTF-8 bytes, between two signs.

    >>> as_value("contract:crm:A'b")
    'contract:crm:~41~~27~b'
    """
    return "".join(one if one in _PLAIN else f"{_SIGN}{one.encode().hex()}{_SIGN}" for one in mark)


def mark_of(value: str) -> str | None:
    """The mark that a text stands for; None for one that is no key of ours.

    >>> mark_of(as_value("contract:crm:A'b")), mark_of(""), mark_of("ERP 12")
    ("contract:crm:A'b", None, None)
    """
    parts = value.split(_SIGN)
    if not value or len(parts) % 2 == 0:
        return None
    found: list[str] = []
    for place, part in enumerate(parts):
        if place % 2 == 0:
            if not _PLAIN.issuperset(part):
                return None
            found.append(part)
            continue
        try:
            letter = bytes.fromhex(part).decode() if _HEX.fullmatch(part) else ""
        except UnicodeDecodeError:
            return None
        if len(letter) != 1 or letter in _PLAIN:
            return None
        found.append(letter)
    return "".join(found)
