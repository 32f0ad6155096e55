"""What is missing before the first run: objects, fields, the unique key, the currency, the clock, the calls left.

It reads descriptions and limits, and no record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from clmcrm.adapters.findings import Finding, clock_finding
from clmcrm.adapters.salesforce.amounts import CURRENCY
from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.kinds import SalesforceKind, kinds_of
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Kind

_NEEDED: Final = (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY, Kind.CONTRACT_TERMS)
_LONG: Final = 131_072
_LEFT: Final = 1_000


def examined(crm: SalesforceCrm, at: datetime | None = None) -> Flow[list[Finding]]:
    """Everything that was looked at, in order; `at` is the caller's present, against which the org's clock is held.

    Raises what a call raises when the org cannot be reached or does not let the caller in.
    """
    org = crm.org
    told = yield from crm.session.ask("GET", "/limits")
    found = [_calls(told), *clock_finding(crm.session.last_date, at, silent="the org states no time")]
    for kind in _NEEDED:
        held = kinds_of(org)[kind]
        try:
            description = yield from crm.session.ask("GET", f"/sobjects/{held.object}/describe")
        except RefusedError as refused:
            repair = f"give the user read permission on {held.object}"
            found.append(Finding(what=held.object, found=refused.what, ok=False, repair=repair))
            continue
        found += _object(held, _fields(description), org)
    return found


def _fields(description: object) -> dict[str, Mapping[str, Any]]:
    told = description.get("fields") if is_tree(description) else None
    rows = told if is_list(told) else []
    return {str(one["name"]): one for one in rows if is_tree(one) and "name" in one}


def _calls(told: object) -> Finding:
    daily = told.get("DailyApiRequests") if is_tree(told) else None
    left = daily.get("Remaining") if is_tree(daily) else None
    if not isinstance(left, int):
        return Finding(what="calls of the day", found="not told")
    ok = left >= _LEFT
    return Finding(what="calls of the day", found=f"{left} left", ok=ok, repair="" if ok else "wait, or buy more calls")


def _object(held: SalesforceKind, fields: Mapping[str, Mapping[str, Any]], org: OrgSettings) -> list[Finding]:
    found = [_seen(held, fields)]
    if held.created:
        found.append(_key(held.object, fields.get(org.key_field), org.key_field))
    if held.own_terms:
        found.append(_terms(fields.get(org.terms_field), org.terms_field))
    if org.multi_currency != (CURRENCY in fields) and held.kind == Kind.ACCOUNT:
        has = "has" if CURRENCY in fields else "does not have"
        repair = f"set multi_currency={CURRENCY in fields} in OrgSettings"
        found.append(Finding(what="currencies", found=f"the org {has} several", ok=False, repair=repair))
    return found


def _seen(held: SalesforceKind, fields: Mapping[str, Mapping[str, Any]]) -> Finding:
    wanted = [at for part in held.parts for at in part.reads if at != CURRENCY]
    missing = [at for at in wanted if at not in fields]
    own = [at for at in missing if at.endswith("__c")]
    what = f"{held.object} fields"
    if not missing:
        return Finding(what=what, found=f"all {len(wanted)} are there")
    repair = (
        "create the fields, and let the user see them"
        if own
        else "field-level security hides them: allow, or do without"
    )
    return Finding(what=what, found=f"the user sees no {', '.join(missing)}", ok=not own, repair=repair)


def _key(name: str, key: Mapping[str, Any] | None, at: str) -> Finding:
    what = f"{name}.{at}"
    repair = 'a text of 255, Unique, External ID, Treat "ABC" and "abc" as different values; visible to the user'
    if key is None:
        return Finding(what=what, found="is not there", ok=False, repair=repair)
    lacking = [word for word in ("unique", "caseSensitive", "externalId", "createable") if key.get(word) is not True]
    ok = not lacking
    return Finding(
        what=what, found=f"is not {', '.join(lacking)}" if lacking else "unique", ok=ok, repair="" if ok else repair
    )


def _terms(terms: Mapping[str, Any] | None, at: str) -> Finding:
    what, repair = f"Contract.{at}", f"a long text area of {_LONG} characters, visible to the user"
    if terms is None:
        return Finding(what=what, found="is not there", ok=False, repair=repair)
    length = terms.get("length")
    ok = isinstance(length, int) and length >= _LONG
    return Finding(what=what, found=f"{length} characters", ok=ok, repair="" if ok else repair)
