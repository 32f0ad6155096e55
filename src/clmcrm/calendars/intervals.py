"""ISO 8601 intervals read as spans of whole days, and written back.

The rule of the file: two dates name the first and the last day, both inside. With a duration the end is the
day before `first day + duration`, as billing periods tile: one month from 31 January ends on 27 February.
How long a *legal* term of one month lasts is for the regime to say, not for a notation.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from clmcrm.calendars.months import add_days, backward, forward
from clmcrm.errors import DateRuleError, InvalidRecord
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

_OPEN: Final = ".."
_EXPECTED: Final = "first/last, first/duration, duration/last or first/.., such as 2026-01-01/P1Y"


def _refused(text: str) -> InvalidRecord:
    return InvalidRecord("Span", "interval", text, _EXPECTED)


def _day(part: str, text: str) -> date:
    try:
        return date.fromisoformat(part)
    except ValueError:
        raise _refused(text) from None


def parse_interval(text: str) -> Span:
    """The span of an ISO 8601 interval of days: two dates, a date and a duration, or a date and `..`.

    Raises `InvalidRecord` for anything else: times of day, repetitions, a last day before the first, a duration that
    leads out of the years 1 to 9999.

    >>> str(parse_interval("2026-01-01/P1Y")), str(parse_interval("P3M/2026-03-31"))
    ('2026-01-01/2026-12-31', '2026-01-01/2026-03-31')
    >>> parse_interval("2026-01-01/..").last_day is None
    True
    """
    first, slash, last = text.strip().partition("/")
    if not slash or not text.isascii():
        raise _refused(text)
    try:
        return _span(first, last, text)
    except DateRuleError:
        raise InvalidRecord("Span", "interval", text, "days of the years 1 to 9999") from None


def _span(first: str, last: str, text: str) -> Span:
    if first.startswith("P"):
        last_day = _day(last, text)
        return Span(backward(add_days(last_day, 1), Tenor.parse(first)), last_day)
    first_day = _day(first, text)
    if last == _OPEN:
        return Span(first_day)
    if last.startswith("P"):
        return Span(first_day, add_days(forward(first_day, Tenor.parse(last)), -1))
    return Span(first_day, _day(last, text))


def interval_of(span: Span, tenor: Tenor | None = None) -> str:
    """The ISO 8601 text of `span`: two dates, or the first day and `tenor` where that says the same.

    Raises `InvalidRecord` when `tenor` from the first day ends on another day.

    >>> interval_of(Span(date(2026, 1, 1), date(2026, 12, 31)), Tenor(years=1))
    '2026-01-01/P1Y'
    """
    if tenor is None:
        return str(span)
    text = f"{span.first_day}/{tenor}"
    if parse_interval(text) != span:
        raise InvalidRecord("Span", "interval", text, f"a length that ends on {span.last_day}")
    return text
