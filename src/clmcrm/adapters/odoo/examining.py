"""What is missing before the first run: key, database, modules, fields, rights, the clock.

It reads descriptions and at most one id of each model, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from clmcrm.adapters.findings import Finding, clock_finding
from clmcrm.adapters.odoo.feed import moment_of
from clmcrm.adapters.odoo.kinds import OdooKind
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.system import OdooSystem
from clmcrm.adapters.odoo.wire import VENDOR, NotAllowed, failure_in, listed
from clmcrm.adapters.typed_failures import in_types
from clmcrm.codec.forms import object_in
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow, together

MODULES: Final = {
    "agreement": "agreement (of the OCA)", "contract.contract": "contract (of the OCA)", "crm.lead": "crm",
    "ir.attachment": "base", "res.partner": "base",
}  # fmt: skip
"""Which module of Odoo's, or of the OCA's, brings each of the models."""

_ENDS_SOON: Final = timedelta(days=14)
_UNAUTHORISED: Final = 401
_NOT_FOUND: Final = 404
_KEY: Final = "make an API key for this user (Preferences, Account security), of this database"
_DATABASE: Final = "compare database with the name in Odoo's list, and the address with its host"


def examined(system: OdooSystem, at: datetime | None = None) -> Flow[list[Finding]]:
    """Everything that was looked at, in order; `at` is the caller's present, for the clock and the key's end.

    A refusal is told in Odoo's own words. Nothing after a refused key is looked at. Raises what a call raises when
    the server cannot be reached.
    """
    return in_types(VENDOR, _examined(system, at), failure_in)


def _examined(system: OdooSystem, at: datetime | None) -> Flow[list[Finding]]:
    session = system.session
    try:
        user = yield from session.ask("res.users", "context_get")
    except RefusedError as refused:
        return [_not_let_in(session, refused)]
    except NotAllowed as refused:
        return [Finding(what="company", found=refused.said, ok=False, repair="a company this user may see, or none")]
    number = (object_in(user) or {}).get("uid")
    found = [
        Finding(what="let in", found=f"user {number} of {session.database}"),
        *clock_finding(session.last_date, at),
    ]
    found += yield from _keys(session, at)
    models: dict[str, list[OdooKind]] = {}
    for held in system.kinds.values():
        models.setdefault(held.model, []).append(held)
    for model, kinds in models.items():
        found += yield from _model(session, model, kinds)
    return found


def _not_let_in(session: OdooSession, refused: RefusedError) -> Finding:
    if refused.status == _UNAUTHORISED or "may not log in" in refused.what or "key is not" in refused.what:
        return Finding(what="key", found=refused.what, ok=False, repair=_KEY)
    if refused.status == _NOT_FOUND or "does not exist" in refused.what:
        found = f"{session.database!r} is not there, or has no JSON-2: {refused.what}"
        return Finding(what="database", found=found, ok=False, repair=_DATABASE)
    return Finding(what="let in", found=refused.what, ok=False, repair=_KEY)


def _keys(session: OdooSession, at: datetime | None) -> Flow[list[Finding]]:
    """When the user's keys end: which of them is ours cannot be seen, so only the last one's end is a fault."""
    try:
        rows = yield from session.ask("res.users.apikeys", "search_read", domain=[], fields=["expiration_date"])
    except (NotAllowed, RefusedError):
        return []
    ends = [(object_in(row) or {}).get("expiration_date") for row in listed(rows, "search_read")]
    days = [moment for told in ends if (moment := moment_of(told)) is not None]
    if not days or len(days) < len(ends):
        return []
    last = max(days)
    ok = at is None or last - at > _ENDS_SOON
    told = ", ".join(sorted({day.astimezone(UTC).date().isoformat() for day in days}))
    repair = "" if ok else "make a new key before it ends"
    return [Finding(what="key", found=f"the user's keys end on {told}", ok=ok, repair=repair)]


def _model(session: OdooSession, model: str, kinds: Sequence[OdooKind]) -> Flow[list[Finding]]:
    fields = yield from session.fields(model)
    if not fields:
        lacking = f"the model {model!r} does not exist"
        repair = f"install the module {MODULES.get(model, model)}"
        return [Finding(what=model, found=lacking, ok=False, repair=repair)]
    found = [*_fields(model, kinds, fields)]
    try:
        _ = yield from session.ask(model, "search", domain=[], limit=1)
    except NotAllowed as refused:
        return [*found, Finding(what=f"read {model}", found=refused.said, ok=False, repair=_RIGHT)]
    wanted = ["read", "write"] + ["create"] * any(held.created is not None for held in kinds)
    allowed = yield from together([session.may(model, operation) for operation in wanted])
    barred = [operation for operation, may in zip(wanted, allowed, strict=True) if not may]
    if barred:
        said = f"the user may not {' or '.join(barred)} records of it"
        return [*found, Finding(what=model, found=said, ok=False, repair=_RIGHT)]
    return [*found, Finding(what=model, found=f"may {', '.join(wanted)}")]


_RIGHT: Final = "give the user a group that may (Settings, Users, Access rights)"


def _fields(model: str, kinds: Sequence[OdooKind], fields: Any) -> Iterator[Finding]:  # noqa: ANN401 - as Odoo tells them
    """What the kinds need of the model, and what opens a part of them."""
    for name in sorted({name for held in kinds for name in held.needs}):
        there = name in fields
        found = "there" if there else f"{model} has no field {name}"
        repair = "" if there else "an administrator adds a text field of that name (Settings, Technical, Fields)"
        yield Finding(what=f"{model}.{name}", found=found, ok=there, repair=repair)
    if any("order_ids" in held.spec for held in kinds) and "order_ids" not in fields:
        found, repair = "no orders: an opportunity shows no lines", "install the module sale_crm"
        yield Finding(what=f"{model}.order_ids", found=found, ok=False, repair=repair)
