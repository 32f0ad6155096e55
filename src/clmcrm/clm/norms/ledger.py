"""The ledger of one contract's norms: entries that are only added, and joined without order or repetition.

The rule of the file: two ledgers joined, in whichever order and however often, are one and the same ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import attrs
from attrs import field, frozen

from clmcrm.calendars.months import add_days
from clmcrm.clm.norms.entries import AnyEntry, DatedEntry, Entry, Happened
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import ContractId
from clmcrm.values.instants import in_utc
from clmcrm.values.record import Record
from clmcrm.values.validators import each, instance, text
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class NormLedger(Record):
    """What was recorded about the norms of `contract`; the order of `entries` means nothing."""

    contract: ContractId = field(validator=text)
    entries: tuple[AnyEntry, ...] = field(default=(), validator=each(instance(Entry)))

    @property
    def in_order(self) -> tuple[AnyEntry, ...]:
        """The entries without repetition, by the day they are about, then by the instant they were recorded."""
        return tuple(sorted(set(self.entries), key=_order))


@frozen
class Ignored:
    """An entry that had no place when it came, and why: it changes nothing, and somebody should look at it."""

    entry: AnyEntry
    why: Wording

    def __str__(self) -> str:
        """The entry's kind and day, and why."""
        return f"{type(self.entry).__name__} of {self.entry.about or self.entry.known_on}: {self.why.en}"


def merged(one: NormLedger, other: NormLedger) -> NormLedger:
    """The ledger that holds what either holds, once, in a fixed order.

    Refs, extras and provenance are those of `one`. Raises `InvalidRecord` for ledgers of two contracts.

    >>> empty = NormLedger(contract=ContractId("C-1"))
    >>> merged(empty, empty) == empty
    True
    """
    if one.contract != other.contract:
        raise InvalidRecord(f"NormLedger {one.contract}", "contract", other.contract, one.contract)
    both = attrs.evolve(one, entries=(*one.entries, *other.entries))
    return attrs.evolve(one, entries=both.in_order)


def seen(ledger: NormLedger, as_of: date, known_on: date) -> tuple[AnyEntry, ...]:
    """The entries about `as_of` or earlier that had been recorded by `known_on`, in order.

    What was recorded before it can have happened (`premature`) is left out.
    """
    known_then = (entry for entry in ledger.in_order if entry.known_on <= known_on and not premature(entry))
    return tuple(entry for entry in known_then if entry.about is None or entry.about <= as_of)


def premature(entry: AnyEntry) -> bool:
    """Whether a fact was recorded before it can have happened; a suspension may be announced.

    One day is allowed, because the day may be another one where the fact took place.
    """
    return isinstance(entry, DatedEntry | Happened) and entry.on > add_days(entry.known_on, 1)


def first_recorded(entries: Iterable[AnyEntry]) -> list[AnyEntry]:
    """The entries by the instant they were recorded: of two that contradict each other the first one stands."""
    return sorted(entries, key=lambda entry: (in_utc(entry.at, "at"), _order(entry)))


def _order(entry: AnyEntry) -> tuple[object, ...]:
    return (entry.about or entry.known_on, in_utc(entry.at, "at"), type(entry).__name__, repr(entry))
