"""Tryton's JSON-RPC on the wire: exact values there and back, and what a reply means.

Values that JSON has no form for are coded as `clmcrm.adapters.tryton.exact` says. Tryton answers 200 for every error of
its own, so the body is judged first and the status second.
Source: the protocol as series 8.2 speaks it (trytond/protocols/jsonrpc, read and tried).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

from clmcrm.adapters.tryton.exact import read, told
from clmcrm.errors import AdapterError, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply

VENDOR: Final = "tryton"
_UNAUTHORISED: Final = (401, 403)
_SHOWN: Final = 200


class SessionEnded(Exception):
    """The server no longer knows the session: log in again."""


class StaleRecords(Exception):
    """A record had changed since its time stamp was read; nothing of the call was done."""


class RefusedByServer(Exception):
    """The server's own rules refuse the values; `said` is what it said."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


def request(method: str, params: Sequence[object]) -> bytes:
    """The body that calls `method`.

    >>> request("model.party.party.read", [[1], ["name"], {}])
    b'{"id":1,"method":"model.party.party.read","params":[[1],["name"],{}]}'
    """
    return json.dumps(
        {"id": 1, "method": method, "params": [told(one) for one in params]}, separators=(",", ":")
    ).encode()


def result(reply: Reply) -> Any:  # noqa: ANN401 - whatever the method returns
    """What the method returned, values decoded.

    Raises `SessionEnded`, `StaleRecords` and `RefusedByServer` for what the caller treats, `TransientError`
    when the server is busy, `TerminalError` for a method, database or field it does not know, and
    `MalformedReply` for what is no JSON-RPC answer.
    """
    if reply.status in _UNAUTHORISED:
        raise SessionEnded
    answer = _answer(reply)
    if "error" in answer:
        raise _failure(answer["error"], reply)
    if "result" not in answer:
        raise MalformedReply(VENDOR, "$", f"neither a result nor an error: {_shown(reply)}", reply.request_id)
    return _in(answer["result"], reply)


def failure_in(problem: Exception) -> AdapterError | None:
    """The error for a refusal that nothing has treated; None for what is no refusal of Tryton's.

    >>> print(failure_in(RefusedByServer("You are not allowed to read Party.")))
    tryton: the server refuses the call: You are not allowed to read Party.
    """
    if isinstance(problem, RefusedByServer):
        return RefusedError(VENDOR, f"the server refuses the call: {problem.said}")
    if isinstance(problem, StaleRecords):
        return TransientError(VENDOR, "a record was changed at this moment")
    return None


def wrote(reply: Reply) -> bool:
    """Whether a reply tells of a call that was carried out, or may have been: every error of Tryton's is a 200."""
    try:
        _ = result(reply)
    except MalformedReply:
        return True
    except Exception:  # noqa: BLE001 - whatever it is called, Tryton says that the call failed
        return False
    return True


def listed(value: object) -> list[Any]:
    """The value as a list; empty when it is none."""
    found: list[Any] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] # of anything
    return found


def _answer(reply: Reply) -> Mapping[str, Any]:
    try:
        found = json.loads(reply.body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return cast("dict[str, Any]", found)
    if reply.status == 404:  # noqa: PLR2004 - the status itself is the name
        raise TerminalError(VENDOR, f"no such database or address (404): {_shown(reply)}", reply.request_id)
    raise MalformedReply(VENDOR, "$", f"status {reply.status} without a JSON object: {_shown(reply)}", reply.request_id)


def _no_number(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{name} is no number")


def _failure(error: Any, reply: Reply) -> Exception:  # noqa: ANN401 - any JSON value
    parts = listed(error)
    name = str(parts[0]) if parts else error if isinstance(error, str) else ""
    if name == "ConcurrencyException":
        return StaleRecords()
    if name in ("UserError", "UserWarning"):
        return RefusedByServer(_said(name, parts))
    if name in ("DatabaseTimeoutError", "DatabaseOperationalError"):
        return TransientError(VENDOR, f"the server is busy: {name}", reply.request_id)
    return TerminalError(VENDOR, f"the server refuses the call: {name or 'no reason given'}", reply.request_id)


def _said(name: str, parts: Sequence[Any]) -> str:
    # UserError: [message, description, domain]; UserWarning: [name, message, description].
    said: list[Any] = listed(parts[1]) if len(parts) > 1 else []
    first = 1 if name == "UserWarning" else 0
    words = [str(word).strip() for word in said[first : first + 2] if word]
    asked = "the server asks a person: " if name == "UserWarning" else ""
    return asked + (" ".join(words) or "no reason given")


def _shown(reply: Reply) -> str:
    return repr(reply.body[:_SHOWN].decode("utf-8", "replace"))


def _in(value: Any, reply: Reply) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return read(value)
    except ValueError as problem:
        raise MalformedReply(VENDOR, "$.result", str(problem), reply.request_id) from problem
