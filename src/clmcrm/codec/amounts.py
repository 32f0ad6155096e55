"""Currencies, amounts and prices in JSON: the number as text beside the ISO 4217 code.

The rule of the file: an amount is written with all of its currency's decimals, so that equal amounts are written
alike, and a code is read only if ISO 4217 lists it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from clmcrm.codec.forms import Form, Refused, fitting, matched, object_in, read_exact, write_exact
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.money import Money, UnitPrice

_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def write_currency(value: Currency) -> str:
    """The code; a currency that is not the one ISO 4217 lists under it is refused."""
    try:
        listed = currency(value.code) == value
    except InvalidRecord:
        listed = False
    if not listed:
        raise Refused(value, "a currency of ISO 4217")
    return value.code


def read_currency(raw: object) -> Currency:
    """The currency of an ISO 4217 code."""
    words = "an ISO 4217 code such as EUR, USD or JPY"
    try:
        return currency(matched(_CURRENCY, raw, words))
    except InvalidRecord:
        raise Refused(raw, words) from None


def write_money(value: object) -> Json:
    """Amount (with all of the currency's decimals) and code."""
    if not isinstance(value, Money):
        raise Refused(value, "Money")
    amount = value.amount or value.amount.copy_abs()  # zero has no sign
    return {"amount": format(amount, "f"), "currency": write_currency(value.currency)}


def write_price(value: object) -> Json:
    """Amount (with the currency's decimals at least, and no further zeros) and code."""
    if not isinstance(value, UnitPrice):
        raise Refused(value, "a UnitPrice")
    amount = write_exact(value.amount)
    places = len(amount.partition(".")[2])
    if places < value.currency.decimals:
        amount = format(Decimal(amount), f".{value.currency.decimals}f")
    return {"amount": amount, "currency": write_currency(value.currency)}


def _amount_parts(raw: object) -> tuple[Decimal, Currency]:
    parts = object_in(raw)
    if parts is None or parts.keys() != {"amount", "currency"}:
        raise Refused(raw, 'an amount such as {"amount": "10.00", "currency": "EUR"}')
    try:
        amount = read_exact(parts["amount"])
    except Refused as refusal:
        raise Refused(refusal.value, refusal.expected, ".amount") from None
    try:
        return amount, read_currency(parts["currency"])
    except Refused as refusal:
        raise Refused(refusal.value, refusal.expected, ".currency") from None


def read_money(raw: object) -> Money:
    """The amount in its currency, with at most that currency's decimals."""
    return Money(*_amount_parts(raw))


def read_price(raw: object) -> UnitPrice:
    """The price of one unit."""
    return UnitPrice(*_amount_parts(raw))


def _is_amount(raw: object) -> bool:
    parts = object_in(raw)
    return parts is not None and "amount" in parts


AMOUNT_FORMS: Final[dict[type, Form]] = {
    Currency: Form("a currency's code", write_currency, read_currency, fitting(_CURRENCY)),
    Money: Form("an amount with its currency", write_money, read_money, _is_amount),
    UnitPrice: Form("a price with its currency", write_price, read_price, _is_amount),
}
"""The forms of a currency, an amount and a price."""
