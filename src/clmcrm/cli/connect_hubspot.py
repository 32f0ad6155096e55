"""`clmcrm connect` for HubSpot: configuration, token, scopes, clock, deal stages, our properties and the unique key.

It reads descriptions and at most one record of each object; nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.hubspot.examining import examined
from clmcrm.adapters.hubspot.oauth import authority
from clmcrm.adapters.hubspot.session import HubSpotSession, budgets
from clmcrm.adapters.hubspot.terms import TermsPlace
from clmcrm.adapters.hubspot.wire import ORIGIN, VENDOR
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import looked_in, misconfigured, place_of_terms, token_or_app
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority
from clmcrm.errors import ClmcrmError

_WAYS: Final = "the secret token (a private app's), or refresh and client_secret (OAuth)"


def hubspot_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before an account can be joined."""
    where = address or settings.address or ORIGIN
    try:
        place = place_of_terms(settings, TermsPlace, TermsPlace.DEAL)
        session, signing = _let_in(settings, where)
    except ClmcrmError as refused:
        yield misconfigured(refused)
        return
    way = "OAuth" if signing else "a private app's token"
    yield Check("configuration", f"HubSpot, let in by {way}, terms on the {place.value}", ok=True)
    yield from looked_in(
        examined(session, place, utc_clock()), session.origins, at=[where], budgets=budgets(), signing=signing,
        repair="compare the secrets with the app in HubSpot",
    )  # fmt: skip


def _let_in(settings: SystemSettings, where: str) -> tuple[HubSpotSession, Mapping[str, Authority]]:
    """The session, and who signs where it has no token of its own; raises `InvalidRecord` for what is missing."""
    given = token_or_app(settings, _WAYS)
    if isinstance(given, Secret):
        return HubSpotSession(given, address=where), {}
    client, secret, shelf = given
    made = authority(shelf, client_id=client, client_secret=secret, clock=utc_clock, address=where)
    return HubSpotSession(address=where), {VENDOR: made}
