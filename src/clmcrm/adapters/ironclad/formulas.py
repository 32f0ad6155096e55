"""Filter formulas from values: what stands in one is data, and what cannot be written safely is not asked.

Source: developer.ironcladapp.com, "Filter query param": a property in brackets, a text in quotes of either kind. How a
quote is written inside a text is not said, nor what a backslash does, so neither is ever sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import text

_PROPERTY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
LONGEST: Final = 4_000
"""How long a formula may be in an address; servers take 8,000 characters of one at least."""


@frozen
class Equals:
    """A property has exactly this text.

    Raises `InvalidRecord` for a property's id that is none, and for a text with a quote or a backslash.

    >>> Equals("clmcrmKey", "account:crm:7").formula
    "Equals([clmcrmKey], 'account:crm:7')"
    """

    name: str = field(validator=text)
    value: str = field(validator=text)

    def __attrs_post_init__(self) -> None:
        if not _PROPERTY.fullmatch(self.name):
            raise InvalidRecord("Equals", "name", self.name, "letters, digits and underscores")
        if not self.value.isprintable() or any(sign in self.value for sign in "'\"\\"):
            raise InvalidRecord("Equals", "value", self.value, "a text without quotes, backslashes or line ends")

    @property
    def formula(self) -> str:
        """As Ironclad reads it."""
        return f"Equals([{self.name}], '{self.value}')"


def any_of(conditions: Sequence[Equals]) -> str:
    """The formula of which one of these holds; one condition at least.

    >>> any_of([Equals("a", "1"), Equals("a", "2")])
    "Or(Equals([a], '1'), Equals([a], '2'))"
    """
    told = [one.formula for one in conditions]
    return told[0] if len(told) == 1 else f"Or({', '.join(told)})"


def in_turns(conditions: Sequence[Equals], most: int) -> list[list[Equals]]:
    """The conditions in as few groups as fit an address, none of more than `most`."""
    turns: list[list[Equals]] = []
    length = LONGEST
    for one in conditions:
        size = len(quote(f"{one.formula}, "))
        if not turns or length + size > LONGEST or len(turns[-1]) == most:
            turns.append([])
            length = len("Or()")
        turns[-1].append(one)
        length += size
    return turns
