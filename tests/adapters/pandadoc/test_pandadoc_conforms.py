"""The PandaDoc adapter passes the kit in both drivers, and every request stands in PandaDoc's description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from docusign_desk import MovableClock
from pandadoc_desk import SPOT, fronted

from clmcrm.adapters.pandadoc.definition import Sending
from clmcrm.adapters.pandadoc.esign import PandaDocEsign
from clmcrm.adapters.pandadoc.wire import LOOKING, PandaDocSession, budgets
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.secrets import Secret
from clmcrm.testing import EsignSuite
from clmcrm.testing.vendors.pandadoc.service import KEY, ORIGIN, FakePandaDoc
from clmcrm.testing.vendors.serving import InProcess
from clmcrm.testing.ways import Wait


class TestPandaDoc(EsignSuite):
    @pytest.fixture
    def clock(self) -> MovableClock:
        return MovableClock()

    @pytest.fixture
    def fake(self, clock: MovableClock) -> FakePandaDoc:
        # The clock moves on by a millisecond with each look: a document is made after some looks.
        return FakePandaDoc(clock, rendering=timedelta(milliseconds=20))

    @pytest.fixture
    def adapter(self) -> PandaDocEsign:
        return PandaDocEsign(PandaDocSession(Secret(KEY)), Sending(spot=SPOT), page=5)

    @pytest.fixture
    def transport(self, fake: FakePandaDoc) -> Iterator[InProcess]:
        front, described = fronted(fake)
        yield InProcess(described, ORIGIN)
        assert front.refused == []
        assert fake.throttled == 0

    @pytest.fixture
    def driver_desk(self, clock: MovableClock) -> Desk:
        # Without the second between two looks, which would really be waited for.
        return Desk(clock=clock, budgets=Budgets(one for one in budgets() if one.bucket != LOOKING))

    @pytest.fixture
    def signatory(self, fake: FakePandaDoc) -> FakePandaDoc:
        return fake

    @pytest.fixture
    def wait(self, clock: MovableClock) -> Wait:
        return clock.advance
