"""HubSpot's properties, which are all texts, as canonical values and back: dates, instants, numbers, amounts.

A property of type `date` is a day (midnight UTC); one of type `datetime` is an instant, and which day that is depends
on the account's time zone. Such a day is written at noon there, so that nobody's time zone moves it.
Source: developers.hubspot.com, "CRM properties, date and datetime properties".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from clmcrm.adapters.trees import is_list, is_tree, list_in, tree_in
from clmcrm.codec.canonical import is_clean
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.currencies import currency
from clmcrm.values.exact import decimals_of, plain_number

Properties = Mapping[str, Any]
Sent = dict[str, str]

EMPTY: Final = ""
"""What HubSpot takes for nothing."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOON: Final = time(12)
_DAY: Final = 10
_EXACT: Final = 28


class Unwritable(Exception):
    """A canonical value that HubSpot cannot hold as it is; `why` says so in words."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def text(properties: Properties, name: str) -> str | None:
    """The text of a property; None when it is empty or not told."""
    value = properties.get(name)
    return None if value is None or value == "" else str(value)


def instant(value: str) -> datetime:
    """The instant that a property of type datetime states: ISO 8601, or milliseconds since 1970.

    >>> instant("2026-05-07T09:30:00.250Z") == instant("1778146200250")
    True
    """
    if value.lstrip("-").isdigit():
        return _EPOCH + timedelta(milliseconds=int(value))
    moment = datetime.fromisoformat(value)
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)


def day(value: str) -> str:
    """The day that a property of type date states, whatever form it comes in; raises `ValueError` for none.

    >>> day("2026-05-07"), day("1778112000000"), day("2026-05-07T00:00:00Z")
    ('2026-05-07', '2026-05-07', '2026-05-07')
    """
    if len(value) == _DAY and value[4] == "-":
        return date.fromisoformat(value).isoformat()
    return instant(value).date().isoformat()


def day_there(value: str, zone: tzinfo) -> str:
    """The day on which an instant falls in the account's time zone.

    >>> from zoneinfo import ZoneInfo
    >>> day_there("2026-05-07T03:00:00Z", ZoneInfo("America/New_York"))
    '2026-05-06'
    """
    return day(value) if len(value) == _DAY and value[4] == "-" else instant(value).astimezone(zone).date().isoformat()


def noon_there(told: str, zone: tzinfo) -> str:
    """The instant to write for a day, so that it is that day in the account.

    >>> from zoneinfo import ZoneInfo
    >>> noon_there("2026-05-07", ZoneInfo("America/New_York"))
    '2026-05-07T16:00:00.000Z'
    """
    moment = datetime.combine(date.fromisoformat(told), _NOON, zone).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def number(value: str) -> Decimal:
    """The exact number that a property states; raises `ValueError` for none."""
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not found.is_finite() or abs(found.adjusted()) > _EXACT:
        raise ValueError(f"{value!r} is no number that anybody counts with")
    return found


def whole(value: str) -> int:
    """The whole number that a property states; raises `ValueError` for one with a fraction, which is never cut off.

    >>> whole("12"), whole("12.0")
    (12, 12)
    """
    found = number(value)
    if found != found.to_integral_value():
        raise ValueError(f"{value!r} is no whole number")
    return int(found)


def amount(value: str, code: str) -> dict[str, Json]:
    """The amount in that currency, with at least the decimals of the currency; no digit is lost.

    >>> amount("1500", "EUR"), amount("1.5E3", "JPY")
    ({'amount': '1500.00', 'currency': 'EUR'}, {'amount': '1500', 'currency': 'JPY'})
    """
    found = number(value)
    decimals = currency(code).decimals
    digits = max(decimals, decimals_of(Decimal(plain_number(found))))
    return {"amount": f"{found:.{digits}f}", "currency": code}


def sent_text(value: Json, name: str) -> str:
    """The text to send; raises `Unwritable` for what is none."""
    if type(value) is str and (value.isascii() or is_clean(value)):
        return value
    if value is None:
        return EMPTY
    raise Unwritable(f"{name} is {value!r}; expected a text")


def sent_list(value: Json, name: str) -> list[Any]:
    """The list to send, empty for None; raises `Unwritable` for what is none."""
    if value is not None and not is_list(value):
        raise Unwritable(f"{name} is {value!r}; expected a list")
    return list_in(value)


def sent_object(value: Json, name: str) -> dict[str, Any]:
    """The object to send, empty for None; raises `Unwritable` for what is none."""
    if value is not None and not is_tree(value):
        raise Unwritable(f"{name} is {value!r}; expected an object")
    return tree_in(value)


def sent_amount(value: Json, name: str) -> tuple[str, str | None]:
    """The number to send and its currency; an empty text and None for no amount. Raises `Unwritable`."""
    if value is None:
        return EMPTY, None
    found = tree_in(value)
    said, code = found.get("amount"), found.get("currency")
    if not isinstance(said, str) or not isinstance(code, str):
        raise Unwritable(f"{name} is {value!r}; expected an amount and a currency")
    try:
        exact, _ = number(said), currency(code)
    except (ValueError, InvalidRecord) as problem:
        raise Unwritable(f"{name} is {value!r}: {problem}") from None
    return f"{exact:f}", code  # digits only: HubSpot takes no "1E+3" and no "1_000"


def sent_day(value: Json, name: str) -> str | None:
    """The day to send; None for none. Raises `Unwritable` for what is no day."""
    if value is None:
        return None
    try:
        return date.fromisoformat(sent_text(value, name)).isoformat()
    except ValueError:
        raise Unwritable(f"{name} is {value!r}; expected a day such as 2026-05-07") from None


def sent_count(value: Json, name: str) -> str:
    """The whole number to send; empty for none. Raises `Unwritable`."""
    if value is None:
        return EMPTY
    if type(value) is not int:
        raise Unwritable(f"{name} is {value!r}; expected a whole number")
    return str(value)
