"""From one call to its reply: budget, token, timeout, retry, trace. Sans-IO: it asks for sends and pauses.

What may be sent again is decided here and nowhere else. A call that certainly did not arrive may always
be; one of unknown outcome only when a second time does nothing more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar, cast

from attrs import Factory, field, frozen

from clmcrm.drivers.budgets import NO_WAIT, Budgets
from clmcrm.drivers.retries import Policy, retry_after
from clmcrm.drivers.tokens import Authority, Pause, Token
from clmcrm.drivers.tracing import Attempt, Hook
from clmcrm.errors import AdapterError, AmbiguousError, TerminalError, TransientError
from clmcrm.ports.calls import Ask, Call, Effect, Flow, Reply, Several

T = TypeVar("T")

TOO_MANY: Final = 429
UNAUTHORISED: Final = 401
IN_DOUBT: Final = frozenset({408, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses after which nobody knows whether the call was carried out."""


@frozen(kw_only=True)
class Send:
    """Ask the driver to send this call within this time."""

    call: Call
    timeout: timedelta


Doing: TypeAlias = "Send | Pause | Several"
"""What a driver is asked to do."""

Steadied: TypeAlias = Generator[Doing, Any, T]

NO_AUTHORITIES: Final[Mapping[str, Authority]] = {}


@frozen(kw_only=True)
class Desk:
    """What all calls have in common: clock, policy, budgets, tokens by vendor, hooks.

    `stop` is asked before everything that is sent: when it says True nothing more is, and the flow is told
    by a `TransientError`. `ignored` counts what hooks raised, by kind.
    """

    clock: Callable[[], datetime]
    policy: Policy = Factory(Policy)
    budgets: Budgets = Factory(Budgets)
    authorities: Mapping[str, Authority] = NO_AUTHORITIES
    hooks: tuple[Hook, ...] = ()
    stop: Callable[[], bool] | None = None
    ignored: Counter[str] = field(factory=Counter[str], init=False, eq=False)

    def tell(self, attempt: Attempt) -> None:
        """Tell every hook; none of them can disturb the work."""
        for hook in self.hooks:
            try:
                hook(attempt)
            except Exception as error:  # noqa: BLE001 - a hook looks on, it has no say
                self.ignored[type(error).__name__] += 1


def steadied(flow: Flow[T], desk: Desk) -> Steadied[T]:
    """The same flow, asking for sends and pauses instead of calls."""
    reply: Any = None
    failure: Exception | None = None
    try:
        while True:
            ask: Ask = flow.send(reply) if failure is None else flow.throw(failure)
            reply, failure = None, None
            try:
                reply = (yield ask) if isinstance(ask, Several) else (yield from attempts(ask, desk))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the flow's own to treat
                failure = error
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        flow.close()


def attempts(call: Call, desk: Desk) -> Steadied[Reply]:
    """The reply to a call, whatever its status below 500 except 401 and 429, after as many tries as it takes.

    A higher status comes back too where the call says that its vendor explains it.

    Raises `TransientError` when it was certainly not carried out, `AmbiguousError` when that is not known,
    and `TerminalError` when the vendor does not accept a token that was just renewed and is still the newest.
    """
    waited, number, renewed = NO_WAIT, 0, False
    while True:
        number += 1
        yield from _admitted(call, desk)
        authority = desk.authorities.get(call.vendor)
        token = None if authority is None else authority.shelf.read()
        signed = call if authority is None or token is None else authority.sign(call, token)
        began = desk.clock()
        tried = yield from _tried(signed, call, desk)
        if isinstance(tried, Reply) and tried.status == UNAUTHORISED and authority and token:
            _tell(desk, call, tried, number=number, began=began, wait=None)
            if renewed and not (number < desk.policy.tries and _replaced(authority, token)):
                raise TerminalError(call.vendor, f"{call.where}: the renewed token is refused", tried.request_id)
            _ = yield from _renewed(authority, token, desk)
            renewed = True
            continue
        problem = _problem(call, tried)
        wait = None if problem is None else _wait(call, desk, number, waited, tried)
        _tell(desk, call, tried, number=number, began=began, wait=wait)
        if problem is None:
            return cast("Reply", tried)
        if wait is None or not _again(call, problem):
            raise problem
        waited += wait
        yield Pause(wait)


def _admitted(call: Call, desk: Desk) -> Steadied[None]:
    wait = desk.budgets.claim(call, desk.clock())
    if wait > NO_WAIT:
        yield Pause(wait)
    if desk.stop is not None and desk.stop():
        raise TransientError(call.vendor, f"{call.where}: stopped before it was sent")


def _tried(signed: Call, call: Call, desk: Desk) -> Steadied[Reply | AdapterError]:
    """The reply to one send, or what the transport says went wrong."""
    try:
        return cast("Reply", (yield Send(call=signed, timeout=desk.policy.timeout_of(call))))
    except AdapterError as error:
        return error


def _problem(call: Call, tried: Reply | AdapterError) -> AdapterError | None:
    """What is wrong with an attempt; None when its reply is the adapter's to read."""
    if isinstance(tried, AdapterError):
        unknown = isinstance(tried, AmbiguousError) and call.effect is Effect.NONE
        return TransientError(tried.vendor, tried.what, tried.request_id) if unknown else tried
    if tried.status == TOO_MANY:
        return TransientError(call.vendor, f"{call.where}: too many calls", tried.request_id)
    if tried.status not in IN_DOUBT or tried.status in call.explained:
        return None
    kind = TransientError if call.effect is Effect.NONE else AmbiguousError
    return kind(call.vendor, f"{call.where}: status {tried.status}", tried.request_id)


def _again(call: Call, problem: AdapterError) -> bool:
    if isinstance(problem, TransientError):
        return True
    return isinstance(problem, AmbiguousError) and call.effect is not Effect.ONCE


def _wait(call: Call, desk: Desk, number: int, waited: timedelta, tried: Reply | AdapterError) -> timedelta | None:
    """How long to wait before the next try; None when there is none."""
    now = desk.clock()
    asked = retry_after(tried.headers, now) if isinstance(tried, Reply) else None
    wait = desk.policy.wait(number, asked)
    if isinstance(tried, Reply) and tried.status == TOO_MANY:
        desk.budgets.close_until(call, now + wait, now)
    return None if number >= desk.policy.tries or waited + wait > desk.policy.patience else wait


def _replaced(authority: Authority, token: Token) -> bool:
    """Whether another worker has put a newer token in the place of this one since."""
    return authority.shelf.read().generation != token.generation


def _renewed(authority: Authority, token: Token, desk: Desk) -> Steadied[Token]:
    """Run a renewal; its own call is tried and traced as any other, without a token."""
    bare = Desk(clock=desk.clock, policy=desk.policy, budgets=desk.budgets, hooks=desk.hooks, stop=desk.stop)
    renewal = authority.renewed(token, desk.clock)
    reply: Any = None
    failure: Exception | None = None
    try:
        while True:
            ask = renewal.send(reply) if failure is None else renewal.throw(failure)
            reply, failure = None, None
            try:
                reply = (yield from attempts(ask, bare)) if isinstance(ask, Call) else (yield ask)
            except Exception as error:  # noqa: BLE001 - it is the renewal's own to treat
                failure = error
    except StopIteration as end:
        return cast("Token", end.value)
    finally:
        renewal.close()


def _tell(
    desk: Desk, call: Call, tried: Reply | AdapterError, *, number: int, began: datetime, wait: timedelta | None
) -> None:
    if not desk.hooks:
        return
    reply = tried if isinstance(tried, Reply) else None
    desk.tell(
        Attempt(
            vendor=call.vendor,
            where=call.where,
            number=number,
            at=began,
            took=max(desk.clock() - began, NO_WAIT),
            status=reply.status if reply else None,
            request_id=reply.request_id if reply else None,
            waits=wait,
            error="" if reply else type(tried).__name__,
        )
    )
