"""Checks made once for each kind that a system can create."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest

from clmcrm.adapters.catalogue import RECORDS
from clmcrm.codec.records import from_fields
from clmcrm.ports.records import Capabilities, Feed, Kind, Result
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.abilities import ITEMS, MARKS, WRITES, batches_of, creates, creates_any, kinds_made, place_for
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.creating import CreatingChecks
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.scene import Scene, Scenes, shows
from clmcrm.testing.stated import asks_for, checks_of, needs
from clmcrm.testing.ways import ways_of


class KindChecks(SuiteBase):
    """What holds for one kind holds for all of them."""

    kinds: ClassVar[Sequence[str]] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One run per kind for the checks that ask for `one_kind`."""
        super().pytest_generate_tests(metafunc)
        if "one_kind" in metafunc.fixturenames:
            metafunc.parametrize("one_kind", self.kinds_made())

    @classmethod
    def kinds_made(cls) -> list[str]:
        """The kinds that the checks of each kind are made for: those of which records are made, if that is known."""
        able: Capabilities | None = cls.flags if issubclass(cls, CreatingChecks) else None
        return [str(kind) for kind in cls.kinds if able is None or kind in kinds_made(able)]

    @classmethod
    def counts_left_out(cls) -> dict[str, int]:
        """How many checks are left out, by flag; those of a kind that cannot be created with them."""
        found = super().counts_left_out()
        without = len(cls.kinds) - len(cls.kinds_made())
        each = sum(asks_for("of_kind", check) for name, check in checks_of(cls) if name not in cls.left_out)
        without *= len(ways_of(cls))
        return {**found, "creates": found.get("creates", 0) + without * each} if without else found

    @pytest.fixture
    def of_kind(self, scenes: Scenes, one_kind: str) -> Scene:
        """The adapter with records of one of its kinds."""
        return scenes(one_kind)

    def test_each_kind_shows_what_it_was_given(self, of_kind: Scene) -> None:
        """Every canonical field of the sample."""
        shows(of_kind.made(1), of_kind.sample(of_kind.kind, 1), "a created record shows what it was given")

    def test_each_kind_is_read_into_our_record(self, of_kind: Scene) -> None:
        """What is shown is canonical: our records can hold it as it stands."""
        seen = of_kind.made(1)
        if of_kind.kind in RECORDS:
            record = from_fields(RECORDS[of_kind.kind], {"id": seen.key, **seen.fields})
            holds(record, "a record is read")

    @needs(WRITES)
    def test_each_kind_takes_an_update(self, of_kind: Scene) -> None:
        """Of one field, and the others stay."""
        made = of_kind.made(1)
        _ = of_kind.one(of_kind.update(made, of_kind.renamed("New")))
        wanted = {**of_kind.sample(of_kind.kind, 1), **of_kind.renamed("New")}
        shows(of_kind.now(made.key), wanted, "an updated record")

    def test_each_kind_is_told_by_its_feed(self, of_kind: Scene) -> None:
        """When it is made and when it is edited."""
        made = of_kind.made(1)
        told = of_kind.pull()
        same(told.of(made.key), made, "what the feed tells of a new record")
        edited = of_kind.edited(made, of_kind.renamed("By a person"))
        same(of_kind.pull(told.cursor).of(made.key), edited, "what the feed tells of an edited record")

    @needs(WRITES, MARKS)
    def test_each_kind_is_bound_by_its_mark(self, of_kind: Scene) -> None:
        """A second creation makes no second record."""
        first, again = of_kind.write(of_kind.create(1))[0], of_kind.write(of_kind.create(1))[0]
        same(again.key, first.key, "the record a second creation is bound to")

    @needs(WRITES)
    def test_each_kind_can_be_removed(self, of_kind: Scene) -> None:
        """And its feed tells it, where it tells deletions."""
        made = of_kind.made(1)
        cursor = of_kind.pull().cursor
        _ = of_kind.one(of_kind.remove(made))
        holds(not of_kind.live(made.key), "a removed record is not shown as live")
        told = of_kind.pull(cursor).of(made.key)
        able = of_kind.adapter.capabilities
        if able.tells_deletes and able.feed is not Feed.NONE:
            holds(told is not None and told.gone, "a removal is told as gone")
        holds(told is None or told.gone, "a removed record is not told as live")

    @needs(MARKS, creates_any(least=2))
    def test_one_mark_in_two_kinds_is_two_records(self, system: RecordSystem, scenes: Scenes) -> None:
        """A mark belongs to its kind."""
        kinds = [kind for kind in self.kinds if kind in system.capabilities.creates]
        if len(kinds) < 2:  # noqa: PLR2004 - two kinds
            pytest.skip("the suite's `kinds` name one that can be created")
        first, second = (scenes(kind) for kind in kinds[:2])
        made = first.made(1)
        same(system.find(second.kind, first.mark(1)), None, f"what a mark of {first.kind} finds in {second.kind}")
        same(first.find(1), made, f"what a mark of {first.kind} finds")

    @needs(creates_any(least=2), ITEMS, batches_of(3))
    def test_outcomes_of_two_kinds_keep_their_order(self, system: RecordSystem, scenes: Scenes) -> None:
        """A batch may hold both: who sends each kind by itself puts the outcomes back in their places."""
        kinds = sorted((kind for kind in self.kinds if kind in system.capabilities.creates), reverse=True)
        if len(kinds) < 2:  # noqa: PLR2004 - two kinds
            pytest.skip("the suite's `kinds` name one that can be created")
        first, second = (scenes(kind) for kind in kinds[:2])
        made = ((first, 1), (second, 1), (first, 2))
        outcomes = first.write(*(scene.create(number) for scene, number in made))
        for (scene, number), outcome in zip(made, outcomes, strict=True):
            same(outcome.result, Result.DONE, f"the outcome of creating {scene.kind} {number} ({outcome.why})")
            shows(scene.now(outcome.key), scene.sample(scene.kind, number), f"the outcome of {scene.kind} {number}")

    @needs(creates(Kind.ACCOUNT), creates(Kind.CONTACT), place_for(Kind.CONTACT, "account"))
    def test_a_reference_keeps_the_key_it_was_given(self, scenes: Scenes) -> None:
        """A contact stays at its account."""
        accounts = scenes(Kind.ACCOUNT)
        contacts = scenes(Kind.CONTACT)
        first, second = accounts.made(1), accounts.made(2)
        contact = contacts.made(1, {**contacts.sample(Kind.CONTACT, 1), "account": first.key})
        shows(contact, {"account": first.key}, "a contact shows its account")
        _ = contacts.one(contacts.update(contact, {"account": second.key}))
        shows(contacts.now(contact.key), {"account": second.key}, "a contact that moved shows its new account")
