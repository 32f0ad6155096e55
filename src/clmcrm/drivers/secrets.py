"""Values that must never be written down: a token, a key, a password."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"
_SHORTEST: Final = 4


class Secret:
    """A text that hides itself wherever it is shown; `reveal` gives it to the one place that sends it.

    >>> token = Secret("abc123")
    >>> print(token, repr(token), f"{token}", token.reveal())
    *** Secret('***') *** abc123
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN!r})"

    def __str__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")


def hidden(text: str, secrets: Iterable[Secret]) -> str:
    """The text with every one of the secrets hidden, also as JSON or an address spells it.

    >>> hidden("Bearer abc123 was refused", [Secret("abc123")])
    'Bearer *** was refused'
    """
    spelled = {spelling for secret in secrets for spelling in _spellings(secret.reveal())}
    for spelling in sorted(spelled, key=len, reverse=True):
        if len(spelling) >= _SHORTEST:
            text = text.replace(spelling, HIDDEN)
    return text


def _spellings(value: str) -> tuple[str, ...]:
    if value.isascii() and value.isalnum():
        return (value,)
    quoted = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    return value, *quoted, quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")
