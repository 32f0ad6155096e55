"""The odd period at one end of a schedule: where it stands, how long it is, and what it says of the roll.

The rule of the file: a stub convention and explicit dates must say the same thing; where they exclude one
another the schedule is refused. Short and long are the market's words; "smart" keeps a stub of seven days
or more and merges a shorter one into its neighbour (seven unadjusted days, as in OpenGamma Strata).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from clmcrm.calendars.months import is_month_end, month_number
from clmcrm.calendars.rolls import NO_ROLL, Roll
from clmcrm.errors import ContradictorySchedule
from clmcrm.values.tenor import Tenor

_SMALLEST_SMART_STUB: Final = 7


class Stub(StrEnum):
    """Where an odd period may stand and whether it may be shorter or longer than the others."""

    NONE = "none"
    SHORT_INITIAL = "short initial"
    LONG_INITIAL = "long initial"
    SMART_INITIAL = "smart initial"
    SHORT_FINAL = "short final"
    LONG_FINAL = "long final"
    SMART_FINAL = "smart final"
    BOTH = "both"

    @property
    def is_initial(self) -> bool:
        """Whether the periods are counted back from the end, so that the odd one comes first."""
        return self in {Stub.SHORT_INITIAL, Stub.LONG_INITIAL, Stub.SMART_INITIAL}

    @property
    def is_final(self) -> bool:
        """Whether the periods are counted from the beginning, so that the odd one comes last."""
        return self in {Stub.SHORT_FINAL, Stub.LONG_FINAL, Stub.SMART_FINAL}

    def is_long(self, one: date, other: date) -> bool:
        """Whether the odd period from `one` to `other` is merged into its neighbour.

        >>> Stub.SMART_FINAL.is_long(date(2026, 6, 1), date(2026, 6, 7))
        True
        """
        if self in {Stub.SMART_INITIAL, Stub.SMART_FINAL}:
            return (other - one).days < _SMALLEST_SMART_STUB
        return self in {Stub.LONG_INITIAL, Stub.LONG_FINAL}


def implied_roll(stub: Stub | None, start: date, end: date, frequency: Tenor, *, prefer_month_end: bool) -> Roll:
    """The roll that the regular dates `start` and `end` imply, for periods of `frequency`.

    Months roll on the day of the date they are counted from, weeks on its weekday; anything else has no
    roll. Where no stub is allowed and one of the two dates is cut to its month's end, the later day counts.

    >>> str(implied_roll(None, date(2026, 1, 31), date(2026, 2, 28), Tenor(months=1), prefer_month_end=False))
    'EOM'
    """
    monthly = frequency.loose_days == 0
    if monthly and stub in {None, Stub.NONE} and _one_is_cut_to_month_end(start, end):
        return Roll(day=31 if prefer_month_end else max(start.day, end.day))
    origin = end if stub is not None and stub.is_initial else start
    if monthly:
        return Roll(day=31 if prefer_month_end and is_month_end(origin) else origin.day)
    weekly = frequency.whole_months == 0 and frequency.loose_days % 7 == 0
    return Roll(weekday=origin.weekday()) if weekly else NO_ROLL


def _one_is_cut_to_month_end(start: date, end: date) -> bool:
    differ = start.day != end.day and month_number(start) != month_number(end)
    return differ and (is_month_end(start) or is_month_end(end))


def remaining_stub(stub: Stub | None, roll: Roll | None, *, first: date, start: date, end: date, last: date) -> Stub:
    """The stub still to be found between `start` and `end`, after the explicit ones outside them.

    `Stub.NONE` where no odd period may remain. A "smart" convention takes explicit dates at either end; any
    other raises `ContradictorySchedule` where the explicit dates say something else than it does.

    >>> day = date(2026, 6, 1)
    >>> remaining_stub(Stub.SHORT_FINAL, None, first=day, start=day, end=day, last=date(2026, 6, 9)).value
    'none'
    """
    initial, final = start != first, end != last
    if stub is None:
        return Stub.NONE if initial or final else _stub_of_roll(roll, start, end)
    if stub in {Stub.SMART_INITIAL, Stub.SMART_FINAL}:
        if initial and final:
            return Stub.BOTH
        return Stub.NONE if (initial if stub.is_initial else final) else stub
    for given, allowed, named in (
        (initial, stub.is_initial or stub is Stub.BOTH, f"{first} to {start}"),
        (final, stub.is_final or stub is Stub.BOTH, f"{end} to {last}"),
    ):
        if given and not allowed:
            raise ContradictorySchedule(f"{named} is a stub, but the stub convention is {stub.value!r}")
    if stub is Stub.BOTH and not (initial and final):
        missing = f"last_regular before {last}" if initial else f"first_regular after {first}"
        raise ContradictorySchedule(f"the stub convention is 'both', but there is no {missing}")
    return Stub.NONE if initial or final else stub


def _stub_of_roll(roll: Roll | None, start: date, end: date) -> Stub:
    """Without a convention, a roll that fits one end leaves the odd period at the other."""
    if roll is None or roll.day is None or roll.of_month:
        return Stub.NONE
    if roll.day == end.day:
        return Stub.SMART_INITIAL
    return Stub.SMART_FINAL if roll.day == start.day else Stub.NONE
