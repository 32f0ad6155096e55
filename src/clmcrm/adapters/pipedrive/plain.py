"""Pipedrive's values as canonical ones and back: texts, days, instants, exact numbers, amounts.

Version 2 tells instants in UTC, to the second. A day is a day, whatever the time zone; "0000-00-00" is none. Numbers
are kept as double-precision ones there, so a number that such a one cannot hold is refused, never bent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from clmcrm.adapters.trees import is_list, is_tree
from clmcrm.codec.canonical import is_clean
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.currencies import currency
from clmcrm.values.exact import decimals_of, plain_number

Row = Mapping[str, Any]
Body = dict[str, Any]

NO_DAY: Final = "0000-00-00"
"""What an emptied day may look like: no day at all."""

_EXACT: Final = 28
_DAY: Final = 10
_LONGEST_KEY: Final = 18


class Unwritable(Exception):
    """A canonical value that Pipedrive cannot hold as it is; `why` says so in words."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def is_key(key: str) -> bool:
    """Whether a text can be the id of a record.

    >>> is_key("12345"), is_key("12345/../1"), is_key(""), is_key("0")
    (True, False, False, False)
    """
    return key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY and int(key) > 0


def key_of(value: object) -> str | None:
    """The id that a record names another one by; None for none, and for a deleted one's zero."""
    found = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return found if is_key(found) else None


def text(row: Row, name: str) -> str | None:
    """The text of a field; None when it is empty or not told. Raises `ValueError` for a list or an object."""
    value: object = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or is_tree(value) or is_list(value):
        raise ValueError(f"{name} is {value!r}; expected a text")
    return str(value)


def instant(value: str) -> datetime:
    """The instant that a time of Pipedrive's states, in UTC; one without a zone is UTC.

    >>> instant("2026-05-07T09:30:00Z") == instant("2026-05-07 09:30:00") == instant("2026-05-07T11:30:00+02:00")
    True
    """
    moment = datetime.fromisoformat(value)
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)


def day(value: str) -> str | None:
    """The day that a date states; None for "0000-00-00". Raises `ValueError` for what is none.

    >>> day("2026-05-07"), day("0000-00-00"), day("2026-05-07T00:00:00Z")
    ('2026-05-07', None, '2026-05-07')
    """
    return None if value.startswith(NO_DAY) else date.fromisoformat(value[:_DAY]).isoformat()


def day_there(value: str, zone: tzinfo) -> str:
    """The day on which an instant falls in the company's time zone.

    >>> from zoneinfo import ZoneInfo
    >>> day_there("2026-05-07T03:00:00Z", ZoneInfo("America/New_York"))
    '2026-05-06'
    """
    return instant(value).astimezone(zone).date().isoformat()


def number(value: object) -> Decimal:
    """The exact number that a field states, as a number or as a text; raises `ValueError` for none."""
    try:
        found = Decimal(value) if isinstance(value, int | Decimal | str) and not isinstance(value, bool) else None
    except InvalidOperation:
        found = None
    if found is None:
        raise ValueError(f"{value!r} is no number")
    if not found.is_finite() or abs(found.adjusted()) > _EXACT:
        raise ValueError(f"{value!r} is no number that anybody counts with")
    return found


def whole(value: object) -> int:
    """The whole number that a field states; raises `ValueError` for one with a fraction, which is never cut off.

    >>> whole(12), whole(Decimal("12.0"))
    (12, 12)
    """
    found = number(value)
    if found != found.to_integral_value():
        raise ValueError(f"{value!r} is no whole number")
    return int(found)


def amount(value: object, code: str) -> dict[str, Json]:
    """The amount in that currency, with at least the decimals of the currency; no digit is lost.

    >>> amount(1500, "EUR"), amount(Decimal("1.5E3"), "JPY")
    ({'amount': '1500.00', 'currency': 'EUR'}, {'amount': '1500', 'currency': 'JPY'})
    """
    found = number(value)
    decimals = currency(code).decimals
    digits = max(decimals, decimals_of(Decimal(plain_number(found))))
    return {"amount": f"{found:.{digits}f}", "currency": code}


def held(value: Decimal, name: str) -> Decimal:
    """The number, if a double-precision one keeps all its digits; raises `Unwritable` otherwise.

    >>> held(Decimal("1200.10"), "amount")
    Decimal('1200.10')
    """
    if Decimal(repr(float(value))) != value:
        raise Unwritable(f"{name} is {value}; Pipedrive's numbers do not keep so many digits")
    return value


def sent_text(value: Json, name: str) -> str | None:
    """The text to send, None for an empty one; raises `Unwritable` for what is none."""
    if value is None or value == "":
        return None
    if type(value) is str and (value.isascii() or is_clean(value)):
        return value
    raise Unwritable(f"{name} is {value!r}; expected a text")


def sent_list(value: Json, name: str) -> list[Any]:
    """The list to send, empty for None; raises `Unwritable` for what is none."""
    if value is None:
        return []
    if is_list(value):
        return value
    raise Unwritable(f"{name} is {value!r}; expected a list")


def sent_object(value: Json, name: str) -> Body:
    """The object to send, empty for None; raises `Unwritable` for what is none."""
    if value is None:
        return {}
    if is_tree(value):
        return value
    raise Unwritable(f"{name} is {value!r}; expected an object")


def sent_amount(value: Json, name: str) -> tuple[Decimal | None, str | None]:
    """The number to send and its currency; None twice for no amount. Raises `Unwritable`."""
    if value is None:
        return None, None
    found = value if is_tree(value) else {}
    said, code = found.get("amount"), found.get("currency")
    if not isinstance(said, str) or not isinstance(code, str):
        raise Unwritable(f"{name} is {value!r}; expected an amount and a currency")
    try:
        exact = number(said)
        _ = currency(code)
    except (ValueError, InvalidRecord) as problem:
        raise Unwritable(f"{name} is {value!r}: {problem}") from None
    return held(exact, name), code


def sent_day(value: Json, name: str) -> str | None:
    """The day to send; None for none. Raises `Unwritable` for what is no day."""
    said = sent_text(value, name)
    if said is None:
        return None
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        raise Unwritable(f"{name} is {value!r}; expected a day such as 2026-05-07") from None


def sent_count(value: Json, name: str) -> int | None:
    """The whole number to send; None for none. Raises `Unwritable`."""
    if value is None or type(value) is int:
        return value
    raise Unwritable(f"{name} is {value!r}; expected a whole number")


def sent_key(value: Json, name: str, what: str) -> int | None:
    """The id of another record to send; None for none. Raises `Unwritable` for what is no id."""
    if value is None:
        return None
    if isinstance(value, str) and is_key(value):
        return int(value)
    raise Unwritable(f"{name} is {value!r}; expected the id of one of the {what}")
