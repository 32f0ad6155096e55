"""The standard objects as an org describes them: fields with type, length, and whether they may be written.

Source: Object Reference for the Salesforce Platform (Account, Contact, Opportunity, OpportunityLineItem,
OpportunityContactRole, Contract, Order, Asset, Product2, and the history objects); fields of optional features are
left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from attrs import field, frozen

_SYSTEM: Final = (
    "Id:id! IsDeleted:boolean! CreatedDate:datetime! CreatedById:reference! LastModifiedDate:datetime! "
    "LastModifiedById:reference! SystemModstamp:datetime!"
)
_SEEN: Final = "LastViewedDate:datetime! LastReferencedDate:datetime! LastActivityDate:date!"


def _address(prefix: str) -> str:
    return (
        f"{prefix}Street:textarea:255 {prefix}City:string:40 {prefix}State:string:80 {prefix}PostalCode:string:20 "
        f"{prefix}Country:string:80 {prefix}Latitude:double {prefix}Longitude:double {prefix}GeocodeAccuracy:picklist "
        f"{prefix}Address:address!"
    )


_OBJECTS: Final[Mapping[str, str]] = {
    "Account": (
        f"{_SYSTEM} {_SEEN} MasterRecordId:reference! Name:string:255* Type:picklist ParentId:reference "
        f"{_address('Billing')} {_address('Shipping')} Phone:phone:40 Fax:phone:40 AccountNumber:string:40 "
        "Website:url:255 PhotoUrl:url! Sic:string:20 Industry:picklist AnnualRevenue:currency NumberOfEmployees:int "
        "Ownership:picklist TickerSymbol:string:20 Description:textarea:32000 Rating:picklist Site:string:80 "
        "OwnerId:reference Jigsaw:string:20 JigsawCompanyId:string! AccountSource:picklist SicDesc:string:80"
    ),
    "Contact": (
        f"{_SYSTEM} {_SEEN} MasterRecordId:reference! AccountId:reference LastName:string:80* FirstName:string:40 "
        f"Salutation:picklist Name:string! {_address('Mailing')} {_address('Other')} Phone:phone:40 Fax:phone:40 "
        "MobilePhone:phone:40 HomePhone:phone:40 OtherPhone:phone:40 AssistantPhone:phone:40 ReportsToId:reference "
        "Email:email:80 Title:string:128 Department:string:80 AssistantName:string:40 LeadSource:picklist "
        "Birthdate:date Description:textarea:32000 OwnerId:reference HasOptedOutOfEmail:boolean "
        "HasOptedOutOfFax:boolean DoNotCall:boolean LastCURequestDate:datetime! LastCUUpdateDate:datetime! "
        "EmailBouncedReason:string:255 EmailBouncedDate:datetime IsEmailBounced:boolean! PhotoUrl:url! "
        "Jigsaw:string:20 JigsawContactId:string! IndividualId:reference"
    ),
    "Opportunity": (
        f"{_SYSTEM} {_SEEN} AccountId:reference IsPrivate:boolean Name:string:120* Description:textarea:32000 "
        "StageName:picklist* Amount:currency Probability:percent ExpectedRevenue:currency! "
        "TotalOpportunityQuantity:double CloseDate:date* Type:picklist NextStep:string:255 LeadSource:picklist "
        "IsClosed:boolean! IsWon:boolean! ForecastCategory:picklist! ForecastCategoryName:picklist "
        "CampaignId:reference HasOpportunityLineItem:boolean! Pricebook2Id:reference OwnerId:reference "
        "PushCount:int! LastStageChangeDate:datetime! FiscalQuarter:int! FiscalYear:int! Fiscal:string! "
        "ContactId:reference ContractId:reference HasOpenActivity:boolean! HasOverdueTask:boolean!"
    ),
    "OpportunityLineItem": (
        f"{_SYSTEM} OpportunityId:reference* SortOrder:int PricebookEntryId:reference Product2Id:reference "
        "ProductCode:string! Name:string! Quantity:double* Discount:percent TotalPrice:currency! UnitPrice:currency "
        "ListPrice:currency! ServiceDate:date Description:string:255"
    ),
    "OpportunityContactRole": (
        f"{_SYSTEM} OpportunityId:reference* ContactId:reference* Role:picklist IsPrimary:boolean"
    ),
    "Contract": (
        f"{_SYSTEM} {_SEEN} AccountId:reference* Pricebook2Id:reference OwnerExpirationNotice:picklist "
        f"StartDate:date EndDate:date! {_address('Billing')} {_address('Shipping')} ContractTerm:int "
        "OwnerId:reference Status:picklist CompanySignedId:reference CompanySignedDate:date "
        "CustomerSignedId:reference CustomerSignedTitle:string:40 CustomerSignedDate:date "
        "SpecialTerms:textarea:4000 ActivatedById:reference! ActivatedDate:datetime! StatusCode:picklist! "
        "Description:textarea:32000 Name:string:80 ContractNumber:string! LastApprovedDate:datetime!"
    ),
    "Order": (
        f"{_SYSTEM} {_SEEN} OwnerId:reference ContractId:reference AccountId:reference* Pricebook2Id:reference "
        "OriginalOrderId:reference OpportunityId:reference EffectiveDate:date* EndDate:date "
        "IsReductionOrder:boolean Status:picklist* Description:textarea:32000 CustomerAuthorizedDate:date "
        f"{_address('Billing')} {_address('Shipping')} Name:string:80 PoDate:date PoNumber:string:80 "
        "OrderReferenceNumber:string:80 Type:picklist ActivatedDate:datetime! StatusCode:picklist! "
        "OrderNumber:string! TotalAmount:currency!"
    ),
    "Asset": (
        f"{_SYSTEM} {_SEEN} ContactId:reference AccountId:reference ParentId:reference RootAssetId:reference! "
        "Product2Id:reference IsCompetitorProduct:boolean Name:string:255* SerialNumber:string:80 InstallDate:date "
        "PurchaseDate:date UsageEndDate:date Status:picklist Price:currency Quantity:double "
        "Description:textarea:32000 OwnerId:reference"
    ),
    "Product2": f"{_SYSTEM} Name:string:255* ProductCode:string:255 Description:textarea:4000 IsActive:boolean",
    "User": f"{_SYSTEM} Name:string! LastName:string:80*",
    "AccountHistory": f"{_SYSTEM} AccountId:reference* Field:picklist OldValue:anyType NewValue:anyType",
    "ContactHistory": f"{_SYSTEM} ContactId:reference* Field:picklist OldValue:anyType NewValue:anyType",
    "OpportunityFieldHistory": f"{_SYSTEM} OpportunityId:reference* Field:picklist OldValue:anyType NewValue:anyType",
    "ContractHistory": f"{_SYSTEM} ContractId:reference* Field:picklist OldValue:anyType NewValue:anyType",
}
PREFIXES: Final = {
    "Account": "001", "Contact": "003", "Opportunity": "006", "OpportunityLineItem": "00k",
    "OpportunityContactRole": "00K", "Contract": "800", "Order": "801", "Asset": "02i", "Product2": "01t",
    "User": "005", "AccountHistory": "017", "ContactHistory": "03h", "OpportunityFieldHistory": "0dH",
    "ContractHistory": "08H",
}  # fmt: skip
"""How the ids of each object begin."""
HISTORIES: Final = {
    "Account": ("AccountHistory", "AccountId"),
    "Contact": ("ContactHistory", "ContactId"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId"),
    "Contract": ("ContractHistory", "ContractId"),
}
CHILDREN: Final = {
    "OpportunityLineItems": ("OpportunityLineItem", "OpportunityId"),
    "OpportunityContactRoles": ("OpportunityContactRole", "OpportunityId"),
}
CASCADES: Final = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId"), ("Contract", "AccountId")),
    "Opportunity": (("OpportunityLineItem", "OpportunityId"), ("OpportunityContactRole", "OpportunityId")),
}
"""What goes with a record that is deleted."""


@frozen(kw_only=True)
class FieldSaid:
    """One field as the org describes it."""

    name: str
    type: str
    length: int = 0
    written: bool = True
    required: bool = False
    unique: bool = False

    def described(self) -> dict[str, Any]:
        """As `describe` says it; the members that a client of records looks at."""
        return {
            "name": self.name, "type": self.type, "length": self.length, "updateable": self.written,
            "createable": self.written, "nillable": not self.required, "unique": self.unique,
            "externalId": self.unique, "caseSensitive": self.unique, "custom": self.name.endswith("__c"),
        }  # fmt: skip


@frozen
class ObjectSaid:
    """One object: its fields by name."""

    name: str
    fields: Mapping[str, FieldSaid] = field(repr=False)


def objects_of(custom: Mapping[str, str], *, multi_currency: bool) -> dict[str, ObjectSaid]:
    """The objects of an org: the standard ones, with the fields `custom` adds (in the form of this module).

    >>> objects_of({"Account": "VAT__c:string:20"}, multi_currency=False)["Account"].fields["VAT__c"].length
    20
    """
    found: dict[str, ObjectSaid] = {}
    for name, said in _OBJECTS.items():
        whole = f"{said} {custom.get(name, '')}"
        if multi_currency and ("currency" in said or name in ("Contact", "Contract")):
            whole = f"{whole} CurrencyIsoCode:picklist"
        fields = [_field(one) for one in whole.split()]
        found[name] = ObjectSaid(name, {one.name: one for one in fields})
    return found


@cache
def _field(said: str) -> FieldSaid:
    """`Name:type[:length]`, with `!` for one that is kept, `*` for one that is required, `#` for our unique key."""
    marks = said[len(said.rstrip("!*#")) :]
    name, kind, *length = said.rstrip("!*#").split(":")
    return FieldSaid(
        name=name, type=kind, length=int(length[0]) if length else 0, written="!" not in marks,
        required="*" in marks, unique="#" in marks,
    )  # fmt: skip
