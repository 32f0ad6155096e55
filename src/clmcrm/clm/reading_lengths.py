"""A length of time in words or figures: "three (3) years", "0.5 year", "60 jours", "P3M".

The rule of the file: units are kept as written, half a year is six months, and a fraction that is no whole
number of months is refused. Two parts are added up only where the smaller unit follows the larger one and does not
say the same again: "12 months 1 year" is one length told twice. A word that is not understood makes the whole answer
`Unknown`.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from clmcrm.clm.reading_words import REDACTED, shown, single, tokens
from clmcrm.errors import InvalidRecord
from clmcrm.values.partial import Unknown
from clmcrm.values.tenor import Tenor


class Unit(StrEnum):
    """What a bare number in a column counts."""

    YEARS = "years"
    MONTHS = "months"
    WEEKS = "weeks"
    DAYS = "days"


UNIT_WORDS: Final = {
    **dict.fromkeys(("year", "years", "yr", "yrs", "y", "an", "ans", "annee", "annees"), Unit.YEARS),
    **dict.fromkeys(("month", "months", "m", "mois"), Unit.MONTHS),
    **dict.fromkeys(("week", "weeks", "w", "semaine", "semaines"), Unit.WEEKS),
    **dict.fromkeys(("day", "days", "jour", "jours", "j"), Unit.DAYS),
}
"""The unit each word names, folded, in English and French."""

MOST_YEARS: Final = 999
"""The longest length that is read: the longest leases run 999 years, and the calendar ends in 9999."""

_MONTHS_IN_YEAR: Final = 12
_DAYS_IN_YEAR: Final = 366
_DAYS_IN_WEEK: Final = 7
_WEEKS_IN_YEAR: Final = 52
_WEEKS_IN_MONTH: Final = 4
_AGAIN: Final = {
    (Unit.YEARS, Unit.MONTHS): (_MONTHS_IN_YEAR,),
    (Unit.YEARS, Unit.WEEKS): (_WEEKS_IN_YEAR,),
    (Unit.YEARS, Unit.DAYS): (360, 365, 366),
    (Unit.MONTHS, Unit.WEEKS): (_WEEKS_IN_MONTH,),
    (Unit.MONTHS, Unit.DAYS): (30, 31),
    (Unit.WEEKS, Unit.DAYS): (_DAYS_IN_WEEK,),
}
"""How many of the smaller unit people call one of the larger."""
_NUMBER_WORDS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20,
    "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100, "cents": 100,
    "septante": 70, "huitante": 80, "octante": 80, "nonante": 90,  # as Belgium and Switzerland count
}  # fmt: skip
# "30 calendar days" and "six mois civils" count like any others.
_PLAIN_WORDS: Final = frozenset(
    {"calendar", "calendaire", "calendaires", "civil", "civils", "full", "entier", "entiers"}
)
_WORKING_WORDS: Final = frozenset(
    {"business", "working", "trading", "ouvre", "ouvres", "ouvrable", "ouvrables", "bank", "banking"}
)
_JOINING_WORDS: Final = frozenset({"and", "et", ","})
_HUNDRED: Final = 100
_TEN: Final = 10
_FOUR_TWENTIES: Final = 80
_TEENS_FOLLOW: Final = frozenset({("soixante", 60), ("vingt", 80)})  # soixante-dix, quatre-vingt-quinze
_AFTER_DIX: Final = frozenset({"sept", "huit", "neuf"})  # dix-sept, soixante-dix-huit, quatre-vingt-dix-neuf
_THOUSANDS: Final = 3
_MOST_DIGITS: Final = 7


def read_tenor(text: str, unit: Unit | None = None) -> Tenor | Unknown:
    """The length of time `text` states; a bare number counts `unit` (None: a bare number is refused).

    `Unknown` with the reason for anything else: an empty or blacked-out cell, several lengths that differ,
    one that may be told twice ("12 months 1 year"), business days, figures and words that contradict each other,
    a fraction of a month, a length below zero.

    >>> read_tenor("three (3) years"), str(read_tenor("0.5 year")), str(read_tenor("soixante jours"))
    (Tenor(years=3, months=0, weeks=0, days=0), 'P6M', 'P60D')
    """
    return single(text, lambda value: _whole(value, unit), between="/")


def _whole(value: str, unit: Unit | None) -> Tenor | Unknown:
    if value[:1] in ("P", "p"):
        try:
            return _bounded(Tenor.parse(value.upper()))
        except InvalidRecord:
            return _no_length(value)
    words = tokens(value)
    found = length_at(words, 0, unit)
    if isinstance(found, Unknown):
        return Unknown(found.reason, value)
    length, after = found
    return length if after == len(words) else _no_length(value)


def length_at(words: list[str], at: int, unit: Unit | None = None) -> tuple[Tenor, int] | Unknown:
    """The length that begins at word number `at`, and the number of the word after it.

    `words` come from `clmcrm.clm.reading_words.tokens`; a bare number counts `unit`.

    >>> length_at(tokens("one year and six (6) months, renewable"), 0)
    (Tenor(years=1, months=6, weeks=0, days=0), 8)
    """
    amounts: dict[Unit, Decimal] = {}
    after = at
    while True:
        begun = after + 1 if amounts and after < len(words) and words[after] in _JOINING_WORDS else after
        part = _part_at(words, begun, None if amounts else unit)
        if isinstance(part, Unknown):
            break
        amount, counted, after = part
        if counted in amounts:
            return Unknown(f"{counted} are stated twice in {shown(' '.join(words))}")
        if any(_said_again((one, amounts[one]), (counted, amount)) for one in amounts):
            return Unknown(f"{shown(' '.join(words))} may state one length twice, or two to be added")
        amounts[counted] = amount
    if not amounts:
        return part
    length = _length(amounts)
    return length if isinstance(length, Unknown) else (length, after)


def _said_again(before: tuple[Unit, Decimal], after: tuple[Unit, Decimal]) -> bool:
    """Whether the later part is larger than the earlier one, or about as long: then it may be the same in other words.

    >>> _said_again((Unit.YEARS, Decimal(1)), (Unit.MONTHS, Decimal(6)))
    False
    """
    (larger, many), (smaller, few) = before, after
    if (larger, smaller) not in _AGAIN:  # the units stand in descending order there
        return True
    return any(few == many * size for size in _AGAIN[larger, smaller])


def _part_at(words: list[str], at: int, unit: Unit | None) -> tuple[Decimal, Unit, int] | Unknown:
    """One amount with its unit, and where the words go on."""
    number = number_at(words, at)
    if isinstance(number, Unknown):
        return number
    amount, after = number
    after = _past(words, after)
    word = words[after] if after < len(words) else ""
    counted = UNIT_WORDS.get(word)
    if counted is None and word not in _WORKING_WORDS and unit is not None and after == len(words):
        return amount, unit, after
    after = after if counted is None else _past(words, after + 1)
    if word in _WORKING_WORDS or (after < len(words) and words[after] in _WORKING_WORDS):
        return Unknown("business days are no length on the calendar; they need a calendar of their own")
    return _no_length(" ".join(words)) if counted is None else (amount, counted, after)


def _past(words: list[str], at: int) -> int:
    while at < len(words) and words[at] in _PLAIN_WORDS:
        at += 1
    return at


def number_at(words: list[str], at: int) -> tuple[Decimal, int] | Unknown:
    """The number at word number `at`, in figures, in words or in both ("three (3)"), and where it ends.

    >>> number_at(tokens("one hundred eighty (180) days"), 0)
    (Decimal('180'), 6)
    """
    figures = _figures_at(words, at)
    amount, after = figures if figures is not None else _cardinal_at(words, at)
    if amount is None:
        return _no_length(" ".join(words))
    if words[after : after + 1] != ["("]:
        return amount, after
    repeated = _figures_at(words, after + 1) or _cardinal_at(words, after + 1)
    if repeated[0] is None or words[repeated[1] : repeated[1] + 1] != [")"]:
        return _no_length(" ".join(words))
    if repeated[0] != amount:
        return Unknown(f"{shown(' '.join(words))} states {amount} in one way and {repeated[0]} in the other")
    return amount, repeated[1] + 1


def _figures_at(words: list[str], at: int) -> tuple[Decimal | None, int] | None:
    """A number in figures, with a decimal point or comma; None when there is none."""
    figures = words[at] if at < len(words) else ""
    whole, _, fraction = figures.replace(",", ".").partition(".")
    if not (figures.isascii() and whole.isdigit()) or len(whole) > _MOST_DIGITS:
        return None
    if len(fraction) >= _THOUSANDS:
        return None, at  # 1,000 days: a thousand or one? Neither is guessed.
    return Decimal(f"{whole}.{fraction}" if fraction else whole), at + 1


def _cardinal_at(words: list[str], at: int) -> tuple[Decimal | None, int]:
    """A number in words, English or French; None when there is none."""
    total, last, before, after = 0, 0, "", at
    while after < len(words):
        skip = after + 1 if last and words[after] in ("and", "et") else after
        word = words[skip] if skip < len(words) else ""
        joined = _joined(total, last, (before, word))
        if joined is None:
            break
        total, last = joined
        before, after = word, skip + 1
    return (Decimal(total) if total else None), after


def _joined(total: int, last: int, words: tuple[str, str]) -> tuple[int, int] | None:
    """The sum once the second of the `words` follows the first, which made `last` of it, and what the second makes.

    None when it is no number, or cannot follow.
    """
    before, word = words
    value = _NUMBER_WORDS.get(word)
    if value is None:
        return None
    if value == _HUNDRED and total < _TEN:
        return (total or 1) * _HUNDRED, _HUNDRED
    if before == "quatre" and value == 2 * _TEN and total % _HUNDRED == last:  # quatre-vingt, and no vingt-quatre-vingt
        return total - last + _FOUR_TWENTIES, _FOUR_TWENTIES
    if before == "dix" and word in _AFTER_DIX:
        return total + value, _TEN + value
    round_number = last >= 2 * _TEN and last % _TEN == 0
    room = 2 * _TEN if (before.removesuffix("s"), last) in _TEENS_FOLLOW else _TEN
    if last in (0, _HUNDRED) or (round_number and value < room):
        return total + value, value
    return None


def _length(amounts: dict[Unit, Decimal]) -> Tenor | Unknown:
    """The tenor of the amounts; a fraction of a year becomes months."""
    counts = dict.fromkeys(Unit, 0)
    for unit, amount in amounts.items():
        whole = int(amount)
        counts[unit] += whole
        rest = amount - whole
        if rest and unit is Unit.YEARS and not (rest * _MONTHS_IN_YEAR) % 1:
            counts[Unit.MONTHS] += int(rest * _MONTHS_IN_YEAR)
        elif rest:
            return Unknown(f"{amount} {unit} is no whole number of {unit if unit is not Unit.YEARS else Unit.MONTHS}")
    if not any(counts.values()):
        return Unknown("a length of zero is no length")
    length = Tenor(
        years=counts[Unit.YEARS], months=counts[Unit.MONTHS], weeks=counts[Unit.WEEKS], days=counts[Unit.DAYS]
    )  # fmt: skip
    return _bounded(length)


def _bounded(length: Tenor) -> Tenor | Unknown:
    # In days times twelve, so that months need no fraction of a year.
    size = _DAYS_IN_YEAR * length.whole_months + _MONTHS_IN_YEAR * length.loose_days
    if size > _DAYS_IN_YEAR * _MONTHS_IN_YEAR * MOST_YEARS:
        return Unknown(f"{length.words} is longer than {MOST_YEARS} years, and beyond what can be reckoned with")
    return length


def _no_length(text: str) -> Unknown:
    if REDACTED in text:
        return Unknown("it is redacted", text)
    return Unknown(f"{shown(text)} is no length of time such as 3 months or 90 days", text)
