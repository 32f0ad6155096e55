"""The parts of an event that can name a person, and the salted fingerprint that stands for each in the chain.

The rule of the file: the chain holds fingerprints only. A part and its salt lie beside the chain and can be
destroyed without breaking it; without the salt nobody can find out by trying names what the part said.

A part is sealed unless its type bounds it: days, instants, numbers, amounts, choices and ids are open, and
whatever may hold free text is not. So a new event is sealed before anybody thinks of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any, Final, Literal, NewType, cast, get_args

import attrs
from attrs import frozen

from clmcrm.codec.canonical import canonical_text
from clmcrm.codec.hook_types import origin_of
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.values.money import Money, UnitPrice
from clmcrm.values.span import Span
from clmcrm.values.tenor import Tenor

SALT_BYTES: Final = 32
"""How long the secret given for an entry must be at least, and how long the salt of each part is."""

_PART: Final = b"clmcrm.proof/1 part\n"
_BOUNDED: Final = (bool, int, Decimal, date, time, Enum, Money, UnitPrice, Span, Tenor)


@frozen
class Opening:
    """What a fingerprint stands for: the part's `value`, and the `salt` (hexadecimal) that hides it."""

    value: Json
    salt: str

    @property
    def commitment(self) -> str:
        """The fingerprint, in 64 hexadecimal digits."""
        said = canonical_text(self.value).encode()
        return sha256(_PART + bytes.fromhex(self.salt) + said).hexdigest()


def sealed_parts(event: object) -> frozenset[str]:
    """The names of the event's fields that may name a person.

    >>> from datetime import UTC, datetime
    >>> from clmcrm.clm.events import Signed
    >>> from clmcrm.clm.kinds import Party
    >>> signed = Signed(datetime(2026, 1, 5, tzinfo=UTC), "clm", side=Party.OWN, signer="Ada Byron")
    >>> sorted(sealed_parts(signed))
    ['by', 'note', 'signer']
    """
    cls = cast("type[attrs.AttrsInstance]", type(event))
    parts = attrs.fields(attrs.resolve_types(cls))
    return frozenset(part.name for part in parts if not _bounded(getattr(event, part.name), part.type))


def open_parts(secret: bytes, place: Mapping[str, Json], parts: Mapping[str, Json]) -> dict[str, Opening]:
    """Each part with a salt of its own, derived from the entry's `secret` and its `place` in the log.

    Raises `InvalidRecord` for a secret that is too short to hide anything.
    """
    if len(secret) < SALT_BYTES:
        raise InvalidRecord("LogEntry", "salt", f"{len(secret)} bytes", f"at least {SALT_BYTES} random bytes")
    openings: dict[str, Opening] = {}
    for name, value in parts.items():
        where = canonical_text({**place, "part": name}).encode()
        openings[name] = Opening(value, hmac.digest(secret, where, sha256).hex())
    return openings


def _bounded(value: object, annotation: Any) -> bool:  # noqa: ANN401 - an annotation is anything
    if value is None or isinstance(value, _BOUNDED):
        return True
    if isinstance(value, tuple):
        items, kinds = cast("tuple[object, ...]", value), _tuple_items(annotation)
        if Ellipsis not in kinds and len(kinds) == len(items):
            return all(_bounded(item, kind) for item, kind in zip(items, kinds, strict=True))
        # Several tuples to choose from, or one kind throughout: each item must be bounded as any of them.
        return all(_bounded(item, kind) for item in items for kind in kinds if kind is not Ellipsis) and bool(kinds)
    # An id is text of a kind of its own; everything else written as text may say anything.
    return isinstance(value, str) and _names_only(annotation)


def _tuple_items(annotation: Any) -> list[Any]:  # noqa: ANN401 - an annotation is anything
    if origin_of(annotation) is tuple:
        return list(get_args(annotation))
    return [item for part in get_args(annotation) for item in _tuple_items(part)]


def _names_only(annotation: Any) -> bool:  # noqa: ANN401 - an annotation is anything
    if isinstance(annotation, NewType) or origin_of(annotation) is Literal:
        return True
    texts = [part for part in get_args(annotation) if part is str or isinstance(part, NewType)]
    return bool(texts) and str not in texts
