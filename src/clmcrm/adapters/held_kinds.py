"""Which kinds a vendor holds, asked by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from clmcrm.errors import TerminalError

H = TypeVar("H")


def held_kind(vendor: str, kinds: Mapping[str, H], kind: str) -> H:
    """How the vendor keeps `kind`; raises `TerminalError` for one it does not.

    >>> held_kind("acme", {"account": 1, "contact": 2}, "lead")
    Traceback (most recent call last):
        ...
    clmcrm.errors.TerminalError: acme: does not hold lead; it holds account, contact
    """
    try:
        return kinds[kind]
    except KeyError:
        raise TerminalError(vendor, not_held(kinds, kind)) from None


def not_held(kinds: Collection[str], kind: str) -> str:
    """Why `kind` is refused by a system that holds others, in words.

    >>> not_held({"contract", "account"}, "lead")
    'does not hold lead; it holds account, contract'
    """
    return f"does not hold {kind}; it holds {', '.join(sorted(kinds))}"
