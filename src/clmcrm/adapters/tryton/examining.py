"""What is missing before the first run: user, database, modules, rights, the log of deletions, the clock.

It reads descriptions and at most one id of each model, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from clmcrm.adapters.findings import Finding, clock_finding
from clmcrm.adapters.tryton.crm import CREATES, TrytonCrm
from clmcrm.adapters.tryton.fields import CODED
from clmcrm.adapters.tryton.reading import LOG
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import VENDOR, RefusedByServer, failure_in
from clmcrm.adapters.typed_failures import in_types
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Flow

MODULES: Final = {"party.party": "party", "sale.opportunity": "sale_opportunity", "ir.attachment": "ir", LOG: "ir"}
"""Which module of Tryton's brings each of the models."""


def examined(crm: TrytonCrm, at: datetime | None = None) -> Flow[list[Finding]]:
    """Everything that was looked at, in order; `at` is the caller's present, against which Tryton's clock is held.

    A refusal is told in Tryton's own words. Nothing after a refused log-in is looked at. Raises what a call raises
    when the server cannot be reached.
    """
    return in_types(VENDOR, _examined(crm, at), failure_in)


def _examined(crm: TrytonCrm, at: datetime | None) -> Flow[list[Finding]]:
    session = crm.session
    try:
        _ = yield from session.ask("res.user", "get_preferences", True)  # noqa: FBT003 - the context only
    except TerminalError as refused:
        repair = "compare user, password and database with Tryton"
        return [Finding(what="let in", found=refused.what, ok=False, repair=repair)]
    found = [Finding(what="let in", found=repr(session)), *clock_finding(session.last_date, at)]
    wanted = {held.model: ["read", "write"] + ["create"] * (kind in CREATES) for kind, held in crm.kinds.items()}
    for model, rights in {**wanted, LOG: ["read"]}.items():
        found.append((yield from _model(session, model, rights)))
    found += yield from _codes(session)
    return found


def _model(session: TrytonSession, model: str, rights: Sequence[str]) -> Flow[Finding]:
    try:
        _ = yield from session.ask(model, "search", [], 0, 1, None)
    except RefusedByServer as refused:
        return Finding(what=f"read {model}", found=refused.said, ok=False, repair=_RIGHT)
    except TerminalError as refused:
        repair = f"activate the module {MODULES.get(model, model)}"
        return Finding(what=model, found=refused.what, ok=False, repair=repair)
    told = yield from session.ask("ir.model.access", "get_access", [model])
    allowed: Mapping[str, Any] = cast("Mapping[str, Any]", told).get(model, {}) if isinstance(told, dict) else {}
    lacking = [right for right in rights if not allowed.get(right, True)]  # false, or 0 as SQLite tells it
    if lacking:
        found = f"the user may not {' or '.join(lacking)} records of it"
        return Finding(what=model, found=found, ok=False, repair=_RIGHT)
    return Finding(what=model, found=f"may {', '.join(rights)}")


_RIGHT: Final = "give the user a group that may (Administration, Users, Access Permissions)"


def _codes(session: TrytonSession) -> Flow[list[Finding]]:
    """Whether countries and currencies were loaded: without them no address and no amount has a code."""
    found: list[Finding] = []
    for name, model in CODED.items():
        count = yield from session.ask(model, "search_count", [])
        ok = bool(count)
        repair = "" if ok else f"load them: trytond_import_{'countries' if name == 'country' else 'currencies'}"
        found.append(Finding(what=model, found=f"{count} are there", ok=ok, repair=repair))
    return found
