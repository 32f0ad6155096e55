"""One request for a table or a row of the fake environment: read, made, changed, deleted, under preconditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from attrs import frozen

from clmcrm.testing.vendors.dataverse.data import EnvironmentData, Row
from clmcrm.testing.vendors.dataverse.describing import definitions
from clmcrm.testing.vendors.dataverse.odata_reading import Target, read_filter
from clmcrm.testing.vendors.dataverse.querying import etag, found_rows, selected, written_row
from clmcrm.testing.vendors.dataverse.refusals import NOBODY, Answer, Refusal
from clmcrm.testing.vendors.dataverse.tables import TableSaid
from clmcrm.testing.vendors.dataverse.tracking import tracked_page

_ACTIONS: Final = "Microsoft.Dynamics.CRM."
_UNKEYED: Final = frozenset("/<>*%&:\\?+#")
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMPTY: Final[Mapping[str, str]] = {}


@frozen
class Requests:
    """Requests to `data`, whose addresses begin with `root`; a page has `page` rows at most."""

    data: EnvironmentData
    root: str
    page: int

    def answered(self, method: str, target: Target, sent: Any, headers: Mapping[str, str]) -> Answer:  # noqa: ANN401 - JSON
        """What it comes to; raises `Refusal` for a request that the environment does not take."""
        head = target.segments[0]
        if head == "WhoAmI" and method == "GET":
            return 200, {"UserId": "00000000-0000-0000-0005-000000000001", "OrganizationId": "1"}, _EMPTY
        if head == "EntityDefinitions" and method == "GET":
            return definitions(self.data, target)
        said = self.data.of_set(head)
        if target.key is None:
            if len(target.segments) > 1:
                return self._action(said, target.segments[1], sent)
            return self._of_set(method, said, target, sent, headers)
        return self._of_row(method, said, target, sent, headers)

    def _of_set(
        self,
        method: str,
        said: TableSaid,
        target: Target,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
    ) -> Answer:
        if method == "POST":
            key = self.data.insert(said.name, sent)
            return self._written(said, key, target, headers, created=True)
        if method != "GET":
            raise Refusal(405, "0x80060888", f"The requested resource does not support http method '{method}'.")
        options = dict(target.options)
        wishes = headers.get("prefer", "")
        size = min(int(wishes.partition("odata.maxpagesize=")[2].partition(",")[0] or self.page), self.page)
        url = f"{self.root}/{said.set}"
        annotated = "include-annotations" in wishes
        by_token = "$deltatoken" in options or options.get("$skiptoken", "").count("!") == 3  # noqa: PLR2004 - its form
        if "odata.track-changes" in wishes or by_token:
            return 200, tracked_page(self.data, said, options, size, annotated=annotated, url=url), _EMPTY
        where = read_filter(options["$filter"]) if "$filter" in options else None
        rows = found_rows(self.data, said, where, options.get("$orderby", ""))
        if "$top" in options:
            rows = rows[: int(options["$top"])]
        start = int(options.get("$skiptoken") or 0)
        columns = selected(said, options.get("$select", ""))
        page = [written_row(said, row, columns, annotated=annotated) for row in rows[start : start + size]]
        told: dict[str, Any] = {"@odata.context": f"{self.root}/$metadata#{said.set}", "value": page}
        if start + size < len(rows):
            kept = {name: one for name, one in options.items() if name not in ("$skiptoken", "$top")}
            query = urlencode({**kept, "$skiptoken": start + size}, safe="$", quote_via=quote)
            told["@odata.nextLink"] = f"{url}?{query}"
        return 200, told, _EMPTY

    def _of_row(
        self,
        method: str,
        said: TableSaid,
        target: Target,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
    ) -> Answer:
        at, value, row = self._row(said, str(target.key))
        if method == "PATCH":
            return self._upsert(said, target, sent, headers, (at, value, row))
        if row is None:
            raise _nobody(said, at, value)
        self._unmoved(row, headers)
        if method == "GET":
            columns = selected(said, target.options.get("$select", ""))
            annotated = "include-annotations" in headers.get("prefer", "")
            return 200, written_row(said, row, columns, annotated=annotated), _EMPTY
        if method == "DELETE":
            self.data.delete(said.name, row[said.id])
            return 204, None, _EMPTY
        raise Refusal(405, "0x80060888", f"The requested resource does not support http method '{method}'.")

    def _upsert(
        self,
        said: TableSaid,
        target: Target,
        sent: Any,  # noqa: ANN401 - JSON
        headers: Mapping[str, str],
        found: tuple[str, str, Row | None],
    ) -> Answer:
        at, value, row = found
        if row is None:
            if "if-match" in headers:
                raise _nobody(said, at, value)
            key = value if at == said.id else None
            made = self.data.insert(said.name, sent if key is not None else {**sent, at: value}, key)
            return self._written(said, made, target, headers, created=True)
        if headers.get("if-none-match") == "*":
            raise Refusal(412, "0x80040237", "A record with matching key values already exists.")
        self._unmoved(row, headers)
        self.data.update(said.name, row[said.id], sent)
        return self._written(said, row[said.id], target, headers, created=False)

    def _row(self, said: TableSaid, key: str) -> tuple[str, str, Row | None]:
        """The column and the value of a key, and the row that has it."""
        if _ID.fullmatch(key):
            return said.id, key.lower(), self.data.rows[said.name].get(key.lower())
        at, _, quoted = key.partition("=")
        column = said.columns.get(at)
        value = quoted[1:-1].replace("''", "'")
        if column is None or not column.unique or not (quoted.startswith("'") and quoted.endswith("'")):
            words = f"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{said.name}'."
            raise Refusal(400, "0x80060888", words)
        if _UNKEYED & set(value):
            raise Refusal(400, "0x80060888", "Bad Request - Error in query syntax.")
        return at, value, self.data.by_key(said.name, at, value)

    def _unmoved(self, row: Row, headers: Mapping[str, str]) -> None:
        wanted = headers.get("if-match")
        if wanted not in (None, "*", etag(row)):
            words = "The version of the existing record doesn't match the RowVersion property provided."
            raise Refusal(412, "0x80060882", words)

    def _written(
        self, said: TableSaid, key: str, target: Target, headers: Mapping[str, str], *, created: bool
    ) -> Answer:
        address = {"OData-EntityId": f"{self.root}/{said.set}({key})"}
        if "return=representation" not in headers.get("prefer", ""):
            return 204, None, address
        columns = selected(said, target.options.get("$select", ""))
        annotated = "include-annotations" in headers.get("prefer", "")
        row = written_row(said, self.data.live(said.name, key), columns, annotated=annotated)
        return 201 if created else 200, row, address

    def _action(self, said: TableSaid, name: str, sent: Any) -> Answer:  # noqa: ANN401 - JSON
        """What Microsoft's own client writes with: several rows of a table in one transaction."""
        targets: list[Row] = [
            {at: value for at, value in one.items() if at != "@odata.type"} for one in sent.get("Targets", [])
        ]
        if name == f"{_ACTIONS}CreateMultiple":
            return 200, {"Ids": [self.data.insert(said.name, one) for one in targets]}, _EMPTY
        if name == f"{_ACTIONS}UpdateMultiple":
            for one in targets:
                self.data.update(said.name, one.pop(said.id), one)
            return 204, None, _EMPTY
        raise Refusal(404, "0x80060888", f"Resource not found for the segment '{name}'.")


def _nobody(said: TableSaid, at: str, value: str) -> Refusal:
    if at == said.id:
        return Refusal(404, NOBODY, f"{said.name} With Id = {value} Does Not Exist")
    return Refusal(404, "0x80060891", f"A record with the specified key values does not exist in {said.name} entity")
