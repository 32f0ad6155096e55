"""Accounts as Dataverse keeps them: the table account.

| canonical field | in `account` |
| --- | --- |
| `name`, `description`, `website`, `phone`, `email` | name, description, websiteurl, telephone1, emailaddress1 |
| `kind`, `kind_raw` | customertypecode, its number kept beside the canonical word |
| `industry` | industrycode, by its label |
| `parent`, `owner` | parentaccountid, ownerid |
| `employees`, `revenue`, `currency` | numberofemployees, revenue, transactioncurrencyid |
| `billing_address`, `shipping_address` | the columns `address1_...`, `address2_...` |
| `active` | statecode, with statuscode when it is written |
| `merged_into`, `created_on` | masterid where merged, the day of createdon in UTC: kept by Dataverse |

An account of Dataverse has no legal name, register number, tax number or language of its own; an environment that has
columns for them names them in `OrgSettings.custom`.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.dataverse.addresses import AddressPart
from clmcrm.adapters.dataverse.amounts import MoneyPart
from clmcrm.adapters.dataverse.lookups import Lookup, owner
from clmcrm.adapters.dataverse.parts import Choice, Column, Part, active
from clmcrm.parties.accounts import AccountKind

TABLE: Final = "account"
KINDS: Final = {
    8: AccountKind.PROSPECT.value,
    3: AccountKind.CUSTOMER.value,
    10: AccountKind.SUPPLIER.value,
    5: AccountKind.PARTNER.value,
    9: AccountKind.RESELLER.value,
    1: AccountKind.COMPETITOR.value,
    4: AccountKind.INVESTOR.value,
    12: AccountKind.OTHER.value,
    2: AccountKind.PARTNER.value,  # consultant
    6: AccountKind.OTHER.value,  # influencer
    7: AccountKind.OTHER.value,  # press
    11: AccountKind.SUPPLIER.value,  # vendor
}
"""The options of customertypecode in a new environment; another one is OTHER, and kept as `kind_raw`."""
INDUSTRIES: Final = {
    1: "Accounting",
    2: "Agriculture and Non-petrol Natural Resource Extraction",
    3: "Broadcasting Printing and Publishing",
    4: "Brokers",
    5: "Building Supply Retail",
    6: "Business Services",
    7: "Consulting",
    8: "Consumer Services",
    9: "Design, Direction and Creative Management",
    10: "Distributors, Dispatchers and Processors",
    11: "Doctor's Offices and Clinics",
    12: "Durable Manufacturing",
    13: "Eating and Drinking Places",
    14: "Entertainment Retail",
    15: "Equipment Rental and Leasing",
    16: "Financial",
    17: "Food and Tobacco Processing",
    18: "Inbound Capital Intensive Processing",
    19: "Inbound Repair and Services",
    20: "Insurance",
    21: "Legal Services",
    22: "Non-Durable Merchandise Retail",
    23: "Outbound Consumer Service",
    24: "Petrochemical Extraction and Distribution",
    25: "Service Retail",
    26: "SIG Affiliations",
    27: "Social Services",
    28: "Special Outbound Trade Contractors",
    29: "Specialty Realty",
    30: "Transportation",
    31: "Utility Creation and Distribution",
    32: "Vehicle Retail",
    33: "Wholesale",
}
"""The options of industrycode in a new environment by their labels; another one is shown as its number."""


def account_parts() -> tuple[Part, ...]:
    """The parts of an account."""
    return (
        Column(name="name", at="name"),
        Choice(name="kind", at="customertypecode", words=KINDS, other=AccountKind.OTHER.value, raw="kind_raw"),
        Choice(name="industry", at="industrycode", words=INDUSTRIES),
        Column(name="description", at="description", form="long"),
        Column(name="website", at="websiteurl"),
        Column(name="phone", at="telephone1"),
        Column(name="email", at="emailaddress1"),
        Lookup(name="parent", at="parentaccountid", to=TABLE),
        Column(name="employees", at="numberofemployees", form="whole"),
        MoneyPart(amounts={"revenue": "revenue"}),
        AddressPart(name="billing_address", prefix="address1"),
        AddressPart(name="shipping_address", prefix="address2"),
        Column(name="created_on", at="createdon", form="day", written=False),
        owner(),
        active(),
    )
