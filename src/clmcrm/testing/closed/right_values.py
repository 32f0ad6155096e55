"""Right values, made from a vendor's schema by a seeded generator: what an honest reader of it would send."""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Callable
from itertools import chain
from math import ceil, floor
from typing import Any, Final

from clmcrm.errors import MissingExtra
from clmcrm.testing.closed.description import Description, Tree, is_tree
from clmcrm.testing.closed.gathered import Gathered, Gathering

_DEEPEST: Final = 10
_SHALLOW: Final = 5
"""From how deep on nothing is made that is not required."""
_TRIES: Final = 6
_HALF: Final = 0.5
_LONGEST: Final = 10**6
_MOMENTS: Final = ("2026-01-15T09:30:00Z", "2026-01-15T09:30:00.000Z", "2026-01-15T09:30:00+00:00")
_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "date-time": _MOMENTS, "DateTime": _MOMENTS, "date": ("2026-01-15",),
    **dict.fromkeys(("email", "idn-email"), ("ann@example.com", "ANN@EXAMPLE.COM")),
    "uuid": ("5c9f7a1e-0000-4000-8000-000000000001", "5C9F7A1E-0000-4000-8000-000000000001"),
    **dict.fromkeys(("uri", "url", "iri", "uri-reference"), ("https://example.com/a", "http://example.com/a")),
    "json-pointer": ("/a",), "duration": ("P1D",), "hostname": ("a.example.com",), "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",), "regex": ("a",),
}  # fmt: skip
_CANDIDATES: Final = (
    "a", "1", "A1", "10.00", "P1Y", "2026-01-15", "#00b3e6", "en-US", "USD", "abcdef", "+33123456789",
    "5c9f7a1e-0000-4000-8000-000000000001", "00000000000000000000000a", "abcdefghijklmnopqrstuv", "https://a.example/b",
)  # fmt: skip
_UNTRIED: Final = frozenset({"not", "if", "contains", "dependentSchemas"})
_RANGES: Final = {"int32": (-(2**31), 2**31 - 1)}


class CannotMake(Exception):
    """No value of this schema could be made (a pattern, or a required field that nests without end)."""


class Maker:
    """Makes values of the schemas of one description."""

    def __init__(self, description: Description, rng: random.Random) -> None:
        self._description = description
        self._rng = rng
        self._gathering = Gathering(description)
        self._matchers: dict[str, Callable[[str], bool]] = {}
        self._texts: dict[str, list[str]] = {}

    def value(self, schema: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        """A value of the schema; raises `CannotMake`. Where one way through its choices ends, others are tried."""
        first = self._rng.getrandbits(32)
        for way in range(first, first + _TRIES):
            told = self._gathering.whole(schema, way)
            last = not told.choices or way == first + _TRIES - 1
            if told.nameless() and not last:
                continue  # what is required may be described by another way
            try:
                return self._made(told, depth)
            except CannotMake:
                if last:
                    raise
        raise AssertionError

    def _made(self, told: Gathered, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        if depth > _DEEPEST:
            raise CannotMake("nested without end")
        if told.kinds == set() or told.nameless() & told.elsewhere:
            raise CannotMake("its parts contradict each other")
        if told.beyond & _UNTRIED or (told.beyond and (told.nameless() or told.words.get("minProperties"))):
            raise CannotMake(f"what {', '.join(sorted(told.beyond))} says is not made by")
        kind = _kind(told)
        if told.lists and kind != "array":
            return self._rng.choice(_listed(told, kind))
        makers: dict[str, Callable[[Gathered, int], Any]] = {
            "object": self._object, "array": self._array, "integer": self._number, "number": self._number,
            "boolean": lambda _told, _depth: self._rng.random() < _HALF, "null": lambda _told, _depth: None,
        }  # fmt: skip
        return makers.get(kind, self._text)(told, depth)

    def _object(self, told: Gathered, depth: int) -> Tree:
        made: Tree = {}
        least = int(told.words.get("minProperties", 0))
        most = int(told.words.get("maxProperties", _LONGEST))
        room = most - len(told.required)
        required = _with_brought(told)
        for name, parts in told.fields.items():
            needed = name in required
            wanted = needed or (room > 0 and (len(made) < least or self._wanted(depth)))
            room -= wanted and not needed
            if not wanted or any(self._read_only(each) for each in parts):
                continue
            try:
                made[name] = self.value(_together(parts), depth + 1)
            except CannotMake:
                if needed:
                    raise
        more = told.more if is_tree(told.more) else {}
        if told.more is not None or not told.fields:
            for name in sorted(told.nameless()):
                made[name] = self.value(more, depth + 1)
            while len(made) < least:
                made[f"key{len(made)}"] = self.value(more, depth + 1)
        return made

    def _read_only(self, raw: Any) -> bool:  # noqa: ANN401 - any JSON value
        found = self._description.resolved(raw)
        return is_tree(raw) and is_tree(found) and True in (raw.get("readOnly"), found.get("readOnly"))

    def _wanted(self, depth: int) -> bool:
        return depth < _SHALLOW and self._rng.random() < _HALF / (1 + depth)

    def _array(self, told: Gathered, depth: int) -> list[Any]:
        parts: list[Any] = told.items + [{"enum": each} for each in told.lists if not _of_lists(each)]
        if any(_of_lists(each) for each in told.lists):
            return list(self._rng.choice(_listed(told, "array")))
        size = min(max(1, int(told.words.get("minItems", 1))), int(told.words.get("maxItems", _LONGEST)))
        made: list[Any] = []
        for _ in range(size * _TRIES * (10 if told.unique else 1)):
            if len(made) == size:
                break
            item = self.value(_together(parts), depth + 1)
            if not told.unique or item not in made:
                made.append(item)
            elif isinstance(item, int | float) and not isinstance(item, bool):
                made.append(max(made) + 1)
        if len(made) < size:
            raise CannotMake("too few different items")
        return made

    def _number(self, told: Gathered, depth: int) -> int | float:
        """A number within the bounds; a whole one wherever one is there."""
        del depth
        low, high = _bounds(told)
        step = told.words.get("multipleOf") or 1
        if step == 1 and low <= 1 <= high:
            return 1
        for whole in (ceil(low / step) * step, floor(high / step) * step) if low > -_FAR else (floor(high),):
            if low <= whole <= high:
                return whole
        if _kind(told) == "integer" or step != 1:
            raise CannotMake("no number fits the bounds")
        return (low + high) / 2

    def _text(self, told: Gathered, depth: int) -> str:
        """A text: by its format, its example, or a candidate that fits its patterns and lengths."""
        del depth
        low, high = int(told.words.get("minLength", 0)), int(told.words.get("maxLength", _LONGEST))
        by_format = _TEXTS.get(str(told.words.get("format")), ())
        likely = by_format or (told.words.get("example"), *_CANDIDATES, "a" * low)
        drawn = (text for each in told.patterns for text in self._fitting(each))
        for text in chain(likely, () if by_format else drawn):
            if isinstance(text, str) and low <= len(text) <= high and self._fits(told, text):
                return text
        raise CannotMake("no text fits the pattern")

    def _fits(self, told: Gathered, text: str) -> bool:
        for pattern in told.patterns:
            if pattern not in self._matchers:
                self._matchers[pattern] = _matcher(pattern)
        return all(self._matchers[pattern](text) for pattern in told.patterns)

    def _fitting(self, pattern: str) -> list[str]:
        if pattern not in self._texts:
            self._texts[pattern] = _drawn(pattern, self._rng)
        return self._texts[pattern]


_FAR: Final = 1e18


def _with_brought(told: Gathered) -> set[str]:
    """What is required, and all that a field which may be made brings along."""
    required = set(told.required)
    for name, brought in told.along.items():
        required |= set(brought) if name in told.fields else set()
    return required


def _kind(told: Gathered) -> str:
    named = told.kinds or set[str]()
    by_words = "object" if told.fields or told.more is not None else "array" if told.items else ""
    likely = ("number", *sorted(named), "null")  # a number may be a whole one, not the other way round
    return by_words if by_words in named or not named else min(named, key=likely.index)


def _together(parts: list[Any]) -> Any:  # noqa: ANN401 - any JSON value
    return parts[0] if len(parts) == 1 else {"allOf": parts}


def _of_lists(values: list[Any]) -> bool:
    return any(isinstance(each, list) for each in values)


def _listed(told: Gathered, kind: str) -> list[Any]:
    """The values that every list has; those of the kind before those that are not."""
    first, *others = told.lists
    common = [each for each in first if each is not None and all(each in other for other in others)] or first
    fitting = [each for each in common if _is_of(each, kind)]
    return fitting or common


_OF_KIND: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda each: isinstance(each, str), "boolean": lambda each: isinstance(each, bool),
    "integer": lambda each: isinstance(each, int) and not isinstance(each, bool),
    "number": lambda each: isinstance(each, int | float) and not isinstance(each, bool),
    "array": lambda each: isinstance(each, list), "object": is_tree,
}  # fmt: skip


def _is_of(value: Any, kind: str) -> bool:  # noqa: ANN401 - any JSON value
    return kind in _OF_KIND and _OF_KIND[kind](value)


def _bounds(told: Gathered) -> tuple[float, float]:
    """The least and the greatest number; exclusive ones by a step of one, or a part of it where that is too much."""
    words = told.words
    least, greatest = _RANGES.get(str(words.get("format")), (-_FAR, _FAR))
    low, high = max(words.get("minimum", least), least), min(words.get("maximum", greatest), greatest)
    below, above = words.get("exclusiveMinimum"), words.get("exclusiveMaximum")
    gap = 1 if high - low > 2 or _kind(told) == "integer" else (high - low) / 4  # noqa: PLR2004 - room for a whole one
    if below is True or (isinstance(below, int | float) and below is not False):
        low = max(low, (low if below is True else below) + gap)
    if above is True or (isinstance(above, int | float) and above is not False):
        high = min(high, (high if above is True else above) - gap)
    return low, high


def _matcher(pattern: str) -> Callable[[str], bool]:
    """What tells whether a text fits: by the reader of JSON Schema, whose patterns are not Python's."""
    try:
        import jsonschema_rs  # noqa: PLC0415 - an optional package is imported when it is used
    except ImportError:
        raise MissingExtra("test", "making a text that fits a pattern") from None
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    except ValueError:
        return lambda _text: True  # it is no pattern, and nobody can try it


def _drawn(pattern: str, rng: random.Random) -> list[str]:
    """Texts that fit, drawn by Hypothesis; none where it can make none."""
    try:
        from hypothesis import Phase, given, seed, settings  # noqa: PLC0415 - an optional package, imported when used
        from hypothesis.errors import HypothesisException  # noqa: PLC0415
        from hypothesis.strategies import characters, from_regex  # noqa: PLC0415
    except ImportError:
        raise MissingExtra("test", "making a text that fits a pattern") from None
    found: list[str] = []

    @seed(rng.getrandbits(32))
    @settings(max_examples=30, phases=[Phase.generate], database=None, deadline=None, derandomize=False)
    @given(from_regex(pattern, alphabet=characters(codec="ascii", exclude_categories=["Cc"])))
    def draw(text: str) -> None:
        found.append(text)

    try:
        with warnings.catch_warnings(action="ignore"):  # of patterns that Python will read otherwise one day
            draw()
    except (HypothesisException, re.error, ValueError):
        return []
    return [text for text in found if text.isprintable()]  # `$` lets a newline follow
