"""Requests that are wrong in one known way, each made from a right one; what the vendor does not name is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_plus, urlencode

from attrs import evolve

from clmcrm.testing.closed.description import Description, Operation, Tree
from clmcrm.testing.closed.validator import Request

Wrong: TypeAlias = tuple[str, Request]
"""In which way it is wrong, and the request."""

_FORMATS: Final = {
    "date-time": "yesterday", "date": "15/01/2026", "email": "nobody", "uuid": "17", "uri": "not a uri",
}  # fmt: skip
_OTHER: Final[dict[str, Any]] = {
    "string": {"x": 1},
    "integer": "many",
    "number": "many",
    "boolean": "yes",
    "array": "a",
}
_LONG: Final = 100_000
"""What is longer than this is not made just to be too long."""
_PLAIN: Final = ("oneOf", "anyOf", "allOf", "discriminator")


def wrong_requests(description: Description, operation: Operation, right: Request) -> Iterator[Wrong]:
    """Every way in which this right request can be made wrong."""
    path, _, query = right.path.partition("?")
    yield "unknown path", evolve(right, path=f"{path}/no/such/part/of/it")
    yield "unknown query key", evolve(right, path=f"{path}?{query}&nosuchkey=1")
    described = {o.method for o in description.operations if o.pattern.fullmatch(path)}
    for method in sorted({"GET", "PUT", "POST", "DELETE", "PATCH", "QUERY"} - described):
        yield f"unknown method {method}", evolve(right, method=method)
    yield from _parameters(description, operation, right)
    if operation.bodies and right.body:
        yield from _body(description, operation, right)
    elif not operation.bodies:
        headers = {**right.headers, "Content-Type": "application/json"}
        yield "a body where none is taken", evolve(right, body=b'{"a":1}', headers=headers)


def _parameters(description: Description, operation: Operation, right: Request) -> Iterator[Wrong]:
    path, _, query = right.path.partition("?")
    for told in operation.parameters:
        schema = description.resolved(told.schema)
        if told.place == "header" and told.required and told.name.lower() != "content-type":
            rest = {name: value for name, value in right.headers.items() if name.lower() != told.name.lower()}
            yield "required header missing", evolve(right, headers=rest)
        if told.place != "query" or told.deep or "properties" in schema:
            continue
        own = (told.name, f"{told.name}[]")
        others = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in own]
        bad = _bad_text(schema)
        if told.required:
            yield "required query key missing", evolve(right, path=f"{path}?{'&'.join(others)}")
        if bad is not None:
            yield (
                "query value of the wrong kind",
                evolve(right, path=f"{path}?{'&'.join([*others, urlencode({told.name: bad})])}"),
            )


def _bad_text(schema: Tree) -> str | None:
    if any(name in schema for name in _PLAIN):
        return None
    if isinstance(schema.get("enum"), list) or schema.get("type") in ("integer", "number", "boolean"):
        return "no-such-value"
    return _FORMATS.get(str(schema.get("format"))) if schema.get("type") == "string" else None


def _body(description: Description, operation: Operation, right: Request) -> Iterator[Wrong]:
    kind = next(each for each in operation.bodies if "json" in each)
    value = json.loads(right.body)
    yield "body that is no JSON", evolve(right, body=right.body[:-1] + b",")
    if not any("*" in each or "text/csv" in each for each in operation.bodies):
        yield "content type that is not described", evolve(right, headers={**right.headers, "Content-Type": "text/csv"})
    if operation.body_required:
        yield "required body missing", evolve(right, body=b"")
    for way, changed in _values(description, operation.bodies[kind], value):
        yield way, evolve(right, body=json.dumps(changed).encode())


def _values(description: Description, schema: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """The value, wrong in one place; places inside a choice are left alone, another form might fit there."""
    found = description.resolved(schema)
    if not isinstance(found, dict) or any(name in found for name in _PLAIN):
        return
    if isinstance(found.get("properties"), dict) and isinstance(value, dict):
        yield from _objects(description, found, value)
    elif found.get("type") == "array" and isinstance(value, list) and value:
        for way, changed in _values(description, found.get("items", {}), value[0]):
            yield way, [changed, *value[1:]]
    yield from _leaves(found, value)


def _objects(description: Description, found: Tree, value: Tree) -> Iterator[tuple[str, Any]]:
    beside = ("additionalProperties", "unevaluatedProperties", "patternProperties")
    if all(found.get(name) in (None, False) for name in beside):
        yield "unknown field", {**value, "no_such_field": 1}
    for name, each in found["properties"].items():
        told = description.resolved(each)
        if isinstance(told, dict) and told.get("readOnly") is True:
            yield "read-only field sent", {**value, name: "x"}
        elif name in value:
            for way, changed in _values(description, each, value[name]):
                yield way, {**copy.deepcopy(value), name: changed}
            if name in found.get("required", []):
                yield "required field missing", {key: old for key, old in value.items() if key != name}


def _leaves(found: Tree, value: Any) -> Iterator[tuple[str, Any]]:
    kind = found.get("type")
    if isinstance(kind, str) and kind in _OTHER and value is not None:
        yield "value of another type", _OTHER[kind]
    if isinstance(found.get("enum"), list):
        yield "value outside the enum", "no-such-value"
    if kind == "string" and str(found.get("format")) in _FORMATS:
        yield "value against its format", _FORMATS[str(found["format"])]
    if kind == "string" and isinstance(found.get("maxLength"), int) and found["maxLength"] < _LONG:
        yield "text too long", "x" * (found["maxLength"] + 1)
    if kind in ("integer", "number") and "maximum" in found:
        yield "number too large", found["maximum"] + 1
    if kind in ("integer", "number") and "minimum" in found:
        yield "number too small", found["minimum"] - 1
    if kind == "array" and isinstance(found.get("maxItems"), int) and found["maxItems"] < _LONG and value:
        yield "too many items", [value[0]] * (found["maxItems"] + 1)
