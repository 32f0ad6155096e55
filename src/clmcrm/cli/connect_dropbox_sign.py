"""`clmcrm connect` for Dropbox Sign: configuration, address, key, clock, and a page of the list; nothing is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import sleep

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.dropbox_sign.esign import DropboxSignEsign, Sending
from clmcrm.adapters.dropbox_sign.wire import BUDGETS, ORIGIN, VENDOR, DropboxSignSession
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.transports import HttpTransport
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.reaching import clock_check, reached
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.errors import AdapterError


def dropbox_sign_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before signatures can be collected."""
    key = settings.secret("key", os.environ)
    if key is None:
        found, repair = f"no secret key ({settings.where('key')})", "the API key stands in Settings, API"
        yield Check("configuration", found, ok=False, repair=repair)
        return
    sender = settings.option("sender", os.environ) or Sending().sender
    origin = address or settings.address or ORIGIN
    yield Check("configuration", f"Dropbox Sign, requests of {sender}", ok=True)
    there = reached(origin)
    yield there
    if not there.ok:
        return
    session = DropboxSignSession(key, origin=origin)
    desk = Desk(clock=utc_clock, policy=Policy(tries=2), budgets=Budgets(BUDGETS))
    with HttpTransport({VENDOR: origin}) as transport:
        driver = Driver(transport, desk, sleep=sleep)
        try:
            told = driver.run(DropboxSignEsign(session, Sending(sender=sender), page=1).touched(None))
        except AdapterError as refused:
            yield Check("read requests", refused.what, ok=False, repair="renew the API key, or the account's plan")
            return
    yield clock_check(server_time(session.last_date))
    yield Check("read requests", f"{'some' if told.keys or told.more else 'none'} in the account", ok=True)
