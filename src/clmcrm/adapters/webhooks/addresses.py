"""Which addresses a message may be sent to: https, a public host, no name or password in it.

An address that users configure is a way to make this machine call its own network (CWE-918). Here the address is
judged as it is written, in all the spellings a system's resolver accepts; a name that resolves to a private
address has to be caught where the connection is made.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from clmcrm.errors import InvalidRecord

# RFC 6761, RFC 6762 (appendix G), RFC 7686, RFC 8375, and what a cluster of Kubernetes calls its services.
_LOCAL_NAMES: Final = (
    "localhost", "local", "internal", "intranet", "private", "lan", "home", "corp", "home.arpa", "localdomain",
    "test", "invalid", "onion", "svc",
)  # fmt: skip
_LABEL: Final = re.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile("0x[0-9a-f]*|[0-9]+")
_LONGEST: Final = 2048
_NOT_OUTSIDE: Final = (
    IPv4Network("192.0.0.0/24"),  # for protocols (RFC 6890); one cloud's metadata stood here
    IPv4Network("192.88.99.0/24"),  # the relays of 6to4, which are no more (RFC 7526)
    IPv4Network("168.63.129.16/32"),  # looks public, and is the platform behind each virtual machine of Azure
)
"""IPv4 addresses that `is_global` calls public, all or in some versions of Python, and that lead inside."""
_PUBLIC_SPACE: Final = IPv6Network("2000::/3")
_FOR_DOCUMENTS: Final = IPv6Network("3fff::/20")


def checked_url(url: str, *, private: bool = False) -> str:
    """The URL unchanged; raises `InvalidRecord` for one that must not be called. The query is never shown.

    `private` allows http and private addresses: for a test, or a receiver in one's own network.

    >>> checked_url("https://example.com/hooks?x=1")
    'https://example.com/hooks?x=1'
    """
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _wrong("(hidden)", f"at most {_LONGEST} printable ASCII characters without spaces or backslashes")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise _wrong("(hidden)", "a URL") from None
    if parts.username is not None or parts.password is not None:
        raise _wrong("(hidden)", "no name or password before the host")
    if not host or parts.scheme not in (("https", "http") if private else ("https",)):
        raise _wrong(f"{parts.scheme}://...", "a URL that starts with https:// and names a host")
    if not private:
        _public(host)
    return url


def _public(host: str) -> None:
    found = _literal(host.rstrip("."))
    if found is not None:
        if not found.is_global or found.is_multicast or _elsewhere(found):
            raise _wrong(host, "an address on the public internet")
        return
    labels = host.rstrip(".").split(".")
    if len(labels) == 1 or labels[-1] in _LOCAL_NAMES or ".".join(labels[-2:]) in _LOCAL_NAMES:
        raise _wrong(host, "a name on the public internet")
    if not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        raise _wrong(host, "a host name of letters, digits and hyphens")


def _elsewhere(address: IPv4Address | IPv6Address) -> bool:
    """Whether it leads somewhere else than to the public host that `is_global` takes it for."""
    if isinstance(address, IPv4Address):
        return any(address in inside for inside in _NOT_OUTSIDE)
    return address.ipv4_mapped is not None or _tunnel(address) or not _given_out(address)


def _given_out(address: IPv6Address) -> bool:
    """Whether it lies where public IPv6 addresses do: 2000::/3 (IANA), less what is for documents (RFC 9637).

    Outside it stand the old site-local addresses (fec0::/10, RFC 3879) and IPv4-translated ones (RFC 2765), which
    `is_global` calls public.
    """
    return address in _PUBLIC_SPACE and address not in _FOR_DOCUMENTS


def _tunnel(address: IPv6Address) -> bool:
    """Whether an IPv4 address stands inside: 6to4, Teredo, NAT64, or the old compatible form."""
    nat64 = address.packed[:4] == b"\x00\x64\xff\x9b"
    return address.sixtofour is not None or address.teredo is not None or nat64 or address.packed[:12] == bytes(12)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address a host is, in any spelling that inet_aton reads too (0x7f.1, 017700000001, 2130706433)."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    pieces = host.split(".")
    if not 1 <= len(pieces) <= _PIECES or not all(_NUMBER.fullmatch(piece) for piece in pieces):
        return None
    try:
        numbers = [_number(piece) for piece in pieces]
    except ValueError:
        raise _wrong(host, "an IPv4 address of four decimal numbers") from None
    whole = numbers[-1]
    for place, number in enumerate(numbers[:-1]):
        whole += number << (24 - 8 * place)
    if whole >= 1 << 32:
        raise _wrong(host, "an IPv4 address of four decimal numbers")
    return IPv4Address(whole)


_PIECES: Final = 4


def _number(piece: str) -> int:
    if piece.startswith("0x"):
        return int(piece[2:] or "0", 16)
    return int(piece, 8) if len(piece) > 1 and piece.startswith("0") else int(piece)


def _wrong(value: str, expected: str) -> InvalidRecord:
    return InvalidRecord("Destination", "url", value, expected)
