"""`clmcrm connect` for the vendors we have adapters for: each is tried by a function of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.cli.checks import Check
from clmcrm.cli.connect_dataverse import dataverse_checks
from clmcrm.cli.connect_docusign import docusign_checks, navigator_checks
from clmcrm.cli.connect_dropbox_sign import dropbox_sign_checks
from clmcrm.cli.connect_hubspot import hubspot_checks
from clmcrm.cli.connect_ironclad import ironclad_checks
from clmcrm.cli.connect_odoo import odoo_checks
from clmcrm.cli.connect_pandadoc import pandadoc_checks
from clmcrm.cli.connect_pipedrive import pipedrive_checks
from clmcrm.cli.connect_salesforce import salesforce_checks
from clmcrm.cli.connect_tryton import tryton_checks
from clmcrm.cli.looking_in import misconfigured
from clmcrm.errors import ClmcrmError

Checking: TypeAlias = Callable[[SystemSettings, "str | None"], Iterator[Check]]

VENDORS: Final[Mapping[str, Checking]] = {
    "dataverse": dataverse_checks,
    "docusign": docusign_checks,
    "dropbox_sign": dropbox_sign_checks,
    "hubspot": hubspot_checks,
    "ironclad": ironclad_checks,
    "navigator": navigator_checks,
    "odoo": odoo_checks,
    "pandadoc": pandadoc_checks,
    "pipedrive": pipedrive_checks,
    "salesforce": salesforce_checks,
    "tryton": tryton_checks,
}
"""The vendors that `vendor = "..."` of a configured system may name."""


@frozen
class Taken:
    """What a vendor's configuration may hold: the names of its `options` and of its `secrets`."""

    options: tuple[str, ...]
    secrets: tuple[str, ...]


_GRANT: Final = ("client", "user", "server", "account", "hosts")
TAKEN: Final[Mapping[str, Taken]] = {
    "dataverse": Taken(("tenant", "client", "login", "currency", "prefix"), ("client_secret",)),
    "docusign": Taken((*_GRANT, "sender"), ("key",)),
    "dropbox_sign": Taken(("sender",), ("key",)),
    "hubspot": Taken(("terms", "client"), ("token", "refresh", "client_secret")),
    "ironclad": Taken(("client", "user", "templates", "obligations"), ("client_secret",)),
    "navigator": Taken(_GRANT, ("key",)),
    "odoo": Taken(("database", "login", "company", "contract_field", "side", "carry"), ("key",)),
    "pandadoc": Taken(("sender", "token", "environment"), ("key",)),
    "pipedrive": Taken(("terms", "client", "login"), ("token", "refresh", "client_secret")),
    "salesforce": Taken(
        (
            "client", "user", "login", "currency", "multi_currency", "country_codes", "key_field", "contract_field",
            "terms_field",
        ),
        ("client_secret", "key", "refresh"),
    ),
    "tryton": Taken(("database", "user", "company", "category", "carry"), ("password",)),
}  # fmt: skip
"""What each vendor's own function looks for: another name is a mistake, and would mean what nobody asked for."""


def misnamed(settings: SystemSettings) -> Iterator[Check]:
    """The names in a system's configuration that nobody reads; values are not shown, for one may be a secret."""
    if settings.vendor is None:
        for name in sorted(settings.options):
            found = f"a described system takes no options; options.{name} does nothing"
            yield Check("configuration", found, ok=False, repair="say it in the description")
        yield from _undescribed(settings)
        return
    taken = TAKEN.get(settings.vendor)
    if taken is None:
        found = f"no vendor {settings.vendor!r}; known are {', '.join(sorted(VENDORS))}"
        yield Check("configuration", found, ok=False, repair="name one of them, or describe the system in a file")
        return
    for what, given, known in (
        ("option", settings.options.keys(), taken.options),
        ("secret", settings.secrets.keys(), taken.secrets),
    ):
        for name in sorted(given - set(known)):
            found = f"{settings.vendor} takes no {what} {name!r}; it takes {', '.join(known)}"
            yield Check("configuration", found, ok=False, repair=f"correct or remove {what}s.{name}")


def _undescribed(settings: SystemSettings) -> Iterator[Check]:
    """The secrets that a description does not ask for; nothing where it cannot be read, which is told elsewhere."""
    try:
        asked = settings.described().auth.secrets
    except ClmcrmError:
        return
    for name in sorted(settings.secrets.keys() - set(asked)):
        found = f"the description asks for no secret {name!r}; it asks for {', '.join(asked) or 'none'}"
        yield Check("configuration", found, ok=False, repair=f"correct or remove secrets.{name}")


def vendor_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing for a system of a vendor's; `address` goes before the configured one."""
    wrong = list(misnamed(settings))
    yield from wrong
    if not wrong:
        try:
            yield from VENDORS[settings.vendor or ""](settings, address)
        except ClmcrmError as refused:  # what was looked at before is told all the same
            yield misconfigured(refused)
