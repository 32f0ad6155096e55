"""What HubSpot says when it refuses something, in its own form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from clmcrm.ports.calls import Reply

CORRELATION: Final = "5f0e6c9e-0000-4000-8000-000000000001"
JSON: Final = {"Content-Type": "application/json;charset=utf-8", "X-HubSpot-Correlation-Id": CORRELATION}


class Refused(Exception):
    """A request, or one item of a batch, that is not taken: status, category and message of the reply."""

    def __init__(
        self, status: int, category: str, message: str, *, context: Mapping[str, list[str]] | None = None,
        sub: str | None = None, whole: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.category, self.message = status, category, message
        self.context = dict(context or {})
        self.sub, self.whole = sub, whole

    def item(self) -> dict[str, Any]:
        """As it stands among the errors of a batch."""
        told: dict[str, Any] = {
            "status": "error", "category": self.category, "message": self.message, "context": self.context
        }  # fmt: skip
        return told | ({"subCategory": self.sub} if self.sub else {})

    def reply(self, headers: Mapping[str, str]) -> Reply:
        """As the reply to the whole request."""
        return answer(self.item() | {"correlationId": CORRELATION}, headers, self.status)


def answer(value: object, headers: Mapping[str, str], status: int = 200) -> Reply:
    """A reply with a JSON body."""
    return Reply(status=status, headers={**JSON, **headers}, body=json.dumps(value, separators=(",", ":")).encode())


def invalid(message: str, **more: Any) -> Refused:  # noqa: ANN401 - what a refusal takes
    """A value that is not taken."""
    return Refused(400, "VALIDATION_ERROR", message, **more)


def not_found(what: str, key: str) -> Refused:
    """An object that is not there."""
    return Refused(404, "OBJECT_NOT_FOUND", f"{what} {key} not found", context={"ids": [key]})
