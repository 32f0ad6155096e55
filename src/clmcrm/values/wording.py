"""What a person reads: each sentence in English and in French, and days written out in both.

Every computed date carries its steps as `Step`s, so that a lawyer can check it line by line.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen

from clmcrm.errors import InvalidRecord
from clmcrm.values.days import check_days
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


class _Unsaid:
    """Where a sentence that nobody has read yet is kept: the two functions that say it."""

    __slots__ = ("_unsaid",)
    _unsaid: tuple[Callable[[], str], Callable[[], str]]


@frozen
class Wording(_Unsaid):
    """One sentence in both languages.

    Most sentences are never read, and putting dates into words costs more than working them out: `later`
    makes one that is put into words when it is first looked at, and is otherwise like any other.
    """

    en: str
    fr: str

    @classmethod
    def later(cls, en: Callable[[], str], fr: Callable[[], str]) -> Wording:
        """The sentence that the two functions say, each asked at most once, and only when it is read.

        >>> number = 3
        >>> Wording.later(lambda: f"{number} months", lambda: f"{number} mois") == Wording("3 months", "3 mois")
        True
        """
        wording = cls.__new__(cls)
        object.__setattr__(wording, "_unsaid", (en, fr))
        return wording

    def __getattr__(self, name: str) -> str:
        # Reached only for an attribute that is not set: a sentence nobody has read yet.
        if name not in ("en", "fr"):
            raise AttributeError(f"Wording has no attribute {name!r}")
        en, fr = self._unsaid
        said = en() if name == "en" else fr()
        object.__setattr__(self, name, said)
        return said

    def __reduce__(self) -> tuple[type[Wording], tuple[str, str]]:
        return Wording, (self.en, self.fr)

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
    check_days("day_words", day=day)
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    month = _MONTHS[language][day.month - 1]
    return f"{weekday_name(day, language)} {number} {month} {day.year}"


def weekday_name(day: date, language: Language = "en") -> str:
    """The name of the weekday, whatever the process's locale.

    >>> weekday_name(date(2026, 5, 7), "fr")
    'jeudi'
    """
    return _WEEKDAYS[language][day.weekday()]
