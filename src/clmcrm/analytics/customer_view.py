"""The facts of one customer across both wings: sales and service on one side, contracts on the other.

The rule of the file: it only gathers. Every number here is one that a room below works out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import field, frozen

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.hindsight import as_known
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.norms.contract_life import known_by
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.obligation_chart import ObligationState
from clmcrm.clm.notice import calendar_of, last_day_in_force, next_notice_deadline
from clmcrm.clm.prices.in_force import annual_recurring_value
from clmcrm.clm.renewals import terms
from clmcrm.clm.stages import ACTIVE
from clmcrm.clm.term_plans import TermKind
from clmcrm.crm.activity import Activity
from clmcrm.crm.campaign import Campaign
from clmcrm.crm.case import Case
from clmcrm.crm.customer_facts import AgreedFacts, CustomerFacts, behaviour_facts, relationship_facts
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.satisfaction import SurveyAnswer
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.values.conversion import DatedAmount, in_one_currency
from clmcrm.values.currencies import Currency
from clmcrm.values.days import check_days
from clmcrm.values.money import Money, total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable

_OVERDUE = frozenset({ObligationState.BREACHED, ObligationState.UNCURED})
_MUTUAL = frozenset({Party.EITHER, Party.BOTH})
"""What both sides owe, or either may do, is overdue on each."""


@frozen(kw_only=True)
class Records:
    """Everything on record that a customer's facts are read from; what is not given counts as none."""

    contacts: tuple[Contact, ...] = field(default=())
    opportunities: tuple[Opportunity, ...] = field(default=())
    activities: tuple[Activity, ...] = field(default=())
    campaigns: tuple[Campaign, ...] = field(default=())
    cases: tuple[Case, ...] = field(default=())
    answers: tuple[SurveyAnswer, ...] = field(default=())
    contracts: tuple[Contract, ...] = field(default=())
    disputes: tuple[Dispute, ...] = field(default=())


def customer_facts(
    account: Account,
    records: Records,
    as_of: date,
    code: str | Currency,
    rates: RateTable | None = None,
    *,
    calendars: CalendarSource | None = None,
) -> CustomerFacts:
    """The facts of `account` on `as_of`, amounts in the currency `code`.

    >>> from clmcrm.values.ids import AccountId
    >>> customer_facts(Account(id=AccountId("a"), name="D"), Records(), date(2026, 1, 1), "EUR").contracts.in_force
    0
    """
    check_days("customer_facts", as_of=as_of)
    people = [contact.id for contact in records.contacts if contact.account == account.id]
    return CustomerFacts(
        account=account,
        as_of=as_of,
        relationship=relationship_facts(
            account, records.opportunities, records.activities, as_of, code=code, rates=rates
        ),
        contracts=agreed_facts(
            account, records.contracts, as_of, code, rates, disputes=records.disputes, calendars=calendars
        ),
        behaviour=behaviour_facts(
            account,
            as_of,
            cases=records.cases,
            answers=records.answers,
            campaigns=records.campaigns,
            people=people,
        ),
    )


def agreed_facts(
    account: Account,
    contracts: Iterable[Contract],
    as_of: date,
    code: str | Currency,
    rates: RateTable | None = None,
    *,
    disputes: Iterable[Dispute] = (),
    calendars: CalendarSource | None = None,
) -> AgreedFacts:
    """What is agreed with `account` on `as_of`: contracts in effect, at that day's rates.

    What was recorded after `as_of` does not count, an amendment that reaches back among it. `yearly_value` is None
    when a part of it has no rate. Raises `InvalidRecord` for an `as_of` that is no day.

    >>> from clmcrm.values.ids import AccountId
    >>> agreed_facts(Account(id=AccountId("a"), name="D"), [], date(2026, 1, 1), "EUR").yearly_value
    Money('0.00', 'EUR')
    """
    check_days("agreed_facts", as_of=as_of)
    held = [c for c in contracts if counterparty_on(c, as_of) == account.id and stage_of(c, as_of).stage in ACTIVE]
    mine = [known_by(contract, as_of) for contract in held]
    numbers = {contract.id for contract in mine}
    overdue = [_overdue(contract, as_of, calendars) for contract in mine]
    return AgreedFacts(
        in_force=len(mine),
        kinds=tuple(sorted({contract.kind.value for contract in mine})),
        yearly_value=_yearly(mine, as_of, code, rates),
        days_to_notice=_soonest((_notice_day(contract, as_of, calendars) for contract in mine), as_of),
        days_to_end=_soonest((last_day_in_force(contract, as_of, calendars) for contract in mine), as_of),
        renewals=sum(_renewals(contract, as_of) for contract in mine),
        overdue_ours=sum(ours for ours, _ in overdue),
        overdue_theirs=sum(theirs for _, theirs in overdue),
        open_disputes=sum(d.contract in numbers and d.open_on(as_of) for d in disputes),
    )


def _yearly(contracts: Iterable[Contract], as_of: date, code: str | Currency, rates: RateTable | None) -> Money | None:
    items = [
        DatedAmount(record=str(contract), amount=amount, on=as_of)
        for contract in contracts
        for amount in annual_recurring_value(contract, as_of)
    ]
    found = in_one_currency(items, code, rates)
    return None if found.left_out else total((money for _, money in found.amounts), code)


def _notice_day(contract: Contract, as_of: date, calendars: CalendarSource | None) -> date | None:
    answer = next_notice_deadline(contract, as_of, calendars)
    return answer.last_day if isinstance(answer, Deadline) else None


def _soonest(days: Iterable[date | Unknown | None], as_of: date) -> int | None:
    known = [day for day in days if isinstance(day, date) and day >= as_of]
    return (min(known) - as_of).days if known else None


def _renewals(contract: Contract, as_of: date) -> int:
    found = terms(as_known(contract, as_of), as_of)
    return 0 if isinstance(found, Unknown) else sum(term.kind is TermKind.RENEWAL for term in found)


def _overdue(contract: Contract, as_of: date, calendars: CalendarSource | None) -> tuple[int, int]:
    if not contract.obligations:
        return 0, 0
    sides = {obligation.id: obligation.obligor for obligation in contract.obligations}
    reading = norms_of(contract, NormLedger(contract=contract.id), as_of, calendar=calendar_of(contract, calendars))
    late = [sides[s.obligation] for s in reading.obligations if s.state in _OVERDUE]
    mutual = sum(side in _MUTUAL for side in late)
    return late.count(Party.OWN) + mutual, late.count(Party.COUNTERPARTY) + mutual
