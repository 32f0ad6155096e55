"""Checks of what a system declares beyond the rest: lag, overlap, remembered keys, places for fields."""

from __future__ import annotations

import pytest
from attrs import evolve

from clmcrm.adapters.catalogue import FIELDS
from clmcrm.drivers.blocking import Run
from clmcrm.ports.calls import answered, together
from clmcrm.ports.records import Create, Creating, Fields, Outcome, Result, Seen
from clmcrm.ports.systems import AnySystem, RecordSystem
from clmcrm.testing.abilities import FEED, KEYS, LAG, LEAVES_FIELDS_OUT, PLACES, UNIQUE, WRITES, kinds_made, placeless
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.pages import pages_of
from clmcrm.testing.scene import Scene, Scenes, SlowPerson, keys_of, shows
from clmcrm.testing.stated import each_needs, instead, needs
from clmcrm.testing.ways import Wait, Waited

MOST_AT_ONCE = 8


class DeclaredChecks(SuiteBase):
    """A flag is a promise: each is tried where it is made."""

    def test_what_keeps_creations_apart_agrees_with_marks(self, system: RecordSystem) -> None:
        """`creating` is what the engine goes by after a lost reply."""
        able = system.capabilities
        holds(able.creation in (Creating.UNIQUE, Creating.LOOKUP) or not able.marks, "marks go with creating by them")

    def test_the_fields_it_has_a_place_for_are_fields_of_ours(self, system: RecordSystem) -> None:
        """Of kinds that it holds, under their canonical names."""
        able = system.capabilities
        holds(able.holds.keys() <= able.kinds, "capabilities.holds names kinds of capabilities.kinds")
        strange = {kind: sorted(fields - FIELDS.get(kind, fields)) for kind, fields in able.holds.items()}
        same({k: v for k, v in strange.items() if v}, {}, "fields in capabilities.holds that our records do not have")

    @instead(LEAVES_FIELDS_OUT, only=False)
    def test_a_field_it_has_a_place_for_comes_back(self, system: RecordSystem, scenes: Scenes) -> None:
        """Each of them alone, beside the name; every field of a kind whose fields are not listed."""
        for kind in sorted(kinds_made(system.capabilities)):
            scene = scenes(kind)
            for number, name in enumerate(scene.sample(kind, 1), 1):
                fields = {**self._least(scene, number), name: scene.sample(kind, number)[name]}
                shows(scene.made(number, fields), fields, f"{kind} has a place for it")

    @instead(PLACES, only=False)
    @needs(LEAVES_FIELDS_OUT)
    def test_a_field_without_a_place_is_refused_or_reported(self, system: RecordSystem, scenes: Scenes) -> None:
        """Refused by name, or named as left out; never bent into another value or dropped, and the others are kept."""
        for kind in sorted(system.capabilities.creates & system.capabilities.holds.keys()):
            scene = scenes(kind)
            lost = placeless(kind, system.capabilities)
            for number, (name, value) in enumerate(lost.items(), 1):
                fields = {**self._least(scene, number), name: value}
                (outcome,) = scene.write(scene.create(number, fields))
                _never_bent(scene, outcome, self._least(scene, number), name)

    @needs(LEAVES_FIELDS_OUT)
    def test_an_update_of_a_field_without_a_place_changes_nothing_else(
        self, system: RecordSystem, scenes: Scenes
    ) -> None:
        """Refused by name, or named as left out, as by the way of a creation."""
        for kind in sorted(system.capabilities.creates & system.capabilities.holds.keys()):
            scene = scenes(kind)
            made = scene.made(1)
            for name, value in placeless(kind, system.capabilities).items():
                (outcome,) = scene.write(scene.update(scene.now(made.key), {name: value}))
                _never_bent(scene, evolve(outcome, key=made.key), made.fields, name)

    def _least(self, scene: Scene, number: int) -> Fields:
        """The fewest fields that make a record."""
        sample = scene.sample(scene.kind, number)
        return {name: sample[name] for name in (scene.name, *self.required.get(scene.kind, ()))}

    @needs(LAG)
    def test_what_was_written_shows_when_the_lag_has_passed(self, scene: Scene) -> None:
        """Found by its mark and told by the feed, not earlier perhaps but then at the latest."""
        cursor = scene.pull().cursor
        made = scene.made(1)
        told = scene.pull(cursor)
        same(told.of(made.key), made, "what the feed tells once `visible_lag` has passed")
        if scene.adapter.capabilities.marks:
            same(scene.find(1), made, "what the mark finds once `visible_lag` has passed")

    @needs(LAG, FEED)
    def test_a_feed_that_lags_does_not_step_over_what_it_does_not_show_yet(self, scene: Scene, wait: Wait) -> None:
        """A pull right after a write may miss it; the next one may not."""
        first = scene.made(1)
        scene.settle()
        second = scene.made(2)
        *_, page = pages_of(scene.adapter, scene.kind, None)
        early = scene.adapter.changes(scene.kind, page.cursor)
        _ = wait(scene.adapter.capabilities.visible_lag)
        later = scene.pull(early.cursor)
        before = keys_of(scene.adapter.read(scene.kind, [first.key, second.key]))
        same(before, {first.key, second.key}, "both records can be read")
        told = scene.pull().of(second.key)
        same(told, second, "what a pull from scratch tells")
        shown = later.of(second.key) is not None or second.key in _shown_early(scene, page.seen, early.seen)
        holds(shown, "what was written while the feed lagged behind is told by the next pull")

    @needs(FEED)
    def test_an_edit_that_took_long_is_told(self, scene: Scene) -> None:
        """It began before others that were pulled already, and ended after them: the overlap must reach it."""
        slow, told = self._slow_edit(scene)
        holds(told == slow, "an edit that began before the last pull and ended after it is told by the next")

    def _slow_edit(self, scene: Scene) -> tuple[Seen, Seen | None]:
        person: object = scene.person
        if not isinstance(person, SlowPerson):
            pytest.skip("no person is given whose edit could take long (edit_slowly)")
        first, second = scene.made(1), scene.made(2)
        cursors = [scene.pull().cursor]

        def meanwhile() -> None:
            _ = scene.edited(second, scene.renamed("Quick"))
            cursors.append(scene.pull(cursors[0]).cursor)

        slow = person.edit_slowly(scene.kind, first.key, scene.renamed("Slow"), meanwhile)
        return slow, scene.pull(cursors[-1]).of(first.key)

    @needs(WRITES, UNIQUE)
    def test_two_creations_at_once_make_one_record(self, scene: Scene, run: Run) -> None:
        """Where the system itself keeps marks apart; side by side where the adapter's methods are flows."""
        first, second = twice_at_once(scene, run)
        same(first.key, second.key, "the record that two creations at once are about")
        same(sorted([first.result, second.result]), [Result.BOUND, Result.DONE], "their outcomes")

    @needs(WRITES)
    def test_as_many_batches_at_once_as_it_says(self, scene: Scene, run: Run) -> None:
        """Side by side, each gives its own outcomes."""
        able, asked = scene.adapter.capabilities, flows_of(scene)
        if able.in_flight == 1 or asked is None:
            pytest.skip("capabilities.in_flight is 1, or the adapter answers at once")
        count = min(able.in_flight, MOST_AT_ONCE)
        outcomes = run(together([answered(asked.write([scene.create(n)])) for n in range(1, count + 1)]))
        for number, (outcome,) in enumerate(outcomes, 1):
            shows(scene.now(outcome.key), scene.sample(scene.kind, number), f"batch {number} leads to its record")


@each_needs(WRITES)
class KeyChecks(SuiteBase):
    """A system that remembers idempotency keys does the same thing once."""

    @needs(KEYS)
    def test_a_creation_sent_again_under_its_key_makes_no_second_record(self, scene: Scene) -> None:
        """The same body, after a reply was lost."""
        write = _keyed(scene)
        first, (again,) = scene.one(write), scene.write(write)
        holds(again.ok, f"a creation sent again under its key is good ({again.why})")
        same(again.key, first.key, "the record it is about")

    @needs(KEYS)
    def test_a_creation_sent_again_under_its_key_keeps_what_a_person_has_changed(self, scene: Scene) -> None:
        """It does nothing, whatever happened since."""
        write = _keyed(scene)
        edited = scene.edited(scene.now(scene.one(write).key), scene.renamed("By a person"))
        _ = scene.write(write)
        same(scene.now(edited.key), edited, "the record after its creation was sent again")

    @needs(KEYS)
    def test_a_key_used_again_with_other_values_is_refused(self, scene: Scene) -> None:
        """As REUSED, and nothing is written."""
        write = _keyed(scene)
        made = scene.now(scene.one(write).key)
        outcome = scene.one(evolve(write, fields={**write.fields, **scene.renamed("Another")}), Result.REUSED)
        holds(outcome.why, "a reused key says why")
        same(scene.now(made.key), made, "the record after its key was used again")

    @needs(KEYS)
    def test_two_keys_with_the_same_values_are_two_records(self, scene: Scene) -> None:
        """Only the key decides what was sent before."""
        write = _keyed(scene)
        other = evolve(write, mark=scene.mark(2), idempotency_key=f"{write.idempotency_key}-2")
        holds(scene.one(write).key != scene.one(other).key, "two keys make two records")

    @needs(KEYS)
    def test_an_update_sent_again_under_its_key_changes_nothing_more(self, scene: Scene) -> None:
        """The version it led to stays."""
        _ = _keyed(scene)
        made = scene.made(1)
        write = evolve(scene.update(made, scene.renamed("New")), idempotency_key=f"update-{scene.run}")
        _ = scene.one(write)
        after = scene.now(made.key)
        _ = scene.write(write)
        same(scene.now(made.key), after, "the record after its update was sent again")

    @needs(KEYS)
    def test_a_write_that_failed_may_be_sent_again_under_its_key(self, scene: Scene) -> None:
        """Its key is not used up."""
        write = _keyed(scene)
        bad = evolve(write, fields={**write.fields, "conformance_no_such_field": "x"})
        _ = scene.one(bad, Result.REFUSED)
        _ = scene.one(write)

    @needs(KEYS)
    def test_a_key_is_remembered_to_the_end_of_its_window(self, scene: Scene, wait: Wait) -> None:
        """Nine tenths of `key_window` later it still is."""
        write = _keyed(scene)
        first = scene.one(write)
        _ = wait(scene.adapter.capabilities.key_window * 9 / 10)
        (again,) = scene.write(write)
        same((again.ok, again.key), (True, first.key), "a creation sent again late in the window")


def twice_at_once(scene: Scene, run: Run) -> tuple[Outcome, Outcome]:
    """The outcomes of one creation sent twice, side by side where the adapter's methods are flows."""
    one, asked = scene.create(1), flows_of(scene)
    if asked is None:
        return scene.write(one)[0], scene.write(one)[0]
    (first,), (second,) = run(together([answered(asked.write([one])) for _ in range(2)]))
    return first, second


def flows_of(scene: Scene) -> AnySystem | None:
    """The system whose answers are waited for; None when it answers at once by itself."""
    return scene.adapter.unwaited if isinstance(scene.adapter, Waited) else None


def _keyed(scene: Scene) -> Create:
    """A creation under an idempotency key."""
    return evolve(scene.create(1), idempotency_key=f"create-{scene.run}")


def _never_bent(scene: Scene, outcome: Outcome, kept: Fields, name: str) -> None:
    if outcome.ok:
        seen = scene.now(outcome.key)
        holds(seen.fields.get(name) in (None, [], "", {}), f"{name} has no place and is not shown")
        shows(seen, {n: v for n, v in kept.items() if n != name}, f"beside {name}")
        holds(name in outcome.why, f"{name} is named as left out: it is not dropped silently")
    else:
        same(outcome.result, Result.REFUSED, f"the outcome for {name}, which has no place")
        holds(name in outcome.why, f"the refusal names {name}")


def _shown_early(scene: Scene, *pages: tuple[Seen, ...]) -> set[str]:
    return {seen.key for page in pages for seen in page if seen.kind == scene.kind}
