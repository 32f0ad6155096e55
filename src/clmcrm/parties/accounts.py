"""An account: an organisation (or a person in business) with which one may contract.

Groups hang together by `parent`; a record that another system merged away keeps its successor in
`merged_into`, so that nothing that still names it is lost.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import attrs
from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.parties.addresses import Address
from clmcrm.parties.codes import country_code, email_address, language_tag
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.ids import AccountId, OrgUnitId, UserId
from clmcrm.values.money import Money
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, flag, instance, maybe, member, plain_date, text


class AccountKind(StrEnum):
    """What the organisation is to us; which side of a contract it stands on, the contract says."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    PARTNER = "partner"
    RESELLER = "reseller"
    COMPETITOR = "competitor"
    INVESTOR = "investor"
    AUTHORITY = "authority"
    OWN_COMPANY = "own company"
    OTHER = "other"


@frozen(kw_only=True)
class Account(Record):
    """An organisation, as the union of what CRM and CLM systems know of it.

    `kind` is None when the source does not say, and `kind_raw` its own word. `legal_name` is the name in
    the register (with its legal form), `registration_number` the register's number (SIREN, HRB, company
    number), `vat_number` the tax number with its country prefix. `parent` is the account above it in the
    group, `merged_into` the record that replaced it, `revenue` a yearly turnover, `unit` the unit of ours
    that looks after it, `currency` the one it is usually billed in, `country` its seat (ISO 3166-1
    alpha-2), `created_on` the day the source first recorded it. None always means that it is not stated.

    Raises `InvalidRecord` for an account that is its own parent or its own successor.

    >>> Account(id=AccountId("a1"), name="Durand", legal_name="Durand SAS", country="FR").name
    'Durand'
    """

    id: AccountId = field(validator=text)
    name: str = field(validator=text)
    kind: AccountKind | None = field(default=None, validator=maybe(member(AccountKind)))
    kind_raw: str | None = field(default=None, validator=maybe(text))
    legal_name: str | None = field(default=None, validator=maybe(text))
    legal_form: str | None = field(default=None, validator=maybe(text))
    registration_number: str | None = field(default=None, validator=maybe(text))
    vat_number: str | None = field(default=None, validator=maybe(text))
    industry: str | None = field(default=None, validator=maybe(text))
    description: str | None = field(default=None, validator=maybe(text))
    website: str | None = field(default=None, validator=maybe(text))
    phone: str | None = field(default=None, validator=maybe(text))
    email: str | None = field(default=None, validator=maybe(email_address))
    parent: AccountId | None = field(default=None, validator=maybe(text))
    merged_into: AccountId | None = field(default=None, validator=maybe(text))
    employees: int | None = field(default=None, validator=maybe(count))
    revenue: Money | None = field(default=None, validator=maybe(instance(Money)))
    billing_address: Address | None = field(default=None, validator=maybe(instance(Address)))
    shipping_address: Address | None = field(default=None, validator=maybe(instance(Address)))
    owner: UserId | None = field(default=None, validator=maybe(text))
    unit: OrgUnitId | None = field(default=None, validator=maybe(text))
    currency: Currency | None = field(default=None, converter=attrs.converters.optional(currency))
    language: str | None = field(default=None, validator=maybe(language_tag))
    country: str | None = field(default=None, validator=maybe(country_code))
    lead_source: str | None = field(default=None, validator=maybe(text))
    tags: tuple[str, ...] = field(default=(), validator=each(text))
    active: bool = field(default=True, validator=flag)
    created_on: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        for name, other in (("parent", self.parent), ("merged_into", self.merged_into)):
            if other == self.id:
                raise InvalidRecord(f"Account {self.id}", name, other, "another account")
