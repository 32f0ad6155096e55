"""The days that come up for an account, from both wings, in one order: what to do next, and why then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.bridge.contract_card import OpenDuty
from clmcrm.bridge.feedback import ContractTerms
from clmcrm.clm.kinds import Party
from clmcrm.clm.stages import Phase, Stage
from clmcrm.crm.activity import Activity
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote, QuoteStatus
from clmcrm.values.ids import ContractId
from clmcrm.values.validators import flag, instance, member, plain_date
from clmcrm.values.wording import Wording


class DayKind(StrEnum):
    """What sort of day it is."""

    NOTICE = "notice"
    END = "end"
    RENEWAL = "renewal"
    DUTY = "duty"
    TASK = "task"
    QUOTE = "quote"
    CLOSING = "closing"


OF_CONTRACTS: Final = frozenset({DayKind.NOTICE, DayKind.END, DayKind.RENEWAL, DayKind.DUTY})
"""The days that contracts bring; the others are the sales side's own."""

_NOT_RUNNING: Final = frozenset(
    stage.value for stage in Stage if stage.phase in (Phase.BEFORE, Phase.ENDED, Phase.ARCHIVED)
)
_OWE: Final = {
    Party.OWN: Wording("we owe", "nous devons"),
    Party.COUNTERPARTY: Wording("they owe", "ils doivent"),
    Party.EITHER: Wording("either side owes", "chaque partie doit"),
    Party.BOTH: Wording("both sides owe", "les deux parties doivent"),
}
_ANSWERED: Final = frozenset(
    {QuoteStatus.ACCEPTED, QuoteStatus.SIGNED, QuoteStatus.DECLINED, QuoteStatus.WITHDRAWN, QuoteStatus.SUPERSEDED}
)


@frozen(kw_only=True)
class NextDay:
    """One day: what is due on it, on which record, and whether it has passed (`late`)."""

    day: date = field(validator=plain_date)
    kind: DayKind = field(validator=member(DayKind))
    what: Wording = field(validator=instance(Wording))
    record: str
    late: bool = field(default=False, validator=flag)


def next_days(
    as_of: date,
    *,
    contracts: Iterable[ContractTerms] = (),
    duties: Iterable[OpenDuty] = (),
    activities: Iterable[Activity] = (),
    opportunities: Iterable[Opportunity] = (),
    quotes: Iterable[Quote] = (),
    ending: Collection[ContractId] = (),
) -> tuple[NextDay, ...]:
    """Every day from `as_of` on, and those that have passed with something still open, in time order.

    A notice stands on its safe day, and once that has passed on its last day. Contracts that are not signed, or are
    over, bring no days. `ending` are the contracts whose notice asks for a renewal: without it they end.

    >>> next_days(date(2026, 1, 1))
    ()
    """
    found = [
        *_of_contracts(contracts, as_of, ending),
        *_of_duties(duties, as_of),
        *_of_sales(activities, opportunities, quotes, as_of),
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.kind.value, one.record)))


def is_live(quote: Quote, as_of: date) -> bool:
    """Whether `quote` may still be accepted on `as_of`: it has neither lapsed nor been answered or taken back.

    >>> from clmcrm.values.ids import QuoteId
    >>> is_live(Quote(id=QuoteId("Q"), currency="EUR", status=QuoteStatus.DECLINED), date(2026, 1, 1))
    False
    """
    return quote.accepted_on is None and quote.status not in _ANSWERED and not quote.lapsed(as_of)


def _of_contracts(contracts: Iterable[ContractTerms], as_of: date, ending: Collection[ContractId]) -> Iterator[NextDay]:
    for terms in contracts:
        if terms.stage in _NOT_RUNNING:
            continue
        called = terms.number or terms.title
        notice = next((d for d in (terms.notice_safe_by, terms.notice_by) if d is not None and d >= as_of), None)
        if notice is not None:
            words = Wording(f"give notice on {called}, or it goes on", f"dénoncer {called}, sinon il se poursuit")
            if terms.id in ending:
                words = Wording(
                    f"ask for the renewal of {called}, or it ends",
                    f"demander le renouvellement de {called}, sinon il prend fin",
                )
            yield NextDay(day=notice, kind=DayKind.NOTICE, what=words, record=terms.id)
        if terms.renews_on is not None and terms.renews_on >= as_of:
            words = Wording(f"{called} renews", f"{called} est reconduit")
            yield NextDay(day=terms.renews_on, kind=DayKind.RENEWAL, what=words, record=terms.id)
        if terms.ends_on is not None and terms.ends_on >= as_of:
            words = Wording(f"last day of {called}", f"dernier jour de {called}")
            yield NextDay(day=terms.ends_on, kind=DayKind.END, what=words, record=terms.id)


def _of_duties(duties: Iterable[OpenDuty], as_of: date) -> Iterator[NextDay]:
    for duty in duties:
        if duty.due_on is None:
            continue
        owe = _OWE[duty.owed_by]
        words = Wording(f"{owe.en}: {duty.title}", f"{owe.fr} : {duty.title}")
        late = duty.due_on < as_of
        yield NextDay(day=duty.due_on, kind=DayKind.DUTY, what=words, record=duty.contract, late=late)


def _of_sales(
    activities: Iterable[Activity], opportunities: Iterable[Opportunity], quotes: Iterable[Quote], as_of: date
) -> Iterator[NextDay]:
    for activity in activities:
        if activity.due_on is not None and activity.is_done is not True:
            said = activity.subject or activity.kind.value
            late = activity.overdue(as_of)
            yield NextDay(
                day=activity.due_on, kind=DayKind.TASK, what=Wording(said, said), record=activity.id, late=late
            )  # fmt: skip
    for sale in opportunities:
        if sale.is_open and sale.expected_close_on is not None:
            words = Wording(f"{sale.name} is expected to close", f"signature attendue : {sale.name}")
            late = sale.expected_close_on < as_of
            yield NextDay(day=sale.expected_close_on, kind=DayKind.CLOSING, what=words, record=sale.id, late=late)
    for quote in quotes:
        if quote.last_valid_day is not None and is_live(quote, as_of):
            called = quote.number or quote.id
            words = Wording(f"quote {called} can still be accepted", f"le devis {called} peut encore être accepté")
            yield NextDay(day=quote.last_valid_day, kind=DayKind.QUOTE, what=words, record=quote.id)
