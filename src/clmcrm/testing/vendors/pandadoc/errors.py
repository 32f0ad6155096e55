"""How the fake PandaDoc refuses: a status, a `type` and its `detail`."""

from __future__ import annotations

from typing import Any

from clmcrm.testing.vendors.pandadoc.documents import Document


class Refused(Exception):
    """A request that PandaDoc does not take; `told` is what it says."""

    def __init__(self, status: int, kind: str, detail: Any, **more: Any) -> None:  # noqa: ANN401 - JSON
        self.status, self.told = status, {"type": kind, "detail": detail, **more}
        super().__init__(kind)


def not_found() -> Refused:
    """There is no such document, or not yet."""
    return Refused(404, "request_error", "Not found")


def invalid(**fields: str) -> Refused:
    """Values that PandaDoc does not take."""
    return Refused(400, "validation_error", {name: [said] for name, said in fields.items()})


def conflict(document: Document) -> Refused:
    """A document in another state than the one in which it is possible."""
    refused = Refused(409, "", "")
    said = f"The document is in the state {document.status}."
    refused.told = {"id": document.id, "status": document.status, "info_message": said}
    return refused
