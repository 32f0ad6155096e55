"""What a record's end on one side means for the other: unlink, archive, or ask a person.

An end is believed only when a side *shows* it (a tombstone, a merge): a record that is merely not there
is a problem to look into, never a deletion.
"""

from __future__ import annotations

from clmcrm.ports.records import SIDES, Json, Side
from clmcrm.sync.arbitration import RECORD, Conflict
from clmcrm.sync.draft import Draft, journal_step
from clmcrm.sync.lineup import Lined, alive
from clmcrm.sync.merge import Merged
from clmcrm.sync.ownership import KindRules, OnDelete
from clmcrm.sync.steps import Note, Op, Step, plain
from clmcrm.values.problems import Problem

GONE = "gone"


def depart(draft: Draft, lined: Lined, rules: KindRules) -> None:
    """Judge a pair of which at least one record is gone."""
    link = lined.link
    left = [side for side in SIDES if alive(lined.seen[side])]
    lost = [side for side in SIDES if link.key(side) is not None and side not in left]
    if not left:
        _both_ended(draft, lined, lost)
        return
    side = left[0]
    if rules.on_delete is OnDelete.UNLINK or not rules.writable(side):
        _unlink(draft, lined, side.other, f"it is gone on the {side.other.upper()}")
        return
    edits = _edits(draft, lined, side, rules)
    if edits and rules.on_delete is OnDelete.ARCHIVE:
        _ask(draft, lined, side, rules, edits)
        return
    _remove(draft, lined, side, f"it is gone on the {side.other.upper()}")
    for edit in edits:
        draft.notes.append(
            Note(
                pair=lined.pair,
                kind=link.kind,
                name=edit.name,
                side=side,
                value=plain(edit.views.now(side)),
                kept=None,
                why=f"edited on the {side.upper()}, but archived with its counterpart",
            )
        )


def vanished(draft: Draft, lined: Lined) -> None:
    """A linked record that is neither shown nor reported as gone: say so, do nothing."""
    for side in SIDES:
        if lined.link.key(side) is not None and lined.seen[side] is None:
            problem = Problem(
                where=lined.pair,
                field=f"the {side.upper()}'s record",
                value=str(lined.link.key(side)),
                what="is not shown, and not reported as deleted",
                expected="the record, or its deletion in the feed",
            )
            draft.doubt(lined.link, problem)


def _both_ended(draft: Draft, lined: Lined, lost: list[Side]) -> None:
    if any(lined.seen[side] is None for side in lost):
        draft.relink(lined)
        vanished(draft, lined)
        return
    draft.steps.append(journal_step(Op.UNLINK, lined, lined.link.at_its_end(), "no side has the record any more"))


def _unlink(draft: Draft, lined: Lined, lost: Side, why: str, *, decisions: tuple[str, ...] = ()) -> None:
    link, key = lined.link, lined.link.key(lost)
    if key is not None:
        # The alias remembers the key: the record is not created anew, and is known if it is restored.
        link = link.with_alias(lost, key).with_key(lost, None)
    draft.steps.append(journal_step(Op.UNLINK, lined, link, why, decisions=decisions))


def _remove(draft: Draft, lined: Lined, side: Side, why: str, *, decisions: tuple[str, ...] = ()) -> None:
    seen = lined.seen[side]
    if seen is None:
        return
    draft.relink(lined)
    draft.steps.append(
        Step(
            op=Op.REMOVE,
            pair=lined.pair,
            kind=lined.link.kind,
            side=side,
            key=seen.key,
            expected=seen.version,
            link=lined.link.at_its_end(),
            why=why,
            decisions=decisions,
        )
    )


def _edits(draft: Draft, lined: Lined, side: Side, rules: KindRules) -> list[Merged]:
    """What `side` changed since both last agreed."""
    return [merged for merged in draft.merged(lined, rules) if merged.views.changed(side)]


def _ask(draft: Draft, lined: Lined, side: Side, rules: KindRules, edits: list[Merged]) -> None:
    # What it shows now is part of the question: whoever edits it later is asked again.
    edited: Json = {edit.name: plain(edit.views.now(side)) for edit in edits}
    left, right = (edited, GONE) if side is Side.CRM else (GONE, edited)
    decision = draft.decision(lined.pair, RECORD, left, right)
    if decision is not None and decision.value == side.value:
        why = f"{decision.by} kept the {side.upper()}'s record: {decision.why}"
        _unlink(draft, lined, side.other, why, decisions=(decision.key,))
    elif decision is not None:
        why = f"{decision.by} let it go: {decision.why}"
        _remove(draft, lined, side, why, decisions=(decision.key,))
    else:
        names = ", ".join(edit.name for edit in edits)
        why = f"gone on the {side.other.upper()}, while {names} changed on the {side.upper()}"
        conflict = Conflict(
            pair=lined.pair, kind=rules.kind, name=RECORD, left=left, right=right,
            decides=rules.default.decides, why=why,
        )  # fmt: skip
        draft.relink(lined)
        draft.ask(lined.link, conflict)
