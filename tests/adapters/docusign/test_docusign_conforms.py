"""The DocuSign adapter passes the kit in both drivers, and every request it makes stands in DocuSign's description."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docusign_desk import ORIGIN, MovableClock, desk_of, judged

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.drivers.attempts import Desk
from clmcrm.errors import TerminalError
from clmcrm.testing import EsignSuite
from clmcrm.testing.vendors.docusign.envelopes import NotTheirTurn
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign
from clmcrm.testing.vendors.serving import InProcess, Judged
from clmcrm.testing.ways import Wait


class Recipients:
    """Those who have an account's envelopes; who cannot act says so as the kit expects."""

    def __init__(self, fake: FakeDocuSign) -> None:
        self._fake = fake

    def view(self, key: str, email: str) -> None:
        self._fake.view(key, email)

    def sign(self, key: str, email: str) -> None:
        try:
            self._fake.sign(key, email)
        except NotTheirTurn as refused:
            raise TerminalError("docusign", str(refused)) from None

    def decline(self, key: str, email: str, reason: str) -> None:
        self._fake.decline(key, email, reason)


class TestDocuSign(EsignSuite):
    @pytest.fixture
    def clock(self) -> MovableClock:
        return MovableClock()

    @pytest.fixture
    def fake(self, clock: MovableClock) -> FakeDocuSign:
        return FakeDocuSign(clock)

    @pytest.fixture
    def adapter(self) -> DocuSignEsign:
        return DocuSignEsign(DocuSignSession(ORIGIN, ACCOUNT), page=5)

    @pytest.fixture
    def front(self, fake: FakeDocuSign) -> Judged:
        return judged(fake)

    @pytest.fixture
    def transport(self, front: Judged) -> Iterator[InProcess]:
        yield InProcess(front, ORIGIN)
        assert front.refused == []

    @pytest.fixture
    def driver_desk(self, clock: MovableClock) -> Desk:
        return desk_of(clock)

    @pytest.fixture
    def signatory(self, fake: FakeDocuSign) -> Recipients:
        return Recipients(fake)

    @pytest.fixture
    def wait(self, clock: MovableClock) -> Wait:
        return clock.advance
