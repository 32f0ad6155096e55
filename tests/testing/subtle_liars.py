"""Adapters that are right at first sight, each wrong in one thing; the kit must catch every one of them.

Not collected by itself: `test_liars_are_caught.py` runs these suites and looks at what fails.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import pytest
from attrs import evolve

from clmcrm.adapters.memory import MEMORY_CRM, MemoryCrm
from clmcrm.adapters.rows import Row
from clmcrm.ports.records import Create, Fields, Json, Outcome, Page, Remove, Result, Seen, Update, Write
from clmcrm.testing import CrmAdapterSuite

NAMES = frozenset({"name", "family_name", "title", "account"})


class _Liar(MemoryCrm):
    """Small pages; `kept` is what becomes of the fields of a creation, `set_to` of those of an update."""

    def __init__(self) -> None:
        super().__init__(MEMORY_CRM, page_size=10)

    def kept(self, fields: Fields) -> Fields:
        return fields

    def set_to(self, row: Row, fields: Fields) -> Fields:
        del row
        return fields

    def _inserted(self, kind: str, fields: Fields, *, key: str | None = None, mark: str | None = None) -> Row:
        return super()._inserted(kind, self.kept(fields), key=key, mark=mark)

    def _updated(self, row: Row, write: Update) -> Outcome:
        return super()._updated(row, evolve(write, fields=self.set_to(row, write.fields)))

    def _standing(self, kind: str) -> tuple[Seen, ...]:
        return tuple(self._seen(row) for row in self._shelf.after(kind, 0) if not row.gone)

    def _row_of(self, write: Write) -> Row | None:
        """The living row that an update or a removal is about."""
        row = None if isinstance(write, Create) else self._shelf.row(write.kind, write.key)
        return None if row is None or row.gone else row


def _each(fields: Fields, change: Callable[[Json], Json]) -> Fields:
    return {name: change(value) for name, value in fields.items()}


# What becomes of a field.


class DropsAFieldItSaysItHolds(_Liar):
    def kept(self, fields: Fields) -> Fields:
        return {name: value for name, value in fields.items() if name != "phone"}


class UpdatesTheNameOnly(_Liar):
    """Says done to any update."""

    def set_to(self, row: Row, fields: Fields) -> Fields:
        return {
            name: value for name, value in fields.items() if name in NAMES or value is None or name not in row.fields
        }


class UpdatesMoneyByFloat(_Liar):
    def set_to(self, row: Row, fields: Fields) -> Fields:
        def through(value: Json) -> Json:
            if isinstance(value, dict) and "amount" in value:
                return {**value, "amount": str(float(str(value["amount"])))}
            return value

        return _each(fields, through)


class AnswersWithTheMoneyItWasSent(UpdatesMoneyByFloat):
    """What it keeps has lost a digit, and what it shows of it has not."""

    def _updated(self, row: Row, write: Update) -> Outcome:
        outcome = super()._updated(row, write)
        shown = outcome.shown
        return (
            outcome if shown is None else evolve(outcome, shown=evolve(shown, fields={**shown.fields, **write.fields}))
        )


class NormalisesUpdates(_Liar):
    def set_to(self, row: Row, fields: Fields) -> Fields:
        return _each(fields, lambda value: unicodedata.normalize("NFC", value) if isinstance(value, str) else value)


class CollapsesBlanks(_Liar):
    """As a page in HTML does: two blanks are one, and one that keeps words together is one like any other."""

    def kept(self, fields: Fields) -> Fields:
        def collapsed(value: Json) -> Json:
            return value.replace("  ", " ").replace("\u00a0", " ") if isinstance(value, str) else value

        return _each(fields, collapsed)


class DropsNothingBesideSomething(_Liar):
    """An update with a value leaves out what it would empty."""

    def set_to(self, row: Row, fields: Fields) -> Fields:
        return fields if len(fields) == 1 else {name: value for name, value in fields.items() if value is not None}


class EmptiesTextsOnly(_Liar):
    def set_to(self, row: Row, fields: Fields) -> Fields:
        return {n: v for n, v in fields.items() if v is not None or not isinstance(row.fields.get(n), list | dict)}


class MixesObjects(_Liar):
    """An object is set member by member, so that none can be taken away."""

    def set_to(self, row: Row, fields: Fields) -> Fields:
        def mixed(name: str, value: Json) -> Json:
            before = row.fields.get(name)
            return {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value

        return {name: mixed(name, value) for name, value in fields.items()}


class AddsToLists(_Liar):
    def set_to(self, row: Row, fields: Fields) -> Fields:
        def longer(name: str, value: Json) -> Json:
            before = row.fields.get(name)
            return [*before, *value] if isinstance(before, list) and isinstance(value, list) else value

        return {name: longer(name, value) for name, value in fields.items()}


class SortsLists(_Liar):
    def kept(self, fields: Fields) -> Fields:
        return _each(fields, lambda value: sorted(value, key=str) if isinstance(value, list) else value)


class KeepsTheFirstOfAList(_Liar):
    def kept(self, fields: Fields) -> Fields:
        return _each(fields, lambda value: value[:1] if isinstance(value, list) else value)


class LosesTheZone(_Liar):
    def _seen(self, row: Row) -> Seen:
        seen = super()._seen(row)
        return evolve(seen, fields=_each(seen.fields, lambda v: v.removesuffix("+00:00") if isinstance(v, str) else v))


class MovesItsVersionForTheNameOnly(_Liar):
    """What else is set is there, without a new version and without a place in the feed."""

    def _updated(self, row: Row, write: Update) -> Outcome:
        if NAMES & write.fields.keys() or None in write.fields.values() or self._objection(write.kind, write.fields):
            return super()._updated(row, write)
        self._shelf.keep(evolve(row, fields={**row.fields, **write.fields}))
        return Outcome(result=Result.DONE, key=row.key, version=str(row.number))


class TellsTheNameOnly(_Liar):
    """Its feed goes by a log in which an update of anything else is not written."""

    def __init__(self) -> None:
        super().__init__()
        self._untold: set[tuple[str, int]] = set()

    def _updated(self, row: Row, write: Update) -> Outcome:
        outcome = super()._updated(row, write)
        if not NAMES & write.fields.keys() and None not in write.fields.values() and outcome.ok:
            self._untold.add((write.kind, int(outcome.version)))
        return outcome

    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        if cursor is None:
            return page
        return evolve(page, seen=tuple(seen for seen in page.seen if (kind, int(seen.version)) not in self._untold))


# What it answers.


class AnswersAnUpdateWithAnotherKey(_Liar):
    def _updated(self, row: Row, write: Update) -> Outcome:
        return evolve(super()._updated(row, write), key="account-0", shown=None)


class AnswersAnUpdateWithoutAKey(_Liar):
    def _updated(self, row: Row, write: Update) -> Outcome:
        return evolve(super()._updated(row, write), key="", shown=None)


class DropsTheLastOutcome(_Liar):
    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return super().write(writes)[:-1]


class CreatesLast(_Liar):
    """Updates and removals go first, and the outcomes come in that order."""

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return super().write(sorted(writes, key=lambda write: isinstance(write, Create)))


class GroupsByKind(_Liar):
    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        return super().write(sorted(writes, key=lambda write: write.kind))


class RefusesRemovalsWithoutAReason(_Liar):
    def _written(self, write: Write) -> Outcome:
        outcome = super()._written(write)
        return evolve(outcome, why="") if isinstance(write, Remove) else outcome


class RemovesWithoutAVersion(_Liar):
    def _written(self, write: Write) -> Outcome:
        row = self._row_of(write)
        if isinstance(write, Remove) and not write.expected and row is not None:
            return self._removed(row)
        return super()._written(write)


class UpdatesAnyKindUnderAKey(_Liar):
    """Its keys are counted over all kinds, and it does not look at the kind of a write."""

    def _written(self, write: Write) -> Outcome:
        rows = (self._row_of(evolve(write, kind=kind)) for kind in self.capabilities.kinds)
        row = next((row for row in rows if row is not None), None)
        strange = isinstance(write, Update) and row is not None and row.kind != write.kind
        return (
            super()._updated(row, write) if strange and isinstance(write, Update) and row else super()._written(write)
        )


# What it finds and reads.


class FindsWhateverTheCase(_Liar):
    def find(self, kind: str, mark: str) -> Seen | None:
        self._hold(kind)
        return next((s for s in self._standing(kind) if s.mark is not None and s.mark.lower() == mark.lower()), None)


class FindsWhatItFoundFirst(_Liar):
    """Its search is not kept up."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[tuple[str, str], Seen] = {}

    def find(self, kind: str, mark: str) -> Seen | None:
        seen = super().find(kind, mark)
        return None if seen is None else self._found.setdefault((kind, mark), seen)


class FindsTheRemovedAlive(_Liar):
    def find(self, kind: str, mark: str) -> Seen | None:
        seen = super().find(kind, mark)
        return seen if seen is None or seen.merged_into else evolve(seen, gone=False)


class FindsNoApostrophe(_Liar):
    """A mark ends the text of its question."""

    def find(self, kind: str, mark: str) -> Seen | None:
        return super().find(kind, mark.partition("'")[0])


class TakesAPlusForABlank(_Liar):
    def find(self, kind: str, mark: str) -> Seen | None:
        return super().find(kind, mark.replace("+", " "))


class LosesTheMarkInAnUpdate(_Liar):
    """Sends the whole record, and leaves its mark out."""

    def _changed(self, row: Row, *, fields: Fields) -> Row:
        return super()._changed(evolve(row, mark=None), fields=fields)


class BringsBackWhatIsCreatedAgain(_Liar):
    def _created(self, write: Create) -> Outcome:
        row = self._shelf.marked(write.kind, write.mark)
        if row is None or not row.gone or row.merged_into:
            return super()._created(write)
        kept = self._kept(evolve(row, gone=False))
        return Outcome(result=Result.BOUND, key=kept.key, version=str(kept.number))


class TakesKeysApart(_Liar):
    """Joins the keys with commas, and asks for what stands between them."""

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        return super().read(kind, ",".join(keys).split(","))


class ReadsEverythingForAnEmptyKey(_Liar):
    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        return self._standing(kind) if "" in keys else super().read(kind, keys)


class ReadsEverythingWhenAKeyIsStrange(_Liar):
    """A filter that it does not understand it leaves out."""

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        found = super().read(kind, keys)
        return self._standing(kind) if 0 < len(found) < len(set(keys)) else found


class UnderstandsNothing(_Liar):
    """Shows each record with all its fields, and says that it could not be understood."""

    def _seen(self, row: Row) -> Seen:
        return evolve(super()._seen(row), unreadable="no such page layout")


class ReadsTheSurvivorForTheLoser(_Liar):
    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        rows = {key: self._shelf.row(kind, key) for key in keys}
        return super().read(kind, [(row and row.merged_into) or key for key, row in rows.items()])


# What its feed tells.


class LosesTheLastOfAFullLastPage(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        return evolve(page, seen=page.seen[:-1]) if not page.more and len(page.seen) == 10 else page


class GoesOnForEver(_Liar):
    """There is always more, and always another cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._pages = 0

    def changes(self, kind: str, cursor: str | None) -> Page:
        self._pages += 1
        page = super().changes(kind, None if cursor is None else cursor.partition("/")[0])
        return evolve(page, cursor=f"{page.cursor}/{self._pages}", more=True)


class TellsTheSurvivorAsGone(_Liar):
    def changes(self, kind: str, cursor: str | None) -> Page:
        page = super().changes(kind, cursor)
        kept = {seen.merged_into for seen in page.seen if seen.merged_into}
        return evolve(page, seen=tuple(evolve(seen, gone=seen.gone or seen.key in kept) for seen in page.seen))


class Honest(_Liar):
    """The control: nothing is wrong with it."""


LIARS = (*(liar for liar in _Liar.__subclasses__()), AnswersWithTheMoneyItWasSent)


class TestSubtleLiar(CrmAdapterSuite):
    """The suite, once for each of them."""

    @pytest.fixture(params=LIARS, ids=lambda liar: liar.__name__)
    def adapter(self, request: pytest.FixtureRequest) -> MemoryCrm:
        liar: type[_Liar] = request.param
        return liar()
