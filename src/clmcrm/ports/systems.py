"""What the engine asks of any system that holds records, a CRM or a CLM.

Every method may raise `TransientError` (nothing happened, try again), `AmbiguousError` (it is not known
whether the write happened: look it up by its mark) or `TerminalError`. What became of a single write is
an `Outcome`, never an exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from clmcrm.ports.records import Capabilities, Outcome, Page, Seen, Write


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
        """The record created under our key `mark`, or None when there is none."""
        ...

    def write(self, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """One outcome per write, in the same order; at most `capabilities.batch_size` writes."""
        ...
