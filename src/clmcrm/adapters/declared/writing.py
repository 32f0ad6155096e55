"""Writing to a described system: created under our keys, changed and archived at the version that was read.

Writes to different records go side by side; those to one record one after another, so that the second of two
updates of one version is stale here as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from attrs import evolve

from clmcrm.adapters.declared.bodies import changed_body, created_body, path_of, refusal, share_a_currency
from clmcrm.adapters.declared.description import KindMap, Removing, Sending, Writing
from clmcrm.adapters.declared.forms import Misfit
from clmcrm.adapters.declared.lookups import Reader
from clmcrm.adapters.declared.members import ABSENT, at, placed
from clmcrm.adapters.declared.showing import is_gone, key_of, seen_of, version_of
from clmcrm.adapters.declared.wire import Wire, addressable
from clmcrm.adapters.each_by_itself import GONE, MOVED
from clmcrm.adapters.held_kinds import not_held
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.errors import AdapterError, AmbiguousError, RefusedError
from clmcrm.ports.calls import Call, Effect, Flow, Reply, together
from clmcrm.ports.records import Create, Outcome, Remove, Result, Update, Write

T = TypeVar("T")

Row = dict[str, Any]
_NOT_ALLOWED: Final = (401, 403)
_LONGEST: Final = 80


class Writer:
    """Writes through `wire` what `reader` reads."""

    def __init__(self, wire: Wire, reader: Reader, rules: Writing) -> None:
        self._wire, self._reader, self._rules = wire, reader, rules

    def write(self, writes: Sequence[Write], kinds: Mapping[str, KindMap]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself.

        Raises `AmbiguousError` for a call that fails when others of the batch were carried out.
        """
        return (yield from in_doubt_once_written(self._wire.system, self._written(writes, kinds)))

    def _written(self, writes: Sequence[Write], kinds: Mapping[str, KindMap]) -> Flow[tuple[Outcome, ...]]:
        done: dict[int, Outcome] = {}
        groups: dict[tuple[str, str, str], list[int]] = {}
        for place, one in enumerate(writes):
            if one.kind not in kinds:
                done[place] = Outcome(result=Result.REFUSED, why=not_held(kinds, one.kind))
            elif isinstance(one, Create):
                groups.setdefault((one.kind, "mark", one.mark), []).append(place)
            else:
                groups.setdefault((one.kind, "key", one.key), []).append(place)
        flows = [self._one_after_another(kinds[name[0]], writes, places) for name, places in groups.items()]
        for told in (yield from together(flows)):
            done.update(told)
        return tuple(done[place] for place in range(len(writes)))

    def _one_after_another(
        self, kind: KindMap, writes: Sequence[Write], places: Sequence[int]
    ) -> Flow[dict[int, Outcome]]:
        done: dict[int, Outcome] = {}
        made: Outcome | None = None
        for place in places:
            one = writes[place]
            if isinstance(one, Create):
                if made is None or not made.ok:
                    made = done[place] = yield from self._create(kind, one)
                else:  # the second creation under one mark is bound to the first
                    done[place] = Outcome(result=Result.BOUND, key=made.key, version=made.version)
            elif not addressable(one.key):
                done[place] = Outcome(result=Result.MISSING, key=one.key, why=GONE)
            elif isinstance(one, Update):
                done[place] = yield from self._update(kind, one)
            else:
                done[place] = yield from self._remove(kind, one)
        return done

    # Creations.

    def _create(self, kind: KindMap, one: Create) -> Flow[Outcome]:
        closed = f"{kind.name} is not created through this description"
        why = closed if kind.create is None else refusal(kind, one.fields, new=True)
        if kind.create is None or why is not None:
            return Outcome(result=Result.REFUSED, why=why or closed)
        if self._rules.creating == "look-up":
            bound = yield from self._bound(kind, one.mark)
            if bound is not None:
                return bound
        try:
            body = placed(kind.create.inside, created_body(kind, one), {})
        except Misfit as misfit:
            return Outcome(result=Result.REFUSED, why=str(misfit))
        once = self._rules.creating in ("look-up", "none")
        headers: dict[str, str] = {}
        if self._rules.creating == "keyed" and self._rules.idempotency_header is not None:
            headers[self._rules.idempotency_header] = one.idempotency_key or one.mark
        effect = Effect.ONCE if once else Effect.KEYED
        call = self._wire.call(kind.create.method, kind.create.path, body=body, headers=headers, effect=effect)
        reply: Reply = yield call
        try:
            value = self._wire.read(reply, call)
        except RefusedError as refused:
            return (yield from self._not_created(kind, one, refused))
        return (yield from self._created(kind, kind.create, one.mark, value))

    def _not_created(self, kind: KindMap, one: Create, refused: RefusedError) -> Flow[Outcome]:
        """What a creation came to that was not taken: our key may be there, by a sending whose reply was lost.

        Raises `AmbiguousError` where look-ups are late, and so prove nothing.
        """
        if refused.status in self._wire.replies.taken:
            bound = yield from self._bound(kind, one.mark)
            if bound is not None:
                return bound
            if kind.find is not None and self._rules.visible_lag_s:
                what = f"{refused.what}; a look-up by our key does not show it, and look-ups are late"
                raise AmbiguousError(self._wire.system, what, refused.request_id)
        return _declined(refused)

    def _bound(self, kind: KindMap, mark: str) -> Flow[Outcome | None]:
        found = yield from self._reader.find(kind, mark)
        return None if found is None else Outcome(result=Result.BOUND, key=found.key, version=found.version)

    def _created(self, kind: KindMap, sending: Sending, mark: str, value: object) -> Flow[Outcome]:
        row = _row(at(value, sending.record))
        key: str | None = None if row is None else key_of(kind, row)
        if key is None:
            found = yield from self._afterwards(self._reader.find(kind, mark))
            if found is None:
                what = f"it took {kind.name} {mark} and shows neither its key nor our mark; look it up by our key"
                raise AmbiguousError(self._wire.system, what)
            return Outcome(result=Result.DONE, key=found.key, version=found.version)
        return (yield from self._done(kind, key, row))

    def _done(self, kind: KindMap, key: str, row: Row | None) -> Flow[Outcome]:
        """The outcome of a write that happened, with the version that reading shows."""
        stated = None if row is None or kind.version is None or key_of(kind, row) != key else version_of(kind, row)
        if stated is None:
            now = yield from self._afterwards(self._reader.row(kind, key))
            stated = None if now is None else version_of(kind, now)
        return Outcome(result=Result.DONE, key=key, version=stated or "")

    def _afterwards(self, reading: Flow[T]) -> Flow[T]:
        """What is read once the write has happened: a failure of the reading must not tell that it has not."""
        try:
            return (yield from reading)
        except AdapterError as failed:
            what = f"written, and not read again: {failed.what}"
            raise AmbiguousError(self._wire.system, what, failed.request_id) from None

    # Changes.

    def _update(self, kind: KindMap, one: Update) -> Flow[Outcome]:
        if kind.update is None:
            closed = f"{kind.name} is not changed through this description"
            return Outcome(result=Result.REFUSED, key=one.key, why=closed)
        why = refusal(kind, one.fields, new=False)
        if why is not None:
            return Outcome(result=Result.REFUSED, key=one.key, why=why)
        row: Row | None = None
        if self._looks_first(kind, kind.update, one):
            row = yield from self._reader.row(kind, one.key)
            told = self._past(kind, one, row)
            if told is not None:
                return told
        try:
            body = changed_body(kind, kind.update, one.fields, row)
        except Misfit as misfit:
            return Outcome(result=Result.REFUSED, key=one.key, why=str(misfit))
        return (yield from self._sent(kind, kind.update, one, body))

    def _looks_first(self, kind: KindMap, sending: Sending | Removing, one: Update | Remove) -> bool:
        """Whether the record must be read before it is written."""
        if self._rules.precondition == "none" or not sendable(one.expected):
            return True
        if isinstance(one, Remove):
            return self._rules.precondition == "body" and isinstance(sending, Removing) and sending.members is None
        if share_a_currency(kind, one.fields):
            return True
        return sending.method != "PATCH" or any(len(path) > 1 for name in one.fields for path in path_of(kind, name))

    def _past(self, kind: KindMap, one: Update | Remove, row: Row | None) -> Outcome | None:
        """The outcome when the record is not there, or no longer as it was; None when it can be written."""
        if row is None or is_gone(kind, row):
            return Outcome(result=Result.MISSING, key=one.key, why=GONE)
        current = version_of(kind, row) or ""
        if self._rules.precondition != "none" and current != one.expected:
            return Outcome(result=Result.STALE, key=one.key, version=current, why=MOVED)
        if self._rules.precondition == "if-match" and not _in_a_header(current):
            why = f"its version {current[:_LONGEST]!r} cannot stand in If-Match, so nothing would keep edits apart"
            return Outcome(result=Result.REFUSED, key=one.key, version=current, why=why)
        return None

    def _remove(self, kind: KindMap, one: Remove) -> Flow[Outcome]:
        if kind.remove is None:
            why = f"{kind.name} is not removed through this description"
            return Outcome(result=Result.REFUSED, key=one.key, why=why)
        if self._looks_first(kind, kind.remove, one):
            row = yield from self._reader.row(kind, one.key)
            told = self._past(kind, one, row)
            if told is not None:
                return told
        body = None if kind.remove.members is None else dict(kind.remove.members)
        return (yield from self._sent(kind, kind.remove, one, body))

    def _sent(
        self, kind: KindMap, sending: Sending | Removing, one: Update | Remove, body: Row | None
    ) -> Flow[Outcome]:
        call = self._guarded(sending, one, body)
        reply: Reply = yield call
        try:
            value = self._wire.read(reply, call)
        except RefusedError as refused:
            return (yield from self._unsent(kind, one, refused))
        if isinstance(sending, Removing):
            return Outcome(result=Result.DONE, key=one.key)
        row = _row(at(value, sending.record))
        done = yield from self._done(kind, one.key, row)
        return done if row is None or isinstance(one, Remove) else self._with_shown(kind, one, done, row)

    def _with_shown(self, kind: KindMap, one: Update, done: Outcome, row: Row) -> Outcome:
        """The outcome with what the answer shows of the fields that were sent, where it shows them all."""
        paths = [path for name in one.fields for path in path_of(kind, name)]
        if key_of(kind, row) != one.key or version_of(kind, row) != done.version:
            return done
        if any(at(row, path) is ABSENT for path in paths):
            return done
        seen = seen_of(kind, row, self._wire, kind.name)
        known = {name: value for name, value in seen.fields.items() if name in one.fields}
        return done if seen.unreadable else evolve(done, shown=evolve(seen, fields=known))

    def _guarded(self, sending: Sending | Removing, one: Update | Remove, body: Row | None) -> Call:
        """The call, made to depend on the expected version."""
        headers: dict[str, str] = {}
        if self._rules.precondition == "if-match":
            headers["if-match"] = f'"{one.expected}"' if self._rules.quoted else one.expected
        if body is not None and self._rules.precondition == "body" and self._rules.version is not None:
            body = placed(self._rules.version, one.expected, body)
        return self._wire.call(
            sending.method, sending.path, key=one.key, body=body, headers=headers, effect=Effect.ONCE
        )

    def _unsent(self, kind: KindMap, one: Update | Remove, refused: RefusedError) -> Flow[Outcome]:
        """What a write came to that the system did not take."""
        if refused.status in self._wire.replies.missing:
            return Outcome(result=Result.MISSING, key=one.key, why=GONE)
        if refused.status not in self._wire.replies.stale:
            return _declined(refused, one.key)
        row = yield from self._reader.row(kind, one.key)
        if row is None or is_gone(kind, row):
            return Outcome(result=Result.MISSING, key=one.key, why=GONE)
        return Outcome(result=Result.STALE, key=one.key, version=version_of(kind, row) or "", why=MOVED)


def _row(found: object) -> Row | None:
    return cast("Row", found) if isinstance(found, dict) else None


def sendable(version: str) -> bool:
    """Whether a version can stand in a header; one that cannot was never the system's.

    A star would match any version (RFC 9110, 13.1.1), so it stands for none.

    >>> sendable('7'), sendable(''), sendable('*'), sendable('7' + chr(13) + chr(10) + 'x: y')
    (True, False, False, False)
    """
    return _in_a_header(version) and '"' not in version[1:-1]


def _in_a_header(version: str) -> bool:
    return version not in ("", "*") and version.isascii() and version.isprintable()


def _declined(refused: RefusedError, key: str = "") -> Outcome:
    """The outcome of a write that the system does not accept; raises when nothing may be written at all."""
    if refused.status in _NOT_ALLOWED:
        raise refused
    return Outcome(result=Result.REFUSED, key=key, why=refused.what)
