"""`clmcrm connect` for DocuSign and Navigator: configuration, token, consent, account, scope and clock.

It asks for a token and reads a page; nothing is sent to anybody.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from time import sleep
from typing import Final

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.docusign.definition import Sending
from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.grant import (
    ACCOUNT_SERVER,
    DEVELOPMENT,
    HOSTS,
    NO_TOKEN,
    PRODUCTION,
    FoundAccount,
    JwtGrant,
    found_account,
)
from clmcrm.adapters.docusign.session import BUDGETS, DocuSignSession
from clmcrm.adapters.docusign_wire import VENDOR
from clmcrm.adapters.navigator import agreements as navigator
from clmcrm.adapters.navigator.reading import SYSTEM as NAVIGATOR
from clmcrm.adapters.server_clock import server_time
from clmcrm.adapters.transports import HttpTransport
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.reaching import clock_check, clock_here, reached
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.retries import Policy
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.errors import AdapterError, ClmcrmError, RefusedError
from clmcrm.ports.records import Kind

_SERVERS: Final = {"production": PRODUCTION, "development": DEVELOPMENT}
_BACK: Final = "https://www.docusign.com"
_SCOPES: Final = ("signature", "impersonation")


def docusign_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before signatures can be collected."""
    grant = yield from _granting(settings, _SCOPES)
    signed_in = None if grant is None else (yield from _signed_in(grant, settings, address))
    if grant is None or signed_in is None:
        return
    token, account = signed_in
    there = reached(account.base_uri)
    yield there
    if not there.ok:
        return
    session = DocuSignSession(account.base_uri, account.id)
    sender = settings.option("sender", os.environ) or Sending().sender
    esign = DocuSignEsign(session, Sending(sender=sender), page=1)
    with HttpTransport({VENDOR: account.base_uri, ACCOUNT_SERVER: grant.server}) as transport:
        driver = Driver(transport, _desk(VENDOR, token, grant), sleep=sleep)
        try:
            told = driver.run(esign.touched(None))
            templates = driver.run(esign.templates())
        except AdapterError as refused:
            yield Check("read envelopes", refused.what, ok=False, repair="the user needs the right to send envelopes")
            return
    yield clock_check(server_time(session.last_date))
    found = f"{'some' if told.keys else 'none'} sent by {sender}; {len(templates)} templates"
    yield Check("read envelopes", found, ok=True)


def navigator_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before agreements can be read."""
    grant = yield from _granting(settings, (*_SCOPES, navigator.SCOPE))
    signed_in = None if grant is None else (yield from _signed_in(grant, settings, None))
    if grant is None or signed_in is None:
        return
    token, account = signed_in
    own = navigator.PRODUCTION if grant.server == PRODUCTION else navigator.DEVELOPMENT
    origin = address or settings.address or own
    there = reached(origin)
    yield there
    if not there.ok:
        return
    source = navigator.NavigatorAgreements(account.id, origin=origin, page=1)
    with HttpTransport({NAVIGATOR: origin, ACCOUNT_SERVER: grant.server}) as transport:
        driver = Driver(transport, _desk(NAVIGATOR, token, grant), sleep=sleep)
        try:
            page = driver.run(source.changes(Kind.CONTRACT, None))
        except AdapterError as refused:
            repair = f"the token needs the scope {navigator.SCOPE}, and the account Navigator"
            yield Check("read contract", refused.what, ok=False, repair=repair)
            return
    unreadable = [one.unreadable for one in page.seen if one.unreadable]
    found = unreadable[0] if unreadable else f"{len(page.seen)} agreements on the first page"
    yield Check("read contract", found, ok=not unreadable, repair="report the agreement" if unreadable else "")


def _granting(settings: SystemSettings, scopes: tuple[str, ...]) -> Generator[Check, None, JwtGrant | None]:
    """The grant that the configuration makes, once it is known that something answers where tokens come from."""
    told = {name: settings.option(name, os.environ) for name in ("client", "user")}
    key = settings.secret("key", os.environ)
    missing = [f"options.{name}" for name, value in told.items() if not value]
    missing += [] if key is not None else [f"secret key ({settings.where('key')})"]
    if missing or key is None:
        repair = "client and user stand in Apps and Keys; key is the RSA private key that was made there"
        yield Check("configuration", f"not given: {', '.join(missing)}", ok=False, repair=repair)
        return None
    server = settings.option("server", os.environ) or "production"
    yield Check("configuration", f"DocuSign, {server}", ok=True)
    grant = JwtGrant(
        client=told["client"] or "", user=told["user"] or "", key=key, clock=utc_clock,
        server=_SERVERS.get(server, server), scopes=scopes,
    )  # fmt: skip
    there = reached(grant.server)
    yield there
    return grant if there.ok else None


def _signed_in(
    grant: JwtGrant, settings: SystemSettings, address: str | None
) -> Generator[Check, None, tuple[Token, FoundAccount] | None]:
    """The token and the account, or None when there is none."""
    with HttpTransport({ACCOUNT_SERVER: grant.server}) as transport:
        driver = Driver(transport, Desk(clock=utc_clock, policy=Policy(tries=2)), sleep=sleep)
        try:
            token = driver.run(grant.renew(NO_TOKEN))
        except ClmcrmError as refused:
            yield Check("token", _said(refused), ok=False, repair=_repair(refused, grant))
            return None
        yield Check("token", "issued", ok=True)
        own = settings.option("hosts", os.environ)
        hosts = HOSTS if own is None else frozenset(own.split())
        wanted = settings.option("account", os.environ)
        try:
            account = driver.run(found_account(token, server=grant.server, account=wanted, hosts=hosts))
        except AdapterError as refused:
            repair = "name the account in options.account, or its host in options.hosts"
            yield Check("account", refused.what, ok=False, repair=repair)
            return None
    base_uri = address or (settings.address if settings.vendor == VENDOR else None) or account.base_uri
    yield Check("account", f"{account.name} ({account.id}) at {base_uri}", ok=True)
    return token, FoundAccount(account.id, account.name, base_uri)


def _said(refused: ClmcrmError) -> str:
    return refused.what if isinstance(refused, AdapterError) else str(refused)


def _repair(refused: ClmcrmError, grant: JwtGrant) -> str:
    said = _said(refused)
    if isinstance(refused, RefusedError) and "consent_required" in said:
        return f"the user opens this page once: {grant.consent_url(_BACK)}"
    if "invalid_grant" in said:
        # what is signed bears the time: by a clock that is wrong it is over, or has not begun
        return f"compare client, user and key with Apps and Keys, the server with the account's own, and {clock_here()}"
    return "compare the key with Apps and Keys"


def _desk(vendor: str, token: Token, grant: JwtGrant) -> Desk:
    authority = Authority(vendor=vendor, shelf=MemoryTokenShelf(token), renew=grant.renew)
    budgets = Budgets([*BUDGETS, *navigator.BUDGETS])
    return Desk(clock=utc_clock, policy=Policy(tries=2), budgets=budgets, authorities={vendor: authority})
