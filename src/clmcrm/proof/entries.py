"""One entry of a log, its line in an export, and the hash that ties it to the entry before.

The hash of an entry is the SHA-256 of a label and the canonical JSON of everything in it except what can be
erased; the previous hash is part of it, and the first one's previous hash is made of the contract's id, so
that no entry can change its place or its contract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, cast

from attrs import field, frozen

from clmcrm.codec.canonical import canonical_text, read_json
from clmcrm.codec.records import from_json, to_json
from clmcrm.errors import InvalidRecord, UnreadableInput
from clmcrm.ports.records import Json
from clmcrm.proof.sealing import Opening
from clmcrm.values.ids import ContractId

FORMAT: Final = "clmcrm.proof/1"
"""The name and version of the format, in every entry."""

MAX_LINE: Final = 2**20
"""The longest line that is read, in bytes."""

HASH: Final = re.compile(r"[0-9a-f]{64}")
"""How a hash, a fingerprint and a salt are written: 64 lower-case hexadecimal digits."""

_ENTRY: Final = b"clmcrm.proof/1 entry\n"
_GENESIS: Final = b"clmcrm.proof/1 genesis\n"
_KEYS: Final = {"at", "contract", "format", "hash", "n", "open", "previous", "sealed", "tenant"}


class EntryKind(StrEnum):
    """What an entry records: something that happened to the contract, or that parts were erased."""

    EVENT = "event"
    ERASURE = "erasure"


@frozen(kw_only=True)
class LogEntry:
    """Entry number `n` (from 0) of a contract's log.

    `recorded_at` is when it was added. `said` is what it records and can never be taken out: an event's
    tag, days, amounts and ids; an erasure's day, ground and parts. `sealed` holds the fingerprint of each
    other part, `openings` what they say (a part that is not there was erased).
    """

    n: int
    contract: ContractId
    tenant: str
    recorded_at: datetime
    kind: EntryKind
    said: Mapping[str, Json] = field(hash=False)
    sealed: Mapping[str, str] = field(hash=False)
    openings: Mapping[str, Opening] = field(hash=False)
    previous: str
    hash: str


def genesis(contract: ContractId, tenant: str = "") -> str:
    """The hash before the first entry: it belongs to one contract of one tenant."""
    return sha256(_GENESIS + canonical_text({"contract": contract, "tenant": tenant}).encode()).hexdigest()


def body_of(entry: LogEntry) -> dict[str, Json]:
    """Everything in the entry that its hash covers."""
    return {
        "at": to_json(entry.recorded_at),
        "contract": entry.contract,
        entry.kind.value: dict(entry.said),
        "format": FORMAT,
        "n": entry.n,
        "previous": entry.previous,
        "sealed": dict(entry.sealed),
        "tenant": entry.tenant,
    }


def entry_hash(body: Mapping[str, Json]) -> str:
    """The SHA-256 of an entry's body, in 64 hexadecimal digits."""
    return sha256(_ENTRY + canonical_text(body).encode()).hexdigest()


def line_of(entry: LogEntry) -> bytes:
    """The entry's line in an export: canonical JSON as UTF-8, ended by a line feed."""
    opened: dict[str, Json] = {name: {"salt": o.salt, "value": o.value} for name, o in entry.openings.items()}
    return canonical_text({**body_of(entry), "hash": entry.hash, "open": opened}).encode() + b"\n"


def entry_of(line: bytes, where: str) -> LogEntry:
    """The entry a line holds (its line feed left out); whether it is true is for `verify` to say.

    Raises `UnreadableInput` for anything that is not, byte for byte, what `line_of` writes.
    """
    raw = read_json(line, where, max_bytes=MAX_LINE)
    if not isinstance(raw, dict):
        raise UnreadableInput(where, "is no JSON object")
    kind = next((kind for kind in EntryKind if set(raw) - _KEYS == {kind.value}), None)
    if kind is None or not raw.keys() >= _KEYS or raw["format"] != FORMAT:
        raise UnreadableInput(where, f"is no entry of {FORMAT}: it holds {', '.join(sorted(raw))}")
    entry = _entry(raw, kind, where)
    if line_of(entry) != line + b"\n":
        raise UnreadableInput(where, "is not canonical: the same content is written in another way")
    return entry


def _entry(raw: dict[str, Json], kind: EntryKind, where: str) -> LogEntry:
    n, contract, tenant = raw["n"], raw["contract"], raw["tenant"]
    if not isinstance(n, int) or isinstance(n, bool):
        raise UnreadableInput(where, "has no number")
    if not isinstance(contract, str) or not contract or not isinstance(tenant, str):
        raise UnreadableInput(where, "names no contract, or no tenant")
    opened = _mapping(raw["open"], "open", where)
    return LogEntry(
        n=n,
        contract=ContractId(contract),
        tenant=tenant,
        recorded_at=_instant(raw["at"], where),
        kind=kind,
        said=_mapping(raw[kind.value], kind.value, where),
        sealed={name: _hex(mark, where) for name, mark in _mapping(raw["sealed"], "sealed", where).items()},
        openings={name: _opening(one, where) for name, one in opened.items()},
        previous=_hex(raw["previous"], where),
        hash=_hex(raw["hash"], where),
    )


def _opening(raw: Json, where: str) -> Opening:
    parts = _mapping(raw, "open", where)
    if set(parts) != {"salt", "value"}:
        raise UnreadableInput(where, "opens a part without a value and a salt")
    return Opening(parts["value"], _hex(parts["salt"], where))


def _mapping(raw: Json, name: str, where: str) -> dict[str, Json]:
    if not isinstance(raw, dict):
        raise UnreadableInput(where, f"{name} is no JSON object")
    return raw


def _hex(raw: Json, where: str) -> str:
    if not isinstance(raw, str) or not HASH.fullmatch(raw):
        raise UnreadableInput(where, "a hash or a salt is not 64 lower-case hexadecimal digits")
    return raw


def _instant(raw: Json, where: str) -> datetime:
    try:
        return cast("datetime", from_json(datetime, raw))
    except InvalidRecord as refused:
        raise UnreadableInput(where, f"at is {refused.value!r}; expected {refused.expected}") from None


@frozen(kw_only=True)
class ErasureNote:
    """What an erasure entry says: when it was asked, on what ground, and which parts are gone."""

    asked_on: date
    ground: str
    parts: tuple[tuple[int, str], ...]

    def said(self) -> dict[str, Json]:
        """The note as an entry holds it."""
        listed: list[Json] = [[n, name] for n, name in self.parts]
        return {"asked_on": self.asked_on.isoformat(), "ground": self.ground, "parts": listed}


def note_of(entry: LogEntry, where: str) -> ErasureNote:
    """The note an erasure entry holds; raises `UnreadableInput` for anything else."""
    said = entry.said
    asked, ground, listed = said.get("asked_on"), said.get("ground"), said.get("parts")
    if set(said) != {"asked_on", "ground", "parts"} or not isinstance(listed, list) or not isinstance(ground, str):
        raise UnreadableInput(where, "is no record of an erasure")
    try:
        asked_on = cast("date", from_json(date, asked))
    except InvalidRecord:
        raise UnreadableInput(where, "records an erasure that was asked on no day") from None
    return ErasureNote(asked_on=asked_on, ground=ground, parts=tuple(_part(one, where) for one in listed))


def _part(raw: Json, where: str) -> tuple[int, str]:
    match raw:
        case [int(n), str(name)] if not isinstance(n, bool):
            return n, name
        case _:
            raise UnreadableInput(where, "records the erasure of something that is no part of an entry")
