"""What a description must make sense of as a whole, beyond each key by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import attrs

from clmcrm.adapters.declared.description import Description, FieldMap, KindMap, Listing, Path, Signing, Writing

Objection = tuple[str, str]
"""The place in the file, and what is wrong there."""

_SIGNED_WITH: Final = {"none": (), "bearer": ("secret",), "basic": ("user", "secret"), "header": ("header", "secret")}
_SECRET_HEADERS: Final = ("authorization", "proxy-authorization", "cookie", "x-api-key", "api-key")
_PAGED_BY: Final = {
    "none": (),
    "keyset": ("since_param", "after_param", "size_param"),
    "cursor": ("cursor_param", "next"),
    "link": (),
    "page": ("page_param",),
}

_FRAMING: Final = ("host", "content-length", "transfer-encoding", "connection")
"""Headers that say where a call goes and how long it is: whoever sends it writes them."""
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*", re.ASCII)
"""What a path may hold as it stands (RFC 3986, 3.3)."""

_ONLY_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "path": ("text", "key", "number", "whole", "flag", "date", "instant", "enum", "texts", "lines", "json"),
    "sent_as": ("number", "whole", "key", "money", "enum"),
    "pattern": ("date",),
    "zone": ("date", "instant"),
    "epoch": ("instant",),
    **dict.fromkeys(("amount", "currency", "currency_is", "minor_units"), ("money",)),
    **dict.fromkeys(("values", "unknown", "raw"), ("enum",)),
    "parts": ("group",),
    "constant": ("constant",),
}
"""The forms of field that each key is for; those that are not here are for all."""
_ONLY_PAGED: Final[Mapping[str, tuple[str, ...]]] = {
    "after_param": ("keyset",),
    "cursor_param": ("cursor",),
    "next": ("cursor", "link"),
    **dict.fromkeys(("page_param", "first_page", "page_step"), ("page",)),
}
_ONLY_CREATING: Final[Mapping[str, tuple[str, ...]]] = {"idempotency_header": ("keyed",), "key_window_s": ("keyed",)}
_ONLY_GUARDED: Final[Mapping[str, tuple[str, ...]]] = {"quoted": ("if-match",), "version": ("body",)}
_DAYS: Final = (date(2001, 2, 3), date(1999, 12, 31))
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110, 5.1)."""


def objection(told: Description) -> Objection | None:
    """The first thing that makes no sense; None when all does."""
    return next(_objections(told), None)


def _objections(told: Description) -> Iterator[Objection]:
    yield from _auth(told.auth)
    for name, value in told.headers.items():
        if name.lower() in _SECRET_HEADERS:
            yield f"headers.{name}", " carries a secret; name it in [auth] instead"
        if name.lower() in _FRAMING:
            yield f"headers.{name}", " is written by whoever sends the call; leave it out"
        if not _HEADER.fullmatch(name) or not value.isascii() or not value.isprintable():
            yield f"headers.{name}", " is no header; expected printable ASCII, and a name without spaces"
    yield from _headers_once(told)
    yield from _named_headers(told)
    yield from _limits(told)
    yield from _writing(told.writing)
    for status in sorted({*told.replies.missing} & {*told.replies.stale}):
        yield "replies.stale", f" holds {status}, and missing too; a status means one of both"
    for kind in told.kinds.values():
        yield from _kind(kind, told.writing)


def _auth(auth: Signing) -> Iterator[Objection]:
    for key in _SIGNED_WITH[auth.scheme]:
        if getattr(auth, key) is None:
            yield f"auth.{key}", f" is not given; {auth.scheme} needs it"
    for key in ("secret", "user", "header"):
        if getattr(auth, key) is not None and key not in _SIGNED_WITH[auth.scheme]:
            yield f"auth.{key}", f" is not used by {auth.scheme}"
    for name in auth.secrets:
        if not name.isidentifier():
            yield "auth", " names a secret that is no plain word; the secret itself does not belong in this file"


def _headers_once(told: Description) -> Iterator[Objection]:
    """What would send one header twice, or one in the place of another."""
    given: dict[str, str] = {}
    for name in told.headers:
        other = given.setdefault(name.lower(), name)
        if other != name:
            yield f"headers.{name}", f" is given as {other} too; upper and lower case are one in a header's name"
    for where, own in (
        ("auth.header", told.auth.header),
        ("writing.idempotency_header", told.writing.idempotency_header),
    ):
        if own is not None and own.lower() in given:
            yield f"headers.{given[own.lower()]}", f" is what {where} names; it would be sent in its place"


def _named_headers(told: Description) -> Iterator[Objection]:
    named = {
        "auth.header": told.auth.header,
        "replies.request_id": told.replies.request_id,
        "writing.idempotency_header": told.writing.idempotency_header,
    }
    for where, name in named.items():
        if name is not None and name.lower() in _FRAMING:
            yield where, f" is {name!r}, which is written by whoever sends the call"
        if name is not None and not _HEADER.fullmatch(name):
            yield where, " is no name of a header; expected letters, digits and hyphens"


def _unused(told: Listing | Writing | FieldMap, only: Mapping[str, tuple[str, ...]], used: str) -> Iterator[str]:
    """The keys that are given and are not for `used`: whoever wrote them meant something else."""
    defaults: Mapping[str, Any] = {one.name: one.default for one in attrs.fields(type(told))}
    for key, among in only.items():
        value, default = getattr(told, key), defaults[key]
        if used not in among and value != default and value not in ({}, ()):
            yield key


def _limits(told: Description) -> Iterator[Objection]:
    if told.limits.batch_size < 1:
        yield "limits.batch_size", " is 0; expected at least 1"
    if told.limits.timeout_s < 1:
        yield "limits.timeout_s", " is 0; expected at least 1: no call waits for ever"
    for number, rate in enumerate(told.limits.windows):
        if rate.size < 1 or rate.seconds < 1:
            yield f"limits.windows.{number}", " allows nothing; expected size and seconds of at least 1"


def _writing(writing: Writing) -> Iterator[Objection]:
    if writing.precondition == "body" and not writing.version:
        yield "writing.version", " is not given; the precondition body needs a path in the body"
    if writing.creating == "keyed" and (writing.idempotency_header is None or not writing.key_window_s):
        yield "writing.idempotency_header", " is not given with key_window_s; creating keyed needs both"

    for only, used in ((_ONLY_CREATING, writing.creating), (_ONLY_GUARDED, writing.precondition)):
        for key in _unused(writing, only, used):
            yield f"writing.{key}", f" is not used by {used}; it is for {' and '.join(only[key])}"


def _fields(where: str, told: Mapping[str, FieldMap]) -> Iterator[Objection]:
    for name, one in told.items():
        for key in _unused(one, _ONLY_FOR, one.form):
            said = "is" if key == "constant" else key
            yield (
                f"{where}.{name}.{said}",
                f" is not used by the form {one.form}; it is for {', '.join(_ONLY_FOR[key])}",
            )
        if one.zone is not None and (one.pattern or one.epoch):
            yield f"{where}.{name}.zone", f" is not used with {'pattern' if one.pattern else 'epoch'}"
        if one.pattern is not None and not _states_a_day(one.pattern):
            yield (
                f"{where}.{name}.pattern",
                f" is {one.pattern!r}; expected day, month and year as for strptime, such as %d/%m/%Y",
            )
        yield from _fields(f"{where}.{name}.parts", {part.name: part for part in one.parts})


def _states_a_day(pattern: str) -> bool:
    """Whether a date that is written so is read as itself: what a pattern leaves out would be guessed."""
    try:
        read = (datetime.strptime(day.strftime(pattern), pattern) for day in _DAYS)  # noqa: DTZ007 - only the day is taken
        return all(found.date() == day for found, day in zip(read, _DAYS, strict=True))
    except ValueError:
        return False


def _paths(kind: KindMap, where: str) -> Iterator[Objection]:
    for part in ("one", "update", "remove"):
        said = getattr(kind, part)
        if said is not None and said.path.count("{key}") != 1:
            yield f"{where}.{part}.path", f" is {said.path!r}; expected {{key}} in it, once"
    for part in ("list", "one", "many", "find", "create", "update", "remove"):
        said = getattr(kind, part)
        if said is None:
            continue
        if "{" in said.path.replace("{key}", "") or "}" in said.path.replace("{key}", ""):
            yield f"{where}.{part}.path", f" is {said.path!r}; only {{key}} is filled in, write the rest out"
        if not _SEGMENT.fullmatch(said.path.replace("{key}", "").partition("?")[0].partition("#")[0]):
            yield (
                f"{where}.{part}.path",
                f" is {said.path!r}; other letters and blanks are written as addresses have them: %20",
            )
        if {".", ".."} & set(said.path.split("/")):
            yield f"{where}.{part}.path", f" is {said.path!r}; dots lead elsewhere, write the address out"
        if said is not None and (not said.path.startswith("/") or "?" in said.path or "#" in said.path):
            yield f"{where}.{part}.path", f" is {said.path!r}; expected a path that begins with /, without ? and #"
        if said is not None and part in ("list", "many", "find", "create") and "{key}" in said.path:
            yield f"{where}.{part}.path", f" is {said.path!r}; no key is known there"


def _kind(kind: KindMap, writing: Writing) -> Iterator[Objection]:
    where = f"kinds.{kind.name}"
    if writing.precondition != "none" and kind.version is None and (kind.update or kind.remove):
        yield f"{where}.version", f" is not given; the precondition {writing.precondition} needs it"
    if writing.creating in ("unique", "look-up") and kind.create and not (kind.find and kind.mark):
        yield f"{where}.find", f" is not given with mark; creating {writing.creating} looks records up by our key"
    yield from _paths(kind, where)
    if kind.many is not None and kind.many.size < 1:
        yield f"{where}.many.size", " is 0; expected at least 1"
    yield from _fields(f"{where}.fields", kind.fields)
    if kind.changed is not None:
        yield from _fields(where, {"changed": kind.changed})
        if kind.changed.form != "instant":
            yield (
                f"{where}.changed.form",
                f" is {kind.changed.form!r}; a change has an instant: expected none, or instant",
            )
    yield from _one_place_each(kind, f"{where}.fields")
    yield from _paging(kind, f"{where}.list")
    lag = writing.visible_lag_s
    if kind.list.since_param is not None and kind.list.overlap_s < lag:
        what = f" is {kind.list.overlap_s}; expected at least writing.visible_lag_s, {lag}, or what shows late is lost"
        yield f"{where}.list.overlap_s", what


def _one_place_each(kind: KindMap, where: str) -> Iterator[Objection]:
    """Fields that are both written to one place, of which only one could stand there afterwards."""
    places: dict[Path, str] = {}
    if kind.create is None and kind.update is None:
        return
    for name, one in kind.fields.items():
        if one.written == "never":
            continue
        own = _written_to(one)
        for path in own:
            other = next((known for known in places if known[: len(path)] == path[: len(known)]), None)
            if other is not None:
                yield f"{where}.{name}", f' is written where {places[other]} is; of one of both say written = "never"'
        places |= dict.fromkeys(own, name)


def _written_to(one: FieldMap) -> list[Path]:
    """The places of a field's values; a currency may be that of several amounts, and is none of its own."""
    own = [path for path in (one.path, one.amount) if path is not None]
    return own + [path for part in one.parts for path in _written_to(part)]


def _pages(listing: Listing, where: str) -> Iterator[Objection]:
    if listing.size < 1:
        yield f"{where}.size", " is 0; expected at least 1"
    if listing.paging == "page" and listing.page_step < 1:
        yield f"{where}.page_step", " is 0; expected at least 1, or the first page would come for ever"
    if listing.paging == "page" and listing.page_step > listing.size:
        what = f" is {listing.page_step}; expected at most size, {listing.size}, or records are skipped"
        yield f"{where}.page_step", what


def _named_twice(kind: KindMap, where: str) -> Iterator[Objection]:
    """Parameters of one name, of which a system would read one or the other."""
    for part in ("many", "find"):
        said = getattr(kind, part)
        if said is not None and said.param in said.query:
            yield f"kinds.{kind.name}.{part}.query.{said.param}", " is what param names; it would be sent twice"
    listing = kind.list
    given = dict.fromkeys(listing.query, "query")
    for key in ("size_param", "since_param", "after_param", "cursor_param", "page_param"):
        name = getattr(listing, key)
        other = None if name is None else given.setdefault(name, key)
        if other not in (None, key):
            yield f"{where}.{key}", f" is {name!r}, and so is {other}; each parameter has a name of its own"


def _paging(kind: KindMap, where: str) -> Iterator[Objection]:
    listing = kind.list
    for key in _PAGED_BY[listing.paging]:
        if not getattr(listing, key):
            yield f"{where}.{key}", f" is not given; paging by {listing.paging} needs it"
    for key in _unused(listing, _ONLY_PAGED, listing.paging):
        yield f"{where}.{key}", f" is not used by paging {listing.paging}; it is for {' and '.join(_ONLY_PAGED[key])}"
    yield from _named_twice(kind, where)
    yield from _pages(listing, where)
    if listing.next is not None and not listing.rows:
        yield f"{where}.next", " is inside the reply, which is the list itself where rows is empty; state rows"
    if listing.since_param is not None and kind.changed is None:
        yield f"kinds.{kind.name}.changed", " is not given; since_param needs the instant of each record's last change"
    if kind.gone is None and listing.tells_gone:
        yield f"{where}.tells_gone", " is true; expected gone to say how an archived record is recognised"
