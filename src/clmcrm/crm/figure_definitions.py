"""What each figure of the sales wing means: formula, population, unit, period and missing facts.

The rule of the file: a figure is defined here once, and each result points back by its English name.
"""

from __future__ import annotations

from typing import Final

from clmcrm.values.figures import FigureDefinition
from clmcrm.values.wording import Wording

SHARE: Final = Wording("share (0 to 1), four decimals", "part (0 à 1), quatre décimales")
DAYS: Final = Wording("days, two decimals", "jours, deux décimales")
AMOUNT: Final = Wording("amount in the currency asked for", "montant dans la devise demandée")
_CLOSED: Final = Wording(
    "by the day a sale was closed, both ends of the period inside",
    "selon le jour de clôture de l'affaire, bornes incluses",
)
_AMOUNTS: Final = Wording(
    "a sale without closing day or amount, with an amount below zero, or without a rate is left out and named",
    "une affaire sans jour de clôture ni montant, de montant négatif ou sans taux de change est écartée et citée",
)
_WON_SALES: Final = Wording("sales won in the period", "affaires gagnées dans la période")

CONVERSION_RATE: Final = FigureDefinition(
    name=Wording("conversion rate", "taux de conversion"),
    formula=Wording(
        "leads converted / leads created in the period", "prospects convertis / prospects créés dans la période"
    ),
    population=Wording("leads created in the period", "prospects créés dans la période"),
    unit=SHARE,
    period=Wording(
        "by the day of creation; a lead is followed to its end, even after the period",
        "selon le jour de création ; un prospect est suivi jusqu'au bout, même après la période",
    ),
    missing=Wording(
        "a lead without a day of creation, or of unknown status, is left out and named",
        "un prospect sans jour de création ou de statut inconnu est écarté et cité",
    ),
)

STAGE_CONVERSION: Final = FigureDefinition(
    name=Wording("stage conversion rate", "taux de passage d'étape"),
    formula=Wording(
        "sales that went on from the stage / sales that entered it in the period and have left it",
        "affaires passées à une étape suivante / affaires entrées dans l'étape pendant la période et sorties",
    ),
    population=Wording(
        "sales that entered the stage in the period and went on or were lost",
        "affaires entrées dans l'étape pendant la période, passées plus loin ou perdues",
    ),
    unit=SHARE,
    period=Wording(
        "by the day a sale first entered the stage, in the zone it was recorded in",
        "selon le jour de la première entrée dans l'étape, dans le fuseau de l'enregistrement",
    ),
    missing=Wording(
        "a sale still in the stage, or gone back from it, is left out and named; one without history, too",
        "une affaire encore dans l'étape, revenue en arrière ou sans historique est écartée et citée",
    ),
)

WIN_RATE: Final = FigureDefinition(
    name=Wording("win rate", "taux de gain"),
    formula=Wording("sales won / sales closed in the period", "affaires gagnées / affaires closes dans la période"),
    population=Wording("sales won or lost in the period", "affaires gagnées ou perdues dans la période"),
    unit=SHARE,
    period=_CLOSED,
    missing=Wording(
        "a closed sale without a closing day, or a sale of unknown stage, is left out and named",
        "une affaire close sans jour de clôture ou d'étape inconnue est écartée et citée",
    ),
)

AVERAGE_DEAL_VALUE: Final = FigureDefinition(
    name=Wording("average deal value", "valeur moyenne des affaires"),
    formula=Wording(
        "amount of the sales won in the period / their number",
        "montant des affaires gagnées dans la période / leur nombre",
    ),
    population=_WON_SALES,
    unit=AMOUNT,
    period=_CLOSED,
    missing=_AMOUNTS,
)

SALES_CYCLE: Final = FigureDefinition(
    name=Wording("sales cycle", "cycle de vente"),
    formula=Wording(
        "days from creation to closing of the sales won in the period / their number",
        "jours de la création à la clôture des affaires gagnées dans la période / leur nombre",
    ),
    population=_WON_SALES,
    unit=DAYS,
    period=_CLOSED,
    missing=Wording(
        "a sale without day of creation, or closed before it was created, is left out and named",
        "une affaire sans jour de création ou close avant sa création est écartée et citée",
    ),
)

PIPELINE_VELOCITY: Final = FigureDefinition(
    name=Wording("pipeline velocity", "vélocité du pipeline"),
    formula=Wording(
        "open sales x win rate x average deal value / sales cycle",
        "affaires ouvertes x taux de gain x valeur moyenne / cycle de vente",
    ),
    population=Wording("open sales as they are given", "affaires ouvertes telles que données"),
    unit=Wording("amount per day in the currency asked for", "montant par jour dans la devise demandée"),
    period=Wording(
        "rate, value and cycle by the closing day; the open sales as they are given",
        "taux, valeur et cycle selon le jour de clôture ; les affaires ouvertes telles que données",
    ),
    missing=Wording(
        "what any factor leaves out is left out of that factor and named; factors are multiplied unrounded; "
        "without open sales it is zero",
        "ce qu'un facteur écarte l'est de ce facteur et cité ; les facteurs ne sont pas arrondis ; "
        "sans affaire ouverte, elle est nulle",
    ),
)

CUSTOMER_ACQUISITION_COST: Final = FigureDefinition(
    name=Wording("customer acquisition cost", "coût d'acquisition client"),
    formula=Wording(
        "cost of marketing and selling in the period / customers won in it",
        "coûts de marketing et de vente de la période / clients gagnés dans la période",
    ),
    population=Wording(
        "accounts whose first won sale was closed in the period",
        "comptes dont la première affaire gagnée a été close dans la période",
    ),
    unit=AMOUNT,
    period=Wording(
        "costs by their own day, customers by the closing day of their first won sale",
        "coûts selon leur jour, clients selon la clôture de leur première affaire gagnée",
    ),
    missing=Wording(
        "undated costs, won sales without account or closing day, and sales of unknown stage are left out and named; "
        "a cost that cannot be converted makes the figure unknown",
        "les coûts sans date, les affaires gagnées sans compte ni jour de clôture et celles d'étape inconnue sont "
        "écartés et cités ; un coût non convertible rend la valeur inconnue",
    ),
)

CUSTOMER_LIFETIME_VALUE: Final = FigureDefinition(
    name=Wording("customer lifetime value", "valeur vie client"),
    formula=Wording(
        "yearly amount won per customer x margin x years a customer stays",
        "montant annuel gagné par client x marge x années de fidélité",
    ),
    population=Wording(
        "accounts with a won sale of known amount in the period",
        "comptes ayant une affaire gagnée de montant connu dans la période",
    ),
    unit=AMOUNT,
    period=Wording(
        "by the closing day; the period must be whole calendar months",
        "selon le jour de clôture ; la période doit compter des mois civils entiers",
    ),
    missing=Wording(
        "a sale without account, amount or rate is left out and named; margin and years are given, never guessed",
        "une affaire sans compte, montant ou taux est écartée et citée ; marge et durée sont données, jamais devinées",
    ),
)

SALES_FIGURES: Final = (
    CONVERSION_RATE,
    STAGE_CONVERSION,
    WIN_RATE,
    AVERAGE_DEAL_VALUE,
    SALES_CYCLE,
    PIPELINE_VELOCITY,
    CUSTOMER_ACQUISITION_COST,
    CUSTOMER_LIFETIME_VALUE,
)
"""The figures of the sale, in the order of the page."""
