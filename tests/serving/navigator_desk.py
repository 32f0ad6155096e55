"""Somebody who works in Navigator by hand, and fields of contracts that its agreements can say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clmcrm.clm.kinds import ContractKind
from clmcrm.ports.records import Fields, Json, Seen
from clmcrm.testing.vendors.navigator import FakeNavigator

SALES = "Master services agreement"
KINDS = {SALES: ContractKind.SALES}


def sample(number: int) -> dict[str, Json]:
    """A contract with every field that an agreement can say."""
    return {
        "title": f"Conformance {number}",
        "kind": "sales",
        "kind_detail": SALES,
        "names_in_text": ["ACME, INC", f"Tally {number}"],
        "parent": "77b85334-6da9-4f08-a516-f8f029d8c3c5",
        "renewal_owner": f"u-{number}",
        "executed_on": "2026-05-07",
        "effective_on": "2026-06-01",
        "term": {"is": "term_clause", "initial": "P36M", "ends_on": "2029-05-31"},
        "renewal": {"is": "renewal_clause", "kind": "tacit", "length": "P1Y"},
        "notice": {"is": "notice_clause", "length": "P3M"},
        "clauses": [
            {"is": "termination_right", "for_cause": True, "notice": "P30D"},
            {"is": "payment_clause", "days": 30},
            {"is": "clause_fact", "category": "Jurisdiction", "answer": "Paris"},
        ],
        "languages": ["en-US", "fr-FR"],
        "governing_law": "France",
        "total_value": {"amount": f"{number}000.50", "currency": "EUR"},
        "annual_value": {"amount": f"{number}00.00", "currency": "EUR"},
        "refs": [{"system": "Salesforce", "object": "Opportunity", "key": f"006{number}"}],
    }  # fmt: skip


class Librarian:
    """Adds agreements, edits and removes them in Navigator; what they are then is read through the adapter."""

    def __init__(self, fake: FakeNavigator, system: Any) -> None:
        self._fake, self._system = fake, system

    def add(self, kind: str, fields: Fields) -> Seen:
        return self._shown(kind, self._fake.entered(agreement_of(fields)))

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        self._fake.edited(key, agreement_of(fields))
        return self._shown(kind, key)

    def delete(self, kind: str, key: str) -> Seen:
        seen = self._shown(kind, key)
        self._fake.deleted(key)
        return seen

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        raise NotImplementedError(f"nobody merges agreements: {kind} {loser} into {survivor}")

    def _shown(self, kind: str, key: str) -> Seen:
        (seen,) = self._system.read(kind, [key])
        assert isinstance(seen, Seen)
        return seen


def agreement_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The agreement of Navigator's that says what these fields of a contract say."""
    row: dict[str, Any] = {}
    provisions: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _PROVISIONS:
            provisions |= _PROVISIONS[name](value)
        else:
            row |= _ROWS[name](value)
    return {**row, "provisions": provisions} if provisions else row


def _type(kind: str) -> dict[str, Any]:
    return {"type": next(name for name, ours in KINDS.items() if ours == kind)}


def _money(name: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    return lambda told: {name: float(told["amount"]), f"{name}_currency_code": told["currency"]}


def _clause(clause: dict[str, Any]) -> dict[str, Any]:
    match clause:
        case {"is": "termination_right", "for_cause": True}:
            return {"termination_period_for_cause": clause["notice"]}
        case {"is": "payment_clause", "days": 30}:
            return {"payment_terms_due_date": "THIRTY_DAYS"}
        case _:
            return {str(clause["category"]).lower(): clause["answer"]}


_ROWS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "title": lambda text: {"title": text},
    "kind": _type,
    "kind_detail": lambda text: {"type": text},
    "names_in_text": lambda names: {"parties": [{"id": f"p-{name}", "name_in_agreement": name} for name in names]},
    "parent": lambda key: {"related_agreement_documents": {"parent_agreement_document_id": key}},
    "languages": lambda codes: {"languages": codes},
    "refs": lambda refs: {
        "linked_data": [
            {"application_name": ref["system"], "object_name": ref["object"], "record_id": ref["key"]} for ref in refs
        ]
    },
}
_PROVISIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "renewal_owner": lambda key: {"renewal_process_owner": key},
    "executed_on": lambda day: {"execution_date": day},
    "effective_on": lambda day: {"effective_date": f"{day}T00:00:00+02:00"},
    "term": lambda clause: {"term_length": clause["initial"], "expiration_date": clause["ends_on"]},
    "renewal": lambda clause: {"renewal_type": "AUTO_RENEW", "auto_renewal_term_length": clause["length"]},
    "notice": lambda clause: {"renewal_notice_period": clause["length"]},
    "clauses": lambda clauses: {name: value for each in clauses for name, value in _clause(each).items()},
    "governing_law": lambda text: {"governing_law": text},
    "total_value": _money("total_agreement_value"),
    "annual_value": _money("annual_agreement_value"),
}
