"""A lead: someone who may become a customer, before there is an account or a sale.

A converted lead keeps what it became, so that its source can be credited later.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import attrs
from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.parties.addresses import Address
from clmcrm.parties.codes import email_address, language_tag
from clmcrm.parties.contacts import Consent, Phone
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import AccountId, CampaignId, ContactId, LeadId, OpportunityId, UserId
from clmcrm.values.money import Money
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, instance, maybe, member, plain_date, share, text


class LeadStatus(StrEnum):
    """Where a lead stands; UNKNOWN keeps a source's word that has no counterpart beside it."""

    NEW = "new"
    WORKING = "working"
    QUALIFIED = "qualified"
    DISQUALIFIED = "disqualified"
    CONVERTED = "converted"
    UNKNOWN = "unknown"


class LeadRating(StrEnum):
    """How promising the lead is held to be."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


@frozen(kw_only=True)
class Lead(Record):
    """A possible customer, as the union of what CRM systems know.

    `name` is the lead's own title or the person's whole name. `expected_amount` is what it may bring (in
    `currency`, which Odoo's leads only have through their company), `probability` from 0 to 1, `score` a
    scoring model's points. `converted_*` say what it became and when; they are given only for a converted
    lead. `created_on` is the day the source first recorded it. None always means that it is not stated.

    Raises `InvalidRecord` for a lead without any name, or one that is not converted and yet became
    something.
    """

    id: LeadId = field(validator=text)
    name: str | None = field(default=None, validator=maybe(text))
    given_name: str | None = field(default=None, validator=maybe(text))
    family_name: str | None = field(default=None, validator=maybe(text))
    company_name: str | None = field(default=None, validator=maybe(text))
    job_title: str | None = field(default=None, validator=maybe(text))
    industry: str | None = field(default=None, validator=maybe(text))
    employees: int | None = field(default=None, validator=maybe(count))
    revenue: Money | None = field(default=None, validator=maybe(instance(Money)))
    website: str | None = field(default=None, validator=maybe(text))
    emails: tuple[str, ...] = field(default=(), validator=each(email_address))
    phones: tuple[Phone, ...] = field(default=(), validator=each(instance(Phone)))
    address: Address | None = field(default=None, validator=maybe(instance(Address)))
    language: str | None = field(default=None, validator=maybe(language_tag))
    consents: tuple[Consent, ...] = field(default=(), validator=each(instance(Consent)))
    owner: UserId | None = field(default=None, validator=maybe(text))
    status: LeadStatus = field(default=LeadStatus.UNKNOWN, validator=member(LeadStatus))
    status_raw: str | None = field(default=None, validator=maybe(text))
    rating: LeadRating | None = field(default=None, validator=maybe(member(LeadRating)))
    score: int | None = field(default=None, validator=maybe(count))
    probability: Decimal | None = field(default=None, validator=maybe(share))
    expected_amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    currency: Currency | None = field(default=None, converter=attrs.converters.optional(currency))
    source: str | None = field(default=None, validator=maybe(text))
    medium: str | None = field(default=None, validator=maybe(text))
    campaign: CampaignId | None = field(default=None, validator=maybe(text))
    loss_reason: str | None = field(default=None, validator=maybe(text))
    description: str | None = field(default=None, validator=maybe(text))
    tags: tuple[str, ...] = field(default=(), validator=each(text))
    created_on: date | None = field(default=None, validator=maybe(plain_date))
    converted_on: date | None = field(default=None, validator=maybe(plain_date))
    converted_account: AccountId | None = field(default=None, validator=maybe(text))
    converted_contact: ContactId | None = field(default=None, validator=maybe(text))
    converted_opportunity: OpportunityId | None = field(default=None, validator=maybe(text))

    def __attrs_post_init__(self) -> None:
        label = f"Lead {self.id}"
        if not (self.name or self.family_name or self.given_name or self.company_name):
            raise InvalidRecord(label, "name", None, "a name, a person's name or a company's name")
        became = (
            ("converted_on", self.converted_on),
            ("converted_account", self.converted_account),
            ("converted_contact", self.converted_contact),
            ("converted_opportunity", self.converted_opportunity),
        )
        for attribute, value in became:
            if value is not None and not self.is_converted:
                raise InvalidRecord(label, attribute, value, f"None while the lead is {self.status.value}")

    @property
    def is_converted(self) -> bool:
        """Whether it became an account, a contact or a sale."""
        return self.status is LeadStatus.CONVERTED
