"""What the engine costs per changed record, from the feed to the acknowledged write, on top of client and JSON.

Every record is edited on the CRM and written to the CLM, in batches of 100, into a journal in SQLite with full
synchronisation. The systems speak JSON as bytes. The raw side sends and parses the same bytes and does nothing
else; both print a checksum of all that went over the line. The last table is what SQLite alone takes for the
rows that such a run leaves and removes, with their texts ready-made: the part that no engine can save.
Run it as `python benchmarks/sync_changed.py` with the package installed.
"""
# ruff: noqa: ARG002, INP001, T201, S608 - a script that prints its findings; the port names its arguments

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time

from attrs import evolve
from yardstick import against, yardstick

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Capabilities, Feed, Json, Outcome, Page, Result, Seen, Side, Update, Write
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync import Rules, apply, plan, pull, standard_rules

RECORDS = 2_000
BATCH = 100
ROUNDS = 3
BAR = 40
NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
STANDARD = standard_rules()
RULES: Rules = evolve(STANDARD, kinds=tuple(kind for kind in STANDARD if kind.kind == "account"))
ABLE = Capabilities(kinds=frozenset({"account"}), creates=frozenset({"account"}), feed=Feed.DELTA, batch_size=BATCH)
KEYS = {Side.CRM: [f"A{n:05d}" for n in range(RECORDS)], Side.CLM: [f"L{n:05d}" for n in range(RECORDS)]}


def fields_of(number: int, edited: str = "") -> dict[str, Json]:
    """Fifteen fields."""
    fields: dict[str, Json] = {f"field_{place}": f"value {number} {place}" for place in range(15)}
    return {**fields, "field_3": edited} if edited else fields


def row(key: str, version: str, fields: dict[str, Json]) -> str:
    """A record as its system sends it."""
    return json.dumps({"id": key, "version": version, "fields": fields})


def agreed(number: int) -> Agreed:
    """A pair on which both sides agree, of texts of its own."""
    crm, clm = KEYS[Side.CRM][number], KEYS[Side.CLM][number]
    fields = dict(json.loads(json.dumps(fields_of(number))))
    return Agreed(
        link=Link(pair=f"account:crm:{crm}", kind="account", crm=crm, clm=clm),
        base=fields, shown_crm=fields, shown_clm=fields,
    )  # fmt: skip


class Server:
    """The far end of the line: rows as text; what a write makes of a row is known beforehand."""

    def __init__(self, side: Side) -> None:
        edited = "edited" if side is Side.CRM else ""
        self.rows = {key: row(key, "1", fields_of(n, edited)) for n, key in enumerate(KEYS[side])}
        self.after = {key: row(key, "2", fields_of(n, "edited")) for n, key in enumerate(KEYS[side])}
        self.line: list[bytes] = []

    def get(self, keys: Sequence[str]) -> bytes:
        """The rows of these keys."""
        return self._told(f"[{','.join([self.rows[key] for key in keys])}]".encode())

    def put(self, keys: Sequence[str], body: bytes) -> bytes:
        """These rows as they are after the write."""
        self.line.append(body)
        self.rows.update([(key, self.after[key]) for key in keys])
        return self.get(keys)

    def _told(self, body: bytes) -> bytes:
        self.line.append(body)
        return body


def body_of(edits: Sequence[tuple[str, str, object]]) -> bytes:
    """A batch of updates (key, version it must have, fields) as JSON."""
    return json.dumps([{"id": key, "if": version, "fields": fields} for key, version, fields in edits]).encode()


class Vendor:
    """A system behind such a line, with the least an adapter can do."""

    capabilities = ABLE

    def __init__(self, side: Side, told: Sequence[str]) -> None:
        self.system, self.server, self._told = side.value, Server(side), told

    def changes(self, kind: str, cursor: str | None) -> Page:
        """The next hundred."""
        at = int(cursor or 0)
        keys = self._told[at : at + BATCH]
        seen = self.read(kind, keys) if keys else ()
        return Page(seen=seen, cursor=str(at + len(keys)), more=at + len(keys) < len(self._told))

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The rows of these keys."""
        return self._seen(kind, self.server.get(keys))

    def find(self, kind: str, mark: str) -> Seen | None:
        """Nothing."""
        return None

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Send the batch."""
        edits = [(w.key, w.expected, dict(w.fields)) for w in writes if isinstance(w, Update)]
        told = self._seen(writes[0].kind, self.server.put([key for key, _, _ in edits], body_of(edits)))
        return tuple([Outcome(result=Result.DONE, key=seen.key, version=seen.version, shown=seen) for seen in told])

    def _seen(self, kind: str, body: bytes) -> tuple[Seen, ...]:
        rows = json.loads(body)
        return tuple([Seen(kind=kind, key=r["id"], fields=r["fields"], version=r["version"]) for r in rows])


def checksum(*servers: Server) -> str:
    """Of everything that went over the lines."""
    return sha256(b"\n".join(part for server in servers for part in server.line)).hexdigest()[:12]


def raw() -> tuple[list[float], str]:
    """The same calls and bytes by hand: the CPU seconds of it."""
    crm, clm = Server(Side.CRM), Server(Side.CLM)
    began = process_time()
    pages = [KEYS[Side.CRM][at : at + BATCH] for at in range(0, RECORDS, BATCH)]
    told = [json.loads(crm.get(keys)) for keys in pages]
    batches = [KEYS[Side.CLM][at : at + BATCH] for at in range(0, RECORDS, BATCH)]
    _ = [json.loads(clm.get(keys)) for keys in batches]
    for keys, page in zip(batches, told, strict=True):
        edits = [(k, "1", {"field_3": r["fields"]["field_3"]}) for k, r in zip(keys, page, strict=True)]
        _ = json.loads(clm.put(keys, body_of(edits)))
    return [process_time() - began], checksum(crm, clm)


def ours(place: Path) -> tuple[list[float], str]:
    """Pull, plan and apply: the CPU seconds of each."""
    journal = SqliteJournal(place)
    journal.save_agreed(agreed(n) for n in range(RECORDS))
    crm, clm = Vendor(Side.CRM, KEYS[Side.CRM]), Vendor(Side.CLM, ())
    systems = {Side.CRM: crm, Side.CLM: clm}
    times = [process_time()]
    pulled = pull(systems, journal, ["account"], rules=RULES)
    times.append(process_time())
    todo = plan(pulled.agreed, pulled.left, pulled.right, RULES, known=pulled.known)
    times.append(process_time())
    report = apply(todo, systems, journal, clock=lambda: NOW, yes=True, hints=pulled.hints)
    times.append(process_time())
    journal.close()
    if report.written != RECORDS or any(journal_left(place)):
        raise SystemExit(f"not the same work: {report.written} written, {journal_left(place)} left over")
    return [after - before for before, after in pairwise(times)], checksum(crm.server, clm.server)


def journal_left(place: Path) -> list[int]:
    """How many hints and open steps a run leaves: none."""
    db = sqlite3.connect(place)
    counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("journal_hint", "journal_step")]
    db.close()
    return counts


def rows_alone(place: Path, done: Path) -> float:
    """The CPU seconds SQLite takes for the rows such a run leaves and removes, their texts taken from `done`."""
    kept = sqlite3.connect(done)
    pairs = kept.execute("SELECT body, seal, kind, pair FROM journal_agreed ORDER BY pair").fetchall()
    lines = kept.execute("SELECT at, pair, what, facts, seal FROM journal_entry ORDER BY number").fetchall()
    kept.close()
    journal = SqliteJournal(place)
    journal.save_agreed(agreed(n) for n in range(RECORDS))
    journal.close()
    db = sqlite3.connect(place, isolation_level=None)
    _ = db.execute("PRAGMA synchronous = FULL")
    began = process_time()
    for at in range(0, RECORDS, BATCH):
        keys = KEYS[Side.CRM][at : at + BATCH]
        some = lines[at : at + BATCH]
        _ = db.execute("BEGIN IMMEDIATE")
        _ = db.executemany(
            "INSERT INTO journal_hint (kind, side, key, gone, seal) VALUES ('account', 'crm', ?, 0, 1)",
            [(key,) for key in keys],
        )
        _ = db.execute("COMMIT")
        _ = db.execute("BEGIN IMMEDIATE")
        _ = db.executemany(
            "INSERT INTO journal_step (key, facts, seal) VALUES (?, ?, ?)",
            [(f"clm:{line[1]}", line[3], line[4]) for line in some],
        )
        _ = db.execute("COMMIT")
        _ = db.execute("BEGIN IMMEDIATE")
        _ = db.executemany(
            "UPDATE journal_agreed SET body = ?, seal = ? WHERE kind = ? AND pair = ?", pairs[at : at + BATCH]
        )
        _ = db.executemany("INSERT INTO journal_entry (at, pair, what, facts, seal) VALUES (?, ?, ?, ?, ?)", some)
        _ = db.executemany("DELETE FROM journal_step WHERE key = ?", [(f"clm:{line[1]}",) for line in some])
        _ = db.execute("COMMIT")
    _ = db.execute("BEGIN IMMEDIATE")
    _ = db.executemany("DELETE FROM journal_hint WHERE number = ?", [(n,) for n in range(1, RECORDS + 1)])
    _ = db.execute("COMMIT")
    took = process_time() - began
    db.close()
    return took


def each(rounds: Sequence[Sequence[float]]) -> list[float]:
    """CPU microseconds per record, part by part: the medians of rounds."""
    return [median(parts) / RECORDS * 1e6 for parts in zip(*rounds, strict=True)]


def in_turn(folder: str) -> tuple[list[float], list[float], list[float], set[str], float]:
    """All ways in turn, several rounds; the checksums, and the yardstick of the same minutes."""
    rounds: dict[str, list[list[float]]] = {"raw": [], "ours": [], "rows": []}
    sums: set[str] = set()
    sticks: list[float] = []
    for n in range(ROUNDS):
        sticks.append(yardstick())
        for name, (times, found) in (("raw", raw()), ("ours", ours(Path(folder, f"{n}.journal")))):
            rounds[name].append([*times, sum(times)])
            sums.add(found)
        rounds["rows"].append([rows_alone(Path(folder, f"{n}.rows"), Path(folder, f"{n}.journal"))])
    return each(rounds["raw"]), each(rounds["ours"]), each(rounds["rows"]), sums, median(sticks)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        by_hand, parts, rows, sums, stick = in_turn(folder)
    if len(sums) != 1:
        raise SystemExit(f"not the same bytes: {sorted(sums)}")
    print(f"{RECORDS} changed records, batches of {BATCH}, {ROUNDS} rounds; yardstick {stick:.2f} us")
    print(f"the same bytes over the line: {sums.pop()}\n")
    print("                                            us/record")
    for name, took in zip(("pull", "plan", "apply", "all three"), parts, strict=True):
        print(f"  {name:<40} {took:10.1f}")
    print(f"  {'the same calls and JSON by hand':<40} {by_hand[-1]:10.1f}")
    print(f"  {'SQLite alone, texts ready-made':<40} {rows[0]:10.1f}")
    extra = parts[-1] - by_hand[-1]
    print(f"\non top of client and JSON: {extra:.1f} us = {against(BAR, extra, stick)}")


if __name__ == "__main__":
    main()
