import pytest
from acme_crm import AcmeCrm, AcmeServer

from clmcrm.testing import CrmAdapterSuite


class TestAcmeCrm(CrmAdapterSuite):
    @pytest.fixture
    def adapter(self) -> AcmeCrm:
        return AcmeCrm()

    @pytest.fixture
    def transport(self) -> AcmeServer:
        return AcmeServer()
