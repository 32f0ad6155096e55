"""What became of the remedies of one occurrence: dormant, held, fired once, waived.

The rule of the file: a remedy fires on a day that follows from the facts, under an id that is derived from
them. Asked every day or once a year, the answer is the same.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from attrs import frozen

from clmcrm.calendars.months import add_days
from clmcrm.clm.norms.clocks import Rest
from clmcrm.clm.norms.commands import AddObligation, duty_command
from clmcrm.clm.norms.dispute_region import Contested, undisputed_from
from clmcrm.clm.norms.entries import AmountClaimed, AnyEntry, RemedyWaived
from clmcrm.clm.norms.late_fees import late_interest
from clmcrm.clm.norms.ledger import Ignored
from clmcrm.clm.norms.obligation_clock import ObligationClock
from clmcrm.clm.norms.obligation_walk import Walk
from clmcrm.clm.obligations import Obligation
from clmcrm.clm.remedies import FixedFee, LateInterest, NewDuty, OpensPower, PowerId, Remedy, RemedyTrigger
from clmcrm.errors import CurrencyMismatch
from clmcrm.values.ids import ContractId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown
from clmcrm.values.wording import Wording


class RemedyState(StrEnum):
    """Where a remedy stands."""

    DORMANT = "dormant"
    HELD = "held"
    FIRED = "fired"
    WAIVED = "waived"


_FRENCH: Final = {
    RemedyState.DORMANT: "en sommeil",
    RemedyState.HELD: "retenu par un litige",
    RemedyState.FIRED: "déclenché",
    RemedyState.WAIVED: "abandonné",
}


@frozen(kw_only=True)
class RemedyStanding:
    """A remedy on a day.

    `id` is derived from remedy, obligation and occurrence. `fired_on` is the first day it could be used
    (None: it has not fired). `amount` is a fee's sum up to the day asked (`running`: it still grows), or why
    it cannot be said; None for other remedies. `command` is a duty to add, `opens` a power that opened.
    `claimed_on` is the day it was claimed (None: it was not).
    """

    id: str
    remedy: Remedy
    state: RemedyState
    fired_on: date | None
    amount: Money | Unknown | None
    running: bool
    command: AddObligation | None
    opens: PowerId | None
    claimed_on: date | None
    why: Wording


def derived_id(obligation: Obligation, of: date | None, remedy: Remedy) -> str:
    """The id of one firing of a remedy: the same whoever computes it, and however often."""
    return ":".join([obligation.id, *([] if of is None else [of.isoformat()]), remedy.id])


def remedy_standings(
    contract: ContractId,
    obligation: Obligation,
    of: date | None,
    walk: Walk,
    clock: ObligationClock,
    *,
    entries: tuple[AnyEntry, ...],
    disputes: tuple[Contested, ...],
    as_of: date,
) -> tuple[tuple[RemedyStanding, ...], tuple[Ignored, ...]]:
    """Every remedy of the occurrence `of` on `as_of`, and the entries about remedies that had no place."""
    found: list[RemedyStanding] = []
    ignored: list[Ignored] = []
    for remedy in obligation.remedies:
        due = _due(remedy, walk)
        fired_on = undisputed_from(disputes, due) if due is not None and remedy.held_by_dispute else due
        waived = [e for e in entries if isinstance(e, RemedyWaived) and e.remedy == remedy.id]
        claims = [e for e in entries if isinstance(e, AmountClaimed) and e.remedy == remedy.id]
        state, why = _state(due, fired_on, as_of, waived)
        fired = state is RemedyState.FIRED and fired_on is not None
        then = {e: _state(due, fired_on, e.on, [w for w in waived if w.on <= e.on])[0] for e in claims}
        ignored += [Ignored(e, _no_claim(was)) for e, was in then.items() if was is not RemedyState.FIRED]
        consequence, own = remedy.consequence, derived_id(obligation, of, remedy)
        found.append(
            RemedyStanding(
                id=own,
                remedy=remedy,
                state=state,
                fired_on=fired_on if fired else None,
                amount=_fee(obligation, remedy, walk, clock, as_of) if fired else None,
                running=fired and isinstance(consequence, LateInterest) and walk.ended_on is None,
                command=(
                    duty_command(
                        contract, own, consequence, fired_on, obligor=obligation.obligor, obligee=obligation.obligee
                    )
                    if fired and fired_on is not None and isinstance(consequence, NewDuty)
                    else None
                ),
                opens=consequence.power if fired and isinstance(consequence, OpensPower) else None,
                claimed_on=min((e.on for e, was in then.items() if was is RemedyState.FIRED), default=None),
                why=why,
            )
        )
    known = {remedy.id for remedy in obligation.remedies}
    strange = [e for e in entries if isinstance(e, RemedyWaived | AmountClaimed) and e.remedy not in known]
    no_such = Wording("the obligation has no such remedy", "l'obligation ne prévoit pas ce remède")
    return tuple(found), (*ignored, *(Ignored(entry, no_such) for entry in strange))


def _due(remedy: Remedy, walk: Walk) -> date | None:
    """The day on which the remedy would fire, were nothing in its way."""
    if walk.breach is None:
        return None
    return walk.breach.since if remedy.fires is RemedyTrigger.BREACH else walk.breach.uncured_from


def _state(
    due: date | None, fired_on: date | None, as_of: date, waived: list[RemedyWaived]
) -> tuple[RemedyState, Wording]:
    if waived:
        day = min(entry.on for entry in waived)
        return RemedyState.WAIVED, Wording(f"waived on {day}", f"renonciation le {day}")
    if due is None or due > as_of:
        return RemedyState.DORMANT, Wording("nothing has set it off", "rien ne l'a déclenché")
    if fired_on is None or fired_on > as_of:
        return RemedyState.HELD, Wording(f"held by a dispute since {due}", f"retenu par un litige depuis le {due}")
    return RemedyState.FIRED, Wording(f"fired on {fired_on}", f"déclenché le {fired_on}")


def _no_claim(was: RemedyState) -> Wording:
    return Wording(f"the remedy was {was.value} then", f"le remède était alors {_FRENCH[was]}")


def _fee(
    obligation: Obligation, remedy: Remedy, walk: Walk, clock: ObligationClock, as_of: date
) -> Money | Unknown | None:
    fee = remedy.consequence
    if isinstance(fee, FixedFee):
        return fee.amount
    if not isinstance(fee, LateInterest):
        return None
    after = clock.due_on if fee.from_due_day else clock.last_allowed
    if isinstance(after, Unknown):
        return after
    if obligation.amount is None:
        return Unknown(f"{obligation.id} states no amount that could bear interest")
    if isinstance(clock.owed_from, date):
        after = max(after, add_days(clock.owed_from, -1))  # nothing is late before it binds
    rests: tuple[Rest, ...] = clock.rests
    until = min(walk.ended_on or as_of, as_of)
    try:
        return late_interest(fee, obligation.amount, after=after, until=until, paid=walk.paid, rests=rests)
    except CurrencyMismatch as mismatch:
        return Unknown(str(mismatch))
