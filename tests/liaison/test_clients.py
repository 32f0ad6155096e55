"""`Client` and `AsyncClient` are one engine with two faces, over systems that need a network."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import asdict, evolve

from clmcrm.adapters.memory import MEMORY_CLM, MEMORY_CRM, MemoryClm, MemoryCrm, MemorySystem
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.liaison.clients import AsyncClient, Client
from clmcrm.liaison.main_job import carry_out_flow, join
from clmcrm.ports.calls import Call, Effect, Flow, Reply
from clmcrm.ports.records import Capabilities, Create, Outcome, Page, Remove, Result, Seen, Side, Update, Write
from clmcrm.store.memory import MemoryJournal
from clmcrm.sync.arbitration import exported_history
from clmcrm.sync.parking import adopt
from clmcrm.sync.reports import Ended

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)
WRITES = {"create": Create, "update": Update, "remove": Remove}


class WireSystem:
    """A system behind a network: every method yields one call, and reads its reply."""

    def __init__(self, inner: MemorySystem) -> None:
        self.inner = inner

    @property
    def system(self) -> str:
        return self.inner.system

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        said = yield from self._asked("changes", {"kind": kind, "cursor": cursor})
        return Page(seen=tuple(_seen(row) for row in said["seen"]), cursor=said["cursor"], more=said["more"])

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        said = yield from self._asked("read", {"kind": kind, "keys": list(keys)})
        return tuple(_seen(row) for row in said)

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        said = yield from self._asked("find", {"kind": kind, "mark": mark})
        return None if said is None else _seen(said)

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        bodies = [[type(write).__name__.lower(), asdict(write)] for write in writes]
        said = yield from self._asked("write", {"writes": bodies}, Effect.ONCE)
        return tuple(_outcome(row) for row in said)

    def _asked(self, what: str, body: dict[str, Any], effect: Effect = Effect.NONE) -> Flow[Any]:
        url = f"https://{self.system}.example/{what}"
        reply = yield Call(
            method="POST", url=url, vendor=self.system, body=json.dumps(body).encode(), effect=effect
        )  # fmt: skip
        return json.loads(reply.body)

    def served(self, call: Call) -> bytes:
        """What the vendor answers to a call."""
        body = json.loads(call.body or b"")
        what = call.url.rpartition("/")[2]
        if what == "write":
            writes = [WRITES[name](**facts) for name, facts in body["writes"]]
            said: Any = [asdict(outcome) for outcome in self.inner.write(writes)]
        elif what == "changes":
            said = asdict(self.inner.changes(body["kind"], body["cursor"]))
        elif what == "read":
            said = [asdict(row) for row in self.inner.read(body["kind"], body["keys"])]
        else:
            found = self.inner.find(body["kind"], body["mark"])
            said = None if found is None else asdict(found)
        return json.dumps(said, default=lambda value: value.isoformat()).encode()


def _outcome(row: dict[str, Any]) -> Outcome:
    shown = row["shown"] and _seen(row["shown"])
    return Outcome(**{**row, "result": Result(row["result"]), "shown": shown})


def _seen(row: dict[str, Any]) -> Seen:
    at = row.pop("changed_at")
    return Seen(**row, changed_at=None if at is None else datetime.fromisoformat(at))


class World:
    """Two wired systems; the network counts calls, and loses the replies it is told to lose."""

    def __init__(self, **flags: Any) -> None:
        self.crm = WireSystem(MemoryCrm(evolve(MEMORY_CRM, **flags)))
        self.clm = WireSystem(MemoryClm(evolve(MEMORY_CLM, **flags)))
        self.journal = MemoryJournal()
        self.busy = 0
        self.lock = Lock()
        self.calls: list[str] = []
        self.desk = Desk(clock=lambda: NOON)

    @property
    def systems(self) -> dict[Side, WireSystem]:
        return {Side.CRM: self.crm, Side.CLM: self.clm}

    def send(self, call: Call, _: timedelta) -> Reply:
        with self.lock:  # the systems in memory know nothing of threads
            return self.answer(call)

    def answer(self, call: Call) -> Reply:
        self.calls.append(call.where)
        if self.busy:
            self.busy -= 1
            return Reply(status=429, headers={"retry-after": "0"})
        by_name = {system.system: system for system in self.systems.values()}
        return Reply(status=200, body=by_name[call.vendor].served(call))

    def client(self) -> Client:
        driver = Driver(SimpleNamespace(send=self.send), self.desk, sleep=lambda _: None)
        return Client(self.systems, self.journal, driver=driver, tenant="acme")

    def async_client(self) -> AsyncClient:
        async def send(call: Call, within: timedelta) -> Reply:
            await asyncio.sleep(0)
            return self.answer(call)

        driver = AsyncDriver(SimpleNamespace(send=send), self.desk, sleep=lambda _: asyncio.sleep(0))
        return AsyncClient(self.systems, self.journal, driver=driver, tenant="acme")

    def call(self, how: str, name: str, *args: Any, **options: Any) -> Any:
        """One method of the client named."""
        if how == "sync":
            return getattr(self.client(), name)(*args, **options)

        async def whole() -> Any:
            answer = getattr(self.async_client(), name)(*args, **options)
            return await answer if inspect.isawaitable(answer) else answer

        return asyncio.run(whole())

    def filled(self) -> World:
        for n in range(7):
            _ = self.crm.inner.add("account", {"name": f"company {n}", "country": "FR"}, key=f"A{n}")
        _ = self.crm.inner.add("contact", {"name": "Ada", "account": "A1"}, key="C1")
        _ = self.clm.inner.add("account", {"name": "company 3", "country": "FR", "legal_name": "C3 SAS"}, key="L3")
        return self


HOW = pytest.mark.parametrize("how", ["sync", "async"])


def _methods(cls: type) -> dict[str, Any]:
    return {name: f for name, f in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}


def test_both_faces_have_the_same_methods_with_the_same_arguments_and_results() -> None:
    one, other = _methods(Client), _methods(AsyncClient)
    assert one.keys() == other.keys()
    for name, method in one.items():
        assert inspect.signature(method) == inspect.signature(other[name]), name
        assert method.__doc__ == other[name].__doc__, name
        shared = method is other[name]
        assert inspect.iscoroutinefunction(other[name]) is not shared, f"{name} is awaited unless it is shared"
        assert not inspect.iscoroutinefunction(method)


def test_both_faces_do_the_same_and_remember_the_same() -> None:
    worlds = {"sync": World(batch_size=2).filled(), "async": World(batch_size=2).filled()}
    for how, world in worlds.items():
        report = world.call(how, "synchronise")
        assert report.counts[Ended.DONE] == 8 + 1
        assert world.call(how, "synchronise").lines == ()
    one, other = worlds.values()
    assert list(exported_history(one.journal)) == list(exported_history(other.journal))
    assert one.calls == other.calls
    assert list(one.journal.agreed("account")) == list(other.journal.agreed("account"))


def test_batches_side_by_side_end_as_those_one_after_another() -> None:
    plain, wide = World(batch_size=2).filled(), World(batch_size=2, in_flight=5).filled()
    for world, how in ((plain, "sync"), (wide, "sync")):
        _ = world.call(how, "synchronise")
        assert world.call(how, "synchronise").lines == ()
    for side in Side:
        for kind in ("account", "contact"):
            names = [
                sorted(str(row.fields["name"]) for row in world.call("sync", "everything", side, kind))
                for world in (plain, wide)
            ]
            assert names[0] == names[1]
    many = World(batch_size=2, in_flight=5).filled()
    _ = many.call("async", "synchronise")
    assert many.call("async", "synchronise").lines == ()


@HOW
def test_a_busy_vendor_is_waited_for(how: str) -> None:
    world = World().filled()
    world.busy = 3
    assert world.call(how, "synchronise").complete


@HOW
def test_every_verb_works_through_the_network(how: str) -> None:
    world = World().filled()
    plan, pulled = world.call(how, "preview")
    report = world.call(how, "apply", plan, hints=pulled.hints)
    assert report.complete
    assert world.call(how, "reconcile").settled == 0
    [seen] = world.call(how, "read", Side.CRM, "account", ["A1"])
    assert world.call(how, "changes", Side.CRM, "account", None).seen[1] == seen
    found = world.call(how, "find", Side.CLM, "account", "account:crm:A1")
    update = Update(kind="account", key=found.key, fields={"legal_name": "C1 SAS"}, expected=found.version)
    [outcome] = world.call(how, "write", Side.CLM, [update])
    assert outcome.ok
    world.call(how, "touch", Side.CLM, "account", [found.key])
    assert world.call(how, "synchronise").written == 1
    assert world.call(how, "dead_letters") == ()
    world.call(how, "replay", [], by="Ada", at=NOON)
    assert len(list(world.call(how, "history", "account:crm:A1"))) == 2
    with pytest.raises(KeyError):
        world.call(how, "give_up", "x", by="Ada", why="y", at=NOON)
    with pytest.raises(KeyError):
        world.call(how, "adopt", "x", "k", by="Ada", why="y", at=NOON)
    with pytest.raises(KeyError):
        adopt(world.journal, "x", "k", by="Ada", why="y", at=NOON)


@HOW
def test_conflicts_and_doubtful_pairings_are_decided_through_either_face(how: str) -> None:
    world = World().filled()
    _ = world.call(how, "synchronise")
    key = world.call(how, "find", Side.CLM, "account", "account:crm:A1").key
    _ = world.crm.inner.edit("account", "A1", {"billing_address": "here"})
    _ = world.clm.inner.edit("account", key, {"billing_address": "there"})
    [clash] = world.call(how, "synchronise").plan.conflicts
    [review] = world.call(how, "reviews", [clash])
    assert review.asked_at == NOON
    _ = world.call(how, "resolve", clash, Side.CLM, by="Ada", why="I asked them", at=NOON)
    _ = world.call(how, "synchronise")
    [seen] = world.call(how, "read", Side.CRM, "account", ["A1"])
    assert seen.fields["billing_address"] == "there"
    decision = world.call(how, "resolve_pairing", "account:crm:A9", None, by="Ada", why="new", at=NOON)
    assert decision.by == "Ada"


@HOW
def test_the_main_job_runs_through_the_network_too(how: str) -> None:
    world = World().filled()
    sale: dict[str, Any] = {
        "name": "deal", "account": "A1", "stage": "won", "closed_on": "2026-05-04",
        "amount": {"amount": "10.00", "currency": "EUR"},
    }  # fmt: skip
    _ = world.crm.inner.add("opportunity", sale, key="O1")
    joined = join(world.crm, world.clm, world.journal, date(2026, 5, 7))
    run = world.call(how, "run", carry_out_flow(joined, clock=lambda: NOON))
    assert run.settled
    [contract] = world.call(how, "everything", Side.CLM, "contract")
    assert contract.fields["opportunity"] == "O1"
