"""The rules to begin with: commercial fields belong to the CRM, legal ones to the CLM.

They are data: a host that divides the work otherwise builds its own `Rules`, for example with
`attrs.evolve` from these. What both sides edit every day (the billing address) is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from clmcrm.ports.records import Kind, Side
from clmcrm.sync.ownership import (
    Direction,
    FieldRule,
    KindRules,
    OnConflict,
    OnDelete,
    Ownership,
    Rules,
)

CRM_OWNED: Final = FieldRule(owner=Ownership.CRM, decides="sales")
CLM_OWNED: Final = FieldRule(owner=Ownership.CLM, decides="legal")
ASKED: Final = FieldRule(owner=Ownership.SHARED, on_conflict=OnConflict.ASK, decides="sales and legal")
LOCAL: Final = FieldRule(owner=Ownership.LOCAL)

LOCAL_FIELDS: Final = ("id", "refs", "extras", "provenance", "merged_into", "created_on")
LEGAL_FIELDS: Final = (
    "legal_name", "legal_form", "registration", "registration_number", "vat", "vat_number", "legal_address",
)  # fmt: skip


def _table(rules: Iterable[tuple[FieldRule, Iterable[str]]]) -> dict[str, FieldRule]:
    return {name: rule for rule, names in rules for name in names}


def standard_rules() -> Rules:
    """The standard rules for accounts, contacts, org units, opportunities, contracts and their terms.

    Kinds stand in the order in which they are created.

    >>> standard_rules().of("account").rule("legal_name").owner.value
    'clm'
    """
    return Rules(kinds=(_org_units(), _accounts(), _contacts(), _contracts(), _terms(), _opportunities()))


def _org_units() -> KindRules:
    return KindRules(
        kind=Kind.ORG_UNIT.value,
        default=CRM_OWNED,
        fields=_table([(LOCAL, LOCAL_FIELDS), (CLM_OWNED, ("code",))]),
        references={"account": Kind.ACCOUNT.value, "parent": Kind.ORG_UNIT.value, "head": Kind.CONTACT.value},
        match=(("code",), ("name", "country")),
    )


def _accounts() -> KindRules:
    return KindRules(
        kind=Kind.ACCOUNT.value,
        default=CRM_OWNED,
        fields=_table([(LOCAL, LOCAL_FIELDS), (CLM_OWNED, LEGAL_FIELDS), (ASKED, ("billing_address",))]),
        references={"parent": Kind.ACCOUNT.value, "unit": Kind.ORG_UNIT.value},
        match=(("registration_number",), ("registration",), ("vat_number",), ("name", "country")),
    )


def _contacts() -> KindRules:
    return KindRules(
        kind=Kind.CONTACT.value,
        default=CRM_OWNED,
        fields=_table([(LOCAL, LOCAL_FIELDS), (ASKED, ("address", "emails", "phones"))]),
        references={"account": Kind.ACCOUNT.value, "reports_to": Kind.CONTACT.value},
        match=(("emails",), ("given_name", "family_name", "account"), ("name", "account")),
    )


def _contracts() -> KindRules:
    return KindRules(
        kind=Kind.CONTRACT.value,
        default=CLM_OWNED,
        fields=_table([(LOCAL, LOCAL_FIELDS)]),
        direction=Direction.TO_CLM,
        derived=Side.CRM,
        references={
            "account": Kind.ACCOUNT.value,
            "counterparty": Kind.ACCOUNT.value,
            "unit": Kind.ORG_UNIT.value,
        },
    )


def _terms() -> KindRules:
    return KindRules(
        kind=Kind.CONTRACT_TERMS.value,
        default=CLM_OWNED,
        fields=_table([(LOCAL, LOCAL_FIELDS)]),
        direction=Direction.TO_CRM,
        derived=Side.CLM,
        references={"account": Kind.ACCOUNT.value, "counterparty": Kind.ACCOUNT.value},
        on_delete=OnDelete.ARCHIVE,
    )


def _opportunities() -> KindRules:
    return KindRules(
        kind=Kind.OPPORTUNITY.value,
        default=CRM_OWNED,
        fields=_table([(LOCAL, LOCAL_FIELDS), (CLM_OWNED, ("contract",))]),
        direction=Direction.NEITHER,
        derived=Side.CLM,
    )
