"""The contract: who promised what to whom, from when, in which words, and what has happened since.

The record holds facts only. Its stage, its terms, its deadlines and the prices in force are computed from
them and a date by the neighbouring modules.
"""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.clm.amendments import Amendment
from clmcrm.clm.clause import Clause
from clmcrm.clm.clauses import AnyClause
from clmcrm.clm.documents import Document
from clmcrm.clm.events import AnyEvent, Event
from clmcrm.clm.kinds import ContractKind, Party, Relation
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.obligations import Obligation
from clmcrm.clm.powers import Power
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, TermClause
from clmcrm.parties.addresses import Address
from clmcrm.parties.contacts import PersonRole
from clmcrm.values.ids import (
    AccountId,
    ContractId,
    OpportunityId,
    OrderId,
    OrgUnitId,
    QuoteId,
    TemplateId,
    UserId,
)
from clmcrm.values.money import Money
from clmcrm.values.partial import NOT_STATED, DayFact, PartialDate, Unknown
from clmcrm.values.record import Record
from clmcrm.values.validators import count, each, flag, instance, maybe, member, text


@frozen(kw_only=True)
class Signatory:
    """Somebody who must sign for a side; `required` False for one who only takes note."""

    side: Party = field(validator=member(Party))
    name: str = field(validator=text)
    title: str = ""
    required: bool = field(default=True, validator=flag)


@frozen(kw_only=True)
class Contract(Record):
    """A contract with one counterparty.

    `kind` is our canonical kind, `kind_detail` the source's own word. `effective_on` and `executed_on` are
    facts that may be partial or unknown. `term`, `renewal` and `notice` are clauses or an `Unknown` with
    its reason. `events` are in the order they were recorded. `version` counts accepted amendments at
    creation (0 for the first text). `names_in_text` are the parties as the document writes them.
    `total_value`, `annual_value` and `recurring_value` are what the document or source states (None: it
    states none); what lines add up to is computed elsewhere. `conditions_precedent` must be met before it
    takes effect; `approvals_needed` are the roles that must approve the text (empty: anyone, once).
    `obligations` are what is owed, `powers` what may be done. `governing_place` is the ISO 3166 code of the
    law that governs it ("FR", "US-NY"; None: not stated), `governing_law` the source's own words.
    """

    id: ContractId = field(validator=text)
    number: str = ""
    title: str = field(validator=text)
    kind: ContractKind = field(validator=member(ContractKind))
    kind_detail: str = ""
    counterparty: AccountId | None = field(default=None, validator=maybe(text))
    own_unit: OrgUnitId | None = field(default=None, validator=maybe(text))
    names_in_text: tuple[str, ...] = field(default=(), validator=each(text))
    people: tuple[PersonRole, ...] = field(default=(), validator=each(instance(PersonRole)))
    signatories: tuple[Signatory, ...] = field(default=(), validator=each(instance(Signatory)))

    opportunity: OpportunityId | None = field(default=None, validator=maybe(text))
    quote: QuoteId | None = field(default=None, validator=maybe(text))
    order: OrderId | None = field(default=None, validator=maybe(text))
    template: TemplateId | None = field(default=None, validator=maybe(text))
    parent: ContractId | None = field(default=None, validator=maybe(text))
    relation: Relation | None = field(default=None, validator=maybe(member(Relation)))
    owner: UserId | None = field(default=None, validator=maybe(text))
    renewal_owner: UserId | None = field(default=None, validator=maybe(text))

    executed_on: DayFact = field(default=NOT_STATED, validator=instance(date, PartialDate, Unknown))
    effective_on: DayFact = field(default=NOT_STATED, validator=instance(date, PartialDate, Unknown))
    term: TermClause | Unknown = field(default=NOT_STATED, validator=instance(TermClause, Unknown))
    renewal: RenewalClause | Unknown = field(default=NOT_STATED, validator=instance(RenewalClause, Unknown))
    notice: NoticeClause | Unknown = field(default=NOT_STATED, validator=instance(NoticeClause, Unknown))
    clauses: tuple[AnyClause, ...] = field(default=(), validator=each(instance(Clause)))
    conditions_precedent: tuple[str, ...] = field(default=(), validator=each(text))
    approvals_needed: tuple[str, ...] = field(default=(), validator=each(text))
    special_terms: str = ""
    languages: tuple[str, ...] = field(default=(), validator=each(text))
    governing_law: str = ""
    governing_place: str | None = field(default=None, validator=maybe(text))

    lines: tuple[ContractLine, ...] = field(default=(), validator=each(instance(ContractLine)))
    total_value: Money | None = field(default=None, validator=maybe(instance(Money)))
    annual_value: Money | None = field(default=None, validator=maybe(instance(Money)))
    recurring_value: Money | None = field(default=None, validator=maybe(instance(Money)))
    purchase_order: str = ""
    billing_address: Address | None = field(default=None, validator=maybe(instance(Address)))
    service_address: Address | None = field(default=None, validator=maybe(instance(Address)))

    obligations: tuple[Obligation, ...] = field(default=(), validator=each(instance(Obligation)))
    powers: tuple[Power, ...] = field(default=(), validator=each(instance(Power)))
    amendments: tuple[Amendment, ...] = field(default=(), validator=each(instance(Amendment)))
    documents: tuple[Document, ...] = field(default=(), validator=each(instance(Document)))
    events: tuple[AnyEvent, ...] = field(default=(), validator=each(instance(Event)))
    version: int = field(default=0, validator=count)

    def __str__(self) -> str:
        """Number (or id) and title."""
        return f"contract {self.number or self.id} {self.title}"
