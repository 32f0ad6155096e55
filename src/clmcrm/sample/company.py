"""Aubry & Thorne, an invented maker of cold-chain monitoring, as its CRM and its CLM know it.

Each system has its own keys: accounts are "A-..." in the CRM and "P-..." in the CLM. The files are written
in the CRM's keys, with the CLM's beside them; contracts are the CLM's own and speak its keys throughout.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, TypeVar

import attrs
from attrs import field, frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.product import Product
from clmcrm.crm.quote import Quote
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.parties.org_units import OrgUnit
from clmcrm.parties.users import User
from clmcrm.ports.records import Kind, Side
from clmcrm.sample.edits import Edit, edited, read_edits
from clmcrm.sample.files import records_of
from clmcrm.sample.keys import Keys, read_both
from clmcrm.values.ids import AccountId, OrgUnitId
from clmcrm.values.rates import Rate

NAME: Final = "Aubry & Thorne"

SAMPLE_TODAY: Final = date(2026, 11, 23)
"""The day the sample is about: a Monday."""

CONTRACT_FILES: Final = ("contracts_customers.toml", "contracts_drafts.toml", "contracts_others.toml")

W = TypeVar("W", bound=Opportunity | Quote)


@frozen(kw_only=True)
class Holdings:
    """What one system holds, in its own keys; opportunities are the CRM's, contracts the CLM's."""

    org_units: tuple[OrgUnit, ...]
    accounts: tuple[Account, ...]
    contacts: tuple[Contact, ...]
    opportunities: tuple[Opportunity, ...] = ()
    contracts: tuple[Contract, ...] = ()


@frozen(kw_only=True)
class Company:
    """The whole sample.

    `crm` and `clm` are what each system holds on `today`; `baseline_crm` and `baseline_clm` what they held
    a week before, when both agreed; `edits` what persons did since. `keys` maps the CRM's keys to the
    CLM's. `users`, `products` and `quotes` are the CRM's, `disputes` the CLM's; `rates` are dated.
    """

    name: str
    today: date
    crm: Holdings
    clm: Holdings
    baseline_crm: Holdings
    baseline_clm: Holdings
    edits: tuple[Edit, ...]
    keys: Keys = field(repr=False)
    users: tuple[User, ...]
    products: tuple[Product, ...]
    quotes: tuple[Quote, ...]
    disputes: tuple[Dispute, ...]
    rates: tuple[Rate, ...]

    @property
    def accounts_crm(self) -> tuple[Account, ...]:
        """The accounts of the CRM, on the day."""
        return self.crm.accounts

    @property
    def accounts_clm(self) -> tuple[Account, ...]:
        """The accounts of the CLM, on the day."""
        return self.clm.accounts

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The contacts of the CRM, on the day."""
        return self.crm.contacts

    @property
    def org_units(self) -> tuple[OrgUnit, ...]:
        """The org units of the CRM, on the day."""
        return self.crm.org_units

    @property
    def opportunities(self) -> tuple[Opportunity, ...]:
        """The opportunities, on the day."""
        return self.crm.opportunities

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """The contracts, with the events recorded up to the day."""
        return self.clm.contracts


def load_company() -> Company:
    """The sample company: the same values at every call.

    Raises `UnreadableInput` or `InvalidRecord`, naming file, record and field, for an edited file that
    cannot be read.

    >>> load_company().today
    datetime.date(2026, 11, 23)
    """
    crm, clm, keys = _baseline()
    edits = read_edits()
    return Company(
        name=NAME,
        today=SAMPLE_TODAY,
        crm=_today(crm, edits, Side.CRM),
        clm=_today(clm, edits, Side.CLM),
        baseline_crm=crm,
        baseline_clm=clm,
        edits=edits,
        keys=keys,
        users=records_of(User, "users.toml", "user"),
        products=records_of(Product, "products.toml", "product"),
        quotes=records_of(Quote, "quotes.toml", "quote"),
        disputes=records_of(Dispute, "disputes.toml", "dispute"),
        rates=records_of(Rate, "rates.toml", "rate"),
    )


def in_clm_keys(company: Company, sale: W) -> W:
    """An opportunity or a quote with its account and unit under the CLM's keys, to hold against contracts.

    What the CLM does not know keeps the CRM's key.
    """
    return attrs.evolve(
        sale,
        account=AccountId(company.keys.in_clm(Kind.ACCOUNT, sale.account)) if sale.account else None,
        unit=OrgUnitId(company.keys.in_clm(Kind.ORG_UNIT, sale.unit)) if sale.unit else None,
    )


def country_of(company: Company, sale: Opportunity | Quote) -> str | None:
    """The country of the account a sale is made to; None when it has none, or states no country."""
    return next((a.country for a in company.crm.accounts if a.id == sale.account), None)


def _baseline() -> tuple[Holdings, Holdings, Keys]:
    keys = Keys()
    units = read_both(OrgUnit, "org_units.toml", Kind.ORG_UNIT, keys)
    accounts = read_both(Account, "accounts.toml", Kind.ACCOUNT, keys)
    contacts = read_both(Contact, "contacts.toml", Kind.CONTACT, keys)
    crm = Holdings(
        org_units=units.crm,
        accounts=accounts.crm,
        contacts=contacts.crm,
        opportunities=records_of(Opportunity, "opportunities.toml", "opportunity"),
    )
    contracts = tuple(c for file in CONTRACT_FILES for c in records_of(Contract, file, "contract"))
    clm = Holdings(org_units=units.clm, accounts=accounts.clm, contacts=contacts.clm, contracts=contracts)
    return crm, clm, keys


def _today(before: Holdings, edits: Iterable[Edit], side: Side) -> Holdings:
    made = tuple(edits)
    return Holdings(
        org_units=edited(before.org_units, OrgUnit, made, side, Kind.ORG_UNIT),
        accounts=edited(before.accounts, Account, made, side, Kind.ACCOUNT),
        contacts=edited(before.contacts, Contact, made, side, Kind.CONTACT),
        opportunities=edited(before.opportunities, Opportunity, made, side, Kind.OPPORTUNITY),
        contracts=edited(before.contracts, Contract, made, side, Kind.CONTRACT),
    )
