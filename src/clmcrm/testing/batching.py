"""Checks of batches and of reading many: one outcome per write, in order, and nothing half done."""

from __future__ import annotations

import pytest
from attrs import evolve

from clmcrm.errors import TerminalError
from clmcrm.ports.records import Result
from clmcrm.testing.abilities import BATCHES, ITEMS, OTHER_KINDS, PRECONDITION, WRITES, batches_of
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, raises, same
from clmcrm.testing.scene import Scene, keys_of, shows
from clmcrm.testing.stated import instead, needs


class BatchingChecks(SuiteBase):
    """A batch is as good as its writes one by one."""

    def test_no_write_gives_no_outcome(self, scene: Scene) -> None:
        """An empty batch is no error."""
        same(scene.write(), (), "the outcomes of an empty batch")

    @needs(WRITES, BATCHES)
    def test_outcomes_come_in_the_order_of_the_writes(self, scene: Scene) -> None:
        """Each outcome's key leads to the record its write was about."""
        outcomes = scene.write(scene.create(3), scene.create(1), scene.create(2))
        for number, outcome in zip((3, 1, 2), outcomes, strict=True):
            shows(scene.now(outcome.key), scene.sample(scene.kind, number), f"outcome {number} leads to its record")

    @needs(WRITES, PRECONDITION, ITEMS, BATCHES)
    def test_outcomes_of_different_results_keep_their_order(self, scene: Scene) -> None:
        """The stale one, the missing one and the done one are told apart by their place."""
        stale, removed, fine = scene.made(1), scene.made(2), scene.made(3)
        _ = scene.edited(stale, scene.renamed("By a person"))
        scene.removed(removed)
        outcomes = scene.write(*(scene.update(seen, scene.renamed("By us")) for seen in (stale, removed, fine)))
        same(
            [outcome.result for outcome in outcomes], [Result.STALE, Result.MISSING, Result.DONE],
            "the results of a stale, a missing and a good update",
        )  # fmt: skip

    @needs(WRITES, ITEMS, batches_of(4))
    def test_outcomes_of_different_writes_keep_their_order(self, scene: Scene) -> None:
        """Whatever an adapter does first: a creation, a removal, an update and a creation are answered as they came."""
        removed, updated = scene.made(1), scene.made(2)
        writes = (
            scene.create(3),
            scene.remove(removed),
            scene.update(updated, scene.renamed("By us")),
            scene.create(4),
        )
        outcomes = scene.write(*writes)
        same([outcome.result for outcome in outcomes], [Result.DONE] * 4, "the outcomes of four different writes")
        for number, outcome in ((3, outcomes[0]), (4, outcomes[3])):
            shows(scene.now(outcome.key), scene.sample(scene.kind, number), f"the creation of {number}")
        holds(not scene.live(removed.key), "the record that was removed is not shown as live")
        shows(scene.now(updated.key), scene.renamed("By us"), "the record that was updated")

    @needs(WRITES)
    def test_every_outcome_that_is_not_good_says_why(self, scene: Scene) -> None:
        """In words for the person who has to look into it."""
        made = scene.made(1)
        scene.removed(made)
        outcome = scene.one(scene.update(made, scene.renamed("New")), Result.MISSING)
        holds(outcome.why, "a missing outcome says why")

    @needs(WRITES, ITEMS, BATCHES)
    def test_one_failed_write_does_not_keep_the_others_from_being_done(self, scene: Scene) -> None:
        """Where items stand for themselves."""
        first, second = scene.made(1), scene.made(2)
        scene.removed(first)
        outcomes = scene.write(
            scene.update(first, scene.renamed("A")), scene.update(second, scene.renamed("B")), scene.create(3)
        )
        same([outcome.ok for outcome in outcomes], [False, True, True], "which writes of the batch were done")
        shows(scene.now(second.key), scene.renamed("B"), "the write after the failed one is done")

    @instead(ITEMS)
    @needs(WRITES, BATCHES)
    def test_one_failed_write_undoes_the_whole_batch(self, scene: Scene) -> None:
        """Where a batch stands or falls together: no outcome is good and no record has changed."""
        first, second = scene.made(1), scene.made(2)
        scene.removed(first)
        before = scene.pull().cursor
        with scene.making_nothing(3, "what a creation in an undone batch leaves"):
            outcomes = scene.write(
                scene.update(second, scene.renamed("B")), scene.update(first, scene.renamed("A")), scene.create(3)
            )
        holds(not any(outcome.ok for outcome in outcomes), "no outcome of an undone batch is good")
        same(scene.now(second.key), second, "the record before the failed write")
        same(scene.pull(before).of(second.key), None, "what the feed tells of an undone batch")

    @needs(WRITES, PRECONDITION, ITEMS, batches_of(2))
    def test_the_second_of_two_updates_of_one_version_is_stale(self, scene: Scene) -> None:
        """Within a batch too, the first write moves the version."""
        made = scene.made(1)
        outcomes = scene.write(scene.update(made, scene.renamed("A")), scene.update(made, scene.renamed("B")))
        same([o.result for o in outcomes], [Result.DONE, Result.STALE], "two updates of one version")
        shows(scene.now(made.key), scene.renamed("A"), "the first of two updates stays")

    @needs(WRITES)
    def test_a_full_batch_is_taken(self, scene: Scene) -> None:
        """As many writes as `batch_size` says."""
        size = min(scene.adapter.capabilities.batch_size, 1_000)
        outcomes = scene.write(*(scene.create(number) for number in range(size)))
        same([outcome.result for outcome in outcomes], [Result.DONE] * size, "the outcomes of a full batch")
        same(len({outcome.key for outcome in outcomes}), size, "the records made by a full batch")

    @instead(BATCHES, only=False)
    def test_a_batch_above_the_size_is_refused_whole(self, scene: Scene) -> None:
        """Nothing of it is written."""
        size = scene.adapter.capabilities.batch_size
        writes = [scene.create(number) for number in range(size + 1)]
        with scene.making_nothing(0, "what a refused batch leaves"):
            raises(TerminalError, lambda: scene.adapter.write(writes), "a batch above capabilities.batch_size")


class ReadingChecks(SuiteBase):
    """Reading gives what is there, once each."""

    def test_a_key_without_a_record_is_left_out(self, scene: Scene) -> None:
        """And does not spoil the reading of the others."""
        made, _ = scene.made(1), scene.made(2)
        found = scene.adapter.read(scene.kind, ["conformance-no-such-key", made.key])
        same(tuple(found), (made,), "what is read of a known and an unknown key")

    def test_a_text_that_is_no_key_reads_nothing(self, scene: Scene) -> None:
        """It is not taken apart, and not taken for a place or a pattern: a hint may hold any text."""
        first, second = scene.made(1), scene.made(2)
        for key in (f"{first.key},{second.key}", f"{first.key}?x={second.key}", f"../{first.key}", "%", "*", " ", ""):
            same(tuple(scene.adapter.read(scene.kind, [key])), (), f"what is read of the text {key!r}, which is no key")

    def test_no_key_reads_nothing(self, scene: Scene) -> None:
        """An empty list of keys never means every record."""
        _ = scene.made(1)
        same(scene.adapter.read(scene.kind, []), (), "what is read of no key")

    def test_a_key_given_twice_is_read_once(self, scene: Scene) -> None:
        """Or twice the same, but nothing else."""
        made = scene.made(1)
        same(set(keys_of(scene.adapter.read(scene.kind, [made.key, made.key]))), {made.key}, "one key given twice")

    def test_more_keys_than_one_batch_are_read(self, scene: Scene) -> None:
        """The adapter cuts long lists itself."""
        made = scene.many(self.many)
        found = scene.adapter.read(scene.kind, [seen.key for seen in made])
        same({seen.key: seen for seen in found}, {seen.key: seen for seen in made}, "many records read at once")

    @needs(OTHER_KINDS)
    def test_a_key_of_another_kind_is_no_key_of_this_one(self, scene: Scene) -> None:
        """Keys of two kinds are never mixed up."""
        others = sorted(scene.adapter.capabilities.kinds - {scene.kind})
        made = scene.made(1)
        found = [seen for seen in scene.adapter.read(others[0], [made.key]) if seen.fields == made.fields]
        same(found, [], f"what {others[0]} shows under a key of {scene.kind}")

    @needs(WRITES, OTHER_KINDS)
    def test_a_write_to_a_key_of_another_kind_changes_nothing(self, scene: Scene) -> None:
        """The kind belongs to the key: an update and a removal find no such record there."""
        made = scene.made(1)
        others = sorted(scene.adapter.capabilities.kinds - {scene.kind})
        if scene.adapter.read(others[0], [made.key]):
            pytest.skip(f"a record of {others[0]} has the same key: keys are counted by kind")
        for write in (scene.update(made, scene.renamed("By us")), scene.remove(made)):
            (outcome,) = scene.write(evolve(write, kind=others[0]))
            holds(not outcome.ok, f"no {others[0]} is written under a key of {scene.kind}")
        same(scene.now(made.key), made, f"the {scene.kind} after writes to its key as {others[0]}")
