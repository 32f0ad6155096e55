"""A contract as it was known on a day: nothing that was recorded later is seen, and nothing that was taken back.

What is asked about and what is known are two days: a question about one day may be asked with what was recorded by
another.
"""

from __future__ import annotations

from datetime import date

import attrs

from clmcrm.clm.chronicle import dated, not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AnyEvent
from clmcrm.clm.versions import as_amended


def as_known(contract: Contract, as_of: date, known_on: date | None = None) -> Contract:
    """The contract as it stood on `as_of` by what had been recorded by `known_on`, amendments applied.

    As `as_recorded`, with the amendments in force on `as_of`.
    """
    seen = as_recorded(contract, as_of, known_on)
    return as_amended(seen, as_of) if seen.amendments else seen


def as_recorded(contract: Contract, as_of: date, known_on: date | None = None) -> Contract:
    """The contract's first text, with the events about `as_of` that were recorded by `known_on` (None: by `as_of`).

    An event taken back by `Undone` is left out; asking about a past day never sees what came later. Of what was
    recorded after `as_of`, only what counts from that day or an earlier one is there.
    """
    events = standing_events(contract, as_of if known_on is None else known_on)
    if known_on is not None and known_on > as_of:
        told = dated(contract, events)
        events = tuple(each for day, each in told if day <= as_of or each.at.date() <= as_of)
    return contract if len(events) == len(contract.events) else attrs.evolve(contract, events=events)


def standing_events(contract: Contract, as_of: date) -> tuple[AnyEvent, ...]:
    """The events recorded on or before `as_of` that were not taken back by then, oldest first."""
    return tuple(not_undone(contract.events, as_of))
