"""The closed validator on small descriptions of our own: each rule of closing, each kind of refusal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from clmcrm.errors import MissingExtra, UnreadableInput
from clmcrm.testing.closed.description import Description, load_description
from clmcrm.testing.closed.overlay import Limit
from clmcrm.testing.closed.validator import ClosedValidator, Request

_ = pytest.importorskip("jsonschema_rs", reason="jsonschema_rs is in the extra test")

SCHEMAS: dict[str, Any] = {
    "Deal": {
        "type": "object", "required": ["name", "id"],
        "properties": {
            "id": {"type": "string", "readOnly": True}, "name": {"type": "string", "maxLength": 5},
            "stage": {"type": "string", "enum": ["won", "lost"], "nullable": True},
            "closed_on": {"type": "string", "format": "date"}, "count": {"type": "integer", "format": "int32"},
            "parent": {"$ref": "#/components/schemas/Deal"},
            "more": {"type": "object"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
    "Big": {
        "allOf": [
            {"$ref": "#/components/schemas/Deal"}, {"type": "object", "properties": {"size": {"type": "number"}}},
        ]
    },
    "Base": {
        "type": "object", "properties": {"type": {"type": "string"}, "x": {"type": "integer"}},
        "discriminator": {"propertyName": "type", "mapping": {"text": "#/components/schemas/Text"}},
    },
    "Text": {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"required": ["type", "a_slip_of_the_vendor"], "properties": {"words": {"type": "string"}}},
        ]
    },
    "Either": {
        "oneOf": [{"$ref": "#/components/schemas/Deal"}, {"type": "object", "properties": {"a": {"type": "string"}}}]
    },
}  # fmt: skip


def body_of(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"requestBody": {"required": True, "content": content}}


TREE: dict[str, Any] = {
    "openapi": "3.0.3", "servers": [{"url": "https://api.example.com/v3"}], "components": {"schemas": SCHEMAS},
    "paths": {
        "/deals": {
            "get": {
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1}},
                    {"in": "query", "name": "status", "schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
                    {
                        "in": "query", "name": "filter", "style": "deepObject",
                        "schema": {"properties": {"name": {"type": "string"}}},
                    },
                    {"in": "header", "name": "X-App", "required": True, "schema": {"type": "string"}},
                ]
            },
            "post": body_of("Deal"),
        },
        "/deals?upload": {
            "post": {"requestBody": {"content": {"multipart/form-data": {"schema": {
                "type": "object", "required": ["file"], "properties": {"file": {"format": "binary"}, "name": {}}}}}}},
        },
        "/deals/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": True, "schema": {"type": "integer"}}],
            "delete": {},
        },
        "/deals/search": {"get": {}},
        "/big": {"put": body_of("Big")}, "/base": {"put": body_of("Base")}, "/either": {"put": body_of("Either")},
    },
}  # fmt: skip

CLOSED = ClosedValidator(
    Description("ours", TREE),
    [
        Limit(method="GET", path="/deals", query="limit", least=1, most=100, source="a page of ours"),
        Limit(method="PUT", path="/either", items="labels", most=1, source="a page of ours"),
    ],
)


def sent(path: str, value: Any, method: str = "PUT") -> list[str]:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = Request(method=method, path=f"/v3{path}", headers=headers, body=json.dumps(value).encode())
    return [str(problem) for problem in CLOSED.problems(request)]


def asked(path: str, method: str = "GET") -> list[str]:
    return [str(p) for p in CLOSED.problems(Request(method=method, path=f"/v3{path}", headers={"x-app": "1"}))]


RIGHT = [
    ("/deals", {"name": "a"}), ("/deals", {"name": "a", "stage": None}),
    ("/deals", {"name": "a", "more": {"any": [1]}}),
    ("/deals", {"name": "a", "labels": {"x": "y"}}), ("/deals", {"name": "a", "parent": {"name": "b"}}),
    ("/big", {"name": "a", "size": 1.5}), ("/base", {"type": "text", "words": "w", "x": 1}),
    ("/either", {"a": "x"}), ("/either", {"name": "a"}),
]  # fmt: skip
WRONG = [
    ("/deals", {"name": "a", "nmae": "b"}, "nmae"), ("/deals", {}, "name"), ("/deals", {"name": 1}, "/name"),
    ("/deals", {"name": "too long"}, "/name"), ("/deals", {"name": "a", "stage": "open"}, "/stage"),
    ("/deals", {"name": "a", "closed_on": "1/2/2026"}, "/closed_on"), ("/deals", {"name": "a", "id": "7"}, "/id"),
    ("/deals", {"name": "a", "count": 2**31}, "/count"), ("/deals", {"name": "a", "labels": {"x": 1}}, "/labels/x"),
    ("/deals", {"name": "a", "parent": {"name": "b", "nmae": 1}}, "nmae"), ("/deals", [], ""), ("/deals", None, ""),
    ("/big", {"name": "a", "sise": 1}, "sise"), ("/big", {"size": 1}, "name"),
    ("/base", {"type": "text", "wrods": "w"}, ""), ("/base", {"type": "other"}, ""),
    ("/base", {"type": "text", "a_slip_of_the_vendor": 1}, ""), ("/either", {"a": "x", "b": 1}, ""),
    ("/either", {"a": "x", "name": "a"}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), RIGHT)
def test_what_is_described_is_let_through(path: str, value: Any) -> None:
    assert sent(path, value, "POST" if path == "/deals" else "PUT") == []


@pytest.mark.parametrize(("path", "value", "told"), WRONG)
def test_what_is_not_described_is_refused_and_named(path: str, value: Any, told: str) -> None:
    problems = sent(path, value, "POST" if path == "/deals" else "PUT")
    assert problems
    assert told in " ".join(problems)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/deals?limit=7", ""), ("/deals?limit=seven", "limit"), ("/deals?limit=0", "limit"),
        ("/deals?limit=1.5", "limit"),
        ("/deals?limit=101", "not 1 to 100"), ("/deals?limt=1", "no such key"), ("/deals?status=a&status=b", ""),
        ("/deals?status=a,c", "status"), ("/deals?filter[name]=x", ""), ("/deals?filter[nmae]=x", "filter"),
        ("/deals/search", ""), ("/contracts", "not described"), ("/deals/7/more", "not described"),
    ],
)  # fmt: skip
def test_paths_and_queries_are_closed_too(path: str, told: str) -> None:
    problems = asked(path)
    assert told in " ".join(problems)
    assert bool(problems) == bool(told)


def test_methods_path_values_and_headers_are_judged() -> None:
    assert asked("/deals/7", "DELETE") == []
    assert "path id" in asked("/deals/seven", "DELETE")[0]
    assert "possible: DELETE" in asked("/deals/7", "PATCH")[0]
    assert CLOSED.problems(Request(method="GET", path="/v3/deals"))[0].where == "header X-App"
    assert CLOSED.problems(Request(method="GET", path="/deals"))[0].where == "path"  # without the server's own path


def test_bodies_are_judged_before_they_are_read() -> None:
    def told(**more: Any) -> str:
        return str(CLOSED.problems(Request(**({"method": "POST", "path": "/v3/deals"} | more)))[0])

    json_headers = {"Content-Type": "application/json"}
    assert "needs one" in told()
    assert "is not described" in told(body=b"a=1", headers={"Content-Type": "text/plain"})
    assert "no JSON" in told(body=b"{", headers=json_headers)
    for body in (b"[" * 100_000, b'{"name": NaN}', b"\xef\xbb\xbf{}", json.dumps({"name": "a"}).encode("utf-16")):
        assert "no JSON" in told(body=body, headers=json_headers)
    assert "no JSON" in told(method="PUT", path="/v3/either", body=b"[" * 100_000, headers=json_headers)
    assert "takes none" in told(method="DELETE", path="/v3/deals/7", body=b"{}", headers=json_headers)


def test_a_form_is_judged_by_the_names_of_its_parts() -> None:
    def told(*names: str) -> list[str]:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        request = Request(method="POST", path="/v3/deals?upload", headers=headers, form=frozenset(names))
        return [problem.where for problem in CLOSED.problems(request)]

    assert told("file", "name") == []
    assert told("name", "nmae") == ["form nmae", "form file"]


@pytest.mark.parametrize("size", ["500", "0500", "500.0", "5e2", " 500", "99999999999999999999", "0", "-1"])
def test_a_page_beyond_the_limit_is_refused_however_it_is_written(size: str) -> None:
    assert any("is not 1 to 100 (a page of ours)" in each for each in asked(f"/deals?limit={quote(size)}"))


@pytest.mark.parametrize("size", [" 50", "50 ", "NaN", "\t50"])
def test_a_number_with_a_space_and_no_number_at_all_are_no_number(size: str) -> None:
    assert any("is not of type" in each for each in asked(f"/deals?limit={quote(size)}"))


def test_a_list_in_the_body_can_be_bounded() -> None:
    assert "2 items, not 0 to 1" in sent("/either", {"labels": [1, 2]})[-1]


def test_nothing_is_compiled_before_it_is_needed() -> None:
    lazy = ClosedValidator(Description("ours", TREE))
    assert not lazy._compiled
    _ = lazy.problems(Request(method="GET", path="/v3/deals/search"))
    assert not lazy._compiled


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", "{"), ("a.json", "[]"), ("a.yml", "a: [1"), ("a.yml", "a: 1"), ("b.json", None)]
)
def test_a_file_that_is_no_description_is_refused_by_name(tmp_path: Path, name: str, text: str | None) -> None:
    path = tmp_path / name
    if text is not None:
        _ = path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=name):
        _ = load_description(path)


@pytest.mark.parametrize("package", ["jsonschema_rs", "yaml"])
def test_without_the_extra_the_install_line_is_told(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.yml"
    _ = path.write_text(json.dumps(TREE), encoding="utf-8")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"clmcrm\[test\]"):
        _ = ClosedValidator(load_description(path)).problems(
            Request(method="POST", path="/v3/deals", headers={"Content-Type": "application/json"}, body=b"{}")
        )
