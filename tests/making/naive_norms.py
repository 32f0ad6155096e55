"""Norms judged a second time, day by day with counters: what a patient clerk with a wall calendar would do.

Nothing here is shared with the library's own reckoning but the names of the states: no table, no spans, no
sorting of happenings. It is slow and meant to be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

ONE_DAY = timedelta(days=1)


@dataclass
class Fact:
    """A note of the clerk: what happened (`kind`) on which day, and on which day the clerk heard of it."""

    kind: str
    on: date
    heard: date
    number: int
    share: Fraction = Fraction(0)
    effect: str = ""


@dataclass
class Verdict:
    """What the clerk says of a duty."""

    state: str
    breach_on: date | None
    done: Fraction
    late_days: int


def effect_on(day: date, notes: list[Fact]) -> str:
    """The effect of the suspensions on a day: "" when there is none, else the strongest."""
    running: list[str] = []
    for note in sorted((n for n in notes if n.kind in ("suspend", "resume")), key=lambda n: (n.on, n.heard, n.number)):
        if note.on <= day:
            running = [] if note.kind == "resume" else [*running, note.effect]
    return next((effect for effect in ("shift", "freeze", "none") if effect in running), "")


@dataclass
class Duty:
    """A duty due on `due`: days of grace, days of cure (None: no cure), the cure counted from a notice or not."""

    due: date
    grace: int = 0
    cure: int | None = None
    cure_on_notice: bool = False
    starts: date = date(2026, 1, 1)
    _state: str = field(init=False, default="in_effect")

    # One loop over the days on purpose: it is read against the rules, and shares nothing with the code it judges.
    def judge(self, notes: list[Fact], as_of: date, known_on: date) -> Verdict:  # noqa: C901, PLR0912 - see above
        """The verdict on `as_of`, by what was heard by `known_on`."""
        heard = [n for n in notes if n.heard <= known_on and n.on <= as_of]
        state, done, breach_on, late = "in_effect", Fraction(0), None, 0
        to_go, grace_run, cure_run, phase = (self.due - self.starts).days, 0, 0, "before"
        notice_heard = uncurable = False
        day = self.starts
        while day <= as_of:
            effect = effect_on(day, heard)
            stopped = effect in ("shift", "freeze")
            closed = state in ("fulfilled", "cured", "late_fulfilled", "discharged")
            # The beginning of the day: what had run out by the end of the day before.
            if phase == "grace" and grace_run == self.grace:
                phase = "late"
                if not closed:
                    state, breach_on = "breached", day
            if phase == "late" and not uncurable:
                if self.cure is None:
                    uncurable = notice_heard
                elif cure_run == self.cure and (notice_heard or not self.cure_on_notice):
                    uncurable = True
                if uncurable and state == "breached":
                    state = "uncured"
            # The clocks of the day.
            if phase == "before" and effect != "shift" and not (to_go == 0 and effect == "freeze"):
                if to_go == 0:
                    phase = "grace"
                else:
                    to_go -= 1
            elif phase == "grace" and not stopped:
                grace_run += 1
            if phase == "late":
                counting = notice_heard or not self.cure_on_notice
                cure_run += 1 if counting and not stopped and self.cure is not None and cure_run < self.cure else 0
                late += 1 if effect != "freeze" and breach_on is not None and not closed else 0
            # What is done during the day.
            for note in sorted((n for n in heard if n.on == day), key=lambda n: (n.heard, n.number)):
                if note.kind == "notify" and phase == "late":
                    notice_heard = True
            for note in sorted((n for n in heard if n.on == day), key=lambda n: (n.heard, n.number)):
                if note.kind == "perform" and state in ("in_effect", "part_performed", "breached", "uncured"):
                    done = min(Fraction(1), done + note.share)
                    state = self._after_performance(state, done)
            if any(n.kind == "waive" and n.on == day for n in heard) and state in (
                "in_effect", "part_performed", "breached", "uncured",
            ):  # fmt: skip
                state = "discharged"
            day += ONE_DAY
        if state in ("in_effect", "part_performed", "breached", "uncured") and effect_on(as_of, heard):
            state = "suspended"
        return Verdict(state, breach_on, done, late)

    def _after_performance(self, state: str, done: Fraction) -> str:
        if done < 1:
            return "part_performed" if state in ("in_effect", "part_performed") else state
        if state in ("in_effect", "part_performed"):
            return "fulfilled"
        return "cured" if state == "breached" and self.cure is not None else "late_fulfilled"


@dataclass
class Right:
    """A power with a window of `length` days from `opens` (None: without an end), `times` uses in all."""

    opens: date
    length: int | None
    times: int | None
    starts: date = date(2026, 1, 1)

    def judge(self, notes: list[Fact], as_of: date, known_on: date) -> tuple[str, int]:
        """The state on `as_of` and how many uses counted, by what was heard by `known_on`."""
        heard = [n for n in notes if n.heard <= known_on and n.on <= as_of]
        state, uses, spent = "dormant", 0, 0
        day = self.starts
        while day <= as_of:
            effect = effect_on(day, heard)
            if state == "dormant" and day >= self.opens:
                state = "exercisable"
            if state == "exercisable" and self.length is not None and spent == self.length:
                state = "expired"
            if day >= self.opens and effect not in ("shift", "freeze") and spent != self.length:
                spent += 1
            for _ in [n for n in heard if n.kind == "use" and n.on == day]:
                if state == "exercisable" and not effect:
                    uses += 1
                    state = "exercised" if uses == self.times else state
            if any(n.kind == "release" and n.on == day for n in heard) and state in ("dormant", "exercisable"):
                state = "terminated"
            day += ONE_DAY
        if state in ("dormant", "exercisable") and effect_on(as_of, heard):
            state = "suspended"
        return state, uses
