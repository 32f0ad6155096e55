"""How many calls 1,000 changed records cost, beside the fewest that a vendor's pages and batches allow.

Each adapter is the CRM in one run (its changes are told) and the CLM in another (its records are read and
written); the other side is a system in memory. The bound is one call per page or batch: ceil(N / size), and the
gate 1.05 times that, with one call more for a page that is not full. Vendors with calls are counted at the
transport, the systems in memory at the port. The check sum of all records must be the same on both sides and in
every row of the table. A new adapter is one more line in `ADAPTERS`.
Run it as `python benchmarks/sync_vendor_calls.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import evolve, frozen

from clmcrm.adapters.declared.reading import read_description
from clmcrm.adapters.declared.system import DeclaredSystem
from clmcrm.adapters.memory import MEMORY_CLM, MEMORY_CRM, MemoryClm, MemoryCrm
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.ports.calls import Call, Reply
from clmcrm.ports.records import Feed, Fields, Outcome, Page, Seen, Side, Write
from clmcrm.ports.systems import AnySystem
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync import Rules, standard_rules
from clmcrm.sync.flow import synchronise_flow

RECORDS = 1_000
SIZE = 100
STANDARD = standard_rules()
RULES: Rules = evolve(STANDARD, kinds=tuple(kind for kind in STANDARD if kind.kind == "account"))


class Clock:
    """Hours pass between what people do, so that no overlap of a feed reads it twice."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now, and a little later the next time."""
        self._now += timedelta(milliseconds=1)
        return self._now

    def pass_hours(self) -> None:
        """Let a working day go by."""
        self._now += timedelta(hours=8)


class InMemory:
    """A system in memory whose port is counted."""

    def __init__(self, inner: MemoryCrm | MemoryClm, counts: Counter[str]) -> None:
        self._inner, self._counts = inner, counts
        self.system, self.capabilities = inner.system, inner.capabilities

    def changes(self, kind: str, cursor: str | None) -> Page:
        """One page."""
        self._counts["read"] += 1
        return self._inner.changes(kind, cursor)

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """One batch."""
        self._counts["read"] += 1
        return self._inner.read(kind, keys)

    def find(self, kind: str, mark: str) -> Seen | None:
        """One record."""
        self._counts["read"] += 1
        return self._inner.find(kind, mark)

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One batch."""
        self._counts["write"] += 1
        return self._inner.write(writes)


@frozen(kw_only=True)
class Made:
    """A system to be counted, and what a person does to it behind the engine's back."""

    system: AnySystem
    counts: Counter[str]
    add: Callable[[Fields], object]
    edit_all: Callable[[], None]
    records: Callable[[], list[Fields]]
    transport: Any = None


def in_memory(side: Side, clock: Clock, feed: Feed = Feed.DELTA) -> Made:
    """The twins, with pages and batches of a hundred."""
    able = evolve(MEMORY_CRM if side is Side.CRM else MEMORY_CLM, batch_size=SIZE, feed=feed)
    make = MemoryCrm if side is Side.CRM else MemoryClm
    inner, counts = make(able, clock=clock, page_size=SIZE), Counter[str]()

    def keys() -> list[str]:
        told, cursor = list[str](), None
        while True:
            page = inner.changes("account", cursor)
            told += [seen.key for seen in page.seen]
            cursor = page.cursor
            if not page.more:
                return list(dict.fromkeys(told))

    def edit_all() -> None:
        for key in keys():
            _ = inner.edit("account", key, {"website": f"https://{key}.example"})

    def records() -> list[Fields]:
        return [seen.fields for seen in inner.read("account", keys())]

    return Made(
        system=InMemory(inner, counts), counts=counts, add=lambda fields: inner.add("account", fields),
        edit_all=edit_all, records=records,
    )  # fmt: skip


def with_journal(side: Side, clock: Clock) -> Made:
    """The same with a feed of events: the records are read after it has told of them."""
    return in_memory(side, clock, Feed.JOURNAL)


DESCRIBED = """
system = "described"
address = "https://crm.example/v1"
[limits]
batch_size = 100
[writing]
precondition = "if-match"
creating = "unique"
[kinds.account]
key = "id"
version = "revision"
mark = "external_id"
changed = "updated_at"
extras = false
list = { path = "/accounts", rows = "data", paging = "keyset", size = 100, size_param = "limit", since_param = "since", after_param = "after", overlap_s = 60 }
one = { path = "/accounts/{key}" }
many = { path = "/accounts", rows = "data", param = "ids", size = 100 }
find = { path = "/accounts", rows = "data", param = "external_id" }
create = { path = "/accounts" }
update = { path = "/accounts/{key}" }
fields = { name = "company", website = "web" }
"""  # noqa: E501 - a table of TOML stands on one line


class Rest:
    """The described system's far end: rows in a dictionary, a page or a record per call."""

    def __init__(self, clock: Clock, counts: Counter[str]) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self._clock, self._counts, self._lock = clock, counts, Lock()

    def send(self, call: Call, within: timedelta) -> Reply:
        """The reply to one call, one after another: the driver sends writes side by side."""
        with self._lock:
            return self._answered(call, within)

    def _answered(self, call: Call, within: timedelta) -> Reply:
        parts, now = urlsplit(call.url), self._clock()
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._counts["read" if call.method == "GET" else "write"] += bool(within)
        key = parts.path.rpartition("/")[2]
        if call.method == "POST":
            return self._reply(self.put({**json.loads(call.body or b""), "id": f"R{len(self.rows):05d}"}), now)
        if call.method == "PATCH":
            row = self.rows[key]
            if str(row["revision"]) != call.headers.get("if-match"):
                return self._reply({}, now, 412)
            return self._reply(self.put({**row, **json.loads(call.body or b"")}), now)
        if key != "accounts":
            return self._reply(self.rows[key], now)
        return self._reply({"data": self._listed(query)}, now)

    def put(self, row: dict[str, Any]) -> dict[str, Any]:
        """Keep a row as changed now."""
        row = {**row, "revision": row.get("revision", 0) + 1, "updated_at": self._clock().isoformat()}
        self.rows[row["id"]] = row
        return row

    def _listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        if "ids" in query:
            return [self.rows[key] for key in query["ids"].split(",")]
        if "external_id" in query:
            return [row for row in self.rows.values() if row.get("external_id") == query["external_id"]]
        since, after = datetime.fromisoformat(query.get("since", "1970-01-01T00:00:00+00:00")), query.get("after", "")
        places = ((datetime.fromisoformat(row["updated_at"]), row["id"], row) for row in self.rows.values())
        told = sorted(((at, key, row) for at, key, row in places if (at, key) > (since, after)), key=lambda p: p[:2])
        return [row for _, _, row in told[:SIZE]]

    def _reply(self, body: object, now: datetime, status: int = 200) -> Reply:
        headers = {"content-type": "application/json", "date": now.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        return Reply(status=status, headers=headers, body=json.dumps(body).encode())


def described(side: Side, clock: Clock) -> Made:
    """A system described in TOML: pages and look-ups of a hundred, writes one by one."""
    counts = Counter[str]()
    far = Rest(clock, counts)
    system = DeclaredSystem(evolve(read_description(DESCRIBED), system=f"described-{side}"))

    def add(fields: Fields) -> object:
        return far.put({"id": f"R{len(far.rows):05d}", "company": fields["name"], "web": fields["website"]})

    def edit_all() -> None:
        for key, row in list(far.rows.items()):
            _ = far.put({**row, "web": f"https://{key}.example"})

    def records() -> list[Fields]:
        return [{"name": row["company"], "website": row["web"]} for row in far.rows.values()]

    return Made(system=system, counts=counts, add=add, edit_all=edit_all, records=records, transport=far)


@frozen
class Adapter:
    """How an adapter is made, and how many records one of its calls tells of, reads and writes.

    `events` says that its feed tells of changes without showing the records.
    """

    name: str
    make: Callable[[Side, Clock], Made]
    page: int = SIZE
    reads: int = SIZE
    writes: int = SIZE
    events: bool = False

    def bound(self, side: Side) -> tuple[int, int]:
        """The fewest reads and writes: the edited records are told, the others read once and written once."""
        told, read, written = (-(-RECORDS // size) for size in (self.page, self.reads, self.writes))
        return (told + read * self.events, 0) if side is Side.CRM else (read, written)


ADAPTERS = (
    Adapter("in memory", in_memory),
    Adapter("in memory, feed of events", with_journal, events=True),
    Adapter("described, single writes", described, writes=1),
)


class Exchange:
    """Sends each call to the system it is for."""

    def __init__(self, made: Sequence[Made]) -> None:
        self._far = {one.system.system: one.transport for one in made}

    def send(self, call: Call, within: timedelta) -> Reply:
        """The reply."""
        reply: Reply = self._far[call.vendor].send(call, within)
        return reply


def checksum(made: Made) -> str:
    """Of what a system holds: names and websites."""
    rows = sorted(str((row["name"], str(row["website"]).partition("://")[0])) for row in made.records())
    return sha256("\n".join(rows).encode()).hexdigest()[:12]


def counted(crm: Made, clm: Made, clock: Clock) -> str:
    """Bring both together, edit every record of the CRM, and count what bringing that over takes."""
    journal = MemoryJournal()
    driver = Driver(Exchange([crm, clm]), Desk(clock=clock), sleep=time.sleep)
    systems = {Side.CRM: crm.system, Side.CLM: clm.system}

    def run() -> int:
        clock.pass_hours()
        return driver.run(synchronise_flow(systems, journal, RULES, clock=clock, yes=True)).written

    for number in range(RECORDS):
        _ = crm.add({"name": f"Company {number:04d}", "website": "https://old.example"})
    made, echo, idle = run(), run(), run()
    clock.pass_hours()
    crm.edit_all()
    for one in (crm, clm):
        one.counts.clear()
    if (made, echo, idle, run()) != (RECORDS, 0, 0, RECORDS) or checksum(crm) != checksum(clm):
        raise SystemExit(f"not the same work: {made}, {echo}, {idle} written, then {checksum(crm)} {checksum(clm)}")
    return checksum(clm)


def line(name: str, made: Made, reads: int, writes: int) -> None:
    """One row: what was counted, the bound, and whether it is within the gate; a feed may end in a page more."""
    told, bound = made.counts["read"] + made.counts["write"], reads + writes
    verdict = "within" if told <= bound * 1.05 + 1 else "ABOVE"
    print(
        f"  {name:<40}{made.counts['read']:>6}{reads:>7}{made.counts['write']:>8}{writes:>7}"
        f"{told / bound:>9.2f}  {verdict}"
    )


def main() -> None:
    """Print the table."""
    print(f"{RECORDS} changed records                        reads  bound  writes  bound    ratio  1.05 x + 1")
    sums: set[str] = set()
    for adapter in ADAPTERS:
        for side in Side:
            clock = Clock()
            mine, other = adapter.make(side, clock), in_memory(side.other, clock)
            sums.add(counted(mine, other, clock) if side is Side.CRM else counted(other, mine, clock))
            name = f"{adapter.name}, {'edited by people' if side is Side.CRM else 'written by us'}"
            line(name, mine, *adapter.bound(side))
    if len(sums) != 1:
        raise SystemExit(f"not the same records: {sorted(sums)}")
    print(f"the same records on both sides and in every row: {sums.pop()}")


if __name__ == "__main__":
    main()
