"""The e-signature service in memory passes the kit, at once and by flows, whatever its capabilities."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from limited_systems import Echo, FlowEsign

from clmcrm.adapters.memory import ticking_clock
from clmcrm.adapters.memory_esign import MEMORY_ESIGN, MemoryEsign
from clmcrm.clm.signature import SignatureLevel
from clmcrm.ports.esign import EsignCapabilities
from clmcrm.testing import EsignSuite
from clmcrm.testing.ways import Wait


class MovableClock:
    """A clock that is moved on by hand."""

    def __init__(self) -> None:
        self._tick = ticking_clock(datetime(2026, 1, 1, tzinfo=UTC), timedelta(milliseconds=1))
        self._moved = timedelta(0)

    def __call__(self) -> datetime:
        return self._tick() + self._moved

    def advance(self, length: timedelta) -> None:
        self._moved += length


class TestMemoryEsign(EsignSuite):
    declares = MEMORY_ESIGN

    @pytest.fixture
    def clock(self) -> MovableClock:
        return MovableClock()

    @pytest.fixture
    def adapter(self, clock: Callable[[], datetime]) -> MemoryEsign:
        return MemoryEsign(clock=clock, page_size=5)

    @pytest.fixture
    def wait(self, clock: MovableClock) -> Wait:
        return clock.advance


class TestEsignThatCanDoLittle(EsignSuite):
    @pytest.fixture
    def adapter(self) -> MemoryEsign:
        little = EsignCapabilities(
            levels=frozenset({SignatureLevel.SIMPLE}), orders=True, cancels=False, certificates=False, feed=False
        )
        return MemoryEsign(little)


class TestEsignOfFlows(EsignSuite):
    @pytest.fixture
    def adapter(self) -> FlowEsign:
        return FlowEsign(MemoryEsign(MEMORY_ESIGN))

    @pytest.fixture
    def transport(self) -> Echo:
        return Echo()

    @pytest.fixture
    def signatory(self, adapter: FlowEsign) -> MemoryEsign:
        return adapter.inner
