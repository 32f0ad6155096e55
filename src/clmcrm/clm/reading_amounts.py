"""An amount of money in a cell, read in the number format its author declared: 1,234 is never guessed.

The rule of the file: a currency comes from the cell's own sign or code, from a column beside it, or from
what was declared; where two of them disagree the amount is `Unknown`.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import field, frozen

from clmcrm.clm.reading_words import REDACTED, marked, shown, single
from clmcrm.errors import InvalidRecord
from clmcrm.values.currencies import currency
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.validators import text as some_text

_EXAMPLE: Final = re.compile(r"1([,. ']?)234([.,])56")
_EXPECTED: Final = "an example such as 1,234.56 or 1 234,56 or 1.234,56 or 1234.56"
_PLAIN_SIGNS: Final = {
    **dict.fromkeys(map(ord, "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"), " "),
    ord("\N{RIGHT SINGLE QUOTATION MARK}"): "'",
}
_CODE: Final = re.compile(r"[A-Za-z]{3}")
_GROUP: Final = 3
_MOST_DIGITS: Final = 20
_SIGNS: Final = {
    "US$": ("USD",),
    "€": ("EUR",),
    "£": ("GBP",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₪": ("ILS",),
}
"""The currencies each sign may stand for; a sign of several is read only beside a declared one of them."""


def _plain_spaces(text: str) -> str:
    """The text with the spaces and apostrophes that group digits in their plain form."""
    return text.translate(_PLAIN_SIGNS)


@frozen
class NumberFormat:
    """How a column writes numbers, told by an example: the number 1234.56 in that column's own form.

    Raises `InvalidRecord` for an example that is not that number or that writes groups and decimals alike.

    >>> NumberFormat("1 234,56").decimal_sign
    ','
    """

    example: str = field(validator=some_text)
    group_sign: str = field(init=False)
    decimal_sign: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        found = _EXAMPLE.fullmatch(_plain_spaces(self.example))
        if found is None or found[1] == found[2]:
            raise InvalidRecord("NumberFormat", "example", self.example, _EXPECTED)
        object.__setattr__(self, "group_sign", found[1])
        object.__setattr__(self, "decimal_sign", found[2])

    def number(self, text: str) -> str | None:
        """The digits of `text` with a decimal point and no groups; None when it is written otherwise.

        >>> NumberFormat("1.234,56").number("-12.500,5"), NumberFormat("1.234,56").number("12,500.5")
        ('-12500.5', None)
        """
        sign = "-" if text.startswith("-") else ""
        whole, point, fraction = text.removeprefix("-").strip().partition(self.decimal_sign)
        groups = whole.split(self.group_sign) if self.group_sign else [whole]
        if point and not _digits(fraction):
            return None
        if not all(map(_digits, groups)) or any(len(group) != _GROUP for group in groups[1:]):
            return None
        if len(groups) > 1 and len(groups[0]) > _GROUP:
            return None
        digits = "".join(groups)
        return f"{sign}{digits}.{fraction or 0}" if len(digits) + len(fraction) <= _MOST_DIGITS else None

    def __str__(self) -> str:
        """The example."""
        return self.example


PLAIN: Final = NumberFormat("1234.56")
"""The one form that needs no declaration: digits and a decimal point."""


def read_amount(text: str, declared: NumberFormat = PLAIN, code: str = "", beside: str = "") -> Money | Unknown:
    """The amount `text` states, in the `declared` number format.

    The currency is the cell's own sign or ISO 4217 code, or that of `beside` (the currency column's cell),
    or `code` (the declared currency; empty: none). `Unknown` with the reason where none or two are given,
    or where the cell is no number in that format.

    >>> read_amount("1 234,56 €", NumberFormat("1 234,56")), read_amount("1,200", NumberFormat("1,234.56"), "USD")
    (Money('1234.56', 'EUR'), Money('1200.00', 'USD'))
    """
    return single(text, lambda value: _amount(value, declared, code, beside))


def _amount(value: str, declared: NumberFormat, code: str, beside: str) -> Money | Unknown:
    if REDACTED in marked(value):
        return Unknown("it is redacted", value)
    figures, own = _apart(_plain_spaces(value).strip())
    number = declared.number(figures)
    if number is None:
        return Unknown(f"{shown(value)} is no amount written {declared}", value)
    unit = _currency(own, beside.strip(), code, value)
    if isinstance(unit, Unknown):
        return unit
    try:
        return Money(number, unit)
    except InvalidRecord as refused:
        return Unknown(f"{shown(value)} is no amount: expected {refused.expected}", value)


def _apart(value: str) -> tuple[str, str]:
    """The figures, and the currency sign or code before or after them (empty: none).

    A sign among the figures is left there: "1€50" is one and a half euros, and no hundred and fifty.
    """
    minus = "-" if value.startswith("-") else ""
    bare = value.removeprefix("-").strip()
    for sign in _SIGNS:
        if bare.startswith(sign) or bare.endswith(sign):
            rest = bare.removeprefix(sign) if bare.startswith(sign) else bare.removesuffix(sign)
            return f"{minus}{rest.strip()}", sign
    for piece, rest in ((value[:3], value[3:]), (value[-3:], value[:-3])):
        if _CODE.fullmatch(piece):
            return rest.strip(), piece
    return value, ""


def _currency(own: str, beside: str, declared: str, raw: str) -> str | Unknown:
    """The one currency that the cell, the column beside it and the declaration agree on."""
    named = beside or declared
    stated = _code_of(named, "")
    written = _code_of(own, stated or "")
    if (own and written is None) or (named and stated is None):
        return Unknown(f"{own if own and written is None else named!s} names no single ISO 4217 currency", raw)
    if own and beside and written != stated:
        return Unknown(f"the cell says {own}, the currency column {beside}", raw)
    return written or stated or Unknown(f"{shown(raw)} states no currency, and none is declared", raw)


def _code_of(name: str, among: str) -> str | None:
    """The ISO 4217 code of a sign or code; None for an empty one, an unlisted one and an ambiguous sign.

    `among` is the currency stated elsewhere, which settles a sign that several currencies share.
    """
    meant = _SIGNS.get(name)
    if meant is not None:
        return among if among in meant else meant[0] if len(meant) == 1 else None
    try:
        return currency(name.upper()).code
    except InvalidRecord:
        return None


def _digits(text: str) -> bool:
    return bool(text) and text.isascii() and text.isdigit()
