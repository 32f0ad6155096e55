"""What every fake vendor is, and the two ways to reach one: in the same process, or over a socket on loopback.

A fake answers a request with a reply and keeps its data between the two; it knows nothing of our adapters.
A socket is what the vendor's own client and our transport need; a call in the process is what the many checks
of the kit need, since it costs no time.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import urlsplit

from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Call, Reply
from clmcrm.testing.closed.validator import ClosedValidator, Problem, Request


class Fake(Protocol):
    """A vendor's system, as far as it matters: `answer` is asked from one thread at a time."""

    def answer(self, request: Request) -> Reply:
        """What the vendor replies, whatever the request."""
        ...


class Judged:
    """A fake behind a closed validator: what the vendor's description does not allow is written down, and answered.

    `refused` holds each refused request with its problems; a suite that ends with any has found a defect of
    the adapter.
    """

    def __init__(self, fake: Fake, validator: ClosedValidator) -> None:
        self.refused: list[tuple[Request, tuple[Problem, ...]]] = []
        self._fake, self._validator = fake, validator

    def answer(self, request: Request) -> Reply:
        """What the fake replies; the judgement stands in `refused`."""
        problems = tuple(self._validator.problems(request))
        if problems:
            self.refused.append((request, problems))
        return self._fake.answer(request)


class InProcess:
    """A transport whose calls end in a fake in the same process; also counts them.

    `origin` is the only one it serves: a call to any other raises `TerminalError`, as our transport does.
    """

    def __init__(self, fake: Fake, origin: str) -> None:
        self.calls = 0
        self._fake, self._origin, self._lock = fake, origin.rstrip("/"), threading.Lock()

    def send(self, call: Call, within: timedelta) -> Reply:
        """The fake's reply, at once."""
        del within
        parts = urlsplit(call.url)
        if f"{parts.scheme}://{parts.netloc}" != self._origin:
            raise TerminalError(call.vendor, f"{call.where}: not the vendor's own origin; nothing was sent")
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        with self._lock:
            self.calls += 1
            reply = self._fake.answer(_request(call.method, target, call.headers, call.body or b""))
        return Reply(status=reply.status, headers={k.lower(): v for k, v in reply.headers.items()}, body=reply.body)


class InLoop:
    """The same as `InProcess`, for the driver that runs in a loop."""

    def __init__(self, fake: Fake, origin: str) -> None:
        self._inside = InProcess(fake, origin)

    @property
    def calls(self) -> int:
        """How many calls were answered."""
        return self._inside.calls

    async def send(self, call: Call, within: timedelta) -> Reply:
        """The fake's reply, at once."""
        return self._inside.send(call, within)


@contextmanager
def serving(fake: Fake) -> Generator[str]:
    """Serve a fake over a socket on loopback; the origin, without a slash at its end."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 1 << 16  # header and body in one packet

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or "0"))
            with lock:
                reply = fake.answer(_request(self.command, self.path, dict(self.headers.items()), body))
            self.send_response_only(reply.status)
            if not any(name.lower() == "date" for name in reply.headers):
                self.send_header("Date", self.date_time_string())
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            _ = self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    return Request(method=method, path=target, headers=dict(headers), body=body)
