"""What does not survive a round trip through Ironclad, generated from the adapter's own tables.

Every property survives; what is lost is what Ironclad keeps or computes itself, and lets nobody set.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.ironclad.objects import ENTITY_BESIDES, RECORD_BESIDES, WORKFLOW_BESIDES

_COMPUTED: Final = "computed by Ironclad from the lifecycle properties, and another one as time goes by"
_KEPT: Final = "given by Ironclad"
_OTHER_CALLS: Final = "set by other calls than those for a record's metadata"
_MOVES: Final = "moved on by people in Ironclad"

REASONS: Final = {
    "contractStatus": _COMPUTED, "source": _KEPT, "ironcladId": _KEPT, "attachments": _OTHER_CALLS,
    "links": _OTHER_CALLS, "childIds": "said by the children, as their parent", "amendments": "said by the amendments",
    "namedTypeIds": "Ironclad takes one relationship type, the first; further ones are shown",
    "step": _MOVES, "status": _MOVES, "approvals": _MOVES, "signatures": _MOVES, "roles": _MOVES,
    "creator": _KEPT, "created": _KEPT,
}  # fmt: skip
"""Why nobody can set what Ironclad says besides."""

ALWAYS: Final = {"*.originalValue": "what a property said before an amendment: it is shown, and stays"}
"""What holds for every property."""


def losses(place: str) -> dict[str, str]:
    """What is shown and not written of records, entities or workflows, each with its reason.

    >>> sorted(losses("entities"))
    ['*.originalValue', 'ironcladId', 'namedTypeIds']
    """
    besides = {"records": RECORD_BESIDES, "entities": ENTITY_BESIDES, "workflows": WORKFLOW_BESIDES}[place]
    own = {} if place == "workflows" else ALWAYS
    return {name: REASONS[name] for name in besides} | own


def loss_table() -> str:
    """The table of what is read and never written, in Markdown."""
    lines = ["| object | field or property | why it is not written |", "| --- | --- | --- |"]
    for place in ("records", "entities", "workflows"):
        lines += [f"| {place} | `{name}` | {why} |" for name, why in losses(place).items()]
    return "\n".join(lines)
