"""The forms of a field that a vendor shows as JSON: from its value to canonical JSON and back.

The rule of the file: a value that does not fit is a `Misfit` with its reason, never bent and never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from clmcrm.adapters.declared.forms import Misfit
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields, Json
from clmcrm.values.exact import plain_number, product_of, shifted
from clmcrm.values.money import Money

Form: TypeAlias = str
"""One of the names in `SHOWN`."""

_LONGEST: Final = 60
_EXACT: Final = 28
_PERCENT: Final = Decimal(100)


def shown_value(at: str, form: Form, value: object) -> Json:
    """The canonical value of what stands in the field `at`; raises `Misfit` for a value of another form."""
    if value is None or value == "":
        return None
    try:
        return SHOWN[form](value)
    except (InvalidRecord, ValueError, OverflowError, InvalidOperation) as problem:
        raise Misfit(at, str(problem)[:200]) from None


def sent_value(called: str, form: Form, value: Json) -> object:
    """What to send so that a field of that form shows `value`; raises `Misfit`, which names the canonical field."""
    if value is None or value == "":
        return None
    try:
        return SENT[form](value)
    except (InvalidRecord, ValueError, OverflowError, InvalidOperation) as problem:
        raise Misfit(called, str(problem)[:200]) from None


def typed(kind: type | tuple[type, ...], value: object, wanted: str) -> Any:  # noqa: ANN401 - the value itself
    """The value, when it is of that kind; raises `ValueError` for another one."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{repr(value)[:_LONGEST]} is no {wanted}")
    return value


def number(value: object) -> Decimal:
    """An exact number; raises `ValueError` for what is none, and for one that nobody counts with (1E+999999999)."""
    told = typed((int, str, Decimal), value, "number")
    if isinstance(told, str) and (not told.isascii() or "_" in told):  # Python reads "1_000" and other scripts' digits
        raise ValueError(f"{repr(value)[:_LONGEST]} is no number")
    try:
        found = Decimal(told)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise ValueError(f"{repr(value)[:_LONGEST]} is no number")
    if abs(found.adjusted()) > _EXACT:
        raise ValueError(f"{repr(value)[:_LONGEST]} is no number that anybody counts with")
    return found


def instant(value: object) -> datetime:
    """An instant in UTC, of the form "2026-05-07T10:00:00.000+0000"; raises `ValueError` for one without a zone."""
    found = datetime.fromisoformat(typed(str, value, "date-time"))
    if found.tzinfo is None:
        raise ValueError(f"{value!r} names no zone")
    return found.astimezone(UTC)


def _whole(value: object) -> int:
    found = number(value)
    if found != found.to_integral_value():
        raise ValueError(f"{value} is no whole number")
    return int(found)


def _line(value: object) -> str:
    found: str = typed(str, value, "text")
    if any(letter in found for letter in "\n\r"):
        raise ValueError("the field holds one line")
    return found


def _share_out(value: object) -> Decimal:
    return product_of(number(value), _PERCENT)


SHOWN: Final[Mapping[Form, Callable[[object], Json]]] = {
    "text": lambda value: typed(str, value, "text"),
    "long": lambda value: typed(str, value, "text"),
    "key": lambda value: typed(str, value, "id"),
    "whole": _whole,
    "number": lambda value: plain_number(number(value)),
    "share": lambda value: plain_number(shifted(number(value), -2)),
    "flag": lambda value: typed(bool, value, "true or false"),
    "date": lambda value: date.fromisoformat(typed(str, value, "date")).isoformat(),
    "day": lambda value: instant(value).date().isoformat(),
    "instant": lambda value: instant(value).isoformat(),
}

SENT: Final[Mapping[Form, Callable[[object], object]]] = {
    "text": _line,
    "long": lambda value: typed(str, value, "text"),
    "key": _line,
    "whole": lambda value: typed(int, value, "whole number"),
    "number": number,
    "share": _share_out,
    "flag": lambda value: typed(bool, value, "true or false"),
    "date": lambda value: date.fromisoformat(typed(str, value, "day")).isoformat(),
    "instant": lambda value: instant(value).isoformat(),
}


def money_shown(at: str, value: object, code: str) -> Json:
    """An amount with its currency; raises `Misfit` when the currency has fewer decimals than the amount."""
    if value is None:
        return None
    try:
        money = Money(number(value), code)
    except (InvalidRecord, ValueError, InvalidOperation) as problem:
        raise Misfit(at, str(problem)[:200]) from None
    return {"amount": format(money.amount, "f"), "currency": money.currency.code}


def money_sent(called: str, value: Json) -> Money | None:
    """The amount that a canonical value states; raises `Misfit` for what is none."""
    if value is None:
        return None
    if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
        try:
            return Money(number(value["amount"]), typed(str, value["currency"], "currency"))
        except (InvalidRecord, ValueError, InvalidOperation) as problem:
            raise Misfit(called, str(problem)[:200]) from None
    raise Misfit(called, f"{repr(value)[:_LONGEST]} is no amount of money")


ADDRESS: Final = frozenset({"lines", "city", "region", "postal_code", "country", "country_name"})
"""What a canonical address may state; `country` is a code, `country_name` a word."""


def is_country_code(word: object) -> bool:
    """Whether a text stands for a country's code (two capitals) and is no word.

    >>> is_country_code("FR"), is_country_code("France")
    (True, False)
    """
    return isinstance(word, str) and len(word) == 2 and word.isascii() and word.isupper() and word.isalpha()  # noqa: PLR2004 - letters of a code


def unkept_address(told: Mapping[str, Json], split: Callable[[str], list[str]] = str.splitlines) -> str | None:
    r"""Why an address would come back as another one, in words; None when it would not.

    A vendor that keeps the lines as one text parts them by `split`: a line with a break in it would be two. A
    country's name of two capitals would be shown as a code, and of a code and a name one is kept.

    >>> unkept_address({"lines": ["1 rue Bleue\nParis"]})
    "its line '1 rue Bleue\\nParis' has a break in it"
    >>> unkept_address({"country_name": "UK"})
    "its country_name 'UK' would be shown as a code"
    >>> unkept_address({"lines": ["1 rue Bleue"], "country": "FR"}) is None
    True
    """
    lines = told.get("lines")
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, str) and line and split(line) != [line]:
            return f"its line {repr(line)[:_LONGEST]} has a break in it"
    code, word = told.get("country"), told.get("country_name")
    if code is not None and word is not None:
        return f"it has both a country and a country_name {repr(word)[:_LONGEST]}, and one of them is kept"
    return f"its country_name {word!r} would be shown as a code" if is_country_code(word) else None


def texts(called: str, value: Json) -> list[str]:
    """A list of texts; raises `Misfit` for what is none."""
    try:
        return [typed(str, one, "text") for one in typed(list, value or [], "list")]
    except ValueError as problem:
        raise Misfit(called, str(problem)) from None


def ill_formed(fields: Fields) -> str | None:
    """Why an address, e-mails or phones are not of the form that records have, in words; None when all of them are.

    >>> ill_formed({"phones": [{"kind": "office"}]}), ill_formed({"address": {"city": "Lyon"}, "emails": None})
    ("phones: [{'kind': 'office'}] is no list of numbers", None)
    """
    for name, value in fields.items():
        wanted = _WANTED.get("address" if name.endswith("address") else name)
        if value is not None and wanted is not None and not wanted[0](value):
            return f"{name}: {repr(value)[:_LONGEST]} is no {wanted[1]}"
    return None


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_numbers(value: Json) -> bool:
    if not isinstance(value, list):
        return False
    return all(isinstance(one, dict) and isinstance(one.get("number"), str) for one in value)


def _is_address(value: Json) -> bool:
    if not isinstance(value, dict) or value.keys() - ADDRESS:
        return False
    lines, *others = (value.get(name) for name in ("lines", *sorted(ADDRESS - {"lines"})))
    return (lines is None or _are_texts(lines)) and all(one is None or isinstance(one, str) for one in others)


_WANTED: Final[Mapping[str, tuple[Callable[[Json], bool], str]]] = {
    "address": (_is_address, "address of lines, city, region, postal_code, country or country_name"),
    "emails": (_are_texts, "list of addresses"),
    "phones": (_are_numbers, "list of numbers"),
}


def own_extras(vendor: str, value: Json) -> dict[str, Json]:
    """The raw values of a vendor's own extras, by field; other systems' are left out. Raises `Misfit` for what is none.

    >>> own_extras("erp", [{"system": "erp", "field": "color", "raw": 3}, {"system": "else", "field": "x", "raw": 1}])
    {'color': 3}
    """
    if value is not None and not isinstance(value, list):
        raise Misfit("extras", f"{repr(value)[:_LONGEST]} is no list")
    found: dict[str, Json] = {}
    for one in value or ():
        if not isinstance(one, dict) or not {"system", "field", "raw"} <= one.keys():
            raise Misfit("extras", f"{repr(one)[:_LONGEST]} is no system, field and raw value")
        if one["system"] == vendor:
            found[str(one["field"])] = one["raw"]
    return found
