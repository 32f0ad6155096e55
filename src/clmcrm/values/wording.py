"""What a person reads: each sentence in English and in French, and days written out in both.

Every computed date carries its steps as `Step`s, so that a lawyer can check it line by line.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import maybe, plain_date

Language: TypeAlias = Literal["en", "fr"]

_WEEKDAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
_MONTHS: Final = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July",
        "August", "September", "October", "November", "December",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
        "août", "septembre", "octobre", "novembre", "décembre",
    ),
}  # fmt: skip


@frozen
class Wording:
    """One sentence in both languages."""

    en: str
    fr: str

    def __attrs_post_init__(self) -> None:
        # Both in one look: every step of every date is one of these.
        en: Any = self.en
        fr: Any = self.fr
        if not (isinstance(en, str) and isinstance(fr, str) and en.strip() and fr.strip()):
            raise InvalidRecord("Wording", "en, fr", (en, fr), "two texts that are not empty")

    def said(self, language: Language) -> str:
        """The sentence in `language`, "en" or "fr"."""
        return self.fr if language == "fr" else self.en


@frozen
class Step:
    """One step of a computation: the `day` it arrives at (None when it decides no day) and why.

    >>> Step(date(2026, 3, 31), Wording("the term ends", "le terme échoit")).what
    'the term ends'
    """

    day: date | None = field(validator=maybe(plain_date))
    wording: Wording

    @property
    def what(self) -> str:
        """The sentence in English."""
        return self.wording.en

    def said(self, language: Language) -> str:
        """The sentence in `language`, led by its day where it has one."""
        said = self.wording.said(language)
        return f"{self.day}: {said}" if self.day else said


def day_words(day: date, language: Language = "en") -> str:
    """`day` written out with its weekday.

    >>> day_words(date(2026, 5, 7)), day_words(date(2026, 5, 1), "fr")
    ('Thursday 7 May 2026', 'vendredi 1er mai 2026')
    """
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    month = _MONTHS[language][day.month - 1]
    return f"{weekday_name(day, language)} {number} {month} {day.year}"


def weekday_name(day: date, language: Language = "en") -> str:
    """The name of the weekday, whatever the process's locale.

    >>> weekday_name(date(2026, 5, 7), "fr")
    'jeudi'
    """
    return _WEEKDAYS[language][day.weekday()]
