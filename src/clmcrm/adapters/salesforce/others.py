"""What is read beside the kinds that travel: Salesforce's own contracts, orders and assets.

They have kinds of their own (`salesforce_contract`, `order`, `asset`), are read and told by the feed like the others,
and are never written: their records in our books are `clmcrm.crm.order.Order` and `Asset`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from clmcrm.adapters.salesforce.addresses import AddressPart
from clmcrm.adapters.salesforce.amounts import MoneyPart
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.parts import Column, Part
from clmcrm.crm.order import OrderStatus

CONTRACT: Final = "salesforce_contract"
ORDER: Final = "order"
ASSET: Final = "asset"
OTHERS: Final = {CONTRACT: "Contract", ORDER: "Order", ASSET: "Asset"}
ORDER_STATUS: Final = {
    "Draft": OrderStatus.DRAFT.value,
    "Activated": OrderStatus.CONFIRMED.value,
    "Completed": OrderStatus.DELIVERED.value,
    "Cancelled": OrderStatus.CANCELLED.value,
    "Canceled": OrderStatus.CANCELLED.value,
}


def parts_of(kind: str, org: OrgSettings) -> Sequence[Part]:
    """The parts of one of these kinds in that org; nothing of them is written."""
    return {CONTRACT: _contract, ORDER: _order, ASSET: _asset}[kind](org)


def _read(name: str, at: str, form: str = "text") -> Column:
    return Column(name=name, at=at, form=form, written=False)


def _contract(org: OrgSettings) -> list[Part]:
    return [
        _read("number", "ContractNumber"),
        _read("title", "Name"),
        _read("account", "AccountId", "key"),
        _read("status_raw", "Status"),
        _read("status_code", "StatusCode"),
        _read("first_day", "StartDate", "date"),
        _read("last_day", "EndDate", "date"),
        _read("term_months", "ContractTerm", "whole"),
        _read("owner", "OwnerId", "key"),
        _read("company_signed_on", "CompanySignedDate", "date"),
        _read("company_signed_by", "CompanySignedId", "key"),
        _read("customer_signed_on", "CustomerSignedDate", "date"),
        _read("customer_signed_by", "CustomerSignedId", "key"),
        _read("customer_signed_title", "CustomerSignedTitle"),
        _read("activated_at", "ActivatedDate", "instant"),
        _read("special_terms", "SpecialTerms", "long"),
        _read("notice_reminder_days", "OwnerExpirationNotice"),
        _read("description", "Description", "long"),
        AddressPart(name="billing_address", prefix="Billing", codes=org.country_codes),
        AddressPart(name="shipping_address", prefix="Shipping", codes=org.country_codes),
    ]


def _order(org: OrgSettings) -> list[Part]:
    return [
        _read("number", "OrderNumber"),
        _read("account", "AccountId", "key"),
        _read("opportunity", "OpportunityId", "key"),
        _read("contract", "ContractId", "key"),
        _read("owner", "OwnerId", "key"),
        _status(),
        _read("first_day", "EffectiveDate", "date"),
        _read("last_day", "EndDate", "date"),
        _read("ordered_on", "PoDate", "date"),
        _read("purchase_order", "PoNumber"),
        _read("original", "OriginalOrderId", "key"),
        _read("is_reduction", "IsReductionOrder", "flag"),
        MoneyPart(amounts={"total": "TotalAmount"}, currency=True, multi=org.multi_currency),
        AddressPart(name="billing_address", prefix="Billing", codes=org.country_codes),
        AddressPart(name="shipping_address", prefix="Shipping", codes=org.country_codes),
    ]


def _status() -> Column:
    unknown = OrderStatus.UNKNOWN.value
    return Column(name="status", at="Status", raw="status_raw", words=ORDER_STATUS, other=unknown, written=False)


def _asset(org: OrgSettings) -> list[Part]:
    return [
        _read("name", "Name"),
        _read("account", "AccountId", "key"),
        _read("contact", "ContactId", "key"),
        _read("product", "Product2Id", "key"),
        _read("parent", "ParentId", "key"),
        _read("serial_number", "SerialNumber"),
        _read("status_raw", "Status"),
        _read("quantity", "Quantity", "number"),
        _read("installed_on", "InstallDate", "date"),
        _read("first_day", "PurchaseDate", "date"),
        _read("last_day", "UsageEndDate", "date"),
        MoneyPart(amounts={"price": "Price"}, multi=org.multi_currency),
    ]
