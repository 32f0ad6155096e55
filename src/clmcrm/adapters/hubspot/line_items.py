"""Line items of a deal as lines of an opportunity: what, how many, at what price, how often.

HubSpot's `discount` is an amount off each unit, `hs_discount_percentage` a share of it, and a billing period is written
as ISO 8601 ("P12M"), which keeps its unit. Lines are shown, not written: salespeople make them in HubSpot.
Source: developers.hubspot.com, "line items API".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from clmcrm.adapters.hubspot.properties import Properties, day, number, text
from clmcrm.ports.records import Json
from clmcrm.values.exact import plain_number, shifted

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


def lines(items: Iterable[Mapping[str, Any]], deal_currency: str | None) -> list[Json]:
    """The lines in the order of the quote, then of their ids; raises `ValueError` for what nobody can read."""
    ordered = sorted(items, key=lambda one: (_position(one["properties"]), int(one["id"])))
    return [_line(one, place, deal_currency) for place, one in enumerate(ordered, 1)]


def _position(properties: Properties) -> Decimal:
    said = text(properties, "hs_position_on_quote")
    return Decimal("Infinity") if said is None else number(said)


def _line(item: Mapping[str, Any], place: int, deal_currency: str | None) -> dict[str, Json]:
    told: Properties = item["properties"]
    count = text(told, "quantity")
    fields: dict[str, Json] = {
        "id": str(item["id"]), "position": place, "quantity": "1" if count is None else plain_number(number(count))
    }  # fmt: skip
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
    fields.update(_discount(told, None if price is None else number(price)))
    fields.update(_recurring(told))
    return fields


def _discount(told: Properties, price: Decimal | None) -> dict[str, Json]:
    share, off = text(told, "hs_discount_percentage"), text(told, "discount")
    if share is not None and number(share):
        return {"discount": plain_number(shifted(number(share), -2))}
    if off is None or not number(off) or not price:
        return {}
    # An amount off each unit is the same share of the whole line, where the division is exact.
    part = number(off) / price
    return {"discount": plain_number(part)} if part * price == number(off) else {}


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
