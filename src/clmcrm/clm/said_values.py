"""The values of a contract's terms as a person reads them, in English and in French.

The rule of the file: words only. What a value is called comes from `clmcrm.clm.term_names`; a record says what it
holds beyond its defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, cast

import attrs

from clmcrm.clm.term_names import named, thing_words, without_article
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import PartialDate, Perpetual, Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording

_VALUES_FR: Final[Mapping[str, str]] = {
    "own": "nous", "counterparty": "le cocontractant", "either": "chacune des parties", "both": "les deux parties",
    "none": "aucune", "tacit": "tacite", "express": "expresse", "mutual": "d'un commun accord", "option": "par option",
    "indefinite": "à durée indéterminée", "last_day": "dernier jour compris", "first_day_after": "premier jour suivant",
    "unsaid": "non précisé", "end_of_term": "fin du terme", "renewal_date": "date de reconduction",
    "anniversary": "date anniversaire", "end_of_month": "fin de mois", "end_of_quarter": "fin de trimestre",
    "end_of_half_year": "fin de semestre", "end_of_year": "fin d'année", "any_time": "à tout moment",
    "receipt": "réception", "dispatch": "envoi", "advance": "à échoir", "arrears": "à terme échu",
    "sales": "vente", "procurement": "achat", "partnership": "partenariat", "employment": "travail", "lease": "bail",
    "nda": "confidentialité", "regulatory": "réglementaire", "custom": "propre", "exclusivity": "exclusivité",
    "non_compete": "non-concurrence", "most_favoured_customer": "client le plus favorisé", "price": "prix",
    "volume": "volume", "territory": "territoire", "product": "produit", "first_refusal": "préemption",
    "no_solicit_customers": "non-sollicitation des clients", "no_solicit_employees": "non-sollicitation des salariés",
    "no_assignment": "incessibilité", "change_of_control": "changement de contrôle", "initial": "initiale",
    "previous": "précédente", "first": "première", "latest": "dernière", "final": "définitive",
    "marginal": "par tranche", "retroactive": "rétroactive", "turnover": "chiffre d'affaires", "units": "unités",
    "under": "pris en application", "amends": "modificatif", "renews": "de renouvellement",
    "replaces": "de remplacement", "schedule": "annexe",
}  # fmt: skip


def value_words(value: object) -> Wording:
    """A value as a person reads it, days as ISO dates, nothing as "none".

    >>> value_words(Tenor(months=3)).fr, value_words(None).en
    ('3 mois', 'none')
    """
    if isinstance(value, bool):
        return Wording("yes", "oui") if value else Wording("no", "non")
    if value in (None, "", ()):
        return Wording("none", "néant")
    if isinstance(value, tuple):
        return _listed([value_words(each) for each in cast("tuple[object, ...]", value)])
    if isinstance(value, Tenor | Enum | Unknown | Perpetual):
        return _translated(value)
    if attrs.has(type(value)) and not isinstance(value, _SAY_THEMSELVES):
        return _record_words(value)
    said = str(value).strip() or "…"
    return Wording(said, said)


_SAY_THEMSELVES: Final = (Money, UnitPrice, PartialDate, Span)


def _translated(value: Tenor | Enum | Unknown | Perpetual) -> Wording:
    if isinstance(value, Tenor):
        return Wording(value.words, value.said("fr"))
    if isinstance(value, Unknown):
        return Wording(f"not known ({value.reason})", f"inconnu ({value.reason})")
    if isinstance(value, Perpetual):
        return Wording("perpetual", "perpétuel")
    plain = str(value.value)
    return Wording(plain.replace("_", " "), _VALUES_FR.get(plain, plain.replace("_", " ")))


def _listed(words: list[Wording]) -> Wording:
    return Wording(", ".join(word.en for word in words), ", ".join(word.fr for word in words))


def _record_words(value: Any) -> Wording:  # noqa: ANN401 - any attrs record
    """What a record says beyond its defaults, its place and its words left out: "days 30, late fee 0.08"."""
    cls = cast("type[Any]", value.__class__)
    parts: list[Wording] = []
    for part in attrs.fields(cls):
        held = getattr(value, part.name)
        if part.name in _LEFT_OUT or held == part.default or held in (None, "", ()):
            continue
        name, said = named(part.name, cls.__name__), value_words(held)
        parts.append(Wording(f"{without_article(name.en)} {said.en}", f"{without_article(name.fr)} {said.fr}"))
    return _listed(parts) if parts else thing_words(cls)


_LEFT_OUT: Final = frozenset({"citation", "quote", "refs", "extras", "provenance"})
