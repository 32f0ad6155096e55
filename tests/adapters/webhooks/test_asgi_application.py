"""The ASGI application: alone, under a real server, with hostile senders and with an inbox that cannot be written."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import random
import socket
import threading
import time
from collections.abc import Iterator, MutableMapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from vendors_posting import NOW, SENDERS, Sender, mac

from clmcrm.adapters.webhooks.asgi import WebhookApp
from clmcrm.adapters.webhooks.documenso import Documenso
from clmcrm.adapters.webhooks.inbox import MemoryInbox
from clmcrm.adapters.webhooks.keys import Key
from clmcrm.adapters.webhooks.message import Limits, Message
from clmcrm.adapters.webhooks.pandadoc import PandaDoc
from clmcrm.adapters.webhooks.receiving import Endpoint
from clmcrm.adapters.webhooks.sqlite_inbox import SqliteInbox
from clmcrm.adapters.webhooks.verified import Event
from clmcrm.errors import InvalidRecord, SyncError

SECRET = "a secret of thirty-two letters .."  # noqa: S105 - made up for these tests


def endpoint(inbox: MemoryInbox | SqliteInbox | None = None, **more: Any) -> Endpoint:
    scheme = PandaDoc(keys=(Key("k", SECRET),))
    return Endpoint(system="pandadoc", scheme=scheme, inbox=inbox or MemoryInbox(), **more)


def signed(body: bytes) -> str:
    return f"signature={mac(SECRET.encode(), body).hex()}"


class Connection:
    """One request to the application, and what it answered."""

    def __init__(self, app: WebhookApp, pieces: Sequence[bytes], query: str, **scope: Any) -> None:
        self.sent: list[MutableMapping[str, Any]] = []
        self.asked = 0
        self.pieces = list(pieces)
        whole = {
            "type": "http", "method": "POST", "path": "/in", "query_string": query.encode("latin-1"), "headers": [],
            **scope,
        }  # fmt: skip
        asyncio.run(app(whole, self.receive, self.send))

    async def receive(self) -> MutableMapping[str, Any]:
        self.asked += 1
        if not self.pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self.pieces.pop(0), "more_body": bool(self.pieces)}

    async def send(self, event: MutableMapping[str, Any]) -> None:
        self.sent.append(event)

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None

    @property
    def body(self) -> bytes:
        return self.sent[1]["body"]  # type: ignore[no-any-return] # an event's values are of any type


def app(*args: Any, **more: Any) -> WebhookApp:
    return WebhookApp({"/in": endpoint(*args, **more)}, clock=lambda: NOW)


BODY = json.dumps([{"event": "document_state_changed", "data": {"id": "d1"}}]).encode()


def test_a_genuine_message_in_pieces_is_taken() -> None:
    inbox = MemoryInbox()
    pieces = [BODY[n : n + 7] for n in range(0, len(BODY), 7)]
    assert Connection(app(inbox), pieces, signed(BODY)).status == 200
    assert [arrival.event.key for arrival in inbox.waiting()] == ["d1"]


def test_a_forged_message_is_refused_and_nothing_kept() -> None:
    inbox = MemoryInbox()
    assert Connection(app(inbox), [BODY + b" "], signed(BODY)).status == 401
    assert not list(inbox.waiting())


def test_another_path_is_not_found_and_another_method_not_allowed() -> None:
    assert Connection(app(), [BODY], signed(BODY), path="/other").status == 404
    refused, taken = (Connection(app(), [BODY], signed(BODY), method=method) for method in ("PUT", "POST"))
    assert refused.status == 405
    assert (b"allow", b"POST") in refused.sent[0]["headers"]
    assert b"allow" not in dict(taken.sent[0]["headers"])


def test_it_can_be_mounted_below_a_path() -> None:
    assert Connection(app(), [BODY], signed(BODY), path="/hooks/in", root_path="/hooks").status == 200


@pytest.mark.parametrize(
    ("path", "root", "status"),
    [("/in", "/i", 200), ("/in", "/hooks", 200), ("/hooks/in", "/hooks", 200), ("/hooks/in", "/hook", 404)],
)
def test_a_mount_ends_where_a_part_of_the_path_ends(path: str, root: str, status: int) -> None:
    assert Connection(app(), [BODY], signed(BODY), path=path, root_path=root).status == status


def test_headers_that_can_be_gone_through_once_are_enough() -> None:
    """ASGI promises an iterable of pairs, and no list."""
    own = {"/in": Endpoint(system="d", scheme=Documenso(keys=(Key("k", SECRET),)), inbox=MemoryInbox())}
    headers = iter([(b"content-length", b"2"), (b"x-documenso-secret", SECRET.encode())])
    assert Connection(WebhookApp(own, clock=lambda: NOW), [b"{}"], "", headers=headers).status == 200


@pytest.mark.parametrize("path", ["hooks", "/hooks?a=1", "/hooks#a"])
def test_a_path_that_no_request_has_is_refused(path: str) -> None:
    with pytest.raises(InvalidRecord, match="WebhookApp: endpoints is"):
        _ = WebhookApp({path: endpoint()})


def test_a_body_is_given_up_when_it_grows_too_large() -> None:
    endless = [b"x" * 100] * 1_000
    connection = Connection(app(limits=Limits(body_bytes=1_000)), endless, "")
    assert connection.status == 413
    assert connection.asked == 11


@pytest.mark.parametrize("announced", [b"1001", b"9" * 400])
def test_a_body_announced_as_too_large_is_not_read(announced: bytes) -> None:
    connection = Connection(
        app(limits=Limits(body_bytes=1_000)), [b"x"], "", headers=[(b"Content-Length", announced)]
    )  # fmt: skip
    assert (connection.status, connection.asked) == (413, 0)


def test_a_sender_that_hangs_up_gets_no_answer_and_nothing_is_kept() -> None:
    inbox = MemoryInbox()
    assert Connection(app(inbox), [], signed(BODY)).status is None
    assert not list(inbox.waiting())


class FullDisk(MemoryInbox):
    def take(self, system: str, events: Sequence[Event], seen_at: datetime) -> int:
        raise SyncError(f"inbox: cannot write {system} {events} {seen_at}: database or disk is full")


def test_a_sender_that_hangs_up_before_the_answer_is_no_error() -> None:
    """ASGI 2.4: `send` raises an OSError then; the message is kept, and its next copy is one that was taken."""
    inbox = MemoryInbox()

    class HungUp(Connection):
        async def send(self, event: MutableMapping[str, Any]) -> None:
            raise ConnectionResetError(event["type"])

    assert HungUp(app(inbox), [BODY], signed(BODY)).status is None
    assert [arrival.event.key for arrival in inbox.waiting()] == ["d1"]


def test_a_genuine_message_that_cannot_be_kept_is_asked_for_again() -> None:
    assert Connection(app(FullDisk()), [BODY], signed(BODY)).status == 503


def test_a_refusal_is_logged_without_the_message(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _ = Connection(app(), [b"canary-body"], "signature=canary-signature", headers=[(b"x", b"canary-header")])
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("clmcrm")]
    assert ours == ["pandadoc: refused: forged (401)"]
    assert "canary" not in caplog.text


@pytest.mark.parametrize("query", ["\xe9", "a=%ff", "signature=%00", "signature", "&&&", "signature=\xff", "%"])
def test_odd_queries_and_headers_are_refused_without_a_5xx(query: str) -> None:
    connection = Connection(app(), [b"\xff"], query, headers=[(b"\xff", b"\xfe\x00"), (b"", b"")])
    assert connection.status in (400, 401)


def test_lifespan_and_websockets_are_answered() -> None:
    said: list[str] = []
    events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive_event() -> MutableMapping[str, Any]:
        return dict(next(events))

    async def send(event: MutableMapping[str, Any]) -> None:
        said.append(event["type"])

    asyncio.run(app()({"type": "lifespan"}, receive_event, send))
    asyncio.run(app()({"type": "websocket"}, receive_event, send))
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[int, dict[str, Endpoint]]]:
    """The application under uvicorn on a free port of this machine, with one endpoint for each system."""
    uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is in the group tests")
    _ = pytest.importorskip("cryptography", reason="Ironclad's sender signs with the extra webhooks")
    endpoints = {
        f"/hooks/{sender.name}": Endpoint(
            system=sender.name, scheme=sender.scheme((Key("k", sender.key(secret_for(sender))),)), inbox=MemoryInbox()
        )
        for sender in SENDERS
    }
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(WebhookApp(endpoints, clock=lambda: NOW), log_level="critical", lifespan="on")
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.005)
        yield listening.getsockname()[1], endpoints
        running.should_exit = True
        thread.join(timeout=10)


def secret_for(sender: Sender) -> str:
    return sender.secret(drawn(1))


def other_secret(sender: Sender) -> str:
    return "4" if sender.name == "ironclad-rsa" else sender.secret(drawn(2))


def post(port: int, path: str, message: Message) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    url = path + (f"?{message.query_text}" if message.query_text else "")
    connection.request("POST", url, body=message.body, headers=dict(message.headers) | {"Connection": "close"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def drawn(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - what must be repeatable cannot be secret


@pytest.mark.parametrize("sender", SENDERS, ids=lambda sender: sender.name)
def test_over_a_real_socket(server: tuple[int, dict[str, Endpoint]], sender: Sender) -> None:
    port, endpoints = server
    path = f"/hooks/{sender.name}"
    message = sender.make(drawn(7), NOW, secret_for(sender))
    assert post(port, path, message) == (200, endpoints[path].scheme.reply.body)
    assert post(port, path, message)[0] == 200  # a second copy
    assert post(port, path, sender.make(drawn(8), NOW, other_secret(sender)))[0] == 401
    assert len(list(endpoints[path].inbox.waiting())) == 1


def test_the_ping_of_documenso_stands_alone() -> None:
    scheme = Documenso(keys=(Key("k", SECRET),))
    alone = WebhookApp({"/in": Endpoint(system="d", scheme=scheme, inbox=MemoryInbox())})
    assert Connection(alone, [b"{}"], "", headers=[(b"X-Documenso-Secret", SECRET.encode())]).status == 200
