"""What every clause of a contract says of itself, whatever it is about."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen

from clmcrm.values.validators import maybe, plain_date


@frozen(kw_only=True)
class Clause:
    """What every clause says of itself.

    `citation` is its place in the contract ("art. 9.2"; empty when not known), `quote` its own words,
    `first_day` the day it comes into force (None: with the contract).
    """

    citation: str = ""
    quote: str = ""
    first_day: date | None = field(default=None, validator=maybe(plain_date))
