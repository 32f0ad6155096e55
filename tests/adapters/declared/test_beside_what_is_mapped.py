"""What stands beside what is mapped: members that are left are shown, and no amount changes another's currency."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.adapters.declared.description import KindMap
from clmcrm.adapters.declared.members import at
from clmcrm.adapters.declared.reading import read_description
from clmcrm.adapters.declared.showing import seen_of
from clmcrm.adapters.declared.system import DeclaredSystem
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.driver import Driver
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Fields, Json, Outcome, Result, Update, Write
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.serving import InProcess

BASE = """
system = "acme"
address = "https://api.acme.example/v1"
[kinds.account]
key = "id"
version = "rev"
changed = "updated"
list = { path = "/companies" }
one = { path = "/companies/{key}" }
[kinds.account.fields]
name = "company"
employees = { path = "size.heads", form = "whole" }
email = "emails.0.value"
"""
SYSTEM = DeclaredSystem(read_description(BASE))
KIND: KindMap = SYSTEM.held("account")


def extras(row: dict[str, Any]) -> dict[str, Any]:
    seen = seen_of(KIND, {"id": "7", "rev": "1", "updated": "2026-01-01T00:00:00Z", **row}, SYSTEM.wire, "GET /v1")
    told: Any = seen.fields["extras"]
    return {one["field"]: one["raw"] for one in told}


def test_what_is_left_of_a_member_beside_what_is_mapped_is_shown() -> None:
    shown = extras(
        {
            "size": {"heads": 12, "class": "M", "seats": {"paid": 3}},
            "emails": [{"value": "a@example.org", "kind": "work"}, {"value": "b@example.org"}],
            "score": 7,
        }
    )
    assert shown == {
        "emails.0.kind": "work", "emails.1": {"value": "b@example.org"}, "score": 7, "size.class": "M",
        "size.seats": {"paid": 3},
    }  # fmt: skip
    assert extras({"size": None, "emails": []}) == {}
    assert extras({"size": "large"}) == {"size": "large"}


TREES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["heads", "value", "x"]), inner),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional={"size": TREES, "emails": TREES, "more": TREES, "company": TREES}))
def test_every_value_of_a_record_is_mapped_or_among_the_extras(row: dict[str, Any]) -> None:
    shown = extras(row)
    mapped = {path for path in KIND.known_paths if at(row, path) is not None}

    def leaves(value: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        if items is None or (not value and path):
            return [] if not value and value != 0 else [path]
        return [leaf for name, one in items for leaf in leaves(one, (*path, str(name)))]

    for leaf in leaves(row, ()):
        starts = [leaf[:end] for end in range(1, len(leaf) + 1)]
        assert any(start in mapped or ".".join(start) in shown for start in starts), (leaf, shown)


AMOUNTS = """
system = "acme"
address = "https://api.acme.example/v1"
[writing]
precondition = "if-match"
creating = "none"
[kinds.contract]
key = "id"
version = "rev"
list = { path = "/contracts" }
one = { path = "/contracts/{key}" }
create = { path = "/contracts" }
update = { path = "/contracts/{key}" }
[kinds.contract.fields]
title = "title"
total_value = { form = "money", amount = "total", currency = "cur" }
annual_value = { form = "money", amount = "annual", currency = "cur" }
"""


def written(write: Write, row: dict[str, Any]) -> tuple[Outcome, list[Any]]:
    """What comes of a write where the record reads so, and what bodies were sent."""
    sent: list[Any] = []

    class Answering:
        def answer(self, request: Request) -> Reply:
            sent.extend([json.loads(request.body)] if request.body else [])
            return Reply(status=200, headers={"content-type": "application/json"}, body=json.dumps(row).encode())

    system = DeclaredSystem(read_description(AMOUNTS))
    desk = Desk(clock=lambda: datetime.now(UTC))
    driver = Driver(InProcess(Answering(), "https://api.acme.example"), desk, sleep=lambda _: None)
    return driver.run(system.write([write]))[0], sent


ROW = {"id": "7", "rev": "1", "updated": "2026-01-01T00:00:00Z", "total": "5", "annual": "2", "cur": "EUR"}
USD: Json
EUR: Json
USD, EUR = {"amount": "10", "currency": "USD"}, {"amount": "10", "currency": "EUR"}


@pytest.mark.parametrize(
    ("fields", "row", "why"),
    [
        (
            {"total_value": USD},
            ROW,
            "total_value: is in USD, and annual_value beside it in EUR: they have one currency",
        ),
        ({"total_value": USD}, ROW | {"annual": None}, ""),
        ({"total_value": EUR}, ROW, ""),
        ({"total_value": None}, ROW, ""),
        ({"title": "x"}, ROW, ""),
        ({"total_value": USD, "annual_value": USD}, ROW, ""),
        ({"total_value": USD, "annual_value": EUR}, ROW, "puts 'EUR' at $.cur, where total_value puts 'USD'"),
    ],
    ids=str,
)
def test_an_amount_does_not_take_another_one_into_its_currency(fields: Fields, row: dict[str, Any], why: str) -> None:
    outcome, sent = written(Update(kind="contract", key="7", fields=fields, expected="1"), row)
    assert why in outcome.why
    assert outcome.result is (Result.REFUSED if why else Result.DONE)
    assert len(sent) == (0 if why else 1)


def test_a_new_record_has_one_currency_for_amounts_that_share_it() -> None:
    outcome, sent = written(Create(kind="contract", mark="m", fields={"total_value": USD, "annual_value": EUR}), ROW)
    assert (outcome.result, sent) == (Result.REFUSED, [])
    outcome, sent = written(Create(kind="contract", mark="m", fields={"total_value": USD, "annual_value": USD}), ROW)
    assert (outcome.result, sent) == (Result.DONE, [{"total": "10.00", "annual": "10.00", "cur": "USD"}])
