"""Three ways to be let in: client credentials, a signed assertion (JWT bearer), a refresh token.

Each gives an `Authority`: the driver signs with it, and renews the token once for all workers when the org says
that the session has ended (401 INVALID_SESSION_ID). The token endpoint may be at another address than the org: its
calls bear the vendor's name "salesforce-login", so that the transport knows both origins (`origins`).
Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow", "OAuth 2.0 Refresh Token
Flow".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlencode, urlsplit

from clmcrm.adapters._http import origin_of
from clmcrm.adapters.salesforce.wire import LOGIN, VENDOR
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token, TokenShelf
from clmcrm.errors import InvalidRecord, MalformedReply, MissingExtra, RefusedError, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

Clock: TypeAlias = Callable[[], datetime]

PATH: Final = "/services/oauth2/token"
ASSERTION: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME: Final = timedelta(minutes=3)
"""How long an assertion holds; Salesforce takes none that holds longer."""
SHORTEST_RSA: Final = 2048
_LONGEST: Final = 300
_NEVER_SHOWN: Final = ("client_secret", "assertion", "refresh_token")
"""What of a form nobody may read in an error, should Salesforce repeat it."""
_OK: Final = 200


def origins(instance: str, login: str) -> dict[str, str]:
    """The addresses that a transport may talk to: the org's own, and that of the token endpoint.

    >>> origins("https://acme.my.salesforce.com", "https://login.salesforce.com")["salesforce-login"]
    'https://login.salesforce.com'
    """
    return {VENDOR: instance, LOGIN: login}


def client_credentials(login: str, *, client_id: str, client_secret: Secret, instance: str) -> Authority:
    """The app itself is let in, as the user that its policies name; `login` is the org's own address."""
    form = {"grant_type": "client_credentials", "client_id": client_id}
    return _authority(login, instance, lambda _: form | {"client_secret": client_secret.reveal()}, Effect.NONE)


def jwt_bearer(login: str, *, client_id: str, user: str, key: Secret, instance: str, clock: Clock) -> Authority:
    """The app is let in as `user`, by an assertion signed with its private `key` (RSA, PEM).

    `login` is "https://login.salesforce.com", or "https://test.salesforce.com" for a sandbox: the audience of the
    assertion. Raises `MissingExtra` without `cryptography`, and `InvalidRecord` for a key that is none.
    """
    sign = rs256(key)

    def form(_: Token) -> dict[str, str]:
        expires = int((clock() + LIFETIME).timestamp())
        claims = {"iss": client_id, "sub": user, "aud": login.rstrip("/"), "exp": expires}
        return {"grant_type": ASSERTION, "assertion": assertion(claims, sign)}

    return _authority(login, instance, form, Effect.NONE)


def refresh_token(
    login: str, *, client_id: str, refresh: Secret, instance: str, client_secret: Secret | None = None,
    shelf: TokenShelf | None = None,
) -> Authority:  # fmt: skip
    """A user let the app in once, and it keeps the refresh token; a new one that comes with a token replaces it.

    `shelf` keeps the token for all workers (None: in this process); with token rotation it must outlive the process.
    """
    secret = {} if client_secret is None else {"client_secret": client_secret.reveal()}

    def form(used: Token) -> dict[str, str]:
        kept = refresh if used.refresh is None else used.refresh
        return {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": kept.reveal(), **secret}

    return _authority(login, instance, form, Effect.ONCE, shelf)


def _authority(
    login: str,
    instance: str,
    form: Callable[[Token], Mapping[str, str]],
    effect: Effect,
    shelf: TokenShelf | None = None,
) -> Authority:
    def renew(used: Token) -> Flow[Token]:
        told = form(used)
        call = Call(
            method="POST",
            url=f"{login.rstrip('/')}{PATH}",
            vendor=LOGIN,
            headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
            body=urlencode(told).encode(),
            effect=effect,
        )
        reply: Reply = yield call
        return _token(reply, call, used, instance, [Secret(told[name]) for name in _NEVER_SHOWN if name in told])

    return Authority(vendor=VENDOR, shelf=shelf or MemoryTokenShelf(Token(access=Secret("none yet"))), renew=renew)


def _token(reply: Reply, call: Call, used: Token, instance: str, never_shown: Sequence[Secret]) -> Token:
    """The token of a reply; raises `RefusedError` with Salesforce's own words, never with what was sent."""
    found: Any = read_json(reply, LOGIN, call.where)
    told = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if reply.status != _OK or "error" in told:
        words = f"{told.get('error', f'status {reply.status}')}: {told.get('error_description', 'no reason given')}"
        raise RefusedError(
            LOGIN, f"{call.where}: {hidden(words, never_shown)}"[:_LONGEST], reply.request_id, status=reply.status
        )
    access = told.get("access_token")
    if not isinstance(access, str) or not access.isascii() or not access.isprintable() or not access:
        raise MalformedReply(LOGIN, call.where, "no access_token", reply.request_id)
    there = told.get("instance_url")
    if isinstance(there, str) and not _same(there, instance, call, reply):
        what = f"the token is for {_origin(there)}, and {_origin(instance)} is configured"
        raise TerminalError(LOGIN, what, reply.request_id)
    fresh = told.get("refresh_token")
    return Token(access=Secret(access), refresh=Secret(fresh) if isinstance(fresh, str) and fresh else used.refresh)


def _same(there: str, instance: str, call: Call, reply: Reply) -> bool:
    """Whether a token is for the org that is configured; raises `MalformedReply` where what it is for is no address."""
    try:
        return origin_of(there) == origin_of(instance)
    except ValueError as problem:
        what = f"instance_url is {there[:_LONGEST]!r}: {problem}"
        raise MalformedReply(LOGIN, call.where, what, reply.request_id) from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def assertion(claims: Mapping[str, object], sign: Callable[[bytes], bytes]) -> str:
    """A signed assertion (RFC 7523, RFC 7515): three parts in base64 for addresses."""
    head = _coded(json.dumps({"alg": "RS256", "typ": "JWT"}, separators=(",", ":")).encode())
    body = _coded(json.dumps(claims, separators=(",", ":")).encode())
    signed = f"{head}.{body}"
    return f"{signed}.{_coded(sign(signed.encode()))}"


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def rs256(key: Secret) -> Callable[[bytes], bytes]:
    """What signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 7518, 3.3) under a private key in PEM.

    Raises `MissingExtra` without `cryptography`, `InvalidRecord` for anything but an RSA key of 2048 bits or more.
    """
    try:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an optional package, when it is used
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above
    except ImportError:
        raise MissingExtra("salesforce", "signing an assertion") from None
    try:
        private = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < SHORTEST_RSA:
        raise InvalidRecord("jwt_bearer", "key", "(hidden)", "an RSA private key in PEM, 2048 bits or more")
    return lambda signed: private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
