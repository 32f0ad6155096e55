"""What the suites of a journal save in it: pairs, values that are hard to keep, and a transaction that breaks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from clmcrm.ports.kept import Agreed, Link
from clmcrm.ports.records import Fields, Side

AT: Final = datetime(2026, 5, 7, 10, tzinfo=UTC)
VALUES: Final[Fields] = {
    "name": "Société «Ωμέγα» 📜\n\"'",
    "amount": {"amount": "123456789012345678901234.56", "currency": "EUR"},
    "lines": [{"a": [1, True, None, []]}, {}],
    "empty": None,
}


def agreed(number: int, kind: str = "account", base: Fields = VALUES) -> Agreed:
    """A pair with its values; other keys for another number.

    >>> agreed(3).link.crm
    'A3'
    """
    link = Link(
        pair=f"{kind}:crm:A{number}",
        kind=kind,
        crm=f"A{number}",
        clm=f"C{number}",
        aliases=((Side.CRM, f"OLD{number}"),),
        merged=((Side.CRM, f"OLD{number}"),) if number % 2 else (),
    )
    return Agreed(link=link, base=base, shown_crm={"name": "SOCIÉTÉ"}, shown_clm={"name": None})


class JournalBroke(Exception):
    """Raised inside a transaction to break it."""
