"""What the journal costs per pair saved, beside raw sqlite3 with the same rows, settings and commits.

Both write the same number of pairs of about 0.3 KB into an empty file, in batches of a thousand, one commit
per batch, write-ahead log and full synchronisation; each round uses new files, in turn. The raw side gets
its texts ready-made (`raw`) or makes them with `json.dumps` (`raw+json`), as anyone who kept JSON would;
`raw+json+keys` also keeps both systems' keys with an index for each, so that a pair is found by either.
`raw rows` is the floor of the same file: `executemany` of the journal's own rows, ready-made, into the journal's own
table with its indexes. At the end both files are read back and compared, and the commits are counted by SQLite's own
statement trace.
Run it as `python benchmarks/journal.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Json
from clmcrm.store.encoding import agreed_row, agreed_text
from clmcrm.store.sqlite import SqliteJournal

PAIRS = 20_000
BATCH = 1_000
ROUNDS = 5
VALUES: dict[str, Json] = {
    "name": "Durand et fils", "street": "12 rue de la Paix", "city": "Paris", "employees": 250, "vat": "FR1234567890",
    "note": "Customer since 2011; invoices go to the head office, twice a year",
}  # fmt: skip


def pair(number: int) -> Agreed:
    """One pair of the size that a synchronised account has."""
    link = Link(pair=f"account:crm:A{number:06d}", kind="account", crm=f"A{number:06d}", clm=f"C{number:06d}")
    values: dict[str, Json] = {**VALUES, "number": number}
    return Agreed(link=link, base=values, shown_crm=values, shown_clm=values)


def plain(one: Agreed) -> dict[str, object]:
    """The same facts, as somebody without the library would keep them."""
    link = one.link
    return {
        "pair": link.pair, "kind": link.kind, "crm": link.crm, "clm": link.clm, "aliases": [],
        "base": one.base,
    }  # fmt: skip


BATCHES = [[pair(n) for n in range(start, start + BATCH)] for start in range(0, PAIRS, BATCH)]
TEXTS = [[(p.link.kind, p.link.pair, agreed_text(p)) for p in batch] for batch in BATCHES]
ROWS = [[agreed_row(p) for p in batch] for batch in BATCHES]
PLAIN = [[plain(p) for p in batch] for batch in BATCHES]


def journal(place: Path) -> int:
    """Save through the journal; returns its commits."""
    kept = SqliteJournal(place)
    commits = Commits(kept._db)  # noqa: SLF001 - to count its commits
    for batch in BATCHES:
        kept.save_agreed(batch)
    kept.close()
    return commits.counted


def raw(place: Path) -> int:
    """Write ready-made texts with executemany."""
    return _raw(place, lambda number: TEXTS[number])


def raw_rows(place: Path) -> int:
    """Write the journal's rows, ready-made, with executemany: an empty journal's table takes them."""
    SqliteJournal(place).close()
    db = _opened(place)
    commits = _written(db, OWN, lambda number: ROWS[number])
    db.close()
    return commits


def raw_json(place: Path) -> int:
    """Make the texts with json.dumps, and write them with executemany."""
    return _raw(
        place,
        lambda number: [
            (str(p["kind"]), str(p["pair"]), json.dumps(p, sort_keys=True, separators=(",", ":")))
            for p in PLAIN[number]
        ],
    )


def raw_keyed(place: Path) -> int:
    """The same, with both systems' keys beside the text and an index for each."""
    return _raw(
        place,
        lambda number: [
            (str(p["kind"]), str(p["pair"]), json.dumps(p, sort_keys=True, separators=(",", ":")), p["crm"], p["clm"])
            for p in PLAIN[number]
        ],
        KEYED,
    )


class Commits:
    """Counts the commits of a connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.counted = 0
        db.set_trace_callback(self.saw)

    def saw(self, sql: str) -> None:
        """One statement of the connection."""
        self.counted += sql == "COMMIT"


SIMPLE = (
    "INSERT INTO kept (kind, pair, body) VALUES (?, ?, ?) ON CONFLICT (kind, pair) DO UPDATE SET body = excluded.body",
)
OWN = (
    "INSERT INTO journal_agreed (kind, pair, crm, clm, body, seal) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, pair)"
    " DO UPDATE SET body = excluded.body, crm = excluded.crm, clm = excluded.clm, seal = excluded.seal"
)
OURS = ("journal", "raw rows")
"""The ways that write into the journal's own table."""
KEYED = (
    ("INSERT INTO kept (kind, pair, body, crm, clm) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, pair)"
    " DO UPDATE SET body = excluded.body, crm = excluded.crm, clm = excluded.clm"),
    "ALTER TABLE kept ADD COLUMN crm TEXT", "ALTER TABLE kept ADD COLUMN clm TEXT",
    "CREATE INDEX kept_crm ON kept (kind, crm)", "CREATE INDEX kept_clm ON kept (kind, clm)",
)  # fmt: skip


def _raw(place: Path, rows: Callable[[int], Sequence[tuple[object, ...]]], how: Sequence[str] = SIMPLE) -> int:
    db = _opened(place)
    _ = db.execute("CREATE TABLE kept (kind TEXT, pair TEXT, body TEXT, PRIMARY KEY (kind, pair))")
    sql, *more = how
    for statement in more:
        _ = db.execute(statement)
    commits = _written(db, sql, rows)
    db.close()
    return commits


def _opened(place: Path) -> sqlite3.Connection:
    db = sqlite3.connect(place, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        _ = db.execute(f"PRAGMA {pragma}").fetchall()
    return db


def _written(db: sqlite3.Connection, sql: str, rows: Callable[[int], Sequence[tuple[object, ...]]]) -> int:
    commits = Commits(db)
    for number in range(len(BATCHES)):
        _ = db.execute("BEGIN IMMEDIATE")
        _ = db.executemany(sql, rows(number))
        _ = db.execute("COMMIT")
    return commits.counted


def content(place: Path, table: str) -> str:
    """The digest of every row."""
    db = sqlite3.connect(place)
    digest = sha256()
    for row in db.execute(f"SELECT kind, pair, body FROM {table} ORDER BY kind, pair"):  # noqa: S608 - a constant
        digest.update("\0".join(row).encode())
    db.close()
    return digest.hexdigest()


def main() -> None:
    """Each way in turn, several rounds; see that all wrote the same, and print ratios."""
    ways: dict[str, Callable[[Path], int]] = {
        "raw": raw,
        "raw+json": raw_json,
        "raw+json+keys": raw_keyed,
        "raw rows": raw_rows,
        "journal": journal,
    }
    wall: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    digests: set[str] = set()
    commits: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(ROUNDS):
            for name, way in ways.items():
                place = Path(folder) / f"{name}-{turn}.sqlite"
                began, busy = perf_counter(), process_time()
                commits.add(way(place))
                wall[name].append(perf_counter() - began)
                cpu[name].append(process_time() - busy)
                digests.add(
                    content(place, "kept" if name.startswith("raw") and name != "raw rows" else "journal_agreed")
                )
                for left in Path(folder).iterdir():
                    left.unlink()
    if len(digests) != 1 or commits != {PAIRS // BATCH}:
        raise SystemExit(f"not the same work: {len(digests)} contents, commits {sorted(commits)}")
    print(f"{PAIRS} pairs of {len(TEXTS[0][0][2])} bytes, {PAIRS // BATCH} commits each, {ROUNDS} rounds, same content")
    for name in ways:
        took = median(wall[name])
        print(
            f"{name:<14}{PAIRS / took:>10.0f} pairs/s{median(cpu[name]) / PAIRS * 1e6:>8.1f} us CPU"
            + "".join(f"{median(wall[other]) / took:>7.2f} of {other}" for other in list(ways)[:-1])
        )


if __name__ == "__main__":
    main()
