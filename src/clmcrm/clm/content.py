"""What an approval is for: the content of a contract, and its fingerprint.

The rule of the file: every field of a contract is content, or stands in `NOT_CONTENT` with the reason why it may
change under an approval. A test fails for a field in neither. Other systems' keys, raw values and where a
field came from are no content, at any depth: a synchronisation does not void an approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

import attrs

from clmcrm.clm.contract import Contract
from clmcrm.values.fingerprint import fingerprint

CONTENT: Final = (
    "id", "title", "kind", "kind_detail", "counterparty", "own_unit", "names_in_text", "signatories", "parent",
    "relation", "effective_on", "term", "renewal", "notice", "clauses", "conditions_precedent", "approvals_needed",
    "special_terms", "languages", "governing_law", "governing_place", "lines", "total_value", "annual_value",
    "recurring_value", "billing_address", "service_address", "obligations", "powers", "documents", "version",
)  # fmt: skip
"""The fields that an approval is for: who is bound to what, for how long, at which price, by which paper."""

NOT_CONTENT: Final[Mapping[str, str]] = {
    "number": "a label, often given late; the id tells contracts apart",
    "people": "whom to talk to; those who sign are content",
    "opportunity": "a tie to a CRM record, which may be merged or moved there",
    "quote": "a tie to a CRM record; what was quoted stands in the lines",
    "order": "follows from the contract",
    "template": "where the text came from; the text itself is content",
    "owner": "who looks after the record",
    "renewal_owner": "who looks after the renewal",
    "executed_on": "follows from the signatures",
    "purchase_order": "the other side's reference, often given late",
    "amendments": "each is a text of its own, with its own base version and its own acceptance",
    "events": "what happened; approvals themselves are events",
    "refs": "other systems' keys",
    "extras": "other systems' raw values",
    "provenance": "where a field's value came from",
}
"""Why each other field may change without a new approval."""

# What changes inside a part of the contract while the promise stays the same.
_MOVING: Final = frozenset({"refs", "extras", "provenance", "billed_until", "performances"})


def content_of(contract: Contract) -> Mapping[str, object]:
    """The fields that an approval of `contract` is for, by name, without what `NOT_CONTENT` lists.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> content_of(Contract(id=ContractId("C-1"), title="supply", kind=ContractKind.SALES))["title"]
    'supply'
    """
    return {name: _still(getattr(contract, name)) for name in CONTENT}


def content_hash(contract: Contract) -> str:
    """The fingerprint of the content, 64 hexadecimal digits: it changes when, and only when, the content does.

    A contract's accepted amendments are not applied; pass `as_amended(contract, day)` for a day's text.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> supply = Contract(id=ContractId("C-1"), title="supply", kind=ContractKind.SALES)
    >>> content_hash(supply) == content_hash(attrs.evolve(supply, number="2026-17"))
    True
    >>> content_hash(supply) == content_hash(attrs.evolve(supply, special_terms="at cost"))
    False
    """
    stated = {name: value for name, value in content_of(contract).items() if value not in (None, "", (), 0)}
    return fingerprint(stated)


def changed_content(before: Contract, after: Contract) -> tuple[str, ...]:
    """The names of the content's fields that differ between two states of a contract, in the order of `CONTENT`.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> supply = Contract(id=ContractId("C-1"), title="supply", kind=ContractKind.SALES)
    >>> changed_content(supply, attrs.evolve(supply, special_terms="at cost", number="7"))
    ('special_terms',)
    """
    one, other = content_of(before), content_of(after)
    return tuple(name for name in CONTENT if fingerprint(one[name]) != fingerprint(other[name]))


def _is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _still(value: Any) -> Any:  # noqa: ANN401 - any value that a field may hold
    """The value without what moves while the promise stays."""
    if _is_tuple(value):
        return tuple(_still(each) for each in value)
    kind: type[Any] = value.__class__
    if not attrs.has(kind):
        return value
    at_rest = {part.name: part.default for part in attrs.fields(kind) if part.name in _MOVING}
    return attrs.evolve(value, **at_rest) if at_rest else value
