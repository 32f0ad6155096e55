from __future__ import annotations

import sys
from datetime import date
from importlib.metadata import version

import pytest

from clmcrm.adapters.holidays_package import legal_calendar
from clmcrm.calendars.calendar import SUNDAY, HolidayCalendar, Purpose
from clmcrm.calendars.catalogue import BUILT_IN
from clmcrm.clm.deadlines import Deadline
from clmcrm.clm.notice import next_notice_deadline
from clmcrm.errors import InvalidRecord, MissingExtra, OutsideCoverage, UnknownCalendar
from making import contract


@pytest.fixture
def package() -> None:
    _ = pytest.importorskip("holidays", reason="the extra calendars is not installed")


@pytest.mark.usefixtures("package")
def test_a_calendar_of_the_package_names_its_version_and_ends_where_it_was_asked_to() -> None:
    table = legal_calendar("AT", first_year=2026, last_year=2026, language="de")
    assert isinstance(table, HolidayCalendar)
    assert table.version == f"holidays {version('holidays')}"
    assert table.why_closed(date(2026, 10, 26)) == "Nationalfeiertag"
    with pytest.raises(OutsideCoverage):
        _ = table.why_closed(date(2027, 1, 1))


@pytest.mark.usefixtures("package")
def test_subdivision_language_and_weekend_are_the_callers() -> None:
    table = legal_calendar(
        "DE",
        subdivision="BY",
        first_year=2026,
        last_year=2026,
        closed_weekdays=frozenset({SUNDAY}),
    )
    assert (table.place, table.purpose) == ("DE-BY", Purpose.LEGAL)
    assert table.why_closed(date(2026, 1, 6)) == "Epiphany"
    assert table.why_closed(date(2026, 1, 10)) is None


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("DE", "XX")])
def test_a_place_the_package_does_not_know_is_an_unknown_calendar(country: str, subdivision: str | None) -> None:
    with pytest.raises(UnknownCalendar, match=country):
        _ = legal_calendar(country, subdivision=subdivision, first_year=2026, last_year=2026)


@pytest.mark.usefixtures("package")
def test_years_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InvalidRecord, match="2026 or later"):
        _ = legal_calendar("FR", first_year=2026, last_year=2025)


def test_without_the_package_the_install_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(MissingExtra, match=r'pip install "clmcrm\[calendars\]"'):
        _ = legal_calendar("FR", first_year=2026, last_year=2026)


@pytest.mark.usefixtures("package")
def test_a_deadline_counted_on_it_says_which_release_was_asked() -> None:
    table = legal_calendar("IT", first_year=2025, last_year=2027)
    lease = contract(governing_place="IT")
    found = next_notice_deadline(lease, date(2026, 1, 15), BUILT_IN.extended(table))
    assert isinstance(found, Deadline)
    assert any(f"holidays {version('holidays')}" in step.wording.en for step in found.steps)
    assert any(f"holidays {version('holidays')}" in step.wording.fr for step in found.steps)
