"""How EU acts and the EU courts count time, and the European Convention that some states apply."""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.regimes.record import (
    HoursRule,
    LastDayRule,
    LeastWorkingDaysRule,
    Regime,
    Rule,
    WhenClosed,
    derived,
)
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording


def _article(article: str, en: str, fr: str) -> Rule:
    source = Source(
        citation=f"Reg. (EEC, Euratom) 1182/71, {article}",
        authority=Authority.STATUTE,
        first_day=date(1971, 7, 1),
    )
    return Rule(wording=Wording(en, fr), source=source)


EU1182: Final = Regime(
    name="EU1182",
    place="EU",
    title=Wording("acts of the EU institutions", "actes des institutions de l'Union"),
    calendar_place="EU",
    event=_article("art. 3(1)", "the day of the event is not counted", "le jour de l'événement n'est pas compté"),
    days=_article(
        "art. 3(2)(b)",
        "a period in days ends with the last hour of its last day; holidays and weekends are counted",
        "un délai en jours finit avec la dernière heure du dernier jour ; fêtes et fins de semaine comptent",
    ),
    months=Rule(
        wording=Wording(
            "a period in weeks, months or years ends on the same weekday or date as the event",
            "un délai en semaines, mois ou années finit le même jour de semaine ou la même date que l'événement",
        ),
        source=Source(
            citation="Reg. (EEC, Euratom) 1182/71, art. 3(2)(c); CJEU C-171/03 Toeters (11.11.2004)",
            authority=Authority.COURT,
            first_day=date(1971, 7, 1),
        ),
    ),
    missing_day=_article(
        "art. 3(2)(c), second sentence",
        "where the month has no such day, the period ends on its last day",
        "si le mois n'a pas un tel jour, le délai finit le dernier jour du mois",
    ),
    half_month=_article(
        "art. 3(2)(d)",
        "for parts of a month, the month counts thirty days",
        "pour une fraction de mois, le mois compte trente jours",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_article(
            "art. 3(4)",
            "a last day that is a holiday, Sunday or Saturday gives way to the next working day",
            "un dernier jour férié, un dimanche ou un samedi cède la place au jour ouvrable suivant",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=_article(
            "art. 3(4), second subparagraph",
            "a period counted back from a date or event is not moved",
            "un délai calculé rétroactivement n'est pas déplacé",
        ),
    ),
    least_working_days=LeastWorkingDaysRule(
        working_days=2,
        rule=_article(
            "art. 3(5)",
            "a period of two days or more includes at least two working days",
            "un délai de deux jours ou plus comprend au moins deux jours ouvrables",
        ),
    ),
    hours=HoursRule(
        from_next_hour=True,
        rule=_article(
            "art. 3(1), 3(2)(a), 3(4)",
            "the hour of the event is not counted, and a period in hours is not moved off a holiday",
            "l'heure de l'événement n'est pas comptée, et un délai en heures n'est pas reporté",
        ),
    ),
)


def _procedure(article: str, en: str, fr: str) -> Rule:
    source = Source(citation=f"CJEU Rules of Procedure, {article}", authority=Authority.STATUTE)
    return Rule(wording=Wording(en, fr), source=source)


EU_COURTS: Final = Regime(
    name="EUCOURTS",
    place="EU",
    title=Wording(
        "procedure before the Court of Justice, before the ten days on account of distance",
        "procédure devant la Cour de justice, avant le délai de distance de dix jours",
    ),
    event=_procedure("art. 49(1)(a)", "the day of the event is not counted", "le jour de l'événement n'est pas compté"),
    days=_procedure(
        "art. 49(1)(b), (d)",
        "a period in days ends with the last day; weekends and holidays are counted",
        "un délai en jours finit avec le dernier jour ; fins de semaine et fêtes comptent",
    ),
    months=Rule(
        wording=Wording(
            "a period in weeks, months or years ends on the same weekday or date as the event",
            "un délai en semaines, mois ou années finit le même jour de semaine ou la même date que l'événement",
        ),
        source=Source(
            citation="CJEU Rules of Procedure, art. 49(1)(b); CJEU 152/85 Misset (15.1.1987)",
            authority=Authority.COURT,
        ),
    ),
    missing_day=_procedure(
        "art. 49(1)(b)",
        "where the month has no such day, the period ends on its last day",
        "si le mois n'a pas un tel jour, le délai finit le dernier jour du mois",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_procedure(
            "art. 49(2)",
            "a period ending on a Saturday, Sunday or official holiday runs to the end of the next working day",
            "un délai finissant un samedi, un dimanche ou un jour férié légal court jusqu'au jour ouvrable suivant",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=derived(
            "counted backwards, the day is not moved",
            "à rebours, le jour n'est pas déplacé",
            "silence of the Rules of Procedure; by analogy with Reg. 1182/71, art. 3(4)",
        ),
    ),
)


def _convention(article: str, en: str, fr: str) -> Rule:
    source = Source(
        citation=f"European Convention on the Calculation of Time-Limits (ETS 76), {article}",
        authority=Authority.STATUTE,
        first_day=date(1983, 4, 28),
    )
    return Rule(wording=Wording(en, fr), source=source)


ETS76: Final = Regime(
    name="ETS76",
    place="any",
    title=Wording(
        "European Convention on the Calculation of Time-Limits (Basel 1972)",
        "Convention européenne sur la computation des délais (Bâle 1972)",
    ),
    event=_convention(
        "art. 2 and 3",
        "the period runs from midnight at the end of the starting day",
        "le délai court à partir de minuit, à la fin du jour initial",
    ),
    days=_convention(
        "art. 3",
        "a period in days ends at midnight of its last day",
        "un délai en jours finit le dernier jour à minuit",
    ),
    months=_convention(
        "art. 4",
        "a period in weeks, months or years ends on the day that corresponds to the starting day",
        "un délai en semaines, mois ou années finit le jour correspondant au jour initial",
    ),
    missing_day=_convention(
        "art. 4(2)",
        "where the month has no such day, the period ends on its last day",
        "si le mois n'a pas un tel jour, le délai finit le dernier jour du mois",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_convention(
            "art. 5",
            "where an act must be done, a last day that is a Saturday, Sunday or holiday gives way to the "
            "next working day",
            "si un acte doit être accompli, un dernier jour qui est un samedi, un dimanche ou une fête cède "
            "la place au premier jour ouvrable",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=derived(
            "periods counted backwards are outside the Convention; the day is not moved",
            "les délais à rebours sont hors de la Convention ; le jour n'est pas déplacé",
            "ETS 76, art. 1 (excluded)",
        ),
    ),
)
EUROPEAN_REGIMES: Final = (EU1182, EU_COURTS, ETS76)
