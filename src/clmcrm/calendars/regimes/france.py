"""How French law counts time: code de procédure civile 640 to 642, and the consumer's reminder."""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import evolve

from clmcrm.calendars.regimes.record import LastDayRule, Regime, Rule, WhenClosed
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording


def _article(article: str, en: str, fr: str) -> Rule:
    source = Source(citation=f"CPC art. {article}", authority=Authority.STATUTE, first_day=date(1976, 1, 1))
    return Rule(wording=Wording(en, fr), source=source)


def _case(citation: str, en: str, fr: str) -> Rule:
    return Rule(wording=Wording(en, fr), source=Source(citation=citation, authority=Authority.COURT))


FR_CPC: Final = Regime(
    name="FR_CPC",
    place="FR",
    contracts_of="FR",
    title=Wording("French code of civil procedure", "code de procédure civile"),
    calendar_place="FR",
    event=_article(
        "640, 641",
        "the day of the act or event that sets the period off is not counted",
        "le jour de l'acte ou de l'événement qui fait courir le délai ne compte pas",
    ),
    days=_article(
        "641, 642",
        "a period in days expires on its last day at midnight",
        "un délai en jours expire le dernier jour à vingt-quatre heures",
    ),
    weeks=_case(
        "Cass. 3e civ. avis 6.11.2025, 25-70.018",
        "a period in weeks is counted in days, seven to the week",
        "un délai en semaines se décompte en jours, sept par semaine",
    ),
    months=_article(
        "641",
        "a period in months or years expires on the date with the same number; months come before days",
        "un délai en mois ou années expire le jour de même quantième ; les mois se décomptent avant les jours",
    ),
    missing_day=_article(
        "641(2)",
        "where the month has no such day, the period expires on its last day",
        "à défaut d'un quantième identique, le délai expire le dernier jour du mois",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_article(
            "642(2)",
            "a period that would expire on a Saturday, Sunday or holiday runs to the next working day",
            "le délai qui expirerait un samedi, un dimanche ou un jour férié est prorogé jusqu'au "
            "premier jour "
            "ouvrable suivant",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=_case(
            "Cass. 3e civ. 8.3.2018, 17-11.312; Cass. 3e civ. avis 6.11.2025, 25-70.018",
            "a period counted backwards is not extended",
            "un délai à rebours n'est pas prorogé",
        ),
    ),
    clear=_case(
        "Cass. 3e civ. avis 6.11.2025, 25-70.018",
        "counted from the eve of the event, the period expires at the first hour of its last day: the whole "
        "period lies between",
        "compté à partir de la veille, le délai expire à zéro heure du dernier jour : tout le délai s'intercale",
    ),
    notice=_case(
        "Cass. 3e civ. 8.3.2018, 17-11.312; Cass. 3e civ. 13.1.2004, 02-18.337",
        "notice is in time on every day from which the period, counted forward, runs out by the last day",
        "le congé est donné à temps tout jour à partir duquel le délai, compté vers l'avenir, expire au plus "
        "tard le dernier jour",
    ),
)
FR_CONSO: Final = evolve(
    FR_CPC,
    name="FR_CONSO",
    contracts_of=None,
    title=Wording("French consumer code, reminder before tacit renewal", "code de la consommation, L215-1"),
    forward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=Rule(
            wording=Wording(
                "the bounds of the reminder window are not moved",
                "les bornes de la fenêtre d'information ne sont pas déplacées",
            ),
            source=Source(citation="C. conso art. L215-1", authority=Authority.DERIVED),
        ),
    ),
)
FRENCH_REGIMES: Final = (FR_CPC, FR_CONSO)
