"""From a won opportunity to a draft contract, with nothing typed in again.

Every field of the draft names the field it came from (`Contract.provenance`), and what the opportunity
does not say is listed with the one who has to say it, never filled in. The same opportunity always gives
the same draft, down to its id.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from clmcrm.bridge.handover import contract_lines, handed_clauses, notice_clause, renewal_clause, term_clause
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import Requested
from clmcrm.clm.kinds import ContractKind, Relation
from clmcrm.crm.opportunity import Opportunity
from clmcrm.crm.quote import Quote
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.parties.accounts import Account
from clmcrm.values.ids import ContractId, OpportunityId
from clmcrm.values.partial import Unknown, known, why_not
from clmcrm.values.provenance import Provenance


@frozen(kw_only=True)
class Missing:
    """A field of the draft that nobody has stated yet: `why`, and the role that `owner` names can state it."""

    field: str
    why: str
    owner: str


@frozen(kw_only=True)
class Draft:
    """A draft contract and what is still missing before it can be approved."""

    contract: Contract
    missing: tuple[Missing, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


# field of the contract: (fields of the opportunity it comes from)
_CAME_FROM = {
    "title": "name",
    "kind": "contract_kind_wanted",
    "counterparty": "account",
    "own_unit": "unit",
    "owner": "owner",
    "people": "contacts",
    "effective_on": "start_wanted_on",
    "term": "initial_term, minimum_term",
    "renewal": "renewal_wanted, renewal_term, max_renewals",
    "notice": "notice_wanted",
    "clauses": "payment_within, payment_terms",
    "special_terms": "special_terms",
    "languages": "language",
    "lines": "lines",
    "total_value": "amount",
    "recurring_value": "recurring_amount",
    "purchase_order": "purchase_order",
    "billing_address": "billing_address",
    "service_address": "shipping_address",
    "parent": "renews",
    "quote": "quote",
}


def contract_id_for(opportunity: OpportunityId) -> ContractId:
    """The id of the contract that comes of an opportunity: derived, so that asking twice gives one contract.

    >>> contract_id_for(OpportunityId("O-9"))
    'C-O-9'
    """
    return ContractId(f"C-{opportunity}")


def initiate(
    opportunity: Opportunity,
    at: datetime,
    by: str,
    *,
    account: Account | None = None,
    quote: Quote | None = None,
) -> Draft:
    """The draft contract of a won opportunity, requested `at` that instant by `by`.

    `quote`, when given, is the one that was accepted: its lines and wishes go before the opportunity's.
    `account` supplies the billing address where the sale states none. Raises `TransitionNotAllowed` for an
    opportunity that is not won, `InvalidRecord` for a quote of another opportunity.
    """
    if not opportunity.is_won:
        raise TransitionNotAllowed(f"opportunity {opportunity.id}", "initiate", opportunity.stage.value, ())
    if quote is not None and quote.opportunity not in (None, opportunity.id):
        raise InvalidRecord(f"Quote {quote.id}", "opportunity", quote.opportunity, opportunity.id)
    wishes = opportunity if quote is None else quote
    lines, problems = contract_lines(wishes.lines)
    billing = wishes.billing_address or (None if account is None else account.billing_address)
    contract = Contract(
        id=contract_id_for(opportunity.id),
        title=opportunity.name,
        kind=_kind(opportunity),
        counterparty=opportunity.account,
        own_unit=opportunity.unit,
        opportunity=opportunity.id,
        quote=quote.id if quote else opportunity.quote,
        owner=opportunity.owner,
        people=wishes.contacts or opportunity.contacts,
        parent=opportunity.renews,
        relation=Relation.RENEWS if opportunity.renews else None,
        effective_on=opportunity.start_wanted_on,
        term=term_clause(wishes),
        renewal=renewal_clause(wishes),
        notice=notice_clause(wishes),
        clauses=handed_clauses(wishes),
        special_terms=wishes.special_terms or "",
        languages=(wishes.language,) if wishes.language else (),
        lines=lines,
        total_value=quote.stated_total if quote and quote.stated_total else opportunity.amount,
        recurring_value=opportunity.recurring_amount,
        purchase_order=wishes.purchase_order or "",
        billing_address=billing,
        service_address=wishes.shipping_address,
        events=(Requested(at, by, opportunity=opportunity.id),),
        provenance=_traces(opportunity, quote, account),
    )
    return Draft(contract=contract, missing=(*_missing(contract), *problems_as_missing(problems)))


def problems_as_missing(problems: tuple[str, ...]) -> tuple[Missing, ...]:
    """What could not be handed over with the lines, as missing facts for the salesperson."""
    return tuple(Missing(field="lines", why=problem, owner="sales") for problem in problems)


def _kind(opportunity: Opportunity) -> ContractKind:
    """The kind wanted; a won opportunity that says nothing is a sale, which is what winning one means."""
    wanted = opportunity.contract_kind_wanted
    if wanted is None:
        return ContractKind.SALES
    try:
        return ContractKind(wanted)
    except ValueError:
        expected = ", ".join(kind.value for kind in ContractKind)
        raise InvalidRecord(f"Opportunity {opportunity.id}", "contract_kind_wanted", wanted, expected) from None


def _traces(opportunity: Opportunity, quote: Quote | None, account: Account | None) -> tuple[Provenance, ...]:
    """Which field of which record each field of the contract came from."""
    from_quote = {"people", "term", "renewal", "notice", "clauses", "special_terms", "languages", "lines",
                  "purchase_order", "billing_address", "service_address"}  # fmt: skip
    traces: list[Provenance] = []
    for name, origin in _CAME_FROM.items():
        source = f"quote {quote.id}" if quote and name in from_quote else f"opportunity {opportunity.id}"
        if name == "billing_address" and account and not (quote or opportunity).billing_address:
            source = f"account {account.id}"
        traces.append(Provenance(field=name, source=source, span=origin))
    return tuple(traces)


def _missing(contract: Contract) -> tuple[Missing, ...]:
    found: list[Missing] = []
    if contract.counterparty is None:
        found.append(Missing(field="counterparty", why="the opportunity names no account", owner="sales"))
    if known(contract.effective_on) is None:
        why = f"the start is not known: {why_not(contract.effective_on)}"
        found.append(Missing(field="effective_on", why=why, owner="sales"))
    if not contract.lines:
        found.append(Missing(field="lines", why="there is nothing to deliver or to charge", owner="sales"))
    if contract.governing_place is None:
        found.append(Missing(field="governing_place", why="the governing law is not chosen", owner="legal"))
    if not contract.signatories:
        found.append(Missing(field="signatories", why="nobody is named to sign", owner="legal"))
    for name in ("term", "renewal", "notice"):
        clause = getattr(contract, name)
        if isinstance(clause, Unknown):
            found.append(Missing(field=name, why=clause.reason, owner="sales and legal"))
    return tuple(found)
