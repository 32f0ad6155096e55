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

    def begun_by(self, day: date) -> bool:
        """Whether it has come into force by `day`, the day counted; until when it holds is another matter.

        >>> Clause(first_day=date(2026, 5, 7)).begun_by(date(2026, 5, 6)), Clause().begun_by(date(2026, 5, 6))
        (False, True)
        """
        return self.first_day is None or self.first_day <= day
