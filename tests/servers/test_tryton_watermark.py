"""The watermark race: a slow transaction that began before our watermark and ends after it loses no row.

On PostgreSQL a row carries the time its transaction began. While 400 rows are still being committed, one row of
another person is told; a feed that goes on from that row's time never sees the 400. Ours reads again for as long as
the adapter's overlap says, and knows a record it has seen by its version.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from postgres_server import a_server
from serving_tryton import running_on_postgres
from tryton_desk import TrytonDesk

from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.drivers.blocking import Blocking
from clmcrm.ports.records import Kind

pytestmark = [pytest.mark.servers, pytest.mark.slow]

ROWS = 400


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonDesk]:
    with a_server() as place, running_on_postgres(tmp_path_factory.mktemp("tryton"), place) as server:
        yield TrytonDesk(server)


def told(crm: Blocking, cursor: str | None) -> tuple[set[str], str | None]:
    """The names that the feed tells from `cursor` on, to its end, and where it then stands."""
    names: set[str] = set()
    while True:
        page = crm.changes(Kind.ACCOUNT, cursor)
        names |= {str(seen.fields["name"]) for seen in page.seen if seen.fields}
        cursor = page.cursor
        if not page.more:
            return names, cursor


@pytest.mark.parametrize(("overlap", "lost"), [(timedelta(minutes=10), 0), (timedelta(0), ROWS)])
def test_rows_of_a_slow_transaction_are_told_where_the_overlap_is_longer(
    desk: TrytonDesk, overlap: timedelta, lost: int
) -> None:
    crm = Blocking(TrytonCrm(desk.session, overlap=overlap, page=200), desk.driver.run)
    _, cursor = told(crm, None)
    slow = {f"slow {overlap} {number}" for number in range(ROWS)}
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(desk.do, "party.party", "create", [{"name": name} for name in sorted(slow)])
        seen: set[str] = set()
        quick = 0
        while not writing.done():
            quick += 1
            _ = desk.do("party.party", "create", [{"name": f"quick {overlap} {quick}"}])
            names, cursor = told(crm, cursor)
            seen |= names
        _ = writing.result()
    assert quick > 1, "the transaction was not slow: nothing was tried"
    names, _ = told(crm, cursor)
    assert {f"quick {overlap} {number}" for number in range(1, quick + 1)} <= seen | names
    assert len(slow - seen - names) == lost
