"""Our keys in custom fields of Pipedrive's, by the names that people see.

A field of text holds 255 characters. It is not unique: what keeps a creation from happening twice is that we look
first. Searches tell capital letters apart, but are an index: what they find is read before it is believed.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.pipedrive.plain import Unwritable

KEY: Final = "clmcrm key"
"""The custom field that carries our key on every record we create; the company must have it."""

LONGEST: Final = 255


def as_value(mark: str) -> str:
    """The value that stands for a mark: the mark itself; raises `Unwritable` for one that does not fit.

    >>> as_value("account:A 7")
    'account:A 7'
    """
    if len(mark) > LONGEST or mark != mark.strip():
        raise Unwritable(f"our key has {len(mark)} characters; a field of text holds {LONGEST}, and no blank around it")
    return mark
