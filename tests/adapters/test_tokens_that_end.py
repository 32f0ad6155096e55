"""However long a vendor says that a token holds: a token with an end, one without, or a typed error; never a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.adapters.docusign.grant import RefreshGrant
from clmcrm.adapters.hubspot import oauth as hubspot
from clmcrm.adapters.ironclad import oauth as ironclad
from clmcrm.adapters.pipedrive import oauth as pipedrive
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import MemoryTokenShelf, Token
from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Flow, Reply

NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
OLD = Token(access=Secret("old"), refresh=Secret("spent"))


def clock() -> datetime:
    return NOW


NAMED: dict[str, Any] = {"client_id": "c", "client_secret": Secret("s"), "clock": clock}
SHELF = MemoryTokenShelf(OLD)
RENEWING: dict[str, Callable[[Token], Flow[Token]]] = {
    "docusign": RefreshGrant(client="c", secret=Secret("s"), clock=clock).renew,
    "hubspot": hubspot.authority(SHELF, **NAMED).renew,
    "pipedrive": pipedrive.authority(SHELF, **NAMED).renew,
    "ironclad": ironclad.authority(**NAMED, scopes=["public.records.readRecords"]).renew,
}
LIVES = st.integers() | st.booleans() | st.none() | st.text(max_size=9) | st.floats(0, 9000)


def renewed(vendor: str, seconds: Any) -> Token:
    flow: Any = RENEWING[vendor](OLD)
    _ = next(flow)
    told = {"access_token": "new", "refresh_token": "next", "token_type": "Bearer", "expires_in": seconds}
    try:
        _ = flow.send(Reply(status=200, headers={"content-type": "application/json"}, body=json.dumps(told).encode()))
    except StopIteration as end:
        token: Token = end.value
        return token
    raise AssertionError("it asked once more")


@pytest.mark.parametrize("vendor", RENEWING)
@given(LIVES)
@example(10**30)
@example(10**17)
@example(-(10**11))
@example(True)
def test_any_length_of_a_tokens_life_is_an_end_or_none_or_a_typed_error(vendor: str, seconds: Any) -> None:
    try:
        token = renewed(vendor, seconds)
    except MalformedReply:
        return
    assert token.access.reveal() == "new"
    assert token.expires_at is None or token.expires_at.tzinfo is not None
    assert seconds is not True or token.expires_at is None


@pytest.mark.parametrize("vendor", RENEWING)
def test_an_hour_is_an_hour(vendor: str) -> None:
    assert renewed(vendor, 3600).expires_at == NOW + timedelta(hours=1)
