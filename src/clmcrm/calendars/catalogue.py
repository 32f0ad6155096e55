"""Which calendars there are, by place and purpose; callers extend the catalogue with their own.

A catalogue is a value: extending one gives a new one, and a calendar added later wins over an earlier one
of the same place and purpose. There is no default calendar: an unknown place is an error that lists what
there is, never Monday to Friday. The legal regimes that may be named travel with it: a law counts its time
on a calendar, and who may add the one may add the other.
"""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar, Purpose
from clmcrm.calendars.holidays.european_union import INSTITUTIONS_BRUSSELS, INSTITUTIONS_LUXEMBOURG, TARGET
from clmcrm.calendars.holidays.france import FRENCH_CALENDARS
from clmcrm.calendars.holidays.germany import GERMAN_CALENDARS
from clmcrm.calendars.holidays.united_kingdom import BRITISH_CALENDARS
from clmcrm.calendars.holidays.united_states import UNITED_STATES
from clmcrm.calendars.regimes.known import BUILT_IN_REGIMES, Regimes
from clmcrm.calendars.regimes.record import Regime
from clmcrm.errors import InvalidRecord, UnknownCalendar
from clmcrm.values.validators import instance


@frozen
class Catalogue:
    """Calendars found by place (or name) and purpose, and the legal regimes that may be named beside them."""

    calendars: tuple[HolidayCalendar, ...] = field(default=(), converter=tuple[HolidayCalendar, ...])
    regimes: Regimes = field(default=BUILT_IN_REGIMES, validator=instance(Regimes))
    _by_name: dict[tuple[Purpose, str], HolidayCalendar] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        found: dict[tuple[Purpose, str], HolidayCalendar] = {}
        for calendar in self.calendars:
            found[calendar.purpose, calendar.name] = found[calendar.purpose, calendar.place] = calendar
        object.__setattr__(self, "_by_name", found)

    def calendar_for(self, place: str, purpose: Purpose | str = Purpose.LEGAL) -> HolidayCalendar:
        """The calendar of `place` ("FR", "DE-BY", "EU"; a calendar's name will do) for `purpose`.

        Raises `UnknownCalendar` when there is none: a bank calendar never stands in for a legal one, nor
        a country's calendar for that of its region.
        """
        wanted = purpose if isinstance(purpose, Purpose) else _purpose(purpose)
        calendar = self._by_name.get((wanted, place))
        if calendar is None:
            raise UnknownCalendar(f"{place} ({wanted.value})", self.known)
        return calendar

    @property
    def known(self) -> tuple[str, ...]:
        """The places there are, each with its purpose: "FR (legal)"."""
        return tuple(sorted({f"{calendar.place} ({calendar.purpose.value})" for calendar in self.calendars}))

    def extended(self, *calendars: HolidayCalendar) -> Catalogue:
        """This catalogue with more calendars; each wins over one of the same place and purpose."""
        return Catalogue((*self.calendars, *calendars), self.regimes)

    def with_regimes(self, *regimes: Regime) -> Catalogue:
        """This catalogue with more legal regimes; each wins over one of the same name.

        A name added here works wherever the catalogue is handed over: in a notice clause, in an expression
        of a day, for the contracts of the place it is the law of.

        >>> from attrs import evolve
        >>> austrian = evolve(BUILT_IN_REGIMES.named("DE_BGB"), name="AT_ABGB", place="AT", contracts_of="AT")
        >>> BUILT_IN.with_regimes(austrian).regimes.of_contracts("AT").name
        'AT_ABGB'
        """
        return Catalogue(self.calendars, self.regimes.extended(*regimes))


def _purpose(purpose: Purpose | str) -> Purpose:
    try:
        return Purpose(purpose)
    except ValueError:
        expected = ", ".join(known.value for known in Purpose)
        raise InvalidRecord("Catalogue", "purpose", purpose, f"one of {expected}") from None


BUILT_IN: Final = Catalogue(
    (
        *FRENCH_CALENDARS,
        *GERMAN_CALENDARS,
        *BRITISH_CALENDARS,
        UNITED_STATES,
        INSTITUTIONS_BRUSSELS,
        INSTITUTIONS_LUXEMBOURG,
        TARGET,
    )
)


def calendar_for(
    place: str, purpose: Purpose | str = Purpose.LEGAL, catalogue: Catalogue = BUILT_IN
) -> HolidayCalendar:
    """The calendar of `place` for `purpose`; raises `UnknownCalendar`, listing what there is.

    >>> from datetime import date
    >>> calendar_for("FR").why_closed(date(2026, 5, 14))
    'Ascension Day'
    """
    return catalogue.calendar_for(place, purpose)
