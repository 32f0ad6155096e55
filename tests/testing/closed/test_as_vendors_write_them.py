"""Descriptions as vendors write them: other dialects, other styles, and the slips that recur in public ones.

Each row is a small description with requests that it takes and requests that it does not.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import field, frozen

from clmcrm.testing.closed.description import Description
from clmcrm.testing.closed.validator import ClosedValidator, Request

_ = pytest.importorskip("jsonschema_rs", reason="jsonschema_rs is in the extra test")


@frozen(kw_only=True)
class Case:
    """What a description says, and what passes it and what does not."""

    what: str
    tree: dict[str, Any]
    right: list[Request]
    wrong: list[Request] = field(factory=list[Request])


def asked(path: str) -> Request:
    return Request(method="GET", path=path)


def put(value: Any, kind: str = "application/json") -> Request:
    return Request(method="PUT", path="/a", headers={"Content-Type": kind}, body=json.dumps(value).encode())


def query(*parameters: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    told = [{"in": "query"} | each for each in parameters]
    return {"openapi": "3.0.3", "paths": {"/a": {"get": {"parameters": told} | (more or {})}}}


def body(schema: Any, kind: str = "application/json", **schemas: Any) -> dict[str, Any]:
    taken = {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}
    return {"openapi": "3.0.3", "paths": {"/a": {"put": taken}}, "components": {"schemas": schemas}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
NAMED = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
PET = {"discriminator": {"propertyName": "kind"}, "properties": {"kind": TEXT}, "type": "object"}

CASES = [
    Case(
        what="a variable in a server's address",
        tree={
            "servers": [{"url": "https://a.example/{v}/x", "variables": {"v": {"default": "v2"}}}],
            "paths": {"/a": {"get": {}}},
        },
        right=[asked("/v2/x/a")], wrong=[asked("/v3/x/a"), asked("/{v}/x/a"), asked("/a")],
    ),
    Case(
        what="a variable without a default",
        tree={"servers": [{"url": "/{v}/x"}], "paths": {"/a/{id}": {"get": {
            "parameters": [{"in": "path", "name": "id", "required": True, "schema": WHOLE}]}}}},
        right=[asked("/anything/x/a/7")], wrong=[asked("/anything/x/a/seven")],
    ),
    Case(
        what="several servers, and an operation with one of its own",
        tree={
            "servers": [{"url": "https://a.example/v1"}, {"url": "https://b.example/sandbox"}],
            "paths": {"/a": {"get": {}}, "/token": {"get": {"servers": [{"url": "https://id.example"}]}}},
        },
        right=[asked("/v1/a"), asked("/sandbox/a"), asked("/token")], wrong=[asked("/v1/token"), asked("/a")],
    ),
    Case(
        what="texts in the enum of a number",
        tree=body({"type": "object", "properties": {"n": {"type": "integer", "enum": ["1", "2"]}}}),
        right=[put({"n": 1}), put({"n": "2"})], wrong=[put({"n": 3}), put({"n": "3"})],
    ),
    Case(
        what="numbers in the enum of a text",
        tree=body({"type": "object", "properties": {"n": {"type": "string", "enum": [1, 2]}}}),
        right=[put({"n": 1}), put({"n": "2"})], wrong=[put({"n": 3}), put({"n": "3"})],
    ),
    Case(
        what="the enum of the items beside them",
        tree=body({"type": "object", "properties": {"n": {"type": "array", "items": TEXT, "enum": ["x", "y"]}}}),
        right=[put({"n": ["x", "y"]}), put({"n": []})], wrong=[put({"n": ["z"]}), put({"n": "x"})],
    ),
    Case(
        what="numbers in the enum of a parameter without a type",
        tree=query({"name": "n", "schema": {"enum": [10, 20]}}), right=[asked("/a?n=10")], wrong=[asked("/a?n=30")],
    ),
    Case(
        what="a number or a text in a query",
        tree=query({"name": "n", "schema": {"anyOf": [{"type": "integer", "minimum": 5}, {"enum": ["all"]}]}}),
        right=[asked("/a?n=7"), asked("/a?n=all")], wrong=[asked("/a?n=3"), asked("/a?n=none")],
    ),
    Case(
        what="a parameter in JSON",
        tree=query({"name": "f", "content": {"application/json": {"schema": NAMED}}}),
        right=[asked("/a?f=%7B%22name%22%3A%22x%22%7D")], wrong=[asked("/a?f=%7B%7D"), asked("/a?f=x")],
    ),
    Case(
        what="an object whose fields are keys of their own",
        tree=query({"name": "f", "schema": {"type": "object", "properties": {"low": WHOLE, "high": WHOLE}}}),
        right=[asked("/a?low=1&high=2"), asked("/a")], wrong=[asked("/a?low=x"), asked("/a?lov=1")],
    ),
    Case(
        what="an object in brackets, or a number",
        tree=query({
            "name": "at", "style": "deepObject",
            "schema": {"anyOf": [{"type": "object", "properties": {"gte": WHOLE}, "required": ["gte"]}, WHOLE]},
        }),
        right=[asked("/a?at[gte]=1"), asked("/a?at=5")], wrong=[asked("/a?at[gte]=x"), asked("/a?at[lte]=1")],
    ),
    Case(
        what="an object in one text",
        tree=query({
            "name": "f", "explode": False, "schema": {"type": "object", "properties": {"n": WHOLE, "m": TEXT}},
        }),
        right=[asked("/a?f=n,1,m,x")], wrong=[asked("/a?f=n,one,m,x"), asked("/a?f=o,1")],
    ),
    Case(
        what="lists with bars and with blanks between",
        tree=query(
            {"name": "p", "style": "pipeDelimited", "explode": False, "schema": {"type": "array", "items": WHOLE}},
            {"name": "s", "style": "spaceDelimited", "explode": False, "schema": {"type": "array", "items": WHOLE}},
        ),
        right=[asked("/a?p=1%7C2&s=1%202")], wrong=[asked("/a?p=1,2"), asked("/a?s=1,2")],
    ),
    Case(
        what="a list in the path",
        tree={"paths": {"/a/{ids}": {"get": {"parameters": [
            {"in": "path", "name": "ids", "required": True, "schema": {"type": "array", "items": WHOLE}}]}}}},
        right=[asked("/a/1,2,3"), asked("/a/1")], wrong=[asked("/a/1,b")],
    ),
    Case(
        what="two gaps in one part of the path",
        tree={"paths": {
            "/a/{id}": {"get": {"parameters": [{"in": "path", "name": "id", "required": True, "schema": WHOLE}]}},
            "/a/{id}.{form}": {"get": {"parameters": [
                {"in": "path", "name": "id", "required": True, "schema": WHOLE},
                {"in": "path", "name": "form", "required": True, "schema": {"enum": ["pdf", "csv"]}}]}},
        }},
        right=[asked("/a/1"), asked("/a/1.pdf")], wrong=[asked("/a/1.xls"), asked("/a/b.pdf"), asked("/a/b")],
    ),
    Case(
        what="two operations of one path: either takes it",
        tree={"paths": {
            "/a#by=name": {"get": {"parameters": [{"in": "query", "name": "name", "required": True, "schema": TEXT}]}},
            "/a#by=id": {"get": {"parameters": [{"in": "query", "name": "id", "required": True, "schema": WHOLE}]}},
        }},
        right=[asked("/a?name=x"), asked("/a?id=7")], wrong=[asked("/a"), asked("/a?id=x"), asked("/a?name=x&id=7")],
    ),
    Case(
        what="a flag with a value, and one that stands for any",
        tree={"paths": {
            "/a?cmd=diff": {"get": {}}, "/a": {"get": {"parameters": [{"in": "query", "name": "cmd", "schema": TEXT}]}},
            "/b?q={q}": {"get": {"parameters": [{"in": "query", "name": "q", "schema": WHOLE}]}},
        }},
        right=[asked("/a?cmd=diff"), asked("/a?cmd=x"), asked("/b?q=1")], wrong=[asked("/b?q=x"), asked("/b")],
    ),
    Case(
        what="heirs of a schema of Swagger 2 stand for it",
        tree={
            "swagger": "2.0", "definitions": {
                "Pet": PET | {"discriminator": "kind"}, "Dog": {"allOf": [
                    {"$ref": "#/definitions/Pet"}, {"type": "object", "properties": {"bark": TEXT}}]}},
            "paths": {"/a": {"put": {"parameters": [
                {"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Pet"}}]}}},
        },
        right=[put({"kind": "x"}), put({"kind": "Dog", "bark": "w"})], wrong=[put({"kind": "Dog", "berk": "w"})],
    ),
    Case(
        what="a wrapped base lets its heirs stand for it, or null",
        tree=body(
            {"type": "object", "properties": {"pet": {"allOf": [ref("Pet")], "nullable": True}}},
            Pet=PET, Dog={"allOf": [ref("Pet"), {"properties": {"bark": TEXT}}]},
        ),
        right=[put({"pet": {"kind": "Dog", "bark": "w"}}), put({"pet": None})],
        wrong=[put({"pet": {"kind": "Dog", "berk": "w"}}), put({"pet": 1})],
    ),
    Case(
        what="a slip in a part that is referred to: required and described nowhere",
        tree=body(ref("Deal"), Deal={"allOf": [ref("Base"), {"properties": {"size": WHOLE}}]},
                  Base={"properties": {"name": TEXT}, "required": ["name", "host"]}),
        right=[put({"name": "x"}), put({"name": "x", "size": 1})],
        wrong=[put({"size": 1}), put({"name": "x", "host": 1})],
    ),
    Case(
        what="the same slip without parts",
        tree=body({"type": "object", "properties": {"name": TEXT}, "required": ["name", "nmae"]}),
        right=[put({"name": "x"})], wrong=[put({}), put({"nmae": "x"})],
    ),
    Case(
        what="what is required without a name is required where others may stand",
        tree=body({"type": "object", "properties": {"n": TEXT}, "required": ["m"], "additionalProperties": WHOLE}),
        right=[put({"m": 1}), put({"m": 1, "n": "x"})], wrong=[put({"n": "x"}), put({"m": "x"})],
    ),
    Case(
        what="a part's word on further fields is about what the whole does not name",
        tree=body({"allOf": [{"type": "object", "additionalProperties": {"type": "object"}, "properties": {"n": TEXT}}],
                   "properties": {"on": {"type": "boolean"}}}),
        right=[put({"on": True, "n": "x", "more": {}})], wrong=[put({"on": True, "more": 1}), put({"on": 1})],
    ),
    Case(
        what="read only beside a reference, and in another part",
        tree=body({"allOf": [{"properties": {"id": {"$ref": "#/components/schemas/Id", "readOnly": True}}},
                             {"properties": {"n": TEXT}, "required": ["id", "n"]}]}, Id=TEXT),
        right=[put({"n": "x"})], wrong=[put({"n": "x", "id": "7"}), put({})],
    ),
    Case(
        what="a pattern between slashes, and one that is none",
        tree=body({
            "type": "object", "properties": {"s": TEXT | {"pattern": "/^[a-z]+$/"}, "t": TEXT | {"pattern": "(["}},
        }),
        right=[put({"s": "ab", "t": "anything"})], wrong=[put({"s": "AB"}), put({"t": 1})],
    ),
    Case(
        what="a field that is called pattern, beside a pattern that is none",
        tree=body({"type": "object", "properties": {"pattern": TEXT, "t": TEXT | {"pattern": "(["}}}),
        right=[put({"pattern": "x"})], wrong=[put({"pattern": 1})],
    ),
    Case(
        what="bounds that are no numbers say nothing",
        tree=body({"type": "object", "properties": {"n": WHOLE | {"maximum": "ten"}, "s": TEXT | {"pattern": 0}}}),
        right=[put({"n": 11, "s": "x"})], wrong=[put({"n": "x"})],
    ),
    Case(
        what="content types with parameters, in capitals, and for many",
        tree=body(NAMED, "Application/JSON; charset=utf-8"),
        right=[put({"name": "x"}), put({"name": "x"}, "application/json;charset=UTF-8")],
        wrong=[put({"name": "x"}, "text/plain"), put({}), put({"name": "x"}, "application/xml")],
    ),
    Case(
        what="any content type, and one that is described beside it",
        tree={"paths": {"/a": {"put": {"requestBody": {"content": {
            "application/*": {"schema": TEXT}, "application/json": {"schema": NAMED}}}}}}},
        right=[put({"name": "x"}), put("x", "application/x-more+json")], wrong=[put("x"), put("x", "text/plain")],
    ),
    Case(
        what="fields of a form with brackets in their names",
        tree=body({"type": "object", "properties": {"t[a]": TEXT, "b": TEXT}, "required": ["t[a]", "slip"]},
                  "multipart/form-data"),
        right=[Request(method="PUT", path="/a", headers={"Content-Type": "multipart/form-data"},
                       form=frozenset({"t[a]", "b[0]"}))],
        wrong=[Request(method="PUT", path="/a", headers={"Content-Type": "multipart/form-data"}, form=frozenset(names))
               for names in (["t[b]"], ["b"], ["t[a]", "slip"])],
    ),
    Case(
        what="the older word on exclusive bounds",
        tree=body({"type": "object", "properties": {"n": {"type": "number", "minimum": 0, "exclusiveMinimum": True}}}),
        right=[put({"n": 0.5})], wrong=[put({"n": 0})],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_what_is_right_passes_and_what_is_wrong_does_not(case: Case) -> None:
    closed = ClosedValidator(Description("ours", case.tree))
    for request in case.right:
        assert closed.problems(request) == (), request
    for request in case.wrong:
        assert closed.problems(request), request
