"""Amendments: what changed from which day on. The past is never rewritten.

An amendment names the version it was written against; one written against an older version is refused
when it is accepted, because its author did not see what the contract had become. What its kind needs is
checked when it is made: a restatement without a text, or a co-term without a day, is none.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.clm.clause import Clause
from clmcrm.clm.clauses import AnyClause
from clmcrm.clm.kinds import Party
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, TermClause
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, LineId, OrgUnitId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import NOT_STATED, DayFact, PartialDate, Unknown
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, instance, maybe, member, not_negative, plain_date, text


class AmendmentKind(StrEnum):
    """What an amendment does to the contract.

    AMENDS changes single clauses and lines. RESTATES replaces all terms by a new set. ASSIGNS puts another
    account (or unit of ours) in a side's place, for everything or for some lines. NOVATES moves everything, or
    some lines, into a successor contract. TERMINATES_IN_PART ends lines or lowers their quantities. CO_TERMS
    brings lines to one last day.
    """

    AMENDS = "amends"
    RESTATES = "restates"
    ASSIGNS = "assigns"
    NOVATES = "novates"
    TERMINATES_IN_PART = "terminates_in_part"
    CO_TERMS = "co_terms"


@frozen(kw_only=True)
class LineChange:
    """What changes on the line `line`: a new price, a new quantity, an end. None leaves a value as it is."""

    line: LineId = field(validator=text)
    price: UnitPrice | None = field(default=None, validator=maybe(instance(UnitPrice)))
    quantity: Decimal | None = field(default=None, validator=maybe(not_negative))
    last_day: date | None = field(default=None, validator=maybe(plain_date))


@frozen(kw_only=True)
class Restatement:
    """All terms anew: what stands here replaces what stood before, and what does not stand here is gone.

    The fields are those of `clmcrm.clm.contract.Contract` of the same name. A line that is not restated ends on
    the day before; one restated under its own id goes on as it stands here.
    """

    term: TermClause | Unknown = field(default=NOT_STATED, validator=instance(TermClause, Unknown))
    renewal: RenewalClause | Unknown = field(default=NOT_STATED, validator=instance(RenewalClause, Unknown))
    notice: NoticeClause | Unknown = field(default=NOT_STATED, validator=instance(NoticeClause, Unknown))
    clauses: tuple[AnyClause, ...] = field(default=(), validator=each(instance(Clause)))
    lines: tuple[ContractLine, ...] = field(default=(), validator=each(instance(ContractLine)))
    special_terms: str = ""
    governing_law: str = ""
    governing_place: str | None = field(default=None, validator=maybe(text))
    total_value: Money | None = field(default=None, validator=maybe(instance(Money)))
    annual_value: Money | None = field(default=None, validator=maybe(instance(Money)))
    recurring_value: Money | None = field(default=None, validator=maybe(instance(Money)))


@frozen(kw_only=True)
class Amendment(Record):
    """A change to a contract, in force from `effective_on`, written against version `base_version`.

    `term`, `renewal` and `notice` replace the clause when given (None: unchanged). Clauses in
    `drops_citations` go, those in `adds` come. The contract's version grows by one when it is accepted.

    `kind` says what it does. RESTATES: `restated` is the new set of terms. ASSIGNS: `side` is whose place is
    taken, by `to_account` (or by our unit `to_unit`). NOVATES, and ASSIGNS where it says so: `successor` is the
    contract that goes on from then. `lots` are the lines it is about (empty: all of them); lines that go to a
    successor end here on the day before. CO_TERMS: `aligned_to` is the last day the lines are brought to.
    """

    id: AmendmentId = field(validator=text)
    title: str = field(validator=text)
    kind: AmendmentKind = field(default=AmendmentKind.AMENDS, validator=member(AmendmentKind))
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
    restated: Restatement | None = field(default=None, validator=maybe(instance(Restatement)))
    side: Party = field(default=Party.COUNTERPARTY, validator=member(Party))
    to_account: AccountId | None = field(default=None, validator=maybe(text))
    to_unit: OrgUnitId | None = field(default=None, validator=maybe(text))
    lots: tuple[LineId, ...] = field(default=(), validator=each(text))
    successor: ContractId | None = field(default=None, validator=maybe(text))
    aligned_to: date | None = field(default=None, validator=maybe(plain_date))

    def __attrs_post_init__(self) -> None:
        for name, kinds, expected in _NEEDED:
            given = getattr(self, name) is not None
            if given and self.kind not in kinds:
                words = ", ".join(sorted(kind.value for kind in kinds))
                raise InvalidRecord(f"Amendment {self.id}", name, getattr(self, name), f"nothing, except in: {words}")
            if not given and self.kind is kinds[0]:
                raise InvalidRecord(f"Amendment {self.id}", name, None, expected)
        self._check_assignment()
        self._check_partial_end()
        ends_lines = self.restated is not None or (self.successor is not None and self.lots)
        if ends_lines and self.effective_on == date.min:
            raise InvalidRecord(f"Amendment {self.id}", "effective_on", self.effective_on, "a day after 0001-01-01")

    def _check_assignment(self) -> None:
        if self.kind is not AmendmentKind.ASSIGNS:
            return
        name = {Party.OWN: "to_unit", Party.COUNTERPARTY: "to_account"}.get(self.side)
        if name is None:
            raise InvalidRecord(f"Amendment {self.id}", "side", self.side.value, "own or counterparty")
        if getattr(self, name) is None:
            raise InvalidRecord(f"Amendment {self.id}", name, None, f"who takes the place of {self.side.value}")

    def _check_partial_end(self) -> None:
        if self.kind is not AmendmentKind.TERMINATES_IN_PART:
            return
        if not self.line_changes:
            raise InvalidRecord(f"Amendment {self.id}", "line_changes", (), "the lines that end or become fewer")
        if self.lines_added:
            raise InvalidRecord(f"Amendment {self.id}", "lines_added", self.lines_added, "none where a part ends")

    @property
    def moves_the_end(self) -> bool:
        """Whether it may change when the contract ends: its term, renewal or notice."""
        return self.restated is not None or any(c is not None for c in (self.term, self.renewal, self.notice))


# What a kind cannot do without: the first kind needs the field, the others may have it.
_NEEDED: Final = (
    ("restated", (AmendmentKind.RESTATES,), "the new set of terms"),
    ("aligned_to", (AmendmentKind.CO_TERMS,), "the last day the lines are brought to"),
    ("successor", (AmendmentKind.NOVATES, AmendmentKind.ASSIGNS), "the contract that goes on"),
)
