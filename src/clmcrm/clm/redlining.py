"""What changed between two texts, word by word, as data: the words kept, taken out and put in.

The rule of the file: nothing is lost. The words kept and taken out, one after another, are the old text; the
words kept and put in are the new one, blanks and line ends included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.values.validators import member

_AHEAD: Final = 256
"""So many changes are weighed against one another at once."""
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
    i = k = 0
    for j, m, length in _in_both(old, new):
        yield "".join(old[i:j]), "".join(new[k:m])
        i, k = j + length, m + length
        yield "".join(old[j:i]), "".join(new[m:k])
    yield "".join(old[i:]), "".join(new[k:])


@frozen
class _Run:
    """A run of the old text, from `begin` up to but not with `end`, that the new one has `ahead` places earlier."""

    earlier: _Run | None
    begin: int
    end: int
    ahead: int


def _in_both(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int]]:
    """The runs that stand in both, in order, by the fewest changes: where in the old, where in the new, how long."""
    i = k = 0
    while i < len(old) and k < len(new):
        last, x, y = _fewest_changes(old[i:], new[k:])
        runs: list[_Run] = []
        while last is not None:
            runs.append(last)
            last = last.earlier
        yield from ((i + run.begin, k + run.begin - run.ahead, run.end - run.begin) for run in reversed(runs))
        i, k = i + x, k + y


def _fewest_changes(old: list[str], new: list[str]) -> tuple[_Run | None, int, int]:
    """The last run on the way of the fewest changes, and how far it leads in each text: at most `_AHEAD` changes.

    E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986). By how far the old text is ahead of the new
    one, `reach` is the furthest place that so many changes lead to. The limit keeps two long texts that have little
    in common from taking a time that grows with the square of their length.
    """
    reach: dict[int, tuple[int, _Run | None]] = {1: (0, None)}
    for changes in range(_AHEAD + 1):
        for ahead in range(-changes, changes + 1, 2):
            comes = ahead == -changes or (ahead != changes and reach[ahead - 1][0] < reach[ahead + 1][0])
            begin, run = reach[ahead + 1] if comes else (reach[ahead - 1][0] + 1, reach[ahead - 1][1])
            end = begin
            while end < len(old) and end - ahead < len(new) and old[end] == new[end - ahead]:
                end += 1
            run = _Run(run, begin, end, ahead) if end > begin else run
            reach[ahead] = (end, run)
            if end >= len(old) and end - ahead >= len(new):
                return run, end, end - ahead
    within = [ahead for ahead in range(-_AHEAD, _AHEAD + 1, 2) if _inside(reach[ahead][0], ahead, old, new)]
    furthest = max(within, key=lambda ahead: 2 * reach[ahead][0] - ahead)
    end, run = reach[furthest]
    return run, end, end - furthest


def _inside(place: int, ahead: int, old: list[str], new: list[str]) -> bool:
    return place <= len(old) and place - ahead <= len(new)


def _add(found: list[Segment], kind: SegmentKind, text: str) -> None:
    if text and found and found[-1].kind is kind:
        found[-1] = Segment(kind, found[-1].text + text)
    elif text:
        found.append(Segment(kind, text))
