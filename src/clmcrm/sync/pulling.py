"""Finds out what changed on both sides and reads it, so that the plan is made from the truth.

What a feed tells is a hint. Hints and the cursor behind them are saved in one transaction, before
anything is read or merged; a hint is forgotten only when the apply that settled it says so. So a run may
die anywhere between pull and apply: the next one finds the hints and reads the records again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from attrs import field, frozen

from clmcrm.ports.calls import Flow, finished
from clmcrm.ports.journal import Journal
from clmcrm.ports.kept import Agreed, Hint
from clmcrm.ports.records import SIDES, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.following import Fresh, follow_feeds
from clmcrm.sync.gathering import drop_untold, read_all, read_left_alone, read_lonely, take_hints
from clmcrm.sync.known import Known
from clmcrm.sync.open_steps import OpenStep, open_steps_in
from clmcrm.sync.ownership import Rules
from clmcrm.sync.parts import check_part, ending, part_of
from clmcrm.sync.sight import Sight
from clmcrm.sync.steps import Op
from clmcrm.sync.torn import hint_at_referrers
from clmcrm.sync.unread import set_aside
from clmcrm.values.problems import Problem


@frozen(kw_only=True)
class Pulled:
    """What a plan needs: the pairs concerned, the records of the touched ones, the hints to settle.

    `known` is the number of pairs per kind, for the guard. `more` says that hints were left for the next pull,
    `problems` which records could not be understood. Such a record keeps its hint; it is among those of its side only
    where it has no counterpart, still `unreadable`, and so is one that rests until an open step is looked up, or whose
    counterpart is left alone: a new record of the other side may belong to it. `coming` is the number of pairs per kind
    of which a record is told to have ended by what was left.
    """

    agreed: tuple[Agreed, ...]
    left: tuple[Seen, ...]
    right: tuple[Seen, ...]
    hints: tuple[Hint, ...]
    known: Mapping[str, int] = field(factory=dict[str, int])
    more: bool = False
    problems: tuple[Problem, ...] = ()
    coming: Mapping[str, int] = field(factory=dict[str, int])


def pull(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    kinds: Sequence[str],
    *,
    rules: Rules | None = None,
    at_most: int | None = None,
) -> Pulled:
    """What changed since the last pull, and is not settled, in these kinds on both sides.

    With `rules` only the pairs concerned are read from the journal, and records that look as they were last
    shown are set aside at once; without, all pairs are read. `at_most` bounds how many changed records of
    each kind are taken (None: all); the rest waits for the next pull. Records without a pair are not counted
    where both sides have such: they must be seen together.

    Pairs with an open step are left out until it is reconciled. Raises what the port raises, `SyncError` for a feed
    that does not advance (what was pulled until then is kept), and `InvalidRecord` for an `at_most` below one.
    """
    return finished(pull_flow(systems, journal, kinds, rules=rules, at_most=at_most))


def pull_flow(
    systems: Mapping[Side, AnySystem],
    journal: Journal,
    kinds: Sequence[str],
    *,
    rules: Rules | None = None,
    at_most: int | None = None,
) -> Flow[Pulled]:
    """The same as `pull`, as a flow for a driver."""
    check_part(at_most)
    fresh: dict[str, Fresh] = {}
    told: list[Agreed] = []
    for kind in kinds:
        fresh[kind] = yield from follow_feeds(systems, journal, kind, rules, told, in_parts=at_most is not None)
    known = Known(journal, _spoken_of(kinds, rules), rules)
    known.meet(told)
    waiting = open_steps_in(journal)
    held = frozenset(each.step.pair for each in waiting)
    hints: list[Hint] = []
    rows: dict[Side, list[Seen]] = {side: [] for side in SIDES}
    more, problems, coming = False, list[Problem](), dict[str, int]()
    for kind in kinds:
        found = list(islice(journal.hints(kind), None if at_most is None else at_most + 1))
        if not found:
            continue
        creating, unmarked = _creating(systems, waiting, kind)
        sight = Sight(kind=kind, known=known, held=held, creating=creating, unmarked=unmarked)
        if at_most is not None and len(found) > at_most:
            found, left = part_of(sight, found[:at_most], journal.hints(kind))
            more, coming[kind] = more or bool(left), ending(sight, left)
        taken = take_hints(sight, found)
        yield from read_all(systems, sight, fresh[kind])
        drop_untold(sight, taken)
        yield from read_lonely(systems, sight)
        problems += set_aside(systems, sight)
        yield from read_left_alone(systems, sight)
        hint_at_referrers(journal, sight, rules)
        left_alone = sight.unread | sight.resting
        hints += [hint for hint in taken if (hint.side, hint.key) not in left_alone] if left_alone else taken
        for side in SIDES:
            rows[side] += [row for _, row in sorted(sight.rows[side].items())]
    known.meet_references(rows)
    return Pulled(
        agreed=known.agreed,
        left=tuple(rows[Side.CRM]),
        right=tuple(rows[Side.CLM]),
        hints=tuple(hints),
        known=known.counts(),
        more=more,
        problems=tuple(problems),
        coming=coming,
    )


def _spoken_of(kinds: Sequence[str], rules: Rules | None) -> tuple[str, ...]:
    """The kinds that are pulled, and those that their records may point at."""
    return tuple(dict.fromkeys([*kinds, *(kind.kind for kind in rules or ())]))


def _creating(
    systems: Mapping[Side, AnySystem], waiting: Iterable[OpenStep], kind: str
) -> tuple[frozenset[Side], frozenset[Side]]:
    """The sides on which a creation of `kind` is open, and those where nobody could tell its record by our mark."""
    sides = {each.step.side for each in waiting if each.step.op is Op.CREATE and each.step.kind == kind}
    creating = frozenset(side for side in SIDES if side in sides and side in systems)
    return creating, frozenset(side for side in creating if not systems[side].capabilities.marks)


def touch(journal: Journal, side: Side, kind: str, keys: Iterable[str]) -> None:
    """Note that these records may have changed (a webhook said so): the next pull reads them."""
    with journal.transaction():
        journal.save_hints(Hint(kind=kind, side=side, key=key) for key in keys)
