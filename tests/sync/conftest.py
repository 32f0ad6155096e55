"""A laboratory: two small systems that behave (and misbehave) like vendors', and a clock that stands."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from clmcrm.ports.records import (
    Atomicity,
    Capabilities,
    Create,
    Creating,
    Feed,
    Outcome,
    Page,
    Precondition,
    Remove,
    Result,
    Seen,
    Side,
    Update,
    Write,
)
from clmcrm.ports.systems import Past
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync import synchronise
from clmcrm.sync.standard import standard_rules

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
KINDS = ("account", "contact", "org_unit", "opportunity", "contract", "contract_terms")


class PowerCutError(BaseException):
    """The process dies here."""


class Fuse:
    """Burns through at the k-th touch; never when k is None."""

    def __init__(self, k: int | None = None) -> None:
        self.left = k
        self.touched = 0

    def touch(self) -> None:
        self.touched += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise PowerCutError


class FakeSystem:
    """Records in memory, a feed of changes, writes with preconditions; counts what is written."""

    def __init__(self, name: str, prefix: str, **flags: Any) -> None:
        self.name = name
        self.prefix = prefix
        self.fuse = Fuse()
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.feed: list[tuple[str, str]] = []
        self.written: list[Write] = []
        self.calls: list[tuple[str, int]] = []
        self.failures: list[Exception] = []
        self.refuses: Callable[[Write], str] = lambda _: ""
        self.spelling: Callable[[dict[str, Any]], dict[str, Any]] = lambda fields: fields
        self.before_write: Callable[[], None] = lambda: None
        self.before_changes: Callable[[], None] = lambda: None
        self.after_write: Callable[[], None] = lambda: None
        self.page = 3
        self.tombstones = False  # whether a read shows what has ended
        self.lag: set[tuple[str, str]] = set()  # (kind, mark) that look-ups do not see yet
        self.landing: list[Write] = []  # carried out late, when somebody calls `land`
        self.keys: dict[str, tuple[Write, Outcome]] = {}
        self.log: list[Past] = []
        given: dict[str, Any] = {"kinds": frozenset(KINDS), "creates": frozenset(KINDS), "batch_size": 5}
        self.flags = Capabilities(**{**given, **flags})
        self._next = 0

    @property
    def system(self) -> str:
        return self.name

    @property
    def capabilities(self) -> Capabilities:
        return self.flags

    # what people do

    def add(self, kind: str, mark: str | None = None, **fields: Any) -> str:
        self._next += 1
        key = f"{self.prefix}{self._next}"
        row = {"fields": self.spelling(dict(fields)), "version": 1, "mark": mark}
        self.log += [Past(key=key, name=name, value=value) for name, value in fields.items()]
        self.rows[kind, key] = {**row, "gone": False, "merged_into": None}
        self.feed.append((kind, key))
        return key

    def edit(self, kind: str, key: str, **fields: Any) -> None:
        row = self.rows[kind, key]
        row["fields"] = self.spelling({**row["fields"], **fields})
        self.log += [Past(key=key, name=name, value=value) for name, value in row["fields"].items() if name in fields]
        self._touched(kind, key)

    def delete(self, kind: str, key: str) -> None:
        self.rows[kind, key]["gone"] = True
        self._touched(kind, key)

    def restore(self, kind: str, key: str) -> None:
        self.rows[kind, key]["gone"] = False
        self._touched(kind, key)

    def merge(self, kind: str, loser: str, winner: str) -> None:
        self.rows[kind, loser].update(gone=True, merged_into=winner)
        self._touched(kind, loser)
        self._touched(kind, winner)

    def fields(self, kind: str, key: str) -> dict[str, Any]:
        return copy.deepcopy(self.rows[kind, key]["fields"])

    def living(self, kind: str) -> dict[str, dict[str, Any]]:
        return {key: row["fields"] for (k, key), row in sorted(self.rows.items()) if k == kind and not row["gone"]}

    def seen(self, kind: str) -> list[Seen]:
        return [self._seen(kind, key) for k, key in sorted(self.rows) if k == kind]

    # what the port asks

    def changes(self, kind: str, cursor: str | None) -> Page:
        self._called("changes", 1)
        self.before_changes()
        start = int(cursor or 0)
        chosen = [(n, key) for n, (k, key) in enumerate(self.feed, 1) if k == kind and n > start]
        page = chosen[: self.page]
        seen = tuple(self._seen(kind, key) for _, key in page)
        end = page[-1][0] if page else start
        return Page(seen=seen, cursor=str(end), more=len(chosen) > len(page))

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        self._called("read", len(keys))
        rows = (self.rows.get((kind, key)) for key in keys)
        found = [key for key, row in zip(keys, rows, strict=True) if row and (self.tombstones or not row["gone"])]
        return tuple(self._seen(kind, key) for key in reversed(found))

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        self._called("past", len(keys))
        return tuple(past for past in self.log if (kind, past.key) in self.rows and past.key in keys)

    def land(self) -> None:
        """What was on its way arrives."""
        late, self.landing = self.landing, []
        _ = [self._one(write) for write in late]

    def find(self, kind: str, mark: str) -> Seen | None:
        self._called("find", 1)
        if (kind, mark) in self.lag:
            return None
        found = [key for (k, key), row in self.rows.items() if k == kind and row["mark"] == mark]
        return self._seen(kind, found[0]) if found else None

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        assert len(writes) <= self.flags.batch_size
        self._called("write", len(writes))
        self.before_write()
        if self.failures:
            failure = self.failures.pop(0)
            if getattr(failure, "too_late", False):
                _ = [self._one(write) for write in writes]
            if getattr(failure, "on_its_way", False):
                self.landing += writes
            raise failure
        if self.flags.atomicity is Atomicity.ALL and any(self.refuses(write) for write in writes):
            why = next(why for write in writes if (why := self.refuses(write)))
            return (Outcome(result=Result.REFUSED, why=why),) * len(writes)
        outcomes = tuple(self._one(write) for write in writes)
        self.after_write()
        self.fuse.touch()
        return outcomes

    def _one(self, write: Write) -> Outcome:
        if not self.flags.key_window:
            return self._carried_out(write)
        first, outcome = self.keys.get(write.idempotency_key, (write, None))
        if first != write:
            return Outcome(result=Result.REUSED)
        if outcome is None:
            outcome = self._carried_out(write)
            self.keys[write.idempotency_key] = (write, outcome)
        return outcome

    def _carried_out(self, write: Write) -> Outcome:
        self.fuse.touch()
        why = self.refuses(write)
        if why:
            return Outcome(result=Result.REFUSED, why=why)
        if isinstance(write, Create):
            return self._create(write)
        row = self.rows.get((write.kind, write.key))
        if row is None or row["gone"]:
            return Outcome(result=Result.MISSING, key=write.key)
        strict = self.flags.precondition is Precondition.ROW
        if strict and str(row["version"]) != write.expected:
            return Outcome(result=Result.STALE, key=write.key)
        self.written.append(write)
        if isinstance(write, Remove):
            self.delete(write.kind, write.key)
        else:
            self._set(write)
        return Outcome(result=Result.DONE, key=write.key, version=str(row["version"]))

    def _set(self, write: Update) -> None:
        self.edit(write.kind, write.key, **copy.deepcopy(dict(write.fields)))

    def _create(self, write: Create) -> Outcome:
        binds = self.flags.creation is Creating.UNIQUE
        for (kind, key), row in self.rows.items():
            if binds and kind == write.kind and row["mark"] == write.mark:
                return Outcome(result=Result.BOUND, key=key, version=str(row["version"]))
        self.written.append(write)
        key = self.add(write.kind, mark=write.mark, **copy.deepcopy(dict(write.fields)))
        return Outcome(result=Result.DONE, key=key, version="1")

    def _touched(self, kind: str, key: str) -> None:
        self.rows[kind, key]["version"] += 1
        self.feed.append((kind, key))

    def _called(self, what: str, size: int) -> None:
        self.calls.append((what, size))
        self.fuse.touch()

    def _seen(self, kind: str, key: str) -> Seen:
        row = self.rows[kind, key]
        return Seen(
            kind=kind,
            key=key,
            fields=copy.deepcopy(row["fields"]),
            version=str(row["version"]),
            mark=row["mark"],
            gone=row["gone"],
            merged_into=row["merged_into"],
        )


class Pair:
    """A CRM, a CLM, a journal and rules, ready to run."""

    def __init__(self, journal: Any = None, rules: Any = None, **flags: Any) -> None:
        self.crm = FakeSystem("fake-crm", "A", **flags)
        self.clm = FakeSystem("fake-clm", "L", **flags)
        self.journal = MemoryJournal() if journal is None else journal
        self.rules = rules or standard_rules()
        self.now = NOON

    @property
    def systems(self) -> dict[Side, FakeSystem]:
        return {Side.CRM: self.crm, Side.CLM: self.clm}

    @property
    def written(self) -> int:
        return len(self.crm.written) + len(self.clm.written)

    def run(self, **options: Any) -> Any:
        return synchronise(self.systems, self.journal, self.rules, clock=lambda: self.now, **options)

    def settle(self, rounds: int = 10) -> Any:
        """Run until nothing is written any more."""
        for _ in range(rounds):
            before = self.written
            report = self.run(yes=True)
            if self.written == before and not any(line.ended.value == "bound" for line in report.lines):
                return report
        raise AssertionError("it does not settle")

    def agreed(self, kind: str = "account") -> list[Any]:
        return list(self.journal.agreed(kind))

    def history(self, what: str) -> list[Any]:
        return [entry for entry in self.journal.history() if entry.what == what]


def _shown(kind: str, key: str, version: str = "1", **fields: Any) -> Seen:
    return Seen(kind=kind, key=key, fields=fields, version=version)


def _ops(steps: Iterable[Any]) -> list[tuple[str, str, str | None]]:
    return [(s.op.value, s.pair, None if s.side is None else s.side.value) for s in steps]


@pytest.fixture(scope="session")
def lab() -> Any:
    """Everything a test of the engine needs, in one place."""
    return SimpleNamespace(
        Pair=Pair, FakeSystem=FakeSystem, Fuse=Fuse, PowerCutError=PowerCutError,
        noon=NOON, shown=_shown, ops=_ops, Feed=Feed,
    )  # fmt: skip
