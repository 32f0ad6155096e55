"""Public holidays of the EU institutions, as published, and the closing days of TARGET.

Reg. 1182/71 art. 2 sends the reader to the lists the Commission publishes each year, and they follow no
fixed rule: only years whose list was read are covered, and every other day is `OutsideCoverage`. Add the
year you need with `institutions_list` and `institutions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from clmcrm.calendars.calendar import Purpose
from clmcrm.calendars.holidays import names
from clmcrm.calendars.holidays.rule import DayRule, Fixed, FromEaster, HolidayRule, Once
from clmcrm.calendars.holidays.sourced import SourcedCalendar
from clmcrm.errors import InvalidRecord
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording

_END_OF_YEAR: Final = Wording("end-of-year day", "jour de fin d'année")
_SCHUMAN: Final = Wording("anniversary of the Schuman Declaration", "anniversaire de la déclaration Schuman")
_DAY_AFTER_NEW_YEAR: Final = Wording("day after New Year's Day", "lendemain du jour de l'An")
_DAY_AFTER_ASCENSION: Final = Wording("day after Ascension Day", "lendemain de l'Ascension")
_ALL_SOULS: Final = Wording("All Souls' Day", "jour des morts")
_BELGIUM: Final = Wording("Belgian National Holiday", "fête nationale belge")
_LUXEMBOURG: Final = Wording("Luxembourg National Holiday", "fête nationale luxembourgeoise")


def institutions_list(
    year: int, holidays: Mapping[date, Wording], *, published: str, place: str = "EU"
) -> SourcedCalendar:
    """The calendar of the EU institutions for `year`, from the list cited in `published`.

    Raises `InvalidRecord` when a day of `holidays` lies outside `year`.

    >>> closed = {date(2030, 1, 1): Wording("New Year's Day", "jour de l'An")}
    >>> institutions_list(2030, closed, published="OJ C of that year").last_day
    datetime.date(2030, 12, 31)
    """
    stray = next((day for day in holidays if day.year != year), None)
    if stray is not None:
        raise InvalidRecord("institutions_list", "holidays", stray, f"days of {year}")
    source = Source(
        citation=published,
        authority=Authority.STATUTE,
        first_day=date(year, 1, 1),
        last_day=date(year, 12, 31),
    )
    return SourcedCalendar(
        name=f"{place} institutions {year}",
        place=place,
        rules=tuple(HolidayRule(name=name, on=Once(day), source=source) for day, name in holidays.items()),
        first_day=date(year, 1, 1),
        last_day=date(year, 12, 31),
    )


def institutions(*lists: SourcedCalendar, place: str = "EU") -> SourcedCalendar:
    """One calendar from the lists of several years; a year without a list is `OutsideCoverage`.

    Raises `InvalidRecord` where two lists are of the same year, or there is none.

    >>> institutions(*BRUSSELS, place="EU").name
    'EU institutions 2002, 2008, 2014, 2023'
    """
    by_year = {one.first_day.year: one for one in lists}
    if len(by_year) != len(lists) or not lists:
        given = ", ".join(str(one.first_day.year) for one in lists)
        raise InvalidRecord("institutions", "lists", given, "one list or more, each of another year")
    ordered = [by_year[year] for year in sorted(by_year)]
    return SourcedCalendar(
        name=f"{place} institutions {', '.join(map(str, sorted(by_year)))}",
        place=place,
        rules=tuple(rule for one in ordered for rule in one.rules),
        first_day=ordered[0].first_day,
        last_day=ordered[-1].last_day,
        years=frozenset(by_year),
    )


def _days(year: int, names_of: Mapping[tuple[int, int], Wording]) -> dict[date, Wording]:
    return {date(year, month, day): name for (month, day), name in names_of.items()}


_CHRISTMAS_TO_NEW_YEAR: Final = {(12, day): _END_OF_YEAR for day in range(24, 32)}
_2002: Final = "Commission, Informations administratives No 100-2001 of 6 December 2001"
_2002_BOTH_SEATS: Final = {
    (1, 1): names.NEW_YEAR,
    (1, 2): _DAY_AFTER_NEW_YEAR,
    (3, 28): names.MAUNDY_THURSDAY,
    (3, 29): names.GOOD_FRIDAY,
    (4, 1): names.EASTER_MONDAY,
    (5, 1): names.LABOUR_DAY,
    (5, 9): Wording(f"{_SCHUMAN.en}, Ascension Day", f"{_SCHUMAN.fr}, Ascension"),
    (5, 10): _DAY_AFTER_ASCENSION,
    (5, 20): names.WHIT_MONDAY,
    (8, 15): names.ASSUMPTION,
    (11, 1): names.ALL_SAINTS,
    **_CHRISTMAS_TO_NEW_YEAR,
}
_2008: Final = "Schedule of public holidays for 2008 (2006/C 169/03)"
_2008_BOTH_SEATS: Final = {
    (1, 1): names.NEW_YEAR,
    (1, 2): _DAY_AFTER_NEW_YEAR,
    (3, 20): names.MAUNDY_THURSDAY,
    (3, 21): names.GOOD_FRIDAY,
    (3, 24): names.EASTER_MONDAY,
    (5, 1): names.ASCENSION,
    (5, 2): _DAY_AFTER_ASCENSION,
    (5, 9): _SCHUMAN,
    (5, 12): names.WHIT_MONDAY,
    (8, 15): names.ASSUMPTION,
    **_CHRISTMAS_TO_NEW_YEAR,
}
_2014: Final = "Commission Decision of 21 December 2012 (2013/C 39/03)"
_2014_BOTH_SEATS: Final = {
    (1, 1): names.NEW_YEAR,
    (1, 2): _DAY_AFTER_NEW_YEAR,
    (4, 17): names.MAUNDY_THURSDAY,
    (4, 18): names.GOOD_FRIDAY,
    (4, 21): names.EASTER_MONDAY,
    (5, 1): names.LABOUR_DAY,
    (5, 9): _SCHUMAN,
    (5, 29): names.ASCENSION,
    (5, 30): _DAY_AFTER_ASCENSION,
    (6, 9): names.WHIT_MONDAY,
    (7, 21): _BELGIUM,  # "Luxembourg: the same days as in Brussels"
    (8, 15): names.ASSUMPTION,
    **_CHRISTMAS_TO_NEW_YEAR,
}
_2023: Final = "Commission Decision of 25 May 2021 (2021/C 201 I/02)"
_2023_BOTH_SEATS: Final = {
    (1, 2): _DAY_AFTER_NEW_YEAR,
    (4, 6): names.MAUNDY_THURSDAY,
    (4, 7): names.GOOD_FRIDAY,
    (4, 10): names.EASTER_MONDAY,
    (5, 1): names.LABOUR_DAY,
    (5, 9): _SCHUMAN,
    (5, 18): names.ASCENSION,
    (5, 19): _DAY_AFTER_ASCENSION,
    (5, 29): names.WHIT_MONDAY,
    (8, 15): names.ASSUMPTION,
    (11, 1): names.ALL_SAINTS,
    (11, 2): _ALL_SOULS,
    **{(12, day): _END_OF_YEAR for day in range(25, 30)},
}
BRUSSELS: Final = (
    institutions_list(2002, _days(2002, _2002_BOTH_SEATS), published=_2002),
    institutions_list(2008, _days(2008, {**_2008_BOTH_SEATS, (7, 21): _BELGIUM}), published=_2008),
    institutions_list(2014, _days(2014, _2014_BOTH_SEATS), published=_2014),
    institutions_list(2023, _days(2023, {**_2023_BOTH_SEATS, (7, 21): _BELGIUM}), published=_2023),
)
"""The lists that were read, for staff in Brussels; `institutions(*BRUSSELS, your_list)` adds a year."""
LUXEMBOURG: Final = (
    institutions_list(2002, _days(2002, _2002_BOTH_SEATS), published=_2002, place="EU-LU"),
    institutions_list(2008, _days(2008, {**_2008_BOTH_SEATS, (6, 23): _LUXEMBOURG}), published=_2008, place="EU-LU"),
    institutions_list(2014, _days(2014, _2014_BOTH_SEATS), published=_2014, place="EU-LU"),
    institutions_list(2023, _days(2023, {**_2023_BOTH_SEATS, (6, 23): _LUXEMBOURG}), published=_2023, place="EU-LU"),
)
"""The lists that were read, for staff in Luxembourg."""
INSTITUTIONS_BRUSSELS: Final = institutions(*BRUSSELS)
INSTITUTIONS_LUXEMBOURG: Final = institutions(*LUXEMBOURG, place="EU-LU")


_FIRST_CALENDAR: Final = Source(
    citation="ECB press release of 3 September 1998, TARGET operating days for 1999",
    authority=Authority.STATUTE,
)
_SINCE_2000: Final = Source(
    citation="ECB press releases of 15 July 1999, 25 May 2000 and 14 December 2000 (long-term calendar)",
    authority=Authority.STATUTE,
    first_day=date(2000, 1, 1),
)
_YEAR_2000: Final = Source(
    citation="ECB press release of 31 March 1999, closing on 31 December 1999", authority=Authority.STATUTE
)
_CASH_CHANGEOVER: Final = Source(
    citation="ECB press release of 25 May 2000, TARGET closing days in 2001", authority=Authority.STATUTE
)


def _closed(name: Wording, on: DayRule, source: Source = _SINCE_2000) -> HolidayRule:
    return HolidayRule(name=name, on=on, source=source)


TARGET: Final = SourcedCalendar(
    name="TARGET",
    place="EU",
    purpose=Purpose.BANK,
    first_day=date(1999, 1, 1),
    rules=(
        _closed(names.NEW_YEAR, Fixed(1, 1), _FIRST_CALENDAR),
        _closed(names.GOOD_FRIDAY, FromEaster(-2)),
        _closed(names.EASTER_MONDAY, FromEaster(1)),
        _closed(names.LABOUR_DAY, Fixed(5, 1)),
        _closed(names.CHRISTMAS, Fixed(12, 25), _FIRST_CALENDAR),
        _closed(names.SECOND_CHRISTMAS, Fixed(12, 26)),
        _closed(Wording("change to the year 2000", "passage à l'an 2000"), Once(date(1999, 12, 31)), _YEAR_2000),
        _closed(
            Wording("euro cash changeover", "passage à l'euro fiduciaire"),
            Once(date(2001, 12, 31)),
            _CASH_CHANGEOVER,
        ),
    ),
)
