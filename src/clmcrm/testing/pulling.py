"""Checks of the feed: a record may be told more than once, never not at all."""

from __future__ import annotations

import pytest

from clmcrm.errors import TerminalError
from clmcrm.ports.records import Feed, Result, Seen
from clmcrm.testing.abilities import DELETES, FEED, MARKS, MERGES, OTHER_KINDS, WRITES
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, raises, same
from clmcrm.testing.pages import pages_of
from clmcrm.testing.scene import Person, Scene, keys_of, none_lost, shows
from clmcrm.testing.stated import needs


def _who_merges(scene: Scene) -> Person:
    if scene.person is None:
        pytest.skip("no person is given who could merge two records")
    return scene.person


def _needs_pages(pages: int) -> None:
    if pages == 1:
        pytest.skip("the feed came in one page: set `many` above the system's page size")


class PullingChecks(SuiteBase):
    """What changed is told, from scratch and from a cursor."""

    def test_a_pull_from_scratch_tells_every_record(self, scene: Scene) -> None:
        """With the fields, version and mark that reading shows."""
        made = scene.many(3)
        told = scene.pull()
        for seen in made:
            same(told.of(seen.key), seen, "what a pull from scratch tells")

    def test_a_pull_ends_with_a_cursor(self, scene: Scene) -> None:
        """Also when there was nothing to tell."""
        cursor = scene.pull().cursor
        _ = scene.made(1)
        holds(isinstance(scene.pull(cursor).cursor, str), "a pull ends with a cursor")

    def test_a_pull_from_a_cursor_tells_a_new_record(self, scene: Scene) -> None:
        """Created after the last pull."""
        cursor = scene.pull().cursor
        made = scene.made(1)
        same(scene.pull(cursor).of(made.key), made, "what is told of a new record")

    def test_a_pull_from_a_cursor_tells_an_edit(self, scene: Scene) -> None:
        """With the record as it is now."""
        made = scene.made(1)
        cursor = scene.pull().cursor
        edited = scene.edited(made, scene.renamed("By a person"))
        same(scene.pull(cursor).of(made.key), edited, "what is told of an edit")

    @needs(WRITES)
    def test_a_pull_tells_our_own_writes_too(self, scene: Scene) -> None:
        """The engine knows its own writes by their values, not by being spared them."""
        made = scene.made(1)
        cursor = scene.pull().cursor
        _ = scene.one(scene.update(made, scene.renamed("By us")))
        told = scene.pull(cursor).of(made.key)
        holds(told is not None and told.fields[scene.name] == "By us", "our own update is told")

    def test_many_edits_of_one_record_end_with_its_last_state(self, scene: Scene) -> None:
        """Whatever is told before, the last word is the truth."""
        made = scene.made(1)
        cursor = scene.pull().cursor
        for text in ("A", "B", "C"):
            made = scene.edited(made, scene.renamed(text))
        same(scene.pull(cursor).of(made.key), made, "the last that is told of a record edited three times")

    @needs(FEED)
    def test_an_idle_feed_is_empty(self, scene: Scene) -> None:
        """A settled system tells nothing; one that goes by time may repeat what it told."""
        made = {seen.key: seen for seen in scene.many(3)}
        first = scene.pull()
        again = scene.pull(first.cursor)
        if scene.adapter.capabilities.feed is Feed.TIMESTAMP:
            holds(all(first.of(seen.key) == seen for seen in again.seen), "what is told again is what was told")
        else:
            same(again.seen, (), "what an idle feed tells")
        same(scene.pull(again.cursor).of("conformance-no-such-key"), None, "what an idle feed tells of nobody")
        holds(made.keys() <= keys_of(first.seen), "the first pull told every record")

    @needs(FEED)
    def test_an_old_cursor_still_tells_what_came_after_it(self, scene: Scene) -> None:
        """A run that died before it saved its cursor starts again from the one before."""
        cursor = scene.pull().cursor
        first = scene.made(1)
        _ = scene.pull(cursor)
        second = scene.made(2)
        holds(keys_of((first, second)) <= keys_of(scene.pull(cursor).seen), "an old cursor tells both records")

    def test_a_cursor_it_never_gave_is_refused(self, scene: Scene) -> None:
        """Never taken for the beginning or for the end."""
        adapter, kind = scene.adapter, scene.kind
        raises(TerminalError, lambda: adapter.changes(kind, "conformance no such cursor"), "an unknown cursor")

    def test_pages_lose_no_record(self, scene: Scene) -> None:
        """Of many records made in a few calls, most of them at the same instant."""
        made = scene.many(self.many)
        told = scene.pull()
        none_lost(made, told)
        _needs_pages(told.pages)

    def test_pages_from_a_cursor_lose_no_record(self, scene: Scene) -> None:
        """Of many records edited since."""
        cursor = scene.pull().cursor
        made = scene.many(self.many)
        told = scene.pull(cursor)
        none_lost(made, told)
        _needs_pages(told.pages)

    def test_a_last_page_that_is_full_loses_no_record(self, scene: Scene) -> None:
        """As many records as make the pages even: the last one is full, and nothing comes after it."""
        made = scene.many(self.many)
        first = next(pages_of(scene.adapter, scene.kind, None))
        told = keys_of(scene.pull().seen)
        size = len(first.seen) if first.more else 0
        if size == 0:
            _needs_pages(1)
        more = tuple(scene.made(self.many + number) for number in range(1, -len(told) % size + 1))
        none_lost((*made, *more), scene.pull())

    def test_an_edit_between_two_pages_is_told(self, scene: Scene) -> None:
        """In this pull or in the next one, and no other record is lost by it."""
        made = scene.many(self.many)
        told = scene.pull(None, lambda: scene.edited(made[0], scene.renamed("By a person")))
        none_lost(made, told)
        _needs_pages(told.pages)
        after = scene.pull(told.cursor)
        last = after.of(made[0].key) or told.of(made[0].key)
        same(last, scene.now(made[0].key), "the last that is told of a record edited between two pages")

    def test_a_record_made_between_two_pages_is_told(self, scene: Scene) -> None:
        """In this pull or in the next one."""
        _ = scene.many(self.many)
        made: list[Seen] = []
        told = scene.pull(None, lambda: made.append(scene.made(self.many + 1)))
        _needs_pages(told.pages)
        key = made[0].key
        holds(told.of(key) or scene.pull(told.cursor).of(key), "a record made between two pages is told")

    def test_a_page_can_be_asked_for_again(self, scene: Scene) -> None:
        """A reply that was lost is asked for once more, with the same cursor."""
        made = scene.many(self.many)
        scene.settle()
        first = scene.adapter.changes(scene.kind, None)
        if not first.more:
            _needs_pages(1)
        page, again = (scene.adapter.changes(scene.kind, first.cursor) for _ in range(2))
        same(keys_of(again.seen), keys_of(page.seen), "the same page asked for twice")
        holds(keys_of(made), "records were made")

    def test_a_feed_tells_its_own_kind_only(self, scene: Scene) -> None:
        """And says so in each record."""
        _ = scene.made(1)
        same({seen.kind for seen in scene.pull().seen}, {scene.kind}, "the kinds that one feed tells")

    @needs(FEED, OTHER_KINDS)
    def test_the_feed_of_another_kind_is_not_moved(self, scene: Scene) -> None:
        """An edit of an account is no news about contacts."""
        others = sorted(scene.adapter.capabilities.kinds - {scene.kind})
        made = scene.made(1)
        page = scene.adapter.changes(others[0], None)
        holds(made.key not in keys_of(page.seen), f"the feed of {others[0]} tells no {scene.kind}")

    @needs(FEED, DELETES)
    def test_a_removal_is_told(self, scene: Scene) -> None:
        """As gone, under the key it had."""
        made = scene.made(1)
        cursor = scene.pull().cursor
        scene.removed(made)
        told = scene.pull(cursor).of(made.key)
        holds(told is not None and told.gone, "a removal is told as gone")

    @needs(FEED, DELETES)
    def test_a_removal_between_two_pages_is_told(self, scene: Scene) -> None:
        """In this pull or in the next one."""
        made = scene.many(self.many)
        told = scene.pull(None, lambda: scene.removed(made[-1]))
        _needs_pages(told.pages)
        last = scene.pull(told.cursor).of(made[-1].key) or told.of(made[-1].key)
        holds(last is not None and last.gone, "a removal between two pages is told as gone")

    def test_a_removed_record_is_never_told_as_live(self, scene: Scene) -> None:
        """Whether the feed tells deletions or not."""
        made = scene.made(1)
        scene.removed(made)
        told = scene.pull().of(made.key)
        holds(told is None or told.gone, "a removed record is not told as live")

    @needs(FEED, DELETES, MERGES)
    def test_a_merge_is_told(self, scene: Scene) -> None:
        """The loser as gone, with the key of the survivor."""
        person = _who_merges(scene)
        loser, survivor = scene.made(1), scene.made(2)
        cursor = scene.pull().cursor
        _ = person.merge(scene.kind, loser.key, survivor.key)
        told = scene.pull(cursor).of(loser.key)
        holds(told is not None, "a merge is told")
        same((told.gone, told.merged_into), (True, survivor.key), "what is told of the loser")  # type: ignore[union-attr] # None fails, as it should
        for pulled in (scene.pull(cursor), scene.pull()):
            kept = pulled.of(survivor.key)
            holds(kept is None or not (kept.gone or kept.merged_into), "the survivor of a merge is not told as ended")

    @needs(MERGES)
    def test_the_survivor_of_a_merge_stays(self, scene: Scene) -> None:
        """And can be updated."""
        person = _who_merges(scene)
        loser, survivor = scene.made(1), scene.made(2)
        kept = person.merge(scene.kind, loser.key, survivor.key)
        same(scene.altered(kept, scene.renamed("Survivor")).result, Result.DONE, "the outcome of an update of it")
        shows(scene.now(survivor.key), scene.renamed("Survivor"), "the survivor takes updates")
        holds(not scene.live(loser.key), "the loser is not shown as live")

    @needs(WRITES, MERGES, MARKS)
    def test_a_merged_record_is_not_found_live_by_its_mark(self, scene: Scene) -> None:
        """Its mark leads to nothing, to the gone record, or to the survivor."""
        person = _who_merges(scene)
        loser, survivor = scene.made(1), scene.made(2)
        _ = person.merge(scene.kind, loser.key, survivor.key)
        found = scene.find(1)
        holds(found is None or found.gone or found.key == survivor.key, "what the loser's mark finds")
