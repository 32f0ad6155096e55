"""A plan while it is made: what every part of the planning adds to, and the one place where it is ordered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, field

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import CLM, CRM, SIDES, Fields, Side
from clmcrm.sync.arbitration import Conflict, Decision, conflict_key
from clmcrm.sync.directory import Directory
from clmcrm.sync.lineup import Lined
from clmcrm.sync.merge import Merged, Value, merge_record
from clmcrm.sync.ownership import KindRules, Rules
from clmcrm.sync.steps import ORDER, FieldChange, Note, Op, Plan, Step, plain
from clmcrm.values.problems import Problem

NOTHING_SHOWN: Fields = {}


@define(kw_only=True)
class Draft:
    """The steps, conflicts, notes and problems found so far; `creates` wait for their order."""

    rules: Rules
    directory: Directory
    decisions: Mapping[str, Decision]
    steps: list[Step] = field(factory=list[Step])
    creates: dict[str, Step] = field(factory=dict[str, Step])
    conflicts: list[Conflict] = field(factory=list[Conflict])
    notes: list[Note] = field(factory=list[Note])
    problems: list[Problem] = field(factory=list[Problem])
    waiting: set[tuple[str, Side, str]] = field(factory=set[tuple[str, Side, str]])
    before: dict[str, Agreed] = field(factory=dict[str, Agreed])

    def wait(self, link: Link) -> None:
        """Look at both records of the pair again next time."""
        for side in SIDES:
            key = link.key(side)
            if key is not None:
                self.waiting.add((link.kind, side, key))

    def doubt(self, link: Link, problem: Problem) -> None:
        """Report a problem, and look at the pair again next time."""
        self.problems.append(problem)
        self.wait(link)

    def ask(self, link: Link, conflict: Conflict) -> None:
        """Leave it to a person, and look at the pair again next time; reported where one answered it before."""
        self.conflicts.append(conflict)
        self.wait(link)
        decision = self.decisions.get(conflict.key)
        if decision is not None:
            fits = decision.fits(conflict.left, conflict.right)
            why = f", but {conflict.why}" if fits else " on values that have changed since"
            what = f"was decided by {decision.by}{why}"
            problem = Problem(where=conflict.pair, field=conflict.name, what=what, expected="a new decision")
            self.problems.append(problem)

    def relink(self, lined: Lined) -> None:
        """Keep what became of a pair's link, also while the pair itself waits: it is told only once."""
        if lined.why:
            op = Op.BIND if lined.link.crm is not None and lined.link.clm is not None else Op.UNLINK
            self.steps.append(journal_step(op, lined, lined.link, lined.why))

    def decision(self, pair: str, name: str, left: Value, right: Value) -> Decision | None:
        """The decision on a conflict if it still fits what both sides show."""
        decision = self.decisions.get(conflict_key(pair, name)) if self.decisions else None
        return decision if decision is not None and decision.fits(plain(left), plain(right)) else None

    def merged(self, lined: Lined, rules: KindRules) -> tuple[Merged, ...]:
        """The merge of a pair of which both records are shown."""
        known = None if lined.fresh else lined.agreed
        now = (self.canonical(lined, CRM, rules), self.canonical(lined, CLM, rules))
        if known is None:
            return merge_record(NOTHING_SHOWN, (NOTHING_SHOWN, NOTHING_SHOWN), now, rules)
        return merge_record(known.base, (known.shown_crm, known.shown_clm), now, rules)

    def canonical(self, lined: Lined, side: Side, rules: KindRules) -> Fields:
        """What a side of the pair shows, in pairs; nothing when it shows no record."""
        seen = lined.seen[side]
        return NOTHING_SHOWN if seen is None else self.directory.canonical(seen.fields, side, rules)

    def finished(self, ordered: Iterable[Step], known: Mapping[str, int]) -> Plan:
        """The plan: journal steps, then `ordered` creations, updates and removals, each sorted by pair."""
        kinds = {rules.kind: place for place, rules in enumerate(self.rules)}

        def place(step: Step) -> tuple[int, int, str, str]:
            return ORDER[step.op], kinds[step.kind], step.pair, step.side or ""

        steps = sorted(self.steps, key=place)
        first = [step for step in steps if not step.op.remote]
        rest = [step for step in steps if step.op.remote]
        chosen = (*first, *ordered, *rest)
        return Plan(
            rules=self.rules,
            steps=chosen,
            conflicts=tuple(sorted(self.conflicts, key=lambda c: (kinds[c.kind], c.pair, c.name))),
            notes=tuple(sorted(self.notes, key=lambda n: (kinds[n.kind], n.pair, n.name, n.side))),
            problems=tuple(sorted(self.problems, key=lambda p: (p.where, p.field, p.what))),
            waiting=tuple(sorted(self.waiting)),
            before={s.pair: self.before[s.pair] for s in chosen if s.pair in self.before},
            decisions={key: self.decisions[key] for s in chosen for key in s.decisions},
            known=dict(known),
        )


def change_of(merged: Merged) -> FieldChange:
    """The change a merge leads to."""
    views = merged.views
    return FieldChange(name=merged.name, value=merged.value, crm=views.crm, clm=views.clm, why=merged.why)


def journal_step(op: Op, lined: Lined, link: Link, why: str, *, decisions: tuple[str, ...] = ()) -> Step:
    """A step that only the journal takes: the pair's link is `link` afterwards."""
    return Step(op=op, pair=lined.pair, kind=link.kind, link=link, fresh=lined.fresh, why=why, decisions=decisions)
