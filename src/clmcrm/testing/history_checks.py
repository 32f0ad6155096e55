"""Checks of a system that tells what its fields held before: every value, in order, of the records asked for."""

from __future__ import annotations

import pytest

from clmcrm.ports.calls import answered, finished
from clmcrm.ports.records import Json
from clmcrm.ports.systems import Past, RecordSystem, TellsPast
from clmcrm.testing.abilities import HISTORY, WRITES
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.scene import Scene
from clmcrm.testing.stated import needs


class HistoryChecks(SuiteBase):
    """A system that tells past values tells all of them."""

    @needs(HISTORY)
    def test_a_system_with_history_offers_it(self, system: RecordSystem) -> None:
        """By the method `past`."""
        holds(isinstance(system, TellsPast), "history goes with a method `past`")

    @needs(HISTORY)
    def test_every_value_a_field_had_is_told_in_order(self, scene: Scene) -> None:
        """The oldest first, the present one last."""
        made = scene.made(1)
        for text in ("A", "B", "A"):
            _ = scene.edited(scene.now(made.key), scene.renamed(text))
        same(_values(scene, made.key), [made.fields[scene.name], "A", "B", "A"], "the past of a field")

    @needs(WRITES, HISTORY)
    def test_a_value_that_we_overwrote_is_told(self, scene: Scene) -> None:
        """What the audit after a write without precondition lives on."""
        made = scene.made(1)
        edited = scene.edited(made, scene.renamed("By a person"))
        _ = scene.one(scene.update(edited, scene.renamed("By us")))
        same(_values(scene, made.key)[-2:], ["By a person", "By us"], "the last two values of a field")

    @needs(HISTORY)
    def test_a_value_that_was_emptied_is_told(self, scene: Scene) -> None:
        """Nothing is a value too."""
        made = scene.made(1)
        name = next((n for n, v in made.fields.items() if isinstance(v, str) and n != scene.name), None)
        if name is None:
            pytest.skip("the sample has no second text")
        _ = scene.edited(made, {name: None})
        found = [past.value for past in _past_of(scene, made.key) if past.name == name]
        holds(len(found) > 1 and found[-2] == made.fields[name] and not found[-1], "an emptied field's past is told")

    @needs(HISTORY)
    def test_the_past_of_one_record_is_told_alone(self, scene: Scene) -> None:
        """And nothing for no key, or for one that never was."""
        first, second = scene.made(1), scene.made(2)
        same({past.key for past in _past_of(scene, first.key)}, {first.key}, "the keys told of")
        both = {past.key for past in _past_of(scene, first.key, second.key)}
        same(both, {first.key, second.key}, "the keys told of for two")
        same(_past_of(scene), (), "the past of no key")
        same(_past_of(scene, "conformance-no-such-key"), (), "the past of nobody")


def _past_of(scene: Scene, *keys: str) -> tuple[Past, ...]:
    """What the system tells of the past of these records."""
    assert isinstance(scene.adapter, TellsPast), "history goes with a method `past`"  # noqa: S101 - a check of its own
    return finished(answered(scene.adapter.past(scene.kind, keys)))


def _values(scene: Scene, key: str) -> list[Json]:
    return [past.value for past in _past_of(scene, key) if past.name == scene.name]
