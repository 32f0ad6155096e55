"""What DocuSign has against an envelope that is to be made: its code and its words, in the order in which it looks."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

Objection: TypeAlias = tuple[str, str]

_LONGEST: Final = 100
_PARAMETER: Final = "INVALID_REQUEST_PARAMETER"
_INCOMPLETE: Final = "ENVELOPE_IS_INCOMPLETE"


def objections(body: dict[str, Any], templates: Sequence[str]) -> Iterator[Objection]:
    """Everything against an envelope, `templates` being those there are.

    >>> next(objections({"status": "sent"}, []))
    ('ENVELOPE_IS_INCOMPLETE', 'A subject of at most 100 characters is needed.')
    """
    composite: list[dict[str, Any]] = body.get("compositeTemplates") or []
    if body.get("status") not in ("sent", "created"):
        yield _PARAMETER, "status is sent or created."
    if not body.get("emailSubject") or len(body["emailSubject"]) > _LONGEST:
        yield _INCOMPLETE, "A subject of at most 100 characters is needed."
    if any(one["templateId"] not in templates for each in composite for one in each.get("serverTemplates", [])):
        yield "TEMPLATE_NOT_FOUND", "The template specified could not be found."
    fields: dict[str, Any] = body.get("customFields") or {}
    texts: list[dict[str, Any]] = fields.get("textCustomFields") or []
    for one in texts:
        if len(one.get("value", "")) > _LONGEST:
            yield "CUSTOM_FIELD_VALUE_TOO_LONG", "A custom field's value has at most 100 characters."
    yield from _of_documents(body.get("documents") or [one["document"] for one in composite if one.get("document")])
    yield from _of_people(_people(body, composite))


def _people(body: dict[str, Any], composite: list[dict[str, Any]]) -> list[dict[str, Any]]:
    whole: list[dict[str, Any]] = [body, *(inline for one in composite for inline in one["inlineTemplates"])]
    found: list[dict[str, Any]] = []
    for one in whole:
        groups: dict[str, list[dict[str, Any]]] = one.get("recipients") or {}
        found += [person for people in groups.values() for person in people]
    return found


def _of_documents(documents: list[dict[str, Any]]) -> Iterator[Objection]:
    if not documents:
        yield _INCOMPLETE, "The Envelope is not Complete. A document is needed."
    for one in documents:
        try:
            _ = base64.b64decode(one.get("documentBase64") or "", validate=True)
        except binascii.Error:
            yield _PARAMETER, "documentBase64 is not base64."


def _of_people(people: list[dict[str, Any]]) -> Iterator[Objection]:
    if not people:
        yield _INCOMPLETE, "The Envelope is not Complete. A recipient is needed."
    for one in people:
        if "@" not in one.get("email", "") or not one.get("name"):
            yield "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT", f"The email address {one.get('email')} is not valid."
    if len({one.get("recipientId") for one in people}) < len(people):
        yield _PARAMETER, "recipientId is used twice."
