"""Every check of the house. `nox` runs the gate; `nox -l` lists the heavier sessions."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox
from nox.command import CommandFailed
from packaging.requirements import Requirement

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["gate"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
ODOO = tuple(f"tests/servers/test_odoo{what}.py" for what in ("", "_conforms", "_killed", "_round_trip"))
GATE = "gate"
EVERYTHING = ("lint", "vendors")
FAST = "not browser and not scale and not servers"


def install(session: nox.Session, *groups: str, extra: tuple[str, ...] = ()) -> None:
    """Install the package with every extra, and what the groups of pyproject.toml list."""
    if session.name == GATE and groups != EVERYTHING:
        return  # its environment holds every group already
    # Hundreds of processes import the package: it is compiled once, even where the machine says otherwise.
    session.env["PYTHONDONTWRITEBYTECODE"] = ""
    tools = [line for group in groups for line in nox.project.dependency_groups(PYPROJECT, group)]
    extras = ",".join(PYPROJECT["project"]["optional-dependencies"])
    session.install("-e", f".[{extras}]", *tools, *extra)


def marked(mark: str) -> list[str]:
    """The test files that speak of a mark: a session of a few tests need not collect nineteen thousand."""
    files = sorted(Path("tests").rglob("test_*.py"))
    return [path.as_posix() for path in files if f"mark.{mark}" in path.read_text(encoding="utf-8")]


def asked(session: nox.Session, *usual: str) -> tuple[str, ...]:
    """What stands behind `--`, else the usual; behind `gate --` stand the parts of the gate, nothing for pytest."""
    return usual if session.name == GATE else tuple(session.posargs) or usual


@nox.session(name=GATE)
def gate(session: nox.Session) -> None:
    """lint, docs and tests in one environment, installed once; with `-- servers scale` those sessions in it."""
    install(session, *EVERYTHING)
    parts = {
        "lint": lint, "docs": docs, "tests": tests, "browser": browser, "servers": servers, "scale": scale,
        "faults": faults, "histories": histories,
    }  # fmt: skip
    failed: list[str] = []
    for part in session.posargs or ("lint", "docs", "tests"):
        session.log(f"{GATE}: {part}")
        try:
            parts[part](session)
        except CommandFailed:
            failed.append(part)  # the others still say what they find
    if failed:
        session.error(f"failed: {', '.join(failed)}")


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, mypy and pyright (both strict), and the walls between the rooms."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache", "--no-logo")
    side_by_side(session, ("mypy",), ("pyright", "--pythonpath", f"{session.bin}/python"))


def side_by_side(session: nox.Session, *commands: tuple[str, ...]) -> None:
    """Commands of one core each at the same time; each says what it found when it has ended."""
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(session.run, *command, silent=True) for command in commands]
    for command, ended in zip(commands, running, strict=True):
        session.log(f"{command[0]}: {str(ended.result()).strip()}")


@nox.session
def docs(session: nox.Session) -> None:
    """The pages as a website; a warning is an error, and no network is needed."""
    install(session, "docs")
    session.run("sphinx-build", "-q", "-W", "--keep-going", "-j", "auto", "docs", "docs/_build/html")


@nox.session
def tests(session: nox.Session) -> None:
    """Every test, docstring, README block, page and example."""
    install(session, "tests", "vendors")
    session.run("pytest", "-q", "-n", "auto", "-m", FAST, *asked(session))


@nox.session
def coverage(session: nox.Session) -> None:
    """The tests once more, and which branches they took: half as long again, so by night."""
    install(session, "tests", "vendors")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-q", "-n", "auto", "-m", FAST, *session.posargs)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report", *(["--fail-under=0"] if session.posargs else []))


@nox.session
def browser(session: nox.Session) -> None:
    """The pages and reports in Chromium."""
    install(session, "browser", "docs", "tests")
    session.run("pytest", "-q", "-m", "browser", *asked(session, *marked("browser")))


@nox.session
def servers(session: nox.Session) -> None:
    """Real servers, installed and started here: PostgreSQL, a task queue on it, a web application, Tryton."""
    install(session, "tests", "recipes")
    session.run("pytest", "-q", "-m", "servers and not slow", *asked(session, *marked("servers")))


@nox.session
def integration(session: nox.Session) -> None:
    """Odoo 19, downloaded and made here: minutes the first time on a machine, and the kit takes as long again."""
    install(session, "tests", "recipes", "vendors")
    session.run("pytest", "-q", "-n", "0", *(session.posargs or ODOO))


@nox.session
def scale(session: nox.Session) -> None:
    """A portfolio of real size."""
    install(session, "tests")
    session.run("pytest", "-q", "-m", "scale", *asked(session, *marked("scale")))


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Timings, printed; no test depends on one."""
    install(session, "vendors")  # beside whose own client ours are timed
    for script in sorted(Path("benchmarks").glob("*.py")):
        session.run("python", str(script), *session.posargs)


DAY = {
    "simulated": 100_000, "sockets": 500, "statements": 20, "lost": 20, "killed": 50, "syscalls": 30, "power": 30,
    "hostile": 30, "workers": 4,
}  # fmt: skip
"""How many seeds of each tier of the fault rig every check tries: the start is drawn, and printed."""
SIMULATED = "simulated"
DAY_MINUTES = "1"
"""When a check stops beginning histories of a tier: a slow machine lives through fewer, and the check says how many."""
NIGHT = {tier: 10 * seeds for tier, seeds in DAY.items()} | {"simulated": 100_000, "workers-postgres": 20}


@nox.session
def faults(session: nox.Session) -> None:
    """Every tier of the fault rig, ten times as long as in the gate; what stands behind `--` goes to the rig."""
    install(session)
    rig = ("python", "-m", "clmcrm.testing.faults")
    given = asked(session)
    if given:
        session.run(*rig, *given)
        return
    day = session.name == GATE
    for tier, seeds in (DAY if day else NIGHT).items():
        limit = ("--minutes", DAY_MINUTES) if day else ()
        if not (day and tier == SIMULATED):
            session.run(*rig, "--tier", tier, "--seeds", str(seeds), "--jobs", "2", *limit)


@nox.session
def histories(session: nox.Session) -> None:
    """The simulated tier, as the last part of a check: as much of it as the check has minutes left."""
    install(session)
    minutes = os.environ.get("CLMCRM_MINUTES_LEFT", DAY_MINUTES)
    rig = ("python", "-m", "clmcrm.testing.faults", "--tier", SIMULATED, "--seeds", str(DAY[SIMULATED]), "--jobs", "2")
    session.run(*rig, "--minutes", minutes)


@nox.session
def nightly(session: nox.Session) -> None:
    """Every property, 250 times harder, and the long trials against real servers."""
    install(session, "tests", "recipes", "vendors")
    session.run("pytest", "-q", "-n", "auto", "-m", FAST, "--hypothesis-profile=nightly", *session.posargs)
    session.run("pytest", "-q", "-m", "servers and slow", *(session.posargs or marked("servers")))


@nox.session
def lowest(session: nox.Session) -> None:
    """The oldest release that pyproject.toml allows of every dependency; what needs none is tried elsewhere."""
    install(session, "tests", extra=tuple(oldest()))
    elsewhere = ("--ignore=tests/house", "--ignore=tests/testing", "--ignore-glob=*_conforms.py")
    chosen = ("-m", f"{FAST} and not slow and not machine", "--hypothesis-profile=quick")
    session.run("pytest", "-q", "-n", "auto", *chosen, *elsewhere, *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """The newest release of every dependency, pre-releases too."""
    install(session, "tests")
    session.install("--upgrade", "--pre", *PYPROJECT["project"]["dependencies"])
    session.run("pytest", "-q", "-n", "auto", "-m", FAST, *session.posargs)


def oldest() -> list[str]:
    """Each run-time dependency, pinned to its lower bound."""
    extras = PYPROJECT["project"]["optional-dependencies"].values()
    lines = [*PYPROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    wanted = [Requirement(line) for line in lines]
    return [f"{w.name}=={bound.version}" for w in wanted for bound in w.specifier if bound.operator == ">="]
