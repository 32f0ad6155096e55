"""Contract terms as a person reads them, where a system of sale has only a field of text for them."""

from __future__ import annotations

from typing import Final

from clmcrm.ports.records import Fields, Json

_LONGEST: Final = 255


def in_words(fields: Fields) -> str:
    """One line for each term that is stated; a zero is.

    >>> print(in_words({"title": "Supply", "notice_by": "2026-05-07", "number": "", "prices": ["licence: 10 EUR"],
    ...                 "payment_days": 0}))
    title: Supply
    notice by: 2026-05-07
    prices: licence: 10 EUR
    payment days: 0
    """
    stated = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    return "\n".join(f"{name.replace('_', ' ')}: {said(value)}" for name, value in stated.items())


def said(value: Json) -> str:
    """One value in words, its parts one after another.

    >>> said([{"amount": "10.00", "currency": "EUR"}, "per month"])
    '10.00 EUR; per month'
    """
    if isinstance(value, list):
        return "; ".join(said(one) for one in value)
    if isinstance(value, dict):
        return " ".join(said(one) for one in value.values())
    return str(value)


def shown_term(value: Json) -> Json:
    """A single term in a field of its own: a number, a yes or no, a day, or words of 255 characters at most.

    >>> shown_term([{"amount": "10.00", "currency": "EUR"}]), shown_term("2026-05-07"), shown_term([])
    ('10.00 EUR', '2026-05-07', None)
    """
    scalar = value is None or isinstance(value, bool | int)
    return value if scalar else said(value)[:_LONGEST] or None
