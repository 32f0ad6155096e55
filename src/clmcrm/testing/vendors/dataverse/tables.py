"""The standard tables as an environment describes them: columns with type, length, and whether they may be written.

Source: Dataverse and Dynamics 365 Customer Engagement entity reference (account, contact, opportunity,
opportunityproduct, transactioncurrency); columns of optional solutions are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from attrs import evolve, field, frozen

_OWN: Final = (
    "versionnumber:BigInt! createdon:DateTime! modifiedon:DateTime! createdby:Lookup:systemuser! "
    "modifiedby:Lookup:systemuser! statecode:State~ statuscode:Status importsequencenumber:Integer^ "
    "overriddencreatedon:DateTime^ timezoneruleversionnumber:Integer utcconversiontimezonecode:Integer"
)
_OWNED: Final = (
    f"{_OWN} ownerid:Owner:systemuser,team owninguser:Lookup:systemuser! owningteam:Lookup:team! "
    "owningbusinessunit:Lookup:businessunit! owneridname:String:100!="
)
_MONEYED: Final = "transactioncurrencyid:Lookup:transactioncurrency exchangerate:Decimal!"
_HELD: Final = (
    "slaid:Lookup:sla onholdtime:Integer! lastonholdtime:DateTime processid:Uniqueidentifier stageid:Uniqueidentifier "
    "traversedpath:String:1250"
)
_SENT: Final = (
    "donotbulkemail:Boolean donotbulkpostalmail:Boolean donotemail:Boolean donotfax:Boolean donotphone:Boolean "
    "donotpostalmail:Boolean donotsendmm:Boolean followemail:Boolean marketingonly:Boolean "
    "participatesinworkflow:Boolean lastusedincampaign:DateTime"
)
_SERVED: Final = (
    "paymenttermscode:Picklist preferredappointmentdaycode:Picklist preferredappointmenttimecode:Picklist "
    "preferredcontactmethodcode:Picklist preferredsystemuserid:Lookup:systemuser shippingmethodcode:Picklist "
    "customersizecode:Picklist customertypecode:Picklist territorycode:Picklist defaultpricelevelid:Lookup:pricelevel "
    "originatingleadid:Lookup:lead creditlimit:Money creditlimit_base:Money! creditonhold:Boolean"
)


def _address(prefix: str) -> str:
    return (
        f"{prefix}_addressid:Uniqueidentifier {prefix}_addresstypecode:Picklist {prefix}_city:String:80 "
        f"{prefix}_country:String:80 {prefix}_county:String:50 {prefix}_fax:String:50 "
        f"{prefix}_freighttermscode:Picklist {prefix}_latitude:Double {prefix}_line1:String:250 "
        f"{prefix}_line2:String:250 {prefix}_line3:String:250 {prefix}_longitude:Double {prefix}_name:String:200 "
        f"{prefix}_postalcode:String:20 {prefix}_postofficebox:String:20 {prefix}_primarycontactname:String:100 "
        f"{prefix}_shippingmethodcode:Picklist {prefix}_stateorprovince:String:50 {prefix}_telephone1:String:50 "
        f"{prefix}_telephone2:String:50 {prefix}_telephone3:String:50 {prefix}_upszone:String:4 "
        f"{prefix}_utcoffset:Integer {prefix}_composite:Memo:1000!"
    )


_SETS: Final = {
    "account": "accounts",
    "contact": "contacts",
    "opportunity": "opportunities",
    "opportunityproduct": "opportunityproducts",
    "product": "products",
    "transactioncurrency": "transactioncurrencies",
}
_COLUMNS: Final[Mapping[str, str]] = {
    "account": (
        f"{_OWNED} {_MONEYED} {_HELD} {_SENT} {_SERVED} {_address('address1')} {_address('address2')} name:String:160 "
        "accountnumber:String:20 accountcategorycode:Picklist accountclassificationcode:Picklist "
        "accountratingcode:Picklist aging30:Money! businesstypecode:Picklist description:Memo:2000 "
        "emailaddress1:String:100 emailaddress2:String:100 emailaddress3:String:100 fax:String:50 "
        "ftpsiteurl:String:200 industrycode:Picklist marketcap:Money marketcap_base:Money! masterid:Lookup:account! "
        "merged:Boolean! numberofemployees:Integer opendeals:Integer! openrevenue:Money! ownershipcode:Picklist "
        "parentaccountid:Lookup:account primarycontactid:Lookup:contact primarysatoriid:String:200 "
        "primarytwitterid:String:128 revenue:Money revenue_base:Money! sharesoutstanding:Integer sic:String:20 "
        "stockexchange:String:20 telephone1:String:50 telephone2:String:50 telephone3:String:50 "
        "territoryid:Lookup:territory tickersymbol:String:10 websiteurl:String:200 yominame:String:160 "
        "parentaccountidname:String:100!= entityimage:Virtual="
    ),
    "contact": (
        f"{_OWNED} {_MONEYED} {_HELD} {_SENT} {_SERVED} {_address('address1')} {_address('address2')} "
        f"{_address('address3')} accountrolecode:Picklist accountid:Lookup:account! anniversary:DateTime:date "
        "annualincome:Money annualincome_base:Money! assistantname:String:100 assistantphone:String:50 "
        "birthdate:DateTime:date business2:String:50 callback:String:50 childrensnames:String:255 company:String:50 "
        "department:String:100 description:Memo:2000 educationcode:Picklist emailaddress1:String:100 "
        "emailaddress2:String:100 emailaddress3:String:100 employeeid:String:50 externaluseridentifier:String:50 "
        "familystatuscode:Picklist fax:String:50 firstname:String:50 ftpsiteurl:String:200 fullname:String:160! "
        "gendercode:Picklist governmentid:String:50 haschildrencode:Picklist home2:String:50 "
        "isbackofficecustomer:Boolean jobtitle:String:100 lastname:String:50 leadsourcecode:Picklist "
        "managername:String:100 managerphone:String:50 masterid:Lookup:contact! merged:Boolean! middlename:String:50 "
        "mobilephone:String:50 nickname:String:100 numberofchildren:Integer pager:String:50 "
        "parentcustomerid:Customer:account,contact salutation:String:100 spousesname:String:100 suffix:String:10 "
        "telephone1:String:50 telephone2:String:50 telephone3:String:50 websiteurl:String:200 "
        "yomifirstname:String:150 yomilastname:String:150 yomimiddlename:String:150"
    ),
    "opportunity": (
        f"{_OWNED} {_MONEYED} {_HELD} actualclosedate:DateTime:date actualvalue:Money actualvalue_base:Money! "
        "budgetamount:Money budgetamount_base:Money! budgetstatus:Picklist campaignid:Lookup:campaign "
        "captureproposalfeedback:Boolean closeprobability:Integer completefinalproposal:Boolean "
        "completeinternalreview:Boolean confirminterest:Boolean currentsituation:Memo:2000 "
        "customerid:Customer:account,contact customerneed:Memo:2000 customerpainpoints:Memo:2000 "
        "decisionmaker:Boolean description:Memo:2000 developproposal:Boolean discountamount:Money "
        "discountamount_base:Money! discountpercentage:Decimal emailaddress:String:100 "
        "estimatedclosedate:DateTime:date estimatedvalue:Money estimatedvalue_base:Money! evaluatefit:Boolean "
        "filedebrief:Boolean finaldecisiondate:DateTime:date freightamount:Money freightamount_base:Money! "
        "identifycompetitors:Boolean identifycustomercontacts:Boolean identifypursuitteam:Boolean "
        "initialcommunication:Picklist isprivate:Boolean! isrevenuesystemcalculated:Boolean name:String:300 "
        "need:Picklist opportunityratingcode:Picklist originatingleadid:Lookup:lead parentaccountid:Lookup:account "
        "parentcontactid:Lookup:contact participatesinworkflow:Boolean presentfinalproposal:Boolean "
        "presentproposal:Boolean pricelevelid:Lookup:pricelevel pricingerrorcode:Picklist prioritycode:Picklist "
        "proposedsolution:Memo:2000 purchaseprocess:Picklist purchasetimeframe:Picklist pursuitdecision:Boolean "
        "qualificationcomments:Memo:2000 quotecomments:Memo:2000 resolvefeedback:Boolean salesstage:Picklist "
        "salesstagecode:Picklist schedulefollowup_prospect:DateTime:date schedulefollowup_qualify:DateTime:date "
        "scheduleproposalmeeting:DateTime:date sendthankyounote:Boolean stepid:Uniqueidentifier stepname:String:200 "
        "timeline:Picklist totalamount:Money! totalamount_base:Money! totaldiscountamount:Money! "
        "totallineitemamount:Money! totaltax:Money!"
    ),
    "opportunityproduct": (
        "versionnumber:BigInt! createdon:DateTime! modifiedon:DateTime! opportunityid:Lookup:opportunity* "
        "productid:Lookup:product uomid:Lookup:uom productname:String:500! productdescription:String:500 "
        "description:Memo:2000 quantity:Decimal priceperunit:Money baseamount:Money! extendedamount:Money! "
        "manualdiscountamount:Money tax:Money isproductoverridden:Boolean ispriceoverridden:Boolean "
        "lineitemnumber:Integer sequencenumber:Integer requestdeliveryby:DateTime:date"
    ),
    "transactioncurrency": (f"{_OWN} isocurrencycode:String:5 currencyname:String:100 currencyprecision:Integer"),
    "product": (f"{_OWN} name:String:100 productnumber:String:100"),
}
OTHERS: Final = {
    "businessunit": "businessunits", "campaign": "campaigns", "lead": "leads", "pricelevel": "pricelevels",
    "sla": "slas", "systemuser": "systemusers", "team": "teams", "territory": "territories", "uom": "uoms",
}  # fmt: skip
"""Tables that rows lead to and that this fake does not keep: whatever id is stated there is somebody."""
CUSTOM: Final = {
    "account": "clmcrm_key:String:450#",
    "contact": "clmcrm_key:String:450#",
    "opportunity": "clmcrm_key:String:450# clmcrm_contract:String:450",
    "clmcrm_contractterm": (
        f"{_OWNED} clmcrm_key:String:450# clmcrm_name:String:200 clmcrm_accountid:Lookup:account "
        "clmcrm_terms:Memo:1048576 clmcrm_words:Memo:30000 clmcrm_effectiveon:DateTime:date"
    ),
}
"""The columns and the table that our set-up page asks for."""
SCHEMA_NAMES: Final = {"clmcrm_accountid": "clmcrm_AccountId"}
"""How a lookup of an own column is bound: by its schema name, whose case counts."""
_LOOKUPS: Final = ("Lookup", "Owner", "Customer")


@frozen(kw_only=True)
class ColumnSaid:
    """One column as the environment describes it."""

    name: str
    type: str
    length: int = 0
    targets: tuple[str, ...] = ()
    day: bool = False
    created: bool = True
    updated: bool = True
    required: bool = False
    unique: bool = False
    of: str | None = None

    @property
    def is_lookup(self) -> bool:
        """Whether it leads to another row."""
        return self.type in _LOOKUPS

    @property
    def shown(self) -> str:
        """The property of a row."""
        return f"_{self.name}_value" if self.is_lookup else self.name

    def bound(self, target: str) -> str:
        """The name by which a write binds it to a row of the table `target`."""
        plain = SCHEMA_NAMES.get(self.name, self.name)
        return f"{plain}_{target}" if self.type == "Customer" else plain

    def described(self) -> dict[str, Any]:
        """As EntityDefinitions says it; the members that a client of records looks at."""
        return {
            "LogicalName": self.name, "AttributeType": self.type, "AttributeTypeName": {"Value": f"{self.type}Type"},
            "AttributeOf": self.of, "IsValidForRead": True, "IsValidForCreate": self.created,
            "IsValidForUpdate": self.updated,
        }  # fmt: skip


@frozen(kw_only=True)
class TableSaid:
    """One table: its entity `set`, its primary key `id`, its columns by name."""

    name: str
    set: str
    columns: Mapping[str, ColumnSaid] = field(repr=False)
    tracked: bool = True
    guarded: bool = True

    @property
    def id(self) -> str:
        """The column of the primary key."""
        return f"{self.name}id"

    def bound(self) -> dict[str, tuple[ColumnSaid, str]]:
        """The columns of lookups and the tables they lead to, by the name that a write binds them by."""
        return {
            one.bound(target): (one, target) for one in self.columns.values() if one.is_lookup for target in one.targets
        }


def tables_of(custom: Mapping[str, str]) -> dict[str, TableSaid]:
    """The tables of an environment: the standard ones, with the columns and tables that `custom` adds.

    >>> tables_of({"account": "acme_vat:String:20"})["account"].columns["acme_vat"].length
    20
    """
    found = _read(tuple(sorted(custom.items())))
    return {name: evolve(one, columns=dict(one.columns)) for name, one in found.items()}


@cache
def _read(custom: tuple[tuple[str, str], ...]) -> dict[str, TableSaid]:
    said = {name: (_SETS[name], columns) for name, columns in _COLUMNS.items()}
    for name, columns in custom:
        entity_set, before = said.get(name, (f"{name}s", ""))
        said[name] = (entity_set, f"{before} {columns}")
    found: dict[str, TableSaid] = {}
    for name, (entity_set, columns) in said.items():
        key = ColumnSaid(name=f"{name}id", type="Uniqueidentifier", updated=False)
        listed = [key, *(_column(one) for one in columns.split())]
        found[name] = TableSaid(name=name, set=entity_set, columns={one.name: one for one in listed})
    return found


def _column(said: str) -> ColumnSaid:
    """`name:type[:length | :targets | :date]` and signs.

    `!` kept by Dataverse, `~` not on creation, `^` on creation only, `*` required, `#` our alternate key, `=` of
    another column.
    """
    plain = said.rstrip("!~^*#=")
    signs = said[len(plain) :]
    name, kind, *more = plain.split(":")
    last = more[0] if more else ""
    return ColumnSaid(
        name=name, type=kind, length=int(last) if last.isdecimal() else 0,
        targets=tuple(last.split(",")) if kind in _LOOKUPS else (), day=last == "date",
        created="!" not in signs and "~" not in signs, updated="!" not in signs and "^" not in signs,
        required="*" in signs, unique="#" in signs, of="another" if "=" in signs else None,
    )  # fmt: skip
