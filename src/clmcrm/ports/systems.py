"""What the engine asks of any system that holds records, a CRM or a CLM.

Every method may raise `TransientError` (nothing happened, try again), `AmbiguousError` (it is not known
whether the write happened: look it up by its mark) or `TerminalError`. What became of a single write is
an `Outcome`, never an exception.

A system may be written in two ways. One that answers at once has plain methods (`RecordSystem`); one that
needs the network has generators that yield calls (`FlowSystem`), and a driver runs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from clmcrm.ports.calls import Answer, Flow
from clmcrm.ports.records import Capabilities, Json, Outcome, Page, Seen, Write
from clmcrm.values.validators import text


@runtime_checkable
class RecordSystem(Protocol):
    """A system that shows its records, tells what changed, and takes writes with a precondition."""

    @property
    def system(self) -> str:
        """The system's name in refs and reports ("hubspot", "embedded-crm")."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the system can and cannot do."""
        ...

    def changes(self, kind: str, cursor: str | None) -> Page:
        """What changed in `kind` since `cursor` (None: everything), deletions included where it tells them.

        A record may come more than once, never not at all.
        """
        ...

    def read(self, kind: str, keys: Sequence[str]) -> tuple[Seen, ...]:
        """The records of these keys as they are now, in any order; a key without a record is left out."""
        ...

    def find(self, kind: str, mark: str) -> Seen | None:
        """The record created under our key `mark`, or None when there is none.

        Raises `Unsupported` where `capabilities.marks` is False: "there is none" would be believed.
        """
        ...

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write, in the same order; at most `capabilities.batch_size` writes."""
        ...


class FlowSystem(Protocol):
    """The same as `RecordSystem`, with methods that yield calls and return their result in the end."""

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the system can and cannot do."""
        ...

    def changes(self, kind: str, cursor: str | None) -> Flow[Page]:
        """What changed in `kind` since `cursor`."""
        ...

    def read(self, kind: str, keys: Sequence[str]) -> Flow[tuple[Seen, ...]]:
        """The records of these keys as they are now."""
        ...

    def find(self, kind: str, mark: str) -> Flow[Seen | None]:
        """The record created under our key `mark`, or None."""
        ...

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in the same order."""
        ...


class AnySystem(Protocol):
    """Either way of writing a system: what the engine takes."""

    @property
    def system(self) -> str:
        """The system's name in refs and reports."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the system can and cannot do."""
        ...

    def changes(self, kind: str, cursor: str | None) -> Answer[Page]:
        """What changed in `kind` since `cursor`."""
        ...

    def read(self, kind: str, keys: Sequence[str]) -> Answer[tuple[Seen, ...]]:
        """The records of these keys as they are now."""
        ...

    def find(self, kind: str, mark: str) -> Answer[Seen | None]:
        """The record created under our key `mark`, or None."""
        ...

    def write(self, writes: Sequence[Write]) -> Answer[tuple[Outcome, ...]]:
        """One outcome per write, in the same order."""
        ...


@frozen(kw_only=True)
class Past:
    """One value that the field `name` of the record `key` had at some time."""

    key: str = field(validator=text)
    name: str = field(validator=text)
    value: Json = None


@runtime_checkable
class TellsPast(Protocol):
    """A system with `capabilities.history`: it tells what fields were, which shows an edit that was overwritten."""

    def past(self, kind: str, keys: Sequence[str]) -> Answer[tuple[Past, ...]]:
        """The values of these records' fields, oldest first for each field, the present one last.

        Raises `Unsupported` where `capabilities.history` is False.
        """
        ...
