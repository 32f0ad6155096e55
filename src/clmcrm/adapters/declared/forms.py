"""The forms of a field: from the system's JSON to canonical JSON, and back.

The rule of the file: a value that does not fit its form is a `Misfit` with its reason; it is never bent or dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from clmcrm.adapters.declared.description import FieldMap, Path
from clmcrm.adapters.declared.members import ABSENT, at, exact_json, plain, shown
from clmcrm.adapters.iso_days import day_written, moment_written
from clmcrm.drivers.reading import MOST_EXPONENT
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import currency
from clmcrm.values.exact import shifted
from clmcrm.values.money import Money

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST: Final = 60
# Decimal itself reads more than JSON writes: other scripts' digits, and underscores anywhere.
_FIGURES: Final = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?\s*", re.ASCII)


class Misfit(Exception):
    """A value that does not fit its form: `where` it stands, and why."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
        super().__init__(f"{where}: {why}")


# From the system.


def shown_fields(one: FieldMap, record: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical fields that `one` makes of a record: none when the system does not show it.

    Raises `Misfit` for a value of the wrong type or form.
    """
    if one.form == "constant":
        return {one.name: one.constant}
    if one.form == "group":
        inner = {name: value for part in one.parts for name, value in shown_fields(part, record).items()}
        return {one.name: {name: value for name, value in inner.items() if value not in (None, [])} or None}
    path = (one.amount if one.form == "money" else one.path) or ()
    found = at(record, path)
    if found is ABSENT and one.absent == "unshown":
        return {}
    if found is ABSENT or found is None or (found == "" and one.form != "json"):
        nothing: object = [] if one.form in ("texts", "lines") else None
        return {one.name: nothing} if one.raw is None else {one.name: nothing, one.raw: None}
    try:
        return _enum_in(one, found) if one.form == "enum" else {one.name: _value_in(one, record, found)}
    except (InvalidRecord, ValueError, OverflowError, InvalidOperation) as problem:
        raise Misfit(shown(path), str(problem)[:200]) from None


def _value_in(one: FieldMap, record: Mapping[str, Any], found: object) -> object:
    return _money_in(one, record, found) if one.form == "money" else _IN[one.form](one, found)


def _typed(kinds: type | tuple[type, ...], found: object, wanted: str) -> Any:  # noqa: ANN401 - the value itself
    if not isinstance(found, kinds) or (isinstance(found, bool) and kinds is not bool):
        raise ValueError(f"{repr(found)[:_LONGEST]} is no {wanted}")
    return found


def _number(found: object) -> Decimal:
    told = _typed((int, str, Decimal), found, "number")
    if isinstance(told, str) and not _FIGURES.fullmatch(told):
        raise ValueError(f"{repr(told)[:_LONGEST]} is no number; expected one such as 1234.5")
    number = Decimal(told)
    if not number.is_finite():
        raise ValueError(f"{found!r} is no number")
    if abs(number.adjusted()) > MOST_EXPONENT:  # a text: in JSON itself such a number is not read
        raise ValueError(f"{repr(found)[:_LONGEST]} is no number that anybody counts with")
    return number


def _whole_in(_: FieldMap, found: object) -> int:
    number = _number(found)
    if number != number.to_integral_value():
        raise ValueError(f"{found} is no whole number")
    return int(number)


def _key_in(_: FieldMap, found: object) -> str:
    return str(_typed((int, str), found, "key"))


def _date_in(one: FieldMap, found: object) -> str:
    said: str = _typed(str, found, "date")
    if one.pattern is not None:
        return datetime.strptime(said, one.pattern).date().isoformat()  # noqa: DTZ007 - a day has no zone
    if one.zone is not None:
        return _moment(one, said).astimezone(ZoneInfo(one.zone)).date().isoformat()
    return day_written(said).isoformat()


def _instant_in(one: FieldMap, found: object) -> str:
    return instant_of(one, found).isoformat()


def instant_of(one: FieldMap, found: object) -> datetime:
    """The instant, in UTC; raises `ValueError` for what is none, or has no zone and none is stated."""
    if one.epoch is not None:
        unit = timedelta(seconds=1) if one.epoch == "seconds" else timedelta(milliseconds=1)
        micros = int(Fraction(_number(found)) * (unit // timedelta(microseconds=1)))
        try:
            return _EPOCH + timedelta(microseconds=micros)
        except OverflowError:
            raise ValueError(f"{repr(found)[:_LONGEST]} {one.epoch} since 1970 lie beyond any calendar") from None
    return _moment(one, _typed(str, found, "date-time")).astimezone(UTC)


def _moment(one: FieldMap, said: str) -> datetime:
    moment = moment_written(said)
    if moment.tzinfo is not None:
        return moment
    if one.zone is None:
        raise ValueError(f"{said[:_LONGEST]!r} names no zone, and the description states none")
    return moment.replace(tzinfo=ZoneInfo(one.zone))


def _texts_in(_: FieldMap, found: object) -> list[str]:
    return [_typed(str, item, "text") for item in _typed(list, found, "list")]


_IN: Final[Mapping[str, Callable[[FieldMap, object], object]]] = {
    "text": lambda _, found: _typed(str, found, "text"),
    "key": _key_in,
    "number": lambda _, found: format(_number(found), "f"),
    "whole": _whole_in,
    "flag": lambda _, found: _typed(bool, found, "true or false"),
    "date": _date_in,
    "instant": _instant_in,
    "texts": _texts_in,
    "lines": lambda _, found: [line for line in _typed(str, found, "text").splitlines() if line],
    "json": lambda _, found: plain(found),
}


def _money_in(one: FieldMap, record: Mapping[str, Any], found: object) -> dict[str, str]:
    code = one.currency_is if one.currency is None else at(record, one.currency)
    if not isinstance(code, str):
        raise ValueError(  # noqa: TRY004 - it is the record's value that is wrong
            f"an amount without a currency at {shown(one.currency or ())}"
        )
    number = _number(found)
    if one.minor_units:
        number = shifted(Decimal(_whole_in(one, found)), -currency(code).decimals)
    money = Money(number, code)
    return {"amount": format(money.amount, "f"), "currency": money.currency.code}


def _enum_in(one: FieldMap, found: object) -> dict[str, Any]:
    if not isinstance(found, str | int | Decimal):
        raise ValueError(f"{repr(found)[:_LONGEST]} is no word")  # noqa: TRY004 - it is the record's value that is wrong
    word = found if isinstance(found, str) else exact_json(found)
    canonical = one.values.get(word, one.unknown)
    if canonical is None:
        raise ValueError(f"{word[:_LONGEST]!r} is not among the words of the description, and unknown is not stated")
    return {one.name: canonical} if one.raw is None else {one.name: canonical, one.raw: word}


# To the system.


def written_values(one: FieldMap, value: object) -> list[tuple[Path, Any]]:
    """The paths to set, and to what, so that the field shows `value`; raises `Misfit` when it cannot be."""
    if one.form == "constant":
        if value != one.constant:
            raise Misfit(one.name, f"is always {one.constant!r} there")
        return []
    if one.form == "group":
        return _group_out(one, value)
    if one.form == "money":
        return _money_out(one, value)
    path = one.path or ()
    if value is None:
        return [(path, _EMPTY[one.empty])]
    try:
        return [(path, _kept(one, value, _OUT[one.form](one, value)))]
    except (InvalidRecord, ValueError, OverflowError, InvalidOperation) as problem:
        raise Misfit(one.name, str(problem)[:200]) from None


def _kept(one: FieldMap, value: object, told: object) -> object:
    """What is written; raises `ValueError` where the form would read it as another value.

    A year of two digits, a second without its fraction and the hour that a clock shows twice are such.
    """
    if one.form not in _READ_BACK:
        return told
    back = _IN[one.form](one, told)
    if one.form == "instant":
        back, value = datetime.fromisoformat(str(back)), datetime.fromisoformat(str(value))
    if back != value:
        raise ValueError(f"the system would show {str(back)[:_LONGEST]}")
    return told


_READ_BACK: Final = frozenset({"key", "date", "instant", "lines"})
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_EMPTY: Final[Mapping[str, object]] = {"null": None, "text": "", "absent": ABSENT}


def _group_out(one: FieldMap, value: object) -> list[tuple[Path, Any]]:
    if value is not None and not isinstance(value, Mapping):
        raise Misfit(one.name, f"{repr(value)[:_LONGEST]} is no group")
    told = cast("Mapping[str, object]", value or {})
    for name in sorted(told.keys() - {part.name for part in one.parts}):
        raise Misfit(one.name, f"the system has no place for its {name}")
    return [pair for part in one.parts for pair in written_values(part, told.get(part.name))]


def _money_out(one: FieldMap, value: object) -> list[tuple[Path, Any]]:
    path = one.amount or ()
    if value is None:
        return [(path, _EMPTY[one.empty])]
    try:
        told = cast("Mapping[str, Any]", value)
        money = Money(_number(told["amount"]), str(told["currency"]))
    except (InvalidRecord, InvalidOperation, KeyError, TypeError, ValueError) as problem:
        raise Misfit(one.name, f"{repr(value)[:_LONGEST]} is no amount of money: {problem!r}"[:200]) from None
    if one.currency is None and money.currency.code != one.currency_is:
        raise Misfit(one.name, f"is in {money.currency}; the system keeps it in {one.currency_is}")
    amount: object = money.amount
    if one.minor_units:
        amount = int(shifted(money.amount, money.currency.decimals))
    if one.sent_as == "text":
        amount = str(amount) if isinstance(amount, int) else format(money.amount, "f")
    return [(path, amount), *([] if one.currency is None else [(one.currency, money.currency.code)])]


def _number_out(one: FieldMap, value: object) -> object:
    number = _number(value)
    return number if one.sent_as == "number" else format(number, "f")


def _key_out(one: FieldMap, value: object) -> object:
    said: str = _typed(str, value, "key")
    return int(said) if one.sent_as == "number" else said


def _date_out(one: FieldMap, value: object) -> str:
    day = date.fromisoformat(_typed(str, value, "day; the system holds whole dates only"))
    if one.pattern is not None:
        return day.strftime(one.pattern)
    if one.zone is not None:
        return datetime.combine(day, time(), ZoneInfo(one.zone)).astimezone(UTC).isoformat()
    return day.isoformat()


def _instant_out(one: FieldMap, value: object) -> object:
    moment = datetime.fromisoformat(_typed(str, value, "date-time"))
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} names no zone")
    if one.epoch is not None:
        return (moment - _EPOCH) // timedelta(**{one.epoch: 1})
    if one.zone is not None:
        return moment.astimezone(ZoneInfo(one.zone)).replace(tzinfo=None).isoformat()
    return moment.astimezone(UTC).isoformat()


def _enum_out(one: FieldMap, value: object) -> object:
    for word, canonical in one.values.items():
        if canonical == value:
            return word_sent(one, word)
    known = ", ".join(dict.fromkeys(one.values.values()))
    raise ValueError(f"{repr(value)[:_LONGEST]} has no word there; known are {known}")


def word_sent(one: FieldMap, word: str) -> object:
    """A word of an enum as it is sent; raises `ValueError` for one that is no number, or neither true nor false.

    >>> word_sent(FieldMap(name="stage", form="enum", sent_as="number"), "3")
    Decimal('3')
    """
    if one.sent_as == "number":
        return _number(word)
    if one.sent_as == "flag" and word not in _FLAGS:
        raise ValueError(f"{word[:_LONGEST]!r} is neither true nor false")
    return _FLAGS[word] if one.sent_as == "flag" else word


def _lines_out(_: FieldMap, value: object) -> str:
    return "\n".join(_typed(str, item, "text") for item in _typed(list, value, "list"))


_OUT: Final[Mapping[str, Callable[[FieldMap, object], object]]] = {
    "text": lambda _, value: _typed(str, value, "text"),
    "key": _key_out,
    "number": _number_out,
    "whole": lambda _, value: _typed(int, value, "whole number"),
    "flag": lambda _, value: _typed(bool, value, "true or false"),
    "date": _date_out,
    "instant": _instant_out,
    "enum": _enum_out,
    "texts": _texts_in,
    "lines": _lines_out,
    "json": lambda _, value: value,
}
