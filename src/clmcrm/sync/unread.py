"""Leaves alone what cannot be understood, with all that belongs to it: a pair is judged whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from clmcrm.ports.records import SIDES, Seen, Side
from clmcrm.ports.systems import AnySystem
from clmcrm.sync.directory import derived_pair
from clmcrm.sync.sight import Sight
from clmcrm.values.problems import Problem


def set_aside(systems: Mapping[Side, AnySystem], sight: Sight) -> list[Problem]:
    """Take out what could not be understood, with its counterpart: a pair is judged whole or not at all.

    One without a counterpart stays in sight: a record of the other side may be it, and must not be created once more.
    """
    problems: list[Problem] = []
    for side in SIDES:
        for key, row in sorted([(key, row) for key, row in sight.rows[side].items() if row.unreadable]):
            system = systems.get(side)
            problems.append(_not_understood(system.system if system else side.value, side, row))
            sight.unread |= _whole_pair(sight, side, key)
    problems += _join_kin(sight)
    for side, key in sight.unread:
        shown = sight.rows[side].get(key)
        if shown is not None and not (shown.unreadable and _lonely(sight, side, key)):
            del sight.rows[side][key]
    return problems


def _whole_pair(sight: Sight, side: Side, key: str) -> set[tuple[Side, str]]:
    """The record, with those that its pair links."""
    pair = sight.known.directory.pair_of(side, sight.kind, key)
    link = sight.known.directory.link(pair) if pair else None
    linked = [(each, link.key(each)) for each in SIDES] if link else []
    return {(side, key), *((each, found) for each, found in linked if found is not None)}


def _lonely(sight: Sight, side: Side, key: str) -> bool:
    return all(each is side for each, _ in _whole_pair(sight, side, key))


def _join_kin(sight: Sight) -> list[Problem]:
    """Leave alone with them all that a chain of merges joins to them: who takes over whom is not known yet."""
    first = set(sight.unread)
    while sight.unread:
        merges = [(side, key, row.merged_into) for side in SIDES for key, row in sight.rows[side].items()]
        joined = [
            (side, each)
            for side, key, into in merges
            if into is not None and not {(side, key), (side, into)}.isdisjoint(sight.unread)
            for each in (key, into)
        ]
        more = {kin for side, key in joined for kin in _whole_pair(sight, side, key)} - sight.unread
        if not more:
            break
        sight.unread |= more
    pairs = {_pair_of(sight, side, key) for side, key in sight.unread - first}
    return [_waits_with_kin(sight.kind, pair) for pair in sorted(pairs - {_pair_of(sight, *each) for each in first})]


def _pair_of(sight: Sight, side: Side, key: str) -> str:
    return sight.known.directory.pair_of(side, sight.kind, key) or derived_pair(sight.kind, side, key)


def _waits_with_kin(kind: str, pair: str) -> Problem:
    return Problem(
        where=pair,
        field=kind,
        what="was merged with a record that could not be understood",
        expected="that record in a form that can be read; until then this one is left alone too",
    )


def _not_understood(system: str, side: Side, row: Seen) -> Problem:
    return Problem(
        where=derived_pair(row.kind, side, row.key),
        field=row.kind,
        what=f"could not be understood as {system} shows it: {row.unreadable}",
        expected="a record that can be read; it is left alone and looked at again",
    )
