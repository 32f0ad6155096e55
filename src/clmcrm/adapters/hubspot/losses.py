"""What does not survive a round trip through HubSpot, generated from the adapter's own tables."""

from __future__ import annotations

from clmcrm.adapters.hubspot.encoding import COMPUTED
from clmcrm.adapters.hubspot.kinds import COMPANY, CONTACT, DEAL, HubSpotKind


def losses(held: HubSpotKind) -> dict[str, str]:
    """Fields that are shown and not written, and properties that are carried and not written, each with its reason.

    >>> losses(CONTACT)["consents"]
    'kept by HubSpot itself'
    """
    shown, writable = held.holds or frozenset(), held.writable or frozenset()
    fields = dict.fromkeys(sorted(shown - writable), "kept by HubSpot itself")
    return fields | {name: "computed by HubSpot" for name in held.carried if name in COMPUTED}


def loss_table() -> str:
    """The table of what is read and never written, in Markdown."""
    lines = ["| object | field or property | why it is not written |", "| --- | --- | --- |"]
    for held in (COMPANY, CONTACT, DEAL):
        lines += [f"| {held.object} | `{name}` | {why} |" for name, why in losses(held).items()]
    return "\n".join(lines)
