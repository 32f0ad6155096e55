"""Adding to a ledger: an entry is taken as it is or refused with the reason, and nothing is half applied.

The rule of the file: what `record` refuses is exactly what a reading would set aside, so that a ledger that
grew entry by entry never holds an entry without a place.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from clmcrm.calendars.calendar import HolidayCalendar
from clmcrm.clm.contract import Contract
from clmcrm.clm.disputes import Dispute
from clmcrm.clm.norms.contract_norms import NormsReading, norms_of
from clmcrm.clm.norms.entries import AnyEntry, OccurrenceEntry, Performed, PowerExercised
from clmcrm.clm.norms.ledger import Ignored, NormLedger
from clmcrm.clm.norms.obligation_chart import causes_from
from clmcrm.clm.norms.power_chart import power_causes_from
from clmcrm.errors import InvalidRecord, TransitionNotAllowed
from clmcrm.values.instants import in_utc


def record(
    ledger: NormLedger,
    entry: AnyEntry,
    contract: Contract,
    *,
    disputes: Iterable[Dispute] = (),
    calendar: HolidayCalendar | None = None,
) -> NormLedger:
    """The ledger with `entry` added; the one passed in is unchanged. An entry it holds already adds nothing.

    Raises `InvalidRecord` for another contract's ledger, a norm the contract does not have, or an entry
    recorded before the last one; `TransitionNotAllowed` when it has no place (too much performed, outside
    the window, by the wrong side, on a day nothing was due, before it can have happened) or would leave a
    performance or a use of a power that is on record without one.
    """
    _check(ledger, entry, contract)
    if entry in ledger.entries:
        return ledger
    grown = attrs.evolve(ledger, entries=(*ledger.entries, entry))
    known_on = entry.known_on
    as_of = max(known_on, entry.about or known_on)
    told, only = tuple(disputes), next(iter(entry.touches)) if len(entry.touches) == 1 else None
    before = norms_of(contract, ledger, as_of, known_on, disputes=told, calendar=calendar, only=only)
    after = norms_of(contract, grown, as_of, known_on, disputes=told, calendar=calendar, only=only)
    why = _why_not(entry, before, after)
    if why:
        stage, possible = _stage(entry, before)
        raise TransitionNotAllowed(_named(entry, contract), type(entry).__name__, stage, possible, why)
    return grown


def _check(ledger: NormLedger, entry: AnyEntry, contract: Contract) -> None:
    name = f"NormLedger {ledger.contract}"
    if ledger.contract != contract.id:
        raise InvalidRecord(name, "contract", contract.id, ledger.contract)
    ids = [*(o.id for o in contract.obligations), *(p.id for p in contract.powers)]
    for norm in sorted(entry.touches - set(ids)):
        raise InvalidRecord(name, "norm", norm, f"one of the contract's norms: {', '.join(ids) or 'none'}")
    last = max(ledger.entries, key=lambda one: in_utc(one.at, "at"), default=None)
    if last is not None and in_utc(entry.at, "at") < in_utc(last.at, "at") and entry not in ledger.entries:
        raise InvalidRecord(name, "at", entry.at.isoformat(), f"{last.at.isoformat()} or later")


def _why_not(entry: AnyEntry, before: NormsReading, after: NormsReading) -> tuple[str, ...]:
    """Why the entry has no place, or which performance or use on record would lose its own."""
    own = [each.why.en for each in after.ignored if each.entry == entry]
    lost = set(after.ignored) - set(before.ignored)
    displaced = [each for each in lost if each.entry != entry and _counts(each)]
    return (*own, *(f"it would leave without a place: {each}" for each in sorted(displaced, key=str)))


def _counts(ignored: Ignored) -> bool:
    return isinstance(ignored.entry, Performed | PowerExercised)


def _stage(entry: AnyEntry, reading: NormsReading) -> tuple[str, tuple[str, ...]]:
    """The state of the norm the entry is about, and what moves it from there."""
    of = entry.of if isinstance(entry, OccurrenceEntry) else None
    for power in reading.powers:
        if power.power in entry.touches:
            return power.state.value, power_causes_from(power.state)
    mine = [each for each in reading.obligations if each.obligation in entry.touches]
    for standing in mine:
        if of is None or standing.agreed_on == of:
            return standing.state.value, causes_from(standing.state)
    return "unknown", tuple(f"of {each.agreed_on}" for each in mine)


def _named(entry: AnyEntry, contract: Contract) -> str:
    of = f" of {entry.of}" if isinstance(entry, OccurrenceEntry) and entry.of is not None else ""
    norms = ", ".join(sorted(entry.touches))
    return f"norm {norms}{of}" if norms else f"contract {contract.number or contract.id}"
