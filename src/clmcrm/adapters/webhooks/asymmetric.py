"""Signatures that anyone can check and one party can make: RSA and ed25519, by the package `cryptography`.

The extra `webhooks` brings it; it is imported when a public key is read, and `MissingExtra` says so when it is
absent.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Final, TypeAlias

from clmcrm.adapters.webhooks.keys import Key
from clmcrm.errors import InvalidRecord, MissingExtra

Check: TypeAlias = Callable[[bytes, bytes], bool]
"""Whether a signature (first) over these bytes (second) was made by the key's other half."""

SHORTEST_RSA: Final = 2048
"""Bits below which an RSA key is refused (NIST SP 800-131A)."""


def rsa_sha256(key: Key) -> Check:
    """The check of RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2) under a public key in PEM.

    Raises `MissingExtra` without `cryptography`, `InvalidRecord` for anything but an RSA key of 2048 bits or more.
    """
    try:
        from cryptography.exceptions import (  # noqa: PLC0415 - an optional package, when it is used
            InvalidSignature,
            UnsupportedAlgorithm,
        )
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - as above
    except ImportError:
        raise MissingExtra("webhooks", "checking an RSA signature") from None
    try:
        public = load_pem_public_key(key.secret)
    except (ValueError, UnsupportedAlgorithm):
        public = None
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < SHORTEST_RSA:
        raise InvalidRecord(f"Key {key.name}", "secret", "(hidden)", "an RSA public key in PEM, 2048 bits or more")

    def check(signature: bytes, signed: bytes) -> bool:
        try:
            public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    return check


def ed25519(key: Key) -> Check:
    """The check of Ed25519 (RFC 8032) under a public key as Standard Webhooks writes it (`whpk_`, base64).

    Raises `MissingExtra` without `cryptography`, `InvalidRecord` for anything but 32 bytes in base64.
    """
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an optional package, when it is used
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above
    except ImportError:
        raise MissingExtra("webhooks", "checking an ed25519 signature") from None
    try:
        public = Ed25519PublicKey.from_public_bytes(unprefixed(key, "whpk_"))
    except ValueError:
        raise InvalidRecord(f"Key {key.name}", "secret", "(hidden)", "whpk_ and 32 bytes in base64") from None

    def check(signature: bytes, signed: bytes) -> bool:
        try:
            public.verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    return check


def unprefixed(key: Key, prefix: str) -> bytes:
    """The bytes of a key written as `prefix` and base64 (the prefix may be missing); `InvalidRecord` otherwise."""
    try:
        return base64.b64decode(key.secret.removeprefix(prefix.encode()), validate=True)
    except (ValueError, binascii.Error):
        raise InvalidRecord(f"Key {key.name}", "secret", "(hidden)", f"{prefix} followed by base64") from None


def canonical_base64(signature: str) -> bytes | None:
    """The bytes of a signature in base64; None when it is not written in the one right way."""
    try:
        found = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return None
    return found if base64.b64encode(found).decode() == signature else None
