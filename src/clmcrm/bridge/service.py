"""Where service meets contracts: what support a contract entitles to, and a case that becomes a dispute.

The rule of the file: the contract decides. Its days bound the entitlement, and a dispute names the clause
only if the contract has it.
"""

from __future__ import annotations

from datetime import date

import attrs
from attrs import frozen

from clmcrm.bridge.support_promises import support_clause
from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm.contract import Contract
from clmcrm.clm.counterparty import counterparty_on
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import last_day_in_force
from clmcrm.clm.service_clauses import SupportClause
from clmcrm.clm.stages import ACTIVE
from clmcrm.clm.versions import as_amended
from clmcrm.crm.case import Case, Entitlement
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.ids import DisputeId, EntitlementId, ObligationId, ProductId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown, known


def entitlement_of(
    contract: Contract,
    entitlement: EntitlementId,
    as_of: date,
    *,
    response_minutes: int | None = None,
    resolution_minutes: int | None = None,
    product: ProductId | None = None,
    cases_used: int = 0,
    calendars: CalendarSource | None = None,
) -> Entitlement | Unknown:
    """The support `contract` entitles its counterparty to, as known on `as_of`; `Unknown` says why to none.

    Its times and its number of cases are those of the contract's support clause (`support_clause`), of which
    `cases_used` are taken; `response_minutes` and `resolution_minutes`, where given, stand in place of the
    clause's. It begins with the contract's first day, or the clause's if that is later, and ends with the
    contract's last as far as an end is in sight, so that a renewal carries it on. Raises `InvalidRecord` for a
    `product` that neither a line nor a support clause of the contract is about.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> draft = Contract(id=ContractId("C"), title="support", kind=ContractKind.SALES)
    >>> print(entitlement_of(draft, EntitlementId("E"), date(2026, 1, 1)))
    unknown: the contract is not in effect: new
    """
    stage = stage_of(contract, as_of)
    if stage.stage not in ACTIVE:
        return Unknown(f"the contract is not in effect: {stage.stage.value}")
    account = counterparty_on(contract, as_of)
    if account is None:
        return Unknown("the contract does not state its counterparty")
    current = as_amended(contract, as_of, as_of)
    supported = [c.product for c in current.clauses if isinstance(c, SupportClause)]
    sold = {*(line.product for line in current.lines), *supported}
    if product is not None and product not in sold:
        names = ", ".join(sorted(p for p in sold if p is not None)) or "none"
        raise InvalidRecord(f"Contract {contract.id}", "product", product, f"a product of its lines: {names}")
    clause = support_clause(contract, as_of, product)
    begun = [known(contract.effective_on), None if clause is None else clause.first_day]
    last_day = last_day_in_force(contract, as_of, calendars)
    return Entitlement(
        id=entitlement,
        name=contract.title,
        account=account,
        contract=contract.id,
        product=product,
        first_day=max((day for day in begun if day is not None), default=None),
        last_day=last_day if isinstance(last_day, date) else None,
        response_minutes=_first(response_minutes, None if clause is None else clause.response_minutes),
        resolution_minutes=_first(resolution_minutes, None if clause is None else clause.resolution_minutes),
        cases_left=None if clause is None or clause.cases is None else max(0, clause.cases - cases_used),
    )


def _first(given: int | None, agreed: int | None) -> int | None:
    return agreed if given is None else given


@frozen(kw_only=True)
class CaseDisputed:
    """The `dispute` a case became, and the `case` with the link to it."""

    dispute: Dispute
    case: Case


def dispute_from_case(
    case: Case,
    contract: Contract,
    dispute: DisputeId,
    opened_on: date,
    *,
    raised_by: Party = Party.COUNTERPARTY,
    obligation: ObligationId | None = None,
    amount: Money | None = None,
) -> CaseDisputed:
    """The dispute over `contract` that `case` becomes on the day `opened_on`, linked both ways.

    It is about the clause the case names, by its citation. Raises `TransitionNotAllowed` for a case that is a
    dispute already; `InvalidRecord` for another contract than the case's, or a clause or an obligation it has not.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import CaseId, ContractId
    >>> supply = Contract(id=ContractId("C"), title="supply", kind=ContractKind.SALES)
    >>> late = Case(id=CaseId("k"), subject="late again", contract=ContractId("C"))
    >>> dispute_from_case(late, supply, DisputeId("D"), date(2026, 5, 7)).case.dispute
    'D'
    """
    if case.dispute is not None:
        raise TransitionNotAllowed(f"case {case.id}", "dispute", f"disputed as {case.dispute}", [])
    if case.contract not in {None, contract.id}:
        raise InvalidRecord(f"Case {case.id}", "contract", case.contract, contract.id)
    current = as_amended(contract, opened_on)
    citations = _citations(current)
    if case.clause is not None and case.clause not in citations:
        expected = f"a citation of the contract: {', '.join(citations) or 'none'}"
        raise InvalidRecord(f"Case {case.id}", "clause", case.clause, expected)
    if obligation is not None and obligation not in {o.id for o in current.obligations}:
        raise InvalidRecord(f"Case {case.id}", "obligation", obligation, f"an obligation of contract {contract.id}")
    raised = Dispute(
        id=dispute,
        contract=contract.id,
        subject=case.subject or f"case {case.number or case.id}",
        raised_by=raised_by,
        opened_on=opened_on,
        citation=case.clause or "",
        obligation=obligation,
        case=case.id,
        amount=amount,
    )
    return CaseDisputed(dispute=raised, case=attrs.evolve(case, contract=contract.id, dispute=dispute))


def _citations(contract: Contract) -> list[str]:
    named = [contract.term, contract.renewal, contract.notice, *contract.clauses]
    found = [clause.citation for clause in named if not isinstance(clause, Unknown)]
    found += [obligation.citation for obligation in contract.obligations]
    return sorted({citation for citation in found if citation})
