"""What does not survive a round trip through Pipedrive, generated from the adapter's own tables."""

from __future__ import annotations

from clmcrm.adapters.pipedrive.encoding import COMPUTED
from clmcrm.adapters.pipedrive.kinds import DEAL, ORGANIZATION, PERSON, PipedriveKind


def losses(held: PipedriveKind) -> dict[str, str]:
    """Fields that are shown and not written, each with its reason: ours first, then Pipedrive's own.

    >>> losses(PERSON)
    {'created_on': 'kept by Pipedrive itself', 'name': 'kept by Pipedrive itself', 'picture_id': 'set by Pipedrive'}
    """
    shown, writable = held.holds or frozenset(), held.writable or frozenset()
    fields = dict.fromkeys(sorted(shown - writable), "kept by Pipedrive itself")
    return fields | {name: "set by Pipedrive" for name in held.carried if name in COMPUTED}


def loss_table() -> str:
    """The table of what is read and never written, in Markdown."""
    lines = ["| object | field | why it is not written |", "| --- | --- | --- |"]
    for held in (ORGANIZATION, PERSON, DEAL):
        lines += [f"| {held.object} | `{name}` | {why} |" for name, why in losses(held).items()]
    return "\n".join(lines)
