"""The conformance kit against a running Odoo: both sides by the driver that blocks, one by a loop too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from judging import JudgingInLoop
from odoo_desk import OdooDesk, now
from odoo_suite import NOBODY, NOWHERE, PAGE, OdooClmSuite, OdooCrmSuite
from serving_odoo import running

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
    names = ("crm", "clm", "loop")
    with running(tmp_path_factory.mktemp("odoo"), names) as server:
        made = {name: OdooDesk(server, name) for name in names}
        yield made
    for desk in made.values():
        assert desk.judge.refused == []


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


class TestOdooClmInALoop(OdooClmSuite):
    declares = TestOdooClm.declares

    @pytest.fixture
    def desk(self, desks: dict[str, OdooDesk]) -> OdooDesk:
        return desks["loop"]

    @pytest.fixture
    def adapter(self, desk: OdooDesk) -> Blocking:
        def run(flow: Flow[Any]) -> Any:
            async def once() -> Any:
                async with AsyncHttpTransport({VENDOR: desk.server.url}) as transport:
                    return await AsyncDriver(
                        JudgingInLoop(transport, desk.judge), Desk(clock=now), sleep=asyncio.sleep
                    ).run(flow)

            return asyncio.run(once())

        return Blocking(desk.clm(page=PAGE, batch=BATCH), run)
