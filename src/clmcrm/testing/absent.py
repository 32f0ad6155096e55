"""Checks of what a system says it does not have: a flag that is off is a statement, and hosts go by it.

Each is made where the flag is off, in the place of the checks that need it. What a system cannot do it refuses aloud,
never half: an empty answer would be believed.
"""

from __future__ import annotations

from functools import partial

from attrs import evolve

from clmcrm.drivers.blocking import Run
from clmcrm.errors import TerminalError
from clmcrm.ports.calls import answered, finished
from clmcrm.ports.records import Creating, Outcome, Result, Seen
from clmcrm.testing.abilities import (
    DELETES,
    FEED,
    HISTORY,
    KEYS,
    LAG,
    MARKS,
    MERGES,
    PRECONDITION,
    UNIQUE,
    WRITES,
    batches_of,
)
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.declared import twice_at_once
from clmcrm.testing.expectations import holds, raises, same
from clmcrm.testing.pages import pages_of
from clmcrm.testing.scene import Scene, keys_of, shows
from clmcrm.testing.stated import each_needs, instead, needs


class NoPreconditionChecks(SuiteBase):
    """A write that cannot depend on a version is done, or not done aloud; it is not compared in silence."""

    @instead(PRECONDITION)
    def test_an_update_without_a_precondition_says_what_it_did(self, scene: Scene) -> None:
        """After somebody else's edit, with a version that never was, and with none: done and shown, or neither."""
        made = scene.made(1)
        for text, expected in (("A", made.version), ("B", "conformance-no-such-version"), ("C", "")):
            before = scene.edited(scene.now(made.key), scene.renamed(f"By a person {text}"))
            (outcome,) = scene.write(scene.update(before, scene.renamed(text), expected=expected))
            after = scene.now(made.key)
            if _done(outcome):
                shows(after, scene.renamed(text), "the last writer wins")
                same(outcome.version, after.version, "the version after a write that overwrote another")
                same({**after.fields, scene.name: None}, {**before.fields, scene.name: None}, "the other fields")
            else:
                same(after, before, "the record after an update that was not done")

    @instead(PRECONDITION)
    def test_a_removal_without_a_precondition_says_what_it_did(self, scene: Scene) -> None:
        """After somebody else's edit: gone, or untouched."""
        made = scene.made(1)
        edited = scene.edited(made, scene.renamed("By a person"))
        (outcome,) = scene.write(scene.remove(made))
        if _done(outcome):
            holds(not scene.live(made.key), "a removed record is not shown as live")
        else:
            same(scene.now(made.key), edited, "the record after a removal that was not done")

    @instead(PRECONDITION)
    @needs(batches_of(2))
    def test_two_updates_of_one_record_in_one_batch_say_which_stands(self, scene: Scene) -> None:
        """The last that is said to be done is what is shown."""
        made = scene.made(1)
        outcomes = scene.write(scene.update(made, scene.renamed("A")), scene.update(made, scene.renamed("B")))
        texts = [text for text, outcome in zip(("A", "B"), outcomes, strict=True) if _done(outcome)]
        stands = texts[-1] if texts else made.fields[scene.name]
        shows(scene.now(made.key), {scene.name: stands}, "what stands after two updates")


@each_needs(WRITES)
class NoKeyChecks(SuiteBase):
    """A system that remembers no idempotency key takes each write as a new one."""

    @instead(KEYS)
    def test_a_key_it_does_not_remember_holds_no_creation_back(self, scene: Scene) -> None:
        """Two records under one idempotency key are two records."""
        first, second = (evolve(scene.create(n), idempotency_key=f"create-{scene.run}") for n in (1, 2))
        made = [scene.now(scene.one(write).key) for write in (first, second)]
        holds(made[0].key != made[1].key, "one key makes two records, as if there were none")
        for number, seen in enumerate(made, 1):
            shows(seen, scene.sample(scene.kind, number), f"record {number} under one key")

    @instead(KEYS)
    def test_a_key_it_does_not_remember_holds_no_update_back(self, scene: Scene) -> None:
        """The second update under a key is done, and not answered with the first."""
        seen = scene.made(1)
        for text in ("A", "B"):
            write = evolve(scene.update(seen, scene.renamed(text)), idempotency_key=f"update-{scene.run}")
            outcome = scene.one(write)
            seen = scene.now(seen.key)
            same((seen.fields[scene.name], seen.version), (text, outcome.version), "the record after an update")


class NoMarkChecks(SuiteBase):
    """What cannot be looked up by our mark is not said to be missing, and nothing is bound by guessing."""

    @instead(MARKS)
    def test_a_look_up_by_mark_is_refused(self, scene: Scene) -> None:
        """For a record that was created under it, and for one that was not: neither is "not there"."""
        _ = scene.made(1)
        for number in (1, 2):
            raises(TerminalError, partial(scene.find, number), "a look-up by a mark that is not kept")

    @instead(MARKS)
    def test_a_second_creation_is_not_bound_by_guessing(self, scene: Scene) -> None:
        """The same mark and the same values, without a key: refused, or a record more."""
        first = scene.made(1)
        (again,) = scene.write(scene.create(1))
        holds(again.result is not Result.BOUND, "nothing is bound where marks are not kept")
        if again.ok and scene.adapter.capabilities.creation is Creating.NONE:
            holds(again.key != first.key, "a second creation is a second record")
            shows(scene.now(again.key), scene.sample(scene.kind, 1), "the second record shows what it was given")


class NoFeedChecks(SuiteBase):
    """A system that does not tell what changed lists everything, each time."""

    @instead(FEED)
    def test_a_listing_is_whole_each_time(self, scene: Scene) -> None:
        """From scratch and from the cursor of the last: an edit, a new record and all that did not change."""
        made = scene.many(3)
        first = scene.pull()
        _ = scene.edited(made[0], scene.renamed("By a person"))
        _ = scene.made(4)
        _listed_whole(scene, [*keys_of(made)], first.cursor)

    @instead(FEED)
    def test_a_record_that_a_listing_leaves_out_is_not_told_as_gone(self, scene: Scene) -> None:
        """A removed one is left out; no record that stands is told as gone."""
        made = scene.many(3)
        cursor = scene.pull().cursor
        scene.removed(made[0])
        told = scene.pull(cursor)
        removed = told.of(made[0].key)
        holds(removed is None or removed.gone, "a removed record is not listed as live")
        same(sorted(s.key for s in told.seen if s.gone and scene.live(s.key)), [], "records that stand, told as gone")


class NoDeletionChecks(SuiteBase):
    """Where deletions are not told, none is invented, and a record that is gone is not shown as living."""

    @instead(DELETES)
    def test_no_deletion_is_invented(self, scene: Scene) -> None:
        """What is told as gone is gone, and reading does not show as living what was removed."""
        removed, edited, still = scene.many(3)
        cursor = scene.pull().cursor
        scene.removed(removed)
        _ = scene.edited(edited, scene.renamed("By a person"))
        for told in (scene.pull(cursor), scene.pull()):
            gone = {seen.key for seen in told.seen if seen.gone}
            same(gone & {edited.key, still.key}, set[str](), "records that stand, told as gone")
            live = told.of(removed.key)
            holds(live is None or live.gone, "a removed record is not told as live")
        holds(not scene.live(removed.key), "a removed record is not shown as live")
        same(scene.now(still.key), still, "the record that nobody touched")


class NoMergeChecks(SuiteBase):
    """Where merges are not told, none is invented, and the loser is not shown as living."""

    @instead(MERGES)
    def test_no_merge_is_invented(self, scene: Scene) -> None:
        """Whether anybody can merge there or not."""
        loser, survivor, other = scene.many(3)
        cursor = scene.pull().cursor
        merged = _merged(scene, loser, survivor)
        for seen in (*scene.pull(cursor).seen, *scene.pull().seen):
            if seen.merged_into is not None:
                wanted = (loser.key, survivor.key) if merged else None
                same((seen.key, seen.merged_into), wanted, "what is told of a merge")
        holds(scene.live(loser.key) is not merged, "the loser of a merge is not shown as live")
        holds(scene.live(survivor.key), "the survivor is")
        same(scene.now(other.key), other, "the record that nobody touched")


class NoHistoryChecks(SuiteBase):
    """Where past values are not told, asking for them is refused."""

    @instead(HISTORY)
    def test_a_past_that_it_does_not_tell_is_refused(self, scene: Scene) -> None:
        """There is no method `past`, or it raises: an empty past would say that nothing was ever overwritten."""
        made = scene.made(1)
        _ = scene.edited(made, scene.renamed("By a person"))
        past = getattr(scene.adapter, "past", None)
        if past is not None:
            raises(TerminalError, lambda: finished(answered(past(scene.kind, [made.key]))), "asking for the past")


class NoLagChecks(SuiteBase):
    """Where nothing is said to lag, a write is seen at once."""

    @instead(LAG)
    def test_a_write_is_seen_at_once(self, scene: Scene) -> None:
        """By reading, by its mark and in the feed: a creation, an update and a removal, with no time in between."""
        adapter, kind = scene.adapter, scene.kind
        created = scene.entered(1)
        (seen,) = adapter.read(kind, [created.key])
        same(_told(scene, created.key), seen, "what the feed tells right after a creation")
        if adapter.capabilities.marks:
            same(adapter.find(kind, scene.mark(1)), seen, "what the mark finds right after a creation")
        updated = scene.altered(seen, scene.renamed("New"))
        (now,) = adapter.read(kind, [created.key])
        same((now.version, now.fields[scene.name]), (updated.version, "New"), "what reading shows after an update")
        same(_told(scene, created.key), now, "what the feed tells right after an update")
        _ = adapter.write([scene.remove(now)]) if scene.hand is None else scene.hand.delete(kind, now.key)
        left = _told(scene, created.key)
        holds(left is None or left.gone, "a removed record is not told as live right after it")


class NotUniqueChecks(SuiteBase):
    """Where two creations at once may make two records, neither is denied."""

    @instead(UNIQUE)
    @needs(WRITES)
    def test_two_creations_at_once_are_answered_as_what_they_did(self, scene: Scene, run: Run) -> None:
        """Each outcome leads to its record; our mark finds one of them, and a later creation is bound to it."""
        scene.settle()
        first, second = twice_at_once(scene, run)
        apart = [Result.DONE, Result.DONE] if first.key != second.key else [Result.BOUND, Result.DONE]
        if scene.adapter.capabilities.marks or first.key != second.key:
            same(sorted([first.result, second.result]), apart, "the outcomes of two creations at once")
        for outcome in (first, second):
            shows(scene.now(outcome.key), scene.sample(scene.kind, 1), "a creation leads to its record")
        if scene.adapter.capabilities.marks:
            found = scene.find(1)
            holds(found is not None and found.key in (first.key, second.key), "our mark finds one that was made")
            holds(scene.write(scene.create(1))[0].result is Result.BOUND, "a later creation is bound")


class AbsentChecks(
    NoPreconditionChecks, NoKeyChecks, NoMarkChecks, NoFeedChecks, NoDeletionChecks, NoMergeChecks, NoHistoryChecks,
    NoLagChecks, NotUniqueChecks,
):  # fmt: skip
    """Each statement of a flag that is off."""


def _done(outcome: Outcome) -> bool:
    """Whether a write was done; when it was not, it says why, in one of the words for it."""
    if not outcome.ok:
        holds(outcome.result in (Result.STALE, Result.REFUSED), f"a write is done or refused, and not {outcome.result}")
        holds(outcome.why, "a write that was not done says why")
    return outcome.ok


def _listed_whole(scene: Scene, keys: list[str], cursor: str) -> None:
    for told in (scene.pull(), scene.pull(cursor)):
        same(sorted(set(keys) - keys_of(told.seen)), [], "records that a listing leaves out")
        for key in keys:
            same(told.of(key), scene.now(key), "what a listing tells")


def _merged(scene: Scene, loser: Seen, survivor: Seen) -> bool:
    """Whether a person merged the two; nobody is there to do it, or nobody can, otherwise."""
    try:
        if scene.person is not None:
            _ = scene.person.merge(scene.kind, loser.key, survivor.key)
    except NotImplementedError:
        return False
    return scene.person is not None


def _told(scene: Scene, key: str) -> Seen | None:
    """What the feed tells last of a record, from scratch and without waiting."""
    pages = pages_of(scene.adapter, scene.kind, None)
    told = [seen for page in pages for seen in page.seen if seen.key == key]
    return told[-1] if told else None
