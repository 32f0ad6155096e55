"""How the principles that parties to international contracts choose count time: UNIDROIT and PECL."""

from __future__ import annotations

from typing import Final

from clmcrm.calendars.regimes.record import LastDayRule, Regime, Rule, WhenClosed, derived
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording


def _doctrine(citation: str, en: str, fr: str) -> Rule:
    return Rule(wording=Wording(en, fr), source=Source(citation=citation, authority=Authority.DOCTRINE))


def _silent(text: str) -> tuple[Rule, Rule, Rule]:
    """The corresponding date, the missing day, and no move backwards: what the text leaves open."""
    return (
        derived(
            "a period in weeks, months or years ends on the corresponding day",
            "un délai en semaines, mois ou années finit le jour correspondant",
            text,
        ),
        derived(
            "where the month has no such day, the period ends on its last day",
            "si le mois n'a pas un tel jour, le délai finit le dernier jour du mois",
            text,
        ),
        derived("counted backwards, the day is not moved", "à rebours, le jour n'est pas déplacé", text),
    )


_UNIDROIT_MONTHS, _UNIDROIT_MISSING, _UNIDROIT_BACK = _silent("UNIDROIT Principles art. 1.12, silent")
_PECL_MONTHS, _PECL_MISSING, _PECL_BACK = _silent("PECL art. 1:304, silent")

UNIDROIT112: Final = Regime(
    name="UNIDROIT112",
    place="any",
    title=Wording("UNIDROIT Principles", "Principes d'UNIDROIT"),
    event=derived(
        "the day of the event is not counted",
        "le jour de l'événement n'est pas compté",
        "UNIDROIT Principles art. 1.12, silent",
    ),
    days=_doctrine(
        "UNIDROIT Principles art. 1.12(1)",
        "holidays and non-business days within the period are counted",
        "les jours fériés et chômés compris dans le délai sont comptés",
    ),
    months=_UNIDROIT_MONTHS,
    missing_day=_UNIDROIT_MISSING,
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_doctrine(
            "UNIDROIT Principles art. 1.12(2)",
            "a last day that is a holiday at the performing party's place of business gives way to the next "
            "business day",
            "un dernier jour férié au lieu d'établissement de la partie qui s'exécute cède la place "
            "au premier "
            "jour ouvrable suivant",
        ),
    ),
    backward=LastDayRule(when_closed=WhenClosed.STAYS, rule=_UNIDROIT_BACK),
)
PECL1304: Final = Regime(
    name="PECL1304",
    place="any",
    title=Wording("Principles of European Contract Law", "Principes du droit européen des contrats"),
    event=_doctrine(
        "PECL art. 1:304(1)",
        "a period that a party sets begins at 00:00 of the next day",
        "un délai fixé par une partie commence à 0 h le lendemain",
    ),
    days=_doctrine(
        "PECL art. 1:304(2)",
        "holidays within the period are counted",
        "les jours fériés compris dans le délai sont comptés",
    ),
    months=_PECL_MONTHS,
    missing_day=_PECL_MISSING,
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_doctrine(
            "PECL art. 1:304(2)",
            "a last day that is a holiday at the place of the act gives way to the next working day",
            "un dernier jour férié au lieu de l'acte cède la place au premier jour ouvrable suivant",
        ),
    ),
    backward=LastDayRule(when_closed=WhenClosed.STAYS, rule=_PECL_BACK),
)
PRINCIPLES: Final = (UNIDROIT112, PECL1304)
