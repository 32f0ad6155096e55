"""Whether everything owed has been done: what stands between a contract and its completion."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.calendars.months import nth
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.norms.contract_life import contract_life
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.obligation_chart import STATE_WORDS
from clmcrm.clm.norms.obligation_standings import ObligationStanding
from clmcrm.clm.obligations import DueEvery, Obligation
from clmcrm.values.days import check_days
from clmcrm.values.ids import ObligationId
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class Fulfilment:
    """What is still open on a day.

    `open` are occurrences that may still be owed, `endless` obligations that recur as long as the contract
    lasts. What survives the contract is in neither.
    """

    open: tuple[ObligationStanding, ...]
    endless: tuple[ObligationId, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing stands between the contract and its completion."""
        return not self.open and not self.endless

    @property
    def why_not(self) -> tuple[Wording, ...]:
        """What is in the way, one sentence each; empty when nothing is."""
        still = (
            Wording(f"{s.obligation}{_of(s, 'of')} is {said.en}", f"{s.obligation}{_of(s, 'du')} : {said.fr}")
            for s in self.open
            for said in (STATE_WORDS[s.state],)
        )
        lasting = (
            Wording(f"{name} recurs as long as the contract", f"{name} dure autant que le contrat")
            for name in self.endless
        )
        return (*still, *lasting)


def fulfilment_of(
    contract: Contract,
    ledger: NormLedger,
    as_of: date,
    known_on: date | None = None,
    *,
    disputes: Iterable[Dispute] = (),
    calendar: HolidayCalendar | None = None,
) -> Fulfilment:
    """What of the contract's non-surviving obligations is open on `as_of`, by what was recorded by `known_on`.

    >>> from clmcrm.clm.kinds import ContractKind
    >>> from clmcrm.values.ids import ContractId
    >>> empty = Contract(id=ContractId("C"), title="t", kind=ContractKind.NDA)
    >>> fulfilment_of(empty, NormLedger(contract=ContractId("C")), date(2026, 1, 1)).complete
    True
    """
    check_days("fulfilment_of", as_of=as_of)
    life = contract_life(contract, as_of, known_on)
    end = life.last_day if isinstance(life.last_day, date) else None
    surviving = {obligation.id for obligation in contract.obligations if obligation.survives}
    lasts = {o.id: _last_due(o, end) for o in contract.obligations if o.id not in surviving}
    until = max([as_of, *(day for day in lasts.values() if day is not None)])
    reading = norms_of(contract, ledger, as_of, known_on, until=until, disputes=disputes, calendar=calendar)
    ended = life.ended_from is not None and life.ended_from <= as_of
    return Fulfilment(
        open=tuple(s for s in reading.obligations if s.open and s.obligation not in surviving),
        endless=() if ended else tuple(name for name, day in lasts.items() if day is None),
    )


def _last_due(obligation: Obligation, end: date | None) -> date | None:
    """A day by which every occurrence has been due; None for one that goes on; the first day for one-offs."""
    due = obligation.due
    if not isinstance(due, DueEvery):
        return date.min
    by_times = None if due.times is None else nth(due.first_on, due.every, due.times)
    return min((day for day in (due.last_day, by_times, end) if day is not None), default=None)


def _of(standing: ObligationStanding, of: str) -> str:
    return "" if standing.agreed_on is None else f" {of} {standing.agreed_on}"
