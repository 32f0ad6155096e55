"""What the engine remembers between runs: links, agreed values, cursors, open steps and what happened.

Everything a run learns about one pair is saved in one transaction, so that a run that dies between two
instructions leaves either the old truth or the new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cache
from typing import Final, Literal, Protocol, TypeGuard, runtime_checkable

from clmcrm.ports.kept import Agreed, Entry, Hint, Lease
from clmcrm.ports.records import Fields, Side

DEAD_LETTER: Final = "dead letter"
"""What the history calls a step that a system refused."""


@runtime_checkable
class Journal(Protocol):
    """The engine's memory. Single-writer: a second writer waits or is refused with a clear error."""

    def agreed(self, kind: str, pairs: Collection[str] | None = None) -> Iterator[Agreed]:
        """Every pair of `kind` with its agreed values, ordered by pair; only these `pairs` when given."""
        ...

    def hints(self, kind: str) -> Iterator[Hint]:
        """The records of `kind` that changed and are not yet settled, oldest hint first."""
        ...

    def cursor(self, side: Side, kind: str) -> str | None:
        """Where the last complete pull of `kind` on `side` ended; None before the first."""
        ...

    def history(self, pair: str | None = None) -> Iterator[Entry]:
        """The journal's lines, oldest first; of one pair when it is given."""
        ...

    def open_steps(self) -> Iterator[tuple[str, Fields]]:
        """Steps begun and not acknowledged, as (step key, what was to be written)."""
        ...

    def decisions(self) -> Iterator[tuple[str, Fields]]:
        """Decisions of persons not yet applied, as (conflict key, the decision)."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All that is saved inside is saved together, or not at all when the block raises."""
        ...

    def save_agreed(self, agreed: Iterable[Agreed]) -> None:
        """Insert or replace these pairs."""
        ...

    def save_cursor(self, side: Side, kind: str, cursor: str) -> None:
        """Remember where the pull of `kind` on `side` ended."""
        ...

    def save_hints(self, hints: Iterable[Hint]) -> None:
        """Remember these records as changed; an earlier hint's evidence of an end is kept."""
        ...

    def end_hints(self, numbers: Iterable[int]) -> None:
        """Forget the hints of these numbers; a record that was hinted at again since stays remembered."""
        ...

    def save_entries(self, entries: Iterable[Entry]) -> None:
        """Append lines to the history."""
        ...

    def begin_steps(self, steps: Iterable[tuple[str, Fields]]) -> None:
        """Record steps before they are sent."""
        ...

    def end_steps(self, keys: Sequence[str]) -> None:
        """Forget steps that were acknowledged or given up."""
        ...

    def save_decision(self, key: str, decision: Fields) -> None:
        """Keep a person's decision on the conflict `key`, replacing an earlier one."""
        ...

    def end_decisions(self, keys: Sequence[str]) -> None:
        """Forget decisions that were applied."""
        ...

    def set_aside(self, kind: str, pairs: Sequence[str]) -> None:
        """Forget pairs that no longer exist (their history stays)."""
        ...


@runtime_checkable
class LeasedJournal(Journal, Protocol):
    """A journal that several workers may open, of which one at a time may write a run's results.

    A journal that has taken its lease checks it in every transaction: a worker that was too slow, and whose
    partition another has taken over, cannot write. Without a lease nothing is checked: a person's decision
    may be kept at any time.
    """

    @property
    def lease(self) -> Lease | None:
        """The lease that this journal writes under; None when it has taken none."""
        ...

    def take(self, holder: str, lasting: timedelta) -> Lease:
        """Take the partition for `lasting`; the same holder may take it again at once, with a new token.

        Raises `LeaseHeld` while another holder has it.
        """
        ...

    def extend(self, lasting: timedelta) -> Lease:
        """Hold the partition for `lasting` from now; raises `LeaseLost` when it is no longer held."""
        ...

    def release(self) -> None:
        """Give the partition up at once; nothing happens when it is not held."""
        ...


@runtime_checkable
class PortableJournal(Journal, Protocol):
    """A journal that can be listed whole: what an export needs beside the other readings."""

    def kinds(self) -> tuple[str, ...]:
        """Every kind with a pair or a hint, sorted."""
        ...

    def cursors(self) -> Iterator[tuple[Side, str, str]]:
        """Every cursor as (side, kind, cursor), ordered by side and kind."""
        ...


@runtime_checkable
class KeyedJournal(Journal, Protocol):
    """A journal that finds pairs by a system's own key, so that a run need not read them all.

    A journal may be without: then it is read through instead, which takes longer and no more memory.
    """

    def leading_to(self, kind: str, side: Side, keys: Collection[str]) -> Iterator[Agreed]:
        """The pairs of `kind` whose key on `side` is one of these, or whose aliases name one."""
        ...

    def one_sided(self, kind: str) -> Iterator[Agreed]:
        """The pairs of `kind` that have a record on one side alone."""
        ...

    def count(self, kind: str) -> int:
        """How many pairs of `kind` there are, without those that have ended."""
        ...


@runtime_checkable
class ComparingJournal(Journal, Protocol):
    """A journal that tells, without reading the pair, that a record looks as it was last shown.

    A journal may be without: then every pair of a page is read and compared.
    """

    def as_shown(
        self, kind: str, side: Side, records: Sequence[tuple[str, Fields | None]]
    ) -> list[Literal[True] | Agreed | None]:
        """Of each record (key, fields): True where `side` last showed exactly these fields of that key.

        Otherwise, and where the fields are None or the journal has read it anyway, the pair of that key on `side`,
        which the caller compares. None where there is none, or more than one.
        """
        ...


@runtime_checkable
class BuryingJournal(Journal, Protocol):
    """A journal that tells, without reading a history, that nothing in it was ever refused.

    A journal may be without: then the history of every pair that a plan writes to is read.
    """

    def buried(self, pairs: Collection[str]) -> frozenset[str]:
        """Those of these pairs whose history has a dead letter, replaced since or not."""
        ...


def keyed(journal: Journal) -> TypeGuard[KeyedJournal]:
    """Whether it finds pairs by a system's own key; asked once per class of journal."""
    return _offers(type(journal), KeyedJournal)


def comparing(journal: Journal) -> TypeGuard[ComparingJournal]:
    """Whether it compares records without reading their pairs; asked once per class of journal."""
    return _offers(type(journal), ComparingJournal)


def burying(journal: Journal) -> TypeGuard[BuryingJournal]:
    """Whether it finds dead letters without reading histories; asked once per class of journal."""
    return _offers(type(journal), BuryingJournal)


@cache
def _offers(kind: type, port: type) -> bool:
    return issubclass(kind, port)
