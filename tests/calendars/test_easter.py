from __future__ import annotations

from datetime import date

import pytest
from dateutil.easter import easter

from clmcrm.calendars.easter import easter_sunday
from clmcrm.errors import DateRuleError

# Years at the bounds of Easter's range, and recent ones (Meeus, Astronomical Algorithms, ch. 8).
KNOWN = [
    date(1818, 3, 22),
    date(1943, 4, 25),
    date(1954, 4, 18),
    date(1981, 4, 19),
    date(1991, 3, 31),
    date(2000, 4, 23),
    date(2008, 3, 23),
    date(2038, 4, 25),
    date(2285, 3, 22),
]


@pytest.mark.parametrize("day", KNOWN, ids=str)
def test_easter_falls_on_the_day_the_tables_give(day: date) -> None:
    assert easter_sunday(day.year) == day


def test_easter_agrees_with_an_independent_computation_in_every_year() -> None:
    years = range(1583, 4100)
    assert [easter_sunday(year) for year in years] == [easter(year) for year in years]


def test_there_is_no_gregorian_easter_before_1583() -> None:
    with pytest.raises(DateRuleError, match="1582"):
        _ = easter_sunday(1582)
