"""From an object as the API shows it to a row: records, entities and workflows in one form.

A workflow writes its attributes plainly, with their types beside them in a schema, and some in another way than a
record does: a duration is an object, a reference a text. Here they take the form of a record's properties, so that
one reading serves both, and go back on the way out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from clmcrm.adapters.ironclad.marks import mark_of
from clmcrm.adapters.ironclad.shapes import LINK, NAME, PARENT, TYPE, TYPES, Row, Slots
from clmcrm.adapters.ironclad.typed import read_typed
from clmcrm.adapters.trees import Tree, is_list, is_tree, number, tree_of, word

INACTIVE: Final = "inactive"
WORKFLOW: Final = "workflow:"
"""What the key of a contract that is still a workflow begins with, as Ironclad itself writes it."""

RECORD_BESIDES: Final = ("attachments", "links", "childIds", "amendments", "source", "ironcladId", "contractStatus")
ENTITY_BESIDES: Final = ("ironcladId", "namedTypeIds")
"""What each kind of object says that nobody can set."""

_STATUS: Final = ("status", "enhancedStatus")
WORKFLOW_BESIDES: Final = ("ironcladId", "step", "status", "approvals", "signatures", "creator", "created", "roles")
_UNITS: Final = (("years", "Y"), ("months", "M"), ("weeks", "W"), ("days", "D"))
_FROM_SCHEMA: Final[Mapping[str, str]] = {"monetaryAmount": "monetary_amount", "entity": "reference"}


def record_row(told: Tree, key: str) -> Row:
    """The row of a record; how long its status will last is not kept, for it changes every day.

    One that a workflow made keeps the workflow's key when it has ours, in the property `key`: the contract that was
    launched stays the same contract.
    """
    status = {name: one for name, one in tree_of(told, "contractStatus").items() if name in _STATUS}
    slots = {
        NAME: word(told, "name"), TYPE: word(told, "type"), PARENT: word(told, "parentId"),
        LINK: word(told, "parentLinkType"), **_properties(told),
    }  # fmt: skip
    besides = {name: told[name] for name in RECORD_BESIDES if name in told} | {"contractStatus": status}
    return Row(
        key=_key_of(told, slots, key), own=word(told, "id"), slots=slots, besides=besides,
        readable=word(told, "ironcladId"),
        stamp=word(told, "lastUpdated"), version=_version(told, slots, {}),
    )  # fmt: skip


def _key_of(told: Tree, slots: Slots, key: str) -> str:
    source = tree_of(told, "source")
    launched = word(source, "workflowId").removeprefix(WORKFLOW)
    ours = source.get("type") == "workflow" and launched and mark_of(str(read_typed(slots.get(key)) or ""))
    return WORKFLOW + launched if ours else word(told, "id")


def entity_row(told: Tree, types: Mapping[str, str]) -> Row:
    """The row of an entity; `types` are the keys of relationship types by their ids."""
    ids = told.get("namedTypeIds")
    named = [types.get(str(one), str(one)) for one in ids] if is_list(ids) else []
    slots = {
        NAME: word(told, "name"), TYPES: named[0] if named else "", PARENT: word(told, "parentId"),
        **_properties(told),
    }  # fmt: skip
    besides = {"ironcladId": told.get("ironcladId")} | ({"namedTypeIds": named} if len(named) > 1 else {})
    status = word(told, "status")
    return Row(
        key=word(told, "id"), own=word(told, "id"), slots=slots, besides=besides, readable=word(told, "ironcladId"),
        stamp=word(told, "lastUpdated"), version=_version(told, slots, {"status": status}),
        gone=status.casefold() == INACTIVE,
    )  # fmt: skip


def workflow_row(told: Tree) -> Row:
    """The row of a workflow: cancelled it is gone, and completed it lives on in its record, if it made one."""
    schema = tree_of(told, "schema")
    attributes = {
        name: _typed(value, tree_of(schema, name))
        for name, value in tree_of(told, "attributes").items()
        if value not in (None, "", [])
    }
    slots = {NAME: word(told, "title"), TYPE: word(told, "template"), **attributes}
    besides = {name: told[name] for name in WORKFLOW_BESIDES if name in told}
    records: Any = told.get("recordIds")
    status = word(told, "status")
    into = str(records[0]) if status == "completed" and is_list(records) and records else None
    return Row(
        key=WORKFLOW + word(told, "id"), own=word(told, "id"), slots=slots, besides=besides,
        readable=word(told, "ironcladId"),
        stamp=word(told, "lastUpdated"), version=_version(told, slots, {"status": status, "step": told.get("step")}),
        gone=status == "cancelled" or into is not None, merged_into=into,
    )  # fmt: skip


def _properties(told: Tree) -> dict[str, Any]:
    return {name: one for name, one in tree_of(told, "properties").items() if is_tree(one) and name[:1] != "#"}


def _version(told: Tree, slots: Slots, more: Mapping[str, object]) -> str:
    """The time of the last change and a fingerprint of what can be set: two edits of one second are told apart."""
    text = json.dumps({**slots, **more}, sort_keys=True, default=str, separators=(",", ":"))
    return f"{word(told, 'lastUpdated')} {blake2b(text.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


def _typed(value: object, schema: Tree) -> dict[str, Any]:
    """An attribute of a workflow as a property of a record."""
    kind = kind_in(schema)
    if kind == "duration" and is_tree(value):
        return {"type": kind, "value": "P" + "".join(f"{n}{u}" for name, u in _UNITS if (n := number(value, name)))}
    if kind == "reference":
        return {"type": kind, "value": {"recordId": word(value, "recordId") if is_tree(value) else value}}
    return {"type": kind or _guessed(value), "value": value}


def kind_in(schema: Tree) -> str:
    """The type of a property that a schema of a launch form states; empty when it states none.

    >>> kind_in({"type": "monetaryAmount", "displayName": "Fee"})
    'monetary_amount'
    """
    kind = word(schema, "type")
    return _FROM_SCHEMA.get(kind, kind)


def _guessed(value: object) -> str:
    """A type that says nothing but how the value is written, where no schema came with it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "array" if is_list(value) else "object" if is_tree(value) else "number"


def attribute(typed: Tree) -> Any:  # noqa: ANN401 - any JSON value
    """A property of a record as an attribute of a workflow.

    >>> attribute({"type": "duration", "value": "P1Y6M"})
    {'years': 1, 'months': 6}
    """
    value: Any = typed.get("value")
    if typed.get("type") == "duration" and isinstance(value, str):
        return _length(value)
    return word(value, "recordId") if typed.get("type") == "reference" and is_tree(value) else value


def _length(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    digits = ""
    for sign in text.removeprefix("P"):
        if sign.isdigit():
            digits += sign
        else:
            found[next(name for name, unit in _UNITS if unit == sign)] = int(digits)
            digits = ""
    return found
