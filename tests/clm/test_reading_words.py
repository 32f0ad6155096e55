"""Lengths, amounts and places out of words: units kept, formats declared, ambiguity left unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.reading_amounts import NumberFormat, read_amount
from clmcrm.clm.reading_lengths import Unit, read_tenor
from clmcrm.clm.reading_places import read_place
from clmcrm.errors import InvalidRecord
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor

FORMATS = [NumberFormat(example) for example in ("1,234.56", "1 234,56", "1.234,56", "1'234.56", "1234.56", "1234,56")]


@pytest.mark.parametrize(
    ("answer", "iso"),
    [
        ("three (3) years", "P3Y"),
        ("3 (three) years", "P3Y"),
        ("0.5 year", "P6M"),
        ("0,25 an", "P3M"),
        ("1.5 years", "P1Y6M"),
        ("12 Months", "P12M"),
        ("60 jours", "P60D"),
        ("un an", "P1Y"),
        ("one year and six (6) months", "P1Y6M"),
        ("1 an et 6 mois", "P1Y6M"),
        ("one hundred eighty (180) days", "P180D"),
        ("cent vingt jours", "P120D"),
        ("soixante-dix jours", "P70D"),
        ("quatre-vingt-quinze jours", "P95D"),
        ("vingt et un jours", "P21D"),
        ("two weeks", "P2W"),
        ("six mois civils", "P6M"),
        ("P1Y6M", "P1Y6M"),
        ("90days", "P90D"),
        ("dix-huit mois", "P18M"),
        ("cent dix-sept jours", "P117D"),
        ("soixante-dix-huit jours", "P78D"),
        ("quatre-vingt-dix-neuf jours", "P99D"),
        ("septante et un jours", "P71D"),
        ("huitante jours", "P80D"),
        ("nonante-neuf jours", "P99D"),
    ],
)
def test_a_length_keeps_the_units_it_was_written_in(answer: str, iso: str) -> None:
    assert str(read_tenor(answer)) == iso


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("2.5 months", "2.5 months is no whole number of months"),
        ("0.3 years", "0.3 years is no whole number of months"),
        ("1.000 days", "'1.000 days' is no length of time"),
        ("two (3) years", "'two ( 3 ) years' states 2 in one way and 3 in the other"),
        ("1 year 1 year", "years are stated twice"),
        ("one two years", "'one two years' is no length of time"),
        ("twenty fifteen days", "'twenty fifteen days' is no length of time"),
        ("twenty hundred days", "'twenty hundred days' is no length of time"),
        ("four twenty days", "'four twenty days' is no length of time"),
        ("vingt-quatre vingt jours", "'vingt quatre vingt jours' is no length of time"),
        ("ten seven days", "'ten seven days' is no length of time"),
        ("sixty fifteen days", "'sixty fifteen days' is no length of time"),
        ("nonante-dix jours", "'nonante dix jours' is no length of time"),
        ("12", "'12' is no length of time"),
        ("P3H", "'P3H' is no length of time"),
        ("1000 years", "1000 years is longer than 999 years"),
        ("[] days", "it is redacted"),
        ("\u0663 days", "'\u0663 days' is no length of time"),
    ],
)
def test_a_length_that_could_be_two_is_none(answer: str, why: str) -> None:
    found = read_tenor(answer)
    assert isinstance(found, Unknown)
    assert found.reason.startswith(why)


@given(st.integers(1, 999), st.sampled_from(Unit))
def test_a_number_of_units_is_that_many(count: int, unit: Unit) -> None:
    assert read_tenor(f"{count} {unit}") == Tenor(**{unit.value: count})
    assert read_tenor(str(count), unit) == Tenor(**{unit.value: count})


UNITS = [
    "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    "onze", "douze", "treize", "quatorze", "quinze", "seize",
]  # fmt: skip
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}


def in_french(number: int) -> str:
    """The number from 1 to 999 as it is written in France."""
    hundreds, rest = divmod(number, 100)
    words = ["cent" if hundreds == 1 else f"{UNITS[hundreds - 1]} cent{'' if rest else 's'}"] if hundreds else []
    if 0 < rest < 17:
        words.append(UNITS[rest - 1])
    elif 16 < rest < 20:
        words.append(f"dix-{UNITS[rest - 11]}")
    elif rest:
        ten = max(ten for ten in TENS if ten <= rest)
        more = in_french(rest - ten) if rest > ten else ""
        joined = " et " if rest - ten in (1, 11) and ten != 80 else "-"
        words.append(f"{TENS[ten]}{joined}{more}" if more else TENS[ten] + ("s" if ten == 80 else ""))
    return " ".join(words)


@given(st.integers(1, 999))
def test_every_number_in_french_words_is_read(number: int) -> None:
    assert read_tenor(f"{in_french(number)} jours") == Tenor(days=number)
    assert read_tenor(f"{in_french(number)} ({number}) jours") == Tenor(days=number)


@pytest.mark.parametrize(
    ("cell", "example", "code", "beside", "amount"),
    [
        ("1,234.56", "1,234.56", "USD", "", Money("1234.56", "USD")),
        ("1 234,56 €", "1 234,56", "", "", Money("1234.56", "EUR")),
        ("1\u202f234\u00a0567,5\u00a0€", "1 234,56", "", "", Money("1234567.50", "EUR")),
        ("EUR 1.234,56", "1.234,56", "", "", Money("1234.56", "EUR")),
        ("1\u2019234.56", "1'234.56", "CHF", "", Money("1234.56", "CHF")),
        ("$1,200", "1,234.56", "CAD", "", Money(1200, "CAD")),
        ("US$1,200", "1,234.56", "", "", Money(1200, "USD")),
        ("$1,200", "1,234.56", "EUR", "AUD", Money(1200, "AUD")),
        ("1200", "1,234.56", "EUR", "GBP", Money(1200, "GBP")),
        ("£10", "1,234.56", "EUR", "", Money(10, "GBP")),
        ("-15,00", "1 234,56", "EUR", "", Money(-15, "EUR")),
        ("500", "1234.56", "JPY", "", Money(500, "JPY")),
        ("-€5", "1234.56", "", "", Money(-5, "EUR")),
        ("€ -5", "1234.56", "", "", Money(-5, "EUR")),
        ("- 5 €", "1234.56", "", "", Money(-5, "EUR")),
    ],
)
def test_an_amount_is_read_in_the_declared_format(
    cell: str, example: str, code: str, beside: str, amount: Money
) -> None:  # fmt: skip
    assert read_amount(cell, NumberFormat(example), code, beside) == amount


@pytest.mark.parametrize(
    ("cell", "example", "code", "beside", "why"),
    [
        ("1,234", "1 234,56", "EUR", "", "'1,234' is no amount: expected at most 2 decimals"),
        ("1.234,56", "1,234.56", "EUR", "", "'1.234,56' is no amount written 1,234.56"),
        ("12,34.5", "1,234.56", "EUR", "", "'12,34.5' is no amount written"),
        ("1234,567.00", "1,234.56", "EUR", "", "'1234,567.00' is no amount written"),
        ("12 k€", "1 234,56", "", "", "'12 k€' is no amount written"),
        ("1€50", "1 234,56", "", "", "'1€50' is no amount written"),
        ("12£34", "1,234.56", "", "", "'12£34' is no amount written"),
        ("€5€", "1234.56", "", "", "'€5€' is no amount written"),
        ("100", "1234.56", "", "", "'100' states no currency"),
        ("$100", "1234.56", "", "", "$ names no single ISO 4217 currency"),
        ("$100", "1234.56", "EUR", "", "$ names no single ISO 4217 currency"),
        ("100 EUR", "1234.56", "", "USD", "the cell says EUR, the currency column USD"),
        ("100", "1234.56", "EUR", "euros", "euros names no single ISO 4217 currency"),
        ("1.5", "1234.56", "JPY", "", "'1.5' is no amount: expected at most 0 decimals in JPY"),
        ("[***]", "1234.56", "EUR", "", "it is redacted"),
        ("9" * 21, "1234.56", "EUR", "", "'999999999999999999999' is no amount written"),
        ("NaN", "1234.56", "EUR", "", "'NaN' is no amount written"),
        ("1e5", "1234.56", "EUR", "", "'1e5' is no amount written"),
        ("", "1234.56", "EUR", "", "the cell is empty"),
    ],
)
def test_an_amount_that_could_be_two_is_none(cell: str, example: str, code: str, beside: str, why: str) -> None:
    found = read_amount(cell, NumberFormat(example), code, beside)
    assert isinstance(found, Unknown)
    assert found.reason.startswith(why)


@pytest.mark.parametrize("example", ["1,234,56", "1234", "12,34.56", "2,345.67", "1;234.56"])
def test_a_number_format_is_told_by_one_example(example: str) -> None:
    with pytest.raises(InvalidRecord, match=r"1,234\.56 or 1 234,56"):
        _ = NumberFormat(example)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("New York", "US-NY"), ("State of Georgia", "US-GA"), ("Commonwealth of Massachusetts", "US-MA"),
        ("England; Wales", "GB-ENG"), ("England and Wales, UK", "GB-ENG"), ("Écosse", "GB-SCT"),
        ("Ontario, Canada", "CA-ON"), ("Province of Ontario, Canada", "CA-ON"), ("Québec", "CA-QC"),
        ("Victoria, Australia", "AU-VIC"), ("Hong Kong", "HK"), ("People's Republic of China", "CN"),
        ("Republic of South Africa", "ZA"), ("Federal Republic of Germany", "DE"), ("Allemagne", "DE"),
        ("France", "FR"), ("droit français", "FR"), ("laws of the Netherlands", "NL"), ("ÉTATS-UNIS", "US"),
        ("Trinidad and Tobago", "TT"), ("Republic of Korea", "KR"), ("laws of the State of New York", "US-NY"),
        ("the Republic of China", "TW"), ("laws of the Republic of China", "TW"), ("République de Chine", "TW"),
        ("Taiwan, Republic of China", "TW"), ("the People's Republic of China", "CN"),
    ],
)  # fmt: skip
def test_a_place_is_known_by_its_names(words: str, code: str) -> None:
    assert read_place(words) == code


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Georgia", "'Georgia' may be GE or US-GA"),
        ("Illinois; New York", "'Illinois, New York' may be US-IL or US-NY"),
        ("Georgia; Spain", "'Georgia, Spain' may be ES or GE or US-GA"),
        ("Virginia, Texas", "'Virginia, Texas' may be US-TX or US-VA"),
        ("California; Hong Kong", "'California, Hong Kong' may be HK or US-CA"),
        ("the moon", "'the moon' is no place in the table"),
        ("[]", "it is redacted"),
        ("State of France", "'State of France' is no place in the table"),
        ("", "the cell is empty"),
    ],
)
def test_several_places_or_none_stay_unknown(words: str, why: str) -> None:
    found = read_place(words)
    assert isinstance(found, Unknown)
    assert found.reason == why


def test_a_declared_name_goes_before_the_table() -> None:
    assert read_place("Georgia", {"georgia": "US-GA"}) == "US-GA"
    assert read_place("Atlantis, Georgia", {"Atlantis": "AT-9"}) != "AT-9"
    assert read_place("the moon", {"The Moon": "ZZ"}) == "ZZ"


@given(st.one_of(st.text(), st.lists(st.sampled_from("0123456789.,' €$-EUR[]*;")).map("".join)))
def test_no_text_raises(text: str) -> None:
    assert isinstance(read_tenor(text), Tenor | Unknown)
    assert isinstance(read_tenor(text, Unit.WEEKS), Tenor | Unknown)
    assert isinstance(read_place(text), str | Unknown)
    for declared in FORMATS:
        assert isinstance(read_amount(text, declared, "USD"), Money | Unknown)
        assert isinstance(read_amount(text, declared, "", text), Money | Unknown)
