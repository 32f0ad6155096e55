"""Erasure: every text about a person is taken out of a log or a contract, and the chain still holds.

The rule of the file: nothing is erased without a grant, and nothing is said to be erased while a text of the
chain still names the person. What was signed (the documents' bytes) is the host's, and is not touched here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, TypeVar, cast

from clmcrm.codec.forms import EXACT_KEY
from clmcrm.codec.records import from_fields, to_fields, to_json
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.proof.entries import ErasureNote, LogEntry, body_of
from clmcrm.proof.erasure_requests import Granted
from clmcrm.proof.log import ERASED, EventLog, with_erasure
from clmcrm.proof.naming import Names, names_of

T = TypeVar("T")

_EXTRA: Final = frozenset({"field", "raw", "system"})
_FINGERPRINTS: Final = frozenset({"previous", "sealed"})


def parts_about(log: EventLog, names: Iterable[str]) -> tuple[tuple[int, str], ...]:
    """The parts of the log's entries that name the person: what an erasure would take out.

    Each is the entry's number and the part's name. A part goes as a whole, so that a note which names two
    people is gone for both.
    """
    person = names_of(names)
    return tuple(
        (entry.n, name)
        for entry in log.entries
        for name, opening in sorted(entry.openings.items())
        if _says(opening.value, person)
    )


def erase(log: EventLog, granted: Granted, *, recorded_at: datetime) -> EventLog:
    """The log without anything that names the person, and with an entry that says that parts were erased.

    The new entry holds the day of the request, its ground and the parts' places: no name, no reference.
    The log comes back as it was when nothing in it names the person. Copies made before (exports, packs,
    backups) are the host's to destroy.

    Raises `InvalidRecord` for a log the grant is not about, before the day it is granted for, and when a
    name stands where the chain cannot lose it (an id made of a name): then nothing is erased.
    """
    if log.contract not in granted.contracts:
        raise InvalidRecord(f"EventLog {log.contract}", "contract", log.contract, "a contract of the grant")
    if recorded_at.date() < granted.on:
        raise InvalidRecord(f"EventLog {log.contract}", "recorded_at", recorded_at, f"{granted.on} or later")
    request = granted.request
    for entry in log.entries:
        _check_chain(entry, names_of(request.names))
    parts = parts_about(log, request.names)
    if not parts:
        return log
    note = ErasureNote(asked_on=request.asked_on, ground=request.ground.value, parts=parts)
    return with_erasure(log, note, recorded_at)


def without_names(record: T, names: Iterable[str]) -> T:
    """The record with each of the `names` replaced by a marker, in every text it holds: keys of raw values, too.

    A field that only takes a certain form (an e-mail address) is refused with `InvalidRecord`: it has to
    be emptied by whoever owns the record.

    >>> from clmcrm.clm.contract import Signatory
    >>> from clmcrm.clm.kinds import Party
    >>> without_names(Signatory(side=Party.OWN, name="Ada  BYRON"), ["ada byron"]).name
    '[erased]'
    """
    person = names_of(names)
    fields = to_fields(record)
    return from_fields(type(record), cast("dict[str, Json]", _replaced(dict(fields), person)))


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)


def _says(value: Json, person: Names) -> bool:
    return any(person.stand_in(said) for said in _texts(value))


def _replaced(value: Json, person: Names, *, raw: bool = False) -> Json:
    """The value without the names; in a `raw` value of another system a key may be one, too."""
    if isinstance(value, str):
        return person.taken_out(value, ERASED)
    if isinstance(value, list):
        return [_replaced(item, person, raw=raw) for item in value]
    if not isinstance(value, dict):
        return value
    if raw:
        return _with_keys_replaced(value, person)
    kept_as_it_came = value.keys() == _EXTRA
    return {name: _replaced(item, person, raw=kept_as_it_came and name == "raw") for name, item in value.items()}


def _with_keys_replaced(value: dict[str, Json], person: Names) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, item in value.items():
        cleaned = key = name if name == EXACT_KEY else person.taken_out(name, ERASED)
        number = 1
        while key in found:  # two keys that named the person: none of their values is lost
            number += 1
            key = f"{cleaned} {number}"
        found[key] = _replaced(item, person, raw=True)
    return found


def _check_chain(entry: LogEntry, person: Names) -> None:
    for name, value in {**body_of(entry), "at": to_json(entry.recorded_at)}.items():
        # A fingerprint names nobody, though its digits may spell Ada or Abe.
        if name not in _FINGERPRINTS and _says(value, person):
            about = "the person's name inside the chain, where nothing can be taken out"
            raise InvalidRecord(f"entry {entry.n} of {entry.contract}", name, about, "an id that names nobody")
