"""One account as somebody may see it: every record of a view with what that access withholds.

The rule of the file: how many records there are is not withheld, only what they say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from clmcrm.bridge.account_view import AccountView
from clmcrm.bridge.feedback import terms_shown
from clmcrm.bridge.next_days import OF_CONTRACTS
from clmcrm.parties.access import Access, AccessPolicy, Grant, Shown


@frozen(kw_only=True)
class AccountShown:
    """An `AccountView` as somebody may see it, record by record."""

    account: Shown
    group: tuple[Shown, ...]
    contacts: tuple[Shown, ...]
    activities: tuple[Shown, ...]
    opportunities: tuple[Shown, ...]
    quotes: tuple[Shown, ...]
    cases: tuple[Shown, ...]
    contracts: tuple[Shown, ...]
    family: tuple[Shown, ...]
    commitments: tuple[Shown, ...]
    duties: tuple[Shown, ...]
    disputes: tuple[Shown, ...]
    invoices: tuple[Shown, ...]
    satisfaction: tuple[Shown, ...]
    sums: Shown
    days: tuple[Shown, ...]
    findings: tuple[Shown, ...]


_KINDS: Final = (
    "account", "contact", "activity", "opportunity", "quote", "case", "contract_terms", "family_member",
    "commitment_use", "open_duty", "dispute", "invoice", "satisfaction", "account_sums", "next_day",
    "next_task", "finding",
)  # fmt: skip

EVERYTHING: Final = Access(
    policy=AccessPolicy(grants=tuple(Grant(role="all", kind=kind, see=("*",)) for kind in _KINDS)),
    roles=frozenset({"all"}),
)
"""The access of somebody who may see the whole of a view."""


def account_shown(view: AccountView, access: Access) -> AccountShown:
    """The view as somebody with that `access` sees it; how many records there are is not withheld."""

    def each(records: Iterable[object], kind: str) -> tuple[Shown, ...]:
        return tuple(access.visible(record, kind) for record in records)

    return AccountShown(
        account=access.visible(view.account, "account"),
        group=each(view.group, "account"),
        contacts=each(view.contacts, "contact"),
        activities=each(view.activities, "activity"),
        opportunities=each(view.opportunities, "opportunity"),
        quotes=each(view.quotes, "quote"),
        cases=each(view.cases, "case"),
        contracts=tuple(terms_shown(terms, access) for terms in view.contracts),
        family=each(view.family.members, "family_member"),
        commitments=each(view.commitments, "commitment_use"),
        duties=each(view.duties, "open_duty"),
        disputes=each(view.disputes, "dispute"),
        invoices=each(view.invoices, "invoice"),
        satisfaction=each(view.satisfaction, "satisfaction"),
        sums=access.visible(view.sums, "account_sums"),
        days=tuple(access.visible(one, "next_day" if one.kind in OF_CONTRACTS else "next_task") for one in view.days),
        findings=each(view.findings, "finding"),
    )
