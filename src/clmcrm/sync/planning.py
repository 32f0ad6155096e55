"""Makes the plan: pure, reads nothing, writes nothing, and the same for the same input, byte for byte.

The left side is the CRM, the right side the CLM. A pair of which no record is shown is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from clmcrm.ports.kept import Agreed
from clmcrm.ports.records import CLM, CRM, SIDES, Json, Seen, Side
from clmcrm.sync.arbitration import Conflict, Decision
from clmcrm.sync.departures import depart, vanished
from clmcrm.sync.directory import Directory
from clmcrm.sync.draft import Draft, change_of, journal_step
from clmcrm.sync.hierarchy import break_circles, fillable, ordered_creates
from clmcrm.sync.lineup import Lined, Lineup, alive
from clmcrm.sync.merge import Merged, Verdict
from clmcrm.sync.ownership import KindRules, Passage, Rules
from clmcrm.sync.placing import line_up
from clmcrm.sync.plain_edits import plain_edits
from clmcrm.sync.ruling import end_unasked, passed, ruled, withheld
from clmcrm.sync.steps import FieldChange, Note, Op, Plan, Step, plain
from clmcrm.values.problems import Problem

Pairs = Mapping[str, Mapping[str, Agreed]]
"""The journal's pairs, by kind and pair."""


def plan(
    agreed: Iterable[Agreed],
    left: Iterable[Seen],
    right: Iterable[Seen],
    rules: Rules,
    decisions: Iterable[Decision] = (),
    *,
    known: Mapping[str, int] | None = None,
    problems: Iterable[Problem] = (),
) -> Plan:
    """The steps that make both sides consistent, with the conflicts, notes and problems that remain.

    `agreed` are the pairs concerned and those they point at (references are translated by them), `left` and
    `right` the records shown by the CRM and by the CLM, or computed for them; what may be one that is `unreadable` is
    not created once more. `known` is the number of pairs per kind where `agreed` are not all of them, `problems` those
    met while reading. Raises `InvalidRecord` for a kind without rules.

    >>> from clmcrm.sync.standard import standard_rules
    >>> new = Seen(kind="account", key="A1", fields={"name": "Durand", "country": "FR"}, version="1")
    >>> for step in plan([], [new], [], standard_rules()).steps:
    ...     print(step.op, step.pair, "on the", step.side, dict(step.fields))
    create account:crm:A1 on the clm {'country': 'FR', 'name': 'Durand'}
    """
    pairs = _by_kind(agreed, rules)
    rows = {side: _rows(shown, rules) for side, shown in ((Side.CRM, left), (Side.CLM, right))}
    directory = Directory(known.link for kind in rules for known in pairs[kind.kind].values())
    taken = {decision.key: decision for decision in decisions}
    draft = Draft(rules=rules, directory=directory, decisions=taken, problems=list(problems))
    shown = [kind for kind in rules if any(rows[side][kind.kind] for side in SIDES)]
    lineups = [_lined_up(kind, pairs, rows, draft) for kind in shown]
    for lineup in lineups:
        for pair in sorted(lineup.lined):
            _judge(draft, lineup.lined[pair], lineup)
    if draft.decisions:
        end_unasked(draft, lineups)
    for kind in shown:
        _break_circles(draft, kind, pairs[kind.kind])
    creates = ordered_creates(draft)
    fillable(draft, creates)
    return draft.finished(
        creates, known or {kind: sum(not k.link.ended for k in found.values()) for kind, found in pairs.items()}
    )


def _by_kind(agreed: Iterable[Agreed], rules: Rules) -> dict[str, dict[str, Agreed]]:
    pairs: dict[str, dict[str, Agreed]] = {kind.kind: {} for kind in rules}
    for known in agreed:
        pairs[rules.of(known.link.kind).kind][known.link.pair] = known
    return pairs


def _rows(shown: Iterable[Seen], rules: Rules) -> dict[str, dict[str, Seen]]:
    rows: dict[str, dict[str, Seen]] = {kind.kind: {} for kind in rules}
    for seen in shown:
        if seen.kind not in rows:
            _ = rules.of(seen.kind)  # raises, naming the kinds there are
        rows[seen.kind][seen.key] = seen
    return rows


def _lined_up(
    kind: KindRules, pairs: Pairs, rows: Mapping[Side, Mapping[str, Mapping[str, Seen]]], draft: Draft
) -> Lineup:
    shown = {side: rows[side][kind.kind] for side in SIDES}
    unread = {side: [row for row in found.values() if row.unreadable] for side, found in shown.items()}
    for side in [side for side, found in unread.items() if found]:
        shown[side] = {key: row for key, row in shown[side].items() if not row.unreadable}
    lineup = Lineup(
        rules=kind,
        rows=shown,
        unread=unread,
        directory=draft.directory,
        decisions=draft.decisions,
    )
    line_up(lineup, pairs[kind.kind])
    draft.problems.extend(lineup.problems)
    draft.waiting.update(lineup.waiting)
    draft.before.update(pairs[kind.kind])
    return lineup


def _judge(draft: Draft, lined: Lined, lineup: Lineup) -> None:
    """What is to be done about one pair."""
    rules, link = lineup.rules, lined.link
    crm, clm = lined.seen[CRM], lined.seen[CLM]
    if crm is not None and clm is not None and alive(crm) and alive(clm):
        _merge(draft, lined, lineup)
        return
    held = [side for side in SIDES if link.key(side) is not None]
    shown = [side for side in held if lined.seen[side] is not None]
    if len(held) == 1 and (lined.agreed is None or _comes_back(lined, held[0], rules)):
        _create(draft, lined, held[0], lineup)
    elif not shown:
        draft.relink(lined)
    elif any(not alive(lined.seen[side]) for side in shown):
        depart(draft, lined, rules)
    elif len(shown) < len(held):
        draft.relink(lined)
        vanished(draft, lined)
    else:
        draft.relink(lined)


def _comes_back(lined: Lined, side: Side, rules: KindRules) -> bool:
    """Whether the pair had ended, and its record on `side` was restored: then the other side gets one anew."""
    ended = lined.agreed is not None and lined.agreed.link.ended
    return ended and alive(lined.seen[side]) and rules.direction.creates_on(side.other)


def _create(draft: Draft, lined: Lined, origin: Side, lineup: Lineup) -> None:
    fields = draft.canonical(lined, origin, lineup.rules)
    why = f"as on the {origin.upper()}"
    changes = tuple(
        _first(name, fields[name], origin, why)
        for name in sorted(fields)
        if lineup.rules.rule(name).passage(origin.other) in (Passage.OPEN, Passage.IF_BLANK)
    )
    draft.creates[lined.pair] = Step(
        op=Op.CREATE,
        pair=lined.pair,
        kind=lineup.kind,
        side=origin.other,
        changes=changes,
        link=lined.link,
        why=lined.why or f"it is new on the {origin.upper()}",
        decisions=tuple(key for key in lineup.decided if _decides(key, lined)),
    )


def _first(name: str, value: Json, origin: Side, why: str) -> FieldChange:
    if origin is Side.CRM:
        return FieldChange(name=name, value=value, crm=value, why=why)
    return FieldChange(name=name, value=value, clm=value, why=why)


def _merge(draft: Draft, lined: Lined, lineup: Lineup) -> None:
    rules, known = lineup.rules, lined.agreed
    if known is not None and not (lined.fresh or lined.why or draft.decisions):
        edits = plain_edits(known, (draft.canonical(lined, CRM, rules), draft.canonical(lined, CLM, rules)), rules)
        if edits is not None:
            side, changes = edits
            if changes:
                _update(draft, lined, side, changes, {})
            return
    quiet: list[FieldChange] = []
    updates: dict[Side, list[FieldChange]] = {Side.CRM: [], Side.CLM: []}
    used: dict[str, str] = {}
    for found in draft.merged(lined, rules):
        merged = ruled(draft, lined, found, used)
        merged = passed(merged, rules, let_pass=found.name in used)
        if merged.verdict is Verdict.CONFLICT:
            draft.ask(lined.link, _conflict(lined, merged, rules))
            continue
        _note(draft, lined, merged)
        sides = [side for side in merged.writes if rules.writable(side)]
        merged = withheld(draft, lined, merged, sides, used)
        for side in sides:
            updates[side].append(change_of(merged))
        if not sides:
            quiet.append(change_of(merged))
    _journal(draft, lined, lineup, quiet, used)
    for side, changes in updates.items():
        if changes:
            _update(draft, lined, side, changes, used)


def _conflict(lined: Lined, merged: Merged, rules: KindRules) -> Conflict:
    views = merged.views
    return Conflict(
        pair=lined.pair,
        kind=rules.kind,
        name=merged.name,
        base=plain(views.base),
        left=plain(views.crm),
        right=plain(views.clm),
        decides=rules.rule(merged.name).decides,
        why=merged.why,
    )


def _note(draft: Draft, lined: Lined, merged: Merged) -> None:
    side = merged.overruled
    if side is None:
        return
    draft.notes.append(
        Note(
            pair=lined.pair,
            kind=lined.link.kind,
            name=merged.name,
            side=side,
            value=plain(merged.views.now(side)),
            kept=plain(merged.value),
            why=merged.why,
        )
    )


def _journal(draft: Draft, lined: Lined, lineup: Lineup, quiet: list[FieldChange], used: Mapping[str, str]) -> None:
    new = lined.agreed is None
    if not quiet and not lined.why and not new:
        return
    op = Op.BIND if new or lined.why else Op.SETTLE
    step = journal_step(op, lined, lined.link, lined.why)
    pairing = [key for key in lineup.decided if _decides(key, lined)] if op is Op.BIND else []
    keys = [used[c.name] for c in quiet if c.name in used]
    draft.steps.append(evolve(step, changes=tuple(quiet), decisions=tuple(sorted([*keys, *pairing]))))


def _decides(key: str, lined: Lined) -> bool:
    record = key.rpartition("#")[0]
    return any(record == f"{lined.link.kind}:{side}:{lined.link.key(side)}" for side in SIDES)


def _update(draft: Draft, lined: Lined, side: Side, changes: list[FieldChange], used: Mapping[str, str]) -> None:
    seen = lined.seen[side]
    if seen is None:
        return
    draft.steps.append(
        Step(
            op=Op.UPDATE,
            pair=lined.pair,
            kind=lined.link.kind,
            side=side,
            key=seen.key,
            expected=seen.version,
            changes=tuple(changes),
            link=lined.link,
            decisions=tuple(sorted([used[c.name] for c in changes if c.name in used])) if used else (),
        )
    )


def _break_circles(draft: Draft, rules: KindRules, agreed: Mapping[str, Agreed]) -> None:
    for name, kind in sorted(rules.references.items()):
        if kind == rules.kind and "." not in name:
            parents: dict[str, Json] = {pair: known.base.get(name) for pair, known in agreed.items()}
            break_circles(draft, parents, name, kind)
