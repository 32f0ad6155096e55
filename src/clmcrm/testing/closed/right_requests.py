"""Right requests, made from a description by a seeded generator: what an honest reader of it would send.

It reads the vendor's schemas as they stand and knows nothing of how they are closed, so that each keeps the other
honest.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from clmcrm.testing.closed.description import Description, Operation, Parameter, Tree, is_list, is_tree
from clmcrm.testing.closed.validator import Request

_DEEPEST: Final = 5
_TEXTS: Final = {
    "date-time": "2026-01-15T09:30:00Z", "DateTime": "2026-01-15T09:30:00Z", "date": "2026-01-15",
    "email": "ann@example.com", "uuid": "5c9f7a1e-0000-4000-8000-000000000001", "uri": "https://example.com/a",
    "url": "https://example.com/a", "json-pointer": "/a",
}  # fmt: skip
_CANDIDATES: Final = (
    "a", "1", "A1", "10.00", "P1Y", "2026-01-15", "#00b3e6", "en-US", "USD", "abcdef", "+33123456789",
    "5c9f7a1e-0000-4000-8000-000000000001", "00000000000000000000000a", "abcdefghijklmnopqrstuv", "https://a.example/b",
)  # fmt: skip


class CannotMake(Exception):
    """No value of this schema could be made (a pattern, or a required field that nests without end)."""


def right_requests(description: Description, seed: int, each: int = 1) -> Iterator[tuple[Operation, Request]]:
    """For every operation `each` requests; one that cannot be made is left out."""
    rng = random.Random(seed)  # noqa: S311 - what must be repeatable cannot be secret
    maker = Maker(description, rng)
    for operation in description.operations:
        for _ in range(each):
            try:
                yield operation, maker.request(operation)
            except CannotMake:
                continue


class Maker:
    """Makes values and requests from one description."""

    def __init__(self, description: Description, rng: random.Random) -> None:
        self._description = description
        self._rng = rng

    def request(self, operation: Operation) -> Request:
        """A right request; raises `CannotMake`."""
        path, _, flags = operation.template.partition("?")
        query = [(pair.partition("=")[0], pair.partition("=")[2]) for pair in flags.split("&") if pair]
        headers: dict[str, str] = {}
        for told in operation.parameters:
            if told.place == "path":
                path = path.replace(f"{{{told.name}}}", quote(_text(self.value(told.schema, 1)), safe=""))
            elif told.place == "header" and told.required:
                headers[told.name] = "x"
            elif told.place == "query" and (told.required or self._rng.random() < _HALF):
                query += self._query(told)
        body, form = b"", None
        kind = next(iter(operation.bodies), None)
        kind = next((each for each in operation.bodies if "json" in each), kind)
        if kind is not None:
            headers["Content-Type"] = kind
            value = self.value(operation.bodies[kind], 0)
            if "json" in kind:
                body = json.dumps(value).encode()
            else:
                form = frozenset(value if is_tree(value) else ())
        path = re.sub(r"\{[^}]*\}", "x", path)
        whole = self._description.base + path + (f"?{urlencode(query)}" if query else "")
        return Request(method=operation.method, path=whole, headers=headers, body=body, form=form)

    def _query(self, told: Parameter) -> list[tuple[str, str]]:
        try:
            value = self.value(told.schema, 1)
        except CannotMake:
            if told.required:
                raise
            return []
        if told.deep:
            items = value.items() if is_tree(value) else ()
            return [(f"{told.name}[{name}]", _text(each)) for name, each in items]
        if is_list(value):
            texts = [_text(each) for each in value]
            return [(told.name, each) for each in texts] if told.exploded else [(told.name, ",".join(texts))]
        return [(told.name, _text(value))]

    def value(self, schema: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        """A value of the schema; raises `CannotMake`."""
        found = self._description.resolved(schema)
        if depth > 2 * _DEEPEST:
            raise CannotMake("nested without end")
        mapping = found.get("discriminator", {}).get("mapping") if is_tree(found.get("discriminator")) else None
        if mapping and "oneOf" not in found and "anyOf" not in found and "allOf" not in found:
            return self._mapped(found, mapping, depth)
        return self._plain(found, depth)

    def _mapped(self, found: Tree, mapping: dict[str, str], depth: int) -> Any:  # noqa: ANN401 - any JSON value
        value, pointer = self._rng.choice(sorted(mapping.items()))
        where = pointer if pointer.startswith("#/") else f"#/components/schemas/{pointer}"
        made = self._plain(self._description.at(where), depth)
        return made | {found["discriminator"]["propertyName"]: value}

    def _plain(self, found: Tree, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        whole: Any = None
        for part in found.get("allOf", []):
            made = self._plain(self._description.resolved(part), depth)
            whole = whole | made if is_tree(whole) and is_tree(made) else made
        choice = found.get("oneOf") or found.get("anyOf")
        if choice and all(set(each) == {"required"} for each in choice):
            needed = [*found.get("required", []), *self._rng.choice(choice)["required"]]
            found, choice = found | {"required": needed}, None
        if choice:
            made = self._any(choice, depth)
            whole = whole | made if is_tree(whole) and is_tree(made) else made
        if is_tree(found.get("properties")):
            made = self._object(found, depth)
            return whole | made if is_tree(whole) else made
        return whole if whole is not None else self._simple(found, depth)

    def _any(self, choice: list[Any], depth: int) -> Any:  # noqa: ANN401 - any JSON value
        for each in self._rng.sample(choice, len(choice)):
            try:
                return self.value(each, depth + 1)
            except CannotMake:
                continue
        raise CannotMake("none of the forms can be made")

    def _object(self, found: Tree, depth: int) -> Tree:
        required = set(found.get("required", []))
        made: Tree = {}
        for name, each in found["properties"].items():
            told = self._description.resolved(each)
            if told.get("readOnly") is True or (name not in required and not self._wanted(depth)):
                continue
            try:
                made[name] = self.value(each, depth + 1)
            except CannotMake:
                if name in required:
                    raise
        return made

    def _wanted(self, depth: int) -> bool:
        return depth < _DEEPEST and self._rng.random() < _HALF / (1 + depth)

    def _simple(self, found: Tree, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        if found.get("enum"):
            return self._rng.choice([each for each in found["enum"] if each is not None] or [None])
        kinds = found.get("type")
        kind = next((each for each in kinds if each != "null"), "null") if is_list(kinds) else kinds
        if kind == "array":
            size = max(1, int(found.get("minItems", 1)))
            return [self.value(found.get("items", {}), depth + 1) for _ in range(size)]
        if kind in ("integer", "number"):
            low = int(found.get("minimum", 0))
            return min(max(low + 1, 1), int(found.get("maximum", low + 1)))
        if kind == "boolean":
            return self._rng.random() < _HALF
        if kind == "object" or "additionalProperties" in found:
            return {}
        return _written(found)


_HALF: Final = 0.5


def _written(found: Tree) -> str:
    """A text of the schema: by its format, its example, or a candidate that fits its pattern and lengths."""
    low, high = int(found.get("minLength", 0)), int(found.get("maxLength", 10**6))
    shown = found.get("example")
    by_format = _TEXTS.get(str(found.get("format")))
    for text in (by_format, shown if by_format is None else None, *_CANDIDATES, "a" * low):
        if isinstance(text, str) and low <= len(text) <= high and _fits(found.get("pattern"), text):
            return text
    raise CannotMake("no text fits the pattern")


def _fits(pattern: object, text: str) -> bool:
    return not isinstance(pattern, str) or re.search(pattern, text) is not None


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)
