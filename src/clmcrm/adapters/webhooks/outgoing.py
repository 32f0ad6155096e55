"""What we tell others: an announcement becomes one frozen body for each destination, signed anew at each attempt.

Headers after Standard Webhooks; the body is its `type`, `timestamp`, `data`, or a CloudEvent (CNCF CloudEvents 1.0,
structured JSON) where the destination wants one. The id is the same at every attempt: who receives a message
twice can tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
from attrs import field, frozen

from clmcrm.adapters.webhooks.addresses import checked_url
from clmcrm.adapters.webhooks.keys import Key, in_use, some_keys
from clmcrm.adapters.webhooks.reading import json_of
from clmcrm.adapters.webhooks.standard import secret_bytes, signature_v1
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Fields
from clmcrm.values.validators import flag, instance, instant, member, text


class Form(StrEnum):
    """How the body is written."""

    STANDARD = "standard"
    """`{"type": ..., "timestamp": ..., "data": {...}}`, as Standard Webhooks recommends."""
    CLOUD_EVENT = "cloud-event"
    """A CloudEvent 1.0 in structured JSON."""


CONTENT_TYPES: Final[Mapping[Form, str]] = {
    Form.STANDARD: "application/json",
    Form.CLOUD_EVENT: "application/cloudevents+json",
}
"""The content type of each form."""


_NO_CHARACTERS: Final = "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_CONTROLS: Final = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NO_CHARACTERS}]")
"""What no text of a CloudEvent holds: controls, half a surrogate pair, what is no character (1.0.2, "type system")."""
_REFERENCE: Final = re.compile("(?:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
"""The characters of a URI reference (RFC 3986, 2)."""


def _characters(inst: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if _CONTROLS.search(value):
        expected = "text without control characters and without half a surrogate pair"
        raise InvalidRecord(type(inst).__name__, attribute.name, value, expected)


def _uri_reference(inst: object, attribute: attrs.Attribute[Any], value: str) -> None:
    try:
        _ = urlsplit(value)
        right = _REFERENCE.fullmatch(value) is not None
    except ValueError:  # a bracket that is not closed
        right = False
    if not right:
        raise InvalidRecord(type(inst).__name__, attribute.name, value, "a URI reference, as /clmcrm/acme")


def _in_the_calendar(inst: object, attribute: attrs.Attribute[Any], value: datetime) -> None:
    try:
        _ = value.astimezone(UTC)
    except OverflowError:
        expected = "an instant of the years 1 to 9999 in UTC"
        raise InvalidRecord(type(inst).__name__, attribute.name, value, expected) from None


_AN_ID: Final = "printable ASCII without a full stop or space"


def _stands_alone(value: str) -> bool:
    """Whether an id can be told apart from the time that is signed behind it, and stand in a header."""
    return "." not in value and value.isascii() and value.isprintable() and " " not in value and value != ""


def right_id(inst: object, attribute: attrs.Attribute[Any], value: str) -> None:
    """A validator: the id of a message, as it stands in a header and is signed."""
    if not _stands_alone(value):
        raise InvalidRecord(type(inst).__name__, attribute.name, value, _AN_ID)


def _plain_object(inst: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Mapping):
        raise InvalidRecord(type(inst).__name__, attribute.name, "(hidden)", "a mapping of names to JSON values")


@frozen(kw_only=True)
class Announcement:
    """One thing that happened here.

    `id` is the same however often it is sent; derive it from the event, never from chance. `type` is
    "contract.signed", `subject` the record's id, `source` a URI reference that names this installation
    ("/clmcrm/acme"); source and id together are unique. `data` holds what the receiver may see, and no secret. Raises
    `InvalidRecord` for what a CloudEvent cannot hold, whatever form its destinations want.
    """

    id: str = field(validator=[text, right_id])
    type: str = field(validator=[text, _characters])
    source: str = field(validator=[text, _uri_reference])
    occurred_at: datetime = field(validator=[instant, _in_the_calendar])
    subject: str = field(default="", validator=[instance(str), _characters])
    data: Fields = field(factory=dict[str, Any], validator=_plain_object, repr=False)


def body_of(announcement: Announcement, form: Form = Form.STANDARD) -> bytes:
    """The body, the same bytes for the same announcement; raises `InvalidRecord` for data that JSON cannot hold.

    >>> at = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    >>> signed = Announcement(id="e1", type="contract.signed", source="/acme", occurred_at=at, subject="C-9")
    >>> body_of(signed)
    b'{"type":"contract.signed","timestamp":"2026-01-15T09:30:00Z","data":{"id":"C-9"}}'
    """
    at = announcement.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if form is Form.CLOUD_EVENT:
        whole: dict[str, Any] = {
            "specversion": "1.0", "id": announcement.id, "source": announcement.source, "type": announcement.type,
            "time": at, "datacontenttype": "application/json",
        }  # fmt: skip
        if announcement.subject:
            whole["subject"] = announcement.subject
        whole["data"] = dict(announcement.data)
    else:
        own = {"id": announcement.subject} if announcement.subject else {}
        whole = {"type": announcement.type, "timestamp": at, "data": own | dict(announcement.data)}
    try:
        return _written(whole)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRecord(f"Announcement {announcement.id}", "data", str(error), "plain JSON") from error


def _written(whole: dict[str, Any]) -> bytes:
    body = json.dumps(whole, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
    _ = json_of(body)  # a key that is a number may be written as one that is there
    if b"\\ud" in body:
        _ = json.dumps(whole, ensure_ascii=False).encode()  # half a surrogate pair is no text of UTF-8
    return body


def _form_of(body: bytes) -> Form:
    """The form of a frozen body: its destination may want another one by now."""
    return Form.CLOUD_EVENT if body.startswith(b'{"specversion":') else Form.STANDARD


def _signing_keys(inst: Destination, attribute: attrs.Attribute[Any], value: tuple[Key, ...]) -> None:
    some_keys(inst, attribute, value)
    for key in value:
        _ = secret_bytes(key)


def _safe(inst: Destination, attribute: attrs.Attribute[Any], value: str) -> None:  # noqa: ARG001 - attrs' signature
    _ = checked_url(value, private=inst.private)


@frozen(kw_only=True)
class Destination:
    """Where announcements go: a `name` of the host's, its `url`, the `whsec_` keys, the `form` it wants.

    While two keys are in use both sign. `private` allows http and addresses of one's own network. Raises
    `InvalidRecord` for a URL that is not allowed.
    """

    name: str = field(validator=text)
    keys: tuple[Key, ...] = field(validator=_signing_keys)
    form: Form = field(default=Form.STANDARD, validator=member(Form))
    private: bool = field(default=False, validator=flag)
    url: str = field(validator=[text, _safe], repr=False)


@frozen(kw_only=True)
class Post:
    """A request to be sent as it stands: POST `body` to `url` with these `headers`, redirects not followed."""

    url: str = field(validator=text, repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def post_of(destination: Destination, message_id: str, body: bytes, now: datetime) -> Post:
    """The signed request of one attempt, under the message's id; the signature is over the time of the attempt.

    Raises `InvalidRecord` when no key of the destination is in use at `now`, and for an id that no receiver could
    tell apart from the time.
    """
    if not _stands_alone(message_id):
        raise InvalidRecord(f"Destination {destination.name}", "message_id", message_id, _AN_ID)
    seconds = int(now.timestamp())
    signatures = [signature_v1(key, message_id, seconds, body) for key in in_use(destination.keys, now)]
    if not signatures:
        raise InvalidRecord(f"Destination {destination.name}", "keys", now.isoformat(), "a key in use at that time")
    headers = {
        "content-type": CONTENT_TYPES[_form_of(body)],
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
        "user-agent": "clmcrm-webhooks",
    }
    return Post(url=destination.url, headers=headers, body=body)
