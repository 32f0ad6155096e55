"""What is missing before the first run: tables, columns, change tracking, the alternate key, the currency, the clock.

It reads descriptions, and of each table the id of one row at most: change tracking needs read access to the whole
table, which only a pull shows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from clmcrm.adapters.dataverse.crm import DataverseCrm
from clmcrm.adapters.dataverse.ground import CURRENCIES, Table, currencies_in, definition, table_in
from clmcrm.adapters.dataverse.kinds import DataverseKind, kinds_of
from clmcrm.adapters.dataverse.odata import literal
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.terms import LONGEST, terms_columns
from clmcrm.adapters.dataverse.wire import preferences
from clmcrm.adapters.findings import Finding, clock_finding
from clmcrm.adapters.trees import is_tree
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow

_LINES: Final = "opportunityproduct"


def examined(crm: DataverseCrm, at: datetime | None = None) -> Flow[list[Finding]]:
    """Everything that was looked at, in order; `at` is the caller's present, against which the clock there is held.

    Raises what a call raises when the environment cannot be reached or does not let the caller in.
    """
    org = crm.org
    who = yield from crm.session.ask("GET", "WhoAmI")
    found = [_user(who), *clock_finding(crm.session.last_date, at, silent="the environment states no time")]
    money = yield from crm.session.ask("GET", CURRENCIES)
    found.append(_currency(currencies_in(money), org))
    for held in kinds_of(org).values():
        found += yield from _looked_at(crm, held.table, held)
    found += yield from _looked_at(crm, _LINES, None)
    return found


def _looked_at(crm: DataverseCrm, name: str, held: DataverseKind | None) -> Flow[list[Finding]]:
    try:
        told = yield from crm.session.ask("GET", definition(name))
    except RefusedError as refused:
        repair = (
            f"create the table {name}, and give the role read access" if held is not None and held.own_terms else ""
        )
        return [Finding(what=name, found=refused.what, ok=False, repair=repair or "install the sales application")]
    table = table_in(told, name)
    found = [_tracked(table)]
    if held is not None:
        found += [_guarded(table), _key(table, crm.org.key), _columns(table, held, crm.org)]
        if held.own_terms:
            found.append((yield from _terms(crm, table)))
    return [*found, (yield from _pulled(crm, table))]


def _user(who: Any) -> Finding:  # noqa: ANN401 - any JSON value
    user = who.get("UserId") if is_tree(who) else None
    return Finding(what="application user", found=str(user or "not told"), ok=bool(user))


def _currency(known: dict[str, str], org: OrgSettings) -> Finding:
    ok = org.currency in known.values()
    listed = ", ".join(sorted(known.values())) or "none"
    repair = "" if ok else f"set the option currency to one of them, or add {org.currency} to the environment"
    return Finding(what="currencies", found=listed, ok=ok, repair=repair)


def _tracked(table: Table) -> Finding:
    repair = "" if table.tracked else "Power Apps: the table's properties, Advanced options, Track changes"
    found = "is on" if table.tracked else "is off"
    return Finding(what=f"{table.name} change tracking", found=found, ok=table.tracked, repair=repair)


def _guarded(table: Table) -> Finding:
    repair = "" if table.guarded else "use a table with IsOptimisticConcurrencyEnabled"
    found = "obeys entity tags" if table.guarded else "ignores entity tags"
    return Finding(what=f"{table.name} preconditions", found=found, ok=table.guarded, repair=repair)


def _key(table: Table, at: str) -> Finding:
    status = table.keys.get((at,))
    found = "no alternate key" if status is None else f"an alternate key, {status}"
    if at not in table.columns:
        found = "is not there"
    ok = status == "Active" and at in table.columns
    repair = "" if ok else f"a text of 450 and an alternate key of {at} alone; wait until its index is active"
    return Finding(what=f"{table.name}.{at}", found=found, ok=ok, repair=repair)


def _columns(table: Table, held: DataverseKind, org: OrgSettings) -> Finding:
    wanted = [at for part in held.parts for at in part.columns]
    wanted += [*terms_columns(org), *org.terms_shown.values()] if held.own_terms else []
    wanted += org.terms_on_opportunity.values() if held.lined else ()
    missing = [at for at in dict.fromkeys(wanted) if at not in table.columns]
    own = [at for at in missing if at.startswith(f"{org.prefix}_")]
    what = f"{table.name} columns"
    if not missing:
        return Finding(what=what, found=f"all {len(wanted)} are there")
    repair = "create the columns" if own else "column security hides them: allow, or do without"
    return Finding(what=what, found=f"the user sees no {', '.join(missing)}", ok=not own, repair=repair)


def _terms(crm: DataverseCrm, table: Table) -> Flow[Finding]:
    at = crm.org.terms
    what, repair = f"{table.name}.{at}", f"a text of several lines of {LONGEST} characters"
    kind = "Microsoft.Dynamics.CRM.MemoAttributeMetadata?$select=LogicalName,MaxLength"
    path = f"EntityDefinitions(LogicalName={literal(table.name)})/Attributes(LogicalName={literal(at)})/{kind}"
    try:
        told = yield from crm.session.ask("GET", path)
    except RefusedError as refused:
        return Finding(what=what, found=refused.what, ok=False, repair=repair)
    length = told.get("MaxLength") if is_tree(told) else None
    ok = isinstance(length, int) and length >= LONGEST
    return Finding(what=what, found=f"{length} characters", ok=ok, repair="" if ok else repair)


def _pulled(crm: DataverseCrm, table: Table) -> Flow[Finding]:
    what = f"{table.name} read access"
    wishes = preferences("odata.track-changes", "odata.maxpagesize=1")
    try:
        _ = yield from crm.session.page(table.set, f"$select={table.id}", wishes)
    except RefusedError as refused:
        repair = "give the application user's role read access to the table at the level of the organization"
        return Finding(what=what, found=refused.what, ok=False, repair=repair)
    return Finding(what=what, found="changes can be pulled")
