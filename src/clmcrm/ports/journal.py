"""What the engine remembers between runs: links, agreed values, cursors, open steps and what happened.

Everything a run learns about one pair is saved in one transaction, so that a run that dies between two
instructions leaves either the old truth or the new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Literal, Protocol, TypeGuard, runtime_checkable

from attrs import evolve, field, frozen

from clmcrm.ports.records import CRM, SIDES, Fields, Json, Side
from clmcrm.values.validators import count, flag, instant, maybe, member, text

DEAD_LETTER: Final = "dead letter"
"""What the history calls a step that a system refused."""


def plain_keys(keys: Iterable[tuple[Side, str]]) -> list[Json]:
    """Keys with their sides as plain JSON."""
    return [[side.value, key] for side, key in keys]


def keys_of(found: Iterable[Sequence[str]]) -> tuple[tuple[Side, str], ...]:
    """The keys that `plain_keys` wrote; raises `ValueError` for anything else."""
    return tuple([(Side(side), str(key)) for side, key in found])


@frozen(kw_only=True)
class Link:
    """Which record on one side is which on the other.

    `pair` is our own key, derived from the record's origin and never random; `crm` and `clm` are the
    systems' keys, None while there is no record on that side; `aliases` are keys that were merged into
    these or have ended, as (side, key). `merged` are those aliases that are known to have been merged: they go
    wherever these go.
    """

    pair: str = field(validator=text)
    kind: str = field(validator=text)
    crm: str | None = field(default=None, validator=maybe(text))
    clm: str | None = field(default=None, validator=maybe(text))
    aliases: tuple[tuple[Side, str], ...] = ()
    merged: tuple[tuple[Side, str], ...] = ()

    def key(self, side: Side) -> str | None:
        """The key on `side`, or None."""
        return self.crm if side is CRM else self.clm

    def with_key(self, side: Side, key: str | None) -> Link:
        """The same link with `key` on `side`."""
        return evolve(self, crm=key) if side is CRM else evolve(self, clm=key)

    def with_alias(self, side: Side, key: str) -> Link:
        """The same link with one more alias, of a record that has ended; aliases are kept sorted."""
        return evolve(self, aliases=tuple(sorted({*self.aliases, (side, key)})))

    def with_merged(self, keys: Iterable[tuple[Side, str]]) -> Link:
        """The same link with these as aliases that were merged.

        >>> one = Link(pair="account:crm:A1", kind="account", crm="A1").with_merged([(Side.CRM, "A2")])
        >>> one.aliases == one.merged == ((Side.CRM, "A2"),), one.without([(Side.CRM, "A2")]).merged
        (True, ())
        """
        new = set(keys)
        aliases, merged = sorted({*self.aliases, *new}), sorted({*self.merged, *new})
        return evolve(self, aliases=tuple(aliases), merged=tuple(merged))

    def without(self, aliases: Collection[tuple[Side, str]]) -> Link:
        """The same link without these aliases."""
        left, merged = ([each for each in some if each not in aliases] for some in (self.aliases, self.merged))
        return evolve(self, aliases=tuple(left), merged=tuple(merged))

    @property
    def ended(self) -> bool:
        """Whether neither side has a record any more."""
        return self.crm is None and self.clm is None

    def at_its_end(self) -> Link:
        """The link once both records have ended: their keys are aliases, so that one that comes back is known.

        >>> Link(pair="account:crm:A1", kind="account", crm="A1", clm="L1").at_its_end().aliases
        ((<Side.CLM: 'clm'>, 'L1'), (<Side.CRM: 'crm'>, 'A1'))
        """
        own = {(side, key) for side in SIDES if (key := self.key(side)) is not None}
        return evolve(self, crm=None, clm=None, aliases=tuple(sorted({*self.aliases, *own})))


@frozen(kw_only=True)
class Agreed:
    """What both sides last agreed on for one pair.

    `base` holds the canonical values both acknowledged; `shown` what each side then showed for the same
    fields, so that a system's own spelling of a phone number or a rounding is not taken for an edit.
    `extras` is what a later version of the library kept beside them: not understood here, and saved again
    unchanged.
    """

    link: Link
    base: Fields
    shown_crm: Fields = field(factory=dict[str, Json])
    shown_clm: Fields = field(factory=dict[str, Json])
    extras: Fields = field(factory=dict[str, Json], repr=False)

    def shown(self, side: Side) -> Fields:
        """What `side` last showed."""
        return self.shown_crm if side is CRM else self.shown_clm


@frozen(kw_only=True)
class Entry:
    """One line of the journal's history: what was done or decided, to which pair, when and why."""

    at: datetime = field(validator=instant)
    pair: str = field(validator=text)
    what: str = field(validator=text)
    facts: Fields


@frozen(kw_only=True)
class Hint:
    """A record that is known to have changed and is not yet settled: it is read again before any merge.

    `gone` and `merged_into` keep what the feed told about its end, until a read confirms it. `number` is
    given by the journal and grows with every hint, so that settling an old hint never settles a newer one.
    """

    kind: str = field(validator=text)
    side: Side = field(validator=member(Side))
    key: str = field(validator=text)
    gone: bool = field(default=False, validator=flag)
    merged_into: str | None = field(default=None, validator=maybe(text))
    number: int = field(default=0, validator=count)


@frozen(kw_only=True)
class Lease:
    """The right of `holder` to work on `partition` before the instant `until`.

    `token` grows with every grant of the partition: a worker that comes with an older one is refused.
    """

    partition: str = field(validator=text)
    holder: str = field(validator=text)
    token: int = field(validator=count)
    until: datetime = field(validator=instant)


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
