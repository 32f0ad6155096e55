"""Federal legal public holidays of the United States, with the days on which they are observed.

State holidays are not in (FRCP 6(a)(6)(C) counts them for forward periods only), nor is Inauguration Day,
which 5 U.S.C. 6103(c) limits to the area of Washington, nor single closings ordered by the President.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.holidays import names
from clmcrm.calendars.holidays.rule import DayRule, Fixed, HolidayRule, NthWeekday, Substitute
from clmcrm.calendars.holidays.sourced import SourcedCalendar
from clmcrm.values.source import Authority, Source
from clmcrm.values.wording import Wording

_MONDAY: Final = 0
_THURSDAY: Final = 3


def _statute(citation: str, first_day: date | None = None, last_day: date | None = None) -> Source:
    return Source(citation=citation, authority=Authority.STATUTE, first_day=first_day, last_day=last_day)


_CODE: Final = _statute("5 U.S.C. 6103(a), (b)")
_KING: Final = _statute("Pub. L. 98-144 (5 U.S.C. 6103(a))", first_day=date(1986, 1, 1))
_VETERANS_MONDAY: Final = _statute("Pub. L. 90-363", date(1971, 1, 1), date(1977, 12, 31))
_VETERANS: Final = _statute("Pub. L. 94-97 (5 U.S.C. 6103(a))", first_day=date(1978, 1, 1))
_JUNETEENTH: Final = _statute("Pub. L. 117-17 (5 U.S.C. 6103(a))", first_day=date(2021, 6, 17))


def _observed(en: str, fr: str, on: DayRule, source: Source = _CODE) -> HolidayRule:
    return HolidayRule(name=Wording(en, fr), on=on, source=source, substitute=Substitute.NEAREST_WEEKDAY)


FEDERAL: Final = (
    _observed(names.NEW_YEAR.en, names.NEW_YEAR.fr, Fixed(1, 1)),
    _observed("Birthday of Martin Luther King, Jr.", "Martin Luther King", NthWeekday(3, _MONDAY, 1), _KING),
    _observed("Washington's Birthday", "anniversaire de Washington", NthWeekday(3, _MONDAY, 2)),
    _observed("Memorial Day", "Memorial Day", NthWeekday(-1, _MONDAY, 5)),
    _observed("Juneteenth National Independence Day", "Juneteenth", Fixed(6, 19), _JUNETEENTH),
    _observed("Independence Day", "fête de l'Indépendance", Fixed(7, 4)),
    _observed("Labor Day", "fête du Travail (Labor Day)", NthWeekday(1, _MONDAY, 9)),
    _observed("Columbus Day", "Columbus Day", NthWeekday(2, _MONDAY, 10)),
    _observed("Veterans Day", "jour des anciens combattants", NthWeekday(4, _MONDAY, 10), _VETERANS_MONDAY),
    _observed("Veterans Day", "jour des anciens combattants", Fixed(11, 11), _VETERANS),
    _observed("Thanksgiving Day", "Thanksgiving", NthWeekday(4, _THURSDAY, 11)),
    _observed(names.CHRISTMAS.en, names.CHRISTMAS.fr, Fixed(12, 25)),
)

UNITED_STATES: Final = SourcedCalendar(
    name="US federal holidays", place="US", rules=FEDERAL, first_day=date(1971, 1, 1)
)
