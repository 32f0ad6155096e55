"""What every suite stands on: the fixtures a third party gives, and the flags that gate a check."""

from __future__ import annotations

from typing import ClassVar

import pytest

from clmcrm.ports.records import Atomicity, Capabilities, Feed, Fields, Kind, Precondition
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing import samples
from clmcrm.testing.scene import Person, Scene


class SuiteBase:
    """The base of the suites: override `adapter`, and where the system asks for it the rest.

    `kind` is the kind most checks use; `many` how many records the checks of paging make, to be set
    above the system's page size; `sample` the fields of a record, if the system does not take ours.
    """

    kind: ClassVar[str] = Kind.ACCOUNT
    many: ClassVar[int] = 25

    def sample(self, kind: str, number: int) -> Fields:
        """Fields of a record of `kind` that the system takes and shows unchanged; others per number."""
        return samples.sample(kind, number)

    def name_field(self, kind: str) -> str:
        """A field of `kind` that takes any text."""
        return samples.NAMES[kind]

    @pytest.fixture
    def adapter(self) -> RecordSystem:
        """The adapter under trial: the one fixture that a subclass must give."""
        pytest.fail(f"{type(self).__name__} needs a fixture `adapter` that returns the system to try")

    @pytest.fixture
    def person(self, adapter: RecordSystem) -> Person | None:
        """Somebody who edits in the system by hand; None when edits are made through the adapter."""
        given: object = adapter
        return given if isinstance(given, Person) else None

    @pytest.fixture
    def scene(self, adapter: RecordSystem, person: Person | None) -> Scene:
        """The adapter with a fresh run of marks."""
        return self.scene_of(adapter, person, self.kind)

    def scene_of(self, adapter: RecordSystem, person: Person | None, kind: str) -> Scene:
        """A scene with records of `kind`; skipped where the system cannot create them."""
        if kind not in adapter.capabilities.creates:
            pytest.skip(f"capabilities.creates does not name {kind}")
        return Scene(adapter=adapter, kind=kind, name=self.name_field(kind), sample=self.sample, person=person)


def needs_precondition(able: Capabilities) -> None:
    """Skip the check where a write cannot depend on a version."""
    if able.precondition is Precondition.NONE:
        pytest.skip("capabilities.precondition is none")


def needs_marks(able: Capabilities) -> None:
    """Skip the check where a record cannot be found by our mark."""
    if not able.marks:
        pytest.skip("capabilities.marks is False")


def needs_feed(able: Capabilities) -> None:
    """Skip the check where the system does not tell what changed."""
    if able.feed is Feed.NONE:
        pytest.skip("capabilities.feed is none")


def needs_deletes(able: Capabilities) -> None:
    """Skip the check where deletions are not told."""
    needs_feed(able)
    if not able.tells_deletes:
        pytest.skip("capabilities.tells_deletes is False")


def needs_atomicity(able: Capabilities, wanted: Atomicity) -> None:
    """Skip the check where a failed item does something else to the rest of its batch."""
    if able.atomicity is not wanted:
        pytest.skip(f"capabilities.atomicity is {able.atomicity}, not {wanted}")


def needs_merge(scene: Scene) -> Person:
    """Skip the check where merges are not told, or nobody is there to make one."""
    if not scene.adapter.capabilities.tells_merges:
        pytest.skip("capabilities.tells_merges is False")
    if scene.person is None:
        pytest.skip("no person is given who could merge two records")
    return scene.person
