"""Until when a token holds, by the seconds that a vendor's answer gives it (RFC 6749, 5.1, `expires_in`)."""

from __future__ import annotations

from datetime import datetime, timedelta


def token_end(now: datetime, seconds: int | None) -> datetime | None:
    """The instant at which it ends; None where no seconds are told, and where they leave the calendar.

    A token without an end is used until it is refused, and renewed then.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 7, 12, tzinfo=UTC)
    >>> token_end(noon, 3600).isoformat(), token_end(noon, 10**17), token_end(noon, None)
    ('2026-05-07T13:00:00+00:00', None, None)
    """
    try:
        return None if seconds is None else now + timedelta(seconds=seconds)
    except OverflowError:
        return None
