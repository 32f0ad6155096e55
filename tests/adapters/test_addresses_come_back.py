"""An address that a vendor would show as another one is refused by name; every other one comes back as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clmcrm.adapters.dataverse.addresses import AddressPart as DataverseAddress
from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.hubspot import companies, contacts
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Unwritable as NotInHubSpot
from clmcrm.adapters.pipedrive import addresses
from clmcrm.adapters.pipedrive.plain import Unwritable as NotInPipedrive
from clmcrm.adapters.salesforce.addresses import AddressPart as SalesforceAddress
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.tryton import parties
from clmcrm.ports.records import Json

Address = Mapping[str, Json]
NAME = "address"


def by_hubspot_company(told: Address) -> Json:
    return companies.address_shown(companies.address_sent(dict(told), NAME))


def by_hubspot_contact(told: Address) -> Json:
    sent = contacts.changed({NAME: dict(told)}, Portal())
    return contacts.shown(sent, Portal())[NAME]


def by_pipedrive(told: Address) -> Json:
    return addresses.address_shown(addresses.address_sent(dict(told), NAME) or {})


def by_salesforce(told: Address) -> Json:
    part, org = SalesforceAddress(name=NAME, prefix="Mailing"), OrgSettings(currency="EUR")
    return part.shown(part.sent({NAME: dict(told)}, org), org)[NAME]


def by_dataverse(told: Address) -> Json:
    part, ground = DataverseAddress(name=NAME, prefix="address1"), NOWHERE
    return part.shown(part.sent({NAME: dict(told)}, ground), ground)[NAME]


NOWHERE: Ground = None  # type: ignore[assignment] # an address needs nothing of an environment
VENDORS: dict[str, Callable[[Address], Json]] = {
    "hubspot company": by_hubspot_company, "hubspot contact": by_hubspot_contact, "pipedrive": by_pipedrive,
    "salesforce": by_salesforce, "dataverse": by_dataverse,
}  # fmt: skip
REFUSED = (NotInHubSpot, NotInPipedrive, Misfit)

BENT: list[tuple[str, dict[str, Any]]] = [
    ("has a break in it", {"lines": ["1 rue Bleue\nBâtiment B"]}),
    ("would be shown as a code", {"lines": ["1 High Street"], "country_name": "UK"}),
    ("one of them is kept", {"lines": ["1 rue Bleue"], "country": "FR", "country_name": "France"}),
]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("why", "told"), BENT)
def test_what_would_come_back_as_another_address_is_refused(vendor: str, why: str, told: dict[str, Any]) -> None:
    if vendor == "dataverse" and "lines" in told and "\n" in told["lines"][0]:
        why = "the field holds one line"  # each line has a column of its own there
    with pytest.raises(REFUSED, match=why):
        _ = VENDORS[vendor](told)


@pytest.mark.parametrize("line", ["a\nb", "a\r\nb", "a\u2028b", "a\n"])
def test_a_line_that_tryton_would_part_is_refused(line: str) -> None:
    why = parties.unwritable({"billing_address": {"lines": [line]}}, {}, {})
    assert why is not None
    assert "has a break in it" in why


def test_two_letters_and_digits_are_no_code_of_a_country() -> None:
    assert addresses.address_shown({"country": "A1"}) == {"country_name": "A1"}


# Salesforce trims its texts, and so does nobody else here: blanks around a text are no matter of this test.
WORDS = st.text(min_size=1, max_size=8).filter(lambda word: word == word.strip() and word.isprintable())


@pytest.mark.parametrize("vendor", VENDORS)
@given(
    told=st.fixed_dictionaries(
        {},
        optional={
            "lines": st.lists(st.text("aé \n\r\u2028\x0b", min_size=1, max_size=6), min_size=1, max_size=3),
            "city": WORDS,
            "region": WORDS,
            "postal_code": WORDS,
            "country": st.just("FR"),
            "country_name": st.text("AB1é", min_size=1, max_size=3),
        },
    )
)
@example(told={"lines": ["a\x0bb"]})
@example(told={"lines": ["a", "b"], "country_name": "AB"})
def test_an_address_comes_back_or_is_refused(vendor: str, told: dict[str, Any]) -> None:
    blank = [line for line in told.get("lines", ()) if not line.strip()]
    if blank:
        return  # no line of a record of ours is blank
    try:
        shown = VENDORS[vendor](told)
    except REFUSED:
        return
    assert shown == (told or None)
