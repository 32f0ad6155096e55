"""A message as it came in: the raw bytes, the headers in their order, and what of it may be looked at.

Nothing here decodes a body. A header that decides about authenticity may stand there once only: two of them
are two stories, and which one counts would be up to whoever wrote the second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from attrs import field, frozen

from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.errors import WebhookRefused
from clmcrm.values.validators import instance, positive_count, text

Pairs: TypeAlias = "Mapping[str, str] | Sequence[tuple[str, str]]"
"""Headers as frameworks give them: a mapping, or pairs when a name may stand twice."""

_PRINTABLE: Final = frozenset(map(chr, range(0x20, 0x7F)))


@frozen(kw_only=True)
class Limits:
    """How much of a message is looked at: bytes of the body, of the URL, of all headers, and how many headers.

    A message of DocuSign's may have a hundred headers with signatures alone, one for each key of the account.
    """

    body_bytes: int = field(default=1_048_576, validator=positive_count)
    url_bytes: int = field(default=8_192, validator=positive_count)
    header_bytes: int = field(default=32_768, validator=positive_count)
    headers: int = field(default=200, validator=positive_count)


def _lowered(headers: Pairs) -> tuple[tuple[str, str], ...]:
    pairs = tuple(headers.items()) if isinstance(headers, Mapping) else tuple(headers)
    return tuple((name.lower(), value) for name, value in pairs)


@frozen(kw_only=True)
class Message:
    """A request as it was received: `method`, `url` (as seen here, with its query), `headers`, raw `body`.

    >>> message = Message(method="POST", url="https://crm.example/in?a=1", headers={"X-Id": "7"}, body=b"{}")
    >>> message.header("x-id"), message.query("a")
    ('7', '1')
    """

    method: str = field(default="POST", validator=text)
    url: str = field(default="/", validator=text, repr=False)
    headers: tuple[tuple[str, str], ...] = field(converter=_lowered, repr=False)
    body: bytes = field(validator=instance(bytes), repr=False)

    def all_of(self, name: str) -> tuple[str, ...]:
        """Every value of the header `name` (lower case), in order."""
        return tuple(value for found, value in self.headers if found == name)

    def header(self, name: str) -> str | None:
        """The one value of the header `name` (lower case); None when it is absent.

        Raises `WebhookRefused` when it stands there twice, or holds anything but printable ASCII.
        """
        return _one(self.all_of(name), f"header {name}")

    def query(self, name: str) -> str | None:
        """The one value of the query key `name`, decoded; None when it is absent, refused when doubled."""
        pairs = parse_qsl(self.query_text, keep_blank_values=True)
        return _one(tuple(value for found, value in pairs if found == name), f"query key {name}")

    @property
    def query_text(self) -> str:
        """The query as it was sent, without the question mark; empty when there is none."""
        return self.url.partition("#")[0].partition("?")[2]


def _one(values: tuple[str, ...], what: str) -> str | None:
    if len(values) > 1:
        raise refused("message", Reason.DOUBLED, f"{what} stands there {len(values)} times; expected once")
    value = next(iter(values), None)
    if value is not None and not _PRINTABLE.issuperset(value):
        raise refused("message", Reason.MALFORMED, f"{what} holds a character outside printable ASCII")
    return value


def within(message: Message, limits: Limits) -> None:
    """Raise `WebhookRefused` (status 413 or 431) for a message larger than `limits`, 405 for one not POSTed."""
    if message.method != "POST":
        raise WebhookRefused("message", Reason.METHOD, "the method is not POST", 405)
    if len(message.body) > limits.body_bytes:
        raise too_large(limits)
    size = sum(len(name) + len(value) for name, value in message.headers)
    if len(message.headers) > limits.headers or size > limits.header_bytes or len(message.url) > limits.url_bytes:
        raise WebhookRefused("message", Reason.TOO_LARGE, "the URL or the headers are too large", 431)


def too_large(limits: Limits) -> WebhookRefused:
    """The refusal of a body above the limit; a server may raise it before all of the body is there."""
    what = f"the body is larger than {limits.body_bytes} bytes"
    return WebhookRefused("message", Reason.TOO_LARGE, what, 413)
