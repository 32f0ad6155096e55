"""The public surface changes only on purpose, and everything on it is documented."""

from __future__ import annotations

import ast
import importlib
import inspect
from itertools import pairwise
from pathlib import Path

import pytest
import walls

import clmcrm

PACKAGE = Path(__file__).parents[2] / "src" / "clmcrm"
SNAPSHOT = Path(__file__).with_name("surface.txt")
NAMES = [name for name in clmcrm.__all__ if name != "__version__"]
ROOT_TREE = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))


def names_type_checkers_see() -> set[str]:
    guard = next(node for node in ROOT_TREE.body if isinstance(node, ast.If))
    imports = [node for node in guard.body if isinstance(node, ast.ImportFrom) and node.module != "clmcrm"]
    return {f"{node.module}.{alias.name}" for node in imports for alias in node.names}


def documented_constants(module: str) -> set[str]:
    """The names in `module` whose assignment is followed by a text that explains them."""
    body = ast.parse(inspect.getsource(importlib.import_module(module))).body
    pairs = pairwise(body)
    return {
        ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        for node, after in pairs
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }


def test_surface_equals_the_snapshot() -> None:
    # A change on purpose is written down by:  python tests/house/walls.py > tests/house/surface.txt
    assert walls.surface_drift(PACKAGE, SNAPSHOT) == []


def test_all_is_what_the_root_says_at_run_time() -> None:
    assert walls.surface(PACKAGE) == clmcrm.__all__


@pytest.mark.parametrize("name", NAMES)
def test_name_resolves_and_is_documented(name: str) -> None:
    found = getattr(clmcrm, name)
    home = clmcrm._HOME[name]
    if inspect.isclass(found) or inspect.isroutine(found):
        assert found.__module__ == home
        assert inspect.getdoc(found)
    else:
        assert name in documented_constants(home)


def test_type_checkers_see_the_same_names_from_the_same_modules() -> None:
    assert names_type_checkers_see() == {f"{module}.{name}" for name, module in clmcrm._HOME.items()}


def test_every_public_name_has_a_home() -> None:
    assert sorted(clmcrm._HOME) == NAMES


def test_rooms_are_attributes() -> None:
    assert clmcrm.values.__name__ == "clmcrm.values"
    assert clmcrm.calendars.__name__ == "clmcrm.calendars"


def test_type_checkers_see_every_room() -> None:
    guard = next(node for node in ROOT_TREE.body if isinstance(node, ast.If))
    imports = [node for node in guard.body if isinstance(node, ast.ImportFrom) and node.module == "clmcrm"]
    seen = {alias.name for node in imports for alias in node.names}
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert seen == {room for room in rooms if not room.startswith("_")}


def test_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Monee'"):
        _ = getattr(clmcrm, "Monee")  # noqa: B009 - type checkers refuse the plain form, rightly


def test_a_room_that_fails_to_load_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str) -> object:
        raise ModuleNotFoundError(path, name="something_else")

    monkeypatch.setattr(clmcrm, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="absent"):
        _ = getattr(clmcrm, "absent")  # noqa: B009 - as above


def test_dir_lists_every_public_name() -> None:
    assert set(clmcrm.__all__) <= set(dir(clmcrm))
