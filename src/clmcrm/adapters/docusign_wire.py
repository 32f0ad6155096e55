"""DocuSign's REST on the wire: a request as a value, and what a reply means.

Every error is an object with an `errorCode` and a `message`, most of them with status 400; so the code is judged
first and the status second. A reply of 200 may carry an error too.
Source: developers.docusign.com, eSignature REST API, "error codes" and "rules and limits".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from clmcrm.adapters.trees import Tree, is_tree, word
from clmcrm.drivers.reading import read_json
from clmcrm.errors import MalformedReply, RefusedError, TerminalError, TransientError
from clmcrm.ports.calls import Reply

VENDOR: Final = "docusign"
_NO_SUCH: Final = frozenset({"ENVELOPE_DOES_NOT_EXIST", "ENVELOPE_NOT_FOUND", "INVALID_ENVELOPE_ID"})
_SHOWN: Final = 200
_OK: Final = range(200, 300)


class NoSuchEnvelope(TerminalError):
    """DocuSign knows no envelope of that id, or names it in a list and does not show it."""

    def __init__(self, which: str, request_id: str | None = None) -> None:
        super().__init__(VENDOR, f"there is no envelope {which}", request_id)


class RefusedByDocuSign(Exception):
    """DocuSign's own rules refuse the request: its `code`, its words, and the reply's `status`."""

    def __init__(self, code: str, said: str, status: int, request_id: str | None) -> None:
        self.code, self.said, self.status, self.request_id = code, said, status, request_id
        super().__init__(f"{code}: {said}" if said else code)

    def error(self) -> RefusedError:
        """The same, where nothing but raising it makes sense."""
        return RefusedError(VENDOR, str(self), self.request_id, status=self.status)


def result(reply: Reply, where: str) -> Tree:
    """The object a reply holds.

    Raises `NoSuchEnvelope` and `RefusedByDocuSign` for what the caller treats, `TransientError` when a limit of
    calls is reached, and `MalformedReply` for what is no answer of DocuSign's.
    """
    try:
        found = read_json(reply, VENDOR, where)
    except MalformedReply:
        if reply.status in _OK:
            raise
        found = None
    if not is_tree(found):
        if reply.status in _OK:
            raise MalformedReply(VENDOR, where, f"no object: {shown(reply)}", reply.request_id)
        raise RefusedByDocuSign(f"status {reply.status}", shown(reply), reply.status, reply.request_id)
    code = word(found, "errorCode") or word(found, "error")
    if code or reply.status not in _OK:
        raise _failure(code, word(found, "message") or word(found, "error_description"), reply)
    return found


def shown(reply: Reply) -> str:
    """The beginning of a body, for an error."""
    return repr(reply.body[:_SHOWN].decode("utf-8", "replace"))


def _failure(code: str, said: str, reply: Reply) -> Exception:
    if "LIMIT_EXCEEDED" in code.upper():
        return TransientError(VENDOR, f"{code}: {said}", reply.request_id)
    if code.upper() in _NO_SUCH:
        return NoSuchEnvelope(f"({code})", reply.request_id)
    return RefusedByDocuSign(code or f"status {reply.status}", said, reply.status, reply.request_id)


def instant(tree: Tree, name: str) -> datetime | None:
    """An instant of an object, in UTC; None when it has none.

    DocuSign writes seven digits of a second, and UTC where it writes no zone. Raises `MalformedReply` for what is
    no instant.

    >>> instant({"sentDateTime": "2026-01-15T09:30:00.1234567Z"}, "sentDateTime").isoformat()
    '2026-01-15T09:30:00.123456+00:00'
    """
    told = word(tree, name)
    if not told:
        return None
    try:
        at = datetime.fromisoformat(told)
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # in UTC it may lie before the year 1, or after the year 9999
        raise MalformedReply(VENDOR, name, f"{told[:80]!r} is no instant") from None


def written(at: datetime) -> str:
    """An instant as DocuSign takes it: in UTC.

    >>> written(datetime(2026, 1, 15, 9, 30, tzinfo=UTC))
    '2026-01-15T09:30:00.000000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
