"""Navigator passes the kit as a system that is only read, in both drivers; the description refuses no request of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docusign_desk import MovableClock, judged
from navigator_desk import KINDS, Librarian, sample

from clmcrm.adapters.navigator.agreements import BUDGETS, HOLDS, NavigatorAgreements
from clmcrm.adapters.navigator.reading import SYSTEM
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Fields, Kind
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing import ClmAdapterSuite
from clmcrm.testing.vendors.navigator import ACCOUNT, ORIGIN, TOKEN, FakeNavigator
from clmcrm.testing.vendors.serving import Fake, InLoop, InProcess


class TestNavigator(ClmAdapterSuite):
    """Agreements are entered, edited and removed in Navigator by hand."""

    kind = Kind.CONTRACT
    many = 12

    def sample(self, kind: str, number: int) -> Fields:
        assert kind == Kind.CONTRACT
        return sample(number)

    @pytest.fixture
    def adapter(self) -> NavigatorAgreements:
        return NavigatorAgreements(ACCOUNT, origin=ORIGIN, kinds=KINDS, page=5)

    @pytest.fixture
    def navigator(self) -> FakeNavigator:
        return FakeNavigator([])

    @pytest.fixture
    def front(self, navigator: FakeNavigator) -> Iterator[Fake]:
        front = judged(navigator, "docusign_navigator.json")
        yield front
        assert front.refused == []
        assert navigator.methods <= {"GET"}  # its description has a DELETE

    @pytest.fixture
    def transport(self, front: Fake) -> InProcess:
        return InProcess(front, ORIGIN)

    @pytest.fixture
    def async_transport(self, front: Fake) -> InLoop:
        return InLoop(front, ORIGIN)

    @pytest.fixture
    def driver_desk(self) -> Desk:
        authority = Authority(vendor=SYSTEM, shelf=MemoryTokenShelf(Token(access=Secret(TOKEN))), renew=_never)
        return Desk(clock=MovableClock(), budgets=Budgets(BUDGETS), authorities={SYSTEM: authority})

    @pytest.fixture
    def person(self, navigator: FakeNavigator, system: RecordSystem) -> Librarian:
        return Librarian(navigator, system)


def test_the_sample_says_every_field_that_navigator_shows() -> None:
    assert sample(1).keys() == HOLDS - {"extras"}


def _never(token: Token) -> Flow[Token]:
    yield from ()
    raise AssertionError(token)
