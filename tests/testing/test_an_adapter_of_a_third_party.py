"""An adapter in a package of its own is installed by pip, found by entry point, and passes the kit in 15 lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from clmcrm.adapters.installed_adapters import ADAPTERS, installed_adapter, installed_adapters
from clmcrm.errors import TerminalError

ROOT = Path(__file__).parents[2]
ACME = ROOT / "examples" / "acme_crm"
MOST_LINES = 15


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example, without a network."""
    folder = tmp_path_factory.mktemp("acme")
    source, target = folder / "source", folder / "installed"
    _ = shutil.copytree(ACME, source)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(target)]
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *options, str(source)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def run_in(installed: Path, *arguments: str, cwd: Path = ROOT) -> str:
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(installed), str(ROOT / "src")])}
    done = subprocess.run([sys.executable, *arguments], check=False, capture_output=True, text=True, env=env, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_found_by_its_entry_point_and_loaded_when_it_is_asked_for(installed: Path) -> None:
    program = (
        "import sys; from clmcrm.adapters.installed_adapters import installed_adapter, installed_adapters\n"
        "print([(a.name, a.package) for a in installed_adapters() if a.name == 'acme'], 'acme_crm' in sys.modules)\n"
        "print(installed_adapter('acme')('https://acme.example/api').system, 'acme_crm' in sys.modules)"
    )
    listed, loaded = run_in(installed, "-c", program).splitlines()
    assert listed == "[('acme', 'acme-crm 1.0.0')] False"
    assert loaded == "acme True"


def test_it_passes_the_kit_through_both_drivers(installed: Path, tmp_path: Path) -> None:
    checks = tmp_path / "checks.json"
    tests = tmp_path / "tests"
    _ = shutil.copytree(ACME / "tests", tests)
    _ = (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    plugin = ["-p", "clmcrm.testing.plugin", f"--clmcrm-checks={checks}", "-p", "no:cacheprovider"]
    told = run_in(installed, "-m", "pytest", "-q", "-c", "pytest.ini", *plugin, "tests", cwd=tmp_path)
    (entry,) = json.loads(checks.read_text(encoding="utf-8"))
    assert entry["failed"] == 0
    assert entry["passed"] >= 240
    assert entry["declares"]["holds"]["account"] == ["description", "employees", "name", "website"]
    assert f"clmcrm: TestAcmeCrm (CrmAdapterSuite, acme): {entry['checks']} checks, {entry['passed']} passed" in told


def test_its_test_has_at_most_fifteen_lines() -> None:
    (test,) = (ACME / "tests").glob("*.py")
    assert len(test.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=ADAPTERS)


def test_adapters_are_listed_by_name_without_being_imported() -> None:
    points = [point("b", "nowhere:B"), point("a", "nowhere:A"), point("a", "nowhere:A")]
    assert [adapter.name for adapter in installed_adapters(points)] == ["a", "b"]


def test_a_name_that_nobody_registers_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(TerminalError, match="no installed package registers this adapter; registered: a, b"):
        _ = installed_adapter("acme", [point("b", "nowhere:B"), point("a", "nowhere:A")])
    with pytest.raises(TerminalError, match="registered: none"):
        _ = installed_adapter("acme", [])


def test_a_name_that_two_packages_register_is_refused() -> None:
    with pytest.raises(TerminalError, match="more than one package registers this adapter: one:A and two:A"):
        _ = installed_adapter("a", [point("a", "two:A"), point("a", "one:A")])


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("clmcrm.nowhere:A", "cannot be loaded: ModuleNotFoundError"),
        ("clmcrm.errors:nothing", "cannot be loaded: AttributeError"),
        ("clmcrm.adapters.installed_adapters:ADAPTERS", "gives a str; expected a class or a function"),
    ],
)
def test_an_adapter_that_cannot_be_loaded_is_named_with_the_cause(value: str, why: str) -> None:
    with pytest.raises(TerminalError, match=why) as refusal:
        _ = installed_adapter("acme", [point("acme", value)])
    assert value in str(refusal.value)
