"""What a record's version is: the time stamp of its own row and of every row that belongs to it.

Tryton stamps each row by itself: a new street changes the address and not the party. A version therefore
names all the rows a record is made of, and a write depends on all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from clmcrm.errors import TerminalError

STAMP = "_timestamp"


def stamps(model: str, row: Mapping[str, Any], parts: Mapping[str, str]) -> dict[str, str]:
    """The time stamps of a row and of its parts; `parts` names the model behind each field of parts.

    >>> stamps("party.party", {"id": 2, "_timestamp": "7.1", "addresses.": [{"id": 1, "_timestamp": "7.0"}]},
    ...        {"addresses": "party.address"})
    {'party.party,2': '7.1', 'party.address,1': '7.0'}
    """
    found = {f"{model},{row['id']}": str(row[STAMP])}
    for name, kind in parts.items():
        for part in cast("Iterable[Mapping[str, Any]]", row.get(f"{name}.") or ()):
            found[f"{kind},{part['id']}"] = str(part[STAMP])
    return found


def version_of(found: Mapping[str, str]) -> str:
    """The time stamps as one text.

    >>> version_of({"party.party,2": "7.1"})
    '{"party.party,2":"7.1"}'
    """
    return json.dumps(dict(sorted(found.items())), separators=(",", ":"))


def stamps_in(version: str, vendor: str) -> dict[str, str]:
    """The time stamps that a version names; raises `TerminalError` for a text that is none of ours."""
    try:
        found = json.loads(version)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise TerminalError(vendor, f"{version!r} is no version of its records")
    return {str(key): str(value) for key, value in cast("dict[str, Any]", found).items()}
