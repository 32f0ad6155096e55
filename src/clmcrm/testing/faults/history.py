"""Tier 1: one simulated history without I/O, from its seed to its verdict."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Final

from attrs import define, field, frozen, validators

from clmcrm.errors import AdapterError, InvalidRecord
from clmcrm.ports.records import SIDES, Precondition, Side
from clmcrm.sync.arbitration import RECORD, Conflict, resolve
from clmcrm.sync.directory import origin_key
from clmcrm.sync.flow import synchronise
from clmcrm.sync.open_steps import OpenStep, open_steps_in
from clmcrm.sync.parking import adopt, give_up
from clmcrm.sync.reports import Ended, Report
from clmcrm.testing.faults.memory import RigJournal
from clmcrm.testing.faults.mixes import KINDS, SLOWEST, Mix, mix_of
from clmcrm.testing.faults.people import People, token
from clmcrm.testing.faults.remote import Remote
from clmcrm.testing.faults.verdict import Verdict, divergent_in, doubles_in, logged_in, lost_in
from clmcrm.testing.faults.wire import Wire
from clmcrm.testing.faults.world import SECOND, PowerCutError, World

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
IDLE_CYCLES: Final = 10
LONGEST_SETTLING: Final = 40
TENANT: Final = "rig"


@frozen(kw_only=True)
class Told:
    """What a history came to: its `verdict`, the hash of its `trace`, its `faults` and `crashes`."""

    seed: str
    verdict: Verdict
    trace: str
    faults: int
    crashes: int
    story: tuple[str, ...] = field(default=(), repr=False)


Wiring = Callable[[Remote, Mix, World, People], Wire]


@define(eq=False, kw_only=True)
class History:
    """Two systems, people, an engine that dies and comes back; `wiring` puts the network between them."""

    seed: str
    wiring: Wiring = Wire
    world: World = field(init=False)
    mix: Mix = field(init=False)
    remotes: dict[Side, Remote] = field(init=False)
    people: People = field(init=False)
    journal: RigJournal = field(init=False)
    wires: dict[Side, Wire] = field(init=False)
    _logged: set[str] = field(factory=set[str])
    _forgotten: set[str] = field(factory=set[str])
    _last: list[Report] = field(factory=list[Report])

    def __attrs_post_init__(self) -> None:
        self.world = World(seed=self.seed)
        self.mix = mix = mix_of(self.world.dice)
        self.world.crash_rate = mix.crash_rate
        self.remotes = {s: Remote(s, mix.able[s], mix.habits[s], self.world) for s in SIDES}
        self.people = People(
            world=self.world, remotes=self.remotes, one_way=mix.one_way, deletes=mix.deletes, restores=mix.restores,
            merges=mix.merges, matched=any(kind.match for kind in mix.rules), garbles=mix.garbles,
        )  # fmt: skip
        self.journal = RigJournal(self.world)
        self.wires = {s: self.wiring(self.remotes[s], mix, self.world, self.people) for s in SIDES}

    def told(self) -> Told:
        """Live it through."""
        self.populate()
        losses = self.mix.losses
        for _ in range(self.mix.acts):
            self.act()
            if losses and self.world.dice.random() < 0.2:
                losses -= 1
                self.lose()
        idle = self.settle()
        counts = self.world.counts
        return Told(
            seed=self.seed, verdict=self.verdict(idle), trace=self.world.trace, faults=counts["fault"],
            crashes=counts["crash"], story=self.world.story,
        )  # fmt: skip

    def populate(self) -> None:
        """What is there before the first run; what stands on both sides is known to all listings by then."""
        for kind in ("account", "account", "contract"):
            row = self.people.add(Side.CRM, kind)
            if self.mix.shared and self.world.dice.random() < 0.7:
                other = self.people.add_again(row, Side.CLM)
                if self.world.chance(self.mix.garbles):
                    self.people.garble(Side.CLM, other)
        if self.mix.shared:
            self.world.wait(SLOWEST)

    def act(self) -> None:
        """People do something, time passes, the engine runs."""
        dice = self.world.dice
        for _ in range(dice.randrange(3)):
            self.people.act()
        self.world.wait(dice.randrange(90 * SECOND))
        report = self.cycle()
        if report is not None and report.plan.conflicts and dice.random() < self.mix.decides:
            self.decide(report)

    def decide(self, report: Report) -> None:
        """People answer what a run asked; the process that keeps their answers may die over it."""
        try:
            for conflict in report.plan.conflicts:
                self._decide(conflict)
        except PowerCutError:
            self.journal.reopen()

    def cycle(self) -> Report | None:
        """One run; None when it died or could not read."""
        try:
            report = synchronise(
                self.wires, self.journal, self.mix.rules, clock=self.world.clock, yes=True, tenant=TENANT,
                at_most=self.mix.at_most,
            )  # fmt: skip
        except PowerCutError:
            self.journal.reopen()
            return None
        except AdapterError:
            return None
        self.note(report)
        return report

    def note(self, report: Report) -> None:
        """Remember what the last runs reported."""
        self._last = [*self._last[1 - IDLE_CYCLES :], report]

    def archive(self) -> None:
        """Somebody keeps what the journal told until now."""
        self._logged |= logged_in(self.journal)

    def lose(self) -> None:
        """The whole journal is lost. Whoever begins anew waits first until all that was sent has arrived."""
        self.world.tell("the journal is lost")
        self.world.counts["loss"] += 1
        self.archive()
        waiting = open_steps_in(self.journal)
        self.begin_anew()
        self.world.wait(2 * SLOWEST)
        for step in waiting:
            self._forget(step)

    def begin_anew(self) -> None:
        """A journal of which nothing is left."""
        self.journal = RigJournal(self.world)

    def _forget(self, step: OpenStep) -> None:
        """Where a write needs no version, nobody knows any more what one of unknown outcome has covered."""
        side, key = step.step.side, step.step.key
        if side and key and self.mix.able[side].precondition is Precondition.NONE:
            past = self.remotes[side].past(step.step.kind, [key])
            self._forgotten |= {token(each.value) for each in past if each.name in step.sent or not step.sent}

    @property
    def received(self) -> int:
        """How many writes both systems were given."""
        return sum(remote.received for remote in self.remotes.values())

    def settle(self) -> int:
        """No fault any more: run until nothing is left to do, then ten times more; how often those wrote."""
        self.world.faulty = False
        self.people.mend()
        self.world.wait(2 * SLOWEST)
        for turn in range(LONGEST_SETTLING):
            before = self.received
            report = self.cycle()
            asked = self._asked(report)
            if report is not None and self.received == before and not asked and not _went_on(report):
                break
            self.world.wait(MINUTE if turn < LONGEST_SETTLING // 2 else HOUR)
        return self.idle()

    def idle(self) -> int:
        """Ten cycles a minute apart in which nothing is to do; how often they wrote.

        A cycle that left both systems and the journal as they were leaves nothing to the next one but the time: then
        the clock goes to the tenth minute, and the tenth cycle is lived. Every tenth history lives all ten.
        """
        before, turn = self.received, 0
        while turn < IDLE_CYCLES:
            kept = self._kept()
            _ = self.cycle()
            self.world.wait(MINUTE)
            turn += 1
            left = IDLE_CYCLES - 1 - turn
            if left > 0 and kept is not None and self.received == before and self._kept() == kept:
                self.world.wait(MINUTE * left)
                turn += left
        return self.received - before

    def _kept(self) -> tuple[object, ...] | None:
        """What the journal keeps, to be compared; None where every cycle is to be lived, as on a real disk."""
        return None if _thorough(self.seed) else getattr(self.journal, "content", None)

    def _asked(self, report: Report | None) -> bool:
        """People answer what is asked of them; whether anything was."""
        if report is None:
            return True
        waiting = open_steps_in(self.journal)
        for step in waiting:
            if step.step_key in report.parked:
                self._look_into(step)
        for conflict in report.plan.conflicts:
            self._decide(conflict)
        return bool(waiting or report.plan.conflicts)

    def _look_into(self, step: OpenStep) -> None:
        """Somebody looks for what a parked creation made, among what has ended too; another pair's is refused them."""
        side, code, kind = step.step.side, step.sent.get("code"), step.step.kind
        found = (r for r in self.remotes[side].rows.values() if r.kind == kind and r.uid == code) if side else ()
        rows = sorted(found, key=lambda row: row.gone)
        at = self.world.clock()
        self.world.tell(f"a person looks into {step.step_key}: {[row.key for row in rows]}")
        for row in rows:
            with suppress(InvalidRecord):
                return adopt(self.journal, step.step_key, row.key, by="ops", why="found it", at=at)
        return give_up(self.journal, step.step_key, by="ops", why="nothing there", at=at)

    def _decide(self, conflict: Conflict) -> None:
        choice = self.world.dice.choice(SIDES)
        self.world.tell(f"a person decides {conflict.key} for the {choice}")
        if conflict.name != RECORD:
            self.people.see_off(conflict.right if choice is Side.CRM else conflict.left)
        elif (conflict.left, conflict.right)[choice is Side.CLM] == "gone":
            self._let_go(conflict)
        _ = resolve(conflict, choice, by="ops", why="said so", at=self.world.clock(), journal=self.journal)

    def _let_go(self, conflict: Conflict) -> None:
        """Whoever lets a record go sees what stands in it, also where only our mark says that the two are one."""
        links = [known.link for known in self.journal.agreed(conflict.kind, [conflict.pair])]
        for side in SIDES:
            keys = {link.key(side) for link in links} | {origin_key(conflict.kind, side, conflict.pair)}
            for row in self.remotes[side].rows.values():
                if row.kind == conflict.kind and (row.key in keys or row.mark == conflict.pair):
                    self.people.see_off_all(row.fields)

    def verdict(self, idle: int) -> Verdict:
        """What is wrong now."""
        reports = self._last
        lost = lost_in(self.people, self.remotes, self._logged | logged_in(self.journal))
        lossy = {value for value in lost if self.people.typed[value] in self.mix.lossy or value in self._forgotten}
        unsettled = [f"open: {step.step_key}" for step in open_steps_in(self.journal)]
        if not reports:
            unsettled.append("no run ever ended")
        divergent = divergent_in(self.remotes, self.journal, reports, self.mix.rules)
        return Verdict(
            duplicates=doubles_in(self.remotes, reports, self.people.unsure),
            lost=tuple(value for value in lost if value not in lossy),
            divergent=(*unsettled, *divergent),
            idle=idle,
            told=tuple(value for value in lost if value in lossy),
        )


def _went_on(report: Report) -> bool:
    """Whether a run leaves something to the next one: a part, or what follows from a step in the journal alone."""
    return report.more or any(line.ended is Ended.DONE for line in report.lines)


def _thorough(seed: str) -> bool:
    """Whether this is one of the tenth of histories that take every check, however long it takes."""
    return seed.endswith("0")


def history(seed: str, wiring: Wiring = Wire) -> Told:
    """The history of a seed; an engine, or a rig, that falls over is a violation like others.

    What the rig itself makes is trusted, so validators run in every tenth history only: that makes it a fifth faster.
    """
    with nullcontext() if _thorough(seed) else validators.disabled():
        lived = History(seed=seed, wiring=wiring)
        try:
            return lived.told()
        except Exception as error:  # noqa: BLE001 - whatever it is, the seed is to be told
            return fallen(lived, error)


def fallen(lived: History, error: Exception) -> Told:
    """What a history came to that an error ended."""
    counts = lived.world.counts
    return Told(
        seed=lived.seed, verdict=Verdict(divergent=(f"{type(error).__name__}: {error}",)), trace=lived.world.trace,
        faults=counts["fault"], crashes=counts["crash"], story=lived.world.story,
    )  # fmt: skip


__all__ = ["KINDS", "History", "Told", "Wiring", "history"]
