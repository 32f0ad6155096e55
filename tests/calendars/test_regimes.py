from __future__ import annotations

import pytest
from attrs import evolve

from clmcrm.calendars.catalogue import calendar_for
from clmcrm.calendars.regimes.known import REGIMES, regime
from clmcrm.calendars.regimes.record import Regime, Rule, WhenClosed
from clmcrm.errors import UnknownRegime
from clmcrm.values.source import Authority

RULES = [(law.name, rule) for law in REGIMES for rule in law.rules]

# The table of the notes: what becomes of a closed last day, counted forward and counted backwards.
DIRECTIONS = {
    "EU1182": ("following", "none"),  # art. 3(4) and its second subparagraph
    "EUCOURTS": ("following", "none"),  # Rules of Procedure art. 49(2)
    "ETS76": ("following", "none"),  # art. 5; art. 1
    "DE_BGB": ("following", "none"),  # § 193; BGH III ZR 172/04
    "FR_CPC": ("following", "none"),  # 642(2); Cass. 3e civ. 8.3.2018, 17-11.312
    "FR_CONSO": ("none", "none"),
    "US_FRCP6": ("following", "preceding"),  # 6(a)(1)(C), 6(a)(5)
    "UK_CDR": ("none", "none"),
    "UK_CPR28": ("following", "none"),  # 2.8(5)
    "ES_CC5": ("none", "none"),  # 5.2
    "IT_2963": ("following", "preceding"),  # 2963(3); Cass. 14767/2014
    "IT_CPC155": ("following", "preceding"),  # 155(4), (5); Cass. 21335/2017
    "UNIDROIT112": ("following", "none"),  # 1.12(2)
    "PECL1304": ("following", "none"),  # 1:304(2)
}


def test_the_table_of_directions_holds_for_every_regime() -> None:
    own = {law.name: (law.forward.when_closed.value, law.backward.when_closed.value) for law in REGIMES}
    assert own == DIRECTIONS


def test_no_regime_moves_a_day_counted_backwards_later() -> None:
    assert all(law.backward.when_closed is not WhenClosed.NEXT for law in REGIMES)


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[name for name, _ in RULES])
def test_every_rule_has_words_in_both_languages_and_a_source(name: str, rule: Rule) -> None:
    assert rule.wording.en
    assert rule.wording.fr
    assert rule.wording.en != rule.wording.fr
    assert rule.citation


def test_a_rule_that_no_text_states_is_marked_as_derived() -> None:
    assert regime("ES_CC5").backward.rule.source.derived
    assert regime("DE_BGB").backward.rule.source.authority is Authority.COURT


def test_every_calendar_a_regime_may_assume_exists() -> None:
    places = {law.calendar_place for law in REGIMES} - {None}
    assert places == {calendar_for(place).place for place in places if place is not None}


def test_an_unknown_regime_lists_the_names() -> None:
    with pytest.raises(UnknownRegime, match=r"DE_BGB.*UNIDROIT112"):
        _ = regime("DE")


def test_a_callers_regime_is_found_and_wins() -> None:
    house = evolve(regime("UK_CDR"), name="HOUSE")
    strict = evolve(regime("DE_BGB"), calendar_place=None)
    more: tuple[Regime, ...] = (house, strict)
    assert regime("HOUSE", more) is house
    assert regime("DE_BGB", more) is strict
    assert regime("DE_BGB") is not strict


def test_every_place_has_one_law_of_contracts_and_courts_have_none() -> None:
    places = {law.name: law.contracts_of for law in REGIMES if law.contracts_of is not None}
    assert places == {"DE_BGB": "DE", "FR_CPC": "FR", "UK_CDR": "GB", "ES_CC5": "ES", "IT_2963": "IT"}
