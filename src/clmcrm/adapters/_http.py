"""The one place that knows httpx: sends a `Call`, returns its `Reply`, and lets nothing out or in that should not be.

A call goes only to its vendor's own origin, so that a page link that points elsewhere never gets the token.
Redirects are not followed, replies are not decompressed, and the size and time of each are bounded.
"""

from __future__ import annotations

import logging
import os
import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from clmcrm.errors import (
    AdapterError,
    AmbiguousError,
    InvalidRecord,
    MalformedReply,
    RefusedError,
    TerminalError,
    TransientError,
)
from clmcrm.ports.calls import Call, Effect, Reply

MOST_BYTES: Final = 32 * 1024 * 1024
"""How long a body may be unless the transport is built otherwise."""
_LONGEST_LENGTH: Final = 20
"""How many digits a length may have that is looked at."""

_GZIP: Final = b"\x1f\x8b"
_REDIRECTS: Final = frozenset({300, 301, 302, 303, 305, 307, 308})
_SEE_THERE: Final = frozenset({302, 303})
"""What a form that was carried out is answered (RFC 9110, 15.4.3 and 15.4.4)."""
_PORTS: Final = {"http": 80, "https": 443}
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_LOCAL: Final = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; raises `ValueError` for one that has none, or names a user.

    >>> origin_of("https://API.hubapi.com/crm/v3")
    ('https', 'api.hubapi.com', 443)
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or "\\" in url:
        raise ValueError("no plain http or https address")
    return scheme, parts.hostname.lower().rstrip("."), parts.port or _PORTS[scheme]


def trusted() -> ssl.SSLContext:
    """The certificates that are believed: those of SSL_CERT_FILE or SSL_CERT_DIR, else those that come with httpx.

    Reading them takes as long as many calls, so it is done once in a process for the same two settings. Raises
    `InvalidRecord` where what they name cannot be read.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        _ = Path(file or folder or ".").stat()  # some versions of httpx pass over what is not there
        return _certificates(file, folder)
    except OSError as error:  # ssl.SSLError is one too
        name, value = ("SSL_CERT_FILE", file) if file else ("SSL_CERT_DIR", folder)
        raise InvalidRecord("the environment", name, value, f"certificates that can be read ({error})") from None


@cache
def _certificates(_file: str | None, _directory: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()  # looks at the same two itself


class _Guard:
    """What both transports check before they send and after they received."""

    def __init__(self, origins: Mapping[str, str], most_bytes: int) -> None:
        self._origins = {vendor: origin_of(url) for vendor, url in origins.items()}
        self._most_bytes = most_bytes
        for name in ("httpx", "httpcore"):  # they log whole addresses, queries included
            logger = logging.getLogger(name)
            if logger.level == logging.NOTSET:
                logger.setLevel(logging.WARNING)

    def headers(self, call: Call) -> dict[str, str]:
        """The headers to send, once the call is known to go where it may."""
        own = self._origins.get(call.vendor)
        if own is None:
            raise TerminalError(call.vendor, f"{call.where}: no address is configured for this vendor")
        try:
            there = origin_of(call.url)
        except ValueError as problem:
            raise TerminalError(call.vendor, f"{call.where}: {problem}") from None
        if there != own:
            what = f"{call.where}: {there[0]}://{there[1]}:{there[2]} is not the vendor's own origin; nothing was sent"
            raise TerminalError(call.vendor, what)
        return {**call.headers, "Accept-Encoding": "identity"}

    def opened(self, call: Call, response: httpx.Response) -> str:
        """Refuse what must not even be read; how the body is labelled as encoded."""
        encoding = _encoding(response)
        if encoding not in ("", "identity", "gzip"):
            raise MalformedReply(call.vendor, call.where, f"content encoding {encoding[:40]!r}, identity was asked for")
        if response.status_code in _REDIRECTS:
            what = f"{call.where}: a redirect, which is not followed"
            if response.status_code in _SEE_THERE and call.effect is not Effect.NONE:
                raise AmbiguousError(call.vendor, f"{what}: it may have been carried out")
            raise RefusedError(call.vendor, what, status=response.status_code)
        said = str(response.headers.get("content-length", ""))
        if said.isdecimal() and (len(said) > _LONGEST_LENGTH or int(said) > self._most_bytes):
            raise self._too_long(call)
        return encoding

    def begun(self, call: Call, encoding: str, body: BytesIO) -> None:
        """Refuse a compressed body. A plain one that is only labelled so is read: Tryton 8.2 sends such."""
        if encoding == "gzip" and _GZIP.startswith(body.getbuffer()[: len(_GZIP)]):
            raise MalformedReply(call.vendor, call.where, "a gzip body, identity was asked for")

    def grown(self, call: Call, size: int, deadline: float) -> None:
        """Refuse a body that is too long, or too long in coming."""
        if size > self._most_bytes:
            raise self._too_long(call)
        if time.monotonic() > deadline:
            raise AmbiguousError(call.vendor, f"{call.where}: the reply did not end in time")

    def _too_long(self, call: Call) -> MalformedReply:
        return MalformedReply(call.vendor, call.where, f"a body of more than {self._most_bytes} bytes")


def _encoding(response: httpx.Response) -> str:
    return str(response.headers.get("content-encoding", "identity")).strip().lower()


def _failure(call: Call, error: Exception) -> AdapterError:
    """What httpx's exception means; its own text may name the address and is not repeated."""
    what = f"{call.where}: {type(error).__name__}"
    if isinstance(error, _NOT_SENT):
        return TransientError(call.vendor, f"{what}: nothing was sent")
    if isinstance(error, _LOCAL):
        return TerminalError(call.vendor, f"{what}: nothing was sent")
    return AmbiguousError(call.vendor, what)


def _reply(response: httpx.Response, body: bytes) -> Reply:
    return Reply(status=response.status_code, headers={k.lower(): v for k, v in response.headers.items()}, body=body)


class _NoCookies(httpx.Cookies):
    """Keeps none: a call carries what its adapter put there, and nothing that an earlier reply set."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Take nothing from a reply."""


_NO_COOKIES: Final = _NoCookies()


class _Client(httpx.Client):
    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        del cookies


class _AsyncClient(httpx.AsyncClient):
    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        del cookies


class HttpTransport(_Guard):
    """Sends calls with an `httpx.Client`, or any client with the same methods.

    `origins` maps each vendor to its address. A client that is passed in stays the caller's to close.
    """

    def __init__(
        self, origins: Mapping[str, str], *, client: httpx.Client | None = None, most_bytes: int = MOST_BYTES
    ) -> None:
        super().__init__(origins, most_bytes)
        self._own = client is None
        self._client = _Client(follow_redirects=False, verify=trusted()) if client is None else client

    def send(self, call: Call, within: timedelta) -> Reply:
        """The reply, whatever its status; as `Transport.send`."""
        headers, seconds = self.headers(call), within.total_seconds()
        deadline, body = time.monotonic() + seconds, BytesIO()
        try:
            with self._client.stream(
                call.method, call.url, headers=headers, content=call.body, timeout=seconds, follow_redirects=False
            ) as response:
                encoding = self.opened(call, response)
                for chunk in response.iter_raw():
                    _ = body.write(chunk)
                    self.begun(call, encoding, body)
                    self.grown(call, body.tell(), deadline)
        except (httpx.HTTPError, *_LOCAL) as error:
            raise _failure(call, error) from None
        return _reply(response, body.getvalue())  # not a second copy: it is the buffer itself

    def close(self) -> None:
        """Close the connections, unless the client was passed in."""
        if self._own:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncHttpTransport(_Guard):
    """The same with an `httpx.AsyncClient`, awaited."""

    def __init__(
        self, origins: Mapping[str, str], *, client: httpx.AsyncClient | None = None, most_bytes: int = MOST_BYTES
    ) -> None:
        super().__init__(origins, most_bytes)
        self._own = client is None
        self._client = _AsyncClient(follow_redirects=False, verify=trusted()) if client is None else client

    async def send(self, call: Call, within: timedelta) -> Reply:
        """The reply, whatever its status; as `AsyncTransport.send`."""
        headers, seconds = self.headers(call), within.total_seconds()
        deadline, body = time.monotonic() + seconds, BytesIO()
        try:
            async with self._client.stream(
                call.method, call.url, headers=headers, content=call.body, timeout=seconds, follow_redirects=False
            ) as response:
                encoding = self.opened(call, response)
                async for chunk in response.aiter_raw():
                    _ = body.write(chunk)
                    self.begun(call, encoding, body)
                    self.grown(call, body.tell(), deadline)
        except (httpx.HTTPError, *_LOCAL) as error:
            raise _failure(call, error) from None
        return _reply(response, body.getvalue())  # not a second copy: it is the buffer itself

    async def close(self) -> None:
        """Close the connections, unless the client was passed in."""
        if self._own:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
