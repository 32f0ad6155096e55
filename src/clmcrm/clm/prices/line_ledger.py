"""The ledger of one line of a contract: its amendments, replayed in the order they were accepted.

The rule of the file: what was billed before an amendment was known stays billed; the amendment writes deltas,
whatever day it takes effect on. Asking again for a day in the past gives the ledger of that day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import attrs

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AmendmentAccepted, Undone
from clmcrm.clm.lines import ContractLine
from clmcrm.clm.prices.ledger import Ledger, PriceFrom, billed_on, restated
from clmcrm.clm.prices.proration import BY_DAYS, ProrationPolicy
from clmcrm.clm.versions import accepted, as_amended
from clmcrm.values.days import check_days
from clmcrm.values.ids import LineId
from clmcrm.values.money import Money
from clmcrm.values.partial import Unknown, known, why_not

_ONE_DAY: Final = timedelta(days=1)


def price_history(contract: Contract, line: LineId) -> tuple[PriceFrom, ...] | Unknown:
    """What one period of `line` costs from which day on, with every accepted amendment; zero after its end.

    A line without a first day of its own begins with the contract, or with the amendment that adds it.
    `Unknown` with the reason for a line that is not there or has no known first day, and for one whose rhythm
    changes: the price of a month and that of a year are not prices of one period.
    """
    begins = _first_day(contract, line)
    if isinstance(begins, Unknown):
        return begins
    changes_on = _rhythm_changes_on(contract, line, begins)
    return _history(contract, line, begins) if changes_on is None else _two_rhythms(line, changes_on)


def line_ledger(contract: Contract, line: LineId, as_of: date, policy: ProrationPolicy = BY_DAYS) -> Ledger | Unknown:
    """Everything charged and credited for `line` up to `as_of`, the day counted, by what was known when.

    An amendment is known from the day its acceptance was recorded, in that instant's own zone, until that on
    which it was taken back: what was charged by it is credited then. `Unknown` for a one-off line, for the
    reasons of `price_history`, and once a period billed reaches a day on which the rhythm changes. Raises
    `CurrencyMismatch` when an amendment changes the currency.
    """
    check_days("line_ledger", as_of=as_of)
    seen = attrs.evolve(contract, events=())
    ledger = _opened(seen, line, policy)
    for place, event in enumerate(contract.events, 1):
        recorded_on = event.at.date()
        if recorded_on > as_of:
            break
        if not isinstance(event, AmendmentAccepted | Undone):
            continue
        seen = attrs.evolve(contract, events=contract.events[:place])
        if isinstance(ledger, Unknown):
            ledger = _opened(seen, line, policy)
        else:
            begins = _first_day(seen, line)
            now = _nothing(ledger) if isinstance(begins, Unknown) else _history(seen, line, begins)
            ledger = restated(billed_on(ledger, recorded_on), now, recorded_on)
    return ledger if isinstance(ledger, Unknown) else _of_one_rhythm(billed_on(ledger, as_of), seen, line)


def _history(contract: Contract, line: LineId, begins: date) -> tuple[PriceFrom, ...]:
    """What one period costs from which day on, as long as the line keeps the rhythm it begins with."""
    changes = [amendment.effective_on for amendment in accepted(contract) if amendment.effective_on > begins]
    versions = [version for day in (begins, *changes) for version in _lines(as_amended(contract, day), line)]
    firsts = {version.first_day for version in versions if version.first_day is not None}
    lasts = {version.last_day for version in versions if version.last_day is not None}
    after = {last_day + _ONE_DAY for last_day in lasts if last_day < date.max}
    stop = _rhythm_changes_on(contract, line, begins) or date.max
    days = sorted(day for day in {begins, *changes, *firsts, *after} if begins <= day < stop)
    return _without_repeats([PriceFrom(day, _amount(contract, line, day)) for day in days])


def _rhythm_changes_on(contract: Contract, line: LineId, begins: date) -> date | None:
    """The first day on which an amendment gives the line another rhythm; None when none does."""
    (first,) = _lines(as_amended(contract, begins), line)
    days = [amendment.effective_on for amendment in accepted(contract) if amendment.effective_on > begins]
    versions = ((day, version) for day in days for version in _lines(as_amended(contract, day), line))
    return next((day for day, version in versions if _rhythm(version) != _rhythm(first)), None)


def _rhythm(line: ContractLine) -> tuple[int, int] | None:
    # A year and twelve months are one rhythm, however an amendment writes it.
    return None if line.recurrence is None else line.recurrence.adds


def _of_one_rhythm(ledger: Ledger, contract: Contract, line: LineId) -> Ledger | Unknown:
    """The ledger, unless a period that it has billed reaches a day on which the rhythm changes."""
    begins = _first_day(contract, line)
    changes_on = None if isinstance(begins, Unknown) else _rhythm_changes_on(contract, line, begins)
    reached = changes_on is not None and len(ledger.billed_since(changes_on)) > 0
    return _two_rhythms(line, changes_on) if reached and changes_on is not None else ledger


def _two_rhythms(line: LineId, changes_on: date) -> Unknown:
    return Unknown(f"line {line} is charged in another rhythm from {changes_on} on: its periods are not of one ledger")


def _opened(contract: Contract, line: LineId, policy: ProrationPolicy) -> Ledger | Unknown:
    begins = _first_day(contract, line)
    if isinstance(begins, Unknown):
        return begins
    (found,) = _lines(as_amended(contract, begins), line)
    if found.recurrence is None:
        return Unknown(f"line {line} is one-off: it has no periods")
    return Ledger(
        anchor_on=found.anchor_on or begins,
        every=found.recurrence,
        policy=policy,
        timing=found.timing,
        prices=_history(contract, line, begins),
    )


def _nothing(ledger: Ledger) -> tuple[PriceFrom, ...]:
    """The prices of a line whose amendment was taken back: it was never there."""
    first = ledger.prices[0]
    return (PriceFrom(first.first_day, Money(0, first.amount.currency)),)


def _first_day(contract: Contract, line: LineId) -> date | Unknown:
    for found in _lines(contract, line):
        first_day = found.first_day or known(contract.effective_on)
        return first_day or Unknown(f"the first day of line {line} is not known: {why_not(contract.effective_on)}")
    for amendment in accepted(contract):
        restated_lines = () if amendment.restated is None else amendment.restated.lines
        for found in (*restated_lines, *amendment.lines_added):
            if found.id == line:
                return max(found.first_day or amendment.effective_on, amendment.effective_on)
    return Unknown(f"the contract has no line {line}")


def _lines(contract: Contract, line: LineId) -> tuple[ContractLine, ...]:
    """The line of that id, or nothing: one at most."""
    return tuple(found for found in contract.lines if found.id == line)[:1]


def _amount(contract: Contract, line: LineId, day: date) -> Money:
    """What one period costs at the price of `day`; zero on a day before the line's first or after its last."""
    (found,) = _lines(as_amended(contract, day), line)
    off = (found.first_day or day) > day or (found.last_day or day) < day
    return Money(0, found.price.currency) if off else found.amount


def _without_repeats(prices: list[PriceFrom]) -> tuple[PriceFrom, ...]:
    kept = prices[:1]
    for price in prices[1:]:
        if price.amount != kept[-1].amount:
            kept.append(price)
    return tuple(kept)
