"""One write as the requests that carry it out, and what their replies mean for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from attrs import evolve, frozen

from clmcrm.adapters.dataverse.kinds import DataverseKind, Row, seen_of, version_of
from clmcrm.adapters.dataverse.marks import LONGEST, as_value
from clmcrm.adapters.dataverse.multipart import ChangeSet, Item, Part, size_of
from clmcrm.adapters.dataverse.odata import key_path, row_path
from clmcrm.adapters.dataverse.opportunities import UNDER
from clmcrm.adapters.dataverse.reading import Reader, is_nobody, row_in
from clmcrm.adapters.dataverse.session import ANNOTATED, error_of
from clmcrm.adapters.dataverse.wire import AGAIN, BROKEN, DOUBLE, PRECONDITION, TOO_MANY, VENDOR
from clmcrm.adapters.each_by_itself import GONE, MOVED
from clmcrm.errors import AmbiguousError, TransientError
from clmcrm.ports.calls import Reply
from clmcrm.ports.records import Create, Outcome, Remove, Result, Update, Write

_SHOW: Final = f"return=representation,{ANNOTATED}"
_FAILED: Final = 300

Replies: TypeAlias = "Sequence[Reply]"


@frozen(kw_only=True)
class Deed:
    """A `write` of a kind: the `item` that does it, and a request to `look` at the row where that shows none."""

    write: Write
    held: DataverseKind
    item: Item
    look: Part | None = None

    @property
    def size(self) -> int:
        """How many requests it counts for."""
        return size_of(self.item) + (self.look is not None)

    @property
    def items(self) -> list[Item]:
        """What is sent."""
        return [self.item] if self.look is None else [self.item, self.look]


def creation(reader: Reader, held: DataverseKind, write: Create, values: dict[str, Any]) -> Deed | Outcome:
    """An insert under our alternate key, refused by the environment when the key is there already.

    What a new row cannot state (its state) is set by a second change in the same change set.
    """
    mark = as_value(write.mark)
    if len(mark) > LONGEST:
        return Outcome(result=Result.REFUSED, why=f"the mark has {len(mark)} characters as a key, {LONGEST} at most")
    path = key_path(held.known.set, reader.org.key, mark)
    stated = {at: value for at, value in values.items() if value is not None}
    later = {at: value for at, value in stated.items() if _only_later(held, at)}
    first = {at: value for at, value in stated.items() if at not in later}
    if "statecode" in later and later["statecode"] == 0:  # as it is made
        del later["statecode"]
    elif "statecode" in later and "statuscode" in first:
        later["statuscode"] = first.pop("statuscode")
    headers = {"If-None-Match": "*", "Prefer": _SHOW}
    shown = path + _selected(reader, held)
    if not later:
        return Deed(write=write, held=held, item=Part(method="PATCH", path=shown, body=first, headers=headers))
    both = (
        Part(method="PATCH", path=path, body=first, headers={"If-None-Match": "*"}),
        Part(method="PATCH", path=path, body=later, headers={"If-Match": "*"}),
    )
    return Deed(write=write, held=held, item=ChangeSet(both), look=_look(shown))


def change(reader: Reader, held: DataverseKind, write: Update, etag: str, values: dict[str, Any]) -> Deed:
    """A change under the entity tag that was seen; one of nothing only looks."""
    path = row_path(held.known.set, write.key) + _selected(reader, held)
    if not values:
        return Deed(write=write, held=held, item=_look(path))
    headers = {"If-Match": etag, "Prefer": _SHOW}
    return Deed(write=write, held=held, item=Part(method="PATCH", path=path, body=values, headers=headers))


def removal(held: DataverseKind, write: Remove, etag: str) -> Deed:
    """A deletion under the entity tag that was seen."""
    path = row_path(held.known.set, write.key)
    return Deed(write=write, held=held, item=Part(method="DELETE", path=path, headers={"If-Match": etag}))


def _look(path: str) -> Part:
    return Part(method="GET", path=path, headers={"Prefer": ANNOTATED})


def _selected(reader: Reader, held: DataverseKind) -> str:
    fields = held.selected(reader.org)
    return f"?$select={','.join(fields)}" if fields else ""


def _only_later(held: DataverseKind, at: str) -> bool:
    column = held.known.columns.get(at)
    return column is not None and column.updated and not column.created


# What the replies mean.


def is_held_back(replies: Replies) -> bool:
    """Whether nothing was done, since the environment takes no more for now."""
    failed = _failed(replies)
    return failed is not None and (failed.status == TOO_MANY or error_of(failed).code in AGAIN)


def is_double(deed: Deed, replies: Replies) -> bool:
    """Whether a creation was refused because its key, or another one that is unique, is there already."""
    failed = _failed(replies)
    return isinstance(deed.write, Create) and failed is not None and failed.status == PRECONDITION


def outcome_of(
    reader: Reader, deed: Deed, replies: Replies, looked: Reply | None, lines: Sequence[Row] | None
) -> Outcome:
    """What became of a write; `looked` is the reply of its look, `lines` those of its row.

    Where its kind has lines and they could not be read (None), the row is not shown, and has no version.

    Raises `AmbiguousError` when the environment broke down over it.
    """
    failed = _failed(replies)
    key = "" if isinstance(deed.write, Create) else deed.write.key
    if failed is not None:
        return _undone(deed, failed, key)
    if isinstance(deed.write, Remove):
        return Outcome(result=Result.DONE, key=key)
    reply = replies[-1] if looked is None else looked
    row = row_in(reply, _where(deed)) if reply.status < _FAILED else None
    if row is None:
        return _unseen(replies, key)
    if not deed.held.lined:
        return _shown(reader, deed, row)
    outcome = _shown(reader, deed, {**row, UNDER: list(lines or ())})
    return outcome if lines is not None else evolve(outcome, version="", shown=None)


def _shown(reader: Reader, deed: Deed, row: Row) -> Outcome:
    """The outcome of a write that shows its row."""
    seen = seen_of(deed.held, row, reader.ground)
    if isinstance(deed.write, Create | Remove):
        return Outcome(result=Result.DONE, key=seen.key, version=seen.version)
    key = deed.write.key
    if seen.gone:
        return Outcome(result=Result.STALE, key=key, version=seen.version, why="it was merged into another record")
    if isinstance(deed.item, Part) and deed.item.method == "GET" and not deed.write.expected.startswith(_etag(row)):
        return Outcome(result=Result.STALE, key=key, version=seen.version, why=MOVED)
    return Outcome(result=Result.DONE, key=key, version=seen.version, shown=None if seen.unreadable else seen)


def _etag(row: Row) -> str:
    return version_of({**row, UNDER: None})


def _unseen(replies: Replies, key: str) -> Outcome:
    """The outcome of a write that was done and shows no row."""
    told = replies[0].headers.get("odata-entityid", "").rstrip(")").rpartition("(")[2]
    if not key and not told:
        raise AmbiguousError(VENDOR, "a record was made, and its key was not told")
    return Outcome(result=Result.DONE, key=key or told.lower())


def _undone(deed: Deed, failed: Reply, key: str) -> Outcome:
    said = error_of(failed)
    words = str(said)
    if failed.status >= BROKEN:
        raise AmbiguousError(VENDOR, f"{_where(deed)}: {words}", failed.request_id)
    if failed.status == PRECONDITION and key and said.code not in DOUBLE:
        return Outcome(result=Result.STALE, key=key, why=f"{MOVED}: {words}")
    if key and is_nobody(failed) and _is_about(key, words):
        return Outcome(result=Result.MISSING, key=key, why=f"{GONE}: {words}")
    return Outcome(result=Result.REFUSED, key=key, why=words)


def _is_about(key: str, words: str) -> bool:
    """Whether an id that nobody has is the record's own, and not one that it was to be bound to."""
    named = [found.group().lower() for found in _ID.finditer(words)]
    return key.lower() in named or not named


_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def held_back(deed: Deed, replies: Replies) -> TransientError:
    """The error for a write that was never taken."""
    failed = _failed(replies)
    return TransientError(VENDOR, f"{_where(deed)}: {'' if failed is None else error_of(failed)}")


def refused(replies: Replies) -> Outcome:
    """The outcome of a creation that met a key which is not ours."""
    failed = _failed(replies)
    return Outcome(result=Result.REFUSED, why="" if failed is None else str(error_of(failed)))


def _failed(replies: Replies) -> Reply | None:
    return next((one for one in replies if one.status >= _FAILED), None)


def _where(deed: Deed) -> str:
    return f"{type(deed.write).__name__.lower()} of {deed.held.table}"
