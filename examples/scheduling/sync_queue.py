"""A task queue on PostgreSQL, with procrastinate: any number of workers, one job per partition at a time.

    pip install "clmcrm[postgres]" procrastinate
    export CLMCRM_DATABASE="host=... dbname=..." CLMCRM_FOLDER=/srv/companies
    procrastinate --app=sync_queue.app schema --apply       # once
    procrastinate --app=sync_queue.app worker               # on every machine

Two guards, one inside the other: the queue's `lock` hands a partition to one worker at a time, and the journal's
lease keeps a worker that was believed dead, and is not, from writing. A job that fails for now is tried again.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy, exceptions

from clmcrm.adapters.embedded import open_embedded
from clmcrm.errors import JournalUnavailable, LeaseHeld, LeaseLost, TransientError
from clmcrm.liaison.main_job import carry_out, join
from clmcrm.store.postgres import PostgresJournal
from clmcrm.sync.steps import Plan

DATABASE = os.environ["CLMCRM_DATABASE"]
FOLDER = Path(os.environ["CLMCRM_FOLDER"])
LASTING = timedelta(minutes=10)
LATER = RetryStrategy(
    max_attempts=5,
    exponential_wait=5,
    retry_exceptions=(LeaseHeld, LeaseLost, JournalUnavailable, TransientError),
)

app = App(connector=PsycopgConnector(conninfo=DATABASE))


def partitions() -> list[str]:
    """What the work is divided by: here one company per file; yours may be tenants or regions."""
    return sorted(path.stem for path in FOLDER.glob("*.sqlite"))


@app.task(name="synchronise", retry=LATER, pass_context=True)
def synchronise(context: JobContext, partition: str) -> int:
    """One sync of one partition; returns how many records were written."""
    journal = PostgresJournal(DATABASE, partition=partition)
    try:
        _ = journal.take(f"job {context.job.id}", LASTING)
        with open_embedded(FOLDER / f"{partition}.sqlite") as both:
            joined = join(both.crm, both.clm, journal, datetime.now(UTC).date())

            def extend(_number: int, _todo: Plan) -> None:
                _ = journal.extend(LASTING)

            done = carry_out(joined, clock=lambda: datetime.now(UTC), on_round=extend)
        journal.release()
    finally:
        journal.close()
    return done.written


@app.periodic(cron="*/15 * * * *")
@app.task(name="every quarter of an hour", queueing_lock="every quarter of an hour")
def all_partitions(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    """Put one job per partition into the queue, unless one is waiting there already."""
    for partition in partitions():
        put(partition)


def put(partition: str) -> bool:
    """Put one job into the queue; False when one is waiting there already."""
    try:
        _ = synchronise.configure(lock=partition, queueing_lock=partition).defer(partition=partition)
    except exceptions.AlreadyEnqueued:
        return False
    return True
