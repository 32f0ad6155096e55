"""Checks of creation: a record is inserted once under our mark, and bound to ever after."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from clmcrm.errors import TerminalError
from clmcrm.ports.records import Create, Kind, Result
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.abilities import CREATES, ITEMS, MARKS, OTHER_KINDS, WRITES, batches_of
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, raises, same
from clmcrm.testing.scene import Scene, shows
from clmcrm.testing.stated import instead, needs

METHODS: Final = ("changes", "read", "find", "write")
"""What every record system answers."""


class CreatingChecks(SuiteBase):
    """Creation is insert-or-bind, and what is not known is refused."""

    def test_the_adapter_offers_the_port(self, adapter: RecordSystem) -> None:
        """It has the methods of a record system and a name."""
        lacks = [name for name in ("system", "capabilities", *METHODS) if not hasattr(adapter, name)]
        same(lacks, [], "what the adapter lacks of `clmcrm.ports.systems.RecordSystem`")
        same([name for name in METHODS if not callable(getattr(adapter, name))], [], "its methods that are none")
        holds(adapter.system, "the adapter has a name")

    def test_the_capabilities_agree_with_one_another(self, adapter: RecordSystem) -> None:
        """What can be created is among what is held, and a batch holds at least one write."""
        able = adapter.capabilities
        holds(able.creates <= able.kinds, "capabilities.creates is a part of capabilities.kinds")
        holds(able.batch_size >= 1, "capabilities.batch_size is at least 1")
        same(able, able if self.flags is None else self.flags, "the capabilities that the suite went by")

    def test_a_created_record_shows_its_fields(self, scene: Scene) -> None:
        """Every value comes back as it was given."""
        shows(scene.made(1), scene.sample(scene.kind, 1), "a created record shows what it was given")

    @needs(WRITES)
    def test_a_creation_answers_with_the_key_and_version_that_reading_shows(self, scene: Scene) -> None:
        """The outcome can be used as it stands for the next write."""
        outcome = scene.one(scene.create(1))
        seen = scene.now(outcome.key)
        same((seen.key, seen.version), (outcome.key, outcome.version), "key and version of a creation")

    def test_a_created_record_has_a_version(self, scene: Scene) -> None:
        """A version is never empty where writes can depend on it."""
        holds(scene.made(1).version, "a record has a version")

    @needs(WRITES, MARKS)
    def test_a_created_record_is_found_by_its_mark(self, scene: Scene) -> None:
        """The way back after a lost reply."""
        made = scene.made(1)
        found = scene.find(1)
        same(found, made, "the record found by its mark")

    @needs(WRITES, MARKS)
    def test_a_mark_that_nobody_used_finds_nothing(self, scene: Scene) -> None:
        """Neither another record nor an error."""
        _ = scene.made(1)
        same(scene.find(2), None, "what an unused mark finds")

    @needs(WRITES, MARKS)
    def test_a_created_record_shows_its_mark(self, scene: Scene) -> None:
        """A pull tells which records are ours."""
        same(scene.made(1).mark, scene.mark(1), "the mark a created record shows")

    @needs(WRITES, MARKS)
    def test_a_second_creation_under_a_mark_binds(self, scene: Scene) -> None:
        """A retry after a lost reply makes no second record."""
        first = scene.one(scene.create(1))
        again = scene.one(scene.create(1), Result.BOUND)
        same(again.key, first.key, "the record a second creation is bound to")

    @needs(WRITES, MARKS)
    def test_binding_changes_nothing(self, scene: Scene) -> None:
        """The record keeps its values and its version, whatever the second creation says."""
        made = scene.made(1)
        outcome = scene.one(scene.create(1, scene.renamed("Another")), Result.BOUND)
        same(scene.now(outcome.key), made, "the record after a second creation")

    @needs(WRITES, MARKS)
    def test_binding_keeps_what_a_person_has_changed(self, scene: Scene) -> None:
        """A creation that is retried late does not undo an edit."""
        edited = scene.edited(scene.made(1), scene.renamed("By a person"))
        outcome = scene.one(scene.create(1), Result.BOUND)
        same(outcome.version, edited.version, "the version a late creation answers with")
        shows(scene.now(outcome.key), scene.renamed("By a person"), "a person's edit stays")

    @needs(WRITES, MARKS, batches_of(2))
    def test_two_creations_under_one_mark_in_one_batch_make_one_record(self, scene: Scene) -> None:
        """The second is bound to the first."""
        first, second = scene.write(scene.create(1), scene.create(1))
        same((first.result, second.result), (Result.DONE, Result.BOUND), "the outcomes of one mark twice")
        same(first.key, second.key, "the record both are about")

    @needs(WRITES)
    def test_marks_that_differ_a_little_are_two_marks(self, scene: Scene) -> None:
        """Letters, case, punctuation and length count."""
        mark = scene.mark(1)
        found = {
            scene.one(evolve(scene.create(n), mark=other)).key
            for n, other in enumerate((f"{mark}a", f"{mark}A", f"{mark}:a", f"{mark}aa"))
        }
        same(len(found), 4, "the records made under four marks that look alike")

    @needs(WRITES, MARKS)
    def test_long_marks_that_differ_at_their_end_are_two_marks(self, scene: Scene) -> None:
        """A hundred characters are kept, and none is cut off."""
        marks = [f"{scene.mark(1):x<99}{end}" for end in "ab"]
        first, second = (scene.one(evolve(scene.create(n), mark=mark)).key for n, mark in enumerate(marks))
        holds(first != second, "two marks of a hundred characters make two records")

    def test_the_same_values_twice_are_two_records(self, scene: Scene) -> None:
        """Only the mark decides who is who."""
        fields = scene.sample(scene.kind, 1)
        holds(scene.made(1, fields).key != scene.made(2, fields).key, "two marks make two records")

    @instead(CREATES, only=False)
    def test_a_kind_it_cannot_create_is_refused(self, scene: Scene) -> None:
        """Each by its own outcome, with the reason, nothing is made, and the rest of the batch is as it would be."""
        able = scene.adapter.capabilities
        kinds = sorted({*able.kinds, *(str(kind) for kind in Kind)} - able.creates)
        strange = [Create(kind=kind, mark=scene.mark(n), fields={"name": "C"}) for n, kind in enumerate(kinds, 1)]
        for write in strange:
            alone = scene.one(write, Result.REFUSED)
            same(alone.key, "", f"the key of a {write.kind} that is not made")
            holds(alone.why, f"the refusal of a {write.kind} says why")
        if strange and able.creates and able.batch_size > 1 and not ITEMS.missing(able):
            refused, made = scene.write(strange[0], scene.create(90))
            same((refused.result, made.result), (Result.REFUSED, Result.DONE), "the outcomes of both")
            shows(scene.now(made.key), scene.sample(scene.kind, 90), "the creation beside the one that is refused")

    @needs(WRITES)
    def test_a_field_it_does_not_know_is_refused(self, scene: Scene) -> None:
        """A misspelt field is an error, never a value that disappears."""
        fields = {**scene.sample(scene.kind, 1), "conformance_no_such_field": "x"}
        with scene.making_nothing(1, "what a refused creation leaves"):
            outcome = scene.one(scene.create(1, fields), Result.REFUSED)
        holds("conformance_no_such_field" in outcome.why, "the refusal names the field")

    @needs(WRITES)
    def test_a_number_that_is_not_exact_is_refused(self, scene: Scene) -> None:
        """A float has lost digits before it arrives."""
        fields = {**scene.sample(scene.kind, 1), scene.name: 1.5}
        outcome = scene.one(scene.create(1, fields), Result.REFUSED)  # type: ignore[arg-type] # a float on purpose
        holds(outcome.why, "the refusal says why")

    @instead(OTHER_KINDS, only=False)
    def test_a_kind_it_does_not_hold_is_refused(self, scene: Scene) -> None:
        """Reading it is an error, and writing it is refused."""
        adapter, strange = scene.adapter, "conformance_no_such_kind"
        raises(TerminalError, lambda: adapter.changes(strange, None), "changes of an unknown kind")
        raises(TerminalError, lambda: adapter.read(strange, ["1"]), "reading an unknown kind")
        raises(TerminalError, lambda: adapter.find(strange, "mark"), "looking up an unknown kind")
        outcome = scene.one(evolve(scene.create(1), kind=strange), Result.REFUSED)
        holds(outcome.why, "the refusal says why")
