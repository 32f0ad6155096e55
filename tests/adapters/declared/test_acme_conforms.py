"""The worked example passes the kit over real sockets, run by threads and by a loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from serving_acme import TOKEN, Acme, serving_acme

from clmcrm.adapters.declared.reading import load_description
from clmcrm.adapters.declared.system import DeclaredSystem, budgets_of, capabilities_of
from clmcrm.adapters.transports import AsyncHttpTransport, HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Blocking
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import AsyncDriver, Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.testing import CrmAdapterSuite

ACME = load_description(Path(__file__).parents[3] / "examples" / "declared" / "acme.toml")


def _desk() -> Desk:
    return Desk(clock=lambda: datetime.now(UTC), budgets=Budgets(budgets_of(ACME)))


class TestAcmeInThreads(CrmAdapterSuite):
    declares = capabilities_of(ACME)

    @pytest.fixture
    def adapter(self) -> Iterator[Blocking]:
        with serving_acme(Acme()) as address:
            system = DeclaredSystem(ACME, {"token": Secret(TOKEN)}, address=address)
            with HttpTransport(system.origins) as transport:
                yield Blocking(system, Driver(transport, _desk(), sleep=time.sleep).run)


class TestAcmeInALoop(CrmAdapterSuite):
    declares = capabilities_of(ACME)

    @pytest.fixture
    def adapter(self) -> Iterator[Blocking]:
        with serving_acme(Acme()) as address, asyncio.Runner() as runner:
            system = DeclaredSystem(ACME, {"token": Secret(TOKEN)}, address=address)
            transport = AsyncHttpTransport(system.origins)
            driver = AsyncDriver(transport, _desk(), sleep=asyncio.sleep)
            yield Blocking(system, lambda flow: runner.run(driver.run(flow)))
            runner.run(transport.close())
