"""The addresses of a party: what is written to one use of them leaves the other one alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from clmcrm.adapters.tryton.fields import Codes, unfit
from clmcrm.adapters.tryton.parties import account_fields, changed
from clmcrm.ports.records import Json, Kind

OLD: dict[str, Json] = {"lines": ["1 rue Bleue"], "city": "Paris", "postal_code": "75009"}
NEW: dict[str, Json] = {"lines": ["2 quai Vert"], "city": "Lyon", "postal_code": "69001"}
OTHER: dict[str, Json] = {"lines": ["3 cours Gris"], "city": "Lille", "postal_code": "59000"}


def kept(number: int, told: Mapping[str, Any], **flags: bool) -> dict[str, Any]:
    street = "\n".join(told["lines"])
    where = {"street": street, "city": told["city"], "postal_code": told["postal_code"]}
    return {"id": number, "active": True, "sequence": None, "invoice": False, "delivery": False, **where, **flags}


def party(*addresses: dict[str, Any]) -> dict[str, Any]:
    return {"id": 7, "name": "Durand", "create_date": None, "addresses.": list(addresses)}


def carried_out(row: dict[str, Any], commands: list[list[Any]]) -> dict[str, Any]:
    """The party after Tryton has done what it is told to."""
    there = {one["id"]: dict(one) for one in row["addresses."]}
    for verb, *told in commands:
        if verb == "create":
            for one in told[0]:
                number = max(there, default=0) + 1
                there[number] = {**kept(number, OLD), "country.": None, **one}
        elif verb == "write":
            for number in told[0]:
                there[number] |= told[1]
        else:
            for number in told[0]:
                del there[number]
    return {**row, "addresses.": list(there.values())}


SHARED = party(kept(1, OLD, invoice=True, delivery=True))
WISHES: dict[str, dict[str, Json]] = {
    "another place for deliveries": {"shipping_address": NEW},
    "another place for invoices": {"billing_address": NEW},
    "no place for deliveries": {"shipping_address": None},
    "two other places": {"billing_address": NEW, "shipping_address": OTHER},
    "one other place": {"billing_address": NEW, "shipping_address": NEW},
    "no place for deliveries and another one for invoices": {"shipping_address": None, "billing_address": NEW},
    "no place for invoices and another one for deliveries": {"billing_address": None, "shipping_address": NEW},
    "the place that it is": {"shipping_address": OLD},
}


@pytest.mark.parametrize("wish", WISHES)
def test_one_address_of_two_uses_is_changed_for_one_of_them_only(wish: str) -> None:
    fields = WISHES[wish]
    after = carried_out(SHARED, changed(SHARED, fields, {}, {})["addresses"])
    shown = account_fields(after)
    wanted = {"billing_address": OLD, "shipping_address": OLD} | fields
    if wanted["billing_address"] is None:  # with none for invoices, the first of all stands for it
        wanted["billing_address"] = wanted["shipping_address"]
    assert {name: shown[name] for name in wanted} == wanted
    assert all(one["invoice"] or one["delivery"] for one in after["addresses."])


def test_an_address_for_deliveries_that_stands_for_invoices_is_not_written_over() -> None:
    row = party(kept(1, OLD, delivery=True))
    shown = account_fields(carried_out(row, changed(row, {"billing_address": NEW}, {}, {})["addresses"]))
    assert (shown["billing_address"], shown["shipping_address"]) == (NEW, OLD)


def test_an_address_that_serves_for_nothing_any_more_is_deleted_once() -> None:
    fields: dict[str, Json] = {"billing_address": None, "shipping_address": None}
    assert changed(SHARED, fields, {}, {})["addresses"] == [["delete", [1]]]


def test_two_addresses_are_written_where_they_are() -> None:
    row = party(kept(1, OLD, invoice=True), kept(2, OTHER, delivery=True))
    assert [one[:2] for one in changed(row, {"shipping_address": NEW}, {}, {})["addresses"]] == [["write", [2]]]
    assert changed(row, {"billing_address": None}, {}, {})["addresses"] == [["delete", [1]]]


@pytest.mark.parametrize("told", ["Lyon", 7, ["Lyon"], {"lines": "1"}, {"lines": [1]}, {"city": 7}], ids=str)
def test_what_is_no_address_is_refused_by_name(told: Json) -> None:
    why = unfit(Kind.ACCOUNT, None, {"name": "Durand", "billing_address": told}, Codes({"country": {}}))
    assert (why or "").startswith("billing_address: ")
