"""A lead becomes an account, a person and a sale, and every field says where it came from.

The rule of the file: nothing is keyed in again and nothing is overwritten. What an existing account or
contact already states stays; a difference is reported. A refusal to be contacted is never left behind with the lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

import attrs
from attrs import evolve, frozen

from clmcrm.crm.lead import Lead, LeadStatus
from clmcrm.crm.opportunity import CLOSED_STAGES, Opportunity, OpportunityStage
from clmcrm.crm.pipeline import Pipeline
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact, PersonRole, PersonRoleKind
from clmcrm.values.ids import AccountId, ContactId, OpportunityId
from clmcrm.values.problems import Problem, Severity

R = TypeVar("R", Account, Contact)


@frozen(kw_only=True)
class FieldTrace:
    """The `target` field ("account.name") has its value from the `source` field ("lead.company_name")."""

    target: str
    source: str


@frozen(kw_only=True)
class ConvertedLead:
    """The converted `lead` and what it became; `contact` and `opportunity` are None where none was wanted.

    `traces` say where each field came from; `problems` are what an existing record states otherwise.
    """

    lead: Lead
    account: Account
    contact: Contact | None
    opportunity: Opportunity | None
    traces: tuple[FieldTrace, ...]
    problems: tuple[Problem, ...]


def converted(
    lead: Lead,
    on: date,
    *,
    account: AccountId | Account,
    contact: ContactId | Contact | None = None,
    opportunity: OpportunityId | None = None,
    pipeline: Pipeline | None = None,
) -> ConvertedLead:
    """What `lead` becomes on the day `on`.

    `account` and `contact` are ids for new records, or the records it belongs to. `opportunity` is the id of
    the sale to begin (None: none), in the first open stage of `pipeline` in which a sale may start.

    Raises `TransitionNotAllowed` for a lead that was converted or disqualified, `InvalidRecord` for a contact
    of another account, for a new contact when the lead names no person, or a pipeline in which no sale may start.

    >>> from clmcrm.values.ids import LeadId
    >>> lead = Lead(id=LeadId("l"), company_name="Durand", family_name="Byron", status=LeadStatus.QUALIFIED)
    >>> became = converted(lead, date(2026, 5, 7), account=AccountId("a"), contact=ContactId("c"))
    >>> became.account.name, became.contact.family_name, became.lead.is_converted
    ('Durand', 'Byron', True)
    """
    if lead.status in {LeadStatus.CONVERTED, LeadStatus.DISQUALIFIED}:
        raise TransitionNotAllowed(f"lead {lead.id}", "conversion", lead.status.value, [])
    traces: list[FieldTrace] = []
    problems: list[Problem] = []
    firm = _account(lead, account, traces, problems)
    person = None if contact is None else _contact(lead, firm, contact, traces, problems)
    sale = (
        None if opportunity is None else _sale(lead, firm, person, opportunity, pipeline=pipeline, on=on, traces=traces)
    )
    became = evolve(
        lead,
        status=LeadStatus.CONVERTED,
        converted_on=on,
        converted_account=firm.id,
        converted_contact=None if person is None else person.id,
        converted_opportunity=None if sale is None else sale.id,
    )
    return ConvertedLead(
        lead=became,
        account=firm,
        contact=person,
        opportunity=sale,
        traces=tuple(traces),
        problems=tuple(problems),
    )


def _account(lead: Lead, account: AccountId | Account, traces: list[FieldTrace], problems: list[Problem]) -> Account:
    wanted = {
        "name": next(n for n in ("company_name", "name", "family_name", "given_name") if getattr(lead, n)),
        "industry": "industry",
        "employees": "employees",
        "revenue": "revenue",
        "website": "website",
        "billing_address": "address",
        "language": "language",
        "currency": "currency",
        "lead_source": "source",
        "owner": "owner",
    }
    if isinstance(account, Account):
        # The firm's own name is its register's business, not the lead's.
        known = {target: source for target, source in wanted.items() if target != "name"}
        return _filled(account, lead, known, traces, problems)
    values = {target: getattr(lead, source) for target, source in wanted.items() if _stated(getattr(lead, source))}
    traces.extend(FieldTrace(target=f"account.{target}", source=f"lead.{wanted[target]}") for target in values)
    return Account(id=account, **values)


def _contact(
    lead: Lead, firm: Account, contact: ContactId | Contact, traces: list[FieldTrace], problems: list[Problem]
) -> Contact:
    names = ("given_name", "family_name", "job_title", "emails", "phones", "address", "language", "consents", "owner")
    wanted = {**{name: name for name in names}, "lead_source": "source"}
    if isinstance(contact, Contact):
        if contact.account not in {None, firm.id}:
            raise InvalidRecord(f"Contact {contact.id}", "account", contact.account, f"{firm.id}, the lead's account")
        known = _refusing(evolve(contact, account=firm.id), lead, traces)
        if set(lead.consents) <= set(known.consents):
            del wanted["consents"]
        return _filled(known, lead, wanted, traces, problems)
    if not (lead.given_name or lead.family_name):
        if lead.name is None:
            raise InvalidRecord(f"Lead {lead.id}", "family_name", None, "a person's name, to make a contact of")
        wanted["name"] = "name"
    values = {target: getattr(lead, source) for target, source in wanted.items() if _stated(getattr(lead, source))}
    traces.extend(FieldTrace(target=f"contact.{target}", source=f"lead.{wanted[target]}") for target in values)
    return Contact(id=contact, account=firm.id, **values)


def _refusing(contact: Contact, lead: Lead, traces: list[FieldTrace]) -> Contact:
    """The contact with the refusals that only the lead has: withdrawal and objection prevail, as in `may_contact`."""
    new = [consent for consent in lead.consents if not consent.given and consent not in contact.consents]
    if not new or not contact.consents:  # a contact that states none takes over all of them
        return contact
    traces.append(FieldTrace(target="contact.consents", source="lead.consents"))
    return evolve(contact, consents=(*contact.consents, *new))


def _sale(
    lead: Lead,
    firm: Account,
    person: Contact | None,
    opportunity: OpportunityId,
    *,
    pipeline: Pipeline | None,
    on: date,
    traces: list[FieldTrace],
) -> Opportunity:
    wanted = {
        "amount": "expected_amount",
        "probability": "probability",
        "source": "source",
        "medium": "medium",
        "campaign": "campaign",
        "description": "description",
        "owner": "owner",
        "tags": "tags",
        "lead": "id",
    }
    if lead.expected_amount is None:
        wanted["currency"] = "currency"  # an amount brings its own
    values = {target: getattr(lead, source) for target, source in wanted.items() if _stated(getattr(lead, source))}
    traces.extend(FieldTrace(target=f"opportunity.{target}", source=f"lead.{wanted[target]}") for target in values)
    values["name"] = lead.name or firm.name
    traces.append(FieldTrace(target="opportunity.name", source="lead.name" if lead.name else "account.name"))
    if person is not None:
        role = PersonRole(contact=person.id, role=PersonRoleKind.DECISION_MAKER, is_primary=True)
        values["contacts"] = (role,)
    if pipeline is not None:
        # A closed stage does not forbid a beginning by itself; but what begins from a lead is neither won nor lost.
        first = next((s for s in pipeline.stages if s.may_start and s.stage not in CLOSED_STAGES), None)
        if first is None:
            raise InvalidRecord(f"Pipeline {pipeline.id}", "stages", None, "a stage in which a sale may start")
        values |= {"pipeline": pipeline.id, "stage": first.stage, "stage_id": first.id, "stage_raw": first.name}
    else:
        values["stage"] = OpportunityStage.QUALIFICATION
    return Opportunity(id=opportunity, account=firm.id, created_on=on, **values)


def _filled(record: R, lead: Lead, wanted: Mapping[str, str], traces: list[FieldTrace], problems: list[Problem]) -> R:
    """`record` with what it does not state taken from the lead; what differs is reported."""
    kind = type(record).__name__.lower()
    new: dict[str, Any] = {}
    for target, source in wanted.items():
        here, there = getattr(record, target), getattr(lead, source)
        if not _stated(there) or here == there:
            continue
        if not _stated(here):
            new[target] = there
            traces.append(FieldTrace(target=f"{kind}.{target}", source=f"lead.{source}"))
        elif target != "owner":
            what = f"stays; the lead {lead.id} says {there}"
            problems.append(
                Problem(where=f"{kind} {record.id}", field=target, value=str(here), what=what, severity=Severity.NOTE)
            )
    return attrs.evolve(record, **new)


def _stated(value: object) -> bool:
    return value is not None and value != ()
