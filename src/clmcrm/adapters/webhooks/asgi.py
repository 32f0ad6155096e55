"""One ASGI 3 application for all incoming messages; it stands alone, or is mounted in any framework.

The body is read in pieces and given up as soon as it is larger than the limit; it is passed on as it came, since
a signature is over bytes. No forwarding header is believed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from clmcrm.adapters.webhooks.message import Limits, Message, too_large
from clmcrm.adapters.webhooks.receiving import Endpoint, Fate, receive
from clmcrm.adapters.webhooks.verified import Reply
from clmcrm.errors import InvalidRecord, WebhookRefused

# The three shapes of ASGI 3 (asgi.readthedocs.io): a server's own values are of any type.
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LOG: Final = logging.getLogger("clmcrm.webhooks")
"""Refusals are logged here as warnings: system, reason and status, never a header, a URL or a body."""


def system_clock() -> datetime:
    """The instant it is now, in UTC."""
    return datetime.now(UTC)


_NO_PATH: Final = frozenset("?#")


class _GoneAway(Exception):
    """The sender closed the connection before the body was there."""


class WebhookApp:
    """The application: each path is one `Endpoint`; any other path is answered with 404.

    Paths begin with a slash; an empty one is where the application itself is mounted.

    `clock` is asked once for each message. The inbox is called in the server's own thread, so it has to be
    quick; `MemoryInbox` and `SqliteInbox` are. Raises `InvalidRecord` for a path that no request has.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], clock: Callable[[], datetime] = system_clock) -> None:
        for path in endpoints:
            if (path and not path.startswith("/")) or not _NO_PATH.isdisjoint(path):
                raise InvalidRecord("WebhookApp", "endpoints", path, "a path that begins with /, without a query")
        self._endpoints = dict(endpoints)
        self._clock = clock

    async def __call__(self, scope: Scope, receive_event: Receive, send: Send) -> None:
        """Serve one connection, as ASGI 3 asks."""
        if scope["type"] == "lifespan":
            await _lifespan(receive_event, send)
        elif scope["type"] == "http":
            await self._http(scope, receive_event, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _http(self, scope: Scope, receive_event: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(_own_path(scope))
        if endpoint is None:
            await _answer(send, Reply(404))
            return
        try:
            headers = _headers(scope)
            body = await _body(receive_event, endpoint.limits, headers)
        except _GoneAway:
            return
        except WebhookRefused as refusal:
            LOG.warning("%s: refused: %s (%d)", endpoint.system, refusal.reason, refusal.status)
            await _answer(send, Reply(refusal.status, refusal.reason.encode()))
            return
        received = receive(endpoint, _message(scope, headers, body), self._clock())
        if received.fate is Fate.REFUSED:
            LOG.warning("%s: refused: %s (%d)", endpoint.system, received.reason, received.reply.status)
        elif received.fate is Fate.NOT_KEPT:
            LOG.error("%s: genuine and not kept: %s", endpoint.system, received.why)
        await _answer(send, received.reply)


def _own_path(scope: Scope) -> str:
    """The path below the one that the application is mounted at, where the server puts that before it."""
    path = str(scope["path"])
    below = path.removeprefix(str(scope.get("root_path", "")))
    return below if below[:1] in ("", "/") else path


def _headers(scope: Scope) -> list[tuple[str, str]]:
    """Read once: ASGI promises that they can be gone through, and not that they can be a second time."""
    return [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in scope["headers"]]


def _message(scope: Scope, headers: list[tuple[str, str]], body: bytes) -> Message:
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    url = str(scope["path"]) + (f"?{query}" if query else "")
    return Message(method=str(scope["method"]), url=url or "/", headers=headers, body=body)


async def _body(receive_event: Receive, limits: Limits, headers: list[tuple[str, str]]) -> bytes:
    """The whole body; refused with 413 when it is announced to be too large, or turns out to be."""
    announced = [value for name, value in headers if name.lower() == "content-length"]
    if any(value.isdecimal() and (len(value) > _MOST_DIGITS or int(value) > limits.body_bytes) for value in announced):
        raise too_large(limits)
    pieces: list[bytes] = []
    size = 0
    while True:
        event = await receive_event()
        if event["type"] == "http.disconnect":
            raise _GoneAway
        piece = bytes(event.get("body", b""))
        size += len(piece)
        if size > limits.body_bytes:
            raise too_large(limits)
        pieces.append(piece)
        if not event.get("more_body", False):
            return b"".join(pieces)


_MOST_DIGITS: Final = 12
_METHOD_NOT_ALLOWED: Final = 405


async def _answer(send: Send, reply: Reply) -> None:
    """Send the answer; a sender that has hung up by now (ASGI 2.4: an OSError) gets none, and what is kept is kept."""
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
    ]
    if reply.status == _METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))  # RFC 9110, 15.5.6
    with suppress(OSError):
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


async def _lifespan(receive_event: Receive, send: Send) -> None:
    while True:
        event = await receive_event()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
