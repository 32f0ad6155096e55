"""What the fake org answers to what it does not take, in Salesforce's own form."""

from __future__ import annotations

from typing import Any, Final

Answer = tuple[int, Any]
"""Status, and body (None: none)."""

_STATUS: Final = {
    "INVALID_FIELD": 400, "MALFORMED_QUERY": 400, "INVALID_TYPE": 400, "NOT_FOUND": 404, "ENTITY_IS_DELETED": 404,
    "INVALID_SESSION_ID": 401, "REQUEST_LIMIT_EXCEEDED": 403, "INVALID_CROSS_REFERENCE_KEY": 404,
    "METHOD_NOT_ALLOWED": 405, "MALFORMED_ID": 404, "PRECONDITION_FAILED": 412,
}  # fmt: skip


class Refusal(Exception):
    """A record that the org does not take: `code`, `message`, the fields it is about."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        self.code, self.message, self.fields = code, message, fields
        super().__init__(f"{code}: {message}")


def refused(code: str, message: str, *fields: str) -> Answer:
    """The reply to a request that is not taken as a whole."""
    error: dict[str, Any] = {"message": message, "errorCode": code}
    if fields:
        error["fields"] = list(fields)
    return _STATUS.get(code, 400), [error]
