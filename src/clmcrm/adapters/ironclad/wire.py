"""Ironclad's REST on the wire: bodies there and back, exact numbers, and what a reply means.

Every error is an object with a `code`, a `message` and mostly a `param`. What is not there is told by the code
NOT_FOUND, with status 404 or 400; a page, or a 404 without that code, proves nothing.
Source: developer.ironcladapp.com, Public API reference (records, workflows, entities, obligations).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

from clmcrm.adapters.trees import Tree, is_list, is_tree, number, word
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import Secret, hidden
from clmcrm.errors import MalformedReply, RefusedError, TransientError
from clmcrm.ports.calls import Reply

VENDOR: Final = "ironclad"
ORIGIN: Final = "https://na1.ironcladapp.com"
"""Where Ironclad is for companies in North America; Europe has eu1, a sandbox mostly demo."""
BASE: Final = "/public/api/v1"

_OK: Final = range(200, 300)
_SHOWN: Final = 300
_BUSY: Final = ("TOO_MANY_REQUESTS",)
_UNAUTHORISED: Final = 401
"""About whoever asks, whatever its code: no record is refused by it."""


class NotThere(Exception):
    """Ironclad says that there is no such object; `said` is what it said."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(said)


class RefusedByIronclad(Exception):
    """Ironclad's own rules refuse the request: its `code`, its words, and the reply's `status`."""

    def __init__(self, code: str, said: str, status: int, request_id: str | None) -> None:
        self.code, self.said, self.status, self.request_id = code, said, status, request_id
        super().__init__(f"{code}: {said}" if said else code)

    def error(self, where: str) -> RefusedError:
        """The same, where nothing but raising it makes sense."""
        return RefusedError(VENDOR, f"{where}: {self}", self.request_id, status=self.status)


def written(value: object) -> bytes:
    """The body that says `value`; a number with a fraction is written digit by digit.

    >>> written({"amount": Decimal("10.10"), "name": "Été"}).decode()
    '{"amount":10.10,"name":"Été"}'
    """
    return _text(value).encode()


def _text(value: object) -> str:
    if is_tree(value):
        return "{" + ",".join(f"{encode_basestring(name)}:{_text(one)}" for name, one in value.items()) + "}"
    if is_list(value):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return encode_basestring(value) if isinstance(value, str) else json.dumps(value)


def result(reply: Reply, where: str, secrets: Sequence[Secret] = ()) -> Tree:
    """The object a reply holds; empty for one without a body, and a list as the `list` of an object.

    Raises `NotThere` and `RefusedByIronclad` for what the caller treats, `TransientError` when a limit of calls is
    reached, `RefusedError` for a failure that is none of Ironclad's own or about whoever asks (401), and
    `MalformedReply` for a success that nobody can read.
    """
    good = reply.status in _OK
    try:
        found = read_json(reply, VENDOR, where)
    except MalformedReply:
        if good:
            raise
        found = None
    if good and found is None:
        return {}
    if good and is_list(found):
        return {"list": found}
    if not is_tree(found):
        if good:
            raise MalformedReply(VENDOR, where, f"no object: {_shown(reply)}", reply.request_id)
        raise RefusedError(
            VENDOR, f"{where}: status {reply.status}: {_shown(reply)}", reply.request_id, status=reply.status
        )
    code = word(found, "code")
    if good and not (code and "message" in found and "id" not in found):
        return found
    raise _failure(code, hidden(_said(found), secrets)[:_SHOWN], reply, where)


def _failure(code: str, said: str, reply: Reply, where: str) -> Exception:
    if code == "NOT_FOUND":
        return NotThere(said)
    if code in _BUSY:
        return TransientError(VENDOR, f"{where}: {code}: {said}", reply.request_id)
    if not code or reply.status == _UNAUTHORISED:
        words = f"{code}: {said}" if code else said
        return RefusedError(VENDOR, f"{where}: status {reply.status}: {words}", reply.request_id, status=reply.status)
    return RefusedByIronclad(code, said, reply.status, reply.request_id)


def _said(told: Tree) -> str:
    said = word(told, "message") or word(told, "error_description") or word(told, "error") or "no reason given"
    param = word(told, "param")
    return f"{said} ({param})" if param and param not in said else said


def _shown(reply: Reply) -> str:
    return repr(reply.body[:_SHOWN].decode("utf-8", "replace"))


def rows(found: Tree, where: str) -> tuple[list[dict[str, Any]], int]:
    """The objects of a list and how many there are on all its pages; raises `MalformedReply` for anything else."""
    items: object = found.get("list")
    count = number(found, "count")
    if not is_list(items) or count is None or count < 0:
        raise MalformedReply(VENDOR, f"{where}: $.list", f"no list with a count: {sorted(found)[:5]}")
    told = [one for one in items if is_tree(one) and word(one, "id")]
    if len(told) != len(items):
        raise MalformedReply(VENDOR, f"{where}: $.list", "an object without an id")
    return told, count
