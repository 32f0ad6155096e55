"""What tests need to talk to a PandaDoc of ours: the fake behind the closed validator, and a driver that waits."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from docusign_desk import ANN, DOCUMENT, MovableClock, asked, judged, validator
from docusign_desk import Unjudged as _Unjudged

from clmcrm.adapters.pandadoc.definition import Sending, Spot, parts_of
from clmcrm.adapters.pandadoc.esign import PandaDocEsign
from clmcrm.adapters.pandadoc.wire import PandaDocSession, budgets
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Result
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.pandadoc.documents import Document, named
from clmcrm.testing.vendors.pandadoc.requests import AsDescribed
from clmcrm.testing.vendors.pandadoc.service import KEY, ORIGIN, FakePandaDoc
from clmcrm.testing.vendors.serving import Fake, InProcess, Judged

SPEC = "pandadoc_8.8.json"
SPOT = Spot(page=1)


def fronted(fake: Fake) -> tuple[Judged, AsDescribed]:
    """The fake behind the validator, and what asks it in the description's words."""
    front = judged(fake, SPEC)
    return front, AsDescribed(front, None if isinstance(front, _Unjudged) else validator(SPEC))


class Room:
    """A PandaDoc, an adapter, and a driver whose waits move PandaDoc's clock."""

    def __init__(self, *, sending: Sending | None = None, page: int = 100, audit: bool = True, **fake: Any) -> None:
        self.clock = MovableClock()
        self.fake = FakePandaDoc(self.clock, **fake)
        self.front, self._described = fronted(self.fake)
        self.instead: dict[str, Reply] = {}
        self.asked: list[str] = []
        self.transport = InProcess(self, ORIGIN)
        self.sending = sending or Sending(spot=SPOT)
        self.sandbox = bool(fake.get("sandbox"))
        self._page, self._audit = page, audit
        self.esign = self.another()
        desk = Desk(clock=self.clock, budgets=Budgets(budgets(sandbox=self.sandbox)))
        self.run = Driver(self.transport, desk, sleep=self.sleep).run

    def another(self) -> PandaDocEsign:
        """An adapter that remembers nothing, as after a restart."""
        session = PandaDocSession(Secret(KEY))
        return PandaDocEsign(session, self.sending, page=self._page, audit=self._audit, sandbox=self.sandbox)

    def sleep(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def answer(self, request: Request) -> Reply:
        self.asked.append(f"{request.method} {request.path}")
        return self.instead.get(request.method) or self._described.answer(request)

    def settle(self) -> None:
        self.clock.advance(timedelta(minutes=1))

    def sent(self, request: Any = None) -> str:
        outcome = self.run(self.esign.send(request or asked(), DOCUMENT))
        assert outcome.result is Result.DONE, outcome.why
        self.settle()
        return outcome.key

    def drained(self, cursor: str | None) -> tuple[list[str], str]:
        keys: list[str] = []
        while True:
            page = self.run(self.esign.touched(cursor))
            keys += page.keys
            assert page.cursor != cursor, "the feed stands still"
            cursor = page.cursor
            if not page.more:
                return keys, cursor


def put(room: Room, number: int) -> str:
    """A document of ours that was sent, put into the fake without a call."""
    data = json.loads(parts_of(asked(f"R-{number}", ANN), DOCUMENT, room.sending)[0])
    now, key = room.clock(), named("put", number)
    document = Document(
        id=key, data=data, content=b"{signature:signer1}", clock=room.clock, keep=room.fake.lists.keep, created=now,
        made_at=now,
    )  # fmt: skip
    room.fake.documents[key] = document
    document.settle()
    document.send({})
    return key
