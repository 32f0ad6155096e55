"""What the salesperson already knows of the contract that will follow, before there is one.

These facts are wishes of the sale, not clauses: the contract's own record holds what was agreed.
"""

from __future__ import annotations

from datetime import date

import attrs
from attrs import frozen

from clmcrm.parties.addresses import Address
from clmcrm.parties.codes import language_tag
from clmcrm.parties.contacts import PersonRole
from clmcrm.values.ids import AccountId, ContractId, OrgUnitId
from clmcrm.values.partial import NOT_STATED, DayFact, PartialDate, Unknown
from clmcrm.values.record import Record
from clmcrm.values.tenor import Tenor
from clmcrm.values.validators import count, each, instance, maybe, text


@frozen(kw_only=True)
class WantedTerms(Record):
    """The contract facts that an opportunity and a quote share.

    `contract_kind_wanted` is the value of the clm wing's ContractKind and `renewal_wanted` that of its
    RenewalKind, as text: the wings do not import each other. `signature_expected_on` and `start_wanted_on`
    may be partly known. `initial_term`, `minimum_term`, `renewal_term` and `notice_wanted` keep the unit
    the salesperson wrote; `max_renewals` 0 means none, None that it is not stated. `payment_within` is the
    time an invoice may stay unpaid, `payment_terms` the same in the source's words ("end of month").
    `seller` is the company of ours that would sign and `billing_account` the account that is invoiced,
    where it is not the customer itself. `contacts` are the people and their parts, signatories among them.
    `contract` is the contract that came of it. None always means that it is not stated.
    """

    contract_kind_wanted: str | None = attrs.field(default=None, validator=maybe(text))
    signature_expected_on: DayFact = attrs.field(default=NOT_STATED, validator=instance(date, PartialDate, Unknown))
    start_wanted_on: DayFact = attrs.field(default=NOT_STATED, validator=instance(date, PartialDate, Unknown))
    initial_term: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    minimum_term: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    renewal_wanted: str | None = attrs.field(default=None, validator=maybe(text))
    renewal_term: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    max_renewals: int | None = attrs.field(default=None, validator=maybe(count))
    notice_wanted: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    payment_within: Tenor | None = attrs.field(default=None, validator=maybe(instance(Tenor)))
    payment_terms: str | None = attrs.field(default=None, validator=maybe(text))
    special_terms: str | None = attrs.field(default=None, validator=maybe(text))
    purchase_order: str | None = attrs.field(default=None, validator=maybe(text))
    billing_address: Address | None = attrs.field(default=None, validator=maybe(instance(Address)))
    shipping_address: Address | None = attrs.field(default=None, validator=maybe(instance(Address)))
    language: str | None = attrs.field(default=None, validator=maybe(language_tag))
    seller: OrgUnitId | None = attrs.field(default=None, validator=maybe(text))
    billing_account: AccountId | None = attrs.field(default=None, validator=maybe(text))
    contacts: tuple[PersonRole, ...] = attrs.field(default=(), validator=each(instance(PersonRole)))
    contract: ContractId | None = attrs.field(default=None, validator=maybe(text))
