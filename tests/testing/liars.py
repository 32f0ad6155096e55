"""Adapters that are wrong on purpose, each in one way; the kit must catch every one of them.

Not collected by itself: `test_liars_are_caught.py` runs these suites and looks at what fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from clmcrm.adapters.memory import MEMORY_CRM, MemoryCrm
from clmcrm.adapters.rows import Row
from clmcrm.errors import TerminalError
from clmcrm.ports.records import (
    Atomicity,
    Capabilities,
    Create,
    Feed,
    Fields,
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


class _Liar(MemoryCrm):
    """Small pages, so that paging is tried; `able` is what it claims, `truth` what its rules go by."""

    able: Capabilities = MEMORY_CRM

    def __init__(self) -> None:
        super().__init__(self.able, page_size=10)


class DropsUpdates(_Liar):
    def _updated(self, row: Row, write: Update) -> Outcome:
        return Outcome(result=Result.DONE, key=row.key, version=str(row.number))


class AnswersWithWhatItDoesNotKeep(_Liar):
    def _updated(self, row: Row, write: Update) -> Outcome:
        outcome = super()._updated(row, write)
        if outcome.shown is None:
            return outcome
        shouted: Fields = {n: v.upper() if isinstance(v, str) else v for n, v in outcome.shown.fields.items()}
        return evolve(outcome, shown=evolve(outcome.shown, fields=shouted))


class IgnoresThePrecondition(_Liar):
    def _batch(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        claimed, self._capabilities = self._capabilities, evolve(MEMORY_CRM, precondition=Precondition.NONE)
        try:
            return super()._batch(writes)
        finally:
            self._capabilities = claimed


class DuplicatesCreates(_Liar):
    def _created(self, write: Create) -> Outcome:
        row = self._inserted(write.kind, write.fields, mark=write.mark)
        return Outcome(result=Result.DONE, key=row.key, version=str(row.number))


class BindsWithoutMarks(_Liar):
    """Matches by name instead of by mark, so that namesakes become one record."""

    def _created(self, write: Create) -> Outcome:
        for seen in self.changes(write.kind, None).seen:
            if seen.fields == write.fields:
                return Outcome(result=Result.BOUND, key=seen.key, version=seen.version)
        return super()._created(write)


class UpsertsBlindly(_Liar):
    """A creation under a known mark overwrites what stands there."""

    def _created(self, write: Create) -> Outcome:
        outcome = super()._created(write)
        row = self._shelf.row(write.kind, outcome.key)
        if outcome.result is Result.BOUND and row is not None:
            changed = self._changed(row, fields={**row.fields, **write.fields})
            return evolve(outcome, version=str(changed.number))
        return outcome


class LosesTheRowAtThePageBoundary(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        return evolve(page, cursor=str(int(page.cursor) + 1)) if page.more else page


class LosesEqualTimes(_Liar):
    """A feed by time that goes on after the last time, and not after the last (time, key)."""

    def __init__(self) -> None:
        able = evolve(MEMORY_CRM, feed=Feed.TIMESTAMP)
        MemoryCrm.__init__(self, able, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def changes(self, kind: str, cursor: str | None) -> Page:
        told = sorted(self._shelf.after(kind, 0), key=lambda row: (row.changed_at, row.key))
        left = [row for row in told if cursor is None or row.changed_at.isoformat() > cursor]
        last = left[:10][-1].changed_at.isoformat() if left else cursor or ""
        return Page(seen=tuple(map(self._seen, left[:10])), cursor=last, more=len(left) > 10)


class StopsAfterTheFirstPage(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        return evolve(super().changes(kind, cursor), more=False)


class ForgetsDeletes(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        return evolve(page, seen=tuple(seen for seen in page.seen if not seen.gone or seen.merged_into))


class ReordersOutcomes(_Liar):
    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return tuple(reversed(super().write(writes)))


class TellsEverythingEachTime(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        _ = super().changes(kind, cursor)
        return super().changes(kind, None if cursor is None or int(cursor) < 10**6 else cursor)


class KeepsItsVersions(_Liar):
    """The version counts records, not edits."""

    def _seen(self, row: Row) -> Seen:
        return evolve(super()._seen(row), version=row.key)


class DropsUnknownFields(_Liar):
    def _objection(self, kind: str, fields: Fields) -> str:
        why = super()._objection(kind, fields)
        return "" if "has no field" in why else why


class ReplacesTheWholeRecord(_Liar):
    def _updated(self, row: Row, write: Update) -> Outcome:
        changed = self._changed(row, fields=write.fields)
        return Outcome(result=Result.DONE, key=changed.key, version=str(changed.number))


class TrimsTexts(_Liar):
    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        trimmed = {n: v.replace("\t", " ") if isinstance(v, str) else v for n, v in fields.items()}
        return super()._inserted(kind, trimmed, key=key, mark=mark)


class HalfAppliesABatch(_Liar):
    """Says that a batch stands or falls together, and does what it can."""

    able = evolve(MEMORY_CRM, atomicity=Atomicity.ALL)

    def _batch(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return tuple(self._written(write) for write in writes)


class StopsAtTheFirstFailure(_Liar):
    def _batch(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        outcomes: list[Outcome] = []
        for write in writes:
            failed = bool(outcomes) and not outcomes[-1].ok
            outcomes.append(
                Outcome(result=Result.REFUSED, why="an earlier write failed") if failed else self._written(write)
            )
        return tuple(outcomes)


class RaisesTheDead(_Liar):
    """An update brings a removed record back."""

    def _written(self, write: Write) -> Outcome:
        outcome = super()._written(write)
        if outcome.result is Result.MISSING and isinstance(write, Update):
            row = self._shelf.row(write.kind, write.key)
            if row is not None:
                kept = self._kept(evolve(row, gone=False, fields={**row.fields, **write.fields}))
                return Outcome(result=Result.DONE, key=kept.key, version=str(kept.number))
        return outcome


class ReadsEverythingForNoKey(_Liar):
    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        return super().read(kind, keys) if keys else super().changes(kind, None).seen


class TakesAnyCursorForTheBeginning(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        try:
            return super().changes(kind, cursor)
        except TerminalError:
            return super().changes(kind, None)


class TellsMergesAsDeletes(_Liar):
    def _seen(self, row: Row) -> Seen:
        return evolve(super()._seen(row), merged_into=None)


class RemovesWhatWasJustEdited(_Liar):
    def _written(self, write: Write) -> Outcome:
        row = self._shelf.row(write.kind, getattr(write, "key", ""))
        if isinstance(write, Remove) and row is not None and not row.gone:
            return self._removed(row)
        return super()._written(write)


# Read and told falsely.


class ReadsStale(_Liar):
    """Reading gives what was there when the key was read first."""

    def __init__(self) -> None:
        super().__init__()
        self._cached: dict[tuple[str, str], Seen] = {}

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        for seen in super().read(kind, keys):
            _ = self._cached.setdefault((kind, seen.key), seen)
        return tuple(self._cached[kind, key] for key in dict.fromkeys(keys) if (kind, key) in self._cached)


class ShowsFloats(_Liar):
    def _seen(self, row: Row) -> Seen:
        seen = super()._seen(row)
        fields: dict[str, Any] = dict(seen.fields)
        if isinstance(fields.get("revenue"), dict):
            fields["revenue"] = {**fields["revenue"], "amount": float(fields["revenue"]["amount"])}
        return evolve(seen, fields=fields)


class DropsAField(_Liar):
    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        kept = {name: value for name, value in fields.items() if name != "website"}
        return super()._inserted(kind, kept, key=key, mark=mark)


class MarksButForgets(_Liar):
    """Says that it keeps marks, and finds nothing by them."""

    def find(self, kind: str, mark: str) -> Seen | None:
        _ = super().find(kind, mark)
        return None


class CutsMarks(_Liar):
    """A column of 40 characters: marks that begin alike are one."""

    def _written(self, write: Write) -> Outcome:
        return super()._written(evolve(write, mark=write.mark[:40]) if isinstance(write, Create) else write)

    def find(self, kind: str, mark: str) -> Seen | None:
        return super().find(kind, mark[:40])


class CursorGoesBackwards(_Liar):
    """A feed whose last cursor is one page old."""

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        return page if page.more or not page.seen else evolve(page, cursor=str(int(page.cursor) - len(page.seen)))


class TellsTheValuesAtCreation(_Liar):
    """A feed from a log that is not kept up: the version moves, the values do not."""

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[tuple[str, str], Fields] = {}

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        seen = (evolve(s, fields=self._first.setdefault((kind, s.key), s.fields)) for s in page.seen)
        return evolve(page, seen=tuple(seen))


class TellsOfTheDead(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        return evolve(page, seen=tuple(evolve(seen, gone=False, merged_into=None) for seen in page.seen))


class SaysDoneToEverything(_Liar):
    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        done = super().write(writes)
        return tuple(evolve(o, result=Result.DONE, why="") if o.result is Result.STALE else o for o in done)


class TakesTooMuch(_Liar):
    """A batch above its size is cut, and the rest is forgotten."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return super().write(writes[: self.capabilities.batch_size])


class RoundsAmounts(_Liar):
    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        kept = dict(fields)
        revenue = kept.get("revenue")
        if isinstance(revenue, dict):
            kept["revenue"] = {**revenue, "amount": str(revenue["amount"]).split(".")[0]}
        return super()._inserted(kind, kept, key=key, mark=mark)


class EchoesItsVersion(_Liar):
    """Answers a write with the version from before it."""

    def _updated(self, row: Row, write: Update) -> Outcome:
        return evolve(super()._updated(row, write), version=str(row.number))


class Honest(_Liar):
    """The control: nothing is wrong with it."""


LIARS = tuple(_Liar.__subclasses__())


class TestLiar(RecordSystemSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=LIARS, ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> MemoryCrm:
        liar: type[_Liar] = request.param
        return liar()
