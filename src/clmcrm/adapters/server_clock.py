"""A vendor's own clock, as its replies state it: what is compared with a vendor's instants, in place of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


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
