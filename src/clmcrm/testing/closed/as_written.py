"""A description's text as a tree: what YAML and OpenAPI let be written in more than one way is brought into one.

OpenAPI takes of YAML what JSON can say (OpenAPI 3.1.0, 4.3 "Format"): `NO` is Norway and not false, a day is a text,
and so is every key. Nothing behind a key means that nothing is said. From OpenAPI 3.1 on, what stands beside a
reference holds as well (JSON Schema 2020-12, 8.2.3.1); before, it was to be ignored.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar, Final, TypeAlias, cast

from clmcrm.errors import MissingExtra

Tree: TypeAlias = dict[str, Any]

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")

_BY_NAME: Final = frozenset(
    {
        "properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas", "content", "paths",
        "pathItems", "requestBodies", "responses", "headers", "variables",
    }
)  # fmt: skip
"""Keys whose value is a table by names of the vendor's own."""
_VALUES: Final = frozenset({"enum", "const", "example", "examples", "default"})
"""Keys whose value is a value of the API and no schema."""
_HOLDS: Final = frozenset(
    {
        "type", "enum", "const", "properties", "required", "additionalProperties", "patternProperties",
        "unevaluatedProperties", "propertyNames", "dependentRequired", "dependentSchemas", "items", "prefixItems",
        "contains", "allOf", "oneOf", "anyOf", "not", "if", "format", "pattern", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems",
        "uniqueItems", "minProperties", "maxProperties",
    }
)  # fmt: skip
"""Keywords that say something of a value."""
_NEWER: Final = re.compile(r"3\.[1-9]|[4-9]")
_WHOLE: Final = r"(?:0|[1-9][0-9]*)"
_SCALARS: Final = (
    ("null", r"(?:~|null|Null|NULL|)", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    ("int", rf"[-+]?{_WHOLE}", list("-+0123456789")),
    ("float", rf"[-+]?(?:{_WHOLE}?\.[0-9]+|{_WHOLE}\.?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
)
"""What a plain scalar may be beside a text, with the characters it begins with."""
_TAG: Final = "tag:yaml.org,2002:"


def json_in(text: str, *, yaml: bool) -> Any:  # noqa: ANN401 - any JSON value
    """What a text in JSON or YAML holds.

    Raises `ValueError` for a text that is neither, `RecursionError` for one without end, and `MissingExtra` for YAML
    without PyYAML.
    """
    return _in_yaml(text) if yaml else json.loads(text)


def _in_yaml(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        import yaml  # noqa: PLC0415 - an optional package is imported when it is used
    except ImportError:
        raise MissingExtra("test", "reading a description in YAML") from None
    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(safe):  # type: ignore[misc] # the safe loader, the fast one where there is one
        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - as PyYAML has it
            self.flatten_mapping(node)
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    key.tag = f"{_TAG}str"
            return safe.construct_mapping(self, node, deep)

    for kind, pattern, beginnings in _SCALARS:
        Loader.add_implicit_resolver(f"{_TAG}{kind}", re.compile(f"^{pattern}$"), beginnings)
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - it is a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def settled(tree: Tree) -> Tree:
    """The same description without keys behind which nothing stands, and with what holds beside references.

    >>> settled({"openapi": "3.1.0", "paths": {"/a": {"parameters": None}}, "x": {"$ref": "#/b", "maxLength": 3}})
    {'openapi': '3.1.0', 'paths': {'/a': {}}, 'x': {'maxLength': 3, 'allOf': [{'$ref': '#/b'}]}}
    """
    return cast("Tree", _settled(tree, newer=bool(_NEWER.match(str(tree.get("openapi", "")))), by_name=False))


def _settled(told: object, *, newer: bool, by_name: bool) -> object:
    if isinstance(told, list):
        return [_settled(each, newer=newer, by_name=False) for each in cast("list[object]", told)]
    if not isinstance(told, dict):
        return told
    made: Tree = {}
    for name, each in cast("Tree", told).items():
        if name in _VALUES and not by_name:
            made[name] = each
        elif each is not None:
            made[name] = _settled(each, newer=newer, by_name=name in _BY_NAME and not by_name)
        elif by_name or name in METHODS:
            made[name] = {}
    return _with_reference(made) if newer and not by_name else made


def _with_reference(made: Tree) -> Tree:
    """A reference with keywords beside it as one part of a whole."""
    if not isinstance(made.get("$ref"), str) or not _HOLDS & made.keys():
        return made
    rest = {name: each for name, each in made.items() if name != "$ref"}
    parts = rest.get("allOf")
    return {**rest, "allOf": [*(parts if isinstance(parts, list) else []), {"$ref": made["$ref"]}]}
