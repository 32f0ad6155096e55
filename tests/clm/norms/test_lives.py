"""Whole lives of a duty and of a power, against a clerk who judges them day by day.

Facts arrive late, twice and in any order. The steps are counted: `-m machine --hypothesis-profile=nightly`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from machine_steps import Counted, runs
from making_norms import duty, holding, ledger, noon, power, power_on, standing
from naive_norms import Duty, Fact, Right

from clmcrm.clm.day_expressions import OnDay
from clmcrm.clm.events import ClockEffect
from clmcrm.clm.kinds import Party
from clmcrm.clm.norms import entries as n
from clmcrm.clm.norms.ledger import NormLedger, merged
from clmcrm.clm.obligations import DueOn
from clmcrm.clm.remedies import CureStart
from clmcrm.values.tenor import Tenor

pytestmark = pytest.mark.machine
LIVES = runs(by_night=800, by_day=20)
FIRST_DAY = date(2026, 1, 1)
BACK = st.integers(0, 12)
EFFECTS = st.sampled_from(list(ClockEffect))


def tenor(days: int | None) -> Tenor | None:
    return Tenor(days=days) if days else None


class Told(Counted):
    """What both machines share: a day that goes on, facts that are told late, and answers given before."""

    def __init__(self) -> None:
        super().__init__()
        self.today = FIRST_DAY + timedelta(days=1)
        self.ledger = ledger()
        self.notes: list[Fact] = []
        self.answers: dict[tuple[date, date], object] = {}
        self.fate = Random(0)  # noqa: S311 - it only shuffles, and the same way each time

    def heard_at(self) -> datetime:
        # Each fact has an instant of its own, so that the clerk's order is the ledger's.
        return noon(self.today) + timedelta(seconds=len(self.notes))

    def tell(self, entry: n.AnyEntry, note: Fact) -> None:
        """Add a fact through a merge with a shuffled and partly repeated ledger."""
        self.notes.append(note)
        # What is told today was not known to whoever asked earlier today.
        self.answers = {key: found for key, found in self.answers.items() if key[1] < self.today}
        entries = [*self.ledger.entries, entry]
        self.fate.shuffle(entries)
        again = entries[: len(entries) // 2]
        self.ledger = merged(attrs.evolve(self.ledger, entries=tuple(again)), ledger(*entries))

    def note(self, kind: str, back: int, **more: object) -> Fact:
        on = max(FIRST_DAY, self.today - timedelta(days=back))
        return Fact(kind, on, self.today, len(self.notes), **more)  # type: ignore[arg-type] # its own fields

    @rule(days=st.integers(1, 9))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(back=BACK, effect=EFFECTS)
    def it_is_suspended(self, back: int, effect: ClockEffect) -> None:
        note = self.note("suspend", back, effect=effect.value)
        entry = n.NormSuspended(at=self.heard_at(), by="a", norm=self.name, from_day=note.on, clocks=effect)
        self.tell(entry, note)

    @rule(back=BACK)
    def it_is_resumed(self, back: int) -> None:
        note = self.note("resume", back)
        self.tell(n.NormResumed(at=self.heard_at(), by="a", norm=self.name, from_day=note.on), note)

    @rule(back=BACK)
    def it_is_resumed_soon(self, back: int) -> None:
        if any(note.kind == "suspend" for note in self.notes):
            self.it_is_resumed(back)

    name = ""

    def answer(self, told: NormLedger, as_of: date, known_on: date) -> object:
        raise NotImplementedError  # each of the two lives below says it

    @rule(back=BACK)
    def a_past_day_is_asked_about(self, back: int) -> None:
        as_of = max(FIRST_DAY, self.today - timedelta(days=back))
        self.check(as_of, self.today)

    def check(self, as_of: date, known_on: date) -> None:
        raise NotImplementedError  # each of the two lives below says it

    @invariant()
    def today_is_as_the_clerk_says(self) -> None:
        self.check(self.today, self.today)

    @rule()
    @precondition(lambda self: self.answers)
    def what_was_answered_is_answered_again(self) -> None:
        """No fact recorded later changes what was known then."""
        before = {key: found for key, found in self.answers.items() if key[1] < self.today}
        for as_of, known_on in sorted(before)[-3:]:
            assert self.answer(self.ledger, as_of, known_on) == before[as_of, known_on]


class LifeOfADuty(Told):
    name = "B-1"

    @initialize(
        due=st.integers(3, 40),
        grace=st.sampled_from([0, 0, 3, 7]),
        cure=st.sampled_from([None, 5, 10]),
        on_notice=st.booleans(),
    )
    def it_is_agreed(self, due: int, grace: int, cure: int | None, on_notice: bool) -> None:
        day = FIRST_DAY + timedelta(days=due)
        self.clerk = Duty(due=day, grace=grace, cure=cure, cure_on_notice=on_notice)
        start = CureStart.NOTICE if on_notice else CureStart.BREACH
        self.contract = holding(duty(due=DueOn(day=day), grace=tenor(grace), cure=tenor(cure), cure_from=start))

    @rule(back=BACK, quarters=st.integers(1, 4))
    def some_is_performed(self, back: int, quarters: int) -> None:
        note = self.note("perform", back, share=Fraction(quarters, 4))
        entry = n.Performed(at=self.heard_at(), by="a", norm="B-1", on=note.on, share=Decimal(quarters) / 4)
        self.tell(entry, note)

    @rule(back=BACK)
    def the_breach_is_notified(self, back: int) -> None:
        note = self.note("notify", back)
        self.tell(n.BreachNotified(at=self.heard_at(), by="a", norm="B-1", on=note.on), note)

    @rule(back=BACK, rarely=st.integers(0, 5))
    def it_is_waived(self, back: int, rarely: int) -> None:
        if rarely == 0:
            note = self.note("waive", back)
            how = n.Discharge.WAIVED
            self.tell(n.Discharged(at=self.heard_at(), by="a", norm="B-1", on=note.on, side=Party.OWN, how=how), note)

    def answer(self, told: NormLedger, as_of: date, known_on: date) -> object:
        found = standing(self.contract, told, as_of, known_on)
        return found.state.value, found.breach and found.breach.since, found.done, found.late_days

    def check(self, as_of: date, known_on: date) -> None:
        verdict = self.clerk.judge(self.notes, as_of, known_on)
        found = self.answer(self.ledger, as_of, known_on)
        assert found == (verdict.state, verdict.breach_on, verdict.done, verdict.late_days)
        self.answers[as_of, known_on] = found


class LifeOfAPower(Told):
    name = "P-1"

    @initialize(
        opens=st.integers(1, 25), length=st.none() | st.integers(1, 30), times=st.sampled_from([None, 1, 1, 2, 3])
    )
    def it_is_agreed(self, opens: int, length: int | None, times: int | None) -> None:
        first = FIRST_DAY + timedelta(days=opens)
        self.clerk = Right(opens=first, length=length, times=times)
        last = None if length is None else OnDay(day=first + timedelta(days=length - 1))
        self.contract = holding(power(trigger=OnDay(day=first), closes=last, times=times))

    @rule(back=BACK)
    def it_is_used(self, back: int) -> None:
        note = self.note("use", back)
        self.tell(n.PowerExercised(at=self.heard_at(), by="a", norm="P-1", on=note.on, side=Party.OWN), note)

    @rule(back=BACK, rarely=st.integers(0, 5))
    def it_is_given_up(self, back: int, rarely: int) -> None:
        if rarely == 0:
            note = self.note("release", back)
            how = n.Discharge.RELEASED
            self.tell(n.Discharged(at=self.heard_at(), by="a", norm="P-1", on=note.on, side=Party.OWN, how=how), note)

    def answer(self, told: NormLedger, as_of: date, known_on: date) -> object:
        found = power_on(self.contract, told, as_of, known_on)
        assert len(found.commands) == len(found.uses), "one command for each use that counted"
        return found.state.value, len(found.uses)

    def check(self, as_of: date, known_on: date) -> None:
        found = self.answer(self.ledger, as_of, known_on)
        assert found == self.clerk.judge(self.notes, as_of, known_on)
        self.answers[as_of, known_on] = found


TestLifeOfADuty = LifeOfADuty.TestCase
TestLifeOfADuty.settings = LIVES
TestLifeOfAPower = LifeOfAPower.TestCase
TestLifeOfAPower.settings = LIVES
