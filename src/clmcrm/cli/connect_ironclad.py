"""`clmcrm connect` for Ironclad: configuration, token, scopes, our properties, launch forms and the clock.

It asks for a token and reads schemas and at most one object of each list; nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Final

from clmcrm.adapters.configuration import SystemSettings
from clmcrm.adapters.ironclad.examining import examined
from clmcrm.adapters.ironclad.oauth import authority
from clmcrm.adapters.ironclad.session import IroncladSession, budgets, scopes
from clmcrm.adapters.ironclad.wire import ORIGIN, VENDOR
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.cli.looking_in import agreed_to, looked_in, misconfigured
from clmcrm.drivers.tokens import Authority
from clmcrm.errors import ClmcrmError, InvalidRecord

_WAYS: Final = "the secret client_secret, with the options client and user"


def ironclad_checks(settings: SystemSettings, address: str | None) -> Iterator[Check]:
    """What is well and what is missing before a company can be joined."""
    where = address or settings.address or ORIGIN
    templates = templates_of(settings)
    try:
        obligations = agreed_to(settings, "obligations")
        session, signing = _let_in(settings, where, obligations=obligations, workflows=bool(templates))
    except ClmcrmError as refused:
        yield misconfigured(refused)
        return
    how = f"launched by {', '.join(templates)}" if templates else "put into the repository as records"
    yield Check("configuration", f"Ironclad, let in by client credentials, contracts {how}", ok=True)
    yield from looked_in(
        examined(session, templates=templates, obligations=obligations, at=utc_clock()), session.origins, at=[where],
        budgets=budgets(), signing=signing, repair="compare client, secret and scopes with the app",
    )  # fmt: skip


def templates_of(settings: SystemSettings) -> list[str]:
    """The launch forms that the option `templates` names, with commas between them; empty for none."""
    told = settings.option("templates", os.environ) or ""
    return [one.strip() for one in told.split(",") if one.strip()]


def _let_in(
    settings: SystemSettings, where: str, *, obligations: bool, workflows: bool
) -> tuple[IroncladSession, Mapping[str, Authority]]:
    """The session, and who signs; raises `InvalidRecord` for what is missing."""
    client, user = (settings.option(name, os.environ) for name in ("client", "user"))
    secret = settings.secret("client_secret", os.environ)
    if secret is None or not client or not user:
        found = f"nothing in {settings.where('client_secret')}" if secret is None else "no client or no user"
        raise InvalidRecord(f"system {settings.name}", "secrets", found, _WAYS)
    needed = scopes(obligations=obligations, workflows=workflows)
    made = authority(client_id=client, client_secret=secret, scopes=needed, clock=utc_clock, address=where)
    return IroncladSession(as_user=user, address=where), {VENDOR: made}
