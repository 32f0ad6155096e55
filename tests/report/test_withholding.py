"""No word of a withheld field appears in anything that is shown: a canary in every field, every role, every output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

import attrs
import pytest

from clmcrm.analytics.exposure import exposure
from clmcrm.analytics.portfolio import agenda
from clmcrm.bridge.account_access import account_shown
from clmcrm.bridge.account_view import account_view
from clmcrm.bridge.feedback import contract_terms, terms_shown
from clmcrm.clm import events as e
from clmcrm.clm.clauses import ClauseFact, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.day_expressions import OnFact
from clmcrm.clm.documents import Document
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.obligations import DueAfter, DueOn, Obligation, ObligationKind, Trigger
from clmcrm.clm.price_clauses import PriceClause, VolumeCommitment
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.codec.records import to_fields
from clmcrm.crm.lines import OpportunityLine
from clmcrm.crm.opportunity import Opportunity, OpportunityStage
from clmcrm.errors import AccessRefused
from clmcrm.parties.access import Access, AccessPolicy, Grant, is_withheld
from clmcrm.parties.accounts import Account
from clmcrm.parties.contacts import Contact
from clmcrm.parties.house_access import HOUSE_ACCESS
from clmcrm.proof.log import log_of
from clmcrm.proof.pack import evidence_pack
from clmcrm.report.account_page import AccountPage, account_data, render_account
from clmcrm.report.calendar_feed import calendar_feed
from clmcrm.report.lanes import timeline_of
from clmcrm.report.page import Report, render_html
from clmcrm.report.plain_data import agenda_data, exposures_data, timeline_data
from clmcrm.report.sections import Card, section
from clmcrm.report.tables import agenda_table, exposure_table
from clmcrm.values.ids import (
    AccountId,
    ContactId,
    ContractId,
    DocumentId,
    Extra,
    LineId,
    ObligationId,
    OpportunityId,
    ProductId,
)
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable
from clmcrm.values.tenor import Tenor

DAY: Final = date(2026, 3, 2)
AT: Final = datetime(2025, 1, 1, 9, tzinfo=UTC)

CANARIES: dict[tuple[str, str], str] = {}
"""Each restricted field, as (kind, path), and the text (or the digits) that stands in it and nowhere else."""


def canary(kind: str, path: str) -> str:
    return CANARIES.setdefault((kind, path), f"canary{len(CANARIES):03d}x")


def amount(kind: str, path: str) -> Decimal:
    digits = CANARIES.setdefault((kind, path), f"9173{len(CANARIES):03d}")
    return Decimal(digits) / 100


def euros(kind: str, path: str) -> Money:
    return Money(str(amount(kind, path)), "EUR")


def price(kind: str, path: str) -> UnitPrice:
    return UnitPrice(str(amount(kind, path)), "EUR")


def of_contract(path: str) -> str:
    return canary("contract", path)


CONTRACT = Contract(
    id=ContractId("C-1"),
    number=of_contract("number"),
    title=of_contract("title"),
    kind=ContractKind.SALES,
    kind_detail=of_contract("kind_detail"),
    counterparty=AccountId("A-1"),
    names_in_text=(of_contract("names_in_text"),),
    signatories=(Signatory(side=Party.OWN, name=of_contract("signatories.*.name")),),
    opportunity=OpportunityId("O-1"),
    effective_on=date(2025, 1, 1),
    term=TermClause(initial=Tenor(years=2), citation=of_contract("term.citation"), quote=of_contract("term.quote")),
    renewal=RenewalClause(
        kind=RenewalKind.TACIT, length=Tenor(years=1), citation=of_contract("renewal.citation"),
        quote=of_contract("renewal.quote"),
    ),
    notice=NoticeClause(
        length=Tenor(months=3), reference=NoticeReference.UNSAID, citation=of_contract("notice.citation"),
        quote=of_contract("notice.quote"), form=of_contract("notice.form"),
    ),
    clauses=(
        PriceClause(
            product=ProductId("P-1"), price=price("contract", "clauses.*.price"),
            citation=of_contract("clauses.*.citation"), quote=of_contract("clauses.*.quote"),
        ),
        Restriction(kind=RestrictionKind.EXCLUSIVITY, citation=of_contract("clauses.*.citation")),
        VolumeCommitment(
            per=Tenor(years=1), amount=euros("contract", "clauses.*.amount"),
            citation=of_contract("clauses.*.citation"),
        ),
        ClauseFact(category="audit", answer=of_contract("clauses.*.answer")),
    ),
    conditions_precedent=(of_contract("conditions_precedent"),),
    special_terms=of_contract("special_terms"),
    governing_law=of_contract("governing_law"),
    lines=(
        ContractLine(
            id=LineId("L-1"), description=of_contract("lines.*.description"), product=ProductId("P-1"),
            price=price("contract", "lines.*.price"), recurrence=Tenor(years=1),
        ),
    ),
    total_value=euros("contract", "total_value"),
    purchase_order=of_contract("purchase_order"),
    obligations=(
        Obligation(
            id=ObligationId("OB-1"), kind=ObligationKind.PAYMENT, title=of_contract("obligations.*.title"),
            obligor=Party.COUNTERPARTY, obligee=Party.OWN, due=DueOn(day=date(2026, 6, 1)),
            amount=euros("contract", "obligations.*.amount"), citation=of_contract("obligations.*.citation"),
            condition=of_contract("obligations.*.condition"),
        ),
    ),
    documents=(Document(id=DocumentId("D-1"), name=of_contract("documents.*.name")),),
    events=(
        e.RecordedAsExecuted(AT, of_contract("events.*.by"), note=of_contract("events.*.note")),
        e.Activated(AT, "clm", effective_on=date(2025, 1, 1)),
    ),
    extras=(Extra("hubspot", "x", of_contract("extras")),),
)  # fmt: skip
UNDATED = attrs.evolve(
    CONTRACT,
    id=ContractId("C-2"),
    term=Unknown(of_contract("term.unknown")),
    renewal=Unknown(of_contract("renewal.unknown")),
    obligations=(),
)
UNSAID = attrs.evolve(CONTRACT, id=ContractId("C-3"), notice=Unknown(of_contract("notice.unknown")))


def duty(number: str, **facts: Any) -> Obligation:
    return Obligation(
        id=ObligationId(number), kind=ObligationKind.REPORT, title="report", obligor=Party.COUNTERPARTY,
        obligee=Party.OWN, **facts,
    )  # fmt: skip


ON_JUNE_1 = DueOn(day=date(2026, 6, 1))
UNKNOWN_DAYS = attrs.evolve(
    CONTRACT,
    id=ContractId("C-4"),
    executed_on=Unknown(of_contract("executed_on")),
    obligations=(
        duty("D-1", due=DueOn(day=Unknown(of_contract("obligations.*.due")))),
        duty("D-2", due=DueOn(day=OnFact(name=of_contract("obligations.*.due")))),
        duty("D-3", due=DueAfter(trigger=Trigger.EXECUTION, within=Tenor(days=3))),
        duty("D-4", due=ON_JUNE_1, condition_fact=of_contract("obligations.*.condition_fact")),
        duty("D-5", due=ON_JUNE_1, condition=of_contract("obligations.*.condition"), condition_fact="a fact"),
        duty("D-6", due=ON_JUNE_1, antecedent=OnFact(name=of_contract("obligations.*.antecedent"))),
    ),
)
NO_END = attrs.evolve(
    CONTRACT, id=ContractId("C-5"), term=TermClause(ends_on=Unknown(of_contract("term.ends_on"))), obligations=()
)
BY_RULE = attrs.evolve(
    CONTRACT, id=ContractId("C-6"), term=TermClause(until=OnFact(name=of_contract("term.until"))), obligations=()
)
NOT_BEGUN = attrs.evolve(
    CONTRACT, id=ContractId("C-7"), effective_on=Unknown(of_contract("effective_on")), events=CONTRACT.events[:1],
    obligations=(),
)  # fmt: skip
CONTRACTS = (CONTRACT, UNDATED, UNSAID, UNKNOWN_DAYS, NO_END, BY_RULE, NOT_BEGUN)
SALE = Opportunity(
    id=OpportunityId("O-1"),
    name=canary("opportunity", "name"),
    account=AccountId("A-1"),
    stage=OpportunityStage.PROPOSAL,
    description=canary("opportunity", "description"),
    next_step=canary("opportunity", "next_step"),
    amount=euros("opportunity", "amount"),
    lines=(
        OpportunityLine(
            id=LineId("OL-1"), description=canary("opportunity", "lines.*.description"), product=ProductId("P-1"),
            quantity=Decimal(1), unit_price=price("opportunity", "lines.*.unit_price"),
        ),
    ),
)  # fmt: skip
ACCOUNT = Account(
    id=AccountId("A-1"),
    name=canary("account", "name"),
    description=canary("account", "description"),
    vat_number=canary("account", "vat_number"),
    revenue=euros("account", "revenue"),
)
PERSON = Contact(
    id=ContactId("P-1"),
    account=AccountId("A-1"),
    name=canary("contact", "name"),
    job_title=canary("contact", "job_title"),
    department=canary("contact", "department"),
    emails=(canary("contact", "emails") + "@example.org",),
)
RECORDS = {"contract": CONTRACT, "opportunity": SALE, "account": ACCOUNT, "contact": PERSON}
NAMES: dict[AccountId, str] = {AccountId("A-1"): "the counterparty"}


@cache
def computed() -> Any:
    contracts = CONTRACTS
    coming = agenda(contracts, DAY, date(2028, 12, 31))
    return (
        coming,
        exposure(contracts, DAY, RateTable(rates=()), "EUR"),
        timeline_of(contracts, DAY, date(2025, 1, 1), date(2028, 12, 31)),
        account_view(ACCOUNT, DAY, contacts=[PERSON], opportunities=[SALE], contracts=contracts),
    )


def _as_json(kind: str, access: Access | None) -> str:
    fields = to_fields(RECORDS[kind])
    return json.dumps(fields if access is None else access.visible(fields, kind).fields)


def outputs(access: Access | None) -> Iterator[tuple[str, str]]:
    """Everything the library shows of the records, as text; what refuses to be shown says only that."""
    coming, exposed, timeline, view = computed()
    canary("report", "sections")
    report = Report(
        title="report", as_of=DAY, agenda=coming, exposures=exposed, timeline=timeline, names=NAMES,
        sections=(section("found", ("what",), ((CANARIES["report", "sections"],),)),),
        cards=(Card(label="figure", value=canary("report", "cards")),),
        assumptions=(canary("report", "assumptions"),),
    )  # fmt: skip
    makers: dict[str, Any] = {
        "agenda data": lambda: json.dumps(agenda_data(coming, NAMES, access=access)),
        "agenda data fr": lambda: json.dumps(agenda_data(coming, NAMES, "fr", access=access)),
        "agenda table": lambda: agenda_table(coming, NAMES, width=900, access=access),
        "exposures": lambda: json.dumps(exposures_data(exposed, NAMES, access=access)),
        "exposure table": lambda: exposure_table(exposed, NAMES, width=900, access=access),
        "timeline": lambda: json.dumps(timeline_data(timeline, NAMES, access=access)),
        "page": lambda: render_html(report, access=access),
        "page fr": lambda: render_html(report, "fr", access=access),
        "calendar": lambda: calendar_feed(coming, AT, NAMES, access=access).decode().replace("\r\n ", ""),
        "account page": lambda: render_account(view, access=access),
        "account page fr": lambda: render_account(view, "fr", access=access),
        "account data": lambda: json.dumps(account_data(view, access=access)),
        "account cell": lambda: AccountPage(view=view, access=access)._repr_html_(),
        "account line": lambda: repr(AccountPage(view=view, access=access)),
        "pack": lambda: evidence_pack(CONTRACT, log_of(CONTRACT, [bytes(32)] * 2), access=access).decode("latin-1"),
    }
    if access is not None:
        makers |= {
            "terms": lambda: str([terms_shown(contract_terms(c, DAY), access).fields for c in CONTRACTS]),
            "account view": lambda: str(account_shown(view, access)),
            **{f"{kind} as JSON": partial(_as_json, kind, access) for kind in RECORDS},
        }
    else:
        makers |= {
            "terms": lambda: str([contract_terms(c, DAY) for c in CONTRACTS]),
            "account view": lambda: str(view),
            **{f"{kind} as JSON": partial(_as_json, kind, None) for kind in RECORDS},
        }
    for name, make in makers.items():
        try:
            yield name, make()
        except AccessRefused as refused:
            yield name, str(refused)


def told(text: str) -> set[tuple[str, str]]:
    """The fields whose canary can be found in a text; digits are found whatever separates them."""
    digits = re.sub(r"[\s,.\u00a0\u202f]", "", text)
    return {key for key, value in CANARIES.items() if value in (digits if value.isdigit() else text)}


def test_every_canary_sings_somewhere_when_nothing_is_withheld() -> None:
    heard = {key for _, text in outputs(None) for key in told(text)}
    assert heard == set(CANARIES)
    assert len(CANARIES) > 40


@pytest.mark.parametrize("role", HOUSE_ACCESS.roles)
def test_a_role_of_the_house_reads_no_word_of_what_it_may_not_see(role: str) -> None:
    access = Access(policy=HOUSE_ACCESS, roles={role})
    _ = list(outputs(None))
    forbidden = {key for key in CANARIES if not access.may_see(*key)}
    assert [(name, told(text) & forbidden) for name, text in outputs(access) if told(text) & forbidden] == []


def everything_but(kind: str, path: str) -> Access:
    kinds = {grant.kind for grant in HOUSE_ACCESS.grants}
    grants = [Grant(role="r", kind=k, see=("*",), but=(path,) if k == kind else ()) for k in sorted(kinds)]
    return Access(policy=AccessPolicy(grants=tuple(grants), derived=HOUSE_ACCESS.derived), roles={"r"})


@pytest.mark.parametrize("key", sorted(CANARIES), ids=" ".join)
def test_one_field_withheld_is_told_by_no_output_and_the_rest_still_is(key: tuple[str, str]) -> None:
    access = everything_but(*key)
    texts = dict(outputs(access))
    assert [name for name, text in texts.items() if key in told(text)] == []
    assert len({other for text in texts.values() for other in told(text)}) > len(CANARIES) / 3


def test_a_french_reader_is_told_in_french_that_something_is_withheld() -> None:
    keys_only = Access(policy=HOUSE_ACCESS, roles={"it"})
    coming, _, lanes, _ = computed()
    report = Report(title="Contrats", as_of=DAY, agenda=coming, timeline=lanes, names=NAMES)
    for made in (
        render_html(report, "fr", access=keys_only),
        agenda_table(coming, NAMES, "fr", access=keys_only),
        calendar_feed(coming, AT, NAMES, "fr", access=keys_only).decode(),
    ):
        assert "non communiqué" in made.replace("\r\n ", "")
        assert "withheld" not in made


def test_a_withheld_field_is_said_to_be_withheld_in_every_form() -> None:
    access = everything_but("contract", "obligations.*.amount")
    texts = dict(outputs(access))
    for name in ("agenda table", "page", "calendar"):
        assert "withheld" in texts[name], name
    assert "non communiqué" in texts["page fr"]
    entries = json.loads(texts["agenda data"])["entries"]
    paid = next(entry for entry in entries if entry["kind"] == "obligation")
    assert is_withheld(paid["amount"])
    assert next(entry for entry in entries if entry["kind"] == "notice")["amount"] is None


def test_sales_sees_prices_and_restrictions_and_no_legal_notes() -> None:
    sales = Access(policy=HOUSE_ACCESS, roles={"sales"})
    terms = terms_shown(contract_terms(CONTRACT, DAY), sales)
    assert terms.withheld == ()
    assert "exclusivity" in terms.fields["restrictions"][0].en
    for path in ("special_terms", "events.*.note", "clauses.*.quote", "conditions_precedent"):
        assert not sales.may_see("contract", path)
        assert Access(policy=HOUSE_ACCESS, roles={"legal"}).may_see("contract", path)


def test_an_evidence_pack_is_whole_or_refused() -> None:
    for role in HOUSE_ACCESS.roles:
        access = Access(policy=HOUSE_ACCESS, roles={role})
        log = log_of(CONTRACT, [bytes(32)] * 2)
        if role in {"legal", "management"}:
            assert evidence_pack(CONTRACT, log, access=access) == evidence_pack(CONTRACT, log)
        else:
            with pytest.raises(AccessRefused, match="legal, management may"):
                evidence_pack(CONTRACT, log, access=access)
