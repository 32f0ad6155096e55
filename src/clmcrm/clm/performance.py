"""What has become of an occurrence on a day: done, done in part, late, or broken and still open.

The rule of the file: states follow from the evidence and a date; performing late never erases the breach.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from clmcrm.clm.due_days import Occurrence, performances_for
from clmcrm.clm.obligations import Obligation, Performance
from clmcrm.values.days import check_days
from clmcrm.values.exact import sum_of


class OccurrenceState(StrEnum):
    """Where an occurrence stands."""

    UPCOMING = "upcoming"
    DUE = "due"
    IN_GRACE = "in grace"
    BREACHED = "breached"
    FULFILLED = "fulfilled"
    LATE_FULFILLED = "late fulfilled"


@frozen(kw_only=True)
class OccurrenceStanding:
    """The state of an occurrence on a day, with what shows it.

    `done` is the share performed (0 to 1), `done_on` the day it was complete (None: it is not). `late_days`
    counts the days after the last one allowed, grace included: 0 when in time, and it stays when performed
    late. `evidence` is what was performed for it until then, oldest first.
    """

    state: OccurrenceState
    done: Decimal
    done_on: date | None
    late_days: int
    evidence: tuple[Performance, ...]


def performance_of(obligation: Obligation, occurrence: Occurrence, as_of: date) -> OccurrenceStanding:
    """Where the occurrence stands on `as_of`, by the performances recorded for it on or before that day.

    Due on the due day itself, in grace until `late_after`, breached from the day after.
    """
    check_days("performance_of", as_of=as_of)
    told = performances_for(obligation, occurrence)
    evidence = tuple(sorted((p for p in told if p.on <= as_of), key=lambda p: p.on))
    done, done_on = Decimal(0), None
    for performance in evidence:
        done = sum_of([done, performance.share])
        if done >= 1 and done_on is None:
            done_on = performance.on
    late_days = max(0, ((done_on or as_of) - occurrence.late_after).days)
    return OccurrenceStanding(
        state=_state(occurrence, as_of, done_on, late_days),
        done=min(Decimal(1), done),
        done_on=done_on,
        late_days=late_days,
        evidence=evidence,
    )


def _state(occurrence: Occurrence, as_of: date, done_on: date | None, late_days: int) -> OccurrenceState:
    if done_on is not None:
        return OccurrenceState.LATE_FULFILLED if late_days else OccurrenceState.FULFILLED
    if late_days:
        return OccurrenceState.BREACHED
    if as_of > occurrence.due_on:
        return OccurrenceState.IN_GRACE
    return OccurrenceState.DUE if as_of == occurrence.due_on else OccurrenceState.UPCOMING
