"""Canonical fields to try a system with: one set per kind, different for every number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.ports.records import Fields, Json, Kind

NAMES: Final[Mapping[str, str]] = {
    Kind.ORG_UNIT: "name",
    Kind.ACCOUNT: "name",
    Kind.CONTACT: "family_name",
    Kind.OPPORTUNITY: "name",
    Kind.CONTRACT: "title",
    Kind.CONTRACT_TERMS: "title",
}
"""The field of each kind that takes any text."""


def sample(kind: str, number: int) -> Fields:
    """Fields of a record of `kind` as a system may show them; other values for another number.

    >>> sample("contact", 7)["family_name"]
    'Conformance 7'
    """
    return {NAMES[kind]: f"Conformance {number}", **_MORE[kind](number)}


def _org_unit(number: int) -> dict[str, Json]:
    return {"code": f"U{number}", "country": "FR"}


def _account(number: int) -> dict[str, Json]:
    return {
        "website": f"https://example.org/{number}",
        "employees": number,
        "revenue": {"amount": f"{number}.50", "currency": "EUR"},
        "billing_address": {"lines": [f"{number} rue Bleue"], "postal_code": "75009", "city": "Paris"},
        "description": None,
    }


def _contact(number: int) -> dict[str, Json]:
    return {"given_name": "Zoé", "emails": [f"zoe{number}@example.org"], "phones": []}


def _opportunity(number: int) -> dict[str, Json]:
    return {
        "amount": {"amount": f"{number}000.00", "currency": "EUR"},
        "stage": "won",
        "expected_close_on": "2026-05-07",
        "initial_term": "P36M",
        "signature_expected_on": {"partial": {"year": 2026, "month": 5}},
    }


def _contract(number: int) -> dict[str, Json]:
    return {
        "number": f"C-{number}",
        "kind": "sales",
        "executed_on": "2026-05-07",
        "notice": {"is": "notice_clause", "length": "P3M", "citation": "art. 9.2"},
        "renewal": {"unknown": "the page is missing"},
        "clauses": [{"is": "payment_clause", "days": 30}, {"is": "termination_right", "for_cause": True}],
    }


def _contract_terms(number: int) -> dict[str, Json]:
    return {"number": f"C-{number}", "notice_last_day": "2026-05-07", "annual_value": None}


_MORE: Final = {
    Kind.ORG_UNIT.value: _org_unit,
    Kind.ACCOUNT.value: _account,
    Kind.CONTACT.value: _contact,
    Kind.OPPORTUNITY.value: _opportunity,
    Kind.CONTRACT.value: _contract,
    Kind.CONTRACT_TERMS.value: _contract_terms,
}
