"""Contract terms as a person reads them, where a system of sale has only a field of text for them."""

from __future__ import annotations

from clmcrm.ports.records import Fields, Json


def in_words(fields: Fields) -> str:
    """One line for each term that is stated.

    >>> print(in_words({"title": "Supply", "notice_by": "2026-05-07", "number": "", "prices": ["licence: 10 EUR"]}))
    title: Supply
    notice by: 2026-05-07
    prices: licence: 10 EUR
    """
    return "\n".join(f"{name.replace('_', ' ')}: {said(value)}" for name, value in fields.items() if value)


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
