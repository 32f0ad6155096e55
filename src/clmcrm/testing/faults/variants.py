"""Engines and adapters that break one rule each: the rig must catch every one of them, or it proves nothing.

A variant changes the library for as long as a trial lasts, and only here: nothing in it is broken on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from attrs import frozen

from clmcrm.testing.faults.broken_rules import (
    ambiguous_is_failed,
    bereft_is_paired,
    body_not_frozen,
    early_base,
    early_cursor,
    heirs_alone,
    hints_settled_at_once,
    last_write_wins,
    no_audit,
    no_notes,
    no_open_step,
    no_quarantine,
    nothing,
    pointing_unasked,
    quarantine_from_intent,
    random_key,
    random_mark,
    resends_parked,
    unread_is_absent,
    unread_without_kin,
    unsynchronised,
)
from clmcrm.testing.faults.broken_wires import (
    BlindUpsert,
    Careless,
    EchoByTime,
    FloatMoney,
    IgnoresItems,
    NoOverlap,
    OffsetPaging,
    RetriesBlindly,
    StrictlyAfter,
)
from clmcrm.testing.faults.history import Told, history
from clmcrm.testing.faults.mixes import Mix, mix_of
from clmcrm.testing.faults.swapping import Changes, swapped
from clmcrm.testing.faults.telling_mixes import (
    bound_late,
    entered_again,
    keys_alone,
    late_and_looked_up,
    late_by_the_clock,
    merged_in_parts,
    unfindable,
    unread,
    unread_and_merged,
)
from clmcrm.testing.faults.wire import Wire
from clmcrm.testing.faults.world import dice_of


@frozen(kw_only=True)
class Variant:
    """A broken rule: its `name`, the `rule` it breaks, what it `changes`, and what kind of wire it has.

    `shows` says in which mixes it can show at all: the others are passed over when a seed is looked for.
    """

    name: str
    rule: str
    changes: Callable[[], Changes]
    wiring: type[Wire] = Wire
    shows: Callable[[Mix], bool] = lambda _: True

    def told(self, seed: str) -> Told:
        """The history of a seed with the rule broken."""
        with swapped(self.changes()):
            return history(seed, self.wiring)


SIMULATED: Final = (
    Variant(
        name="blind upsert",
        rule="a creation inserts or binds",
        changes=nothing,
        wiring=BlindUpsert,
        shows=bound_late,
    ),
    Variant(name="random mark", rule="marks are derived", changes=random_mark),
    Variant(name="random key", rule="idempotency keys are derived", changes=random_key, shows=keys_alone),
    Variant(name="body not frozen", rule="the same key goes with the same body", changes=body_not_frozen),
    Variant(name="no precondition", rule="a write depends on the version", changes=nothing, wiring=Careless),
    Variant(name="no history audit", rule="without a precondition the history is audited", changes=no_audit),
    Variant(name="cursor moved early", rule="cursor and hints are saved together", changes=early_cursor),
    Variant(name="base moved early", rule="the base moves once both sides acknowledged", changes=early_base),
    Variant(name="hints settled at once", rule="a hint ends when its record is settled", changes=hints_settled_at_once),
    Variant(name="strict >", rule="equal times lose nothing", changes=nothing, wiring=StrictlyAfter),
    Variant(name="no overlap", rule="a feed by time is read again for a while", changes=nothing, wiring=NoOverlap),
    Variant(name="offset paging", rule="pages go by time and key", changes=nothing, wiring=OffsetPaging),
    Variant(
        name="no quarantine",
        rule="what may still arrive is waited for",
        changes=no_quarantine,
        shows=late_and_looked_up,
    ),
    Variant(
        name="quarantine from the intent",
        rule="it counts from the send",
        changes=quarantine_from_intent,
        shows=late_by_the_clock,
    ),
    Variant(name="no open step", rule="a step is recorded before it is sent", changes=no_open_step),
    Variant(name="unknown taken for failed", rule="an unknown outcome is looked up", changes=ambiguous_is_failed),
    Variant(
        name="sent again blindly", rule="an unknown write is never repeated", changes=nothing, wiring=RetriesBlindly
    ),
    Variant(
        name="parked step sent again", rule="without a mark a person looks", changes=resends_parked, shows=unfindable
    ),
    Variant(
        name="synchronous off", rule="an acknowledged save is on the disk", changes=unsynchronised, shows=unfindable
    ),
    Variant(name="float money", rule="a value comes back as it was given", changes=nothing, wiring=FloatMoney),
    Variant(name="echo by timestamp", rule="an echo is known by its value", changes=nothing, wiring=EchoByTime),
    Variant(
        name="items ignored", rule="each item of a batch has its own outcome", changes=nothing, wiring=IgnoresItems
    ),
    Variant(name="notes forgotten", rule="an edit that gives way is noted", changes=no_notes),
    Variant(name="last write wins", rule="every field has an owner, and giving way is told", changes=last_write_wins),
    Variant(
        name="new records judged alone",
        rule="a new record is judged with all that ended on its side",
        changes=heirs_alone,
        shows=merged_in_parts,
    ),
    Variant(
        name="unread taken for absent",
        rule="nothing is created that may be what nobody can read",
        changes=unread_is_absent,
        shows=unread,
    ),
    Variant(
        name="unread left alone without its kin",
        rule="what was merged into it waits with it",
        changes=unread_without_kin,
        shows=unread_and_merged,
    ),
    Variant(
        name="entered again and taken for new",
        rule="what ended and may be there anew waits until that is settled",
        changes=bereft_is_paired,
        shows=entered_again,
    ),
    Variant(
        name="referrers left alone",
        rule="what points at a pair that gets another record is compared again",
        changes=pointing_unasked,
        shows=entered_again,
    ),
)
"""Those that the first tier catches."""


def first_caught(variant: Variant, seeds: Iterable[str]) -> Told | None:
    """The first history in which the broken rule shows; None when none of these does."""
    for seed in seeds:
        if not variant.shows(mix_of(dice_of(seed))):
            continue
        try:
            told = variant.told(seed)
        except Exception as error:  # noqa: BLE001 - an engine that falls over is caught as well
            return Told(seed=seed, verdict=_fallen(error), trace="", faults=0, crashes=0)
        if not told.verdict.clean:
            return told
    return None


def _fallen(error: Exception) -> Any:  # noqa: ANN401 - a verdict
    from clmcrm.testing.faults.verdict import Verdict  # noqa: PLC0415 - beside its only use

    return Verdict(divergent=(f"{type(error).__name__}: {error}",))
