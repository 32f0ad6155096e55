"""Bank and public holidays of England and Wales, of Scotland and of Northern Ireland.

Christmas Day and Good Friday are holidays by common law in England, Wales and Northern Ireland; the rest
stands in the schedule of the Act of 1971 or is proclaimed year by year under it, as are substitute days
and single occasions. Occasions proclaimed up to the calendar's version are in; a later one is not.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.holidays import names
from clmcrm.calendars.holidays.rule import (
    DayRule,
    Fixed,
    FromEaster,
    HolidayRule,
    NthWeekday,
    Once,
    Substitute,
)
from clmcrm.calendars.holidays.sourced import SourcedCalendar
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording

_FIRST_DAY: Final = date(1978, 1, 1)
_MONDAY: Final = 0
_ACT: Final = Source(citation="Banking and Financial Dealings Act 1971, s. 1 and sch. 1", authority=Authority.STATUTE)
_PROCLAIMED: Final = Source(
    citation="royal proclamation under the Banking and Financial Dealings Act 1971, s. 1(3)",
    authority=Authority.STATUTE,
)
_MOVED: Final = Source(
    citation="royal proclamation under the Banking and Financial Dealings Act 1971, s. 1(2)",
    authority=Authority.STATUTE,
)
_COMMON_LAW: Final = Source(
    citation="common law; Banking and Financial Dealings Act 1971, s. 1", authority=Authority.STATUTE
)
_ST_ANDREW: Final = Source(
    citation="St Andrew's Day Bank Holiday (Scotland) Act 2007 (asp 2)",
    authority=Authority.STATUTE,
    first_day=date(2007, 1, 16),
)

_EARLY_MAY: Final = Wording("Early May bank holiday", "premier lundi de mai (bank holiday)")
_SPRING: Final = Wording("Spring bank holiday", "dernier lundi de mai (bank holiday)")
_SUMMER: Final = Wording("Summer bank holiday", "jour férié d'été (bank holiday)")


def _kept(name: Wording, on: DayRule, source: Source, *except_years: int) -> HolidayRule:
    return HolidayRule(name=name, on=on, source=source, except_years=frozenset(except_years))


def _substituted(name: Wording, on: DayRule, source: Source) -> HolidayRule:
    return HolidayRule(name=name, on=on, source=source, substitute=Substitute.NEXT_WEEKDAY)


def _once(year: int, month: int, day: int, en: str, fr: str) -> HolidayRule:
    return _kept(Wording(en, fr), Once(date(year, month, day)), _PROCLAIMED)


def _moved(name: Wording, year: int, month: int, day: int) -> HolidayRule:
    return _kept(name, Once(date(year, month, day)), _MOVED)


WHOLE_KINGDOM: Final = (
    _kept(names.GOOD_FRIDAY, FromEaster(-2), _COMMON_LAW),
    _kept(_EARLY_MAY, NthWeekday(1, _MONDAY, 5), _PROCLAIMED, 1995, 2020),
    _moved(_EARLY_MAY, 1995, 5, 8),
    _moved(_EARLY_MAY, 2020, 5, 8),
    _kept(_SPRING, NthWeekday(-1, _MONDAY, 5), _ACT, 2002, 2012, 2022),
    _moved(_SPRING, 2002, 6, 4),
    _moved(_SPRING, 2012, 6, 4),
    _moved(_SPRING, 2022, 6, 2),
    _substituted(names.CHRISTMAS, Fixed(12, 25), _COMMON_LAW),
    _substituted(names.BOXING_DAY, Fixed(12, 26), _ACT),
    _once(1981, 7, 29, "wedding of the Prince of Wales", "mariage du prince de Galles"),
    _once(1999, 12, 31, "eve of the year 2000", "veille de l'an 2000"),
    _once(2002, 6, 3, "Golden Jubilee of Elizabeth II", "jubilé d'or d'Élisabeth II"),
    _once(2011, 4, 29, "wedding of Prince William", "mariage du prince William"),
    _once(2012, 6, 5, "Diamond Jubilee of Elizabeth II", "jubilé de diamant d'Élisabeth II"),
    _once(2022, 6, 3, "Platinum Jubilee of Elizabeth II", "jubilé de platine d'Élisabeth II"),
    _once(2022, 9, 19, "state funeral of Elizabeth II", "funérailles d'État d'Élisabeth II"),
    _once(2023, 5, 8, "coronation of Charles III", "couronnement de Charles III"),
)
ENGLAND_AND_WALES: Final = (
    *WHOLE_KINGDOM,
    _substituted(names.NEW_YEAR, Fixed(1, 1), _PROCLAIMED),
    _kept(names.EASTER_MONDAY, FromEaster(1), _ACT),
    _kept(_SUMMER, NthWeekday(-1, _MONDAY, 8), _ACT),
)
NORTHERN_IRELAND: Final = (
    *ENGLAND_AND_WALES,
    _substituted(Wording("St Patrick's Day", "Saint-Patrick"), Fixed(3, 17), _ACT),
    _substituted(Wording("Battle of the Boyne (Orangemen's Day)", "bataille de la Boyne"), Fixed(7, 12), _PROCLAIMED),
)
SCOTLAND: Final = (
    *WHOLE_KINGDOM,
    _substituted(names.NEW_YEAR, Fixed(1, 1), _ACT),
    _substituted(Wording("2nd January", "2 janvier"), Fixed(1, 2), _ACT),
    _kept(_SUMMER, NthWeekday(1, _MONDAY, 8), _ACT),
    _substituted(Wording("St Andrew's Day", "Saint-André"), Fixed(11, 30), _ST_ANDREW),
    _once(2026, 6, 15, "Scotland in the football World Cup", "l'Écosse à la Coupe du monde de football"),
)

BRITISH_CALENDARS: Final = tuple(
    SourcedCalendar(name=name, place=place, rules=rules, first_day=_FIRST_DAY)
    for name, place, rules in (
        ("GB-ENG bank holidays (England and Wales)", "GB-ENG", ENGLAND_AND_WALES),
        ("GB-WLS bank holidays (England and Wales)", "GB-WLS", ENGLAND_AND_WALES),
        ("GB-SCT bank holidays", "GB-SCT", SCOTLAND),
        ("GB-NIR bank holidays", "GB-NIR", NORTHERN_IRELAND),
    )
)
