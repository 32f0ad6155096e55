"""What a form takes: its fields with their schemas, those that are required, and whether others may stand beside."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from clmcrm.testing.closed.description import Description, Tree, is_tree


@define
class Form:
    """The `fields` of a form by name, all forms of a choice together; `free` when it takes fields of any name."""

    fields: dict[str, list[Any]] = field(factory=dict[str, list[Any]])
    required: set[str] = field(factory=set[str])
    free: bool = False

    def takes(self, name: str) -> bool:
        """Whether there is such a field: by its name, or with brackets behind it."""
        return self.free or bool({name, name.partition("[")[0]} & self.fields.keys())

    def missing(self, names: frozenset[str]) -> list[str]:
        """The required fields that are not among these names."""
        given = names | {name.partition("[")[0] for name in names}
        return sorted((self.required & self.fields.keys()) - given)


def form_of(description: Description, schema: Tree) -> Form:
    """The form that a schema describes; an object of which nothing is named is free, as it is in JSON."""
    made = Form()
    _add(made, description, schema, set(), needed=True)
    made.free = made.free or not made.fields
    return made


def _add(made: Form, description: Description, schema: Any, seen: set[int], *, needed: bool) -> None:  # noqa: ANN401 - JSON
    found = description.resolved(schema)
    if not is_tree(found) or id(found) in seen:
        return
    seen.add(id(found))
    for name, each in found.get("properties", {}).items():
        made.fields.setdefault(name, []).append(each)
    made.free = made.free or found.get("additionalProperties") not in (None, False)
    if needed:
        made.required.update(found.get("required", []))
    for each in found.get("allOf", []):
        _add(made, description, each, seen, needed=needed)
    for each in [*found.get("oneOf", []), *found.get("anyOf", [])]:
        _add(made, description, each, seen, needed=False)
