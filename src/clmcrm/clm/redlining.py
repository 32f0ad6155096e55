"""What changed between two texts, word by word, as data: the words kept, taken out and put in.

The rule of the file: nothing is lost. The words kept and taken out, one after another, are the old text; the
words kept and put in are the new one, blanks and line ends included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.values.validators import member

_PARAGRAPH: Final = re.compile(r"[^\n]*\n+|[^\n]+")
_WORD: Final = re.compile(r"\s+|\w+(?:[.,'\u2019]\w+)*|[^\w\s]")


class SegmentKind(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


@frozen
class Segment:
    """A stretch of text, never empty, and what became of it."""

    kind: SegmentKind = field(validator=member(SegmentKind))
    text: str


def word_changes(before: str, after: str) -> tuple[Segment, ...]:
    """The stretches that lead from `before` to `after`, neighbours of one kind joined.

    Paragraphs are matched first and words only inside those that differ, so that a long contract with few
    changes is quick.

    >>> [(s.kind.value, s.text) for s in word_changes("within 30 days", "within 60 days")]
    [('kept', 'within '), ('deleted', '30'), ('inserted', '60'), ('kept', ' days')]
    """
    found: list[Segment] = []
    for old, new in _matched(_PARAGRAPH.findall(before), _PARAGRAPH.findall(after)):
        if old == new:
            _add(found, SegmentKind.KEPT, old)
            continue
        for gone, come in _matched(_WORD.findall(old), _WORD.findall(new)):
            if gone == come:
                _add(found, SegmentKind.KEPT, gone)
            else:
                _add(found, SegmentKind.DELETED, gone)
                _add(found, SegmentKind.INSERTED, come)
    return tuple(found)


def before_of(segments: Sequence[Segment]) -> str:
    """The old text that the segments come from."""
    return "".join(segment.text for segment in segments if segment.kind is not SegmentKind.INSERTED)


def after_of(segments: Sequence[Segment]) -> str:
    """The new text that the segments lead to."""
    return "".join(segment.text for segment in segments if segment.kind is not SegmentKind.DELETED)


def _matched(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Stretches of both texts that stand against one another, equal ones among them."""
    # Without autojunk, a frequent word ("the") may begin a match like any other.
    for _, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield "".join(old[i:j]), "".join(new[k:m])


def _add(found: list[Segment], kind: SegmentKind, text: str) -> None:
    if text and found and found[-1].kind is kind:
        found[-1] = Segment(kind, found[-1].text + text)
    elif text:
        found.append(Segment(kind, text))
