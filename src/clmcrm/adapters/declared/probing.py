"""A first look at a described system: whether each kind can be read, and whether its map fits what comes back."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from clmcrm.adapters.declared.description import KindMap, Listing
from clmcrm.adapters.declared.feed import Window, clock_of, page_call
from clmcrm.adapters.declared.members import ABSENT, at, shown
from clmcrm.adapters.declared.showing import seen_of
from clmcrm.adapters.declared.wire import Wire
from clmcrm.ports.calls import Flow, Reply
from clmcrm.values.validators import instant, maybe


@frozen(kw_only=True)
class Look:
    """What one page of a kind showed.

    `records` on it, those `unreadable` with the first reason, `missing` paths that no record of it has (empty
    when there are no records), `unled` the path at which a full page should say what leads on and says nothing (empty:
    it does, or need not), and the system's clock (None when it states none).
    """

    kind: str
    records: int
    unreadable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unled: str = ""
    clock: datetime | None = field(default=None, validator=maybe(instant))


def look(kind: KindMap, wire: Wire) -> Flow[Look]:
    """Read the first page of a kind; raises what reading it raises. Nothing is written."""
    call = page_call(kind, wire, Window())
    reply: Reply = yield call
    told = wire.read(reply, call)
    rows = wire.rows(told, kind.list.rows, call)
    seen = [seen_of(kind, row, wire, call.where) for row in rows]
    own = [path for path in (kind.version, kind.mark, None if kind.changed is None else kind.changed.path) if path]
    paths = [*own, *(path for one in kind.fields.values() for path in one.paths)]
    return Look(
        kind=kind.name,
        records=len(rows),
        unreadable=tuple(one.unreadable for one in seen if one.unreadable),
        missing=tuple(shown(path) for path in paths if rows and all(at(row, path) is ABSENT for row in rows)),
        unled=_unled(kind.list, told, len(rows)),
        clock=clock_of(reply),
    )


def _unled(listing: Listing, told: object, records: int) -> str:
    """The path to what leads on, where a page that is full holds nothing there, not even that nothing does."""
    full = listing.next is not None and records >= listing.size
    return shown(listing.next) if listing.next is not None and full and at(told, listing.next) is ABSENT else ""
