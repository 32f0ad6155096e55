"""A calendar made of holiday rules: computed lazily, one year at a time, and kept.

Every closed day can name the holiday and the text that sets it, in English and in French.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from attrs import evolve, field, frozen

from clmcrm.calendars.calendar import SATURDAY, SUNDAY, WEEKEND, Purpose, weekdays
from clmcrm.calendars.holidays.rule import Holiday, HolidayRule, Substitute
from clmcrm.errors import OutsideCoverage
from clmcrm.values.validators import each, instance, member, plain_date, text
from clmcrm.values.wording import Wording

WEEKDAY_NAMES: Final = (
    Wording("Monday", "lundi"),
    Wording("Tuesday", "mardi"),
    Wording("Wednesday", "mercredi"),
    Wording("Thursday", "jeudi"),
    Wording("Friday", "vendredi"),
    Wording("Saturday", "samedi"),
    Wording("Sunday", "dimanche"),
)
_ONE_DAY: Final = timedelta(days=1)
_NEAREST: Final = {SATURDAY: -1, SUNDAY: 1}


@frozen(kw_only=True)
class SourcedCalendar:
    """A `HolidayCalendar` computed from `rules`, with explicit coverage and closed weekdays (0 is Monday).

    `version` names the state of the law the rules were written from. `years` are the years the rules speak
    of, where they come from lists of single years (None: every year from `first_day` to `last_day`).
    """

    name: str = field(validator=text)
    place: str = field(validator=text)
    purpose: Purpose = field(default=Purpose.LEGAL, validator=member(Purpose))
    version: str = field(default="2026.1", validator=text)
    rules: tuple[HolidayRule, ...] = field(validator=each(instance(HolidayRule)), repr=False)
    closed_weekdays: frozenset[int] = field(default=WEEKEND, validator=weekdays)
    first_day: date = field(validator=plain_date)
    last_day: date = field(default=date(2100, 12, 31), validator=plain_date)
    years: frozenset[int] | None = None
    _years: dict[int, dict[date, Holiday]] = field(
        init=False, factory=dict[int, dict[date, Holiday]], eq=False, repr=False
    )

    def why_closed(self, day: date) -> str | None:
        """Why `day` does not count, in English, or None for a business day; raises `OutsideCoverage`."""
        closing = self.closing(day)
        return None if closing is None else closing.en

    def closing(self, day: date) -> Wording | None:
        """Why `day` does not count in both languages, or None for a business day.

        Raises `OutsideCoverage` for a day the rules say nothing about.
        """
        holiday = self.holiday(day)
        if holiday is not None:
            return holiday.name
        return WEEKDAY_NAMES[day.weekday()] if day.weekday() in self.closed_weekdays else None

    def covers(self, day: date) -> bool:
        """Whether the rules say anything about `day`."""
        return self.first_day <= day <= self.last_day and (self.years is None or day.year in self.years)

    def holiday(self, day: date) -> Holiday | None:
        """The holiday kept on `day`, with its source, or None; raises `OutsideCoverage`."""
        if not self.covers(day):
            raise OutsideCoverage(self.name, day, self.first_day, self.last_day)
        return self._year(day.year).get(day)

    def holidays(self, year: int) -> tuple[Holiday, ...]:
        """The holidays kept in `year` in order of day, substitutes among them, weekends included.

        Raises `OutsideCoverage` when no day of `year` is covered.
        """
        covered = self.first_day.year <= year <= self.last_day.year
        if not covered or (self.years is not None and year not in self.years):
            raise OutsideCoverage(self.name, date(year, 1, 1), self.first_day, self.last_day)
        kept = self._year(year)
        return tuple(kept[day] for day in sorted(kept) if self.first_day <= day <= self.last_day)

    def with_closed_weekdays(self, closed: frozenset[int]) -> SourcedCalendar:
        """The same holidays with other closed weekdays; the name says which.

        Where Saturday is a working day (BGH VIII ZR 206/04; French "jours ouvrables"), pass `{SUNDAY}`.
        """
        if closed == self.closed_weekdays:
            return self
        days = " and ".join(WEEKDAY_NAMES[weekday].en for weekday in sorted(closed)) or "no weekday"
        return evolve(self, closed_weekdays=closed, name=f"{self.name}, {days} closed")

    def _year(self, year: int) -> dict[date, Holiday]:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = _kept_in(year, self.rules)
        return known


def _kept_in(year: int, rules: Iterable[HolidayRule]) -> dict[date, Holiday]:
    """The holidays kept in `year`; next year's New Year's Day may be observed on 31 December."""
    years = range(max(year - 1, date.min.year), min(year + 1, date.max.year) + 1)
    due = sorted(_due(years, rules), key=lambda pair: pair[0])
    kept = {
        day: Holiday(day=day, name=rule.name, source=rule.source)
        for day, rule in due
        if day.year == year or rule.substitute is not Substitute.NONE
    }
    for day, rule in due:
        substitute = _substitute(day, rule.substitute, kept)
        if substitute is not None:
            name = Wording(f"{rule.name.en} (substitute day)", f"{rule.name.fr} (jour de remplacement)")
            kept[substitute] = Holiday(day=substitute, name=name, source=rule.source, replaces=day)
    return {day: holiday for day, holiday in kept.items() if day.year == year}


def _due(years: Iterable[int], rules: Iterable[HolidayRule]) -> Iterator[tuple[date, HolidayRule]]:
    for rule in rules:
        for year in years:
            day = rule.in_year(year)
            if day is not None:
                yield day, rule


def _substitute(day: date, kind: Substitute, kept: dict[date, Holiday]) -> date | None:
    if kind is Substitute.NONE or day.weekday() not in WEEKEND:
        return None
    if kind is Substitute.NEAREST_WEEKDAY:
        return day + _NEAREST[day.weekday()] * _ONE_DAY
    while day.weekday() in WEEKEND or day in kept:
        day += _ONE_DAY
    return day
