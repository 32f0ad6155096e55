"""A `$batch`: up to 1,000 requests as the parts of one body, and their replies as the parts of another.

Each part is a whole request of HTTP; those of a change set happen together or not at all. The boundary is made of what
it bounds, so that the same batch is the same bytes.
Source: OData 4.0 Protocol, 11.7 "Batch Requests"; Dataverse developer guide, "Execute batch operations using the Web
API".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeAlias

from attrs import frozen

from clmcrm.adapters.dataverse.wire import VENDOR
from clmcrm.adapters.declared.members import exact_json
from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Reply

MOST: Final = 1_000
"""How many requests a batch has at most, those inside its change sets counted."""
_NO_HEADERS: Final[Mapping[str, str]] = {}
_LINE: Final = b"\r\n"


@frozen(kw_only=True)
class Part:
    """One request of a batch: the address below the version ("accounts(...)"), with its own headers."""

    method: str
    path: str
    body: object = None
    headers: Mapping[str, str] = _NO_HEADERS


@frozen
class ChangeSet:
    """Requests that happen together or not at all; none of them reads."""

    parts: Sequence[Part]


Item: TypeAlias = "Part | ChangeSet"


def size_of(item: Item) -> int:
    """How many requests it counts for."""
    return len(item.parts) if isinstance(item, ChangeSet) else 1


def batch_of(items: Sequence[Item], base: str) -> tuple[str, bytes]:
    """The content type and the body of a batch; `base` is the path of the version ("/api/data/v9.2")."""
    return _multipart("batch", [_item(item, base, number) for number, item in enumerate(items)])


def _item(item: Item, base: str, number: int) -> bytes:
    if isinstance(item, Part):
        return _request(item, base)
    kind, body = _multipart(f"changeset{number}", [_request(part, base, n) for n, part in enumerate(item.parts, 1)])
    return f"Content-Type: {kind}".encode() + _LINE * 2 + body


def _request(part: Part, base: str, number: int | None = None) -> bytes:
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    head += [] if number is None else [f"Content-ID: {number}"]
    body = b"" if part.body is None else exact_json(part.body).encode()
    head += ["", f"{part.method} {base}/{part.path} HTTP/1.1"]
    head += [] if part.body is None else ["Content-Type: application/json"]
    head += [f"{name}: {value}" for name, value in part.headers.items()]
    return _LINE.join([*(line.encode() for line in head), b"", body])


def _multipart(kind: str, parts: Sequence[bytes]) -> tuple[str, bytes]:
    sign = blake2b(b"\0".join(parts), digest_size=16).hexdigest()
    boundary = f"{kind}_{sign}"
    mark = f"--{boundary}".encode()
    body = b"".join(mark + _LINE + part + _LINE for part in parts) + mark + b"--" + _LINE
    return f"multipart/mixed; boundary={boundary}", body


# Replies.


def answers_in(reply: Reply, where: str) -> list[list[Reply]]:
    """The replies of a batch, one list for each item: of one reply, or of those of a change set.

    A change set that failed has a single reply: its error. Raises `MalformedReply` for a body that is torn.
    """
    found: list[list[Reply]] = []
    for headers, content in _parts(reply.headers.get("content-type", ""), reply.body, where):
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/"):
            found.append([_reply(inner, where) for _, inner in _parts(kind, content, where)])
        else:
            found.append([_reply(content, where)])
    return found


def _parts(kind: str, body: bytes, where: str) -> list[tuple[dict[str, str], bytes]]:
    boundary = _boundary(kind)
    if not boundary:
        raise MalformedReply(VENDOR, where, f"a batch answered with {kind[:60] or 'no content type'}")
    first, *pieces = (b"\n" + body).split(b"\n--" + boundary.encode())
    if first.strip() or not pieces or not pieces[-1].startswith(b"--"):
        raise MalformedReply(VENDOR, where, "a torn batch: its end is missing")
    return [_split(piece, where) for piece in pieces[:-1]]


def _boundary(kind: str) -> str:
    for part in kind.split(";")[1:]:
        label, _, value = part.strip().partition("=")
        if label.lower() == "boundary":
            return value.strip().strip('"')
    return ""


def _split(piece: bytes, where: str) -> tuple[dict[str, str], bytes]:
    """Headers and content, whichever line ends are used; a line end at the beginning belongs to the boundary."""
    text = piece.removeprefix(b"\r").removeprefix(b"\n")
    if len(text) == len(piece):
        raise MalformedReply(VENDOR, where, "a part of a batch without a line end before it")
    if text.startswith((b"\r\n", b"\n")):
        return {}, text.lstrip(b"\r\n")
    ends = [(at, length) for sign, length in ((b"\r\n\r\n", 4), (b"\n\n", 2)) if (at := text.find(sign)) >= 0]
    at, length = min(ends, default=(len(text), 0))
    headers: dict[str, str] = {}
    for line in text[:at].decode("latin-1").splitlines():
        label, _, value = line.partition(":")
        headers[label.strip().lower()] = value.strip()
    return headers, text[at + length :]


def _reply(content: bytes, where: str) -> Reply:
    line, _, rest = content.lstrip(b"\r\n").partition(b"\n")
    words = line.decode("latin-1").split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdecimal() or len(words[1]) != 3:  # noqa: PLR2004 - version, status of three digits
        raise MalformedReply(VENDOR, where, f"a part of a batch that begins with {line[:40]!r}")
    headers, body = _split(b"\n" + rest, where)
    return Reply(status=int(words[1]), headers=headers, body=body.strip())
