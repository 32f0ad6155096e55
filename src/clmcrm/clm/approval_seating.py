"""Who could take which approval of a round, all of them at once: nobody approves one text twice.

The rule of the file: an approval uses up the one whose it is and the one who gives it. Whether there are enough
people is a question about all places together, and asking them in another order never changes the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Final, TypeAlias

from clmcrm.clm.approval_round import Round
from clmcrm.clm.approval_steps import ApprovalMode, ApprovalStep

Place: TypeAlias = tuple[str, frozenset[str]]
"""One approval that a step takes: the seat it is given in, and whose it may be."""
Acting: TypeAlias = Callable[[str], Iterable[str]]
"""Who may give the approval of a person: the person, or those who stand in."""

_Node: TypeAlias = tuple[str, str]
_TAKEN: Final[_Node] = ("taken", "")


def themselves(person: str) -> tuple[str, ...]:
    """Everybody gives their own approval."""
    return (person,)


def places_of(now: Round, step: ApprovalStep) -> list[Place]:
    """Every approval that the step takes before it is complete."""
    people = now.people
    declared = frozenset(people.person(approver.name) for approver in now.approvers)
    others = frozenset(who for who in declared if not now.is_author(who))
    held = [
        (seat, others.intersection(people.holders(seat) if seat in step.roles else (people.person(seat),)))
        for seat in step.seats
    ]
    if not held:
        return [("anybody else", others)]
    if step.mode is ApprovalMode.ALL:
        return held
    one = (f"one of {', '.join(step.seats)}", frozenset[str]().union(*(able for _, able in held)))
    return [one] * (step.quorum or 1)


def left_without(now: Round, step: ApprovalStep, acting: Acting = themselves) -> str:
    """The seats of the step that find nobody once the steps listed before it have theirs; an empty text for none.

    Empty too where the step may be escalated; nor are those before it counted that may be.
    """
    if _may_be_escalated(step):
        return ""
    others = takewhile(lambda one: one != step, now.steps)
    before = [place for other in others if not _may_be_escalated(other) for place in places_of(now, other)]
    places = places_of(now, step)
    numbers = [number - len(before) for number in without_anybody([*before, *places], acting)]
    return ", ".join(dict.fromkeys(places[number][0] for number in numbers if number >= 0))


def _may_be_escalated(step: ApprovalStep) -> bool:
    return bool(step.escalates_to) and (step.within is not None or step.business_days is not None)


def without_anybody(places: Sequence[Place], acting: Acting = themselves) -> list[int]:
    """The numbers of the places that find nobody of their own, however those before them change seats.

    A way leads from a place to the one whose approval it is, and on to the one who gives it; each is passed once.
    What a later place needs, an earlier one gives up where it finds another way (Ford and Fulkerson, 1956).
    """
    ways: dict[_Node, set[_Node]] = {}
    for number, (_, able) in enumerate(places):
        ways["place", str(number)] = {("asked", who) for who in able}
        for who in able:
            ways["asked", who] = {("agrees", who)}
            ways["agrees", who] = {("acts", one) for one in acting(who)}
            ways |= {("acts", one): {_TAKEN} for one in acting(who)}
    return [number for number in range(len(places)) if not _seated(("place", str(number)), ways)]


def _seated(place: _Node, ways: dict[_Node, set[_Node]]) -> bool:
    """Whether a way leads from the place to somebody who is free; it is then turned round, and so taken."""
    came: dict[_Node, _Node] = {place: place}
    reached = [place]
    for node in reached:
        for onward in ways.get(node, set()) - came.keys():
            came[onward] = node
            reached.append(onward)
    if _TAKEN not in came:
        return False
    node = _TAKEN
    while node != place:
        earlier = came[node]
        ways[earlier].remove(node)
        ways.setdefault(node, set()).add(earlier)
        node = earlier
    return True
