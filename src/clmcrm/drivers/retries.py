"""When a call is sent again, and after how long: bounded in tries, in each wait and in all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.ports.calls import DEFAULT_TIMEOUT, Call
from clmcrm.values.validators import count, instance

_LONGEST_HEADER: Final = 64
_NOW: Final = timedelta(0)


@frozen(kw_only=True)
class Policy:
    """How patient a driver is.

    A call is tried at most `tries` times; before the n-th retry it waits `first_wait` doubled n-1 times,
    at most `longest_wait`; a vendor's own Retry-After takes its place, capped the same way. All waits of
    one call together stay within `patience`. `timeout` holds for calls that name none, and no call may
    take longer than `longest_timeout`. Raises `InvalidRecord` for a policy that would never send or wait
    for ever.
    """

    tries: int = field(default=5, validator=count)
    first_wait: timedelta = field(default=timedelta(milliseconds=500), validator=instance(timedelta))
    longest_wait: timedelta = field(default=timedelta(seconds=60), validator=instance(timedelta))
    patience: timedelta = field(default=timedelta(minutes=5), validator=instance(timedelta))
    timeout: timedelta = field(default=DEFAULT_TIMEOUT, validator=instance(timedelta))
    longest_timeout: timedelta = field(default=timedelta(minutes=5), validator=instance(timedelta))

    def __attrs_post_init__(self) -> None:
        if self.tries < 1:
            raise InvalidRecord("Policy", "tries", self.tries, "at least one")
        if not _NOW < self.timeout <= self.longest_timeout:
            raise InvalidRecord("Policy", "timeout", self.timeout, f"more than zero, at most {self.longest_timeout}")
        if min(self.first_wait, self.longest_wait, self.patience) < _NOW:
            raise InvalidRecord("Policy", "waits", str(self), "no negative length of time")

    def timeout_of(self, call: Call) -> timedelta:
        """How long the call may take; raises `InvalidRecord` for one that asks for none.

        >>> Policy().timeout_of(Call(method="GET", url="https://x/y", vendor="x"))
        datetime.timedelta(seconds=30)
        """
        if call.timeout is None:
            return self.timeout
        if call.timeout <= _NOW:
            raise InvalidRecord("Call", "timeout", call.timeout, "more than zero: no call waits for ever")
        return min(call.timeout, self.longest_timeout)

    def wait(self, number: int, asked: timedelta | None) -> timedelta:
        """How long to wait after the try `number` (from 1) failed; `asked` is the vendor's wish, or None.

        >>> [Policy().wait(number, None).total_seconds() for number in (1, 2, 3, 20)]
        [0.5, 1.0, 2.0, 60.0]
        >>> Policy().wait(1, timedelta(days=30)).total_seconds()
        60.0
        """
        if asked is not None:
            return min(max(asked, _NOW), self.longest_wait)
        doubled: timedelta = self.first_wait * (1 << min(number - 1, 30))
        return min(doubled, self.longest_wait)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What a Retry-After header asks for: never negative, None when there is none or it makes no sense.

    Seconds or a date (RFC 9110, 10.2.3), in UTC where it names no zone.

    >>> noon = datetime(2026, 5, 7, 12, tzinfo=UTC)
    >>> retry_after({"retry-after": "Thu, 07 May 2026 12:00:30 GMT"}, noon)
    datetime.timedelta(seconds=30)
    >>> retry_after({"retry-after": "-5"}, noon), retry_after({"retry-after": "soon"}, noon)
    (datetime.timedelta(0), None)
    """
    said = headers.get("retry-after", "").strip()
    if not said or len(said) > _LONGEST_HEADER:
        return None
    try:
        if said.lstrip("+-").isascii() and said.lstrip("+-").isdigit():
            return max(timedelta(seconds=min(int(said), 10**9)), _NOW)
        at = parsedate_to_datetime(said)
        # A date without a zone is in UTC (RFC 9110, 5.6.7, asctime), and never in that of the machine that reads it.
        return max((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, _NOW)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
