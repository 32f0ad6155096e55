"""A journal as lines of JSON: to keep, to read elsewhere, or to move from one database to another.

The first line says what it is, the last how many lines there are and their SHA-256: a file that was cut
short or changed is refused before anything of it is saved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, cast

from clmcrm.errors import ClmcrmError, SyncError, UnreadableInput
from clmcrm.ports.journal import Journal, PortableJournal
from clmcrm.ports.kept import Entry, Hint
from clmcrm.ports.records import Side
from clmcrm.store.encoding import agreed_of, agreed_text, encoded

FORMAT: Final = "clmcrm journal"
VERSION: Final = 1
_BATCH: Final = 1000


def exported(journal: PortableJournal) -> Iterator[str]:
    """The journal's lines, each with its line feed: the same journal gives the same lines.

    Leases are not exported. Do not write to the journal meanwhile, or export a backup.

    >>> from clmcrm.store.memory import MemoryJournal
    >>> journal = MemoryJournal()
    >>> journal.save_cursor(Side.CRM, "account", "17")
    >>> print(list(exported(journal))[1], end="")
    {"cursor":"17","is":"cursor","kind":"account","side":"crm"}
    """
    digest, count = sha256(), 0
    head = _line({"format": FORMAT, "version": VERSION})
    for line in (head, *_lines(journal)):
        digest.update(line.encode())
        count += 1
        yield line
    yield _line({"is": "end", "lines": count, "sha256": digest.hexdigest()})


def import_export(lines: Iterable[str], journal: PortableJournal, where: str = "export") -> int:
    """Save what `exported` wrote into an empty `journal`, in one transaction; returns the number of lines.

    Raises `UnreadableInput`, naming the line of `where`, for anything that is not such a file, whole and
    unchanged; `SyncError` when the journal is not empty. Nothing is saved then.
    """
    if journal.kinds() or any(True for _ in journal.cursors()) or any(True for _ in journal.history()):
        raise SyncError("an export is imported into an empty journal only; this one is not empty")
    with journal.transaction():
        return _imported(lines, journal, where)


def _imported(lines: Iterable[str], journal: Journal, where: str) -> int:
    digest, count = sha256(), 0
    batch: list[tuple[str, Any]] = []
    ended = False
    for number, line in enumerate(lines, 1):
        place = f"{where}, line {number}"
        if ended:
            raise UnreadableInput(place, "stands after the end")
        facts = _read(line, place)
        if number == 1:
            _check_head(facts, place)
        elif facts.get("is") == "end":
            ended = _check_end(facts, count, digest.hexdigest(), place)
            continue
        else:
            batch.append(_record(facts, place))
        digest.update(line.encode())
        count += 1
        if len(batch) == _BATCH:
            _save(batch, journal)
            batch = []
    if not ended:
        raise UnreadableInput(where, f"is cut short after line {count}; its last line is missing")
    _save(batch, journal)
    return count


def _lines(journal: PortableJournal) -> Iterator[str]:
    kinds = journal.kinds()
    for kind in kinds:
        for pair in journal.agreed(kind):
            yield _line({"is": "pair", "body": json.loads(agreed_text(pair))})
    for side, kind, cursor in journal.cursors():
        yield _line({"is": "cursor", "side": side.value, "kind": kind, "cursor": cursor})
    for kind in kinds:
        for hint in journal.hints(kind):
            yield _line(
                {
                    "is": "hint", "kind": hint.kind, "side": hint.side.value, "key": hint.key,
                    "gone": hint.gone, "merged_into": hint.merged_into,
                }
            )  # fmt: skip
    for entry in journal.history():
        facts = dict(entry.facts)
        yield _line({"is": "line", "at": entry.at.isoformat(), "pair": entry.pair, "what": entry.what, "facts": facts})
    for key, fields in journal.open_steps():
        yield _line({"is": "step", "key": key, "facts": dict(fields)})
    for key, fields in journal.decisions():
        yield _line({"is": "decision", "key": key, "facts": dict(fields)})


def _save(batch: list[tuple[str, Any]], journal: Journal) -> None:
    """One batch, in order: consecutive records of one sort are saved together."""
    for sort, group in groupby(batch, key=itemgetter(0)):
        records = [record for _, record in group]
        match sort:
            case "pair":
                journal.save_agreed(records)
            case "hint":
                journal.save_hints(records)
            case "line":
                journal.save_entries(records)
            case "step":
                journal.begin_steps(records)
            case "cursor":
                for cursor in records:
                    journal.save_cursor(*cursor)
            case _:
                for decision in records:
                    journal.save_decision(*decision)


def _record(facts: dict[str, Any], place: str) -> tuple[str, Any]:
    """The sort of a line, and what is saved for it."""
    try:
        return _SORTS[facts["is"]](facts, place)
    except (KeyError, TypeError, ValueError, ClmcrmError) as error:
        raise UnreadableInput(place, f"is no line of a journal: {error!r}") from error


def _pair(facts: dict[str, Any], place: str) -> tuple[str, Any]:
    return "pair", agreed_of(encoded(facts["body"]), place)


def _cursor(facts: dict[str, Any], _: str) -> tuple[str, Any]:
    return "cursor", (Side(facts["side"]), str(facts["kind"]), str(facts["cursor"]))


def _hint(facts: dict[str, Any], _: str) -> tuple[str, Any]:
    return "hint", Hint(
        kind=facts["kind"], side=Side(facts["side"]), key=facts["key"],
        gone=facts["gone"], merged_into=facts["merged_into"],
    )  # fmt: skip


def _history(facts: dict[str, Any], _: str) -> tuple[str, Any]:
    at = datetime.fromisoformat(facts["at"])
    return "line", Entry(at=at, pair=facts["pair"], what=facts["what"], facts=dict(facts["facts"]))


def _keyed(facts: dict[str, Any], _: str) -> tuple[str, Any]:
    return str(facts["is"]), (str(facts["key"]), dict(facts["facts"]))


_SORTS: Final[dict[str, Callable[[dict[str, Any], str], tuple[str, Any]]]] = {
    "pair": _pair, "cursor": _cursor, "hint": _hint, "line": _history, "step": _keyed, "decision": _keyed,
}  # fmt: skip


def _line(facts: dict[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"


def _read(line: str, place: str) -> dict[str, Any]:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(place, f"is no JSON: {error}") from error
    if not isinstance(facts, dict):
        raise UnreadableInput(place, "is no JSON object")
    return cast("dict[str, Any]", facts)


def _check_head(facts: dict[str, Any], place: str) -> None:
    if facts.get("format") != FORMAT:
        raise UnreadableInput(place, f"is no export of a journal: it lacks the format {FORMAT!r}")
    if facts.get("version") != VERSION:
        raise UnreadableInput(place, f"is of version {facts.get('version')}; this library reads {VERSION}")


def _check_end(facts: dict[str, Any], count: int, digest: str, place: str) -> bool:
    if (facts.get("lines"), facts.get("sha256")) != (count, digest):
        raise UnreadableInput(place, "the lines before it are not those that were exported; export again")
    return True
