"""End to end over sockets on this machine: the engine with a durable journal, beside httpx alone with the same calls.

A server in a process of its own keeps a CRM and a CLM of accounts in batches of 100. The CRM tells all its records;
none, one in a hundred or each of them was edited there: the CLM's records of those are read, and the batches are
written, in the same order and the same bytes by both ways; the server counts and hashes what it received and sent.
Ours goes through an adapter in the form of flows, the driver, the transport over httpx and a journal in SQLite with
full synchronisation.
Run it as `python benchmarks/sync_loopback.py` with the package installed.
"""
# ruff: noqa: ARG002, INP001, T201, S603 - a script that prints its findings and starts itself; the port names arguments

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

import httpx
from attrs import evolve

from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.ports.calls import Call, Effect, Flow, Reply
from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Capabilities, Feed, Json, Outcome, Page, Result, Seen, Side, Update, Write
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync import Rules, standard_rules
from clmcrm.sync.flow import synchronise_flow

RECORDS = 4_000
BATCH = 100
ROUNDS = 3
BAR = 0.5
EDITED = {"none edited": 0, "one in a hundred edited": 100, "each edited": 1}
"""How many records apart the edited ones lie; 0 where there is none."""
STANDARD = standard_rules()
RULES: Rules = evolve(STANDARD, kinds=tuple(kind for kind in STANDARD if kind.kind == "account"))
ABLE = Capabilities(kinds=frozenset({"account"}), creates=frozenset({"account"}), feed=Feed.DELTA, batch_size=BATCH)
JSON = {"content-type": "application/json"}


def fields_of(number: int, edited: str = "") -> dict[str, Json]:
    """Fifteen fields."""
    fields: dict[str, Json] = {f"field_{place}": f"value {number} {place}" for place in range(15)}
    return {**fields, "field_3": edited} if edited else fields


def is_edited(number: int, apart: int) -> bool:
    """Whether this record was edited on the CRM."""
    return apart > 0 and number % apart == 0


class Far(BaseHTTPRequestHandler):
    """The far end: `GET /crm?after=` tells changes, `POST /clm/read` shows records, `POST /clm/write` sets fields."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    rows: ClassVar[dict[str, dict[str, Any]]] = {}
    digest = sha256()
    calls = 0

    @classmethod
    def anew(cls, apart: int) -> None:
        """The state before the run: so many are edited on the CRM, nothing on the CLM."""
        sides = (("A", "edited"), ("L", ""))
        cls.rows = {
            f"{letter}{n:05d}": {
                "id": f"{letter}{n:05d}", "version": 1, "fields": fields_of(n, edited if is_edited(n, apart) else ""),
            }
            for letter, edited in sides
            for n in range(RECORDS)
        }  # fmt: skip
        cls.digest, cls.calls = sha256(), 0

    def do_GET(self) -> None:
        """A page of changes, or what was sent and received since the last time anyone asked."""
        at = int(self.path.rpartition("=")[2])
        if self.path.startswith("/told"):
            told = json.dumps([self.calls, self.digest.hexdigest()[:12]]).encode()
            Far.anew(at)
            self._send(told)
            return
        self._tell([self.rows[f"A{n:05d}"] for n in range(at, min(at + BATCH, RECORDS))], b"")

    def do_POST(self) -> None:
        """Records shown, or set."""
        body = self.rfile.read(int(self.headers["content-length"]))
        asked = json.loads(body)
        if self.path == "/clm/write":
            for one in asked:
                row = self.rows[one["id"]]
                self.rows[one["id"]] = {
                    **row, "version": row["version"] + 1, "fields": {**row["fields"], **one["fields"]},
                }  # fmt: skip
            asked = [one["id"] for one in asked]
        self._tell([self.rows[key] for key in asked], body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Say nothing."""

    def _tell(self, rows: list[dict[str, Any]], received: bytes) -> None:
        sent = json.dumps(rows).encode()
        Far.calls += 1
        for part in (self.path.encode(), received, sent):
            Far.digest.update(part)
        self._send(sent)

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        for name, value in (*JSON.items(), ("content-length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        _ = self.wfile.write(body)


class Line:
    """An adapter for it: the CRM tells, the CLM takes; an update is answered with the record."""

    capabilities = ABLE

    def __init__(self, system: str, address: str) -> None:
        self.system, self._address = system, address

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """The next hundred; the CLM has nothing to tell."""
        at = int(cursor or 0)
        if self.system == "clm":
            return Page(seen=(), cursor=str(at))
        reply = yield self._call("GET", f"/crm?after={at}")
        seen = _seen(kind, reply)
        return Page(seen=seen, cursor=str(at + len(seen)), more=at + len(seen) < RECORDS)

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys."""
        reply = yield self._call("POST", "/clm/read", list(keys))
        return _seen(kind, reply)

    def find(self, kind: str, mark: str) -> Seen | None:
        """Nothing."""
        return None

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """Set the fields of these records."""
        edits = [{"id": w.key, "fields": dict(w.fields)} for w in writes if isinstance(w, Update)]
        reply = yield self._call("POST", "/clm/write", edits, Effect.ONCE)
        seen = _seen(writes[0].kind, reply)
        return tuple([Outcome(result=Result.DONE, key=s.key, version=s.version, shown=s) for s in seen])

    def _call(self, method: str, path: str, body: object = None, effect: Effect = Effect.NONE) -> Call:
        content = None if body is None else json.dumps(body).encode()
        return Call(
            method=method, url=self._address + path, vendor=self.system, headers=JSON, body=content, effect=effect
        )


def _seen(kind: str, reply: Reply) -> tuple[Seen, ...]:
    rows = json.loads(reply.body)
    return tuple([Seen(kind=kind, key=r["id"], fields=r["fields"], version=str(r["version"])) for r in rows])


def raw(address: str, apart: int) -> float:
    """The same calls with httpx alone, parsed and put together as JSON; the wall seconds."""
    with httpx.Client(base_url=address) as client:
        _ = client.get("/crm?after=0")
        _ = client.get(f"/told?apart={apart}")
        began = time.perf_counter()
        told = [client.get(f"/crm?after={at}").json() for at in range(0, RECORDS, BATCH)]
        edited = [row for page in told for row in page if row["fields"]["field_3"] == "edited"]
        told = [edited[at : at + BATCH] for at in range(0, len(edited), BATCH)]
        for page in told:
            keys = [f"L{row['id'][1:]}" for row in page]
            _ = client.post("/clm/read", content=json.dumps(keys).encode(), headers=JSON).json()
        for page in told:
            edits = [{"id": f"L{r['id'][1:]}", "fields": {"field_3": r["fields"]["field_3"]}} for r in page]
            _ = client.post("/clm/write", content=json.dumps(edits).encode(), headers=JSON).json()
        return time.perf_counter() - began


def ours(address: str, apart: int, place: Path) -> float:
    """A whole run of the engine; the wall seconds."""
    journal = SqliteJournal(place)
    journal.save_agreed(_agreed(n) for n in range(RECORDS))
    systems = {side: Line(side.value, address) for side in Side}
    with HttpTransport({side.value: address for side in Side}) as transport:
        driver = Driver(transport, Desk(clock=lambda: datetime.now(UTC)), sleep=time.sleep)
        _ = driver.run(systems[Side.CLM].read("account", ["L00000"]))
        _ = httpx.get(f"{address}/told?apart={apart}")
        began = time.perf_counter()
        report = driver.run(synchronise_flow(systems, journal, RULES, clock=lambda: datetime.now(UTC), yes=True))
        took = time.perf_counter() - began
    journal.close()
    if report.written != sum(is_edited(number, apart) for number in range(RECORDS)):
        raise SystemExit(f"not the same work: {report.written} written")
    return took


def _agreed(number: int) -> Agreed:
    link = Link(pair=f"account:crm:A{number:05d}", kind="account", crm=f"A{number:05d}", clm=f"L{number:05d}")
    fields = dict(json.loads(json.dumps(fields_of(number))))
    return Agreed(link=link, base=fields, shown_crm=fields, shown_clm=fields)


@contextmanager
def served() -> Iterator[str]:
    """The address of a server in a process of its own."""
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as child:
        if child.stdout is None:
            raise SystemExit("the server cannot say where it is")
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()


def main() -> None:
    """Serve, or print both ways."""
    if len(sys.argv) > 1:
        Far.anew(0)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Far)
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
    with served() as address, tempfile.TemporaryDirectory() as folder:
        for name, apart in EDITED.items():
            compared(name, apart, address, Path(folder))


def compared(name: str, apart: int, address: str, folder: Path) -> None:
    """Both ways in turn, and what they sent and received."""
    ways: dict[str, Callable[[int], float]] = {
        "httpx alone": lambda _: raw(address, apart),
        "engine, driver, durable journal": lambda turn: ours(address, apart, folder / f"{apart}-{turn}.journal"),
    }
    wall: dict[str, list[float]] = {way: [] for way in ways}
    told: set[str] = set()
    for turn in range(ROUNDS):
        for way, timed in ways.items():
            wall[way].append(timed(turn))
            told.add(str(httpx.get(f"{address}/told?apart={apart}").json()))
    if len(told) != 1:
        raise SystemExit(f"not the same calls and bytes: {sorted(told)}")
    print(f"{RECORDS} records, {name}, batches of {BATCH}, {ROUNDS} rounds; calls and check sum {told.pop()}")
    first = median(wall["httpx alone"])
    for way, times in wall.items():
        took = median(times)
        print(f"  {way:<34}{RECORDS / took:>9.0f} records/s {first / took:>6.2f} of httpx alone; bar {BAR}")


if __name__ == "__main__":
    main()
