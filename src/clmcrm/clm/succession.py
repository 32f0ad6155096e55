"""Who stands on the other side on a day: of the whole contract, or of one lot of it.

A place may pass by assignment (the contract goes on with another party), by novation (another contract takes
over), for everything or for single lines only. The rule of the file: the answer depends on the day asked about
and on what was on record, and an earlier answer never changes.
"""

from __future__ import annotations

from datetime import date

from attrs import frozen

from clmcrm.clm.amendments import AmendmentKind
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.events import PartyAssigned
from clmcrm.clm.kinds import Party
from clmcrm.clm.versions import accepted
from clmcrm.values.ids import AccountId, AmendmentId, ContractId, LineId


@frozen(kw_only=True)
class LotMoved:
    """The line `line` passed on `from_day` to `to` (None: stays with the party) or into `successor`, or both."""

    line: LineId
    from_day: date
    amendment: AmendmentId
    to: AccountId | None
    successor: ContractId | None


def lots_moved(contract: Contract, day: date, known_on: date | None = None) -> tuple[LotMoved, ...]:
    """Every single line that passed to somebody else by `day`, in the order in which they did."""
    return tuple(
        LotMoved(
            line=line,
            from_day=amendment.effective_on,
            amendment=amendment.id,
            to=amendment.to_account,
            successor=amendment.successor,
        )
        for amendment in accepted(contract, known_on)
        if amendment.kind in (AmendmentKind.ASSIGNS, AmendmentKind.NOVATES) and amendment.effective_on <= day
        for line in amendment.lots
    )


def counterparty_on(
    contract: Contract, day: date, line: LineId | None = None, known_on: date | None = None
) -> AccountId | None:
    """The account on the other side on `day`, of the whole contract or of one `line`; None when not known.

    By the assignments in force on `day`, whether recorded as an event (`PartyAssigned`, from the day it was
    recorded) or agreed in an amendment; of two on one day, the amendment holds. A line that passed by itself
    stays with whom it passed to when the rest passes on later.
    """
    steps: list[tuple[date, int, AccountId | None]] = [
        (from_day, 0, account) for from_day, account in _assigned_by_event(contract, known_on or date.max)
    ]
    steps += [
        (amendment.effective_on, 1, amendment.to_account)
        for amendment in accepted(contract, known_on)
        if amendment.kind is AmendmentKind.ASSIGNS and not amendment.lots and amendment.side is Party.COUNTERPARTY
    ]
    lots = [moved.to for moved in lots_moved(contract, day, known_on) if moved.line == line and moved.to is not None]
    if lots:
        return lots[-1]
    passed = [to for from_day, _, to in sorted(steps, key=lambda step: step[:2]) if from_day <= day]
    return passed[-1] if passed else contract.counterparty


def _assigned_by_event(contract: Contract, known_on: date) -> list[tuple[date, AccountId]]:
    events = not_undone(contract.events, known_on)
    return [(event.at.date(), event.to) for event in events if isinstance(event, PartyAssigned)]
