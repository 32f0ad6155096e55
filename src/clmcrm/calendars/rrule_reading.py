"""Reading the RRULE of another calendar: strictly, and saying what in it may not be what was meant.

The rule of the file: what cannot be read raises `InvalidRecord` at once (an INTERVAL of 0 would never
advance); what can be read but may surprise is read as it stands, with a `Problem` beside it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final

from clmcrm.calendars.occurrences import occurrences
from clmcrm.calendars.recurrence import (
    BY_PARTS,
    WEEKDAYS,
    Frequency,
    Recurrence,
    WeekdayRule,
    skips_months,
)
from clmcrm.errors import InvalidRecord
from clmcrm.values.problems import Problem, Severity

_NUMBER: Final = re.compile(r"[+-]?\d{1,9}")
_DAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?")
_KEEPS_EVERY_MONTH: Final = "BYMONTHDAY from 28 to the day, with BYSETPOS=-1,"


def _invalid(field_name: str, value: str, expected: str) -> InvalidRecord:
    return InvalidRecord("Recurrence", field_name, value, expected)


def _number(name: str, text: str) -> int:
    if _NUMBER.fullmatch(text) is None or not text.isascii():
        raise _invalid(name, text, "whole numbers")
    return int(text)


def _until(text: str) -> date:
    found = _UNTIL.fullmatch(text) if text.isascii() else None
    if found is not None:
        year, month, day = (int(part) for part in found.groups()[:3])
        if year and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:  # noqa: PLR2004 - months
            return date(year, month, day)
    raise _invalid("UNTIL", text, "a day such as 20261231")


def _weekday_rule(text: str) -> WeekdayRule:
    found = _DAY.fullmatch(text) if text.isascii() else None
    nth = int(found[1] or 0) if found else 0
    if found is None or (found[1] and not nth) or abs(nth) > 53:  # noqa: PLR2004 - weeks in a year
        raise _invalid("BYDAY", text, "weekdays such as MO, 1FR or -1SU")
    return WeekdayRule(WEEKDAYS.index(found[2]), nth)


def _parts(text: str) -> dict[str, str]:
    body = text.strip().upper()
    body = body.removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for part in filter(None, body.split(";")):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise _invalid("text", part, "parts such as FREQ=MONTHLY, separated by semicolons")
        if name in parts:
            raise _invalid(name, value, "each part once")
        parts[name] = value
    return parts


def parse_rrule(text: str, first_day: date) -> tuple[Recurrence, tuple[Problem, ...]]:
    """The rule of an RRULE text starting on `first_day`, and what to know about it.

    Problems: a rule that skips short months, that names no day at all (30 February), whose first day is
    none of its own days, or of which a part was ignored. Raises `InvalidRecord` for what is no RRULE: FREQ
    missing or below a day, INTERVAL=0, an unknown or repeated part, COUNT with UNTIL.

    >>> rule, problems = parse_rrule("FREQ=MONTHLY;COUNT=3", date(2026, 1, 31))
    >>> print(problems[0].what)
    skips the months without that day
    """
    parts = _parts(text)
    ignored = [name for name in parts if name.startswith("X-")]
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", *BY_PARTS, *ignored}
    for name, value in parts.items():
        if name not in known:
            raise _invalid(name, value, "FREQ, INTERVAL, COUNT, UNTIL, WKST or a BY part that counts days")
    if parts.get("FREQ") not in Frequency.__members__:
        raise _invalid("FREQ", parts.get("FREQ", ""), "DAILY, WEEKLY, MONTHLY or YEARLY")
    if parts.get("WKST", "MO") not in WEEKDAYS:
        raise _invalid("WKST", parts["WKST"], "a weekday such as MO")
    numbers = {name: _listed(parts, name) for name in BY_PARTS if name != "BYDAY"}
    rule = Recurrence(
        first_day=first_day,
        frequency=Frequency[parts["FREQ"]],
        interval=_number("INTERVAL", parts.get("INTERVAL", "1")),
        count=_number("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        last_day=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        months=numbers["BYMONTH"],
        week_numbers=numbers["BYWEEKNO"],
        year_days=numbers["BYYEARDAY"],
        month_days=numbers["BYMONTHDAY"],
        weekdays=tuple(_weekday_rule(day) for day in parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
        positions=numbers["BYSETPOS"],
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
    )
    found = [_problem("part", name, "is ignored", severity=Severity.NOTE) for name in ignored]
    if "T" in parts.get("UNTIL", ""):
        found.append(_problem("UNTIL", parts["UNTIL"], "loses its time of day", "a plain day"))
    return rule, (*found, *_doubts(rule))


def _listed(parts: dict[str, str], name: str) -> tuple[int, ...]:
    return tuple(_number(name, number) for number in parts[name].split(",")) if name in parts else ()


def _problem(
    field_name: str, value: str, what: str, expected: str = "", *, severity: Severity = Severity.WARNING
) -> Problem:
    return Problem(where="RRULE", field=field_name, value=value, what=what, expected=expected, severity=severity)


def _doubts(rule: Recurrence) -> list[Problem]:
    doubts: list[Problem] = []
    if skips_months(rule):
        expected = f"{_KEEPS_EVERY_MONTH} where a contract's series is meant"
        doubts.append(_problem("BYMONTHDAY", str(rule), "skips the months without that day", expected))
    if rule.frequency in {Frequency.DAILY, Frequency.WEEKLY} and any(day.nth for day in rule.weekdays):
        doubts.append(_problem("BYDAY", str(rule), "numbers weekdays within a week or a day: not counted"))
    first = next(occurrences(rule), None)
    if first is None:
        doubts.append(_problem("rule", str(rule), "names no day at all", severity=Severity.ERROR))
    elif first != rule.first_day:
        what = f"does not name its own first day {rule.first_day}, which some programs add all the same"
        doubts.append(_problem("DTSTART", str(rule), what))
    return doubts
