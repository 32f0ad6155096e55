"""`clmcrm connect` for PandaDoc: configuration, address, key, clock, workspace, list and trail; nothing is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import sleep

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.pandadoc.definition import Sending
from clmcrm.adapters.pandadoc.examining import Examined, examined
from clmcrm.adapters.pandadoc.wire import ORIGIN, VENDOR, PandaDocSession, budgets
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.transports import HttpTransport
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import one_of
from clmcrm.cli.reaching import clock_check, reached
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.errors import AdapterError


def pandadoc_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before signatures can be collected."""
    key = settings.secret("key", os.environ)
    if key is None:
        found, repair = f"no secret key ({settings.where('key')})", "the API key stands in the Developer Dashboard"
        yield Check("configuration", found, ok=False, repair=repair)
        return
    sender = settings.option("sender", os.environ) or Sending().sender
    bearer = one_of(settings, "token", ("key", "bearer")) == "bearer"
    sandbox = one_of(settings, "environment", ("production", "sandbox")) == "sandbox"
    origin = address or settings.address or ORIGIN
    yield Check("configuration", f"PandaDoc, documents of {sender}", ok=True)
    there = reached(origin)
    yield there
    if not there.ok:
        return
    session = PandaDocSession(key, origin=origin, bearer=bearer)
    desk = Desk(clock=utc_clock, policy=Policy(tries=2), budgets=Budgets(budgets(sandbox=sandbox)))
    with HttpTransport({VENDOR: origin}) as transport:
        try:
            told = Driver(transport, desk, sleep=sleep).run(examined(session, sender))
        except AdapterError as refused:
            yield Check("read documents", refused.what, ok=False, repair="renew the API key, or the account's plan")
            return
    yield clock_check(server_time(session.last_date))
    yield from _of_account(told)


def _of_account(told: Examined) -> Iterator[Check]:
    yield Check("workspace", f"{told.workspace}, as {told.email} ({told.role})", ok=True)
    yield Check("read documents", f"{'some' if told.documents else 'none'} of this sender", ok=True)
    repair = "give the key of an administrator, or PandaDocEsign(audit=False): views and reasons are then not told"
    yield Check("audit trail", told.trail, ok=told.trail_ok, repair="" if told.trail_ok else repair)
