"""Tokens that end in the middle of a run, for several workers at once, and whose refresh token is spent by its use.

A vendor that sees a spent refresh token ends the whole permission, as vendors do: so a second refresh is noticed.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from random import Random
from threading import Lock, Thread
from typing import Any, Final

from attrs import define, field

from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import POLL, Authority, MemoryTokenShelf, Token
from clmcrm.errors import AdapterError, TerminalError
from clmcrm.ports.calls import Call, Effect, Flow, Reply
from clmcrm.ports.records import SIDES, Side
from clmcrm.sync.reports import Report
from clmcrm.testing.faults.history import Told
from clmcrm.testing.faults.service import OK, Answer
from clmcrm.testing.faults.sockets import Cut, SocketHistory, lived, service, transport
from clmcrm.testing.faults.verdict import Verdict
from clmcrm.testing.faults.world import SECOND

OTHERS: Final = 6
"""How many more workers find out at the same time that a token has ended."""
UNAUTHORISED: Final = 401
SPENT: Final = 400
_SHORT: Final = 0.002


@define(eq=False)
class Issuer:
    """The tokens of one system: the `number` of the current one, and whether it has `ended`.

    `endings` and `refreshes` are counted, and `reused`, how often a spent refresh token came back: then the permission
    is gone for good.
    """

    side: Side
    number: int = 0
    ended: bool = False
    endings: int = 0
    refreshes: int = 0
    reused: int = 0
    lock: Lock = field(factory=Lock)

    def end(self) -> None:
        """The current token holds no longer."""
        with self.lock:
            self.endings += not self.ended
            self.ended = True

    def accepts(self, bearer: str) -> bool:
        """Whether a request that shows this is let in."""
        return not self.reused and not self.ended and bearer == f"Bearer {self.side.value}-access-{self.number}"

    def refreshed(self, shown: str) -> Answer:
        """New tokens for the current refresh token."""
        with self.lock:
            if self.reused or shown != f"{self.side.value}-refresh-{self.number}":
                self.reused += 1
                return Answer(status=SPENT, body=b'{"error": "invalid_grant"}')
            self.number, self.ended = self.number + 1, False
            self.refreshes += 1
            names = {kind: f"{self.side.value}-{kind}-{self.number}" for kind in ("access", "refresh")}
            return Answer(body=json.dumps(names).encode())

    def first(self) -> Token:
        """What everybody begins with."""
        return Token(access=Secret(f"{self.side.value}-access-0"), refresh=Secret(f"{self.side.value}-refresh-0"))

    def authority(self) -> Authority:
        """How calls to the system are signed, for all workers."""
        return Authority(vendor=f"fake-{self.side.value}", shelf=MemoryTokenShelf(self.first()), renew=self._renew)

    def _renew(self, token: Token) -> Flow[Token]:
        shown = "" if token.refresh is None else token.refresh.reveal()
        call = asking(self.side, "token", {"refresh": shown}, Effect.ONCE)
        reply = yield call
        if reply.status != OK:
            raise TerminalError(call.vendor, f"{call.where}: invalid_grant")
        told = read_json(reply, call.vendor, call.where)
        return Token(access=Secret(told["access"]), refresh=Secret(told["refresh"]))


def asking(side: Side, what: str, said: dict[str, str], effect: Effect = Effect.NONE) -> Call:
    """A call to one of the two systems."""
    return Call(
        method="POST", url=f"{service().url}/{side.value}/{what}", vendor=f"fake-{side.value}", effect=effect,
        body=json.dumps(said).encode(),
    )  # fmt: skip


@define(eq=False)
class Crowd(Cut):
    """A transport of which the tokens end now and then, and all workers find out at once."""

    history: RotatingHistory
    again: bool = False

    def send(self, call: Call, within: timedelta) -> Reply:
        """As any transport; whoever renews a token does not die of it, or it would be lost for everybody."""
        if call.where.endswith("/token"):
            return transport().send(call, within)
        if not self.again:  # a token lasts longer than one call
            self.history.perhaps_end(call)
        self.again = False
        reply: Reply = super().send(call, within)
        self.again = reply.status == UNAUTHORISED
        return reply


@define(eq=False, kw_only=True)
class RotatingHistory(SocketHistory):
    """A history whose tokens end in the middle; `upset` is what happened to other workers."""

    chance: Random = field(init=False)
    issuers: dict[Side, Issuer] = field(init=False)
    threads: list[Thread] = field(factory=list[Thread])
    upset: list[str] = field(factory=list[str])

    def begin(self) -> None:
        """As over any sockets, with tokens."""
        self.chance = Random(f"{self.seed}/tokens")  # noqa: S311 - to be repeated, not kept secret
        self.issuers = {side: Issuer(side) for side in SIDES}
        super().begin()
        authorities = {f"fake-{side.value}": issuer.authority() for side, issuer in self.issuers.items()}
        policy = Policy(tries=2, first_wait=timedelta(seconds=1))
        desk = Desk(clock=self.world.clock, policy=policy, authorities=authorities)
        self.driver = Driver(Crowd(self.world, self), desk, sleep=self.rest, at_once=1)

    def rest(self, seconds: float) -> None:
        """Whoever waits for another's refresh waits for it really: the history's time does not run away."""
        if seconds <= POLL.total_seconds():
            time.sleep(_SHORT)
        else:
            self.world.wait(int(seconds * SECOND))

    def perhaps_end(self, call: Call) -> None:
        """The token of the system that is about to be called may end, for everybody."""
        if not self.world.faulty or self.chance.random() > 0.08:
            return
        self.gather()
        side = Side(call.vendor.removeprefix("fake-"))
        self.issuers[side].end()
        self.world.counts["fault"] += 1
        self.threads += [Thread(target=self.other, args=(side,)) for _ in range(OTHERS)]
        for thread in self.threads[-OTHERS:]:
            thread.start()

    def other(self, side: Side) -> None:
        """Another worker, who only looks whether somebody is there."""
        driver = Driver(transport(), self.driver.desk, sleep=lambda _: time.sleep(_SHORT), at_once=1)
        try:
            reply = driver.run(_pinged(side))
        except AdapterError as error:
            self.upset.append(str(error))
        else:
            if reply.status != OK:
                self.upset.append(f"status {reply.status}")

    def cycle(self) -> Report | None:
        """A run; the other workers are waited for."""
        try:
            return super().cycle()
        finally:
            self.gather()

    def gather(self) -> None:
        """Wait for the other workers."""
        for thread in self.threads:
            thread.join()
        self.threads.clear()

    def answer(self, side: Side, what: str, said: dict[str, Any]) -> Answer:
        """Only whoever shows the current token is answered."""
        issuer = self.issuers[side]
        if what == "token":
            return issuer.refreshed(str(said.get("refresh")))
        if not issuer.accepts(str(said.get("authorization"))):
            return Answer(status=UNAUTHORISED)
        return Answer(body=b"true") if what == "ping" else super().answer(side, what, said)

    def verdict(self, idle: int) -> Verdict:
        """As ever; and every token that ended was renewed once, by one worker for all."""
        found = super().verdict(idle)
        more = [f"another worker was told: {said}" for said in sorted(set(self.upset))[:3]]
        for side, issuer in self.issuers.items():
            if issuer.reused:
                more.append(f"the {side} saw a spent refresh token {issuer.reused} times")
            if issuer.refreshes > issuer.endings:
                more.append(f"the {side} refreshed {issuer.refreshes} times for {issuer.endings} tokens that ended")
        return Verdict(
            duplicates=found.duplicates, lost=found.lost, divergent=(*found.divergent, *more), idle=found.idle,
            told=found.told,
        )  # fmt: skip


def _pinged(side: Side) -> Flow[Reply]:
    reply: Reply = yield asking(side, "ping", {})
    return reply


def rotating_trial(seed: str) -> Told:
    """A schedule of faults over real sockets, with tokens that end."""
    return lived(RotatingHistory(seed=seed))


def socket_trial(seed: str) -> Told:
    """One schedule of faults over real sockets; in half of them tokens end."""
    rotating = Random(f"{seed}/rotating").random() < 0.5  # noqa: S311 - to be repeated, not kept secret
    return lived(RotatingHistory(seed=seed) if rotating else SocketHistory(seed=seed))
