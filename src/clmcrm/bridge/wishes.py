"""What the sale wants of its contract, from the accepted quote first and from the opportunity where it is silent.

The rule of the file: facts that only make sense together (a renewal and its length) are taken from one record,
never half from each; and each fact remembers the record and the field it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
from attrs import frozen

from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.crm.wanted import WantedTerms
from clmcrm.values.partial import Unknown
from clmcrm.values.record import Record

_TOGETHER: Final = (
    ("initial_term", "minimum_term"),
    ("renewal_wanted", "renewal_term", "max_renewals"),
    ("payment_within", "payment_terms"),
)
_OF_RECORDS: Final = frozenset(a.name for a in attrs.fields(Record))

STAYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("refs", "extras", "provenance"), "keys and origins of the sale's own record"),
    **dict.fromkeys(("contract",), "the link back, written when there is a contract"),
    **dict.fromkeys(("signature_expected_on", "expected_close_on", "probability", "forecast_category"), "a forecast"),
    **dict.fromkeys(
        ("pipeline", "stage", "stage_id", "stage_raw", "stage_since", "stage_history"), "the sale's course"
    ),
    **dict.fromkeys(("closed_on", "loss_reason", "win_reason", "next_step", "priority", "tags"), "the sale's course"),
    **dict.fromkeys(("source", "medium", "campaign", "lead", "splits"), "who and what is credited with the sale"),
    **dict.fromkeys(("kind_raw", "currency", "created_on", "description"), "about the sale's record"),
    **dict.fromkeys(("price_book",), "where prices came from; the prices themselves arrive"),
}
"""The fields of an opportunity that are not handed over, each with the reason; all others arrive."""

QUOTE_STAYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("number", "name", "status", "status_raw", "version", "issued_on"), "about the quote's record"),
    **dict.fromkeys(("last_valid_day", "accepted_on"), "how long the quote could be accepted"),
    **dict.fromkeys(("signers_required", "signers_completed"), "signatures of the quote, not of the contract"),
    **dict.fromkeys(("stated_tax",), "the lines carry their tax rates"),
}
"""What else of a quote is not handed over; its other fields arrive, or stay as those of a sale do."""


@frozen(kw_only=True)
class Wishes:
    """The wishes as one record, and for each of its fields the record ("quote Q-1") it was taken from."""

    terms: WantedTerms
    taken_from: Mapping[str, str]


def wishes_of(opportunity: Opportunity, quote: Quote | None) -> Wishes:
    """The wishes of a sale, those of its `quote` first.

    >>> sale = Opportunity(id="O", name="n", purchase_order="PO-7", language="fr")
    >>> merged = wishes_of(sale, Quote(id="Q", currency="EUR", language="de"))
    >>> merged.terms.language, merged.taken_from["language"], merged.taken_from["purchase_order"]
    ('de', 'quote Q', 'opportunity O')
    """
    fields = [a.name for a in attrs.fields(WantedTerms) if a.name not in _OF_RECORDS | {"contract"}]
    grouped = {name for group in _TOGETHER for name in group}
    groups = [*_TOGETHER, *((name,) for name in fields if name not in grouped)]
    values: dict[str, Any] = {}  # each is the field's own
    origins: dict[str, str] = {}
    for group in groups:
        speaks = quote is not None and any(is_stated(getattr(quote, name)) for name in group)
        record: WantedTerms = quote if quote is not None and speaks else opportunity
        for name in group:
            values[name] = getattr(record, name)
            origins[name] = record_name(record)
    return Wishes(terms=attrs.evolve(WantedTerms(), **values), taken_from=origins)


def is_stated(value: object) -> bool:
    """Whether a wish says something."""
    return not (value is None or value == () or isinstance(value, Unknown))


def record_name(record: object) -> str:
    """How provenance names a record: its class and its id, "opportunity O-9"."""
    return f"{type(record).__name__.lower()} {getattr(record, 'id', '')}"
