"""What the fake environment answers to a request that it does not take, in Dataverse's own form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Answer = tuple[int, Any, Mapping[str, str]]
"""Status, body (None: none), headers."""

PAYLOAD: Final = "0x80048d19"
"""The code of a request whose content does not fit the table."""

NOBODY: Final = "0x80040217"
"""The code of a row that is not there."""


class Refusal(Exception):
    """A request that the environment does not take: `status`, `code`, `message`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(f"{code}: {message}")


def error(code: str, message: str) -> dict[str, Any]:
    """The body of an error.

    >>> error("0x80040217", "account Does Not Exist")
    {'error': {'code': '0x80040217', 'message': 'account Does Not Exist'}}
    """
    return {"error": {"code": code, "message": message}}
