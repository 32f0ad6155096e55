"""Dropbox Sign on the wire: forms with a file out, objects with an `error` in.

Source: developers.hellosign.com, API reference 3.0.0, "errors".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from clmcrm.adapters.forms import form
from clmcrm.adapters.trees import Tree, is_tree, word
from clmcrm.drivers.budgets import Budget
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.errors import AmbiguousError, InvalidRecord, MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Call, Effect, Flow, Reply

VENDOR: Final = "dropbox_sign"
ORIGIN: Final = "https://api.hellosign.com"
SENDING: Final = "send"
"""The bucket of calls that send."""
BUDGETS: Final = (
    Budget(vendor=VENDOR, size=100, per=timedelta(minutes=1)),
    Budget(vendor=VENDOR, bucket=SENDING, size=25, per=timedelta(minutes=1)),
)
"""What an account allows by default."""

_OK: Final = range(200, 300)
_GONE: Final = (404, 410)
_NOT_READY: Final = 409
_BUSY: Final = ("exceeded_rate", "unavailable", "maintenance", "team_invite_failed")
_KEY: Final = re.compile(r"[0-9a-f]{40}")
_NOTHING: Final[Mapping[str, str]] = {}
_YEAR_10000: Final = 253_402_300_800
"""The first second that no instant can hold: an end in 9999 is what many write for none."""


class NoSuchRequest(Exception):
    """Dropbox Sign knows no such signature request, or removed it."""


class DropboxSignSession:
    """An account by its API key, which is kept out of every repr, error and log.

    Raises `InvalidRecord` for a key that no header can carry; it is not repeated.

    >>> DropboxSignSession(Secret("a key"))
    DropboxSignSession('https://api.hellosign.com')
    """

    def __init__(self, key: Secret, *, origin: str = ORIGIN) -> None:
        if not key.reveal().strip() or not key.reveal().isprintable() or not key.reveal().isascii():
            raise InvalidRecord("DropboxSignSession", "key", "***", "one line of printable ASCII")
        self.origin = origin.rstrip("/")
        self.last_date = ""
        self._key = key
        self._known = Secret(base64.b64encode(f"{key.reveal()}:".encode()).decode())

    def __repr__(self) -> str:
        return f"DropboxSignSession({self.origin!r})"

    def get(self, path: str, query: Mapping[str, str] = _NOTHING) -> Flow[Tree]:
        """The object at a path; raises `NoSuchRequest`, `RefusedError`, `TransientError` and `MalformedReply`."""
        call = self._call("GET", f"{path}?{urlencode(query)}" if query else path)
        reply = yield call
        return self._result(self._noted(reply), call.where)

    def send(self, path: str, fields: Sequence[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]) -> Flow[Tree]:
        """What it answers to a form with files; `AmbiguousError` for a reply that nobody can read."""
        body, kind = form(fields, files)
        call = self._call("POST", path, body=body, kind=kind, bucket=SENDING)
        reply = yield call
        try:
            return self._result(self._noted(reply), call.where)
        except MalformedReply as torn:
            raise AmbiguousError(VENDOR, f"{torn.what}; whether it was done is not known", torn.request_id) from None

    def pdf(self, path: str, query: Mapping[str, str]) -> Flow[bytes]:
        """A PDF; raises as `get`, `TransientError` while it is prepared, and `MalformedReply` for anything else."""
        call = self._call("GET", f"{path}?{urlencode(query)}")
        reply = self._noted((yield call))
        if reply.status == _NOT_READY:
            raise TransientError(VENDOR, f"{call.where}: the file is being prepared", reply.request_id)
        if reply.status not in _OK:
            _ = self._result(reply, call.where)
        if not reply.body.startswith(b"%PDF-"):
            raise MalformedReply(VENDOR, call.where, "no PDF", reply.request_id)
        return reply.body

    def _result(self, reply: Reply, where: str) -> Tree:
        return _result(reply, where, (self._key, self._known))

    def _noted(self, reply: Reply) -> Reply:
        self.last_date = reply.headers.get("date", self.last_date)
        return reply

    def _call(self, method: str, path: str, *, body: bytes | None = None, kind: str = "", bucket: str = "") -> Call:
        headers = {"authorization": f"Basic {self._known.reveal()}", "accept": "application/json, application/pdf"}
        return Call(
            method=method, url=f"{self.origin}/v3/{path}", vendor=VENDOR, bucket=bucket, body=body,
            headers={**headers, "content-type": kind} if kind else headers,
            effect=Effect.NONE if method == "GET" else Effect.ONCE,
        )  # fmt: skip


def _result(reply: Reply, where: str, secrets: Sequence[Secret]) -> Tree:
    try:
        found = read_json(reply, VENDOR, where)
    except MalformedReply:
        if reply.status in _OK:
            raise
        found = None
    told: Tree = found if is_tree(found) else {}
    error = told.get("error")
    if is_tree(error) or reply.status not in _OK:
        raise _failure(error if is_tree(error) else {}, reply, secrets)
    if not is_tree(found):
        raise MalformedReply(VENDOR, where, "no object", reply.request_id)
    return found


def _failure(error: Tree, reply: Reply, secrets: Sequence[Secret]) -> Exception:
    name, said = (hidden(word(error, part), secrets) for part in ("error_name", "error_msg"))
    name = name or f"status {reply.status}"
    if reply.status in _GONE or name in ("not_found", "deleted"):
        return NoSuchRequest(name)
    if name in _BUSY:
        return TransientError(VENDOR, f"{name}: {said}", reply.request_id)
    return RefusedError(VENDOR, f"{name}: {said}" if said else name, reply.request_id, status=reply.status)


def is_key(key: str) -> bool:
    """Whether it has the form of a signature request's id.

    >>> is_key("fa5c8a0b0f492d768749333ad6fcc214c111e967"), is_key("../list")
    (True, False)
    """
    return _KEY.fullmatch(key) is not None


def moment(tree: Tree, name: str) -> datetime | None:
    """An instant of an object, in seconds since 1970; None when it has none."""
    value = tree.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _YEAR_10000:
        raise MalformedReply(VENDOR, name, f"{value!r} is no time in seconds")
    return datetime.fromtimestamp(value, tz=UTC)
