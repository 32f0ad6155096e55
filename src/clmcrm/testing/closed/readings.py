"""What the text of a parameter stands for: a query knows only texts, a schema speaks of numbers, lists and objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

from attrs import field, frozen

from clmcrm.testing.closed.description import Description, Parameter, is_list, is_tree


@frozen(kw_only=True)
class Sorts:
    """What a schema and its parts say of a value: its `kinds`, the values it `lists`, the schemas of its `items`.

    `fields` are the schemas of its properties by name. No kind at all: it may be anything.
    """

    kinds: set[str] = field(factory=set[str])
    lists: list[Any] = field(factory=list[Any])
    items: list[Any] = field(factory=list[Any])
    fields: dict[str, Any] = field(factory=dict[str, Any])


_KEYS: Final = re.compile(r"\[([^\[\]]*)\]")
"""The keys in brackets behind a name: `[ids][]`, `[range][gt]`."""


class Readings:
    """Reads the parameters of one description."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._sorts: dict[int, Sorts] = {}

    def sorts(self, schema: Any) -> Sorts:  # noqa: ANN401 - any JSON value
        """What a schema of the description says, its parts and choices together."""
        if id(schema) not in self._sorts:
            self._sorts[id(schema)] = self._sorted(schema)
        return self._sorts[id(schema)]

    def _sorted(self, schema: Any) -> Sorts:  # noqa: ANN401 - any JSON value
        told, seen, waiting = Sorts(), set[int](), [schema]
        while waiting:
            found = self._description.resolved(waiting.pop(0))
            if not is_tree(found) or id(found) in seen:
                continue
            seen.add(id(found))
            kinds = found.get("type")
            told.kinds.update(kinds if is_list(kinds) else [kinds] if isinstance(kinds, str) else [])
            if kinds is None:
                told.kinds.update(["array"] if "items" in found else [], ["object"] if "properties" in found else [])
            told.lists.extend(found.get("enum", []))
            told.items.extend([found["items"]] if "items" in found else [])
            told.fields.update(found.get("properties", {}))
            waiting.extend([*found.get("allOf", []), *found.get("oneOf", []), *found.get("anyOf", [])])
        return told

    def own_keys(self, told: Parameter) -> Mapping[str, Any]:
        """The fields of an exploded object, each of which is a key of its own in the query; empty for all else."""
        sorts = self.sorts(told.schema)
        spread = told.place == "query" and told.exploded and not told.deep and not told.json
        return sorts.fields if spread and "object" in sorts.kinds else {}

    def parts(self, told: Parameter, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """What a query holds of an object that is written field by field; empty when it holds nothing of it."""
        fields = self.sorts(told.schema).fields
        if not told.deep:
            return {name: self.one(fields[name], text) for name, text in pairs if name in self.own_keys(told)}
        inner = [(name[len(told.name) :], text) for name, text in pairs if name.startswith(f"{told.name}[")]
        return self._deep(fields, [(_KEYS.findall(keys), text) for keys, text in inner])

    def _deep(self, fields: Mapping[str, Any], entries: Sequence[tuple[list[str], str]]) -> dict[str, Any]:
        """An object of which each text stands behind the keys that lead to it."""
        under: dict[str, list[tuple[list[str], str]]] = {}
        for keys, text in entries:
            under.setdefault(keys[0] if keys else "", []).append((keys[1:], text))
        return {name: self._below(fields.get(name, {}), rest) for name, rest in under.items()}

    def _below(self, schema: Any, entries: Sequence[tuple[list[str], str]]) -> Any:  # noqa: ANN401 - any JSON value
        sorts = self._sorted(schema)
        if any(keys not in ([], [""]) for keys, _ in entries):
            return self._deep(sorts.fields, entries)
        if "array" in sorts.kinds:
            return [self._item(sorts, text) for _, text in entries]
        texts = [text for _, text in entries]
        return self.one(schema, texts[0]) if len(texts) == 1 else texts

    def values(self, told: Parameter, given: Sequence[str]) -> Iterator[Any]:
        """Every value that the texts of a parameter may stand for, the likeliest first; at least one."""
        if told.json:
            yield _parsed(given[0])
            return
        sorts = self.sorts(told.schema)
        if "array" in sorts.kinds:
            if told.exploded or len(given) > 1:
                yield [self._item(sorts, each) for each in given]
            if len(given) == 1:
                yield [self._item(sorts, each) for each in given[0].split(told.between)]
        if "object" in sorts.kinds and "," in given[0]:
            yield {name: self.one(sorts.fields.get(name, {}), text) for name, text in _pairs(given[0].split(","))}
        if len(given) > 1:
            yield list(given)
            return
        yield from _read(sorts, given[0])

    def one(self, schema: Any, text: str) -> Any:  # noqa: ANN401 - any JSON value
        """The likeliest value of one text."""
        return next(_read(self._sorted(schema), text))

    def _item(self, sorts: Sorts, text: str) -> Any:  # noqa: ANN401 - any JSON value
        inner = self._sorted({"allOf": sorts.items})
        inner.lists.extend(sorts.lists)
        return next(_read(inner, text))


def in_path(told: Parameter, text: str) -> str | None:
    """The text of a parameter of a path as the style "simple" writes it; None for one not written as its style has it.

    >>> told = Parameter(name="id", place="path", required=True, schema={}, style="matrix")
    >>> in_path(told, ";id=3;id=4"), in_path(told, "3")
    ('3,4', None)
    """
    if told.style not in ("label", "matrix"):
        return text
    if not text.startswith("." if told.style == "label" else ";"):
        return None
    if told.style == "label":
        return text[1:].replace(".", ",") if told.exploded else text[1:]
    parts, own = text[1:].split(";"), len(told.name) + 1
    if all(f"{part}=".startswith(f"{told.name}=") for part in parts):
        return ",".join(part[own:] for part in parts)
    return ",".join(parts) if told.exploded and all("=" in part for part in parts) else None


def _pairs(parts: list[str]) -> Iterator[tuple[str, str]]:
    """`name,value,name,value`, or `name=value,name=value` of an object that is exploded in a path."""
    if all("=" in part for part in parts):
        yield from ((name, value) for name, _, value in (part.partition("=") for part in parts))
    else:
        yield from zip(parts[::2], parts[1::2], strict=False)


def _read(sorts: Sorts, text: str) -> Iterator[Any]:
    for value in sorts.lists:
        if not isinstance(value, str) and written(value) == text:
            yield value
    parsed, kinds = _parsed(text), sorts.kinds or {"string", "number", "boolean"}
    number = isinstance(parsed, int | float) and not isinstance(parsed, bool)
    if (number and kinds & {"integer", "number"}) or (isinstance(parsed, bool) and "boolean" in kinds):
        yield parsed
    if (is_tree(parsed) and "object" in kinds) or (is_list(parsed) and "array" in kinds):
        yield parsed
    if text in ("", "null") and "null" in kinds:
        yield None
    yield text


def written(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as a parameter has it: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def strict_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text; raises `ValueError` for anything else, `NaN` and nesting without end too."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _parsed(text: str) -> Any:  # noqa: ANN401 - any JSON value
    if text != text.strip():  # a space is part of the text, and of no number
        return text
    try:
        return strict_json(text)
    except ValueError:
        return text
