"""What Pipedrive says when it refuses something, in its own form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from clmcrm.ports.calls import Reply

CORRELATION: Final = "0f6b1c52-0000-4000-8000-000000000001"
JSON: Final = {"Content-Type": "application/json; charset=utf-8", "X-Correlation-Id": CORRELATION}
INFO: Final = "Please check developers.pipedrive.com"


class Refused(Exception):
    """A request that is not taken: the status of the reply, its message, and its code where it has one."""

    def __init__(self, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.headers = dict(headers or {})

    def reply(self, headers: Mapping[str, str]) -> Reply:
        """As the reply to the request."""
        told: dict[str, object] = {
            "success": False, "error": self.message, "error_info": INFO, "data": None, "additional_data": None
        }  # fmt: skip
        return answer(told | ({"code": self.code} if self.code else {}), {**headers, **self.headers}, self.status)


def answer(value: object, headers: Mapping[str, str], status: int = 200) -> Reply:
    """A reply with a JSON body."""
    body = json.dumps(value, separators=(",", ":"), default=_number).encode()
    return Reply(status=status, headers={**JSON, **headers}, body=body)


def _number(value: object) -> object:
    """Numbers are double-precision ones there."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(value)


def invalid(message: str) -> Refused:
    """A value that is not taken."""
    return Refused(400, f"Validation failed: {message}", "ERR_SCHEMA_VALIDATION_FAILED")


def not_found(what: str) -> Refused:
    """A record that is not there."""
    return Refused(404, f"{what} not found", "ERR_NOT_FOUND")
