"""Reading an environment: what changed, what is there, and what is proven gone or merged."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import evolve

from clmcrm.adapters.dataverse.feed import Place, place_at
from clmcrm.adapters.dataverse.ground import CURRENCIES, SETS, Ground, currencies_in, definition, sets_in, table_in
from clmcrm.adapters.dataverse.kinds import DataverseKind, Row, described, kinds_of, seen_of
from clmcrm.adapters.dataverse.marks import as_value, mark_of
from clmcrm.adapters.dataverse.multipart import MOST, Part
from clmcrm.adapters.dataverse.odata import Query, in_pieces, is_id, row_path
from clmcrm.adapters.dataverse.opportunities import LINE_COLUMNS, LINE_OF, LINES, UNDER
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.session import ANNOTATED, DataverseSession, RowsPage, error_of, part_of, row_of
from clmcrm.adapters.dataverse.wire import ABSENT, NOBODY, VENDOR, is_expired, preferences
from clmcrm.adapters.held_kinds import held_kind
from clmcrm.adapters.trees import is_tree
from clmcrm.errors import MalformedReply, RefusedError, TerminalError
from clmcrm.ports.calls import Effect, Flow, Reply
from clmcrm.ports.records import Page, Seen

_TRACKED: Final = "odata.track-changes"


class Reader:
    """Reads the records of an environment through `session`, by pages of `page`."""

    def __init__(self, session: DataverseSession, org: OrgSettings, *, page: int) -> None:
        self.session, self.org = session, org
        self.ground = Ground(org=org)
        self._kinds = kinds_of(org)
        self._page = page

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind."""
        return frozenset(self._kinds)

    def known(self, kind: str) -> DataverseKind:
        """How Dataverse keeps `kind`, as far as it is known by now; raises `TerminalError` for one it does not keep."""
        return held_kind(VENDOR, self._kinds, kind)

    def held(self, kind: str) -> Flow[DataverseKind]:
        """The same, described by the environment once."""
        known = self.known(kind)
        if known.described is not None:
            return known
        paths = [definition(known.table), *([] if self.ground.sets else [SETS, CURRENCIES])]
        told = yield from self.session.batch([Part(method="GET", path=one) for one in paths], effect=Effect.NONE)
        found = [part_of(reply, f"GET /{path}"[:80]) for (reply,), path in zip(told, paths, strict=True)]
        if len(found) > 1:
            self.ground = Ground(org=self.org, sets=sets_in(found[1]), currencies=currencies_in(found[2]))
        known = self._kinds[kind] = described(known, table_in(found[0], known.table), self.org)
        return known

    # What changed.

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """One page of what changed since `cursor`; a cursor that has expired begins anew with everything."""
        known = self.known(kind)
        place = place_at(cursor, known.table, lined=known.lined)
        held = yield from self.held(kind)
        try:
            return (yield from self._page_at(held, place))
        except RefusedError as refused:
            if cursor is None or not is_expired(refused):
                raise
        return (yield from self._page_at(held, place_at(None, known.table, lined=known.lined)))

    def _page_at(self, held: DataverseKind, place: Place) -> Flow[Page]:
        if place.in_lines:
            return (yield from self._lines_page(held, place))
        page = yield from self._told(held.known.set, place.rows, held.selected(self.org))
        rows = [row for row in page.rows if self._counts(held, row)]
        seen = yield from self._shown(held, rows)
        gone = yield from self._gone(held, page.deleted)
        if page.more is not None:
            return Page(seen=(*seen, *gone), cursor=evolve(place, rows=page.more).text(), more=True)
        after = evolve(place, rows=self._delta(page, held.table), in_lines=held.lined)
        return Page(seen=(*seen, *gone), cursor=after.text())

    def _lines_page(self, held: DataverseKind, place: Place) -> Flow[Page]:
        """A page of lines: the records that they belong to, unless everything is read anyway."""
        page = yield from self._told(LINES, place.lines, ["opportunityproductid", LINE_OF])
        seen: tuple[Seen, ...] = ()
        if place.rows is not None:
            touched = [str(row[LINE_OF]).lower() for row in page.rows if row.get(LINE_OF)]
            rows = yield from self.rows(held, touched)
            seen = yield from self._shown(held, list(rows.values()))
        if page.more is not None:
            return Page(seen=seen, cursor=evolve(place, lines=page.more).text(), more=True)
        after = evolve(place, lines=self._delta(page, LINES), in_lines=False)
        return Page(seen=seen, cursor=after.text(), more=True)

    def _told(self, of: str, query: str | None, fields: Sequence[str]) -> Flow[RowsPage]:
        """One page; where its rows are so wide that a reply is too large, with fewer of them from now on."""
        while True:
            wishes = [ANNOTATED, f"odata.maxpagesize={self._page}"]
            try:
                if query is not None:
                    return (yield from self.session.page(of, query, preferences(*wishes)))
                _, _, first = Query(of=of, fields=fields).text().partition("?")
                return (yield from self.session.page(of, first, preferences(_TRACKED, *wishes)))
            except MalformedReply as large:
                if self._page == 1 or not _is_too_large(large):
                    raise
                self._page = max(1, self._page // 4)

    def _delta(self, page: RowsPage, table: str) -> str:
        if page.delta is None:
            raise TerminalError(VENDOR, f"{table} gave no delta link: switch on Track changes for the table")
        return page.delta

    def _gone(self, held: DataverseKind, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """Of the ids that a delta tells as deleted: those that are not there any more, each proven by an answer.

        A delta tells a deletion once: where the environment cannot answer now, the page is read again later.
        """
        wanted = list(dict.fromkeys(key for key in keys if is_id(key)))
        gone: list[Seen] = []
        for start in range(0, len(wanted), MOST):
            chunk = wanted[start : start + MOST]
            path = f"?$select={held.known.id}"
            parts = [Part(method="GET", path=row_path(held.known.set, key) + path) for key in chunk]
            told = yield from self.session.batch(parts, effect=Effect.NONE)
            for key, (reply,) in zip(chunk, told, strict=True):
                if is_proven_gone(reply, f"GET /{held.known.set}"):
                    gone.append(Seen(kind=held.kind, key=key, fields={}, gone=True))
        return tuple(gone)

    # What is there.

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys; one that was merged away is shown as gone, with what it was merged into."""
        held = yield from self.held(kind)
        rows = yield from self.rows(held, keys)
        return (yield from self._shown(held, list(rows.values())))

    def rows(self, held: DataverseKind, keys: Sequence[str]) -> Flow[dict[str, Row]]:
        """The rows of these keys, without their lines."""
        wanted = list(dict.fromkeys(key.lower() for key in keys if is_id(key)))
        query = Query(of=held.known.set, fields=held.selected(self.org))
        pieces = [(held.known.set, one.text()) for one in in_pieces(query, held.known.id, wanted)]
        rows = yield from self.session.several(pieces)
        found = {str(row.get(held.known.id)).lower(): row for row in rows if self._counts(held, row)}
        return {key: found[key] for key in wanted if key in found}

    def marked(self, held: DataverseKind, marks: Sequence[str]) -> Flow[dict[str, Row]]:
        """The rows that carry these keys of ours, by key, without their lines."""
        values = [as_value(mark) for mark in dict.fromkeys(marks)]
        query = Query(of=held.known.set, fields=held.selected(self.org))
        pieces = [(held.known.set, one.text()) for one in in_pieces(query, self.org.key, values)]
        rows = yield from self.session.several(pieces)
        return {str(mark_of(row.get(self.org.key))): row for row in rows}

    def lined(self, held: DataverseKind, rows: Sequence[Row]) -> Flow[list[Row]]:
        """The same rows, each with its lines where its kind has any."""
        if not held.lined or not rows:
            return list(rows)
        lines = yield from self.session.several(lines_paths(str(row.get(held.known.id)) for row in rows))
        return with_lines(held, rows, lines)

    def _shown(self, held: DataverseKind, rows: Sequence[Row]) -> Flow[tuple[Seen, ...]]:
        whole = yield from self.lined(held, rows)
        return tuple(seen_of(held, row, self.ground) for row in whole)

    def _counts(self, held: DataverseKind, row: Row) -> bool:
        return not held.own_terms or bool(row.get(self.org.key))


def _is_too_large(reply: MalformedReply) -> bool:
    return "bytes" in reply.what and "more than" in reply.what


def lines_paths(keys: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - texts, in any order
    """The queries of the lines of these opportunities."""
    query = Query(of=LINES, fields=LINE_COLUMNS)
    wanted = [str(key).lower() for key in keys]
    return [(LINES, one.text()) for one in in_pieces(query, LINE_OF.strip("_").removesuffix("_value"), wanted)]


def with_lines(held: DataverseKind, rows: Sequence[Row], lines: Sequence[Row]) -> list[Row]:
    """Each row with those of the lines that belong to it."""
    of: dict[str, list[Row]] = {}
    for line in lines:
        of.setdefault(str(line.get(LINE_OF)).lower(), []).append(line)
    return [{**row, UNDER: of.get(str(row.get(held.known.id)).lower(), [])} for row in rows]


def is_nobody(reply: Reply) -> bool:
    """Whether a reply says that there is no such row: by its own code, never by a status alone."""
    said = error_of(reply)
    named = said.code in NOBODY or (not said.code and "does not exist" in said.message.lower())
    return reply.status == ABSENT and named


def is_proven_gone(reply: Reply, where: str) -> bool:
    """The same of a look-up, where no answer at all is neither yes nor no.

    Raises `TransientError` where the environment takes no more or breaks down, `MalformedReply` for a page for people.
    """
    if is_nobody(reply):
        return True
    with suppress(RefusedError):  # in its own words something else: no right to see it, for one
        _ = part_of(reply, where)
    return False


def row_in(reply: Reply, where: str) -> Row | None:
    """The row that a write answered with; None when it answered with none."""
    if not reply.body:
        return None
    found = row_of(reply, where)
    return found if is_tree(found) else None
