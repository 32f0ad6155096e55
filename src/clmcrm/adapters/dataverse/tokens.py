"""To be let in: OAuth 2.0 client credentials at Microsoft's token endpoint.

It gives an `Authority`: the driver signs with it, and renews the token once for all workers when the environment says
that it has ended (401). The token endpoint is at another address than the environment: its calls bear the vendor's
name "dataverse-login", so that the transport knows both origins (`origins`).
Source: Microsoft identity platform, "OAuth 2.0 client credentials flow"; Dataverse developer guide, "Use OAuth
authentication with Microsoft Dataverse".
"""

from __future__ import annotations

import re
from typing import Any, Final, cast
from urllib.parse import urlencode, urlsplit

from clmcrm.adapters.dataverse.wire import LOGIN, VENDOR
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token, TokenShelf
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

MICROSOFT: Final = "https://login.microsoftonline.com"
"""The address of the token endpoint; that of a national cloud is another one ("https://login.microsoftonline.us")."""
_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,100}")
_LONGEST: Final = 300
_OK: Final = 200


def origins(environment: str, login: str = MICROSOFT) -> dict[str, str]:
    """The addresses that a transport may talk to: the environment's own, and that of the token endpoint.

    >>> origins("https://acme.crm4.dynamics.com")["dataverse-login"]
    'https://login.microsoftonline.com'
    """
    return {VENDOR: environment, LOGIN: login}


def client_credentials(
    environment: str,
    *,
    tenant: str,
    client_id: str,
    client_secret: Secret,
    login: str = MICROSOFT,
    shelf: TokenShelf | None = None,
) -> Authority:
    """The app itself is let in, as the application user that was made for it in the environment.

    `tenant` is the directory's id or one of its domains; `shelf` keeps the token for all workers (None: in this
    process). Raises `InvalidRecord` for a tenant that is none.
    """
    if not _TENANT.fullmatch(tenant):
        raise InvalidRecord("client_credentials", "tenant", tenant[:80], "a directory's id or domain")
    parts = urlsplit(environment)
    scope = f"{parts.scheme}://{parts.netloc}/.default"

    def renew(used: Token) -> Flow[Token]:
        form = {
            "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret.reveal(),
            "scope": scope,
        }  # fmt: skip
        call = Call(
            method="POST",
            url=f"{login.rstrip('/')}/{tenant}/oauth2/v2.0/token",
            vendor=LOGIN,
            headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
            body=urlencode(form).encode(),
            effect=Effect.NONE,
        )
        reply: Reply = yield call
        return _token(reply, call, used, client_secret)

    return Authority(vendor=VENDOR, shelf=shelf or MemoryTokenShelf(Token(access=Secret("none yet"))), renew=renew)


def _token(reply: Reply, call: Call, used: Token, client_secret: Secret) -> Token:
    """The token of a reply; raises `RefusedError` with Microsoft's own words, never with what was sent."""
    found: Any = read_json(reply, LOGIN, call.where)
    told = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if reply.status != _OK or "error" in told:
        said = str(told.get("error_description", "no reason given")).partition("\r\n")[0]
        words = f"{told.get('error', f'status {reply.status}')}: {said}"
        raise RefusedError(
            LOGIN, f"{call.where}: {hidden(words, [client_secret])}"[:_LONGEST], reply.request_id, status=reply.status
        )
    access = told.get("access_token")
    if not isinstance(access, str) or not access.isprintable() or not access:
        raise MalformedReply(LOGIN, call.where, "no access_token", reply.request_id)
    return Token(access=Secret(access), refresh=used.refresh)
