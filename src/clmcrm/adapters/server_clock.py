"""A vendor's own clock, as its replies state it: what is compared with a vendor's instants, in place of ours.

A feed's cursor keeps such instants as text and is handed back by the host.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_FIRST_YEAR: Final = 1970


def server_time(header: str) -> datetime | None:
    """The instant of a Date header (RFC 9110, 6.6.1), in UTC; None for none, and for what is no date.

    >>> server_time("Thu, 07 May 2026 12:00:30 GMT").isoformat(), server_time("soon")
    ('2026-05-07T12:00:30+00:00', None)
    """
    try:
        told = parsedate_to_datetime(header)
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def kept_instant(told: object) -> datetime:
    """An instant that a cursor keeps, in UTC; raises `ValueError` for one that no feed wrote: without a zone.

    >>> kept_instant("2026-05-07T14:00:30+02:00").isoformat()
    '2026-05-07T12:00:30+00:00'
    """
    at = datetime.fromisoformat(told if isinstance(told, str) else "")
    if at.tzinfo is None:
        raise ValueError(f"{told!r} names no zone")
    return at.astimezone(UTC)


def kept_bound(told: object) -> datetime | None:
    """The same where a cursor may keep none, for the time from which a feed goes on: not before 1970.

    >>> kept_bound(None) is None
    True
    """
    at = None if told is None else kept_instant(told)
    if at is not None and at.year < _FIRST_YEAR:  # an overlap is taken from it
        raise ValueError(f"{told!r} is before any service")
    return at
