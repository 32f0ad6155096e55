"""What a system does that no capability says."""

from __future__ import annotations

from typing import Final

from attrs import frozen

POISON: Final = "poison"
"""A value that begins like this is refused by a system with the habit `poisonous`."""


@frozen(kw_only=True)
class Habits:
    """What no capability says.

    `page` rows a page; `slack` until a change that began is there, `lag` until it shows in feeds and look-ups (both
    in milliseconds); `tombstones` shown by reads; keys that are `loose` (they hold only for the same body); texts
    it `shouts`; values it refuses (`poisonous`); `new_ids` for what is merged.
    """

    page: int = 3
    slack: int = 0
    lag: int = 0
    tombstones: bool = False
    loose: bool = False
    shouts: bool = False
    poisonous: bool = False
    new_ids: bool = False
