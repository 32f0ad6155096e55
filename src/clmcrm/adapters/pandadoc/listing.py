"""Lists of documents, their details and their trails: what PandaDoc says of the documents that are ours.

A list's rows do not show their metadata, by which the list was asked: a document that is to be bound is looked at
itself, and a list that did not keep to the filter is an error and no answer.
Source: list documents, document details, list document audit trail, API reference 8.8.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.adapters.pandadoc.definition import REQUEST, SENDER, mark_of
from clmcrm.adapters.pandadoc.reading import DELETED, was_sent
from clmcrm.adapters.pandadoc.statuses import BROKEN, MADE, UNSENT
from clmcrm.adapters.pandadoc.wire import (
    DETAILS,
    LISTS,
    LOOKING,
    OTHERS,
    VENDOR,
    InAnotherState,
    NoSuchDocument,
    PandaDocSession,
    is_key,
)
from clmcrm.adapters.trees import Tree, is_list, is_tree, number, tree_of, trees_of, word
from clmcrm.errors import MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Flow

MOST: Final = 100
"""Documents in one page, and entries of a trail."""
MOST_LOOKS: Final = 60
"""How often a document that is being made is looked at: PandaDoc takes some seconds."""
_MOST_PAGES: Final = 1_000
_NOT_ALLOWED: Final = 403
_DELETED: Final[Mapping[str, str]] = {"deleted": "true"}


class Listing:
    """What a workspace shows of the documents that `sender` sent; `page` is how many are listed at a time."""

    def __init__(self, session: PandaDocSession, sender: str, page: int = MOST) -> None:
        self._session, self._sender, self._page = session, sender, page

    def rows(self, query: Mapping[str, str]) -> Flow[list[Tree]]:
        """The sender's documents that meet `query`, one page of them."""
        return (
            yield from self._asked({f"metadata_{SENDER}": mark_of(self._sender), "count": str(self._page), **query})
        )

    def details(self, key: str) -> Flow[Tree]:
        """A document with its recipients; raises `NoSuchDocument` and `InAnotherState`."""
        found = yield from self._session.get(f"v1/documents/{key}/details", bucket=DETAILS)
        if word(found, "id") != key:
            raise MalformedReply(VENDOR, "GET details", f"another document than {key}: {sorted(found)[:5]}")
        return found

    def status(self, key: str) -> Flow[str]:
        """The word for how far a document is; raises `NoSuchDocument`."""
        try:
            found = yield from self._session.get(f"v1/documents/{key}", bucket=LISTS)
        except InAnotherState as state:
            return state.status
        return word(found, "status")

    def made(self, key: str, *, by_now: bool) -> Flow[Tree]:
        """A document in detail once it is made, or its key and status alone where it cannot be made.

        `by_now` it should be: its details are looked at, and its status only where PandaDoc shows none yet.
        Raises `TransientError` when that takes too long, and `NoSuchDocument`.
        """
        if by_now:
            try:
                found = yield from self.details(key)
            except (NoSuchDocument, InAnotherState):
                pass  # at first PandaDoc may not know what it took
            else:
                if word(found, "status") != MADE:
                    return found
        said = yield from self._made(key)
        if said in BROKEN:
            return {"id": key, "status": said}
        try:
            return (yield from self.details(key))
        except InAnotherState as still:
            raise TransientError(VENDOR, f"document {key} shows no details yet: {still}") from None

    def deleted(self, key: str) -> Flow[Tree | None]:
        """The row of a document among those that were deleted; None when it is not there."""
        rows = yield from self._asked({"id": key, **_DELETED})
        found = next((row for row in rows if word(row, "id") == key), None)
        return None if found is None else {**found, DELETED: True}

    def sent_before(self, request_id: str) -> Flow[Tree | None]:
        """The document that was made under our id, in detail; of several one that somebody received, else the oldest.

        None when there is none. One that was sent and deleted since is told by its row, marked as deleted: it went out
        all the same.
        """
        found = yield from self.kept(request_id)
        return found if found is not None else (yield from self.gone(request_id))

    def kept(self, request_id: str) -> Flow[Tree | None]:
        """The same among the documents that nobody deleted."""
        mark, first = mark_of(self._sender, request_id), None
        for row in (rows := (yield from self._asked(_under(mark)))):
            try:
                found = yield from self._in_detail(row)
            except NoSuchDocument:
                continue  # somebody deleted it a moment ago
            if word(found, "status") not in BROKEN and word(tree_of(found, "metadata"), REQUEST) != mark:
                raise MalformedReply(VENDOR, "GET documents", "a list that does not keep to the metadata asked for")
            if len(rows) == 1 or was_sent(found):
                return found
            first = first or found  # a draft beside one that went out is not to go out as well
        return first

    def gone(self, request_id: str) -> Flow[Tree | None]:
        """The same among those that were sent and deleted since: a row, marked as deleted."""
        rows = yield from self._asked({**_under(mark_of(self._sender, request_id)), **_DELETED})
        return next(({**row, DELETED: True} for row in rows if was_sent(row)), None)

    def none_sent_is_deleted(self) -> Flow[bool]:
        """Whether no document of the sender's that anybody received was deleted; False when one page cannot tell."""
        mine = {f"metadata_{SENDER}": mark_of(self._sender), "order_by": "date_created", "count": str(MOST)}
        rows = yield from self._asked({**mine, **_DELETED})
        return len(rows) < MOST and all(word(row, "status") in UNSENT for row in rows)

    def trail(self, key: str) -> Flow[list[Tree]]:
        """Every entry of a document's audit trail; raises `RefusedError` for a key that may not read it."""
        entries: list[Tree] = []
        for _ in range(_MOST_PAGES):
            query = {"limit": str(MOST), "offset": str(len(entries))}
            answer = yield from self._trail_page(key, query)
            page = trees_of(answer, "results")
            entries += page
            there = number(answer, "count")  # of all entries; a page may hold fewer than it was asked for
            if not page or (len(page) < MOST if there is None else len(entries) >= there):
                break
        return entries

    def _trail_page(self, key: str, query: Mapping[str, str]) -> Flow[Tree]:
        try:
            answer = yield from self._session.get(f"v2/documents/{key}/audit-trail", query, bucket=OTHERS)
        except RefusedError as refused:
            if refused.status == _NOT_ALLOWED:
                why = f"{refused.what}; the audit trail is for administrators: give such a key, or audit=False"
                raise RefusedError(VENDOR, why, refused.request_id, status=refused.status) from None
            raise
        except (NoSuchDocument, InAnotherState) as refused:
            raise TerminalError(VENDOR, f"the audit trail of {key}: {refused}") from None
        if not is_list(answer.get("results")):
            raise MalformedReply(VENDOR, "GET audit-trail", f"no entries: {sorted(answer)[:5]}")
        return answer

    def _in_detail(self, row: Tree) -> Flow[Tree]:
        try:
            return (yield from self.details(word(row, "id")))
        except InAnotherState:
            return {**row, **(yield from self.made(word(row, "id"), by_now=False))}

    def _made(self, key: str) -> Flow[str]:
        """The status of a document once it is made."""
        for _ in range(MOST_LOOKS):
            try:
                found = yield from self._session.get(f"v1/documents/{key}", bucket=LOOKING)
            except (NoSuchDocument, InAnotherState):
                continue
            said = word(found, "status")
            if not said:
                raise MalformedReply(VENDOR, "GET status", f"no status: {sorted(found)[:5]}")
            if said != MADE:
                return said
        raise TransientError(VENDOR, f"document {key} is still being made; ask again")

    def _asked(self, query: Mapping[str, str]) -> Flow[list[Tree]]:
        try:
            answer = yield from self._session.get("v1/documents", query, bucket=LISTS)
        except (NoSuchDocument, InAnotherState) as refused:
            raise MalformedReply(VENDOR, "GET documents", f"no list of documents: {refused}") from None
        found = answer.get("results")
        if not is_list(found):
            raise MalformedReply(VENDOR, "GET documents", f"no list of documents: {sorted(answer)[:5]}")
        rows: list[Tree] = [one for one in found if is_tree(one) and is_key(word(one, "id"))]
        if len(rows) < len(found):
            raise MalformedReply(VENDOR, "GET documents", "a row that is no document")
        return rows


def _under(mark: str) -> dict[str, str]:
    return {f"metadata_{REQUEST}": mark, "order_by": "date_created", "count": str(MOST)}
