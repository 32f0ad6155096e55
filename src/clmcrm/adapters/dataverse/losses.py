"""What does not survive a round trip through Dataverse, generated from the adapter's own tables."""

from __future__ import annotations

from clmcrm.adapters.dataverse.extras import BASE, BOOKKEEPING
from clmcrm.adapters.dataverse.kinds import kinds_of
from clmcrm.adapters.dataverse.org import OrgSettings
from clmcrm.adapters.dataverse.parts import Column
from clmcrm.ports.records import Kind

_WHY = {
    "versionnumber": "shown as the version",
    "createdon": "shown as its day",
    "modifiedon": "shown as the time of change",
    "masterid": "shown as what it was merged into",
    "merged": "shown as gone",
    "exchangerate": "computed from the currency",
    "importsequencenumber": "stated when a row is made, and never changed",
    "overriddencreatedon": "stated when a row is made, and never changed",
    "owningbusinessunit": "follows the owner",
    "owningteam": "follows the owner",
    "owninguser": "follows the owner",
}
_COMPUTED = "kept by Dataverse itself"


def losses(kind: str, org: OrgSettings) -> dict[str, str]:
    """Canonical fields of a kind that are shown and never written, each with its reason.

    >>> losses("contact", OrgSettings(currency="EUR"))
    {'created_on': 'kept by Dataverse itself', 'merged_into': 'kept by Dataverse itself'}
    """
    held = kinds_of(org)[kind]
    kept = [part.name for part in held.parts if isinstance(part, Column) and not part.written]
    kept += ["lines"] if held.lined else []
    kept += ["merged_into"] if held.merges else []
    return dict.fromkeys(kept, _COMPUTED)


def loss_table(org: OrgSettings) -> str:
    """The table of what is read and never written, and of what is not read, in Markdown."""
    lines = ["| table | field or column | what becomes of it |", "| --- | --- | --- |"]
    for kind in (Kind.ACCOUNT, Kind.CONTACT, Kind.OPPORTUNITY):
        lines += [f"| {kind} | `{name}` | not written: {why} |" for name, why in losses(kind, org).items()]
    for name in sorted(BOOKKEEPING):
        lines.append(f"| all | {name} | not among the extras: {_WHY.get(name, _COMPUTED)} |")
    lines.append(f"| all | ...{BASE} | not among the extras: twins in the base currency, computed |")
    return "\n".join(lines)
