"""What OpenAPI 3.1 says in other words than 3.0, what YAML lets be misread, and forms, headers and paths to the letter.

Sources: OpenAPI 3.0.3 and 3.1.0 ("Format", "Parameter Object", "Style Values", "Reference Object"); JSON Schema
2020-12, 8.2.3.1 and 11; YAML 1.2.2, 10.2 ("JSON Schema").
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from clmcrm.errors import UnreadableInput
from clmcrm.testing.closed.description import Description, load_description
from clmcrm.testing.closed.right_requests import right_requests
from clmcrm.testing.closed.right_values import CannotMake, Maker
from clmcrm.testing.closed.validator import ClosedValidator, Request

_ = pytest.importorskip("jsonschema_rs", reason="jsonschema_rs is in the extra test")
_ = pytest.importorskip("yaml", reason="PyYAML is in the extra test")

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
SCHEMAS: dict[str, Any] = {
    "Name": TEXT,
    "Base": {"type": "object", "properties": {"id": TEXT}},
    **{name: {"properties": {name.lower(): WHOLE}, "required": [name.lower()]} for name in "ABCD"},
}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def taking(schema: Any, kind: str = "application/json", version: str = "3.1.0") -> ClosedValidator:
    body = {"requestBody": {"content": {kind: {"schema": schema}}}}
    tree = {"openapi": version, "paths": {"/a": {"put": body}}, "components": {"schemas": SCHEMAS}}
    return ClosedValidator(Description("ours", tree))


def judged(closed: ClosedValidator, value: Any) -> bool:
    headers = {"Content-Type": "application/json"}
    return closed.problems(Request(method="PUT", path="/a", headers=headers, body=json.dumps(value).encode())) == ()


def named(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


BODIES: list[tuple[str, Any, list[Any], list[Any]]] = [
    ("a bound beside a reference", named(n={**ref("Name"), "maxLength": 3}), [{"n": "abc"}], [{"n": "abcd"}]),
    (
        "properties beside a reference",
        {**ref("Base"), "properties": {"more": WHOLE}, "required": ["id"]},
        [{"id": "x", "more": 1}, {"id": "x"}], [{"more": 1}, {"id": "x", "less": 1}, {"id": "x", "more": "y"}],
    ),
    ("a reference with null beside it", named(b={"anyOf": [ref("Base"), {"type": "null"}]}),
     [{"b": None}, {"b": {"id": "x"}}], [{"b": {"no": 1}}, {"b": 1}]),
    ("properties by a pattern", {**named(a=TEXT), "patternProperties": {"^x-": WHOLE}},
     [{"a": "s", "x-1": 3}, {}], [{"x-1": "s"}, {"y": 1}, {"a": 1}]),
    ("properties by a pattern alone", {"type": "object", "patternProperties": {"^x-": WHOLE}},
     [{"x-1": 3}], [{"x-1": "s"}, {"y": 1}]),
    ("a pattern of names that is none", {**named(a=TEXT), "patternProperties": {"([": WHOLE}}, [{"a": "s"}],
     [{"a": 1}]),
    ("names by a pattern", {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": WHOLE},
     [{"ab": 1}], [{"AB": 1}, {"ab": "x"}]),
    ("a field that brings another", {**named(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}},
     [{"a": "x", "b": "y"}, {"b": "y"}, {}], [{"a": "x"}]),
    ("a field that brings a form", {**named(a=TEXT), "dependentSchemas": {"a": named(b=WHOLE)}},
     [{"a": "x", "b": 1}, {"a": "x"}], [{"b": 1}, {"a": "x", "b": "y"}]),
    ("what must not be", named(a={**TEXT, "not": {"enum": ["x"]}}), [{"a": "y"}], [{"a": "x"}]),
    ("if and then", {**named(k={"enum": ["p", "c"]}, c=TEXT), "if": {"properties": {"k": {"const": "c"}},
     "required": ["k"]}, "then": {"required": ["c"]}, "else": {"properties": {"c": False}}},
     [{"k": "c", "c": "x"}, {"k": "p"}], [{"k": "c"}, {"k": "p", "c": "x"}, {"k": "p", "d": 1}]),
    ("what the whole does not name", {**named(a=TEXT), "unevaluatedProperties": WHOLE},
     [{"a": "x", "b": 1}], [{"a": "x", "b": "y"}]),
    ("nothing that the whole does not name", {"allOf": [ref("Base")], "unevaluatedProperties": False},
     [{"id": "x"}], [{"id": "x", "more": 1}]),
    ("two choices that make up a whole", {"allOf": [{"oneOf": [ref("A"), ref("B")]}, {"oneOf": [ref("C"), ref("D")]}]},
     [{"a": 1, "c": 2}, {"b": 1, "d": 2}], [{"a": 1, "c": 2, "z": 3}, {"a": 1}]),
    ("how many items fit", {"type": "array", "contains": {"const": 1}, "minContains": 2}, [[1, 1, 2]], [[1, 2]]),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "right", "wrong"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_the_keywords_of_the_newer_dialect_are_read(schema: Any, right: list[Any], wrong: list[Any]) -> None:
    closed = taking(schema)
    assert [value for value in right if not judged(closed, value)] == []
    assert [value for value in wrong if judged(closed, value)] == []


@pytest.mark.parametrize(("schema", "right", "wrong"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_what_is_made_from_them_is_right(schema: Any, right: list[Any], wrong: list[Any]) -> None:
    """Where a keyword rules values out in a way that nothing is made by, nothing is made, and nothing wrong."""
    del right, wrong
    closed = taking(schema)
    maker = Maker(closed.description, random.Random(1))  # noqa: S311 - what must be repeatable cannot be secret
    body = closed.description.operations[0].bodies["application/json"]
    for _ in range(30):
        try:
            value = maker.value(body, 0)
        except CannotMake:
            continue
        assert judged(closed, value), value


def test_beside_a_reference_the_older_dialect_says_nothing() -> None:
    """OpenAPI 3.0.3, "Reference Object": any properties added shall be ignored."""
    assert judged(taking(named(n={**ref("Name"), "maxLength": 3}), version="3.0.3"), {"n": "abcd"})


YAML = """
openapi: 3.0.3
servers:
  - url: https://{tenant}.acme.example:{port}/{base}
    variables:
      tenant: {default: demo}
      port: {default: 8443}
      base: {default: crm/v2}
paths:
  /deals/{deal-id}/parts/{part.no}:
    parameters:
      - $ref: '#/components/parameters/DealId'
      - {name: part.no, in: path, required: true, schema: {type: integer}}
    get:
      parameters:
        - {name: country, in: query, schema: {type: string, enum: [FR, NO]}}
        - {name: on, in: query, schema: {enum: [yes, no, 2024-01-01, 012, 12:30]}}
        - {name: size, in: query, schema: {type: integer, minimum: 1}}
        - {name: mark, in: query, allowEmptyValue: true, schema: {type: boolean}}
    put:
      parameters:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Part'}}}
  /odd:
    parameters:
    get:
components:
  parameters:
    DealId: {name: deal-id, in: path, required: true, schema: {type: string, pattern: '^[a-z]{2}-[0-9]+$'}}
  schemas:
    Part: {type: object, properties: {on: {type: boolean}, no: , 12: {<<: &more {type: integer}, minimum: 3}}}
"""


@pytest.fixture
def written(tmp_path: Path) -> ClosedValidator:
    path = tmp_path / "ours.yaml"
    _ = path.write_text("\ufeff" + YAML, encoding="utf-8")
    return ClosedValidator(load_description(path))


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("country=NO", True), ("country=False", False), ("on=no", True), ("on=false", False), ("on=2024-01-01", True),
        ("on=012", True), ("on=10", False), ("on=12:30", True), ("on=750", False), ("size=1", True), ("size=0", False),
        ("mark=", True), ("mark=true", True), ("mark=x", False), ("size=", False),
    ],
)  # fmt: skip
def test_in_yaml_only_what_json_can_say_is_more_than_a_text(written: ClosedValidator, query: str, right: bool) -> None:
    found = written.problems(Request(method="GET", path=f"/crm/v2/deals/ab-1/parts/2?{query}"))
    assert (found == ()) == right, found


def test_keys_of_yaml_are_texts_and_nothing_behind_one_says_nothing(written: ClosedValidator) -> None:
    def told(value: Any, path: str = "/crm/v2/deals/ab-1/parts/2") -> tuple[object, ...]:
        headers = {"Content-Type": "application/json"}
        return written.problems(Request(method="PUT", path=path, headers=headers, body=json.dumps(value).encode()))

    assert told({"on": True, "no": [1], "12": 3}) == ()
    assert told({"on": 1})
    assert told({"12": 2})
    assert told({"off": 1})
    assert told({}, "/crm/v2/deals/AB-1/parts/2")
    assert told({}, "/crm/v2/deals/ab-1/parts/two")
    assert written.problems(Request(method="GET", path="/crm/v2/odd")) == ()
    assert written.problems(Request(method="GET", path="/crm/v2/odd?x=1"))
    for operation, request in right_requests(written.description, 1, 20):
        assert written.problems(request) == (), (operation, request)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"parameters": [{"in": "query"}]}, "GET /a is described without 'name'"),
        ({"parameters": [{"name": "x"}]}, "GET /a is described without 'in'"),
        ({"parameters": 7}, "GET /a is described"),
        ({"requestBody": []}, "GET /a is described"),
        ([], "GET /a is described"),
        ({"parameters": [{"$ref": "#/components/parameters/X"}]}, "leads nowhere"),
        ({"parameters": [{"$ref": "common.yaml#/X"}]}, "leads nowhere"),
    ],
    ids=str,
)
def test_an_operation_that_is_none_is_named(told: Any, what: str) -> None:
    closed = ClosedValidator(Description("ours", {"openapi": "3.0.3", "paths": {"/a": {"get": told}}}))
    with pytest.raises(UnreadableInput, match=what):
        _ = closed.problems(Request(method="GET", path="/a"))


FORM = {
    "type": "object", "required": ["name", "size"],
    "properties": {
        "name": {"type": "string", "maxLength": 5}, "size": WHOLE, "kind": {"anyOf": [WHOLE, {"enum": ["all"]}]},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}}, "meta": {"type": "object"},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "right"),
    [
        ("name=ab&size=3", True), ("name=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9&size=3&kind=all&kind=7", False),
        ("name=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9&size=3&kind=all", True), ("name=ab&size=3&tags=a&tags=b", True),
        ("name=ab&size=3&tags[]=a&tags[]=b&meta[x]=1", True), ("name=ab&size=three", False),
        ("name=abcdef&size=3", False), ("name=ab&size=3&tags=q", False), ("name=ab&size=3&kind=no", False),
        ("name=ab", False), ("name=ab&size=3&nmae=x", False),
    ],
)  # fmt: skip
def test_a_form_in_an_address_s_own_writing_is_judged_by_its_values(sent: str, right: bool) -> None:
    kind = "application/x-www-form-urlencoded"
    closed = taking(FORM, kind)
    found = closed.problems(Request(method="PUT", path="/a", headers={"Content-Type": kind}, body=sent.encode()))
    assert (found == ()) == right, found


@pytest.mark.parametrize("schema", [{"type": "object"}, {**named(a=TEXT), "additionalProperties": True}], ids=str)
def test_a_form_of_which_nothing_is_named_is_free(schema: Any) -> None:
    kind = "application/x-www-form-urlencoded"
    sent = Request(method="PUT", path="/a", headers={"Content-Type": kind}, body=b"x=1")
    assert taking(schema, kind).problems(sent) == ()
    assert taking(named(a=TEXT), kind).problems(sent)


DEEP = named(
    ids={"type": "array", "items": WHOLE}, name=TEXT, range=named(gt=WHOLE, of={"type": "array", "items": TEXT})
)


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("f[ids]=1&f[name]=x", True), ("f[ids]=1&f[ids]=2", True), ("f[ids][]=1&f[ids][]=2", True), ("f[ids]=x", False),
        ("f[ids][]=1&f[ids][]=x", False), ("f[range][gt]=3", True), ("f[range][gt]=x", False),
        ("f[range][lt]=3", False),
        ("f[range][of][]=a&f[range][of][]=b", True), ("f[name][x]=1", False), ("f[nme]=x", False), ("f[]=x", False),
        ("f[name]=x&f[name]=y", False), ("f[range]=3", False),
    ],
)  # fmt: skip
def test_brackets_lead_as_deep_as_the_object_does(query: str, right: bool) -> None:
    told = {"in": "query", "name": "f", "style": "deepObject", "schema": DEEP}
    tree = {"openapi": "3.0.3", "paths": {"/a": {"get": {"parameters": [told]}}}}
    found = ClosedValidator(Description("ours", tree)).problems(Request(method="GET", path=f"/a?{query}"))
    assert (found == ()) == right, found


@pytest.mark.parametrize(
    ("kind", "value", "right"),
    [
        ("application/json; version=1", {"a": 1}, True), ("application/json; version=1", {"b": 1}, False),
        ("application/json;version=2", {"b": 1}, True), ("application/json; version=2", {"a": 1}, False),
        ("application/json; charset=UTF-8; version=2", {"b": 1}, True), ("application/json", {"b": 1}, True),
        ("application/json", {"a": 1, "b": 1}, False), ("application/json", {"a": 1}, True),
        ("application/vnd.acme+json", {"c": 1}, True), ("application/vnd.acme+json", {"a": 1}, False),
        ("text/json", {"c": 1}, False),
    ],
)  # fmt: skip
def test_of_several_content_types_the_one_that_is_sent_counts(kind: str, value: Any, right: bool) -> None:
    content = {
        f"application/{each}": {"schema": named(**{name: WHOLE})}
        for each, name in (("*", "c"), ("json; version=1", "a"), ('json; version="2"', "b"))
    }
    closed = ClosedValidator(
        Description("ours", {"openapi": "3.0.3", "paths": {"/a": {"put": {"requestBody": {"content": content}}}}})
    )
    sent = Request(method="PUT", path="/a", headers={"Content-Type": kind}, body=json.dumps(value).encode())
    assert (closed.problems(sent) == ()) == right


LISTED = {"type": "array", "items": WHOLE}


@pytest.mark.parametrize(
    ("style", "explode", "schema", "right", "wrong"),
    [
        ("label", False, WHOLE, [".5"], ["5", ".x", ";5"]),
        ("label", False, LISTED, [".3,4"], ["3,4", ".3,x"]),
        ("label", True, LISTED, [".3.4", ".3"], ["3.4", ".3.x"]),
        ("matrix", False, WHOLE, [";id=5"], ["5", ";5", ";di=5", ";id=x", ".5"]),
        ("matrix", False, LISTED, [";id=3,4"], ["3,4", ";id=3,x"]),
        ("matrix", True, LISTED, [";id=3;id=4"], [";id=3;x=4", ";id=x", "3"]),
        ("matrix", True, named(r=WHOLE, g=WHOLE), [";r=1;g=2"], [";r=1;g=x", ";r", "r=1"]),
        ("simple", False, LISTED, ["3,4"], [";id=3", ".3"]),
    ],
)
def test_a_parameter_in_a_path_is_read_in_its_style(
    style: str, explode: bool, schema: Any, right: list[str], wrong: list[str]
) -> None:
    told = {"in": "path", "name": "id", "required": True, "style": style, "explode": explode, "schema": schema}
    tree = {"openapi": "3.0.3", "paths": {"/a/{id}": {"get": {"parameters": [told]}}}}
    closed = ClosedValidator(Description("ours", tree))
    assert [text for text in right if closed.problems(Request(method="GET", path=f"/a/{text}"))] == []
    assert [text for text in wrong if not closed.problems(Request(method="GET", path=f"/a/{text}"))] == []
    if schema is not WHOLE or style != "simple":
        for _, request in right_requests(closed.description, 1, 5):
            assert "properties" in schema or closed.problems(request) == (), request


def test_a_header_is_judged_by_its_value_but_for_three_that_are_described_elsewhere() -> None:
    told = [
        {"in": "header", "name": "X-Mode", "required": True, "schema": {"enum": ["fast", "slow"]}},
        {"in": "header", "name": "Authorization", "required": True, "schema": {"type": "string", "pattern": "^Key "}},
    ]
    tree = {"openapi": "3.0.3", "paths": {"/a": {"get": {"parameters": told}}}}
    closed = ClosedValidator(Description("ours", tree))

    def wrong(**headers: str) -> list[str]:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return [problem.where for problem in closed.problems(Request(method="GET", path="/a", headers=headers))]

    assert wrong(x_mode="fast", authorization="") == wrong(X_Mode="slow", Authorization="Bearer x") == []
    assert wrong(X_Mode="odd", Authorization="x") == ["header X-Mode"]
    assert wrong() == ["header X-Mode", "header Authorization"]
    assert all(closed.problems(request) == () for _, request in right_requests(closed.description, 1, 5))
