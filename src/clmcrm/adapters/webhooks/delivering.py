"""Deliveries that are tried again for days, from a list the host keeps; nothing here opens a connection.

`deliver` is a generator: it yields a signed `Post`, is sent what came of it, and writes the delivery down before
it goes on. A process that dies in between sends the same message, with the same id, once more.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol, runtime_checkable

from attrs import evolve, field, frozen

from clmcrm.adapters.webhooks.keys import in_use
from clmcrm.adapters.webhooks.outgoing import Announcement, Destination, Post, body_of, post_of, right_id
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import count, instance, instant, maybe, member, text

SCHEDULE: Final = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""The waits after the first attempt, a little over three days in all (as Standard Webhooks proposes)."""

LONGEST_WAIT: Final = timedelta(hours=24)
"""However long a receiver asks us to wait, we ask again after this."""

_GONE: Final = 410
_ASKS_TO_WAIT: Final = (429, 503)


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"
    """Every attempt failed, or the receiver said 410: a person has to look."""


@frozen(kw_only=True)
class Delivery:
    """One announcement on its way to one destination; its `body` is frozen when it is made.

    `attempts` made so far; `next_at` None when there will be no other; `why` says what the last one met.
    """

    id: str = field(validator=[text, right_id])
    destination: str = field(validator=text)
    body: bytes = field(validator=instance(bytes), repr=False)
    made_at: datetime = field(validator=instant)
    attempts: int = field(default=0, validator=count)
    next_at: datetime | None = field(validator=maybe(instant))
    state: State = field(default=State.WAITING, validator=member(State))
    why: str = ""


@frozen
class Answered:
    """What came of an attempt: the `status`, or None when no answer came; the wait the receiver asks for, if any."""

    status: int | None = field(validator=maybe(count))
    retry_after: timedelta | None = field(default=None, validator=maybe(instance(timedelta)))


@runtime_checkable
class Deliveries(Protocol):
    """The list of deliveries, kept by the host; one key is (destination, id)."""

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Keep these, unless their key is there already; all or none."""
        ...

    def due(self, now: datetime, most: int) -> Sequence[Delivery]:
        """Waiting deliveries whose `next_at` has come, the longest due first, `most` at most."""
        ...

    def save(self, delivery: Delivery) -> None:
        """Replace the delivery of the same key."""
        ...


class MemoryDeliveries:
    """`Deliveries` that live as long as their process."""

    def __init__(self) -> None:
        self.by_key: dict[tuple[str, str], Delivery] = {}

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Keep the ones that are new."""
        for delivery in deliveries:
            _ = self.by_key.setdefault((delivery.destination, delivery.id), delivery)

    def due(self, now: datetime, most: int) -> Sequence[Delivery]:
        """What is due, the longest due first."""
        waiting = [(d.next_at, d) for d in self.by_key.values() if d.next_at is not None and d.next_at <= now]
        return [delivery for _, delivery in sorted(waiting, key=lambda pair: pair[0])[:most]]

    def save(self, delivery: Delivery) -> None:
        """Replace the delivery of the same key."""
        self.by_key[delivery.destination, delivery.id] = delivery


def deliveries_of(
    announcement: Announcement, destinations: Iterable[Destination], now: datetime
) -> tuple[Delivery, ...]:
    """One delivery for each destination, due at once; add them in the transaction of what is announced.

    Raises `InvalidRecord` for two destinations of one name: only one of them would ever be sent anything.
    """
    places = tuple(destinations)
    names = [destination.name for destination in places]
    if len(set(names)) < len(names):
        raise InvalidRecord(f"Announcement {announcement.id}", "destinations", names, "each with a name of its own")
    return tuple(
        Delivery(
            id=announcement.id, destination=destination.name, body=body_of(announcement, destination.form),
            made_at=now, next_at=now,
        )
        for destination in places
    )  # fmt: skip


def after_attempt(delivery: Delivery, answered: Answered, now: datetime) -> Delivery:
    """The delivery as it stands after an attempt at `now`.

    2xx: delivered. 410: given up. Everything else, redirects too, is tried again after the next wait of the
    schedule, spread by a tenth so that many do not come at once; after the last it is given up. 429 and 503
    may ask for a longer wait, up to a day.
    """
    status = answered.status
    if status is not None and 200 <= status < 300:  # noqa: PLR2004 - the range of success
        return evolve(delivery, attempts=delivery.attempts + 1, next_at=None, state=State.DELIVERED, why="")
    why = "no answer came" if status is None else f"answered {status}"
    asked = answered.retry_after if status in _ASKS_TO_WAIT else None
    return _failed(delivery, why, now, over=status == _GONE, asked=asked)


def _failed(
    delivery: Delivery, why: str, now: datetime, *, over: bool = False, asked: timedelta | None = None
) -> Delivery:
    """The delivery after an attempt that failed; `over`: no other is made, `asked`: the wait the receiver asks for."""
    attempts = delivery.attempts + 1
    if over or attempts > len(SCHEDULE):
        return evolve(delivery, attempts=attempts, next_at=None, state=State.GIVEN_UP, why=why)
    wait = _spread(SCHEDULE[attempts - 1], f"{delivery.destination} {delivery.id} {attempts}")
    if asked is not None:
        wait = min(max(wait, asked), LONGEST_WAIT)
    return evolve(delivery, attempts=attempts, next_at=now + wait, why=why)


def _spread(wait: timedelta, own: str) -> timedelta:
    """The wait and up to a tenth more: always the same for the same attempt, different for others."""
    share = int.from_bytes(sha256(own.encode()).digest()[:2], "big")
    return wait + wait * share // (10 * 0xFFFF)


def _by_their_names(destinations: Mapping[str, Destination]) -> None:
    """A destination that is not found by its name would have all that waits for it given up."""
    for name, destination in destinations.items():
        if destination.name != name:
            raise InvalidRecord("deliver", "destinations", name, f"{destination.name!r}, the destination's own name")


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise InvalidRecord("deliver", "now", at, "an instant with a time zone")
    return at


def _sent_back(answered: object) -> Answered:
    """A plain loop over the generator sends back nothing."""
    if not isinstance(answered, Answered):
        raise InvalidRecord("deliver", "what was sent back", answered, "an Answered for each Post")
    return answered


def deliver(
    kept: Deliveries,
    destinations: Mapping[str, Destination],
    now: datetime,
    most: int = 100,
    *,
    clock: Callable[[], datetime] | None = None,
) -> Generator[Post, Answered, tuple[Delivery, ...]]:
    """Attempt what is due at `now`: yields a `Post`, is sent an `Answered`, returns the deliveries as they stand then.

    `clock` tells the instant of each attempt and of its answer: give it wherever receivers may be slow, since one
    refuses a message that was signed more than five minutes ago. None: `now` stands for every attempt of the run.

    A delivery whose destination is not among `destinations` (by name) any more is given up; one to a destination
    without a key in use counts as an attempt that failed, and does not hold back the others. Raises `InvalidRecord`
    for a destination under another name than its own, for an instant without a time zone, and for anything but an
    `Answered` that is sent back.
    """
    _by_their_names(destinations)
    tell = clock or (lambda: now)
    done: list[Delivery] = []
    for delivery in kept.due(_aware(now), most):
        destination, at = destinations.get(delivery.destination), _aware(tell())
        if destination is None:
            what = "there is no such destination any more"
            after = evolve(delivery, next_at=None, state=State.GIVEN_UP, why=what)
        elif not in_use(destination.keys, at):
            after = _failed(delivery, "no key of the destination is in use: nothing is sent unsigned", at)
        else:
            answered = _sent_back((yield post_of(destination, delivery.id, delivery.body, at)))
            after = after_attempt(delivery, answered, tell())
        kept.save(after)
        done.append(after)
    return tuple(done)
