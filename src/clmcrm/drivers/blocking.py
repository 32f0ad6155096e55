"""A system whose methods are flows, as one whose methods simply return: for programs and tests that block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from clmcrm.ports.calls import Flow, answered
from clmcrm.ports.records import Capabilities, Outcome, Page, Seen, Write
from clmcrm.ports.systems import AnySystem

T = TypeVar("T")

Run: TypeAlias = Callable[[Flow[Any]], Any]
"""What runs a flow to its end: `Driver.run`, or a function that runs an `AsyncDriver` in a loop of its own."""


class Blocking:
    """The same system, each answer waited for with `run`. Raises what the system raises."""

    def __init__(self, system: AnySystem, run: Run) -> None:
        self._system = system
        self._run = run

    @property
    def system(self) -> str:
        """The name of the system itself."""
        return self._system.system

    @property
    def capabilities(self) -> Capabilities:
        """The system's own."""
        return self._system.capabilities

    def changes(self, kind: str, cursor: str | None) -> Page:
        """What changed in `kind` since `cursor`."""
        page: Page = self._run(answered(self._system.changes(kind, cursor)))
        return page

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The records of these keys as they are now."""
        seen: tuple[Seen, ...] = self._run(answered(self._system.read(kind, keys)))
        return seen

    def find(self, kind: str, mark: str) -> Seen | None:
        """The record created under our key `mark`, or None."""
        seen: Seen | None = self._run(answered(self._system.find(kind, mark)))
        return seen

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write, in order."""
        outcomes: tuple[Outcome, ...] = self._run(answered(self._system.write(writes)))
        return outcomes
