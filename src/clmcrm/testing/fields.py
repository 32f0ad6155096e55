"""Checks of each field by itself: what is set stands, what is emptied is empty, and what has a place keeps it.

A field may be refused aloud: some are set once, some are counted by the system itself. What is said to be done was
done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clmcrm.ports.records import Fields, Json, Outcome, Result, Seen
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing.abilities import WRITES, kinds_made
from clmcrm.testing.base import SuiteBase
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.more_samples import BESIDE, CHANGES
from clmcrm.testing.scene import Scene, Scenes, shows
from clmcrm.testing.stated import needs

EMPTY: Final[tuple[Json, ...]] = (None, [], "", {})


class FieldChecks(SuiteBase):
    """A field that was set, changed or emptied is shown so, or refused."""

    @needs(WRITES)
    def test_each_field_takes_an_update(self, scenes: Scenes, system: RecordSystem) -> None:
        """It is shown by the answer, by reading and by the feed; the version moves, and the other fields stay."""
        for scene in _each_kind(scenes, system):
            made = scene.made(1)
            cursor = scene.pull().cursor
            for name, value in _changes(scene).items():
                outcome = scene.write(scene.update(made, {name: value}))[0]
                if _taken(outcome, scene, name, "an update"):
                    now = scene.now(made.key)
                    _stands(scene, outcome, made, now, {name: value})
                    made, told = now, scene.pull(cursor)
                    same(told.of(made.key), now, f"what the feed tells after an update of {name} of {scene.kind}")
                    cursor = told.cursor

    @needs(WRITES)
    def test_each_field_can_be_emptied(self, scenes: Scenes, system: RecordSystem) -> None:
        """None is a value, beside another one too: lists and objects are emptied like texts."""
        for scene in _each_kind(scenes, system):
            made = scene.made(1)
            for number, (name, value) in enumerate(made.fields.items()):
                if name not in self._emptied(scene) or value in EMPTY:
                    continue
                text = scene.renamed(f"Emptied {number}")
                outcome = scene.write(scene.update(made, {name: None, **text}))[0]
                if _taken(outcome, scene, name, "an update to nothing"):
                    made = scene.now(made.key)
                    same(_emptied(made.fields.get(name)), None, f"{name} of {scene.kind} after it was set to None")
                    shows(made, text, f"beside {name} of {scene.kind} that was emptied")

    @needs(WRITES)
    def test_a_field_beside_the_samples_keeps_its_place(self, scenes: Scenes, system: RecordSystem) -> None:
        """Each that `capabilities.holds` names, or all: shown as it was given, or refused, or named as left out."""
        for scene in _each_kind(scenes, system):
            held = system.capabilities.holds.get(scene.kind)
            for number, (name, value) in enumerate(BESIDE.get(scene.kind, {}).items(), 1):
                if held is None or name in held:
                    fields = {**scene.sample(scene.kind, number), name: value}
                    outcome = scene.write(scene.create(number, fields))[0]
                    if _taken(outcome, scene, name, "a creation") and name not in outcome.why:
                        shows(scene.now(outcome.key), {name: value}, f"{scene.kind} has a place for it")

    def _emptied(self, scene: Scene) -> set[str]:
        """The fields of our sample that a record can be without."""
        return set(scene.sample(scene.kind, 1)) - {
            scene.name,
            *self.required.get(scene.kind, ()),
            *self.never_empty.get(scene.kind, ()),
        }


def _each_kind(scenes: Scenes, system: RecordSystem) -> Iterator[Scene]:
    for kind in sorted(kinds_made(system.capabilities)):
        yield scenes(kind)


def _changes(scene: Scene) -> Fields:
    """Other values for the fields of the sample."""
    sample = scene.sample(scene.kind, 1)
    return {name: value for name, value in CHANGES.get(scene.kind, {}).items() if name in sample}


def _taken(outcome: Outcome, scene: Scene, name: str, what: str) -> bool:
    """Whether a field was taken; if not, it was refused, in the system's own words."""
    if not outcome.ok:
        same(outcome.result, Result.REFUSED, f"the outcome of {what} of {name} of {scene.kind} ({outcome.why})")
    return outcome.ok


def _stands(scene: Scene, outcome: Outcome, before: Seen, now: Seen, fields: Fields) -> None:
    """Fail unless the fields were set, and nothing else of what our sample names."""
    what = f"{', '.join(fields)} of {scene.kind}"
    shows(now, fields, f"an update of {what}")
    same(now.version, outcome.version, f"the version after an update of {what}")
    holds(now.version != before.version, f"an update of {what} moves the version")
    others = [name for name in scene.sample(scene.kind, 1) if name not in fields]
    same([now.fields.get(n) for n in others], [before.fields.get(n) for n in others], f"the fields beside {what}")
    if outcome.shown is not None:
        told = {name: now.fields.get(name) for name in outcome.shown.fields}
        same(dict(outcome.shown.fields), told, f"what the answer to an update of {what} shows")


def _emptied(value: object) -> object:
    """None for what counts as empty: nothing, or a fact that is not known."""
    return None if value in EMPTY or _unknown(value) else value


def _unknown(value: object) -> bool:
    return isinstance(value, dict) and "unknown" in value
