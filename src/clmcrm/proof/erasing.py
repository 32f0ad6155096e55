"""Erasure: every text about a person is taken out of a log or a contract, and the chain still holds.

The rule of the file: nothing is erased without a grant, and nothing is said to be erased while a text of the
chain still names the person. What was signed (the documents' bytes) is the host's, and is not touched here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, TypeVar

from clmcrm.codec.records import from_fields, to_fields, to_json
from clmcrm.errors import InvalidRecord
from clmcrm.ports.records import Json
from clmcrm.proof.entries import ErasureNote, LogEntry, body_of
from clmcrm.proof.erasure_requests import Granted
from clmcrm.proof.log import ERASED, EventLog, with_erasure

T = TypeVar("T")

_FINGERPRINTS: Final = frozenset({"previous", "sealed"})


def parts_about(log: EventLog, names: Iterable[str]) -> tuple[tuple[int, str], ...]:
    """The parts of the log's entries that name the person: what an erasure would take out.

    Each is the entry's number and the part's name. A part goes as a whole, so that a note which names two
    people is gone for both.
    """
    person = _person(names)
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
        _check_chain(entry, _person(request.names))
    parts = parts_about(log, request.names)
    if not parts:
        return log
    note = ErasureNote(asked_on=request.asked_on, ground=request.ground.value, parts=parts)
    return with_erasure(log, note, recorded_at)


def without_names(record: T, names: Iterable[str]) -> T:
    """The record with each of the `names` replaced by a marker, in every text it holds.

    A field that only takes a certain form (an e-mail address) is refused with `InvalidRecord`: it has to
    be emptied by whoever owns the record.

    >>> from clmcrm.clm.contract import Signatory
    >>> from clmcrm.clm.kinds import Party
    >>> without_names(Signatory(side=Party.OWN, name="Ada  BYRON"), ["ada byron"]).name
    '[erased]'
    """
    person = _person(names)
    fields = to_fields(record)
    return from_fields(type(record), {name: _replaced(value, person) for name, value in fields.items()})


def _person(names: Iterable[str]) -> re.Pattern[str]:
    """Any of the names: composed or decomposed accents, any capitals, any spaces between the words."""
    # Ignoring case does not make SS of ß: capitals are a spelling of their own.
    written = {spelling for name in names for spelling in (name.strip(), name.strip().upper())}
    forms = {unicodedata.normalize(form, one) for one in written for form in ("NFC", "NFD", "NFKC", "NFKD")}
    spelt = sorted((form for form in forms if form), key=len, reverse=True)
    if not spelt:
        raise InvalidRecord("ErasureRequest", "names", (), "at least one text that names the person")
    return re.compile("|".join(r"\s+".join(map(re.escape, form.split())) for form in spelt), re.IGNORECASE)


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


def _says(value: Json, person: re.Pattern[str]) -> bool:
    return any(person.search(said) for said in _texts(value))


def _replaced(value: Json, person: re.Pattern[str]) -> Json:
    if isinstance(value, str):
        return person.sub(ERASED, value)
    if isinstance(value, list):
        return [_replaced(item, person) for item in value]
    if isinstance(value, dict):
        return {name: _replaced(item, person) for name, item in value.items()}
    return value


def _check_chain(entry: LogEntry, person: re.Pattern[str]) -> None:
    for name, value in {**body_of(entry), "at": to_json(entry.recorded_at)}.items():
        # A fingerprint names nobody, though its digits may spell Ada or Abe.
        if name not in _FINGERPRINTS and _says(value, person):
            about = "the person's name inside the chain, where nothing can be taken out"
            raise InvalidRecord(f"entry {entry.n} of {entry.contract}", name, about, "an id that names nobody")
