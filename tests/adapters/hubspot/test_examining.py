"""What is missing is said before the first run, in HubSpot's own words, and nothing is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hubspot_desk import QUICK, HubSpotDesk, now

from clmcrm.adapters.findings import Finding, unwell
from clmcrm.adapters.hubspot.examining import examined
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import ORIGIN
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.testing.vendors.hubspot.account import TOKEN, HubSpotAccount
from clmcrm.testing.vendors.serving import InProcess


def found(account: HubSpotAccount, place: TermsPlace = TermsPlace.DEAL, token: str = TOKEN) -> list[Finding]:
    driver = Driver(InProcess(account, ORIGIN), Desk(clock=now, policy=QUICK), sleep=lambda _: None)
    return driver.run(examined(HubSpotSession(Secret(token)), place, account.clock.now))


@pytest.mark.parametrize("place", TermsPlace)
def test_a_ready_account_is_well_and_nothing_is_written(place: TermsPlace) -> None:
    account = HubSpotDesk(place=place).account
    findings = found(account, place)
    assert unwell(findings) == []
    assert {method for method, _ in account.asked} == {"GET"}
    assert ("deal stages", "won: Closed Won, Signed") in {(one.what, one.found) for one in findings}


def test_each_lack_is_named_with_its_repair() -> None:
    account = HubSpotAccount()
    account.need("companies", "clmcrm_key")
    account.scopes_missing = {"contacts"}
    account.clock.advance(timedelta(0))
    told = {one.what: one for one in unwell(found(account))}
    assert told["companies.clmcrm_key"].found.startswith("property clmcrm_key of companies is not unique")
    assert told["deals.clmcrm_key"].found == "deals have no property clmcrm_key"
    assert "with unique values: set_up makes it" in told["deals.clmcrm_key"].repair
    assert "crm.objects.contacts.read" in told["read contacts"].found
    assert told["read contacts"].repair == "add the scope to the app, and let it be installed again"


def test_a_wrong_token_is_told_alone_and_never_repeated() -> None:
    (only,) = found(HubSpotAccount(), token="pat-eu1-wrong-canary")  # noqa: S106 - a canary
    assert (only.ok, "Authentication credentials not found" in only.found) == (False, True)
    assert "wrong-canary" not in repr(only)


def test_a_clock_that_is_wrong_is_told() -> None:
    account = HubSpotDesk().account
    driver = Driver(InProcess(account, ORIGIN), Desk(clock=now, policy=QUICK), sleep=lambda _: None)
    late = account.clock.now + timedelta(minutes=10)
    told = driver.run(examined(HubSpotSession(Secret(TOKEN)), TermsPlace.DEAL, late))
    assert [(one.what, one.found) for one in unwell(told)] == [("clock", "600 s apart")]


def test_contracts_that_the_account_has_not_are_told() -> None:
    account = HubSpotDesk(place=TermsPlace.CONTRACT).account
    account.contracts = False
    told = unwell(found(account, TermsPlace.CONTRACT))
    assert told[0].what == "read contracts"
    assert "does not have access to this object" in told[0].found
