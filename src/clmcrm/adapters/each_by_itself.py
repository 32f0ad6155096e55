"""Writing one by one in a call of many: one outcome per write, each as if it were alone.

What is stale, missing or refused is found and answered as such, and the rest is sent. Where a call happens wholly or
not at all, a batch that the server refuses is halved until the record that it refuses stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from clmcrm.codec.canonical import check_json
from clmcrm.errors import InvalidRecord, TerminalError
from clmcrm.ports.calls import Flow
from clmcrm.ports.records import Create, Fields, Outcome, Remove, Result, Update, Write

H = TypeVar("H")
R = TypeVar("R")

Outcomes: TypeAlias = "dict[int, Outcome]"
"""What became of the writes, by their place in the call."""

Changes: TypeAlias = "Mapping[int, Update | Remove]"
Creations: TypeAlias = "Mapping[int, Create]"

GONE: Final = "there is no such record (any more)"
MOVED: Final = "it was changed since it was read"
TWICE: Final = "changed by the same call"


def check_size(vendor: str, writes: Sequence[Write], most: int) -> None:
    """Raise `TerminalError` for more writes than a call takes.

    >>> check_size("acme", [Remove(kind="account", key="7", expected="1")] * 3, most=2)
    Traceback (most recent call last):
        ...
    clmcrm.errors.TerminalError: acme: 3 writes in one call, at most 2 are taken
    """
    if len(writes) > most:
        raise TerminalError(vendor, f"{len(writes)} writes in one call, at most {most} are taken")


def kind_by_kind(
    writes: Sequence[Write],
    held: Callable[[str], H],
    create: Callable[[H, Creations], Flow[Outcomes]],
    change: Callable[[H, Changes], Flow[Outcomes]],
) -> Flow[tuple[Outcome, ...]]:
    """One outcome per write, in order: of each kind the creations first, then the changes.

    `held` says how a kind is kept; where it raises `TerminalError` all writes of that kind are refused in its words.
    """
    done: Outcomes = {}
    for kind in dict.fromkeys(one.kind for one in writes):
        these = {place: one for place, one in enumerate(writes) if one.kind == kind}
        created = {place: one for place, one in these.items() if isinstance(one, Create)}
        changed = {place: one for place, one in these.items() if not isinstance(one, Create)}
        try:
            own = held(kind)
        except TerminalError as unknown:
            done.update(all_refused(these, unknown.what))
            continue
        if created:
            done.update((yield from create(own, created)))
        if changed:
            done.update((yield from change(own, changed)))
    return tuple(done[place] for place in range(len(writes)))


def all_refused(writes: Mapping[int, Write], why: str) -> Outcomes:
    """Each of them refused for the same reason."""
    return {place: Outcome(result=Result.REFUSED, why=why) for place in writes}


def refusal(fields: Fields, own: Callable[[], str | None]) -> str | None:
    """Why fields cannot be written: they are no JSON, or what the system's `own` rules say; None when they can."""
    try:
        check_json(dict(fields))
    except InvalidRecord as problem:
        return str(problem)
    return own()


def told_apart(writes: Changes, told: Callable[[Update | Remove], Outcome | R]) -> tuple[Outcomes, dict[int, R]]:
    """What is answered at once, and what is to be written; a second write of one record in a call is stale."""
    done: Outcomes = {}
    ready: dict[int, R] = {}
    touched: set[str] = set()
    for place, one in writes.items():
        answer = told(one)
        if isinstance(answer, Outcome):
            done[place] = answer
        elif one.key in touched:
            done[place] = Outcome(result=Result.STALE, key=one.key, why=TWICE)
        else:
            touched.add(one.key)
            ready[place] = answer
    return done, ready


def unmet(one: Update | Remove, version: str | None) -> Outcome | None:
    """Why a change is not made: its record is gone (`version` None) or has moved on; None when neither is so."""
    if version is None:
        return Outcome(result=Result.MISSING, key=one.key, why=GONE)
    if version != one.expected:
        return Outcome(result=Result.STALE, key=one.key, version=version, why=MOVED)
    return None


def once_per_mark(writes: Creations, told: Callable[[Create], Outcome | R]) -> tuple[Outcomes, dict[int, R]]:
    """What is answered at once, and what is to be inserted: of several creations under one mark the first."""
    done: Outcomes = {}
    ready: dict[int, R] = {}
    marks: set[str] = set()
    for place, one in writes.items():
        answer = told(one)
        if isinstance(answer, Outcome):
            done[place] = answer
        elif one.mark not in marks:
            marks.add(one.mark)
            ready[place] = answer
    return done, ready


def firsts(writes: Creations) -> dict[int, Create]:
    """Of several creations under one mark the first, by its place in the call."""
    _, first = once_per_mark(writes, lambda one: one)
    return first


def with_repeated(writes: Creations, done: Outcomes, inserted: Mapping[int, object]) -> Outcomes:
    """All outcomes: a repeated creation is bound to what became of the first one that was `inserted`."""
    first = {writes[place].mark: place for place in reversed(list(inserted))}
    return {place: done.get(place) or _bound(done[first[one.mark]]) for place, one in writes.items()}


def _bound(first: Outcome) -> Outcome:
    return Outcome(result=Result.BOUND, key=first.key, version=first.version) if first.ok else first


def waves(writes: Mapping[int, Write]) -> list[dict[int, Update | Remove]]:
    """The changes in such waves that none names a record twice: those of one record are done in their order.

    >>> removals = [Remove(kind="account", key=key, expected="1") for key in ("7", "8", "7")]
    >>> [list(wave) for wave in waves(dict(enumerate(removals)))]
    [[0, 1], [2]]
    """
    changes = {place: one for place, one in writes.items() if not isinstance(one, Create)}
    if len({one.key for one in changes.values()}) == len(changes):
        return [changes] if changes else []
    found: list[dict[int, Update | Remove]] = []
    turns: dict[str, int] = {}
    for place, one in changes.items():
        turn = turns.get(one.key, 0)
        turns[one.key] = turn + 1
        if turn == len(found):
            found.append({})
        found[turn][place] = one
    return found


def in_waves(change: Callable[[H, Changes], Flow[Outcomes]]) -> Callable[[H, Changes], Flow[Outcomes]]:
    """The same for a system that takes one change of a record in a call: those of one record in their order."""

    def each_wave(held: H, writes: Changes) -> Flow[Outcomes]:
        done: Outcomes = {}
        for wave in waves(writes):
            done.update((yield from change(held, wave)))
        return done

    return each_wave


def by_halves(places: Sequence[int], attempt: Callable[[Sequence[int]], Flow[Outcomes]]) -> Flow[Outcomes]:
    """Each half by itself: one record that is refused must not keep the others out."""
    middle = len(places) // 2
    first = yield from attempt(places[:middle])
    second = yield from attempt(places[middle:])
    return {**first, **second}
