"""Values that may be of several types: the JSON itself says which one it is.

A date is a text, an unknown one {"unknown": reason}, a half-known one {"partial": {...}}, a perpetual end
{"perpetual": raw}. A record among several is told by its tag: "is" with the class's name in lower snake
case, so that a `NoticeClause` is {"is": "notice_clause", ...}. A tag names a class the annotation allows,
or one derived from it, and no other.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Final, Literal, NewType, Union, get_args

import attrs
from attrs import frozen

from clmcrm.codec.hook_types import origin_of
from clmcrm.codec.known_forms import FORMS, enum_form, literal_form
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.partial import PartialDate, Perpetual, Unknown

TAG: Final = "is"
"""The key that holds a record's tag."""

KEYED: Final[dict[type, str]] = {PartialDate: "partial", Unknown: "unknown", Perpetual: "perpetual"}
"""Classes that are told by a key of their own rather than by a tag."""

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def tag_of(cls: type) -> str:
    """The tag of a class: its name in lower snake case.

    >>> tag_of(PartialDate)
    'partial_date'
    """
    return _WORD.sub("_", cls.__name__).lower()


def is_union(annotation: object) -> bool:
    """Whether the annotation is a union, `X | None` among them."""
    return origin_of(annotation) in (Union, types.UnionType)


def _children(cls: Any) -> list[type]:  # noqa: ANN401 - mypy and pyright read __subclasses__ differently
    children: list[type] = cls.__subclasses__()
    return children


def descendants(cls: type) -> Iterator[type]:
    """`cls` and every attrs class derived from it, at any depth."""
    if "__attrs_attrs__" in vars(cls):  # a class remade with slots leaves its first form behind: not that one
        yield cls
    for child in _children(cls):
        yield from descendants(child)


def tagged(tag: object, classes: tuple[type, ...]) -> type | None:
    """The class among `classes` and their descendants whose tag is `tag`, or None.

    Raises `TypeError` when two classes share it, which is a mistake in the records themselves.
    """
    found = {cls for base in classes for cls in (base, *descendants(base)) if tag_of(cls) == tag}
    if len(found) > 1:
        raise TypeError(f"the tag {tag!r} is shared by {sorted(map(repr, found))}")
    return found.pop() if found else None


VALUE: Final = "value"
"""The key that holds a tagged value which is no record: {"is": "date", "value": "2026-05-07"}."""


@frozen
class Member:
    """One type of a union: how its JSON is told from the others', and in which words it is asked for.

    `by_tag` says that it carries its tag; its `fits` then is never asked.
    """

    type: Any
    words: str
    fits: Callable[[object], bool]
    by_tag: bool = False

    @property
    def plain(self) -> Any:  # noqa: ANN401 - an annotation is anything
        """The class behind the annotation."""
        return _plain(self.type)

    def holds(self, value: object) -> bool:
        """Whether `value` is of this type (a datetime is no date here, and True is no number)."""
        kind = origin_of(self.type) or self.plain
        if kind is Literal:
            return self.fits(value)
        return type(value) is kind or (isinstance(value, kind) and attrs.has(kind))


def members(union: object) -> tuple[Member, ...]:
    """The types of a union, None left out, each with the way to tell it.

    What two types would write alike is told by tag: an amount beside a price, and every other text beside
    free text. Raises `TypeError` for a type that has no JSON form.
    """
    found = [_member(part) for part in get_args(union) if part is not type(None)]
    plain = [member.plain for member in found]
    free_text = str in plain
    several_enums = sum(is_enum(kind) for kind in plain) > 1
    both_amounts = Money in plain and UnitPrice in plain

    def crowded(kind: Any) -> bool:  # noqa: ANN401 - an annotation is anything
        if is_enum(kind):
            return free_text or several_enums
        return (free_text and kind in _TEXTS) or (both_amounts and kind in _AMOUNTS)

    return tuple(_by_tag(member.type) if crowded(member.plain) else member for member in found)


_AMOUNTS: Final[frozenset[Any]] = frozenset({Money, UnitPrice})
_TEXTS: Final[frozenset[Any]] = frozenset(FORMS) - {bool, int, str} - _AMOUNTS


def is_enum(kind: Any) -> bool:  # noqa: ANN401 - an annotation is anything
    """Whether it is a class of enum members."""
    return isinstance(kind, type) and issubclass(kind, Enum)


def is_single(kind: Any) -> bool:  # noqa: ANN401 - an annotation is anything
    """Whether its values are written as one text or number, so that a tag needs `VALUE` beside it."""
    return kind in _TEXTS or is_enum(kind)


def _plain(annotation: Any) -> Any:  # noqa: ANN401 - an annotation is anything
    while isinstance(annotation, NewType):
        annotation = annotation.__supertype__
    return annotation


def _by_tag(annotation: Any) -> Member:  # noqa: ANN401 - an annotation is anything
    words = f'{{"{TAG}": "{tag_of(_plain(annotation))}", …}}'
    return Member(annotation, words, lambda _: False, by_tag=True)


def _member(annotation: Any) -> Member:  # noqa: ANN401 - an annotation is anything
    plain, origin = _plain(annotation), origin_of(annotation)
    if plain in KEYED:
        key = KEYED[plain]
        return Member(plain, f'{{"{key}": …}}', lambda raw: isinstance(raw, dict) and key in raw)
    if plain in FORMS:
        return Member(annotation, FORMS[plain].words, FORMS[plain].fits)
    if origin is Literal:
        form = literal_form(get_args(annotation))
        return Member(annotation, form.words, form.fits)
    if origin in (tuple, frozenset):
        return Member(annotation, "a list", lambda raw: isinstance(raw, list))
    if is_enum(plain):
        form = enum_form(plain)
        return Member(annotation, form.words, form.fits)
    if isinstance(plain, type) and attrs.has(plain):
        return _by_tag(plain)
    raise TypeError(f"{annotation} has no JSON form in a union")
