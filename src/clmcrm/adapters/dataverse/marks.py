r"""Our keys as values of an alternate key: told apart without regard to case, and of signs that an address takes.

Dataverse compares texts without regard to case, and a row cannot be reached by an alternate key that holds one of
/ < > * % & : \ ? + #. So small letters, digits, "-", "." and "_" stand for themselves, and every other byte of a mark
is "~" with its two hexadecimal digits.
Source: Dataverse developer guide, "Define alternate keys for a table", "Use of characters in alternate keys".
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 450
"""How many characters a key has at most: what its index holds in 900 bytes."""
_OTHER: Final = re.compile(rb"[^a-z0-9._-]")
_CODED: Final = re.compile(r"~([0-9a-f]{2})")


def as_value(mark: str) -> str:
    """The value that stands for a mark.

    >>> as_value("contact:A b")
    'contact~3a~41~20b'
    """
    return _OTHER.sub(lambda found: b"~%02x" % found.group()[0], mark.encode()).decode()


def mark_of(value: object) -> str | None:
    """The mark that a value stands for; None for none, and for what is no value of ours.

    >>> mark_of(as_value("contact:A b")), mark_of(""), mark_of("~zz")
    ('contact:A b', None, None)
    """
    if not isinstance(value, str) or not value:
        return None
    try:
        mark = _CODED.sub(lambda found: chr(int(found.group(1), 16)), value.lower()).encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    return mark if mark and as_value(mark) == value.lower() else None
