"""One account as both sides see it together: people, sales, contracts, what is due, what contradicts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from clmcrm.bridge.checks import Finding, check_opportunity
from clmcrm.bridge.feedback import ContractTerms, contract_terms, terms_shown
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.crm.opportunity import Opportunity
from clmcrm.parties.access import Access, Shown
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact


@frozen(kw_only=True)
class AccountView:
    """Everything about `account` on a day; tuples are in the order of their ids."""

    account: Account
    contacts: tuple[Contact, ...]
    opportunities: tuple[Opportunity, ...]
    contracts: tuple[ContractTerms, ...]
    findings: tuple[Finding, ...]


def account_view(
    account: Account,
    as_of: date,
    *,
    contacts: Iterable[Contact] = (),
    opportunities: Iterable[Opportunity] = (),
    contracts: Iterable[Contract] = (),
    calendars: CalendarSource | None = None,
) -> AccountView:
    """The view of `account` on `as_of`, from records of any number of accounts.

    Findings are the contradictions of its open opportunities with any of the `contracts`.
    """
    book = list(contracts)
    mine = sorted((o for o in opportunities if o.account == account.id), key=lambda o: o.id)
    own = sorted((c for c in book if c.counterparty == account.id), key=lambda c: c.id)
    country = account.billing_address.country if account.billing_address else None
    findings = [
        finding for sale in mine if sale.is_open for finding in check_opportunity(sale, book, as_of, country=country)
    ]
    return AccountView(
        account=account,
        contacts=tuple(sorted((c for c in contacts if c.account == account.id), key=lambda c: c.id)),
        opportunities=tuple(mine),
        contracts=tuple(contract_terms(contract, as_of, calendars) for contract in own),
        findings=tuple(findings),
    )


@frozen(kw_only=True)
class AccountShown:
    """An `AccountView` as somebody may see it, record by record."""

    account: Shown
    contacts: tuple[Shown, ...]
    opportunities: tuple[Shown, ...]
    contracts: tuple[Shown, ...]
    findings: tuple[Shown, ...]


def account_shown(view: AccountView, access: Access) -> AccountShown:
    """The view as somebody with that `access` sees it; how many records there are is not withheld."""
    return AccountShown(
        account=access.visible(view.account, "account"),
        contacts=tuple(access.visible(contact, "contact") for contact in view.contacts),
        opportunities=tuple(access.visible(sale, "opportunity") for sale in view.opportunities),
        contracts=tuple(terms_shown(terms, access) for terms in view.contracts),
        findings=tuple(access.visible(finding, "finding") for finding in view.findings),
    )
