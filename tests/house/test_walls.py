"""Every wall stands in the sources, and falls as soon as a violation is planted in a copy of them."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Iterator
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


class Copy:
    """A copy of the package in which violations are planted, and from which they are taken out again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _ = shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        self._made: list[Path] = []
        self._before: dict[Path, str] = {}

    def plant(self, place: str, code: str) -> Path:
        """Write a module, with the folders it needs, or add to one that is there; the copy's folder comes back."""
        path = self.folder / place
        for folder in reversed(path.relative_to(self.folder).parents):
            if not (self.folder / folder).exists():
                (self.folder / folder).mkdir()
                (self.folder / folder / "__init__.py").touch()
                self._made.append(self.folder / folder)
        there = path.read_text(encoding="utf-8") if path.exists() else None
        if there is None:
            self._made.append(path)
        elif path not in self._made:
            _ = self._before.setdefault(path, there)
        _ = path.write_text(f"{there or ''}\n{code}\n", encoding="utf-8")
        return self.folder

    def restore(self) -> None:
        """Take everything out that was planted."""
        for path in reversed(self._made):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        for path, text in self._before.items():
            _ = path.write_text(text, encoding="utf-8")
        self._made, self._before = [], {}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("copied") / "src" / "clmcrm")


@pytest.fixture
def plant(copied: Copy) -> Iterator[Callable[[str, str], Path]]:
    """Write a module into a copy of the package, which is whole again after the test."""
    yield copied.plant
    copied.restore()


def test_contracts_hold() -> None:
    assert walls.broken_contracts(PACKAGE, CONFIG) == {}


def test_the_copy_is_whole_again_when_a_violation_was_taken_out(copied: Copy) -> None:
    before = {path: path.read_bytes() for path in copied.folder.rglob("*.py")}
    _ = copied.plant("crm/deep/below/planted.py", "import httpx")
    _ = copied.plant("__init__.py", "import attrs")
    _ = copied.plant("__init__.py", "import cattrs")
    assert {path: path.read_bytes() for path in copied.folder.rglob("*.py")} != before
    copied.restore()
    assert {path: path.read_bytes() for path in copied.folder.rglob("*.py")} == before
    assert not (copied.folder / "crm" / "deep").exists()


@pytest.mark.parametrize("wall", walls.ALL_WALLS, ids=lambda wall: wall.__name__)
def test_wall_stands(wall: Callable[[Path], list[str]]) -> None:
    assert wall(PACKAGE) == []


# All are planted at once, each in a module of its own, and import-linter runs once: it names every violation.
VIOLATIONS = [
    ("values/planted.py", "from clmcrm.calendars import calendar", LAYERS, "- {} -> clmcrm.calendars.calendar (l.2)"),
    ("ports/planted.py", "import clmcrm.sync.aim", LAYERS, "- {} -> clmcrm.sync.aim (l.2)"),
    ("calendars/planted.py", "from clmcrm.parties import accounts", LAYERS, "- {} -> clmcrm.parties.accounts (l.2)"),
    ("crm/planted.py", "from clmcrm.clm import clauses", LAYERS, "- {} -> clmcrm.clm.clauses (l.2)"),
    ("clm/planted.py", "import clmcrm.crm as crm", LAYERS, "- {} -> clmcrm.crm (l.2)"),
    ("store/planted.py", "import clmcrm.liaison", LAYERS, "- {} -> clmcrm.liaison (l.2)"),
    ("proof/planted.py", "import clmcrm.store.memory", LAYERS, "- {} -> clmcrm.store.memory (l.2)"),
    ("codec/planted.py", "import clmcrm.proof.log", LAYERS, "- {} -> clmcrm.proof.log (l.2)"),
    ("utils.py", "", LAYERS, "- {}\n"),  # a room that the contract does not list
    (
        "clm/deep/below/first.py",
        "from clmcrm.clm.deep.below import second",
        CIRCLES,
        "No cycles are allowed in clmcrm.clm.deep.below.\n",
    ),
    ("crm/through_root.py", "from clmcrm import Money", THROUGH_THE_ROOT, "- {} -> clmcrm (l.2)"),
    ("testing/through_root.py", "import clmcrm as cc", THROUGH_THE_ROOT, "- {} -> clmcrm (l.2)"),
    ("adapters/to_bridge.py", "from clmcrm.bridge import aim", ENGINES, "- {} -> clmcrm.bridge.aim (l.2)"),
    ("adapters/to_analytics.py", "from clmcrm.analytics import aim", ENGINES, "- {} -> clmcrm.analytics.aim (l.2)"),
    ("adapters/late.py", "def late():\n    import clmcrm.sync.aim", ENGINES, "- {} -> clmcrm.sync.aim (l.3)"),
    ("crm/network.py", "import httpx", CORE, "- {} -> httpx (l.2)"),
    ("sync/database.py", "import sqlite3", CORE, "- {} -> sqlite3 (l.2)"),
    ("clm/late.py", "def late():\n    from urllib.parse import quote", CORE, "- {} -> urllib (l.3)"),
    ("ports/threads.py", "import threading", CORE, "- {} -> threading (l.2)"),
    ("ports/loops.py", "import asyncio", CORE, "- {} -> asyncio (l.2)"),
    ("values/json.py", "from cattrs import Converter", CORE, "- {} -> cattrs (l.2)"),
    ("store/network.py", "import httpx", HTTPX, "- {} -> httpx (l.2)"),
    ("adapters/network.py", "from httpx import Client", HTTPX, "- {} -> httpx (l.2)"),
]
AIMS = ["sync/aim.py", "bridge/aim.py", "analytics/aim.py"]


@pytest.fixture(scope="module")
def broken(copied: Copy) -> dict[str, str]:
    """What import-linter says of a copy with every violation in it."""
    # What the planted lines point at must exist, or import-linter would take it for a name.
    for place in AIMS:
        _ = copied.plant(place, "")
    _ = copied.plant("clm/deep/below/second.py", "from clmcrm.clm.deep.below import first")
    for place, code, _, _ in VIOLATIONS:
        _ = copied.plant(place, code)
    said = walls.broken_contracts(copied.folder, CONFIG)
    copied.restore()
    return said


@pytest.mark.parametrize(
    ("place", "contract", "said"),
    [(place, contract, said) for place, _, contract, said in VIOLATIONS],
    ids=[place for place, *_ in VIOLATIONS],
)
def test_contract_catches(broken: dict[str, str], place: str, contract: str, said: str) -> None:
    module = "clmcrm." + place.removesuffix(".py").replace("/", ".")
    assert said.format(module) in broken[contract].replace("-   ", "- ")


def test_contracts_let_pass(plant: Callable[[str, str], Path]) -> None:
    _ = plant("adapters/_http.py", "import httpx")
    _ = plant("store/planted.py", "import sqlite3, threading")
    _ = plant("adapters/planted.py", "from clmcrm.codec import planted")
    _ = plant("liaison/planted.py", "from clmcrm.sync import planted")
    _ = plant("sync/planted.py", "")
    copy = plant("codec/planted.py", "from clmcrm.sync import planted")
    assert walls.broken_contracts(copy, CONFIG) == {}


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
