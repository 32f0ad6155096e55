"""Keys with names, so that one can be replaced while both are in use; and the comparison of signatures.

A secret is shown nowhere: not in `repr`, not in an error. Every key is tried against every signature, and no
comparison stops at the first difference, so that the time of a refusal says nothing about the secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import attrs
from attrs import field, frozen

from clmcrm.adapters.webhooks.reasons import Reason, refused
from clmcrm.errors import InvalidRecord
from clmcrm.values.validators import instant, maybe, text

SHORTEST_SECRET: Final = 8
"""Bytes below which a secret is a mistake in the configuration."""


def _bytes(secret: str | bytes) -> bytes:
    try:
        return secret.rstrip("\r\n").encode() if isinstance(secret, str) else secret
    except UnicodeEncodeError:  # it would carry the secret along; an environment gives such a text for other bytes
        return cast("bytes", secret)  # the validator refuses it, without showing it


def _long_enough(inst: Key, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bytes):  # the shared validator would show the value
        expected = "a text of UTF-8, without half a surrogate pair" if isinstance(value, str) else "a text or bytes"
        raise InvalidRecord(f"Key {inst.name}", attribute.name, "(hidden)", expected)
    if len(value) < SHORTEST_SECRET:
        raise InvalidRecord(f"Key {inst.name}", attribute.name, "(hidden)", f"{SHORTEST_SECRET} bytes or more")


@frozen
class Key:
    """One secret under a `name` that may be shown; `until` is the instant from which it no longer counts.

    `secret` is what the vendor shows, as text or bytes; line breaks at the end of a text, as of one that was read from
    a file, do not count. None for `until`: no end. Raises `InvalidRecord` for
    a secret shorter than 8 bytes or of another type, without showing it.

    >>> Key("2026", "a secret nobody sees")
    Key(name='2026', until=None)
    """

    name: str = field(validator=text)
    secret: bytes = field(converter=_bytes, validator=_long_enough, repr=False)
    until: datetime | None = field(default=None, validator=maybe(instant))


def named_apart(record: str, field_name: str, keys: Sequence[Key]) -> None:
    """Raise `InvalidRecord` unless there is one key at least and no two have the same name."""
    names = [key.name for key in keys]
    if not names or len(set(names)) < len(names):
        raise InvalidRecord(record, field_name, names, "one key or more, each with a name of its own")


def some_keys(inst: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A validator: a tuple of one or more keys, each with a name of its own."""
    record = type(inst).__name__
    named_apart(record, attribute.name, keys_in(record, attribute.name, value))


def keys_in(record: str, field_name: str, value: object) -> tuple[Key, ...]:
    """The keys that a field was given; raises `InvalidRecord` for what is no tuple of keys, without showing it."""
    given = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (None,)
    keys = tuple(key for key in given if isinstance(key, Key))
    if len(keys) < len(given):
        raise InvalidRecord(record, field_name, "(hidden)", "a tuple of keys")
    return keys


def in_use(keys: Iterable[Key], now: datetime) -> tuple[Key, ...]:
    """The keys that count at `now`."""
    return tuple(key for key in keys if key.until is None or now < key.until)


def hmac_sha256(secret: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104, FIPS 180-4) of the parts one after the other, 32 bytes."""
    mac = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        mac.update(part)
    return mac.digest()


def matching(
    keys: Sequence[Key], now: datetime, scheme: str, given: Sequence[str], expected: Callable[[Key], Sequence[str]]
) -> str:
    """The name of the key that gives one of the signatures `given`, compared as text in constant time.

    `expected` says what a key gives: one text, or several where a vendor leaves room. Raises `WebhookRefused`
    (forged) when no key in use does.
    """
    found = ""
    for key in in_use(keys, now):
        for right in expected(key):
            for signature in given:
                if hmac.compare_digest(right.encode(), signature.encode(errors="backslashreplace")):
                    found = found or key.name
    if not found:
        raise refused(scheme, Reason.FORGED, "no key in use gives this signature")
    return found


def length(inst: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A validator: a length of time that is not below zero, under which no message would ever be believed."""
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise InvalidRecord(type(inst).__name__, attribute.name, value, "a timedelta of zero or more")


@frozen(kw_only=True)
class Window:
    """How far a signed time may lie from now: `past` and `future`, both inside. Five minutes each by default."""

    past: timedelta = field(default=timedelta(minutes=5), validator=length)
    future: timedelta = field(default=timedelta(minutes=5), validator=length)

    def admit(self, scheme: str, signed_at: datetime, now: datetime) -> None:
        """Raise `WebhookRefused` when `signed_at` lies outside."""
        # a difference, and no third instant: a window without an end must not leave the calendar
        if now - signed_at > self.past:
            raise refused(scheme, Reason.STALE, f"signed more than {self.past} ago; is this machine's clock right?")
        if signed_at - now > self.future:
            raise refused(scheme, Reason.EARLY, f"signed more than {self.future} ahead; is this machine's clock right?")


FIVE_MINUTES: Final = Window()
"""The window of Standard Webhooks, HubSpot and DocuSeal."""
