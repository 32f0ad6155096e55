"""The plain case of a merge, which most changed records are: one side edited, it may, and its value passes.

Whatever else there is to consider makes the case another one, and the merge itself decides. Both say the same: a
property of the tests.
"""

from __future__ import annotations

from clmcrm.ports.kept import Agreed
from clmcrm.ports.records import CLM, CRM, Fields, Json, Side
from clmcrm.sync.merge import ABSENT, ALONE
from clmcrm.sync.ownership import KindRules, Ownership, Passage
from clmcrm.sync.steps import FieldChange


def plain_edits(known: Agreed, now: tuple[Fields, Fields], rules: KindRules) -> tuple[Side, list[FieldChange]] | None:
    """The side to write to and the changes, sorted by name; None where the case is not plain.

    `now` is what the CRM and the CLM show, in this order, in pairs and without local fields.
    """
    crm, clm = now
    if crm == known.shown_crm:
        editor, other, mine, theirs, before = CLM, CRM, clm, crm, known.shown_clm
    elif clm == known.shown_clm:
        editor, other, mine, theirs, before = CRM, CLM, crm, clm, known.shown_crm
    else:
        return None
    base, changes = known.base, list[FieldChange]()
    if not rules.writable(other):
        return None
    for name, value in mine.items():
        if name not in before or name not in base:
            return None
        if value == before[name]:
            continue
        rule, current = rules.rule(name), theirs.get(name, base[name])
        allowed = rule.owner is Ownership.SHARED or rule.owner.side is editor
        if current != before[name] and rule.passage(editor) is not Passage.OPEN:
            return None  # what is overwritten might never pass to the editor
        if not allowed or rule.passage(other) is not Passage.OPEN or value == current:
            return None
        changes.append(_change(name, value, theirs, editor))
    if len(changes) > 1:
        changes.sort(key=lambda change: change.name)
    return other, changes


def _change(name: str, value: Json, theirs: Fields, editor: Side) -> FieldChange:
    if editor is CRM:
        return FieldChange(name=name, value=value, crm=value, clm=theirs.get(name, ABSENT), why=ALONE[CRM])
    return FieldChange(name=name, value=value, crm=theirs.get(name, ABSENT), clm=value, why=ALONE[CLM])
