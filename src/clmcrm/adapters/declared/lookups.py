"""Reading single records: by their keys, and by the key of ours that they were created under."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from clmcrm.adapters.declared.description import Finding, KindMap, Many
from clmcrm.adapters.declared.feed import next_token
from clmcrm.adapters.declared.showing import key_of, seen_of
from clmcrm.adapters.declared.wire import Wire, addressable
from clmcrm.errors import MalformedReply, RefusedError, TerminalError
from clmcrm.ports.calls import Call, Flow, Reply, together
from clmcrm.ports.records import Seen

_MOST_PAGES: Final = 50
Row = dict[str, Any]


@frozen
class Reader:
    """Reads records through `wire`."""

    wire: Wire

    def read(self, kind: KindMap, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys, once each; those that are not there are left out."""
        wanted = [key for key in dict.fromkeys(keys) if addressable(key)]
        if kind.many is not None:
            many = kind.many
            parts = [wanted[first : first + many.size] for first in range(0, len(wanted), many.size)]
            found = yield from together([self._several(kind, many, part) for part in parts])
            by_key = {seen.key: seen for part in found for seen in part}
            return tuple(by_key[key] for key in wanted if key in by_key)
        rows = yield from together([self.row(kind, key) for key in wanted])
        return tuple(seen_of(kind, row, self.wire, kind.one.path) for row in rows if row is not None)

    def row(self, kind: KindMap, key: str) -> Flow[Row | None]:
        """The record of that key as the system has it; None when it says that there is none."""
        if not addressable(key):
            return None
        call = self.wire.call("GET", kind.one.path, key=key, query=list(kind.one.query.items()))
        reply: Reply = yield call
        try:
            row = self.wire.record(self.wire.read(reply, call), kind.one.record, call)
        except RefusedError as refused:
            if refused.status in self.wire.replies.missing:
                return None
            raise
        if key_of(kind, row) != key:
            raise MalformedReply(self.wire.system, call.where, f"another record than the one asked for, {key[:80]!r}")
        return row

    def find(self, kind: KindMap, mark: str) -> Flow[Seen | None]:
        """The record that carries `mark`, a live one first; its filter is not trusted to be exact."""
        if kind.find is None or not mark:
            return None
        found: list[Seen] = []
        finding, link = kind.find, None
        call = self._finding(finding, mark)
        for _ in range(_MOST_PAGES):
            reply: Reply = yield call
            value = self.wire.read(reply, call)
            rows = self.wire.rows(value, finding.rows, call)
            found += [seen_of(kind, row, self.wire, call.where) for row in rows]
            link = next_token(kind.list, value, reply, self.wire.system, call.where)
            if link is None:
                exact = [seen for seen in found if seen.mark == mark]
                if not exact and kind.list.paging in ("keyset", "page") and len(rows) >= kind.list.size:
                    break  # there may be more behind: nothing is proven
                return next((seen for seen in exact if not seen.gone), exact[0] if exact else None)
            call = self._next(kind, finding, mark, link, call.url)
        raise TerminalError(self.wire.system, f"{call.where}: the look-up by our key does not narrow the list")

    def _finding(self, finding: Finding, mark: str, *more: tuple[str, str]) -> Call:
        query = [*finding.query.items(), (finding.param, mark), *more]
        return self.wire.call("GET", finding.path, query=query)

    def _next(self, kind: KindMap, finding: Finding, mark: str, token: str, page: str) -> Call:
        if kind.list.paging == "link":
            return self.wire.follow(token, page)
        return self._finding(finding, mark, (str(kind.list.cursor_param), token))

    def _several(self, kind: KindMap, many: Many, keys: Sequence[str]) -> Flow[list[Seen]]:
        query = list(many.query.items())
        if many.join and not any(many.join in key for key in keys):
            query.append((many.param, many.join.join(keys)))
        elif many.join:  # a key that holds the separator would be read as two: ask for each by itself
            rows = yield from together([self.row(kind, key) for key in keys])
            return [seen_of(kind, row, self.wire, kind.one.path) for row in rows if row is not None]
        else:
            query += [(many.param, key) for key in keys]
        call = self.wire.call("GET", many.path, query=query)
        reply: Reply = yield call
        found = self.wire.rows(self.wire.read(reply, call), many.rows, call)
        return [seen_of(kind, row, self.wire, call.where) for row in found if key_of(kind, row) in keys]
