"""`clmcrm connect` for Pipedrive: configuration, token, rights, clock, our custom fields, the search, tokens left.

It reads descriptions and at most one record of each object; nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from time import sleep
from typing import Final

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.pipedrive.examining import examined
from clmcrm.adapters.pipedrive.oauth import LOGIN_ORIGIN, authority, origins
from clmcrm.adapters.pipedrive.session import PipedriveSession, budgets
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import ORIGIN, VENDOR
from clmcrm.adapters.transports import HttpTransport
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.reaching import reached
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.errors import AdapterError, ClmcrmError, InvalidRecord

_WAYS: Final = "the secret token (a user's API token), or refresh and client_secret (OAuth)"
_NOBODY: Final = "not asked for yet"


def pipedrive_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before a company can be joined."""
    where = address or settings.address or ORIGIN
    login = settings.option("login", os.environ) or (LOGIN_ORIGIN if address is None else address)
    try:
        place = terms_place(settings)
        session, signing = _let_in(settings, where, login)
    except ClmcrmError as refused:
        yield Check("configuration", str(refused), ok=False, repair="correct the configuration")
        return
    way = "OAuth" if signing else "a user's API token"
    yield Check("configuration", f"Pipedrive, let in by {way}, terms on the {place.value}", ok=True)
    there = reached(where)
    yield there
    if not there.ok:
        return
    desk = Desk(clock=utc_clock, policy=Policy(tries=2), budgets=Budgets(budgets()), authorities=signing)
    with HttpTransport(origins(where, login)) as transport:
        try:
            found = Driver(transport, desk, sleep=sleep).run(examined(session, place, utc_clock()))
        except AdapterError as refused:
            yield Check("let in", refused.what, ok=False, repair="compare the secrets with those in Pipedrive")
            return
    yield from (Check(one.what, one.found, ok=one.ok, repair=one.repair) for one in found)


def terms_place(settings: SystemSettings) -> TermsPlace:
    """Where terms are written back to: the option `terms`, else the deal; raises `InvalidRecord` for another word."""
    said = settings.option("terms", os.environ) or TermsPlace.DEAL.value
    places = [place.value for place in TermsPlace]
    if said not in places:
        raise InvalidRecord(f"system {settings.name}", "options.terms", said, f"one of {', '.join(places)}")
    return TermsPlace(said)


def _let_in(settings: SystemSettings, where: str, login: str) -> tuple[PipedriveSession, Mapping[str, Authority]]:
    """The session, and who signs where it has no token of its own; raises `InvalidRecord` for what is missing."""
    token, refresh, secret = (settings.secret(name, os.environ) for name in ("token", "refresh", "client_secret"))
    if token is not None:
        return PipedriveSession(token, address=where), {}
    client = settings.option("client", os.environ)
    if refresh is None or secret is None or not client:
        found = f"no {settings.where('token')}"
        raise InvalidRecord(f"system {settings.name}", "secrets", found, f"{_WAYS}, with the option client")
    # No access token yet: the first call is refused, and the token is renewed.
    shelf = MemoryTokenShelf(Token(access=Secret(_NOBODY), refresh=refresh))
    made = authority(shelf, client_id=client, client_secret=secret, clock=utc_clock, login=login)
    return PipedriveSession(address=where), {VENDOR: made}
