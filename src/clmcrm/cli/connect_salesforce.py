"""`clmcrm connect` for Salesforce: configuration, token, clock, calls left, objects, fields and the unique key.

It asks for a token and reads descriptions; no record is read or written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.examining import examined
from clmcrm.adapters.salesforce.org import CONTRACT_FIELD, KEY_FIELD, TERMS_FIELD, OrgSettings
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.adapters.salesforce.tokens import client_credentials, jwt_bearer, origins, refresh_token
from clmcrm.adapters.salesforce.wire import VENDOR
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import agreed_to, looked_in, misconfigured
from clmcrm.cli.reaching import clock_here
from clmcrm.drivers.tokens import Authority
from clmcrm.errors import AdapterError, ClmcrmError, InvalidRecord

_LOGIN: Final = "https://login.salesforce.com"
_WAYS: Final = "one of the secrets client_secret (client credentials), key (JWT bearer) or refresh (refresh token)"


def salesforce_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before an org can be joined."""
    instance = address or settings.address
    try:
        if instance is None:
            raise InvalidRecord(f"system {settings.name}", "address", None, "https://your-domain.my.salesforce.com")
        login, authority, way = _authority(settings, instance)
        crm = SalesforceCrm(SalesforceSession(instance), org_of(settings))
    except ClmcrmError as refused:
        yield misconfigured(refused)
        return
    yield Check("configuration", f"Salesforce, let in by {way}", ok=True)
    yield from looked_in(
        examined(crm, utc_clock()), origins(instance, login), at=(instance, login), signing={VENDOR: authority},
        repair=_repair, accepted="the token is accepted",
    )  # fmt: skip


def org_of(settings: SystemSettings) -> OrgSettings:
    """The org's own ways as they are configured; raises `InvalidRecord` without its currency."""

    def told(name: str, otherwise: str = "") -> str:
        return settings.option(name, os.environ) or otherwise

    if not told("currency"):
        raise InvalidRecord(f"system {settings.name}", "options.currency", None, "the org's currency, such as EUR")
    return OrgSettings(
        currency=told("currency"),
        multi_currency=agreed_to(settings, "multi_currency"),
        country_codes=agreed_to(settings, "country_codes"),
        key_field=told("key_field", KEY_FIELD),
        contract_field=told("contract_field", CONTRACT_FIELD),
        terms_field=told("terms_field", TERMS_FIELD),
    )


def _authority(settings: SystemSettings, instance: str) -> tuple[str, Authority, str]:
    """The token endpoint's address, who signs, and in which way; raises `InvalidRecord` for what is missing."""

    def needed(name: str) -> str:
        found = settings.option(name, os.environ)
        if not found:
            raise InvalidRecord(f"system {settings.name}", f"options.{name}", None, "it in the configuration")
        return found

    secrets = {name: settings.secret(name, os.environ) for name in ("client_secret", "key", "refresh")}
    client = needed("client")
    login = settings.option("login", os.environ)
    key, refresh, secret = secrets["key"], secrets["refresh"], secrets["client_secret"]
    if key is not None:
        own = login or _LOGIN
        user = needed("user")
        made = jwt_bearer(own, client_id=client, user=user, key=key, instance=instance, clock=utc_clock)
        return own, made, "a signed assertion"
    if refresh is not None:
        own = login or _LOGIN
        made = refresh_token(own, client_id=client, refresh=refresh, client_secret=secret, instance=instance)
        return own, made, "a refresh token"
    if secret is not None:
        own = login or instance
        made = client_credentials(own, client_id=client, client_secret=secret, instance=instance)
        return own, made, "client credentials"
    raise InvalidRecord(f"system {settings.name}", "secrets", "none", _WAYS)


def _repair(refused: AdapterError) -> str:
    said = refused.what
    if "invalid_grant" in said:
        return f"admit the user to the app (JWT), or compare user, key, the login address and {clock_here()}"
    if "invalid_client" in said:
        return "compare client and client_secret with the external client app"
    if "API_DISABLED" in said or "API_CURRENTLY_DISABLED" in said:
        return "give the user the permission API Enabled"
    return "compare address, client and secrets with the external client app"
