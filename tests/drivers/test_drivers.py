"""What both drivers promise of every call: how often it is sent, after how long, and what is told of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budget, Budgets
from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.drivers.retries import Policy, retry_after
from clmcrm.errors import AmbiguousError, InvalidRecord, SyncError, TerminalError, TransientError
from clmcrm.ports.calls import Call, Effect, Flow, Reply, answered, finished, together

OK = Reply(status=200, body=b"{}", headers={"x-request-id": "r-1"})
SECOND = timedelta(seconds=1)


def _call(effect: Effect = Effect.NONE, **given: Any) -> Call:
    facts = {"method": "GET", "url": "https://crm.example/v3/deals?hapikey=secret", "vendor": "crm", **given}
    return Call(effect=effect, **facts)


def _flow(call: Call) -> Flow[int]:
    reply = yield call
    return int(reply.status)


def _busy(after: str | None = None) -> Reply:
    return Reply(status=429, headers={} if after is None else {"retry-after": after})


def test_a_flow_gets_its_reply_and_gives_its_result(network: Any, how: str) -> None:
    assert network([OK]).run(_flow(_call()), how) == 200


@pytest.mark.parametrize(
    ("after", "wait"),
    [
        (None, 0.5), ("7", 7.0), ("0", 0.0), ("-3", 0.0), ("999999999999", 60.0), ("9" * 70, 0.5),
        ("Thu, 07 May 2026 12:00:20 GMT", 20.0), ("Thu, 07 May 2020 12:00:20 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 60.0), ("soon", 0.5), ("1.5", 0.5), ("\u0663", 0.5),
    ],
)  # fmt: skip
def test_a_vendor_that_says_wait_is_waited_for_within_reason(
    network: Any, how: str, after: str | None, wait: float
) -> None:
    net = network([_busy(after), OK])
    assert net.run(_flow(_call(Effect.ONCE)), how) == 200
    assert sum(net.waits) == wait


@pytest.mark.parametrize(
    "said", ["Thu May  7 12:00:20 2026", "Thu, 07 May 2026 12:00:20 -0000", "Thu, 07 May 2026 12:00:20"]
)
def test_a_date_without_a_zone_is_in_utc_whatever_the_machines_own(monkeypatch: Any, said: str) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert retry_after({"retry-after": said}, datetime(2026, 5, 7, 12, tzinfo=UTC)) == 20 * SECOND
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("effect", list(Effect))
def test_too_many_calls_for_too_long_is_transient_whatever_the_call_does(
    network: Any, how: str, effect: Effect
) -> None:
    net = network([_busy()])
    with pytest.raises(TransientError, match=r"GET /v3/deals: too many calls"):
        net.run(_flow(_call(effect)), how)
    assert len(net.sent) == 5
    assert sum(net.waits) == 0.5 + 1 + 2 + 4


@pytest.mark.parametrize("told", [Reply(status=503), AmbiguousError("crm", "no reply")])
@pytest.mark.parametrize(
    ("effect", "sends", "error"),
    [(Effect.NONE, 5, TransientError), (Effect.KEYED, 5, AmbiguousError), (Effect.ONCE, 1, AmbiguousError)],
)
def test_what_may_have_happened_is_sent_again_only_where_that_is_harmless(
    network: Any, how: str, told: Any, *, effect: Effect, sends: int, error: type[Exception]
) -> None:
    net = network([told])
    with pytest.raises(error):
        net.run(_flow(_call(effect)), how)
    assert len(net.sent) == sends


def test_what_certainly_did_not_arrive_is_sent_again_also_when_it_writes(network: Any, how: str) -> None:
    net = network([TransientError("crm", "connection refused"), OK])
    assert net.run(_flow(_call(Effect.ONCE)), how) == 200
    assert len(net.sent) == 2


@pytest.mark.parametrize("status", [200, 207, 400, 403, 404, 409, 412, 422, 501])
def test_other_statuses_are_the_adapters_to_read(network: Any, how: str, status: int) -> None:
    net = network([Reply(status=status)])
    assert net.run(_flow(_call()), how) == status
    assert len(net.sent) == 1


def test_all_waits_of_a_call_stay_within_its_patience(network: Any, how: str) -> None:
    net = network([_busy("50")])
    with pytest.raises(TransientError):
        net.run(_flow(_call()), how, policy=Policy(tries=50, patience=timedelta(seconds=120)))
    assert sum(net.waits) == 100


def test_every_call_has_a_timeout_and_no_call_has_for_ever(network: Any, how: str) -> None:
    net = network([OK])
    net.run(_flow(_call()), how)
    net.run(_flow(_call(timeout=7 * SECOND)), how)
    net.run(_flow(_call(timeout=timedelta(days=9))), how)
    assert [timeout.total_seconds() for _, timeout in net.sent] == [30, 7, 300]
    with pytest.raises(InvalidRecord, match="no call waits for ever"):
        net.run(_flow(_call(timeout=timedelta(0))), how)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tries": 0}, {"timeout": timedelta(0)}, {"timeout": timedelta(days=1)},
        {"first_wait": -SECOND}, {"patience": -SECOND}, {"longest_wait": -SECOND},
    ],
)  # fmt: skip
def test_a_policy_that_would_never_send_or_never_end_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecord, match="Policy"):
        _ = Policy(**wrong)


def test_a_flow_may_treat_a_failure_and_go_on(network: Any, how: str) -> None:
    def careful() -> Flow[str]:
        try:
            _ = yield _call(Effect.ONCE)
        except AmbiguousError:
            reply = yield _call()
            return f"looked up: {reply.status}"
        return "done"

    assert network([AmbiguousError("crm", "no reply"), OK]).run(careful(), how) == "looked up: 200"


def test_flows_go_side_by_side_and_answer_in_order(network: Any, how: str) -> None:
    def one(n: int) -> Flow[int]:
        reply = yield _call(url=f"https://crm.example/{n}")
        return n * int(reply.status)

    def all_() -> Flow[tuple[int, ...]]:
        inner = yield from together([one(1), one(2)])
        outer = yield from together([one(3), answered(5), one(4)])
        return (*inner, *outer)

    assert network([OK]).run(all_(), how) == (200, 400, 600, 5, 800)
    assert finished(together([answered(n) for n in range(3)])) == (0, 1, 2)
    assert finished(together([])) == ()


def test_a_failure_among_flows_is_raised_once_all_have_had_their_turn(network: Any, how: str) -> None:
    def one(n: int) -> Flow[int]:
        reply = yield _call(url=f"https://crm.example/{n}")
        if n == 1:
            raise TerminalError("crm", "no")
        return int(reply.status)

    net = network([OK])
    with pytest.raises(TerminalError):
        net.run(together([one(1), one(2), one(3)]), how)
    assert len(net.sent) == 3


def test_a_flow_that_needs_a_network_says_so_when_there_is_none() -> None:
    with pytest.raises(SyncError, match=r"crm: GET /v3/deals needs a transport"):
        _ = finished(_flow(_call()))


def test_every_attempt_is_told_and_nothing_secret_with_it(network: Any, how: str) -> None:
    net = network([_busy("2"), OK])
    call = _call(headers={"Authorization": "Bearer secret"}, body=b"secret")
    net.run(_flow(call), how)
    first, second = net.traced
    assert (first.status, first.waits, second.status, second.request_id) == (429, 2 * SECOND, 200, "r-1")
    assert [attempt.where for attempt in net.traced] == ["GET /v3/deals"] * 2
    assert "secret" not in f"{net.traced!r} {call!r}"


def test_a_hook_that_raises_disturbs_nothing(network: Any, how: str) -> None:
    net = network([OK])

    def hook(_: object) -> None:
        raise ZeroDivisionError

    desk = Desk(clock=net.clock, hooks=(hook, net.traced.append))
    assert net.run(_flow(_call()), how, hooks=(hook, net.traced.append)) == 200
    assert len(net.traced) == 1
    assert Driver(SimpleNamespace(send=net.answer), desk, sleep=net.sleep).run(_flow(_call())) == 200
    assert desk.ignored == {"ZeroDivisionError": 1}


def test_once_stopped_nothing_more_is_sent(network: Any, how: str) -> None:
    net = network([OK])

    def two() -> Flow[int]:
        _ = yield _call()
        reply = yield _call()
        return int(reply.status)

    with pytest.raises(TransientError, match="stopped before it was sent"):
        net.run(two(), how, stop=lambda: len(net.sent) > 0)
    assert len(net.sent) == 1


def test_a_budget_is_shared_by_all_calls_of_its_bucket(network: Any, how: str) -> None:
    net = network([OK])
    budgets = Budgets([Budget(vendor="crm", size=2, per=10 * SECOND)])
    for _ in range(5):
        net.run(_flow(_call()), how, budgets=budgets)
    net.run(_flow(_call(bucket="search")), how, budgets=budgets)
    assert net.waits == [10.0, 10.0]


def test_a_vendor_that_says_wait_holds_back_its_whole_bucket(network: Any, how: str) -> None:
    net = network([_busy("30"), OK])
    budgets = Budgets()
    with pytest.raises(TransientError):
        net.run(_flow(_call()), how, budgets=budgets, policy=Policy(tries=1))
    net.run(_flow(_call()), how, budgets=budgets)
    net.run(_flow(_call(bucket="other")), how, budgets=budgets)
    assert net.waits == [30.0]


def test_a_cancelled_flow_is_closed_and_its_cleaning_up_is_done(network: Any) -> None:
    cleaned: list[str] = []

    def flow() -> Generator[Any, Any, None]:
        try:
            _ = yield _call()
        finally:
            cleaned.append("closed")

    async def never(*_: object) -> Reply:
        await asyncio.sleep(3600)
        return OK

    async def whole() -> None:
        driver = AsyncDriver(SimpleNamespace(send=never), network([OK]).desk(), sleep=asyncio.sleep)
        task = asyncio.ensure_future(driver.run(flow()))
        await asyncio.sleep(0)
        _ = task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(whole())
    assert cleaned == ["closed"]


def test_no_more_calls_are_in_flight_than_allowed(network: Any) -> None:
    net, most, now = network([OK]), 0, 0
    started = Event()

    def send(call: Call, timeout: timedelta) -> Reply:
        nonlocal most, now
        now += 1
        most = max(most, now)
        _ = started.wait(0.002)
        now -= 1
        return OK

    driver = Driver(SimpleNamespace(send=send), net.desk(), sleep=net.sleep, at_once=3)
    assert driver.run(together([_flow(_call()) for _ in range(12)])) == (200,) * 12
    assert 1 < most <= 3
    alone = Driver(SimpleNamespace(send=send), net.desk(), sleep=net.sleep, at_once=1)
    assert alone.run(together([_flow(_call()) for _ in range(3)])) == (200,) * 3
