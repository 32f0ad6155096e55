"""Where a described system is: an address that paths are put behind, and how one that is none is told.

The rule of the file: what stands before an @, or behind a question mark, may be a password or a token, and is never
repeated.
"""

from __future__ import annotations

from clmcrm.adapters._http import origin_of


def origin_below(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address that paths can be put behind; raises `ValueError` for any other.

    >>> origin_below("https://api.acme.example/v1")
    ('https', 'api.acme.example', 443)
    """
    if "?" in address or "#" in address:
        raise ValueError("paths are put behind it, so it ends before a question mark or a #")
    return origin_of(address)


def shown_address(address: str) -> str:
    """The address as an error may show it.

    >>> shown_address("https://ann:secret@acme.example"), shown_address("https://acme.example/v1?key=secret")
    ('(not shown: it names a user)', 'https://acme.example/v1?(not shown)')
    """
    if "@" in address:
        return "(not shown: it names a user)"
    ends = [place for place in map(address.find, "?#") if place >= 0]
    return address if not ends else f"{address[: min(ends) + 1]}(not shown)"
