"""Adapters that lie the other way: they say that they cannot, and do it by half, or answer empty instead of refusing.

Not collected by itself: `test_liars_are_caught.py` runs these suites and looks at what fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from limited_systems import LaggingCrm

from clmcrm.adapters.memory import MEMORY_CRM, MemoryCrm, ticking_clock
from clmcrm.adapters.memory_esign import MEMORY_ESIGN, MemoryEsign
from clmcrm.adapters.rows import Row
from clmcrm.clm.signature import RequestState, SignatureLevel, SignatureRequest
from clmcrm.ports.esign import EsignCapabilities, Touched
from clmcrm.ports.records import (
    NO_TIME,
    Atomicity,
    Capabilities,
    Create,
    Creating,
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
from clmcrm.ports.systems import Past
from clmcrm.testing import EsignSuite, RecordSystemSuite
from clmcrm.testing.ways import Wait

UNCONDITIONAL = evolve(MEMORY_CRM, precondition=Precondition.NONE)
UNMARKED = evolve(MEMORY_CRM, marks=False)
LISTING = evolve(MEMORY_CRM, feed=Feed.NONE, tells_deletes=False, tells_merges=False)
SILENT = evolve(MEMORY_CRM, tells_deletes=False, tells_merges=False)
LITTLE = evolve(
    LISTING, precondition=Precondition.NONE, marks=False, creates=frozenset({Kind.ACCOUNT}), batch_size=1,
    holds={Kind.ACCOUNT: frozenset({"name", "website"})},
)  # fmt: skip


class _Liar(MemoryCrm):
    """`able` is what it declares."""

    able: Capabilities = MEMORY_CRM

    def __init__(self) -> None:
        super().__init__(self.able, page_size=10)

    def _moved(self, write: Write) -> Row | None:
        """The row of a write that comes with another version than the row's."""
        row = None if isinstance(write, Create) else self._shelf.row(write.kind, write.key)
        moved = row is not None and not row.gone and str(row.number) != getattr(write, "expected", "")
        return row if moved else None


class ComparesInSilence(_Liar):
    """Says that writes depend on no version; one that comes late is dropped, and said to be done."""

    able = UNCONDITIONAL

    def _written(self, write: Write) -> Outcome:
        row = self._moved(write)
        if row is not None and isinstance(write, Update):
            return Outcome(result=Result.DONE, key=row.key, version=str(row.number))
        return super()._written(write)


class SaysStaleAndWrites(_Liar):
    able = UNCONDITIONAL

    def _written(self, write: Write) -> Outcome:
        late = self._moved(write) is not None
        outcome = super()._written(write)
        return evolve(outcome, result=Result.STALE, why="it moved on", shown=None) if late else outcome


class KeepsWhatItSaysItRemoved(_Liar):
    able = UNCONDITIONAL

    def _written(self, write: Write) -> Outcome:
        row = self._moved(write)
        if row is not None and isinstance(write, Remove):
            return Outcome(result=Result.DONE, key=row.key, version=str(row.number))
        return super()._written(write)


class TakesTheFirstOfTwo(_Liar):
    """Two updates of one record in a batch are one to it, and both are said to be done."""

    able = UNCONDITIONAL

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        first: dict[str, Outcome] = {}
        outcomes: list[Outcome] = []
        for write in writes:
            key = "" if isinstance(write, Create) else write.key
            outcomes.append(first[key] if key in first else super().write([write])[0])
            if key:
                _ = first.setdefault(key, outcomes[-1])
        return tuple(outcomes)


class RemembersKeysInSecret(_Liar):
    """Says that it remembers no key, and answers a second creation under one with the first."""

    remembers: type[Write] = Create

    def _written(self, write: Write) -> Outcome:
        known: dict[str, Outcome] = self.__dict__.setdefault("_answers", {})
        if write.idempotency_key and isinstance(write, self.remembers):
            return known.setdefault(write.idempotency_key, known.get(write.idempotency_key) or super()._written(write))
        return super()._written(write)


class RemembersKeysOfUpdatesInSecret(RemembersKeysInSecret):
    remembers = Update


class SaysNotThere(_Liar):
    """Keeps no marks, and answers a look-up by one with None."""

    able = UNMARKED

    def find(self, kind: str, mark: str) -> Seen | None:
        self._hold(kind)
        return None


class FindsByHalf(_Liar):
    """Says that it keeps no marks, finds what it made, and refuses the rest."""

    able = UNMARKED

    def find(self, kind: str, mark: str) -> Seen | None:
        found = [seen for seen in self.changes(kind, None).seen if mark.endswith(":1")]
        return found[0] if found else super().find(kind, mark)


class BindsByGuessing(_Liar):
    """Keeps no marks, and binds a creation to a record of the same values."""

    able = UNMARKED

    def _created(self, write: Create) -> Outcome:
        for seen in self.changes(write.kind, None).seen:
            if seen.fields == write.fields:
                return Outcome(result=Result.BOUND, key=seen.key, version=seen.version)
        return super()._created(write)


class ListsOnlyNews(_Liar):
    """Says that it lists everything each time, and goes on from the last listing."""

    able = LISTING

    def changes(self, kind: str, cursor: str | None) -> Page:
        claimed, self._capabilities = self._capabilities, evolve(LISTING, feed=Feed.JOURNAL)
        try:
            return super().changes(kind, cursor)
        finally:
            self._capabilities = claimed


class TellsTheUntouchedAsGone(_Liar):
    """What a listing does not find changed it tells as gone."""

    able = LISTING

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        newest = max((int(seen.version) for seen in page.seen), default=0)
        untouched = cursor is not None and not page.more
        return evolve(page, seen=tuple(evolve(s, gone=untouched and int(s.version) < newest) for s in page.seen))


class InventsDeletions(_Liar):
    """Tells no deletion, but an edit as one."""

    able = SILENT

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        edited = (cursor is not None and str(s.fields.get("name")).startswith("By ") for s in page.seen)
        return evolve(page, seen=tuple(evolve(s, gone=gone) for s, gone in zip(page.seen, edited, strict=True)))


class ShowsTheRemovedAsLiving(_Liar):
    able = SILENT

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        rows = (self._shelf.row(kind, key) for key in dict.fromkeys(keys))
        return tuple(evolve(self._seen(row), gone=False) for row in rows if row is not None)


class InventsMerges(_Liar):
    """Tells no merges, and any removed record as merged into the newest."""

    able = evolve(MEMORY_CRM, tells_merges=False)

    def changes(self, kind: str, cursor: str | None) -> Page:
        page, newest = super().changes(kind, cursor), super().changes(kind, None).seen[-1].key
        return evolve(page, seen=tuple(evolve(s, merged_into=newest if s.gone else None) for s in page.seen))


class KeepsTheLoserAlive(_Liar):
    able = evolve(MEMORY_CRM, tells_merges=False)

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        rows = {key: self._shelf.row(kind, key) for key in keys}
        merged = {key for key, row in rows.items() if row is not None and row.merged_into is not None}
        return tuple(evolve(seen, gone=seen.gone and seen.key not in merged) for seen in super().read(kind, keys))


class TellsAnEmptyPast(_Liar):
    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        self._hold(kind)
        return ()


class TellsThePresentAsThePast(_Liar):
    def past(self, kind: str, keys: Sequence[str]) -> tuple[Past, ...]:
        return tuple(
            Past(key=s.key, name=name, value=value) for s in self.read(kind, keys) for name, value in s.fields.items()
        )


class LagsAndDoesNotSaySo(LaggingCrm):
    lag = timedelta(seconds=2)

    def __init__(self) -> None:
        super().__init__()
        self._capabilities = evolve(self._capabilities, visible_lag=NO_TIME)


class DeniesTheSecond(_Liar):
    """Looks a mark up before it inserts; of two creations at once it makes two records and says "bound" to one."""

    able = evolve(MEMORY_CRM, creating=Creating.LOOKUP)

    def _created(self, write: Create) -> Outcome:
        outcome = super()._created(write)
        if outcome.result is Result.BOUND:
            row = self._inserted(write.kind, write.fields)
            return Outcome(result=Result.BOUND, key=row.key, version=str(row.number))
        return outcome


class MakesWhatItSaysItCannot(_Liar):
    able = evolve(MEMORY_CRM, creates=frozenset({Kind.ACCOUNT}))

    def _created(self, write: Create) -> Outcome:
        claimed, self._capabilities = self._capabilities, MEMORY_CRM
        try:
            return super()._created(write)
        finally:
            self._capabilities = claimed


class EndsTheBatchAtAKindItCannotMake(_Liar):
    able = evolve(MEMORY_CRM, creates=frozenset({Kind.ACCOUNT}))

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        outcomes = super().write(writes)
        strange = any(isinstance(write, Create) and write.kind not in self.able.creates for write in writes)
        why = "the batch names a kind that cannot be created"
        return tuple(Outcome(result=Result.REFUSED, why=why) for _ in outcomes) if strange else outcomes


class DropsWhatHasNoPlace(_Liar):
    """Takes a creation with a field that it has no place for, and says nothing of it."""

    able = evolve(MEMORY_CRM, holds={Kind.ACCOUNT: frozenset({"name", "website"})})

    def _written(self, write: Write) -> Outcome:
        held = self.able.holds[Kind.ACCOUNT] | {"conformance_no_such_field"}
        if isinstance(write, Create | Update) and write.kind == Kind.ACCOUNT:
            kept: Fields = {name: value for name, value in write.fields.items() if name in held}
            return super()._written(evolve(write, fields=kept))
        return super()._written(write)


class UndoesWholeBatches(_Liar):
    """Says that items stand for themselves, and undoes the batch of one that fails."""

    def _batch(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        claimed, self._capabilities = self._capabilities, evolve(self.able, atomicity=Atomicity.ALL)
        try:
            return super()._batch(writes)
        finally:
            self._capabilities = claimed


class TakesTwoWhereItSaysOne(_Liar):
    able = evolve(MEMORY_CRM, batch_size=1)

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return tuple(super(TakesTwoWhereItSaysOne, self).write([write])[0] for write in writes)


class HonestLittle(_Liar):
    """A control: it can do next to nothing, and says so."""

    able = LITTLE


class HonestUnconditional(_Liar):
    """A control: the last writer wins."""

    able = UNCONDITIONAL


class HonestSilent(_Liar):
    """A control: it tells neither deletions nor merges."""

    able = SILENT


class HonestLookup(_Liar):
    """A control: marks are looked up first."""

    able = evolve(MEMORY_CRM, creating=Creating.LOOKUP)


class HonestReporter(DropsWhatHasNoPlace):
    """A control: it leaves out what has no place, and says which fields."""

    def _written(self, write: Write) -> Outcome:
        outcome = super()._written(write)
        lost = sorted(getattr(write, "fields", {}).keys() - self.able.holds[Kind.ACCOUNT])
        return evolve(outcome, why=f"left out: {', '.join(lost)}") if outcome.ok and lost else outcome


LIARS: tuple[type[MemoryCrm], ...] = (
    *_Liar.__subclasses__(), RemembersKeysOfUpdatesInSecret, LagsAndDoesNotSaySo, HonestReporter,
)  # fmt: skip


class TestLiar(RecordSystemSuite):
    """The suite, once for each of them."""

    many = 12

    @pytest.fixture(params=LIARS, ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> MemoryCrm:
        liar: type[MemoryCrm] = request.param
        return liar()


# The same for e-signature services.

UNORDERED = evolve(MEMORY_ESIGN, orders=False)


class _SigningLiar(MemoryEsign):
    able: EsignCapabilities = MEMORY_ESIGN

    def __init__(self) -> None:
        self._ticks = ticking_clock(step=timedelta(milliseconds=1))
        self._moved = timedelta(0)
        super().__init__(self.able, clock=self._moved_clock, page_size=5)

    def _moved_clock(self) -> datetime:
        return self._ticks() + self._moved

    def advance(self, length: timedelta) -> None:
        self._moved += length


class VoidsThoughItSaysItCannot(_SigningLiar):
    """Refuses, with a reason, and the request is over all the same."""

    able = evolve(MEMORY_ESIGN, cancels=False)

    def cancel(self, key: str, reason: str) -> Outcome:
        if key in self._sent:
            self._tell(key, RequestState.VOIDED, reason=reason)
        return super().cancel(key, reason)


class SaysCancelledAndCannot(_SigningLiar):
    able = evolve(MEMORY_ESIGN, cancels=False)

    def cancel(self, key: str, reason: str) -> Outcome:
        return Outcome(result=Result.DONE, key=key, why=reason)


class TellsThatNothingChanged(_SigningLiar):
    """Has no feed, and answers as if nothing had happened."""

    able = evolve(MEMORY_ESIGN, feed=False)

    def touched(self, cursor: str | None) -> Touched:
        return Touched(keys=(), cursor=cursor or "0")


class DropsTheOrder(_SigningLiar):
    able = UNORDERED

    def send(self, request: SignatureRequest, document: bytes) -> Outcome:
        unordered = tuple(evolve(recipient, order=0) for recipient in request.recipients)
        return super().send(evolve(request, recipients=unordered), document)


class KeepsPeopleWaiting(_SigningLiar):
    """Says that it keeps no order, and hands on one after the other."""

    able = UNORDERED

    def _opened(self, request: SignatureRequest, document: bytes) -> Outcome:
        turns = tuple(evolve(r, order=turn) for turn, r in enumerate(request.recipients))
        outcome = super()._opened(evolve(request, recipients=turns), document)
        self._sent[outcome.key] = evolve(self._sent[outcome.key], request=request)
        return outcome


class DeniesTheSecondSending(_SigningLiar):
    able = evolve(MEMORY_ESIGN, creating=Creating.LOOKUP)

    def _bound(self, sent: object, request: SignatureRequest, document: bytes) -> Outcome:
        del sent
        return evolve(self._opened(request, document), result=Result.BOUND)


class NamesALevelItDoesNotTake(_SigningLiar):
    able = evolve(MEMORY_ESIGN, levels=frozenset(SignatureLevel))

    def _objection(self, request: SignatureRequest, document: bytes) -> str:
        highest = request.level is SignatureLevel.QUALIFIED
        return "no qualified signatures here" if highest else super()._objection(request, document)


class HonestSigningLittle(_SigningLiar):
    """A control: it can do little, and says so."""

    able = evolve(MEMORY_ESIGN, cancels=False, feed=False, orders=False, certificates=False, creating=Creating.LOOKUP)


class TestSigningLiar(EsignSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=_SigningLiar.__subclasses__(), ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> _SigningLiar:
        liar: type[_SigningLiar] = request.param
        return liar()

    @pytest.fixture
    def wait(self, adapter: _SigningLiar) -> Wait:
        return adapter.advance
