"""How English law counts time: the corresponding date rule for contracts, and CPR 2.8 in the courts."""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.regimes.record import (
    SEVEN_DAYS,
    LastDayRule,
    Regime,
    Rule,
    ShortPeriodRule,
    WhenClosed,
    derived,
)
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording


def _case(citation: str, en: str, fr: str) -> Rule:
    return Rule(wording=Wording(en, fr), source=Source(citation=citation, authority=Authority.COURT))


def _rule(part: str, en: str, fr: str) -> Rule:
    source = Source(citation=f"CPR {part}", authority=Authority.STATUTE, first_day=date(1999, 4, 26))
    return Rule(wording=Wording(en, fr), source=source)


_DODDS: Final = "Dodds v Walker [1981] 1 WLR 1027 (HL)"
_CORRESPONDING: Final = _case(
    _DODDS,
    "a period in months ends on the corresponding date of the last month",
    "un délai en mois finit à la date correspondante du dernier mois",
)
_LAST_OF_MONTH: Final = _case(
    _DODDS,
    "where the month has no such date, the period ends on its last day",
    "si le mois n'a pas une telle date, le délai finit le dernier jour du mois",
)

UK_CDR: Final = Regime(
    name="UK_CDR",
    place="GB-ENG",
    contracts_of="GB",
    title=Wording("contracts under English law", "contrats de droit anglais"),
    calendar_place="GB-ENG",
    event=_case(
        "Lester v Garland (1808) 15 Ves 248; Dodds v Walker [1981] 1 WLR 1027 (HL)",
        'the day of the event is not counted where the period runs "from" or "after" it',
        "le jour de l'événement n'est pas compté quand le délai court « à compter » de lui",
    ),
    first_day_counted=_case(
        "Hammond v Haigh Castle [1973] ICR 148; Trow v Ind Coope [1967] 2 QB 899",
        'a period "beginning with" a day counts that day and ends on the day before the corresponding date',
        "un délai « commençant » un jour compte ce jour et finit la veille de la date correspondante",
    ),
    days=derived(
        "a period in days ends with its last day",
        "un délai en jours finit avec son dernier jour",
        "common law rule on days, whole days counted",
    ),
    weeks=SEVEN_DAYS,
    months=_CORRESPONDING,
    missing_day=_LAST_OF_MONTH,
    forward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=derived(
            "a contractual period is not moved off a weekend or holiday unless the contract says so",
            "un délai contractuel n'est pas déplacé d'une fin de semaine ou d'une fête sauf clause contraire",
            "no general rule in English contract law",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=derived(
            "counted backwards, the day is not moved",
            "à rebours, le jour n'est pas déplacé",
            "no general rule in English contract law",
        ),
    ),
    notice=_case(
        "E J Riley Investments v Eurostile Holdings [1985] 1 WLR 1139 (CA)",
        '"not less than" the period is satisfied on the corresponding date',
        "« pas moins que » le délai est respecté à la date correspondante",
    ),
)
UK_CPR28: Final = Regime(
    name="UK_CPR28",
    place="GB-ENG",
    title=Wording("Civil Procedure Rules of England and Wales", "règles de procédure civile anglaises"),
    calendar_place="GB-ENG",
    event=_rule(
        "2.8(2), (3)",
        "the day on which the period begins is not counted: days are clear days",
        "le jour où le délai commence n'est pas compté : les jours sont francs",
    ),
    days=_rule(
        "2.8(1)-(3)",
        "a period in days is counted in clear days and ends with its last day",
        "un délai en jours se compte en jours francs et finit avec son dernier jour",
    ),
    weeks=SEVEN_DAYS,
    months=_CORRESPONDING,
    missing_day=_LAST_OF_MONTH,
    clear=_rule(
        "2.8(2), (3)",
        "neither the day on which the period begins nor the day of the event that ends it is counted",
        "ni le jour où le délai commence ni celui de l'événement qui le termine ne sont comptés",
    ),
    short_periods=ShortPeriodRule(
        longest=5,
        rule=_rule(
            "2.8(4)",
            "in a period of five days or less, Saturdays, Sundays, bank holidays, Christmas Day and Good "
            "Friday are not counted",
            "dans un délai de cinq jours ou moins, les samedis, dimanches et jours fériés ne comptent pas",
        ),
    ),
    forward=LastDayRule(
        when_closed=WhenClosed.NEXT,
        rule=_rule(
            "2.8(5)",
            "an act at the court office is in time on the next day on which the office is open",
            "un acte au greffe est fait à temps le prochain jour d'ouverture du greffe",
        ),
    ),
    backward=LastDayRule(
        when_closed=WhenClosed.STAYS,
        rule=derived(
            "counted backwards from a hearing, the day is not moved",
            "à rebours d'une audience, le jour n'est pas déplacé",
            "CPR 2.8, no rule for moving a day counted backwards",
        ),
    ),
)
ENGLISH_REGIMES: Final = (UK_CDR, UK_CPR28)
