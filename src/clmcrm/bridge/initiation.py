"""From a won opportunity to a draft contract, with nothing typed in again.

Every field of the draft names the record and the fields it came from (`Contract.provenance`), and what the
sale does not say is listed with the one who has to say it, never filled in. The same opportunity always gives
the same draft, down to its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import frozen

from clmcrm.bridge.handover import (
    contract_lines,
    handed_clauses,
    notice_clause,
    renewal_clause,
    term_clause,
    tier_clauses,
)
from clmcrm.bridge.missing_facts import SALES, Missing, gaps_in, no_template
from clmcrm.bridge.wishes import Wishes, is_stated, record_name, wishes_of
from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.events import Requested
from clmcrm.clm.kinds import ContractKind, Party, Relation
from clmcrm.clm.templates import Template
from clmcrm.crm.lines import SalesLine
from clmcrm.crm.opportunity import Opportunity, OpportunityKind
from clmcrm.crm.quote import Quote
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact, PersonRoleKind
from clmcrm.values.ids import ContactId, ContractId, OpportunityId
from clmcrm.values.partial import Unknown, known
from clmcrm.values.provenance import Provenance
from clmcrm.values.wording import Wording
from clmcrm.values.yearly import per_year


@frozen(kw_only=True)
class Draft:
    """A draft contract and what is still missing before it can be approved."""

    contract: Contract
    missing: tuple[Missing, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


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
    contacts: Iterable[Contact] = (),
    templates: Iterable[Template] = (),
) -> Draft:
    """The draft contract of a won opportunity, requested `at` that instant by `by`.

    `quote`, when given, is the one that was accepted: what it says goes before the opportunity, and where it
    is silent the opportunity speaks. `account` supplies its legal name, and the billing address where the sale
    states none; `contacts` the names of the people who sign (one who is not among them is missing). Of
    `templates`, the first of the contract's kind and language is named (None where none fits, which is then
    reported). Raises `TransitionNotAllowed` for an opportunity that is not won, `InvalidRecord` for a quote of
    another opportunity and for an account other than the one the contract is with.
    """
    if not opportunity.is_won:
        raise TransitionNotAllowed(f"opportunity {opportunity.id}", "initiate", opportunity.stage.value, ())
    if quote is not None and quote.opportunity not in (None, opportunity.id):
        raise InvalidRecord(f"Quote {quote.id}", "opportunity", quote.opportunity, opportunity.id)
    drafting = _Drafting(opportunity, quote, account)
    drafting.head()
    drafting.people(tuple(contacts))
    drafting.clauses()
    drafting.money()
    offered = tuple(templates)
    drafting.template(offered)
    drafting.requested(at, by)
    contract = drafting.contract()
    missing = [*gaps_in(contract, opportunity.owner), *drafting.nameless(), *drafting.unpriced()]
    if offered and contract.template is None:
        missing.append(no_template(contract))
    return Draft(contract=contract, missing=tuple(missing))


def linked_back(opportunity: Opportunity, contract: Contract) -> Opportunity:
    """The opportunity naming the contract that came of it; unchanged when it already does.

    Raises `InvalidRecord` for a contract of another opportunity, and for a sale that names another contract.

    >>> sale = Opportunity(id=OpportunityId("O"), name="n")
    >>> made = Contract(id=ContractId("C-O"), title="n", kind=ContractKind.SALES, opportunity=sale.id)
    >>> linked_back(sale, made).contract
    'C-O'
    """
    if contract.opportunity != opportunity.id:
        raise InvalidRecord(f"Contract {contract.id}", "opportunity", contract.opportunity, opportunity.id)
    if opportunity.contract not in (None, contract.id):
        raise InvalidRecord(f"Opportunity {opportunity.id}", "contract", opportunity.contract, contract.id)
    return attrs.evolve(opportunity, contract=contract.id)


_HANDED: Final = ("payment_within", "payment_terms", "billing_account")
"""The wishes that become clauses (`handed_clauses`)."""


class _Drafting:
    """One draft in the making: each field is set together with where it came from."""

    def __init__(self, opportunity: Opportunity, quote: Quote | None, account: Account | None) -> None:
        self._sale = opportunity
        self._quote = quote
        self._account = account
        self._wishes: Wishes = wishes_of(opportunity, quote)
        lines: tuple[SalesLine, ...] = quote.lines if quote is not None and quote.lines else opportunity.lines
        self._sold = lines
        self._lines_of = record_name(quote if quote is not None and quote.lines else opportunity)
        self._fields: dict[str, Any] = {}  # each is set by the function that knows its type
        self._traces: list[Provenance] = []
        self._start = known(self._wishes.terms.start_wanted_on)
        self._lines, self._problems = contract_lines(lines, self._start)
        self._nameless: list[ContactId] = []

    def contract(self) -> Contract:
        """What has been set, as a contract."""
        made = Contract(
            id=contract_id_for(self._sale.id), title=self._sale.name, kind=self._kind()
        )  # fmt: skip
        return attrs.evolve(made, **self._fields, provenance=tuple(self._traces))

    def head(self) -> None:
        """Who, what and which: the fields that name the contract and its relations."""
        sale, quote, terms = self._sale, self._quote, self._wishes.terms
        self._trace("id", record_name(sale), "id")
        self._trace("title", record_name(sale), "name")
        wanted = terms.contract_kind_wanted is not None
        kind_from = self._wishes.taken_from["contract_kind_wanted"] if wanted else record_name(sale)
        self._trace("kind", kind_from, "contract_kind_wanted" if wanted else "stage")
        self._first("counterparty", (quote, "account"), (sale, "account"))
        self._first("own_unit", (terms, "seller"), (quote, "unit"), (sale, "unit"))
        self._first("owner", (quote, "owner"), (sale, "owner"))
        self._first("quote", (quote, "id"), (sale, "quote"))
        self._set("opportunity", sale.id, record_name(sale), "id")
        self._first("parent", (sale, "renews"))
        if sale.renews is not None:
            adds = sale.kind is OpportunityKind.EXPANSION
            self._set("relation", Relation.UNDER if adds else Relation.RENEWS, record_name(sale), "renews, kind")
        self._check_account()
        if self._account is not None and self._account.legal_name is not None:
            self._set("names_in_text", (self._account.legal_name,), record_name(self._account), "legal_name")

    def _check_account(self) -> None:
        """Refuse an account that is not the one the contract is with: its name would stand in another's contract."""
        account, expected = self._account, self._fields.get("counterparty")
        if account is not None and expected is not None and account.id != expected:
            raise InvalidRecord(f"Account {account.id}", "id", account.id, f"{expected}, whom the contract is with")

    def people(self, contacts: tuple[Contact, ...]) -> None:
        """Everybody with a part in it, and those who sign for the customer."""
        roles = self._wishes.terms.contacts
        self._wish("people", "contacts", roles)
        by_id = {contact.id: contact for contact in contacts}
        named_to_sign = dict.fromkeys(r.contact for r in roles if r.role is PersonRoleKind.SIGNATORY)
        signing = [by_id[contact] for contact in named_to_sign if contact in by_id]
        self._nameless = [contact for contact in named_to_sign if contact not in by_id]
        signatories = tuple(
            Signatory(side=Party.COUNTERPARTY, name=c.full_name, title=c.job_title or "") for c in signing
        )  # fmt: skip
        if signatories:
            named = ", ".join(f"contact {contact.id}" for contact in signing)
            self._set("signatories", signatories, named, "given_name, family_name, name, job_title")

    def clauses(self) -> None:
        """The term, the renewal, the notice and what else was agreed."""
        terms = self._wishes.terms
        self._wish("effective_on", "start_wanted_on", terms.start_wanted_on)
        self._wish("term", "initial_term, minimum_term", term_clause(terms))
        renewal = renewal_clause(terms, self._said_by("renewal_wanted"))
        self._wish("renewal", "renewal_wanted, renewal_term, max_renewals", renewal)
        self._wish("notice", "notice_wanted", notice_clause(terms))
        tiers = tier_clauses(self._sold, self._start)
        agreed = (*handed_clauses(terms), *tiers)
        told = [name for name in _HANDED if is_stated(getattr(terms, name))]
        sources = [self._wishes.taken_from[name] for name in told]
        if tiers:
            told.append("lines")
            sources.append(self._lines_of)
        if agreed:
            self._set("clauses", agreed, ", ".join(dict.fromkeys(sources)), ", ".join(told))
        self._wish("special_terms", "special_terms", terms.special_terms)
        self._wish("languages", "language", (terms.language,) if terms.language else ())

    def money(self) -> None:
        """The lines, the values, the addresses."""
        sale, quote, terms, account = self._sale, self._quote, self._wishes.terms, self._account
        if self._lines:
            self._set("lines", self._lines, self._lines_of, "lines")
        self._first("total_value", (quote, "stated_total"), (sale, "amount"))
        self._first("recurring_value", (sale, "recurring_amount"))
        if sale.recurring_amount is not None and sale.recurring_every is not None:
            yearly = per_year(sale.recurring_amount, sale.recurring_every)
            self._set("annual_value", yearly, record_name(sale), "recurring_amount, recurring_every")
        self._wish("purchase_order", "purchase_order", terms.purchase_order)
        self._wish("service_address", "shipping_address", terms.shipping_address)
        if terms.billing_address is not None:
            self._wish("billing_address", "billing_address", terms.billing_address)
        elif account is not None and account.billing_address is not None:
            self._set("billing_address", account.billing_address, record_name(account), "billing_address")

    def template(self, templates: tuple[Template, ...]) -> None:
        """The first template of the contract's kind, in its language where there is one."""
        fitting = [one for one in templates if one.kind is self._kind()]
        language = self._wishes.terms.language
        inexact = None if language is None else language.partition("-")[0]
        spoken = [one for one in fitting if one.language in (language, inexact)] if language else fitting
        if spoken:
            self._set("template", spoken[0].id, record_name(spoken[0]), "id, kind, language")

    def requested(self, at: datetime, by: str) -> None:
        """The first event of the contract's life."""
        event = Requested(at, by, opportunity=self._sale.id)
        self._fields["events"] = (event,)
        self._traces.append(Provenance(field="events", source=f"request by {by}", span="at, by", observed_at=at))

    def nameless(self) -> Iterator[Missing]:
        """Those named to sign whose contact was not given, so that nobody knows what they are called."""
        for contact in self._nameless:
            reason = Wording(
                f"contact {contact} is to sign and is not among the contacts given",
                f"le contact {contact} doit signer et ne figure pas parmi les contacts fournis",
            )
            yield Missing(field="signatories", reason=reason, owner=SALES, person=self._sale.owner)

    def _kind(self) -> ContractKind:
        """The kind wanted; a won opportunity that says nothing is a sale, which is what winning one means."""
        wanted = self._wishes.terms.contract_kind_wanted
        if wanted is None:
            return ContractKind.SALES
        try:
            return ContractKind(wanted)
        except ValueError:
            expected = ", ".join(kind.value for kind in ContractKind)
            raise InvalidRecord(
                self._said_by("contract_kind_wanted"), "contract_kind_wanted", wanted, expected
            ) from None

    def _said_by(self, wish: str) -> str:
        """How an error names the record a wish was taken from: "Quote Q-1"."""
        source = self._wishes.taken_from[wish]
        return source[:1].upper() + source[1:]

    def unpriced(self) -> Iterator[Missing]:
        """The lines that could not be handed over."""
        for problem in self._problems:
            yield Missing(field="lines", reason=problem, owner=SALES, person=self._sale.owner)

    def _first(self, name: str, *places: tuple[object, str]) -> None:
        for record, attribute in places:
            value = None if record is None else getattr(record, attribute)
            if value is not None:
                is_wish = record is self._wishes.terms
                source = self._wishes.taken_from[attribute] if is_wish else record_name(record)
                self._set(name, value, source, attribute)
                return

    def _wish(self, name: str, attributes: str, value: object) -> None:
        first = attributes.partition(",")[0]
        if is_stated(value):
            self._set(name, value, self._wishes.taken_from[first], attributes)
        elif isinstance(value, Unknown):
            self._fields[name] = value

    def _set(self, name: str, value: object, source: str, attributes: str) -> None:
        self._fields[name] = value
        self._trace(name, source, attributes)

    def _trace(self, name: str, source: str, attributes: str) -> None:
        self._traces.append(Provenance(field=name, source=source, span=attributes))
