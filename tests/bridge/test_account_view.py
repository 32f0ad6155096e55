"""The unified view of one account and its group: everything of theirs, nothing of others', on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from one_account import AMENDMENT, DAY, DURAND, ELSEWHERE, FRAME, GROUP, RECORDS, SEAT, SISTER, STRANGER, noon

from clmcrm.bridge.account_inputs import InvoiceSeen, InvoiceState
from clmcrm.bridge.account_view import AccountRecords, account_view
from clmcrm.bridge.contract_card import card_fields, card_note, contract_card
from clmcrm.bridge.contract_family import contract_family
from clmcrm.bridge.feedback import contract_terms
from clmcrm.bridge.next_days import DayKind, next_days
from clmcrm.clm import events as e
from clmcrm.clm.clauses import Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.norms.entries import Performed
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.price_clauses import VolumeCommitment
from clmcrm.clm.prices.windows import Purchase
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.crm.case import CaseStatus
from clmcrm.crm.quote import QuoteStatus
from clmcrm.errors import InvalidRecord
from clmcrm.parties.accounts import Account
from clmcrm.parties.addresses import Address
from clmcrm.values.ids import AccountId, ContractId, ObligationId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor

VIEW = account_view(DURAND, DAY, records=RECORDS)
WHOLE = account_view(DURAND, DAY, records=RECORDS, whole_group=True)


def test_the_view_holds_what_is_the_account_s_and_nothing_else() -> None:
    assert VIEW.head == GROUP.id
    assert VIEW.group == (DURAND,)
    assert [c.id for c in VIEW.contacts] == ["K-1"]
    assert [a.id for a in VIEW.activities] == ["T-1", "T-3", "T-2"]  # latest first, undated last
    assert [t.id for t in VIEW.contracts] == ["C-1", "C-2"]
    assert [c.id for c in VIEW.cases] == ["S-1"]
    assert [d.id for d in VIEW.disputes] == ["D-1"]
    assert [i.id for i in VIEW.invoices] == ["F-1", "F-2", "F-3"]
    assert [s.score for s in VIEW.satisfaction] == [8]


def test_the_whole_group_takes_in_its_members_and_no_stranger() -> None:
    assert [a.id for a in WHOLE.group] == ["A-0", "A-1", "A-2"]
    assert [c.id for c in WHOLE.contacts] == ["K-1", "K-2"]
    assert [t.id for t in WHOLE.contracts] == ["C-1", "C-2", "C-3"]
    assert WHOLE.contracts[2].account == ELSEWHERE.counterparty


def test_a_record_that_is_given_twice_is_there_once() -> None:
    again = account_view(
        DURAND, DAY, records=RECORDS, contacts=RECORDS.contacts, opportunities=RECORDS.opportunities,
        contracts=RECORDS.contracts,
    )  # fmt: skip
    assert again == VIEW
    twice = {part.name: getattr(RECORDS, part.name) * 2 for part in attrs.fields(AccountRecords)
             if part.name in {"activities", "quotes", "cases", "invoices", "accounts"}}  # fmt: skip
    assert account_view(DURAND, DAY, records=attrs.evolve(RECORDS, **twice)) == VIEW
    alike = attrs.evolve(RECORDS, satisfaction=RECORDS.satisfaction * 2)  # two customers may answer the same
    assert len(account_view(DURAND, DAY, records=alike).satisfaction) == len(VIEW.satisfaction) * 2


def test_two_records_of_one_id_are_both_shown() -> None:
    changed = tuple(attrs.evolve(sale, name=f"{sale.name} (changed)") for sale in RECORDS.opportunities)
    both = account_view(DURAND, DAY, records=RECORDS, opportunities=changed)
    assert len(both.opportunities) == len(VIEW.opportunities) * 2


def test_amounts_are_by_currency_and_never_added_across() -> None:
    assert VIEW.sums.annual_value == (Money(12_000, "EUR"), Money(3_000, "USD"))
    assert VIEW.sums.pipeline == (Money(24_000, "EUR"),)
    assert VIEW.sums.unpaid == (Money(1_000, "EUR"), Money(250, "USD"))
    assert VIEW.sums.overdue == (Money(1_000, "EUR"),)


def test_an_invoice_that_is_issued_later_is_not_unpaid_yet() -> None:
    ahead = InvoiceSeen(id="F-4", account=DURAND.id, amount=Money(70, "EUR"), issued_on=date(2026, 2, 1))
    records = attrs.evolve(RECORDS, invoices=(*RECORDS.invoices, ahead))
    assert account_view(DURAND, DAY, records=records).sums == VIEW.sums


def test_what_still_names_a_merged_account_is_the_one_s_that_replaced_it() -> None:
    old = Account(id=AccountId("A-7"), name="Durand", merged_into=DURAND.id)
    sale = attrs.evolve(RECORDS.opportunities[0], account=old.id)
    records = attrs.evolve(
        RECORDS, accounts=(*RECORDS.accounts, old), opportunities=(sale,),
        contracts=(attrs.evolve(FRAME, counterparty=old.id), AMENDMENT),
    )  # fmt: skip
    view = account_view(DURAND, DAY, records=records)
    assert view.group == (DURAND, old)
    assert [t.id for t in view.contracts] == ["C-1", "C-2"]
    assert view.opportunities == (sale,)
    # The contract is with the same firm, so that its price binds the sale.
    assert [f.contract for f in view.findings if f.offer.startswith("opportunity")] == ["C-1"]


@pytest.mark.parametrize(
    ("facts", "is_open"),
    [
        ({}, True),
        ({"closed_at": noon("2026-01-15")}, False),
        ({"closed_at": noon("2026-01-16")}, True),
        ({"status": CaseStatus.CLOSED}, False),
        ({"status": CaseStatus.RESOLVED}, False),
        ({"opened_at": noon("2026-01-16")}, False),
    ],
)
def test_a_case_is_open_until_it_is_known_to_be_over(facts: dict[str, Any], is_open: bool) -> None:
    view = account_view(DURAND, DAY, records=attrs.evolve(RECORDS, cases=(attrs.evolve(RECORDS.cases[0], **facts),)))
    assert bool(view.open_cases) is is_open
    assert f"{int(is_open)} open case" in str(view)


def test_what_both_sides_owe_is_there_with_what_is_late_and_disputed() -> None:
    fee, report = VIEW.duties
    assert (fee.obligation, fee.owed_by, fee.overdue, fee.disputed) == ("B-2", Party.COUNTERPARTY, True, True)
    assert (report.obligation, report.owed_by, report.overdue) == ("B-1", Party.OWN, False)


def test_what_both_sides_owe_is_owed_by_each() -> None:
    mutual = attrs.evolve(FRAME.obligations[0], obligor=Party.BOTH, obligee=Party.BOTH)
    contract = attrs.evolve(FRAME, obligations=(mutual,))
    fields = card_fields(contract_card(contract, DAY))
    assert fields["we_owe"] == fields["they_owe"] == "usage report, 2026-02-10"
    (duty,) = (one for one in account_view(DURAND, DAY, contracts=[contract]).days if one.kind is DayKind.DUTY)
    assert (duty.what.en, duty.what.fr) == (
        "both sides owe: usage report", "les deux parties doivent : usage report"
    )  # fmt: skip


def test_a_duty_that_was_performed_is_not_open() -> None:
    paid = Performed(at=noon("2025-12-01"), by="bank", norm="B-2", on=date(2025, 12, 1), share=Decimal(1))
    records = attrs.evolve(RECORDS, ledgers=(NormLedger(contract=FRAME.id, entries=(paid,)),))
    assert [d.obligation for d in account_view(DURAND, DAY, records=records).duties] == ["B-1"]


def test_the_next_days_come_in_order_from_both_wings_with_what_has_passed_first() -> None:
    assert [(d.day.isoformat(), d.kind, d.late) for d in VIEW.days] == [
        ("2025-12-01", DayKind.DUTY, True),
        ("2026-01-10", DayKind.TASK, True),
        ("2026-02-10", DayKind.DUTY, False),
        ("2026-02-28", DayKind.NOTICE, False),
        ("2026-02-28", DayKind.QUOTE, False),
        ("2026-03-31", DayKind.CLOSING, False),
        ("2026-06-01", DayKind.RENEWAL, False),
        ("2028-02-29", DayKind.END, False),
    ]
    assert all(d.what.fr for d in VIEW.days)


@pytest.mark.parametrize(
    ("status", "is_live"),
    [
        (QuoteStatus.SENT, True),
        (QuoteStatus.UNKNOWN, True),
        (QuoteStatus.ACCEPTED, False),
        (QuoteStatus.SIGNED, False),
        (QuoteStatus.DECLINED, False),
        (QuoteStatus.WITHDRAWN, False),
        (QuoteStatus.SUPERSEDED, False),
    ],
)
def test_a_quote_that_was_answered_or_taken_back_is_no_longer_live(status: QuoteStatus, is_live: bool) -> None:
    records = attrs.evolve(RECORDS, quotes=(attrs.evolve(RECORDS.quotes[0], status=status),))
    view = account_view(DURAND, DAY, records=records)
    assert [one.kind for one in view.days].count(DayKind.QUOTE) == is_live
    assert [f.offer.startswith("quote") for f in view.findings].count(True) == is_live


def test_a_contract_that_is_not_signed_or_is_over_brings_no_days() -> None:
    draft = attrs.evolve(FRAME, events=())
    canceled = advance(advance(draft, e.Requested(noon("2024-05-01"), "sales")), e.Canceled(noon("2024-05-02"), "us"))
    rescinded = advance(FRAME, e.Rescinded(noon("2025-08-02"), "court", note="fraud"))
    for idle in (draft, canceled, rescinded):
        assert account_view(DURAND, DAY, contracts=[idle]).days == ()


def test_a_notice_stays_until_its_last_day_and_stands_on_the_safe_day_before() -> None:
    unsaid = attrs.evolve(
        FRAME, effective_on=date(2025, 6, 1), term=TermClause(ends_on=date(2026, 6, 1)),
        notice=NoticeClause(length=Tenor(days=90)),
    )  # fmt: skip
    safe, last = date(2026, 3, 2), date(2026, 3, 3)
    for as_of, day in ((safe, safe), (last, last)):
        terms = contract_terms(unsaid, as_of)
        assert (terms.notice_safe_by, terms.notice_by) == (safe, last)
        (notice,) = (one for one in next_days(as_of, contracts=[terms]) if one.kind is DayKind.NOTICE)
        assert (notice.day, notice.late) == (day, False)


def test_what_must_be_renewed_by_asking_ends_without_it() -> None:
    express = attrs.evolve(
        FRAME, effective_on=date(2025, 6, 1), renewal=RenewalClause(kind=RenewalKind.EXPRESS, length=Tenor(years=1))
    )
    (notice,) = (d for d in account_view(DURAND, DAY, contracts=[express]).days if d.kind is DayKind.NOTICE)
    assert notice.what.en == "ask for the renewal of 2024-17, or it ends"
    assert notice.what.fr == "demander le renouvellement de 2024-17, sinon il prend fin"


def test_a_contract_stands_with_the_account_it_was_assigned_to() -> None:
    moved = advance(FRAME, e.PartyLeft(noon("2025-09-01"), "clm"))
    moved = advance(moved, e.PartyAssigned(noon("2025-09-02"), "clm", to=STRANGER.id))
    records = attrs.evolve(RECORDS, contracts=(moved, AMENDMENT, ELSEWHERE))
    assert [t.id for t in account_view(DURAND, DAY, records=records).contracts] == ["C-2"]
    assert [t.id for t in account_view(STRANGER, DAY, records=records).contracts] == ["C-1"]


def test_in_a_group_each_offer_is_looked_at_in_the_country_of_its_own_account() -> None:
    """Only in Germany is the product promised to somebody else: the sister's sale breaks it, not the head's."""
    only = Restriction(
        kind=RestrictionKind.EXCLUSIVITY, territories=("DE",), products=(SEAT,), citation="art. 4"
    )  # fmt: skip
    promised = attrs.evolve(FRAME, id=ContractId("C-9"), counterparty=STRANGER.id, clauses=(only,))
    german = attrs.evolve(SISTER, billing_address=Address(city="Köln", country="DE"))
    sale = attrs.evolve(RECORDS.opportunities[0], account=SISTER.id, renews=None)
    records = AccountRecords(accounts=(GROUP, DURAND, german), opportunities=(sale,), contracts=(promised,))
    found = account_view(DURAND, DAY, records=records, whole_group=True).findings
    assert [(f.contract, f.severity.value) for f in found] == [("C-9", "error")]


def test_contradictions_of_open_sales_and_live_quotes_are_found() -> None:
    assert [(f.offer, f.what.en) for f in VIEW.findings] == [
        ("opportunity 200 more seats (O-1)", "the price is below the agreed one"),
        ("quote Q-2026-1", "the payment terms are not the agreed ones"),
    ]


def test_the_family_is_a_tree_and_a_circle_is_a_finding() -> None:
    assert [(m.contract, m.depth) for m in VIEW.family.members] == [("C-1", 0), ("C-2", 1)]
    ring = contract_family([attrs.evolve(FRAME, parent=AMENDMENT.id), AMENDMENT])
    assert [m.depth for m in ring.members] == [0, 0]
    assert ["is a circle" in p.what for p in ring.problems] == [True]


def test_a_circle_in_the_group_is_a_finding_and_not_walked() -> None:
    one = Account(id=AccountId("X"), name="x", parent=AccountId("Y"))
    two = Account(id=AccountId("Y"), name="y", parent=AccountId("X"))
    below = Account(id=AccountId("Z"), name="z", parent=AccountId("X"))
    for account in (one, below):
        view = account_view(account, DAY, records=AccountRecords(accounts=(one, two, below)), whole_group=True)
        assert view.group == (account,)
        assert view.head is None
        assert [p.what for p in view.problems] == ["is a circle"]


def test_a_parent_nobody_holds_is_a_finding() -> None:
    view = account_view(DURAND, DAY)
    assert [p.what for p in view.problems] == ["is not among the records"]


def test_how_far_a_commitment_is_used() -> None:
    (use,) = VIEW.commitments
    assert (use.committed, use.counted, use.share) == ("1200", "450", Decimal("0.3750"))
    assert use.said("fr") == "450 sur 1200 seats, 37,5 %, période jusqu'au 2026-05-31"
    unsure = contract_card(attrs.evolve(FRAME, effective_on=Unknown("lost")), DAY)
    assert "first day of the contract is not known" in unsure.commitments[0].said("en")


def test_a_commitment_asks_for_its_share_of_the_days_it_is_in_force() -> None:
    whole = VolumeCommitment(per=Tenor(years=1), quantity=Decimal(365), anchor_on=date(DAY.year, 1, 1))
    for first_day, asked in ((date(DAY.year, 1, 1), "365"), (DAY, str((date(DAY.year, 12, 31) - DAY).days + 1))):
        later = attrs.evolve(FRAME, clauses=(attrs.evolve(whole, first_day=first_day),))
        (use,) = contract_card(later, DAY).commitments
        assert use.committed == asked


def test_a_commitment_in_money_is_told_in_the_decimals_of_its_currency() -> None:
    spent = attrs.evolve(FRAME, clauses=(VolumeCommitment(per=Tenor(years=1), amount=Money("1200.50", "EUR")),))
    bought = Purchase(on=date(2025, 9, 1), amount=Money("100.30", "EUR"))
    (use,) = contract_card(spent, DAY, purchases=[bought]).commitments
    assert use.said() == "100.30 of 1200.50 EUR, 8.35%, period until 2026-05-31"
    assert use.said("fr") == "100,30 sur 1200,50 EUR, 8,35 %, période jusqu'au 2026-05-31"


@pytest.mark.parametrize(
    ("bought", "why"),
    [
        (Purchase(on=date(2025, 9, 1), quantity=Decimal(5)), "Purchase on 2025-09-01 does not state what is counted"),
        (Purchase(on=date(2025, 9, 1), amount=Money(5, "USD")), "a purchase is in another currency"),
    ],
)
def test_a_purchase_that_cannot_be_counted_is_told_and_the_view_stays(bought: Purchase, why: str) -> None:
    spent = attrs.evolve(FRAME, clauses=(VolumeCommitment(per=Tenor(years=1), amount=Money(1200, "EUR")),))
    records = AccountRecords(contracts=(spent,), purchases={FRAME.id: (bought,)})
    (use,) = account_view(DURAND, DAY, records=records).commitments
    assert (use.counted, use.share) == ("", None)
    assert use.why_unknown == why


def test_the_card_comes_as_fields_and_as_a_note_in_both_languages() -> None:
    card = contract_card(FRAME, DAY, purchases=RECORDS.purchases[FRAME.id], disputes=RECORDS.disputes)
    fields = card_fields(card)
    assert fields["notice_by"] == "2026-02-28"
    assert fields["we_owe"] == "usage report, 2026-02-10"
    assert fields["they_owe"] == "set-up fee, 2025-12-01, 5000.00 EUR, overdue, disputed"
    assert "call: graduated, 0.02 EUR up to 1000, 0.015 EUR beyond (annex 3)" in fields["prices"]
    assert (
        "call : par tranches, 0,02 EUR jusqu'à 1000, 0,015 EUR au-delà (annex 3)" in card_fields(card, "fr")["prices"]
    )
    english, french = card_note(card, DAY), card_note(card, DAY, "fr")
    assert "Give notice by 2026-02-28" in english
    assert "We owe: usage report" in english
    assert "on 2026-01-15: in effect" in english
    assert "au 2026-01-15 : en vigueur" in french
    assert "Dénoncer au plus tard le 2026-02-28" in french
    assert "Litige : set-up fee contested" in french
    assert len(english.splitlines()) == len(french.splitlines())


def test_a_contract_of_nothing_has_an_empty_card() -> None:
    card = contract_card(Contract(id=ContractId("C"), title="NDA", kind=ContractKind.NDA), DAY)
    assert (card.steps, card.commitments, card.duties, card.disputes) == ((), (), (), ())
    assert set(card_fields(card).values()) >= {"", "new"}


@pytest.mark.parametrize(
    ("due", "paid", "state"),
    [
        (date(2026, 1, 14), None, InvoiceState.OVERDUE),
        (date(2026, 1, 15), None, InvoiceState.OPEN),
        (None, None, InvoiceState.OPEN),
        (date(2026, 1, 10), date(2026, 1, 10), InvoiceState.PAID),
        (date(2026, 1, 10), date(2026, 1, 11), InvoiceState.PAID_LATE),
        (date(2026, 1, 10), date(2026, 1, 16), InvoiceState.OVERDUE),
    ],
)
def test_where_an_invoice_stands(due: date | None, paid: date | None, state: InvoiceState) -> None:
    invoice = InvoiceSeen(
        id="F", account=DURAND.id, amount=Money(1, "EUR"), issued_on=date(2026, 1, 1), due_on=due, paid_on=paid
    )
    assert invoice.state_on(DAY) is state


def test_an_invoice_due_before_it_was_issued_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="due_on"):
        _ = InvoiceSeen(
            id="F", account=DURAND.id, amount=Money(1, "EUR"), issued_on=date(2026, 1, 2), due_on=date(2026, 1, 1)
        )


def test_the_view_says_itself_in_one_line() -> None:
    assert str(VIEW) == (
        "Durand & Fils <SAS>: 2 contracts, 1 open sale, 1 open case, 1 dispute; next 2026-02-10: we owe: usage report"
    )
    assert ObligationId("B-1") in {d.obligation for d in VIEW.duties}
