"""Everything both systems hold, as records, with contracts pointing at the CRM's accounts.

This is what reports and checks are made from: one book over two systems.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import PartyAssigned
from clmcrm.crm.opportunity import Opportunity
from clmcrm.errors import SyncError
from clmcrm.liaison.views import record_of
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.ports.calls import Flow, answered, finished
from clmcrm.ports.journal import Journal
from clmcrm.ports.records import Kind, Seen
from clmcrm.ports.systems import AnySystem
from clmcrm.values.ids import AccountId
from clmcrm.values.problems import Problem

T = TypeVar("T")


@frozen(kw_only=True)
class Book:
    """The records of both systems by id, and the ones that could not be understood.

    An account that only the CLM holds is there under the CLM's key.
    """

    accounts: tuple[Account, ...]
    contacts: tuple[Contact, ...]
    opportunities: tuple[Opportunity, ...]
    contracts: tuple[Contract, ...]
    problems: tuple[Problem, ...]

    @property
    def names(self) -> Mapping[AccountId, str]:
        """The name of each account by its id."""
        return {account.id: account.name for account in self.accounts}


def open_book(crm: AnySystem, clm: AnySystem, journal: Journal) -> Book:
    """Read both systems whole; contracts point at the CRM's accounts where the journal links them."""
    return finished(open_book_flow(crm, clm, journal))


def open_book_flow(crm: AnySystem, clm: AnySystem, journal: Journal) -> Flow[Book]:
    """The same as `open_book`, as a flow for a driver."""
    problems: list[Problem] = []
    to_crm = {
        known.link.clm: AccountId(known.link.crm)
        for known in journal.agreed(Kind.ACCOUNT)
        if known.link.clm is not None and known.link.crm is not None
    }
    accounts = yield from _records(Account, crm, Kind.ACCOUNT, problems)
    others = yield from _records(Account, clm, Kind.ACCOUNT, problems)
    only_clm = [a for a in others if a.id not in to_crm]
    written = yield from _records(Contract, clm, Kind.CONTRACT, problems)
    contracts = [_pointed(c, to_crm) for c in written]
    contacts = yield from _records(Contact, crm, Kind.CONTACT, problems)
    opportunities = yield from _records(Opportunity, crm, Kind.OPPORTUNITY, problems)
    return Book(
        accounts=tuple(sorted([*accounts, *only_clm], key=lambda a: a.id)),
        contacts=tuple(contacts),
        opportunities=tuple(opportunities),
        contracts=tuple(contracts),
        problems=tuple(problems),
    )


def everything(system: AnySystem, kind: str) -> tuple[Seen, ...]:
    """Every live record of `kind`, by key; none when the system does not hold the kind.

    Raises `SyncError` for a feed that does not advance.
    """
    return finished(everything_flow(system, kind))


def everything_flow(system: AnySystem, kind: str) -> Flow[tuple[Seen, ...]]:
    """The same as `everything`, as a flow for a driver."""
    if kind not in system.capabilities.kinds:
        return ()
    seen: dict[str, Seen] = {}
    cursor: str | None = None
    while True:
        page = yield from answered(system.changes(kind, cursor))
        seen.update({row.key: row for row in page.seen})
        if not page.more:
            return tuple(row for _, row in sorted(seen.items()) if not row.gone and row.merged_into is None)
        if page.cursor == cursor:
            raise SyncError(f"{system.system}: the feed of {kind} does not advance beyond {cursor!r}")
        cursor = page.cursor


def _records(cls: type[T], system: AnySystem, kind: str, problems: list[Problem]) -> Flow[list[T]]:
    found: list[T] = []
    for seen in (yield from everything_flow(system, kind)):
        record = record_of(cls, seen, system.system)
        if isinstance(record, Problem):
            problems.append(record)
        else:
            found.append(record)
    return found


def _pointed(contract: Contract, to_crm: Mapping[Any, AccountId]) -> Contract:
    """The contract with the CRM's accounts wherever it names one on the other side, later ones too."""
    events = [
        attrs.evolve(each, to=to_crm.get(each.to, each.to)) if isinstance(each, PartyAssigned) else each
        for each in contract.events
    ]
    amendments = [
        attrs.evolve(each, to_account=to_crm.get(each.to_account, each.to_account)) for each in contract.amendments
    ]
    account = to_crm.get(contract.counterparty, contract.counterparty)
    return attrs.evolve(contract, counterparty=account, events=tuple(events), amendments=tuple(amendments))
