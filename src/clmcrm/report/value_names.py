"""What the values of our own enumerations are called on a page, in English and French.

The rule of the file: every value that a page can show has its words here; a test walks them all. French
words agree with the column they stand in (une demande est « close », un devis est « signé »).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from clmcrm.bridge.next_days import DayKind
from clmcrm.clm.kinds import Party, Relation
from clmcrm.clm.stage_words import STAGES
from clmcrm.clm.stages import Stage
from clmcrm.crm.activity import ActivityKind
from clmcrm.crm.case import CaseStatus
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.crm.quote import QuoteStatus
from clmcrm.crm.satisfaction import Survey
from clmcrm.parties.accounts import AccountKind
from clmcrm.values.wording import Wording

_FRENCH: Final[Mapping[type[Enum], Mapping[str, str]]] = {
    OpportunityStage: {
        "qualification": "qualification", "discovery": "découverte", "proposal": "proposition",
        "negotiation": "négociation", "committed": "engagée", "on hold": "en attente", "open": "en cours",
        "won": "gagnée", "lost": "perdue", "unknown": "inconnue",
    },
    QuoteStatus: {
        "draft": "projet", "in approval": "en approbation", "approved": "approuvé", "sent": "envoyé",
        "accepted": "accepté", "signed": "signé", "declined": "refusé", "withdrawn": "retiré",
        "superseded": "remplacé", "unknown": "inconnu",
    },
    CaseStatus: {
        "new": "nouvelle", "working": "en traitement", "waiting for the customer": "en attente du client",
        "escalated": "escaladée", "resolved": "résolue", "closed": "close", "unknown": "inconnue",
    },
    ActivityKind: {
        "call": "appel", "email": "courriel", "meeting": "réunion", "task": "tâche", "note": "note",
        "letter": "lettre", "other": "autre",
    },
    AccountKind: {
        "prospect": "prospect", "customer": "client", "supplier": "fournisseur", "partner": "partenaire",
        "reseller": "revendeur", "competitor": "concurrent", "investor": "investisseur", "authority": "autorité",
        "own company": "notre société", "other": "autre",
    },
    DayKind: {
        "notice": "préavis", "end": "terme", "renewal": "reconduction", "duty": "obligation", "task": "tâche",
        "quote": "devis", "closing": "signature",
    },
}  # fmt: skip
_WORDS: Final[Mapping[Enum, Wording]] = {
    Party.OWN: Wording("us", "nous"),
    Party.COUNTERPARTY: Wording("them", "eux"),
    Party.EITHER: Wording("either", "l'une ou l'autre"),
    Party.BOTH: Wording("both", "les deux"),
    Relation.UNDER: Wording("under", "relève de"),
    Relation.AMENDS: Wording("amends", "avenant à"),
    Relation.RENEWS: Wording("renews", "renouvelle"),
    Relation.REPLACES: Wording("replaces", "remplace"),
    Relation.SCHEDULE: Wording("schedule of", "annexe de"),
    Survey.CSAT: Wording("satisfaction (CSAT)", "satisfaction (CSAT)"),
    Survey.NPS: Wording("recommendation (NPS)", "recommandation (NPS)"),
    Survey.CES: Wording("effort (CES)", "effort (CES)"),
}


def enum_words(value: Enum) -> Wording:
    """What a value is called; one of an enumeration that no page shows is said as it is written.

    >>> enum_words(CaseStatus.CLOSED).fr, enum_words(Stage.IN_EFFECT).en
    ('close', 'in effect')
    """
    if isinstance(value, Stage):
        return STAGES[value]
    if value in _WORDS:
        return _WORDS[value]
    plain = str(value.value)
    return Wording(plain.replace("_", " "), _FRENCH.get(type(value), {}).get(plain, plain.replace("_", " ")))


def is_named(value: Enum) -> bool:
    """Whether the value has words of its own here."""
    return isinstance(value, Stage) or value in _WORDS or str(value.value) in _FRENCH.get(type(value), {})
