"""Odoo as a CRM: companies and persons, opportunities with the lines of their orders, and terms as attachments.

Every method is a flow: it asks the server and returns what the port promises (see `clmcrm.ports.systems`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, timedelta, tzinfo
from typing import Any, Final

from clmcrm.adapters.extras import EXTRAS, Carry
from clmcrm.adapters.odoo import leads, partners, terms
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.system import BATCH, OVERLAP, PAGE, OdooSystem
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.ports.records import Kind


class OdooCrm(OdooSystem):
    """The CRM side of an Odoo, asked through `session`.

    `accounts` and `contacts` are domains in Odoo's own form that pick the companies and persons out of all
    partners. `contract_field` names the text field of `crm.lead` that takes the contract's key (None: there is
    none, and the link is not written). `stages` says what open stages mean, by name; `zone` is where the day on
    which a sale was closed is told. `overlap` is how far back each pull reads again: it must exceed the longest
    transaction of the server. `page` is how many records a page of the feed holds, `batch` how many are written in
    one call. `carry` is what the records' extras hold besides what Odoo stores of each: files (then a page and a
    batch have 20 records at most), fields it computes, the ids of records that name this one.
    """

    def __init__(
        self,
        session: OdooSession,
        *,
        accounts: Sequence[object] = partners.COMPANIES,
        contacts: Sequence[object] = partners.PEOPLE,
        contract_field: str | None = None,
        stages: Mapping[str, OpportunityStage] = leads.STAGES,
        zone: tzinfo = UTC,
        overlap: timedelta = OVERLAP,
        page: int = PAGE,
        batch: int = BATCH,
        carry: Collection[Carry] = (),
    ) -> None:
        kinds = (
            account_kind(accounts),
            contact_kind(contacts),
            _opportunity_kind(contract_field, stages, zone),
            _TERMS,
        )
        shown = leads.SHOWN | {"contract"} if contract_field else leads.SHOWN
        holds: dict[str, frozenset[str]] = {
            Kind.ACCOUNT: partners.ACCOUNT_WRITABLE | {EXTRAS},
            Kind.CONTACT: partners.CONTACT_WRITABLE | {EXTRAS},
            Kind.OPPORTUNITY: shown | {EXTRAS},
        }
        super().__init__(session, kinds, holds=holds, overlap=overlap, page=page, batch=batch, carry=carry)


def account_kind(domain: Sequence[object]) -> OdooKind:
    """Companies, as both sides of an Odoo keep them."""
    return OdooKind(
        kind=Kind.ACCOUNT,
        model=partners.MODEL,
        domain=tuple(domain),
        spec=partners.COMPANY_SPEC,
        watched=("child_ids",),
        parts={"child_ids": partners.MODEL},
        fields=partners.account_fields,
        gone=partners.is_gone,
        created=partners.new_account,
        changed=partners.changed_account,
        refused=partners.unwritable_account,
        written=partners.COMPANY_WRITTEN,
    )


def contact_kind(domain: Sequence[object]) -> OdooKind:
    """Persons, as both sides of an Odoo keep them."""
    return OdooKind(
        kind=Kind.CONTACT,
        model=partners.MODEL,
        domain=tuple(domain),
        spec=partners.PERSON_SPEC,
        fields=partners.contact_fields,
        gone=partners.is_gone,
        created=partners.new_contact,
        changed=partners.changed_contact,
        refused=partners.unwritable_contact,
        written=partners.PERSON_WRITTEN,
    )


def _opportunity_kind(link: str | None, stages: Mapping[str, OpportunityStage], zone: tzinfo) -> OdooKind:
    spec: dict[str, Any] = {**leads.SPEC, **({link: {}} if link else {})}
    return OdooKind(
        kind=Kind.OPPORTUNITY,
        model=leads.MODEL,
        domain=leads.DOMAIN,
        spec=spec,
        needs=(link,) if link else (),
        watched=leads.WATCHED,
        fields=lambda row: leads.opportunity_fields(row, stages, link, zone),
        gone=leads.is_gone,
        changed=lambda _row, fields, _codes: leads.changed(fields, link),
        removed=None,
        refused=lambda row, fields, _codes: leads.unwritable(row, fields, link),
        moved=leads.move,
        written=leads.WRITTEN,
    )


_TERMS: Final = OdooKind(
    kind=Kind.CONTRACT_TERMS,
    model=terms.MODEL,
    domain=terms.DOMAIN,
    spec=terms.SPEC,
    fields=terms.terms_fields,
    gone=terms.is_gone,
    created=lambda fields, _codes: terms.created(fields),
    changed=lambda row, fields, _codes: terms.changed(terms.terms_fields(row), fields),
    removed=terms.ended,
    refused=lambda row, fields, _codes: terms.unwritable(terms.terms_fields(row) if row else {}, fields),
    binary=True,
)
