"""OAuth with Pipedrive: an access token lives an hour, and is renewed by a refresh token that comes anew with it.

The token endpoint is at an address of its own: its calls bear the name "pipedrive-login", so that the transport knows
both origins. A refresh token that nobody uses for sixty days ends.
Source: pipedrive.readme.io, "OAuth authorization": `POST https://oauth.pipedrive.com/oauth/token`, a form, the app's
id and secret as Basic authentication.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from clmcrm.adapters.pipedrive.wire import VENDOR
from clmcrm.adapters.token_ends import token_end
from clmcrm.adapters.trees import is_tree, number, word
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.drivers.tokens import Authority, Token, TokenShelf
from clmcrm.errors import MalformedReply, RefusedError, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

LOGIN: Final = "pipedrive-login"
LOGIN_ORIGIN: Final = "https://oauth.pipedrive.com"
TOKEN: Final = "/oauth/token"  # noqa: S105 - a path

_OK: Final = 200


def origins(address: str, login: str = LOGIN_ORIGIN) -> dict[str, str]:
    """The addresses that a transport may talk to: the company's, and that of the token endpoint.

    >>> origins("https://durand.pipedrive.com")["pipedrive-login"]
    'https://oauth.pipedrive.com'
    """
    return {VENDOR: address.rstrip("/"), LOGIN: login.rstrip("/")}


def authority(
    shelf: TokenShelf,
    *,
    client_id: str,
    client_secret: Secret,
    clock: Callable[[], datetime],
    login: str = LOGIN_ORIGIN,
) -> Authority:
    """What signs calls with the token on the shelf and renews it when it has ended; for the driver's desk.

    Put it under "pipedrive" among the desk's authorities, and give the session no token of its own. The shelf must
    outlive the process: each renewal spends the refresh token, and brings the next.
    """

    def renew(old: Token) -> Flow[Token]:
        if old.refresh is None:
            raise TerminalError(VENDOR, "the access token has ended, and there is no refresh token to renew it with")
        who = base64.b64encode(f"{client_id}:{client_secret.reveal()}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh.reveal()}
        call = Call(
            method="POST", url=login.rstrip("/") + TOKEN, vendor=LOGIN, body=urlencode(form).encode(),
            headers={
                "accept": "application/json", "content-type": "application/x-www-form-urlencoded",
                "authorization": f"Basic {who}",
            },
            effect=Effect.KEYED,
        )  # fmt: skip
        reply: Reply = yield call
        return _token(reply, call.where, old, clock(), [client_secret, old.refresh, Secret(who)])

    return Authority(vendor=VENDOR, shelf=shelf, renew=renew)


def _token(reply: Reply, where: str, old: Token, now: datetime, never_shown: Sequence[Secret]) -> Token:
    told: object = read_json(reply, VENDOR, where)
    if not is_tree(told):
        raise MalformedReply(VENDOR, where, "no object", reply.request_id)
    if reply.status != _OK:
        said = word(told, "message") or word(told, "error_description") or word(told, "error") or "no reason given"
        raise RefusedError(VENDOR, f"{where}: {hidden(said, never_shown)}", reply.request_id, status=reply.status)
    access, refresh, seconds = word(told, "access_token"), word(told, "refresh_token"), number(told, "expires_in")
    if not access:
        raise MalformedReply(VENDOR, f"{where}: $.access_token", "no text")
    return Token(
        access=Secret(access),
        refresh=Secret(refresh) if refresh else old.refresh,
        expires_at=token_end(now, seconds),
    )
