"""Calendars from the `holidays` package.

The extra `calendars` brings `holidays`; it is imported when a calendar is asked for, and a `MissingExtra`
with the install line says so when it is absent. Results name its version: another release may answer
otherwise.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

from clmcrm.calendars.calendar import WEEKEND, HolidayTable, Purpose
from clmcrm.errors import InvalidRecord, MissingExtra, UnknownCalendar


def legal_calendar(
    country: str,
    *,
    first_year: int,
    last_year: int,
    subdivision: str | None = None,
    closed_weekdays: frozenset[int] = WEEKEND,
    language: str = "en_US",
) -> HolidayTable:
    """The public holidays of a country (ISO 3166), computed by `holidays` for the years given.

    Coverage is those years, both inside, and ends there. `subdivision` is the code after the hyphen
    ("BY"), `language` that of the holidays' names, where the package has them in it.
    Raises `MissingExtra` without the package, `UnknownCalendar` for a place it does not know,
    `InvalidRecord` for years in the wrong order.

    >>> table = legal_calendar("AT", first_year=2026, last_year=2027)
    >>> table.place, table.purpose.value, str(table.last_day)
    ('AT', 'legal', '2027-12-31')
    """
    try:
        import holidays  # noqa: PLC0415 - an optional package is imported when it is used
    except ImportError:
        raise MissingExtra("calendars", "a calendar of the holidays package") from None
    if last_year < first_year:
        raise InvalidRecord("legal_calendar", "last_year", last_year, f"{first_year} or later")
    place = country if subdivision is None else f"{country}-{subdivision}"
    years = range(first_year, last_year + 1)
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=years, language=language)
    except NotImplementedError:
        known = holidays.list_supported_countries()
        raise UnknownCalendar(place, known) from None
    return HolidayTable(
        name=f"{place} public holidays (holidays package)",
        purpose=Purpose.LEGAL,
        place=place,
        version="holidays " + version("holidays"),
        holidays={day: str(name) for day, name in found.items() if day.year in years},
        closed_weekdays=closed_weekdays,
        first_day=date(first_year, 1, 1),
        last_day=date(last_year, 12, 31),
    )
