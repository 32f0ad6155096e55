"""Mappings: guessed in two languages, declared in TOML, refused when misspelt, always shown in full."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.tabular.columns import guess_mapping
from clmcrm.adapters.tabular.fields import BareRenewal, Century, Field, InitialTerm
from clmcrm.adapters.tabular.mapping import MAPPING_KEYS, Mapping
from clmcrm.adapters.tabular.mapping_file import load_mapping, read_mapping
from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.reading_lengths import Unit
from clmcrm.clm.term_clauses import EndMeaning, NoticeReference, RenewalKind
from clmcrm.errors import InvalidRecord, UnreadableInput

EVERYTHING = """
date_format = "DD/MM/YYYY"
number_format = "1 234,56"
currency = "EUR"
start = ["agreement"]
years = [1990, 2100]
century = { before = 1950, add = 100 }
initial_term_when_unstated = "as renewal"
end_means = "last_day"
renewal_kind = "option"
bare_renewal = "repeated"
notice_reference = "renewal_date"
fact_suffix = " (réponse)"
delimiter = ";"
encoding = "cp1252"
[columns]
expiry = "Échéance"
notice = "Préavis"
[quotes]
notice = "Clause de préavis"
[units]
notice = "months"
[places]
"Géorgie" = "GE"
[kinds]
"Bail" = "lease"
"""


def test_the_page_about_lists_names_every_field_and_every_key_with_examples_that_are_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "howto" / "load_your_contracts.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    named = [(re.findall("`([a-z_]+)`", row[0]), re.findall("`([^`]+)`", row[1])) for row in rows]
    keys = [(names, examples) for names, examples in named if not set(names) <= set(Field) or names == ["currency"]]
    fields = {name for names, _ in named for name in names if name in set(Field)}
    assert fields == set(Field)
    assert {"columns", "quotes", *(name for names, _ in keys for name in names)} == set(MAPPING_KEYS)
    for names, examples in keys:
        # A row of two keys has an example for each, one of a single key as many as it likes.
        for key, example in zip(names * len(examples) if len(names) == 1 else names, examples, strict=False):
            assert getattr(read_mapping(f"{key} = {example}"), key) != getattr(Mapping(), key) or key == "years"


def test_every_key_of_a_mapping_file_reaches_the_mapping() -> None:
    found = read_mapping(EVERYTHING)
    assert found.century == Century(before=1950, add=100)
    assert found.initial_term_when_unstated is InitialTerm.AS_RENEWAL
    assert (found.end_means, found.renewal_kind) == (EndMeaning.LAST_DAY, RenewalKind.OPTION)
    assert (found.bare_renewal, found.notice_reference) == (BareRenewal.REPEATED, NoticeReference.RENEWAL_DATE)
    assert (found.start, found.years) == ((Field.AGREEMENT,), (1990, 2100))
    assert (found.date_format.text, found.number_format.example, found.currency) == ("DD/MM/YYYY", "1 234,56", "EUR")
    assert found.columns == {Field.EXPIRY: "Échéance", Field.NOTICE: "Préavis"}
    assert found.quotes == {Field.NOTICE: "Clause de préavis"}
    assert found.units == {Field.NOTICE: Unit.MONTHS}
    assert (found.places, found.kinds) == ({"Géorgie": "GE"}, {"Bail": ContractKind.LEASE})
    assert (found.fact_suffix, found.delimiter, found.encoding) == (" (réponse)", ";", "cp1252")
    untouched = [name for name in MAPPING_KEYS if getattr(found, name) == getattr(Mapping(), name)]
    assert untouched == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('date_fromat = "M/D/YYYY"', "no 'date_fromat'; known are bare_renewal, century, columns"),
        ('[columns]\nexpiration = "x"', "columns: no 'expiration'; known are account, agreement"),
        ('[quotes]\nlaw = "x"', "quotes: no 'law'; known are notice, renewal, term"),
        ('[units]\nexpiry = "days"', "units: no 'expiry'; known are notice, renewal, term"),
        ('[units]\nnotice = "fortnights"', "units: no 'fortnights'; known are years, months, weeks, days"),
        ("[columns]\nexpiry = 3", "columns: 3 is no text"),
        ('[columns]\nexpiry = " "', "columns.expiry is ' '; expected a column's name"),
        ("columns = []", "columns: [] is no table"),
        ('date_format = "M/D/YY"', "date_format is 'M/D/YY'; expected a format such as M/D/YYYY"),
        ('number_format = "12.5"', "number_format is '12.5'; expected an example"),
        ('currency = "euro"', "currency is 'euro'; expected an ISO 4217 code"),
        ('start = ["expiry"]', "start: ['expiry']; known are agreement, effective"),
        ("start = []", "start: []; known are agreement, effective"),
        ('start = "effective"', "start: 'effective' is no list"),
        ("years = [1950]", "years: [1950]; expected the first and the last year"),
        ("years = [2000, 1950]", "years is (2000, 1950); expected two years from 1001 to 7000"),
        ("years = [1950, 9999]", "years is (1950, 9999); expected two years from 1001 to 7000"),
        ("years = [1950, true]", "years: True is no whole number"),
        ("century = { before = 1950 }", "century: expected before and add"),
        ("century = { before = 1950, ad = 100 }", "century: no 'ad'; known are add, before"),
        ("century = { before = 1950, add = 0 }", "century is 0; expected a whole number of one or more"),
        ('century = "1950"', "century: '1950' is no table"),
        ('initial_term_when_unstated = "a year"', "initial_term_when_unstated: no 'a year'; known are as renewal"),
        ('renewal_kind = "none"', "renewal_kind is 'none'; expected tacit, express, mutual or option"),
        ('[places]\nMars = "mars"', "places.Mars is 'mars'; expected an ISO 3166 code"),
        ('[kinds]\nBail = "house"', "kinds: no 'house'; known are sales, procurement"),
        ('delimiter = ";;"', "delimiter is ';;'; expected one sign"),
        ('encoding = ""', "encoding is ''; expected a text that is not empty"),
        ("date_format = ", "is no TOML"),
        ("a = " + "[" * 100_000, "is no TOML"),
        ("a = " + "9" * 5_000, "is no TOML"),
    ],
)
def test_a_mistake_in_a_mapping_file_is_named_with_what_is_possible(text: str, why: str) -> None:
    with pytest.raises(UnreadableInput) as refused:
        _ = read_mapping(text, "mine.toml")
    assert refused.value.where == "mine.toml"
    assert refused.value.what.startswith(why)


def test_a_mapping_file_is_read_from_disk_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(UnreadableInput, match=r"mine\.toml: cannot be opened"):
        _ = load_mapping(path)
    _ = path.write_text("\N{ZERO WIDTH NO-BREAK SPACE}" + EVERYTHING, encoding="utf-8")
    assert load_mapping(path) == read_mapping(EVERYTHING)
    _ = path.write_bytes(b'currency = "\xff"')
    with pytest.raises(UnreadableInput, match="not UTF-8"):
        _ = load_mapping(path)
    _ = path.write_bytes(b"#" * 2_000_000)
    with pytest.raises(UnreadableInput, match="at most 1048576 bytes"):
        _ = load_mapping(path)


@given(st.text())
def test_no_mapping_text_raises_anything_else(text: str) -> None:
    for declared in (text, f"columns = {text}", f'date_format = "{text}"', f"years = [{text}]"):
        with contextlib.suppress(UnreadableInput):
            assert isinstance(read_mapping(declared), Mapping)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (
            ["Contract ID", "Title", "Vendor", "Start Date", "END  DATE", "Auto Renewal", "Notice Period", "TCV"],
            {
                Field.ID: "Contract ID", Field.TITLE: "Title", Field.PARTIES: "Vendor", Field.EFFECTIVE: "Start Date",
                Field.EXPIRY: "END  DATE", Field.RENEWAL: "Auto Renewal", Field.NOTICE: "Notice Period",
                Field.TOTAL_VALUE: "TCV",
            },
        ),
        (
            ["N° de contrat", "Objet", "Fournisseur", "Date d\u2019effet", "Date de fin", "Durée initiale",
             "Tacite reconduction", "Délai de préavis", "Droit applicable", "Montant", "Devise"],
            {
                Field.NUMBER: "N° de contrat", Field.TITLE: "Objet", Field.PARTIES: "Fournisseur",
                Field.EFFECTIVE: "Date d\u2019effet", Field.EXPIRY: "Date de fin", Field.TERM: "Durée initiale",
                Field.RENEWAL: "Tacite reconduction", Field.NOTICE: "Délai de préavis", Field.LAW: "Droit applicable",
                Field.TOTAL_VALUE: "Montant", Field.CURRENCY: "Devise",
            },
        ),
        (["Friend", "End of story", "Date of birth"], {}),
        ([], {}),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_their_whole_names(header: list[str], columns: dict[Field, str]) -> None:
    assert guess_mapping(header).columns == columns


def test_a_french_header_settles_the_order_of_day_and_month_and_an_english_one_does_not() -> None:
    french = guess_mapping(["Date d'effet", "Échéance", "Reconduction", "Montant (€)"])
    english = guess_mapping(["Effective Date", "Expiry Date", "Renewal", "Amount"])
    assert (french.date_format.text, french.number_format.example) == ("DD/MM/YYYY", "1 234,56")
    assert (english.date_format.text, english.number_format.example) == ("YYYY-MM-DD", "1234.56")
    assert (french.currency, english.currency) == ("EUR", "")
    mixed = guess_mapping(["Effective Date", "Expiry Date", "Renewal", "Montant (€)"])
    assert mixed.date_format.text == "YYYY-MM-DD"
    assert (french.bare_renewal, english.bare_renewal) == (BareRenewal.REPEATED, BareRenewal.ONCE)


def test_a_unit_in_the_name_counts_bare_numbers() -> None:
    found = guess_mapping(["Préavis (mois)", "Term in years", "Renewal (months)", "Contract Value"])
    assert found.units == {Field.NOTICE: Unit.MONTHS, Field.TERM: Unit.YEARS, Field.RENEWAL: Unit.MONTHS}


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Préavis (en mois)", Unit.MONTHS),
        ("Préavis (nb de jours)", Unit.DAYS),
        ("Notice (number of days)", Unit.DAYS),
        ("Notice (calendar days)", Unit.DAYS),
        ("Notice (business days)", None),
        ("Notice (working days)", None),
        ("Préavis (jours ouvrés)", None),
        ("Préavis (fin de mois)", None),
        ("Notice (days or months)", None),
        ("Préavis (jours/mois)", None),
        ("Notice (30 days)", None),
    ],
)
def test_brackets_that_say_more_than_a_unit_state_none(name: str, unit: Unit | None) -> None:
    found = guess_mapping(["id", name])
    assert found.columns[Field.NOTICE] == name
    assert found.units.get(Field.NOTICE) is unit


def test_a_unit_belongs_to_lengths_only_and_two_currencies_to_nobody() -> None:
    found = guess_mapping(["Effective Year", "Montant (€)", "Montant annuel (USD)"])
    assert found.columns == {Field.TOTAL_VALUE: "Montant (€)", Field.ANNUAL_VALUE: "Montant annuel (USD)"}
    assert found.currency == ""


def test_answers_go_before_the_quotes_beside_them() -> None:
    header = ["Renewal Term", "Renewal Term-Answer", "Expiration Date", "Expiration Date- answer", "A", "A-Answer"]
    found = guess_mapping(header)
    assert found.columns == {Field.RENEWAL: "Renewal Term-Answer", Field.EXPIRY: "Expiration Date- answer"}
    assert found.quotes == {Field.RENEWAL: "Renewal Term", Field.TERM: "Expiration Date"}
    assert found.fact_suffix == "-Answer"


@given(st.lists(st.text(max_size=30), max_size=12))
def test_any_header_can_be_guessed_at_and_shown(header: list[str]) -> None:
    found = guess_mapping(header)
    assert all(name in header for name in found.columns.values())
    assert found.show(header)


def test_a_mapping_shows_every_choice_it_makes() -> None:
    shown = read_mapping(EVERYTHING).show(["Échéance", "Préavis", "Clause de préavis", "Autre"])
    for said in (
        "a date written DD/MM/YYYY", "a bare number counts months", "a year before 1950 is read 100 years later",
        "as renewal", "last day", "option", "repeated", "renewal date", "1990 to 2100", "agreement", "(quote)",
        "not mapped: 1 of 4 columns",
    ):  # fmt: skip
        assert said in shown
    amounts = Mapping(columns={Field.TOTAL_VALUE: "Montant"}, currency="EUR")
    assert "an amount written 1234.56 in EUR" in amounts.show()


def test_a_mapping_checks_itself_in_code_too() -> None:
    with pytest.raises(InvalidRecord, match="a column's name"):
        _ = Mapping(columns={Field.EXPIRY: ""})
    with pytest.raises(InvalidRecord, match="years"):
        _ = attrs.evolve(Mapping(), years=(1, 2))
