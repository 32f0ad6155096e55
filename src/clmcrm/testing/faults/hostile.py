"""Replies that nobody should send, to an engine with little memory: it survives, loses nothing and asks nobody else.

While the faults last the engine runs as a process of its own under a limit of memory. What it held at most is
measured, and a server that nobody named counts who comes.
"""

from __future__ import annotations

import json
import resource
from functools import cache
from random import Random
from typing import Any, Final, cast

from attrs import define, evolve, field

from clmcrm.errors import ClmcrmError
from clmcrm.ports.records import SIDES, Side
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.directory import derived_pair
from clmcrm.sync.undelivered import dead_letters
from clmcrm.testing.faults.copies import Ended
from clmcrm.testing.faults.errands import REFUSED, Errand, driver, synchronised, transport
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.killed import KilledHistory, counted
from clmcrm.testing.faults.mangled import AFTER, MEGABYTE, instead, led_away, prepare
from clmcrm.testing.faults.rows import Row
from clmcrm.testing.faults.service import Answer, Service
from clmcrm.testing.faults.sockets import lived, service
from clmcrm.testing.faults.strict import StrictRemote
from clmcrm.testing.faults.verdict import Verdict

LIMIT: Final = 400 * MEGABYTE
"""How much more address space than at its start a run may take."""
OWN_WORDS: Final = (
    "is not accepted", "was rolled back", "cannot create a record of this kind", "restore it, or free our key",
)  # fmt: skip
"""How a refusal ends that is the system's own, or the engine's."""
MOST_MORE: Final = 64 * 1024
"""How much more memory than at rest a run may hold, in kilobytes (row 22 of the list of failures)."""


WITHIN: Final = 10
"""How many seconds a reply may take, where half a reply may be all that ever comes."""


@cache
def elsewhere() -> Service:
    """A server that nobody named."""
    return Service()


def among_enemies(errand: Errand) -> int:
    """One run, read strictly and with little memory."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + LIMIT, hard))
    able = errand.mix.able
    systems = {side: StrictRemote(side, able[side], errand.url) for side in SIDES}
    try:
        journal = SqliteJournal(errand.place, clock=lambda: errand.at)
    except ClmcrmError:
        return REFUSED
    return synchronised(errand, systems, journal, driver(transport(errand.url), lambda: errand.at, within=WITHIN))


def at_rest(_: Errand) -> int:
    """Nothing: what a process holds that has done nothing yet."""
    return 0


def address_space() -> int:
    """The address space of this process, in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - not a file of ours
        return int(file.read().split()[0]) * resource.getpagesize()


@define(eq=False, kw_only=True)
class HostileHistory(KilledHistory):
    """A history in which both servers answer as they like; `visits` are what another server was asked."""

    rate: float = field(init=False)
    rest: int = field(init=False)
    enemy: Random = field(init=False)
    visits: list[str] = field(factory=list[str])
    most: int = 0
    blind: tuple[Side, Row] | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.enemy = Random(f"{self.seed}/hostile")  # noqa: S311 - to be repeated, not kept secret
        self.rate = self.enemy.choice((0.05, 0.15, 0.3))
        self.rest = self.sent(evolve(self.errand(), what="at_rest")).peak

    def begin(self) -> None:
        """As over any socket, with an adapter that believes nothing."""
        elsewhere().answering = self.visited
        prepare()
        super().begin()
        self.systems = {side: StrictRemote(side, self.mix.able[side], service().url) for side in SIDES}

    def visited(self, side: Side, what: str, _: dict[str, Any]) -> Answer:
        """Somebody comes who should not."""
        self.visits.append(f"{side.value}/{what}")
        return Answer(body=b"[]")

    def sent(self, errand: Errand) -> Ended:
        """One process from its birth to its end."""
        _ = self.copies.start(errand)
        ended = self.copies.ended()
        counted(self.world, ended)
        return ended

    def run(self) -> Ended:
        """One run among enemies."""
        ended = self.sent(evolve(self.errand(), what="among_enemies"))
        self.most = max(self.most, ended.peak - self.rest)
        return ended

    def answer(self, side: Side, what: str, said: dict[str, Any]) -> Answer:
        """The truth, or something else."""
        hostile = self.world.faulty and self.enemy.random() < self.rate
        if not hostile:
            return self.true(side, what, said)
        self.world.counts["fault"] += 1
        own, other = service().url, elsewhere().url
        roll = self.enemy.random()
        if roll < 0.3:
            answer = instead(self.enemy, own, other)
            self.world.tell(f"{side} {what}: {answer.status} instead")
            return answer
        answer = self.true(side, what, said)
        if answer.silent or not answer.body:
            return answer
        if roll < 0.45 and what == "changes":
            return led_away(answer, self.enemy, own, other)
        how = self.enemy.choice(tuple(AFTER))
        self.world.tell(f"{side} {what}: {how}")
        return AFTER[how](answer, self.enemy)

    def settle(self) -> int:
        """No fault any more, but that in some histories one record stays as nobody can read it."""
        side = self.enemy.choice(SIDES)
        rows = self.remotes[side].living()
        if rows and self.enemy.random() < 0.4:
            self.blind = side, self.enemy.choice(rows)
        return super().settle()

    def true(self, side: Side, what: str, said: dict[str, Any]) -> Answer:
        """What an honest server answers; that nothing was found is said, and no empty body."""
        answer = super().answer(side, what, said)
        if self.blind is not None and self.blind[0] is side and answer.body and what in ("changes", "read", "find"):
            answer = evolve(answer, body=unreadable(answer.body, self.blind[1]))
        if what == "find" and answer.body:
            return evolve(answer, body=b'{"found": ' + answer.body + b"}")
        return answer

    def verdict(self, idle: int) -> Verdict:
        """As ever; and nobody was visited, no run held too much, and each dead letter says where."""
        found = super().verdict(idle)
        more = [f"another host was asked: {visit}" for visit in self.visits[:3]]
        if self.most > MOST_MORE:
            more.append(f"a run held {self.most // 1024} MB more than at rest, more than {MOST_MORE // 1024}")
        more += [
            f"a dead letter does not say where: {letter.why}"
            for letter in dead_letters(self.journal)
            if f"fake-{letter.step.side}: POST /" not in letter.why and not letter.why.endswith(OWN_WORDS)
        ]
        excused = self._excused()
        kept = [each for each in found.divergent if not excused or not each.startswith(excused)]
        return evolve(found, divergent=(*kept, *more))

    def _excused(self) -> tuple[str, ...]:
        """How findings about the unreadable record begin, when a run told of it."""
        if self.blind is None:
            return ()
        side, row = self.blind
        name = derived_pair(row.kind, side, row.key)
        if not any(str(p.where) == name for report in self._last for p in report.plan.problems):
            return ()
        pairs = {known.link.pair for known in self.journal.agreed(row.kind) if known.link.key(side) == row.key}
        return tuple(sorted({name, *pairs}))


def unreadable(body: bytes, row: Row) -> bytes:
    """The same reply, in which one field of the row has another type."""
    told = json.loads(body)
    records = told
    if isinstance(told, dict):
        page = cast("dict[str, Any]", told)
        records = page.get("seen", [page])
    for each in cast("list[dict[str, Any]]", records or []):
        if each["key"] == row.key and each["kind"] == row.kind:
            each["fields"]["code"] = 7
    return json.dumps(told).encode()


def hostile_trial(seed: str, *, broken: tuple[str, ...] = ()) -> Told:
    """A history among hostile servers."""
    return lived(HostileHistory(seed=seed, broken=broken))
