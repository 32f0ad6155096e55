"""Calls and CPU per 1,000 records against a fake Dataverse environment, beside the bound that the vendor's limits set.

What stands in the environment is the same whichever way it came there: its checksum is printed beside each way. Run it
as `python benchmarks/dataverse_calls.py` with the package and its extra `test` installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TypeVar

from clmcrm.adapters.dataverse.crm import DataverseCrm
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.session import DataverseSession
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Create, Kind, Update
from clmcrm.testing.vendors.dataverse.answering import TOKEN, FakeDataverse
from clmcrm.testing.vendors.serving import InProcess

ORIGIN = "https://acme.crm4.dynamics.com"
COUNT = 1_000
T = TypeVar("T")


def renewed(used: Token) -> Flow[Token]:
    """No token ends here."""
    yield from ()
    return used


class Bench:
    """A fresh environment and an adapter."""

    def __init__(self) -> None:
        self.fake = FakeDataverse()
        self.crm = DataverseCrm(DataverseSession(ORIGIN), OrgSettings(currency="EUR"))
        shelf = MemoryTokenShelf(Token(access=Secret(TOKEN)))
        authorities = {"dataverse": Authority(vendor="dataverse", shelf=shelf, renew=renewed)}
        desk = Desk(clock=lambda: datetime.now(UTC), authorities=authorities)
        self.driver = Driver(InProcess(self.fake, ORIGIN), desk, sleep=lambda _: None)

    def told(self, name: str, flow: Callable[[], Flow[T]], bound: int) -> T:
        """The result of a flow, and one line of the table about it."""
        before, began = self.fake.calls, time.process_time()
        result = self.driver.run(flow())
        taken = (time.process_time() - began) / COUNT * 1e6
        calls = self.fake.calls - before
        print(f"{name:<34}{calls:>6}{bound:>7}{calls / bound:>7.2f}{taken:>9.0f}  {self.checksum()}")
        return result

    def checksum(self) -> str:
        """What stands in the environment, without ids and times."""
        rows = sorted((str(row["clmcrm_key"]), str(row["name"])) for row in self.fake.data.rows["account"].values())
        return blake2b(repr(rows).encode(), digest_size=6).hexdigest()


def main() -> None:
    """Print the table; the CPU is that of the adapter and of the fake together."""
    bench = Bench()
    crm = bench.crm
    first = bench.driver.run(crm.changes(Kind.ACCOUNT, None))  # the table is described once
    print(f"{'per 1,000 records':<34}{'calls':>6}{'bound':>7}{'ratio':>7}{'us/rec':>9}  checksum")
    new = [Create(kind=Kind.ACCOUNT, mark=f"account:{n}", fields={"name": f"N{n}"}) for n in range(COUNT)]
    made = bench.told("create", lambda: crm.write(new), 1)
    page = bench.told("read what was made", lambda: crm.changes(Kind.ACCOUNT, first.cursor), 1)
    changes = [
        Update(kind=Kind.ACCOUNT, key=one.key, fields={"name": f"New {n}"}, expected=one.version)
        for n, one in enumerate(made)
    ]
    done = bench.told("change, under entity tags", lambda: crm.write(changes), 1)
    page = bench.told("read what was changed", lambda: crm.changes(Kind.ACCOUNT, page.cursor), 1)
    if len(page.seen) != COUNT or page.more or not all(one.ok for one in (*made, *done)):
        raise SystemExit("not everything was written and read")
    _ = bench.told("read when nothing has changed", lambda: crm.changes(Kind.ACCOUNT, page.cursor), 1)


if __name__ == "__main__":
    main()
