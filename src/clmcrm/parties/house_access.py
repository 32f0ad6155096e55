"""A policy to begin with: sales, procurement, legal, finance, management and IT, as data.

The rule of the file: sales and procurement see what was promised (terms, prices, restrictions) and not what
lawyers noted about it; finance sees money and who pays; IT sees keys and no content. A house changes it by
building its own `AccessPolicy` of these parts.
"""

from __future__ import annotations

from typing import Final

from clmcrm.parties.access import AccessPolicy, Grant
from clmcrm.parties.read_models import READ_MODELS

SALES: Final = "sales"
PROCUREMENT: Final = "procurement"
LEGAL: Final = "legal"
FINANCE: Final = "finance"
MANAGEMENT: Final = "management"
IT: Final = "it"

_WHO: Final = (
    "id", "number", "title", "kind", "kind_detail", "counterparty", "own_unit", "names_in_text", "people",
    "owner", "renewal_owner", "opportunity", "quote", "order", "parent", "relation", "languages", "version",
)  # fmt: skip
_WHEN: Final = ("executed_on", "effective_on", "term", "renewal", "notice", "governing_place", "governing_law")
_MONEY: Final = ("lines", "total_value", "annual_value", "recurring_value", "purchase_order")
_PROMISED: Final = ("clauses", "obligations")
_LEGAL_WORDING: Final = (
    "term.quote", "renewal.quote", "notice.quote", "clauses.*.quote", "clauses.*.answer", "clauses.*.reviewed_by",
)  # fmt: skip
_LEGAL_WORK: Final = (
    "title", "kind", "kind_detail", "names_in_text", "signatories", "parent", "relation", *_WHEN, "clauses",
    "conditions_precedent", "approvals_needed", "special_terms", "languages", "obligations", "amendments",
    "documents", "events",
)  # fmt: skip
_KEYS: Final = ("id", "refs", "extras", "provenance", "version")

_SALE_WITHOUT_MONEY: Final = ("id", "name", "account", "kind", "owner", "unit", "stage", "renews", "closed_on")
_ACCOUNT_SHORT: Final = (
    "id", "name", "kind", "legal_name", "legal_form", "registration_number", "vat_number", "parent",
    "billing_address", "shipping_address", "country", "language", "owner", "active",
)  # fmt: skip
_CONTACT_SHORT: Final = (
    "id",
    "account",
    "given_name",
    "family_name",
    "name",
    "job_title",
    "emails",
    "phones",
    "active",
)


def _grants(role: str, **kinds: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]) -> tuple[Grant, ...]:
    """The grants of a role: for each kind what it sees, what it changes, and what is taken out."""
    return tuple(
        Grant(role=role, kind=kind, see=see, change=change, but=but) for kind, (see, change, but) in kinds.items()
    )


_ALL: Final = (("*",), (), ())
_EVERY_MODEL: Final = {
    "contract_terms": _ALL, "finding": _ALL, "agenda": _ALL, "exposure": _ALL, "timeline": _ALL,
    "commitment_use": _ALL, "open_duty": _ALL, "next_day": _ALL, "next_task": _ALL,
    "family_member": _ALL, "account_sums": _ALL,
}  # fmt: skip
_DISPUTE_SHORT: Final = ("id", "contract", "opened_on", "closed_on", "outcome", "raised_by", "case")
_ACTIVITY_SHORT: Final = ("id", "kind", "direction", "started_at", "finished_at", "due_on", "is_done", "account")
_CASE_SHORT: Final = ("id", "number", "subject", "status", "account", "contract", "dispute", "opened_at", "closed_at")
_BUSINESS: Final = (
    (*_WHO, *_WHEN, *_MONEY, *_PROMISED),
    ("people", "renewal_owner", "purchase_order"),
    _LEGAL_WORDING,
)

HOUSE_ACCESS: Final = AccessPolicy(
    grants=(
        *_grants(
            SALES,
            contract=_BUSINESS,
            opportunity=(("*",), ("*",), ("refs", "extras", "provenance", "id")),
            account=(("*",), ("*",), ("refs", "extras", "provenance", "id", "vat_number", "registration_number")),
            contact=(("*",), ("*",), ("refs", "extras", "provenance", "id", "erased_on")),
            activity=(("*",), (), ()),
            quote=(("*",), (), ()),
            case=(("*",), (), ()),
            dispute=(_DISPUTE_SHORT, (), ()),
            invoice=(("*",), (), ()),
            satisfaction=(("*",), (), ()),
            **_EVERY_MODEL,
        ),
        *_grants(
            PROCUREMENT,
            contract=_BUSINESS,
            opportunity=(_SALE_WITHOUT_MONEY, (), ()),
            account=(_ACCOUNT_SHORT, (), ()),
            contact=(_CONTACT_SHORT, (), ()),
            activity=(_ACTIVITY_SHORT, (), ()),
            quote=(("id", "number", "account", "status"), (), ()),
            case=(_CASE_SHORT, (), ()),
            dispute=(_DISPUTE_SHORT, (), ()),
            invoice=(("*",), (), ()),
            satisfaction=(("id",), (), ()),
            **_EVERY_MODEL,
        ),
        *_grants(
            LEGAL,
            contract=(("*",), _LEGAL_WORK, ()),
            opportunity=((*_SALE_WITHOUT_MONEY, "lines", "quote"), (), ()),
            account=(_ACCOUNT_SHORT, ("legal_name", "legal_form", "registration_number"), ()),
            contact=((*_CONTACT_SHORT, "consents"), ("consents",), ()),
            report=_ALL,
            activity=(_ACTIVITY_SHORT, (), ()),
            quote=(("id", "number", "account", "opportunity", "lines", "status"), (), ()),
            case=(("*",), (), ()),
            dispute=(("*",), (), ()),
            invoice=(("id", "account", "contract", "issued_on", "due_on", "paid_on"), (), ()),
            satisfaction=(("id",), (), ()),
            **_EVERY_MODEL,
        ),
        *_grants(
            FINANCE,
            contract=(
                (*_WHO, *_WHEN, *_MONEY, *_PROMISED, "billing_address", "service_address"),
                ("purchase_order", "billing_address"),
                _LEGAL_WORDING,
            ),
            opportunity=((*_SALE_WITHOUT_MONEY, "amount", "recurring_amount", "currency", "lines"), (), ()),
            account=((*_ACCOUNT_SHORT, "revenue", "currency"), ("vat_number", "billing_address"), ()),
            contact=(_CONTACT_SHORT, (), ()),
            activity=(_ACTIVITY_SHORT, (), ()),
            quote=(("id", "number", "account", "lines", "stated_total", "currency", "status"), (), ()),
            case=(_CASE_SHORT, (), ()),
            dispute=((*_DISPUTE_SHORT, "amount"), (), ()),
            invoice=(("*",), (), ()),
            satisfaction=(("id",), (), ()),
            **_EVERY_MODEL,
        ),
        *_grants(
            MANAGEMENT,
            contract=_ALL,
            opportunity=_ALL,
            account=_ALL,
            contact=_ALL,
            report=_ALL,
            activity=(("*",), (), ()),
            quote=(("*",), (), ()),
            case=(("*",), (), ()),
            dispute=(("*",), (), ()),
            invoice=(("*",), (), ()),
            satisfaction=(("*",), (), ()),
            **_EVERY_MODEL,
        ),
        *_grants(
            IT,
            contract=(_KEYS, (), ()),
            opportunity=(_KEYS, (), ()),
            account=(_KEYS, (), ()),
            contact=(_KEYS, (), ()),
            contract_terms=(("id", "stage"), (), ()),
            agenda=(("day", "safe_day", "kind", "contract", "known"), (), ()),
            timeline=(("contract", "stage", "segments", "notice", "ends_on"), (), ()),
        ),
    ),
    derived=READ_MODELS,
)
"""The house's policy, for `Access(policy=HOUSE_ACCESS, roles={"sales"})`."""
