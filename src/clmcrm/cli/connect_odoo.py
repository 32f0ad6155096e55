"""`clmcrm connect` for Odoo: configuration, key, database, modules, our text fields, rights, clock.

It reads descriptions and at most one id of each model; nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.extras import carry_in
from clmcrm.adapters.odoo.clm import Keeping, OdooClm
from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.examining import examined
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.system import OdooSystem
from clmcrm.adapters.odoo.wire import VENDOR, Door
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import looked_in, misconfigured, number_in, one_of
from clmcrm.errors import ClmcrmError, InvalidRecord

SIDES: Final = {"crm": None, "contract": Keeping.CONTRACT, "agreement": Keeping.AGREEMENT}
"""What the option `side` may say: Odoo as the CRM, or the OCA's model that plays the contract."""


def odoo_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before an Odoo can be joined."""
    where = address or settings.address
    try:
        if where is None:
            raise InvalidRecord(f"system {settings.name}", "address", None, "https://your-odoo.example")
        system = odoo_system(settings, where)
    except ClmcrmError as refused:
        yield misconfigured(refused)
        return
    door = system.session.door
    yield Check("configuration", f"Odoo, database {system.session.database}, by {door.value}", ok=True)
    yield from looked_in(
        examined(system, utc_clock()), {VENDOR: where}, at=[where],
        repair="compare address, database and key with Odoo",
    )  # fmt: skip


def odoo_system(settings: SystemSettings, where: str) -> OdooSystem:
    """The configured side of an Odoo; raises `InvalidRecord` for what is missing or no choice.

    The options are `database`, `side` ("crm", "contract", "agreement"), `contract_field`, `company`, `carry` (some of
    "files computed parts"), and for servers before series 19 `login`; the secret is `key`.
    """
    record = f"system {settings.name}"
    told = {name: settings.option(name, os.environ) for name in ("database", "login", "contract_field")}
    key = settings.secret("key", os.environ)
    if key is None:
        raise InvalidRecord(record, "secret key", "missing", f"it in {settings.where('key')}")
    if not told["database"]:
        raise InvalidRecord(record, "options.database", None, "the database's name")
    company = number_in(settings, "company", "the company's number in Odoo")
    side = one_of(settings, "side", tuple(SIDES))
    session = OdooSession(
        where,
        database=told["database"],
        key=key,
        login=told["login"],
        door=Door.JSON_RPC if told["login"] else Door.JSON_2,
        company=company,
    )
    keeping, carry = SIDES[side], carry_in(record, settings.option("carry", os.environ))
    if keeping is None:
        return OdooCrm(session, contract_field=told["contract_field"], carry=carry)
    return OdooClm(session, keeping=keeping, carry=carry)
