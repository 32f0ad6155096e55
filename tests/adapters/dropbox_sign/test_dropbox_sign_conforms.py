"""The Dropbox Sign adapter passes the kit in both drivers, and every request stands in Dropbox Sign's description."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docusign_desk import MovableClock, judged

from clmcrm.adapters.dropbox_sign.esign import DropboxSignEsign
from clmcrm.adapters.dropbox_sign.wire import BUDGETS, DropboxSignSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.secrets import Secret
from clmcrm.testing import EsignSuite
from clmcrm.testing.vendors.dropbox_sign import KEY, ORIGIN, FakeDropboxSign, WithForms
from clmcrm.testing.vendors.serving import InProcess, Judged
from clmcrm.testing.ways import Wait


class TestDropboxSign(EsignSuite):
    @pytest.fixture
    def clock(self) -> MovableClock:
        return MovableClock()

    @pytest.fixture
    def fake(self, clock: MovableClock) -> FakeDropboxSign:
        return FakeDropboxSign(clock)

    @pytest.fixture
    def adapter(self) -> DropboxSignEsign:
        return DropboxSignEsign(DropboxSignSession(Secret(KEY)), page=5)

    @pytest.fixture
    def front(self, fake: FakeDropboxSign) -> Judged:
        return judged(fake, "dropbox_sign_3.0.yaml")

    @pytest.fixture
    def transport(self, front: Judged) -> Iterator[InProcess]:
        yield InProcess(WithForms(front), ORIGIN)
        assert front.refused == []

    @pytest.fixture
    def driver_desk(self, clock: MovableClock) -> Desk:
        return Desk(clock=clock, budgets=Budgets(BUDGETS))

    @pytest.fixture
    def signatory(self, fake: FakeDropboxSign) -> FakeDropboxSign:
        return fake

    @pytest.fixture
    def wait(self, clock: MovableClock) -> Wait:
        return clock.advance
