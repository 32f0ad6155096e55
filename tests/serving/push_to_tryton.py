"""A program that brings the accounts of a CLM file into a Tryton; a test kills it in the middle.

`python push_to_tryton.py URL PASSWORD COMPANY FILE` prints how many records it wrote, once settled.
"""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import sleep

from clmcrm.adapters.embedded import EmbeddedClm
from clmcrm.adapters.transports import HttpTransport
from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import VENDOR
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.liaison.main_job import carry_out_flow, join
from clmcrm.store.sqlite import SqliteJournal

BRIEF = timedelta(seconds=2)


def now() -> datetime:
    return datetime.now(UTC)


def main(url: str, password: str, company: str, file: str) -> None:
    session = TrytonSession(url, database="crm", user="admin", password=password, company=int(company))
    driver = Driver(HttpTransport({VENDOR: url}), Desk(clock=now), sleep=sleep)
    clm = EmbeddedClm(file)
    with closing(SqliteJournal(Path(file).with_suffix(".journal"))) as journal:
        joined = join(TrytonCrm(session, overlap=BRIEF), clm, journal, date(2026, 12, 1))
        run = driver.run(carry_out_flow(joined, clock=now, yes=True))
        print(run.written, run.settled, flush=True)  # noqa: T201 - what a program says


if __name__ == "__main__":
    main(*sys.argv[1:])
