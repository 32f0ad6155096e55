"""Steps that were begun and are not acknowledged: what the journal keeps of them, and for how long they rest.

The body is frozen beside the key it is sent under. When the call may still be carried out is counted from
the *send*: the instant after the last attempt, or, when the sender died, the first time anybody looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from attrs import evolve, field, frozen

from clmcrm.errors import JournalCorrupt
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Hint
from clmcrm.ports.records import Create, Fields, Json, Remove, Side, Update, Write
from clmcrm.sync.step_text import value_text
from clmcrm.sync.steps import Note, Op, Step, note_of, step_of
from clmcrm.values.json_text import JsonText
from clmcrm.values.validators import instant, maybe


@frozen(kw_only=True)
class OpenStep:
    """A step that was begun and is not acknowledged.

    `sent` is the frozen body, in the side's own keys, `idempotency_key` what it goes under, `notes` the edits
    that gave way to it. `at` is when it was begun, `sent_at` an instant no earlier than the last attempt to
    send it: None while nobody knows. `reused` says that the system knows the key with other values: it made
    something in a time of which the memory is lost, a person finds it, and the key is not used again. `pointing` are
    hints at what is to be looked at again once the pair has the record.
    """

    step_key: str
    step: Step
    sent: Fields = field(factory=dict[str, Json])
    notes: tuple[Note, ...] = ()
    at: datetime = field(validator=instant)
    sent_at: datetime | None = field(default=None, validator=maybe(instant))
    idempotency_key: str = ""
    reused: bool = False
    pointing: tuple[Hint, ...] = ()
    text: str | None = field(default=None, eq=False, repr=False)

    @property
    def write(self) -> Write:
        """The same write as was begun, byte for byte under the same key."""
        step = self.step
        if step.op is Op.CREATE:
            return Create(kind=step.kind, mark=step.pair, fields=self.sent, idempotency_key=self.idempotency_key)
        key = step.key or ""
        if step.op is Op.REMOVE:
            return Remove(kind=step.kind, key=key, expected=step.expected, idempotency_key=self.idempotency_key)
        return Update(
            kind=step.kind, key=key, fields=self.sent, expected=step.expected, idempotency_key=self.idempotency_key
        )

    def sent_by(self, instant_: datetime | None) -> OpenStep:
        """The same step, known to have been sent no later than this; None where nobody knows."""
        return evolve(self, sent_at=instant_)

    def facts(self) -> Fields:
        """What the journal keeps of it: its fields, already written where that is quickly done."""
        if self.text is None or self.notes or self.reused or self.pointing or self.sent_at is not None:
            return self.as_fields()
        sent = value_text(self.sent if isinstance(self.sent, dict) else dict(self.sent))
        at, key = value_text(self.at.isoformat()), value_text(self.idempotency_key)
        return JsonText(f'{{"at":{at},"key":{key},"notes":[],"sent":{sent},"step":{self.text}}}')

    def as_fields(self) -> Fields:
        """The step as plain JSON."""
        known: dict[str, Json] = {} if self.sent_at is None else {"sent_at": self.sent_at.isoformat()}
        if self.reused:
            known["reused"] = True
        if self.pointing:
            known["pointing"] = [[hint.kind, hint.side.value, hint.key] for hint in self.pointing]
        return {
            "step": self.step.as_fields(), "sent": dict(self.sent),
            "notes": [dict(note.as_fields()) for note in self.notes],
            "at": self.at.isoformat(), "key": self.idempotency_key, **known,
        }  # fmt: skip


def open_step_of(step_key: str, facts: Fields) -> OpenStep:
    """The open step that `OpenStep.as_fields` wrote; raises `JournalCorrupt` naming it when it makes no sense."""
    try:
        sent_at = facts.get("sent_at")
        return OpenStep(
            step_key=step_key,
            step=step_of(cast("Fields", facts["step"])),
            sent=cast("Fields", facts["sent"]),
            notes=tuple(note_of(note) for note in cast("list[Fields]", facts["notes"])),
            at=datetime.fromisoformat(str(facts["at"])),
            sent_at=None if sent_at is None else datetime.fromisoformat(str(sent_at)),
            idempotency_key=str(facts.get("key", "")),
            reused=facts.get("reused") is True,
            pointing=tuple(_hint_of(each) for each in cast("list[list[str]]", facts.get("pointing", []))),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise JournalCorrupt(f"open step {step_key} cannot be read: {problem!r}; nothing was sent") from problem


def _hint_of(written: list[str]) -> Hint:
    kind, side, key = written
    return Hint(kind=kind, side=Side(side), key=key)


def open_steps_in(journal: Journal) -> tuple[OpenStep, ...]:
    """The open steps, oldest first."""
    return tuple(open_step_of(key, facts) for key, facts in journal.open_steps())


def keep_open(journal: Journal, steps: Iterable[OpenStep]) -> None:
    """Record steps as open, in the transaction that is under way."""
    journal.begin_steps((step.step_key, step.facts()) for step in steps)
