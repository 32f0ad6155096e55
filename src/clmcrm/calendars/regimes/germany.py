"""How German civil law counts time: BGB §§ 186 to 193."""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.regimes.record import (
    SATURDAY_WORKS,
    LastDayRule,
    Regime,
    Rule,
    WhenClosed,
    WorkingDayRule,
)
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording


def _section(section: str, en: str, fr: str) -> Rule:
    source = Source(citation=f"BGB {section}", authority=Authority.STATUTE, first_day=date(1900, 1, 1))
    return Rule(wording=Wording(en, fr), source=source)


def _case(citation: str, en: str, fr: str) -> Rule:
    return Rule(wording=Wording(en, fr), source=Source(citation=citation, authority=Authority.COURT))


DE_BGB: Final = Regime(
    name="DE_BGB",
    place="DE",
    contracts_of="DE",
    title=Wording("German Civil Code", "code civil allemand (BGB)"),
    calendar_place="DE",
    event=_section("§ 187 (1)", "the day of the event is not counted", "le jour de l'événement n'est pas compté"),
    first_day_counted=_section(
        "§ 187 (2), § 188 (2)",
        "where the start of a day sets the period off, that day is counted and the period ends on the day "
        "before the corresponding one",
        "si le début d'un jour fait courir le délai, ce jour compte et le délai finit la veille du jour correspondant",
    ),
    days=_section(
        "§ 188 (1)",
        "a period in days ends with its last day",
        "un délai en jours finit avec son dernier jour",
    ),
    months=_section(
        "§ 188 (2)",
        "a period in weeks, months or years ends on the day that by name or number corresponds to the event",
        "un délai en semaines, mois ou années finit le jour qui, par son nom ou son quantième, correspond à "
        "celui de l'événement",
    ),
    missing_day=_section(
        "§ 188 (3)",
        "where the month has no such day, the period ends on its last day",
        "si le mois n'a pas un tel jour, le délai finit le dernier jour du mois",
    ),
    half_month=_section(
        "§ 189",
        "half a year is six months, a quarter three months, half a month fifteen days, counted last",
        "un semestre vaut six mois, un trimestre trois mois, un demi-mois quinze jours, comptés en dernier",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_section(
            "§ 193",
            "a declaration or performance due on a Saturday, Sunday or holiday is due on the next working day",
            "une déclaration ou une prestation due un samedi, un dimanche ou un jour férié l'est le jour "
            "ouvrable suivant",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=_case(
            "BGH III ZR 172/04 (17.2.2005); BGB § 193 not applied",
            "the last day for giving notice is not moved: the period of notice protects the other party in full",
            "le dernier jour pour donner congé n'est pas déplacé : le préavis protège l'autre partie en entier",
        ),
    ),
    working_day=WorkingDayRule(
        closed_weekdays=SATURDAY_WORKS,
        rule=_case(
            "BGH VIII ZR 206/04 (27.4.2005)",
            "Saturday is a working day when working days are counted",
            "le samedi est un jour ouvrable quand on compte des jours ouvrables",
        ),
    ),
    named_days=_section(
        "§ 192",
        "the beginning of a month is its first day, the middle its 15th, the end its last",
        "le début du mois est le 1er, le milieu le 15, la fin son dernier jour",
    ),
)
