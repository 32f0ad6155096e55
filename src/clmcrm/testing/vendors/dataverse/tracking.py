"""Change tracking: a first pull tells every row, a delta what changed since; pages go by version, deletions last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from clmcrm.testing.vendors.dataverse.data import EnvironmentData, Row
from clmcrm.testing.vendors.dataverse.querying import selected, written_row
from clmcrm.testing.vendors.dataverse.refusals import Refusal
from clmcrm.testing.vendors.dataverse.tables import TableSaid

_FORM: Final = "%m/%d/%Y %H:%M:%S"
_REFUSED: Final = ("$filter", "$orderby", "$expand", "$top")
EXPIRED: Final = "0x80044352"


def tracked_page(
    data: EnvironmentData, said: TableSaid, options: dict[str, str], size: int, *, annotated: bool, url: str
) -> dict[str, Any]:
    """One page of a first pull or of a delta; `url` is the address of the entity set."""
    for name in _REFUSED:
        if name in options:
            words = f'The \\"{name}\\" query parameter isn\'t supported when Change Tracking is enabled.'
            raise Refusal(400, "0x80060888", words)
    if not said.tracked:
        raise Refusal(400, "0x80044353", f"Change tracking is not enabled for entity {said.name}")
    since, until, row_at, gone_at = _places(data, options)
    rows = sorted(
        (row for row in data.rows[said.name].values() if row["versionnumber"] > row_at),
        key=lambda row: int(row["versionnumber"]),
    )
    gone = [] if since == 0 else [(key, version) for of, key, version in data.deleted if of == said.name]
    gone = [(key, version) for key, version in gone if version > gone_at]
    columns = selected(said, options.get("$select", ""))
    told: list[Row] = [written_row(said, row, columns, annotated=annotated) for row in rows[:size]]
    left = size - len(told)
    told += [_deleted(url, key) for key, _ in gone[:left]]
    page: dict[str, Any] = {"@odata.context": f"{url}/$metadata", "value": told}
    select = f"$select={options['$select']}&" if "$select" in options else ""
    if len(rows) + len(gone) > size:
        row_at = int(rows[min(size, len(rows)) - 1]["versionnumber"]) if rows else row_at
        gone_at = gone[left - 1][1] if left > 0 and gone else gone_at
        cookie = quote(f"{since}!{until}!{row_at}!{gone_at}", safe="")
        page["@odata.nextLink"] = f"{url}?{select}$skiptoken={cookie}"
    else:
        token = quote(f"{until}!{data.now:{_FORM}}", safe="")
        page["@odata.deltaLink"] = f"{url}?{select}$deltatoken={token}"
    return page


def _places(data: EnvironmentData, options: dict[str, str]) -> tuple[int, int, int, int]:
    """Since which version it tells, until which one the next delta need not, and where rows and deletions stand."""
    try:
        if "$skiptoken" in options:
            since, until, row_at, gone_at = (int(one) for one in options["$skiptoken"].split("!"))
            return since, until, row_at, gone_at
        if "$deltatoken" not in options:
            return 0, data.settled, 0, data.version
        version, _, at = options["$deltatoken"].partition("!")
        given, since = datetime.strptime(at, _FORM).replace(tzinfo=UTC), int(version)
    except ValueError:
        raise Refusal(400, "0x80044352", "The delta token or skip token is not valid.") from None
    if data.now - given > data.keeps:
        raise Refusal(400, EXPIRED, "Version stamp associated with the client has expired. Please perform a full sync.")
    return since, data.settled, since, since


def _deleted(url: str, key: str) -> Row:
    base, _, entity_set = url.rpartition("/")
    return {"@odata.context": f"{base}/$metadata#{entity_set}/$deletedEntity", "id": key, "reason": "deleted"}
