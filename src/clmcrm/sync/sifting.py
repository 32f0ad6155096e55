"""Sets aside the records of a page that look as their side last showed them: nothing can follow from those.

A full listing of a settled system leaves no hint behind, and our own writes come back without being read
again. What cannot be told apart cheaply counts as changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clmcrm.ports.journal import Agreed, ComparingJournal, Journal, comparing
from clmcrm.ports.records import Fields, Seen, Side
from clmcrm.sync.directory import Directory, derived_pair, referred_by_kind
from clmcrm.sync.lineup import alive
from clmcrm.sync.ownership import KindRules


def changed(journal: Journal, rules: KindRules, side: Side, page: Sequence[Seen]) -> tuple[list[Seen], list[Agreed]]:
    """The records of the page that differ from what `side` last showed, with the pairs known of them.

    A record that is not known yet, or not by its key or our mark, differs.
    """
    if comparing(journal):
        page = _doubtful(journal, rules, side, page)
    if not page:
        return [], []
    pairs = {derived_pair(rules.kind, side, seen.key) for seen in page}
    pairs.update(seen.mark for seen in page if seen.mark is not None)
    known = {agreed.link.key(side): agreed for agreed in journal.agreed(rules.kind, pairs)}
    directory = _directory(journal, rules, side, known.values()) if rules.references else None
    moved = [seen for seen in page if not _same(known.get(seen.key), seen, side, rules, directory)]
    return moved, [known[seen.key] for seen in moved if seen.key in known]


def _doubtful(journal: ComparingJournal, rules: KindRules, side: Side, page: Sequence[Seen]) -> list[Seen]:
    """The records that the journal does not at once know to be as last shown: those that refer to others too.

    What they point at may have another key by now, so the text alone says nothing.
    """
    plain = [s for s in page if alive(s) and not s.unreadable and not referred_by_kind(s.fields, rules)]
    local = rules.local
    records = [
        (
            derived_pair(rules.kind, side, seen.key) if seen.mark is None else seen.mark,
            seen.key,
            seen.fields
            if local.isdisjoint(seen.fields)
            else {name: value for name, value in seen.fields.items() if name not in local},
        )
        for seen in plain
    ]
    same = journal.as_shown(rules.kind, side, records)
    settled = {id(seen) for seen, known in zip(plain, same, strict=True) if known}
    return [seen for seen in page if id(seen) not in settled]


def _directory(journal: Journal, rules: KindRules, side: Side, agreed: Iterable[Agreed]) -> Directory:
    """What the last shown values point at."""
    wanted: dict[str, set[str]] = {}
    for known in agreed:
        for kind, pairs in referred_by_kind(known.shown(side), rules).items():
            wanted.setdefault(kind, set()).update(pairs)
    return Directory(known.link for kind, pairs in sorted(wanted.items()) for known in journal.agreed(kind, pairs))


def _same(known: Agreed | None, seen: Seen, side: Side, rules: KindRules, directory: Directory | None) -> bool:
    if known is None or not alive(seen) or seen.unreadable:
        return False
    shown = known.shown(side)
    fields = seen.fields
    if directory is not None:
        try:
            shown = directory.native(shown, side, rules)
        except KeyError:
            return False
    return fields == shown or _alike(fields, shown, rules)


def _alike(fields: Fields, shown: Fields, rules: KindRules) -> bool:
    """Whether they say the same apart from what stays on its side."""
    local = rules.local
    return all(name in shown and shown[name] == value for name, value in fields.items() if name not in local)
