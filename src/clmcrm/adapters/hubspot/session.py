"""Who asks a HubSpot, and where: makes signed calls, each with its budget, and reads their replies.

A private app's token is put on the call here. With OAuth no token is given: the driver signs (see
`clmcrm.adapters.hubspot.oauth`), and renews what has ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from clmcrm.adapters.hubspot.wire import ORIGIN, VENDOR, result, written
from clmcrm.drivers.budgets import Budget
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import Call, Effect, Flow, Reply

SEARCH: Final = "search"
"""The bucket of searches, which HubSpot counts by themselves."""

_TEN_SECONDS: Final = timedelta(seconds=10)
_SECOND: Final = timedelta(seconds=1)
Pairs = Sequence[tuple[str, str]]


def budgets(calls_per_ten_seconds: int = 100, searches_per_second: int = 5) -> list[Budget]:
    """The rate windows of one account, for the driver's desk.

    100 calls in ten seconds is what the smallest plan allows a private app (others 190 or 250, OAuth apps 110);
    five searches a second hold for the whole account, whatever the plan.
    Source: developers.hubspot.com, "API usage guidelines and limits"; "CRM search, limits".
    """
    return [
        Budget(vendor=VENDOR, size=calls_per_ten_seconds, per=_TEN_SECONDS),
        Budget(vendor=VENDOR, bucket=SEARCH, size=searches_per_second, per=_SECOND),
    ]


class HubSpotSession:
    """Where a HubSpot is and who asks; `token` is a private app's, None when the driver signs.

    Raises `InvalidRecord` for a token that no header can carry; its value is not repeated.

    >>> HubSpotSession(Secret("pat-eu1-0000"))
    HubSpotSession('https://api.hubapi.com')
    """

    def __init__(self, token: Secret | None = None, *, address: str = ORIGIN, timeout: timedelta | None = None) -> None:
        value = "" if token is None else token.reveal()
        if token is not None and (not value.isprintable() or not value.isascii() or not value.strip()):
            raise InvalidRecord("HubSpotSession", "token", "***", "one line of printable ASCII")
        self._address = address.rstrip("/")
        self._timeout = timeout
        self._headers = {
            "accept": "application/json",
            **({} if token is None else {"authorization": f"Bearer {value}"}),
        }
        self._sending = {**self._headers, "content-type": "application/json"}
        self._secrets = () if token is None else (token,)
        self.last_date: str = ""

    def __repr__(self) -> str:
        """Where, and never with what."""
        return f"HubSpotSession({self._address!r})"

    @property
    def origins(self) -> dict[str, str]:
        """The one origin that the transport may talk to."""
        return {VENDOR: self._address}

    def get(self, path: str, query: Pairs = ()) -> Flow[Any]:
        """The JSON at `path`; raises what `clmcrm.adapters.hubspot.wire.result` raises."""
        url = self._address + path + (f"?{urlencode(query)}" if query else "")
        call = Call(
            method="GET", url=url, vendor=VENDOR, headers=self._headers, effect=Effect.NONE, timeout=self._timeout
        )
        return (yield from self._asked(call, plainly=False))

    def post(
        self, path: str, body: Mapping[str, object] | bytes, *, effect: Effect = Effect.NONE, bucket: str = "",
        plainly: bool = False,
    ) -> Flow[Any]:  # fmt: skip
        """The JSON that answers `body`, or a body that is written already; `effect` says what doing it twice would do.

        Raises as `get`.
        """
        call = Call(
            method="POST", url=self._address + path, vendor=VENDOR, headers=self._sending,
            body=body if isinstance(body, bytes) else written(body),
            effect=effect, bucket=bucket, timeout=self._timeout,
        )  # fmt: skip
        return (yield from self._asked(call, plainly=plainly))

    def _asked(self, call: Call, *, plainly: bool) -> Flow[Any]:
        reply: Reply = yield call
        self.last_date = reply.headers.get("date", self.last_date)
        return result(reply, call.where, plainly=plainly, secrets=self._secrets)


def segment(value: str) -> str:
    """A value as one segment of a path.

    >>> segment("../deals")
    '..%2Fdeals'
    """
    return quote(value, safe="")
