"""What is wrong at the end of a history: doubles, lost edits, pairs that differ, writes that never end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import frozen

from clmcrm.ports.journal import Journal
from clmcrm.ports.records import SIDES, Side
from clmcrm.sync.directory import Directory, derived_pair
from clmcrm.sync.open_steps import open_steps_in
from clmcrm.sync.ownership import Rules
from clmcrm.sync.reports import Ended, Report
from clmcrm.sync.undelivered import dead_letters
from clmcrm.testing.faults.mixes import FREE_FIELDS, KINDS, REFERENCES
from clmcrm.testing.faults.people import People, token
from clmcrm.testing.faults.remote import Remote
from clmcrm.testing.faults.rows import Row

LOGGED = ("note", "decision")


@frozen(kw_only=True)
class Verdict:
    """What was found, by name.

    `told` are edits overwritten on a side that every run calls lossy: they count as lost nowhere.
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


def doubles_in(remotes: Mapping[Side, Remote], reports: Sequence[Report], unsure: Collection[str]) -> tuple[str, ...]:
    """Records of the truth that stand more than once on a side, as side, kind and uid.

    Those are left out of which nobody is sure whose they are. What a person restored while its pair was given another
    is none where the last runs tell of it: whether a creation of unknown outcome had made that other is only learned
    by sending it again.
    """
    restored = {str(p.where) for report in reports for p in report.plan.problems if "was restored, and" in p.what}
    found: list[str] = []
    for side, remote in remotes.items():
        rows = (row for row in remote.living() if derived_pair(row.kind, side, row.key) not in restored)
        counts = Counter((row.kind, uid) for row in rows for uid in row.stands_for)
        found += [
            f"{side} {kind} {uid}" for (kind, uid), count in sorted(counts.items()) if count > 1 and uid not in unsure
        ]
    return tuple(found)


def lost_in(people: People, remotes: Mapping[Side, Remote], logged: set[str]) -> tuple[str, ...]:
    """Values that are neither current, nor typed over, nor logged."""
    current = {token(v) for remote in remotes.values() for row in remote.living() for v in row.fields.values()}
    return tuple(sorted(people.typed.keys() - current - people.seen_off - logged))


def divergent_in(
    remotes: Mapping[Side, Remote], journal: Journal, reports: Sequence[Report], rules: Rules
) -> tuple[str, ...]:
    """Pairs that differ, and records without a counterpart, of which no conflict, problem or dead letter says so.

    `reports` are those of the last runs: a run in parts tells of its part.
    """
    excused = frozenset(each for report in reports for each in _excused(report)) | frozenset(_buried(journal))
    last = reports[-1].plan.problems if reports else ()
    found = [f"{problem.where} cannot be read" for problem in last if "could not be understood as" in problem.what]
    linked: set[tuple[Side, str, str]] = set()
    doubtful = _doubtful(journal, excused)
    pairs = Directory(known.link for kind in KINDS for known in journal.agreed(kind))
    for kind in KINDS:
        for known in journal.agreed(kind):
            rows = {side: remotes[side].rows.get((kind, known.link.key(side) or "")) for side in SIDES}
            twice = [(side, kind, row.key) for side, row in rows.items() if row and (side, kind, row.key) in linked]
            found += [f"{side} {kind} {key} is in two pairs" for side, _, key in twice]
            linked |= {(side, kind, row.key) for side, row in rows.items() if row is not None}
            found += _unlike(known.link.pair, rows, remotes, excused, doubtful=doubtful, pairs=pairs)
    for side in SIDES:
        for row in remotes[side].living():
            pair = pairs.pair_of(side, row.kind, row.key) or derived_pair(row.kind, side, row.key)
            alone = (side, row.kind, row.key) not in linked and rules.of(row.kind).direction.creates_on(side.other)
            if alone and not {(pair, ""), (_marked(row, side, pairs), "")} & excused:
                found.append(f"{pair} ({row.uid}) has no pair")
    return tuple(found)


def _marked(row: Row, side: Side, pairs: Directory) -> str | None:
    """The pair whose mark a record carries, under which the runs tell of it; None if another record is that pair's."""
    return None if row.mark is None or pairs.key_of(row.mark, side) is not None else row.mark


def _doubtful(journal: Journal, excused: frozenset[tuple[str, str]]) -> set[tuple[Side, str]]:
    """The accounts, as side and key, whose whole pair is reported: what points at them waits for them."""
    return {
        (side, key)
        for known in journal.agreed("account")
        if (known.link.pair, "*") in excused
        for side in SIDES
        if (key := known.link.key(side)) is not None
    }


def _unlike(
    pair: str,
    rows: Mapping[Side, Row | None],
    remotes: Mapping[Side, Remote],
    excused: frozenset[tuple[str, str]],
    *,
    doubtful: Collection[tuple[Side, str]],
    pairs: Directory,
) -> list[str]:
    """What differs in one pair."""
    living = {side: row for side, row in rows.items() if row is not None and not row.gone}
    if len(living) == len(SIDES):
        names = (*FREE_FIELDS[living[Side.CRM].kind], "code", REFERENCES[living[Side.CRM].kind][0])
        return [
            f"{pair}: {name}: {living[Side.CRM].fields.get(name)} and {living[Side.CLM].fields.get(name)}"
            for name in names
            if len({_told(remotes[side], row, name, pairs) for side, row in living.items()} - {None}) > 1
            and not {(pair, name), (pair, "*")} & excused
            and not any((side, str(row.fields.get(name))) in doubtful for side, row in living.items())
        ]
    if not living or (pair, "") in excused:
        return []
    [(side, row)] = living.items()
    other = remotes[side.other]
    if rows[side.other] is not None:  # linked, and gone there
        return [f"{pair} stands only on the {side}"] if other.capabilities.tells_deletes else []
    was_there = any(each.uid in row.stands_for for each in other.rows.values()) or row.merged_into
    return [] if was_there else [f"{pair} ({row.uid}) was never on the {side.other}"]


def _excused(report: Report) -> Iterator[tuple[str, str]]:
    """(pair, field) of all that is reported: "" excuses a missing record, "*" every field."""
    for conflict in report.plan.conflicts:
        yield conflict.pair, conflict.name
        if conflict.name.startswith("("):
            yield from ((conflict.pair, ""), (conflict.pair, "*"))
    for problem in report.plan.problems:
        where = str(problem.where)
        one = problem.field in _FIELDS[where.partition(":")[0]]
        yield from ((where, ""), (where, (problem.field or "") if one else "*"))
    for line in report.lines:
        if line.ended is Ended.DONE:
            continue
        yield from ((line.step.pair, ""), (line.step.pair, "*"))


def _buried(journal: Journal) -> Iterator[tuple[str, str]]:
    """What dead letters tell, in the same form."""
    for letter in dead_letters(journal):
        yield letter.step.pair, ""
        yield from ((letter.step.pair, name) for name in letter.step.fields)


_FIELDS = {kind: frozenset([*FREE_FIELDS[kind], "code", REFERENCES[kind][0]]) for kind in KINDS}
"""By kind: a problem with an account as a whole is told under `account`, which is a contact's reference."""


def _told(remote: Remote, row: Row, name: str, pairs: Directory) -> str | None:
    """A value as it can be compared between sides, a reference by the pair it leads to, through every merge.

    None for a reference at a record without a counterpart: that is reported when it comes about, once, with the
    merge that would mend it.
    """
    value = row.fields.get(name)
    if value is None or name != REFERENCES[row.kind][0]:
        return token(value)
    kind = REFERENCES[row.kind][1]
    key = str(value)
    while (target := remote.rows.get((kind, key))) is not None and target.merged_into:
        key = target.merged_into
    pair = pairs.pair_of(remote.side, kind, key)
    link = pairs.link(pair) if pair else None
    return pair if link is not None and link.crm is not None and link.clm is not None else None
