"""The papers of the house are in order: version, news, examples, README, the contents of the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import clmcrm

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KINDS = {kind["directory"] for kind in PYPROJECT["tool"]["towncrier"]["type"]}
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
FRAGMENTS = sorted(path for path in (ROOT / "news").iterdir() if path.name != "README.md")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")


def test_version_is_written_once_in_effect() -> None:
    assert PYPROJECT["project"]["version"] == clmcrm.__version__


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example_runs(example: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout


def test_every_file_with_an_example_is_collected() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*command, "src", "README.md", "docs"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    collected = {line.partition("::")[0] for line in ran.stdout.splitlines() if "::" in line}
    files = [ROOT / "README.md", *(ROOT / "src").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
    wanted = {path.relative_to(ROOT).as_posix() for path in files if ">>> " in path.read_text(encoding="utf-8")}
    assert {"README.md", "src/clmcrm/values/money.py"} <= wanted
    assert wanted <= collected


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_news_fragment_has_a_kind_and_something_to_say(fragment: Path) -> None:
    found = re.fullmatch(r"[a-z0-9-]+\.([a-z]+)\.md", fragment.name)
    assert found is not None
    assert found[1] in KINDS
    assert fragment.read_text(encoding="utf-8").strip().endswith((".", "!", ")"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    # Pages that are made while the docs are built do not exist before.
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "rooms/" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_runtime_dependencies_have_a_lower_bound() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"].values()
    wanted = [*PYPROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    assert [line for line in wanted if ">=" not in line and not line.startswith("clmcrm[")] == []


def test_every_extra_that_an_error_names_can_be_installed() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"MissingExtra\(\s*\"([a-z]+)\"", code))
    assert "calendars" in named
    assert named <= set(PYPROJECT["project"]["optional-dependencies"])


@pytest.mark.slow
def test_wheel_holds_every_source_file_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    ran = subprocess.run(
        [*command, "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        papers = {Path(name).name for name in archive.namelist() if ".dist-info/" in name}
    files = (path for path in (ROOT / "src").rglob("*") if path.is_file())
    ours = {path.relative_to(ROOT / "src").as_posix() for path in files if "__pycache__" not in path.parts}
    assert held == ours
    assert "clmcrm/py.typed" in held
    assert "LICENSE" in papers
