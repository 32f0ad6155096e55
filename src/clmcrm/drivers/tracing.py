"""What a host may see of every attempt: never a header, a body, a query or a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import field, frozen

from clmcrm.values.validators import count, instance, instant, maybe, text


@frozen(kw_only=True)
class Attempt:
    """One attempt at one call: `where` is method and path, `number` counts from 1.

    `status` is None when no reply came, `took` what the exchange lasted, `waits` how long the driver waits
    before the next attempt (None: there is none), `error` the kind of failure.
    """

    vendor: str = field(validator=text)
    where: str = field(validator=text)
    number: int = field(validator=count)
    at: datetime = field(validator=instant)
    took: timedelta = field(validator=instance(timedelta))
    status: int | None = None
    request_id: str | None = None
    waits: timedelta | None = field(default=None, validator=maybe(instance(timedelta)))
    error: str = ""


Hook: TypeAlias = Callable[[Attempt], None]
"""Is told of every attempt. What it raises is kept from the work and counted by the desk."""
