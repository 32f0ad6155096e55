"""Who asks a Pipedrive, and where: makes signed calls, each with its budget, and reads their replies.

A user's own API token is put on the call here. With OAuth no token is given: the driver signs, and renews what has
ended (`clmcrm.adapters.pipedrive.oauth`). Calls are counted in tokens beside, as Pipedrive counts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from clmcrm.adapters.pipedrive.wire import ORIGIN, VENDOR, result, written
from clmcrm.drivers.budgets import Budget
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import Call, Effect, Flow, Reply

SEARCH: Final = "search"
"""The bucket of searches, which Pipedrive counts by themselves."""

LIST: Final = 10
ONE: Final = 1
WRITE: Final = 5
REMOVAL: Final = 3
SEARCHING: Final = 20
LONG_LIST: Final = 20
SHORT_LIST: Final = 5
WHO: Final = 2
"""Tokens that a call takes from the company's budget of the day.

Source: developers.pipedrive.com, API reference, "Cost" of each endpoint, version 2; in version 1 a list and a
changelog cost 20, and a single record 2.
"""

LEFT: Final = "x-daily-ratelimit-token-remaining"
"""The header that tells how many tokens are left today; it is not always there."""

_TWO_SECONDS: Final = timedelta(seconds=2)
Pairs = Sequence[tuple[str, str]]


def budgets(calls_per_two_seconds: int = 20, searches_per_two_seconds: int = 10) -> list[Budget]:
    """The rate windows of one user, for the driver's desk.

    20 requests in two seconds is what the smallest plan allows an API token (others 40, 100 or 120; OAuth four times
    as many); ten searches in two seconds hold for every plan. The budget of the day is Pipedrive's to keep: when it is
    used up, every call is answered by 429 until midnight.
    Source: pipedrive.readme.io, "Rate limiting".
    """
    return [
        Budget(vendor=VENDOR, size=calls_per_two_seconds, per=_TWO_SECONDS),
        Budget(vendor=VENDOR, bucket=SEARCH, size=searches_per_two_seconds, per=_TWO_SECONDS),
    ]


class PipedriveSession:
    """Where a Pipedrive is and who asks; `token` is a user's API token, None when the driver signs.

    `spent` counts the tokens that the calls made so far take, `left` is what Pipedrive last told of those left today
    (None: it has not). Raises `InvalidRecord` for a token that no header can carry; its value is not repeated.

    >>> PipedriveSession(Secret("c0ffee"), address="https://durand.pipedrive.com/")
    PipedriveSession('https://durand.pipedrive.com')
    """

    def __init__(self, token: Secret | None = None, *, address: str = ORIGIN, timeout: timedelta | None = None) -> None:
        self._address = address.rstrip("/")
        self._secrets = () if token is None else (token,)
        self._timeout = timeout
        self.last_date = ""
        self.spent = 0
        self.left: int | None = None
        headers = {"Accept": "application/json"}
        if token is not None:
            value = token.reveal()
            if not value.isprintable() or not value.isascii() or not value.strip():
                raise InvalidRecord("PipedriveSession", "token", "***", "one line of printable ASCII")
            headers["x-api-token"] = value
        self._headers: Mapping[str, str] = headers
        self._sending: Mapping[str, str] = {**headers, "Content-Type": "application/json"}

    def __repr__(self) -> str:
        """Where it asks, never who."""
        return f"PipedriveSession({self._address!r})"

    @property
    def origins(self) -> dict[str, str]:
        """The one origin that the transport may talk to."""
        return {VENDOR: self._address}

    def get(self, path: str, query: Pairs = (), *, tokens: int, bucket: str = "") -> Flow[Mapping[str, Any]]:
        """The envelope at `path`; raises what `clmcrm.adapters.pipedrive.wire.result` raises."""
        url = self._address + path + (f"?{urlencode(query)}" if query else "")
        call = Call(
            method="GET", url=url, vendor=VENDOR, headers=self._headers, bucket=bucket, effect=Effect.NONE,
            timeout=self._timeout,
        )  # fmt: skip
        return (yield from self._asked(call, tokens))

    def send(
        self, method: str, path: str, body: Mapping[str, object], *, tokens: int = WRITE, effect: Effect = Effect.ONCE
    ) -> Flow[Mapping[str, Any]]:
        """The envelope that answers `body`; `effect` says what doing it twice would do. Raises as `get`."""
        call = Call(
            method=method, url=self._address + path, vendor=VENDOR, headers=self._sending, body=written(body),
            effect=effect, timeout=self._timeout,
        )  # fmt: skip
        return (yield from self._asked(call, tokens))

    def delete(self, path: str) -> Flow[Mapping[str, Any]]:
        """The envelope that answers a removal, which does nothing more a second time. Raises as `get`."""
        call = Call(
            method="DELETE", url=self._address + path, vendor=VENDOR, headers=self._headers, effect=Effect.KEYED,
            timeout=self._timeout,
        )  # fmt: skip
        return (yield from self._asked(call, REMOVAL))

    def _asked(self, call: Call, tokens: int) -> Flow[Mapping[str, Any]]:
        reply: Reply = yield call
        self.spent += tokens
        self.last_date = reply.headers.get("date", self.last_date)
        told = reply.headers.get(LEFT, "")
        if told.isascii() and told.isdigit():
            self.left = int(told)
        return result(reply, call.where, self._secrets)
