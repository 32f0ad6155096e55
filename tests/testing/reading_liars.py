"""Adapters that say they are only read, and lie: they write after all, or say that they did.

Not collected by itself: `test_liars_are_caught.py` runs this suite and looks at what fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest
from attrs import evolve

from clmcrm.adapters.memory import MEMORY_CRM, MemoryCrm
from clmcrm.errors import TerminalError
from clmcrm.ports.records import (
    Capabilities,
    Create,
    Feed,
    Fields,
    Kind,
    Outcome,
    Page,
    Precondition,
    Remove,
    Result,
    Seen,
    Update,
    Write,
)  # fmt: skip
from clmcrm.testing import RecordSystemSuite

READ_ONLY = evolve(MEMORY_CRM, creates=frozenset(), precondition=Precondition.NONE, marks=False)
HOLDS: dict[str, frozenset[str]] = {Kind.ACCOUNT: frozenset({"name", "website", "employees"})}


class _ReadOnly(MemoryCrm):
    """`able` is what it declares; a person is the system itself, as everywhere in memory."""

    able: Capabilities = READ_ONLY
    secretly: ClassVar[tuple[type[Write], ...]] = ()

    def __init__(self) -> None:
        super().__init__(self.able, page_size=10)

    def _done(self, write: Write) -> Outcome:
        """What a system that writes would do."""
        claimed, self._capabilities = self._capabilities, evolve(self.able, creates=MEMORY_CRM.creates)
        try:
            return super()._written(write)
        finally:
            self._capabilities = claimed

    def _written(self, write: Write) -> Outcome:
        return self._done(write) if isinstance(write, self.secretly) else super()._written(write)


class CreatesAfterAll(_ReadOnly):
    secretly = (Create,)


class UpdatesAfterAll(_ReadOnly):
    secretly = (Update,)


class RemovesAfterAll(_ReadOnly):
    secretly = (Remove,)


class _WritesAndRefuses(_ReadOnly):
    """Answers as it should, and writes all the same."""

    deed: ClassVar[type[Write]]

    def _written(self, write: Write) -> Outcome:
        if isinstance(write, self.deed):
            _ = self._done(write)
        return super()._written(write)


class CreatesAndSaysRefused(_WritesAndRefuses):
    deed = Create


class UpdatesAndSaysRefused(_WritesAndRefuses):
    deed = Update


class RemovesAndSaysRefused(_WritesAndRefuses):
    deed = Remove


class _SaysDone(_ReadOnly):
    """Answers a write as done, and does nothing."""

    deed: ClassVar[type[Write]]

    def _written(self, write: Write) -> Outcome:
        if not isinstance(write, self.deed):
            return super()._written(write)
        key = f"{write.kind}-new" if isinstance(write, Create) else write.key
        return Outcome(result=Result.DONE, key=key, version="1")


class SaysCreated(_SaysDone):
    deed = Create


class SaysUpdated(_SaysDone):
    deed = Update


class SaysRemoved(_SaysDone):
    deed = Remove


class SaysStale(_ReadOnly):
    """Refuses by a word that invites another try."""

    def _written(self, write: Write) -> Outcome:
        return Outcome(result=Result.STALE, key=getattr(write, "key", ""), why="it moved on")


class RefusesWithoutAReason(_ReadOnly):
    def _written(self, write: Write) -> Outcome:
        return evolve(super()._written(write), why="")


class GivesAKeyToWhatItRefuses(_ReadOnly):
    def _written(self, write: Write) -> Outcome:
        return evolve(super()._written(write), key=f"{write.kind}-new")


class WritesWhatIsKeyed(_ReadOnly):
    """Refuses all but what comes under an idempotency key."""

    def _written(self, write: Write) -> Outcome:
        return self._done(write) if write.idempotency_key else super()._written(write)


class WritesWithoutAVersion(_ReadOnly):
    """Refuses all but an update that expects no version."""

    def _written(self, write: Write) -> Outcome:
        forced = isinstance(write, Update) and not write.expected
        return self._done(write) if forced else super()._written(write)


class BringsTheDeadBack(_ReadOnly):
    """Refuses what is there, and restores what is not by an update of it."""

    def _written(self, write: Write) -> Outcome:
        row = None if isinstance(write, Create) else self._shelf.row(write.kind, write.key)
        if isinstance(write, Update) and row is not None and row.gone:
            _ = self.restore(write.kind, write.key)
        return super()._written(write)


class OverwritesAPersonsEdit(_ReadOnly):
    """Refuses what comes in time, and does what comes too late."""

    def _written(self, write: Write) -> Outcome:
        row = None if isinstance(write, Create) else self._shelf.row(write.kind, write.key)
        edited = row is not None and row.fields.get("name") == "By a person"
        return self._done(write) if edited else super()._written(write)


class RaisesInsteadOfAnswering(_ReadOnly):
    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        if writes:
            raise TerminalError(self.system, "it is only read")
        return ()


class AnswersABatchOnce(_ReadOnly):
    """One outcome for as many writes as there are."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return super().write(writes)[:1]


class CopiesWhatItIsShown(_ReadOnly):
    """Refuses a creation, and keeps its values in another record."""

    def _written(self, write: Write) -> Outcome:
        others = [seen for seen in super().changes(write.kind, None).seen if not seen.gone]
        if isinstance(write, Create) and write.fields != others[0].fields:
            _ = self.edit(write.kind, others[0].key, {"website": "https://example.org/touched"})
        return super()._written(write)


class ClaimsMarks(_ReadOnly):
    able = evolve(READ_ONLY, marks=True)


class ClaimsAPrecondition(_ReadOnly):
    able = evolve(READ_ONLY, precondition=Precondition.ROW)


class ShowsMoreThanItSays(_ReadOnly):
    """Says that a kind has three fields, and shows a fourth."""

    able = evolve(READ_ONLY, holds=HOLDS)

    def _seen(self, row: object) -> Seen:
        seen = super()._seen(row)  # type: ignore[arg-type] # a row, as it gets it
        return evolve(seen, fields={**seen.fields, "description": "x"})


class ReadsWhatItWasToldLast(_ReadOnly):
    """Shows what it showed first: a person's edits never come in."""

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        kept: dict[str, Seen] = self.__dict__.setdefault("_kept", {})
        return tuple(kept.setdefault(seen.key, seen) for seen in super().read(kind, keys))


class LosesTheLastOfAPage(_ReadOnly):
    """Reading goes wrong there as anywhere."""

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        return evolve(page, seen=page.seen[:-1]) if page.more else page


class ShowsHalfOfAnEntry(_ReadOnly):
    """Leaves out of what a person entered what is no text."""

    def _seen(self, row: object) -> Seen:
        seen = super()._seen(row)  # type: ignore[arg-type] # a row, as it gets it
        fields: Fields = {name: value for name, value in seen.fields.items() if not isinstance(value, int)}
        return evolve(seen, fields=fields)


class HonestReader(_ReadOnly):
    """A control: it takes nothing, and says so."""


class HonestLister(_ReadOnly):
    """A control: it lists everything each time and tells no end of anything."""

    able = evolve(READ_ONLY, feed=Feed.NONE, tells_deletes=False, tells_merges=False, holds=HOLDS, batch_size=1)


def _liars(base: type[_ReadOnly]) -> list[type[_ReadOnly]]:
    """Those that derive from it, the nameless ones between left out."""
    found = [liar for each in base.__subclasses__() for liar in (each, *_liars(each))]
    return [liar for liar in found if not liar.__name__.startswith("_")]


class TestReadingLiar(RecordSystemSuite):
    """The suite, once for each of them."""

    many = 12

    @pytest.fixture(params=_liars(_ReadOnly), ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> MemoryCrm:
        liar: type[_ReadOnly] = request.param
        return liar()
