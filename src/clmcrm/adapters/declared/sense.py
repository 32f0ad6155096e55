"""What a description must make sense of as a whole, beyond each key by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clmcrm.adapters.declared.description import Description, KindMap, Signing, Writing

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


def objection(told: Description) -> Objection | None:
    """The first thing that makes no sense; None when all does."""
    return next(_objections(told), None)


def _objections(told: Description) -> Iterator[Objection]:
    yield from _auth(told.auth)
    for name, value in told.headers.items():
        if name.lower() in _SECRET_HEADERS:
            yield f"headers.{name}", " carries a secret; name it in [auth] instead"
        if not (name + value).isascii() or not (name + value).isprintable():
            yield f"headers.{name}", " is no header; expected printable ASCII"
    yield from _limits(told)
    yield from _writing(told.writing)
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


def _kind(kind: KindMap, writing: Writing) -> Iterator[Objection]:
    where = f"kinds.{kind.name}"
    if writing.precondition != "none" and kind.version is None and (kind.update or kind.remove):
        yield f"{where}.version", f" is not given; the precondition {writing.precondition} needs it"
    if writing.creating in ("unique", "look-up") and kind.create and not (kind.find and kind.mark):
        yield f"{where}.find", f" is not given with mark; creating {writing.creating} looks records up by our key"
    for part in ("one", "update", "remove"):
        said = getattr(kind, part)
        if said is not None and said.path.count("{key}") != 1:
            yield f"{where}.{part}.path", f" is {said.path!r}; expected {{key}} in it, once"
    for part in ("list", "one", "many", "find", "create", "update", "remove"):
        said = getattr(kind, part)
        if said is not None and (not said.path.startswith("/") or "?" in said.path or "#" in said.path):
            yield f"{where}.{part}.path", f" is {said.path!r}; expected a path that begins with /, without ? and #"
    yield from _paging(kind, f"{where}.list")
    lag = writing.visible_lag_s
    if kind.list.since_param is not None and kind.list.overlap_s < lag:
        what = f" is {kind.list.overlap_s}; expected at least writing.visible_lag_s, {lag}, or what shows late is lost"
        yield f"{where}.list.overlap_s", what


def _paging(kind: KindMap, where: str) -> Iterator[Objection]:
    listing = kind.list
    for key in _PAGED_BY[listing.paging]:
        if not getattr(listing, key):
            yield f"{where}.{key}", f" is not given; paging by {listing.paging} needs it"
    if listing.size < 1:
        yield f"{where}.size", " is 0; expected at least 1"
    if listing.paging == "page" and listing.page_step < 1:
        yield f"{where}.page_step", " is 0; expected at least 1, or the first page would come for ever"
    if listing.since_param is not None and kind.changed is None:
        yield f"kinds.{kind.name}.changed", " is not given; since_param needs the instant of each record's last change"
    if kind.gone is None and listing.tells_gone:
        yield f"{where}.tells_gone", " is true; expected gone to say how an archived record is recognised"
