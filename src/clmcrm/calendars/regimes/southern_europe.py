"""How Spanish and Italian civil law count time: Código civil 5, codice civile 2963, c.p.c. 155."""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import evolve

from clmcrm.calendars.regimes.record import (
    SATURDAY_WORKS,
    SEVEN_DAYS,
    LastDayRule,
    Regime,
    Rule,
    WhenClosed,
    WorkingDayRule,
    derived,
)
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording


def _spain(part: str, en: str, fr: str) -> Rule:
    source = Source(citation=f"Código civil art. {part}", authority=Authority.STATUTE, first_day=date(1889, 5, 1))
    return Rule(wording=Wording(en, fr), source=source)


ES_CC5: Final = Regime(
    name="ES_CC5",
    place="ES",
    contracts_of="ES",
    title=Wording("Spanish Civil Code", "code civil espagnol"),
    event=_spain("5.1", "the starting day is excluded", "le jour de départ est exclu"),
    days=_spain(
        "5.1, 5.2",
        "days are counted from the next day; non-working days are not left out",
        "les jours se comptent à partir du lendemain ; les jours chômés ne sont pas exclus",
    ),
    weeks=SEVEN_DAYS,
    months=_spain(
        "5.1",
        "months and years are counted from date to date",
        "les mois et années se comptent de date à date",
    ),
    missing_day=_spain(
        "5.1",
        "where the month has no such date, the period expires on its last day",
        "si le mois n'a pas une telle date, le délai expire le dernier jour du mois",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=_spain(
            "5.2",
            "a last day that is not a working day is not moved (case law is divided)",
            "un dernier jour chômé n'est pas déplacé (la jurisprudence est partagée)",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=derived(
            "counted backwards, the day is not moved",
            "à rebours, le jour n'est pas déplacé",
            "Código civil art. 5, silent on periods counted backwards",
        ),
    ),
)


def _italy(citation: str, en: str, fr: str, authority: Authority = Authority.STATUTE) -> Rule:
    return Rule(wording=Wording(en, fr), source=Source(citation=citation, authority=authority))


IT_2963: Final = Regime(
    name="IT_2963",
    place="IT",
    contracts_of="IT",
    title=Wording("Italian Civil Code", "code civil italien"),
    closed_weekdays=SATURDAY_WORKS,
    event=_italy("c.c. art. 2963(2)", "the day of the event is not counted", "le jour de l'événement n'est pas compté"),
    days=_italy(
        "c.c. art. 2963(2)",
        "the period ends with the last instant of its last day",
        "le délai finit avec le dernier instant de son dernier jour",
    ),
    weeks=SEVEN_DAYS,
    months=_italy(
        "c.c. art. 2963(4); Cass. 1543/2018",
        "a period in months or years ends on the day of the last month that has the same number",
        "un délai en mois ou années finit le jour du dernier mois qui a le même quantième",
    ),
    missing_day=_italy(
        "c.c. art. 2963(5)",
        "where the month has no such day, the period ends on its last day",
        "si le mois n'a pas un tel jour, le délai finit le dernier jour du mois",
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_italy(
            "c.c. art. 2963(3)",
            "a last day that is a holiday lets the period run to the next day that is none",
            "un dernier jour de fête proroge le délai au prochain jour qui n'en est pas une",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.PREVIOUS,
        rule=_italy(
            "Cass. 14767/2014; Cass. 21335/2017",
            "counted backwards, the rule is mirrored: the previous day that is no holiday",
            "à rebours, la règle est inversée : le jour précédent qui n'est pas une fête",
            Authority.COURT,
        ),
    ),
    working_day=WorkingDayRule(
        closed_weekdays=SATURDAY_WORKS,
        rule=derived(
            "Saturday is a working day under the Civil Code",
            "le samedi est un jour ouvrable selon le code civil",
            "c.c. art. 2963(3), which names holidays only",
        ),
    ),
)
IT_CPC155: Final = evolve(
    IT_2963,
    name="IT_CPC155",
    contracts_of=None,
    title=Wording("Italian code of civil procedure", "code de procédure civile italien"),
    closed_weekdays=frozenset({5, 6}),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_italy(
            "c.p.c. art. 155(4), (5)",
            "a procedural act due on a holiday or a Saturday is due on the next other day",
            "un acte de procédure dû un jour de fête ou un samedi l'est le prochain autre jour",
        ),
    ),
)
SOUTHERN_REGIMES: Final = (ES_CC5, IT_2963, IT_CPC155)
