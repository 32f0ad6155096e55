"""What an examination of a system finds before the first run; each is told in the vendor's own words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import frozen

from clmcrm.adapters.server_clock import server_time

_SKEW_SECONDS: Final = 120


@frozen(kw_only=True)
class Finding:
    """One thing that was looked at: `what`, what was `found`, whether that is well, and how to `repair` it if not."""

    what: str
    found: str
    ok: bool = True
    repair: str = ""


def unwell(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are not well.

    >>> unwell([Finding(what="clock", found="0 s apart")])
    []
    """
    return [one for one in findings if not one.ok]


def clock_finding(date: str, at: datetime | None, *, silent: str = "") -> list[Finding]:
    """How far a server's clock, as its Date header tells it, is from the caller's present (None: none is asked for).

    `silent` is what is found, and well, where the header tells no time; empty: nothing is.

    >>> from datetime import UTC
    >>> now = datetime(2026, 5, 7, 12, 10, tzinfo=UTC)
    >>> (told,) = clock_finding("Thu, 07 May 2026 12:00:30 GMT", now)
    >>> told.found, told.ok
    ('570 s apart', False)
    >>> clock_finding("", now), clock_finding("", now, silent="it states no time")[0].found
    ([], 'it states no time')
    """
    if at is None:
        return []
    there = server_time(date)
    if there is None:
        return [Finding(what="clock", found=silent)] if silent else []
    apart = abs((there - at).total_seconds())
    ok = apart <= _SKEW_SECONDS
    repair = "" if ok else "set this machine's clock by NTP"
    return [Finding(what="clock", found=f"{int(apart)} s apart", ok=ok, repair=repair)]
