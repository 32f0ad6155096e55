"""Every wall stands in the sources, and falls as soon as a violation is planted in a copy of them."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import walls

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "clmcrm"
CONFIG = ROOT / "pyproject.toml"
SNAPSHOT = Path(__file__).with_name("surface.txt")

LAYERS = "arrows point down only, and neighbours do not know each other"
CIRCLES = "no circles at any depth"
THROUGH_THE_ROOT = "inside the package nobody imports through the root"
ENGINES = "adapters see ports and records, never engines"
CORE = "the core knows no network, database, thread, process or JSON"
HTTPX = "httpx only from adapters/_http.py"


@pytest.fixture
def plant(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a module into a copy of the package, with the folders it needs; the copy's folder comes back."""
    copy = tmp_path / "src" / "clmcrm"
    _ = shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def planted(place: str, code: str) -> Path:
        path = copy / place
        for folder in (path.parent, *path.parent.parents):
            if folder == copy:
                break
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "__init__.py").touch()
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        _ = path.write_text(f"{before}\n{code}\n", encoding="utf-8")
        return copy

    return planted


def test_contracts_hold() -> None:
    assert walls.broken_contracts(PACKAGE, CONFIG) == []


@pytest.mark.parametrize("wall", walls.ALL_WALLS, ids=lambda wall: wall.__name__)
def test_wall_stands(wall: Callable[[Path], list[str]]) -> None:
    assert wall(PACKAGE) == []


@pytest.mark.parametrize(
    ("place", "code", "contract"),
    [
        ("values/planted.py", "from clmcrm.calendars import calendar", LAYERS),
        ("ports/planted.py", "import clmcrm.sync.planted", LAYERS),
        ("calendars/planted.py", "from clmcrm.parties import accounts", LAYERS),
        ("crm/planted.py", "from clmcrm.clm import events", LAYERS),
        ("clm/planted.py", "import clmcrm.crm as crm", LAYERS),
        ("store/planted.py", "import clmcrm.liaison", LAYERS),
        ("proof/planted.py", "import clmcrm.store.memory", LAYERS),
        ("codec/planted.py", "import clmcrm.proof.log", LAYERS),
        ("utils.py", "", LAYERS),  # a room that the contract does not list
        ("clm/deep/below/first.py", "from clmcrm.clm.deep.below import second", CIRCLES),
        ("crm/planted.py", "from clmcrm import Money", THROUGH_THE_ROOT),
        ("testing/planted.py", "import clmcrm as cc", THROUGH_THE_ROOT),
        ("adapters/planted.py", "from clmcrm.bridge import planted", ENGINES),
        ("adapters/planted.py", "from clmcrm.analytics import planted", ENGINES),
        ("adapters/planted.py", "def late():\n    import clmcrm.sync", ENGINES),
        ("crm/planted.py", "import httpx", CORE),
        ("sync/planted.py", "import sqlite3", CORE),
        ("clm/planted.py", "def late():\n    from urllib.parse import quote", CORE),
        ("ports/planted.py", "import threading, asyncio", CORE),
        ("values/planted.py", "from cattrs import Converter", CORE),
        ("store/planted.py", "import httpx", HTTPX),
        ("adapters/planted.py", "from httpx import Client", HTTPX),
    ],
)
def test_contract_catches(plant: Callable[[str, str], Path], place: str, code: str, contract: str) -> None:
    # What the planted lines point at must exist, or import-linter would take it for a name.
    for room in ("sync", "bridge", "analytics"):
        _ = plant(f"{room}/planted.py", "")
    _ = plant("liaison/planted.py", "")
    _ = plant("clm/deep/below/second.py", "from clmcrm.clm.deep.below import first")
    _ = plant("clm/deep/below/first.py", "")
    copy = plant(place, code)
    assert contract in walls.broken_contracts(copy, CONFIG)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("adapters/_http.py", "import httpx"),
        ("store/planted.py", "import sqlite3, threading"),
        ("adapters/planted.py", "from clmcrm.codec import planted"),
        ("liaison/planted.py", "from clmcrm.sync import planted"),
    ],
)
def test_contracts_let_pass(plant: Callable[[str, str], Path], place: str, code: str) -> None:
    _ = plant("sync/planted.py", "")
    _ = plant("codec/planted.py", "from clmcrm.sync import planted")
    assert walls.broken_contracts(plant(place, code), CONFIG) == []


@pytest.mark.parametrize(
    ("place", "code", "finding"),
    [
        ("crm/planted.py", "from datetime import date\nday = date.today()", "clock: datetime.date.today"),
        ("clm/planted.py", "import datetime as dt\nat = dt.datetime.now", "clock: datetime.datetime.now"),
        ("sync/planted.py", "from time import monotonic", "clock: time.monotonic"),
        ("calendars/planted.py", "text = open('x').read()", "disk: builtins.open"),
        ("values/planted.py", "from pathlib import Path", "disk: pathlib.Path"),
        ("ports/planted.py", "import os.path", "disk: os.path"),
        ("bridge/planted.py", "print('done')", "printing: builtins.print"),
        ("proof/planted.py", "from secrets import token_bytes", "chance: secrets.token_bytes"),
        ("crm/planted.py", "import sys\nsys.stderr.write('x')", "printing: sys.stderr.write"),
        ("clm/planted.py", "from uuid import uuid4 as new", "chance: uuid.uuid4"),
        ("analytics/planted.py", "import random", "chance: random"),
        ("parties/planted.py", "import importlib.resources", "dynamic import: importlib.resources"),
        ("values/planted.py", "eval('1')", "dynamic import: builtins.eval"),
    ],
)  # fmt: skip
def test_core_may_not(plant: Callable[[str, str], Path], place: str, code: str, finding: str) -> None:
    copy = plant(place, code)
    assert [line for line in walls.core_uses(copy) if line.endswith(finding) and place in line]


def test_core_may_use_what_only_looks_alike(plant: Callable[[str, str], Path]) -> None:
    code = (
        "import re\nfrom io import StringIO\nfrom datetime import time\n"
        "def f(open, day):\n    return open(day.today), re.compile('x'), StringIO(), time(9)"
    )
    assert walls.core_uses(plant("crm/planted.py", code)) == []


@pytest.mark.parametrize(
    ("wall", "place", "code"),
    [
        (walls.loading, "adapters/planted.py", "import importlib\nimportlib.import_module('x')"),
        (walls.loading, "cli/planted.py", "exec('1')"),
        (walls.float_literals, "crm/planted.py", "rate = 0.2"),
        (walls.private_names, "clm/planted.py", "from clmcrm.values.money import _MAX_DIGITS"),
        (walls.private_names, "values/planted.py", "from clmcrm.values import money\nmoney._MAX_DIGITS"),
        (walls.private_names, "store/planted.py", "from clmcrm.adapters import _http"),
        (walls.shared_names, "values/__init__.py", "from clmcrm.values.rates import Rate as money"),
        (walls.shared_names, "values/__init__.py", "def span(): ..."),
        (walls.shared_names, "__init__.py", "def values(): ..."),
        (walls.heavy_imports, "__init__.py", "import attrs"),
        (walls.heavy_imports, "__init__.py", "from clmcrm.values.money import Money"),
    ],
)
def test_wall_catches(
    plant: Callable[[str, str], Path], wall: Callable[[Path], list[str]], place: str, code: str
) -> None:
    _ = plant("adapters/_http.py", "")
    assert [line for line in wall(plant(place, code)) if place in line]


def test_private_module_is_open_to_its_own_room(plant: Callable[[str, str], Path]) -> None:
    _ = plant("adapters/_http.py", "class Transport: ...")
    copy = plant("adapters/planted.py", "from clmcrm.adapters._http import Transport")
    assert walls.private_names(copy) == []


def test_folder_without_init_is_caught(plant: Callable[[str, str], Path]) -> None:
    copy = plant("crm/planted/code.py", "")
    (copy / "crm" / "planted" / "__init__.py").unlink()
    assert len(walls.loose_folders(copy)) == 1


def test_surface_drift_is_caught(plant: Callable[[str, str], Path], tmp_path: Path) -> None:
    snapshot = tmp_path / "surface.txt"
    _ = snapshot.write_text("Absent\nMoney\n", encoding="utf-8")
    copy = plant("__init__.py", "")
    _ = (copy / "__init__.py").write_text("__all__ = ['Money', 'Currency']", encoding="utf-8")
    assert walls.surface_drift(copy, snapshot) == [
        "surface: Currency is new",
        "surface: Absent is gone",
        "surface: __all__ is not sorted",
    ]


def test_every_room_is_in_the_contract() -> None:
    contracts = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    listed = {room.strip(" ()") for layer in layers for room in layer.split("|")}
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("**/*.py"))}
    assert rooms - {"__init__"} <= listed


def test_core_walls_and_core_contract_name_the_same_rooms() -> None:
    contracts = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    listed = {room.strip(" ()") for layer in layers for room in layer.split("|")}
    core = next(contract for contract in contracts if contract["id"] == "core")
    free = {line.split(" -> ")[0].split(".")[1] for line in core["ignore_imports"]}
    assert listed - free - {"__main__"} == set(walls.CORE)
