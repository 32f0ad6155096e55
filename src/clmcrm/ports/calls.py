"""What an adapter asks the network for, as values: a `Call` goes out, a `Reply` comes back, no socket in between.

An adapter's method may be a generator (a flow): it yields calls, receives replies and returns its result.
Retries, budgets, timeouts and tracing are the driver's work, once for all adapters; a method that needs no
network simply returns its result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast, runtime_checkable

from attrs import field, frozen

from clmcrm.errors import SyncError
from clmcrm.values.validators import count, instance, maybe, member, text

T = TypeVar("T")
U = TypeVar("U")

DEFAULT_TIMEOUT: Final = timedelta(seconds=30)
"""How long a call may take unless it says otherwise."""

NO_HEADERS: Final[Mapping[str, str]] = {}
REQUEST_IDS: Final = (
    "x-request-id",
    "request-id",
    "x-hubspot-correlation-id",
    "x-docusign-tracetoken",
    "x-ms-request-id",
)


class Effect(StrEnum):
    """What a call does when it is carried out a second time: it decides what may be sent again."""

    NONE = "none"
    """It only reads: it may always be sent again."""
    KEYED = "keyed"
    """It writes under an idempotency key that the vendor honours: sent again it does nothing more."""
    ONCE = "once"
    """It writes: it is sent again only when it certainly did not arrive."""


@frozen(kw_only=True)
class Call:
    """One request to a vendor.

    `vendor` and `bucket` name the budget it draws on, `cost` how much. `timeout` None means the driver's
    own, never none. `explained` are statuses that usually leave it open whether the call was carried out, and
    that this vendor explains in the body: their replies are the adapter's to read.
    """

    method: str = field(validator=text)
    url: str = field(validator=text, repr=False)
    vendor: str = field(validator=text)
    headers: Mapping[str, str] = field(default=NO_HEADERS, repr=False)
    body: bytes | None = field(default=None, validator=maybe(instance(bytes)), repr=False)
    bucket: str = ""
    cost: int = field(default=1, validator=count)
    effect: Effect = field(default=Effect.ONCE, validator=member(Effect))
    timeout: timedelta | None = field(default=None, validator=maybe(instance(timedelta)))
    explained: frozenset[int] = frozenset()

    @property
    def where(self) -> str:
        """Method and path, without what follows a question mark: safe to write down.

        >>> Call(method="GET", url="https://crm.example/v3/deals?hapikey=secret", vendor="crm").where
        'GET /v3/deals'
        """
        path = self.url.partition("?")[0].partition("#")[0]
        _, found, rest = path.partition("://")
        return f"{self.method} /{rest.partition('/')[2] if found else path.lstrip('/')}"


@frozen(kw_only=True)
class Reply:
    """What came back: the `status`, the `headers` by lower-case name, and the whole `body`."""

    status: int = field(validator=count)
    headers: Mapping[str, str] = field(default=NO_HEADERS, repr=False)
    body: bytes = field(default=b"", validator=instance(bytes), repr=False)

    @property
    def request_id(self) -> str | None:
        """The vendor's name for the request, for its support; None when it gave none."""
        return next((self.headers[name] for name in REQUEST_IDS if name in self.headers), None)


@frozen
class Several:
    """Flows to be run together; the reply is the tuple of their results, in order.

    When some fail, the others are waited for, and then the first failure is raised.
    """

    flows: tuple[Generator[Any, Any, Any], ...]


Ask: TypeAlias = "Call | Several"
"""What a flow may yield."""

Flow: TypeAlias = Generator[Ask, Any, T]
"""A method that yields asks, receives a `Reply` for each `Call`, and returns a `T`."""

Answer: TypeAlias = "T | Flow[T]"
"""A result, or the flow that leads to it: a port's method may return either."""


@runtime_checkable
class Transport(Protocol):
    """Sends one call and returns what came back, whatever its status; the caller's own.

    Raises `TransientError` when the call certainly did not reach the vendor and `AmbiguousError` when it
    may have.
    """

    def send(self, call: Call, within: timedelta) -> Reply:
        """The reply; `within` bounds the whole exchange."""
        ...


@runtime_checkable
class AsyncTransport(Protocol):
    """The same as `Transport`, awaited."""

    def send(self, call: Call, within: timedelta) -> Awaitable[Reply]:
        """The reply; `within` bounds the whole exchange."""
        ...


def answered(answer: Answer[T]) -> Flow[T]:
    """The flow of an answer, which may be the result already.

    A flow follows it with `page = yield from answered(system.changes(kind, cursor))`.
    """
    if isinstance(answer, Generator):
        return (yield from cast("Flow[T]", answer))
    return answer


def then(answer: Answer[T], follow: Callable[[T], Answer[U]]) -> Answer[U]:
    """What `follow` makes of an answer: at once when it is there already, else as a flow.

    >>> then(2, lambda n: n + 1)
    3
    """
    if isinstance(answer, Generator):
        return _followed(cast("Flow[T]", answer), follow)
    return follow(answer)


def _followed(flow: Flow[T], follow: Callable[[T], Answer[U]]) -> Flow[U]:
    result = yield from flow
    return (yield from answered(follow(result)))


def together(flows: Sequence[Flow[T]]) -> Flow[tuple[T, ...]]:
    """Run flows side by side; the results in order. One alone is simply followed."""
    if len(flows) == 1:
        return ((yield from flows[0]),)
    return cast("tuple[T, ...]", (yield Several(tuple(flows)))) if flows else ()


def finished(flow: Flow[T]) -> T:
    """The result of a flow that needs no network; raises `SyncError` when it asks for a call.

    >>> def three() -> Flow[int]:
    ...     one, two = yield from together([answered(1), answered(2)])
    ...     return one + two
    >>> finished(three())
    3
    """
    reply: Any = None
    failure: BaseException | None = None
    try:
        while True:
            ask = flow.send(reply) if failure is None else flow.throw(failure)
            reply, failure = None, None
            try:
                reply = _without_network(ask)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the flow's own to treat
                failure = error
    except StopIteration as end:
        return cast("T", end.value)


def _without_network(ask: Ask) -> tuple[Any, ...]:
    if isinstance(ask, Several):
        return each_finished([lambda flow=flow: finished(flow) for flow in ask.flows])
    raise SyncError(f"{ask.vendor}: {ask.where} needs a transport; run it through a Client or an AsyncClient")


def each_finished(tasks: Sequence[Any]) -> tuple[Any, ...]:
    """The results of tasks done one after another; all are done before the first failure is raised."""
    results: list[Any] = []
    failures: list[Exception] = []
    for task in tasks:
        try:
            results.append(task())
        except Exception as error:  # noqa: BLE001 - raised below, once all had their turn
            failures.append(error)
    if failures:
        raise failures[0]
    return tuple(results)
