"""Each value of an agreement has a place in our record, and the page says which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docusign_desk import needs_descriptions, validator

from clmcrm.adapters.navigator.leaves import NESTED
from clmcrm.adapters.navigator.losses import loss_table, places


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
    assert {path for path in declared - places().keys() if not path.startswith("_links.")} == set()


def test_the_page_shows_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "howto" / "connect_docusign.md"
    assert loss_table() in page.read_text(encoding="utf-8")
