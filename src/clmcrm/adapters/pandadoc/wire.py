"""PandaDoc on the wire: JSON and forms out; objects, or an error's words, in.

An error is told by its status; its words are a `type` with its `detail`, or, of version 2, a `code` with its
`details`. One that says which state a document is in (409) is the caller's to treat: most steps may be taken in one
state only. Source: developers.pandadoc.com, API reference 8.8.0; "limits".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from clmcrm.adapters.forms import form
from clmcrm.adapters.trees import Tree, is_list, is_tree, word
from clmcrm.drivers.budgets import Budget
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.errors import AmbiguousError, InvalidRecord, MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

VENDOR: Final = "pandadoc"
ORIGIN: Final = "https://api.pandadoc.com"

LISTS: Final = ""
"""The bucket of lists and of a document's status."""
CREATING: Final = "create"
SENDING: Final = "send"
DETAILS: Final = "details"
DOWNLOADS: Final = "download"
LOOKING: Final = "look"
"""The bucket of looks at a document that is being made: its budget makes the driver wait between two."""
OTHERS: Final = "other"
"""The bucket of everything PandaDoc names no limit for."""

_A_MINUTE: Final[Mapping[str, int]] = {
    LISTS: 2000, CREATING: 50, SENDING: 200, DETAILS: 300, DOWNLOADS: 300, LOOKING: 2000, OTHERS: 100,
}  # fmt: skip
_SANDBOX: Final = 10


def budgets(*, sandbox: bool = False) -> tuple[Budget, ...]:
    """What PandaDoc allows each user in a minute; a key of the sandbox may make 10 calls to each address.

    A document that is being made is looked at once a second, as PandaDoc asks.
    """
    minute, second = timedelta(minutes=1), timedelta(seconds=1)
    told = [
        Budget(vendor=VENDOR, bucket=bucket, size=_SANDBOX if sandbox else size, per=minute)
        for bucket, size in _A_MINUTE.items()
    ]
    return (*told, Budget(vendor=VENDOR, bucket=LOOKING, size=1, per=second))


_OK: Final = range(200, 300)
_MISSING: Final = 404
_OTHER_STATE: Final = 409
_LOCKED: Final = 423
_NOT_READY: Final = 202
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOTHING: Final[Mapping[str, str]] = {}
_SHOWN: Final = 300


class NoSuchDocument(Exception):
    """PandaDoc shows no such document."""


class InAnotherState(Exception):
    """The step is not possible in the state that the document is in; `status` is PandaDoc's word for it."""

    def __init__(self, status: str, said: str) -> None:
        self.status, self.said = status, said
        super().__init__(said or status or "the document is in another state")


class PandaDocSession:
    """A workspace by an API key, or by the access token of an OAuth application (`bearer`).

    Both are kept out of every repr, error and log. Raises `InvalidRecord` for one that no header can carry.

    >>> PandaDocSession(Secret("a key"))
    PandaDocSession('https://api.pandadoc.com')
    """

    def __init__(self, key: Secret, *, origin: str = ORIGIN, bearer: bool = False) -> None:
        if not key.reveal().strip() or not key.reveal().isprintable() or not key.reveal().isascii():
            raise InvalidRecord("PandaDocSession", "key", "***", "one line of printable ASCII")
        self.origin = origin.rstrip("/")
        self.last_date = ""
        self._key, self._scheme = key, "Bearer" if bearer else "API-Key"

    def __repr__(self) -> str:
        return f"PandaDocSession({self.origin!r})"

    def get(self, path: str, query: Mapping[str, str] = _NOTHING, *, bucket: str = LISTS) -> Flow[Tree]:
        """The object at a path.

        Raises `NoSuchDocument`, `InAnotherState`, `RefusedError`, `TransientError` and `MalformedReply`.
        """
        call = self._call("GET", f"{path}?{urlencode(query)}" if query else path, bucket=bucket)
        return _result(self._noted((yield call)), call.where, self._key)

    def items(self, path: str, *, bucket: str) -> Flow[list[object]]:
        """The list at a path; raises as `get`."""
        call = self._call("GET", path, bucket=bucket)
        reply = self._noted((yield call))
        found: object = (
            read_json(reply, VENDOR, call.where) if reply.status in _OK else _result(reply, call.where, self._key)
        )
        if not is_list(found):
            raise MalformedReply(VENDOR, call.where, "no list", reply.request_id)
        return found

    def change(
        self, method: str, path: str, body: Tree, *, bucket: str = OTHERS, effect: Effect = Effect.KEYED
    ) -> Flow[Tree]:
        """What it answers to a change, empty where it says nothing; `AmbiguousError` when nobody can read it."""
        kind = {"content-type": "application/json"}
        text = json.dumps(body, ensure_ascii=False).encode()
        return (yield from self._changed(self._call(method, path, text, kind, bucket=bucket, effect=effect)))

    def upload(
        self, path: str, fields: Sequence[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]
    ) -> Flow[Tree]:
        """The same for a form with files, which creates: it is never sent twice."""
        body, kind = form(fields, files)
        call = self._call("POST", path, body, {"content-type": kind}, bucket=CREATING, effect=Effect.ONCE)
        return (yield from self._changed(call))

    def pdf(self, path: str) -> Flow[bytes]:
        """A PDF; raises `TransientError` while it is being produced, `MalformedReply` for anything else."""
        call = self._call("GET", path, bucket=DOWNLOADS)
        reply = self._noted((yield call))
        if reply.status == _NOT_READY:
            raise TransientError(VENDOR, f"{call.where}: the signed file is being produced", reply.request_id)
        if reply.status not in _OK:
            _ = _result(reply, call.where, self._key)
        if not reply.body.startswith(b"%PDF-"):
            raise MalformedReply(VENDOR, call.where, "no PDF", reply.request_id)
        return reply.body

    def _changed(self, call: Call) -> Flow[Tree]:
        reply = self._noted((yield call))
        try:
            return _result(reply, call.where, self._key)
        except MalformedReply as torn:
            raise AmbiguousError(VENDOR, f"{torn.what}; whether it was done is not known", torn.request_id) from None

    def _noted(self, reply: Reply) -> Reply:
        self.last_date = reply.headers.get("date", self.last_date)
        return reply

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = _NOTHING,
        *, bucket: str, effect: Effect = Effect.NONE,
    ) -> Call:  # fmt: skip
        known = {"authorization": f"{self._scheme} {self._key.reveal()}", "accept": "application/json, application/pdf"}
        return Call(
            method=method, url=f"{self.origin}/public/{path}", vendor=VENDOR, bucket=bucket, body=body,
            headers={**known, **headers}, effect=effect,
        )  # fmt: skip


def _result(reply: Reply, where: str, key: Secret) -> Tree:
    try:
        found = read_json(reply, VENDOR, where)
    except MalformedReply:
        if reply.status in _OK:
            raise
        found = None
    told: Tree = found if is_tree(found) else {}
    if reply.status not in _OK or ("detail" in told and word(told, "type")):
        raise _failure(told, reply, key)
    if found is not None and not is_tree(found):
        raise MalformedReply(VENDOR, where, "no object", reply.request_id)
    return told


def _failure(told: Tree, reply: Reply, key: Secret) -> Exception:
    detail = told.get("detail") or told.get("info_message") or told.get("details")
    said = detail if isinstance(detail, str) else json.dumps(detail, default=str) if detail else ""
    said = hidden(said, (key,))[:_SHOWN]
    name = hidden(word(told, "type") or word(told, "code") or f"status {reply.status}", (key,))
    what = ": ".join(part for part in (name, said) if part)
    if reply.status == _MISSING:
        return NoSuchDocument(what)
    if reply.status == _OTHER_STATE:
        return InAnotherState(word(told, "status"), said)
    if reply.status == _LOCKED:
        return TransientError(VENDOR, f"somebody is editing the document; {what}", reply.request_id)
    return RefusedError(VENDOR, what, reply.request_id, status=reply.status)


def is_key(key: str) -> bool:
    """Whether it has the form of a document's id.

    >>> is_key("msFYActMfJHqNTKH8YSvF1"), is_key("../contacts")
    (True, False)
    """
    return _KEY.fullmatch(key) is not None


def moment(tree: Tree, name: str) -> datetime | None:
    """An instant of an object, UTC where it names no zone; None when it has none.

    Raises `MalformedReply` for what is no instant.

    >>> moment({"date_sent": "2026-01-15T09:30:00.123456Z"}, "date_sent").isoformat()
    '2026-01-15T09:30:00.123456+00:00'
    """
    told = tree.get(name)
    if told is None or told == "":
        return None
    try:
        at = datetime.fromisoformat(told if isinstance(told, str) else "")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedReply(VENDOR, name, f"{str(told)[:80]!r} is no instant") from None


def written(at: datetime) -> str:
    """An instant as PandaDoc takes it.

    >>> written(datetime(2026, 1, 15, 9, 30, tzinfo=UTC))
    '2026-01-15T09:30:00.000000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
