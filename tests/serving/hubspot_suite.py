"""What the conformance kit needs to try the HubSpot adapter: an account in the process, and fields it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hubspot_desk import Clerk, ready

from clmcrm.adapters.hubspot.crm import HubSpotCrm
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import ORIGIN
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.records import Fields, Kind
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing import CrmAdapterSuite, vendors
from clmcrm.testing.closed.description import load_description
from clmcrm.testing.closed.validator import ClosedValidator
from clmcrm.testing.kinds import KindChecks
from clmcrm.testing.vendors.hubspot.account import TOKEN, HubSpotAccount
from clmcrm.testing.vendors.serving import Fake, InLoop, InProcess, Judged

DEALS = 6
LAG = timedelta(seconds=20)
DESCRIBED = ClosedValidator(load_description(Path(vendors.__file__).parent / "descriptions" / "hubspot.json"))


class HubSpotChecks(KindChecks):
    kinds = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS)
    many: ClassVar[int] = 25
    place: ClassVar[TermsPlace] = TermsPlace.DEAL
    required: ClassVar[Mapping[str, Sequence[str]]] = {Kind.CONTRACT_TERMS: ("opportunity",)}

    def sample(self, kind: str, number: int) -> Fields:
        fields = dict(super().sample(kind, number))
        if kind == Kind.CONTRACT_TERMS and self.place is TermsPlace.DEAL:
            fields["opportunity"] = str(self.first_deal + number)
        return fields

    first_deal: ClassVar[int] = 1_000

    @pytest.fixture
    def account(self) -> HubSpotAccount:
        account = ready(HubSpotAccount(search_lag=LAG), self.place)
        for number in range(DEALS):
            _ = account.add("deals", dealname=f"Deal {number}")
        account.clock.advance(LAG)
        return account

    @pytest.fixture
    def fake(self, account: HubSpotAccount) -> Iterator[Fake]:
        judged = Judged(account, DESCRIBED)
        yield judged
        assert not judged.refused, [(one.method, one.path, list(map(str, why))) for one, why in judged.refused]

    @pytest.fixture
    def transport(self, fake: Fake) -> InProcess:
        return InProcess(fake, ORIGIN)

    @pytest.fixture
    def async_transport(self, fake: Fake) -> InLoop:
        return InLoop(fake, ORIGIN)

    @pytest.fixture
    def adapter(self) -> HubSpotCrm:
        session = HubSpotSession(Secret(TOKEN))
        return HubSpotCrm(session, terms=self.place, page=10, visible_lag=LAG, overlap=timedelta(seconds=60))

    @pytest.fixture
    def person(self, account: HubSpotAccount, system: RecordSystem) -> Any:
        return Clerk(account, system, self.place)  # type: ignore[arg-type] # a system that is waited for

    @pytest.fixture
    def wait(self, account: HubSpotAccount) -> Any:
        return account.clock.advance


class HubSpotSuite(HubSpotChecks, CrmAdapterSuite):  # type: ignore[misc] # fewer kinds than a CRM may have
    """The whole kit."""
