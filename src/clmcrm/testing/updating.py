"""Checks of updates and removals: only what was asked for, and only at the version that was seen."""

from __future__ import annotations

from attrs import evolve

from clmcrm.ports.records import Remove, Result
from clmcrm.testing.abilities import PRECONDITION, WRITES
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.scene import Scene, shows
from clmcrm.testing.stated import each_needs, needs


class UpdatingChecks(SuiteBase):
    """An update sets what it names, if nobody was faster."""

    @needs(WRITES)
    def test_an_update_sets_the_fields_it_names(self, scene: Scene) -> None:
        """And reading shows them."""
        made = scene.made(1)
        _ = scene.one(scene.update(made, scene.renamed("New")))
        shows(scene.now(made.key), scene.renamed("New"), "an update sets what it names")

    @needs(WRITES)
    def test_an_update_leaves_the_other_fields(self, scene: Scene) -> None:
        """What it does not name stays as it is."""
        made = scene.made(1)
        _ = scene.one(scene.update(made, scene.renamed("New")))
        same(
            {**scene.now(made.key).fields, scene.name: None}, {**made.fields, scene.name: None},
            "the fields an update does not name",
        )  # fmt: skip

    @needs(WRITES)
    def test_an_update_to_nothing_empties_the_field(self, scene: Scene) -> None:
        """None is a value: the field is shown empty or not at all, never as it was."""
        made = scene.made(1)
        name = next(name for name in scene.sample(scene.kind, 1) if name != scene.name)
        _ = scene.one(scene.update(made, {name: None}))
        holds(scene.now(made.key).fields.get(name) in (None, [], ""), f"{name} is empty after it was set to None")

    @needs(WRITES)
    def test_an_update_answers_with_the_version_that_reading_shows(self, scene: Scene) -> None:
        """So that the next update needs no reading in between; nor does what it shows of the record, if it does."""
        made = scene.made(1)
        outcome = scene.one(scene.update(made, scene.renamed("New")))
        now, shown = scene.now(made.key), outcome.shown
        same(now.version, outcome.version, "the version after an update")
        if shown is not None:
            told = {name: now.fields.get(name) for name in shown.fields}
            same(
                (shown.key, shown.version, dict(shown.fields)), (now.key, now.version, told),
                "what the answer to an update shows of the record",
            )  # fmt: skip
        _ = scene.one(scene.update(made, scene.renamed("Newer"), expected=outcome.version))

    def test_an_update_moves_the_version(self, scene: Scene) -> None:
        """Each edit gives a version that was never there before."""
        _ = scene.made(1)
        key = scene.made(2).key
        versions = [scene.now(key).version]
        versions += [scene.edited(scene.now(key), scene.renamed(text)).version for text in ("A", "B", "A")]
        same(len(set(versions)), len(versions), "the number of different versions after three edits")

    def test_looking_does_not_move_the_version(self, scene: Scene) -> None:
        """Reading, looking up and pulling are no edits."""
        made = scene.made(1)
        if scene.adapter.capabilities.marks:
            _ = scene.find(1)
        _ = scene.pull()
        same(scene.now(made.key), made, "a record that was only looked at")

    def test_an_edit_of_one_record_leaves_the_others(self, scene: Scene) -> None:
        """Their version and their values stay."""
        first, second = scene.made(1), scene.made(2)
        _ = scene.edited(first, scene.renamed("New"))
        same(scene.now(second.key), second, "the record beside the one that was edited")

    @needs(WRITES, PRECONDITION)
    def test_an_update_after_somebody_elses_edit_is_stale(self, scene: Scene) -> None:
        """And their edit stays: nothing of the update is written."""
        made = scene.made(1)
        edited = scene.edited(made, scene.renamed("By a person"))
        outcome = scene.one(scene.update(made, scene.renamed("By us")), Result.STALE)
        holds(outcome.why, "a stale outcome says why")
        same(scene.now(made.key), edited, "the record after a stale update")

    @needs(WRITES, PRECONDITION)
    def test_an_update_with_a_version_that_never_was_is_stale(self, scene: Scene) -> None:
        """A made-up version is no way around the precondition, and an empty one neither."""
        made = scene.made(1)
        for expected in ("conformance-no-such-version", ""):
            _ = scene.one(scene.update(made, scene.renamed("By us"), expected=expected), Result.STALE)
        same(scene.now(made.key), made, "the record after stale updates")

    @needs(WRITES, PRECONDITION)
    def test_a_version_from_another_record_is_stale(self, scene: Scene) -> None:
        """A version holds for one record only."""
        first, second = scene.made(1), scene.made(2)
        if first.version != second.version:
            _ = scene.one(scene.update(first, scene.renamed("New"), expected=second.version), Result.STALE)
        shows(scene.now(first.key), scene.sample(scene.kind, 1), "the record after a foreign version")

    @needs(WRITES, PRECONDITION)
    def test_an_earlier_version_does_not_come_back(self, scene: Scene) -> None:
        """An edit there and back is still two edits."""
        made = scene.made(1)
        there = scene.edited(made, scene.renamed("There"))
        back = scene.edited(there, {scene.name: made.fields[scene.name]})
        _ = scene.one(scene.update(made, scene.renamed("By us")), Result.STALE)
        same(scene.now(made.key), back, "the record after an edit there and back")

    @needs(WRITES)
    def test_an_update_of_a_record_that_never_was_is_missing(self, scene: Scene) -> None:
        """The outcome says so; nothing is created."""
        ghost = evolve(scene.made(1), key="conformance-no-such-key")
        _ = scene.one(scene.update(ghost, scene.renamed("New")), Result.MISSING)
        same(scene.lookup(ghost.key), None, "the record that never was")

    @needs(WRITES)
    def test_an_update_of_a_removed_record_is_missing(self, scene: Scene) -> None:
        """Nothing comes back to life."""
        made = scene.made(1)
        scene.removed(made)
        _ = scene.one(scene.update(made, scene.renamed("New")), Result.MISSING)
        holds(not scene.live(made.key), "a removed record stays removed")

    @needs(WRITES)
    def test_an_update_with_a_field_it_does_not_know_is_refused_whole(self, scene: Scene) -> None:
        """The fields it does know are not written either."""
        made = scene.made(1)
        fields = {**scene.renamed("New"), "conformance_no_such_field": "x"}
        outcome = scene.one(scene.update(made, fields), Result.REFUSED)
        holds("conformance_no_such_field" in outcome.why, "the refusal names the field")
        same(scene.now(made.key), made, "the record after a refused update")

    def test_what_the_caller_does_to_its_values_later_changes_no_record(self, scene: Scene) -> None:
        """The record keeps what it was given."""
        fields = dict(scene.sample(scene.kind, 1))
        made = scene.made(1, fields)
        fields[scene.name] = "Changed by the caller"
        for value in (*fields.values(), *made.fields.values()):
            if isinstance(value, list | dict):
                value.clear()
        shows(scene.now(made.key), scene.sample(scene.kind, 1), "a record keeps what it was given")


@each_needs(WRITES)
class RemovingChecks(SuiteBase):
    """A removed record is gone, and stays gone."""

    def test_a_removed_record_is_no_longer_shown_as_live(self, scene: Scene) -> None:
        """It is left out, or shown as gone."""
        made = scene.made(1)
        _ = scene.one(scene.remove(made))
        holds(not scene.live(made.key), "a removed record is not shown as live")

    @needs(WRITES, PRECONDITION)
    def test_a_removal_after_somebody_elses_edit_is_stale(self, scene: Scene) -> None:
        """What has just been edited is not thrown away unseen."""
        made = scene.made(1)
        edited = scene.edited(made, scene.renamed("By a person"))
        _ = scene.one(scene.remove(made), Result.STALE)
        same(scene.now(made.key), edited, "the record after a stale removal")

    @needs(WRITES, PRECONDITION)
    def test_a_removal_with_a_version_that_never_was_is_stale(self, scene: Scene) -> None:
        """A made-up version is no way around the precondition, an empty one neither, and nor is another record's."""
        made, other = scene.made(1), scene.made(2)
        for expected in ("conformance-no-such-version", "", *{other.version} - {made.version}):
            _ = scene.one(evolve(scene.remove(made), expected=expected), Result.STALE)
        same(scene.now(made.key), made, "the record after stale removals")

    def test_a_removal_of_a_record_that_never_was_is_missing(self, scene: Scene) -> None:
        """The outcome says so."""
        write = Remove(kind=scene.kind, key="conformance-no-such-key", expected="1")
        _ = scene.one(write, Result.MISSING)

    def test_a_second_removal_is_missing(self, scene: Scene) -> None:
        """Removing is done once."""
        made = scene.made(1)
        _ = scene.one(scene.remove(made))
        _ = scene.one(scene.remove(made), Result.MISSING)

    def test_a_removal_leaves_the_other_records(self, scene: Scene) -> None:
        """Only the one that was named goes."""
        first, second = scene.made(1), scene.made(2)
        _ = scene.one(scene.remove(first))
        same(scene.now(second.key), second, "the record beside the one that was removed")

    def test_a_record_can_be_made_again_under_another_mark(self, scene: Scene) -> None:
        """A removal does not block the values."""
        made = scene.made(1)
        _ = scene.one(scene.remove(made))
        again = scene.made(2, scene.sample(scene.kind, 1))
        holds(again.key != made.key, "the new record has a key of its own")
        shows(again, scene.sample(scene.kind, 1), "the new record shows its values")
