"""One account as both sides see it together: people, sales, contracts, what is due, what contradicts.

The rule of the file: a view is made of records and of what is computed from them on a day; it holds nothing
of its own. With the whole group, what belongs to its members is in it too; a circle in the group is a
problem that is shown, never walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from attrs import field, frozen

from clmcrm.bridge.account_inputs import InvoiceSeen, InvoiceState
from clmcrm.bridge.commitment_use import CommitmentUse
from clmcrm.bridge.contract_card import OpenDuty, contract_card
from clmcrm.bridge.contract_family import ContractFamily, contract_family
from clmcrm.bridge.feedback import ContractTerms
from clmcrm.bridge.findings import Finding
from clmcrm.bridge.next_days import NextDay, is_live, next_days
from clmcrm.bridge.promise_index import PromiseIndex
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.deadlines import Purpose
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.prices.windows import Purchase
from clmcrm.crm.activity import Activity
from clmcrm.crm.case import OVER, Case
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.crm.satisfaction import SurveyAnswer
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.parties.hierarchy import Hierarchy, account_groups
from clmcrm.values.days import check_days
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.money import Money, total
from clmcrm.values.problems import Problem

T = TypeVar("T")


@frozen(kw_only=True)
class AccountRecords:
    """Records of any number of accounts that views are made from; what is not given is simply not shown.

    `accounts` are needed for groups. `purchases` are what was bought, by contract, and `ledgers` what was
    recorded of obligations.
    """

    accounts: tuple[Account, ...] = ()
    contacts: tuple[Contact, ...] = ()
    activities: tuple[Activity, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
    quotes: tuple[Quote, ...] = ()
    cases: tuple[Case, ...] = ()
    contracts: tuple[Contract, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    invoices: tuple[InvoiceSeen, ...] = ()
    satisfaction: tuple[SurveyAnswer, ...] = ()
    purchases: Mapping[ContractId, tuple[Purchase, ...]] = field(
        factory=dict[ContractId, tuple[Purchase, ...]], hash=False
    )
    ledgers: tuple[NormLedger, ...] = ()


@frozen(kw_only=True)
class AccountSums:
    """Amounts by currency, never added across: open pipeline, annual value in force, unpaid and overdue invoices.

    An invoice that is issued later is not unpaid yet.
    """

    pipeline: tuple[Money, ...] = ()
    annual_value: tuple[Money, ...] = ()
    unpaid: tuple[Money, ...] = ()
    overdue: tuple[Money, ...] = ()


@frozen(kw_only=True)
class AccountView:
    """Everything about `account` on a day; tuples are in the order of their ids unless said otherwise.

    `group` are the accounts the view covers (the account alone, with what was merged into it, or with its group),
    `head` the group's head (None: not known, or a circle). `activities` come latest first, `days` in time order.
    `findings` are the contradictions of open sales and live quotes with any contract in force, `problems` what is
    wrong in the records themselves.
    """

    account: Account
    as_of: date | None = None
    head: AccountId | None = None
    group: tuple[Account, ...] = ()
    contacts: tuple[Contact, ...] = ()
    activities: tuple[Activity, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
    quotes: tuple[Quote, ...] = ()
    cases: tuple[Case, ...] = ()
    contracts: tuple[ContractTerms, ...] = ()
    family: ContractFamily = field(factory=lambda: ContractFamily(members=(), problems=()))
    commitments: tuple[CommitmentUse, ...] = ()
    duties: tuple[OpenDuty, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    invoices: tuple[InvoiceSeen, ...] = ()
    satisfaction: tuple[SurveyAnswer, ...] = ()
    sums: AccountSums = field(factory=AccountSums)
    days: tuple[NextDay, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def open_cases(self) -> tuple[Case, ...]:
        """The cases that were opened by the day and are not over: closed later, or neither resolved nor closed."""
        return tuple(case for case in self.cases if _is_open(case, self.as_of or date.max))

    def __str__(self) -> str:
        """The account on one line: what runs, what is open, what comes next."""
        counted = {
            "contract": len(self.contracts),
            "open sale": sum(sale.is_open for sale in self.opportunities),
            "open case": len(self.open_cases),
            "dispute": len(self.disputes),
        }
        parts = [f"{number} {what}{'' if number == 1 else 's'}" for what, number in counted.items()]
        coming = next((one for one in self.days if not one.late), None)
        then = "" if coming is None else f"; next {coming.day}: {coming.what.en}"
        return f"{self.account.name}: {', '.join(parts)}{then}"


def account_view(
    account: Account,
    as_of: date,
    *,
    records: AccountRecords | None = None,
    contacts: Iterable[Contact] = (),
    opportunities: Iterable[Opportunity] = (),
    contracts: Iterable[Contract] = (),
    calendars: CalendarSource | None = None,
    whole_group: bool = False,
) -> AccountView:
    """The view of `account` on `as_of`, from records of any number of accounts.

    `records` holds all kinds of them; `contacts`, `opportunities` and `contracts` may be given alone instead and
    are added to it; a record that is given twice is there once. `whole_group` takes in every account of its group
    (that of its head), and contracts with any member then count as the account's own. Instants are compared with
    the end of `as_of` in UTC.
    """
    check_days("account_view", as_of=as_of)
    given = records or AccountRecords()
    book = _once([*given.contracts, *contracts])
    members, head, problems = _group(account, given.accounts, whole=whole_group)
    ids = {member.id for member in members}
    heads = dict.fromkeys(ids, head if whole_group and head is not None else account.id)

    def own(rows: Iterable[T], key: Callable[[T], Any] = _id) -> tuple[T, ...]:
        return tuple(sorted(_once(row for row in rows if getattr(row, "account", None) in ids), key=key))

    sales, quotes = own([*given.opportunities, *opportunities]), own(given.quotes)
    mine = sorted((c for c in book if counterparty_on(c, as_of) in ids), key=_id)
    told = {ledger.contract: ledger for ledger in given.ledgers}
    cards = [
        contract_card(
            contract, as_of, calendars, purchases=given.purchases.get(contract.id, ()), disputes=given.disputes,
            ledger=told.get(contract.id),
        )
        for contract in mine
    ]  # fmt: skip
    terms = tuple(card.terms for card in cards)
    duties = tuple(duty for card in cards for duty in card.duties)
    until = datetime.combine(as_of, datetime.max.time(), UTC)
    activities = own(given.activities, lambda a: (a.started_at is None, -_seconds(a.started_at), a.id))
    index = PromiseIndex(book, as_of, heads=heads) if book else None
    family = contract_family(mine)
    invoices = own(given.invoices)
    return AccountView(
        account=account,
        as_of=as_of,
        head=head,
        group=members,
        contacts=own([*given.contacts, *contacts]),
        activities=tuple(a for a in activities if a.started_at is None or a.started_at <= until or not a.is_done),
        opportunities=sales,
        quotes=quotes,
        cases=own(given.cases),
        contracts=terms,
        family=family,
        commitments=tuple(use for card in cards for use in card.commitments),
        duties=duties,
        disputes=tuple(dispute for card in cards for dispute in card.disputes),
        invoices=invoices,
        satisfaction=own(given.satisfaction, lambda s: (s.on, s.survey, s.account)),
        sums=_sums(sales, terms, invoices, as_of),
        days=next_days(
            as_of,
            contracts=terms,
            duties=duties,
            activities=activities,
            opportunities=sales,
            quotes=quotes,
            ending=[card.terms.id for card in cards if card.purpose is Purpose.RENEW],
        ),
        findings=() if index is None else _findings(index, members, sales, quotes, as_of),
        problems=(*problems, *family.problems),
    )


def _once(rows: Iterable[T]) -> list[T]:
    """The records in their order, each once; those without an id are told apart by nothing and all stay."""
    by_id: dict[str, list[T]] = {}
    found: list[T] = []
    for row in rows:
        alike = by_id.setdefault(_id(row), [])
        if not _id(row) or row not in alike:
            alike.append(row)
            found.append(row)
    return found


def _id(record: object) -> str:
    return str(getattr(record, "id", ""))


def _is_open(case: Case, day: date) -> bool:
    if case.opened_at is not None and case.opened_at.date() > day:
        return False
    return case.status not in OVER if case.closed_at is None else case.closed_at.date() > day


def _seconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())


def _group(
    account: Account, accounts: tuple[Account, ...], *, whole: bool
) -> tuple[tuple[Account, ...], AccountId | None, tuple[Problem, ...]]:
    """The accounts the view covers, the head of the group, and the circles this account is caught in."""
    held = {one.id: one for one in (*accounts, account)}
    tree = account_groups(held.values())
    try:
        head = tree.root(account.id)
    except InvalidRecord as circle:
        caught = set(str(circle.value).split(" under "))
        return (account,), None, tuple(p for p in tree.problems() if set(p.value.split(" under ")) & caught)
    problems = tuple(p for p in tree.problems() if p.where == account.id)
    merged = Hierarchy({one.id: one.merged_into for one in held.values()})
    below = (head, *tree.descendants(head)) if whole else (account.id, *merged.descendants(account.id))
    members = tuple(held[id_] for id_ in sorted(below) if id_ in held)
    return members, head, problems


def _findings(
    index: PromiseIndex,
    members: Iterable[Account],
    sales: Iterable[Opportunity],
    quotes: Iterable[Quote],
    as_of: date,
) -> tuple[Finding, ...]:
    """What the offers of `members` contradict, each looked at in the country of its own account."""
    billed = {one.id: one.billing_address.country for one in members if one.billing_address}
    found: list[Finding] = []
    for sale in sales:
        if sale.is_open and sale.account is not None:
            found.extend(index.check_opportunity(sale, country=billed.get(sale.account)))
    for quote in quotes:
        if is_live(quote, as_of) and quote.account is not None:
            found.extend(index.check_quote(quote, country=billed.get(quote.account)))
    return tuple(found)


def _sums(
    sales: Iterable[Opportunity], terms: Iterable[ContractTerms], invoices: Iterable[InvoiceSeen], as_of: date
) -> AccountSums:
    issued = [invoice for invoice in invoices if invoice.issued_on <= as_of]
    unpaid = [i for i in issued if i.state_on(as_of) in (InvoiceState.OPEN, InvoiceState.OVERDUE)]
    running = {"in_effect", "suspended", "unassigned"}
    return AccountSums(
        pipeline=_by_currency(sale.amount for sale in sales if sale.is_open and sale.amount is not None),
        annual_value=_by_currency(money for one in terms if one.stage in running for money in one.annual_value),
        unpaid=_by_currency(invoice.amount for invoice in unpaid),
        overdue=_by_currency(i.amount for i in unpaid if i.state_on(as_of) is InvoiceState.OVERDUE),
    )


def _by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    parted: dict[str, list[Money]] = {}
    for amount in amounts:
        parted.setdefault(amount.currency.code, []).append(amount)
    return tuple(total(parts, code) for code, parts in sorted(parted.items()))
