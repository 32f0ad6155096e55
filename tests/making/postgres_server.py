"""A real PostgreSQL of our own: installed where it may be, started on a free socket, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PACKAGE = "postgresql"


@contextmanager
def a_server(*, copy_of: Path | None = None, keep: Path | None = None) -> Iterator[str]:
    """The connection string of a server of one's own; it is stopped and removed at the end of the block.

    It is empty, or a copy of the folder `copy_of`; `keep` is where its data is kept when the block ends well.
    """
    tools = _tools()
    folder = Path(tempfile.mkdtemp(prefix="clmcrm-pg-"))
    user = _user()
    data, log = folder / "data", folder / "log"
    try:
        if user:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        if copy_of is None:
            _run(user, tools / "initdb", "-D", data, "-U", "clmcrm", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        else:
            _run(None, "cp", "-a", copy_of, data)
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run(user, tools / "pg_ctl", "-D", data, "-l", log, "-o", settings, "-w", "-t", "60", "start")
        ended = "immediate"
        try:
            yield f"host={folder} user=clmcrm dbname=postgres"
            ended = "fast" if keep else ended
        finally:
            _run(user, tools / "pg_ctl", "-D", data, "-m", ended, "-w", "stop")
        if keep is not None:
            _run(None, "cp", "-a", data, keep)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(user: str | None, *command: object) -> None:
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    line = [*as_user, *(str(part) for part in command)]
    # Not captured through a pipe: the server would keep it open.
    with tempfile.TemporaryFile() as said:
        code = subprocess.run(line, stdout=said, stderr=said, check=False, cwd="/", stdin=subprocess.DEVNULL).returncode
        _ = said.seek(0)
        assert code == 0, f"{line} ended with {code}: {said.read().decode(errors='replace')}"


def _user() -> str | None:
    """As whom the server runs: it refuses to run as root."""
    return "postgres" if os.getuid() == 0 else None


def _tools() -> Path:
    found = _found()
    if found is None and os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        for line in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", PACKAGE]):
            _ = subprocess.run(["apt-get", *line], check=False, capture_output=True, env=quiet)
        found = _found()
    if found is None:
        pytest.fail(f"no PostgreSQL here, and none could be installed: apt-get install {PACKAGE}")
    return found


def _found() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if versions:
        return versions[-1].parent
    there = shutil.which("initdb")
    return Path(there).resolve().parent if there else None
