"""`import clmcrm` loads nothing heavy, and each name loads only what it needs."""

from __future__ import annotations

from pathlib import Path

import walls

PACKAGE = Path(__file__).parents[2] / "src" / "clmcrm"


def loaded(code: str) -> set[str]:
    ran = walls.in_process(PACKAGE, "-c", f"{code}\nimport sys\nprint(*sys.modules)")
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


def test_import_of_the_root_loads_no_room() -> None:
    ours = {name for name in loaded("import clmcrm") if name.startswith("clmcrm")}
    assert ours == {"clmcrm"}


def test_import_of_the_root_loads_nothing_heavy() -> None:
    assert not loaded("import clmcrm") & walls.HEAVY


def test_a_name_loads_its_room_and_no_other() -> None:
    names = loaded("import clmcrm as cc\ncc.Money")
    assert "clmcrm.values.money" in names
    assert not {name for name in names if name.startswith("clmcrm.calendars")}
    assert not names & (walls.HEAVY - {"attr", "attrs"})


def test_all_the_names_together_load_no_network_database_or_terminal() -> None:
    names = loaded("from clmcrm import *")
    assert "clmcrm.values.money" in names
    assert not names & {"cattrs", "httpx", "numpy", "pytest", "rich", "sqlite3"}
