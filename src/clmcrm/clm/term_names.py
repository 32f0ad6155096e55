"""What a lawyer calls each term of a contract, in English and in French, and how its values are said.

The rule of the file: words only. A name is written with its article, so that a sentence can begin with it; a
French name that begins with "les" takes its verb in the plural.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, cast

import attrs

from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import PartialDate, Perpetual, Unknown
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording

_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    # The contract itself.
    "number": ("the number", "le numéro"),
    "title": ("the title", "le titre"),
    "kind_detail": ("the kind in detail", "la nature précise"),
    "counterparty": ("the counterparty", "le cocontractant"),
    "own_unit": ("our contracting unit", "notre entité contractante"),
    "names_in_text": ("the parties' names", "les noms des parties"),
    "people": ("the contacts", "les interlocuteurs"),
    "signatories": ("the signatories", "les signataires"),
    "parent": ("the parent contract", "le contrat-cadre"),
    "relation": ("the relation to the parent contract", "le lien avec le contrat-cadre"),
    "executed_on": ("the date of signature", "la date de signature"),
    "effective_on": ("the effective date", "la date d'effet"),
    "term": ("the term clause", "la clause de durée"),
    "renewal": ("the renewal clause", "la clause de reconduction"),
    "notice": ("the notice clause", "la clause de préavis"),
    "clauses": ("the clauses", "les clauses"),
    "conditions_precedent": ("the conditions precedent", "les conditions suspensives"),
    "approvals_needed": ("the approvals needed", "les approbations requises"),
    "special_terms": ("the special terms", "les conditions particulières"),
    "languages": ("the languages", "les langues"),
    "governing_law": ("the governing law", "le droit applicable"),
    "governing_place": ("the place whose law governs", "le lieu dont le droit s'applique"),
    "lines": ("the lines", "les lignes"),
    "total_value": ("the total value", "la valeur totale"),
    "annual_value": ("the annual value", "la valeur annuelle"),
    "recurring_value": ("the recurring value", "la valeur récurrente"),
    "purchase_order": ("the purchase order", "le bon de commande"),
    "billing_address": ("the billing address", "l'adresse de facturation"),
    "service_address": ("the service address", "l'adresse d'exécution"),
    "obligations": ("the obligations", "les obligations"),
    "powers": ("the powers", "les pouvoirs"),
    # Every clause.
    "citation": ("the place in the contract", "l'article"),
    "quote": ("the wording", "le texte"),
    "first_day": ("the first day", "le premier jour"),
    "last_day": ("the last day", "le dernier jour"),
    "by": ("the side entitled", "la partie habilitée"),
    "kind": ("the kind", "la nature"),
    "product": ("the product", "le produit"),
    "products": ("the products", "les produits"),
    "valid": ("the period of validity", "la période de validité"),
    "per": ("the period", "la période"),
    "anchor_on": ("the day periods are counted from", "le jour d'origine des périodes"),
    "currency": ("the currency", "la devise"),
    "cap": ("the cap", "le plafond"),
    "floor": ("the floor", "le plancher"),
    # Term, renewal, notice, termination.
    "initial": ("the initial term", "la durée initiale"),
    "ends_on": ("the stated end", "l'échéance indiquée"),
    "end_means": ("the reading of the stated end", "le sens de l'échéance indiquée"),
    "minimum": ("the minimum term", "la durée minimale"),
    "until": ("the rule for the last day", "la règle du dernier jour"),
    "length": ("the length", "la durée"),
    "times": ("the number of renewals", "le nombre de reconductions"),
    "reference": ("the point notice is counted back from", "le point de départ du préavis à rebours"),
    "not_before": ("the earliest moment for notice", "le début de la fenêtre de préavis"),
    "effect": ("the moment notice takes effect", "le moment où le préavis produit effet"),
    "deemed_days": ("the number of days until receipt is deemed", "le nombre de jours jusqu'à réception réputée"),
    "cut_off": ("the hour of cut-off", "l'heure limite"),
    "zone": ("the time zone", "le fuseau horaire"),
    "clear_days": ("counting in clear days", "le décompte en jours francs"),
    "regime": ("the law that counts time", "le droit qui règle les délais"),
    "form": ("the form of notice", "la forme du préavis"),
    "for_cause": ("the need for a cause", "l'exigence d'un motif"),
    "cure": ("the period to cure", "le délai de remède"),
    "clocks": ("the effect on running days", "l'effet sur les jours en cours"),
    "notify_within": ("the time to notify the event", "le délai pour notifier l'événement"),
    "long_stop": ("the long stop", "la durée butoir"),
    "opens": ("the power it opens", "le pouvoir qu'elle ouvre"),
    # Prices.
    "price": ("the price", "le prix"),
    "max_discount": ("the largest discount", "la remise maximale"),
    "model": ("the price model", "le modèle de prix"),
    "tiers": ("the tiers", "les paliers"),
    "every": ("the rhythm", "la périodicité"),
    "percent": ("the percentage", "le pourcentage"),
    "index": ("the index", "l'indice"),
    "index_base": ("the base of the index", "la base de l'indice"),
    "base_value": ("the base value", "la valeur de base"),
    "base_month": ("the base month", "le mois de base"),
    "lag_months": ("the lag in months", "le décalage en mois"),
    "comparison_month": ("the month compared", "le mois de comparaison"),
    "average_of": ("the number of values averaged", "le nombre de valeurs moyennées"),
    "compares_with": ("the value compared with", "la valeur de comparaison"),
    "prints": ("the publication that counts", "la publication retenue"),
    "settles_later": ("settlement after later publication", "la régularisation après publication"),
    "ratio_decimals": ("the decimals of the ratio", "les décimales du rapport"),
    "share_of_change": ("the share of the change passed on", "la part de variation répercutée"),
    "total_cap": ("the overall cap", "le plafond global"),
    "total_floor": ("the overall floor", "le plancher global"),
    "ratchet": ("the ban on falling prices", "l'interdiction de baisse"),
    "decimals": ("the decimals of the price", "les décimales du prix"),
    "rounding": ("the rounding", "l'arrondi"),
    # Volumes, rebates, service, money, restrictions.
    "quantity": ("the quantity", "la quantité"),
    "unit": ("the unit", "l'unité"),
    "amount": ("the amount", "le montant"),
    "shortfall": ("the price of a shortfall", "le prix du manquant"),
    "ramp": ("the ramp", "la montée en charge"),
    "prorates": ("proration of a short period", "le prorata d'une période incomplète"),
    "carry_forward": ("the carry-forward", "le report d'excédent"),
    "carry_periods": ("the periods of carry-forward", "les périodes de report"),
    "make_up": ("the make-up right", "le droit de rattrapage"),
    "make_up_periods": ("the periods of make-up", "les périodes de rattrapage"),
    "measure": ("the measure", "la mesure"),
    "method": ("the method", "la méthode"),
    "threshold_counts": ("reaching a threshold exactly", "l'atteinte exacte d'un seuil"),
    "settles_after": ("the time to settle", "le délai de règlement"),
    "binds": ("the side bound", "la partie obligée"),
    "territories": ("the territories", "les territoires"),
    "days": ("the number of days to pay", "le délai de paiement en jours"),
    "end_of_month": ("payment at the end of the month", "le paiement fin de mois"),
    "late_fee": ("the yearly rate on late payment", "le taux annuel de retard"),
    "multiple": ("the multiple of the fees", "le multiple des redevances"),
    "of": ("the side whose liability is capped", "la partie dont la responsabilité est plafonnée"),
    "metric": ("the measured service", "le service mesuré"),
    "first_on": ("the first day of measurement", "le premier jour de mesure"),
    "maximum": ("the largest quantity", "la quantité maximale"),
    "response_minutes": ("the minutes to the first answer", "les minutes jusqu'à la première réponse"),
    "resolution_minutes": ("the minutes to the solution", "les minutes jusqu'à la solution"),
    "hours": ("the working hours", "les heures de service"),
    "holidays_of": ("the holidays observed", "les jours fériés chômés"),
    "cases": ("the number of cases", "le nombre de demandes"),
    "claim_within": ("the time to claim", "le délai de réclamation"),
    "category": ("the category", "la catégorie"),
    "answer": ("the answer", "la réponse"),
    "confidence": ("the confidence", "la fiabilité"),
    "reviewed_by": ("the reviewer", "le relecteur"),
    "page": ("the page", "la page"),
    # Lines.
    "id": ("the id", "l'identifiant"),
    "description": ("the description", "la désignation"),
    "list_price": ("the list price", "le prix de liste"),
    "discount": ("the discount", "la remise"),
    "discount_amount": ("the discount in money", "la remise en montant"),
    "tax": ("the tax rate", "le taux de taxe"),
    "recurrence": ("the billing rhythm", "la périodicité de facturation"),
    "timing": ("the time of billing", "le moment de facturation"),
    "billed_until": ("the last day billed", "le dernier jour facturé"),
    "refs": ("the keys in other systems", "les clés dans d'autres systèmes"),
    "extras": ("the values without a home", "les valeurs sans emplacement"),
    "provenance": ("the provenance", "la provenance"),
    "order": ("the order", "l'ordre"),
}
_SPECIAL: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("notice", "length"): ("the notice period", "le préavis"),
    ("renewal", "length"): ("the length of each renewal", "la durée de chaque reconduction"),
    ("renewal", "kind"): ("the manner of renewal", "le mode de reconduction"),
    ("TerminationRight", "notice"): ("the notice of termination", "le préavis de résiliation"),
    ("LiabilityCap", "amount"): ("the liability cap", "le plafond de responsabilité"),
    ("VolumeCommitment", "amount"): ("the committed amount", "le montant de l'engagement"),
    ("VolumeCommitment", "quantity"): ("the committed quantity", "la quantité de l'engagement"),
    ("Restriction", "minimum"): ("the least quantity", "la quantité minimale"),
    ("LiabilityCap", "multiple"): (
        "the liability cap in multiples of the fees",
        "le plafond en multiple des redevances",
    ),
}
_CLAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "TermClause": ("term clause", "la clause de durée"),
    "RenewalClause": ("renewal clause", "la clause de reconduction"),
    "NoticeClause": ("notice clause", "la clause de préavis"),
    "TerminationRight": ("right to terminate", "le droit de résiliation"),
    "PriceClause": ("price clause", "la clause de prix"),
    "TieredPriceClause": ("tiered price clause", "la clause de prix par paliers"),
    "PriceRevisionClause": ("price revision clause", "la clause de révision de prix"),
    "RebateClause": ("rebate clause", "la clause de ristourne"),
    "VolumeCommitment": ("volume commitment", "l'engagement de volume"),
    "Restriction": ("restriction", "la restriction"),
    "PaymentClause": ("payment clause", "la clause de paiement"),
    "LiabilityCap": ("liability cap", "le plafond de responsabilité"),
    "ForceMajeureClause": ("force majeure clause", "la clause de force majeure"),
    "SupportClause": ("support clause", "la clause d'assistance"),
    "ServiceLevel": ("service level", "le niveau de service"),
    "ClauseFact": ("clause", "la clause"),
    "ContractLine": ("line", "la ligne"),
    "Obligation": ("obligation", "l'obligation"),
    "Power": ("power", "le pouvoir"),
    "Signatory": ("signatory", "le signataire"),
    "PersonRole": ("contact", "l'interlocuteur"),
}
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


def named(name: str, owner: str = "") -> Wording:
    """The name of a term, with its article; `owner` is the clause's field or class that it stands in.

    >>> named("length", "notice").fr
    'le préavis'
    """
    plain = name.replace("_", " ")
    en, fr = _SPECIAL.get((owner, name)) or _NAMES.get(name) or (f"the {plain}", f"le champ « {plain} »")
    return Wording(en, fr)


def is_named(name: str) -> bool:
    """Whether the term has a name of its own here."""
    return name in _NAMES


def thing_words(cls: type) -> Wording:
    """What a clause, a line or another item of a contract is called, without an article."""
    plain = _WORD.sub(" ", cls.__name__).lower()
    en, fr = _CLAUSES.get(cls.__name__, (plain, f"« {plain} »"))
    return Wording(en, _bare(fr))


def of_thing(cls: type) -> Wording:
    """The same after "of": "line", "de la ligne".

    >>> from clmcrm.clm.term_clauses import TerminationRight
    >>> of_thing(TerminationRight).fr
    'du droit de résiliation'
    """
    plain = _WORD.sub(" ", cls.__name__).lower()
    en, fr = _CLAUSES.get(cls.__name__, (plain, f"l'élément « {plain} »"))
    return Wording(en, f"du {fr.removeprefix('le ')}" if fr.startswith("le ") else f"de {fr}")


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
        parts.append(Wording(f"{_bare(name.en)} {said.en}", f"{_bare(name.fr)} {said.fr}"))
    return _listed(parts) if parts else thing_words(cls)


_LEFT_OUT: Final = frozenset({"citation", "quote", "refs", "extras", "provenance"})


def _bare(name: str) -> str:
    for article in ("the ", "le ", "la ", "les ", "l'"):
        if name.startswith(article):
            return name[len(article) :]
    return name
