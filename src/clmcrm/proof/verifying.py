"""Is a log whole? The first entry that is wrong, and why; or the head of all of it.

What the chain alone shows: any changed, missing, swapped, repeated or inserted entry, down to the byte. What
it cannot show by itself: that its end was cut off, or that all of it was written anew. Against that stand
heads that were kept outside (`clmcrm.proof.log.Head`): any number of them, older ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from clmcrm.errors import UnreadableInput
from clmcrm.proof.entries import EntryKind, LogEntry, body_of, entry_hash, entry_of, genesis, note_of
from clmcrm.proof.log import EventLog, Head, export_log
from clmcrm.values.ids import ContractId

MAX_BYTES: Final = 256 * 2**20
"""The longest log that is read, in bytes."""


@frozen(kw_only=True)
class Verified:
    """The log is whole. `head` is its own head; `erased` counts the parts that were erased and recorded so.

    `vouched` is how many entries, from the first, a head from outside vouches for. Entries after them are
    in order among themselves, but whoever keeps the log could have written them today.
    """

    head: Head
    vouched: int
    erased: int


@frozen(kw_only=True)
class FirstBadEntry:
    """The first entry that is wrong: its `position` (from 0), and `why`.

    `last` is the same position, except where only a head disagrees: the wrong entry then is one of
    `position` to `last`. An entry that is missing is named by the position where it should stand.
    """

    position: int
    why: str
    last: int

    def __str__(self) -> str:
        """One line for a person."""
        place = f"entry {self.position}" if self.position == self.last else f"entries {self.position} to {self.last}"
        return f"{place}: {self.why}"


def verify(log: bytes | EventLog, heads: Head | Iterable[Head] = ()) -> Verified | FirstBadEntry:
    """Check an exported log (or one in memory), and that it agrees with `heads` kept outside.

    Raises `UnreadableInput` only for more than `MAX_BYTES`.

    >>> str(verify(b""))
    'entry 0: the log holds no entry'
    """
    stray = _stray(log) if isinstance(log, EventLog) else None
    if stray is not None:
        return stray
    data = export_log(log) if isinstance(log, EventLog) else log
    if len(data) > MAX_BYTES:
        raise UnreadableInput("log", f"is longer than {MAX_BYTES} bytes")
    anchors = sorted([heads] if isinstance(heads, Head) else heads, key=lambda head: head.size)
    entries, fault = _chained(data, (anchors[0].contract, anchors[0].tenant) if anchors else None)
    if not entries and fault is None:
        return _bad(0, "the log holds no entry")
    return _against(entries, anchors, fault) or fault or _parts(entries, anchors)


def read_log(data: bytes, heads: Head | Iterable[Head] = (), where: str = "log") -> EventLog:
    """The log an export holds; raises `UnreadableInput` naming the first bad entry unless it is whole."""
    found = verify(data, heads)
    if isinstance(found, FirstBadEntry):
        raise UnreadableInput(where, str(found))
    entries, _ = _chained(data, None)
    return EventLog(contract=found.head.contract, tenant=found.head.tenant, entries=tuple(entries))


def _stray(log: EventLog) -> FirstBadEntry | None:
    """What is wrong with a log in memory whose first entry is another contract's; the chain judges the others."""
    for entry in log.entries[:1]:
        if (entry.contract, entry.tenant) != (log.contract, log.tenant):
            return _bad(
                0, f"it is of {_owner(entry.contract, entry.tenant)}, not of {_owner(log.contract, log.tenant)}"
            )
    return None


def _bad(position: int, why: str, last: int | None = None) -> FirstBadEntry:
    return FirstBadEntry(position=position, why=why, last=position if last is None else last)


def _chained(data: bytes, of: tuple[ContractId, str] | None) -> tuple[list[LogEntry], FirstBadEntry | None]:
    """The entries that hang together from the first on, and what is wrong with the next one, if anything.

    `of` is the contract and the tenant they must be of (None: those of the first entry).
    """
    lines = data.split(b"\n")
    unended = lines.pop()
    entries: list[LogEntry] = []
    for line in lines:
        try:
            entry = entry_of(line, f"entry {len(entries)}")
            of = of or (entry.contract, entry.tenant)
            why = _link_fault(entry, entries, of)
        except UnreadableInput as refused:
            return entries, _bad(len(entries), refused.what)
        if why:
            return entries, _bad(len(entries), why)
        entries.append(entry)
    return entries, _bad(len(entries), "the line is not ended by a line feed") if unended else None


def _link_fault(entry: LogEntry, before: Sequence[LogEntry], of: tuple[ContractId, str]) -> str:
    """Why `entry` cannot follow the entries `before` it; empty when it can."""
    if entry.n != len(before):
        return f"its number is {entry.n}: entries are missing, repeated or out of their order"
    if (entry.contract, entry.tenant) != of:
        return f"it is of {_owner(entry.contract, entry.tenant)}, not of {_owner(*of)}"
    if entry.previous != (before[-1].hash if before else genesis(entry.contract, entry.tenant)):
        return "it does not follow the entry before it: its previous hash is another one"
    if entry.hash != entry_hash(body_of(entry)):
        return "its content does not have its hash: it was changed"
    for name, opening in entry.openings.items():
        if opening.commitment != entry.sealed.get(name):
            return f"its part {name} does not have the fingerprint in the chain: it was changed"
    return _note_fault(entry, before) if entry.kind is EntryKind.ERASURE else ""


def _owner(contract: ContractId, tenant: str) -> str:
    return f"contract {contract} of tenant {tenant}" if tenant else f"contract {contract}"


def _note_fault(entry: LogEntry, before: Sequence[LogEntry]) -> str:
    for n, name in note_of(entry, f"entry {entry.n}").parts:
        if not 0 <= n < len(before) or name not in before[n].sealed:
            return f"it records the erasure of part {name} of entry {n}, which there is not"
    return ""


def _against(entries: Sequence[LogEntry], heads: Sequence[Head], fault: FirstBadEntry | None) -> FirstBadEntry | None:
    """The first disagreement with a head, as far as the entries hang together."""
    agreed = 0
    for head in heads:
        if head.size > len(entries):
            missing = f"the log ends after {len(entries)} entries; a head from outside vouches for {head.size}"
            return None if fault else _bad(len(entries), missing)
        of = (heads[0].contract, heads[0].tenant)
        if (head.contract, head.tenant) != of:
            return _bad(0, f"the heads are of {_owner(*of)} and of {_owner(head.contract, head.tenant)}")
        if head.hash != _hash_at(entries, head.size, of):
            why = f"a head from outside vouches for another entry {head.size - 1}: the log was rewritten"
            last = max(head.size - 1, 0)
            return _bad(min(agreed, last), why, last)
        agreed = head.size
    return None


def _hash_at(entries: Sequence[LogEntry], size: int, of: tuple[ContractId, str]) -> str:
    return entries[size - 1].hash if size else genesis(*of)


def _parts(entries: Sequence[LogEntry], heads: Sequence[Head]) -> Verified | FirstBadEntry:
    """Whether every part that is gone was recorded as erased, and none that was recorded so is still there."""
    recorded: dict[tuple[int, str], int] = {}
    for entry in entries:
        if entry.kind is EntryKind.ERASURE:
            recorded |= dict.fromkeys(note_of(entry, f"entry {entry.n}").parts, entry.n)
    for entry in entries:
        for name in sorted(entry.sealed):
            gone, erased_by = name not in entry.openings, recorded.get((entry.n, name))
            if gone and erased_by is None:
                return _bad(entry.n, f"its part {name} is missing, and no later entry records an erasure")
            if not gone and erased_by is not None:
                return _bad(entry.n, f"its part {name} is still there, though entry {erased_by} records its erasure")
    last = entries[-1]
    head = Head(contract=last.contract, tenant=last.tenant, size=len(entries), hash=last.hash)
    return Verified(head=head, vouched=max((h.size for h in heads), default=0), erased=len(recorded))
