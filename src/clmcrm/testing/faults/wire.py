"""The network between the engine and a fake system: it delays, loses, tears, repeats and is late."""

from __future__ import annotations

from collections.abc import Sequence

from clmcrm.errors import AmbiguousError, MalformedReply, TransientError
from clmcrm.ports.records import Capabilities, Create, Outcome, Page, Seen, Write
from clmcrm.ports.systems import Past
from clmcrm.testing.faults.mixes import SLOWEST, Mix
from clmcrm.testing.faults.people import People
from clmcrm.testing.faults.remote import Remote
from clmcrm.testing.faults.world import SECOND, World


class Wire:
    """A `RecordSystem` over a remote, with the faults of a mix; it tells the past where the remote does."""

    def __init__(self, remote: Remote, mix: Mix, world: World, people: People) -> None:
        self._remote, self._mix, self._world, self._people = remote, mix, world, people
        self.system: str = remote.system
        self.capabilities: Capabilities = remote.capabilities

    def changes(self, kind: str, cursor: str | None) -> Page:
        """As the remote, unless it is down."""
        self._reading(f"changes {kind}")
        page = self._remote.changes(kind, cursor)
        self._after(f"changes {kind}")
        return page

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """As the remote, unless it is down."""
        self._reading(f"read {kind}")
        seen = self._remote.read(kind, keys)
        self._after(f"read {kind}")
        return seen

    def find(self, kind: str, mark: str) -> Seen | None:
        """As the remote, unless it is down."""
        self._reading(f"find {mark}")
        seen = self._remote.find(kind, mark)
        self._after(f"find {mark}")
        return seen

    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        """As the remote, unless it is down."""
        self._reading(f"past {kind}")
        return self._remote.past(kind, keys)

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """As the remote, unless the network has another idea."""
        world, dice = self._world, self._world.dice
        self._before("write")
        if world.faulty and self._mix.edit_rate and dice.random() < self._mix.edit_rate:
            self._race(writes)
        if world.faulty and dice.random() < 0.25:
            world.wait(dice.randrange(SLOWEST))
        fault = self._fault("before", "after", "late", "partial", "torn", "short", "busy")
        world.tell(f"{self._remote.side} write {len(writes)} {fault} {[_brief(write) for write in writes]}")
        if fault == "busy":
            raise TransientError(self.system, "429")
        if fault == "before":
            raise AmbiguousError(self.system, "the connection was lost")
        if fault == "late":
            due = world.now + dice.randrange(1, SLOWEST)
            world.landings.append((due, lambda: self._remote.write(writes)))
            raise AmbiguousError(self.system, "no reply in time")
        some = writes[: dice.randrange(len(writes) + 1)] if fault == "partial" else writes
        outcomes = self._remote.write(some) if some else ()
        world.tell(f"outcomes {[outcome.result.value for outcome in outcomes]}")
        self._after("write")
        if fault in ("after", "partial"):
            raise AmbiguousError(self.system, "500 after success")
        if fault == "torn":
            raise MalformedReply(self.system, "results", "the reply ends in the middle")
        return outcomes[:-1] if fault == "short" else outcomes

    def _race(self, writes: Sequence[Write]) -> None:
        """Somebody edits one of the very records that are about to be written, mostly in a field that is written."""
        dice = self._world.dice
        about = {write.key: write for write in writes if not isinstance(write, Create)}
        rows = [row for row in self._remote.living(writes[0].kind) if row.key in about]
        if rows:
            row = dice.choice(rows)
            written = getattr(about[row.key], "fields", {}) if dice.random() < 0.7 else ()
            self._people.edit(self._remote.side, row, written)

    def _fault(self, *kinds: str) -> str:
        rates = self._mix.rates
        for kind in kinds:
            if kind in rates and self._world.chance(rates[kind]):
                self._world.counts["fault"] += 1
                self._world.counts[f"fault {kind}"] += 1
                return kind
        return ""

    def _reading(self, where: str) -> None:
        self._before(where)
        if self._fault("down"):
            self._world.tell(f"{self._remote.side} is down for {where}")
            raise TransientError(self.system, "503")

    def _before(self, where: str) -> None:
        world = self._world
        world.wait(int(world.dice.random() * 2 * SECOND))
        if world.faulty:
            world.point(f"before {where}")
            if world.chance(self._mix.edit_rate):
                self._people.act()

    def _after(self, where: str) -> None:
        if self._world.faulty:
            self._world.point(f"after {where}")
            if self._world.chance(self._mix.edit_rate):
                self._people.act()


def _brief(write: Write) -> str:
    name = type(write).__name__
    where = getattr(write, "mark", "") or getattr(write, "key", "")
    return f"{name} {where} {getattr(write, 'expected', '')} {dict(getattr(write, 'fields', {}))}"
