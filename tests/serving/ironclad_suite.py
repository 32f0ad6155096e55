"""What the conformance kit needs to try the Ironclad adapter: a company in the process, and fields it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from ironclad_desk import DESCRIBED, Clerk, clm_of

from clmcrm.adapters.ironclad.clm import IroncladClm
from clmcrm.adapters.ironclad.writing import Launching
from clmcrm.ports.records import Kind
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing import ClmAdapterSuite
from clmcrm.testing.kinds import KindChecks
from clmcrm.testing.vendors.ironclad.company import Company
from clmcrm.testing.vendors.ironclad.service import ORIGIN, FakeIronclad
from clmcrm.testing.vendors.serving import Fake, InLoop, InProcess, Judged

LAG = timedelta(seconds=20)


class IroncladChecks(KindChecks):
    kinds = (Kind.ACCOUNT, Kind.CONTRACT)
    many: ClassVar[int] = 12
    launching: ClassVar[Launching | None] = None

    @pytest.fixture
    def company(self) -> Company:
        return Company(lag=LAG)

    @pytest.fixture
    def fake(self, company: Company) -> Iterator[Fake]:
        judged = Judged(FakeIronclad(company), DESCRIBED)
        yield judged
        assert not judged.refused, [(one.method, one.path, list(map(str, why))) for one, why in judged.refused]

    @pytest.fixture
    def transport(self, fake: Fake) -> InProcess:
        return InProcess(fake, ORIGIN)

    @pytest.fixture
    def async_transport(self, fake: Fake) -> InLoop:
        return InLoop(fake, ORIGIN)

    @pytest.fixture
    def adapter(self) -> IroncladClm:
        return clm_of(
            page=5, visible_lag=LAG, overlap=timedelta(seconds=60), batch=10, in_flight=4, launching=self.launching
        )

    @pytest.fixture
    def person(self, company: Company, system: RecordSystem) -> Any:
        return Clerk(company, system)

    @pytest.fixture
    def wait(self, company: Company) -> Any:
        return company.pass_time


class IroncladSuite(IroncladChecks, ClmAdapterSuite):  # type: ignore[misc] # fewer kinds than a CLM may have
    """The whole kit."""
