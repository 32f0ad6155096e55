"""A date in a cell, read in the order its author declared: 3/4/2019 is never guessed.

The rule of the file: any text gives a fact. What cannot be read is `Unknown` with the reason and the text;
a blacked-out part makes a `PartialDate`; nothing is filled in.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final

from attrs import field, frozen

from clmcrm.clm.reading_words import REDACTED, fold, marked, says_perpetual, shown, single
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import DayFact, EndFact, PartialDate, Perpetual, Unknown
from clmcrm.values.validators import text as some_text

_PART: Final = r"(YYYY|MONTH|MM?|DD?)"
_GAP: Final = r"([^A-Za-z0-9]{1,2})"
_FORMAT: Final = re.compile(f"{_PART}{_GAP}{_PART}{_GAP}{_PART}")
_BLANKS: Final = re.compile(r"\s+")
_MIDNIGHT: Final = re.compile(r"[ T]00:00(:00)?(\.0{1,9})?$")
_EXPECTED: Final = "a format such as M/D/YYYY, DD.MM.YYYY, YYYY-MM-DD or D MONTH YYYY"
_LEAP_YEAR: Final = 2000
_SHORTEST_NAME: Final = 3
_MONTHS: Final = (
    ("january", "janvier"), ("february", "fevrier"), ("march", "mars"), ("april", "avril"), ("may", "mai"),
    ("june", "juin"), ("july", "juillet"), ("august", "aout"), ("september", "septembre"),
    ("october", "octobre"), ("november", "novembre"), ("december", "decembre"),
)  # fmt: skip


@frozen
class DateFormat:
    """The order of year, month and day in a column, and the signs between them.

    YYYY is a year of four digits; M (or MM) and D (or DD) are read with or without a leading zero; MONTH is
    a month's name in English or French. Raises `InvalidRecord` for any other format.

    >>> DateFormat("DD.MM.YYYY").order
    ('D', 'M', 'Y')
    """

    text: str = field(validator=some_text)
    order: tuple[str, ...] = field(init=False)
    gaps: tuple[str, str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        found = _FORMAT.fullmatch(self.text)
        if found is None or {found[1][0], found[3][0], found[5][0]} != set("YMD"):
            raise InvalidRecord("DateFormat", "text", self.text, _EXPECTED)
        object.__setattr__(self, "order", (found[1][0], found[3][0], found[5][0]))
        # A cell is read with every blank as one plain space, and so are the signs between its parts.
        object.__setattr__(self, "gaps", tuple(_BLANKS.sub(" ", gap) for gap in (found[2], found[4])))

    def __str__(self) -> str:
        """The format as declared."""
        return self.text


ISO: Final = DateFormat("YYYY-MM-DD")
"""The one order that needs no declaration."""


def read_date(text: str, declared: DateFormat = ISO) -> DayFact:
    """The day `text` states in the `declared` order.

    A date; a `PartialDate` where parts are blacked out; otherwise `Unknown` with the reason (an empty
    cell, an impossible day, another order, several days that differ).

    >>> read_date("2/10/2014", DateFormat("M/D/YYYY")), read_date("09/[]/2019", DateFormat("M/D/YYYY")).month
    (datetime.date(2014, 2, 10), 9)
    """
    return single(text, lambda value: _day(value, declared))


def read_end(text: str, declared: DateFormat = ISO) -> EndFact:
    """The end `text` states: as `read_date`, or `Perpetual` where it says that there is none.

    >>> read_end("Perpetual"), read_end("perpétuel").raw
    (Perpetual(raw='Perpetual'), 'perpétuel')
    """
    return single(text, lambda value: Perpetual(value) if says_perpetual(value) else _day(value, declared))


def _day(value: str, declared: DateFormat) -> DayFact:
    plain = " ".join(_MIDNIGHT.sub("", marked(value)).split())
    if plain == REDACTED:
        return PartialDate(redacted=True, raw=value)
    first, _, rest = plain.partition(declared.gaps[0])
    second, _, third = rest.partition(declared.gaps[1])
    pieces = dict(zip(declared.order, (p.strip() for p in (first, second, third)), strict=True))
    by_name = "MONTH" in declared.text
    year, month, day = _year(pieces["Y"]), _month(pieces["M"], by_name=by_name), _number(_ordinal(pieces["D"]))
    if isinstance(year, str) or isinstance(month, str) or isinstance(day, str):
        return Unknown(f"{shown(value)} is no date written {declared}", value)
    if year is not None and month is not None and day is not None:
        return _exact(year, month, day, value)
    return _partial(year, month, day, value)


def _exact(year: int, month: int, day: int, raw: str) -> date | Unknown:
    try:
        return date(year, month, day)
    except ValueError:
        return Unknown(f"there is no day {day} of month {month} in {year}", raw)


def _partial(year: int | None, month: int | None, day: int | None, raw: str) -> PartialDate | Unknown:
    try:
        partial = PartialDate(year=year, month=month, day=day, redacted=True, raw=raw)
    except InvalidRecord as refused:
        return Unknown(f"there is no {refused.field} {refused.value}", raw)
    if day is not None and month is not None and day > monthrange(_LEAP_YEAR, month)[1]:
        return Unknown(f"there is no day {day} of month {month} in any year", raw)
    return partial


def _number(piece: str) -> int | str | None:
    """A number of one or two digits; None where it is blacked out, the piece itself where it is neither."""
    if REDACTED in piece:
        return None if _only_digits(piece.replace(REDACTED, "")) else piece
    return int(piece) if _only_digits(piece) and 0 < len(piece) <= len("31") else piece


def _year(piece: str) -> int | str | None:
    if REDACTED in piece:
        return None if _only_digits(piece.replace(REDACTED, "")) else piece
    return int(piece) if _only_digits(piece) and len(piece) == len("YYYY") else piece


def _month(piece: str, *, by_name: bool) -> int | str | None:
    if not by_name or REDACTED in piece:
        return _number(piece)
    start = fold(piece).rstrip(".")
    found = [k for k, names in enumerate(_MONTHS, 1) if any(name.startswith(start) for name in names)]
    # "jui" opens juin and juillet: two months are none.
    return found[0] if len(start) >= _SHORTEST_NAME and len(found) == 1 else piece


def _ordinal(piece: str) -> str:
    """The piece without the ending of an ordinal: 1er, 2nd, 3rd, 8th."""
    low = piece.lower()
    return piece[:-2] if low.endswith(("er", "st", "nd", "rd", "th")) else piece


def _only_digits(piece: str) -> bool:
    # str.isdigit accepts digits of every script; dates here are written in ASCII ones.
    return piece == "" or (piece.isascii() and piece.isdigit())
