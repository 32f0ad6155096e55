"""Two fake systems behind a real socket, and the adapter that talks to them through our transport and drivers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, cast

from attrs import frozen

from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow
from clmcrm.ports.records import (
    Capabilities,
    Create,
    Fields,
    Json,
    Outcome,
    Page,
    Remove,
    Result,
    Seen,
    Side,
    Update,
    Write,
)  # fmt: skip
from clmcrm.ports.systems import Past
from clmcrm.testing.faults.remote import Remote

OK = 200


@frozen
class Answer:
    """What the server does with a request: a `status` and `body`, or no reply at all; `torn` cuts the body.

    The body is sent so many `times`; `headers` come beside its length, and close the connection.
    """

    status: int = OK
    body: bytes = b""
    silent: bool = False
    torn: bool = False
    times: int = 1
    headers: tuple[tuple[str, str], ...] = ()


Answering = Callable[[Side, str, dict[str, Any]], Answer]


class Service:
    """A server on loopback; `answering` says what becomes of each request, one after another."""

    def __init__(self) -> None:
        self.answering: Answering = lambda _side, _what, _said: Answer(silent=True)
        lock = Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16  # header and body in one packet

            def do_POST(self) -> None:
                size = int(self.headers.get("content-length", "0"))
                said = {
                    "authorization": self.headers.get("authorization"),
                    **json.loads(self.rfile.read(size) or b"{}"),
                }
                _, side, what = self.path.split("/")
                with lock:
                    answer = service.answering(Side(side), what, said)
                if answer.silent:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("content-length", str(len(answer.body) * answer.times))
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.end_headers()
                for _ in range(answer.times):
                    _ = self.wfile.write(answer.body[: len(answer.body) // 2] if answer.torn else answer.body)
                self.close_connection = self.close_connection or answer.torn or bool(answer.headers)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the original
                """Nothing is logged."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that was killed in the middle is what is tried here."""

        self._server = Server(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"


def answered_by(remote: Remote, what: str, said: dict[str, Any]) -> bytes:
    """The body of a reply: what the remote says."""
    kind = str(said.get("kind", ""))
    result: Any
    if what == "changes":
        page = remote.changes(kind, said["cursor"])
        result = {"seen": [seen_out(seen) for seen in page.seen], "cursor": page.cursor, "more": page.more}
    elif what == "read":
        result = [seen_out(seen) for seen in remote.read(kind, said["keys"])]
    elif what == "find":
        found = remote.find(kind, said["mark"])
        result = None if found is None else seen_out(found)
    elif what == "past":
        result = [[past.key, past.name, past.value] for past in remote.past(kind, said["keys"])]
    else:
        outcomes = remote.write([write_in(write) for write in said["writes"]])
        result = [[o.result.value, o.key, o.version, o.why] for o in outcomes]
    return json.dumps(result).encode()


def seen_out(seen: Seen) -> dict[str, Json]:
    """A record as JSON; times of change stay on the server, which makes the cursors."""
    return {
        "kind": seen.kind, "key": seen.key, "fields": dict(seen.fields), "version": seen.version,
        "mark": seen.mark, "gone": seen.gone, "merged_into": seen.merged_into,
        "unreadable": seen.unreadable,
    }  # fmt: skip


def seen_in(said: Any) -> Seen:  # noqa: ANN401 - JSON
    """The record that `seen_out` wrote."""
    return Seen(**said)


def write_out(write: Write) -> dict[str, Json]:
    """A write as JSON."""
    told: dict[str, Json] = {"what": type(write).__name__, "kind": write.kind, "idempotency_key": write.idempotency_key}
    if isinstance(write, Create):
        return {**told, "mark": write.mark, "fields": dict(write.fields)}
    if isinstance(write, Update):
        return {**told, "key": write.key, "fields": dict(write.fields), "expected": write.expected}
    return {**told, "key": write.key, "expected": write.expected}


def write_in(said: dict[str, Any]) -> Write:
    """The write that `write_out` wrote."""
    facts = {name: value for name, value in said.items() if name != "what"}
    kinds: dict[str, Any] = {"Create": Create, "Update": Update, "Remove": Remove}
    return cast("Write", kinds[said["what"]](**facts))


class HttpRemote:
    """The adapter: its methods are flows of calls, which a driver runs over a transport."""

    def __init__(self, side: Side, able: Capabilities, url: str) -> None:
        self.side, self.capabilities, self._url = side, able, url

    @property
    def system(self) -> str:
        """The vendor's name."""
        return f"fake-{self.side.value}"

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed since."""
        told = yield from self._asked("changes", {"kind": kind, "cursor": cursor})
        return Page(seen=tuple(map(seen_in, told["seen"])), cursor=told["cursor"], more=told["more"])

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """These records now."""
        told = yield from self._asked("read", {"kind": kind, "keys": list(keys)})
        return tuple(map(seen_in, told))

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record under our mark."""
        told = yield from self._asked("find", {"kind": kind, "mark": mark})
        return None if told is None else seen_in(told)

    def past(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
        """The values that fields had."""
        told = yield from self._asked("past", {"kind": kind, "keys": list(keys)})
        return tuple(Past(key=key, name=name, value=value) for key, name, value in told)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write."""
        said: Fields = {"writes": [write_out(write) for write in writes]}
        told = yield from self._asked("write", said, Effect.ONCE)
        return tuple(Outcome(result=Result(r), key=key, version=version, why=why) for r, key, version, why in told)

    def _asked(self, what: str, said: Fields, effect: Effect = Effect.NONE) -> Flow[Any]:
        call = Call(
            method="POST", url=f"{self._url}/{self.side.value}/{what}", vendor=self.system, effect=effect,
            body=json.dumps(said).encode(), headers={"content-type": "application/json"},
        )  # fmt: skip
        reply = yield call
        if reply.status != OK:
            raise TerminalError(self.system, f"status {reply.status}")
        try:
            return json.loads(reply.body)
        except ValueError as problem:
            raise MalformedReply(self.system, call.where, str(problem)) from problem
