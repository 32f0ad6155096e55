"""Pulling and planning over many links of which few changed: seconds, and the most memory the process ever held.

Two sizes side by side, ten times apart: the plan must be the same and the memory must not follow the links.
Run it as `python benchmarks/sync_links.py [links]` with the package installed; 1,000,000 links take minutes,
nearly all of them to build the journal.
"""
# ruff: noqa: ARG002, INP001, T201, S603 - a script that prints its findings and starts itself; the port names arguments

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time

from attrs import evolve

from clmcrm.ports.kept import Agreed, Hint, Link
from clmcrm.ports.records import Capabilities, Feed, Fields, Json, Outcome, Page, Seen, Side, Write
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync import plan, pull
from clmcrm.sync.ownership import Rules
from clmcrm.sync.standard import standard_rules

LINKS = 50_000
CHANGED = 500
BATCH = 5_000
ABLE = Capabilities(kinds=frozenset({"account"}), creates=frozenset({"account"}), feed=Feed.JOURNAL)


def fields_of(number: int) -> dict[str, Json]:
    """Six fields of an account."""
    return {name: f"{name} {number}" for name in ("name", "country", "phone", "industry", "website", "segment")}


class Quiet:
    """A system in which nothing was told; its records are made up when they are read."""

    capabilities = ABLE

    def __init__(self, system: str, edited: str) -> None:
        self.system = system
        self._edited = edited

    def changes(self, kind: str, cursor: str | None) -> Page:
        """Nothing: what changed is hinted at in the journal already."""
        return Page(seen=(), cursor=cursor or f"{kind} 0")

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The records of these keys, one field of each edited."""
        return tuple(self._seen(kind, key) for key in keys)

    def find(self, kind: str, mark: str) -> Seen | None:
        """Nothing."""
        return None

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Nothing is written here."""
        return ()

    def _seen(self, kind: str, key: str) -> Seen:
        number = int(key[1:])
        edits: Fields = {self._edited: f"edited {number}"} if number % 2 == (self._edited == "phone") else {}
        return Seen(kind=kind, key=key, fields={**fields_of(number), **edits}, version="2")


def pairs(links: int) -> Iterator[Agreed]:
    """The links; every third began in the CLM."""
    for number in range(links):
        origin = f"clm:L{number}" if number % 3 == 0 else f"crm:A{number}"
        link = Link(pair=f"account:{origin}", kind="account", crm=f"A{number}", clm=f"L{number}")
        fields = fields_of(number)
        yield Agreed(link=link, base=fields, shown_crm=fields, shown_clm=fields)


def batches(rows: Iterable[Agreed]) -> Iterator[list[Agreed]]:
    """The rows, a transaction's worth at a time."""
    batch: list[Agreed] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def rules() -> Rules:
    """The standard rules of accounts alone."""
    standard = standard_rules()
    return evolve(standard, kinds=tuple(kind for kind in standard if kind.kind == "account"))


def build(place: Path, links: int) -> None:
    """A journal of so many links, and a hint at `CHANGED` records spread evenly over both sides."""
    journal = SqliteJournal(place)
    for batch in batches(pairs(links)):
        journal.save_agreed(batch)
    step = LINKS // 10 // CHANGED
    touched = [number * step for number in range(CHANGED)]
    with journal.transaction():
        journal.save_hints(
            Hint(kind="account", side=Side.CLM if number % 2 else Side.CRM, key=f"{'L' if number % 2 else 'A'}{number}")
            for number in touched
        )
    journal.close()


def planned(place: str) -> None:
    """Pull and plan, and print what it took; run in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    journal = SqliteJournal(place)
    systems = {Side.CRM: Quiet("crm", "phone"), Side.CLM: Quiet("clm", "segment")}
    wall, cpu = perf_counter(), process_time()
    pulled = pull(systems, journal, ["account"], rules=rules())
    todo = plan(pulled.agreed, pulled.left, pulled.right, rules(), known=pulled.known)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    same = sha256(str([step.as_fields() for step in todo.steps]).encode()).hexdigest()[:12]
    print(f"{len(todo.steps)} steps {same}: {wall:.2f} s, CPU {cpu:.2f} s, peak {after / 1024:.0f} MiB")
    print(f"    {before / 1024:.0f} MiB after imports; {sum(pulled.known.values())} links known")


def main() -> None:
    """Print both sizes."""
    if len(sys.argv) > 2:  # noqa: PLR2004 - the child: "planned", then the journal's place
        planned(sys.argv[2])
        return
    most = int(sys.argv[1]) if len(sys.argv) > 1 else LINKS
    with tempfile.TemporaryDirectory() as folder:
        for links in (most // 10, most):
            place = Path(folder, f"{links}.journal")
            began = perf_counter()
            build(place, links)
            print(f"{links:>9,} links, built in {perf_counter() - began:.1f} s", flush=True)
            _ = subprocess.run([sys.executable, __file__, "planned", str(place)], check=True)


if __name__ == "__main__":
    main()
