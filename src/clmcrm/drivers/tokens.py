"""One refresh of a token, however many workers find out at the same time that it has ended.

A refresh token that rotates is spent by its first use: a second refresh with it may end the whole
permission. So whoever meets a 401 first claims the refresh, the others wait and take the new token; a
refusal is believed only after the shelf was read once more. No lock is held while the vendor is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from attrs import evolve, field, frozen

from clmcrm.drivers.secrets import Secret
from clmcrm.errors import TransientError
from clmcrm.ports.calls import Ask, Call, Flow
from clmcrm.values.validators import count, instance, instant, maybe, text

POLL: Final = timedelta(milliseconds=50)
LEASE: Final = timedelta(seconds=60)


@frozen(kw_only=True)
class Token:
    """What is shown to a vendor: the `access` token, its `refresh` token, until when (None: not told).

    `generation` counts the refreshes; it is how workers know that another one was faster.
    """

    access: Secret = field(validator=instance(Secret))
    refresh: Secret | None = field(default=None, validator=maybe(instance(Secret)))
    expires_at: datetime | None = field(default=None, validator=maybe(instant))
    generation: int = field(default=0, validator=count)


@runtime_checkable
class TokenShelf(Protocol):
    """Where a token is kept for all workers; one that several processes share makes the same promises."""

    def read(self) -> Token:
        """The newest token."""
        ...

    def claim(self, generation: int, now: datetime, until: datetime) -> bool:
        """Whether the caller may refresh this generation: True for one caller only, until `until`."""
        ...

    def free(self, generation: int) -> None:
        """Give the claim back: the refresh did not happen."""
        ...

    def replace(self, token: Token, generation: int) -> bool:
        """Keep `token` if the newest one is still of this `generation`; whether it was kept."""
        ...


class MemoryTokenShelf:
    """A token for all workers of one process.

    >>> shelf = MemoryTokenShelf(Token(access=Secret("old")))
    >>> shelf.replace(Token(access=Secret("new"), generation=1), 0), shelf.read().generation
    (True, 1)
    """

    def __init__(self, token: Token) -> None:
        self._token = token
        self._claims: dict[int, datetime] = {}
        self._lock = Lock()

    def read(self) -> Token:
        """The newest token."""
        return self._token

    def claim(self, generation: int, now: datetime, until: datetime) -> bool:
        """Whether the caller may refresh this generation."""
        with self._lock:
            taken = self._claims.get(generation)
            if self._token.generation != generation or (taken is not None and now < taken):
                return False
            self._claims[generation] = until
            return True

    def free(self, generation: int) -> None:
        """Give the claim back."""
        with self._lock:
            _ = self._claims.pop(generation, None)

    def replace(self, token: Token, generation: int) -> bool:
        """Keep `token` if the newest one is still of this `generation`."""
        with self._lock:
            if self._token.generation != generation:
                return False
            self._token = token
            return True


@frozen
class Pause:
    """Ask the driver to wait this long."""

    length: timedelta


Refreshing: TypeAlias = Generator["Ask | Pause", Any, Token]
"""Yields the vendor's refresh call and pauses; returns the token to go on with."""


def _bearer(call: Call, token: Token) -> Call:
    return evolve(call, headers={**call.headers, "Authorization": f"Bearer {token.access.reveal()}"})


@frozen(kw_only=True)
class Authority:
    """How calls to one vendor are signed, and how a token that ended is renewed.

    `renew` is a flow from the old token to a new one (its generation is set here), `sign` puts a token on a
    call.
    """

    vendor: str = field(validator=text)
    shelf: TokenShelf
    renew: Callable[[Token], Flow[Token]]
    sign: Callable[[Call, Token], Call] = _bearer
    lease: timedelta = LEASE

    def renewed(self, used: Token, clock: Callable[[], datetime]) -> Refreshing:
        """The token after `used`: another worker's if one was faster, else a new one.

        Raises what `renew` raises, once it is certain that nobody else has a newer token, and
        `TransientError` when another worker's refresh does not come to an end.
        """
        started = clock()
        while True:
            newest = self.shelf.read()
            if newest.generation != used.generation:
                return newest
            now = clock()
            if self.shelf.claim(used.generation, now, now + self.lease):
                return (yield from self._refreshed(used))
            if now - started > 2 * self.lease:
                raise TransientError(self.vendor, "another worker's refresh of the token does not end")
            yield Pause(POLL)

    def _refreshed(self, used: Token) -> Refreshing:
        try:
            fresh = yield from self.renew(used)
            _ = self.shelf.replace(evolve(fresh, generation=used.generation + 1), used.generation)
        except BaseException as error:  # also where it is given up half-way: nobody must wait for the claim to lapse
            newest = self.shelf.read()
            if newest.generation != used.generation and isinstance(error, Exception):
                return newest  # "invalid_grant" only meant that somebody else was faster
            self.shelf.free(used.generation)
            raise
        return self.shelf.read()
