"""What every suite stands on: the fixtures a third party gives, and the flags that say which checks apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.blocking import Run
from clmcrm.ports.calls import AsyncTransport, Transport
from clmcrm.ports.records import Capabilities, Fields, Kind
from clmcrm.ports.systems import RecordSystem
from clmcrm.testing import samples
from clmcrm.testing.abilities import kinds_made
from clmcrm.testing.scene import EnteringPerson, Person, Sample, Scene, Scenes
from clmcrm.testing.stated import LeftOut, counted, known_flags, leave_out, missing
from clmcrm.testing.ways import Awaited, NoNetwork, Wait, Way, driven, now, patiently, waited_for, ways_of


class DrivenSuite:
    """A suite whose `adapter` may answer at once or by flows; flows are tried through both drivers.

    `left_out` are the checks that do not apply to what the adapter declares, by name, and why: they are not
    collected where its flags are known beforehand, and skipped otherwise.
    """

    flags: ClassVar[Any] = None
    left_out: ClassVar[Mapping[str, LeftOut]] = {}

    def __init_subclass__(cls) -> None:
        """Leave out what does not apply to the adapter."""
        super().__init_subclass__()
        cls.flags = known_flags(cls)
        cls.left_out = leave_out(cls, cls.flags)

    @classmethod
    def counts_left_out(cls) -> dict[str, int]:
        """How many checks are left out, by flag."""
        return counted(cls, cls.left_out, len(ways_of(cls)))

    @pytest.fixture(autouse=True)
    def _as_declared(self, request: pytest.FixtureRequest) -> None:
        """Skips a check that does not apply, where the flags were not known beforehand."""
        check: object = request.function
        if self.flags is None and "adapter" in request.fixturenames:
            lack = missing(check, getattr(request.getfixturevalue("adapter"), "capabilities", None))
            if lack is not None:
                pytest.skip(lack.why)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One run per driver for an adapter whose methods are flows."""
        ways = ways_of(type(self))
        if "way" in metafunc.fixturenames and len(ways) > 1:
            metafunc.parametrize("way", ways)

    @pytest.fixture
    def way(self) -> Way:
        """How the adapter's methods are run."""
        return Way.DIRECT

    @pytest.fixture
    def transport(self) -> Transport:
        """What sends the adapter's calls; override it for an adapter that makes any."""
        return NoNetwork()

    @pytest.fixture
    def async_transport(self, transport: Transport) -> AsyncTransport:
        """What sends the adapter's calls in a loop: `transport`, unless it is overridden too."""
        return Awaited(transport)

    @pytest.fixture
    def driver_desk(self) -> Desk:
        """Clock, retries, budgets and tokens of the drivers."""
        return Desk(clock=now)

    @pytest.fixture
    def run(self, way: Way, transport: Transport, async_transport: AsyncTransport, driver_desk: Desk) -> Iterator[Run]:
        """What runs a flow to its end."""
        with driven(way, transport, async_transport, driver_desk) as run:
            yield run

    @pytest.fixture
    def wait(self) -> Wait:
        """Lets time pass for the system: really, unless it is overridden by one that moves the system's clock."""
        return patiently


class SuiteBase(DrivenSuite):
    """The base of the suites: override `adapter`, and where the system asks for it the rest.

    `kind` is the kind most checks use; `many` how many records the checks of paging make, to be set
    above the system's page size; `sample` the fields of a record, if the system does not take ours;
    `required` the fields of a kind without which the system makes no record of it, beside the name;
    `never_empty` the fields of a kind that the system does not let anybody empty, once they are set;
    `declares` the adapter's flags, where its fixture needs others and cannot be asked for them beforehand.
    """

    declares: ClassVar[Capabilities | None] = None
    kind: ClassVar[str] = Kind.ACCOUNT
    many: ClassVar[int] = 25
    required: ClassVar[Mapping[str, Sequence[str]]] = {}
    never_empty: ClassVar[Mapping[str, Sequence[str]]] = {}

    def sample(self, kind: str, number: int) -> Fields:
        """Fields of a record of `kind` that the system takes and shows unchanged; others per number."""
        return samples.sample(kind, number)

    def name_field(self, kind: str) -> str:
        """A field of `kind` that takes any text."""
        return samples.NAMES[kind]

    @pytest.fixture
    def adapter(self) -> Any:  # noqa: ANN401 - either way of writing a system
        """The adapter under trial: the one fixture that a subclass must give."""
        pytest.fail(f"{type(self).__name__} needs a fixture `adapter` that returns the system to try")

    @pytest.fixture
    def system(self, adapter: Any, way: Way, run: Run) -> RecordSystem:  # noqa: ANN401 - as above
        """The adapter as one that answers at once: what every check asks."""
        return waited_for(adapter, way, run)

    @pytest.fixture
    def person(self, adapter: Any) -> Person | None:  # noqa: ANN401 - as above
        """Somebody who edits in the system by hand; None when edits are made through the adapter.

        A system that is only read needs one who enters records too (`EnteringPerson`).
        """
        given: object = adapter
        return given if isinstance(given, Person) else None

    @pytest.fixture
    def scenes(self, system: RecordSystem, person: Person | None, wait: Wait) -> Scenes:
        """Gives a scene with records of a kind; skips the check where the system cannot create them."""
        return lambda kind: self.scene_of(system, person, kind, wait)

    @pytest.fixture
    def scene(self, scenes: Scenes) -> Scene:
        """The adapter with a fresh run of marks."""
        return scenes(self.kind)

    def scene_of(self, system: RecordSystem, person: Person | None, kind: str, wait: Wait = patiently) -> Scene:
        """A scene with records of `kind`; skipped where neither the system nor a person can make them."""
        given: object = person
        if given is not None and not isinstance(given, Person):
            lacks = ", ".join(name for name in ("edit", "delete", "merge") if not hasattr(given, name))
            pytest.fail(
                f"the fixture `person` gives a {type(given).__name__}, which lacks {lacks} (clmcrm.testing.scene)"
            )
        if kind not in kinds_made(system.capabilities):
            pytest.skip(f"capabilities.creates does not name {kind}")
        if not system.capabilities.creates and not isinstance(given, EnteringPerson):
            pytest.skip("it is only read, and no person is given who could enter a record (add)")
        return Scene(
            adapter=system, kind=kind, name=self.name_field(kind), sample=self.held_sample(system.capabilities),
            person=person, wait=wait,
        )  # fmt: skip

    def held_sample(self, able: Capabilities) -> Sample:
        """Our sample, without the fields that the system says it has no place for."""

        def sample(kind: str, number: int) -> Fields:
            held = able.holds.get(kind)
            fields = self.sample(kind, number)
            return {name: value for name, value in fields.items() if held is None or name in held}

        return sample
