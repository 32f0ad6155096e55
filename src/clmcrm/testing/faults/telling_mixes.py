"""In which mixes of faults a broken rule can show at all: the others are passed over when a seed is looked for."""

from __future__ import annotations

from clmcrm.ports.records import (
    Creating,
    Side,
)
from clmcrm.testing.faults.mixes import Mix


def merged_in_parts(mix: Mix) -> bool:
    """Whether a run takes only a part of what it is told of merges."""
    return bool(mix.merges) and mix.at_most is not None


def entered_again(mix: Mix) -> bool:
    """Whether people enter again what they merged away."""
    return any(not mix.habits[side].new_ids for side in mix.merges) and any(kind.match for kind in mix.rules)


def unread(mix: Mix) -> bool:
    """Whether there are records that nobody can read."""
    return mix.garbles > 0


def unread_and_merged(mix: Mix) -> bool:
    """Whether there are such, and merges."""
    return unread(mix) and bool(mix.merges)


def keys_alone(mix: Mix) -> bool:
    """Whether nothing but its key keeps a creation from being done twice after the journal was lost."""
    keyed = mix.able[Side.CLM].creation is Creating.KEYED
    return mix.losses > 0 and mix.one_way and keyed and not any(kind.match for kind in mix.rules)


def late_and_looked_up(mix: Mix) -> bool:
    """Whether a creation may arrive late on a side where only a look-up would find it."""
    looked_up = any(able.creation is Creating.LOOKUP for able in mix.able.values())
    return looked_up and mix.rates.get("late", 0.0) >= 0.2


def late_by_the_clock(mix: Mix) -> bool:
    """Whether a late creation is kept out by nothing but the time since its send, and that time is short."""
    timed = any(a.creation is Creating.LOOKUP and not a.visible_lag for a in mix.able.values())
    return timed and mix.rates.get("late", 0.0) >= 0.2


def bound_late(mix: Mix) -> bool:
    """Whether a creation may arrive late on a side that binds by our mark, and people edit what it made."""
    unique = any(able.creation is Creating.UNIQUE for able in mix.able.values())
    return unique and mix.edit_rate >= 0.2 and max(mix.rates.get("late", 0.0), mix.rates.get("after", 0.0)) >= 0.2


def unfindable(mix: Mix) -> bool:
    """Whether a creation of unknown outcome can be settled by a person only."""
    return any(able.creation is Creating.NONE for able in mix.able.values()) and bool(mix.rates)
