"""What Navigator read in an agreement, as clauses of ours.

| Navigator, `provisions.` | ours |
| --- | --- |
| `term_length`, `expiration_date` | `TermClause`: `initial`, `ends_on`; whether the end is a last day it does not say |
| `renewal_type` AUTO_RENEW, `auto_renewal_term_length` | `RenewalClause`, tacit, with that length |
| `renewal_type` OPTION_TO_RENEW, `renewal_extension_period` | `RenewalClause`, option |
| `renewal_type` EVERGREEN | indefinite, unless a length is stated beside it: then unknown |
| `renewal_notice_period` | `NoticeClause`; what it is counted from is not said |
| `termination_period_for_cause`, `_for_convenience` | `TerminationRight` with that notice |
| `payment_terms_due_date` | `PaymentClause` for a number of days; a `ClauseFact` for a range |
| `liability_cap_*` | `LiabilityCap`: an amount, or a multiple of a period's fees; 0 or less is kept, and no clause |
| `assignment_*`, `nda_type`, `jurisdiction`, `confidentiality_obligation_period`, late fees, price cap | `ClauseFact` |

Source: docusign/OpenAPI-Specifications, navigator.rest.swagger.json 0.7.1-beta.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from clmcrm.adapters.navigator.leaves import NOT_EXTRACTED, Leaves
from clmcrm.clm.clauses import AnyClause, ClauseFact, LiabilityCap, PaymentClause
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause, TerminationRight
from clmcrm.values.partial import Unknown

P: Final = "provisions."

PAYMENT_DAYS: Final[Mapping[str, int | None]] = {
    "ON_RECEIPT": 0, "SEVEN_DAYS": 7, "FIFTEEN_DAYS": 15, "THIRTY_DAYS": 30, "FORTY_FIVE_DAYS": 45,
    "SIXTY_DAYS": 60, "NINETY_DAYS": 90,
    # Ranges and silence name no number of days.
    "UNDER_SEVEN_DAYS": None, "OVER_NINETY_DAYS": None, "OTHER": None, "SILENT": None,
}  # fmt: skip
"""Every code of `PaymentTermsDueDateOptions`, with its days; None for one that names no number."""

RENEWALS: Final[Mapping[str, RenewalKind]] = {
    "AUTO_RENEW": RenewalKind.TACIT,
    "OPTION_TO_RENEW": RenewalKind.OPTION,
    "EVERGREEN": RenewalKind.INDEFINITE,
}
"""Every code of `RenewalTypeOptions`."""

FACTS: Final[Mapping[str, str]] = {
    "assignment_type": "Assignment",
    "assignment_change_of_control": "Change Of Control",
    "assignment_termination_rights": "Assignment Termination Rights",
    "confidentiality_obligation_period": "Confidentiality Obligation Period",
    "jurisdiction": "Jurisdiction",
    "nda_type": "NDA Type",
    "can_charge_late_payment_fees": "Late Payment Fees",
    "late_payment_fee_percent": "Late Payment Fee Percent",
    "price_cap_percent_increase": "Price Cap Percent Increase",
}
"""The provisions that are answers to a question of Navigator's, with our name for the question."""

_LENGTHS: Final = {
    RenewalKind.TACIT: ("auto_renewal_term_length", "renewal_extension_period"),
    RenewalKind.OPTION: ("renewal_extension_period", "auto_renewal_term_length"),
}


def term_of(leaves: Leaves) -> TermClause | Unknown:
    """How long it runs at first."""
    initial = leaves.tenor(f"{P}term_length")
    stated = leaves.raw(f"{P}expiration_date")
    if initial is None and stated is None:
        kept = leaves.raw(f"{P}term_length")
        return Unknown("a length that cannot be counted", str(kept)) if kept else NOT_EXTRACTED
    return TermClause(initial=initial, ends_on=leaves.day(f"{P}expiration_date"))


def renewal_of(leaves: Leaves) -> RenewalClause | Unknown:
    """What happens at the end of a term."""
    said = leaves.raw(f"{P}renewal_type")
    if not isinstance(said, str) or not said.strip():
        return NOT_EXTRACTED
    kind = RENEWALS.get(said.strip().upper())
    if kind is None:
        return Unknown("a renewal type that is not documented", said)
    if kind is RenewalKind.INDEFINITE:
        lengths = [leaves.raw(f"{P}{name}") for name in _LENGTHS[RenewalKind.TACIT]]
        if any(lengths):
            return Unknown("evergreen, and yet with the length of a further term: renewed or without end?", said)
        _take(leaves, said)
        return RenewalClause(kind=kind)
    for name in _LENGTHS[kind]:
        length = leaves.tenor(f"{P}{name}")
        if length is not None:
            _take(leaves, said)
            return RenewalClause(kind=kind, length=length)
    return Unknown(f"{kind.value} renewal, and the length of a further term was not extracted", said)


def _take(leaves: Leaves, said: str) -> None:
    if said in RENEWALS:
        leaves.take(f"{P}renewal_type")


def notice_of(leaves: Leaves) -> NoticeClause | Unknown:
    """How long before the end notice must be given."""
    length = leaves.tenor(f"{P}renewal_notice_period")
    if length is not None:
        return NoticeClause(length=length)
    kept = leaves.raw(f"{P}renewal_notice_period")
    return Unknown("a length that cannot be counted", str(kept)) if kept else NOT_EXTRACTED


def clauses_of(leaves: Leaves) -> tuple[AnyClause, ...]:
    """Every other provision."""
    return (*_rights(leaves), *_payment(leaves), *_caps(leaves), *_facts(leaves))


def _rights(leaves: Leaves) -> Iterator[TerminationRight]:
    for name, for_cause in (("termination_period_for_cause", True), ("termination_period_for_convenience", False)):
        notice = leaves.tenor(f"{P}{name}")
        if notice is not None:
            yield TerminationRight(for_cause=for_cause, notice=notice)


def _payment(leaves: Leaves) -> Iterator[AnyClause]:
    code = leaves.raw(f"{P}payment_terms_due_date")
    if not isinstance(code, str) or not code.strip():
        return
    days = PAYMENT_DAYS.get(code)
    if days is not None:
        leaves.take(f"{P}payment_terms_due_date")
        yield PaymentClause(days=days)
    elif code != "SILENT":
        leaves.take(f"{P}payment_terms_due_date")
        yield ClauseFact(category="Payment Terms", answer=code)


def _caps(leaves: Leaves) -> Iterator[LiabilityCap]:
    amount = leaves.number(f"{P}liability_cap_fixed_amount")
    if amount is not None and amount > 0:
        money = leaves.money(f"{P}liability_cap_fixed_amount", f"{P}liability_cap_currency_code")
        if money is not None:
            yield LiabilityCap(amount=money)
    multiple = leaves.number(f"{P}liability_cap_multiplier")
    if multiple is not None and multiple > 0:
        leaves.take(f"{P}liability_cap_multiplier")
        yield LiabilityCap(multiple=multiple, per=leaves.tenor(f"{P}liability_cap_duration"))


def _facts(leaves: Leaves) -> Iterator[ClauseFact]:
    for name, category in FACTS.items():
        value = leaves.raw(f"{P}{name}")
        if isinstance(value, bool):
            answer = "yes" if value else "no"
        else:
            number = leaves.number(f"{P}{name}")
            answer = leaves.text(f"{P}{name}") if isinstance(value, str) else "" if number is None else str(number)
        if answer:
            leaves.take(f"{P}{name}")
            yield ClauseFact(category=category, answer=answer)
