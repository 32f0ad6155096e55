"""A person's names in a text: found however they are spelt there, and taken out.

The rule of the file: where two spellings may be one name, they are. Capitals, the way accents are composed, joined
or wide letters and the spaces between words make no difference, not even where they are mixed within one name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from clmcrm.errors import InvalidRecord

_DOTTED: Final = "i\u0307"
"""What becomes of the Turkish capital of i: it keeps a dot that the small letter has anyway."""


@frozen
class Names:
    """The names of one person, as two patterns: as they are `written`, and as they read once they are `folded`."""

    written: re.Pattern[str]
    folded: re.Pattern[str]

    def stand_in(self, said: str) -> bool:
        """Whether the text holds one of them.

        >>> names_of(["Zoé Weiß"]).stand_in("by ZOE\u0301  WEISS")
        True
        """
        return bool(self.written.search(said) or self.folded.search(_folded(said)))

    def taken_out(self, said: str, marker: str) -> str:
        """The text with `marker` in the place of each."""
        if not self.stand_in(said):
            return said
        kept, end = list[str](), 0
        for first, last in _apart(self._places(said)):
            kept += [said[end:first], marker]
            end = last
        return "".join([*kept, said[end:]])

    def _places(self, said: str) -> Iterator[tuple[int, int]]:
        yield from (found.span() for found in self.written.finditer(said))
        starts: list[int] = []
        ends: list[int] = []
        for first, last, letters in _letters(said):
            starts += [first] * len(letters)
            ends += [last] * len(letters)
        for found in self.folded.finditer(_folded(said)):
            yield starts[found.start()], ends[found.end() - 1]


def names_of(names: Iterable[str]) -> Names:
    """The names to look for; raises `InvalidRecord` unless one of them is more than blanks."""
    stated = [name.strip() for name in names if name.strip()]
    if not stated:
        raise InvalidRecord("ErasureRequest", "names", (), "at least one text that names the person")
    # Ignoring case does not make SS of ß: capitals are a spelling of their own.
    spelt = {capitals for name in stated for capitals in (name, name.upper())}
    forms = {unicodedata.normalize(form, one) for one in spelt for form in ("NFC", "NFD", "NFKC", "NFKD")}
    return Names(_pattern(forms), _pattern({_folded(name) for name in stated}))


def _pattern(forms: Iterable[str]) -> re.Pattern[str]:
    words = sorted((form.split() for form in forms), key=lambda form: (-sum(map(len, form)), form))
    return re.compile("|".join(r"\s+".join(map(re.escape, form)) for form in words), re.IGNORECASE)


def _folded(said: str) -> str:
    return said.lower() if said.isascii() else "".join(letters for _, _, letters in _letters(said))


def _letters(said: str) -> Iterator[tuple[int, int, str]]:
    """Each letter with its accents: where it begins, where it ends, and how it reads once folded."""
    if said.isascii():
        yield from ((place, place + 1, letter) for place, letter in enumerate(said.lower()))
        return
    first = 0
    for place in range(1, len(said) + 1):
        # An accent of its own belongs to the letter before it: only together do they have one order.
        if place == len(said) or not unicodedata.combining(said[place]):
            plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", said[first:place]).casefold())
            yield first, place, plain.replace(_DOTTED, "i")
            first = place


def _apart(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The places in their order, those that overlap as one."""
    first, last = 0, 0
    for start, end in sorted(places):
        if start >= last:
            if last:
                yield first, last
            first, last = start, end
        last = max(last, end)
    if last:
        yield first, last
