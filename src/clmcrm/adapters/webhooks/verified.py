"""What is known of a message that was believed: who signed it, how much of it, and which records it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Protocol, runtime_checkable

from attrs import evolve, field, frozen

from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import Unread, body_id, items_of, json_of
from clmcrm.values.validators import each, flag, instance, instant, maybe, text


@frozen(kw_only=True)
class Event:
    """One thing that a message tells: `kind` of event, the vendor's `object` type and its `key`.

    `id` is the vendor's event id, or one derived from what identifies it. `key` None: something of this type
    changed, it is not said which (a ping). `gone` and `merged_into` tell of its end, to be confirmed by a read.
    """

    id: str = field(validator=text)
    kind: str = field(validator=text)
    object: str = field(validator=text)
    key: str | None = field(default=None, validator=maybe(text))
    occurred_at: datetime | None = field(default=None, validator=maybe(instant))
    gone: bool = field(default=False, validator=flag)
    merged_into: str | None = field(default=None, validator=maybe(text))


@frozen(kw_only=True)
class Verified:
    """A message that was believed.

    `covers_body`: the signature is over the body; without it, what the body says may have been written by
    anyone who saw one message. `covers_time`: the time is signed and was inside the window. `key_name` names
    the key that fitted. `unread` says what could not be read and why (empty: all could); `events` are those that could.
    `occurred_at` is the latest instant that they tell: the message was not made before it. None: they tell none.
    """

    event_id: str = field(validator=text)
    scheme: str = field(validator=text)
    kind: str = field(validator=text)
    covers_body: bool = field(validator=flag)
    covers_time: bool = field(validator=flag)
    key_name: str = field(validator=text)
    events: tuple[Event, ...] = field(default=(), validator=each(instance(Event)))
    occurred_at: datetime | None = field(default=None, validator=maybe(instant))
    unread: str = ""


@frozen
class Reply:
    """What is answered to a message: the HTTP `status`, and a body where the vendor asks for one."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


_LONGEST: Final = 600

ACCEPTED = Reply(200)
"""The plain answer to a message that was taken, whether it was new or not."""


@runtime_checkable
class Scheme(Protocol):
    """How one system's messages are believed: a record with the keys in it."""

    @property
    def name(self) -> str:
        """The scheme's name in results and refusals."""
        ...

    @property
    def reply(self) -> Reply:
        """What this system wants to hear when a message was taken."""
        ...

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`. `now` is an aware instant."""
        ...


def told(
    scheme: str, key_name: str, events: tuple[Event, ...], event_id: str, *, body: bool, time: bool, kind: str = ""
) -> Verified:
    """The result for a message whose events were read."""
    return Verified(
        event_id=event_id, scheme=scheme, kind=kind or (events[0].kind if events else "empty"),
        covers_body=body, covers_time=time, key_name=key_name, events=events,
        occurred_at=max((event.occurred_at for event in events if event.occurred_at is not None), default=None),
    )  # fmt: skip


def told_of_each(
    scheme: str, key_name: str, content: bytes, events_in: Callable[[Any], Iterable[Event]], *, time: bool
) -> Verified:
    """The result for a signed body that is a list of events; one that cannot be read keeps none of the others back."""
    whole = body_id(content)
    try:
        items = items_of(json_of(content))
    except Unread as why:
        return unreadable(scheme, key_name, whole, str(why), body=True, time=time)
    events: list[Event] = []
    wrong = [] if items else ["there are no events"]
    for number, item in enumerate(items, 1):
        try:
            events += events_in(item)
        except Unread as why:
            wrong.append(f"{number} of {len(items)}: {why}" if len(items) > 1 else str(why))
    unread = "; ".join(wrong)[:_LONGEST]
    if not events:
        return unreadable(scheme, key_name, whole, unread, body=True, time=time)
    own = events[0].id if len(events) == 1 and not unread else whole
    return evolve(told(scheme, key_name, tuple(events), own, body=True, time=time), unread=unread)


def unreadable(scheme: str, key_name: str, event_id: str, why: str, *, body: bool, time: bool) -> Verified:
    """The result for a message that is signed rightly and could not be read."""
    return Verified(
        event_id=event_id, scheme=scheme, kind="unreadable",
        covers_body=body, covers_time=time, key_name=key_name, unread=why,
    )  # fmt: skip
