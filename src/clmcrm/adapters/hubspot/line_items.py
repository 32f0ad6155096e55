"""Line items of a deal as lines of an opportunity: what, how many, at what price, how often.

HubSpot's `discount` is an amount off each unit, which is a share of the line where the division is exact, and else so
many times that amount off the line; `hs_discount_percentage` is a share. A billing period is written as ISO 8601
("P12M"), which keeps its unit. Lines are shown, not written: salespeople make them in HubSpot.
Source: developers.hubspot.com, "line items API".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from clmcrm.adapters.hubspot.properties import Properties, amount, day, number, text
from clmcrm.ports.records import Json
from clmcrm.values.currencies import currency
from clmcrm.values.exact import decimals_of, plain_number, product_of, round_to, shifted

OBJECT: Final = "line_items"
MODIFIED: Final = "hs_lastmodifieddate"
READ: Final = (
    "name", "description", "quantity", "price", "discount", "hs_discount_percentage", "hs_product_id", "hs_sku",
    "recurringbillingfrequency", "hs_recurring_billing_period", "hs_recurring_billing_start_date",
    "hs_recurring_billing_end_date", "hs_line_item_currency_code", "hs_position_on_quote", "hs_lastmodifieddate",
)  # fmt: skip

RHYTHMS: Final = {
    "weekly": "P7D",
    "biweekly": "P14D",
    "monthly": "P1M",
    "quarterly": "P3M",
    "per_six_months": "P6M",
    "annually": "P1Y",
    "per_two_years": "P2Y",
    "per_three_years": "P3Y",
    "per_four_years": "P4Y",
    "per_five_years": "P5Y",
}
"""Every standard value of `recurringbillingfrequency`, as a length of time; empty is a one-off."""

_PLACES: Final = 28
"""How many decimals a share has at most; a division that needs more is not exact."""


def lines(items: Iterable[Mapping[str, Any]], deal_currency: str | None) -> list[Json]:
    """The lines in the order of the quote, then of their ids; raises `ValueError` for what nobody can read."""
    ordered = sorted(items, key=lambda one: (_position(one["properties"]), int(one["id"])))
    return [_line(one, place, deal_currency) for place, one in enumerate(ordered, 1)]


def _position(properties: Properties) -> Decimal:
    said = text(properties, "hs_position_on_quote")
    return Decimal("Infinity") if said is None else number(said)


def _line(item: Mapping[str, Any], place: int, deal_currency: str | None) -> dict[str, Json]:
    told: Properties = item["properties"]
    count = number(text(told, "quantity") or "1")
    fields: dict[str, Json] = {"id": str(item["id"]), "position": place, "quantity": plain_number(count)}
    code = text(told, "hs_line_item_currency_code") or deal_currency
    said = text(told, "name") or text(told, "description")
    if said is not None:
        fields["description"] = said
    product = text(told, "hs_product_id")
    if product is not None:
        fields["product"] = product
    price = text(told, "price")
    if price is not None and code is not None:
        fields["unit_price"] = {"amount": plain_number(number(price)), "currency": code}
    fields.update(_discount(told, None if price is None else number(price), count, code))
    fields.update(_recurring(told))
    return fields


def _discount(told: Properties, price: Decimal | None, count: Decimal, code: str | None) -> dict[str, Json]:
    share, off = text(told, "hs_discount_percentage"), text(told, "discount")
    if share is not None and number(share):
        return {"discount": plain_number(shifted(number(share), -2))}
    if off is None or not number(off) or not price:
        return {}
    exact = Fraction(number(off)) / Fraction(price)
    part = round_to(exact, _PLACES)
    if Fraction(part) == exact:
        return {"discount": plain_number(part)}
    whole = Decimal(plain_number(product_of(number(off), count)))
    if code is None or decimals_of(whole) > currency(code).decimals:
        return {}
    return {"discount_amount": amount(str(whole), code)}


def _recurring(told: Properties) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    rhythm = text(told, "recurringbillingfrequency")
    if rhythm is not None and rhythm in RHYTHMS:
        fields["recurs_every"] = RHYTHMS[rhythm]
    term = text(told, "hs_recurring_billing_period")
    if term is not None:
        fields["term"] = term
    for name, raw in (
        ("service_first_day", "hs_recurring_billing_start_date"),
        ("service_last_day", "hs_recurring_billing_end_date"),
    ):
        said = text(told, raw)
        if said is not None:
            fields[name] = day(said)
    return fields
