"""Products attached to a deal as lines of an opportunity: what, how many, at what price, how often.

A discount is a percentage or an amount of the line. How often a product is billed, how many times and from when on are
told by plans that have recurring products. Lines are shown, not written: salespeople attach products in Pipedrive.

A product that is switched off on its deal counts for nothing in the deal's value: it is no line. A price with the tax
in it is shown without, where that is an exact number; else the line has no price, and is named where it is to become
a contract's.
Source: developers.pipedrive.com, "Deals, get deal products of several deals": at most 100 deals a call; "Add a product
to a deal" for what is_enabled and tax_method mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from clmcrm.adapters.pipedrive.company import V2
from clmcrm.adapters.pipedrive.plain import Row, amount, day, key_of, number, text
from clmcrm.adapters.pipedrive.session import LONG_LIST, PipedriveSession
from clmcrm.adapters.pipedrive.wire import next_page, rows_of
from clmcrm.ports.calls import Flow, together
from clmcrm.ports.records import Json
from clmcrm.values.currencies import currency
from clmcrm.values.exact import decimals_of, plain_number, round_to, shifted

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

DISCOUNTS: Final = ("percentage", "amount")
"""What a discount may be; one that is told without is a percentage, which is what Pipedrive says of it."""
TAXES: Final = ("none", "exclusive", "inclusive")
"""Whether a tax is none, comes on top of the price, or is in it."""
_MOST_DIGITS: Final = 12

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
    ordered = sorted((one for one in items if one.get("is_enabled") is not False), key=lambda one: int(str(one["id"])))
    return [_line(one, place, deal_currency) for place, one in enumerate(ordered, 1)]


def _line(item: Row, place: int, deal_currency: str | None) -> dict[str, Json]:
    count = item.get("quantity")
    code = text(item, "currency") or deal_currency
    fields: dict[str, Json] = {
        "id": str(item["id"]), "position": place, "quantity": "1" if count is None else plain_number(number(count)),
        "description": text(item, "name"), "product": key_of(item.get("product_id")),
    }  # fmt: skip
    fields.update(_priced(item, code))
    fields.update(_recurring(item))
    return {name: value for name, value in fields.items() if value is not None}


def _priced(item: Row, code: str | None) -> dict[str, Json]:
    """The price of one, the discount and the tax, as far as they are stated: price and amounts without the tax."""
    told = item.get("tax")
    tax = shifted(number(told), -2) if told is not None and _one_of(item, "tax_method", TAXES) != "none" else Decimal(0)
    inside = tax if _one_of(item, "tax_method", TAXES) == "inclusive" else Decimal(0)
    made: dict[str, Json] = {"tax": plain_number(tax) if tax else None}
    price, off = item.get("item_price"), item.get("discount")
    by_amount = _one_of(item, "discount_type", DISCOUNTS) == "amount"
    net = None if price is None else _without(number(price), inside)
    less = _without(number(off), inside) if off is not None and by_amount else Decimal(0)
    exact = less is not None and (net is not None or price is None)
    if code is not None and less is not None and exact and (not inside or _fits(less, code)):
        made["unit_price"] = None if net is None else {"amount": plain_number(net), "currency": code}
        made["discount_amount"] = amount(less, code) if less else None
    if off is not None and not by_amount and number(off):
        made["discount"] = plain_number(shifted(number(off), -2))
    return made


def _one_of(item: Row, name: str, known: Sequence[str]) -> str:
    """A word of those that are known, the first where none is told; raises `ValueError` for another."""
    said = text(item, name) or known[0]
    if said not in known:
        raise ValueError(f"{name} is {said!r}; known are {', '.join(known)}")
    return said


def _without(gross: Decimal, tax: Decimal) -> Decimal | None:
    """The number without the tax that is in it; None where that is no exact number."""
    if not tax:
        return gross
    net = Fraction(gross) / (1 + Fraction(tax))
    exact = any((net * 10**digits).denominator == 1 for digits in range(_MOST_DIGITS + 1))
    return round_to(net, _MOST_DIGITS) if exact else None


def _fits(less: Decimal, code: str) -> bool:
    return decimals_of(Decimal(plain_number(less))) <= currency(code).decimals


def _recurring(item: Row) -> dict[str, Json]:
    rhythm = _one_of(item, "billing_frequency", tuple(RHYTHMS))
    if RHYTHMS[rhythm] is None:
        return {}
    fields: dict[str, Json] = {"recurs_every": RHYTHMS[rhythm]}
    cycles, first = item.get("billing_frequency_cycles"), text(item, "billing_start_date")
    if cycles is not None and number(cycles) > 0:
        length, unit = _UNITS[rhythm]
        fields["term"] = f"P{length * int(number(cycles))}{unit}"
    if first is not None:
        fields["service_first_day"] = day(first)
    return fields
