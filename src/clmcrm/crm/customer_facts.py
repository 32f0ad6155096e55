"""What is known of one customer on a day, in one record that conditions can be put to.

The rule of the file: three parts, relationship, contracts and behaviour. The contract part is given as plain
values, because the wings do not know each other; `clmcrm.analytics.customer_view` fills it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from attrs import field, frozen

from clmcrm.crm.activity import Activity
from clmcrm.crm.campaign import Campaign
from clmcrm.crm.case import OVER, Case, SlaState, resolution_state
from clmcrm.crm.closed_sales import sale_amounts
from clmcrm.crm.follow_ups import interactions, moment
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.satisfaction import Survey, SurveyAnswer
from clmcrm.parties.accounts import Account
from clmcrm.values.currencies import Currency
from clmcrm.values.days import check_days
from clmcrm.values.ids import ContactId
from clmcrm.values.money import Money, total
from clmcrm.values.rates import RateTable
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, instance, maybe, plain_date, text

_YEAR: Final = timedelta(days=365)


@frozen(kw_only=True)
class RelationshipFacts:
    """Sales and contact: open and won sales, what was won in the last 365 days, the days since we spoke.

    A sale that was closed after the day was open on it, and one begun after the day was not there yet. `undated_wins`
    are won sales whose closing day is not stated: they are no part of `won_sales`, and while there are any,
    `won_amount` and `customer_since` are None. `won_amount` is also None when some won amount of the year is not stated
    or has no rate: a part of it would mislead. `days_since_contact` is None when no contact is on record,
    `customer_since` before the first won sale.
    """

    open_sales: int = field(default=0, validator=count)
    won_sales: int = field(default=0, validator=count)
    undated_wins: int = field(default=0, validator=count)
    won_amount: Money | None = field(default=None, validator=maybe(instance(Money)))
    customer_since: date | None = field(default=None, validator=maybe(plain_date))
    days_since_contact: int | None = field(default=None, validator=maybe(count))


@frozen(kw_only=True)
class AgreedFacts:
    """Contracts in force: how many and of which kinds, their yearly value, the next days, what is open.

    `days_to_notice` and `days_to_end` are to the next last day for notice and the next end, None when there is
    none or it is not known. `overdue_ours` and `overdue_theirs` are obligations overdue on each side; what both owe is
    overdue on both.
    """

    in_force: int = field(default=0, validator=count)
    kinds: tuple[str, ...] = field(default=(), validator=each(text))
    yearly_value: Money | None = field(default=None, validator=maybe(instance(Money)))
    days_to_notice: int | None = field(default=None, validator=maybe(count))
    days_to_end: int | None = field(default=None, validator=maybe(count))
    renewals: int = field(default=0, validator=count)
    overdue_ours: int = field(default=0, validator=count)
    overdue_theirs: int = field(default=0, validator=count)
    open_disputes: int = field(default=0, validator=count)


@frozen(kw_only=True)
class BehaviourFacts:
    """What the customer does: cases, late solutions, answers to campaigns and surveys, in the last 365 days.

    `open_cases` are those not solved on the day, whenever they began, also where that is not stated; `late_cases` are
    those solved by then, and late.
    `nps` and `csat` are the latest answers of these days, None without one.
    """

    open_cases: int = field(default=0, validator=count)
    cases: int = field(default=0, validator=count)
    late_cases: int = field(default=0, validator=count)
    campaign_answers: int = field(default=0, validator=count)
    nps: int | None = field(default=None, validator=maybe(count))
    csat: int | None = field(default=None, validator=maybe(count))


@frozen(kw_only=True)
class CustomerFacts(Record):
    """One customer on the day `as_of`: the account and the three parts.

    Conditions reach in by paths: "account.country", "contracts.days_to_notice", "behaviour.nps".

    >>> from clmcrm.values.ids import AccountId
    >>> from clmcrm.crm.segment import Comparison, Where, fulfils
    >>> facts = CustomerFacts(account=Account(id=AccountId("a"), name="Durand"), as_of=date(2026, 5, 7),
    ...                       contracts=AgreedFacts(in_force=1, days_to_notice=20))
    >>> fulfils(facts, Where("contracts.days_to_notice", Comparison.LESS, 30))
    True
    """

    account: Account = field(validator=instance(Account))
    as_of: date = field(validator=plain_date)
    relationship: RelationshipFacts = field(default=RelationshipFacts(), validator=instance(RelationshipFacts))
    contracts: AgreedFacts = field(default=AgreedFacts(), validator=instance(AgreedFacts))
    behaviour: BehaviourFacts = field(default=BehaviourFacts(), validator=instance(BehaviourFacts))


def relationship_facts(
    account: Account,
    opportunities: Iterable[Opportunity],
    activities: Iterable[Activity],
    as_of: date,
    *,
    code: str | Currency,
    rates: RateTable | None = None,
) -> RelationshipFacts:
    """The relationship with `account` on `as_of`; amounts in the currency `code` at each closing day's rate.

    >>> from clmcrm.values.ids import AccountId
    >>> relationship_facts(Account(id=AccountId("a"), name="D"), [], [], date(2026, 1, 1), code="EUR").won_amount
    Money('0.00', 'EUR')
    """
    check_days("relationship_facts", as_of=as_of)
    mine = [sale for sale in opportunities if sale.account == account.id]
    undated = sum(sale.is_won and sale.closed_on is None and _was_there(sale, as_of) for sale in mine)
    dated = [(sale.closed_on, sale) for sale in mine if sale.is_won and sale.closed_on is not None]
    won = [(day, sale) for day, sale in dated if day <= as_of]
    found, unstated = sale_amounts((sale for day, sale in won if _in_the_year(day, as_of)), code, rates)
    whole = not undated and not unstated and not found.left_out
    known = [a for a in activities if (at := moment(a)) is not None and at.date() <= as_of]
    last = next(iter(interactions(known, account.id)), None)
    at = None if last is None else moment(last)
    return RelationshipFacts(
        open_sales=sum(_was_open(sale, as_of) for sale in mine),
        won_sales=len(won),
        undated_wins=undated,
        won_amount=total((money for _, money in found.amounts), code) if whole else None,
        customer_since=None if undated else min((day for day, _ in won), default=None),
        days_since_contact=None if at is None else (as_of - at.date()).days,
    )


def _in_the_year(day: date, as_of: date) -> bool:
    """Whether `day` is one of the 365 up to `as_of`; no day before the first there is has to be named for it."""
    return timedelta(0) <= as_of - day < _YEAR


def _was_there(sale: Opportunity, as_of: date) -> bool:
    return sale.created_on is None or sale.created_on <= as_of


def _was_open(sale: Opportunity, as_of: date) -> bool:
    if not _was_there(sale, as_of):
        return False
    return sale.is_open or (sale.is_closed and sale.closed_on is not None and sale.closed_on > as_of)


def behaviour_facts(
    account: Account,
    as_of: date,
    *,
    cases: Iterable[Case] = (),
    answers: Iterable[SurveyAnswer] = (),
    campaigns: Iterable[Campaign] = (),
    people: Iterable[ContactId] = (),
) -> BehaviourFacts:
    """The behaviour of `account` and its `people` in the 365 days up to `as_of`.

    A case or an answer that names no account is that of its contact, one of `people` or not.

    >>> from clmcrm.values.ids import AccountId
    >>> behaviour_facts(Account(id=AccountId("a"), name="D"), date(2026, 1, 1)).cases
    0
    """
    check_days("behaviour_facts", as_of=as_of)
    theirs = frozenset(people)
    mine = [case for case in cases if _is_theirs(case, account, theirs)]
    dated = [(case.opened_at.date(), case) for case in mine if case.opened_at is not None]
    recent = [case for day, case in dated if _in_the_year(day, as_of)]
    given = [answer for answer in answers if _is_theirs(answer, account, theirs) and _in_the_year(answer.on, as_of)]
    known = sorted(given, key=lambda answer: (answer.on, answer.survey.value, answer.score))
    heard = [m.responded_on for c in campaigns for m in c.members if m.contact in theirs]
    return BehaviourFacts(
        open_cases=sum(_had_begun(case, as_of) and _is_open(case, as_of) for case in mine),
        cases=len(recent),
        late_cases=sum(_was_late(case, as_of) for case in recent),
        campaign_answers=sum(on is not None and _in_the_year(on, as_of) for on in heard),
        nps=_latest(known, Survey.NPS),
        csat=_latest(known, Survey.CSAT),
    )


def _is_theirs(record: Case | SurveyAnswer, account: Account, people: frozenset[ContactId]) -> bool:
    return record.account == account.id or (record.account is None and record.contact in people)


def _had_begun(case: Case, as_of: date) -> bool:
    return case.opened_at is None or case.opened_at.date() <= as_of


def _is_open(case: Case, as_of: date) -> bool:
    if case.closed_at is not None:
        return case.closed_at.date() > as_of
    return case.status not in OVER


def _was_late(case: Case, as_of: date) -> bool:
    solved_at = None if case.closed_at is None or case.closed_at.date() > as_of else case.closed_at
    return solved_at is not None and resolution_state(case, solved_at) is SlaState.LATE


def _latest(answers: list[SurveyAnswer], survey: Survey) -> int | None:
    return next((answer.score for answer in reversed(answers) if answer.survey is survey), None)
