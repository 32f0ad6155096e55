"""From a vendor's schema to one that refuses what the vendor does not name (JSON Schema 2020-12).

Each schema has two forms. The *open* one says what its own keywords say; the *closed* one refuses every property
that nothing in it names. A value is judged by the closed form; the parts of an `allOf` by their open form, since
each names only its share, and what they name together is closed around them. A read-only property is refused, and
not required.
"""

from __future__ import annotations

from typing import Any, Final

from clmcrm.testing.closed.description import Description, Tree, is_list, is_tree

_KEPT: Final = (
    "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems",
    "minProperties", "maxProperties", "const",
)  # fmt: skip
_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
_FORMATS: Final = {"DateTime": "date-time", "url": "uri"}
_RANGES: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_LOOSE: Final = frozenset({"binary", "byte", "password", "float", "double", *_RANGES})


class Closing:
    """Turns the schemas of one description into closed ones; what they refer to is gathered on the way."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._keys: dict[tuple[str, bool], str] = {}
        self._defs: dict[str, Any] = {}

    def schema(self, raw: Tree) -> Tree:
        """The closed schema, whole: with every definition it refers to."""
        root = self._form(raw, closed=True)
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [root], "$defs": self._reached(root)
        }  # fmt: skip

    def _reached(self, root: Any) -> Tree:  # noqa: ANN401 - any JSON value
        found: Tree = {}
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if is_list(node):
                waiting.extend(node)
            elif is_tree(node):
                key = str(node.get("$ref", "")).removeprefix("#/$defs/")
                if key in self._defs and key not in found:
                    found[key] = self._defs[key]
                    waiting.append(found[key])
                waiting.extend(node.values())
        return found

    def _reference(self, pointer: str, *, closed: bool) -> Tree:
        own = (pointer, closed)
        if own not in self._keys:
            self._keys[own] = f"d{len(self._keys)}"
            self._defs[self._keys[own]] = True  # a schema may refer to itself while it is made
            self._defs[self._keys[own]] = self._form(self._description.at(pointer), closed=closed)
        return {"$ref": f"#/$defs/{self._keys[own]}"}

    def _form(self, raw: Any, *, closed: bool, around: frozenset[str] | None = None) -> Any:  # noqa: ANN401 - a JSON Schema
        """One form of a schema; `around` are the properties named by the whole it is a part of (None: unknown)."""
        if not is_tree(raw):
            return raw is not False
        if isinstance(raw.get("$ref"), str):
            made = self._reference(raw["$ref"], closed=closed)
            return _or_null(made) if raw.get("nullable") is True else made
        mapped = self._mapped(raw) if closed else None
        if mapped is not None:
            return mapped
        made = self._own(raw, around)
        self._combined(raw, made, closed=closed)
        if closed and self._names_properties(raw, set()):
            made["unevaluatedProperties"] = False
        return _or_null(made) if raw.get("nullable") is True or raw.get("x-nullable") is True else made

    def _own(self, raw: Tree, around: frozenset[str] | None) -> Tree:
        """The keywords of the schema itself, as 2020-12 says them.

        A required property that nothing in the whole names is a slip of the vendor's: it could neither be sent
        nor left out. It is not required here.
        """
        made: Tree = {name: raw[name] for name in _KEPT if name in raw}
        _bounds(raw, made)
        kinds = raw.get("type")
        known = [kind for kind in (kinds if is_list(kinds) else [kinds]) if kind in _TYPES]
        if known:
            made["type"] = known
        if is_list(raw.get("enum")):
            made["enum"] = raw["enum"]
        _format(raw.get("format"), made, known)
        if is_tree(raw.get("properties")):
            made["properties"] = {name: self._property(each) for name, each in raw["properties"].items()}
        if is_list(raw.get("required")):
            read_only = {name for name, each in made.get("properties", {}).items() if each is False}
            nameless: set[str] = set() if around is None else set(raw["required"]) - around
            made["required"] = [name for name in raw["required"] if name not in read_only | nameless]
        if is_list(raw.get("prefixItems")):
            made["prefixItems"] = [self._form(each, closed=True) for each in raw["prefixItems"]]
        if "contains" in raw:
            made["contains"] = self._form(raw["contains"], closed=True)
        if "items" in raw:
            made["items"] = self._form(raw["items"], closed=True)
        more = raw.get("additionalProperties")
        if more is not None and more is not False:
            made["additionalProperties"] = self._form(more, closed=True)
        return made

    def _property(self, raw: Any) -> Any:  # noqa: ANN401 - any JSON value
        read_only = is_tree(raw) and self._description.resolved(raw).get("readOnly") is True
        return False if read_only else self._form(raw, closed=True)

    def _combined(self, raw: Tree, made: Tree, *, closed: bool) -> None:
        """`allOf` by open parts; `oneOf` and `anyOf` as "any of these", each closed when it stands alone.

        Vendors write `oneOf` where two of the forms overlap, so that "exactly one" would refuse right requests.
        """
        whole = self._named(raw, set())
        if is_list(raw.get("allOf")):
            made["allOf"] = [self._form(each, closed=False, around=whole) for each in raw["allOf"]]
        alone = closed and not is_tree(raw.get("properties")) and "allOf" not in raw
        for name in ("oneOf", "anyOf"):
            if is_list(raw.get(name)):
                choice = {
                    "anyOf": [self._form(each, closed=alone, around=None if alone else whole) for each in raw[name]]
                }
                made["allOf"] = [*made.get("allOf", []), choice]

    def _mapped(self, raw: Tree) -> Tree | None:
        """For a base whose discriminator maps to what extends it: any of these. None for any other schema."""
        told = raw.get("discriminator")
        mapping = told.get("mapping") if is_tree(told) else None
        if not is_tree(told) or not is_tree(mapping) or "oneOf" in raw or "anyOf" in raw:
            return None
        forms: list[Any] = []
        for value, pointer in mapping.items():
            where = pointer if pointer.startswith("#/") else f"#/components/schemas/{pointer}"
            named = {"properties": {told["propertyName"]: {"const": value}}, "required": [told["propertyName"]]}
            forms.append({"allOf": [self._reference(where, closed=True), named]})
        return {"anyOf": forms}

    def _named(self, raw: Any, seen: set[int]) -> frozenset[str]:  # noqa: ANN401 - any JSON value
        """Every property that the schema and its parts name, forms of a choice included."""
        found = self._description.resolved(raw)
        if not is_tree(found) or id(found) in seen:
            return frozenset()
        seen.add(id(found))
        names = frozenset(found.get("properties", {}))
        for each in [*found.get("allOf", []), *found.get("oneOf", []), *found.get("anyOf", [])]:
            names |= self._named(each, seen)
        return names

    def _names_properties(self, raw: Any, seen: set[int]) -> bool:  # noqa: ANN401 - any JSON value
        """Whether the schema, or a part of its `allOf`, names properties, so that there is something to close.

        An object of which nothing is named is free; so is a choice, whose forms are closed one by one.
        """
        found = self._description.resolved(raw)
        if not is_tree(found) or id(found) in seen:
            return False
        seen.add(id(found))
        if is_tree(found.get("properties")) or found.get("additionalProperties") is False:
            return True
        return any(self._names_properties(each, seen) for each in found.get("allOf", []))


def _or_null(made: Tree) -> Tree:
    return {"anyOf": [made, {"type": "null"}]}


def _bounds(raw: Tree, made: Tree) -> None:
    """`exclusiveMinimum: true` of the older drafts becomes the bound itself."""
    for inner, outer in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        told = raw.get(outer)
        if told is True and inner in made:
            made[outer] = made.pop(inner)
        elif isinstance(told, int | float) and not isinstance(told, bool):
            made[outer] = told


def _format(told: Any, made: Tree, kinds: list[str]) -> None:  # noqa: ANN401 - any JSON value
    if told in _RANGES and "integer" in kinds:
        low, high = _RANGES[told]
        made["minimum"] = max(made.get("minimum", low), low)
        made["maximum"] = min(made.get("maximum", high), high)
    elif isinstance(told, str) and told not in _LOOSE and "string" in kinds:
        made["format"] = _FORMATS.get(told, told)
