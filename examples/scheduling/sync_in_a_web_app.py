"""A web application that embeds the engine, with FastAPI: preview, run, conflicts and decisions over HTTP.

    pip install clmcrm fastapi uvicorn
    CLMCRM_FILE=company.sqlite CLMCRM_JOURNAL=journal.sqlite uvicorn sync_in_a_web_app:app

The endpoints are plain functions: FastAPI runs them in its threads, each with a journal of its own, and the lease
lets one sync run at a time, whatever the number of processes. Put your own login in front of it.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from clmcrm.adapters.embedded import open_embedded
from clmcrm.errors import LeaseHeld, PlanRefused
from clmcrm.liaison.main_job import Joined, carry_out, join, preview
from clmcrm.ports.records import Side
from clmcrm.report.plan_page import PlanShown, plan_data, render_plan
from clmcrm.store.sqlite import SqliteJournal
from clmcrm.sync.arbitration import resolve

FILE = Path(os.environ["CLMCRM_FILE"])
JOURNAL = Path(os.environ["CLMCRM_JOURNAL"])
LASTING = timedelta(minutes=10)

app = FastAPI(title="Sync")


@contextmanager
def joined() -> Iterator[tuple[Joined, SqliteJournal]]:
    """Both systems and the journal for one request."""
    journal = SqliteJournal(JOURNAL)
    try:
        with open_embedded(FILE) as both:
            yield join(both.crm, both.clm, journal, datetime.now(UTC).date()), journal
    finally:
        journal.close()


def shown() -> PlanShown:
    """What the next run would do."""
    with joined() as (both, _):
        found = preview(both)
    return PlanShown(plan=found.plan, as_of=datetime.now(UTC).date(), problems=found.problems)


@app.get("/plan")
def plan_as_data() -> dict[str, Any]:
    """The preview, field by field."""
    return plan_data(shown())


@app.get("/plan.html", response_class=HTMLResponse)
def plan_as_page() -> str:
    """The preview as a page."""
    return render_plan(shown())


@app.post("/run")
def run(*, yes: bool = False) -> dict[str, Any]:
    """One sync: 409 while another runs, 422 when the plan is refused by its guard."""
    with joined() as (both, journal):
        try:
            _ = journal.take(f"request {uuid.uuid4()}", LASTING)
            done = carry_out(both, clock=lambda: datetime.now(UTC), yes=yes)
        except LeaseHeld as busy:
            raise HTTPException(409, str(busy)) from busy
        except PlanRefused as refused:
            raise HTTPException(422, str(refused)) from refused
        finally:
            journal.release()
    return {"written": done.written, "settled": done.settled}


@app.get("/conflicts")
def conflicts() -> list[dict[str, Any]]:
    """What waits for a person."""
    return [{**conflict.as_fields(), "key": conflict.key} for conflict in shown().plan.conflicts]


@app.post("/decisions")
def decide(
    key: Annotated[str, Body()], take: Annotated[Side, Body()], by: Annotated[str, Body()], why: Annotated[str, Body()]
) -> dict[str, Any]:
    """Decide a conflict for one side; 404 when there is no such conflict (any more)."""
    with joined() as (both, journal):
        found = {conflict.key: conflict for conflict in preview(both).plan.conflicts}
        if key not in found:
            raise HTTPException(404, f"no conflict {key}")
        decision = resolve(found[key], take, by=by, why=why, at=datetime.now(UTC), journal=journal)
    return dict(decision.as_fields())
