"""Figures of the contract side: how long a contract takes, whether rules were kept, what is contested.

What each figure means stands in `clmcrm.clm.figure_definitions`; every result names what it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from clmcrm.calendars.calendar import CalendarSource
from clmcrm.clm import events as e
from clmcrm.clm.approval_record import was_approved
from clmcrm.clm.chronicle import not_undone
from clmcrm.clm.contract import Contract
from clmcrm.clm.cycle_phases import Cycle, CyclePhase, cycle_of
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.figure_definitions import (
    AMOUNT_IN_DISPUTE,
    APPROVAL_COMPLIANCE,
    CYCLE_TIME,
    DEADLINE_ADHERENCE,
    OBLIGATIONS_BY_STATE,
    OPEN_DISPUTES,
    PHASE_TIME,
)
from clmcrm.clm.kinds import ContractKind, Party
from clmcrm.clm.norms.contract_norms import norms_of
from clmcrm.clm.norms.ledger import NormLedger
from clmcrm.clm.norms.obligation_chart import ObligationState
from clmcrm.clm.norms.obligation_standings import ObligationStanding
from clmcrm.clm.notice import calendar_of
from clmcrm.clm.obligations import Obligation
from clmcrm.values.conversion import DatedAmount, in_one_currency
from clmcrm.values.currencies import Currency
from clmcrm.values.days import check_days
from clmcrm.values.exact import round_to
from clmcrm.values.figures import Figure, FigureValue, LeftOut
from clmcrm.values.ids import ContractId
from clmcrm.values.money import total
from clmcrm.values.partial import Unknown
from clmcrm.values.rates import RateTable
from clmcrm.values.span import Span

_SHARE_PLACES: Final = 4
_DAY_PLACES: Final = 2
_IN_TIME: Final = frozenset({ObligationState.FULFILLED})
_LATE: Final = frozenset(
    {ObligationState.BREACHED, ObligationState.UNCURED, ObligationState.CURED, ObligationState.LATE_FULFILLED}
)
NO_LEDGERS: Final[Mapping[ContractId, NormLedger]] = {}
"""No ledger for any contract: only the performances on the contracts' own records count."""


def cycle_time(contracts: Iterable[Contract], period: Span | None = None) -> Figure:
    """Mean days (two decimals) from the request to the last needed signature, by the days they were recorded.

    `period` keeps the contracts whose last signature was recorded in it (None: all). Contracts that were not
    requested here, or not signed by everybody yet, are left out by name.

    >>> str(cycle_time([]).value)
    'unknown: no contract has both a request and a last signature'
    """
    cycles, left_out = _cycles(contracts, period)
    return CYCLE_TIME.result(_mean_days([cycle.days for cycle in cycles]), "days", len(cycles), left_out)


def cycle_time_by_phase(contracts: Iterable[Contract], period: Span | None = None) -> dict[CyclePhase, Figure]:
    """The mean days (two decimals) in each phase before the last signature; the means sum to the cycle time.

    Unrounded they sum to it exactly; a contract that skipped a phase spent 0 days in it. Population, period
    and what is left out are those of `cycle_time`.

    >>> cycle_time_by_phase([])[CyclePhase.APPROVAL].population
    0
    """
    cycles, left_out = _cycles(contracts, period)
    return {
        phase: PHASE_TIME.result(_mean_days([c.days_in[phase] for c in cycles]), "days", len(cycles), left_out)
        for phase in CyclePhase
    }


def _cycles(contracts: Iterable[Contract], period: Span | None) -> tuple[list[Cycle], list[LeftOut]]:
    cycles: list[Cycle] = []
    left_out: list[LeftOut] = []
    for contract in contracts:
        cycle = cycle_of(contract)
        if isinstance(cycle, str):
            left_out.append(LeftOut(record=str(contract), reason=cycle))
        elif period is None or cycle.signed_on in period:
            cycles.append(cycle)
    return cycles, left_out


def _mean_days(days: list[int]) -> FigureValue:
    if not days:
        return Unknown("no contract has both a request and a last signature")
    return round_to(Fraction(sum(days), len(days)), _DAY_PLACES)


def approval_compliance(contracts: Iterable[Contract], period: Span | None = None) -> Figure:
    """The share (0 to 1, four decimals) of the contracts sent for signature that had been approved before.

    Every sending must follow every approval needed, given since the text was last changed by somebody who did not
    write it; where no role is named, one approval is enough. Where it was submitted, its round must be complete by
    its own rules (`clmcrm.clm.approval_record`). `period` keeps the contracts first sent in it (None: all).
    Contracts never sent are not in the population; an NDA that names no role needs no approval and is left out by
    name.

    >>> str(approval_compliance([]).value)
    'unknown: no contract that needs an approval was sent for signature'
    """
    compliant = counted = 0
    left_out: list[LeftOut] = []
    for contract in contracts:
        events = not_undone(contract.events)
        sent_on = next((event.at.date() for event in events if isinstance(event, e.SentForSignature)), None)
        if sent_on is None or (period is not None and sent_on not in period):
            continue
        if contract.kind is ContractKind.NDA and not contract.approvals_needed:
            left_out.append(LeftOut(record=str(contract), reason="one of its kind needs no approval"))
            continue
        counted += 1
        compliant += _approved_in_time(contract, events)
    value = _share(compliant, counted, "no contract that needs an approval was sent for signature")
    return APPROVAL_COMPLIANCE.result(value, "share", counted, left_out)


def _approved_in_time(contract: Contract, events: Sequence[e.AnyEvent]) -> bool:
    return all(
        was_approved(contract, events[:place])
        for place, event in enumerate(events)
        if isinstance(event, e.SentForSignature)
    )


def deadline_adherence(
    contracts: Iterable[Contract],
    period: Span,
    as_of: date,
    *,
    obligor: Party | None = None,
    ledgers: Mapping[ContractId, NormLedger] = NO_LEDGERS,
    calendars: CalendarSource | None = None,
) -> Figure:
    """The share (0 to 1, four decimals) of what was due in `period` that was performed in full in time.

    An occurrence counts by its last allowed day (grace and suspensions included), as known on `as_of`, once it
    is performed in full or broken. `obligor` keeps what that side owes, with what both or either of them owe
    (None: what anybody does). `ledgers` hold what was recorded about norms, by contract; performances on the
    obligations themselves count as well.

    >>> str(deadline_adherence([], Span(date(2026, 1, 1)), date(2026, 6, 1)).value)
    'unknown: nothing that was due in 2026-01-01/.. is decided'
    """
    check_days("deadline_adherence", as_of=as_of)
    in_time = counted = 0
    left_out: list[LeftOut] = []
    for contract, obligation, standing in _standings(contracts, as_of, ledgers, calendars):
        if obligor is not None and obligation.obligor not in (obligor, Party.BOTH, Party.EITHER):
            continue
        last = standing.last_allowed
        if isinstance(last, Unknown):
            left_out.append(LeftOut(record=_named(contract, standing), reason=last.reason))
        elif last in period and standing.state in _IN_TIME | _LATE:
            counted += 1
            in_time += standing.state in _IN_TIME
        elif last in period:
            reason = f"it is {standing.state.value.replace('_', ' ')} on {as_of}"
            left_out.append(LeftOut(record=_named(contract, standing), reason=reason))
    value = _share(in_time, counted, f"nothing that was due in {period} is decided")
    return DEADLINE_ADHERENCE.result(value, "share", counted, left_out)


def obligations_by_state(
    contracts: Iterable[Contract],
    as_of: date,
    *,
    ledgers: Mapping[ContractId, NormLedger] = NO_LEDGERS,
    calendars: CalendarSource | None = None,
) -> dict[ObligationState, Figure]:
    """How many occurrences due by `as_of` stand in each state; states without any are there with 0.

    The numbers sum to the population, which all the figures share.

    >>> obligations_by_state([], date(2026, 1, 1))[ObligationState.FULFILLED].number
    Decimal('0')
    """
    check_days("obligations_by_state", as_of=as_of)
    numbers = dict.fromkeys(ObligationState, 0)
    left_out: list[LeftOut] = []
    for contract, _, standing in _standings(contracts, as_of, ledgers, calendars):
        if isinstance(standing.due_on, Unknown):
            left_out.append(LeftOut(record=_named(contract, standing), reason=standing.due_on.reason))
        elif standing.due_on <= as_of:
            numbers[standing.state] += 1
    population = sum(numbers.values())
    return {
        state: OBLIGATIONS_BY_STATE.result(round_to(Fraction(number), 0), "obligations", population, left_out)
        for state, number in numbers.items()
    }


def _standings(
    contracts: Iterable[Contract],
    as_of: date,
    ledgers: Mapping[ContractId, NormLedger],
    calendars: CalendarSource | None,
) -> Iterator[tuple[Contract, Obligation, ObligationStanding]]:
    for contract in contracts:
        if not contract.obligations:
            continue
        ledger = ledgers.get(contract.id) or NormLedger(contract=contract.id)
        by_id = {obligation.id: obligation for obligation in contract.obligations}
        reading = norms_of(contract, ledger, as_of, calendar=calendar_of(contract, calendars))
        for standing in reading.obligations:
            yield contract, by_id[standing.obligation], standing


def _named(contract: Contract, standing: ObligationStanding) -> str:
    day = "" if standing.agreed_on is None else f" of {standing.agreed_on}"
    return f"{contract}, obligation {standing.obligation}{day}"


def dispute_count(disputes: Iterable[Dispute], as_of: date) -> Figure:
    """How many of the disputes are open on `as_of`.

    >>> str(dispute_count([], date(2026, 1, 1)).value)
    '0'
    """
    check_days("dispute_count", as_of=as_of)
    found = list(disputes)
    number = sum(1 for dispute in found if dispute.open_on(as_of))
    return OPEN_DISPUTES.result(round_to(Fraction(number), 0), "disputes", len(found))


def amount_in_dispute(
    disputes: Iterable[Dispute], as_of: date, code: str | Currency, rates: RateTable | None = None
) -> Figure:
    """What is at stake in the disputes open on `as_of`, in the currency `code` at that day's rates.

    A dispute that is not about money, or has no rate, is left out by name.

    >>> amount_in_dispute([], date(2026, 1, 1), "EUR").value
    Money('0.00', 'EUR')
    """
    check_days("amount_in_dispute", as_of=as_of)
    items: list[DatedAmount] = []
    left_out: list[LeftOut] = []
    for dispute in disputes:
        if not dispute.open_on(as_of):
            continue
        if dispute.amount is None:
            left_out.append(LeftOut(record=f"dispute {dispute.id}", reason="no amount at stake is stated"))
        else:
            items.append(DatedAmount(record=f"dispute {dispute.id}", amount=dispute.amount, on=as_of))
    found = in_one_currency(items, code, rates)
    value = total((money for _, money in found.amounts), code)
    missing = (*left_out, *found.left_out)
    return AMOUNT_IN_DISPUTE.result(value, value.currency.code, len(found.amounts), missing, found.rates)


def _share(part: int, whole: int, otherwise: str) -> FigureValue:
    return round_to(Fraction(part, whole), _SHARE_PLACES) if whole else Unknown(otherwise)
