"""Checks of a system that is only read: it says so by creating nothing, and then it takes no write of any kind.

Records are entered, edited and removed by a person (`EnteringPerson`); each kind of write is refused by an outcome of
its own, with the reason, and leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from attrs import evolve

from clmcrm.ports.records import NO_TIME, Create, Creating, Outcome, Precondition, Remove, Result, Seen, Update, Write
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.abilities import WRITES
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.scene import Scene
from clmcrm.testing.stated import instead

_NOT_THERE = (Result.REFUSED, Result.MISSING)
"""What may be said of a write to a record that is not there."""


class ReadOnlyChecks(SuiteBase):
    """Where `capabilities.creates` is empty, nothing is written."""

    @instead(WRITES)
    def test_a_system_that_is_only_read_claims_nothing_about_writes(self, system: RecordSystem) -> None:
        """No precondition, no mark, no key and no creation: there is no write that they could hold for."""
        able = system.capabilities
        same(able.precondition, Precondition.NONE, "the precondition of writes that are never taken")
        holds(not able.marks, "no record is found by the mark of a creation that is never taken")
        same(able.creation, Creating.NONE, "what keeps creations apart that are never taken")
        same(able.key_window, NO_TIME, "how long a key of a write that is never taken is remembered")

    @instead(WRITES)
    def test_a_creation_is_refused_and_makes_nothing(self, scene: Scene) -> None:
        """Sent once, once more, and under an idempotency key: no record is there that was not there before."""
        made = scene.made(1)
        write = scene.create(2)
        keyed = evolve(write, idempotency_key=f"create-{scene.run}")
        with _nothing_changes(scene, made):
            for each in (write, write, keyed, keyed, scene.create(3, made.fields)):
                outcome = _refused(scene, each)
                same((outcome.key, outcome.shown), ("", None), "the record of a creation that is refused")

    @instead(WRITES)
    def test_an_update_is_refused_and_changes_nothing(self, scene: Scene) -> None:
        """Whatever the version it comes with, of one field, of an unknown one and of none."""
        made = scene.made(1)
        new = scene.renamed("By us")
        with _nothing_changes(scene, made):
            for expected in (made.version, "conformance-no-such-version", ""):
                outcome = _refused(scene, scene.update(made, new, expected=expected))
                holds(outcome.key in ("", made.key), "the refusal is about the record of the update")
            for fields in ({**new, "conformance_no_such_field": "x"}, dict(made.fields), {}):
                _ = _refused(scene, scene.update(made, fields))
            _ = _refused(scene, evolve(scene.update(made, new), idempotency_key=f"update-{scene.run}"))

    @instead(WRITES)
    def test_an_update_of_what_is_not_there_makes_nothing(self, scene: Scene) -> None:
        """Neither a record that never was, nor one that a person has removed."""
        made, removed = scene.made(1), scene.made(2)
        scene.removed(removed)
        with _nothing_changes(scene, made):
            for key in ("conformance-no-such-key", removed.key):
                _ = _refused(scene, scene.update(evolve(removed, key=key), scene.renamed("By us")), *_NOT_THERE)
        holds(not scene.live(removed.key), "a removed record stays removed")

    @instead(WRITES)
    def test_a_removal_is_refused_and_removes_nothing(self, scene: Scene) -> None:
        """Whatever the version it comes with; of a record that never was, it may be said that it is missing."""
        made = scene.made(1)
        with _nothing_changes(scene, made):
            for version in (made.version, "conformance-no-such-version", ""):
                _ = _refused(scene, scene.remove(evolve(made, version=version)))
            ghost = Remove(kind=scene.kind, key="conformance-no-such-key", expected="1")
            _ = _refused(scene, ghost, *_NOT_THERE)

    @instead(WRITES)
    def test_a_batch_is_refused_write_by_write(self, scene: Scene) -> None:
        """As many outcomes as writes, each with its reason; a batch as full as `batch_size` says."""
        made = scene.made(1)
        size = min(scene.adapter.capabilities.batch_size, 1_000)
        some: tuple[Write, ...] = (scene.create(2), scene.update(made, scene.renamed("By us")), scene.remove(made))
        batch = [some[place % len(some)] for place in range(size)]
        with _nothing_changes(scene, made):
            outcomes = scene.write(*batch)
        same([outcome.result for outcome in outcomes], [Result.REFUSED] * size, "the outcomes of a full batch")
        holds(all(outcome.why for outcome in outcomes), "each refusal of a batch says why")
        for write, outcome in zip(batch, outcomes, strict=True):
            known = () if isinstance(write, Create) else (made.key,)
            holds(outcome.key in ("", *known), f"the refusal of {type(write).__name__} is about its record")

    @instead(WRITES)
    def test_what_it_shows_are_fields_it_says_it_holds(self, scene: Scene) -> None:
        """`capabilities.holds` names what a host may count on: nothing is shown beside it."""
        _ = scene.many(3)
        held = scene.adapter.capabilities.holds.get(scene.kind)
        shown = {name for seen in scene.pull().seen for name in seen.fields}
        same(sorted(shown - (shown if held is None else held)), [], "fields shown that capabilities.holds leaves out")

    @instead(WRITES)
    def test_a_persons_edit_stands_after_a_write_that_is_refused(self, scene: Scene) -> None:
        """An update and a removal that came too late leave what the person wrote."""
        made = scene.made(1)
        edited = scene.edited(made, scene.renamed("By a person"))
        with _nothing_changes(scene, edited):
            late: tuple[Write, ...] = (scene.update(made, scene.renamed("By us")), scene.remove(made))
            for write in late:
                _ = _refused(scene, write)


@contextmanager
def _nothing_changes(scene: Scene, stands: Seen) -> Generator[None, None, None]:
    """Fail if the listing is another after the block, or if the record that `stands` there does not."""
    before = _listed(scene)
    yield
    same(scene.now(stands.key), stands, "the record after writes that were refused")
    same(_listed(scene), before, "what a pull from scratch tells after writes that were refused")


def _listed(scene: Scene) -> dict[str, Seen]:
    """What a pull from scratch tells last of each record."""
    return {seen.key: seen for seen in scene.pull().seen}


def _refused(scene: Scene, write: Write, *results: Result) -> Outcome:
    """The outcome of a write, which must say why it was not done."""
    what = "update" if isinstance(write, Update) else "removal" if isinstance(write, Remove) else "creation"
    (outcome,) = scene.write(write)
    allowed = results or (Result.REFUSED,)
    holds(outcome.result in allowed, f"a system that is only read refuses a {what}: found {outcome.result.value}")
    holds(outcome.why, f"the refusal of a {what} says why")
    return outcome
