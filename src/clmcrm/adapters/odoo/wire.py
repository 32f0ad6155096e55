"""Odoo on the wire: its two doors, exact numbers, and what a reply means.

JSON-2 (from series 19) takes named arguments at an address per method and answers with the bare result; the older
JSON-RPC (removed step by step from series 20 on) takes everything in one body. Both speak of an error by the name
of its Python class, so the body is judged first and the status second: a mistake of ours is a 500 like a fault of
the server's. Source: odoo/addons/rpc/controllers/json2.py and odoo/http.py of series 19, read and tried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, cast

from clmcrm.codec.forms import object_in
from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Effect, Reply

VENDOR: Final = "odoo"
EXPLAINED: Final = frozenset({500})
"""What Odoo answers to a wrong argument and to a fault alike; its body says which."""
_DONE: Final = range(200, 300)
_SHOWN: Final = 200

_NOT_ALLOWED: Final = frozenset({"odoo.exceptions.AccessError"})
_NO_KEY: Final = frozenset(
    {"odoo.exceptions.AccessDenied", "odoo.http.SessionExpiredException", "werkzeug.exceptions.Unauthorized"}
)
_REFUSED: Final = frozenset(
    {
        "odoo.exceptions.ValidationError", "odoo.exceptions.UserError", "odoo.exceptions.RedirectWarning",
        "psycopg2.errors.NotNullViolation", "psycopg2.errors.CheckViolation", "psycopg2.errors.UniqueViolation",
        "psycopg2.errors.ForeignKeyViolation", "psycopg2.errors.NumericValueOutOfRange", "builtins.OverflowError",
        "psycopg2.errors.StringDataRightTruncation", "psycopg2.DataError",
    }
)  # fmt: skip
_BUSY: Final = frozenset(
    {
        "odoo.exceptions.LockError", "odoo.exceptions.ConcurrencyError", "odoo.exceptions.CacheMiss",
        "psycopg2.errors.SerializationFailure", "psycopg2.errors.LockNotAvailable",
        "psycopg2.errors.DeadlockDetected", "psycopg2.errors.QueryCanceled", "psycopg2.OperationalError",
        "psycopg2.errors.AdminShutdown", "odoo.sql_db.PoolError",
    }
)  # fmt: skip
"""Each rolls its transaction back: nothing was done, and another try may succeed."""
_FORBIDDEN: Final = 403
_NO_DATABASE: Final = re.compile(r'database ".*" does not exist')
"""An operational error too, by the older door; but it stays one however often it is asked."""


class Door(StrEnum):
    """How a server is spoken to."""

    JSON_2 = "json-2"
    JSON_RPC = "json-rpc"


class NotAllowed(Exception):
    """The user may not see or do this; `said` is what the server said."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


class RecordsMissing(Exception):
    """A record that the call needs is not there."""


class RefusedByServer(Exception):
    """The server's own rules refuse the values; `said` is what it said."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


class UnknownName(Exception):
    """An external id that stands for nothing."""


def body(named: Mapping[str, object]) -> bytes:
    """The arguments as JSON.

    >>> body({"domain": [["name", "=", "Durand"]], "limit": 1})
    b'{"domain":[["name","=","Durand"]],"limit":1}'
    """
    return json.dumps(named, separators=(",", ":"), default=_exact).encode()


def result(reply: Reply, effect: Effect) -> Any:  # noqa: ANN401 - whatever the method returns
    """What the method returned, numbers with a fraction exact.

    Raises `NotAllowed`, `RecordsMissing`, `RefusedByServer` and `UnknownName` for what the caller treats,
    `TransientError` when the server was busy, `TerminalError` for a key, model, method, field or argument it does
    not accept, `MalformedReply` for what is no answer of Odoo's; after a write whose `effect` is not known,
    `AmbiguousError`.
    """
    answer: Any = _read(reply, effect)
    wrapped = object_in(answer)
    if wrapped is not None and "jsonrpc" in wrapped:
        return _unwrapped(wrapped, reply)
    if reply.status in _DONE:
        return answer
    raise _failure(answer, reply)


def _read(reply: Reply, effect: Effect) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(reply.body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        pass
    shown = repr(reply.body[:_SHOWN].decode("utf-8", "replace"))
    what = f"status {reply.status} without JSON: {shown}"
    if reply.status in EXPLAINED:
        kind = TransientError if effect is Effect.NONE else AmbiguousError
        raise kind(VENDOR, what, reply.request_id)
    if reply.status in _DONE:
        raise MalformedReply(VENDOR, "$", what, reply.request_id)
    raise RefusedError(VENDOR, what, reply.request_id, status=reply.status)


def _no_number(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{name} is no number")


def _unwrapped(answer: Mapping[str, Any], reply: Reply) -> Any:  # noqa: ANN401 - whatever the method returns
    """The result inside a JSON-RPC answer, which is a 200 for errors too."""
    if "error" not in answer:
        return answer.get("result")
    raise _failure((object_in(answer["error"]) or {}).get("data"), reply)


def _failure(error: Any, reply: Reply) -> Exception:  # noqa: ANN401, PLR0911 - any JSON value; one line for each kind
    parts = object_in(error) or {}
    name, said = str(parts.get("name", "")), _said(parts)
    if name in _REFUSED:
        return RefusedByServer(said)
    if name in _NOT_ALLOWED:
        return NotAllowed(said)
    if name == "odoo.exceptions.MissingError":
        return RecordsMissing(said)
    if name in _BUSY and not _NO_DATABASE.search(said):
        return TransientError(VENDOR, f"the server is busy: {name}", reply.request_id)
    if name in _NO_KEY:
        return RefusedError(VENDOR, f"the key is not accepted: {said}", reply.request_id, status=reply.status)
    if name == "builtins.ValueError" and said.startswith("External ID not found"):
        return UnknownName(said)
    what = f"the server refuses the call: {name or 'no reason given'}: {said}"
    return RefusedError(VENDOR, what, reply.request_id, status=reply.status)


def _said(parts: Mapping[str, Any]) -> str:
    """What the error says, on one line; the trace that Odoo sends along is not repeated."""
    return " ".join(str(parts.get("message") or "no reason given").split())


def failure_in(problem: Exception) -> AdapterError | None:
    """The error for a refusal that nothing has treated; None for what is no refusal of Odoo's.

    >>> print(failure_in(NotAllowed("You are not allowed to access 'Languages'")))
    odoo: may not: You are not allowed to access 'Languages'
    """
    if isinstance(problem, NotAllowed):
        return RefusedError(VENDOR, f"may not: {problem.said}", status=_FORBIDDEN)
    if isinstance(problem, RecordsMissing):
        return TransientError(VENDOR, f"a record was deleted at this moment: {problem}")
    if isinstance(problem, RefusedByServer | UnknownName):
        return RefusedError(VENDOR, f"the server refuses the call: {problem}")
    return None


def wrote(reply: Reply) -> bool:
    """Whether a reply tells of a call that was carried out, or may have been: the older door fails with a 200, too."""
    try:
        _ = result(reply, Effect.ONCE)
    except (AmbiguousError, MalformedReply):
        return True
    except Exception:  # noqa: BLE001 - whatever it is called, Odoo says that the call failed
        return False
    return True


def listed(value: object, reply_of: str) -> list[Any]:
    """The value as a list; raises `MalformedReply` when it is none."""
    if not isinstance(value, list):
        raise MalformedReply(VENDOR, "$", f"{reply_of} gave {type(value).__name__}, expected a list")
    found: list[Any] = value  # pyright: ignore[reportUnknownVariableType] # of anything
    return found


def rows_in(value: object, reply_of: str) -> list[dict[str, Any]]:
    """The value as rows that each have an id; raises `MalformedReply` when it is anything else."""
    rows = listed(value, reply_of)
    for place, row in enumerate(rows):
        if type((object_in(row) or {}).get("id")) is not int:
            raise MalformedReply(VENDOR, f"$[{place}]", f"{reply_of} gave a row without an id")
    return cast("list[dict[str, Any]]", rows)


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        # Odoo keeps numbers as floats: the nearest one prints as what was meant, for up to 15 digits.
        return float(value)
    if isinstance(value, Sequence | frozenset):
        return list(cast("Sequence[object]", value))
    raise TypeError(f"{type(value).__name__} has no form in JSON")
