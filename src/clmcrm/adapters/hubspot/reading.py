"""Reading a HubSpot: what changed, what is there, and what its list of archived records proves deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.held_kinds import held_kind
from clmcrm.adapters.hubspot import line_items
from clmcrm.adapters.hubspot.deals import STAGE
from clmcrm.adapters.hubspot.feed import Phase, Window, window_at
from clmcrm.adapters.hubspot.kinds import V3, HubSpotKind
from clmcrm.adapters.hubspot.links import DEAL_TO_LINE, LINE_TO_DEAL, linked
from clmcrm.adapters.hubspot.marks import as_value
from clmcrm.adapters.hubspot.portal import Portal, read_portal
from clmcrm.adapters.hubspot.properties import instant, text
from clmcrm.adapters.hubspot.rows import by_keys, by_marks, is_key, searched
from clmcrm.adapters.hubspot.searches import ID, MOST_ROWS, Filter, since
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.showing import live_only, merged_away, seen
from clmcrm.adapters.hubspot.sweeping import digest, due, swept
from clmcrm.adapters.hubspot.wire import VENDOR, after, rows
from clmcrm.adapters.trees import tree_in
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Json, Kind, Page, Seen

Row = Mapping[str, Any]

ARCHIVED_PAGE: Final = 100
_PAGES_AT_ONCE: Final = 10
"""How many pages of archived records are read before what was found is told."""

_LINE: Final = HubSpotKind(
    kind="line_item", object=line_items.OBJECT, modified=line_items.MODIFIED, mapped=line_items.READ,
    shown=lambda properties, portal: {}, changed=lambda fields, portal: {},  # noqa: ARG005 - shown with their deal
)  # fmt: skip


class Reader:
    """Reads records of `kinds` through `session`, by pages of `page`, `overlap` back each time.

    `sweep` is how often associations are looked through by themselves; None: never.
    """

    def __init__(
        self, session: HubSpotSession, kinds: Mapping[str, HubSpotKind], *, page: int, overlap: timedelta,
        sweep: timedelta | None,
    ) -> None:  # fmt: skip
        self._session, self._kinds = session, kinds
        self._page, self._overlap, self._sweep = page, overlap, sweep
        self._portal: Portal | None = None
        self._abolished = frozenset[str]()

    def held(self, kind: str) -> HubSpotKind:
        """How HubSpot keeps `kind`; raises `TerminalError` for one it does not."""
        return held_kind(VENDOR, self._kinds, kind)

    def portal(self) -> Flow[Portal]:
        """The account, read once."""
        if self._portal is None:
            self._portal = yield from read_portal(self._session)
        return self._portal

    def _portal_of(self, held: HubSpotKind, found: Sequence[Row]) -> Flow[Portal]:
        """The account, read once more when deals stand in a stage that was made since.

        A deal whose stage is not known would not be told again when it is: nothing of the deal itself changes then.
        """
        portal = yield from self.portal()
        if held.kind != Kind.OPPORTUNITY:
            return portal
        stages = {text(tree_in(row.get("properties")), STAGE) for row in found} - {None, *self._abolished}
        if not stages <= portal.stages.keys():
            portal = self._portal = yield from read_portal(self._session)
            self._abolished |= {str(one) for one in stages - portal.stages.keys()}
        return portal

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of what changed since `cursor`; archived records come after the changes, moved links last."""
        held, window = self.held(kind), window_at(cursor)
        told: list[Seen] = []
        if window.phase is Phase.CHANGED:
            found, window = yield from self._changed(held, window)
            told += found
            if window.phase is Phase.CHANGED:
                return Page(seen=tuple(told), cursor=window.text(), more=True)
            if window.since is not None and kind == Kind.OPPORTUNITY:
                told += yield from self._by_lines(held, window, {one.key for one in told})
        if window.phase is Phase.ARCHIVED:
            found, window = yield from self._archived(held, window)
            told += found
            if window.phase is Phase.ARCHIVED:
                return Page(seen=tuple(told), cursor=window.text(), more=True)
        if held.link is not None and due(window, self._sweep):
            keys, window, more = yield from swept(self._session, held, window)
            told += yield from self.read(kind, keys)
            if more:
                return Page(seen=tuple(told), cursor=window.text(), more=True)
        return Page(seen=tuple(told), cursor=window.next(self._overlap).text())

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that is archived, or that another names as merged, is shown as gone."""
        held = self.held(kind)
        wanted = [key for key in dict.fromkeys(keys) if is_key(key)]
        if not wanted:
            return ()
        found = yield from by_keys(self._session, held, wanted, held.asked)
        asked = frozenset(wanted)
        own = [row for row in live_only(found) if str(row.get("id")) in asked and _fits(held, row)]
        there = {str(row.get("id")) for row in found}
        into = {one.key: one for row in found for one in merged_away(held, row)}
        merged = [into[key] for key in wanted if key not in there and key in into]
        missing = [key for key in wanted if key not in there and key not in into]
        gone = yield from self._proven(held, missing)
        shown = yield from self._shown(held, own)
        return (*shown, *merged, *gone)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The live record that carries our key `mark`."""
        return (yield from self.marked(kind, [mark])).get(mark)

    def marked(self, kind: str, marks: Sequence[str]) -> Flow[dict[str, Seen]]:
        """The live records that carry these keys of ours, by key."""
        held = self.held(kind)
        found = yield from by_marks(self._session, held, [as_value(mark) for mark in marks], held.asked)
        shown = yield from self._shown(held, live_only(found))
        return {one.mark: one for one in shown if one.mark is not None}

    def _changed(self, held: HubSpotKind, window: Window) -> Flow[tuple[list[Seen], Window]]:
        """Up to a page of changed records; the window goes on to the archived ones when these were the last."""
        filters = [*_presence(held), *([since(held.modified, window.since)] if window.since else [])]
        found: list[dict[str, Any]] = []
        more = True
        while more and len(found) < self._page:
            most = min(MOST_ROWS, self._page - len(found))
            some = yield from searched(self._session, held.path, filters, held.asked, above=window.above, most=most)
            window = window.begun(self._session.last_date, _newest(held, some))
            found += some
            more = len(some) >= most
            window = evolve(window, above=max([window.above, *(_id(row) for row in some)]))
        live = live_only(found)
        shown = yield from self._shown(held, live)
        if window.whole and held.link is not None and live:
            pairs = {one.key: one.fields.get(held.link.field) for one in shown}
            window = evolve(window, chunks=(*window.chunks, (_id(live[-1]), digest(pairs))), swept_at=window.until)
        if not more:
            window = evolve(window, phase=Phase.ARCHIVED, above=0)
        return [*shown, *(one for row in live for one in merged_away(held, row))], window

    def _archived(self, held: HubSpotKind, window: Window) -> Flow[tuple[list[Seen], Window]]:
        """What was archived within the window, by HubSpot's own list: an empty answer elsewhere proves nothing."""
        told: list[Seen] = []
        for _ in range(_PAGES_AT_ONCE):
            query = [("archived", "true"), ("limit", str(ARCHIVED_PAGE)), ("properties", held.key)]
            if window.archived is not None:
                query.append(("after", window.archived))
            page = yield from self._session.get(held.path, query)
            found = [row for row in rows(page, f"GET {held.path}") if _since(row, window) and _carries(held, row)]
            told += [_gone(held, row) for row in found]
            window = evolve(window, archived=after(page))
            if window.archived is None:
                return told, evolve(window, phase=Phase.SWEEP)
        return told, window

    def _proven(self, held: HubSpotKind, keys: Sequence[str]) -> Flow[list[Seen]]:
        """Those of these keys that are archived."""
        if not keys:
            return []
        found = yield from by_keys(self._session, held, keys, [held.key], archived=True)
        proven = [row for row in found if row.get("archived") is True and str(row.get("id")) in keys]
        return [_gone(held, row) for row in proven if _carries(held, row)]

    def _by_lines(self, held: HubSpotKind, window: Window, told: set[str]) -> Flow[list[Seen]]:
        """The deals whose line items changed, which does not always touch the deal itself."""
        if window.since is None:
            return []
        items: list[str] = []
        above, more = 0, True
        while more:
            path = f"{V3}/{line_items.OBJECT}"
            filters = [since(line_items.MODIFIED, window.since)]
            some = yield from searched(self._session, path, filters, [line_items.MODIFIED], above=above, most=MOST_ROWS)
            items += [str(row.get("id")) for row in live_only(some)]
            more, above = len(some) >= MOST_ROWS, max([above, *(_id(row) for row in some)])
        if not items:
            return []
        of = yield from linked(self._session, line_items.OBJECT, LINE_TO_DEAL, items)
        deals = sorted({deal for found in of.values() for deal in found} - told)
        return list((yield from self.read(held.kind, deals)))

    def _shown(self, held: HubSpotKind, found: Sequence[Row]) -> Flow[list[Seen]]:
        """The rows as the port shows them, with what their associations say."""
        if not found:
            return []
        portal = yield from self._portal_of(held, found)
        more = yield from self._linked_fields(held, [str(row.get("id")) for row in found])
        shown = [seen(held, row, portal, more.get(str(row.get("id")), {})) for row in found]
        return (yield from self._with_lines(held, shown))

    def _linked_fields(self, held: HubSpotKind, keys: Sequence[str]) -> Flow[dict[str, dict[str, Json]]]:
        if held.link is None:
            return {}
        to = yield from linked(self._session, held.object, held.link, keys)
        return {key: {held.link.field: to[key][0] if key in to else None} for key in keys}

    def _with_lines(self, held: HubSpotKind, shown: list[Seen]) -> Flow[list[Seen]]:
        if held.kind != Kind.OPPORTUNITY:
            return shown
        of = yield from linked(self._session, held.object, DEAL_TO_LINE, [one.key for one in shown])
        wanted = [line for found in of.values() for line in found]
        items = yield from by_keys(self._session, _LINE, wanted, line_items.READ)
        by_id = {str(item.get("id")): item for item in live_only(items)}
        return [_lined(one, [by_id[line] for line in of.get(one.key, []) if line in by_id]) for one in shown]


def _lined(one: Seen, items: Sequence[Row]) -> Seen:
    if one.unreadable:
        return one
    currency = one.fields.get("currency")
    try:
        found: list[Json] = line_items.lines(items, currency if isinstance(currency, str) else None)
    except (ValueError, KeyError, TypeError, ArithmeticError) as problem:
        return evolve(one, fields={}, unreadable=f"deals {one.key}: its line items: {problem!r}")
    return evolve(one, fields={**one.fields, "lines": found})


def _presence(held: HubSpotKind) -> list[Filter]:
    return [] if held.present is None else [Filter(held.present, "HAS_PROPERTY")]


def _fits(held: HubSpotKind, row: Row) -> bool:
    """Whether the row is of the kind: a deal without terms is no record of terms."""
    if held.present is None:
        return True
    return bool(tree_in(row.get("properties")).get(held.present))


def _carries(held: HubSpotKind, row: Row) -> bool:
    """Whether an archived object carried a record of this kind."""
    return not held.carrier or bool(tree_in(row.get("properties")).get(held.key))


def _gone(held: HubSpotKind, row: Row) -> Seen:
    return Seen(kind=held.kind, key=str(row.get("id")), fields={}, gone=True)


def _since(row: Row, window: Window) -> bool:
    told = row.get("archivedAt")
    if window.since is None or not isinstance(told, str):
        return True
    try:
        return instant(told) >= window.since
    except (ValueError, OverflowError):
        return True


def _newest(held: HubSpotKind, found: Sequence[Row]) -> Any:  # noqa: ANN401 - an instant, or None
    moments = [one.changed_at for row in found if (one := seen_time(held, row)) is not None]
    return max((moment for moment in moments if moment is not None), default=None)


def seen_time(held: HubSpotKind, row: Row) -> Seen | None:
    """The record with its time of change alone; None when it tells none."""
    told = row.get("updatedAt")
    try:
        at = instant(str(told)) if told else None
    except (ValueError, OverflowError):
        return None
    return Seen(kind=held.kind, key=str(row.get("id") or ID), fields={}, changed_at=at)


def _id(row: Row) -> int:
    key = str(row.get("id") or "")
    if not is_key(key):
        raise TerminalError(VENDOR, f"a record with the id {key[:40]!r}: the order of its pages cannot be relied on")
    return int(key)
