"""The conformance kit against a running Tryton, by the driver that runs in a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from judging import JudgingInLoop
from serving_tryton import running
from tryton_desk import TrytonDesk, now
from tryton_suite import TrytonSuite, whole

from clmcrm.adapters.transports import AsyncHttpTransport
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.driver import AsyncDriver
from clmcrm.ports.calls import Flow

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesk]:
    with running(tmp_path_factory.mktemp("tryton")) as server:
        desk = TrytonDesk(server)
        yield desk
        assert desk.judge.refused == []


class TestTrytonInALoop(TrytonSuite):
    @pytest.fixture
    def adapter(self, desk: TrytonDesk) -> Blocking:
        def run(flow: Flow[Any]) -> Any:
            async def once() -> Any:
                async with AsyncHttpTransport({VENDOR: desk.server.url}) as transport:
                    return await AsyncDriver(
                        JudgingInLoop(transport, desk.judge), Desk(clock=now), sleep=asyncio.sleep
                    ).run(flow)

            return asyncio.run(once())

        return Blocking(whole(desk), run)
