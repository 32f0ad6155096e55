"""Engines that break one rule each, as what stands in for which attribute of the library."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from datetime import timedelta
from typing import Any, Final

from attrs import evolve

from clmcrm.ports.records import (
    Create,
    Update,
    Write,
)
from clmcrm.sync.open_steps import OpenStep
from clmcrm.testing.faults.memory import RigJournal
from clmcrm.testing.faults.swapping import Changes, replaced

NOTHING: Final = timedelta(0)


def nothing() -> Changes:
    """No attribute is changed: the wire is what breaks the rule."""
    return {}


def _numbered(give: Callable[[], Any]) -> Callable[..., Any]:
    """A function that gives the same whatever it is asked."""

    def given(*_: Any) -> Any:  # noqa: ANN401 - whatever the original takes and gives
        return give()

    return given


def random_mark() -> Changes:
    """Each creation gets a mark of its own, and its repetition another."""
    original = replaced("clmcrm.sync.applying", "write_of")
    count = iter(range(10**9))

    def write_of(*arguments: Any) -> Write:  # noqa: ANN401 - whatever the original takes
        write: Write = original(*arguments)
        return evolve(write, mark=f"{next(count)}") if isinstance(write, Create) else write

    return {("clmcrm.sync.applying", "write_of"): write_of}


def random_key() -> Changes:
    """Each request gets an idempotency key of its own, and its repetition another."""
    count = iter(range(10**9))
    return {("clmcrm.sync.applying", "idempotency_key"): _numbered(lambda: f"key-{next(count)}")}


def body_not_frozen() -> Changes:
    """What is sent again is read again, and is not what was sent before."""
    frozen_write: Any = vars(OpenStep)["write"].fget

    def write(self: OpenStep) -> Write:
        body: Write = frozen_write(self)
        if isinstance(body, Create | Update):
            return evolve(body, fields={**body.fields, "name": f"read again at {len(self.sent)}"})
        return body

    return {("clmcrm.sync.open_steps:OpenStep", "write"): property(write)}


def early_cursor() -> Changes:
    """Hints are kept in memory until somebody asks for them, while the cursor is saved already."""

    def save_hints(self: RigJournal, hints: Iterable[Any]) -> None:
        self.late_hints = [*getattr(self, "late_hints", []), *hints]  # type: ignore[attr-defined] # the broken part

    def hints(self: RigJournal, kind: str) -> Any:  # noqa: ANN401 - as the original
        waiting, self.late_hints = getattr(self, "late_hints", []), []  # type: ignore[attr-defined] # as above
        if waiting:
            _original_save(self, waiting)
        return _original_hints(self, kind)

    def reopen(self: RigJournal) -> None:
        self.late_hints = []  # type: ignore[attr-defined] # what was only in memory is gone

    from clmcrm.store.memory import MemoryJournal  # noqa: PLC0415 - as above

    _original_save, _original_hints = MemoryJournal.save_hints, MemoryJournal.hints
    where = "clmcrm.store.memory:MemoryJournal"
    return {
        (where, "save_hints"): save_hints,
        (where, "hints"): hints,
        ("clmcrm.testing.faults.memory:RigJournal", "reopen"): reopen,
    }


def early_base() -> Changes:
    """The agreed values move when a step is begun."""
    original = replaced("clmcrm.sync.keeping", "acknowledged")

    def opened(self: Any, step: Any, write: Any) -> Any:  # noqa: ANN401 - as the original
        found = keep(self, step, write)
        known = self._keeping.pairs.get(step.pair)
        if step.key is not None and known is not None:
            self._keeping.save(original(known, step, known.link))
        return found

    keep = replaced("clmcrm.sync.applying:_Run", "_opened")
    return {("clmcrm.sync.applying:_Run", "_opened"): opened}


def hints_settled_at_once() -> Changes:
    """A hint ends once it was looked at."""
    original = replaced("clmcrm.sync.applying:_Run", "settle")

    def settle(self: Any, hints: Iterable[Any]) -> None:  # noqa: ANN401 - as the original
        hints = list(hints)
        original(self, hints)
        self._journal.end_hints(hint.number for hint in hints)

    return {("clmcrm.sync.applying:_Run", "settle"): settle}


def no_quarantine() -> Changes:
    """Nothing that may still arrive is waited for."""
    return {("clmcrm.ports.records:Capabilities", "quarantine"): property(lambda _: NOTHING)}


def quarantine_from_intent() -> Changes:
    """The time to wait is counted from the intent, not from the send."""

    def sent_by(self: OpenStep, _: Any) -> OpenStep:  # noqa: ANN401 - an instant, not looked at
        return evolve(self, sent_at=self.at)

    return {("clmcrm.sync.open_steps:OpenStep", "sent_by"): sent_by}


def no_open_step() -> Changes:
    """A step is sent without a record of it."""
    return {("clmcrm.sync.applying", "keep_open"): _numbered(lambda: None)}


def ambiguous_is_failed() -> Changes:
    """A write whose outcome is not known is taken to have failed."""
    from clmcrm.sync.reports import Ended  # noqa: PLC0415 - beside its only use

    original = replaced("clmcrm.sync.applying:_Run", "_acknowledge")

    def acknowledge(self: Any, opened: Any, answer: Any, seen: Any) -> None:  # noqa: ANN401 - as the original
        failed = answer.ended is Ended.AMBIGUOUS
        original(self, opened, evolve(answer, ended=Ended.STALE) if failed else answer, seen)

    return {("clmcrm.sync.applying:_Run", "_acknowledge"): acknowledge}


def no_notes() -> Changes:
    """An edit that gives way is told to nobody."""
    return {("clmcrm.sync.steps:Note", "concerns"): _numbered(lambda: False)}


def no_audit() -> Changes:
    """The history of a record is not looked through for edits in between."""

    def audited(*_: Any, **__: Any) -> Generator[Any, Any, tuple[Any, ...]]:  # noqa: ANN401 - as the original
        yield from ()
        return ()

    return {("clmcrm.sync.exchange", "audited"): audited, ("clmcrm.sync.reconciling", "audited"): audited}


def last_write_wins() -> Changes:
    """A field that gives way is overwritten without a word."""
    return {("clmcrm.sync.planning", "_note"): _numbered(lambda: None)}


def heirs_alone() -> Changes:
    """A new record is judged without those that ended on its side."""
    return {("clmcrm.sync.parts", "_ended"): _numbered(list[Any])}


def unread_is_absent() -> Changes:
    """What cannot be judged yet is taken for not there."""
    return {("clmcrm.sync.placing", "_wait_for_doubtful"): _numbered(lambda: None)}


def unread_without_kin() -> Changes:
    """What cannot be read is left alone without what was merged into it."""
    return {("clmcrm.sync.unread", "_join_kin"): _numbered(list[Any])}


def bereft_is_paired() -> Changes:
    """Who has lost a counterpart is taken to have it still while nothing follows from that yet."""
    return {
        ("clmcrm.sync.placing", "_bereft"): _numbered(dict[str, Any]),
        ("clmcrm.sync.gathering", "_bereft"): _numbered(set[str]),
    }


def pointing_unasked() -> Changes:
    """What points at a pair that gets another record is left as it is."""
    return {("clmcrm.sync.keeping", "pointing_at_changed"): _numbered(dict[str, Any])}


def unsynchronised() -> Changes:
    """What is saved is only later on the disk."""
    return {("clmcrm.testing.faults.memory:RigJournal", "synchronous"): False}


def resends_parked() -> Changes:
    """A step that a person should look at is sent again."""
    found = replaced("clmcrm.sync.reconciling", "_NOTHING")
    return {("clmcrm.sync.reconciling", "_PARKED"): found}
