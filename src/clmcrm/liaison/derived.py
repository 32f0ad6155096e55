"""Records that a system does not hold but implies: drafts of won opportunities, terms of contracts.

Each system is shown to the engine together with what follows from its records, so that handing over a
won deal and bringing terms back are ordinary synchronisation: planned, explained, journalled, never done
twice. What is derived is only ever read. A record that cannot be understood becomes a `Problem` and the
rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from attrs import evolve

from clmcrm.errors import TerminalError
from clmcrm.ports.calls import Answer, then
from clmcrm.ports.records import Capabilities, Create, Outcome, Page, Remove, Seen, Update, Write
from clmcrm.ports.systems import AnySystem, Past, TellsPast
from clmcrm.values.problems import Problem

Derived: TypeAlias = tuple[list[Seen], list[Problem]]
Derive: TypeAlias = "Callable[[Sequence[Seen]], Answer[Derived]]"
"""From the records a system shows to what follows from them, and what could not be understood."""

_STAMP_END: Final = "|"


class DerivingSystem:
    """A system and what follows from one of its kinds.

    `source` is the kind that is held, `derives` maps each further kind to how it follows. `stamp` is part
    of the derived kinds' cursors: when it changes (the day, where terms depend on it), everything is told
    anew. What follows from a record is told as gone with it. `problems` are those met since it was made, each once.
    """

    def __init__(self, system: AnySystem, source: str, derives: dict[str, Derive], *, stamp: str = "") -> None:
        self._system = system
        self._source = source
        self._derives = derives
        self._stamp = stamp
        self._problems: dict[Problem, None] = {}

    @property
    def system(self) -> str:
        """The name of the system itself."""
        return self._system.system

    @property
    def capabilities(self) -> Capabilities:
        """The system's own, with the derived kinds among those it shows."""
        own = self._system.capabilities
        return evolve(own, kinds=own.kinds | self._derives.keys())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be derived, in the order it was met."""
        return tuple(self._problems)

    def changes(self, kind: str, cursor: str | None) -> Answer[Page]:
        """What changed in `kind`; of a derived kind, what follows from the changes of its source."""
        if not self._is_derived(kind):
            return self._system.changes(kind, cursor)
        stamp, _, inner = (cursor or "").partition(_STAMP_END)
        same_stamp = cursor is not None and stamp == self._stamp
        page = self._system.changes(self._source, inner if same_stamp else None)
        return then(page, lambda page: self._derived_page(kind, page))

    def read(self, kind: str, keys: Sequence[str]) -> Answer[tuple[Seen, ...]]:
        """The records of these keys, derived ones computed from their sources as they are now."""
        if not self._is_derived(kind):
            return self._system.read(kind, keys)
        return then(self._system.read(self._source, keys), lambda rows: self._derived(kind, rows))

    def find(self, kind: str, mark: str) -> Answer[Seen | None]:
        """The record created under `mark`; nothing is ever created in a derived kind."""
        return None if self._is_derived(kind) else self._system.find(kind, mark)

    def write(self, writes: Sequence[Write]) -> Answer[tuple[Outcome, ...]]:
        """Hand the writes on; raises `TerminalError` for one to a derived kind."""
        for one in writes:
            if self._is_derived(one.kind):
                raise TerminalError(self.system, f"{one.kind} {_named(one)} is derived and cannot be written")
        return self._system.write(writes)

    def past(self, kind: str, keys: Sequence[str]) -> Answer[tuple[Past, ...]]:
        """What the system tells of the past; nothing of what is derived, which is never written to."""
        if self._is_derived(kind) or not isinstance(self._system, TellsPast):
            return ()
        return self._system.past(kind, keys)

    def _is_derived(self, kind: str) -> bool:
        return kind in self._derives

    def _derived_page(self, kind: str, page: Page) -> Answer[Page]:
        cursor = f"{self._stamp}{_STAMP_END}{page.cursor}"
        rows = self._derived(kind, page.seen)
        return then(rows, lambda seen: Page(seen=seen, cursor=cursor, more=page.more))

    def _derived(self, kind: str, sources: Iterable[Seen]) -> Answer[tuple[Seen, ...]]:
        shown = list(sources)
        # What followed from a record ends with it: left out, it would stand on the other side for ever.
        ended = [evolve(seen, kind=kind, fields={}, mark=None) for seen in shown if seen.gone]
        answer = self._derives[kind]([seen for seen in shown if not seen.gone])
        return then(answer, lambda derived: self._told(derived, ended))

    def _told(self, derived: Derived, ended: Sequence[Seen]) -> tuple[Seen, ...]:
        rows, problems = derived
        self._problems.update(dict.fromkeys(problems))
        return (*rows, *ended)


def _named(write: Write) -> str:
    match write:
        case Create():
            return write.mark
        case Update() | Remove():
            return write.key
