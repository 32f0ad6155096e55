"""The values that are made from a schema are right under it, by a validator that knows nothing of ours."""

from __future__ import annotations

import random
from typing import Any

import pytest

from clmcrm.testing.closed.description import Description
from clmcrm.testing.closed.right_values import CannotMake, Maker

jsonschema_rs = pytest.importorskip("jsonschema_rs", reason="jsonschema_rs is in the extra test")

SEEDS = range(12)
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
SCHEMAS: dict[str, Any] = {
    "parts that require what others describe": {
        "allOf": [{"properties": {"a": TEXT}}, {"properties": {"b": WHOLE}, "required": ["a", "b"]}], "required": ["a"]
    },
    "a choice beside fields": {
        "type": "object", "properties": {"a": TEXT}, "required": ["a"],
        "oneOf": [{"properties": {"b": TEXT}, "required": ["b"]}, {"properties": {"c": WHOLE}, "required": ["c"]}],
    },
    "one of the required": {
        "type": "object", "properties": {"a": TEXT, "b": TEXT}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]
    },
    "a choice of which one way has no end": {
        "oneOf": [{"$ref": "#/$defs/endless"}, {"properties": {"c": WHOLE}, "required": ["c"]}], "type": "object",
        "$defs": {"endless": {
            "type": "object", "properties": {"e": {"$ref": "#/$defs/endless"}}, "required": ["e"]}},
    },
    "different items": {"type": "array", "items": WHOLE, "minItems": 3, "uniqueItems": True},
    "different items of a list": {
        "type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True
    },
    "no item at all": {"type": "array", "items": TEXT, "maxItems": 0},
    "a step": {"type": "integer", "minimum": 101, "multipleOf": 50},
    "a part of one": {"type": "number", "minimum": 0.1, "maximum": 0.4},
    "between exclusive bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "negative": {"type": "integer", "maximum": -7},
    "the tighter bound": {"allOf": [WHOLE | {"minimum": 5}, {"minimum": 9}, {"type": "number", "maximum": 9}]},
    "a pattern": TEXT | {"pattern": "^[A-Z]{2}-[0-9]{4,}(/[a-z]+)?$"},
    "a pattern and a length": TEXT | {"pattern": "^[a-f]+$", "minLength": 12, "maxLength": 14},
    "a pattern that takes long to refuse": TEXT | {"pattern": "^([a-z]+)+[0-9]$"},
    "an address in capitals": TEXT | {"format": "email", "pattern": "^[A-Z@.]+$"},
    "a length": TEXT | {"minLength": 80},
    "at least so many fields": {
        "type": "object", "properties": {"a": TEXT}, "minProperties": 3, "additionalProperties": WHOLE
    },
    "at most so many fields": {
        "type": "object", "properties": dict.fromkeys("abcdef", TEXT), "maxProperties": 2, "required": ["f"]
    },
    "required and unnamed": {"type": "object", "required": ["x"], "additionalProperties": {"type": "boolean"}},
    "an enum that two parts share": {"allOf": [{"enum": ["a", "b", "c"]}, {"enum": ["c", "d"]}]},
    "an enum of lists": {"type": "array", "items": WHOLE, "enum": [[1], [2, 3]]},
    "a constant": {"properties": {"a": {"const": 7}}, "required": ["a"], "type": "object"},
    "null or a text": {"type": ["null", "string"]},
}  # fmt: skip
CONTRADICTIONS: dict[str, Any] = {
    "a text that is a number": {"allOf": [TEXT, WHOLE]},
    "no end": {
        "$ref": "#/$defs/endless",
        "$defs": {"endless": {
            "type": "object", "properties": {"e": {"$ref": "#/$defs/endless"}}, "required": ["e"]}},
    },
    "more different items than there are": {
        "type": "array", "items": {"enum": ["a", "b"]}, "minItems": 3, "uniqueItems": True
    },
    "a step between bounds": {"type": "integer", "minimum": 101, "maximum": 149, "multipleOf": 50},
    "an address that its pattern refuses": TEXT | {"format": "email", "pattern": "^[0-9]+$"},
    "required by one way, described by another": {
        "type": "object", "required": ["a", "b"], "oneOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}],
    },
}  # fmt: skip


def made(schema: Any, seed: int) -> Any:
    rng = random.Random(seed)  # noqa: S311 - what must be repeatable cannot be secret
    return Maker(Description("ours", schema), rng).value(schema, 0)


@pytest.mark.parametrize("what", SCHEMAS)
def test_what_is_made_is_right_under_the_schema(what: str) -> None:
    judge = jsonschema_rs.Draft202012Validator(SCHEMAS[what], validate_formats=True)
    for seed in SEEDS:
        value = made(SCHEMAS[what], seed)
        assert judge.is_valid(value), (seed, value)
        assert made(SCHEMAS[what], seed) == value


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_what_contradicts_itself_is_not_made(what: str) -> None:
    for seed in SEEDS:
        with pytest.raises(CannotMake):
            _ = made(CONTRADICTIONS[what], seed)
