"""An answer in words made comparable: folded, cut into its values, what was blacked out marked as such.

The rule of the file: any text goes in, nothing is raised, and the text is walked through once (no pattern
repeats a repetition), so that a hostile cell costs no more than its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, TypeVar

from clmcrm.values.partial import Unknown

_T = TypeVar("_T")

MAX_CHARS: Final = 500
"""The longest answer that is read as one; more is a text somebody put into the wrong column."""

REDACTED: Final = "[]"
"""What `marked` writes for every part that was blacked out."""

# "[]", "[ ]", "[***]", "[●]", "***", "____": the ways filings show what was taken out.
_REDACTION: Final = re.compile(r"\[[ *_.x●•…-]{0,40}\]|\*{2,100}|_{2,100}", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[a-z]+|\[\]|\S")
# A hyphen between words is a space; one that opens a number is a minus sign, and is never read away.
_HYPHEN: Final = re.compile(r"-(?![0-9])|(?<=[^\s(;,])-")
_SHOWN: Final = 60

_PERPETUAL: Final = frozenset(
    {
        "perpetual", "perpetuel", "perpetuelle", "perpetuity", "in perpetuity", "a perpetuite", "for ever", "forever",
        "indefinite", "indefinitely", "indefini", "indefinie", "indeterminate", "indeterminee", "indetermine",
        "duree indeterminee", "a duree indeterminee", "duree illimitee", "illimite", "illimitee", "unlimited",
        "no end", "no end date", "sans terme", "sans echeance", "sans fin",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """The text without accents, case, quotation marks and surplus spaces, for comparing words.

    >>> fold("  Durée  d'Effet ")
    'duree d effet'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().replace("'", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", " ").split())


def column_key(name: str) -> str:
    """A column's name as letters and digits only, so that case, accents and stray spaces do not matter.

    >>> column_key("Notice Period To Terminate Renewal- Answer"), column_key("Date d'Échéance")
    ('notice period to terminate renewal answer', 'date d echeance')
    """
    return " ".join("".join(c if c.isalnum() else " " for c in fold(name)).split())


def marked(text: str) -> str:
    """The text with every blacked-out part written as `[]`.

    >>> marked("09/[***]/2019")
    '09/[]/2019'
    """
    return _REDACTION.sub(REDACTED, text)


def tokens(text: str) -> list[str]:
    """Numbers, words, `[]` and single signs of the folded text, in order; hyphens between words count as spaces.

    >>> tokens("Three (3) years"), tokens("36-month"), tokens("-3 years")
    (['three', '(', '3', ')', 'years'], ['36', 'month'], ['-', '3', 'years'])
    """
    return _TOKEN.findall(_HYPHEN.sub(" ", fold(marked(text))))


def shown(text: str) -> str:
    """The text in quotes, cut so that a reason stays one line."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def values_in(text: str, between: str = "") -> tuple[str, ...]:
    """The values in one cell: cut at `;`, `|`, line ends and every sign of `between`; empty ones left out.

    >>> values_in("180 days / 6 months", between="/")
    ('180 days', '6 months')
    """
    for sign in f"|\n\r{between}":
        text = text.replace(sign, ";")
    return tuple(value for part in text.split(";") if (value := part.strip()))


def single(text: str, read: Callable[[str], _T | Unknown], between: str = "") -> _T | Unknown:
    """What `read` makes of the one value in `text`.

    `Unknown` for an empty cell, for a text too long to be an answer, and for several values that differ
    (the reason names them); several that say the same are one.

    >>> single("5; 7", lambda value: value)
    Unknown(reason="several values in one cell: '5' and '7'", raw='5; 7')
    """
    if not text.strip():
        return Unknown("the cell is empty", text)
    if len(text) > MAX_CHARS:
        return Unknown(f"a text of {len(text)} characters is no answer (at most {MAX_CHARS})", text)
    values = values_in(text, between)
    if not values:
        return Unknown(f"{shown(text)} holds no value", text)
    found = [read(value) for value in values]
    if any(one != found[0] for one in found):
        return Unknown(f"several values in one cell: {' and '.join(shown(value) for value in values)}", text)
    return found[0]


def says_perpetual(text: str) -> bool:
    """Whether the text says, in English or French, that there is no end.

    >>> says_perpetual("Perpétuel"), says_perpetual("5 years")
    (True, False)
    """
    return fold(text) in _PERPETUAL
