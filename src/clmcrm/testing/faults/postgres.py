"""A PostgreSQL of our own for the rig: in a folder of its own, on a socket of its own, gone at the end."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from clmcrm.testing.faults.tracing import Unavailable

VARIABLE: Final = "CLMCRM_POSTGRES"
"""The connection string of a server to use instead of one of our own."""
USER: Final = "postgres"


@cache
def running() -> str:
    """The connection string of a server that lasts as long as this process; raises `Unavailable` without one."""
    try:
        import psycopg  # noqa: PLC0415 - an optional package
    except ImportError:
        raise Unavailable("psycopg is not installed (the extra postgres)") from None
    given = os.environ.get(VARIABLE)
    if given:
        psycopg.connect(given).close()
        return given
    stack = ExitStack()
    place = stack.enter_context(a_server())
    _ = atexit.register(stack.close)
    return place


def share() -> None:
    """Let all processes that are started from now on use the same server."""
    os.environ[VARIABLE] = running()


@contextmanager
def a_server() -> Generator[str, None, None]:
    """The connection string of an empty server; it is stopped and removed at the end of the block."""
    tools = tools_found()
    if tools is None:
        raise Unavailable("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="clmcrm-pg-"))
    user = USER if os.getuid() == 0 else None  # it refuses to run as root
    data, log = folder / "data", folder / "log"
    try:
        if user:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        _run(user, tools / "initdb", "-D", data, "-U", "clmcrm", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run(user, tools / "pg_ctl", "-D", data, "-l", log, "-o", settings, "-w", "-t", "60", "start")
        try:
            yield f"host={folder} user=clmcrm dbname=postgres"
        finally:
            _run(user, tools / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tools_found() -> Path | None:
    """The folder of `initdb` and `pg_ctl`; None when there is none."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if versions:
        return versions[-1].parent
    there = shutil.which("initdb")
    return Path(there).resolve().parent if there else None


def _run(user: str | None, *command: object) -> None:
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    line = [*as_user, *(str(part) for part in command)]
    # Not captured through a pipe: the server would keep it open.
    with tempfile.TemporaryFile() as said:
        ran = subprocess.run(line, stdout=said, stderr=said, check=False, cwd="/", stdin=subprocess.DEVNULL)  # noqa: S603 - our own
        _ = said.seek(0)
        if ran.returncode:
            raise Unavailable(f"{line[-1]} ended with {ran.returncode}: {said.read().decode(errors='replace')[-300:]}")
