"""What points at a pair: it means other records once the pair has others, and neither side tells of that."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Hint
from clmcrm.sync.directory import hints_of, referred
from clmcrm.sync.ownership import KindRules, Rules

Referrers = dict[str, tuple[Hint, ...]]
"""By pair, hints at both records of every pair that points at it."""


def referrers(journal: Journal, rules: Rules, kind: str, pairs: Collection[str]) -> Referrers:
    """What points at these pairs of `kind`, on either side or as it was agreed.

    The journal is read through for it, page by page: it keeps no index of references, and this happens seldom.
    """
    found: Referrers = {}
    for each in rules if pairs else ():
        if kind in each.references.values():
            for known in journal.agreed(each.kind):
                for pair in set(_pointed_at(known, each)).intersection(pairs):
                    found[pair] = (*found.get(pair, ()), *hints_of(known.link))
    return found


def _pointed_at(known: Agreed, rules: KindRules) -> Iterator[str]:
    for fields in (known.base, known.shown_crm, known.shown_clm):
        yield from referred(fields, rules)
