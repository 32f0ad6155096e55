"""Each seed's own mix of faults and abilities: swarm testing finds what one careful mix never does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Final

from attrs import frozen

from clmcrm.ports.records import SIDES, Atomicity, Capabilities, Creating, Feed, Precondition, Side
from clmcrm.sync.ownership import Direction, FieldRule, KindRules, OnConflict, OnDelete, Ownership, Rules
from clmcrm.sync.standing import StandingRule
from clmcrm.testing.faults.habits import Habits
from clmcrm.testing.faults.world import SECOND

KINDS: Final = ("account", "contact", "contract")
FREE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "account": ("name", "phone", "legal_name", "address"),
    "contact": ("name", "email", "phone"),
    "contract": ("title", "amount", "place"),
}
REFERENCES: Final[Mapping[str, tuple[str, str]]] = {
    "account": ("parent", "account"),
    "contact": ("account", "account"),
    "contract": ("account", "account"),
}
MONEY: Final = "amount"
SLOWEST: Final = 60 * SECOND
"""How long a late write may take, from its send."""
KEY_WINDOW: Final = timedelta(hours=6)

_CRM: Final = FieldRule(owner=Ownership.CRM)
_CLM: Final = FieldRule(owner=Ownership.CLM)
_ASK: Final = FieldRule(owner=Ownership.SHARED)
_REVIEW: Final = FieldRule(owner=Ownership.REVIEW)
_OWNERS: Final[Mapping[str, FieldRule]] = {
    "phone": _CRM, "legal_name": _CLM, "amount": _CLM, "parent": _CRM, "account": _CRM, "address": _ASK, "email": _ASK,
}  # fmt: skip


@frozen(kw_only=True)
class Mix:
    """What may happen in a history, and how often.

    `rates` are chances for each call by kind of fault; `edit_rate` that somebody edits around a call; `crash_rate`
    that the process dies at a point; `losses` how often the whole journal is lost; `lossy` the sides on which an
    edit may be overwritten unseen, which each run says of them. What people do: `deletes`, `restores`, `merges` on
    these sides, and with the chance `garbles` they enter what no adapter can read; `decides` is the chance that they
    answer after a run what it asked. Where it is `shared`, some records stand on both sides before the first run.
    """

    able: Mapping[Side, Capabilities]
    habits: Mapping[Side, Habits]
    rules: Rules
    rates: Mapping[str, float]
    edit_rate: float
    crash_rate: float
    acts: int
    losses: int
    one_way: bool
    deletes: bool
    restores: bool
    shared: bool
    decides: float
    merges: frozenset[Side]
    at_most: int | None
    lossy: frozenset[Side]
    garbles: float


FAULTS: Final = ("before", "after", "late", "partial", "torn", "short", "busy", "down")
"""Lost before processing, lost after, carried out later, half a batch, an unreadable reply, too few outcomes,
a 429, a reading that fails."""


def mix_of(dice: Random) -> Mix:
    """The mix that this chance draws."""
    one_way, matched = dice.random() < 0.2, dice.random() < 0.5
    able = {side: _able(dice) for side in SIDES}
    habits = {side: _habits(dice, able[side]) for side in SIDES}
    merging = dice.choice(((Side.CRM,), (Side.CLM,), SIDES)) if dice.random() < 0.3 else ()
    merges = frozenset(side for side in merging if able[side].tells_merges)
    known = matched or all(able[side].marks for side in SIDES)
    keyed = one_way and able[Side.CLM].creation is Creating.KEYED
    losses = dice.choice((0, 1, 2)) if not merges and (known or keyed) else 0
    if losses and not known:
        habits = {side: _strict(each) for side, each in habits.items()}
    intensity = dice.choice((0.03, 0.1, 0.25))
    on_delete = dice.choice((OnDelete.UNLINK, OnDelete.ARCHIVE, OnDelete.PROPAGATE))
    preferred = dice.choice((OnConflict.ASK, OnConflict.CRM, OnConflict.CLM))
    deletes, reviewed = dice.random() < 0.4, dice.random() < 0.2
    # Of what was merged, deleted and restored, nobody could say which of several records it is on the other side.
    restores = deletes and not losses and not merges and dice.random() < 0.5
    takes = dice.choice((None, None, None, *SIDES))
    return Mix(
        able=able, habits=habits,
        rules=rules_of(
            matched=matched, one_way=one_way, on_delete=on_delete, preferred=preferred, reviewed=reviewed, takes=takes
        ),
        rates={name: intensity for name in FAULTS if dice.random() < 0.5},
        edit_rate=dice.choice((0.0, 0.05, 0.2)),
        crash_rate=dice.choice((0.0, 0.005, 0.03)),
        acts=dice.randrange(3, 10),
        losses=losses,
        one_way=one_way,
        deletes=deletes,
        restores=restores,
        # Who ends between two listings is not seen to be the same, and nobody could know better.
        shared=matched and not merges and not restores and dice.random() < 0.5,
        decides=dice.choice((0.0, 0.3, 0.8)),
        merges=merges,
        at_most=dice.choice((None, None, 2)),
        lossy=frozenset(s for s in SIDES if able[s].precondition is Precondition.NONE and not able[s].history),
        garbles=dice.choice((0.0, 0.0, 0.0, 0.2)),
    )  # fmt: skip


def _able(dice: Random) -> Capabilities:
    creating = dice.choice((Creating.UNIQUE, Creating.UNIQUE, Creating.LOOKUP, Creating.KEYED, Creating.NONE))
    guard = dice.choice(("row", "row", "history", "none")) if dice.random() < 0.5 else dice.choice(("row", "history"))
    feed = dice.choice((Feed.JOURNAL, Feed.DELTA, Feed.TIMESTAMP, Feed.NONE))
    return able_of(
        creating,
        guard,
        feed,
        atomicity=dice.choice(tuple(Atomicity)),
        batch_size=dice.choice((1, 2, 4)),
        slow=dice.random() < 0.5,
    )


@cache
def able_of(
    creating: Creating, guard: str, feed: Feed, *, atomicity: Atomicity, batch_size: int, slow: bool
) -> Capabilities:
    """The capabilities of a side: all that can be declared together."""
    kinds = frozenset(KINDS)
    return Capabilities(
        kinds=kinds, creates=kinds, feed=feed, creating=creating, batch_size=batch_size, atomicity=atomicity,
        precondition=Precondition.ROW if guard == "row" else Precondition.NONE, history=guard == "history",
        marks=creating in (Creating.UNIQUE, Creating.LOOKUP), tells_merges=feed is not Feed.NONE,
        tells_deletes=feed is not Feed.NONE, in_flight=2 if slow else 1,
        longest_processing=timedelta(milliseconds=SLOWEST),
        visible_lag=timedelta(seconds=20 if slow else 0),
        overlap=timedelta(seconds=60),
        key_window=KEY_WINDOW if creating is Creating.KEYED else timedelta(0),
    )  # fmt: skip


def _habits(dice: Random, able: Capabilities) -> Habits:
    slack = dice.choice((0, 25 * SECOND)) if able.feed is Feed.TIMESTAMP else 0
    return Habits(
        page=dice.choice((2, 3, 20)), slack=slack, lag=int(able.visible_lag.total_seconds()) * SECOND,
        tombstones=dice.random() < 0.3, loose=dice.random() < 0.5, shouts=dice.random() < 0.3,
        poisonous=dice.random() < 0.3, new_ids=dice.random() < 0.5,
    )  # fmt: skip


def _strict(habits: Habits) -> Habits:
    """The same system, whose keys hold whatever the body: a memory that is lost may change the body."""
    return Habits(
        page=habits.page, slack=habits.slack, lag=habits.lag, tombstones=habits.tombstones, loose=False,
        shouts=habits.shouts, poisonous=habits.poisonous, new_ids=habits.new_ids,
    )  # fmt: skip


@cache
def rules_of(
    *, matched: bool, one_way: bool, on_delete: OnDelete, preferred: OnConflict, reviewed: bool, takes: Side | None
) -> Rules:
    """The rules of the three kinds; of one field every change is `reviewed`, a standing rule `takes` a side."""
    fields = {**_OWNERS, "address": _REVIEW} if reviewed else _OWNERS
    return Rules(
        kinds=tuple(
            KindRules(
                kind=kind,
                default=FieldRule(owner=Ownership.SHARED, on_conflict=preferred),
                fields=fields,
                direction=Direction.TO_CLM if one_way else Direction.BOTH,
                references={REFERENCES[kind][0]: REFERENCES[kind][1]},
                match=(("code",),) if matched else (),
                on_delete=on_delete,
            )
            for kind in KINDS
        ),
        standing=() if takes is None else (_standing(takes),),
    )


def _standing(takes: Side) -> StandingRule:
    why, day = "a committee said so", date(2026, 1, 5)
    return StandingRule(name="S1", kind="account", takes=takes, made_by=("sales", "legal"), made_on=day, why=why)
