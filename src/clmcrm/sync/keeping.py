"""Keeps what the steps of a run brought about: pairs, their history, and the decisions that are carried out.

Everything is gathered and saved in the transaction under way, so that a run that dies leaves either the old truth or
the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeAlias

from clmcrm.ports.journal import DEAD_LETTER, Journal
from clmcrm.ports.kept import Agreed, Hint, Link
from clmcrm.ports.records import Fields, Seen, Side
from clmcrm.sync.acknowledging import acknowledged, as_made, ends_of, entry, held_by, note_entry, read_back
from clmcrm.sync.arbitration import decision_of
from clmcrm.sync.auditing import Shown, plainly_shown
from clmcrm.sync.groundwork import carrying_steps, current_pairs, directory_for, pointing_at_changed, writing_sides
from clmcrm.sync.open_steps import OpenStep
from clmcrm.sync.outbox import Outbox
from clmcrm.sync.reports import Ended
from clmcrm.sync.sending import Answer
from clmcrm.sync.steps import Note, Op, Plan, Step

Clock: TypeAlias = Callable[[], datetime]
"""Tells the present instant, with a time zone: the caller's, so that a run can be repeated."""


class Keeping:
    """What one run keeps: `pairs` are those of its plan as the journal has them by now, `directory` their links."""

    def __init__(self, todo: Plan, journal: Journal, clock: Clock) -> None:
        self.pairs = current_pairs(todo, journal)
        self.directory = directory_for(todo, journal, self.pairs)
        self.pointing = pointing_at_changed(todo, journal, self.pairs)
        self._rules, self._journal, self._clock = todo.rules, journal, clock
        self._shown: dict[str, dict[Side, Fields]] = {}
        self._unwritten = writing_sides(todo)
        self._carried = carrying_steps(todo)
        self._decisions, self._carried_out = todo.decisions, list[str]()
        self._outbox = Outbox(journal)
        self._holders: dict[tuple[str, Side, str], str] = {}
        self._notes: dict[str, list[Note]] = {}
        for note in todo.notes:
            self._notes.setdefault(note.pair, []).append(note)

    def notes_of(self, step: Step) -> tuple[Note, ...]:
        """The edits that give way to the step."""
        notes = self._notes.get(step.pair)
        return tuple([note for note in notes if note.concerns(step)]) if notes else ()

    def last_shown(self, step: Step) -> Shown:
        """What the side of a removal last showed, apart from references; nothing where no journal tells it."""
        known = self.pairs.get(step.pair)
        references = self._rules.of(step.kind).references
        return {} if known is None or step.side is None else plainly_shown(known, step.side, references)

    def note(self, notes: Iterable[Note]) -> None:
        """Edits that an audit found to have been overwritten."""
        self._outbox.tell(note_entry(note, self._clock()) for note in notes)

    def taken_anew(self) -> frozenset[str]:
        """The keys of the plan's decisions of which the journal has another one by now: that one is not carried out."""
        if not self._decisions:
            return frozenset()
        planned = self._decisions
        return frozenset(k for k, now in self._journal.decisions() if k in planned and planned[k] != decision_of(now))

    def end_step(self, step: Step) -> None:
        """The step is acknowledged, and open no more."""
        self._outbox.end_step(step.step_key)

    def flush(self) -> None:
        """Save it all, in the transaction under way."""
        if self._carried_out:
            newer = self.taken_anew()
            self._outbox.end_decisions(key for key in self._carried_out if key not in newer)
            self._carried_out = []
        self._outbox.flush()

    def meet_holders(self, answered: Iterable[tuple[Step, Answer]]) -> None:
        """Know which pairs have the records that these steps of one kind and side are answered with."""
        named = [(step, answer.key) for step, answer in answered if _names_another(step, answer)]
        if named:
            kind, side = named[0][0].kind, named[0][0].side
            if side is not None:
                found = held_by(self._journal, kind, side, {key for _, key in named})
                self._holders.update({(kind, side, key): pair for key, pair in found.items()})

    def other_holder(self, step: Step, answer: Answer) -> str | None:
        """The other pair that has the record answering the step; None where it is free, and the step's from now on."""
        if step.side is None or not _names_another(step, answer):
            return None
        holder = self._holders.setdefault((step.kind, step.side, answer.key), step.pair)
        return None if holder == step.pair else holder

    def written(self, opened: OpenStep, answer: Answer, seen: Seen | None) -> None:
        """A write was carried out, and `seen` is the record afterwards."""
        step = opened.step
        side = step.side
        if side is None:
            return
        rules = self._rules.of(step.kind)
        shown = self._shown.setdefault(step.pair, {})
        told = read_back(step, seen, answer.version, rules)
        shown[side] = {**shown[side], **told} if side in shown else told
        for change in step.changes if self._unwritten else ():
            self._unwritten.get((step.pair, change.name), set[Side]()).discard(side)
        link = step.link.with_key(side, answer.key) if step.op is Op.CREATE else step.link
        if step.op is Op.CREATE and answer.key and not as_made(seen, answer.version, opened.sent):
            # It changed or ended before we knew its key, and that may have been told to nobody: look at it again.
            self._journal.save_hints([Hint(kind=step.kind, side=side, key=answer.key)])
            self._journal.save_hints(() if seen is None else ends_of(step, seen))
        self.done(step, link, opened.text)

    def bound(self, step: Step, answer: Answer) -> None:
        """A record was there under our mark, with values we have not seen: link it, merge it next time."""
        if step.side is not None:
            link = step.link.with_key(step.side, answer.key)
            self.save(Agreed(link=link, base={}))
            self._outbox.tell([entry(step, self._clock(), "bound")])

    def done(self, step: Step, link: Link, text: str | None = None) -> None:
        """Keep what the step brought about: the pair, the history, and decisions that are carried out."""
        now = self._clock()
        if link.ended:
            self._end(link)
        else:
            shown, moves = self._shown.get(step.pair), self._moves(step)
            self.save(acknowledged(self.pairs.get(step.pair), step, link, shown=shown, moves=moves))
        self._outbox.tell([entry(step, now, text=text), *[note_entry(note, now) for note in self.notes_of(step)]])
        if step.decisions:
            self._end_decisions(step)

    def _end(self, link: Link) -> None:
        """Of a pair that has ended only the keys are kept that lead to it."""
        if link.aliases:
            self.save(Agreed(link=link, base={}))
        else:
            self._outbox.set_aside(link.kind, link.pair)

    def _moves(self, step: Step) -> set[str] | None:
        """The step's fields that no other step has yet to write; None for all of them."""
        if not self._unwritten:
            return None
        return {c.name for c in step.changes if not self._unwritten.get((step.pair, c.name))}

    def save(self, pair: Agreed) -> None:
        """Keep a pair, and have looked at again what points at it where it has another record now."""
        name = pair.link.pair
        self._outbox.save(pair)
        self.pairs[name] = pair
        if name in self.pointing:
            self._journal.save_hints(self.pointing[name])
        if self.directory is not None:
            self.directory.add(pair.link)

    def _end_decisions(self, step: Step) -> None:
        for key in step.decisions:
            self._carried[key].discard(step.step_key)
        self._carried_out += [key for key in step.decisions if not self._carried[key]]

    def bury(self, step: Step, why: str) -> None:
        """A dead letter: kept with all of its context, and not sent again as it stands."""
        self._outbox.tell([entry(step, self._clock(), DEAD_LETTER, why)])


def _names_another(step: Step, answer: Answer) -> bool:
    """Whether the answer names a record that the pair did not have when the step was planned."""
    binds = answer.ended is Ended.BOUND or (answer.ended is Ended.DONE and step.op is Op.CREATE)
    return binds and answer.key != step.key
