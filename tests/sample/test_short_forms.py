"""The short forms are read as they are described, and everything else is refused by file, record and field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clmcrm.clm.contract import Contract, Signatory
from clmcrm.clm.events import AmendmentAccepted, Signed, Terminated
from clmcrm.clm.kinds import Party
from clmcrm.clm.obligations import DueAfter, DueEvery, DueOn, Obligation, Performance, Trigger
from clmcrm.clm.term_clauses import (
    EndMeaning,
    NoticeClause,
    NoticeEffect,
    NoticeReference,
    RenewalClause,
    RenewalKind,
    TermClause,
)
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.parties.accounts import Account
from clmcrm.parties.addresses import Address
from clmcrm.parties.contacts import PersonRoleKind
from clmcrm.sample.files import parsed, record_of
from clmcrm.values.ids import ObligationId
from clmcrm.values.partial import PartialDate, Perpetual, Unknown
from clmcrm.values.tenor import Tenor

MINIMAL = {"id": "C", "title": "t", "kind": "nda"}
OWED = {"id": "OB", "kind": "other", "title": "t", "obligor": "own", "obligee": "counterparty"}


def contract(**facts: object) -> Contract:
    return record_of(Contract, MINIMAL | facts, "here.toml")


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("P1Y", TermClause(initial=Tenor(years=1))),
        ("P2Y minimum P1Y art. 3", TermClause(initial=Tenor(years=2), minimum=Tenor(years=1), citation="art. 3")),
        ("until 2026-12-31 last_day", TermClause(ends_on=date(2026, 12, 31), end_means=EndMeaning.LAST_DAY)),
        ("perpetual § 4 (2)", TermClause(ends_on=Perpetual(), citation="§ 4 (2)")),
        ("unknown: torn off", Unknown("torn off")),
    ],
)
def test_term_is_read(said: str, term: TermClause | Unknown) -> None:
    assert contract(term=said).term == term


@pytest.mark.parametrize(
    ("said", "renewal"),
    [
        ("none", RenewalClause(kind=RenewalKind.NONE)),
        (
            "tacit P1Y max 2 art. 9.1",
            RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1), times=2, citation="art. 9.1"),
        ),
        (
            "option P1Y by counterparty",
            RenewalClause(kind=RenewalKind.OPTION, length=Tenor(years=1), by=Party.COUNTERPARTY),
        ),
    ],
)
def test_renewal_is_read(said: str, renewal: RenewalClause) -> None:
    assert contract(renewal=said).renewal == renewal


def test_notice_is_read() -> None:
    said = "P3M end_of_term receipt deemed 3 clear window P6M by own form letter regime FR art. 9.2"
    assert contract(notice=said).notice == NoticeClause(
        length=Tenor(months=3),
        reference=NoticeReference.END_OF_TERM,
        effect=NoticeEffect.RECEIPT,
        deemed_days=3,
        clear_days=True,
        not_before=Tenor(months=6),
        by=Party.OWN,
        form="letter",
        regime="FR",
        citation="art. 9.2",
    )


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (date(2026, 12, 15), DueOn(day=date(2026, 12, 15))),
        ("2026-12-15", DueOn(day=date(2026, 12, 15))),
        ("unknown: nobody said", DueOn(day=Unknown("nobody said"))),
        (
            "every P1M from 2025-01-31 until 2026-01-30 times 9",
            DueEvery(
                first_on=date(2025, 1, 31), every=Tenor(months=1), last_day=date(2026, 1, 30), times=9
            ),
        ),
        ("P30D after end", DueAfter(trigger=Trigger.END, within=Tenor(days=30))),
        (
            "P15D after OB-1",
            DueAfter(trigger=Trigger.OBLIGATION, within=Tenor(days=15), obligation=ObligationId("OB-1")),
        ),
    ],
)  # fmt: skip
def test_due_is_read(said: object, due: object) -> None:
    owed = record_of(Obligation, {**OWED, "due": said}, "here.toml")
    assert owed.due == due


def test_performance_is_read() -> None:
    done = ["2026-10-02 for 2026-09-30 share 0.25 -- note 12"]
    owed = record_of(Obligation, {**OWED, "due": date(2026, 9, 30), "performances": done}, "here.toml")
    (performance,) = owed.performances
    assert (performance.on, performance.for_due) == (date(2026, 10, 2), date(2026, 9, 30))
    assert (str(performance.share), performance.evidence) == ("0.25", "note 12")
    assert isinstance(performance, Performance)


def test_events_are_read() -> None:
    read = contract(
        events="""
        2026-01-02 esign signed side=own signer="Claire Aubry"
        2026-02-02 pell amendment_accepted amendment=C/A1 base_version=0 effective_on=2026-07-01
        2026-03-02 pell terminated ground=cause last_day=2026-06-30 -- not paid -- twice
        """
    )
    signed, accepted, ended = read.events
    assert isinstance(signed, Signed)
    assert (signed.at.isoformat(), signed.signed_on) == ("2026-01-02T12:00:00+00:00", date(2026, 1, 2))
    assert signed.signer == "Claire Aubry"
    assert isinstance(accepted, AmendmentAccepted)
    assert accepted.base_version == 0
    assert isinstance(ended, Terminated)
    assert ended.note == "not paid -- twice"


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("2019-09-.. (redacted)", PartialDate(year=2019, month=9, redacted=True)),
        ("2027-02-..", PartialDate(year=2027, month=2)),
        ("....-..-.. (redacted)", PartialDate(redacted=True)),
        ("2026-01-31", date(2026, 1, 31)),
        (date(2026, 1, 31), date(2026, 1, 31)),
        ("unknown: why", Unknown("why")),
    ],
)
def test_day_fact_is_read(said: object, fact: object) -> None:
    assert contract(effective_on=said).effective_on == fact


def test_percent_is_a_share_only_where_shares_stand() -> None:
    read = contract(
        special_terms="15%", lines=[{"id": "1", "description": "5%", "price": "10.00 EUR", "discount": "12.5%"}]
    )
    assert read.special_terms == "15%"
    assert read.lines[0].description == "5%"
    assert read.lines[0].discount == Decimal("0.125")


def test_people_and_signatories_are_read() -> None:
    read = contract(people=["N-1 economic buyer, primary", "N-2 legal"], signatories=["own: A B, Head, Sales"])
    first, second = read.people
    assert (first.contact, first.role, first.is_primary) == ("N-1", PersonRoleKind.ECONOMIC_BUYER, True)
    assert (second.role, second.is_primary) == (PersonRoleKind.LEGAL, False)
    assert read.signatories == (Signatory(side=Party.OWN, name="A B", title="Head, Sales"),)


def test_address_is_read_with_and_without_a_region() -> None:
    here = record_of(
        Account, {"id": "A", "name": "n", "billing_address": "1 Rue X / Bât. B | 75009 | Paris | FR"}, "here.toml"
    )
    there = record_of(
        Account, {"id": "A", "name": "n", "billing_address": "1 X St | 10999 | New York | NY | US"}, "here.toml"
    )
    assert here.billing_address == Address(lines=("1 Rue X", "Bât. B"), postal_code="75009", city="Paris", country="FR")
    assert there.billing_address is not None
    assert there.billing_address.region == "NY"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("color", "blue"),
        ("kind", "deal"),
        ("term", 12),
        ("term", "1 year"),
        ("term", "P1Y P2Y"),
        ("term", "P1Y until"),
        ("term", "P1Y forever"),
        ("renewal", "tacit"),
        ("renewal", "tacit P1Y max two"),
        ("renewal", f"tacit P1Y max {'9' * 5000}"),
        ("notice", "end_of_term"),
        ("notice", "P3M end_of_decade"),
        ("effective_on", "next spring"),
        ("effective_on", 2026),
        ("effective_on", "\uff12\uff10\uff11\uff19-09-.. (redacted)"),
        ("total_value", "12 euros"),
        ("total_value", "12.345 EUR"),
        ("billing_address", "Paris"),
        ("people", "N-1 signatory"),
        ("people", ["N-1"]),
        ("people", ["N-1 signatory, second"]),
        ("signatories", ["Claire Aubry"]),
        ("clauses", [{"is": "price_clause", "product": "P", "price": "1 EUR", "colour": "blue"}]),
        ("lines", [{"id": "1", "description": "d", "price": "1 EUR", "amount": 3}]),
        ("obligations", "none"),
        ("obligations", [{**OWED, "due": "every P1M"}]),
        ("obligations", [{**OWED, "due": "soon"}]),
        ("obligations", [{**OWED, "due": "2026-01-01", "performances": ["yesterday"]}]),
        ("events", "2026-01-01 requested"),
        ("events", "2026-01-01 pell exploded"),
        ("events", "2026-01-01 pell requested from O-1"),
        ("events", "2026-13-01 pell requested"),
        ("events", 'pell "'),
        ("events", "2026-01-01 pell signed side=own side=counterparty"),
        ("events", "2026-01-01 pell signed side=own by=aubry"),
        ("events", "2026-01-01 pell signed side=own at=2025-01-01T12:00:00Z"),
        ("events", "2026-01-01 pell signed is=requested"),
        ("events", "2026-01-01 pell requested note=one -- another"),
        ("events", f"2026-01-01 pell redrafted version={'9' * 5000}"),
    ],
)
def test_refusal_names_file_record_and_field(name: str, value: object) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        _ = contract(**{name: value})
    assert refusal.value.record == "here.toml: Contract C"
    assert name in refusal.value.field
    assert refusal.value.expected


def test_refusal_inside_a_table_names_the_inner_field() -> None:
    with pytest.raises(InvalidRecord) as refusal:
        _ = contract(obligations=[{**OWED, "due": "soon"}])
    assert refusal.value.field == "obligations.due"


@pytest.mark.parametrize("text", ["[[rate]]\nfactor = ", "rate"])
def test_broken_toml_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableInput, match=r"^rates.toml: "):
        _ = parsed(text, "rates.toml", "rate")


@pytest.mark.parametrize("text", ["", "[[rates]]\nfactor = 1", "rate = 1", "[[rate]]\nfactor = 1\n[other]\n"])
def test_file_with_something_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        _ = parsed(text, "rates.toml", "rate")
    assert refusal.value.record == "rates.toml"
