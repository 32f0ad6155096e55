"""Where each value of an agreement goes: into a field of ours or, as it is, among the extras; none is left out.

Found by reading one agreement that says everything, and reading it again without each of its values in turn.
Navigator takes no agreement back: every value is read-only, and every write is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from clmcrm.adapters.navigator.leaves import OF_THE_REPLY
from clmcrm.adapters.navigator.reading import contract_of
from clmcrm.codec.records import to_fields

_PROVISIONS: Final[Mapping[str, Any]] = {
    "annual_agreement_value": 50000, "annual_agreement_value_currency_code": "USD",
    "assignment_change_of_control": "NO_OR_CONSENT_REQUIRED", "assignment_termination_rights": "YES",
    "assignment_type": "YES_WITH_CONDITIONS", "auto_renewal_term_length": "P1Y", "can_charge_late_payment_fees": True,
    "confidentiality_obligation_period": "P5Y", "effective_date": "2024-09-01", "execution_date": "2024-08-15",
    "expiration_date": "2027-08-31", "governing_law": "California", "jurisdiction": "San Francisco",
    "late_payment_fee_percent": Decimal("1.5"), "liability_cap_currency_code": "USD", "liability_cap_duration": "P1Y",
    "liability_cap_fixed_amount": 100000, "liability_cap_multiplier": Decimal("1.5"), "nda_type": "MUTUAL",
    "payment_terms_due_date": "THIRTY_DAYS", "price_cap_percent_increase": 5,
    "renewal_additional_info": "ask first", "renewal_extension_period": "P6M", "renewal_notice_date": "2027-06-03",
    "renewal_notice_period": "P90D", "renewal_process_owner": "u-1", "renewal_type": "AUTO_RENEW",
    "term_length": "P3Y", "termination_period_for_cause": "P30D", "termination_period_for_convenience": "P3M",
    "total_agreement_value": 150000, "total_agreement_value_currency_code": "USD",
}  # fmt: skip
_WHOLE: Final[Mapping[str, Any]] = {
    "id": "a-1", "title": "Hosting", "file_name": "msa.pdf", "type": "Services", "category": "IT", "status": "COMPLETE",
    "summary": "A summary.", "review_status": "COMPLETE", "review_completed_at": "2024-10-17T14:30:00Z",
    "parties": [{"id": "p-1", "name_in_agreement": "ACME"}], "languages": ["en-US"], "source_name": "Docusign eSign",
    "source_id": "e-1", "source_account_id": "s-1", "document_id": "d-1", "custom_provisions": {"Uplift": 2},
    "linked_data": [{"application_name": "Salesforce", "object_name": "Opportunity", "record_id": "006"}],
    "additional_custom_clm_data": {"a": 1}, "additional_custom_esign_data": {"a": 1},
    "additional_user_defined_data": {"a": 1},
}  # fmt: skip
_INNER: Final[Mapping[str, Mapping[str, Any]]] = {
    "provisions": _PROVISIONS, "related_agreement_documents": {"parent_agreement_document_id": "a-0"},
    "metadata": {
        "created_at": "2024-02-01T00:00:00Z", "created_by": "u-1", "modified_at": "2024-10-17T14:30:59Z",
        "modified_by": "u-2", "request_id": "r-1", "response_timestamp": "2024-10-17T14:31:00Z",
        "response_duration_ms": 7,
    },
}  # fmt: skip
_EXTRAS: Final = "extras"
_REPLY: Final = "none: it is about the reply, not the agreement"
_ONLY_WITHOUT: Final = {"file_name": "title", "provisions.renewal_extension_period": "renewal"}
"""Values that a field of ours takes when another one is missing."""


def places() -> dict[str, tuple[str, ...]]:
    """The fields of our contract that hold each value, by its path; "extras" where it is kept as it is.

    What is about the reply alone, and would be another value each time, is named as such.

    >>> found = places()
    >>> found["provisions.term_length"], found["provisions.renewal_notice_date"], found["title"]
    (('term',), ('extras',), ('title',))
    """
    whole = to_fields(contract_of({**_WHOLE, **_INNER}))
    found: dict[str, tuple[str, ...]] = {}
    for name in _WHOLE:
        if name != "id":
            without = {each: value for each, value in _WHOLE.items() if each != name}
            found[name] = _changed(whole, {**without, **_INNER}, name)
    for name, values in _INNER.items():
        for inner in values:
            less = {each: value for each, value in values.items() if each != inner}
            found[f"{name}.{inner}"] = _changed(whole, {**_WHOLE, **_INNER, name: less}, f"{name}.{inner}")
    return {"id": ("id",), **found, **{f"metadata.{name}": (_REPLY,) for name in OF_THE_REPLY}}


def _changed(whole: Mapping[str, Any], agreement: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """What the record loses without a value: nothing is a loss; its own field or, kept as it is, the extras."""
    now = to_fields(contract_of(agreement))
    lost = [name for name in whole if whole[name] != now.get(name)]
    kept = any(one["field"] == path for one in whole.get(_EXTRAS, ()))
    fields = [name for name in lost if name != _EXTRAS]
    more = [_ONLY_WITHOUT[path]] if path in _ONLY_WITHOUT and not fields else []
    return (*fields, *more, *([_EXTRAS] if kept else []))


def loss_table() -> str:
    """Where each value goes, in Markdown; a value without a place would stand in the first row.

    >>> "no place" in loss_table()
    False
    """
    found: dict[str, list[str]] = {}
    for path, fields in places().items():
        named = (name if name == _REPLY else f"`{name}`" for name in fields)
        found.setdefault(", ".join(named) or "no place", []).append(path)
    rows = [f"| {fields} | {', '.join(f'`{path}`' for path in paths)} |" for fields, paths in sorted(found.items())]
    return "\n".join(["| our field | Navigator's values, read-only all of them |", "| --- | --- |", *rows])
