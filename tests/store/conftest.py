"""One PostgreSQL for all tests of a process that need one; an empty database for each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from postgres_server import a_server

NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with a_server() as place:
        yield place


@pytest.fixture
def database(server: str) -> str:
    """The connection string of an empty database."""
    psycopg: Any = pytest.importorskip("psycopg", reason="psycopg is in the extra postgres")
    name = f"journal_{next(NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}")
    return server.replace("dbname=postgres", f"dbname={name}")
