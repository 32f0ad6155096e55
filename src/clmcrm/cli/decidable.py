"""Whether what a person decides can be carried out at all: looked at before the decision is kept.

The rule of the file: a decision about a record that is not there, or for a value that its field cannot hold, is
refused and named. Kept, it would be passed over by the next sync, or written into both systems.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.cli.files import OneFile
from clmcrm.errors import UnreadableInput
from clmcrm.liaison.views import record_of
from clmcrm.ports.clm import CLM_KINDS
from clmcrm.ports.crm import CRM_KINDS
from clmcrm.ports.records import Json, Seen, Side
from clmcrm.sync.arbitration import RECORD, Conflict
from clmcrm.values.problems import Problem

PAIRED: Final = tuple(kind for kind in CRM_KINDS if kind in CLM_KINDS)
"""The kinds of which both systems keep records of their own, so that a person may have to say which is which."""


def check_pairing(record: str, counterpart: str | None, file: OneFile) -> None:
    """Raises `UnreadableInput` when `record` (kind, side, key) or its `counterpart` is not there, or has another one.

    A `record` of another form is left to `resolve_pairing`, which says which form it has.
    """
    kind, side, key = _parts(record)
    if side is None or not key:
        return
    if kind not in PAIRED:
        raise UnreadableInput(record, f"no {kind!r} is paired by a person; such are {', '.join(PAIRED)}")
    if _shown(file, side, kind, key) is None:
        raise UnreadableInput(record, f"the {side.upper()} has no {kind} {key}")
    links = [known.link for known in file.journal.agreed(kind)]
    own = next((link.key(side.other) for link in links if link.key(side) == key), None)
    if own is not None and _shown(file, side.other, kind, own) is not None:
        raise UnreadableInput(record, f"it belongs to {own} on the {side.other.upper()} already")
    if counterpart is None:
        return
    if _shown(file, side.other, kind, counterpart) is None:
        theirs = next((link.key(side.other) for link in links if link.key(side) == counterpart), None)
        hint = f"; {counterpart} on the {side.upper()} is {theirs} there" if theirs else ""
        raise UnreadableInput("--pair-with", f"the {side.other.upper()} has no {kind} {counterpart}{hint}")
    taken = next((link.key(side) for link in links if link.key(side.other) == counterpart), None)
    if taken is not None and _shown(file, side, kind, taken) is not None:
        right = f"merge {taken} and {key} on the {side.upper()}, or name another"
        raise UnreadableInput("--pair-with", f"{counterpart} belongs to {taken} on the {side.upper()} already; {right}")


def check_value(conflict: Conflict, value: Json, file: OneFile) -> None:
    """Raises `UnreadableInput` when the conflict's field cannot hold the third `value` that a person gives it."""
    known = next((found.link for found in file.journal.agreed(conflict.kind, [conflict.pair])), None)
    record = RECORDS.get(conflict.kind)
    if known is None or record is None or conflict.name == RECORD:
        return
    for side in Side:
        key = known.key(side)
        seen = None if key is None else _shown(file, side, conflict.kind, key)
        if seen is None or isinstance(record_of(record, seen, ""), Problem):
            continue
        read = record_of(record, evolve(seen, fields={**seen.fields, conflict.name: value}), "")
        if isinstance(read, Problem):
            where = read.field.removeprefix("$.")
            raise UnreadableInput("--value", f"{where} is {read.value}; expected {read.expected}")


def _parts(record: str) -> tuple[str, Side | None, str]:
    kind, _, rest = record.partition(":")
    side, _, key = rest.partition(":")
    return kind, Side(side) if side in tuple(Side) else None, key


def _shown(file: OneFile, side: Side, kind: str, key: str) -> Seen | None:
    """The record as its system shows it now; None when it is not there any more."""
    system = file.crm if side is Side.CRM else file.clm
    found = system.read(kind, [key])
    return found[0] if found and not found[0].gone and found[0].merged_into is None else None
