"""Killed in the middle of a push of 1,000 accounts and resumed: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import push_to_tryton
import pytest
from pushing import all_there_once, filled, killed_and_resumed
from serving_tryton import running
from tryton_desk import TrytonDesk

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PUSHED = [["name", "like", "pushed %"]]


def test_a_killed_push_is_resumed(tmp_path: Path) -> None:
    file = tmp_path / "clm.sqlite"
    filled(file)
    where = tmp_path / "tryton"
    where.mkdir()
    with running(where) as server:
        desk = TrytonDesk(server)
        killed_and_resumed(
            Path(push_to_tryton.__file__),
            [server.url, server.password, str(desk.company), str(file)],
            lambda: int(desk.do("party.party", "search_count", PUSHED)),
        )
        rows = desk.do("party.party", "search_read", PUSHED, 0, None, None, ["name"])
        all_there_once([row["name"] for row in rows])
