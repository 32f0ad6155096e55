"""A postal address, in the parts most systems share.

No part is required, because systems keep half-filled addresses; a country that the source writes as a
word stays a word (`country_name`), and only a real code stands in `country`.
"""

from __future__ import annotations

from attrs import field, frozen

from clmcrm.parties.codes import country_code
from clmcrm.values.validators import each, maybe, text


@frozen(kw_only=True)
class Address:
    """A postal address: `lines` from the addressee down, then city, region, postal code, country.

    `country` is the ISO 3166-1 alpha-2 code, `country_name` what the source wrote when it gave no code;
    every part is None (and `lines` empty) when the source does not state it.

    >>> print(Address(lines=("12 rue Bleue",), postal_code="75009", city="Paris", country="FR"))
    12 rue Bleue, 75009 Paris, FR
    """

    lines: tuple[str, ...] = field(default=(), validator=each(text))
    city: str | None = field(default=None, validator=maybe(text))
    region: str | None = field(default=None, validator=maybe(text))
    postal_code: str | None = field(default=None, validator=maybe(text))
    country: str | None = field(default=None, validator=maybe(country_code))
    country_name: str | None = field(default=None, validator=maybe(text))

    def __str__(self) -> str:
        """The parts that are stated, on one line; an empty text when none is."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        parts = (*self.lines, town, self.region, self.country or self.country_name)
        return ", ".join(part for part in parts if part)
