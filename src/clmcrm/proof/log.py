"""The log of one contract: entries that are only ever added, and the head that vouches for all of them.

The rule of the file: nothing here reads a clock or draws a number. The instant and the secret salt come from
the caller: `secrets.token_bytes(32)`, fresh for each entry and kept nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, cast

import attrs
from attrs import frozen

from clmcrm.clm.contract import Contract
from clmcrm.clm.events import AnyEvent, Event
from clmcrm.codec.canonical import canonical_text, read_json
from clmcrm.codec.records import from_fields, to_fields
from clmcrm.codec.unions import TAG, tag_of, tagged
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.ports.records import Json
from clmcrm.proof.entries import HASH, MAX_LINE, EntryKind, ErasureNote, LogEntry, body_of, entry_hash, genesis, line_of
from clmcrm.proof.sealing import Opening, open_parts, sealed_parts
from clmcrm.values.ids import ContractId
from clmcrm.values.validators import count, instance, text

ERASED: Final = "[erased]"
"""What stands in the place of an erased text that an event cannot do without."""


def _is_hash(inst: Head, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not HASH.fullmatch(value):
        raise InvalidRecord(f"Head of {inst.contract}", attribute.name, value, "64 lower-case hexadecimal digits")


@frozen(kw_only=True)
class Head:
    """The state of a log in one line: how many entries, and the hash of the last one.

    Kept where the log's keeper cannot reach it (a mail to the other party, a notary, a timestamp), it shows
    later whether anything before it was cut off or rewritten: the idea of RFC 9162's signed tree head.

    Raises `InvalidRecord` for a hash that is not 64 lower-case hexadecimal digits: a slip of the pen is no forged log.
    """

    contract: ContractId = attrs.field(validator=text)
    tenant: str = attrs.field(default="", validator=instance(str))
    size: int = attrs.field(validator=count)
    hash: str = attrs.field(validator=_is_hash)

    def as_text(self) -> str:
        """The head as canonical JSON, to be kept outside."""
        fields: dict[str, Json] = {
            "contract": self.contract,
            "hash": self.hash,
            "size": self.size,
            "tenant": self.tenant,
        }
        return canonical_text(fields)


@frozen(kw_only=True)
class EventLog:
    """Everything recorded about `contract` (of `tenant`, where a host serves several), oldest first."""

    contract: ContractId = attrs.field(validator=text)
    tenant: str = attrs.field(default="", validator=instance(str))
    entries: tuple[LogEntry, ...] = ()

    @property
    def head(self) -> Head:
        """The head of the whole log."""
        return head_at(self, len(self.entries))


def head_at(log: EventLog, size: int) -> Head:
    """The head as it was after `size` entries; raises `InvalidRecord` for more than there are."""
    if not 0 <= size <= len(log.entries):
        raise InvalidRecord(f"EventLog {log.contract}", "size", size, f"0 to {len(log.entries)} entries")
    last = log.entries[size - 1].hash if size else genesis(log.contract, log.tenant)
    return Head(contract=log.contract, tenant=log.tenant, size=size, hash=last)


def read_head(data: str | bytes, where: str = "head") -> Head:
    """The head that `Head.as_text` wrote; raises `UnreadableInput` for anything else."""
    raw = read_json(data, where)
    try:
        return from_fields(Head, raw if isinstance(raw, dict) else {})
    except InvalidRecord as refused:
        raise UnreadableInput(where, f"{refused.field} is {refused.value!r}; expected {refused.expected}") from None


def append(log: EventLog, event: Event, *, recorded_at: datetime, salt: bytes) -> EventLog:
    """The log with `event` added; the work does not depend on how long the log is.

    `salt` are at least 32 random bytes, new for each entry. Raises `InvalidRecord` for a shorter one, a
    naive instant, and an event that cannot be written, or not in a line that `verify` reads (`MAX_LINE`).

    >>> from datetime import UTC
    >>> from clmcrm.clm.events import Requested
    >>> at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    >>> log = append(EventLog(contract=ContractId("C-1")), Requested(at, "Ada"), recorded_at=at, salt=bytes(32))
    >>> log.head.size, log.entries[0].said["is"], log.entries[0].openings["by"].value
    (1, 'requested', 'Ada')
    """
    return _grown(log, (_event_entry(log, event, recorded_at, salt),))


def append_all(log: EventLog, events: Iterable[Event], salts: Iterable[bytes]) -> EventLog:
    """The log with all `events` added, each recorded at its own instant, with one of the `salts` each.

    Raises `InvalidRecord` when there are fewer salts than events; nothing is added then.
    """
    grown: list[LogEntry] = []
    last, secrets = log, iter(salts)
    for event in events:
        salt = next(secrets, None)
        if salt is None:
            raise InvalidRecord(f"EventLog {log.contract}", "salts", len(grown), "one for each event")
        entry = _event_entry(last, event, event.at, salt, first=len(log.entries) + len(grown))
        grown.append(entry)
        # Only the last entry and its number matter to the next one.
        last = attrs.evolve(log, entries=(entry,))
    return _grown(log, tuple(grown))


def log_of(contract: Contract, salts: Iterable[bytes], tenant: str = "") -> EventLog:
    """The log of everything recorded about `contract` so far."""
    return append_all(EventLog(contract=contract.id, tenant=tenant), contract.events, salts)


def caught_up(log: EventLog, contract: Contract, salts: Iterable[bytes]) -> EventLog:
    """The log with what was recorded about `contract` since; only the new events are hashed.

    Raises `InvalidRecord` when the log is another contract's, or when the events it holds are not the
    contract's first ones: then one of the two was rewritten.
    """
    if log.contract != contract.id:
        raise InvalidRecord(f"EventLog {log.contract}", "contract", contract.id, "the contract of the log")
    held = [entry for entry in log.entries if entry.kind is EntryKind.EVENT]
    for index, entry in enumerate(held):
        if index >= len(contract.events) or not _records(entry, contract.events[index]):
            raise InvalidRecord(f"contract {contract.id}", f"events[{index}]", "another event", f"entry {entry.n}")
    return append_all(log, contract.events[len(held) :], salts)


def with_erasure(log: EventLog, note: ErasureNote, recorded_at: datetime) -> EventLog:
    """The log with the parts that `note` names destroyed, and the note added as its last entry."""
    gone: dict[int, set[str]] = {}
    for n, name in note.parts:
        gone.setdefault(n, set()).add(name)
    kept = tuple(_without(entry, gone[entry.n]) if entry.n in gone else entry for entry in log.entries)
    shortened = attrs.evolve(log, entries=kept)
    entry = _entry(shortened, EntryKind.ERASURE, note.said(), {}, at=recorded_at, n=len(kept))
    return _grown(shortened, (entry,))


def events_of(log: EventLog) -> tuple[AnyEvent, ...]:
    """The events the log records, in their order; an erased text reads `ERASED`, or is left out where it may be.

    Raises `InvalidRecord` for an event that cannot be read.
    """
    return tuple(_event(entry) for entry in log.entries if entry.kind is EntryKind.EVENT)


def export_log(log: EventLog) -> bytes:
    """The log as JSON lines: one entry each, canonical, as UTF-8."""
    return b"".join(line_of(entry) for entry in log.entries)


def _event_entry(
    log: EventLog, event: Event, recorded_at: datetime, salt: bytes, *, first: int | None = None
) -> LogEntry:
    n = len(log.entries) if first is None else first
    fields = to_fields(event)
    hidden = sealed_parts(event)
    said = {TAG: tag_of(type(event)), **{name: value for name, value in fields.items() if name not in hidden}}
    place: dict[str, Json] = {"contract": log.contract, "tenant": log.tenant, "n": n}
    openings = open_parts(salt, place, {name: value for name, value in fields.items() if name in hidden})
    return _entry(log, EntryKind.EVENT, said, openings, at=recorded_at, n=n)


def _entry(
    log: EventLog, kind: EntryKind, said: dict[str, Json], openings: dict[str, Opening], *, at: datetime, n: int
) -> LogEntry:
    if at.utcoffset() is None:
        raise InvalidRecord(f"EventLog {log.contract}", "recorded_at", at, "an instant with a time zone")
    previous = log.entries[-1].hash if log.entries else genesis(log.contract, log.tenant)
    entry = LogEntry(
        n=n,
        contract=log.contract,
        tenant=log.tenant,
        recorded_at=at,
        kind=kind,
        said=said,
        sealed={name: opening.commitment for name, opening in openings.items()},
        openings=openings,
        previous=previous,
        hash="",
    )
    entry = attrs.evolve(entry, hash=entry_hash(body_of(entry)))
    # An entry is added once and for all: one that nobody can read would spoil the log for good.
    size = len(line_of(entry)) - 1
    if size > MAX_LINE:
        said_in = f"at most {MAX_LINE} bytes in one entry"
        raise InvalidRecord(f"EventLog {log.contract}", f"entry {n}", f"{size} bytes", said_in)
    return entry


def _grown(log: EventLog, entries: tuple[LogEntry, ...]) -> EventLog:
    return attrs.evolve(log, entries=log.entries + entries)


def _without(entry: LogEntry, names: set[str]) -> LogEntry:
    return attrs.evolve(entry, openings={name: o for name, o in entry.openings.items() if name not in names})


def _records(entry: LogEntry, event: Event) -> bool:
    """Whether `entry` was made of `event`, as far as its parts are still there."""
    fields = {TAG: tag_of(type(event)), **to_fields(event)}
    known = {**entry.said, **{name: opening.value for name, opening in entry.openings.items()}}
    gone = entry.sealed.keys() - entry.openings.keys()
    return {name: value for name, value in fields.items() if name not in gone} == known


def _event(entry: LogEntry) -> AnyEvent:
    cls = tagged(entry.said.get(TAG), (Event,))
    if cls is None:
        raise InvalidRecord(f"entry {entry.n}", TAG, entry.said.get(TAG), "the tag of an event")
    fields = {name: value for name, value in entry.said.items() if name != TAG}
    fields |= {name: opening.value for name, opening in entry.openings.items()}
    fields |= dict.fromkeys(_needed(cls, entry.sealed.keys() - entry.openings.keys()), ERASED)
    return cast("AnyEvent", from_fields(cls, fields))


def _needed(cls: type, gone: Iterable[str]) -> Iterator[str]:
    """The erased parts that are plain text, so that the marker can stand in their place."""
    parts: Any = attrs.fields(attrs.resolve_types(cast("type[attrs.AttrsInstance]", cls)))
    texts = {part.name for part in parts if part.type is str}
    yield from (name for name in gone if name in texts)
