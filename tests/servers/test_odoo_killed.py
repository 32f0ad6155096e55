"""Killed in the middle of a push of 1,000 accounts and resumed: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import push_to_odoo
import pytest
from odoo_desk import OdooDesk
from pushing import all_there_once, filled, killed_and_resumed
from serving_odoo import running

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PUSHED = [["name", "=like", "pushed %"]]


def test_a_killed_push_is_resumed(tmp_path: Path) -> None:
    file = tmp_path / "clm.sqlite"
    filled(file)
    where = tmp_path / "odoo"
    where.mkdir()
    with running(where) as server:
        desk = OdooDesk(server)
        killed_and_resumed(
            Path(push_to_odoo.__file__),
            [server.url, desk.database, server.keys["sync"], str(file)],
            lambda: int(desk.do("res.partner", "search_count", domain=PUSHED)),
        )
        rows = desk.do("res.partner", "search_read", domain=PUSHED, fields=["name"])
        all_there_once([row["name"] for row in rows])
