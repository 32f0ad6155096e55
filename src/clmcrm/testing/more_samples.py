"""More canonical values to try a system with: what fields of our samples may become, and fields beside the samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.ports.records import Fields, Json, Kind

CHANGES: Final[Mapping[str, Fields]] = {
    Kind.ORG_UNIT: {"code": "V-9", "country": "DE"},
    Kind.ACCOUNT: {
        "website": "https://example.org/other?a=1&b=2",
        "employees": 0,
        "revenue": {"amount": "99999999999.10", "currency": "EUR"},
        "billing_address": {"lines": ["2 rue Verte"], "city": "Lyon"},
        "description": "first line, no other",
    },
    Kind.CONTACT: {"given_name": "Anaïs", "emails": ["other@example.org"]},
    Kind.OPPORTUNITY: {
        "amount": {"amount": "99999999999999.99", "currency": "EUR"},
        "stage": "lost",
        "expected_close_on": "2026-03-29",
        "initial_term": "P1Y6M",
        "signature_expected_on": "2026-06-01",
    },
    Kind.CONTRACT: {
        "number": "C-other",
        "executed_on": {"partial": {"year": 2026}},
        "notice": {"unknown": "not legible"},
        "renewal": {"is": "renewal_clause", "kind": "tacit", "length": "P1Y"},
        "clauses": [{"is": "payment_clause", "days": 45}],
    },
    Kind.CONTRACT_TERMS: {
        "number": "C-other",
        "notice_last_day": "2027-12-31",
        "annual_value": {"amount": "1200.10", "currency": "EUR"},
    },
}
"""Another value for fields of the samples: shorter lists, fewer members of an object, nothing rounded."""

_ADDRESS: Final[dict[str, Json]] = {"lines": ["3 rue Rouge"], "postal_code": "69001", "city": "Lyon"}

BESIDE: Final[Mapping[str, Fields]] = {
    Kind.ORG_UNIT: {"active": False},
    Kind.ACCOUNT: {
        "legal_name": "Conformance SARL",
        "legal_form": "SARL",
        "registration_number": "552 100 554",
        "vat_number": "FR40303265045",
        "industry": "Energy",
        "phone": "+33 1 23 45 67 89",
        "email": "office@example.org",
        "shipping_address": _ADDRESS,
        "currency": "EUR",
        "language": "fr",
        "country": "FR",
        "lead_source": "Fair",
        "tags": ["b", "a"],
    },
    Kind.CONTACT: {
        "name": "Zoé Conformance",
        "salutation": "Mme",
        "job_title": "Head of Legal",
        "department": "Legal",
        "emails": ["z@example.org", "a@example.org"],
        "address": _ADDRESS,
        "language": "fr",
        "lead_source": "Fair",
        "description": "met at the fair",
        "tags": ["b", "a"],
    },
    Kind.OPPORTUNITY: {
        "description": "renewal of the old one",
        "recurring_amount": {"amount": "10.10", "currency": "EUR"},
        "currency": "EUR",
        "probability": "0.3",
        "closed_on": "2026-03-29",
        "stage_since": "2026-03-29T00:30:00+00:00",
        "loss_reason": "price",
        "source": "Fair",
        "next_step": "call again",
        "tags": ["b", "a"],
    },
    Kind.CONTRACT: {
        "effective_on": "2026-03-29",
        "kind_detail": "maintenance",
        "names_in_text": ["Durand SARL", "Alpha"],
        "special_terms": "none but these",
        "languages": ["fr", "en"],
        "governing_law": "FR",
        "governing_place": "Paris",
        "total_value": {"amount": "3600.10", "currency": "EUR"},
        "annual_value": {"amount": "1200.10", "currency": "EUR"},
        "purchase_order": "PO-0012.50",
        "billing_address": _ADDRESS,
    },
}
"""Fields that our records have and the samples do not name: a place for one is a promise like any other."""
