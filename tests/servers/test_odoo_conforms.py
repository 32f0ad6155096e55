"""The conformance kit against a running Odoo, by the driver that blocks and by the one that runs in a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from judging import JudgingInLoop
from odoo_desk import OdooDesk, now
from odoo_suite import NOBODY, NOWHERE, PAGE, OdooClmSuite, OdooCrmSuite
from serving_odoo import running

from clmcrm.adapters.odoo.clm import OdooClm
from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.adapters.transports import AsyncHttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.driver import AsyncDriver
from clmcrm.ports.calls import Flow

pytestmark = [pytest.mark.servers, pytest.mark.slow]

BATCH = 20


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, OdooDesk]]:
    names = ("crm", "clm", "crm_loop", "clm_loop")
    with running(tmp_path_factory.mktemp("odoo"), names) as server:
        made = {name: OdooDesk(server, name) for name in names}
        yield made
    for desk in made.values():
        assert desk.judge.refused == []


def in_a_loop(desk: OdooDesk, system: OdooCrm | OdooClm) -> Blocking:
    """The adapter, each call by the driver that runs in a loop."""

    async def once(flow: Flow[Any]) -> Any:
        async with AsyncHttpTransport({VENDOR: desk.server.url}) as transport:
            judging = JudgingInLoop(transport, desk.judge)
            return await AsyncDriver(judging, Desk(clock=now), sleep=asyncio.sleep).run(flow)

    return Blocking(system, lambda flow: asyncio.run(once(flow)))


class TestOdooCrm(OdooCrmSuite):
    declares = OdooDesk.crm(NOBODY, NOWHERE, page=PAGE, batch=BATCH).capabilities

    @pytest.fixture
    def desk(self, desks: dict[str, OdooDesk]) -> OdooDesk:
        return desks["crm"]

    @pytest.fixture
    def adapter(self, desk: OdooDesk) -> Blocking:
        return Blocking(desk.crm(page=PAGE, batch=BATCH), desk.judged.run)


class TestOdooClm(OdooClmSuite):
    declares = OdooDesk.clm(NOBODY, NOWHERE, page=PAGE, batch=BATCH).capabilities

    @pytest.fixture
    def desk(self, desks: dict[str, OdooDesk]) -> OdooDesk:
        return desks["clm"]

    @pytest.fixture
    def adapter(self, desk: OdooDesk) -> Blocking:
        return Blocking(desk.clm(page=PAGE, batch=BATCH), desk.judged.run)


class TestOdooCrmInALoop(OdooCrmSuite):
    declares = TestOdooCrm.declares

    @pytest.fixture
    def desk(self, desks: dict[str, OdooDesk]) -> OdooDesk:
        return desks["crm_loop"]

    @pytest.fixture
    def adapter(self, desk: OdooDesk) -> Blocking:
        return in_a_loop(desk, desk.crm(page=PAGE, batch=BATCH))


class TestOdooClmInALoop(OdooClmSuite):
    declares = TestOdooClm.declares

    @pytest.fixture
    def desk(self, desks: dict[str, OdooDesk]) -> OdooDesk:
        return desks["clm_loop"]

    @pytest.fixture
    def adapter(self, desk: OdooDesk) -> Blocking:
        return in_a_loop(desk, desk.clm(page=PAGE, batch=BATCH))
