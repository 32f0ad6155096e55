"""What is missing before the first run: the token, scopes, our properties, the launch forms, the clock.

It reads schemas and at most one object of each list, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from clmcrm.adapters.findings import Finding, clock_finding
from clmcrm.adapters.ironclad import accounts, contracts
from clmcrm.adapters.ironclad.formulas import Equals, any_of
from clmcrm.adapters.ironclad.objects import kind_in
from clmcrm.adapters.ironclad.session import IroncladSession, path_of
from clmcrm.adapters.ironclad.wire import NotThere, RefusedByIronclad
from clmcrm.adapters.trees import Tree, tree_of
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow

_ONE: Final = {"page": "0", "pageSize": "1"}
_UNAUTHORISED: Final = 401
_SCOPE: Final = "add the scope to the app (Company Settings, API), or give the user the permission"
_UNKNOWN_APP: Final = "compare client id and secret with the app"
_NOBODY: Final = "invalid_client"
"""What the token endpoint says of a client or a secret that it does not know (RFC 6749, 5.2)."""
_TEXT: Final = "a text property, in Data Manager"


def examined(
    session: IroncladSession,
    *,
    templates: Sequence[str] = (),
    obligations: bool = False,
    at: datetime | None = None,
) -> Flow[list[Finding]]:
    """Everything that was looked at, in order; `at` is the caller's present, against which Ironclad's clock is held.

    `templates` are the launch forms that are to be used, `obligations` says whether these are to be read. A refusal
    is told in Ironclad's own words; nothing after a refused token is looked at. Raises what a call raises when
    Ironclad cannot be reached.
    """
    first, schema = yield from _asked(session, "record properties", "/records/metadata", {})
    if first.repair == _UNKNOWN_APP:
        return [first]
    types = {name: kind_in(tree_of(tree_of(schema, "properties"), name)) for name in tree_of(schema, "properties")}
    found = [first, *clock_finding(session.last_date, at)]
    if first.ok:
        found += [_property(name, types) for name in (contracts.KEY, contracts.FACTS)]
    found.append((yield from _asked(session, "read records", "/records", _ONE))[0])
    # An entity's properties are described nowhere; a filter by one that does not exist is refused.
    by_key = {**_ONE, "filter": any_of([Equals(accounts.KEY, "clmcrm")])}
    found.append((yield from _asked(session, f"entities by {accounts.KEY}", "/entities", by_key))[0])
    found.append((yield from _asked(session, "relationship types", "/entities/relationship-types", {}))[0])
    if templates:
        query = {**_ONE, "status": "active"}
        found.append((yield from _asked(session, "read workflows", "/workflows", query))[0])
    for template in templates:
        path = path_of("workflow-schemas", template)
        told, form = yield from _asked(session, f"launch form {template}", path, {"form": "launch"})
        found += [told, *(_lacking(template, form) if told.ok else ())]
    if obligations:
        found.append((yield from _asked(session, "read obligations", "/obligations", _ONE))[0])
    return found


def _asked(session: IroncladSession, what: str, path: str, query: Mapping[str, str]) -> Flow[tuple[Finding, Tree]]:
    try:
        told = yield from session.get(path, query)
    except RefusedByIronclad as refused:
        token = refused.status == _UNAUTHORISED
        repair = _UNKNOWN_APP if token else _repair(what, refused.code)
        return Finding(what=what, found=f"{refused.status}: {refused}", ok=False, repair=repair), {}
    except NotThere as refused:
        return Finding(what=what, found=refused.said, ok=False, repair="publish it in Workflow Designer"), {}
    except RefusedError as refused:
        repair = _UNKNOWN_APP if refused.status == _UNAUTHORISED or _NOBODY in refused.what else _SCOPE
        return Finding(what=what, found=refused.what, ok=False, repair=repair), {}
    return Finding(what=what, found="allowed"), told


def _repair(what: str, code: str) -> str:
    return (
        f"add {accounts.KEY} and {accounts.FACTS} to entities: {_TEXT}"
        if code == "INVALID_PARAM" and "by" in what
        else _SCOPE
    )


def _property(name: str, types: Mapping[str, str]) -> Finding:
    kind = types.get(name)
    if kind == "string":
        return Finding(what=f"property {name}", found="there")
    found = "records have no such property" if kind is None else f"it is of type {kind}"
    return Finding(what=f"property {name}", found=found, ok=False, repair=f"add it: {_TEXT}")


def _lacking(template: str, form: Tree) -> Iterator[Finding]:
    schema = tree_of(form, "schema")
    for name in (contracts.KEY, contracts.FACTS):
        ok = kind_in(tree_of(schema, name)) == "string"
        repair = "" if ok else "add the property to the launch form, in Workflow Designer"
        yield Finding(what=f"{name} in {template}", found="there" if ok else "not in the form", ok=ok, repair=repair)
