"""Everything both systems hold, as records, with contracts pointing at the CRM's accounts.

This is what reports and checks are made from: one book over two systems.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

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
from clmcrm.ports.records import Kind, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.values.ids import AccountId
from clmcrm.values.problems import Problem

T = TypeVar("T")


@frozen(kw_only=True)
class Book:
    """The records of both systems by id, and the ones that could not be understood.

    An account that only the CLM holds is there under the CLM's key; as "system:key" where the CRM has an account of
    that key too, which is another company. One whose linked account in the CRM is not there, or not understood, is
    there as the CLM has it, under the CRM's key.
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
    shown = yield from everything_flow(crm, Kind.ACCOUNT)
    accounts = _read(Account, shown, crm, problems)
    others = yield from _records(Account, clm, Kind.ACCOUNT, problems)
    linked = _linked(journal, {a.id for a in others})
    at = _Places(linked=linked, taken=frozenset(row.key for row in shown), clm=clm.system)
    there = {a.id for a in accounts}
    only_clm = [_placed(a, at) for a in others if linked.get(a.id) not in there]
    written = yield from _records(Contract, clm, Kind.CONTRACT, problems)
    contracts = [_pointed(c, at) for c in written]
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

    Raises `SyncError` for a feed that does not advance, or comes back to where it was.
    """
    return finished(everything_flow(system, kind))


def everything_flow(system: AnySystem, kind: str) -> Flow[tuple[Seen, ...]]:
    """The same as `everything`, as a flow for a driver."""
    if kind not in system.capabilities.kinds:
        return ()
    seen: dict[str, Seen] = {}
    cursor: str | None = None
    been: set[str] = set()
    while True:
        page = yield from answered(system.changes(kind, cursor))
        seen.update({row.key: row for row in page.seen})
        if not page.more:
            return tuple(row for _, row in sorted(seen.items()) if not row.gone and row.merged_into is None)
        if page.cursor in been:
            raise SyncError(f"{system.system}: the feed of {kind} does not advance beyond {cursor!r}")
        cursor = page.cursor
        been.add(cursor)


def _records(cls: type[T], system: AnySystem, kind: str, problems: list[Problem]) -> Flow[list[T]]:
    return _read(cls, (yield from everything_flow(system, kind)), system, problems)


def _read(cls: type[T], shown: Sequence[Seen], system: AnySystem, problems: list[Problem]) -> list[T]:
    found: list[T] = []
    for seen in shown:
        record = record_of(cls, seen, system.system)
        if isinstance(record, Problem):
            problems.append(record)
        else:
            found.append(record)
    return found


@frozen(kw_only=True)
class _Places:
    """Under which id the book has an account of the CLM: `linked` ones under the CRM's.

    `taken` are the keys of the CRM's accounts, understood or not. Both systems may count from one: an equal key
    proves nothing.
    """

    linked: Mapping[str, AccountId]
    taken: frozenset[str]
    clm: str

    def of(self, account: AccountId) -> AccountId:
        """The id in the book."""
        if account in self.linked:
            return self.linked[account]
        return AccountId(f"{self.clm}:{account}") if account in self.taken else account

    def of_any(self, account: AccountId | None) -> AccountId | None:
        """The same, None for None."""
        return None if account is None else self.of(account)


def _linked(journal: Journal, live: Collection[str]) -> dict[str, AccountId]:
    """The CRM's account for each of the CLM's, also for those that were merged into a linked one and are not `live`."""
    found: dict[str, AccountId] = {}
    for link in (known.link for known in journal.agreed(Kind.ACCOUNT)):
        if link.clm is not None and link.crm is not None:
            merged = (key for side, key in link.merged if side is Side.CLM and key not in live)
            keys = (link.clm, *merged)
            found.update(dict.fromkeys(keys, AccountId(link.crm)))
    return found


def _placed(account: Account, at: _Places) -> Account:
    """An account of the CLM's as the book has it."""
    own = at.of(account.id)
    # under an account that was merged into its own counterpart it is under none
    parent, survivor = (
        None if other == own else other for other in map(at.of_any, (account.parent, account.merged_into))
    )
    return attrs.evolve(account, id=own, parent=parent, merged_into=survivor)


def _pointed(contract: Contract, at: _Places) -> Contract:
    """The contract with the book's accounts wherever it names one of the CLM's, later ones too."""
    events = [
        attrs.evolve(each, to=at.of(each.to)) if isinstance(each, PartyAssigned) else each for each in contract.events
    ]
    amendments = [attrs.evolve(each, to_account=at.of_any(each.to_account)) for each in contract.amendments]
    account = at.of_any(contract.counterparty)
    return attrs.evolve(contract, counterparty=account, events=tuple(events), amendments=tuple(amendments))
