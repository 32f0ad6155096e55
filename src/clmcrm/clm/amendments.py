"""Amendments: what changed from which day on. The past is never rewritten.

An amendment names the version it was written against; one written against an older version is refused
when it is accepted, because its author did not see what the contract had become.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from attrs import field, frozen

from clmcrm.clm.clauses import AnyClause, Clause, NoticeClause, RenewalClause, TermClause
from clmcrm.clm.lines import ContractLine
from clmcrm.values.ids import AmendmentId, LineId
from clmcrm.values.money import UnitPrice
from clmcrm.values.partial import NOT_STATED, DayFact, PartialDate, Unknown
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, instance, maybe, not_negative, plain_date, text


@frozen(kw_only=True)
class LineChange:
    """What changes on the line `line`: a new price, a new quantity, an end. None leaves a value as it is."""

    line: LineId = field(validator=text)
    price: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    quantity: Decimal | None = field(default=None, validator=maybe(not_negative))
    last_day: date | None = field(default=None, validator=maybe(plain_date))


@frozen(kw_only=True)
class Amendment(Record):
    """A change to a contract, in force from `effective_on`, written against version `base_version`.

    `term`, `renewal` and `notice` replace the clause when given (None: unchanged). Clauses in
    `drops_citations` go, those in `adds` come. The contract's version grows by one when it is accepted.
    """

    id: AmendmentId = field(validator=text)
    title: str = field(validator=text)
    base_version: int = field(validator=count)
    effective_on: date = field(validator=plain_date)
    executed_on: DayFact = field(default=NOT_STATED, validator=instance(date, PartialDate, Unknown))
    term: TermClause | None = field(default=None, validator=maybe(instance(TermClause)))
    renewal: RenewalClause | None = field(default=None, validator=maybe(instance(RenewalClause)))
    notice: NoticeClause | None = field(default=None, validator=maybe(instance(NoticeClause)))
    adds: tuple[AnyClause, ...] = field(default=(), validator=each(instance(Clause)))
    drops_citations: tuple[str, ...] = field(default=(), validator=each(text))
    lines_added: tuple[ContractLine, ...] = field(default=(), validator=each(instance(ContractLine)))
    line_changes: tuple[LineChange, ...] = field(default=(), validator=each(instance(LineChange)))
