"""Answers SOQL from the data of a fake org, in the form in which Salesforce writes records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from clmcrm.testing.vendors.exact_json import Double
from clmcrm.testing.vendors.salesforce.data import OrgData
from clmcrm.testing.vendors.salesforce.objects import CHILDREN
from clmcrm.testing.vendors.salesforce.refusals import Refusal
from clmcrm.testing.vendors.salesforce.soql_reading import Select, Where

Row = dict[str, Any]


def found_rows(data: OrgData, query: Select, *, deleted: bool) -> list[Row]:
    """The records that a query finds, in its order."""
    rows = _matching(data, query.of, query.where, data.rows[data.said(query.of).name].values(), deleted=deleted)
    for at, down in reversed(query.order):
        _known(data, query.of, at)
        rows.sort(key=lambda row: (row[at] is not None, _comparable(row[at])), reverse=down)
    return rows if query.most is None else rows[: query.most]


def written_row(data: OrgData, query: Select, row: Row, version: str, *, deleted: bool) -> Row:
    """A record as it is answered: the fields that were asked for, and its children."""
    made: Row = {"attributes": {"type": query.of, "url": f"/services/data/v{version}/sobjects/{query.of}/{row['Id']}"}}
    for name in query.fields:
        head, _, tail = name.partition(".")
        if tail:
            other = _related(data, query.of, row, head)
            made[head] = None if other is None else {"attributes": {"type": head}, tail: written(other[tail])}
        else:
            _known(data, query.of, name)
            made[name] = written(row[name])
    for child in query.children:
        made[child.of] = _children(data, child, row, version, deleted=deleted)
    return made


def _children(data: OrgData, child: Select, row: Row, version: str, *, deleted: bool) -> Row | None:
    if child.of not in CHILDREN:
        raise Refusal("INVALID_TYPE", f"Didn't understand relationship '{child.of}' in FROM part of query call.")
    name, parent = CHILDREN[child.of]
    named = Select(fields=child.fields, of=name, where=child.where, order=child.order, most=child.most)
    found = [one for one in found_rows(data, named, deleted=deleted) if one[parent] == row["Id"]]
    if not found:
        return None
    records = [written_row(data, named, one, version, deleted=deleted) for one in found]
    return {"totalSize": len(records), "done": True, "records": records}


def _matching(data: OrgData, name: str, where: Where | None, rows: Any, *, deleted: bool) -> list[Row]:  # noqa: ANN401
    test = _test(data, name, where, deleted=deleted)
    return [row for row in rows if (deleted or not row["IsDeleted"]) and test(row)]


def _test(data: OrgData, name: str, where: Where | None, *, deleted: bool) -> Callable[[Row], bool]:
    if where is None:
        return lambda _: True
    if where.how in ("and", "or", "not"):
        parts = [_test(data, name, part, deleted=deleted) for part in where.parts]
        if where.how == "not":
            return lambda row: not parts[0](row)
        whole = all if where.how == "and" else any
        return lambda row: whole(part(row) for part in parts)
    at = where.at
    _known(data, name, at)
    exact = data.objects[name].fields[at].unique or data.objects[name].fields[at].type in ("id", "reference")
    if where.how == "in":
        wanted = _wanted(data, where.value, exact=exact, deleted=deleted)
        return lambda row: _plain(row[at], exact=exact) in wanted
    value = _plain(where.value, exact=exact)
    compare = _COMPARED[where.how]
    return lambda row: compare(_plain(row[at], exact=exact), value)


def _wanted(data: OrgData, value: Any, *, exact: bool, deleted: bool) -> set[Any]:  # noqa: ANN401 - a list or a query
    if isinstance(value, Select):
        return {row[value.fields[0]] for row in found_rows(data, value, deleted=deleted)}
    return {_plain(one, exact=exact) for one in value}


def _plain(value: Any, *, exact: bool) -> Any:  # noqa: ANN401 - any value
    """Texts are compared without regard to case, but for ids and fields that are case-sensitive."""
    if isinstance(value, str):
        return value if exact else value.casefold()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: left is not None and right is not None and compare(left, right)


_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
}


def _known(data: OrgData, of: str, name: str) -> None:
    if name not in data.said(of).fields:
        raise Refusal("INVALID_FIELD", f"No such column '{name}' on entity '{of}'. If you are attempting to use a")


def _related(data: OrgData, of: str, row: Row, head: str) -> Row | None:
    _known(data, of, f"{head}Id")
    key = row[f"{head}Id"]
    return data.rows.get(head, {}).get(key) if key else None


def _comparable(value: Any) -> Any:  # noqa: ANN401 - any value
    return "" if value is None else value


def written(value: Any) -> Any:  # noqa: ANN401 - any value
    """A value as it stands in an answer."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
    return Double(value) if isinstance(value, Decimal) else value
