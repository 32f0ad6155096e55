"""Which fields of which records each read model tells of, so that a withheld field is not told by another name.

The rule of the file: every text a read model writes out of a record stands here with its field; a test puts
a word into each field and listens for it in everything that is shown.
"""

from __future__ import annotations

from typing import Final

from clmcrm.parties.access import Derived

_UNKNOWN: Final = ("term.unknown", "renewal.unknown", "notice.unknown")
# What an unknown day is unknown for, and the names a rule of days speaks of, may be words of the text.
_TERM_DAYS: Final = (*_UNKNOWN, "effective_on", "term.ends_on", "term.until")
_DUE_DAYS: Final = (
    "executed_on",
    "effective_on",
    "term.ends_on",
    "term.until",
    "obligations.*.due",
    "obligations.*.condition",
    "obligations.*.condition_fact",
    "obligations.*.antecedent",
)
_CITED: Final = ("term.citation", "renewal.citation", "notice.citation")

_OF_CONTRACTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "contract_terms": {
        "number": ("number",),
        "title": ("title",),
        "account": ("counterparty",),
        "opportunity": ("opportunity",),
        "effective_on": ("effective_on",),
        "renewal": ("renewal.kind", "renewal.length", "renewal.times", "renewal.unknown"),
        "notice_reason": (*_CITED, *_TERM_DAYS),
        "prices": (
            "clauses.*.product",
            "clauses.*.price",
            "clauses.*.tiers",
            "clauses.*.model",
            "clauses.*.valid",
            "clauses.*.max_discount",
            "clauses.*.citation",
            "lines.*.price",
        ),
        "commitments": (
            "clauses.*.quantity",
            "clauses.*.unit",
            "clauses.*.amount",
            "clauses.*.per",
            "clauses.*.by",
            "clauses.*.citation",
        ),
        "restrictions": (
            "clauses.*.kind",
            "clauses.*.binds",
            "clauses.*.territories",
            "clauses.*.products",
            "clauses.*.minimum",
            "clauses.*.maximum",
            "clauses.*.unit",
            "clauses.*.per",
            "clauses.*.citation",
        ),
        "payment_days": ("clauses.*.days",),
        "annual_value": ("lines.*.price", "lines.*.quantity", "lines.*.discount", "lines.*.recurrence"),
    },
    "finding": dict.fromkeys(
        ("citation", "field", "agreed", "what", "advice"),
        (
            "title",
            "number",
            "counterparty",
            "clauses.*.product",
            "clauses.*.price",
            "clauses.*.max_discount",
            "clauses.*.floor",
            "clauses.*.tiers",
            "clauses.*.quantity",
            "clauses.*.amount",
            "clauses.*.multiple",
            "clauses.*.minimum",
            "clauses.*.maximum",
            "clauses.*.unit",
            "clauses.*.per",
            "lines.*.price",
            "clauses.*.days",
            "clauses.*.kind",
            "clauses.*.territories",
            "clauses.*.products",
            "clauses.*.citation",
            *_CITED,
        ),
    ),
    "commitment_use": {
        "citation": ("clauses.*.citation",),
        "unit": ("clauses.*.unit", "clauses.*.amount"),
        "committed": ("clauses.*.quantity", "clauses.*.amount", "clauses.*.ramp"),
        "share": ("clauses.*.quantity", "clauses.*.amount", "clauses.*.ramp"),
        "why_unknown": ("effective_on",),
    },
    "open_duty": {
        "title": ("obligations.*.title",),
        "amount": ("obligations.*.amount",),
        "why": ("obligations.*.title", "obligations.*.citation", *_UNKNOWN, *_DUE_DAYS),
    },
    "account_sums": {
        "annual_value": ("lines.*.price", "lines.*.quantity", "lines.*.discount", "lines.*.recurrence"),
    },
    "next_day": {"what": ("title", "number", "obligations.*.title")},
    "family_member": {"title": ("title", "number")},
    "agenda": {
        "number": ("number",),
        "title": ("title",),
        "counterparty": ("counterparty",),
        "what": ("obligations.*.title",),
        "amount": ("obligations.*.amount",),
        "steps": (
            *_CITED,
            "clauses.*.citation",
            "obligations.*.title",
            "obligations.*.citation",
            *_DUE_DAYS,
        ),
        "deadline": (*_CITED, "clauses.*.citation", "term.until"),
        "reason": (*_CITED, *_UNKNOWN, *_DUE_DAYS, "obligations.*.title"),
    },
    "timeline": {
        "number": ("number",),
        "title": ("title",),
        "counterparty": ("counterparty",),
        "why": (*_CITED, *_TERM_DAYS),
    },
    "exposure": {
        "counterparty": ("counterparty",),
        "value": ("lines.*.price", "lines.*.quantity", "lines.*.discount", "lines.*.recurrence"),
        "left_out": ("title", "number"),
    },
}
_OF_SALES: Final = {
    "offer": ("name",),
    "offered": ("lines",),
    "field": ("lines",),
    "what": ("name", "lines"),
    "advice": ("lines",),
}

READ_MODELS: Final = (
    *(
        Derived(kind=kind, field=field, sources=tuple(("contract", source) for source in sources))
        for kind, fields in _OF_CONTRACTS.items()
        for field, sources in fields.items()
    ),
    *(
        Derived(kind="finding", field=field, sources=tuple(("opportunity", source) for source in sources))
        for field, sources in _OF_SALES.items()
    ),
    Derived(kind="account_sums", field="pipeline", sources=(("opportunity", "amount"),)),
    Derived(kind="account_sums", field="unpaid", sources=(("invoice", "amount"),)),
    Derived(kind="account_sums", field="overdue", sources=(("invoice", "amount"), ("invoice", "due_on"))),
    Derived(kind="next_task", field="what", sources=(("opportunity", "name"), ("activity", "subject"))),
)
"""The read models of contracts: terms, findings, agenda, timeline, exposures."""
