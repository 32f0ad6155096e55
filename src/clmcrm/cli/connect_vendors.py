"""`clmcrm connect` for the vendors we have adapters for: each is tried by a function of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

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


def vendor_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing for a system of a vendor's; `address` goes before the configured one."""
    known = VENDORS.get(settings.vendor or "")
    if known is None:
        repair = "name one that is known, or describe the system in a file"
        yield Check("configuration", f"no vendor {settings.vendor!r}", ok=False, repair=repair)
        yield Check("known vendors", ", ".join(sorted(VENDORS)), ok=True)
        return
    yield from known(settings, address)
