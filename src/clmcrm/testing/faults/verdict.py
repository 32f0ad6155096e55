"""What is wrong at the end of a history: doubles, lost edits, pairs that differ, writes that never end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from attrs import frozen

from clmcrm.ports.journal import Journal
from clmcrm.ports.records import SIDES, Fields, Json, Side
from clmcrm.sync.open_steps import open_steps_in
from clmcrm.sync.ownership import Rules
from clmcrm.sync.reports import Report
from clmcrm.sync.undelivered import dead_letters
from clmcrm.testing.faults.mixes import FREE_FIELDS, KINDS, REFERENCES
from clmcrm.testing.faults.people import People, token
from clmcrm.testing.faults.remote import Remote
from clmcrm.testing.faults.rows import Row

LOGGED = ("note", "decision")


@frozen(kw_only=True)
class Verdict:
    """`duplicates`, `lost` edits, `divergent` pairs and `idle` writes, each with its name; `told` are edits
    overwritten on a side that every run calls lossy: they count as lost nowhere.
    """

    duplicates: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    divergent: tuple[str, ...] = ()
    idle: int = 0
    told: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.duplicates or self.lost or self.divergent or self.idle)


def logged_in(journal: Journal) -> set[str]:
    """The values that the journal's notes and decisions keep, and the notes of steps that are open."""
    kept: set[str] = set()
    for entry in journal.history():
        if entry.what in LOGGED:
            kept |= {token(entry.facts.get(name)) for name in ("value", "left", "right")}
    return kept | {token(note.value) for step in open_steps_in(journal) for note in step.notes}


def doubles_in(remotes: Mapping[Side, Remote]) -> tuple[str, ...]:
    """Records of the truth that stand more than once on a side, as side, kind and code."""
    found: list[str] = []
    for side, remote in remotes.items():
        counts = Counter((row.kind, row.code) for row in remote.living())
        found += [f"{side} {kind} {code}" for (kind, code), count in sorted(counts.items()) if count > 1]
    return tuple(found)


def lost_in(people: People, remotes: Mapping[Side, Remote], logged: set[str]) -> tuple[str, ...]:
    """Values that are neither current, nor typed over, nor logged."""
    current = {token(v) for remote in remotes.values() for row in remote.living() for v in row.fields.values()}
    return tuple(sorted(people.typed.keys() - current - people.seen_off - logged))


def divergent_in(
    remotes: Mapping[Side, Remote], journal: Journal, report: Report, rules: Rules
) -> tuple[str, ...]:
    """Pairs that differ and of which no conflict, problem or dead letter says so."""
    excused = set(_excused(journal, report))
    codes: dict[Side, dict[tuple[str, str], Row]] = {
        side: {(row.kind, row.code): row for row in remote.living()} for side, remote in remotes.items()
    }
    pairs = _pairs(journal, remotes)
    found: list[str] = []
    for place in sorted(codes[Side.CRM].keys() | codes[Side.CLM].keys()):
        rows = {side: codes[side].get(place) for side in SIDES}
        names = pairs.get(place, set()) | {_derived(place[0], side, row) for side, row in rows.items() if row}
        left, right = rows[Side.CRM], rows[Side.CLM]
        if left is None or right is None:
            alone = Side.CRM if left else Side.CLM
            if not _may_be_alone(remotes, journal, place, alone, rules) and not any((n, "") in excused for n in names):
                found.append(f"{place[0]} {place[1]}: only on the {alone}")
            continue
        for name in (*FREE_FIELDS[place[0]], REFERENCES[place[0]][0]):
            alike = _told(remotes[Side.CRM], left, name) == _told(remotes[Side.CLM], right, name)
            if not alike and not any((n, name) in excused or (n, "*") in excused for n in names):
                found.append(f"{place[0]} {place[1]}: {name} {left.fields.get(name)} {right.fields.get(name)}")
    return tuple(found)


def _derived(kind: str, side: Side, row: Row) -> str:
    return f"{kind}:{side.value}:{row.key}"


def _pairs(journal: Journal, remotes: Mapping[Side, Remote]) -> dict[tuple[str, str], set[str]]:
    """The journal's pairs of each record of the truth."""
    found: dict[tuple[str, str], set[str]] = {}
    for kind in KINDS:
        for known in journal.agreed(kind):
            for side in SIDES:
                row = remotes[side].rows.get((kind, known.link.key(side) or ""))
                if row is not None:
                    found.setdefault((kind, row.code), set()).add(known.link.pair)
    return found


def _excused(journal: Journal, report: Report) -> Iterator[tuple[str, str]]:
    """(pair, field) of all that is reported: "" excuses a missing record, "*" every field."""
    for conflict in report.plan.conflicts:
        yield conflict.pair, conflict.name
        if conflict.name.startswith("("):
            yield from ((conflict.pair, ""), (conflict.pair, "*"))
    for problem in report.plan.problems:
        where = str(problem.where)
        yield from ((where, ""), (where, (problem.field or "") if problem.field in _FIELDS else "*"))
    for letter in dead_letters(journal):
        yield letter.step.pair, ""
        yield from ((letter.step.pair, name) for name in letter.step.fields)
    for line in report.lines:
        yield from ((line.step.pair, ""), (line.step.pair, "*"))


_FIELDS = frozenset(
    [*(name for names in FREE_FIELDS.values() for name in names), *(name for name, _ in REFERENCES.values())]
)


def _may_be_alone(
    remotes: Mapping[Side, Remote], journal: Journal, place: tuple[str, str], side: Side, rules: Rules
) -> bool:
    """Whether the other side had the record and nobody has to know more: it is unlinked, or could not be told."""
    kind, code = place
    other = remotes[side.other]
    was_there = any(row.kind == kind and row.code == code for row in other.rows.values())
    if not was_there:
        return not rules.of(kind).direction.creates_on(side.other)
    if not other.capabilities.tells_deletes:
        return True
    rows = remotes[side].living(kind)
    keys = {row.key for row in rows if row.code == code}
    links = [known.link for known in journal.agreed(kind) if known.link.key(side) in keys]
    unknown = not links and not rules.of(kind).direction.creates_on(side.other)
    return unknown or (bool(links) and all(link.key(side.other) is None for link in links))


def _told(remote: Remote, row: Row, name: str) -> str:
    """A value as it can be compared between sides: references by what they point at."""
    value = row.fields.get(name)
    if value is not None and name == REFERENCES[row.kind][0]:
        target: Row | None = remote.rows.get((REFERENCES[row.kind][1], str(value)))
        while target is not None and target.merged_into is not None:
            target = remote.rows.get((target.kind, target.merged_into))
        return "nowhere" if target is None else target.code
    return token(value)


