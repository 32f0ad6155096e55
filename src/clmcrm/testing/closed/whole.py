"""What a schema and its parts say together: which properties they name and require, and whether they take others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from clmcrm.testing.closed.description import Description, Tree, is_list, is_tree

_BESIDE: Final = ("additionalProperties", "unevaluatedProperties", "patternProperties")
"""What lets properties stand beside those that are named."""


class Whole:
    """Looks at the schemas of one description with all their parts, choices included."""

    def __init__(self, description: Description) -> None:
        self._description = description

    def closes(self, raw: Any, *, choices: bool) -> bool:  # noqa: ANN401 - any JSON value
        """Whether the schema, or a part of its `allOf`, names properties, so that there is something to close.

        An object of which nothing is named is free; so is a choice, whose forms are closed one by one. Where they are
        not, since several choices make up the whole, `choices` says that their forms count as parts.
        """
        parts = self._parts(raw, "allOf", *(("oneOf", "anyOf") if choices else ()))
        return any(
            is_tree(each.get("properties")) or is_tree(each.get("patternProperties"))
            or each.get("additionalProperties") is False or "unevaluatedProperties" in each
            for each in parts
        )  # fmt: skip

    def slips(self, raw: Any) -> frozenset[str]:  # noqa: ANN401 - any JSON value
        """What is required and could neither be sent nor left out: no part describes it, or all as read-only.

        Empty where a part takes properties that it does not name, and where none names any.
        """
        parts = list(self._parts(raw, "allOf", "oneOf", "anyOf"))
        if any(each.get(name) not in (None, False) for each in parts for name in _BESIDE):
            return frozenset()
        named = {
            name for each in parts for name, told in each.get("properties", {}).items() if not self.read_only(told)
        }
        required = frozenset(name for each in parts if is_list(each.get("required")) for name in each["required"])
        return required - named if any(each.get("properties") for each in parts) else frozenset()

    def more(self, raw: Tree) -> list[Any]:
        """What the parts of its `allOf` say of properties that they do not name; empty where they take none."""
        own = raw.get("additionalProperties")
        parts = list(self._parts(raw, "allOf"))
        told = [each[name] for each in parts for name in _BESIDE[:2] if name in each]
        return [each for each in told if each is not False and each is not own]

    def read_only(self, raw: Any) -> bool:  # noqa: ANN401 - any JSON value
        """Whether a property is only read, as it says itself or what it refers to says."""
        found = self._description.resolved(raw)
        return is_tree(raw) and is_tree(found) and True in (raw.get("readOnly"), found.get("readOnly"))

    def _parts(self, raw: Any, *ways: str) -> Iterator[Tree]:  # noqa: ANN401 - any JSON value
        """The schema itself and everything it is put together from, each once."""
        seen, waiting = set[int](), [raw]
        while waiting:
            found = self._description.resolved(waiting.pop())
            if is_tree(found) and id(found) not in seen:
                seen.add(id(found))
                yield found
                waiting.extend(each for way in ways for each in found.get(way, []))
