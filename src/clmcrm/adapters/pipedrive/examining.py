"""What is missing before the first run: the token, rights, our custom fields, the clock, tokens left today.

It reads one record of each object at most, and writes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from clmcrm.adapters.findings import Finding, clock_finding
from clmcrm.adapters.pipedrive.company import Acquaintance, Company, read_fields
from clmcrm.adapters.pipedrive.kinds import DEAL, ORGANIZATION, PERSON, PipedriveKind
from clmcrm.adapters.pipedrive.rows import FIND
from clmcrm.adapters.pipedrive.session import LIST, SEARCH, SEARCHING, PipedriveSession
from clmcrm.adapters.pipedrive.setting_up import fault, needed
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow

_UNAUTHORISED: Final = 401
_RIGHTS: Final = "give the user (or the app) the rights for it, and the whole company's records"
_NOBODY: Final = "clmcrm:nobody"


def examined(session: PipedriveSession, place: TermsPlace, at: datetime | None = None) -> Flow[list[Finding]]:
    """Everything that was looked at, in order; `at` is the caller's present, against which Pipedrive's clock is held.

    A refusal is told in Pipedrive's own words. Nothing after a refused token is looked at. Raises what a call raises
    when Pipedrive cannot be reached.
    """
    acquaintance = Acquaintance(session)
    try:
        company = yield from acquaintance.known()
    except RefusedError as refused:
        repair = "take the token anew: personal preferences, API" if refused.status == _UNAUTHORISED else _RIGHTS
        return [Finding(what="company", found=refused.what, ok=False, repair=repair)]
    found = [_company(company), *clock_finding(session.last_date, at)]
    fields: dict[str, Company] = {}
    for held in (ORGANIZATION, PERSON, DEAL):
        told = yield from _read(session, held)
        found.append(told)
        if told.ok:
            fields[held.object] = Company(fields={held.object: (yield from read_fields(session, held.object))})
    for one in needed(place):
        if one.object in fields:
            why = fault(fields[one.object], one)
            repair = f"a custom field of type {one.type}: set_up makes it" if why else ""
            found.append(Finding(what=f"{one.object}: {one.name}", found=why or "there", ok=not why, repair=repair))
    found.append((yield from _search(session, fields)))
    if session.left is not None:
        found.append(Finding(what="tokens", found=f"{session.left} left today", ok=session.left > 0, repair=""))
    return found


def _company(company: Company) -> Finding:
    ok = bool(company.currency)
    repair = "" if ok else "set the user's default currency in Pipedrive"
    return Finding(what="company", found=f"{company.name}, {company.zone}, {company.currency}", ok=ok, repair=repair)


def _read(session: PipedriveSession, held: PipedriveKind) -> Flow[Finding]:
    what = f"read {held.object}"
    try:
        _ = yield from session.get(held.path, [("limit", "1")], tokens=LIST)
    except RefusedError as refused:
        return Finding(what=what, found=refused.what, ok=False, repair=_RIGHTS)
    return Finding(what=what, found="allowed")


def _search(session: PipedriveSession, fields: dict[str, Company]) -> Flow[Finding]:
    """Whether our key can be searched for: an app has a scope of its own for that."""
    for held in (ORGANIZATION, PERSON, DEAL):
        code = fields[held.object].code(held.object, held.key) if held.object in fields else None
        if code is None:
            continue
        query = [("term", _NOBODY), ("entity_type", held.item), ("field", code), ("match", "exact"), ("limit", "1")]
        try:
            _ = yield from session.get(FIND, query, tokens=SEARCHING, bucket=SEARCH)
        except RefusedError as refused:
            return Finding(what="search", found=refused.what, ok=False, repair="add the scope search:read to the app")
        return Finding(what="search", found="allowed")
    return Finding(what="search", found="not tried: there is no field for our key", ok=False, repair="set_up makes it")
