"""Bulk API 2.0 of the fake org: jobs that take CSV, run between two questions, and tell what became of each row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from attrs import define, field

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.salesforce.data import OrgData
from clmcrm.testing.vendors.salesforce.refusals import Refusal

Row = dict[str, str]

_RESULTS: Final = ("successfulResults", "failedResults", "unprocessedrecords", "unprocessedRecords")


@define
class Job:
    """One job, its rows, and what became of them; `polls` is how often it still says that it is under way."""

    number: str
    object: str
    operation: str
    external: str
    ending: str
    state: str = "Open"
    rows: list[Row] = field(factory=list[Row])
    good: list[Row] = field(factory=list[Row])
    bad: list[Row] = field(factory=list[Row])
    left: list[Row] = field(factory=list[Row])
    polls: int = 2


class Jobs:
    """The jobs of an org; `stops_after` makes the next job end as Failed after so many rows (None: never)."""

    def __init__(self, data: OrgData) -> None:
        self.stops_after: int | None = None
        self._data = data
        self._jobs: dict[str, Job] = {}

    @property
    def all(self) -> list[Job]:
        """Every job that was opened, in order."""
        return list(self._jobs.values())

    def answer(self, request: Request, path: str) -> Reply | None:  # noqa: PLR0911 - one return for each resource
        """The reply to a request about jobs; None for any other."""
        names = path.partition("?")[0].strip("/").split("/")
        if names[:2] != ["jobs", "ingest"]:
            return None
        if len(names) == 2 and request.method == "POST":  # noqa: PLR2004 - /jobs/ingest
            return self._opened(json.loads(request.body))
        job = self._jobs.get(names[2] if len(names) > 2 else "")  # noqa: PLR2004 - the job's id
        if job is None:
            return _json(404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}])
        rest = names[3:]
        if rest == ["batches"] and request.method == "PUT":
            job.rows = list(csv.DictReader(io.StringIO(request.body.decode(), newline="")))
            return Reply(status=201)
        if rest and rest[0] in _RESULTS and request.method == "GET":
            return _csv({"s": job.good, "f": job.bad, "u": job.left}[rest[0][0]])
        if not rest and request.method == "PATCH":
            return self._moved(job, str(json.loads(request.body)["state"]))
        if not rest and request.method == "GET":
            return self._told(job)
        return _json(405, [{"errorCode": "METHOD_NOT_ALLOWED", "message": request.method}])

    def _opened(self, asked: Mapping[str, Any]) -> Reply:
        job = Job(
            number=f"750{len(self._jobs):012d}AAA", object=asked["object"], operation=asked["operation"],
            external=asked.get("externalIdFieldName", ""), ending=asked.get("lineEnding", "LF"),
        )  # fmt: skip
        self._jobs[job.number] = job
        return _json(200, _shown(job))

    def _moved(self, job: Job, state: str) -> Reply:
        job.state = state
        return _json(200, _shown(job))

    def _told(self, job: Job) -> Reply:
        if job.state in ("UploadComplete", "InProgress"):
            job.polls -= 1
            job.state = "InProgress"
            if job.polls <= 0:
                self._run(job)
        return _json(200, _shown(job))

    def _run(self, job: Job) -> None:
        job.state = "JobComplete"
        for number, row in enumerate(job.rows):
            if self.stops_after is not None and number >= self.stops_after:
                job.left = job.rows[number:]
                job.state, self.stops_after = "Failed", None
                return
            try:
                key, created = self._done(job, row)
                job.good.append({"sf__Id": key, "sf__Created": "true" if created else "false", **row})
            except Refusal as refusal:
                error = f"{refusal.code}:{refusal.message}:{' '.join(refusal.fields)}--"
                job.bad.append({"sf__Id": "", "sf__Error": error, **row})

    def _done(self, job: Job, row: Row) -> tuple[str, bool]:
        data, said = self._data, self._data.said(job.object)
        if job.operation == "delete":
            data.delete(job.object, row["Id"])
            return row["Id"], False
        values = {name: _typed(said.fields[name].type, cell) for name, cell in row.items() if cell and name != "Id"}
        if job.operation == "update":
            data.update(job.object, row["Id"], values)
            return row["Id"], False
        if job.operation == "upsert":
            found = list(data.by_key(job.object, job.external, row[job.external]))
            if found:
                data.update(job.object, found[0]["Id"], values)
                return str(found[0]["Id"]), False
        return data.insert(job.object, values), True


def _typed(kind: str, cell: str) -> Any:  # noqa: ANN401 - a value of that type
    if cell == "#N/A":
        return None
    if kind in ("double", "currency", "percent", "int"):
        try:
            return Decimal(cell)
        except InvalidOperation:
            return cell
    return cell == "true" if kind == "boolean" else cell


def _shown(job: Job) -> dict[str, Any]:
    return {
        "id": job.number, "object": job.object, "operation": job.operation, "state": job.state, "contentType": "CSV",
        "apiVersion": 62.0, "lineEnding": job.ending, "columnDelimiter": "COMMA",
        "numberRecordsProcessed": len(job.good) + len(job.bad), "numberRecordsFailed": len(job.bad),
        **({"errorMessage": "InvalidBatch : Field name not found : Nowhere__c"} if job.state == "Failed" else {}),
    }  # fmt: skip


def _json(status: int, value: Any) -> Reply:  # noqa: ANN401 - JSON
    return Reply(status=status, headers={"Content-Type": "application/json"}, body=json.dumps(value).encode())


def _csv(rows: list[Row]) -> Reply:
    out = io.StringIO()
    names = list(rows[0]) if rows else ["sf__Id"]
    table = csv.DictWriter(out, names, lineterminator="\n", quoting=csv.QUOTE_ALL)  # as Salesforce tells its results
    table.writeheader()
    table.writerows(rows)
    headers = {"Content-Type": "text/csv", "Sforce-Locator": "null", "Sforce-NumberOfRecords": str(len(rows))}
    return Reply(status=200, headers=headers, body=out.getvalue().encode())
