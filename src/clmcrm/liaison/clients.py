"""Two faces of one engine: `Client` for programs that block, `AsyncClient` for those that run a loop.

Both have the same methods with the same arguments. Whatever talks to a system is awaited in the second; what
only concerns the journal is the same method in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.liaison.book import everything_flow
from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Hint
from clmcrm.ports.records import Fields, Json, Outcome, Page, Seen, Side, Write
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.applying import apply_flow
from clmcrm.sync.arbitration import (
    Conflict,
    Decision,
    decisions_in,
    exported_history,
    resolve,
    resolve_pairing,
)
from clmcrm.sync.flow import synchronise_flow
from clmcrm.sync.ownership import Rules
from clmcrm.sync.parking import adopt, give_up
from clmcrm.sync.planning import plan
from clmcrm.sync.pulling import Pulled, pull_flow, touch
from clmcrm.sync.reconciling import NO_QUARANTINE, Reconciled, reconcile_flow
from clmcrm.sync.reports import Report
from clmcrm.sync.reviews import Review, review_queue
from clmcrm.sync.standard import standard_rules
from clmcrm.sync.steps import Plan
from clmcrm.sync.undelivered import DeadLetter, dead_letters, replay

T = TypeVar("T")


class _Desk:
    """What both faces share: the systems, the journal, the rules, and all that needs no system."""

    def __init__(
        self,
        systems: Mapping[Side, AnySystem],
        journal: Journal,
        *,
        rules: Rules | None = None,
        tenant: str = "",
    ) -> None:
        self.systems = dict(systems)
        self.journal = journal
        self.rules = rules or standard_rules()
        self.tenant = tenant

    def touch(self, side: Side, kind: str, keys: Iterable[str]) -> None:
        """Note that these records may have changed (a webhook said so): the next pull reads them."""
        touch(self.journal, side, kind, keys)

    def resolve(
        self,
        conflict: Conflict,
        choice: Side | None,
        *,
        by: str,
        why: str,
        at: datetime,
        value: Json = None,
        role: str = "",
    ) -> Decision:
        """Decide a conflict, as `sync.resolve` does."""
        return resolve(conflict, choice, by=by, why=why, at=at, journal=self.journal, value=value, role=role)

    def reviews(self, conflicts: Iterable[Conflict]) -> tuple[Review, ...]:
        """The conflicts of a plan as questions, the most urgent first."""
        return review_queue(conflicts, self.journal, self.rules)

    def resolve_pairing(self, record: str, counterpart: str | None, *, by: str, why: str, at: datetime) -> Decision:
        """Decide which record belongs to which, as `sync.resolve_pairing` does."""
        return resolve_pairing(record, counterpart, by=by, why=why, at=at, journal=self.journal)

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """What was refused and not replaced since, oldest first."""
        return dead_letters(self.journal)

    def replay(self, letters: Iterable[DeadLetter], *, by: str, at: datetime) -> None:
        """Have these records read and planned again in the next run."""
        replay(self.journal, letters, by=by, at=at)

    def give_up(self, step_key: str, *, by: str, why: str, at: datetime) -> None:
        """Close a parked step: nothing was made. Raises `KeyError` when no such step is open."""
        give_up(self.journal, step_key, by=by, why=why, at=at)

    def adopt(self, step_key: str, key: str, *, by: str, why: str, at: datetime) -> None:
        """Close a parked creation: it made the record `key`. Raises `KeyError` when no such step is open."""
        adopt(self.journal, step_key, key, by=by, why=why, at=at)

    def history(self, pair: str | None = None) -> Iterator[Fields]:
        """The journal's lines as plain JSON, oldest first; of one pair when it is given."""
        return exported_history(self.journal, pair)

    def _previewed(self) -> Flow[tuple[Plan, Pulled]]:
        pulled = yield from pull_flow(self.systems, self.journal, [kind.kind for kind in self.rules], rules=self.rules)
        decisions = decisions_in(self.journal)
        todo = plan(
            pulled.agreed,
            pulled.left,
            pulled.right,
            self.rules,
            decisions,
            known=pulled.known,
            problems=pulled.problems,
        )
        return todo, pulled


class Client(_Desk):
    """Keeps two systems consistent, and reads and writes either; it blocks until it is done.

    `systems` may have plain methods or flows; `driver` runs them. Methods raise what the port raises.
    """

    def __init__(
        self,
        systems: Mapping[Side, AnySystem],
        journal: Journal,
        *,
        driver: Driver,
        rules: Rules | None = None,
        tenant: str = "",
    ) -> None:
        super().__init__(systems, journal, rules=rules, tenant=tenant)
        self._driver = driver

    def run(self, flow: Flow[T]) -> T:
        """The result of any flow, with this client's patience, budgets and tokens."""
        return self._driver.run(flow)

    def synchronise(
        self, *, yes: bool = False, percent: int | None = None, quarantine: timedelta = NO_QUARANTINE
    ) -> Report:
        """One whole run: reconcile, pull, plan, apply. Raises `PlanRefused` for a plan beyond its guard."""
        flow = synchronise_flow(
            self.systems, self.journal, self.rules, clock=self._driver.desk.clock,
            yes=yes, percent=percent, quarantine=quarantine, tenant=self.tenant,
        )  # fmt: skip
        return self.run(flow)

    def preview(self) -> tuple[Plan, Pulled]:
        """The plan of the next run and what it was made from; writes to neither system."""
        return self.run(self._previewed())

    def apply(self, todo: Plan, *, yes: bool = False, percent: int | None = None, hints: Iterable[Hint] = ()) -> Report:
        """Carry a plan out. Raises `PlanRefused` when it exceeds its guard and `yes` is not given."""
        flow = apply_flow(
            todo, self.systems, self.journal, clock=self._driver.desk.clock,
            yes=yes, percent=percent, hints=hints, tenant=self.tenant,
        )  # fmt: skip
        return self.run(flow)

    def reconcile(self, *, quarantine: timedelta = NO_QUARANTINE) -> Reconciled:
        """Look up what became of steps whose outcome is not known."""
        clock = self._driver.desk.clock
        return self.run(reconcile_flow(self.systems, self.journal, clock=clock, quarantine=quarantine))

    def changes(self, side: Side, kind: str, cursor: str | None) -> Page:
        """What changed in `kind` on `side` since `cursor` (None: everything)."""
        return self.run(answered(self.systems[side].changes(kind, cursor)))

    def everything(self, side: Side, kind: str) -> tuple[Seen, ...]:
        """Every live record of `kind` on `side`, by key."""
        return self.run(everything_flow(self.systems[side], kind))

    def read(self, side: Side, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The records of these keys on `side` as they are now; a key without a record is left out."""
        return self.run(answered(self.systems[side].read(kind, keys)))

    def find(self, side: Side, kind: str, mark: str) -> Seen | None:
        """The record on `side` created under our key `mark`, or None."""
        return self.run(answered(self.systems[side].find(kind, mark)))

    def write(self, side: Side, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write on `side`, in order; nothing is planned, merged or kept in the journal."""
        return self.run(answered(self.systems[side].write(writes)))


class AsyncClient(_Desk):
    """The same as `Client`, awaited. A run that is cancelled leaves open steps, which the next run looks up."""

    def __init__(
        self,
        systems: Mapping[Side, AnySystem],
        journal: Journal,
        *,
        driver: AsyncDriver,
        rules: Rules | None = None,
        tenant: str = "",
    ) -> None:
        super().__init__(systems, journal, rules=rules, tenant=tenant)
        self._driver = driver

    async def run(self, flow: Flow[T]) -> T:
        """The result of any flow, with this client's patience, budgets and tokens."""
        return await self._driver.run(flow)

    async def synchronise(
        self, *, yes: bool = False, percent: int | None = None, quarantine: timedelta = NO_QUARANTINE
    ) -> Report:
        """One whole run: reconcile, pull, plan, apply. Raises `PlanRefused` for a plan beyond its guard."""
        flow = synchronise_flow(
            self.systems, self.journal, self.rules, clock=self._driver.desk.clock,
            yes=yes, percent=percent, quarantine=quarantine, tenant=self.tenant,
        )  # fmt: skip
        return await self.run(flow)

    async def preview(self) -> tuple[Plan, Pulled]:
        """The plan of the next run and what it was made from; writes to neither system."""
        return await self.run(self._previewed())

    async def apply(
        self, todo: Plan, *, yes: bool = False, percent: int | None = None, hints: Iterable[Hint] = ()
    ) -> Report:
        """Carry a plan out. Raises `PlanRefused` when it exceeds its guard and `yes` is not given."""
        flow = apply_flow(
            todo, self.systems, self.journal, clock=self._driver.desk.clock,
            yes=yes, percent=percent, hints=hints, tenant=self.tenant,
        )  # fmt: skip
        return await self.run(flow)

    async def reconcile(self, *, quarantine: timedelta = NO_QUARANTINE) -> Reconciled:
        """Look up what became of steps whose outcome is not known."""
        clock = self._driver.desk.clock
        return await self.run(reconcile_flow(self.systems, self.journal, clock=clock, quarantine=quarantine))

    async def changes(self, side: Side, kind: str, cursor: str | None) -> Page:
        """What changed in `kind` on `side` since `cursor` (None: everything)."""
        return await self.run(answered(self.systems[side].changes(kind, cursor)))

    async def everything(self, side: Side, kind: str) -> tuple[Seen, ...]:
        """Every live record of `kind` on `side`, by key."""
        return await self.run(everything_flow(self.systems[side], kind))

    async def read(self, side: Side, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The records of these keys on `side` as they are now; a key without a record is left out."""
        return await self.run(answered(self.systems[side].read(kind, keys)))

    async def find(self, side: Side, kind: str, mark: str) -> Seen | None:
        """The record on `side` created under our key `mark`, or None."""
        return await self.run(answered(self.systems[side].find(kind, mark)))

    async def write(self, side: Side, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write on `side`, in order; nothing is planned, merged or kept in the journal."""
        return await self.run(answered(self.systems[side].write(writes)))
