"""OAuth with HubSpot: an access token lives half an hour, and is renewed by a refresh token that stays the same.

Source: developers.hubspot.com, "OAuth, refresh an access token" (`POST /oauth/v1/token`, a form).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from clmcrm.adapters.hubspot.wire import ORIGIN, VENDOR, result
from clmcrm.adapters.token_ends import token_end
from clmcrm.adapters.trees import number, tree_in
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, Token, TokenShelf
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

TOKEN: Final = "/oauth/v1/token"  # noqa: S105 - a path


def authority(
    shelf: TokenShelf, *, client_id: str, client_secret: Secret, clock: Callable[[], datetime], address: str = ORIGIN
) -> Authority:
    """What signs calls with the token on the shelf and renews it when it has ended; for the driver's desk.

    Put it under "hubspot" among the desk's authorities, and give the session no token of its own.
    """

    def renew(old: Token) -> Flow[Token]:
        if old.refresh is None:
            raise TerminalError(VENDOR, "the access token has ended, and there is no refresh token to renew it with")
        form = {
            "grant_type": "refresh_token", "client_id": client_id, "client_secret": client_secret.reveal(),
            "refresh_token": old.refresh.reveal(),
        }  # fmt: skip
        call = Call(
            method="POST", url=address.rstrip("/") + TOKEN, vendor=VENDOR, body=urlencode(form).encode(),
            headers={"accept": "application/json", "content-type": "application/x-www-form-urlencoded"},
            effect=Effect.KEYED,
        )  # fmt: skip
        reply: Reply = yield call
        return _token(result(reply, call.where, secrets=(client_secret, old.refresh)), old, clock())

    return Authority(vendor=VENDOR, shelf=shelf, renew=renew)


def _token(told: object, old: Token, now: datetime) -> Token:
    found = tree_in(told)
    access, refresh = found.get("access_token"), found.get("refresh_token")
    if not isinstance(access, str) or not access:
        raise MalformedReply(VENDOR, f"POST {TOKEN}: $.access_token", "no text")
    return Token(
        access=Secret(access),
        refresh=Secret(refresh) if isinstance(refresh, str) and refresh else old.refresh,
        expires_at=token_end(now, number(found, "expires_in")),
    )
