"""`clmcrm connect` for Pipedrive: configuration, token, rights, clock, our custom fields, the search, tokens left.

It reads descriptions and at most one record of each object; nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Final

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.pipedrive.examining import examined
from clmcrm.adapters.pipedrive.oauth import LOGIN_ORIGIN, authority, origins
from clmcrm.adapters.pipedrive.session import PipedriveSession, budgets
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import ORIGIN, VENDOR
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import looked_in, misconfigured, place_of_terms, token_or_app
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority
from clmcrm.errors import ClmcrmError

_WAYS: Final = "the secret token (a user's API token), or refresh and client_secret (OAuth)"


def pipedrive_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before a company can be joined."""
    where = address or settings.address or ORIGIN
    login = settings.option("login", os.environ) or (LOGIN_ORIGIN if address is None else address)
    try:
        place = place_of_terms(settings, TermsPlace, TermsPlace.DEAL)
        session, signing = _let_in(settings, where, login)
    except ClmcrmError as refused:
        yield misconfigured(refused)
        return
    way = "OAuth" if signing else "a user's API token"
    yield Check("configuration", f"Pipedrive, let in by {way}, terms on the {place.value}", ok=True)
    yield from looked_in(
        examined(session, place, utc_clock()), origins(where, login if signing else where),
        at=[where, login] if signing else [where], budgets=budgets(), signing=signing,
        repair="compare the secrets with those in Pipedrive",
    )  # fmt: skip


def _let_in(settings: SystemSettings, where: str, login: str) -> tuple[PipedriveSession, Mapping[str, Authority]]:
    """The session, and who signs where it has no token of its own; raises `InvalidRecord` for what is missing."""
    given = token_or_app(settings, _WAYS)
    if isinstance(given, Secret):
        return PipedriveSession(given, address=where), {}
    client, secret, shelf = given
    made = authority(shelf, client_id=client, client_secret=secret, clock=utc_clock, login=login)
    return PipedriveSession(address=where), {VENDOR: made}
