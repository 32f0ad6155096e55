"""An adapter that believes nothing: every reply is read strictly, and what is not understood is said to be so.

A reply that is none is a `MalformedReply`; one record of a page that is none is `unreadable`, and the others go on.
The next page is asked for where the reply's link leads: the transport says whether that may be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, TypeGuard, cast

from clmcrm.drivers.reading import read_json
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError
from clmcrm.ports.calls import Call, Effect, Flow
from clmcrm.ports.records import Capabilities, Fields, Outcome, Page, Result, Seen, Side, Write
from clmcrm.ports.systems import Past
from clmcrm.testing.faults.mixes import FREE_FIELDS, MONEY, REFERENCES
from clmcrm.testing.faults.service import OK, HttpRemote, write_out

REFUSING: Final = range(400, 500)
_AMOUNT: Final = {"amount", "currency"}


class StrictRemote(HttpRemote):
    """The same systems behind the same socket, read strictly."""

    def __init__(self, side: Side, able: Capabilities, url: str) -> None:
        super().__init__(side, able, url)
        self._address = url
        self._links: dict[str | None, str] = {}

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed since; the next page is where the last one said."""
        told = yield from self._told("changes", {"kind": kind, "cursor": cursor}, link=self._links.pop(cursor, None))
        page = self._object("changes", told)
        seen = tuple(self._seen("changes", kind, each) for each in self._list("changes", page.get("seen")))
        after, more, link = page.get("cursor"), page.get("more"), page.get("next")
        if not isinstance(after, str) or not isinstance(more, bool) or not isinstance(link, str | None):
            raise self._malformed("changes", "no cursor, no more or no link")
        if link is not None:
            self._links[after] = link
        return Page(seen=seen, cursor=after, more=more)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """These records now."""
        told = yield from self._told("read", {"kind": kind, "keys": list(keys)})
        seen = tuple(self._seen("read", kind, each) for each in self._list("read", told))
        if any(each.key not in keys for each in seen):
            raise self._malformed("read", "another record than one of those asked for")
        return seen

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record under our mark."""
        told = yield from self._told("find", {"kind": kind, "mark": mark})
        if not isinstance(told, dict) or set(cast("dict[str, Any]", told)) != {"found"}:
            raise self._malformed("find", "no answer to what was asked")
        found = cast("dict[str, Any]", told)["found"]
        return None if found is None else self._seen("find", kind, found)

    def past(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Past, ...]]:
        """The values that fields had."""
        told = yield from self._told("past", {"kind": kind, "keys": list(keys)})
        past: list[Past] = []
        for each in self._list("past", told):
            key, name, value = self._row("past", each, 3)
            if key not in keys or not isinstance(name, str) or _wrong(kind, name, value):
                raise self._malformed("past", "no value that a field had")
            past.append(Past(key=str(key), name=name, value=value))
        return tuple(past)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write."""
        told = yield from self._told("write", {"writes": [write_out(write) for write in writes]}, Effect.ONCE)
        outcomes: list[Outcome] = []
        for each in self._list("write", told):
            result, key, version, why = self._row("write", each, 4)
            try:
                outcomes.append(Outcome(result=Result(result), key=key, version=version, why=why))
            except (ValueError, TypeError) as problem:
                raise self._malformed("write", f"no outcome: {problem}") from None
            if not all(isinstance(text, str) for text in (key, version, why)):
                raise self._malformed("write", "an outcome whose parts are no texts")
        return tuple(outcomes)

    def _told(self, what: str, said: Fields, effect: Effect = Effect.NONE, link: str | None = None) -> Flow[Any]:
        call = Call(
            method="POST", url=link or f"{self._address}/{self.side.value}/{what}", vendor=self.system, effect=effect,
            body=json.dumps(said).encode(), headers={"content-type": "application/json"},
        )  # fmt: skip
        reply = yield call
        if reply.status in REFUSING:
            raise RefusedError(self.system, f"{call.where}: status {reply.status}", status=reply.status)
        if reply.status != OK:
            raise MalformedReply(self.system, call.where, f"status {reply.status}", reply.request_id)
        return read_json(reply, self.system, call.where)

    def _malformed(self, what: str, why: str) -> MalformedReply:
        return MalformedReply(self.system, f"POST /{self.side.value}/{what}", why)

    def _object(self, what: str, told: object) -> dict[str, Any]:
        if not isinstance(told, dict):
            raise self._malformed(what, "no object")
        return cast("dict[str, Any]", told)

    def _list(self, what: str, told: object) -> list[Any]:
        if not _is_list(told):
            raise self._malformed(what, "no list")
        return told

    def _row(self, what: str, told: object, size: int) -> list[Any]:
        row = self._list(what, told)
        if len(row) != size:
            raise self._malformed(what, f"{len(row)} parts, not {size}")
        return row

    def _seen(self, what: str, kind: str, told: object) -> Seen:
        """A record; unreadable when its key is known and the rest makes no sense."""
        record = self._object(what, told)
        key = record.get("key")
        if not isinstance(key, str) or not key or record.get("kind") != kind:
            raise self._malformed(what, "a record without a key of its own")
        fields = record.get("fields")
        problem = _problem(kind, record, fields)
        try:
            seen = None if problem else Seen(**record)
        except (InvalidRecord, TypeError) as error:
            seen, problem = None, str(error)
        if seen is not None:
            return seen
        mark = record.get("mark")
        return Seen(
            kind=kind, key=key, fields=_readable(kind, fields), mark=mark if isinstance(mark, str) and mark else None,
            unreadable=f"POST /{self.side.value}/{what}: {problem}",
        )  # fmt: skip


def _is_list(told: object) -> TypeGuard[list[Any]]:
    return isinstance(told, list)


def _problem(kind: str, record: dict[str, Any], fields: object) -> str:
    if not isinstance(fields, dict):
        return "fields: no object"
    for name in ("version", "unreadable"):
        if not isinstance(record.get(name), str):
            return f"{name}: no text"
    for name, value in cast("dict[str, Any]", fields).items():
        wrong = _wrong(kind, name, value)
        if wrong:
            return f"{name}: {wrong}"
    return ""


def _readable(kind: str, fields: object) -> Fields:
    """The fields that make sense."""
    told = cast("dict[str, Any]", fields) if isinstance(fields, dict) else {}
    return {name: value for name, value in told.items() if not _wrong(kind, name, value)}


def _wrong(kind: str, name: str, value: object) -> str:
    """What is wrong with a field's value; empty when nothing is."""
    if name not in (*FREE_FIELDS[kind], "code", REFERENCES[kind][0]):
        return "no field of this kind"
    if name == MONEY:
        parts = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        whole = set(parts) == _AMOUNT and all(isinstance(part, str) for part in parts.values())
        return "" if whole else "no amount"
    return "" if value is None or isinstance(value, str) else "no text"
