"""What is missing before the first run is said with its repair, and nothing is written."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve
from dataverse_suite import ORG, ORIGIN, crm_of, driver_of

from clmcrm.adapters.dataverse.examining import examined
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.findings import Finding
from clmcrm.testing.vendors.dataverse.answering import FakeDataverse
from clmcrm.testing.vendors.dataverse.data import BEGAN, EnvironmentData
from clmcrm.testing.vendors.dataverse.guarded import judged
from clmcrm.testing.vendors.dataverse.tables import CUSTOM
from clmcrm.testing.vendors.serving import InProcess


def findings(data: EnvironmentData, org: OrgSettings = ORG) -> dict[str, Finding]:
    judge = judged(FakeDataverse(data))
    found = driver_of(InProcess(judge, ORIGIN)).run(examined(crm_of(org), BEGAN))
    assert all(request.method == "GET" for request in judge.fake.asked)
    assert all(not ("clmcrm" in request.path and problems) for request, problems in judge.refused)
    return {one.what: one for one in found}


def test_a_well_prepared_environment_lacks_nothing() -> None:
    found = findings(EnvironmentData())
    assert {what for what, one in found.items() if not one.ok} == set()
    assert found["account.clmcrm_key"].found == "an alternate key, Active"
    assert found["opportunityproduct read access"].ok
    assert found["currencies"].found == "EUR, JPY, TND, USD"


def test_an_unprepared_environment_is_told_what_to_create() -> None:
    custom = {name: said for name, said in CUSTOM.items() if name != "clmcrm_contractterm"}
    data = EnvironmentData(
        custom={**custom, "account": "clmcrm_key:String:450", "opportunity": "clmcrm_key:String:450#"}
    )
    data.tables["contact"] = evolve(data.tables["contact"], tracked=False, guarded=False)
    data.now = BEGAN + timedelta(hours=1)
    found = findings(data, evolve(ORG, currency="CHF"))
    wrong = {what: one for what, one in found.items() if not one.ok}
    assert wrong.keys() == {
        "clock", "currencies", "account.clmcrm_key", "contact change tracking", "contact preconditions",
        "contact read access", "opportunity columns", "clmcrm_contractterm",
    }  # fmt: skip
    assert wrong["account.clmcrm_key"].found == "no alternate key"
    assert "clmcrm_contract" in wrong["opportunity columns"].found
    assert all(one.repair for one in wrong.values())


def test_a_text_for_the_terms_that_is_too_short_is_said() -> None:
    short = CUSTOM["clmcrm_contractterm"].replace("Memo:1048576", "Memo:2000")
    found = findings(EnvironmentData(custom={**CUSTOM, "clmcrm_contractterm": short}))
    one = found["clmcrm_contractterm.clmcrm_terms"]
    assert (one.ok, one.found) == (False, "2000 characters")
