"""The properties an account has on its objects, and what each takes: the standard ones, and those it added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from attrs import evolve, frozen

from clmcrm.testing.vendors.hubspot.refusals import Refused, invalid
from clmcrm.values.exact import plain_number

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class Property:
    """One property: its `type` (string, number, date, datetime, enumeration, bool), options, and who writes it."""

    name: str
    type: str = "string"
    options: tuple[str, ...] = ()
    unique: bool = False
    computed: bool = False

    def taken(self, value: str) -> str:
        """The value as it is kept; raises `Refused` for one that is not taken."""
        if value == "":
            return value
        if self.computed:
            raise invalid(f"{self.name} is a read only property; its value cannot be set")
        reader = {"number": _number, "date": _date, "datetime": _datetime}.get(self.type)
        if reader is not None:
            try:
                return reader(value)
            except (ValueError, InvalidOperation, OverflowError):
                raise invalid(f"{value!r} was not a valid {self.type} for {self.name}") from None
        if self.type in ("enumeration", "bool") and self.options and value not in self.options:
            raise invalid(f"{value} was not one of the allowed options: {list(self.options)}")
        return value

    def told(self) -> dict[str, Any]:
        """As the properties API tells it."""
        return {
            "name": self.name, "label": self.name, "type": self.type, "fieldType": "text", "groupName": "information",
            "hasUniqueValue": self.unique, "calculated": self.computed, "archived": False,
            "options": [{"label": one, "value": one, "hidden": False} for one in self.options],
            "modificationMetadata": {"readOnlyValue": self.computed, "readOnlyDefinition": True, "archivable": False},
        }  # fmt: skip


def _number(value: str) -> str:
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError(value)
    return plain_number(found)  # trailing zeros are not kept


def _date(value: str) -> str:
    if value.lstrip("-").isdigit():
        moment = _EPOCH + timedelta(milliseconds=int(value))
        if (moment - _EPOCH) % timedelta(days=1):
            raise ValueError("not midnight UTC")
        return moment.date().isoformat()
    return datetime.strptime(value, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a day has no zone


def _datetime(value: str) -> str:
    if value.lstrip("-").isdigit():
        moment = _EPOCH + timedelta(milliseconds=int(value))
    else:
        moment = datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return stamp(moment)


def stamp(moment: datetime) -> str:
    """An instant as HubSpot writes it: UTC, to the millisecond.

    >>> stamp(datetime(2026, 5, 7, 9, 30, tzinfo=UTC))
    '2026-05-07T09:30:00.000Z'
    """
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def _of(kind: str, names: str, **more: Any) -> dict[str, Property]:  # noqa: ANN401 - the parts of a property
    return {name: Property(name=name, type=kind, **more) for name in names.split()}


_TIMES: Final = _of("datetime", "createdate hs_createdate hs_lastmodifieddate", computed=True)
_COMMON: Final = {
    **_TIMES,
    **_of("number", "hs_object_id", computed=True),
    **_of("string", "hs_merged_object_ids", computed=True),
    **_of("string", "hubspot_owner_id"),
}
_COMPANY: Final = {
    **_COMMON,
    **_of(
        "string",
        "name domain website phone industry description about_us founded_year address address2 city state zip country "
        "timezone lifecyclestage hs_lead_status total_money_raised web_technologies facebook_company_page "
        "googleplus_page linkedin_company_page linkedinbio twitterhandle twitterbio hs_ideal_customer_profile "
        "hs_logo_url hs_quick_context",
    ),
    **_of("number", "numberofemployees annualrevenue"),
    **_of("number", "twitterfollowers facebookfans", computed=True),
    **_of("datetime", "closedate", computed=True),
    **_of("bool", "is_public", options=("true", "false"), computed=True),
    **_of("enumeration", "type", options=("PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER")),
}
_CONTACT: Final = {
    **_COMMON,
    **_of("datetime", "lastmodifieddate", computed=True),
    **_of(
        "string",
        "firstname lastname salutation jobtitle phone mobilephone fax address city state zip country hs_language "
        "company website lifecyclestage hs_lead_status industry annualrevenue numemployees date_of_birth gender "
        "marital_status military_status degree field_of_study graduation_date school seniority start_date "
        "relationship_status work_email twitterhandle hs_persona hs_buying_role hs_legal_basis hs_timezone "
        "hs_linkedin_url job_function message company_size",
    ),
    **_of("string", "email", unique=True),
    **_of("string", "hs_additional_emails", computed=True),
    **_of("bool", "hs_email_optout", options=("true", "false"), computed=True),
}
_DEAL: Final = {
    **_COMMON,
    **_of(
        "string",
        "dealname description hs_next_step hs_priority closed_lost_reason closed_won_reason hs_campaign "
        "hs_all_collaborator_owner_ids pipeline dealstage deal_currency_code",
    ),
    **_of("number", "amount hs_forecast_probability"),
    **_of("datetime", "closedate"),
    **_of("datetime", "hs_v2_date_entered_current_stage", computed=True),
    **_of("enumeration", "dealtype", options=("newbusiness", "existingbusiness", "partnerled")),
    **_of("enumeration", "hs_manual_forecast_category", options=("OMIT", "PIPELINE", "BEST_CASE", "COMMIT", "CLOSED")),
    **_of(
        "number",
        "hs_tcv hs_acv hs_arr hs_mrr hs_forecast_amount hs_deal_score hs_exchange_rate amount_in_home_currency "
        "hs_projected_amount num_associated_contacts days_to_close hs_num_of_associated_line_items "
        "hs_primary_associated_company hs_deal_stage_probability",
        computed=True,
    ),
    **_of("string", "hs_is_closed_won hs_is_closed hs_analytics_source", computed=True),
}
_LINE: Final = {
    **_COMMON,
    **_of("string", "name description hs_product_id hs_sku hs_recurring_billing_period hs_line_item_currency_code"),
    **_of("number", "quantity price discount hs_discount_percentage hs_position_on_quote"),
    **_of("date", "hs_recurring_billing_start_date"),
    **_of("date", "hs_recurring_billing_end_date", computed=True),
    **_of(
        "enumeration", "recurringbillingfrequency",
        options=("weekly", "biweekly", "monthly", "quarterly", "per_six_months", "annually", "per_two_years",
                 "per_three_years", "per_four_years", "per_five_years"),
    ),
}  # fmt: skip
_CONTRACT: Final = {
    **_COMMON,
    **_of("string", "hs_name hs_currency_code hs_status"),
    **_of("date", "hs_contract_effective_date"),
}

STANDARD: Final[Mapping[str, Mapping[str, Property]]] = {
    "companies": _COMPANY,
    "contacts": _CONTACT,
    "deals": _DEAL,
    "line_items": _LINE,
    "contracts": _CONTRACT,
}

MODIFIED: Final = {"contacts": "lastmodifieddate"}
"""The property that says when a record changed, where it is not `hs_lastmodifieddate`."""

DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "deals": ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id",
              "pipeline"),
    "line_items": ("createdate", "hs_lastmodifieddate", "hs_object_id", "name", "price", "quantity"),
    "contracts": ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
}  # fmt: skip
"""What is told of a record although nobody asked for it."""


class Schema:
    """The properties of one account."""

    def __init__(self) -> None:
        self._properties = {name: dict(told) for name, told in STANDARD.items()}

    def of(self, object_type: str) -> dict[str, Property]:
        """The properties of an object; raises `Refused` for one that the account does not have."""
        try:
            return self._properties[object_type]
        except KeyError:
            raise Refused(400, "VALIDATION_ERROR", f"Unable to infer object type from: {object_type}") from None

    def one(self, object_type: str, name: str) -> Property:
        """One property; raises `Refused`."""
        found = self.of(object_type).get(name)
        if found is None:
            raise Refused(404, "OBJECT_NOT_FOUND", f"Property {name} does not exist", sub="PROPERTY_DOESNT_EXIST")
        return found

    def add(self, object_type: str, body: Mapping[str, Any]) -> Property:
        """A property of the account's own; raises `Refused` for one that is there."""
        name = str(body.get("name"))
        if name in self.of(object_type):
            raise Refused(409, "OBJECT_ALREADY_EXISTS", f"A property named '{name}' already exists.")
        options = tuple(str(one["value"]) for one in body.get("options", ()))
        made = Property(
            name=name, type=str(body.get("type")), options=options, unique=body.get("hasUniqueValue") is True
        )
        self.of(object_type)[name] = made
        return made

    def make_common(self, object_type: str, name: str) -> None:
        """Somebody made the property by hand, and not unique."""
        self.of(object_type)[name] = evolve(self.one(object_type, name), unique=False)
