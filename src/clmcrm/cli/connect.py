"""`clmcrm connect`: tries a configured system before the first run, and says what is missing in its own words.

It reads one page of each kind and writes nothing.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import sleep
from typing import Final

from clmcrm.adapters.configuration import FILE, SystemSettings, load_settings, opened_system
from clmcrm.adapters.declared.probing import Look, look
from clmcrm.adapters.declared.system import DeclaredSystem, budgets_of
from clmcrm.adapters.transports import HttpTransport
from clmcrm.cli.checks import Check, tell
from clmcrm.cli.connect_vendors import misnamed, vendor_checks
from clmcrm.cli.console import Console, counted, system_today, utc_clock
from clmcrm.cli.looking_in import configured
from clmcrm.cli.reaching import clock_check, reached
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.errors import AdapterError, ClmcrmError, RefusedError

NAME: Final = "connect"
HELP: Final = "try a configured system: address, certificate, credentials, clock, and whether each kind can be read"
TODAY = system_today
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    _ = parser.add_argument("system", metavar="SYSTEM", help="its name in the configuration")
    _ = parser.add_argument("--config", type=Path, default=FILE, help=f"the configuration (default: {FILE})")
    _ = parser.add_argument("--address", help="another address than the configured one")


def run(options: argparse.Namespace, console: Console) -> int:
    """Print every check; exit code 3 when one of them is not well."""
    settings = load_settings(options.config, os.environ)
    return tell(list(_checks(configured(settings, options.system, options.config.name), options.address)), console)


def _checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    if settings.vendor is not None:
        yield from vendor_checks(settings, address)
        return
    wrong = list(misnamed(settings))
    yield from wrong
    if wrong:
        return
    try:
        system = opened_system(settings, os.environ, address=address)
    except ClmcrmError as refused:
        yield Check("configuration", str(refused), ok=False, repair="correct the configuration or the description")
        return
    file = settings.description.name if settings.description is not None else ""
    yield Check("configuration", f"{file}, {counted(len(system.described.kinds), 'kind')}", ok=True)
    there = reached(system.wire.address)
    yield there
    if there.ok:
        yield from _asked(system)


def _asked(system: DeclaredSystem) -> Iterator[Check]:
    """Read a page of each kind; what the first reply says of the clock and the credentials is told once."""
    desk = Desk(clock=utc_clock, policy=Policy(tries=2), budgets=Budgets(budgets_of(system.described)))
    clock_told = False
    with HttpTransport(system.origins) as transport:
        driver = Driver(transport, desk, sleep=sleep)
        for name, kind in system.described.kinds.items():
            try:
                seen = driver.run(look(kind, system.wire))
            except AdapterError as refused:
                yield Check(f"read {name}", refused.what, ok=False, repair=_repair(refused))
                if isinstance(refused, RefusedError) and refused.status == _UNAUTHORISED:
                    return  # the credentials are refused: the other kinds would say the same
                continue
            if not clock_told:
                clock_told = True
                yield clock_check(seen.clock)
            yield _read(seen)


def _repair(refused: AdapterError) -> str:
    status = refused.status if isinstance(refused, RefusedError) else 0
    return _REPAIRS.get(status, "compare the description with the system's documentation")


_REPAIRS: Final[Mapping[int, str]] = {
    _UNAUTHORISED: "the credentials are not accepted: renew the secret, and check the scheme in [auth]",
    _FORBIDDEN: "the credentials lack a permission: grant it in the system",
}


def _read(seen: Look) -> Check:
    what = f"read {seen.kind}"
    if seen.unreadable:
        found = f"{len(seen.unreadable)} of {seen.records} records unreadable: {seen.unreadable[0]}"
        return Check(what, found, ok=False, repair="correct the field in the description")
    if seen.unled:
        found = f"{seen.records} records, which is a full page, and nothing at {seen.unled} leads to the next"
        return Check(what, found, ok=True, repair="check that path, unless these are all records")
    if seen.missing:
        found = f"{seen.records} records; none of them has {', '.join(seen.missing)}"
        return Check(what, found, ok=True, repair="check these paths, unless the records have no such values")
    return Check(what, f"{counted(seen.records, 'record')} on the first page", ok=True)
