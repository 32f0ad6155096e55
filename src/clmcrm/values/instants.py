"""Instants as instants: in one zone, Python compares and subtracts what the clocks show.

What is compared or subtracted is put into UTC first, so that an hour is an hour, and the later of two instants is the
later one, on the night the clocks change.
"""

from __future__ import annotations

from datetime import UTC, datetime

from clmcrm.errors import InvalidRecord


def in_utc(at: datetime, name: str = "at") -> datetime:
    """`at` in UTC, where a comparison is one of instants; `name` is what the caller calls it.

    One that lies outside the years 1 to 9999 in UTC is the first or the last instant there is. Raises `InvalidRecord`
    for a naive one: Python would take it for the host's own time.

    >>> from zoneinfo import ZoneInfo
    >>> in_utc(datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Paris"))).isoformat()
    '2026-10-25T01:30:00+00:00'
    """
    if at.utcoffset() is None:
        raise InvalidRecord("datetime", name, at.isoformat(), "an instant with a time zone")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if at.year == 1 else datetime.max.replace(tzinfo=UTC)
