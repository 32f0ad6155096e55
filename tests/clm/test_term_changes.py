"""The structural diff: exact, the same both ways round, and in sentences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, get_args

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clmcrm.clm.amendments import Amendment
from clmcrm.clm.clauses import AnyClause, LiabilityCap, PaymentClause, Restriction, RestrictionKind
from clmcrm.clm.contract import Contract
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.term_changes import NO_TERMS, TermChange, compare_terms, item_keys
from clmcrm.clm.term_clauses import NoticeClause, RenewalClause, RenewalKind, TermClause
from clmcrm.clm.term_names import is_named
from clmcrm.clm.versions import amended
from clmcrm.testing.strategies import records, values
from clmcrm.values.ids import AccountId, LineId
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor
from making import contract

TERMS = [part.name for part in attrs.fields(Contract) if part.name not in NO_TERMS]
TYPES: dict[str, Any] = {part.name: part.type for part in attrs.fields(attrs.resolve_types(Contract))}
# Terms of every sort take long to draw: a fifth of the profile's examples.
SLOW = settings(max_examples=settings().max_examples // 5, suppress_health_check=list(HealthCheck))


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A contract with a few of its terms drawn at random; a whole one would take long to draw."""
    drawn = draw(st.sets(st.sampled_from([name for name in TERMS if name != "kind"]), max_size=4))
    return contract(**{name: draw(values(TYPES[name])) for name in sorted(drawn)})


def parts(of: Contract) -> dict[str, Any]:
    return {name: getattr(of, name) for name in TERMS}


def replayed(of: Contract, changes: tuple[TermChange, ...]) -> dict[str, Any]:
    """The terms of a contract with each change put in place by its path and value, and by nothing else."""
    found = parts(of)
    for name in TERMS:
        own = [change for change in changes if change.path[0] == name]
        if any(change.path == (name,) for change in own):
            (found[name],) = [change.after for change in own]
        elif own and isinstance(found[name], tuple):
            found[name] = _items(found[name], own)
        elif own:
            # All at once: a clause half changed may be none (a tacit renewal without its length).
            found[name] = attrs.evolve(found[name], **{change.path[1]: change.after for change in own})
    return found


def _items(items: tuple[Any, ...], changes: list[TermChange]) -> tuple[Any, ...]:
    kept = dict(zip(item_keys(items), items, strict=True))
    inner: dict[str, dict[str, Any]] = {}
    order: list[str] | None = None
    for change in changes:
        if change.path[1:] == ("order",):
            order = list(change.after)  # type: ignore[call-overload] # the keys, by the path
        elif len(change.path) == 2 and change.after is None:
            del kept[change.path[1]]
        elif len(change.path) == 2:
            kept[change.path[1]] = change.after
        else:
            inner.setdefault(change.path[1], {})[change.path[2]] = change.after
    for key, terms in inner.items():
        kept[key] = attrs.evolve(kept[key], **terms)
    return tuple(kept[key] for key in (order or kept))


def mirrored(changes: tuple[TermChange, ...]) -> set[str]:
    return {f"{change.path} {change.after!r} {change.before!r}" for change in changes}


@SLOW
@given(contracts(), contracts())
def test_the_changes_and_nothing_else_lead_from_one_contract_to_the_other(a: Contract, b: Contract) -> None:
    changes = compare_terms(a, b)
    assert replayed(a, changes) == parts(b)
    assert (changes == ()) == (parts(a) == parts(b))


@SLOW
@given(contracts(), contracts())
def test_the_other_way_round_the_same_places_change_back(a: Contract, b: Contract) -> None:
    there, back = compare_terms(a, b), compare_terms(b, a)
    assert mirrored(there) == {f"{change.path} {change.before!r} {change.after!r}" for change in back}
    assert compare_terms(a, a) == ()


@SLOW
@given(st.lists(records(PaymentClause) | records(LiabilityCap), max_size=4), st.data())
def test_moving_and_mixing_clauses_is_described_exactly(clauses: list[Any], data: st.DataObject) -> None:
    other = data.draw(st.permutations(clauses)) if clauses else []
    other = other[: data.draw(st.integers(0, len(other)))]
    a, b = contract(clauses=tuple(clauses)), contract(clauses=tuple(other))
    assert replayed(a, compare_terms(a, b)) == parts(b)
    assert replayed(b, compare_terms(b, a)) == parts(a)


@SLOW
@given(contracts(), records(Amendment))
def test_applying_an_amendment_makes_exactly_the_changes_described(of: Contract, amendment: Amendment) -> None:
    after = amended(of, amendment)
    changes = compare_terms(of, after)
    assert replayed(of, changes) == parts(after)
    assert {change.path[0] for change in changes} <= {
        "term", "renewal", "notice", "clauses", "lines", "special_terms", "governing_law", "governing_place",
        "total_value", "annual_value", "recurring_value", "counterparty", "own_unit",
    }  # fmt: skip


def said(before: dict[str, object], after: dict[str, object]) -> list[tuple[str, str]]:
    changes = compare_terms(contract(**before), contract(**after))
    return [(change.wording.en, change.wording.fr) for change in changes]


def notice(months: int, **more: object) -> NoticeClause:
    return NoticeClause(length=Tenor(months=months), citation="art. 9.2", **more)  # type: ignore[arg-type] # in tests


def line(**more: object) -> ContractLine:
    facts: dict[str, object] = {"id": LineId("1"), "description": "seats", "price": UnitPrice(10, "EUR")}
    return ContractLine(**(facts | more))  # type: ignore[arg-type] # in tests


@pytest.mark.parametrize(
    ("before", "after", "en", "fr"),
    [
        ({"notice": notice(3)}, {"notice": notice(6)},
         "the notice period grows from 3 to 6 months (art. 9.2)", "le préavis passe de 3 à 6 mois (art. 9.2)"),
        ({"notice": notice(3)}, {"notice": notice(1)},
         "the notice period shrinks from 3 to 1 month (art. 9.2)", "le préavis passe de 3 à 1 mois (art. 9.2)"),
        ({"notice": notice(3)}, {"notice": notice(3, clear_days=True)},
         "counting in clear days (notice clause): yes instead of no (art. 9.2)",
         "le décompte en jours francs (clause de préavis) : oui au lieu de non (art. 9.2)"),
        ({"notice": notice(3)}, {"notice": NoticeClause(length=Tenor(days=90), citation="art. 9.2")},
         "the notice period changes from 3 months to 90 days (art. 9.2)",
         "le préavis passe de 3 mois à 90 jours (art. 9.2)"),
        ({"effective_on": date(2024, 6, 1)}, {"effective_on": date(2024, 7, 1)},
         "the effective date moves from 2024-06-01 to 2024-07-01",
         "la date d'effet passe du 2024-06-01 au 2024-07-01"),
        ({"total_value": Money(100, "EUR")}, {"total_value": Money(80, "EUR")},
         "the total value falls from 100.00 EUR to 80.00 EUR", "la valeur totale passe de 100.00 EUR à 80.00 EUR"),
        ({"total_value": Money(100, "EUR")}, {"total_value": Money(80, "USD")},
         "the total value changes from 100.00 EUR to 80.00 USD", "la valeur totale passe de 100.00 EUR à 80.00 USD"),
        ({}, {"governing_place": "FR"},
         "the place whose law governs is now FR; there was none before",
         "le lieu dont le droit s'applique est désormais : FR ; il n'y en avait pas"),
        ({"conditions_precedent": ("board approval",)}, {},
         "the conditions precedent, board approval until now, are dropped",
         "les conditions suspensives, jusqu'ici : board approval, disparaissent"),
        ({"names_in_text": ("ACME",)}, {"names_in_text": ("ACME", "Zenith")},
         "the parties' names change from ACME to ACME, Zenith",
         "les noms des parties passent de ACME à ACME, Zenith"),
        ({"renewal": RenewalClause(kind=RenewalKind.TACIT, length=Tenor(years=1), citation="art. 8")},
         {"renewal": RenewalClause(kind=RenewalKind.EXPRESS, length=Tenor(years=1), citation="art. 8")},
         "the manner of renewal changes from tacit to express (art. 8)",
         "le mode de reconduction passe de tacite à expresse (art. 8)"),
        ({"clauses": (PaymentClause(days=30, citation="art. 5"),)},
         {"clauses": (PaymentClause(days=60, citation="art. 5"),)},
         "the number of days to pay (payment clause) rises from 30 to 60 (art. 5)",
         "le délai de paiement en jours (clause de paiement) passe de 30 à 60 (art. 5)"),
        ({"clauses": ()}, {"clauses": (PaymentClause(days=30, late_fee=Decimal("0.08"), citation="art. 5"),)},
         "added: payment clause art. 5: number of days to pay 30, yearly rate on late payment 0.08",
         "ajout : clause de paiement art. 5 : délai de paiement en jours 30, taux annuel de retard 0.08"),
        ({"clauses": (Restriction(kind=RestrictionKind.NO_ASSIGNMENT),)}, {"clauses": ()},
         "removed: restriction no_assignment: kind no assignment",
         "suppression : restriction no_assignment : nature incessibilité"),
        ({"lines": (line(),)}, {"lines": (line(price=UnitPrice(12, "EUR")),)},
         "the price of line 1 (seats) rises from 10 EUR to 12 EUR",
         "le prix de la ligne 1 (seats) passe de 10 EUR à 12 EUR"),
        ({"lines": (line(),)}, {"lines": (line(last_day=date(2025, 1, 31)),)},
         "the last day of line 1 (seats) is now 2025-01-31; there was none before",
         "le dernier jour de la ligne 1 (seats) est désormais : 2025-01-31 ; il n'y en avait pas"),
        ({"counterparty": AccountId("A-1")}, {"counterparty": AccountId("A-2")},
         "the counterparty changes from A-1 to A-2", "le cocontractant passe de A-1 à A-2"),
        ({"lines": (line(), line(id=LineId("2")))}, {"lines": (line(id=LineId("2")), line())},
         "the order of the lines changes", "l'ordre des lignes change"),
        ({"term": TermClause(initial=Tenor(years=1))}, {"term": Unknown("the page is missing")},
         "the term clause changes from initial term 1 year to not known (the page is missing)",
         "la clause de durée passe de durée initiale 1 an à inconnu (the page is missing)"),
    ],
)  # fmt: skip
def test_each_change_is_a_sentence_in_both_languages(
    before: dict[str, object], after: dict[str, object], en: str, fr: str
) -> None:
    found = said(before, after)
    assert found == [(en, fr)]


def test_several_changes_of_one_clause_are_several_sentences_in_the_clauses_order() -> None:
    found = said({"notice": notice(3)}, {"notice": notice(6, form="registered letter")})
    assert [en for en, _ in found] == [
        "the notice period grows from 3 to 6 months (art. 9.2)",
        "the form of notice (notice clause) is now registered letter; there was none before (art. 9.2)",
    ]


@pytest.mark.parametrize(
    "cls", [*get_args(AnyClause), TermClause, RenewalClause, NoticeClause, ContractLine], ids=lambda cls: cls.__name__
)
def test_every_term_of_every_clause_and_line_has_a_name_in_both_languages(cls: type) -> None:
    unnamed = [part.name for part in attrs.fields(cls) if part.name not in ("parent", "ramp")]
    assert [name for name in unnamed if not is_named(name)] == []
