"""What is missing before the first run: the token, scopes, the unique key, our properties, a won stage, the clock.

It reads one record of each object at most, and writes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from clmcrm.adapters.findings import Finding, clock_finding
from clmcrm.adapters.hubspot.kinds import DATED, V3
from clmcrm.adapters.hubspot.portal import Portal, read_portal
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.hubspot.setting_up import Needed, fault, needed
from clmcrm.adapters.hubspot.terms import CONTRACTS, TermsPlace
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow, together

_UNAUTHORISED: Final = 401
_READ: Final = ("companies", "contacts", "deals", "line_items")


def examined(session: HubSpotSession, place: TermsPlace, at: datetime | None = None) -> Flow[list[Finding]]:
    """Everything that was looked at, in order; `at` is the caller's present, against which HubSpot's clock is held.

    A refusal is told in HubSpot's own words, with the scope that it names. Nothing after a refused token is looked at.
    Raises what a call raises when HubSpot cannot be reached.
    """
    try:
        portal = yield from read_portal(session)
    except RefusedError as refused:
        repair = "renew the token: private app, Auth, Show token" if refused.status == _UNAUTHORISED else _SCOPE
        return [Finding(what="account", found=refused.what, ok=False, repair=repair)]
    found = [_account(portal), *clock_finding(session.last_date, at), _won(portal)]
    paths = [f"{V3}/{name}" for name in _READ] + ([f"{DATED}/{CONTRACTS}"] if place is TermsPlace.CONTRACT else [])
    found += yield from together([_read(session, path) for path in paths])
    found += yield from together([_property(session, one) for one in needed(place)])
    return found


_SCOPE: Final = "add the scope to the app, and let it be installed again"


def _account(portal: Portal) -> Finding:
    ok = bool(portal.currency)
    repair = "" if ok else "set the account's currency in HubSpot"
    return Finding(what="account", found=f"{portal.id}, {portal.zone}, {portal.currency}", ok=ok, repair=repair)


def _won(portal: Portal) -> Finding:
    won = [stage.label for stage in portal.stages.values() if stage.stage is OpportunityStage.WON]
    repair = "" if won else "give a closed stage of a deal pipeline the probability 1 (won)"
    return Finding(what="deal stages", found=f"won: {', '.join(won) or 'none'}", ok=bool(won), repair=repair)


def _read(session: HubSpotSession, path: str) -> Flow[Finding]:
    what = f"read {path.rpartition('/')[2]}"
    try:
        _ = yield from session.get(path, [("limit", "1")])
    except RefusedError as refused:
        return Finding(what=what, found=refused.what, ok=False, repair=_SCOPE)
    return Finding(what=what, found="allowed")


def _property(session: HubSpotSession, one: Needed) -> Flow[Finding]:
    what = f"{one.object}.{one.name}"
    try:
        why = yield from fault(session, one.object, one.name, unique=one.unique)
    except RefusedError as refused:
        return Finding(what=what, found=refused.what, ok=False, repair=_SCOPE)
    if not why:
        return Finding(what=what, found="unique" if one.unique else "there")
    unique = ", with unique values" if one.unique else ""
    repair = f"a property of type {one.type}{unique}: set_up makes it"
    return Finding(what=what, found=why, ok=False, repair=repair)
