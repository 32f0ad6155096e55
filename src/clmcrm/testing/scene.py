"""One system under trial, and what is done to it: records made, edited by persons, removed, pulled.

Everything goes through the port, so that any system can be tried; where the system lets persons act
directly (`Person`), their edits are made that way. A system that is only read gets its records from a person too
(`EnteringPerson`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, TypeAlias, runtime_checkable
from uuid import uuid4

from attrs import field, frozen

from clmcrm.ports.records import NO_TIME, Create, Creating, Fields, Outcome, Page, Remove, Result, Seen, Update, Write
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.outcomes import answered_each
from clmcrm.testing.pages import pages_of
from clmcrm.testing.shapes import gives_many, gives_one
from clmcrm.testing.ways import patiently

Sample: TypeAlias = Callable[[str, int], Fields]
"""Fields of a record of a kind, others for every number."""


@runtime_checkable
class Person(Protocol):
    """Somebody who works in the system by hand."""

    def edit(self, kind: str, key: str, fields: Fields) -> Seen:
        """Set fields of a record."""
        ...

    def delete(self, kind: str, key: str) -> Seen:
        """Remove a record."""
        ...

    def merge(self, kind: str, loser: str, survivor: str) -> Seen:
        """Merge one record into another; returns the survivor. `NotImplementedError`: nobody can, there."""
        ...


@runtime_checkable
class EnteringPerson(Person, Protocol):
    """Somebody who enters records by hand as well: so a system that is only read gets any."""

    def add(self, kind: str, fields: Fields) -> Seen:
        """Enter a record with these fields."""
        ...


@runtime_checkable
class SlowPerson(Protocol):
    """Somebody whose edit takes a while: it bears the time of its beginning, and shows at its end."""

    def edit_slowly(self, kind: str, key: str, fields: Fields, meanwhile: Callable[[], object]) -> Seen:
        """Begin to set fields of a record, let `meanwhile` happen, and end it."""
        ...


@frozen
class Pulled:
    """All that one pull told, in its order, and the cursor it ended with."""

    seen: tuple[Seen, ...]
    cursor: str
    pages: int

    def of(self, key: str) -> Seen | None:
        """What was told last about `key`; None when nothing was."""
        return next((seen for seen in reversed(self.seen) if seen.key == key), None)


@frozen(kw_only=True)
class Scene:
    """The `adapter` under trial with records of one `kind`; `run` sets this trial's marks apart."""

    adapter: RecordSystem
    kind: str
    name: str
    sample: Sample
    person: Person | None = None
    wait: Callable[[timedelta], object] = patiently
    run: str = field(factory=lambda: uuid4().hex[:12])

    def mark(self, number: int) -> str:
        """The mark of this trial's record `number`."""
        return f"{self.kind}:conformance:{self.run}:{number}"

    def create(self, number: int, fields: Fields | None = None) -> Create:
        """The write that creates record `number`."""
        values = self.sample(self.kind, number) if fields is None else fields
        return Create(kind=self.kind, mark=self.mark(number), fields=values)

    def update(self, seen: Seen, fields: Fields, *, expected: str | None = None) -> Update:
        """The write that updates a record at the version it was seen at."""
        version = seen.version if expected is None else expected
        return Update(kind=self.kind, key=seen.key, fields=fields, expected=version)

    def remove(self, seen: Seen) -> Remove:
        """The write that removes a record at the version it was seen at."""
        return Remove(kind=self.kind, key=seen.key, expected=seen.version)

    def renamed(self, text: str) -> Fields:
        """The one field that takes any text, set to `text`."""
        return {self.name: text}

    def write(self, *writes: Write) -> tuple[Outcome, ...]:
        """The outcomes of the writes, in one call; where a creation looks its mark up, what was written shows first."""
        if self.adapter.capabilities.creation is Creating.LOOKUP and any(isinstance(w, Create) for w in writes):
            self.settle()
        return tuple(answered_each(writes, self.adapter.write(writes)))

    def one(self, write: Write, result: Result = Result.DONE) -> Outcome:
        """The outcome of one write, which must be `result`."""
        (outcome,) = self.write(write)
        same(outcome.result, result, f"the outcome of {type(write).__name__} ({outcome.why})")
        return outcome

    @property
    def hand(self) -> EnteringPerson | None:
        """Who makes, edits and removes records of a system that is only read; None where the adapter does."""
        person: object = self.person
        return person if isinstance(person, EnteringPerson) and not self.adapter.capabilities.creates else None

    def entered(self, number: int, fields: Fields | None = None) -> Outcome:
        """What became of creating record `number`; by hand where the system is only read."""
        write = self.create(number, fields)
        return self.write(write)[0] if self.hand is None else _by_hand(self.hand.add(self.kind, write.fields))

    def altered(self, seen: Seen, fields: Fields) -> Outcome:
        """What became of updating a record at the version it was seen at; by hand where the system is only read."""
        if self.hand is None:
            return self.write(self.update(seen, fields))[0]
        return _by_hand(self.hand.edit(self.kind, seen.key, fields))

    def made(self, number: int, fields: Fields | None = None) -> Seen:
        """Record `number`, created and read back."""
        outcome = self.entered(number, fields)
        same(outcome.result, Result.DONE, f"the outcome of Create ({outcome.why})")
        return self.now(outcome.key)

    def many(self, count: int) -> tuple[Seen, ...]:
        """The records 1 to `count`, created in as few calls as the system allows."""
        size = self.adapter.capabilities.batch_size
        keys: list[str] = []
        for first in range(1, count + 1, size):
            numbers = range(first, min(first + size, count + 1))
            outcomes = self._batch(numbers)
            holds(all(outcome.ok for outcome in outcomes), "every record of a batch is created")
            keys += [outcome.key for outcome in outcomes]
        read = self.adapter.read(self.kind, keys)
        gives_many(read, Seen, "read")
        found = {seen.key: seen for seen in read}
        same(sorted(found), sorted(keys), "every record created can be read")
        return tuple(found[key] for key in keys)

    def _batch(self, numbers: Sequence[int]) -> Sequence[Outcome]:
        if self.hand is not None:
            return [self.entered(number) for number in numbers]
        writes = [self.create(number) for number in numbers]
        return answered_each(writes, self.adapter.write(writes))

    def now(self, key: str) -> Seen:
        """The record as it is now; it must be there."""
        found = self.lookup(key)
        holds(found is not None and not found.gone, f"the record {key} can be read")
        holds(not (found and found.unreadable), f"the record {key} is understood: {found and found.unreadable}")
        return found  # type: ignore[return-value] # holds() above has raised for None

    def lookup(self, key: str) -> Seen | None:
        """The record as it is now, shown as gone, or None when it is not shown at all."""
        found = self.adapter.read(self.kind, [key])
        gives_many(found, Seen, "read")
        holds(len(found) <= 1, "one key gives one record")
        for seen in found:
            holds(isinstance(seen.version, str), f"a version is a text: found {seen.version!r}")
        same([(seen.kind, seen.key) for seen in found], [(self.kind, key)][: len(found)], "what reading a key shows")
        return found[0] if found else None

    def live(self, key: str) -> bool:
        """Whether the record is shown and not as gone."""
        found = self.lookup(key)
        return found is not None and not found.gone

    def edited(self, seen: Seen, fields: Fields) -> Seen:
        """The record after a person has set these fields."""
        if self.person is not None:
            return self.person.edit(self.kind, seen.key, fields)
        _ = self.one(self.update(self.now(seen.key), fields))
        return self.now(seen.key)

    def removed(self, seen: Seen) -> None:
        """A person removes the record."""
        if self.person is not None:
            _ = self.person.delete(self.kind, seen.key)
        else:
            _ = self.one(self.remove(self.now(seen.key)))

    def settle(self) -> None:
        """Let what was written become visible, as long as the system says that takes."""
        lag = self.adapter.capabilities.visible_lag
        if lag > NO_TIME:
            _ = self.wait(lag)

    def find(self, number: int) -> Seen | None:
        """What the mark of this trial's record `number` finds, once writes are visible."""
        self.settle()
        found = self.adapter.find(self.kind, self.mark(number))
        if found is not None:
            gives_one(found, Seen, "find")
        return found

    @contextmanager
    def making_nothing(self, number: int, promise: str) -> Generator[None, None, None]:
        """Fail if record `number` stands there after the block; without marks, if any other record does."""
        marks = self.adapter.capabilities.marks
        before = set[str]() if marks else keys_of(self.pull().seen)
        yield
        if marks:
            same(self.find(number), None, promise)
        else:
            same(sorted(keys_of(self.pull().seen) - before), [], promise)

    def pull(self, cursor: str | None = None, between: Callable[[], object] | None = None) -> Pulled:
        """Every page from `cursor` on; `between` is done once, after the first page that is not the last."""
        self.settle()
        walked: list[Page] = []
        for page in pages_of(self.adapter, self.kind, cursor):
            walked.append(page)
            if page.more and between is not None:
                _ = between()
                between = None
        return Pulled(tuple(seen for page in walked for seen in page.seen), walked[-1].cursor, len(walked))


Scenes: TypeAlias = Callable[[str], Scene]
"""Gives a scene with records of a kind."""


def _by_hand(seen: Seen) -> Outcome:
    return Outcome(result=Result.DONE, key=seen.key, version=seen.version)


def keys_of(seen: Sequence[Seen]) -> set[str]:
    """The keys of the records.

    >>> keys_of([])
    set()
    """
    return {each.key for each in seen}


def none_lost(made: Sequence[Seen], told: Pulled) -> None:
    """Fail with the keys of the records that were made and that no page told."""
    missing = sorted(keys_of(made) - keys_of(told.seen))
    holds(not missing, f"no page told {len(missing)} of {len(made)} records: {', '.join(missing[:5])}")


def shows(seen: Seen, fields: Fields, promise: str) -> None:
    """Fail unless the record shows these values; a field set to None may also be left out."""
    for name, value in fields.items():
        same(seen.fields.get(name), value, f"{promise}, field {name}")
