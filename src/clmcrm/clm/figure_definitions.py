"""What each figure of the contract wing means: formula, population, unit, period and missing facts.

The rule of the file: a figure is defined here once, and each result points back by its English name.
"""

from __future__ import annotations

from typing import Final

from clmcrm.values.figures import FigureDefinition
from clmcrm.values.wording import Wording

_SHARE: Final = Wording("share (0 to 1), four decimals", "part (0 à 1), quatre décimales")
_DAYS: Final = Wording("days, two decimals", "jours, deux décimales")
_AMOUNT: Final = Wording("amount in the currency asked for", "montant dans la devise demandée")
_ON_DAY: Final = Wording("as things stand on the day asked about", "selon l'état au jour demandé")


CYCLE_TIME: Final = FigureDefinition(
    name=Wording("cycle time", "durée de cycle"),
    formula=Wording(
        "mean of (day of the last needed signature - day of the request)",
        "moyenne de (jour de la dernière signature requise - jour de la demande)",
    ),
    population=Wording("contracts requested here and signed by everybody", "contrats demandés ici et signés par tous"),
    unit=_DAYS,
    period=Wording(
        "by the day the last needed signature was recorded; without a period, all",
        "selon le jour d'inscription de la dernière signature requise ; sans période, tous",
    ),
    missing=Wording(
        "a contract whose request or last signature was not recorded here is left out and named",
        "un contrat dont la demande ou la dernière signature n'est pas inscrite ici est écarté et cité",
    ),
)

PHASE_TIME: Final = FigureDefinition(
    name=Wording("cycle time of a phase", "durée d'une phase"),
    formula=Wording(
        "mean of the days spent in the phase; the phases' means sum to the cycle time",
        "moyenne des jours passés dans la phase ; la somme des phases est la durée de cycle",
    ),
    population=CYCLE_TIME.population,
    unit=_DAYS,
    period=CYCLE_TIME.period,
    missing=CYCLE_TIME.missing,
)

APPROVAL_COMPLIANCE: Final = FigureDefinition(
    name=Wording("approval compliance", "conformité des approbations"),
    formula=Wording(
        "contracts approved before they were sent for signature / contracts sent for signature",
        "contrats approuvés avant l'envoi en signature / contrats envoyés en signature",
    ),
    population=Wording(
        "contracts sent for signature; every sending must follow every approval needed, given for that text by "
        "somebody who did not write it and approved it once only",
        "contrats envoyés en signature ; chaque envoi doit suivre les approbations requises, données pour ce texte "
        "par d'autres que ses auteurs, chacun une seule fois",
    ),
    unit=_SHARE,
    period=Wording(
        "by the day of the first sending; without a period, all",
        "selon le jour du premier envoi ; sans période, tous",
    ),
    missing=Wording(
        "a contract of a kind that needs no approval is left out and named",
        "un contrat d'un genre sans approbation requise est écarté et cité",
    ),
)

DEADLINE_ADHERENCE: Final = FigureDefinition(
    name=Wording("deadline adherence", "respect des échéances"),
    formula=Wording(
        "obligations performed in full in time / obligations whose last allowed day has come",
        "obligations exécutées entièrement à temps / obligations dont le dernier jour admis est passé",
    ),
    population=Wording(
        "occurrences that were performed in full or broken",
        "échéances exécutées entièrement ou manquées",
    ),
    unit=_SHARE,
    period=Wording(
        "by the last allowed day (grace and suspensions counted), both ends inside",
        "selon le dernier jour admis (délai de grâce et suspensions compris), bornes incluses",
    ),
    missing=Wording(
        "what is undated, not decided yet, given up or unconfirmed is left out and named",
        "ce qui est sans date, non échu, abandonné ou non confirmé est écarté et cité",
    ),
)

OBLIGATIONS_BY_STATE: Final = FigureDefinition(
    name=Wording("obligations by state", "obligations par état"),
    formula=Wording("number of occurrences in the state", "nombre d'échéances dans l'état"),
    population=Wording("occurrences due by the day", "échéances dues au plus tard ce jour"),
    unit=Wording("obligations", "obligations"),
    period=_ON_DAY,
    missing=Wording(
        "an obligation whose day is not known is left out and named",
        "une obligation dont le jour est inconnu est écartée et citée",
    ),
    additive=True,
)

OPEN_DISPUTES: Final = FigureDefinition(
    name=Wording("open disputes", "litiges ouverts"),
    formula=Wording(
        "disputes raised on or before the day and not closed by it",
        "litiges soulevés au plus tard ce jour et non clos à cette date",
    ),
    population=Wording("all disputes given", "tous les litiges donnés"),
    unit=Wording("disputes", "litiges"),
    period=_ON_DAY,
    missing=Wording("nothing is left out: a dispute always has its day", "rien n'est écarté : un litige a son jour"),
    additive=True,
)

AMOUNT_IN_DISPUTE: Final = FigureDefinition(
    name=Wording("amount in dispute", "montant en litige"),
    formula=Wording("sum of what is at stake in open disputes", "somme des enjeux des litiges ouverts"),
    population=Wording("open disputes with an amount", "litiges ouverts avec un montant"),
    unit=_AMOUNT,
    period=_ON_DAY,
    missing=Wording(
        "an open dispute without an amount, or without a rate, is left out and named",
        "un litige ouvert sans montant ou sans taux est écarté et cité",
    ),
    additive=True,
)

RENEWED_BY_OMISSION: Final = FigureDefinition(
    name=Wording("renewed by omission", "reconduits par omission"),
    formula=Wording(
        "tacit renewals before which no decision was recorded in time",
        "reconductions tacites sans décision inscrite à temps",
    ),
    population=Wording("tacit renewals that began in the period", "reconductions tacites commencées dans la période"),
    unit=Wording("renewals", "reconductions"),
    period=Wording("by the first day of the new term", "selon le premier jour du nouveau terme"),
    missing=Wording(
        "a contract whose terms are not known is left out and named",
        "un contrat dont les termes sont inconnus est écarté et cité",
    ),
    additive=True,
)

MISSED_UPLIFTS: Final = FigureDefinition(
    name=Wording("missed uplifts", "révisions de prix manquées"),
    formula=Wording(
        "sum per year of (price by the revision clause - price in force) x quantity x (1 - the line's discount), "
        "where it is above zero",
        "somme par an de (prix selon la clause - prix en vigueur) x quantité x (1 - remise de la ligne), "
        "si elle est positive",
    ),
    population=Wording(
        "recurring lines in force of contracts with a revision clause",
        "lignes récurrentes en vigueur des contrats avec clause de révision",
    ),
    unit=_AMOUNT,
    period=_ON_DAY,
    missing=Wording(
        "a line whose revision cannot be computed (no index, no first day), or without a rate, is left out and named",
        "une ligne de révision incalculable (ni indice, ni premier jour) ou sans taux est écartée et citée",
    ),
    additive=True,
)

UNUSED_COMMITMENTS: Final = FigureDefinition(
    name=Wording("unused commitments", "engagements non consommés"),
    formula=Wording(
        "sum of what is due for shortfalls of windows that are over",
        "somme due pour les manques des périodes échues",
    ),
    population=Wording("windows of volume commitments that are over", "périodes échues des engagements de volume"),
    unit=_AMOUNT,
    period=_ON_DAY,
    missing=Wording(
        "a contract without given purchases is left out and named, never taken for one that bought nothing",
        "un contrat sans achats donnés est écarté et cité, jamais tenu pour un achat nul",
    ),
    additive=True,
)

CUSTOMER_RETENTION: Final = FigureDefinition(
    name=Wording("customer retention", "rétention des clients"),
    formula=Wording(
        "customers with a contract in force on the first and on the last day / those with one on the first day",
        "clients sous contrat le premier et le dernier jour / clients sous contrat le premier jour",
    ),
    population=Wording(
        "counterparties (or groups) with a contract in force on the first day",
        "cocontractants (ou groupes) sous contrat le premier jour",
    ),
    unit=_SHARE,
    period=Wording("first and last day of the period, both inside", "premier et dernier jour de la période, inclus"),
    missing=Wording(
        "a contract without a counterparty, or of unknown stage, is left out and named",
        "un contrat sans cocontractant ou de stade inconnu est écarté et cité",
    ),
)

REVENUE_RETENTION: Final = FigureDefinition(
    name=Wording("revenue retention", "rétention du revenu"),
    formula=Wording(
        "yearly recurring value on the last day of those who were customers on the first / theirs on the first day",
        "valeur récurrente annuelle au dernier jour des clients du premier jour / leur valeur au premier jour",
    ),
    population=CUSTOMER_RETENTION.population,
    unit=_SHARE,
    period=Wording(
        "first and last day, both at the rates of the first, so that a rate is never taken for growth",
        "premier et dernier jour, aux taux du premier, afin qu'un taux ne passe pas pour une croissance",
    ),
    missing=Wording(
        "a customer of whom some value has no rate is left out and named",
        "un client dont une valeur n'a pas de taux est écarté et cité",
    ),
)

CONTRACT_FIGURES: Final = (
    CYCLE_TIME,
    PHASE_TIME,
    APPROVAL_COMPLIANCE,
    DEADLINE_ADHERENCE,
    OBLIGATIONS_BY_STATE,
    OPEN_DISPUTES,
    AMOUNT_IN_DISPUTE,
    RENEWED_BY_OMISSION,
    MISSED_UPLIFTS,
    UNUSED_COMMITMENTS,
    CUSTOMER_RETENTION,
    REVENUE_RETENTION,
)
"""The figures of the contract side, in the order of the page."""
