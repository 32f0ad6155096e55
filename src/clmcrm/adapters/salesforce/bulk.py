"""Bulk API 2.0: one job for thousands of new records, about seven calls whatever their number.

Created, filled with CSV, closed, asked until it is done; then its results are read: what went well, what failed, and
what was never processed. Rows are known by our own key, which is among their columns. Asking again and again draws on
the bucket "poll", whose budget makes the driver wait between two questions (`clmcrm.adapters.salesforce.crm.budgets`).
Source: Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Ingest".
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.adapters.salesforce.wire import VENDOR, Said, value_of
from clmcrm.adapters.trees import is_tree, tree_in, word
from clmcrm.errors import AdapterError, AmbiguousError, MalformedReply, TerminalError, TransientError
from clmcrm.ports.calls import Effect, Flow

BREAK_EVEN: Final = 1_400
"""From how many records on a job takes fewer calls than collections of 200."""
POLL: Final = "poll"
MOST_POLLS: Final = 1_000
MOST_BYTES: Final = 100 * 1024 * 1024
"""How long the CSV of one job may be."""
_ERROR: Final = "sf__Error"
_DONE: Final = "JobComplete"
_ENDED: Final = frozenset({_DONE, "Failed", "Aborted"})
_CSV: Final = {"content-type": "text/csv; charset=UTF-8"}
_TO_QUOTE: Final = re.compile(r'[,"\r\n]')
_EMPTIES: Final = "#N/A"
"""The text that a job takes for "no value"."""
_LONGEST: Final = 131_072
"""How many characters the longest field of the org holds, and the longest cell that a result is read with."""


def inserted(
    session: SalesforceSession,
    of: str,
    records: Mapping[int, Mapping[str, Any]],
    marks: Mapping[int, str],
    key_field: str,
) -> Flow[dict[int, Sequence[Said]]]:
    """The errors of each record, none for one that was inserted.

    Raises `AmbiguousError` once the job was closed and its end is not seen: what it did is looked up by our keys.
    Raises `TerminalError` for more bytes than a job takes, before one is opened: fewer records may fit.
    """
    table = csv_of(list(records.values()))
    if len(table) > MOST_BYTES:
        what = f"a job takes {MOST_BYTES} bytes, these {len(records)} records have {len(table)}: send fewer at a time"
        raise TerminalError(VENDOR, what)
    opened = yield from session.ask(
        "POST",
        "/jobs/ingest",
        {"object": of, "operation": "insert", "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"},
        effect=Effect.ONCE,
    )
    job = _id(opened)
    path = f"/jobs/ingest/{quote(job, safe='')}"
    yield from _begun(session, path, table)
    told = yield from _ended(session, path, set(marks.values()), key_field)
    missing = [mark for mark in marks.values() if mark not in told]
    if missing:
        raise AmbiguousError(VENDOR, f"job {job} says nothing of {len(missing)} records")
    return {place: told[mark] for place, mark in marks.items()}


def _begun(session: SalesforceSession, path: str, table: bytes) -> Flow[None]:
    """Fill a job and close it, which lets it run.

    Where either fails the job is aborted: it would stay open for days, and count among those that the org allows.
    """
    put = session.call("PUT", f"{path}/batches", table, effect=Effect.KEYED, headers=_CSV)
    try:
        _ = value_of((yield from session.send(put)), put)
        _ = yield from session.ask("PATCH", path, {"state": "UploadComplete"}, effect=Effect.KEYED)
    except AdapterError:
        with contextlib.suppress(AdapterError):  # what went wrong first is what has to be told
            _ = yield from session.ask("PATCH", path, {"state": "Aborted"}, effect=Effect.KEYED)
        raise


def _ended(
    session: SalesforceSession, path: str, marks: set[str], key_field: str
) -> Flow[dict[str | None, Sequence[Said]]]:
    """What `_told` says of a job that was closed: a failure to ask for it does not tell that nothing was done."""
    try:
        return (yield from _told(session, path, marks, key_field))
    except MalformedReply:
        raise
    except (TransientError, TerminalError) as problem:
        what = f"the job was closed, and what it did is not known: {problem.what}"
        raise AmbiguousError(VENDOR, what, problem.request_id) from problem


def _told(
    session: SalesforceSession, path: str, marks: set[str], key_field: str
) -> Flow[dict[str | None, Sequence[Said]]]:
    """What a job did once it is closed: the errors of each record that it tells of, by our key."""
    ended = yield from _finished(session, path)
    good = yield from _table(session, f"{path}/successfulResults")
    bad = yield from _table(session, f"{path}/failedResults")
    told: dict[str | None, Sequence[Said]] = {row.get(key_field): _said(row) for row in bad}
    told |= {row.get(key_field): () for row in good}
    if not marks <= told.keys():
        left = Said("UNABLE_TO_LOCK_ROW", f"the job did not come to it{ended}")
        for row in (yield from _table(session, f"{path}/unprocessedrecords")):
            _ = told.setdefault(row.get(key_field), (left,))
    return told


def _finished(session: SalesforceSession, path: str) -> Flow[str]:
    """How the job ended, in the org's own words; empty for one that was completed."""
    for _ in range(MOST_POLLS):
        call = session.call("GET", path, bucket=POLL)
        told = value_of((yield from session.send(call)), call)
        job = tree_in(told)
        state = word(job, "state")
        if state in _ENDED:
            return "" if state == _DONE else f" and ended as {state}: {word(job, 'errorMessage') or 'no reason given'}"
    raise AmbiguousError(VENDOR, f"{path}: the job does not come to an end")


def _table(session: SalesforceSession, path: str) -> Flow[list[dict[str, str]]]:
    """The rows of a result, page after page (Sforce-Locator)."""
    rows: list[dict[str, str]] = []
    locator = ""
    while True:
        query = f"?locator={quote(locator, safe='')}" if locator else ""
        call = session.call("GET", f"{path}{query}", headers={"accept": "text/csv"})
        reply = yield from session.send(call)
        if reply.status >= 300 or "csv" not in reply.headers.get("content-type", ""):  # noqa: PLR2004 - no success
            _ = value_of(reply, call)
            raise MalformedReply(VENDOR, call.where, "no CSV", reply.request_id)
        rows += rows_in(reply.body, call.where)
        locator = reply.headers.get("sforce-locator", "")
        if locator in ("", "null"):
            return rows


def fits_a_job(record: Mapping[str, Any]) -> bool:
    """Whether a job would set a record's values as they are, and tell what became of it.

    A text longer than any field holds is refused, and comes back whole among the results, which nobody could read then.

    >>> fits_a_job({"Name": "N/A"}), fits_a_job({"Name": "#N/A"}), fits_a_job({"Name": "x" * 131_073})
    (True, False, False)
    """
    return not any(one == _EMPTIES or (isinstance(one, str) and len(one) > _LONGEST) for one in record.values())


def csv_of(records: Sequence[Mapping[str, Any]]) -> bytes:
    r"""The records as CSV with a line of names; a value that is not stated is empty, which sets nothing.

    >>> csv_of([{"Name": "a, b", "Active": True}, {"Name": "c\nd"}])
    b'Name,Active\n"a, b",true\n"c\nd",\n'
    """
    names = list(dict.fromkeys(name for one in records for name in one))
    lines = [names, *([_cell(one.get(name)) for name in names] for one in records)]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines).encode()


def _quoted(cell: str) -> str:
    """A cell in quotes where it holds a separator, a quote or a break.

    The writer of Python 3.11 and 3.12 leaves a carriage return by itself without, and a reader takes it for a new line.
    """
    return cell if _TO_QUOTE.search(cell) is None else '"' + cell.replace('"', '""') + '"'


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def rows_in(body: bytes, where: str) -> list[dict[str, str]]:
    """The rows of a CSV by the names of its first line; raises `MalformedReply` for one that is torn."""
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise MalformedReply(VENDOR, where, f"no CSV: {problem}") from None
    names = lines[0] if lines else []
    if any(len(line) != len(names) for line in lines):
        raise MalformedReply(VENDOR, where, "a line with another number of cells than the first")
    return [dict(zip(names, line, strict=True)) for line in lines[1:]]


def _said(row: Mapping[str, str]) -> tuple[Said, ...]:
    code, _, message = row.get(_ERROR, "").partition(":")
    return (Said(code or "UNKNOWN_EXCEPTION", message or "no reason given"),)


def _id(opened: object) -> str:
    found = opened.get("id") if is_tree(opened) else None
    if not isinstance(found, str) or not found:
        raise MalformedReply(VENDOR, "POST /jobs/ingest", "a job without an id")
    return found
