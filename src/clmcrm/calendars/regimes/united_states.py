"""How the federal courts of the United States count time: Federal Rule of Civil Procedure 6(a)."""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.regimes.record import HoursRule, LastDayRule, Regime, Rule, WhenClosed, derived
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording


def _rule(part: str, en: str, fr: str) -> Rule:
    # The count of every day and the backward rule are those of the amendment of 1 December 2009.
    source = Source(citation=f"Fed. R. Civ. P. {part}", authority=Authority.STATUTE, first_day=date(2009, 12, 1))
    return Rule(wording=Wording(en, fr), source=source)


US_FRCP6: Final = Regime(
    name="US_FRCP6",
    place="US",
    title=Wording("Federal Rules of Civil Procedure", "règles fédérales de procédure civile (États-Unis)"),
    calendar_place="US",
    event=_rule(
        "6(a)(1)(A)",
        "the day of the event that triggers the period is excluded",
        "le jour de l'événement qui déclenche le délai est exclu",
    ),
    days=_rule(
        "6(a)(1)(B)",
        "every day is counted, intermediate weekends and holidays too",
        "chaque jour compte, fins de semaine et fêtes intermédiaires comprises",
    ),
    months=_rule(
        "6(a)(1)",
        "a period in a longer unit ends on the corresponding date",
        "un délai en unités plus longues finit à la date correspondante",
    ),
    missing_day=derived(
        "where the month has no such day, the period ends on its last day",
        "si le mois n'a pas un tel jour, le délai finit le dernier jour du mois",
        "Fed. R. Civ. P. 6(a)(1), silent on a missing day",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_rule(
            "6(a)(1)(C)",
            "a last day that is a Saturday, Sunday or legal holiday lets the period run to the next other day",
            "si le dernier jour est un samedi, un dimanche ou un jour férié légal, le délai court jusqu'au "
            "prochain jour qui ne l'est pas",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.PREVIOUS,
        rule=_rule(
            "6(a)(5) and committee note 2009",
            "counted backwards, one continues backwards to a day that is no Saturday, Sunday or legal holiday",
            "à rebours, on continue en arrière jusqu'à un jour qui n'est ni samedi, ni dimanche, ni férié",
        ),
    ),
    hours=HoursRule(
        when_closed=WhenClosed.NEXT,
        rule=_rule(
            "6(a)(2)",
            "hours run at once and without break; on a Saturday, Sunday or holiday, to the same time of the "
            "next other day",
            "les heures courent aussitôt et sans interruption ; un samedi, un dimanche ou un jour férié, "
            "jusqu'à la même heure du prochain autre jour",
        ),
    ),
)
