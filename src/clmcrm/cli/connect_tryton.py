"""`clmcrm connect` for Tryton: configuration, user, database, modules, rights, codes, clock; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.extras import carry_in
from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.examining import examined
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import looked_in, misconfigured, number_in
from clmcrm.errors import ClmcrmError, InvalidRecord


def tryton_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before a Tryton can be joined."""
    where = address or settings.address
    try:
        if where is None:
            raise InvalidRecord(f"system {settings.name}", "address", None, "https://your-tryton.example")
        crm = tryton_system(settings, where)
    except ClmcrmError as refused:
        yield misconfigured(refused)
        return
    yield Check("configuration", "Tryton, by JSON-RPC", ok=True)
    yield from looked_in(
        examined(crm, utc_clock()), {VENDOR: where}, at=[where],
        repair="compare address, database and user with Tryton",
    )  # fmt: skip


def tryton_system(settings: SystemSettings, where: str) -> TrytonCrm:
    """The configured Tryton; raises `InvalidRecord` for what is missing or no choice.

    The options are `database`, `user`, `company`, `category`, the name of the parties' category that counts as
    customers (without it all parties do), and `carry` (some of "files parts"); the secret is `password`.
    """
    record = f"system {settings.name}"
    told = {name: settings.option(name, os.environ) for name in ("database", "user", "category")}
    password = settings.secret("password", os.environ)
    if password is None:
        raise InvalidRecord(record, "secret password", "missing", f"it in {settings.where('password')}")
    database, user, category = told["database"], told["user"], told["category"]
    if not database or not user:
        raise InvalidRecord(record, "options", sorted(settings.options), "the options database and user")
    company = number_in(settings, "company", "the company's number in Tryton")
    session = TrytonSession(
        where,
        database=database,
        user=user,
        password=password.reveal(),
        company=company,
    )
    carry = carry_in(record, settings.option("carry", os.environ))
    return TrytonCrm(session, accounts=[["categories.name", "=", category]] if category else [], carry=carry)
