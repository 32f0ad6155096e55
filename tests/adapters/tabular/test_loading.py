"""Contracts out of rows: each row kept, each doubt reported, no wrong date used silently."""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.tabular.contracts import Loaded, load_contracts, why_undated
from clmcrm.adapters.tabular.fields import BareRenewal, Century, Field, InitialTerm
from clmcrm.adapters.tabular.layout import quoted_words
from clmcrm.adapters.tabular.mapping import Mapping
from clmcrm.adapters.tabular.mapping_file import read_mapping
from clmcrm.clm.clauses import ClauseFact, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.deadlines import Deadline, NoDeadline
from clmcrm.clm.events import RecordedAsExecuted
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.lifecycle import stage_of
from clmcrm.clm.notice import first_notice_deadline, next_notice_deadline
from clmcrm.clm.reading_dates import DateFormat
from clmcrm.clm.stages import Stage
from clmcrm.clm.term_clauses import EndMeaning, NoticeClause, NoticeReference, RenewalClause, RenewalKind, TermClause
from clmcrm.errors import UnreadableInput
from clmcrm.values.ids import Ref
from clmcrm.values.money import Money
from clmcrm.values.partial import PartialDate, Perpetual, Unknown
from clmcrm.values.problems import Severity
from clmcrm.values.tenor import Tenor

FRENCH = """\
N° contrat;Objet;Fournisseur;Type de contrat;Date de signature;Date d'effet;Échéance;Tacite reconduction;\
Préavis (mois);Droit applicable;Montant (€);Remarque
C-1;Maintenance;Durand SA;Fournisseur;15/12/2022;01/01/2023;31/12/2025;1 an;3;droit français;1 234,56 €;=SOMME(A1)
C-2;Bail;SCI du Port;Bail;01/03/2020;01/03/2020;;9 ans;6;France;12 000,00;
C-3;Licence;Éditions Nord;Licence;;31/02/2024;31/12/2026;non;;Belgique;;
C-4;Conseil;;;05/05/2021;05/05/2021;perpétuel;;1;Géorgie;1,234.56;
"""
DATED = Mapping(
    columns={key: key.value for key in (Field.ID, Field.EFFECTIVE, Field.EXPIRY, Field.RENEWAL, Field.NOTICE)}
)


def loaded(row: str, mapping: Mapping = DATED, header: str = "id,effective,expiry,renewal,notice") -> Loaded:
    return load_contracts(f"{header}\n{row}\n", mapping)


def only(found: Loaded) -> Contract:
    (contract,) = found.contracts
    return contract


def kept(contract: Contract, column: str) -> object:
    """The cell that was kept as it came."""
    return next((extra.raw for extra in contract.extras if (extra.system, extra.field) == ("csv", column)), None)


def said(found: Loaded) -> list[str]:
    return [str(problem) for problem in found.problems]


@pytest.fixture(scope="module")
def french() -> Loaded:
    return load_contracts(FRENCH, name="contrats.csv")


def test_a_french_list_is_read_as_its_header_suggests(french: Loaded) -> None:
    first = french.contracts[0]
    assert (first.id, first.number, first.title) == ("contrats-2", "C-1", "Maintenance")
    assert (first.kind, first.kind_detail, first.names_in_text) == (
        ContractKind.PROCUREMENT,
        "Fournisseur",
        ("Durand SA",),
    )
    assert (first.executed_on, first.effective_on) == (date(2022, 12, 15), date(2023, 1, 1))
    assert isinstance(first.term, TermClause)
    assert first.term.ends_on == date(2025, 12, 31)
    assert isinstance(first.renewal, RenewalClause)
    assert (first.renewal.length, first.renewal.times) == (Tenor(years=1), None)
    assert isinstance(first.notice, NoticeClause)
    assert first.notice.length == Tenor(months=3)
    assert (first.governing_place, first.governing_law) == ("FR", "droit français")
    assert first.total_value == Money("1234.56", "EUR")


def test_every_french_row_is_kept_and_every_unread_cell_named(french: Loaded) -> None:
    assert (french.rows, french.kept) == (4, 4)
    undeclared = (
        "no end is stated beside a renewal of 9 years; the mapping does not declare initial_term_when_unstated"
    )  # fmt: skip
    expected = "expected an amount written 1 234,56, with a currency"
    unsigned = "leaves no day to record the contract as executed; pass recorded_at to do so all the same"
    no_day = "is unread: there is no day 31 of month 2 in 2024; expected a date written DD/MM/YYYY"
    assert said(french) == [
        f"row 3: Échéance '' leaves the term unknown: {undeclared}",
        f"row 4: Date d'effet '31/02/2024' {no_day}",
        f"row 4: Date de signature '' {unsigned}",
        "row 5: Droit applicable 'Géorgie' names no one place: 'Géorgie' may be GE or US-GA",
        f"row 5: Montant (€) '1,234.56' is unread: '1,234.56' is no amount written 1 234,56; {expected}",
    ]
    assert [(one.row, one.reason) for one in french.reasons] == [
        (3, f"the term is not known: {undeclared}"),
        (4, "it is not renewed: it ends by itself"),
        (5, "the renewal is not known: the cell is empty"),
    ]
    assert str(french) == "contrats.csv: 4 of 4 rows kept, 5 problems, 1 notice deadlines"
    assert str(french.reasons[1]) == "row 4 (contrats-4): it is not renewed: it ends by itself"


def test_a_deadline_is_computed_from_what_was_read(french: Loaded) -> None:
    found = next_notice_deadline(french.contracts[0], date(2027, 1, 1))
    assert isinstance(found, Deadline)
    assert (found.last_day, found.ends_on) == (date(2027, 9, 30), date(2027, 12, 31))


def test_unread_and_unmapped_cells_are_kept_as_they_came(french: Loaded) -> None:
    assert kept(french.contracts[0], "Remarque") == "=SOMME(A1)"
    assert kept(french.contracts[1], "Remarque") is None
    assert kept(french.contracts[2], "Date d'effet") == "31/02/2024"
    assert kept(french.contracts[3], "Montant (€)") == "1,234.56"
    assert french.contracts[3].total_value is None


def test_each_date_and_clause_says_which_cell_it_comes_from(french: Loaded) -> None:
    spans = {one.field: one.span for one in french.contracts[0].provenance}
    assert spans == {
        "executed_on": "row 2, column Date de signature",
        "effective_on": "row 2, column Date d'effet",
        "term": "row 2, column Échéance",
        "renewal": "row 2, column Tacite reconduction",
        "notice": "row 2, column Préavis (mois)",
    }
    assert french.contracts[0].refs == (Ref("csv", "contrats.csv", "contrats-2"),)


def test_a_contract_is_on_record_as_executed_when_it_was_signed_or_took_effect() -> None:
    signed = loaded("1,2024-01-01,2023-12-24", header="id,effective,agreement", mapping=Mapping(
        columns={Field.ID: "id", Field.EFFECTIVE: "effective", Field.AGREEMENT: "agreement"}))  # fmt: skip
    assert only(signed).events == (
        RecordedAsExecuted(datetime(2023, 12, 24, tzinfo=UTC), "csv:text", note="row 2"),
    )  # fmt: skip
    begun = only(loaded("1,2024-01-01,2026-12-31,none,"))
    assert [event.at.date() for event in begun.events] == [date(2024, 1, 1)]
    assert stage_of(begun, date(2025, 6, 1)).stage is Stage.IN_EFFECT


def test_without_a_day_only_the_caller_can_say_when_it_was_recorded() -> None:
    at = datetime(2026, 1, 15, 9, tzinfo=UTC)
    row = "id,expiry\nC-1,2026-12-31\n"
    silent, told = load_contracts(row), load_contracts(row, recorded_at=at)
    assert only(silent).events == ()
    assert [problem.severity for problem in silent.problems] == [Severity.NOTE]
    assert [event.at for event in only(told).events] == [at]
    assert told.problems == ()


CENTURY = Century(before=1950, add=100)


def test_a_century_early_is_repaired_only_when_declared_and_always_reported() -> None:
    row = "1,2015-04-14,1930-12-31,1 year,30 days"
    repaired = loaded(row, attrs.evolve(DATED, century=CENTURY))
    assert isinstance(only(repaired).term, TermClause)
    assert said(repaired) == [
        "row 2: expiry '1930-12-31' lies before 1950: read as 2030-12-31, 100 years later, as declared"
    ]
    assert repaired.deadlines == 1
    left = loaded(row)
    assert isinstance(only(left).term, Unknown)
    assert left.deadlines == 0
    assert said(left) == [
        "row 2: expiry '1930-12-31' is not used: the year 1930 lies outside 1950 to 2199: a century off?"
    ]
    assert [problem.severity for problem in left.problems] == [Severity.ERROR]
    assert left.reasons[0].reason == "the term is not known: the year 1930 lies outside 1950 to 2199: a century off?"


def test_the_repair_begins_before_the_declared_year() -> None:
    found = loaded("1,1950-01-01,1951-12-31,1 year,30 days", attrs.evolve(DATED, century=CENTURY))
    assert (only(found).effective_on, found.problems) == (date(1950, 1, 1), ())


@pytest.mark.parametrize(
    ("cell", "century", "why"),
    [
        ("2200-01-01", None, "the year 2200 lies outside 1950 to 2199: a century off?"),
        ("9999-12-31", CENTURY, "the year 9999 lies outside"),
        ("0001-01-01", CENTURY, "the year 101 lies outside"),
        ("1904-02-29", Century(before=1950, add=1), "1904-02-29 has no counterpart 1 years later"),
        ("1904-02-29", Century(before=1950, add=10**30), "1904-02-29 has no counterpart"),
    ],
)
def test_a_year_that_is_not_believed_is_not_used(cell: str, century: Century | None, why: str) -> None:
    found = loaded(f"1,{cell},{cell},1 year,30 days", attrs.evolve(DATED, century=century))
    assert isinstance(only(found).effective_on, Unknown)
    assert isinstance(only(found).term, Unknown)
    assert found.deadlines == 0
    wrong = [problem for problem in found.problems if problem.severity is Severity.ERROR]
    assert [problem.field for problem in wrong] == ["effective", "expiry"]
    assert all(problem.what.startswith("is not used: " + why) for problem in wrong)
    assert kept(only(found), "expiry") == cell


def test_an_end_before_the_start_is_not_used() -> None:
    found = loaded("1,1997-11-05,1997-09-30,1 year,30 days", attrs.evolve(
        DATED, initial_term_when_unstated=InitialTerm.AS_RENEWAL))  # fmt: skip
    assert (
        found.reasons[0].reason == "the term is not known: the stated end 1997-09-30 lies before the start 1997-11-05"
    )
    assert [problem.severity for problem in found.problems] == [Severity.ERROR]
    one_day = loaded("1,1997-09-30,1997-09-30,1 year,30 days")
    assert isinstance(only(one_day).term, TermClause)
    assert one_day.problems == ()


def test_two_starts_years_apart_are_reported() -> None:
    mapping = Mapping(columns={Field.EFFECTIVE: "effective", Field.AGREEMENT: "agreement"})
    header = "effective,agreement"
    assert said(loaded("2018-05-25,2008-05-25", mapping, header)) == [
        "row 2: effective '2018-05-25' lies more than two years from the agreement date, 2008-05-25"
    ]
    assert loaded("2010-05-25,2008-05-25", mapping, header).problems == ()


def test_the_start_is_the_first_readable_of_the_declared_columns() -> None:
    mapping = Mapping(columns={Field.EFFECTIVE: "effective", Field.AGREEMENT: "agreement"})
    header = "effective,agreement"
    assert only(loaded("2024-01-02,2024-01-01", mapping, header)).effective_on == date(2024, 1, 2)
    assert only(loaded(",2024-01-01", mapping, header)).effective_on == date(2024, 1, 1)
    redacted = only(loaded("2024-[]-[],2024-01-01", mapping, header))
    assert redacted.effective_on == date(2024, 1, 1)
    assert kept(redacted, "effective") == "2024-[]-[]"
    half = only(loaded("2024-[]-[],", mapping, header))
    assert half.effective_on == PartialDate(year=2024, redacted=True, raw="2024-[]-[]")
    later = only(loaded(",2024-[]-[]", mapping, header))
    assert later.effective_on == PartialDate(year=2024, redacted=True, raw="2024-[]-[]")
    turned = attrs.evolve(mapping, start=(Field.AGREEMENT, Field.EFFECTIVE))
    assert only(loaded("2024-01-02,2024-01-01", turned, header)).effective_on == date(2024, 1, 1)


AS_RENEWAL = attrs.evolve(DATED, initial_term_when_unstated=InitialTerm.AS_RENEWAL)


@pytest.mark.parametrize("expiry", ["", "perpetual"])
def test_an_unstated_term_is_assumed_only_when_declared_and_the_steps_say_so(expiry: str) -> None:
    row = f"1,2009-01-01,{expiry},successive 1 year,3 months"
    found = loaded(row, AS_RENEWAL)
    assert len(found.problems) == 1
    assert "is no end" in found.problems[0].what
    deadline = first_notice_deadline(only(found))
    assert isinstance(deadline, Deadline)
    assert deadline.ends_on == date(2009, 12, 31)
    assert any("assumed to be as long as a renewal" in step.what for step in deadline.steps)
    assert any("durée présumée" in step.said("fr") for step in deadline.steps)
    strict = loaded(row)
    assert strict.deadlines == 0
    assert "the mapping does not declare initial_term_when_unstated" in strict.reasons[0].reason
    assert "leaves the term unknown" in strict.problems[0].what


def test_no_term_is_assumed_without_a_start_nor_beside_an_unreadable_end() -> None:
    no_start = loaded("1,,,successive 1 year,3 months", AS_RENEWAL)
    assert "and the first day is not known: the cell is empty" in no_start.reasons[0].reason
    redacted = loaded("1,2009-01-01,[]-[]-[],successive 1 year,3 months", AS_RENEWAL)
    assert redacted.reasons[0].reason == "the end of the initial term is not known: only ....-..-.. (redacted) is known"


def test_a_perpetual_contract_may_be_left_on_any_day() -> None:
    perpetual = only(loaded("1,2009-01-01,perpetual,perpetual,30 days", AS_RENEWAL))
    assert isinstance(perpetual.term, TermClause)
    assert perpetual.term.ends_on == Perpetual("perpetual")
    found = first_notice_deadline(perpetual)
    assert isinstance(found, NoDeadline)
    assert why_undated(perpetual) == "it runs without an end: notice of 30 days may be given on any day"
    once = only(loaded("1,1999-05-25,Perpetual,1 year,120 days", AS_RENEWAL))
    assert why_undated(once) == "it runs without an end: notice of 120 days may be given on any day"


def test_a_stated_length_is_used_and_compared_with_a_stated_end() -> None:
    mapping = attrs.evolve(DATED, columns={**DATED.columns, Field.TERM: "term"})
    header = "id,effective,expiry,renewal,notice,term"
    alone = only(loaded("1,2024-01-01,,1 year,1 month,3 years", mapping, header))
    assert isinstance(alone.term, TermClause)
    assert (alone.term.initial, alone.term.citation) == (Tenor(years=3), "")
    for agreeing in ("2026-12-31", "2027-01-01"):
        assert loaded(f"1,2024-01-01,{agreeing},1 year,1 month,3 years", mapping, header).problems == ()
    assert said(loaded("1,2024-01-01,2026-06-30,1 year,1 month,3 years", mapping, header)) == [
        "row 2: term '3 years' from 2024-01-01 ends on 2026-12-31, but the stated end is 2026-06-30; the end is used"
    ]
    unread = loaded("1,2024-01-01,2026-06-30,1 year,1 month,long", mapping, header)
    assert unread.deadlines == 1
    assert unread.problems[0].what.startswith("is unread: 'long' is no length")


QUOTED = attrs.evolve(DATED, quotes={Field.RENEWAL: "clause"})
QUOTED_HEADER = "id,effective,expiry,renewal,notice,clause"


def test_the_quoted_clause_says_who_renews() -> None:
    row = "1,2024-01-01,2026-12-31,2 years,1 month,The Buyer may extend this Agreement by two years."
    found = loaded(row, QUOTED, QUOTED_HEADER)
    renewal = only(found).renewal
    assert isinstance(renewal, RenewalClause)
    assert (renewal.kind, renewal.times) == (RenewalKind.OPTION, 1)
    assert said(found) == ["row 2: renewal '2 years' is read as an option to renew: the quoted clause says so"]
    assert kept(only(found), "renewal") == "2 years"


def test_a_declared_kind_the_quoted_clause_does_not_bear_out_is_reported() -> None:
    row = "1,2024-01-01,2026-12-31,2 years,1 month,There shall be a further period."
    found = loaded(row, QUOTED, QUOTED_HEADER)
    assert said(found) == [
        "row 2: renewal '2 years' is read as a tacit renewal, as declared: the quoted clause does not say"
    ]
    assert loaded("1,2024-01-01,2026-12-31,2 years,1 month,", QUOTED, QUOTED_HEADER).problems == ()


def test_a_bare_renewal_comes_once_unless_the_clause_or_the_mapping_says_otherwise() -> None:
    row = "1,2024-01-01,2026-12-31,2 years,1 month,{}"
    plural = "It shall automatically renew for additional two year terms unless either party gives notice."
    single = "It shall automatically renew for one additional period of two years."
    repeated = loaded(row.format(plural), QUOTED, QUOTED_HEADER)
    once = loaded(row.format(single), QUOTED, QUOTED_HEADER)
    declared = loaded(row.format(single), attrs.evolve(QUOTED, bare_renewal=BareRenewal.REPEATED), QUOTED_HEADER)
    counted = loaded(row.replace("2 years", "2 2 years").format(plural), QUOTED, QUOTED_HEADER)
    clauses = [only(found).renewal for found in (repeated, once, declared, counted)]
    assert [clause.times for clause in clauses if isinstance(clause, RenewalClause)] == [None, 1, None, 2]
    assert [problem.what for problem in repeated.problems] == [
        "states no number of times, and the quoted clause speaks of several renewals: read as repeated"
    ]
    assert [*once.problems, *declared.problems, *counted.problems] == []


def test_several_renewals_are_believed_only_of_a_clause_that_says_they_come_by_themselves() -> None:
    found = loaded("1,2024-01-01,2026-12-31,2 years,1 month,for each renewal term thereafter", QUOTED, QUOTED_HEADER)
    renewal = only(found).renewal
    assert isinstance(renewal, RenewalClause)
    assert renewal.times == 1


def test_what_the_mapping_declares_reaches_the_clauses() -> None:
    mapping = attrs.evolve(
        DATED,
        end_means=EndMeaning.LAST_DAY,
        notice_reference=NoticeReference.END_OF_TERM,
        renewal_kind=RenewalKind.EXPRESS,
        date_format=DateFormat("D.M.YYYY"),
    )
    contract = only(loaded("1,1.2.2024,31.1.2026,1 year,1 month", mapping))
    assert isinstance(contract.term, TermClause)
    assert isinstance(contract.renewal, RenewalClause)
    assert isinstance(contract.notice, NoticeClause)
    assert contract.term.end_means is EndMeaning.LAST_DAY
    assert contract.renewal.kind is RenewalKind.EXPRESS
    assert contract.notice.reference is NoticeReference.END_OF_TERM
    deadline = first_notice_deadline(contract)
    assert isinstance(deadline, Deadline)
    assert deadline.spread_days == 0


def test_pairs_of_a_quote_and_an_answer_become_facts_and_restrictions() -> None:
    header = "id,Exclusivity,Exclusivity- Answer,Insurance,Insurance-Answer,Audit,Audit-Answer,Other"
    row = "1,\"['shall sell only', 'art. 7']\",Yes,[],No,[],,x"
    contract = only(load_contracts(f"{header}\n{row}\n", Mapping(columns={Field.ID: "id"}, fact_suffix="-Answer"),
                                   recorded_at=datetime(2026, 1, 1, tzinfo=UTC)))  # fmt: skip
    quote = "shall sell only\nart. 7"
    assert contract.clauses[:2] == (
        ClauseFact(category="Exclusivity", answer="Yes", quote=quote),
        contract.clauses[1],
    )
    restriction = contract.clauses[1]
    assert isinstance(restriction, Restriction)
    assert (restriction.kind, restriction.quote) == (RestrictionKind.EXCLUSIVITY, quote)
    assert contract.clauses[2:] == (
        ClauseFact(category="Insurance", answer="No"),
    )  # fmt: skip
    assert [(extra.field, extra.raw) for extra in contract.extras] == [("Other", "x")]


def test_an_answer_of_no_restricts_nobody() -> None:
    mapping = Mapping(columns={Field.ID: "id"}, fact_suffix="-Answer")
    found = load_contracts("id,Exclusivity,Exclusivity-Answer\n1,words,No\n", mapping)
    assert only(found).clauses == (ClauseFact(category="Exclusivity", answer="No", quote="words"),)


def test_a_term_that_leads_beyond_the_calendar_is_a_reason_too() -> None:
    contract = only(loaded("1,2024-01-01,,1 year,30 days"))
    endless = attrs.evolve(contract, term=TermClause(initial=Tenor(years=9000)))
    assert (
        why_undated(endless) == "the term clause: the initial term of 9000 years from 2024-01-01 ends after year 9999"
    )


def test_a_mapped_answer_is_no_fact_as_well() -> None:
    mapping = Mapping(columns={Field.ID: "id", Field.RENEWAL: "Renewal-Answer"}, fact_suffix="-Answer")
    found = load_contracts("id,Renewal,Renewal-Answer,Audit,Audit-Answer\n1,words,1 year,[],No\n", mapping)
    assert [clause.category for clause in only(found).clauses if isinstance(clause, ClauseFact)] == ["Audit"]
    assert kept(only(found), "Renewal") == "words"


def test_ids_are_the_same_on_every_load_and_never_shared() -> None:
    text = "id,title\nA,first\n,second\nA,third\nA,fourth\n"
    first, again = load_contracts(text, name="list.csv"), load_contracts(text, name="list.csv")
    ids = [contract.id for contract in first.contracts]
    assert ids == ["A", "list-3", "A (row 4)", "A (row 5)"]
    assert first == again
    assert [problem.where for problem in first.problems if problem.field == "id"] == ["row 4", "row 5"]


def test_a_row_without_a_title_has_one_all_the_same() -> None:
    text = "id,title,number,kind\n1,T,N,K\n2,,N,K\n3,,N,\n4,,,\n"
    assert [contract.title for contract in load_contracts(text).contracts] == ["T", "K", "N", "4"]


def test_declared_kinds_go_before_our_own_words() -> None:
    mapping = Mapping(columns={Field.KIND: "kind"}, kinds={"Supply": ContractKind.SALES})
    text = "kind,x\nSUPPLY,1\nNDA,1\nFranchise,1\n"
    kinds = [(c.kind, c.kind_detail) for c in load_contracts(text, mapping).contracts]
    assert kinds == [
        (ContractKind.SALES, "SUPPLY"),
        (ContractKind.NDA, "NDA"),
        (ContractKind.CUSTOM, "Franchise"),
    ]


def test_other_records_are_named_by_their_keys() -> None:
    text = "id,account id,owner,opportunity id,po number,annual value,currency\nC,A,U,O,P,12.50,USD\nD,,,,,,\n"
    first, second = load_contracts(text).contracts
    assert (first.counterparty, first.owner, first.opportunity, first.purchase_order) == ("A", "U", "O", "P")
    assert first.annual_value == Money("12.50", "USD")
    assert (second.counterparty, second.owner, second.opportunity, second.annual_value) == (None, None, None, None)


def test_a_ragged_row_is_a_contract_and_keeps_what_stands_beyond() -> None:
    found = loaded("1,2024-01-01,2026-12-31,1 year,1 month,more,\n2")
    assert found.rows == found.kept == 2
    assert kept(found.contracts[0], "column 6") == "more"
    assert [problem.field for problem in found.problems[:2]] == ["(the row)", "(the row)"]


@pytest.mark.parametrize("declared", ["", 'date_format = "DD/MM/YYYY"', 'currency = "EUR"\n[columns]'])
def test_a_mapping_that_names_no_column_is_refused(declared: str) -> None:
    """Each row became a contract without a word in it, and there was nothing to look at."""
    table = "Référence;Objet;Date d'effet;Échéance;Durée;Prix\nR-1;Bail;01/02/2024;31/01/2027;;\n"
    with pytest.raises(UnreadableInput, match=r"says of none of its columns .*'Durée' and 1 more\); name them under"):
        _ = load_contracts(table, read_mapping(declared))


def test_a_mapping_that_does_not_fit_the_file_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="no column 'Expiry'; its columns are id, end"):
        _ = load_contracts("id,end\n1,2\n", Mapping(columns={Field.EXPIRY: "Expiry"}))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("['one']", "one"),
        ("['one', \"two's\"]", "one\ntwo's"),
        (r"['a\nb', 'c\'d', 'e\\f', '\u200b\xe9\U0001F600']", "a\nb\nc'd\ne\\f\n\u200bé\U0001f600"),
        (r"['\ud800\U99999999']", "\ufffd\ufffd"),
        ("[]", ""),
        ("plain", "plain"),
        ("['open", "['open"),
        ("['a' 'b' c']", "['a' 'b' c']"),
        ("['a\\']", "['a\\']"),
        ("[[['", "[[['"),
    ],
)
def test_quoted_excerpts_lose_their_marks_and_nothing_else(cell: str, words: str) -> None:
    assert quoted_words(cell) == words


@given(st.lists(st.text(), min_size=1))
def test_a_list_of_excerpts_comes_back_as_its_excerpts(excerpts: list[str]) -> None:
    assert quoted_words(repr(excerpts)) == "\n".join(excerpts).strip()


CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "", "2024-01-01", "1930-12-31", "2199-12-31", "perpetual", "[]-[]-2024", "successive 1 year", "999 years",
            "999 successive 1 year", "999 years; 1 year", "none", "12 months", "36525 days", "New York", "EUR", "1e9",
            "Yes", "Georgia", "1,234.56", "12.50",
        ]
    ),
)  # fmt: skip
EVERY_FIELD = [key.value for key in Field]
WHOLE = Mapping(
    columns={key: key.value for key in Field},
    quotes={Field.RENEWAL: "quote"},
    century=CENTURY,
    initial_term_when_unstated=InitialTerm.AS_RENEWAL,
    fact_suffix="-Answer",
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=len(EVERY_FIELD) + 5), max_size=4), st.booleans())
def test_no_row_is_lost_and_none_raises(rows: list[list[str]], assume: bool) -> None:
    header = [*EVERY_FIELD, "quote", "Exclusivity", "Exclusivity-Answer"]
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (header, *rows)]
    mapping = WHOLE if assume else attrs.evolve(WHOLE, century=None, initial_term_when_unstated=None)
    found = load_contracts("\n".join(lines), mapping)
    assert found.rows == found.kept == sum(any(cell.strip() for cell in row) for row in rows)
    assert len({contract.id for contract in found.contracts}) == found.kept
    explained = {one.contract for one in found.reasons}
    for contract in found.contracts:
        assert (contract.id in explained) == (why_undated(contract) is not None)
        _ = stage_of(contract, date(2026, 1, 1))
        _ = next_notice_deadline(contract, date(2026, 1, 1))
