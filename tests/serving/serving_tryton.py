"""A Tryton of one's own: installed, its database made once, and a fresh copy of it served on loopback.

The server is GPL and only ever spoken to over the network: it lives in an environment of its own, away from
the library's. What is installed and made is kept in `CLMCRM_SERVERS` (default: a folder of the system's
temporary one), so that only the first run of a machine pays for it (about a minute and a half).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import psycopg.conninfo
from attrs import frozen

SERIES = "8.2"
DATABASE = "crm"
PASSWORD = "correct-horse-battery"  # noqa: S105 - of a server that lives for one test
MODULES = (
    "party", "company", "currency", "sale", "sale_opportunity", "sale_subscription", "sale_blanket_agreement",
    "party_relationship",
)  # fmt: skip
STARTS_WITHIN = 60
SQLITE = "sqlite://"


@frozen(kw_only=True)
class Tryton:
    """A running server: its address, and the administrator's name and password."""

    url: str
    database: str
    user: str
    password: str
    log: Path


def kept() -> Path:
    """The folder for what is installed and made once."""
    folder = Path(os.environ.get("CLMCRM_SERVERS") or Path(tempfile.gettempdir()) / f"clmcrm-servers-{os.getuid()}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def running(where: Path) -> Generator[Tryton]:
    """A server on loopback over a fresh copy of the template, in the empty folder `where`; killed at the end."""
    template = _template()
    shutil.copyfile(template, where / f"{DATABASE}.sqlite")
    with _served(where, SQLITE) as server:
        yield server


@contextmanager
def running_on_postgres(where: Path, place: str) -> Generator[Tryton]:
    """The same over a new database of a PostgreSQL, whose connection string is `place`; made anew each time."""
    _ = _template()
    python = str(kept() / f"tryton-{SERIES}" / "bin" / "python")
    driver = [python, "-m", "pip", "install", "-q", "psycopg[binary,pool]>=3.2"]
    _ = subprocess.run(driver, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    facts = psycopg.conninfo.conninfo_to_dict(place)
    with psycopg.connect(place, autocommit=True) as connection:
        _ = connection.execute(f"CREATE DATABASE {DATABASE}")
    uri = f"postgresql://{facts['user']}@/?host={facts['host']}"
    _activate(where, uri)
    with _served(where, uri) as server:
        yield server


@contextmanager
def _served(where: Path, uri: str) -> Generator[Tryton]:
    port = _free_port()
    log = where / "trytond.log"
    with log.open("wb") as writes:
        server = subprocess.Popen(
            [_program("trytond"), "-c", str(_configuration(where, port, uri)), "-d", DATABASE],
            stdout=writes, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait_for(port, server, log)
            yield Tryton(url=f"http://127.0.0.1:{port}", database=DATABASE, user="admin", password=PASSWORD, log=log)
        finally:
            server.kill()
            _ = server.wait()


def _program(name: str) -> str:
    return str(kept() / f"tryton-{SERIES}" / "bin" / name)


def _template() -> Path:
    """The database with every module activated, made when it is not there; one process at a time makes it."""
    folder = kept()
    template = folder / f"tryton-{SERIES}.sqlite"
    with (folder / f"tryton-{SERIES}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _install(folder / f"tryton-{SERIES}")
            _make(template)
    return template


def _install(environment: Path) -> None:
    _ = subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
    wanted = ["trytond", "proteus", *(f"trytond_{module}" for module in MODULES)]
    _ = subprocess.run(
        [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        + [f"{name}=={SERIES}.*" for name in wanted],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _make(template: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        where = Path(work)
        database = where / f"{DATABASE}.sqlite"
        database.touch()
        _activate(where, SQLITE)
        # Whole and in one file: a copied file beside another's write-ahead log would mix the two silently.
        whole = where / "whole.sqlite"
        with closing(sqlite3.connect(database)) as connection:
            _ = connection.execute("VACUUM INTO ?", (str(whole),))
        _ = shutil.move(whole, template)


def _activate(where: Path, uri: str) -> None:
    """Every module, in the empty database that the configuration names."""
    secret = where / "password"
    _ = secret.write_text(PASSWORD)
    _ = subprocess.run(
        [
            _program("trytond-admin"), "-c", str(_configuration(where, 0, uri)), "-d", DATABASE, "-u", *MODULES,
            "--activate-dependencies", "--email", "admin@example.org",
        ],
        check=True, env={**os.environ, "TRYTONPASSFILE": str(secret)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _configuration(where: Path, port: int, uri: str) -> Path:
    path = where / "trytond.conf"
    _ = path.write_text(
        f"[database]\nuri = {uri}\npath = {where}\n[web]\nlisten = 127.0.0.1:{port}\n[session]\nmax_age = 86400\n"
    )
    return path


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
