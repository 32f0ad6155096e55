"""`clmcrm connect` for Dataverse: configuration, token, clock, tables, columns, change tracking and the alternate key.

It asks for a token and reads descriptions; no record is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.dataverse.crm import DataverseCrm
from clmcrm.adapters.dataverse.examining import examined
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.session import DataverseSession
from clmcrm.adapters.dataverse.tokens import MICROSOFT, client_credentials, origins
from clmcrm.adapters.dataverse.wire import VENDOR
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import looked_in, misconfigured
from clmcrm.drivers.tokens import Authority
from clmcrm.errors import AdapterError, ClmcrmError, InvalidRecord


def dataverse_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before an environment can be joined."""
    environment = address or settings.address
    try:
        if environment is None:
            raise InvalidRecord(
                f"system {settings.name}", "address", None, "https://your-environment.crm4.dynamics.com"
            )
        session = DataverseSession(environment)
        login, authority = _authority(settings, environment)
        crm = DataverseCrm(session, org_of(settings))
    except ClmcrmError as refused:
        yield misconfigured(refused)
        return
    yield Check("configuration", "Dataverse, let in by client credentials", ok=True)
    yield from looked_in(
        examined(crm, utc_clock()), origins(environment, login), at=(environment, login), signing={VENDOR: authority},
        repair=_repair, accepted="the token is accepted",
    )  # fmt: skip


def org_of(settings: SystemSettings) -> OrgSettings:
    """The environment's own ways as they are configured; raises `InvalidRecord` without its currency."""
    currency = settings.option("currency", os.environ)
    if not currency:
        raise InvalidRecord(f"system {settings.name}", "options.currency", None, "the base currency, such as EUR")
    prefix = settings.option("prefix", os.environ)
    return OrgSettings(currency=currency, prefix=prefix) if prefix else OrgSettings(currency=currency)


def _authority(settings: SystemSettings, environment: str) -> tuple[str, Authority]:
    """The token endpoint's address, and who signs; raises `InvalidRecord` for what is missing."""
    given = {name: settings.option(name, os.environ) for name in ("tenant", "client")}
    for name, found in given.items():
        if not found:
            raise InvalidRecord(f"system {settings.name}", f"options.{name}", None, "it in the configuration")
    secret = settings.secret("client_secret", os.environ)
    if secret is None:
        where = settings.where("client_secret")
        raise InvalidRecord(f"system {settings.name}", "secrets.client_secret", None, f"it in {where}")
    login = settings.option("login", os.environ) or MICROSOFT
    made = client_credentials(
        environment, tenant=str(given["tenant"]), client_id=str(given["client"]), client_secret=secret, login=login
    )
    return login, made


def _repair(refused: AdapterError) -> str:
    said = refused.what
    if "AADSTS7000215" in said or "AADSTS7000222" in said:
        return "make a new client secret in the app registration, and give its value, not its id"
    if "AADSTS700016" in said or "AADSTS90002" in said:
        return "compare client and tenant with the app registration"
    if "AADSTS500011" in said:
        return "compare address with the environment's own, as the admin centre of Power Platform shows it"
    return "add an application user for the app in the environment, and give it a security role"
