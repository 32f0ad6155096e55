"""Public holidays of the EU institutions, as published, and the closing days of TARGET.

Reg. 1182/71 art. 2 sends the reader to the lists the Commission publishes each year, and they follow no
fixed rule: only years whose list was read are covered, and every other day is `OutsideCoverage`. Add the
year you need with `institutions_list`.
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


_2023_BOTH_SEATS: Final = {
    date(2023, 1, 2): _DAY_AFTER_NEW_YEAR,
    date(2023, 4, 6): names.MAUNDY_THURSDAY,
    date(2023, 4, 7): names.GOOD_FRIDAY,
    date(2023, 4, 10): names.EASTER_MONDAY,
    date(2023, 5, 1): names.LABOUR_DAY,
    date(2023, 5, 9): _SCHUMAN,
    date(2023, 5, 18): names.ASCENSION,
    date(2023, 5, 19): _DAY_AFTER_ASCENSION,
    date(2023, 5, 29): names.WHIT_MONDAY,
    date(2023, 8, 15): names.ASSUMPTION,
    date(2023, 11, 1): names.ALL_SAINTS,
    date(2023, 11, 2): _ALL_SOULS,
    **{date(2023, 12, day): _END_OF_YEAR for day in range(25, 30)},
}
_2023: Final = "Commission Decision of 25 May 2021 (2021/C 201 I/02)"
BRUSSELS_2023: Final = institutions_list(2023, {**_2023_BOTH_SEATS, date(2023, 7, 21): _BELGIUM}, published=_2023)
LUXEMBOURG_2023: Final = institutions_list(
    2023, {**_2023_BOTH_SEATS, date(2023, 6, 23): _LUXEMBOURG}, published=_2023, place="EU-LU"
)


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
