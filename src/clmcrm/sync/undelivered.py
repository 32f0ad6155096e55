"""What a system refused, kept with its context; a replay plans it anew and never re-sends the old bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, field, frozen

from clmcrm.ports.journal import DEAD_LETTER, Journal
from clmcrm.ports.kept import Entry, Hint
from clmcrm.ports.records import Fields
from clmcrm.sync.directory import hints_of
from clmcrm.sync.steps import Op, Step, step_of

_REPLACED = frozenset({"replay", "bound", "reconciled", *(op.value for op in Op if op.remote)})


@frozen(kw_only=True)
class DeadLetter:
    """A refused `step`, `why` in the system's words, and `at` what time."""

    step: Step
    why: str
    at: datetime = field()


def dead_letters(journal: Journal) -> tuple[DeadLetter, ...]:
    """The refused steps that nothing later has replaced, oldest first."""
    return last_letters(journal.history())


def last_letters(history: Iterable[Entry]) -> tuple[DeadLetter, ...]:
    """The refused steps in these history lines that no later one of them has replaced, oldest first."""
    letters: dict[str, DeadLetter] = {}
    for entry in history:
        if entry.what == DEAD_LETTER:
            letter = _letter(entry)
            _ = letters.pop(letter.step.step_key, None)
            letters[letter.step.step_key] = letter
        elif entry.what in _REPLACED:
            _ = letters.pop(_step_key(entry.facts), None)
    return tuple(letters.values())


def replay(journal: Journal, letters: Iterable[DeadLetter], *, by: str, at: datetime) -> None:
    """Have these records read and planned again in the next run."""
    with journal.transaction():
        for letter in letters:
            journal.save_hints(hints_of(letter.step.link))
            known = journal.agreed(letter.step.kind, [letter.step.pair])
            journal.save_hints(_as_told(letter.step, hint) for agreed in known for hint in hints_of(agreed.link))
            facts: Fields = {**letter.step.as_fields(), "by": by}
            journal.save_entries([Entry(at=at, pair=letter.step.pair, what="replay", facts=facts)])


def _as_told(step: Step, hint: Hint) -> Hint:
    """The hint with what the refused step knew of the record: what a removal followed had ended, and was told once."""
    ended = step.op is Op.REMOVE and step.link.ended and hint.side is not step.side
    return evolve(hint, gone=True) if ended and (hint.side, hint.key) in step.link.aliases else hint


def _letter(entry: Entry) -> DeadLetter:
    return DeadLetter(step=step_of(entry.facts), why=str(entry.facts["why"]), at=entry.at)


def _step_key(facts: Fields) -> str:
    return step_of(facts).step_key
