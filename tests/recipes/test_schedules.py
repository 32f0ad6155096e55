"""The recipes for running on a schedule, each run as it stands in examples/scheduling/."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from postgres_server import a_server

from clmcrm.adapters.embedded import open_embedded
from clmcrm.sample.company import load_company
from clmcrm.sample.seeding import seed_baseline
from clmcrm.store.sqlite import SqliteJournal

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "scheduling"
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{EXAMPLES}"}


def _recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("recipes") / "company.sqlite"
    with open_embedded(place) as both:
        seed_baseline(both, load_company())
    return place


@pytest.fixture
def company(seeded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(seeded, tmp_path / "company.sqlite"))


def _loop(company: Path, *more: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(EXAMPLES / "sync_loop.py"), str(company), str(company.with_name("j.sqlite")), *more]
    return subprocess.run(line, capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120)


def test_the_loop_synchronises_and_goes_on(company: Path) -> None:
    ran = _loop(company, "--times", "2", "--every", "0")
    assert ran.stderr == ""
    first, second = ran.stdout.splitlines()
    assert int(first.split()[0]) > 0
    assert second.startswith("0 records written")
    assert ran.returncode in (0, 3)


def test_a_loop_beside_another_worker_tries_again_later(company: Path) -> None:
    journal = SqliteJournal(company.with_name("j.sqlite"))
    _ = journal.take("somebody", timedelta(minutes=5))
    ran = _loop(company, "--times", "1")
    assert (ran.returncode, ran.stdout.startswith("later: partition all is held by somebody")) == (75, True)
    assert list(journal.history()) == []
    journal.close()


def test_a_loop_with_a_damaged_journal_stops_and_names_it(company: Path) -> None:
    _ = company.with_name("j.sqlite").write_bytes(b"no journal at all" * 500)
    ran = _loop(company, "--times", "1")
    assert ran.returncode == 1
    assert "j.sqlite" in ran.stderr


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as place:
        yield place


@pytest.mark.servers
def test_two_workers_of_a_queue_share_the_partitions(
    seeded: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two worker processes, three companies, each put into the queue twice: all are in step, none was done twice."""
    _ = pytest.importorskip("procrastinate", reason="procrastinate is in the group recipes")
    names = ["east", "north", "south"]
    for name in names:
        _ = shutil.copy(seeded, tmp_path / f"{name}.sqlite")
    surroundings = {"CLMCRM_DATABASE": server, "CLMCRM_FOLDER": str(tmp_path)}
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    recipe = _recipe("sync_queue")
    assert recipe.partitions() == names
    with recipe.app.open():
        recipe.app.schema_manager.apply_schema()
        assert [recipe.put(name) for name in names] == [True] * 3
        assert [recipe.put(name) for name in names] == [False] * 3
    code = "import sync_queue; sync_queue.app.run_worker(wait=False, install_signal_handlers=False, concurrency=1)"
    workers = [
        subprocess.Popen([sys.executable, "-c", code], env={**ENVIRONMENT, **surroundings}, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for worker in workers:
        _, said = worker.communicate(timeout=120)
        assert worker.returncode == 0, said.decode()
    from clmcrm.store.postgres import PostgresJournal  # noqa: PLC0415 - psycopg is here with procrastinate

    lines = set()
    for name in names:
        journal = PostgresJournal(server, partition=name)
        lines.add(sum(1 for line in journal.history() if line.what == "create"))
        assert list(journal.open_steps()) == []
        journal.close()
        with open_embedded(tmp_path / f"{name}.sqlite") as both:
            marks = [seen.mark for kind in ("account", "contact", "contract") for seen in _all(both.clm, kind)]
            assert len([m for m in marks if m]) == len({m for m in marks if m})
    assert len(lines) == 1, "each partition was done once, and alike"
    assert lines != {0}


def _all(system: Any, kind: str) -> list[Any]:
    found, cursor, more = {}, None, True
    while more:
        page = system.changes(kind, cursor)
        found.update({seen.key: seen for seen in page.seen})
        cursor, more = page.cursor, page.more
    return list(found.values())


@pytest.mark.servers
def test_a_web_application_previews_runs_and_decides(
    company: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _ = pytest.importorskip("fastapi", reason="fastapi is in the group recipes")
    import httpx  # noqa: PLC0415 - a client over a real socket, as a browser is

    environment = {**ENVIRONMENT, "CLMCRM_FILE": str(company), "CLMCRM_JOURNAL": str(tmp_path / "j.sqlite")}
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "sync_in_a_web_app:app", "--port", "0", "--log-level", "info"],
        env=environment, stderr=subprocess.PIPE, text=True,
    ) as web:  # fmt: skip
        try:
            with httpx.Client(base_url=_address(web), timeout=120) as client:
                _visit(client, company, tmp_path / "j.sqlite")
        finally:
            web.terminate()


def _address(web: subprocess.Popen[str]) -> str:
    assert web.stderr is not None
    for line in web.stderr:
        if "running on" in line:
            threading.Thread(target=web.stderr.read, daemon=True).start()
            return line.partition("running on ")[2].split()[0]
    raise AssertionError("the application did not start")


def _visit(client: Any, company: Path, place: Path) -> None:
    plan = client.get("/plan").json()
    assert len(plan["preview"]) > 0
    assert client.get("/plan.html").text.startswith("<!DOCTYPE html>")
    journal = SqliteJournal(place)
    _ = journal.take("somebody", timedelta(minutes=5))
    busy = client.post("/run", params={"yes": True})
    assert (busy.status_code, "somebody" in busy.text) == (409, True)
    journal.release()
    done = client.post("/run", params={"yes": True}).json()
    assert done["written"] > 0
    assert client.get("/plan").json()["preview"] == []
    key = next(iter(journal.agreed("account"))).link
    journal.close()
    with open_embedded(company) as both:
        assert key.crm is not None
        assert key.clm is not None
        _ = both.crm.edit("account", key.crm, {"billing_address": {"city": "Lille", "country": "FR"}})
        _ = both.clm.edit("account", key.clm, {"billing_address": {"city": "Lens", "country": "FR"}})
    [conflict] = client.get("/conflicts").json()
    said = {"key": conflict["key"], "take": "clm", "by": "ann", "why": "the deed says so"}
    assert client.post("/decisions", json=said).json()["by"] == "ann"
    assert client.post("/decisions", json={**said, "key": "none"}).status_code == 404
    assert client.post("/run").json()["written"] == 1
    assert client.get("/conflicts").json() == []
