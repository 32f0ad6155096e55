"""What `clmcrm connect` does alike for every vendor: reach its addresses, examine it, and tell what is found.

The rule of the file: nothing is written, a call is tried twice, and the first thing that is missing ends it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from time import sleep
from typing import Final, TypeVar

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.findings import Finding
from clmcrm.adapters.transports import HttpTransport
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.reaching import reached
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budget, Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.errors import AdapterError, ClmcrmError, InvalidRecord, UnreadableInput
from clmcrm.ports.calls import Flow

P = TypeVar("P", bound=StrEnum)

_MOST_DIGITS: Final = 18
_SHOWN: Final = 40
_NOBODY: Final = "not asked for yet"
_UNSIGNED: Final[Mapping[str, Authority]] = {}


def configured(settings: Mapping[str, SystemSettings], name: str, file: str) -> SystemSettings:
    """The system of that name in the configuration `file`; raises `UnreadableInput`, which names those there are."""
    if name not in settings:
        known = ", ".join(sorted(settings)) or "none"
        raise UnreadableInput(file, f"no system {name!r}; configured are {known}")
    return settings[name]


def misconfigured(refused: ClmcrmError) -> Check:
    """That the configuration lacks something, in the words of what refused it."""
    return Check("configuration", str(refused), ok=False, repair="correct the configuration")


def looked_in(
    flow: Flow[Sequence[Finding]], origins: Mapping[str, str], *, at: Iterable[str],
    repair: str | Callable[[AdapterError], str], budgets: Iterable[Budget] = (),
    signing: Mapping[str, Authority] = _UNSIGNED, accepted: str = "",
) -> Iterator[Check]:  # fmt: skip
    """Whether something answers `at` each address, and what an examination finds there.

    `repair` is what helps whoever is not let in, `signing` says who signs for whom, and `accepted` is told of who is
    let in (empty: nothing).
    """
    for one in dict.fromkeys(at):
        there = reached(one)
        yield there
        if not there.ok:
            return
    desk = Desk(clock=utc_clock, policy=Policy(tries=2), budgets=Budgets(budgets), authorities=signing)
    with HttpTransport(origins) as transport:
        try:
            found = Driver(transport, desk, sleep=sleep).run(flow)
        except AdapterError as refused:
            yield Check("let in", refused.what, ok=False, repair=repair if isinstance(repair, str) else repair(refused))
            return
    if accepted:
        yield Check("let in", accepted, ok=True)
    yield from (Check(one.what, one.found, ok=one.ok, repair=one.repair) for one in found)


def place_of_terms(settings: SystemSettings, places: type[P], otherwise: P) -> P:
    """Where terms are written back to, by the option `terms`; raises `InvalidRecord` for another word."""
    said = settings.option("terms", os.environ) or otherwise.value
    known = [place.value for place in places]
    if said not in known:
        raise InvalidRecord(f"system {settings.name}", "options.terms", said, f"one of {', '.join(known)}")
    return places(said)


def one_of(settings: SystemSettings, name: str, known: Sequence[str]) -> str:
    """The option of that name, in small letters, and the first of `known` when it is not given.

    Raises `InvalidRecord` for another word: read over, it would mean what nobody asked for.
    """
    said = settings.option(name, os.environ) or known[0]
    if said.lower() not in known:
        raise InvalidRecord(f"system {settings.name}", f"options.{name}", said, f"one of {', '.join(known)}")
    return said.lower()


def agreed_to(settings: SystemSettings, name: str) -> bool:
    """Whether the option of that name says yes; no when it is not given. Raises `InvalidRecord` for another word."""
    return one_of(settings, name, ("no", "yes", "false", "true", "0", "1")) in ("yes", "true", "1")


def number_in(settings: SystemSettings, name: str, what: str) -> int | None:
    """The whole number that the option of that name is; None when it is not given. `InvalidRecord` for another text."""
    said = settings.option(name, os.environ)
    if said is not None and not (said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS):
        raise InvalidRecord(f"system {settings.name}", f"options.{name}", said[:_SHOWN], what)
    return None if said is None else int(said)


def token_or_app(settings: SystemSettings, ways: str) -> Secret | tuple[str, Secret, MemoryTokenShelf]:
    """The token that is put on every call, or an app's id, its secret and the shelf from which it is renewed.

    Raises `InvalidRecord`, which names the `ways` there are, for a configuration that holds neither.
    """
    token, refresh, secret = (settings.secret(name, os.environ) for name in ("token", "refresh", "client_secret"))
    if token is not None:
        return token
    client = settings.option("client", os.environ)
    if refresh is None or secret is None or not client:
        found = f"nothing in {settings.where('token')}"
        raise InvalidRecord(f"system {settings.name}", "secrets", found, f"{ways}, with the option client")
    # No access token yet: the first call is refused, and the token is renewed.
    return client, secret, MemoryTokenShelf(Token(access=Secret(_NOBODY), refresh=refresh))
