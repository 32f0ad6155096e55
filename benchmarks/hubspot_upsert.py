"""CPU per 100-row upsert: the HubSpot adapter beside HubSpot's own client, against one fake account over a socket.

The account runs in a process of its own and does the same for both; the rows it holds afterwards must be equal. Run it
as `python benchmarks/hubspot_upsert.py` with the package installed; without `hubspot-api-client` it prints our side.
"""
# ruff: noqa: INP001, S101, S603, T201 - a script that checks and prints its findings, and starts a server of its own

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from statistics import median
from time import process_time, sleep
from typing import Any

from clmcrm.adapters.hubspot.crm import HubSpotCrm
from clmcrm.adapters.hubspot.marks import KEY
from clmcrm.adapters.hubspot.session import HubSpotSession
from clmcrm.adapters.transports import HttpTransport
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.ports.records import Kind, Update
from clmcrm.testing.vendors.hubspot.account import TOKEN

ROWS = 100
TIMES = 25
SERVER = """
import sys
from clmcrm.testing.vendors.hubspot.account import HubSpotAccount
from clmcrm.testing.vendors.serving import serving
account = HubSpotAccount()
account.need("companies", "clmcrm_key", unique=True)
with serving(account) as origin:
    print(origin, flush=True)
    sys.stdin.readline()
"""
NAMES = {"name": "name", "website": "website", "phone": "phone", "industry": "industry", "description": "description",
         "owner": "hubspot_owner_id"}  # fmt: skip

Batch = Callable[[list[dict[str, Any]]], Any]
"""Sends the fields of so many companies, by their numbers."""


def fields(run: int, number: int) -> dict[str, Any]:
    """The canonical fields of one company; other values in every run, so that each is a change."""
    return {
        "name": f"Company {number}", "website": f"https://x{number}.example", "phone": f"+33 1 {run:04d} {number:04d}",
        "industry": "COMPUTER_SOFTWARE", "description": f"as of run {run}", "owner": "7",
    }  # fmt: skip


def ours(origin: str) -> tuple[Batch, Batch]:
    """The adapter with its own transport and driver: a load by our key, and updates through the port."""
    session = HubSpotSession(Secret(TOKEN), address=origin)
    crm = HubSpotCrm(session)
    loader = crm.loader(Kind.ACCOUNT)
    driver = Driver(HttpTransport(session.origins), Desk(clock=lambda: datetime.now(UTC)), sleep=sleep)
    keys: dict[str, str] = {}

    def upsert(companies: list[dict[str, Any]]) -> None:
        loaded = driver.run(loader.load({f"ours:{n}": one for n, one in enumerate(companies)}))
        assert len(loaded.keys) == ROWS
        keys.update(loaded.keys)

    def update(companies: list[dict[str, Any]]) -> None:
        writes = [
            Update(kind=Kind.ACCOUNT, key=keys[f"ours:{n}"], fields=one, expected="") for n, one in enumerate(companies)
        ]
        assert all(one.ok for one in driver.run(crm.write(writes)))

    return upsert, update


def theirs(origin: str) -> Batch | None:
    """HubSpot's own client, its objects built as its documentation builds them; None when it is not installed."""
    try:
        hubspot: Any = import_module("hubspot")
        c: Any = import_module("hubspot.crm.companies")
    except ImportError:
        return None
    api = hubspot.HubSpot(access_token=TOKEN).crm.companies.batch_api
    api.api_client.configuration.host = origin

    def upsert(companies: list[dict[str, Any]]) -> None:
        inputs = [
            c.SimplePublicObjectBatchInputUpsert(
                id=f"theirs:{n}", id_property=KEY, object_write_trace_id=str(n),
                properties={NAMES[name]: value for name, value in one.items()},
            )
            for n, one in enumerate(companies)
        ]  # fmt: skip
        answer = api.upsert(c.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
        assert len(answer.results) == ROWS

    return upsert


def cost(upsert: Batch, first: int) -> float:
    """CPU milliseconds of this process per call, the middle of many; the first calls warm it up.

    The companies themselves are made before: they are the caller's, and no cost of either side.
    """
    taken: list[float] = []
    for run in range(first, first + TIMES):
        companies = [fields(run, number) for number in range(ROWS)]
        began = process_time()
        upsert(companies)
        taken.append((process_time() - began) * 1000)
    return median(taken[3:])


def rows(origin: str, prefix: str) -> list[Any]:
    """What the account holds under keys that begin so, without the keys, ids and times."""
    session = HubSpotSession(Secret(TOKEN), address=origin)
    driver = Driver(HttpTransport(session.origins), Desk(clock=lambda: datetime.now(UTC)), sleep=sleep)
    body = {"inputs": [{"id": f"{prefix}:{n}"} for n in range(ROWS)], "idProperty": KEY,
            "properties": list(NAMES.values())}  # fmt: skip
    told = driver.run(session.post("/crm/v3/objects/companies/batch/read", body))
    return sorted(json.dumps({name: one["properties"][name] for name in NAMES.values()}) for one in told["results"])


def main() -> None:
    """Print the two costs and their ratio."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        origin = server.stdout.readline().strip()
        (mine, by_port), other = ours(origin), theirs(origin)
        if other is None:
            print(f"ours {cost(mine, 0):.2f} ms CPU per {ROWS}-row upsert; hubspot-api-client is not installed")
        else:
            # Side by side in one run, in turns: what else the machine does hits both.
            turns = [(cost(mine, run), cost(by_port, run), cost(other, run)) for run in (0, TIMES, 2 * TIMES)]
            assert rows(origin, "ours") == rows(origin, "theirs"), "the rows are not equal"
            here, ported, there = (median(side) for side in zip(*turns, strict=True))
            print(f"ours {here:.2f} ms, hubspot-api-client {there:.2f} ms CPU per {ROWS}-row upsert")
            print(f"{there / here:.1f} times less, {ROWS} equal rows on both sides")
            print(
                f"through the port, {ROWS} updates, an outcome each: {ported:.2f} ms, {there / ported:.1f} times less"
            )
        _ = server.communicate("\n")


if __name__ == "__main__":
    main()
