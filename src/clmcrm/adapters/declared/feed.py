"""What changed since the last time, page by page, whatever the system's own way of paging is.

A pull reads a window: everything changed at an instant or later, to its end. The next window begins where this
one began, less the overlap, so that a record that was edited or became visible meanwhile is told again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from clmcrm.adapters.declared.description import KindMap, Listing
from clmcrm.adapters.declared.members import ABSENT, at, plain, shown
from clmcrm.adapters.declared.showing import seen_of
from clmcrm.adapters.declared.wire import Wire
from clmcrm.adapters.server_clock import server_time
from clmcrm.errors import MalformedReply, TerminalError
from clmcrm.ports.calls import Call, Flow, Reply
from clmcrm.ports.records import Page, Seen
from clmcrm.values.validators import instant, maybe

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS: Final = 18
_PAIR: Final = 2
# A link and its parameters (RFC 8288, 3): a quoted one may hold commas, and a relation may have several names.
_LINK: Final = re.compile(r'<([^<>]*)>((?:"[^"]*"|[^"<,])*)')
_RELATION: Final = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]+))', re.IGNORECASE)


@frozen(kw_only=True)
class Window:
    """Where the reading stands.

    `since` is where the window begins (None: everything), `began` what the system's clock said at its first
    page, `high` the latest change it told, `token` what leads to the next page (None: at the first one).
    """

    since: datetime | None = field(default=None, validator=maybe(instant))
    began: datetime | None = field(default=None, validator=maybe(instant))
    high: datetime | None = field(default=None, validator=maybe(instant))
    token: tuple[str, ...] | None = None

    def text(self) -> str:
        """The cursor of this window."""
        parts = [None if one is None else one.isoformat() for one in (self.since, self.began, self.high)]
        return json.dumps([*parts, self.token], separators=(",", ":"))

    def after(self, *, ordered: bool) -> Window:
        """The window after this one; `ordered` says that the system told changes in the order of time."""
        if self.high is None or (self.began is None and not ordered):
            # Nothing new, or no clock to go by: from the same instant once more, so that no edit is missed.
            return Window(since=self.since)
        # A change that lies in the future, by a wrong clock, must not hide all that come before it.
        reached = self.high if self.began is None else min(self.high, self.began)
        return Window(since=reached if self.since is None else max(self.since, reached))


def window_at(cursor: str | None, system: str) -> Window:
    """The window of a cursor, all of time for None; raises `TerminalError` for one that was never given."""
    if cursor is None:
        return Window()
    try:
        since, began, high, token = cast("list[Any]", json.loads(cursor))
        times = [None if one is None else datetime.fromisoformat(one) for one in (since, began, high)]
        return Window(since=times[0], began=times[1], high=times[2], token=None if token is None else _texts(token))
    except (ValueError, TypeError, RecursionError):
        raise TerminalError(system, f"{cursor[:80]!r} is no cursor of its feeds") from None


def _leads_on(listing: Listing, token: tuple[str, ...]) -> bool:
    """Whether a token is one that this way of paging gives."""
    first = token[0]
    if listing.paging == "page":
        return first.isascii() and first.isdigit() and len(first) <= _MOST_DIGITS
    if listing.paging == "keyset":
        try:
            return len(token) == _PAIR and _whole(token[1]) and datetime.fromisoformat(first).tzinfo is not None
        except ValueError:
            return False
    return listing.paging != "none" and _whole(first)


def _whole(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _texts(token: list[Any]) -> tuple[str, ...]:
    if not token or not all(isinstance(part, str) for part in token):
        raise ValueError("no token")
    return tuple(token)


def page_call(kind: KindMap, wire: Wire, window: Window) -> Call:
    """The call that asks for the page at which the window stands."""
    listing, token = kind.list, window.token
    if listing.paging == "link" and token is not None:
        return wire.follow(token[0], f"{wire.address}{listing.path}")
    query = list(listing.query.items())
    if listing.size_param is not None:
        query.append((listing.size_param, str(listing.size)))
    since = _since(listing, window)
    if listing.since_param is not None and since is not None:
        query.append((listing.since_param, _written(listing, since)))
    if token is not None:
        param = {"keyset": listing.after_param, "cursor": listing.cursor_param}.get(listing.paging, listing.page_param)
        query.append((str(param), token[0] if listing.paging == "page" else token[-1]))
    elif listing.paging == "page":
        query.append((str(listing.page_param), str(listing.first_page)))
    return wire.call("GET", listing.path, query=query)


def _since(listing: Listing, window: Window) -> datetime | None:
    if listing.paging == "keyset" and window.token is not None:
        return datetime.fromisoformat(window.token[0])
    if window.since is None:
        return None
    overlap = timedelta(seconds=listing.overlap_s)
    return window.since - overlap if window.since - _EPOCH > overlap else _EPOCH


def _written(listing: Listing, at_: datetime) -> str:
    if listing.since_form == "iso":
        return at_.astimezone(UTC).isoformat().replace("+00:00", "Z")
    unit = timedelta(seconds=1) if listing.since_form == "seconds" else timedelta(milliseconds=1)
    return str((at_ - _EPOCH) // unit)


def changes(kind: KindMap, wire: Wire, cursor: str | None) -> Flow[Page]:
    """One page of what changed since `cursor`; as `RecordSystem.changes`."""
    window = window_at(cursor, wire.system)
    if window.token is not None and not _leads_on(kind.list, window.token):
        # The description may page in another way by now: whoever pulls begins anew.
        what = f"{(cursor or '')[:80]!r} is no cursor of its feeds, paged by {kind.list.paging}"
        raise TerminalError(wire.system, what)
    call = page_call(kind, wire, window)
    reply: Reply = yield call
    value = wire.read(reply, call)
    rows = wire.rows(value, kind.list.rows, call)
    seen = tuple(seen_of(kind, row, wire, call.where) for row in rows)
    _check_order(kind, seen, wire, call)
    if window.token is None:
        window = evolve(window, began=clock_of(reply))
    stated = next_token(kind.list, value, reply, wire.system, call.where)
    if stated is not None and kind.list.paging == "link":
        stated = wire.onward(stated, call.url)
    token = _token(kind.list, window, seen, stated)
    if token is not None and _same_again(kind.list, token, window.token):
        raise MalformedReply(wire.system, call.where, "the next page is this one again")
    told = [one.changed_at for one in seen if one.changed_at is not None]
    window = evolve(window, high=max([*told, *([] if window.high is None else [window.high])], default=None))
    if token is not None:
        return Page(seen=seen, cursor=evolve(window, token=token).text(), more=True)
    done = window.after(ordered=kind.list.paging == "keyset" or window.token is None)
    return Page(seen=seen, cursor=done.text() if kind.list.since_param is not None else Window().text())


def clock_of(reply: Reply) -> datetime | None:
    """What the reply says the time is (RFC 9110, 6.6.1), in UTC; None when it does not say."""
    return server_time(reply.headers.get("date", ""))


def _token(listing: Listing, window: Window, seen: Sequence[Seen], stated: str | None) -> tuple[str, ...] | None:
    """What leads to the next page, `stated` where the page itself says it; None at the end."""
    full = len(seen) >= listing.size
    if listing.paging == "keyset":
        last = seen[-1] if full else None
        return None if last is None or last.changed_at is None else (last.changed_at.isoformat(), last.key)
    if listing.paging == "page":
        number = listing.first_page if window.token is None else int(window.token[0])
        return (str(number + listing.page_step), _print(seen)) if full else None
    return None if stated is None else (stated,)


def _print(seen: Sequence[Seen]) -> str:
    """A fingerprint of a page, by which it is known when it comes again under another number."""
    return blake2b(json.dumps([[one.key, one.version] for one in seen]).encode(), digest_size=8).hexdigest()


def _same_again(listing: Listing, token: tuple[str, ...], before: tuple[str, ...] | None) -> bool:
    """Whether the page is the one before: its cursor leads to itself, or another number gave the same records."""
    return token == before or (listing.paging == "page" and before is not None and token[1:] == before[1:])


def _check_order(kind: KindMap, seen: Sequence[Seen], wire: Wire, call: Call) -> None:
    """Refuse rows whose order would lose some of them."""
    times = [one.changed_at for one in seen if one.changed_at is not None]
    if kind.list.paging == "keyset" and (len(times) != len(seen) or times != sorted(times)):
        raise MalformedReply(wire.system, call.where, "paging by keyset needs rows in the order of their last change")


def next_token(listing: Listing, value: object, reply: Reply, system: str, where: str) -> str | None:
    """The cursor or the link to the next page that a reply states; None when it states none.

    Raises `MalformedReply` where something else than a text or a number stands there.
    """
    if listing.paging not in ("cursor", "link"):
        return None
    if listing.next is None:
        return _linked(reply.headers.get("link", ""))
    told = at(value, listing.next)
    if told in (ABSENT, None, "", False):
        return None
    if not isinstance(told, str | int | Decimal) or isinstance(told, bool):
        raise MalformedReply(system, where, f"{shown(listing.next)} is no {listing.paging} to a next page")
    return str(plain(told))


def _linked(header: str) -> str | None:
    """The link of a header whose relation is "next", alone or among others."""
    for target, parameters in _LINK.findall(header):
        found = _RELATION.search(parameters)
        if found is not None and "next" in (found[1] or found[2]).lower().split():
            return str(target)
    return None
