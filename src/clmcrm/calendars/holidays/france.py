"""French legal holidays ("fêtes légales"), with the two more of Alsace and Moselle.

Whit Monday: several sources say that the law of 30 June 2004 took it off the list and that of 16 April
2008 put it back; from 2005 to 2007 it counts here as an ordinary day, which never makes a deadline later.
Good Friday in Alsace and Moselle holds in communes with a Protestant church or one of both confessions.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import evolve

from clmcrm.calendars.calendar import SUNDAY
from clmcrm.calendars.holidays import names
from clmcrm.calendars.holidays.rule import DayRule, Fixed, FromEaster, HolidayRule
from clmcrm.calendars.holidays.sourced import SourcedCalendar
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording

_FIRST_DAY: Final = date(1982, 1, 1)
_LABOUR_CODE: Final = Source(citation="C. trav. art. L3133-1 (formerly L222-1)", authority=Authority.STATUTE)
_EIGHTH_OF_MAY: Final = Source(
    citation="loi n° 81-893 du 2 octobre 1981", authority=Authority.STATUTE, first_day=date(1981, 10, 3)
)
_WHIT_MONDAY_UNTIL_2004: Final = Source(
    citation="C. trav. art. L222-1, before loi n° 2004-626 du 30 juin 2004",
    authority=Authority.STATUTE,
    last_day=date(2004, 6, 30),
)
_WHIT_MONDAY_SINCE_2008: Final = Source(
    citation="C. trav. art. L3133-1 and loi n° 2008-351 du 16 avril 2008",
    authority=Authority.STATUTE,
    first_day=date(2008, 4, 18),
)
_LOCAL_LAW: Final = Source(
    citation="C. trav. art. L3134-13; ordonnance du 16 août 1892 (Alsace, Moselle)",
    authority=Authority.STATUTE,
)


def _legal(name: Wording, on: DayRule, source: Source = _LABOUR_CODE) -> HolidayRule:
    return HolidayRule(name=name, on=on, source=source)


NATIONAL: Final = (
    _legal(names.NEW_YEAR, Fixed(1, 1)),
    _legal(names.EASTER_MONDAY, FromEaster(1)),
    _legal(names.LABOUR_DAY, Fixed(5, 1)),
    _legal(Wording("Victory Day 1945", "Victoire 1945"), Fixed(5, 8), _EIGHTH_OF_MAY),
    _legal(names.ASCENSION, FromEaster(39)),
    _legal(names.WHIT_MONDAY, FromEaster(50), _WHIT_MONDAY_UNTIL_2004),
    _legal(names.WHIT_MONDAY, FromEaster(50), _WHIT_MONDAY_SINCE_2008),
    _legal(Wording("National Day", "fête nationale"), Fixed(7, 14)),
    _legal(names.ASSUMPTION, Fixed(8, 15)),
    _legal(names.ALL_SAINTS, Fixed(11, 1)),
    _legal(Wording("Armistice Day", "Armistice de 1918"), Fixed(11, 11)),
    _legal(names.CHRISTMAS, Fixed(12, 25)),
)
ALSACE_MOSELLE: Final = (
    *NATIONAL,
    _legal(names.GOOD_FRIDAY, FromEaster(-2), _LOCAL_LAW),
    _legal(Wording("Second Day of Christmas", "Saint-Étienne"), Fixed(12, 26), _LOCAL_LAW),
)

FRANCE: Final = SourcedCalendar(name="FR legal holidays", place="FR", rules=NATIONAL, first_day=_FIRST_DAY)
OUVRES: Final = evolve(FRANCE, name="FR-ouvre")
OUVRABLES: Final = evolve(FRANCE, name="FR-ouvrable", closed_weekdays=frozenset({SUNDAY}))
# The two working weeks are found by name; "FR" is the last of its place, the legal calendar as such.
FRENCH_CALENDARS: Final = (
    OUVRES,
    OUVRABLES,
    FRANCE,
    *(
        SourcedCalendar(name=f"{place} legal holidays", place=place, rules=ALSACE_MOSELLE, first_day=_FIRST_DAY)
        for place in ("FR-57", "FR-67", "FR-68")
    ),
)
