"""Days given to a function: whoever hands over an instant, a text or nothing at all is told at the door.

A type checker does not tell it: every `datetime` is a `date`. And a time would be dropped in a zone that nobody named.
"""

from __future__ import annotations

from datetime import date, datetime

from clmcrm.errors import InvalidRecord


def check_days(call: str, **days: object) -> None:
    """Raise `InvalidRecord` for whatever of `days` is no day; it names the `call` and the argument.

    >>> check_days("stage_of", as_of=date(2026, 5, 7))
    >>> check_days("stage_of", as_of="2026-05-07")
    Traceback (most recent call last):
    clmcrm.errors.InvalidRecord: stage_of: as_of is '2026-05-07'; expected a day (datetime.date), without a time
    """
    for name, day in days.items():
        if not isinstance(day, date) or isinstance(day, datetime):
            raise InvalidRecord(call, name, day, "a day (datetime.date), without a time")
