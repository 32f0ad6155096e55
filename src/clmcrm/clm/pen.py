"""Who may write in a negotiation: only the side that holds the pen edits the draft and passes it on.

The rule of the file: everybody may remark at any time; everything else is the holder's. What we give way to is
noted before the change that gives way is accepted, by somebody whom the playbook lets concede it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Final

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import TurnPassed
from clmcrm.clm.kinds import Party
from clmcrm.clm.lifecycle import advance
from clmcrm.clm.negotiation import NegotiationRound, negotiation_rounds
from clmcrm.clm.negotiation_entries import (
    AnyEntry,
    Commented,
    Conceded,
    Negotiation,
    RedlineAccepted,
    RedlineCountered,
    noted,
    redlines,
)
from clmcrm.clm.playbook import Playbook, conceding
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.instants import in_utc

_OTHER: Final = {Party.OWN: Party.COUNTERPARTY, Party.COUNTERPARTY: Party.OWN}
_NO_HATS: Final[Mapping[str, Collection[str]]] = {}


def holder(contract: Contract, at: datetime) -> Party | None:
    """The side that holds the pen at `at`; None when nobody does: before the draft, or once it went for signature."""
    turn = _turn(contract, at)
    return None if turn is None else turn.side


def written(
    negotiation: Negotiation,
    contract: Contract,
    entry: AnyEntry,
    *,
    playbook: Playbook | None = None,
    hats: Mapping[str, Collection[str]] = _NO_HATS,
) -> Negotiation:
    """The negotiation with `entry` added by one who may; the one passed in is unchanged.

    `playbook` says what we may concede (None: nothing is looked at), `hats` which roles each of our people has. A
    redline with a `topic` of the playbook is accepted, or answered by a change of our own, only after a `Conceded`
    entry that names it: position 0 where we keep to our preference.

    Raises `TransitionNotAllowed` when the other side, or nobody, holds the pen or no concession is on record,
    `BeyondAuthority` for a concession that is not this person's to make, `InvalidRecord` for another contract's
    negotiation, and whatever `clmcrm.clm.negotiation_entries.noted` raises.
    """
    if negotiation.contract != contract.id:
        raise InvalidRecord("Negotiation", "contract", negotiation.contract, contract.id)
    if not isinstance(entry, Commented):
        _check_pen(contract, type(entry).__name__, entry.side, entry.at)
    if playbook is not None and entry.side is Party.OWN:
        if isinstance(entry, Conceded):
            return conceding(negotiation, entry, playbook, hats)
        if isinstance(entry, RedlineAccepted | RedlineCountered):
            _check_conceded(negotiation, entry, playbook)
    return noted(negotiation, entry)


def turn_passed(contract: Contract, at: datetime, by: str, *, side: Party, note: str = "") -> Contract:
    """The contract with the pen passed on by `side`, which must hold it, to the other; see `advance` for the rest.

    Raises `TransitionNotAllowed` when the side does not hold the pen.
    """
    _check_pen(contract, "TurnPassed", side, at)
    return advance(contract, TurnPassed(at, by, to=_OTHER[side], note=note))


def _turn(contract: Contract, at: datetime) -> NegotiationRound | None:
    """The turn that runs at `at`; a turn ends where the next begins, which has the instant itself."""
    now = in_utc(at, "at")
    begun = [turn for turn in negotiation_rounds(contract.events) if turn.opened_at.astimezone(UTC) <= now]
    if not begun or (begun[-1].closed_at is not None and begun[-1].closed_at.astimezone(UTC) <= now):
        return None
    return begun[-1]


def _check_pen(contract: Contract, name: str, side: Party, at: datetime) -> None:
    turn = _turn(contract, at)
    if turn is not None and turn.side is side:
        return
    if turn is None:
        why = "nobody holds the pen"
    else:
        why = f"{turn.side.value} holds the pen since {turn.opened_at.isoformat()}"
    raise TransitionNotAllowed(f"negotiation of {contract.id}", name, "negotiation", ("Commented",), (why,))


def _check_conceded(negotiation: Negotiation, entry: RedlineAccepted | RedlineCountered, playbook: Playbook) -> None:
    asked = next((each for each in redlines(negotiation) if each.key == entry.redline), None)
    if asked is None or not asked.change.topic:
        return
    topic = playbook.topic(asked.change.topic)
    ours = [each for each in negotiation.entries if isinstance(each, Conceded) and each.side is Party.OWN]
    if any(each.redline == entry.redline and each.topic == topic.name for each in ours):
        return
    where = f"redline {asked.key} ({asked.change.citation})"
    why = f"it is about {topic.name}: a Conceded entry that names it, and the position, comes first"
    possible = ("Conceded", "RedlineRejected", "Commented")
    raise TransitionNotAllowed(where, type(entry).__name__, asked.state.value, possible, (why,))
