"""How a legal computation is written down: one step per rule applied, in English and in French.

Each step says what was done, on which day it arrives, and in brackets the rule's source.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from attrs import define, field

from clmcrm.calendars.calendar import HolidayCalendar, HolidayTable
from clmcrm.calendars.catalogue import calendar_for
from clmcrm.calendars.combined import CombinedCalendar, WorkingWeek
from clmcrm.calendars.holidays.sourced import WEEKDAY_NAMES, SourcedCalendar
from clmcrm.calendars.legal_results import LegalDay
from clmcrm.calendars.months import is_month_end
from clmcrm.calendars.regimes.record import Regime, Rule
from clmcrm.errors import UnknownCalendar
from clmcrm.values.source import Source
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Step, Wording, day_words

_FRENCH_UNITS: Final = (("an", "ans"), ("mois", "mois"), ("semaine", "semaines"), ("jour", "jours"))
_REACH: Final = timedelta(days=31)  # no run of holidays is longer: an assumed calendar must cover it


def said(en: str, fr: str, *days: date) -> Wording:
    """A sentence in both languages; {0}, {1} ... are replaced by `days` written out.

    >>> said("ends on {0}", "finit le {0}", date(2026, 5, 1)).fr
    'finit le vendredi 1er mai 2026'
    """
    return Wording(en.format(*(day_words(day) for day in days)), fr.format(*(day_words(day, "fr") for day in days)))


def cited(wording: Wording, rule: Rule) -> Wording:
    """`wording`, then the rule in words and its source in brackets; a derived rule is marked.

    >>> from clmcrm.calendars.regimes.germany import DE_BGB
    >>> cited(Wording("it stays", "il reste"), DE_BGB.days).en
    'it stays: a period in days ends with its last day (BGB § 188 (1))'
    """
    en, fr = rule.wording.en, rule.wording.fr
    return Wording(f"{wording.en}: {en} ({rule.source})", f"{wording.fr} : {fr} ({_source_in_french(rule.source)})")


def _source_in_french(source: Source) -> str:
    return f"{source.citation} (notre lecture)" if source.derived else source.citation


def length(period: Tenor) -> Wording:
    """`period` in words, as written.

    >>> length(Tenor(months=1, days=15)).fr
    '1 mois et 15 jours'
    """
    amounts = (period.years, period.months, period.weeks, period.days)
    parts = [f"{n} {one if n == 1 else many}" for n, (one, many) in zip(amounts, _FRENCH_UNITS, strict=True) if n]
    french = " et ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return Wording(period.words, french)


def why_closed(day: date, calendar: HolidayCalendar) -> Wording | None:
    """Why `day` does not count, in both languages where the calendar knows both; None when it is open.

    Of a calendar made of others, each part is asked. Raises `OutsideCoverage`.

    >>> from clmcrm.calendars.combined import jours_ouvres
    >>> why_closed(date(2026, 5, 14), jours_ouvres(calendar_for("FR"))).fr
    'Ascension'
    """
    return _closing(day, calendar, holidays_only=False)


def _closing(day: date, calendar: HolidayCalendar, *, holidays_only: bool) -> Wording | None:
    """As `why_closed`; with `holidays_only`, a weekday that is closed is no reason."""
    weekday = WEEKDAY_NAMES[day.weekday()]
    match calendar:
        case CombinedCalendar():
            return _together(calendar, [_closing(day, part, holidays_only=holidays_only) for part in calendar.parts])
        case WorkingWeek():
            closed = weekday if day.weekday() in calendar.closed_weekdays and not holidays_only else None
            return _closing(day, calendar.holidays, holidays_only=True) or closed
        case SourcedCalendar():
            reason = calendar.closing(day)
        case _:
            reason = _in_its_words(calendar.why_closed(day), weekday)
    return None if holidays_only and reason == weekday else reason


def _in_its_words(reason: str | None, weekday: Wording) -> Wording | None:
    """The reason of a calendar that knows no French, but for the weekday."""
    if reason is None:
        return None
    return weekday if reason == weekday.en else Wording(reason, reason)


def _together(calendar: CombinedCalendar, reasons: list[Wording | None]) -> Wording | None:
    """The reasons of the parts as one, each with its place, as the combined calendar words them itself."""
    told = [(why, part.place) for part, why in zip(calendar.parts, reasons, strict=True) if why is not None]
    if not told or (calendar.closed_by_all and len(told) < len(reasons)):
        return None
    return Wording(
        "; ".join(f"{why.en} ({place})" for why, place in told),
        " ; ".join(f"{why.fr} ({place})" for why, place in told),
    )


@define
class Reasoning:
    """The steps of one computation under `law`, the rule that decided last, and the calendar relied on."""

    law: Regime
    steps: list[Step] = field(factory=list[Step])
    rule: Rule | None = None
    calendar: HolidayCalendar | None = None

    def apply(self, rule: Rule, day: date, wording: Wording) -> None:
        """Add the step by which `rule` arrives at `day`; it is now the rule that decided."""
        self.rule = rule
        self.steps.append(Step(day, cited(wording, rule)))

    def note(self, wording: Wording, day: date | None = None) -> None:
        """Add a step that states a fact and applies no rule."""
        self.steps.append(Step(day, wording))

    def rely_on(
        self, given: HolidayCalendar | None, near: date, closed_weekdays: frozenset[int] | None = None
    ) -> HolidayCalendar:
        """The calendar given, or the one assumed for the regime: either way a step names it, once.

        `closed_weekdays` (None: the regime's) are those of a calendar that is assumed.
        """
        if self.calendar is None:
            closed = self.law.closed_weekdays if closed_weekdays is None else closed_weekdays
            self.calendar = _assumed(self.law, near, closed) if given is None else given
            named = f"{self.calendar.name} ({self.calendar.version})"
            self.note(
                Wording(f"working days by the calendar: {named}", f"jours ouvrables selon le calendrier : {named}")
                if given is not None
                else Wording(f"no calendar was given; assumed: {named}", f"aucun calendrier donné ; supposé : {named}")
            )
        return self.calendar

    def conclude(self, day: date, on: date) -> LegalDay:
        """The answer `day` to a question about `on` (the event, or the last day of the term)."""
        rule = self.settle(on)
        return LegalDay(day=day, law=self.law.name, rule=rule, steps=tuple(self.steps), calendar=self.calendar_words)

    def settle(self, on: date) -> Rule:
        """The rule that decided, once every step is written; adds a caution when it is not in force on `on`.

        Raises `AssertionError` when no rule was applied: a computation always applies one.
        """
        if self.rule is None:
            raise AssertionError("a legal computation ended without a rule")
        self._check_in_force(self.rule.source, on)
        return self.rule

    @property
    def calendar_words(self) -> str | None:
        """The calendar relied on, with its version; None when there was no need of one."""
        return None if self.calendar is None else f"{self.calendar.name} ({self.calendar.version})"

    def _check_in_force(self, source: Source, day: date) -> None:
        if source.in_force(day):
            return
        bounds = f"{source.first_day or '..'}/{source.last_day or '..'}"
        self.note(
            Wording(
                f"caution: {source.citation} is cited as in force in {bounds}, which leaves out {day}",
                f"attention : {source.citation} est cité comme en vigueur sur {bounds}, hors du {day}",
            )
        )


def _assumed(law: Regime, near: date, closed: frozenset[int]) -> HolidayCalendar:
    """The legal calendar of the regime's place where one covers the time around `near`, else no holidays."""
    calendar = _built_in(law.calendar_place)
    if calendar is not None and _covers(calendar, near):
        return calendar.with_closed_weekdays(closed) if isinstance(calendar, SourcedCalendar) else calendar
    names = ", ".join(WEEKDAY_NAMES[weekday].en for weekday in sorted(closed)) or "no weekday"
    return HolidayTable(name=f"{names} closed, no holidays", place="anywhere", closed_weekdays=closed)


def _built_in(place: str | None) -> HolidayCalendar | None:
    """The library's calendar of a regime's place; None for a third party's regime whose place it does not know."""
    try:
        return None if place is None else calendar_for(place)
    except UnknownCalendar:
        return None


def _covers(calendar: HolidayCalendar, near: date) -> bool:
    if not calendar.first_day + _REACH <= near <= calendar.last_day - _REACH:
        return False
    around = (near - _REACH, near + _REACH)
    return not isinstance(calendar, SourcedCalendar) or all(calendar.covers(day) for day in around)


def lacks_day(event: date, arrived: date) -> bool:
    """Whether counting months from `event` met a month without that day and stopped at its end.

    >>> lacks_day(date(2026, 1, 31), date(2026, 2, 28)), lacks_day(date(2026, 1, 28), date(2026, 2, 28))
    (True, False)
    """
    return arrived.day < event.day and is_month_end(arrived)
