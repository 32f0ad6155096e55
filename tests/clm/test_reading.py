"""Renewal and notice answers: what is understood, what stays unknown and why, and that nothing ever raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.reading import read_notice, read_renewal, renewal_words
from clmcrm.clm.reading_lengths import Unit, read_tenor
from clmcrm.clm.term_clauses import NoticeClause, NoticeReference, RenewalClause, RenewalKind
from clmcrm.values.partial import Unknown

PIECES = st.sampled_from(
    [
        "successive", "succsive", "1", "10", "2,5", "1,000", "year", "years", "an", "ans", "mois", "days", "jours",
        "un", "six", "cent", "hundred", "(", ")", "[]", ";", "/", "perpetual", "none", "tacite", "option", "de", "d'",
        "P3M", "\u0663", "é",
    ]
)  # fmt: skip
ANSWERS = st.one_of(st.text(), st.lists(PIECES, max_size=8).map(" ".join))


@pytest.mark.parametrize(
    ("answer", "length", "times"),
    [
        ("successive 1 year", "P1Y", None),
        ("Successive 1 year", "P1Y", None),
        ("successine 1 year", "P1Y", None),
        ("succsive 1 year", "P1Y", None),
        ("sucessive 1 year", "P1Y", None),
        ("successive 6 months", "P6M", None),
        ("consecutive one-year terms", "P1Y", None),
        ("2 years", "P2Y", 1),
        ("three (3) years", "P3Y", 1),
        ("12 Months", "P12M", 1),
        ("0.5 year", "P6M", 1),
        ("30 days", "P30D", 1),
        ("2 5 years", "P5Y", 2),
        ("10 1 years", "P1Y", 10),
        ("10 successive 1 year", "P1Y", 10),
        ("2 successive 10 years", "P10Y", 2),
        ("up to three renewals of 18 months each", "P18M", 3),
        ("999 years", "P999Y", 1),
        ("5 years; 5 years", "P5Y", 1),
        ("un an", "P1Y", 1),
        ("2 reconductions d'un an", "P1Y", 2),
        ("3 fois 12 mois", "P12M", 3),
        ("périodes successives de 6 mois", "P6M", None),
        ("tacite reconduction par périodes de 12 mois", "P12M", None),
        ("automatic renewal for additional one (1) year terms", "P1Y", None),
        ("3 additional 1-year terms", "P1Y", 3),
        ("pour période d'un an", "P1Y", 1),
        ("3 renewals of a year", "P1Y", 3),
        ("up to 3 renewals of a year", "P1Y", 3),
        ("renewed for a month", "P1M", 1),
        ("twenty terms of one year", "P1Y", 20),
        ("twenty one-year terms", "P1Y", 20),
        ("up to Thirty Six-Month renewals", "P6M", 30),
        ("twenty-one-year terms", "P21Y", None),
        ("twenty-five one-year terms", "P1Y", 25),
        ("vingt reconductions d'un an", "P1Y", 20),
        ("thirty successive six-month terms", "P6M", 30),
        ("2 x 5 years", "P5Y", 2),
        ("jusqu'à 3 fois 1 an", "P1Y", 3),
        ("tacite, 1 an", "P1Y", 1),
        ("1 an, tacite", "P1Y", 1),
        ("tacite reconduction, par périodes de 12 mois", "P12M", None),
        ("automatic, 1 year and 6 months", "P1Y6M", 1),
        ("3 times, 1 year", "P1Y", 3),
    ],
)
def test_an_answer_says_how_long_and_how_often(answer: str, length: str, times: int | None) -> None:
    clause = read_renewal(answer)
    assert isinstance(clause, RenewalClause)
    assert (str(clause.length), clause.times, clause.kind) == (length, times, RenewalKind.TACIT)
    assert clause.quote in answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("perpetual", RenewalKind.INDEFINITE),
        ("Perpetual", RenewalKind.INDEFINITE),
        ("durée indéterminée", RenewalKind.INDEFINITE),
        ("none", RenewalKind.NONE),
        ("Non renouvelable", RenewalKind.NONE),
    ],
)
def test_an_answer_without_a_length_is_a_clause_too(answer: str, kind: RenewalKind) -> None:
    clause = read_renewal(answer)
    assert isinstance(clause, RenewalClause)
    assert (clause.kind, clause.length, clause.times) == (kind, None, None)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "the cell is empty"),
        ("   ", "the cell is empty"),
        ("successive []", "it is redacted"),
        ("successive [***]", "it is redacted"),
        ("5 years; 2 years", "several values in one cell: '5 years' and '2 years'"),
        ("7/22/2019; 7/22/2022", "several values in one cell: '7/22/2019' and '7/22/2022'"),
        ("auto", "it renews, but for how long is not said"),
        ("option, mutual, 2 years", "'option, mutual, 2 years' names two kinds of renewal"),
        ("1 year 2 years", "'1 year 2 years' is no renewal such as"),
        ("0 successive 1 year", "'0 successive 1 year' is no renewal such as"),
        ("two (3) years", "'two (3) years' is no renewal such as"),
        ("999 renewals of 2 years", "999 renewals of 2 years lead beyond any calendar"),
        ("1000 years", "'1000 years' is no renewal such as"),
        ("see the contract", "'see the contract' is no renewal such as"),
        ("up to 3 years", "'up to 3 years' says how long a renewal is at most"),
        ("jusqu'à 3 ans", '"jusqu\'à 3 ans" says how long a renewal is at most'),
        ("12 months 1 year", "'12 months 1 year' is no renewal such as"),
        ("-3 years", "'-3 years' is no renewal such as"),
        ("'", '"\'" is no renewal such as'),
        ("3-5 years", "'3-5 years' names a range"),
        ("3 - 5 years", "'3 - 5 years' names a range"),
        ("2 to 5 years", "'2 to 5 years' names a range"),
        ("one (1) to three (3) years", "'one (1) to three (3) years' names a range"),
        ("1 year to 18 months", "'1 year to 18 months' names a range"),
        ("de 3 à 5 ans", "'de 3 à 5 ans' names a range"),
    ],
)
def test_what_is_not_understood_is_unknown_for_a_reason(answer: str, why: str) -> None:
    found = read_renewal(answer)
    assert isinstance(found, Unknown)
    assert found.reason.startswith(why)
    assert found.raw == answer


def test_the_answer_names_its_kind_or_the_declared_one_holds() -> None:
    spoken = read_renewal("tacite reconduction d'un an", RenewalKind.OPTION)
    silent = read_renewal("1 year", RenewalKind.OPTION)
    assert isinstance(spoken, RenewalClause)
    assert isinstance(silent, RenewalClause)
    assert (spoken.kind, silent.kind) == (RenewalKind.TACIT, RenewalKind.OPTION)


def test_a_bare_length_renews_as_often_as_declared() -> None:
    once, repeated = read_renewal("2 years"), read_renewal("2 years", bare_times=None)
    counted = read_renewal("2 5 years", bare_times=None)
    assert [c.times for c in (once, repeated, counted) if isinstance(c, RenewalClause)] == [1, None, 2]


def test_a_bare_number_counts_the_declared_unit_only() -> None:
    assert isinstance(read_renewal("12"), Unknown)
    clause = read_renewal("12", unit=Unit.MONTHS)
    assert isinstance(clause, RenewalClause)
    assert str(clause.length) == "P12M"


@pytest.mark.parametrize(
    "answer",
    [
        "12 mois 1 an", "12 months, 1 year", "1 year, 12 months", "1 an et 12 mois", "180 days 6 months",
        "3 months 90 days", "2 weeks 14 days", "365 days 1 year", "52 weeks 1 year", "1 month 30 days",
    ],
)  # fmt: skip
def test_one_length_told_twice_is_not_added_up(answer: str) -> None:
    for found in (read_tenor(answer), read_notice(answer)):
        assert isinstance(found, Unknown)
        assert "may state one length twice" in found.reason


@pytest.mark.parametrize(
    ("answer", "length"),
    [
        ("1 year and 6 months", "P1Y6M"), ("2 ans 6 mois", "P2Y6M"), ("1 month and 15 days", "P1M15D"),
        ("one year, one month and one day", "P1Y1M1D"), ("2 years 90 days", "P2Y90D"), ("36-month", "P36M"),
        ("- 3 mois", "P3M"), ("P1Y12M", "P1Y12M"),
    ],
)  # fmt: skip
def test_parts_that_say_different_things_are_one_length(answer: str, length: str) -> None:
    assert str(read_tenor(answer)) == length


@pytest.mark.parametrize("answer", ["-3 years", "-90 jours", "(-3) mois", "1 year -6 months", "\N{MINUS SIGN}3 years"])
def test_a_length_below_zero_is_not_read_as_one_above(answer: str) -> None:
    assert isinstance(read_tenor(answer), Unknown)
    assert isinstance(read_notice(answer), Unknown)
    assert isinstance(read_tenor("-12", Unit.MONTHS), Unknown)


def test_a_length_beyond_any_calendar_is_refused_in_every_notation() -> None:
    for text in ("99999 years", "P99999Y", "P9999Y"):
        found = read_tenor(text)
        assert isinstance(found, Unknown)
        assert "longer than 999 years" in found.reason


@pytest.mark.parametrize(
    ("words", "kind", "several"),
    [
        ("shall be automatically renewed for successive one (1) year periods", RenewalKind.TACIT, True),
        ("an automatic extension for consecutive one year periods", RenewalKind.TACIT, True),
        ("continues for further terms unless either party gives written notice", RenewalKind.TACIT, False),
        ("se renouvelle par tacite reconduction", RenewalKind.TACIT, False),
        ("the Parties may agree in writing to extend the Agreement", RenewalKind.MUTUAL, False),
        ("shall renew only upon the mutual written agreement of the parties", RenewalKind.MUTUAL, False),
        ("at Buyer's option, this Agreement shall renew for a term of two years", RenewalKind.OPTION, False),
        ("the Company may renew this Agreement for one additional year", RenewalKind.OPTION, False),
        ("the Agreement shall terminate automatically", None, False),
        ("This Agreement shall not automatically renew.", None, False),
        ("The term shall not be automatically renewed.", None, False),
        ("does not renew automatically; the Company may renew it for one year", RenewalKind.OPTION, False),
        ("There is no automatic renewal; the parties may extend it by mutual agreement", RenewalKind.MUTUAL, False),
        ("It shall not be renewed unless either party gives written notice", None, False),
        ("Le contrat ne sera pas reconduit tacitement", None, False),
        ("Il prend fin à son terme, sans tacite reconduction", None, False),
        ("Il est non renouvelable par tacite reconduction", None, False),
        ("Il ne pourra être reconduit tacitement", None, False),
        ("Il ne peut faire l'objet d'une tacite reconduction", None, False),
        ("En aucun cas il ne sera renouvelé par tacite reconduction", None, False),
        ("Il ne sera reconduit tacitement que deux fois", RenewalKind.TACIT, False),
        ("It is not subject to automatic renewal", None, False),
        ("In no event shall this Agreement automatically renew", None, False),
        ("It shall not be extended or renewed automatically", None, False),
        ("It does not provide for any automatic renewal", None, False),
        ("It ends without being automatically renewed", None, False),
        ("This Agreement may not be renewed", None, False),
        ("There is no option to renew", None, False),
        ("Licensee has no right to renew", None, False),
        ("If notice is not given this Agreement shall automatically renew", RenewalKind.TACIT, False),
        ("If notice is not given, this Agreement shall automatically renew", RenewalKind.TACIT, False),
        ("", None, False),
    ],
)
def test_a_clause_says_in_its_own_words_how_it_renews(words: str, kind: RenewalKind | None, several: bool) -> None:
    said = renewal_words(words)
    assert (said.kind, said.several) == (kind, several)


@pytest.mark.parametrize(
    ("answer", "length"),
    [
        ("90 days", "P90D"),
        ("3 Months", "P3M"),
        ("12 months", "P12M"),
        ("sixty (60) days prior written notice", "P60D"),
        ("at least 30 calendar days", "P30D"),
        ("not less than six months", "P6M"),
        ("préavis de trois mois avant l'échéance", "P3M"),
        ("quatre-vingt-dix jours", "P90D"),
        ("3 mois / 3 mois", "P3M"),
        ("three months at least and 15 days", "P3M15D"),
        ("6 mois au moins avant l'échéance", "P6M"),
    ],
)
def test_a_notice_keeps_the_units_it_was_answered_in(answer: str, length: str) -> None:
    clause = read_notice(answer)
    assert isinstance(clause, NoticeClause)
    assert (str(clause.length), clause.reference, clause.clear_days) == (length, NoticeReference.UNSAID, False)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "the cell is empty"),
        ("[]", "it is redacted"),
        ("180 days / 6 months", "several values in one cell: '180 days' and '6 months'"),
        ("60 days; 180 days", "several values in one cell: '60 days' and '180 days'"),
        ("10 business days", "business days are no length on the calendar"),
        ("dix jours ouvrés", "business days are no length on the calendar"),
        ("30", "'30' is no length of time"),
        ("1,000 days", "'1,000 days' is no length of time"),
        ("not more than 90 days", "'not more than 90 days' is no length of time"),
        ("notice", "'notice' is no notice period"),
        ("zero days", "'zero days' is no length of time"),
        ("0 days", "a length of zero is no length"),
        ("6 months, at least 30 days", "'6 months, at least 30 days' names a length and a least one"),
        ("3 mois, au moins 30 jours", "'3 mois, au moins 30 jours' names a length and a least one"),
    ],
)
def test_a_notice_that_is_not_understood_is_unknown_for_a_reason(answer: str, why: str) -> None:
    found = read_notice(answer)
    assert isinstance(found, Unknown)
    assert found.reason.startswith(why)


def test_clear_days_are_a_way_of_counting() -> None:
    clause = read_notice("quinze jours francs")
    assert isinstance(clause, NoticeClause)
    assert (str(clause.length), clause.clear_days) == ("P15D", True)


@given(ANSWERS)
def test_no_answer_raises(answer: str) -> None:
    for found in (read_renewal(answer), read_notice(answer), read_renewal(answer, bare_times=None, unit=Unit.DAYS)):
        assert isinstance(found, RenewalClause | NoticeClause | Unknown)
    _ = renewal_words(answer)


def test_a_text_of_any_size_is_refused_or_read_at_once() -> None:
    """Each of these is quadratic or worse for a pattern that repeats a repetition."""
    for piece in ("suc", "1,", "(", "un ", "renew automatic ", "unless a ", "may ", "[", "*", ";", "/", "_"):
        text = piece * (1_000_000 // len(piece))
        assert isinstance(read_renewal(text), Unknown)
        assert isinstance(read_notice(text), Unknown)
        _ = renewal_words(text)
