"""Calendars and legal regimes that installed packages register, found by entry point.

The core looks nothing up: it is handed a `Catalogue`, and this module is where one comes from that knows
what is installed. A package that is broken is named with its entry point and left out; the others stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from attrs import field, frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.catalogue import BUILT_IN, Catalogue
from clmcrm.calendars.regimes.record import Regime
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.validators import each, instance

CALENDARS: Final = "clmcrm.calendars"
"""The group of entry points that name a `HolidayCalendar`, or a function without arguments giving one."""
RULES: Final = "clmcrm.rules"
"""The group of entry points that name a `Regime`, or a function without arguments giving one."""

_EXPECTED: Final = {
    CALENDARS: "a HolidayCalendar or a function giving one",
    RULES: "a Regime or a function giving one",
}


@frozen(kw_only=True)
class Installed:
    """The catalogue with everything that could be loaded, and one problem for each entry point that could not.

    A problem that is a note is none: it says that a package's regime or calendar stands in for another.
    """

    catalogue: Catalogue = field(validator=instance(Catalogue))
    problems: tuple[Problem, ...] = field(default=(), validator=each(instance(Problem)))


def installed_catalogue(catalogue: Catalogue = BUILT_IN, points: Iterable[EntryPoint] | None = None) -> Installed:
    """`catalogue` with the calendars and regimes that installed packages register.

    `points` None: the entry points of the running environment in the groups "clmcrm.calendars" and
    "clmcrm.rules". They are taken in order of name, and a later one wins over an earlier one of the same
    name. Raises nothing for a broken package: see `Installed.problems`.

    >>> installed_catalogue(points=()).catalogue == BUILT_IN
    True
    """
    found = (*entry_points(group=CALENDARS), *entry_points(group=RULES)) if points is None else points
    problems: list[Problem] = []
    for point in sorted(found, key=lambda one: (one.group, one.name, one.value)):
        offered = _offered(point)
        if isinstance(offered, Problem):
            problems.append(offered)
            continue
        problems += _replaced(point, offered, catalogue)
        catalogue = catalogue.with_regimes(offered) if isinstance(offered, Regime) else catalogue.extended(offered)
    return Installed(catalogue=catalogue, problems=tuple(problems))


def _offered(point: EntryPoint) -> HolidayCalendar | Regime | Problem:
    """What the entry point gives, or the problem with it."""
    try:
        target = point.load()
        offered = target() if callable(target) else target
        if point.group == RULES and isinstance(offered, Regime):
            return offered
        if point.group == CALENDARS and isinstance(offered, HolidayCalendar):
            return offered
    except Exception as failure:  # noqa: BLE001 - another package's code may fail in any way, and must not stop ours
        return _problem(point, f"cannot be loaded: {type(failure).__name__}: {failure}")
    return _problem(point, f"gives a {type(offered).__name__}")


def _replaced(point: EntryPoint, offered: HolidayCalendar | Regime, catalogue: Catalogue) -> Iterable[Problem]:
    """A note when the offered regime or calendar stands in for one of the same name."""
    if isinstance(offered, Regime):
        taken = offered.name in catalogue.regimes.names
    else:
        taken = f"{offered.place} ({offered.purpose.value})" in catalogue.known
    return (_problem(point, f"stands in for another {offered.name}", Severity.NOTE),) if taken else ()


def _problem(point: EntryPoint, what: str, severity: Severity = Severity.ERROR) -> Problem:
    package = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
    return Problem(
        where=f"entry point {point.name} of group {point.group}{package}",
        field="object",
        value=point.value,
        what=what,
        expected="" if severity is Severity.NOTE else _EXPECTED.get(point.group, " or ".join(_EXPECTED)),
        severity=severity,
    )
