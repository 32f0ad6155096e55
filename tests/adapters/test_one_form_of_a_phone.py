"""A phone number is one value, whichever vendor shows it: in the form that our own records write.

Two forms of one number would be a conflict for a person to decide, for every contact that both sides have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clmcrm.adapters.contact_fields import phones_shown
from clmcrm.adapters.hubspot import contacts as hubspot
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import Unwritable
from clmcrm.adapters.odoo import partners as odoo
from clmcrm.adapters.pipedrive import persons as pipedrive
from clmcrm.adapters.pipedrive.company import Company
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.parties.contacts import Contact

PIPEDRIVE = [
    {"value": "+33 1", "primary": True, "label": "work"},
    {"value": "+33 6", "primary": False, "label": "mobile"},
]
PLACES = {"office": "p", "mobile": "m"}
SHOWN: dict[str, Callable[[], Any]] = {
    "salesforce, dataverse": lambda: phones_shown({"p": "+33 1", "m": "+33 6"}, PLACES)["phones"],
    "hubspot": lambda: hubspot.shown({"phone": "+33 1", "mobilephone": "+33 6"}, Portal())["phones"],
    "pipedrive": lambda: pipedrive.phones_shown({"phones": PIPEDRIVE}),
    "odoo": lambda: odoo.contact_fields({"id": 7, "name": "Zoé", "phone": "+33 1", "mobile": "+33 6"})["phones"],
}


@pytest.mark.parametrize("vendor", SHOWN)
def test_a_phone_is_shown_as_our_records_write_it(vendor: str) -> None:
    shown = SHOWN[vendor]()
    own = to_fields(from_fields(Contact, {"id": "c", "family_name": "Durand", "phones": shown}))["phones"]
    assert shown == own == [{"number": "+33 1"}, {"number": "+33 6", "kind": "mobile"}]


def test_pipedrive_keeps_labels_however_the_kind_is_said() -> None:
    present = {"phones": PIPEDRIVE}
    for office in ({"number": "+33 1"}, {"number": "+33 1", "kind": "office"}):
        phones: Any = [office, {"number": "+33 6", "kind": "mobile"}]
        assert pipedrive.changed({"phones": phones}, Company(), present) == {"phones": PIPEDRIVE}


@pytest.mark.parametrize("phone", [{"kind": "office"}, {"number": None}, {}])
def test_hubspot_takes_no_phone_without_a_number(phone: dict[str, Any]) -> None:
    with pytest.raises(Unwritable, match="expected a number"):
        _ = hubspot.changed({"phones": [phone]}, Portal())
    assert hubspot.changed({"phones": [{"number": "1", "kind": None}]}, Portal())["phone"] == "1"
