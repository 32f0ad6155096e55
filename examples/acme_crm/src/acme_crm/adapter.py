"""The adapter: each method yields the calls it needs and returns what the port asks for. No socket, no clock.

Acme knows companies and deals, under names of its own. What it has no place for is declared in `holds`, and
refused by name when it is written all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from clmcrm.codec.canonical import check_json
from clmcrm.errors import InvalidRecord, MalformedReply, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow
from clmcrm.ports.records import (
    Capabilities,
    Create,
    Feed,
    Fields,
    Json,
    Kind,
    Outcome,
    Page,
    Remove,
    Result,
    Seen,
    Write,
)

VENDOR: Final = "acme"
TABLES: Final[Mapping[str, str]] = {Kind.ACCOUNT: "companies", Kind.OPPORTUNITY: "deals"}
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    Kind.ACCOUNT: {"name": "title", "website": "url", "description": "notes", "employees": "headcount"},
    Kind.OPPORTUNITY: {
        "name": "title", "amount": "worth", "expected_close_on": "closes", "stage": "step", "account": "company",
    },
}  # fmt: skip
"""Acme's name for each canonical field it has a place for."""

CAPABILITIES: Final = Capabilities(
    kinds=frozenset(TABLES),
    creates=frozenset(TABLES),
    feed=Feed.JOURNAL,
    batch_size=20,
    in_flight=4,
    holds={kind: frozenset(names) for kind, names in NAMES.items()},
)
GOOD: Final = 200


class AcmeCrm:
    """Acme's CRM at `url`."""

    def __init__(self, url: str = "https://acme.example/api") -> None:
        self._url = url

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        return VENDOR

    @property
    def capabilities(self) -> Capabilities:
        """What Acme can and cannot do."""
        return CAPABILITIES

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`."""
        said = yield from self._asked(f"{_table(kind)}/changes", {"since": cursor}, ("rows", "cursor", "more"))
        return Page(seen=_seen(kind, said["rows"]), cursor=said["cursor"], more=said["more"])

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys as they are now."""
        said = yield from self._asked(f"{_table(kind)}/rows", {"ids": list(keys)}, ("rows",))
        return _seen(kind, said["rows"])

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record created under our key `mark`, or None."""
        said = yield from self._asked(f"{_table(kind)}/by-reference/{quote(mark, safe='')}", {}, ("rows",))
        return next(iter(_seen(kind, said["rows"])), None)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in the same order."""
        if len(writes) > CAPABILITIES.batch_size:
            raise TerminalError(VENDOR, f"{len(writes)} writes in one call, at most {CAPABILITIES.batch_size}")
        refused = [_objection(write) for write in writes]
        orders = [_order(write) for write, why in zip(writes, refused, strict=True) if not why]
        said: Any = {"done": []}
        if orders:
            said = yield from self._asked("orders", {"orders": orders}, ("done",), Effect.KEYED)
        told = iter(said["done"])
        return tuple(Outcome(result=Result.REFUSED, why=why) if why else _outcome(next(told)) for why in refused)

    def _asked(
        self, path: str, body: Mapping[str, object], wanted: Sequence[str], effect: Effect = Effect.NONE
    ) -> Flow[Any]:
        """What Acme says; `MalformedReply` for what is no answer of Acme's: a log-in page says nothing of a record."""
        sent = json.dumps(body, ensure_ascii=False).encode()
        reply = yield Call(method="POST", url=f"{self._url}/{path}", vendor=VENDOR, body=sent, effect=effect)
        if reply.status != GOOD:
            raise TerminalError(VENDOR, f"status {reply.status}: {reply.body.decode(errors='replace')}")
        try:
            said = json.loads(reply.body)
        except ValueError:
            raise MalformedReply(VENDOR, path, "no JSON", reply.request_id) from None
        if not isinstance(said, dict) or not set(wanted) <= said.keys():
            raise MalformedReply(VENDOR, path, f"no {' and '.join(wanted)} in it", reply.request_id)
        return said


def _table(kind: str) -> str:
    if kind not in TABLES:
        raise TerminalError(VENDOR, f"no kind {kind!r}; it holds {', '.join(sorted(TABLES))}")
    return TABLES[kind]


def _objection(write: Write) -> str:
    """Why a write is not even sent; empty when it is."""
    if write.kind not in TABLES:
        return f"there is no kind {write.kind}"
    fields: Fields = {} if isinstance(write, Remove) else write.fields
    strange = sorted(fields.keys() - NAMES[write.kind].keys())
    if strange:
        return f"{write.kind} has no place for {', '.join(strange)}"
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        return str(problem)
    return ""


def _order(write: Write) -> dict[str, object]:
    order: dict[str, object] = {"table": TABLES[write.kind]}
    if isinstance(write, Create):
        order |= {"do": "insert", "reference": write.mark}
    else:
        order |= {"do": "remove" if isinstance(write, Remove) else "change", "id": write.key, "if": write.expected}
    if not isinstance(write, Remove):
        order["values"] = {NAMES[write.kind][name]: value for name, value in write.fields.items()}
    return order


def _outcome(told: Mapping[str, str]) -> Outcome:
    return Outcome(
        result=Result(told["result"]), key=told.get("id", ""), version=told.get("revision", ""),
        why=told.get("because", ""),
    )  # fmt: skip


def _seen(kind: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Seen, ...]:
    ours = {theirs: name for name, theirs in NAMES[kind].items()}
    return tuple(
        Seen(
            kind=kind, key=row["id"], version=row["revision"], mark=row["reference"], gone=row["removed"],
            fields=_fields(ours, row["values"]), changed_at=datetime.fromisoformat(row["at"]),
        )
        for row in rows
    )  # fmt: skip


def _fields(ours: Mapping[str, str], values: Mapping[str, Json]) -> Fields:
    return {ours[name]: value for name, value in values.items()}
