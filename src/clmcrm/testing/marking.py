"""Checks of what is found by our mark: the record as it is now, whatever the mark's letters, and never a gone one."""

from __future__ import annotations

import pytest
from attrs import evolve

from clmcrm.ports.records import Result
from clmcrm.testing.abilities import MARKS, WRITES
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.scene import Scene, shows
from clmcrm.testing.stated import needs

MARKS_OF_ANY_TEXT = {
    "apostrophe": "O'Neill",
    "quotes": 'the "A" list',
    "plus": "a+b c",
    "percent": "100%25",
    "ampersand": "a&b=c",
    "slash": "a/b?c#d",
    "wildcards": "a*b_c%",
    "accents": "Société Zoé",
}
"""The end of a mark is a key of the other system, which may be any text."""


class MarkingChecks(SuiteBase):
    """A mark finds the one record that was made under it, as it stands."""

    @needs(WRITES, MARKS)
    @pytest.mark.parametrize("name", sorted(MARKS_OF_ANY_TEXT))
    def test_any_text_may_be_a_mark(self, scene: Scene, name: str) -> None:
        """It finds its record, is shown by it, and binds a second creation."""
        mark = f"{scene.mark(1)}:{MARKS_OF_ANY_TEXT[name]}"
        write = evolve(scene.create(1), mark=mark)
        made = scene.now(scene.one(write).key)
        scene.settle()
        same((made.mark, scene.adapter.find(scene.kind, mark)), (mark, made), f"the record of the mark {mark!r}")
        same(scene.one(write, Result.BOUND).key, made.key, f"the record a second creation under {mark!r} is bound to")

    @needs(WRITES, MARKS)
    def test_marks_that_differ_a_little_find_their_own_records(self, scene: Scene) -> None:
        """In letters, case and length: none is taken for another."""
        mark = scene.mark(1)
        marks = (f"{mark}a", f"{mark}A", f"{mark}aa")
        made = {each: scene.one(evolve(scene.create(n), mark=each)).key for n, each in enumerate(marks)}
        scene.settle()
        found = {each: seen and seen.key for each in marks for seen in [scene.adapter.find(scene.kind, each)]}
        same(found, made, "the records that marks which look alike find")
        same(scene.adapter.find(scene.kind, mark), None, "what the beginning of three marks finds")

    @needs(WRITES, MARKS)
    def test_an_updated_record_is_found_by_its_mark_as_it_is(self, scene: Scene) -> None:
        """It keeps its mark through an update, and what is found is no older than what is read."""
        made = scene.made(1)
        same(scene.find(1), made, "the record found by its mark before an update")
        _ = scene.one(scene.update(made, scene.renamed("New")))
        now = scene.now(made.key)
        same(now.mark, made.mark, "the mark of a record that was updated")
        same(scene.find(1), now, "the record found by its mark after an update")

    @needs(WRITES, MARKS)
    def test_a_removed_record_is_not_found_live_by_its_mark(self, scene: Scene) -> None:
        """Its mark leads to nothing, or to the gone record."""
        made = scene.made(1)
        _ = scene.one(scene.remove(made))
        found = scene.find(1)
        holds(found is None or found.gone, "a removed record is not found as live by its mark")

    @needs(WRITES, MARKS)
    def test_a_creation_under_the_mark_of_a_removed_record_brings_nothing_back(self, scene: Scene) -> None:
        """It is bound to the gone record, which stays gone, or refused, or another record is made."""
        made = scene.made(1)
        _ = scene.one(scene.remove(made))
        scene.settle()
        (outcome,) = scene.write(scene.create(1))
        holds(not scene.live(made.key), "a removed record stays removed when its creation is sent again")
        if outcome.result is Result.DONE:
            holds(outcome.key != made.key, "a new record has a key of its own")
            shows(scene.now(outcome.key), scene.sample(scene.kind, 1), "the new record shows its values")
        elif outcome.ok:
            same(outcome.key, made.key, "the record that a late creation is bound to")
