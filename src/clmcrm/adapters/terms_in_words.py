"""Contract terms as a person reads them, where a system of sale has only a field of text for them."""

from __future__ import annotations

from typing import Final

from clmcrm.ports.records import Fields, Json

_LONGEST: Final = 255


def in_words(fields: Fields) -> str:
    """One line for each term that is stated; a zero is. A line break in a value is a blank: it begins no term.

    >>> print(in_words({"title": "Supply", "notice_by": "2026-05-07", "number": "", "prices": ["licence: 10 EUR"],
    ...                 "payment_days": 0}))
    title: Supply
    notice by: 2026-05-07
    prices: licence: 10 EUR
    payment days: 0
    """
    told = ((name, said(value)) for name, value in fields.items())
    return "\n".join(f"{name.replace('_', ' ')}: {words}" for name, words in told if words)


def said(value: Json) -> str:
    """One value in words on one line, its parts one after another; what is not stated has none.

    >>> said([{"amount": "10.00", "currency": "EUR", "basis": None}, "per month"])
    '10.00 EUR; per month'
    """
    if isinstance(value, list):
        return "; ".join(words for one in value if (words := said(one)))
    if isinstance(value, dict):
        return " ".join(words for one in value.values() if (words := said(one)))
    return "" if value is None else " ".join(str(value).splitlines()).strip()


def shown_term(value: Json) -> Json:
    """A single term in a field of its own: a number, a yes or no, a day, or words of 255 characters at most.

    >>> shown_term([{"amount": "10.00", "currency": "EUR"}]), shown_term("2026-05-07"), shown_term([])
    ('10.00 EUR', '2026-05-07', None)
    """
    scalar = value is None or isinstance(value, bool | int)
    return value if scalar else said(value)[:_LONGEST] or None
