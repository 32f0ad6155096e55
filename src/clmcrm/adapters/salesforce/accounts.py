"""Accounts as Salesforce keeps them: the object Account.

| canonical field | in `Account` |
| --- | --- |
| `name`, `description`, `industry`, `website`, `phone` | Name, Description, Industry, Website, Phone |
| `kind`, `kind_raw` | Type, its word kept beside the canonical one |
| `parent`, `owner`, `lead_source` | ParentId, OwnerId, AccountSource |
| `employees`, `revenue`, `currency` | NumberOfEmployees, AnnualRevenue, CurrencyIsoCode (or the org's currency) |
| `billing_address`, `shipping_address` | the five fields Billing..., Shipping... |
| `merged_into`, `created_on` | MasterRecordId, the day of CreatedDate in UTC: kept by Salesforce |

An account of Salesforce has no legal name, register number, tax number, e-mail or language of its own; an org that
has fields for them names them in `OrgSettings.custom`.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.salesforce.addresses import AddressPart
from clmcrm.adapters.salesforce.amounts import MoneyPart
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.parts import Column, Part
from clmcrm.parties.accounts import AccountKind

OBJECT: Final = "Account"
KINDS: Final = {
    "Prospect": AccountKind.PROSPECT.value,
    "Customer - Direct": AccountKind.CUSTOMER.value,
    "Customer - Channel": AccountKind.CUSTOMER.value,
    "Customer": AccountKind.CUSTOMER.value,
    "Channel Partner / Reseller": AccountKind.RESELLER.value,
    "Reseller": AccountKind.RESELLER.value,
    "Installation Partner": AccountKind.PARTNER.value,
    "Technology Partner": AccountKind.PARTNER.value,
    "Partner": AccountKind.PARTNER.value,
    "Integrator": AccountKind.PARTNER.value,
    "Competitor": AccountKind.COMPETITOR.value,
    "Investor": AccountKind.INVESTOR.value,
    "Other": AccountKind.OTHER.value,
    "Analyst": AccountKind.OTHER.value,
    "Press": AccountKind.OTHER.value,
}
"""The words of Type in a new org, of today and of earlier years; another word is OTHER, and kept as `kind_raw`.

Of several words with one meaning the first is written.
"""


def account_parts(org: OrgSettings) -> tuple[Part, ...]:
    """The parts of an account in that org."""
    return (
        Column(name="name", at="Name"),
        Column(name="kind", at="Type", raw="kind_raw", words=KINDS, other=AccountKind.OTHER.value),
        Column(name="industry", at="Industry"),
        Column(name="description", at="Description", form="long"),
        Column(name="website", at="Website"),
        Column(name="phone", at="Phone"),
        Column(name="parent", at="ParentId", form="key"),
        Column(name="employees", at="NumberOfEmployees", form="whole"),
        Column(name="owner", at="OwnerId", form="key"),
        Column(name="lead_source", at="AccountSource"),
        Column(name="created_on", at="CreatedDate", form="day", written=False),
        MoneyPart(amounts={"revenue": "AnnualRevenue"}, currency=True, multi=org.multi_currency),
        AddressPart(name="billing_address", prefix="Billing", codes=org.country_codes),
        AddressPart(name="shipping_address", prefix="Shipping", codes=org.country_codes),
    )
