"""What a lawyer calls each term of a contract, in English and in French.

The rule of the file: words only. A name is written with its article, so that a sentence can begin with it; a
French name that begins with "les" takes its verb in the plural.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

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
    return Wording(en, without_article(fr))


def of_thing(cls: type) -> Wording:
    """The same after "of": "line", "de la ligne".

    >>> from clmcrm.clm.term_clauses import TerminationRight
    >>> of_thing(TerminationRight).fr
    'du droit de résiliation'
    """
    plain = _WORD.sub(" ", cls.__name__).lower()
    en, fr = _CLAUSES.get(cls.__name__, (plain, f"l'élément « {plain} »"))
    return Wording(en, f"du {fr.removeprefix('le ')}" if fr.startswith("le ") else f"de {fr}")


def without_article(name: str) -> str:
    """The name without the article it is written with.

    >>> without_article("the price"), without_article("l'indice")
    ('price', 'indice')
    """
    for article in ("the ", "le ", "la ", "les ", "l'"):
        if name.startswith(article):
            return name[len(article) :]
    return name
