"""Small contracts for the tests of the contract wing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.values.ids import AccountId, ContractId
from clmcrm.values.tenor import Tenor

YEAR = Tenor(years=1)


def at(day: str) -> datetime:
    """Noon of an ISO day, in UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=12)


def contract(**changes: object) -> Contract:
    """A tacitly renewed one-year contract from 1 June 2024 with three months' notice, changed as asked."""
    facts: dict[str, object] = {
        "id": ContractId("C-1"),
        "title": "maintenance",
        "kind": ContractKind.SALES,
        "counterparty": AccountId("A-1"),
        "effective_on": date(2024, 6, 1),
        "term": TermClause(initial=YEAR),
        "renewal": RenewalClause(kind=RenewalKind.TACIT, length=YEAR),
        "notice": NoticeClause(length=Tenor(months=3), reference=NoticeReference.END_OF_TERM, citation="art. 9.2"),
    }
    return Contract(**(facts | changes))  # type: ignore[arg-type] # a test may pass what a record refuses
