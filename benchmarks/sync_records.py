"""What the engine costs per unchanged record, on top of what any program must do: parse the page and compare.

CPU time per record, medians of rounds, in batches of 100; yardsticks from the same run stand beside each figure.
The last column of the merges is a checksum: all ways must find the same fields. What a changed record costs,
`sync_changed.py` says.
Run it as `python benchmarks/sync_records.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from attrs import evolve
from yardstick import against, yardstick

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Json, Seen, Side
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync import Rules, standard_rules
from clmcrm.sync.merge import merge_record
from clmcrm.sync.sifting import changed

RECORDS = 2_000
ROUNDS = 5
BATCH = 100
MERGE_BAR, UNCHANGED_BAR = 1, 10
"""Microseconds where the yardstick is 4.9 of them."""
STANDARD = standard_rules()
RULES: Rules = evolve(STANDARD, kinds=tuple(kind for kind in STANDARD if kind.kind == "account"))
ACCOUNT = RULES.of("account")


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

    compare, took = each(compared), 0.0
    print(f"merge, {told:<30} us/pair   x two dict comparisons   found")
    for name, work in (("two dict comparisons", compared), ("every field, by hand", field_by_field), ("ours", ours)):
        took = each(work)
        print(f"  {name:<36} {took:7.2f} {took / compare:10.2f} {work():22d}")
    print(f"    ours: {against(MERGE_BAR, took, yardstick())}")


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
    print(f"    set aside: {against(UNCHANGED_BAR, whole - raw, yardstick())}")
    journal.close()


def main() -> None:
    """Print the tables."""
    merges(20, "one pair in twenty changed")
    merges(RECORDS + 1, "one pair changed")
    with tempfile.TemporaryDirectory() as folder:
        unchanged(folder)


if __name__ == "__main__":
    main()
