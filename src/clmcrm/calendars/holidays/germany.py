"""German public holidays: the nine kept in every Land, and what each of the sixteen Länder adds.

Only German Unity Day is federal law; the calendar "DE" holds the days that every Land keeps. Days kept in
some communes only (Assumption in parts of Bavaria, Corpus Christi in parts of Saxony and Thuringia, the
Peace Festival in Augsburg) are not in the Land's calendar: pass your own where they matter.
Coverage begins in 1995, when the Day of Repentance ceased to be kept outside Saxony.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.holidays import names
from clmcrm.calendars.holidays.rule import DayRule, Fixed, FromEaster, HolidayRule, Once, WeekdayBefore
from clmcrm.calendars.holidays.sourced import SourcedCalendar
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording

_FIRST_DAY: Final = date(1995, 1, 1)
_WEDNESDAY: Final = 2


def _statute(citation: str, first_day: date | None = None, last_day: date | None = None) -> Source:
    return Source(citation=citation, authority=Authority.STATUTE, first_day=first_day, last_day=last_day)


def _rule(name: Wording, on: DayRule, source: Source) -> HolidayRule:
    return HolidayRule(name=name, on=on, source=source)


_EVERY_LAND: Final = _statute("the holiday laws of all sixteen Länder (Feiertagsgesetze)")
_UNITY: Final = _statute("Einigungsvertrag Art. 2 (2)", first_day=date(1990, 10, 3))
_REFORMATION: Final = Wording("Reformation Day", "fête de la Réformation")
_WOMENS_DAY: Final = Wording("International Women's Day", "journée internationale des femmes")

EVERYWHERE: Final = (
    _rule(names.NEW_YEAR, Fixed(1, 1), _EVERY_LAND),
    _rule(names.GOOD_FRIDAY, FromEaster(-2), _EVERY_LAND),
    _rule(names.EASTER_MONDAY, FromEaster(1), _EVERY_LAND),
    _rule(names.LABOUR_DAY, Fixed(5, 1), _EVERY_LAND),
    _rule(names.ASCENSION, FromEaster(39), _EVERY_LAND),
    _rule(names.WHIT_MONDAY, FromEaster(50), _EVERY_LAND),
    _rule(Wording("German Unity Day", "jour de l'Unité allemande"), Fixed(10, 3), _UNITY),
    _rule(
        Wording("Reformation Day (500 years)", "500 ans de la Réformation"),
        Once(date(2017, 10, 31)),
        _statute("holiday laws and ordinances of all sixteen Länder for 2017"),
    ),
    _rule(names.CHRISTMAS, Fixed(12, 25), _EVERY_LAND),
    _rule(names.SECOND_CHRISTMAS, Fixed(12, 26), _EVERY_LAND),
)


def _reformation(law: str, since: int | None = None) -> HolidayRule:
    # The single nation-wide day of 2017 comes first in the list, and gives way to the Land's own rule.
    first_day = None if since is None else date(since, 1, 1)
    return _rule(_REFORMATION, Fixed(10, 31), _statute(law, first_day=first_day))


def _own(law: str, *days: tuple[Wording, DayRule]) -> tuple[HolidayRule, ...]:
    return tuple(_rule(name, on, _statute(law)) for name, on in days)


_EPIPHANY: Final = (names.EPIPHANY, Fixed(1, 6))
_CORPUS_CHRISTI: Final = (names.CORPUS_CHRISTI, FromEaster(60))
_ASSUMPTION: Final = (names.ASSUMPTION, Fixed(8, 15))
_ALL_SAINTS: Final = (names.ALL_SAINTS, Fixed(11, 1))
_LIBERATION: Final = Wording(
    "anniversary of the liberation from National Socialism", "anniversaire de la libération du nazisme"
)

_BW: Final = "Feiertagsgesetz Baden-Württemberg § 1"
_BY: Final = "Bayerisches Feiertagsgesetz Art. 1"
_BE: Final = "Gesetz über die Sonn- und Feiertage (Berlin) § 1"
_BB: Final = "Feiertagsgesetz Brandenburg § 2"
_HB: Final = "Gesetz über die Sonn- und Feiertage (Bremen) § 2"
_HH: Final = "Feiertagsgesetz Hamburg § 1"
_HE: Final = "Hessisches Feiertagsgesetz § 1"
_MV: Final = "Feiertagsgesetz Mecklenburg-Vorpommern § 2"
_NI: Final = "Niedersächsisches Feiertagsgesetz § 2"
_NW: Final = "Feiertagsgesetz Nordrhein-Westfalen § 2"
_RP: Final = "Landesfeiertagsgesetz Rheinland-Pfalz § 2"
_SH: Final = "Gesetz über Sonn- und Feiertage (Schleswig-Holstein) § 2"
_SL: Final = "Sonn- und Feiertagsgesetz (Saarland) § 2"
_SN: Final = "Sächsisches Sonn- und Feiertagsgesetz § 1"
_ST: Final = "Feiertagsgesetz Sachsen-Anhalt § 2"
_TH: Final = "Thüringer Feiertagsgesetz § 2"

LAENDER: Final = {
    "BW": _own(_BW, _EPIPHANY, _CORPUS_CHRISTI, _ALL_SAINTS),
    "BY": _own(_BY, _EPIPHANY, _CORPUS_CHRISTI, _ALL_SAINTS),
    "BE": (
        _rule(_WOMENS_DAY, Fixed(3, 8), _statute(_BE, first_day=date(2019, 1, 1))),
        _rule(_LIBERATION, Once(date(2020, 5, 8)), _statute(_BE)),
        _rule(_LIBERATION, Once(date(2025, 5, 8)), _statute(_BE)),
        _rule(
            Wording("75 years since the uprising of 17 June 1953", "75 ans du soulèvement du 17 juin 1953"),
            Once(date(2028, 6, 17)),
            _statute(_BE),
        ),
    ),
    "BB": (
        *_own(_BB, (names.EASTER_SUNDAY, FromEaster(0)), (names.WHIT_SUNDAY, FromEaster(49))),
        _reformation(_BB),
    ),
    "HB": (_reformation(_HB, since=2018),),
    "HH": (_reformation(_HH, since=2018),),
    "HE": _own(_HE, _CORPUS_CHRISTI),
    "MV": (
        _rule(_WOMENS_DAY, Fixed(3, 8), _statute(_MV, first_day=date(2023, 1, 1))),
        _reformation(_MV),
    ),
    "NI": (_reformation(_NI, since=2018),),
    "NW": _own(_NW, _CORPUS_CHRISTI, _ALL_SAINTS),
    "RP": _own(_RP, _CORPUS_CHRISTI, _ALL_SAINTS),
    "SH": (_reformation(_SH, since=2018),),
    "SL": _own(_SL, _CORPUS_CHRISTI, _ASSUMPTION, _ALL_SAINTS),
    "SN": (
        _reformation(_SN),
        *_own(
            _SN,
            (
                Wording("Day of Repentance and Prayer", "jour de pénitence et de prière"),
                WeekdayBefore(_WEDNESDAY, 11, 23),
            ),
        ),
    ),
    "ST": (*_own(_ST, _EPIPHANY), _reformation(_ST)),
    "TH": (
        _rule(
            Wording("World Children's Day", "journée mondiale de l'enfance"),
            Fixed(9, 20),
            _statute(_TH, first_day=date(2019, 1, 1)),
        ),
        _reformation(_TH),
    ),
}

GERMANY: Final = SourcedCalendar(
    name="DE holidays kept in every Land", place="DE", rules=EVERYWHERE, first_day=_FIRST_DAY
)
GERMAN_CALENDARS: Final = (
    GERMANY,
    *(
        SourcedCalendar(
            name=f"DE-{land} legal holidays",
            place=f"DE-{land}",
            rules=(*EVERYWHERE, *own),
            first_day=_FIRST_DAY,
        )
        for land, own in LAENDER.items()
    ),
)
