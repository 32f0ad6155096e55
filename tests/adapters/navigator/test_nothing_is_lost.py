"""Each value of an agreement has a place in our record, and the page says which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docusign_desk import needs_descriptions, validator

from clmcrm.adapters.navigator.leaves import NESTED
from clmcrm.adapters.navigator.losses import loss_table, places
from clmcrm.adapters.navigator.reading import contract_of


def test_every_value_has_a_place() -> None:
    assert {path: fields for path, fields in places().items() if not fields} == {}


def names_in(schemas: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The properties of a schema, those of its parts included."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    yield from schema.get("properties", {}).items()
    for part in schema.get("allOf", ()):
        yield from names_in(schemas, part)


@needs_descriptions
def test_every_value_that_the_description_declares_is_in_the_table() -> None:
    schemas = validator("docusign_navigator.json").description.tree["components"]["schemas"]
    declared: set[str] = set()
    for name, schema in names_in(schemas, schemas["Agreement"]):
        declared |= {f"{name}.{inner}" for inner, _ in names_in(schemas, schema)} if name in NESTED else {name}
    for path in declared - places().keys():  # a later description declares more
        if not path.startswith("_links."):
            assert_among_the_extras(path)


def assert_among_the_extras(path: str) -> None:
    group, _, name = path.rpartition(".")
    agreement = {"id": "a-1", "title": "Hosting", **({group: {name: "kept"}} if group else {name: "kept"})}
    assert [(one.field, one.raw) for one in contract_of(agreement).extras if one.field == path] == [(path, "kept")]


@pytest.mark.parametrize("path", ["declared_next_year", "provisions.declared_next_year"])
def test_what_no_table_knows_is_among_the_extras(path: str) -> None:
    assert_among_the_extras(path)


def test_the_page_shows_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_docusign.md"
    assert loss_table() in page.read_text(encoding="utf-8")
