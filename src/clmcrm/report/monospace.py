"""How many columns a text takes in a terminal, and how to cut or pad it to a number of them.

The rule of the file: what belongs together on the screen (a letter and its accents, an emoji of several
parts) is never cut apart, and nothing that steers a terminal gets through. Widths follow Unicode TR 11.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

_ELLIPSIS: Final = "…"
_JOINER: Final = "\u200d"
_EMOJI_STYLE: Final = "\ufe0f"
_FLAGS: Final = range(0x1F1E6, 0x1F200)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_WIDE: Final = frozenset({"W", "F"})
_INVISIBLE: Final = frozenset({"Mn", "Me", "Cf"})


def one_line(text: str) -> str:
    r"""`text` on one line: white space becomes blanks, and what steers a terminal or its direction is dropped.

    >>> one_line("a\nb\x1b[31m\u202ec")
    'a b[31mc'
    """
    kept = (" " if c.isspace() else c for c in text if not _steers(c))
    return "".join(kept)


def columns_of(text: str) -> int:
    r"""How many columns `text` takes; wide characters take two, accents none.

    >>> columns_of("cafe\u0301"), columns_of("自動車"), columns_of("👩‍🚀")
    (4, 6, 2)
    """
    return sum(_width(cluster) for cluster in clusters(text))


def clusters(text: str) -> Iterator[str]:
    r"""The pieces of `text` that a terminal shows in one place.

    >>> len(list(clusters("e\u0301🇫🇷x")))
    3
    """
    piece = ""
    for character in text:
        if piece and not _belongs(piece, character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def cut(text: str, room: int) -> str:
    """`text` in at most `room` columns, with an ellipsis where something is missing.

    >>> cut("maintenance", 6), cut("自動車", 4)
    ('maint…', '自…')
    """
    if columns_of(text) <= room:
        return text
    kept, used = "", 1
    for cluster in clusters(text):
        used += _width(cluster)
        if used > room:
            break
        kept += cluster
    return kept.rstrip() + _ELLIPSIS if room > 0 else ""


def padded(text: str, room: int, *, right: bool = False) -> str:
    """`text` cut or filled with blanks to exactly `room` columns; flush `right` if asked.

    >>> padded("自", 4), padded("7", 3, right=True)
    ('自  ', '  7')
    """
    shown = cut(text, room)
    blanks = " " * (room - columns_of(shown))
    return blanks + shown if right else shown + blanks


def _steers(character: str) -> bool:
    """Control and format characters, but not white space, the joiner of emoji and its neighbour."""
    if character in (_JOINER, "\u200c") or character.isspace():
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _belongs(piece: str, character: str) -> bool:
    """Whether `character` goes on with `piece`."""
    if unicodedata.category(character) in _INVISIBLE or ord(character) in _SKIN_TONES:
        return True
    if piece.endswith(_JOINER):
        return True
    return ord(character) in _FLAGS and len(piece) == 1 and ord(piece) in _FLAGS


def _width(cluster: str) -> int:
    first = cluster[0]
    if ord(first) in _FLAGS or _EMOJI_STYLE in cluster:
        return 2
    if unicodedata.category(first) in _INVISIBLE:
        return 0
    return 2 if unicodedata.east_asian_width(first) in _WIDE else 1
