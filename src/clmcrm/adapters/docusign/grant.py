"""How DocuSign lets us in: a token by JWT or by a refresh token, and which account at which address is meant.

Tokens come from the account server, an origin of its own (`ACCOUNT_SERVER` in a transport); the account's address
comes from the user's own information and is believed only when its host is one of those that were configured.
Source: developers.docusign.com, "JWT grant", "refresh tokens", "get user info".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from attrs import field, frozen

from clmcrm.adapters.docusign_wire import VENDOR, RefusedByDocuSign, result
from clmcrm.adapters.token_ends import token_end
from clmcrm.adapters.trees import Tree, number, trees_of, word
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.drivers.tokens import Token
from clmcrm.errors import InvalidRecord, MalformedReply, MissingExtra, RefusedError, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow
from clmcrm.values.validators import instance, text

ACCOUNT_SERVER: Final = "docusign-account"
"""The vendor under which a transport knows the account server."""
PRODUCTION: Final = "https://account.docusign.com"
DEVELOPMENT: Final = "https://account-d.docusign.com"
HOSTS: Final = frozenset({
    "demo.docusign.net", "www.docusign.net", "na2.docusign.net", "na3.docusign.net", "na4.docusign.net",
    "eu.docusign.net", "au.docusign.net", "ca.docusign.net", "jp1.docusign.net",
})  # fmt: skip
"""The hosts on which an account may be."""
NO_TOKEN: Final = Token(access=Secret("none"))
"""What a grant begins with: `driver.run(grant.renew(NO_TOKEN))` is the first token."""

_SCOPES: Final = ("signature", "impersonation")
_LIFE: Final = timedelta(hours=1)
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_BY_JWT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@frozen(kw_only=True)
class JwtGrant:
    """A token for `user` by an assertion that `key` signs; no password and no refresh token is kept.

    `client` is the integration key, `key` its RSA private key in PEM, `server` the account server, `clock` tells
    the time that the assertion states. The user must have consented once (`consent_url`).
    """

    client: str = field(validator=text)
    user: str = field(validator=text)
    key: Secret = field(validator=instance(Secret))
    clock: Callable[[], datetime]
    server: str = PRODUCTION
    scopes: tuple[str, ...] = _SCOPES

    def renew(self, old: Token) -> Flow[Token]:
        """A new token; nothing of the old one is needed.

        Raises `RefusedError` with DocuSign's words, `MissingExtra` without `cryptography`, and `InvalidRecord` for
        a key that is no RSA key in PEM.
        """
        del old
        now = self.clock()
        claims = {
            "iss": self.client, "sub": self.user, "aud": urlsplit(self.server).netloc, "iat": int(now.timestamp()),
            "exp": int((now + _LIFE).timestamp()), "scope": " ".join(self.scopes),
        }  # fmt: skip
        form = {"grant_type": _BY_JWT, "assertion": _signed(claims, self.key)}
        return (yield from _granted(self.server, form, {}, now, [self.key, Secret(form["assertion"])]))

    def consent_url(self, redirect: str) -> str:
        """Where the user says once that the integration may act for them; `redirect` as the app names it."""
        asked = {
            "response_type": "code", "scope": " ".join(self.scopes), "client_id": self.client, "redirect_uri": redirect
        }  # fmt: skip
        return f"{self.server}/oauth/auth?{urlencode(asked)}"


@frozen(kw_only=True)
class RefreshGrant:
    """A token by the refresh token of the one before, which is spent by it."""

    client: str = field(validator=text)
    secret: Secret = field(validator=instance(Secret))
    clock: Callable[[], datetime]
    server: str = PRODUCTION

    def renew(self, old: Token) -> Flow[Token]:
        """A new token with a new refresh token; raises `TerminalError` for a token without one, and `RefusedError`."""
        if old.refresh is None:
            raise TerminalError(VENDOR, "there is no refresh token: a person must log in again")
        known = base64.b64encode(f"{self.client}:{self.secret.reveal()}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh.reveal()}
        never_shown = [self.secret, old.refresh, Secret(known)]
        return (yield from _granted(self.server, form, {"authorization": f"Basic {known}"}, self.clock(), never_shown))


@frozen
class FoundAccount:
    """An account the user may act in: its id, its name, and the address of its API."""

    id: str
    name: str
    base_uri: str


def found_account(
    token: Token, *, server: str = PRODUCTION, account: str | None = None, hosts: frozenset[str] = HOSTS
) -> Flow[FoundAccount]:
    """The account of that id (None: the user's default one), as the user's information names it.

    Raises `TerminalError` when the user has no such account, or its address is on none of `hosts`.
    """
    call = _call(server, "GET", "/oauth/userinfo", headers={"authorization": f"Bearer {token.access.reveal()}"})
    reply = yield call
    try:
        told = result(reply, call.where)
    except RefusedByDocuSign as refused:
        raise refused.error() from None
    known = trees_of(told, "accounts")
    fits = [one for one in known if (word(one, "account_id") == account if account else _default(one))]
    if not fits:
        ids = ", ".join(word(one, "account_id") for one in known) or "none"
        raise TerminalError(VENDOR, f"the user has no account {account or 'by default'}; known: {ids}")
    base_uri = word(fits[0], "base_uri")
    try:
        parts = urlsplit(base_uri)
    except ValueError:  # a bracket that is not closed
        parts = urlsplit("")
    host = (parts.hostname or "").lower()
    if host not in hosts or (parts.scheme != "https" and host not in _LOCAL) or "@" in parts.netloc:
        raise TerminalError(VENDOR, f"the account is at {base_uri!r}, which is none of the configured hosts")
    return FoundAccount(word(fits[0], "account_id"), word(fits[0], "account_name"), base_uri)


def _default(account: Tree) -> bool:
    return account.get("is_default") in (True, "true")


def _granted(
    server: str, form: Mapping[str, str], headers: Mapping[str, str], now: datetime, never_shown: Sequence[Secret]
) -> Flow[Token]:
    call = _call(server, "POST", "/oauth/token", headers=headers, form=form)
    reply = yield call
    try:
        told = result(reply, call.where)
    except RefusedByDocuSign as refused:
        what = hidden(str(refused), never_shown)
        raise RefusedError(VENDOR, what, refused.request_id, status=refused.status) from None
    access, refresh = word(told, "access_token"), word(told, "refresh_token")
    lasts = number(told, "expires_in")
    if not access or lasts is None:
        raise MalformedReply(VENDOR, call.where, "no access_token with its expires_in", reply.request_id)
    return Token(access=Secret(access), refresh=Secret(refresh) if refresh else None, expires_at=token_end(now, lasts))


def _call(
    server: str, method: str, path: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> Call:
    kind = {"content-type": "application/x-www-form-urlencoded"} if form else {}
    return Call(
        method=method, url=f"{server.rstrip('/')}{path}", vendor=ACCOUNT_SERVER, effect=Effect.NONE,
        headers={"accept": "application/json", **kind, **headers}, body=urlencode(form).encode() if form else None,
    )  # fmt: skip


def _signed(claims: Mapping[str, Any], key: Secret) -> str:
    """The assertion: RS256 (RFC 7518, 3.3) over the claims."""
    try:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an optional package, when it is used
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above
    except ImportError:
        raise MissingExtra("docusign", "signing in to DocuSign by JWT") from None
    try:
        private: object = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise InvalidRecord("JwtGrant", "key", "(hidden)", "an RSA private key in PEM, without a password")
    head = _part({"alg": "RS256", "typ": "JWT"})
    body = _part(claims)
    signature = private.sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{head}.{body}.{_base64(signature)}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
