"""Products attached to a deal as lines of an opportunity: what, how many, at what price, how often.

A discount is a percentage or an amount of the line. How often a product is billed, how many times and from when on are
told by plans that have recurring products. Lines are shown, not written: salespeople attach products in Pipedrive.
Source: developers.pipedrive.com, "Deals, get deal products of several deals": at most 100 deals a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from clmcrm.adapters.pipedrive.company import V2
from clmcrm.adapters.pipedrive.plain import Row, amount, day, key_of, number, text
from clmcrm.adapters.pipedrive.session import LONG_LIST, PipedriveSession
from clmcrm.adapters.pipedrive.wire import next_page, rows_of
from clmcrm.ports.calls import Flow, together
from clmcrm.ports.records import Json
from clmcrm.values.exact import plain_number, shifted

COUNT: Final = "products_count"
"""The field that tells how many products a deal has, where it is asked for."""
PATH: Final = f"{V2}/deals/products"
MOST_DEALS: Final = 100
_PAGE: Final = 500

RHYTHMS: Final = {
    "one-time": None,
    "weekly": "P7D",
    "monthly": "P1M",
    "quarterly": "P3M",
    "semi-annually": "P6M",
    "annually": "P1Y",
}
"""Every billing frequency, as a length of time; None is a one-off."""

_UNITS: Final = {"weekly": (7, "D"), "monthly": (1, "M"), "quarterly": (3, "M"), "semi-annually": (6, "M"),
                 "annually": (1, "Y")}  # fmt: skip


def products(session: PipedriveSession, deals: Sequence[str]) -> Flow[dict[str, list[dict[str, Any]]]]:
    """The products attached to these deals, by deal."""
    parts = [deals[first : first + MOST_DEALS] for first in range(0, len(deals), MOST_DEALS)]
    found: dict[str, list[dict[str, Any]]] = {}
    for some in (yield from together([_some(session, part) for part in parts])):
        for one in some:
            found.setdefault(str(one.get("deal_id")), []).append(one)
    return found


def _some(session: PipedriveSession, deals: Sequence[str]) -> Flow[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = [("deal_ids", ",".join(deals)), ("limit", str(_PAGE)), *([("cursor", cursor)] if cursor else [])]
        told = yield from session.get(PATH, query, tokens=LONG_LIST)
        found += rows_of(told, f"GET {PATH}")
        after = next_page(told)
        if after is None or after == cursor:
            return found
        cursor = after


def lines(items: Iterable[Row], deal_currency: str | None) -> list[Json]:
    """The lines, in the order of their ids; raises `ValueError` for what nobody can read."""
    ordered = sorted(items, key=lambda one: int(str(one["id"])))
    return [_line(one, place, deal_currency) for place, one in enumerate(ordered, 1)]


def _line(item: Row, place: int, deal_currency: str | None) -> dict[str, Json]:
    count, price = item.get("quantity"), item.get("item_price")
    code = text(item, "currency") or deal_currency
    fields: dict[str, Json] = {
        "id": str(item["id"]), "position": place, "quantity": "1" if count is None else plain_number(number(count)),
        "description": text(item, "name"), "product": key_of(item.get("product_id")),
    }  # fmt: skip
    if price is not None and code is not None:
        fields["unit_price"] = {"amount": plain_number(number(price)), "currency": code}
    fields.update(_discount(item, code))
    tax, method = item.get("tax"), text(item, "tax_method")
    if tax is not None and number(tax) and method == "exclusive":
        fields["tax"] = plain_number(shifted(number(tax), -2))
    fields.update(_recurring(item))
    return {name: value for name, value in fields.items() if value is not None}


def _discount(item: Mapping[str, Any], code: str | None) -> dict[str, Json]:
    off = item.get("discount")
    if off is None or not number(off):
        return {}
    if text(item, "discount_type") == "amount":
        return {} if code is None else {"discount_amount": amount(off, code)}
    return {"discount": plain_number(shifted(number(off), -2))}


def _recurring(item: Row) -> dict[str, Json]:
    rhythm = text(item, "billing_frequency")
    if rhythm is None or RHYTHMS.get(rhythm) is None:
        return {}
    fields: dict[str, Json] = {"recurs_every": RHYTHMS[rhythm]}
    cycles, first = item.get("billing_frequency_cycles"), text(item, "billing_start_date")
    if cycles is not None and number(cycles) > 0:
        length, unit = _UNITS[rhythm]
        fields["term"] = f"P{length * int(number(cycles))}{unit}"
    if first is not None:
        fields["service_first_day"] = day(first)
    return fields
