"""Steps that only a person can settle: where a remote offers nothing to look a lost creation up by.

A parked step is never sent again on its own. A person looks into the system and says either that nothing
was made (`give_up`), or which record it was (`adopt`).
"""

from __future__ import annotations

from datetime import datetime

from clmcrm.errors import InvalidRecord
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Entry
from clmcrm.ports.records import Fields
from clmcrm.sync.acknowledging import held_by
from clmcrm.sync.directory import hints_of
from clmcrm.sync.open_steps import OpenStep, open_steps_in
from clmcrm.sync.reconciling import keep_found


def give_up(journal: Journal, step_key: str, *, by: str, why: str, at: datetime) -> None:
    """Close a parked step by a person's word that nothing was made: its records are read and planned anew.

    Raises `KeyError` when no such step is open.
    """
    step = _open(journal, step_key).step
    with journal.transaction():
        journal.end_steps([step_key])
        journal.save_hints(hints_of(step.link))
        facts: Fields = {**step.as_fields(), "by": by, "why": why}
        journal.save_entries([Entry(at=at, pair=step.pair, what="given up", facts=facts)])


def adopt(journal: Journal, step_key: str, key: str, *, by: str, why: str, at: datetime) -> None:
    """Close a parked creation by a person's word that the record `key` is the one it made.

    The two are one pair from now on, and both are read in the next run. What stands in the record is not taken
    to be what was sent: where the two differ they are merged as at any first pairing. Raises `KeyError` when no
    such step is open, and `InvalidRecord` for a record that belongs to another pair: one record is in one pair, and
    what was made and then merged into it is adopted under the key it was made with.
    """
    waiting = _open(journal, step_key)
    step = waiting.step
    holder = held_by(journal, step.kind, step.side, {key}).get(key, step.pair) if step.side else step.pair
    if step.side and holder != step.pair:
        raise InvalidRecord(step.pair, f"the {step.side.upper()}'s record", key, f"none of {holder}")
    before = next(iter(journal.agreed(step.kind, [step.pair])), None)
    with journal.transaction():
        journal.end_steps([step_key])
        keep_found(journal, waiting, before, key, set())
        facts: Fields = {**step.as_fields(), "found": key, "by": by, "why": why}
        journal.save_entries([Entry(at=at, pair=step.pair, what="adopted", facts=facts)])


def _open(journal: Journal, step_key: str) -> OpenStep:
    return {waiting.step_key: waiting for waiting in open_steps_in(journal)}[step_key]
