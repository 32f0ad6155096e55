"""A length of time as the parties wrote it: 3 months stay 3 months and never become 90 days.

A `Tenor` keeps its original units. Years and months are counted on the calendar, weeks and days one by
one; whole months are always counted before days (French avis of 6.11.2025, 25-70.018; BGB 189).
"""

from __future__ import annotations

import re
from typing import Final

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import count
from clmcrm.values.wording import Language

_ISO: Final = re.compile(r"P(?:(\d{1,7})Y)?(?:(\d{1,7})M)?(?:(\d{1,7})W)?(?:(\d{1,7})D)?")
_WORDS: Final = {
    "en": (("year", "years"), ("month", "months"), ("week", "weeks"), ("day", "days")),
    "fr": (("an", "ans"), ("mois", "mois"), ("semaine", "semaines"), ("jour", "jours")),
}


@frozen(kw_only=True, order=False)
class Tenor:
    """Years, months, weeks and days, each zero or more, at least one of them above zero.

    Equality is by what was written: `Tenor(years=1) != Tenor(months=12)`, though both add alike.

    >>> str(Tenor(months=3)), Tenor.parse("P1Y6M").words
    ('P3M', '1 year and 6 months')
    """

    years: int = field(default=0, validator=count)
    months: int = field(default=0, validator=count)
    weeks: int = field(default=0, validator=count)
    days: int = field(default=0, validator=count)

    def __attrs_post_init__(self) -> None:
        if not (self.years or self.months or self.weeks or self.days):
            raise InvalidRecord("Tenor", "length", "P0D", "at least one day, week, month or year")

    @classmethod
    def parse(cls, text: str) -> Tenor:
        """The tenor of an ISO 8601 duration of date units ("P3M", "P1Y6M", "P2W", "P90D").

        Raises `InvalidRecord` for anything else, hours and fractions among them.

        >>> Tenor.parse("P90D")
        Tenor(years=0, months=0, weeks=0, days=90)
        """
        given: object = text  # a caller without type checks may hand over anything
        found = _ISO.fullmatch(text.strip()) if isinstance(given, str) and text.isascii() else None
        if found is None or text.strip() == "P":
            raise InvalidRecord("Tenor", "text", text, "an ISO 8601 duration such as P3M, P1Y6M, P2W or P90D")
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        return cls(years=years, months=months, weeks=weeks, days=days)

    @property
    def whole_months(self) -> int:
        """The calendar part in months: years and months together; 0 for days or weeks only."""
        return 12 * self.years + self.months

    @property
    def loose_days(self) -> int:
        """The counted part in days: weeks and days together; 0 for years or months only."""
        return 7 * self.weeks + self.days

    @property
    def adds(self) -> tuple[int, int]:
        """What it adds to a day, in months and days: the same for two lengths that are only written differently.

        >>> Tenor(years=1).adds == Tenor(months=12).adds, Tenor(months=1).adds == Tenor(days=30).adds
        (True, False)
        """
        return self.whole_months, self.loose_days

    @property
    def words(self) -> str:
        """The length in English, as written: "1 year and 6 months"."""
        return self.said("en")

    def said(self, language: Language) -> str:
        """The length as written, in `language` ("en" or "fr").

        >>> Tenor(years=1, months=6).said("fr")
        '1 an et 6 mois'
        """
        amounts = (self.years, self.months, self.weeks, self.days)
        said = [f"{n} {one if n == 1 else many}" for n, (one, many) in zip(amounts, _WORDS[language], strict=True) if n]
        both = " et " if language == "fr" else " and "
        return both.join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)

    def times(self, k: int) -> Tenor:
        """This tenor `k` times (k >= 1), each unit multiplied on its own.

        >>> str(Tenor(months=3).times(4))
        'P12M'
        """
        return Tenor(years=self.years * k, months=self.months * k, weeks=self.weeks * k, days=self.days * k)

    def __str__(self) -> str:
        """The ISO 8601 duration, in the original units."""
        parts = ((self.years, "Y"), (self.months, "M"), (self.weeks, "W"), (self.days, "D"))
        return "P" + "".join(f"{n}{letter}" for n, letter in parts if n)
