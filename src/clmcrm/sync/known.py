"""The pairs of the journal that a run has to know: those it meets, and what they point at. Never simply all.

So the memory of a run grows with what changed and not with what there is. A journal that can look pairs up by
a system's key is asked for them; any other is read through once more, keeping what is wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from clmcrm.ports.journal import Journal, keyed
from clmcrm.ports.kept import Agreed
from clmcrm.ports.records import SIDES, Json, Seen, Side
from clmcrm.sync.arbitration import decisions_in
from clmcrm.sync.directory import Directory, derived_pair, referred_by_kind, refers
from clmcrm.sync.ownership import KindRules, Rules

Keys = Mapping[Side, Collection[str]]


class Known:
    """The pairs met so far by kind, and the directory of their links; `rules` None: all pairs of the kinds."""

    def __init__(self, journal: Journal, kinds: Iterable[str], rules: Rules | None) -> None:
        self.directory = Directory()
        self._journal = journal
        self._rules = rules
        self._kinds = tuple(kinds)
        self._pairs: dict[str, dict[str, Agreed]] = {kind: {} for kind in self._kinds}
        self._asked: dict[tuple[str, Side], set[str]] = {(kind, side): set() for kind in self._kinds for side in SIDES}
        self._missing: dict[str, set[str]] = {kind: set() for kind in self._kinds}
        self._counts: dict[str, int] = {}
        self._lonely: set[str] = set()
        if rules is None:
            for kind in self._kinds:
                self._keep(journal.agreed(kind))

    @property
    def agreed(self) -> tuple[Agreed, ...]:
        """All of them, by kind and pair."""
        return tuple(self._pairs[kind][pair] for kind in self._kinds for pair in sorted(self._pairs[kind]))

    def of(self, kind: str) -> tuple[Agreed, ...]:
        """Those of one kind."""
        return tuple(self._pairs[kind].values())

    def meet(self, agreed: Iterable[Agreed]) -> None:
        """Know these, just read from the journal."""
        if self._rules is not None:
            self._keep(agreed)

    def meet_pairs(self, kind: str, pairs: Iterable[str]) -> None:
        """Know these pairs, where there are such."""
        if self._rules is None or kind not in self._pairs:
            return
        have, missing = self._pairs[kind], self._missing[kind]
        new = sorted(set(pairs) - have.keys() - missing)
        if new:
            self._keep(self._journal.agreed(kind, new))
            missing.update(set(new) - have.keys())

    def meet_keys(self, kind: str, keys: Keys) -> None:
        """Know the pairs that these keys of the systems lead to, also by an alias."""
        if self._rules is None or kind not in self._pairs:
            return
        new = {side: sorted(set(keys.get(side, ())) - self._asked[kind, side]) for side in SIDES}
        if not any(new.values()):
            return
        for side in SIDES:
            self._asked[kind, side].update(new[side])
        starts = [(derived_pair(kind, side, ""), side) for side in SIDES]
        self.meet_pairs(kind, [start + key for start, side in starts for key in new[side]])
        rest = {side: frozenset(new[side]) - self.directory.pairs_on(side, kind).keys() for side in SIDES}
        if any(rest.values()):
            self._keep(self._led_to(kind, rest))

    def meet_one_sided(self, kind: str) -> None:
        """Know the pairs that have a record on one side alone."""
        if self._rules is None or kind in self._lonely:
            return
        self._lonely.add(kind)
        if keyed(self._journal):
            self._keep(self._journal.one_sided(kind))
        else:
            self._keep(known for known in self._all(kind) if (known.link.crm is None) is not (known.link.clm is None))

    def meet_references(self, rows: Mapping[Side, Iterable[Seen]]) -> None:
        """Know what these records point at, in their side's own keys, and what that hangs on."""
        if self._rules is None:
            return
        for side, shown in rows.items():
            wanted: dict[str, set[str]] = {}
            for row in shown:
                rules = self._rules.of(row.kind)
                if refers(row.fields, rules):
                    for other, keys in referred_by_kind(row.fields, rules).items():
                        wanted.setdefault(other, set()).update(keys)
            for kind, keys in sorted(wanted.items()):
                self.meet_keys(kind, {side: keys})
        self._meet_decided()
        self._meet_agreed_references()

    def counts(self) -> dict[str, int]:
        """How many pairs of each kind there are; of kinds with few pairs met, at least how many."""
        return {kind: self._count(kind) for kind in self._kinds}

    def _count(self, kind: str) -> int:
        met = len(self._pairs[kind])
        if self._rules is None or met < self._rules.of(kind).guard_floor:
            return met  # a plan with fewer harmful steps than the floor is never refused
        if keyed(self._journal):
            return self._journal.count(kind)
        if kind not in self._counts:
            self._counts[kind] = sum(not known.link.ended for known in self._journal.agreed(kind))
        return self._counts[kind]

    def _led_to(self, kind: str, keys: Mapping[Side, frozenset[str]]) -> Iterator[Agreed]:
        if keyed(self._journal):
            for side in SIDES:
                if keys[side]:
                    yield from self._journal.leading_to(kind, side, keys[side])
            return
        for known in self._all(kind):
            link = known.link
            named = ((Side.CRM, link.crm), (Side.CLM, link.clm), *link.aliases)
            if any(key in keys[side] for side, key in named):
                yield known

    def _all(self, kind: str) -> Iterator[Agreed]:
        count = 0
        for known in self._journal.agreed(kind):
            count += not known.link.ended
            yield known
        self._counts[kind] = count

    def _keep(self, found: Iterable[Agreed]) -> None:
        for known in found:
            self._pairs[known.link.kind][known.link.pair] = known
            self.directory.add(known.link)

    def _meet_decided(self) -> None:
        """A person's own value may name a pair that neither side shows."""
        for decision in decisions_in(self._journal):
            for text in _texts(decision.value):
                self.meet_pairs(text.partition(":")[0], [text])

    def _meet_agreed_references(self) -> None:
        """What agreed values point at; parents up to the root, so that a circle is seen."""
        done: set[str] = set()
        for rules in self._rules or ():
            waiting = [known for pair, known in sorted(self._pairs[rules.kind].items()) if pair not in done]
            while waiting:
                wanted = _pointed_at(waiting, rules)
                done.update(known.link.pair for known in waiting)
                for kind, pairs in sorted(wanted.items()):
                    self.meet_pairs(kind, pairs)
                parents = wanted.get(rules.kind, set()) - done
                waiting = [self._pairs[rules.kind][pair] for pair in sorted(parents) if pair in self._pairs[rules.kind]]


def _pointed_at(agreed: Iterable[Agreed], rules: KindRules) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for known in agreed:
        base, crm, clm = known.base, known.shown_crm, known.shown_clm
        for fields in (base,) if crm is base and clm is base else (base, crm, clm):
            if refers(fields, rules):
                for kind, pairs in referred_by_kind(fields, rules).items():
                    found.setdefault(kind, set()).update(pairs)
    return found


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value if isinstance(value, list) else value.values():
            yield from _texts(part)
