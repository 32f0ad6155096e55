"""A schema with all that its parts say: one way of each choice taken, what `allOf` spreads laid side by side.

It is how an honest reader reads a description. It knows nothing of how schemas are closed, so that each keeps the
other honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from attrs import define, field

from clmcrm.testing.closed.description import Description, Tree, is_list, is_tree, pattern_of

_T = TypeVar("_T")
_LEAST: Final = ("maximum", "maxLength", "maxItems", "maxProperties")
_MOST: Final = ("minimum", "minLength", "minItems", "minProperties")
_BEYOND: Final = frozenset({"not", "if", "contains", "dependentSchemas", "propertyNames", "patternProperties"})
_FIRST: Final = ("format", "example", "default", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")

_WIDER: Final = frozenset({"properties", "required", "oneOf", "anyOf", "additionalProperties", "patternProperties"})
"""Keywords beside an `allOf` of one that make it more than words about that one."""


@define(kw_only=True)
class Gathered:
    """What one way through a schema says.

    `kinds` are the types that all parts allow (None: none is named), `lists` the values of enums and constants,
    `fields` the schemas of each property, `more` whether others may stand beside them and of which schema, `words`
    the bounds and the rest by keyword, `along` which fields each field brings with it. `beyond` names keywords that
    rule values out in a way that nothing is made by. `choices` says whether another way through would have been
    possible, and `elsewhere` what the ways that were not taken describe.
    """

    kinds: set[str] | None = None
    lists: list[list[Any]] = field(factory=list[list[Any]])
    fields: dict[str, list[Any]] = field(factory=dict[str, list[Any]])
    required: set[str] = field(factory=set[str])
    items: list[Any] = field(factory=list[Any])
    more: Any = None
    patterns: list[str] = field(factory=list[str])
    words: dict[str, Any] = field(factory=dict[str, Any])
    along: dict[str, list[str]] = field(factory=dict[str, list[str]])
    beyond: set[str] = field(factory=set[str])
    unique: bool = False
    choices: bool = False
    elsewhere: set[str] = field(factory=set[str])

    def nameless(self) -> set[str]:
        """What is required and described nowhere."""
        return self.required - set(self.fields)


class Gathering:
    """Gathers the schemas of one description."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._way = 0

    def whole(self, schema: Any, way: int) -> Gathered:  # noqa: ANN401 - any JSON value
        """What the schema and its parts say.

        `way` numbers the ways through its choices, from 0 and round again: the next one takes another form.
        """
        made = Gathered()
        self._way = way
        self._add(made, schema, set(), mapped=True)
        return made

    def _taken(self, forms: Sequence[_T]) -> _T:
        self._way, place = divmod(self._way, len(forms))
        return forms[place]

    def _add(self, made: Gathered, schema: Any, seen: set[int], *, mapped: bool) -> None:  # noqa: ANN401 - any JSON value
        found = self._description.resolved(schema)
        if not is_tree(found) or id(found) in seen:
            return
        seen.add(id(found))
        if mapped and self._heir(made, found, seen):
            return
        parts = found.get("allOf", [])
        wrapped = len(parts) == 1 and not _WIDER & found.keys()
        for each in parts:
            self._add(made, each, seen, mapped=mapped and wrapped)
        for name in ("oneOf", "anyOf"):
            if is_list(found.get(name)) and found[name]:
                made.choices = True
                made.elsewhere.update(*(self._described(each) for each in found[name]))
                self._add(made, self._taken(found[name]), seen, mapped=True)
        _own(made, found)

    def _described(self, schema: Any) -> set[str]:  # noqa: ANN401 - any JSON value
        """The properties that a form names, with its parts."""
        found = self._description.resolved(schema)
        if not is_tree(found):
            return set()
        parts = (self._description.resolved(each) for each in found.get("allOf", []))
        return {name for each in (found, *parts) if is_tree(each) for name in each.get("properties", {})}

    def _heir(self, made: Gathered, found: Tree, seen: set[int]) -> bool:
        """Take one of those that a discriminator maps to; whether there is one."""
        told = found.get("discriminator")
        mapping = told.get("mapping") if is_tree(told) else None
        if not is_tree(told) or not mapping or "oneOf" in found or "anyOf" in found:
            return False
        value, pointer = self._taken(sorted(mapping.items()))
        where = pointer if pointer.startswith("#/") else f"#/components/schemas/{pointer}"
        made.choices = True
        seen.discard(id(found))
        self._add(made, {"$ref": where}, seen, mapped=False)
        made.fields[str(told["propertyName"])] = [{"enum": [value]}]
        made.required.add(str(told["propertyName"]))
        return True


def _own(made: Gathered, found: Tree) -> None:
    """Add what the schema says itself."""
    _add_kinds(made, found)
    if is_tree(found.get("properties")):
        for name, each in found["properties"].items():
            made.fields.setdefault(name, []).append(each)
    if is_list(found.get("required")):
        made.required.update(found["required"])
    if is_tree(found.get("items")):
        made.items.append(found["items"])
    for word in ("additionalProperties", "unevaluatedProperties"):
        if found.get(word) not in (None, False):
            made.more = found[word]
    made.beyond.update(_BEYOND & found.keys())
    if is_tree(found.get("dependentRequired")):
        for name, brought in found["dependentRequired"].items():
            made.along.setdefault(name, []).extend(brought)
    if isinstance(found.get("pattern"), str):
        made.patterns.append(pattern_of(found["pattern"]))
    made.unique = made.unique or found.get("uniqueItems") is True
    _add_words(made, found)


def _add_kinds(made: Gathered, found: Tree) -> None:
    kinds = found.get("type")
    if kinds is not None:
        named: set[str] = set(kinds if is_list(kinds) else [kinds])
        named |= {"integer"} if "number" in named else set()
        made.kinds = named if made.kinds is None else made.kinds & named
    if found.get("enum"):
        made.lists.append(found["enum"])
    if "const" in found:
        made.lists.append([found["const"]])


def _add_words(made: Gathered, found: Tree) -> None:
    """The tightest of each bound, and the first that is said of what has no order."""
    for names, chosen in ((_LEAST, min), (_MOST, max)):
        for name in names:
            if isinstance(found.get(name), int | float):
                made.words[name] = chosen(made.words.get(name, found[name]), found[name])
    for name in _FIRST:
        if name in found:
            made.words.setdefault(name, found[name])
