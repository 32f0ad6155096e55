"""Contacts as Dataverse keeps them: the table contact.

| canonical field | in `contact` |
| --- | --- |
| `given_name`, `family_name`, `salutation` | firstname, lastname, salutation |
| `job_title`, `department`, `description` | jobtitle, department, description |
| `account`, `owner` | parentcustomerid where it is an account, ownerid |
| `emails` | emailaddress1 to 3: a fourth one is refused |
| `phones` | telephone1, mobilephone, telephone2 (home), fax, telephone3: one of each kind |
| `address` | the columns `address1_...` |
| `consents` | donotemail, donotphone, donotfax, donotpostalmail: refusals; a consent has no place |
| `active` | statecode, with statuscode when it is written |
| `merged_into`, `created_on` | masterid where merged, the day of createdon in UTC: kept by Dataverse |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clmcrm.adapters.contact_fields import consents_sent, consents_shown, phones_sent, phones_shown
from clmcrm.adapters.dataverse.addresses import AddressPart
from clmcrm.adapters.dataverse.ground import Ground
from clmcrm.adapters.dataverse.lookups import Lookup, owner
from clmcrm.adapters.dataverse.parts import Column, Part, PartOf, active
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.field_forms import sent_value, shown_value, texts
from clmcrm.parties.contacts import Channel, PhoneKind
from clmcrm.ports.records import Fields, Json

TABLE: Final = "contact"
EMAILS: Final = ("emailaddress1", "emailaddress2", "emailaddress3")
PHONES: Final = {
    PhoneKind.OFFICE.value: "telephone1",
    PhoneKind.MOBILE.value: "mobilephone",
    PhoneKind.HOME.value: "telephone2",
    PhoneKind.FAX.value: "fax",
    PhoneKind.OTHER.value: "telephone3",
}
REFUSALS: Final = {
    Channel.EMAIL.value: "donotemail",
    Channel.PHONE.value: "donotphone",
    Channel.FAX.value: "donotfax",
    Channel.POST.value: "donotpostalmail",
}
Row = Mapping[str, Any]


def contact_parts() -> tuple[Part, ...]:
    """The parts of a contact."""
    return (
        Column(name="given_name", at="firstname"),
        Column(name="family_name", at="lastname"),
        Column(name="salutation", at="salutation"),
        Column(name="job_title", at="jobtitle"),
        Column(name="department", at="department"),
        Column(name="description", at="description", form="long"),
        Lookup(name="account", at="parentcustomerid", to="account", bound="parentcustomerid_account", several=True),
        Column(name="created_on", at="createdon", form="day", written=False),
        PartOf(names=("emails",), columns=EMAILS, show=_emails, send=_emails_sent),
        PartOf(names=("phones",), columns=tuple(PHONES.values()), show=_phones, send=_phones_sent),
        PartOf(names=("consents",), columns=tuple(REFUSALS.values()), show=_consents, send=_consents_sent),
        AddressPart(name="address", prefix="address1"),
        owner(),
        active(),
    )


def _emails(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    found = [shown_value(at, "text", row.get(at)) for at in EMAILS]
    return {"emails": [one for one in found if one is not None]}


def _emails_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    del ground
    given = texts("emails", fields["emails"])
    if len(given) > len(EMAILS):
        raise Misfit("emails", f"are {len(given)}; a contact of Dataverse has {len(EMAILS)}")
    stated = [sent_value("emails", "text", one) for one in given]
    return dict(zip(EMAILS, [*stated, None, None, None], strict=False))


def _phones(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    return phones_shown(row, PHONES)


def _phones_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    del ground
    return phones_sent(fields["phones"], PHONES, "Dataverse")


def _consents(row: Row, ground: Ground) -> dict[str, Json]:
    del ground
    return consents_shown(row, REFUSALS)


def _consents_sent(fields: Fields, ground: Ground) -> dict[str, Any]:
    del ground
    return consents_sent(fields["consents"], REFUSALS, "Dataverse keeps refusals of mail, calls, fax, post")
