"""What is missing before the first run is said with its repair, and nothing is written."""

from __future__ import annotations

from datetime import timedelta

from salesforce_suite import NEW, ORIGIN, driver_of

from clmcrm.adapters.findings import Finding
from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.examining import examined
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.testing.vendors.salesforce.answering import FakeSalesforce
from clmcrm.testing.vendors.salesforce.data import BEGAN, CUSTOM, OrgData
from clmcrm.testing.vendors.salesforce.guarded import judged
from clmcrm.testing.vendors.serving import InProcess


def findings(data: OrgData, org: OrgSettings, quota: int = 100_000) -> dict[str, Finding]:
    judge = judged(FakeSalesforce(data, quota=quota))
    found = driver_of(InProcess(judge, ORIGIN)).run(examined(SalesforceCrm(SalesforceSession(ORIGIN), org), BEGAN))
    assert all(request.method == "GET" for request in judge.org.asked)
    assert not judge.refused
    return {one.what: one for one in found}


def test_a_well_prepared_org_lacks_nothing() -> None:
    found = findings(OrgData(), OrgSettings(currency="EUR", new_opportunities=NEW))
    assert {what for what, one in found.items() if not one.ok} == set()
    assert found["Account.clmcrm_Key__c"].found == "unique"


def test_an_unprepared_org_is_told_what_to_create() -> None:
    data = OrgData(custom={**CUSTOM, "Account": "clmcrm_Key__c:string:255", "Contract": "clmcrm_Terms__c:textarea:255"})
    data.custom = {}
    data.now = BEGAN + timedelta(hours=1)
    found = findings(data, OrgSettings(currency="EUR", multi_currency=True, contract_field="Own__c"), quota=500)
    wrong = {what: one for what, one in found.items() if not one.ok}
    assert wrong.keys() == {
        "calls of the day", "clock", "currencies", "Account.clmcrm_Key__c", "Contract.clmcrm_Key__c",
        "Contract.clmcrm_Terms__c", "Opportunity fields",
    }  # fmt: skip
    assert "is not unique, caseSensitive, externalId" in wrong["Account.clmcrm_Key__c"].found
    assert all(one.repair for one in wrong.values())


def test_an_object_that_the_user_may_not_see_is_named() -> None:
    data = OrgData()
    del data.objects["Contract"]
    found = findings(data, OrgSettings(currency="EUR"))
    assert found["Contract"].repair == "give the user read permission on Contract"
