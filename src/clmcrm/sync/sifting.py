"""Sets aside the records of a page that look as their side last showed them: nothing can follow from those.

A full listing of a settled system leaves no hint behind, and our own writes come back without being read
again. What cannot be told apart cheaply counts as changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clmcrm.ports.journal import ComparingJournal, Journal, comparing, keyed
from clmcrm.ports.kept import Agreed
from clmcrm.ports.records import Fields, Seen, Side
from clmcrm.sync.directory import Directory, derived_pair, referred_by_kind, refers
from clmcrm.sync.lineup import alive
from clmcrm.sync.ownership import KindRules


def changed(journal: Journal, rules: KindRules, side: Side, page: Sequence[Seen]) -> tuple[list[Seen], list[Agreed]]:
    """The records of the page that differ from what `side` last showed, with the pairs known of them.

    A record that is not known yet differs, and so does one that is known by a key it had before.
    """
    known: dict[str | None, Agreed] = {}
    if comparing(journal):
        page, known = _doubtful(journal, rules, side, page)
    strangers = [seen for seen in page if seen.key not in known]
    if strangers:
        known.update(_looked_up(journal, rules, side, strangers))
    directory = _directory(journal, rules, side, known.values()) if page and rules.references else None
    moved = [seen for seen in page if not _same(known.get(seen.key), seen, side, rules, directory)]
    return moved, [known[seen.key] for seen in moved if seen.key in known]


def _looked_up(journal: Journal, rules: KindRules, side: Side, page: Sequence[Seen]) -> dict[str | None, Agreed]:
    """The pairs known of these records, by their key on `side`."""
    pairs = {derived_pair(rules.kind, side, seen.key) for seen in page}
    pairs.update(seen.mark for seen in page if seen.mark is not None)
    known = {agreed.link.key(side): agreed for agreed in journal.agreed(rules.kind, pairs)}
    others = {seen.key for seen in page if seen.key not in known}
    if others and keyed(journal):
        # Neither by their origin nor by our mark: such as those that were paired because they identify each other.
        found = [a for a in journal.leading_to(rules.kind, side, others) if a.link.key(side) in others]
        known.update((agreed.link.key(side), agreed) for agreed in found)
    return known


def _doubtful(
    journal: ComparingJournal, rules: KindRules, side: Side, page: Sequence[Seen]
) -> tuple[list[Seen], dict[str | None, Agreed]]:
    """The records that the journal does not at once know to be as last shown, and their pairs by key.

    Those that refer to others are among them: what they point at may have another key by now, so the text alone says
    nothing.
    """
    found = journal.as_shown(rules.kind, side, [(seen.key, _to_compare(seen, rules)) for seen in page])
    doubtful = [(seen, known) for seen, known in zip(page, found, strict=True) if known is not True]
    return [seen for seen, _ in doubtful], {seen.key: known for seen, known in doubtful if known is not None}


def _to_compare(seen: Seen, rules: KindRules) -> Fields | None:
    """What is to be as it was shown, to the letter; None where that would say nothing."""
    fields, local = seen.fields, rules.local
    if not alive(seen) or seen.unreadable or (refers(fields, rules) and referred_by_kind(fields, rules)):
        return None
    return (
        fields if not local or local.isdisjoint(fields) else {n: value for n, value in fields.items() if n not in local}
    )


def _directory(journal: Journal, rules: KindRules, side: Side, agreed: Iterable[Agreed]) -> Directory:
    """What the last shown values point at."""
    wanted: dict[str, set[str]] = {}
    for known in agreed:
        shown = known.shown(side)
        if refers(shown, rules):
            for kind, pairs in referred_by_kind(shown, rules).items():
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
    return fields == shown or fields.items() <= shown.items() or _alike(fields, shown, rules)


def _alike(fields: Fields, shown: Fields, rules: KindRules) -> bool:
    """Whether they say the same apart from what stays on its side, and not without leaving that out."""
    local = rules.local
    if local.isdisjoint(fields):
        return False
    return all(name in shown and shown[name] == value for name, value in fields.items() if name not in local)
