"""PandaDoc: HMAC-SHA256 over the raw body, in hexadecimal, in the query of the address.

Source: developers.pandadoc.com, "How to verify webhook authenticity". The signature is not secret, but it lands
in access logs together with nothing else of use; no time is signed beside the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.webhooks.keys import Key, hmac_sha256, matching, some_keys
from clmcrm.adapters.webhooks.message import Message
from clmcrm.adapters.webhooks.reading import (
    derived_id,
    instant_of,
    key_of,
    part,
    word_of,
)
from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.adapters.webhooks.verified import ACCEPTED, Event, Reply, Verified, told_of_each

SCHEME: Final = "pandadoc"
_OBJECTS: Final = {"template": "template", "quote": "quote", "content": "content_library_item"}


@frozen(kw_only=True)
class PandaDoc:
    """Messages of PandaDoc; `keys` are the shared keys of the webhook subscription."""

    keys: tuple[Key, ...] = field(validator=some_keys)

    @property
    def name(self) -> str:
        """The scheme's name."""
        return SCHEME

    @property
    def reply(self) -> Reply:
        """Any 2xx, within 20 seconds."""
        return ACCEPTED

    def verify(self, message: Message, now: datetime) -> Verified:
        """What is known of the message; raises `WebhookRefused`."""
        signature = message.query("signature")
        if not signature:
            raise refused(SCHEME, Reason.UNSIGNED, "there is no signature in the query")

        def expected(key: Key) -> list[str]:
            return [hmac_sha256(key.secret, message.body).hex()]

        key_name = matching(self.keys, now, SCHEME, [signature], expected)
        return told_of_each(SCHEME, key_name, message.body, _events, time=False)


def _events(item: Any) -> Iterator[Event]:  # noqa: ANN401 - any JSON value
    kind = word_of(part(item, "event"), "a notification names no event")
    modified = part(item, "data", "date_modified")
    key = key_of(part(item, "data", "id"))
    status, acted = part(item, "data", "status"), part(item, "data", "action_date")
    # A recipient may complete what nobody modified for weeks: what happened last says when this was made.
    times = [at for at in (instant_of(modified), instant_of(acted)) if at is not None]
    yield Event(
        id=derived_id(kind, key, status, modified, acted),
        kind=kind,
        object=_OBJECTS.get(kind.partition("_")[0], "document"),
        key=key,
        occurred_at=max(times, default=None),
        gone=kind == "document_deleted",
    )
