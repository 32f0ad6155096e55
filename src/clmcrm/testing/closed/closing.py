"""From a vendor's schema to one that refuses what the vendor does not name (JSON Schema 2020-12).

Each schema has two forms. The *open* one says what its own keywords say; the *closed* one refuses every property
that nothing in it names. A value is judged by the closed form; the parts of an `allOf` by their open form, since
each names only its share, and what they name together is closed around them. A read-only property is refused, and
not required.
"""

from __future__ import annotations

import json
from typing import Any, Final

from clmcrm.testing.closed.description import Description, Tree, is_list, is_tree, pattern_of
from clmcrm.testing.closed.whole import Whole

_KEPT: Final[dict[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), (int, float)),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), int),
    **dict.fromkeys(("minContains", "maxContains"), int),
    "pattern": str, "uniqueItems": bool,
}  # fmt: skip
"""Keywords that are kept as they stand, where the value is of the kind that the keyword takes."""
_TABLES: Final = ("patternProperties", "dependentSchemas")
_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
_FORMATS: Final = {"DateTime": "date-time", "url": "uri"}
_RANGES: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_LOOSE: Final = frozenset({"binary", "byte", "password", "float", "double", "time", *_RANGES})
"""Formats that say nothing that could be checked; a vendor's "time" seldom has the offset that the standard asks."""
_NONE: Final = frozenset[str]()


class Closing:
    """Turns the schemas of one description into closed ones; what they refer to is gathered on the way."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._whole = Whole(description)
        self._heirs = _heirs(description)
        self._keys: dict[tuple[str, bool, frozenset[str]], str] = {}
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

    def _reference(self, pointer: str, *, closed: bool, slips: frozenset[str] = _NONE) -> Tree:
        own = (pointer, closed, slips)
        if own not in self._keys:
            self._keys[own] = f"d{len(self._keys)}"
            self._defs[self._keys[own]] = True  # a schema may refer to itself while it is made
            self._defs[self._keys[own]] = self._form(self._description.at(pointer), closed=closed, slips=slips)
        return {"$ref": f"#/$defs/{self._keys[own]}"}

    def _form(self, raw: Any, *, closed: bool, slips: frozenset[str] = _NONE) -> Any:  # noqa: ANN401 - a JSON Schema
        """One form of a schema; `slips` are what the whole around it requires and describes nowhere."""
        if not is_tree(raw):
            return raw is not False
        made = self._formed(raw, closed=closed, slips=slips)
        return _or_null(made) if True in (raw.get("nullable"), raw.get("x-nullable")) else made

    def _formed(self, raw: Tree, *, closed: bool, slips: frozenset[str]) -> Tree:
        if isinstance(raw.get("$ref"), str):
            return self._reference(raw["$ref"], closed=closed, slips=slips)
        mapped = self._mapped(raw) if closed else None
        if mapped is not None:
            return mapped
        if closed and _is_wrapping(raw):
            return {"allOf": [self._form(raw["allOf"][0], closed=True), self._own(raw, _NONE, closed=True)]}
        shut = closed and self._whole.closes(raw, choices=not _alone(raw))
        slips = self._whole.slips(raw) if closed else slips
        made = self._own(raw, slips, closed=closed)
        self._combined(raw, made, closed=closed, slips=slips)
        if shut:
            made["unevaluatedProperties"] = self._more(raw)
        heirs = self._heirs.get(id(raw), ()) if closed else ()
        return {"anyOf": [made, *(self._reference(each, closed=True) for each in heirs)]} if heirs else made

    def _more(self, raw: Tree) -> Any:  # noqa: ANN401 - any JSON value
        """What is taken beside the named properties: what the parts say, each of all that the whole does not name."""
        forms = [self._form(each, closed=True) for each in self._whole.more(raw)]
        return {"allOf": forms} if forms else False

    def _own(self, raw: Tree, slips: frozenset[str], *, closed: bool) -> Tree:
        """The keywords of the schema itself, as 2020-12 says them; a slip could not be sent, and is not required."""
        made: Tree = {name: raw[name] for name, kind in _KEPT.items() if isinstance(raw.get(name), kind)}
        if "const" in raw:
            made["const"] = raw["const"]
        _bounds(raw, made)
        if "pattern" in made:
            made["pattern"] = pattern_of(made["pattern"])
        kinds = raw.get("type")
        known = [kind for kind in (kinds if is_list(kinds) else [kinds]) if kind in _TYPES]
        if known:
            made["type"] = known
        if is_list(raw.get("enum")):
            _list(raw["enum"], made)
        _format(raw.get("format"), made, known)
        if is_tree(raw.get("properties")):
            made["properties"] = {name: self._property(each) for name, each in raw["properties"].items()}
        if is_list(raw.get("required")):
            read_only = {name for name, each in made.get("properties", {}).items() if each is False}
            made["required"] = [name for name in raw["required"] if name not in read_only | slips]
        self._items(raw, made)
        self._newer(raw, made)
        more = raw.get("additionalProperties")
        if closed and more is not None and more is not False:
            made["additionalProperties"] = self._form(more, closed=True)
        return made

    def _items(self, raw: Tree, made: Tree) -> None:
        if is_list(raw.get("prefixItems")):
            made["prefixItems"] = [self._form(each, closed=True) for each in raw["prefixItems"]]
        if "contains" in raw:
            made["contains"] = self._form(raw["contains"], closed=True)
        if "items" not in raw:
            return
        made["items"] = self._form(raw["items"], closed=True)
        if raw.get("type") == "array" and is_list(raw.get("enum")) and not any(is_list(each) for each in raw["enum"]):
            del made["enum"]  # vendors write the enum of the items beside them
            made["items"] = {"allOf": [made["items"], {"enum": raw["enum"]}]}

    def _newer(self, raw: Tree, made: Tree) -> None:
        """The keywords that came with OpenAPI 3.1, and `not`; what holds of the whole value is not closed by itself."""
        for name in _TABLES:
            if is_tree(raw.get(name)):
                made[name] = {
                    pattern_of(key) if name == "patternProperties" else key:
                    self._form(each, closed=name == "patternProperties") for key, each in raw[name].items()
                }  # fmt: skip
        if is_tree(raw.get("dependentRequired")):
            made["dependentRequired"] = {name: each for name, each in raw["dependentRequired"].items() if is_list(each)}
        for name in ("not", "if", "then", "else", "propertyNames"):
            if name in raw:
                made[name] = self._form(raw[name], closed=False)

    def _property(self, raw: Any) -> Any:  # noqa: ANN401 - any JSON value
        return False if self._whole.read_only(raw) else self._form(raw, closed=True)

    def _combined(self, raw: Tree, made: Tree, *, closed: bool, slips: frozenset[str]) -> None:
        """`allOf` by open parts; `oneOf` and `anyOf` as "any of these", each closed when it stands alone.

        Vendors write `oneOf` where two of the forms overlap, so that "exactly one" would refuse right requests.
        """
        if is_list(raw.get("allOf")):
            made["allOf"] = [self._form(each, closed=False, slips=slips) for each in raw["allOf"]]
        alone = closed and _alone(raw)
        for name in ("oneOf", "anyOf"):
            if raw.get(name) and is_list(raw[name]):
                choice = {"anyOf": [self._form(each, closed=alone, slips=slips) for each in raw[name]]}
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


def _alone(raw: Tree) -> bool:
    """Whether a choice is all that a schema says of properties, so that each of its forms is closed by itself."""
    return not is_tree(raw.get("properties")) and "allOf" not in raw


def _heirs(description: Description) -> dict[int, list[str]]:
    """What extends each schema that has a discriminator and lists nobody: the pointers, by the schema's identity.

    So OpenAPI has it: without a mapping, whatever has the schema in its `allOf` may stand for it.
    """
    place = "definitions" if "swagger" in description.tree else "components/schemas"
    schemas: Tree = description.tree.get("definitions", {}) or description.tree.get("components", {}).get("schemas", {})
    found: dict[int, list[str]] = {}
    for name, schema in schemas.items():
        parts: list[Any] = schema.get("allOf", []) if is_tree(schema) else []
        for part in parts:
            if not is_tree(part) or "$ref" not in part:
                continue
            base = description.resolved(part)
            told = base.get("discriminator") if is_tree(base) else None
            if told and not (is_tree(told) and told.get("mapping")):
                found.setdefault(id(base), []).append(f"#/{place}/{name.replace('~', '~0').replace('/', '~1')}")
    return found


def _list(values: list[Any], made: Tree) -> None:
    """An enum; where none of its values is of the type beside it, as they are written and as the type has them.

    Vendors write `type: integer` beside `enum: ["1", "2"]`: one of both is a slip, and nobody can say which.
    """
    kinds = made.get("type")
    if kinds is None or kinds == ["array"] or any(_is_of(value, kind) for value in values for kind in kinds):
        made["enum"] = values
        return
    del made["type"]
    made["enum"] = [*values, *(read for value in values if (read := _read_as(value, kinds)) is not None)]


_PYTHON: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,), "array": (list,),
    "object": (dict,), "null": (type(None),),
}  # fmt: skip


def _is_of(value: Any, kind: str) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, _PYTHON[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _read_as(value: Any, kinds: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    """The value as one of these types would have it, or None."""
    if not isinstance(value, str):
        return str(value) if "string" in kinds and isinstance(value, int | float) else None
    try:
        read = json.loads(value)
    except ValueError:
        return None
    return read if any(_is_of(read, kind) for kind in kinds) else None


def _is_wrapping(raw: Tree) -> bool:
    """Whether it only puts words about another schema, such as that it may be null, around it."""
    return is_list(raw.get("allOf")) and len(raw["allOf"]) == 1 and not _WIDER & raw.keys()


_WIDER: Final = frozenset({"properties", "required", "oneOf", "anyOf", "additionalProperties", "patternProperties"})


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
