"""OAuth 2 with Ironclad: the app is let in by its own id and secret, for as long as the token says.

The user whose permissions count is named on each call (see `clmcrm.adapters.ironclad.session`), not here.
Source: developer.ironcladapp.com, "Client Credentials Grant" (`POST /oauth/token`, JSON).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from clmcrm.adapters.ironclad.wire import ORIGIN, VENDOR, written
from clmcrm.adapters.token_ends import token_end
from clmcrm.adapters.trees import Tree, is_tree, number, word
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token, TokenShelf
from clmcrm.errors import MalformedReply, RefusedError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

TOKEN: Final = "/oauth/token"  # noqa: S105 - a path
_OK: Final = 200
_SHOWN: Final = 300


def authority(
    *,
    client_id: str,
    client_secret: Secret,
    scopes: Sequence[str],
    clock: Callable[[], datetime],
    address: str = ORIGIN,
    shelf: TokenShelf | None = None,
) -> Authority:
    """What signs calls with the app's token and asks for another when it has ended; for the driver's desk.

    Put it under "ironclad" among the desk's authorities, and give the session no token of its own. `scopes` are
    those the app was registered with, or fewer; `shelf` keeps the token for all workers (None: in this process).
    """

    def renew(_used: Token) -> Flow[Token]:
        asked = {
            "grant_type": "client_credentials", "scope": " ".join(scopes), "client_id": client_id,
            "client_secret": client_secret.reveal(),
        }  # fmt: skip
        call = Call(
            method="POST", url=f"{address.rstrip('/')}{TOKEN}", vendor=VENDOR, body=written(asked),
            headers={"accept": "application/json", "content-type": "application/json"}, effect=Effect.NONE,
            bucket="others",
        )  # fmt: skip
        reply: Reply = yield call
        return _token(reply, call.where, clock(), client_secret)

    return Authority(vendor=VENDOR, shelf=shelf or MemoryTokenShelf(Token(access=Secret("none yet"))), renew=renew)


def _token(reply: Reply, where: str, now: datetime, client_secret: Secret) -> Token:
    """The token of a reply; raises `RefusedError` with Ironclad's own words, never with what was sent."""
    found = read_json(reply, VENDOR, where)
    told: Tree = found if is_tree(found) else {}
    if reply.status != _OK or word(told, "error"):
        said = word(told, "error_description") or word(told, "message") or "no reason given"
        words = hidden(f"{word(told, 'error') or f'status {reply.status}'}: {said}", [client_secret])[:_SHOWN]
        raise RefusedError(VENDOR, f"{where}: {words}", reply.request_id, status=reply.status)
    access, seconds = word(told, "access_token"), number(told, "expires_in")
    if not access or not access.isprintable() or not access.isascii():
        raise MalformedReply(VENDOR, f"{where}: $.access_token", "no text that a header can carry", reply.request_id)
    return Token(access=Secret(access), expires_at=token_end(now, seconds))
