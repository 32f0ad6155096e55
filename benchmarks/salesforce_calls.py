"""Calls and CPU per 1,000 records against a fake Salesforce org, beside the bound that the vendor's limits set.

The records in the org are the same whichever way they came there: their checksum is printed beside each way. Run it as
`python benchmarks/salesforce_calls.py` with the package and its extra `test` installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import time
from datetime import UTC, datetime
from hashlib import blake2b

from clmcrm.adapters.salesforce.crm import SalesforceCrm
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.session import SalesforceSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Create, Kind, Outcome, Precondition, Update, Write
from clmcrm.testing.vendors.salesforce.answering import TOKEN, FakeSalesforce
from clmcrm.testing.vendors.serving import InProcess

ORIGIN = "https://acme.my.salesforce.com"
COUNT = 1_000
BATCH = 200
BULK = 2_000


def renewed(used: Token) -> Flow[Token]:
    """No token ends here."""
    yield from ()
    return used


class Bench:
    """A fresh org and an adapter."""

    def __init__(self, **more: object) -> None:
        self.fake = FakeSalesforce()
        self.crm = SalesforceCrm(SalesforceSession(ORIGIN), OrgSettings(currency="EUR"), **more)  # type: ignore[arg-type] # handed on
        shelf = MemoryTokenShelf(Token(access=Secret(TOKEN)))
        authorities = {"salesforce": Authority(vendor="salesforce", shelf=shelf, renew=renewed)}
        desk = Desk(clock=lambda: datetime.now(UTC), authorities=authorities)
        self.driver = Driver(InProcess(self.fake, ORIGIN), desk, sleep=lambda _: None)
        _ = self.driver.run(self.crm.changes(Kind.ACCOUNT, None))  # the object is described once

    def write(self, writes: list[Write], size: int = BATCH) -> list[Outcome]:
        """The outcomes, batch after batch."""
        batches = [writes[start : start + size] for start in range(0, len(writes), size)]
        return [outcome for batch in batches for outcome in self.driver.run(self.crm.write(batch))]

    def checksum(self) -> str:
        """What stands in the org, without ids and times."""
        rows = sorted((str(row["clmcrm_Key__c"]), str(row["Name"])) for row in self.fake.data.rows["Account"].values())
        return blake2b(repr(rows).encode(), digest_size=6).hexdigest()


def told(name: str, bench: Bench, calls: int, bound: float, began: float) -> None:
    """One line of the table."""
    taken = (time.process_time() - began) / COUNT * 1e6
    print(f"{name:<34}{calls:>6}{bound:>7.0f}{calls / bound:>7.2f}{taken:>9.0f}  {bench.checksum()}")


def creates(count: int) -> list[Write]:
    """New accounts."""
    return [Create(kind=Kind.ACCOUNT, mark=f"account:{n}", fields={"name": f"N{n}"}) for n in range(count)]


def main() -> None:
    """Print the table."""
    print(f"{'per 1,000 records':<34}{'calls':>6}{'bound':>7}{'ratio':>7}{'us/rec':>9}  checksum")
    for precondition in (Precondition.NONE, Precondition.ROW):
        bench = Bench(precondition=precondition)
        before, began = bench.fake.calls, time.process_time()
        made = bench.write(creates(COUNT))
        told(f"create, precondition {precondition}", bench, bench.fake.calls - before, COUNT / BATCH, began)
        changes: list[Write] = [
            Update(kind=Kind.ACCOUNT, key=one.key, fields={"name": f"New {n}"}, expected=one.version)
            for n, one in enumerate(made)
        ]
        before, began = bench.fake.calls, time.process_time()
        _ = bench.write(changes)
        told(f"change, precondition {precondition}", bench, bench.fake.calls - before, COUNT / BATCH, began)
        before, began = bench.fake.calls, time.process_time()
        page = bench.driver.run(bench.crm.changes(Kind.ACCOUNT, None))
        told("read, the first time", bench, bench.fake.calls - before, 1, began)
        before, began = bench.fake.calls, time.process_time()
        _ = bench.driver.run(bench.crm.changes(Kind.ACCOUNT, page.cursor))
        told("read, with the log of deletions", bench, bench.fake.calls - before, 2, began)
    bench = Bench(batch_size=BULK, bulk_from=1_400)
    before, began = bench.fake.calls, time.process_time()
    _ = bench.write(creates(BULK), BULK)
    told(f"create {BULK:,} by a job", bench, bench.fake.calls - before, BULK / BATCH, began)


if __name__ == "__main__":
    main()
