"""Calls to a described system, and what its replies mean.

Keys, marks and cursors are values: they are encoded into paths and queries and never read as part of them.
Whatever a reply says is shown with the secrets hidden, should the system repeat one.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import quote, quote_plus, urlencode, urljoin, urlsplit

from attrs import evolve

from clmcrm.adapters._http import origin_of
from clmcrm.adapters.declared.base_address import origin_below, shown_address
from clmcrm.adapters.declared.description import Description, Path, Signing
from clmcrm.adapters.declared.members import ABSENT, at, exact_json, shown
from clmcrm.adapters.pages_for_people import is_page
from clmcrm.drivers.reading import read_json
from clmcrm.drivers.secrets import HIDDEN, Secret, hidden
from clmcrm.errors import InvalidRecord, MalformedReply, RefusedError, TerminalError
from clmcrm.ports.calls import Call, Effect, Reply

_WORDS: Final = 300
_SUCCESS: Final = range(200, 300)
_DOTS: Final = (".", "..")
_A_WORD: Final = 8
Pairs = Sequence[tuple[str, str]]


class Wire:
    """Makes the calls of one description, signed with `secrets`, and reads the replies.

    Raises `InvalidRecord` for an address that is none, and for a secret that is missing or that no header can carry,
    whose value is not repeated.
    """

    def __init__(self, described: Description, secrets: Mapping[str, Secret], address: str | None = None) -> None:
        self.system = described.system
        self.replies = described.replies
        self._address = (address or described.address).rstrip("/")
        try:
            self._origin = origin_below(self._address)
        except ValueError as problem:
            where = f"system {described.system}"
            raise InvalidRecord(
                where, "address", shown_address(self._address), f"https://host/path ({problem})"
            ) from None
        self._timeout = timedelta(seconds=described.limits.timeout_s)
        signed, self._secrets = _signed(described.system, described.auth, secrets)
        own = {name.lower(): value for name, value in described.headers.items()}  # a second spelling is a second line
        self._headers = {"accept": "application/json", **own, **signed}

    def __repr__(self) -> str:
        """Where, and never with what."""
        return f"Wire({self.system!r}, {self._address!r})"

    @property
    def address(self) -> str:
        """Where the system is."""
        return self._address

    def call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        query: Pairs = (),
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        effect: Effect = Effect.NONE,
    ) -> Call:
        """The call of `path` below the address, `key` encoded into it as one segment."""
        if key is not None:
            path = path.replace("{key}", quote(key, safe=""))
        url = self._address + path + (f"?{urlencode(query)}" if query else "")
        sent = None if body is None else exact_json(body).encode()
        kind = {} if body is None else {"content-type": "application/json"}
        own = {**kind, **self._headers, **{name.lower(): value for name, value in (headers or {}).items()}}
        return Call(
            method=method, url=url, vendor=self.system, headers=own, body=sent, effect=effect, timeout=self._timeout
        )

    def onward(self, link: str, page: str) -> str:
        """A page link as the address `page` states it: a relative one begins there (RFC 3986, 5.1.3).

        What is on the own origin comes back as its path and query; what is not, as it was.
        """
        with contextlib.suppress(ValueError):  # no address at all
            url = urljoin(page, link)
            if origin_of(url) == self._origin:
                return urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl()
        return link

    def follow(self, link: str, base: str) -> Call:
        """The call of a page link; raises `TerminalError` for one that leads to another origin."""
        url, there = "", None
        with contextlib.suppress(ValueError):  # no address at all
            url = urljoin(base, link)
            there = origin_of(url)
        if there != self._origin:
            raise TerminalError(self.system, "a page link leads to another origin; it is not followed")
        return evolve(self.call("GET", ""), url=url)

    def read(self, reply: Reply, call: Call) -> Any:  # noqa: ANN401 - any JSON value
        """The JSON of a reply; None for an empty one.

        Raises `RefusedError` with the system's own words for a status of failure, or for an error inside a
        success, and `MalformedReply` for what is no JSON.
        """
        page = is_page(reply)
        if reply.status not in _SUCCESS:
            if page and reply.status in self.replies.missing:
                raise MalformedReply(
                    self.system, call.where, f"status {reply.status} with a page for people: no proof that a record "
                    "is missing", self._request(reply),
                )  # fmt: skip
            said = "a page for people" if page else self._words(reply)
            what = f"{call.where}: status {reply.status}: {said}"
            raise RefusedError(self.system, what, self._request(reply), status=reply.status)
        if page:
            raise MalformedReply(self.system, call.where, "a page for people, JSON was asked for", self._request(reply))
        try:
            value = read_json(reply, self.system, call.where)
        except MalformedReply as torn:
            raise MalformedReply(
                self.system, call.where, self.clean(torn.what.removeprefix(f"{call.where}: ")), self._request(reply)
            ) from None
        words = self._said(value)
        if words:
            what = f"{call.where}: status {reply.status}, and yet: {words}"
            raise RefusedError(self.system, what, self._request(reply), status=reply.status)
        return value

    def record(self, value: object, path: Path, call: Call) -> dict[str, Any]:
        """The record at `path` of a reply; raises `MalformedReply` when there is none."""
        found = at(value, path)
        if not isinstance(found, dict):
            raise MalformedReply(self.system, call.where, f"no record at {shown(path)}")
        return cast("dict[str, Any]", found)

    def rows(self, value: object, path: Path, call: Call) -> list[dict[str, Any]]:
        """The records of a list at `path`; raises `MalformedReply` when it is none, or holds something else."""
        found = at(value, path)
        if not isinstance(found, list):
            raise MalformedReply(self.system, call.where, f"no list at {shown(path)}")
        items = cast("list[object]", found)
        for number, row in enumerate(items):
            if not isinstance(row, dict):
                raise MalformedReply(self.system, call.where, f"no record at {shown((*path, str(number)))}")
        return cast("list[dict[str, Any]]", items)

    def clean(self, text: str) -> str:
        """The text with every secret hidden, also where it is escaped, or cut off by the length that is shown."""
        return _without_beginnings(hidden(text, self._secrets), self._secrets) if text else ""

    def _request(self, reply: Reply) -> str | None:
        named = self.replies.request_id
        found = reply.request_id if named is None else reply.headers.get(named.lower(), reply.request_id)
        return None if found is None else self.clean(found)[:_WORDS]

    def _words(self, reply: Reply) -> str:
        """What a failed reply says: at the declared place, else as it begins."""
        try:
            said = self._said(read_json(reply, self.system, "error"))
        except MalformedReply:
            said = ""
        return said or self.clean(reply.body.decode("utf-8", "replace"))[:_WORDS].strip() or "no reason given"

    def _said(self, value: object) -> str:
        if self.replies.error is None:
            return ""
        found = at(value, self.replies.error)
        if found in (ABSENT, None, "", False, [], {}):
            return ""
        return self.clean(found if isinstance(found, str) else exact_json(found))[:_WORDS]


def addressable(key: str) -> bool:
    """Whether a key can be a segment of a path: the empty one and dots would lead elsewhere.

    >>> addressable("7/../8"), addressable(".."), addressable("")
    (True, False, False)
    """
    return key not in ("", *_DOTS) and not any("\ud800" <= letter <= "\udfff" for letter in key)


def _signed(system: str, auth: Signing, secrets: Mapping[str, Secret]) -> tuple[dict[str, str], tuple[Secret, ...]]:
    """The headers that sign a call, and all that must never be shown."""
    for name in auth.secrets:
        value = secrets[name].reveal() if name in secrets else ""
        if not value or not value.isprintable() or not value.isascii():
            found = "printable ASCII expected" if value else "missing"
            raise InvalidRecord(f"system {system}", f"secret {name}", found, "a secret of that name, one line of ASCII")
        if name == auth.user and ":" in value:
            where = f"secret {name}"
            raise InvalidRecord(
                f"system {system}", where, "it holds a colon", "a user's name without one (RFC 7617, 2)"
            )
    shown_never = tuple(form for name in auth.secrets for form in _spelt(secrets[name]))
    value = secrets[auth.secret].reveal() if auth.secret is not None else ""
    if auth.scheme == "bearer":
        return {"authorization": f"Bearer {value}"}, shown_never
    if auth.scheme == "basic" and auth.user is not None:
        coded = base64.b64encode(f"{secrets[auth.user].reveal()}:{value}".encode()).decode()
        return {"authorization": f"Basic {coded}"}, (*shown_never, *_spelt(Secret(coded)))
    if auth.scheme == "header" and auth.header is not None:
        return {auth.header.lower(): value}, shown_never
    return {}, ()


def _spelt(secret: Secret) -> tuple[Secret, ...]:
    """A secret in every spelling that a reply, or an error about it, may repeat it in: JSON, Python, an address."""
    value = secret.reveal()
    spellings = (value, json.dumps(value)[1:-1], repr(value)[1:-1], quote(value, safe=""), quote_plus(value))
    return tuple(Secret(one) for one in dict.fromkeys(spellings))


def _without_beginnings(text: str, secrets: Sequence[Secret]) -> str:
    """The text without the longest beginning of each secret that is more than a word: the rest was cut off."""
    for value in (secret.reveal() for secret in secrets):
        if value[:_A_WORD] in text and len(value) > _A_WORD:
            longest = next(end for end in range(len(value), 0, -1) if value[:end] in text)
            text = text.replace(value[:longest], HIDDEN)
    return text
