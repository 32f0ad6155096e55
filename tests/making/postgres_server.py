"""A real PostgreSQL of our own: installed where it may be, started on a free socket, gone at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debian_packages import wanted

from clmcrm.testing.faults import postgres


@contextmanager
def a_server(*, copy_of: Path | None = None, keep: Path | None = None) -> Iterator[str]:
    """As `clmcrm.testing.faults.postgres.a_server`; PostgreSQL is installed first where it may be."""
    wanted("postgresql", lambda: postgres.tools_found() is not None)
    with postgres.a_server(copy_of=copy_of, keep=keep) as place:
        yield place
