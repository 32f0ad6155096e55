"""Our keys as values of a unique property: told apart without regard to case, as a vendor may compare them."""

from __future__ import annotations

from typing import Final

KEY: Final = "clmcrm_key"
"""The unique property that carries our key on every record we create; the account must have it."""

_SIGN: Final = "^"


def as_value(mark: str) -> str:
    """The value that stands for a mark: every capital of a small letter, and the sign itself, has the sign before it.

    >>> as_value("contact:A^b")
    'contact:^a^^b'
    """
    if mark.islower() and _SIGN not in mark:
        return mark
    return "".join(f"{_SIGN}{letter.lower()}" if _is_signed(letter) else letter for letter in mark)


def _is_signed(letter: str) -> bool:
    return letter == _SIGN or (letter.isupper() and letter.lower().upper() == letter)


def mark_of(value: str | None) -> str | None:
    """The mark that a value stands for; None for none.

    >>> mark_of(as_value("contact:A^b")), mark_of("")
    ('contact:A^b', None)
    """
    if not value:
        return None
    if _SIGN not in value:
        return value
    letters = iter(value)
    return "".join(_capital(next(letters, "")) if letter == _SIGN else letter for letter in letters)


def _capital(letter: str) -> str:
    return letter if letter == _SIGN else letter.upper()
