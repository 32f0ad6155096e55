"""What the engine costs per record, on top of what any program must do: parse the page, compare, write rows.

CPU time per record, medians of rounds, in batches of 100; yardsticks from the same run stand beside each figure.
The last column of the merges is a checksum: all ways must find the same fields.
Run it as `python benchmarks/sync_records.py` with the package installed.
"""
# ruff: noqa: ARG002, INP001, T201 - a script that prints its findings; the port names its arguments

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time

from attrs import evolve

from clmcrm.ports.journal import Agreed, Link
from clmcrm.ports.records import Capabilities, Feed, Fields, Json, Outcome, Page, Result, Seen, Side, Update, Write
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync import Rules, apply, plan, pull, standard_rules
from clmcrm.sync.merge import merge_record
from clmcrm.sync.sifting import changed

RECORDS = 2_000
ROUNDS = 5
BATCH = 100
NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
STANDARD = standard_rules()
RULES: Rules = evolve(STANDARD, kinds=tuple(kind for kind in STANDARD if kind.kind == "account"))
ACCOUNT = RULES.of("account")
ABLE = Capabilities(kinds=frozenset({"account"}), creates=frozenset({"account"}), feed=Feed.DELTA, batch_size=BATCH)


def fields_of(number: int, edited: str = "") -> dict[str, Json]:
    """Fifteen fields, as freshly parsed as a vendor's."""
    fields: dict[str, Json] = {f"field_{place}": f"value {number} {place}" for place in range(15)}
    if edited:
        fields["field_3"] = edited
    return dict(json.loads(json.dumps(fields)))


def agreed(number: int) -> Agreed:
    """A pair on which both sides agree."""
    link = Link(pair=f"account:crm:A{number}", kind="account", crm=f"A{number}", clm=f"L{number}")
    fields = fields_of(number)
    return Agreed(link=link, base=fields, shown_crm=fields, shown_clm=fields)


class Vendor:
    """A system that costs next to nothing: rows in a dictionary, told page by page."""

    capabilities = ABLE

    def __init__(self, system: str, rows: Mapping[str, Seen], told: Sequence[Seen]) -> None:
        self.system, self._rows, self._told = system, dict(rows), told

    def changes(self, kind: str, cursor: str | None) -> Page:
        """The next hundred."""
        at = int(cursor or 0)
        page = tuple(self._told[at : at + BATCH])
        return Page(seen=page, cursor=str(at + len(page)), more=at + len(page) < len(self._told))

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The rows of these keys."""
        return tuple(self._rows[key] for key in keys)

    def find(self, kind: str, mark: str) -> Seen | None:
        """Nothing."""
        return None

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Keep what is written."""
        return tuple(self._one(write) for write in writes if isinstance(write, Update))

    def _one(self, write: Update) -> Outcome:
        old = self._rows[write.key]
        self._rows[write.key] = evolve(old, fields={**old.fields, **write.fields}, version=f"{old.version}+")
        return Outcome(result=Result.DONE, key=write.key, version=f"{old.version}+")


def timed(work: Callable[[], object]) -> float:
    """The CPU seconds of one go."""
    began = process_time()
    _ = work()
    return process_time() - began


def each(work: Callable[[], object]) -> float:
    """The CPU time per record in microseconds, the median of rounds."""
    return median(timed(work) for _ in range(ROUNDS)) / RECORDS * 1e6


def merges(every: int, told: str) -> None:
    """The merge alone, for pairs of which one in `every` changed on a side."""
    bases = [fields_of(n) for n in range(RECORDS)]
    crms = [fields_of(n, "edited" if n % every == 0 else "") for n in range(RECORDS)]
    clms = [fields_of(n) for n in range(RECORDS)]

    def compared() -> int:
        return sum(crm != base or clm != base for base, crm, clm in zip(bases, crms, clms, strict=True))

    def field_by_field() -> int:
        return sum(
            crm[name] != value or clm[name] != value
            for base, crm, clm in zip(bases, crms, clms, strict=True)
            for name, value in base.items()
        )

    def ours() -> int:
        return sum(
            len(merge_record(base, (base, base), (crm, clm), ACCOUNT))
            for base, crm, clm in zip(bases, crms, clms, strict=True)
        )

    yardstick = each(compared)
    print(f"merge, {told:<30} us/pair   x two dict comparisons   found")
    for name, work in (("two dict comparisons", compared), ("every field, by hand", field_by_field), ("ours", ours)):
        took = each(work)
        print(f"  {name:<36} {took:7.2f} {took / yardstick:10.2f} {work():22d}")


def unchanged(folder: str) -> None:
    """A page that shows what was shown before: parsed, and parsed and set aside."""
    journal = SqliteJournal(Path(folder, "unchanged.journal"))
    journal.save_agreed(agreed(n) for n in range(RECORDS))
    bodies = [
        json.dumps([{"id": f"A{n}", "version": "1", "fields": fields_of(n)} for n in range(start, start + BATCH)])
        for start in range(0, RECORDS, BATCH)
    ]

    def pages() -> list[list[Seen]]:
        rows = (json.loads(body) for body in bodies)
        return [
            [Seen(kind="account", key=r["id"], fields=r["fields"], version=r["version"]) for r in page] for page in rows
        ]

    def sifted() -> int:
        return sum(len(changed(journal, ACCOUNT, Side.CRM, page)[0]) for page in pages())

    raw = each(lambda: [json.loads(body) for body in bodies])
    seen, whole = each(pages), each(sifted)
    print("\nunchanged records, pages of 100        us/record   on top of JSON")
    for name, took in (("json.loads", raw), ("records of the port", seen), ("set aside by the journal", whole)):
        print(f"  {name:<36} {took:9.2f} {took - raw:12.2f}")
    print(f"  changed among them: {sifted()}")
    journal.close()


def one_run(place: Path) -> tuple[float, float, float, int]:
    """Pull, plan and apply one edit of each record; the CPU seconds of each, and how many were written."""
    journal = SqliteJournal(place)
    journal.save_agreed(agreed(n) for n in range(RECORDS))
    crm = [Seen(kind="account", key=f"A{n}", fields=fields_of(n, "edited"), version="2") for n in range(RECORDS)]
    clm = [Seen(kind="account", key=f"L{n}", fields=fields_of(n), version="1") for n in range(RECORDS)]
    systems = {
        Side.CRM: Vendor("crm", {row.key: row for row in crm}, crm),
        Side.CLM: Vendor("clm", {row.key: row for row in clm}, ()),
    }
    began = process_time()
    pulled = pull(systems, journal, ["account"], rules=RULES)
    pulled_at = process_time()
    todo = plan(pulled.agreed, pulled.left, pulled.right, RULES, known=pulled.known)
    planned_at = process_time()
    report = apply(todo, systems, journal, clock=lambda: NOW, yes=True, hints=pulled.hints)
    ended = process_time()
    journal.close()
    return pulled_at - began, planned_at - pulled_at, ended - planned_at, report.written


def yardstick(place: Path) -> float:
    """What SQLite alone takes for the rows such a run leaves: a pair, an open step, a line of history."""
    db = sqlite3.connect(place)
    _ = db.execute("PRAGMA journal_mode = WAL").fetchall()
    _ = db.execute("CREATE TABLE t (kind TEXT, pair TEXT, body TEXT, PRIMARY KEY (kind, pair))")
    texts: list[Fields] = [{"base": fields_of(n), "crm": fields_of(n), "clm": fields_of(n)} for n in range(RECORDS)]
    began = process_time()
    for start in range(0, RECORDS, BATCH):
        for kind in ("pair", "step", "line"):
            rows = [(kind, f"{n}", json.dumps(texts[n], sort_keys=True)) for n in range(start, start + BATCH)]
            _ = db.executemany("INSERT OR REPLACE INTO t VALUES (?, ?, ?)", rows)
        db.commit()
    took = process_time() - began
    db.close()
    return took


def changes(folder: str) -> None:
    """Changed records, from the feed to the acknowledged write."""
    runs = [one_run(Path(folder, f"{n}.journal")) for n in range(3)]
    rows = median(yardstick(Path(folder, f"{n}.rows")) for n in range(3)) / RECORDS * 1e6
    print("\nchanged records, batches of 100        us/record   x the rows alone")
    for place, name in enumerate(("pull", "plan", "apply")):
        took = median(run[place] for run in runs) / RECORDS * 1e6
        print(f"  {name:<36} {took:9.1f} {took / rows:12.2f}")
    print(f"  {'JSON and SQLite of the rows alone':<36} {rows:9.1f}")
    print(f"  written: {runs[0][3]}")


def main() -> None:
    """Print the three tables."""
    merges(20, "one pair in twenty changed")
    merges(RECORDS + 1, "one pair changed")
    with tempfile.TemporaryDirectory() as folder:
        unchanged(folder)
        changes(folder)


if __name__ == "__main__":
    main()
