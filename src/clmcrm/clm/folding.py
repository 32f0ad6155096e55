"""Adding up a contract's events, one after another, with the clock running in between.

The rule of the file: an event costs the same however many came before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from clmcrm.clm import events as e
from clmcrm.clm.charts import key_of, name_of
from clmcrm.clm.chronicle import STEPS_TO_SIGNATURE, Dated
from clmcrm.clm.effects import COUNTED, NOTES
from clmcrm.clm.running import Running
from clmcrm.clm.stages import Stage
from clmcrm.clm.standing import still_to_sign

_NO_ROWS: Final[Mapping[Any, Any]] = {}
_CONCLUDING: Final = frozenset({e.Approved, e.Signed})
ANY_TIME: Final = frozenset(
    {
        e.DataReviewed,
        e.LinkedToCrm,
        e.UnlinkedFromCrm,
        e.CrmConflictFound,
        e.CrmConflictSettled,
        e.HoldPlaced,
        e.HoldReleased,
    }
)
"""What belongs to another region than the stage (`clmcrm.clm.regions`), or may happen in each."""


class Folding(Running):
    """A standing to which events are added."""

    def add(self, day: date, event: e.AnyEvent) -> None:
        """Let time pass until `day`, then let `event` happen; one without a place is kept as ignored."""
        if day >= self._next:
            self.pass_time(day)
        kind = type(event)
        row = self._rows.get(self.stage, _NO_ROWS).get(kind if kind is not e.HostEvent else key_of(event))
        note = NOTES.get(kind)
        if self._told is not None:
            self._told.append(event)
            self.reconsider()
        if row is None and kind not in ANY_TIME:
            self.ignore(event)
            return
        check = COUNTED.get(kind)
        if check is not None and (why := check(self, event)):
            self.ignore(event, why)
            return
        if note is not None:
            note(self, event)
        if row is not None and row.target is not None and row.target is not self.stage:
            self.move(row.target, day, f"by {name_of(event)}")
        if kind in _CONCLUDING:
            self._conclude(day)
        if kind in STEPS_TO_SIGNATURE:
            self.floor = day
        self.last = event

    def _conclude(self, day: date) -> None:
        """The last needed approval or signature has its consequence."""
        if self.stage is Stage.IN_APPROVAL and self.approval_round().complete:
            self.move(Stage.NEGOTIATING, day, "by Approved")
        elif self.stage is Stage.AWAITING_SIGNATURE and not still_to_sign(self.contract, self.signed):
            self.move(Stage.SIGNED, day, "by Signed")


def added(run: Folding, pairs: Iterable[Dated], until: date) -> list[Dated]:
    """Add every event that counts on or before `until`, in order; what comes after it is returned."""
    waiting: list[Dated] = []
    for day, event in pairs:
        if day > until:
            waiting.append((day, event))
        else:
            run.add(day, event)
            run.day = day
    return waiting
