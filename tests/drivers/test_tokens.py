"""One refresh for any number of workers, and no refresh token is ever used twice."""

from __future__ import annotations

import asyncio
import json
import pickle
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from clmcrm.drivers.attempts import Desk, Send, steadied
from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.errors import RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

WORKERS = 30


class Vendor:
    """Knows one valid access token; a refresh token that is used twice ends the permission."""

    def __init__(self) -> None:
        self.access, self.refresh = "access-0", "refresh-0"
        self.refreshes = self.grants_refused = 0
        self.lock = Lock()

    def answer(self, call: Call) -> Reply:
        with self.lock:
            if call.url.endswith("/token"):
                if call.body != self.refresh.encode():
                    self.grants_refused += 1
                    return Reply(status=400, body=b"invalid_grant")
                self.refreshes += 1
                self.access, self.refresh = f"access-{self.refreshes}", f"refresh-{self.refreshes}"
                return Reply(status=200, body=f"{self.access} {self.refresh}".encode())
            good = call.headers.get("Authorization") == f"Bearer {self.access}"
            return Reply(status=200 if good else 401)

    def revoke(self) -> None:
        self.access = "another"


def _renew(token: Token) -> Flow[Token]:
    spent = token.refresh.reveal().encode() if token.refresh else b""
    call = Call(method="POST", url="https://crm.example/token", vendor="crm", body=spent, effect=Effect.ONCE)
    reply = yield call
    if reply.status != 200:
        raise RefusedError("crm", "the refresh token is refused", status=reply.status)
    access, refresh = reply.body.decode().split()
    return Token(access=Secret(access), refresh=Secret(refresh))


def _shelf() -> MemoryTokenShelf:
    return MemoryTokenShelf(Token(access=Secret("access-0"), refresh=Secret("refresh-0")))


def _desk(shelf: MemoryTokenShelf, **options: Any) -> Desk:
    authority = Authority(vendor="crm", shelf=shelf, renew=_renew)
    return Desk(clock=lambda: datetime.now(UTC), authorities={"crm": authority}, **options)


def _flow() -> Flow[int]:
    reply = yield Call(method="GET", url="https://crm.example/deals", vendor="crm", effect=Effect.NONE)
    return int(reply.status)


@pytest.mark.parametrize("rounds", [1, 3])
def test_thirty_threads_refresh_once(rounds: int) -> None:
    vendor, shelf, barrier = Vendor(), _shelf(), Barrier(WORKERS)

    def send(call: Call, timeout: timedelta) -> Reply:
        time.sleep(0.002)
        return vendor.answer(call)

    def work(_: int) -> int:
        _ = barrier.wait()
        return Driver(SimpleNamespace(send=send), _desk(shelf), sleep=time.sleep).run(_flow())

    for number in range(rounds):
        vendor.revoke()
        with ThreadPoolExecutor(WORKERS) as pool:
            assert set(pool.map(work, range(WORKERS))) == {200}
        assert (vendor.refreshes, vendor.grants_refused) == (number + 1, 0)


def test_thirty_tasks_refresh_once() -> None:
    vendor, shelf = Vendor(), _shelf()
    vendor.revoke()

    async def send(call: Call, within: timedelta) -> Reply:
        await asyncio.sleep(0.001)
        return vendor.answer(call)

    async def whole() -> list[int]:
        driver = AsyncDriver(SimpleNamespace(send=send), _desk(shelf), sleep=asyncio.sleep, at_once=WORKERS)
        return await asyncio.gather(*(driver.run(_flow()) for _ in range(WORKERS)))

    assert set(asyncio.run(whole())) == {200}
    assert (vendor.refreshes, vendor.grants_refused) == (1, 0)


def test_a_refusal_is_believed_only_when_nobody_has_a_newer_token(network: Any, how: str) -> None:
    vendor, shelf = Vendor(), _shelf()
    vendor.revoke()

    def answer(call: Call) -> Reply:
        if call.url.endswith("/token"):  # another process, with a claim of its own, was faster
            _ = vendor.answer(call)
            fresh = Token(access=Secret("access-1"), refresh=Secret("refresh-1"), generation=1)
            _ = shelf.replace(fresh, 0)
            return Reply(status=400, body=b"invalid_grant")
        return vendor.answer(call)

    desk = _desk(shelf)
    assert network(answer).run(_flow(), how, authorities=desk.authorities) == 200


def test_a_refused_refresh_is_an_error_and_the_next_worker_may_try(network: Any, how: str) -> None:
    vendor, shelf = Vendor(), _shelf()
    vendor.revoke()
    vendor.refresh = "another"
    desk = _desk(shelf)
    for _ in range(2):
        net = network(vendor.answer)
        with pytest.raises(RefusedError, match="refresh token is refused"):
            net.run(_flow(), how, authorities=desk.authorities)
        assert net.waits == []
    assert vendor.grants_refused == 2


def test_a_token_refused_right_after_its_renewal_is_terminal(network: Any, how: str) -> None:
    vendor, shelf = Vendor(), _shelf()

    def answer(call: Call) -> Reply:
        return vendor.answer(call) if call.url.endswith("/token") else Reply(status=401)

    with pytest.raises(TerminalError, match="renewed token is refused"):
        network(answer).run(_flow(), how, authorities=_desk(shelf).authorities)
    assert vendor.refreshes == 1


def test_a_refresh_that_never_ends_is_not_waited_for_for_ever(network: Any, how: str) -> None:
    net, shelf = network([Reply(status=401)]), _shelf()
    assert shelf.claim(0, net.now, net.now + timedelta(hours=9))
    with pytest.raises(TransientError, match="does not end"):
        net.run(_flow(), how, authorities=_desk(shelf).authorities)
    assert sum(net.waits) < 200


def test_a_claim_whose_holder_died_lapses(network: Any, how: str) -> None:
    vendor = Vendor()
    net, shelf = network(vendor.answer), _shelf()
    vendor.revoke()
    assert shelf.claim(0, net.now, net.now + timedelta(seconds=60))
    assert net.run(_flow(), how, authorities=_desk(shelf).authorities) == 200
    assert vendor.refreshes == 1


def test_a_renewal_that_fails_otherwise_gives_its_claim_back(network: Any, how: str) -> None:
    def renew(token: Token) -> Flow[Token]:
        _ = yield Call(method="POST", url="https://crm.example/token", vendor="crm", effect=Effect.ONCE)
        raise KeyError("access_token")

    shelf = _shelf()
    authority = Authority(vendor="crm", shelf=shelf, renew=renew)
    for _ in range(2):
        net = network(lambda call: Reply(status=200 if call.url.endswith("/token") else 401))
        with pytest.raises(KeyError, match="access_token"):
            net.run(_flow(), how, authorities={"crm": authority})
        assert net.waits == []


def test_a_renewal_that_is_given_up_half_way_gives_its_claim_back() -> None:
    shelf, now = _shelf(), datetime.now(UTC)
    flow = steadied(_flow(), _desk(shelf))
    _ = next(flow)
    renewal = flow.send(Reply(status=401))
    assert isinstance(renewal, Send)
    assert renewal.call.url.endswith("/token")
    flow.close()
    assert shelf.claim(0, now, now + timedelta(seconds=60))


def _rotating(vendor: Vendor, shelf: MemoryTokenShelf, most: int) -> Callable[[Call], Reply]:
    """The vendor's answers, where another worker rotates every renewed token before it is used, `most` times."""

    def answer(call: Call) -> Reply:
        newest = shelf.read()
        if newest.generation in range(1, most + 1) and not call.url.endswith("/token"):
            vendor.access = f"access-{newest.generation + 1}"
            fresh = Token(access=Secret(vendor.access), generation=newest.generation + 1)
            assert shelf.replace(fresh, newest.generation)
        return vendor.answer(call)

    return answer


def test_a_renewed_token_that_was_rotated_again_is_no_end(network: Any, how: str) -> None:
    vendor, shelf = Vendor(), _shelf()
    vendor.revoke()
    net = network(_rotating(vendor, shelf, 2))
    assert net.run(_flow(), how, authorities=_desk(shelf).authorities) == 200
    assert (vendor.refreshes, net.waits) == (1, [])


def test_tokens_that_are_rotated_for_ever_are_not_followed_for_ever(network: Any, how: str) -> None:
    vendor, shelf = Vendor(), _shelf()
    vendor.revoke()
    net = network(_rotating(vendor, shelf, 99))
    with pytest.raises(TerminalError, match="renewed token is refused"):
        net.run(_flow(), how, authorities=_desk(shelf).authorities)
    assert len(net.sent) == 5 + 1


def test_a_slow_refresh_does_not_replace_a_newer_token() -> None:
    shelf = _shelf()
    assert shelf.replace(Token(access=Secret("new"), generation=1), 0)
    assert not shelf.replace(Token(access=Secret("old"), generation=1), 0)
    assert shelf.read().access.reveal() == "new"
    assert not shelf.claim(0, datetime.now(UTC), datetime.now(UTC))


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("canary-7f3a")
    token = Token(access=secret, refresh=secret)
    shown = f"{secret} {secret!r} {token} {token!r} {[secret]} {RefusedError('crm', str(token))}"
    assert "canary" not in shown
    with pytest.raises(TypeError, match="not written down"):
        _ = pickle.dumps(secret)
    assert hidden("a canary-7f3a b", [secret]) == "a *** b"
    assert hidden("abc", [Secret("b")]) == "abc"
    assert secret == Secret("canary-7f3a")
    assert hash(secret) == hash(Secret("canary-7f3a"))


@pytest.mark.parametrize("secret", ['ca"nary\\7', "canary+/=", "canary é\n7", "canary%7"])
@pytest.mark.parametrize(
    "spell",
    [str, quote_plus, lambda s: quote(s, safe=""), json.dumps, lambda s: json.dumps({s: 1}, ensure_ascii=False)],
)
def test_a_secret_is_hidden_as_json_and_addresses_spell_it(secret: str, spell: Callable[[str], str]) -> None:
    shown = hidden(f"refused: {spell(secret)}", [Secret(secret)])
    assert "***" in shown
    assert "nary" not in shown
