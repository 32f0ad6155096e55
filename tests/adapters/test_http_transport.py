"""The transport over HTTP: nothing leaves for another origin, and nothing comes in without bounds."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from clmcrm.adapters.transports import AsyncHttpTransport, HttpTransport
from clmcrm.errors import AmbiguousError, InvalidRecord, MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Effect, Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.serving import serving

ORIGINS = {"crm": "https://crm.example/api"}
CANARY = "canary-token-91c2"
Answer = Callable[[httpx.Request], httpx.Response]


def _call(url: str = "https://crm.example/v3/deals?token=" + CANARY, **given: Any) -> Call:
    return Call(**{"method": "GET", "url": url, "vendor": "crm", "headers": {"Authorization": CANARY}, **given})


@pytest.fixture(params=["sync", "async"])
def sent(request: pytest.FixtureRequest) -> Callable[..., Reply]:
    """Sends a call through the transport named, to a vendor that answers as told."""

    def sync(answer: Answer, call: Call, within: timedelta, **options: Any) -> Reply:
        with httpx.Client(transport=httpx.MockTransport(answer)) as client:
            return HttpTransport(ORIGINS, client=client, **options).send(call, within)

    async def awaited(answer: Answer, call: Call, within: timedelta, **options: Any) -> Reply:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await AsyncHttpTransport(ORIGINS, client=client, **options).send(call, within)

    def send(answer: Answer, call: Call, *, seconds: float = 5, **options: Any) -> Reply:
        within = timedelta(seconds=seconds)
        if request.param == "sync":
            return sync(answer, call, within, **options)
        return asyncio.run(awaited(answer, call, within, **options))

    return send


class _Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self) -> None:
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.given += 1
            yield b"0" * 1000

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.given += 1
            yield b"0" * 1000


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self.body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body


def _response(status: int, body: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, stream=_Body(body), headers=named)


def test_a_call_goes_out_whole_and_its_reply_comes_back_whole(sent: Any) -> None:
    met: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        met.append(request)
        return _response(207, b"[1]", X_Request_Id="r-7")

    reply = sent(answer, _call(method="POST", body=b"{}"))
    assert (reply.status, reply.body, reply.request_id) == (207, b"[1]", "r-7")
    assert (met[0].method, met[0].read(), met[0].headers["accept-encoding"]) == ("POST", b"{}", "identity")
    assert met[0].headers["authorization"] == CANARY


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v3", "http://crm.example/v3", "https://crm.example:8443/v3",
        "https://crm.example@evil.example/",
        "https://crm.example.evil.example/", "https://user:pw@crm.example/", "//crm.example/v3", "ftp://crm.example/",
        "https:///v3", "https://evil.example\\@crm.example/", "https://crm.example:x/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_nothing_leaves_for_another_origin(sent: Any, url: str) -> None:
    met: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        met.append(request)
        return httpx.Response(200)

    with pytest.raises(TerminalError):
        sent(answer, _call(url))
    assert met == []


@pytest.mark.parametrize("url", ["https://CRM.example/v3", "https://crm.example:443/v3", "https://crm.example./v3"])
def test_the_same_origin_has_several_spellings(sent: Any, url: str) -> None:
    assert sent(lambda _: _response(200), _call(url)).status == 200


def test_a_vendor_without_an_address_is_not_called(sent: Any) -> None:
    with pytest.raises(TerminalError, match="no address is configured"):
        sent(lambda _: _response(200), _call(vendor="other"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(sent: Any, status: int) -> None:
    met: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        met.append(str(request.url))
        return httpx.Response(status, headers={"location": "https://crm.example/elsewhere"})

    with pytest.raises(RefusedError, match="redirect") as refusal:
        sent(answer, _call(effect=Effect.NONE))
    assert len(met) == 1
    assert refusal.value.status == status


@pytest.mark.parametrize(("status", "error"), [(301, RefusedError), (302, AmbiguousError), (303, AmbiguousError),
                                               (307, RefusedError), (308, RefusedError)])  # fmt: skip
def test_a_write_that_is_answered_with_see_there_may_have_been_carried_out(
    sent: Any, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match="redirect"):
        sent(lambda _: httpx.Response(status, headers={"location": "/deals/7"}), _call(effect=Effect.KEYED))


def test_a_compressed_reply_is_refused_before_it_is_unpacked(sent: Any) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    with pytest.raises(MalformedReply, match="gzip"):
        sent(lambda _: _response(200, bomb, content_encoding="gzip"), _call())


def test_a_plain_reply_that_is_only_labelled_gzip_is_read(sent: Any) -> None:
    # Tryton 8.2 labels whatever is longer than 1,400 characters.
    assert sent(lambda _: _response(200, b'{"id":1}', content_encoding="gzip"), _call()).body == b'{"id":1}'


def test_a_body_is_read_no_further_than_allowed(sent: Any) -> None:
    stream = _Endless()
    with pytest.raises(MalformedReply, match="more than 5000 bytes"):
        sent(lambda _: httpx.Response(200, stream=stream), _call(), most_bytes=5000)
    assert stream.given == 6


@pytest.mark.parametrize("length", ["5001", "9" * 5000])
def test_a_reply_that_is_said_to_be_too_long_is_not_read(sent: Callable[..., Reply], length: str) -> None:
    stream = _Endless()
    answer = httpx.Response(200, stream=stream, headers={"content-length": length})
    with pytest.raises(MalformedReply, match="more than 5000 bytes"):
        sent(lambda _: answer, _call(), most_bytes=5000)
    assert stream.given == 0


def test_a_reply_that_drips_for_ever_is_cut_off(sent: Any) -> None:
    stream = _Endless()
    with pytest.raises(AmbiguousError, match="did not end in time"):
        sent(lambda _: httpx.Response(200, stream=stream), _call(), seconds=0.001, most_bytes=10**12)


@pytest.mark.parametrize(
    ("raised", "meant"),
    [
        (httpx.ConnectError, TransientError), (httpx.ConnectTimeout, TransientError),
        (httpx.PoolTimeout, TransientError), (httpx.ProxyError, TransientError),
        (httpx.ReadTimeout, AmbiguousError), (httpx.ReadError, AmbiguousError),
        (httpx.WriteError, AmbiguousError), (httpx.RemoteProtocolError, AmbiguousError),
        (httpx.CloseError, AmbiguousError),
        (httpx.UnsupportedProtocol, TerminalError), (httpx.LocalProtocolError, TerminalError),
    ],
)  # fmt: skip
def test_what_went_wrong_is_told_by_what_may_have_happened(
    sent: Any, raised: type[Exception], meant: type[Exception]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise raised(f"cannot reach {request.url}")

    with pytest.raises(meant) as failure:
        sent(answer, _call())
    assert type(failure.value) is meant
    assert CANARY not in f"{failure.value!r} {failure.value} {failure.value.__cause__}"


def test_no_secret_is_logged(sent: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sent(lambda _: _response(200), _call())
    assert CANARY not in caplog.text


def test_a_transport_of_its_own_is_closed() -> None:
    with HttpTransport(ORIGINS) as transport:
        client = transport._client
        assert not client.is_closed
    assert [client.is_closed] == [True]

    async def whole() -> None:
        async with AsyncHttpTransport(ORIGINS) as other:
            client = other._client
            assert not client.is_closed
        assert [client.is_closed] == [True]

    asyncio.run(whole())


class _Baker:
    """Sets a cookie with every reply, and notes the cookies it is sent."""

    def __init__(self) -> None:
        self.cookies: list[str] = []

    def answer(self, request: Request) -> Reply:
        self.cookies.append(request.header("cookie") or "")
        return Reply(status=200, headers={"set-cookie": f"session={len(self.cookies)}; Path=/"}, body=b"{}")


def test_a_call_carries_no_cookie_that_an_earlier_reply_set() -> None:
    baker, within = _Baker(), timedelta(seconds=5)

    async def awaited(origin: str) -> None:
        async with AsyncHttpTransport({"crm": origin}) as other:
            for _ in range(2):
                _ = await other.send(Call(method="GET", url=f"{origin}/deals", vendor="crm"), within)

    with serving(baker) as origin, HttpTransport({"crm": origin}) as transport:
        for _ in range(2):
            _ = transport.send(Call(method="GET", url=f"{origin}/deals", vendor="crm"), within)
        asyncio.run(awaited(origin))
    assert baker.cookies == [""] * 4


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no plain http"):
        _ = HttpTransport({"crm": "crm.example"})


def test_the_certificates_are_read_once_for_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read: list[object] = []
    make = httpx.create_ssl_context

    def noted() -> object:
        read.append(1)
        return make()

    monkeypatch.setattr(httpx, "create_ssl_context", noted)
    here = tmp_path / "own.pem"
    _ = here.write_text(Path(certifi.where()).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(here))
    for _ in range(3):
        HttpTransport(ORIGINS).close()
        _ = AsyncHttpTransport(ORIGINS)
    assert len(read) == 1
    monkeypatch.delenv("SSL_CERT_FILE")
    HttpTransport(ORIGINS).close()
    HttpTransport(ORIGINS).close()
    assert len(read) <= 2


@pytest.mark.parametrize("make", [HttpTransport, AsyncHttpTransport])
def test_certificates_that_cannot_be_read_are_named(make: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_certificate = tmp_path / "none.pem"
    _ = no_certificate.write_text("nothing of the kind")
    for place in (no_certificate, tmp_path / "missing.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(place))
        with pytest.raises(InvalidRecord, match=rf"SSL_CERT_FILE is .*{place.name}"):
            _ = make(ORIGINS)
