"""Dropbox Sign: HMAC-SHA256 over the event's time and type alone, in hexadecimal, inside the body.

Source: developers.hellosign.com, "Events walkthrough". The rest of the body is not signed: whoever has seen one
event can write another body around it. So the ids in it are hints and no more, and the event is told apart by
its hash together with the record it names. The answer has to be one fixed text, or the event comes again.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import Key, Window, hmac_sha256, matching, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import Unread, derived_id, json_of, key_of, part, signed_time
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import Event, Reply, Verified, told
from clmcrm.values.validators import instance

SCHEME: Final = "dropbox-sign"
RETRIES: Final = Window(past=timedelta(days=4))
"""The time is that of the event, not of the attempt, and attempts go on for about three days."""

HELLO: Final = Reply(200, b"Hello API Event Received")
"""The text that Dropbox Sign waits for."""

# Parameters of a content type stand in any order (RFC 2045, 5.1), so others may come after the boundary too.
_BOUNDARY: Final = re.compile(
    r"""multipart/form-data\s*;(?:.*;)?\s*boundary=
    (?:"(?P<quoted>[0-9A-Za-z'()+_,./:=?\ -]{1,70})"|(?P<bare>[0-9A-Za-z'()+_,./:=?-]{1,70}))\s*(?:;.*)?""",
    re.IGNORECASE | re.VERBOSE,
)
_JSON_PART: Final = re.compile(rb'content-disposition:\s*form-data;(?:.*;)?\s*name="json"', re.IGNORECASE)
_MOST_PARTS: Final = 64
_LONGEST_HEAD: Final = 2048
_TYPE: Final = re.compile("[a-z][a-z_]{0,63}")
_OBJECTS: Final = {"signature_request": "signature_request_id", "template": "template_id", "account": "account_id"}


@frozen(kw_only=True)
class DropboxSign:
    """Messages of Dropbox Sign; `keys` are API keys of the account (it signs with the primary one)."""

    keys: tuple[Key, ...] = field(validator=some_keys)
    window: Window = field(default=RETRIES, validator=instance(Window))

    @property
    def name(self) -> str:
        """The scheme's name."""
        return SCHEME

    @property
    def reply(self) -> Reply:
        """A fixed text."""
        return HELLO

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`."""
        body = _payload(message)
        seconds, kind, given = (part(body, "event", f"event_{name}") for name in ("time", "type", "hash"))
        if not isinstance(seconds, str) or not isinstance(kind, str) or not isinstance(given, str):
            raise refused(SCHEME, Reason.UNSIGNED, "event_time, event_type or event_hash is not there")
        signed_at = signed_time(SCHEME, seconds)
        if _TYPE.fullmatch(kind) is None:
            raise refused(SCHEME, Reason.MALFORMED, "event_type is not of small letters")

        def expected(key: Key) -> list[str]:
            return [hmac_sha256(key.secret, seconds.encode(), kind.encode()).hex()]

        key_name = matching(self.keys, now, SCHEME, [given], expected)
        self.window.admit(SCHEME, signed_at, now)
        event = _event(body, kind, given, signed_at)
        return told(SCHEME, key_name, (event,), event.id, body=False, time=True)


def _event(body: Any, kind: str, given: str, at: datetime) -> Event:  # noqa: ANN401 - a JSON object
    for name, field_name in _OBJECTS.items():
        key = key_of(part(body, name, field_name))
        if key is not None:
            # "signature_request_canceled" is a status of the request, and no end of its record
            return Event(id=derived_id(given, name, key), kind=kind, object=name, key=key, occurred_at=at)
    return Event(id=derived_id(given, "", ""), kind=kind, object=kind.partition("_")[0], occurred_at=at)


def _payload(message: Message) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON of the form's part `json`; refused when there is none, since nothing can be checked then."""
    try:
        return json_of(_form_part(message))
    except Unread as why:
        raise refused(SCHEME, Reason.MALFORMED, f"the part json of the form: {why}") from None


def _form_part(message: Message) -> bytes:
    content_type = message.header("content-type") or ""
    if content_type.lower().startswith("application/json"):
        return message.body
    if content_type.lower().startswith("application/x-www-form-urlencoded"):
        try:
            values = parse_qs(message.body.decode("ascii"), max_num_fields=32).get("json", [])
        except ValueError:
            values = []
        return _only([value.encode() for value in values])
    boundary = _BOUNDARY.fullmatch(content_type)
    if boundary is None:
        raise Unread("the content type is no form")
    mark = boundary["quoted"] or boundary["bare"]
    pieces = (b"\r\n" + message.body).split(b"\r\n--" + mark.encode())
    if len(pieces) > _MOST_PARTS:
        raise Unread(f"the form has more than {_MOST_PARTS} parts")
    heads = (piece.partition(b"\r\n\r\n") for piece in pieces[1:])
    return _only([content for head, _, content in heads if _JSON_PART.search(head[:_LONGEST_HEAD])])


def _only(found: list[bytes]) -> bytes:
    if len(found) != 1:
        raise Unread(f"it stands there {len(found)} times; expected once")
    return found[0]
