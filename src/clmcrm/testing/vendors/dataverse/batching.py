"""Reads the body of a `$batch` and writes that of its reply, as OData 4.0 Protocol, 11.7 says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from typing import Final, cast

from attrs import field, frozen

from clmcrm.ports.calls import Reply

_LINE: Final = b"\r\n"
_WORDS: Final = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 404: "Not Found"}


class MalformedBatch(Exception):
    """A body that is no batch."""


@frozen(kw_only=True)
class BatchPart:
    """One request of a batch; `in_changes` says that it stands in a change set."""

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    content_id: str | None = None
    in_changes: bool = False


def read_batch(kind: str, body: bytes) -> list[list[BatchPart]]:
    """The items of a batch: each one request, or those of a change set."""
    found: list[list[BatchPart]] = []
    for part in _parts(f"Content-Type: {kind}\r\n\r\n".encode() + body):
        if part.is_multipart():
            inner = [_request(one, in_changes=True) for one in _messages(part)]
            if any(one.method == "GET" for one in inner):
                raise MalformedBatch("GET requests are not allowed within change sets")
            found.append(inner)
        else:
            found.append([_request(part, in_changes=False)])
    return found


def _parts(whole: bytes) -> list[Message]:
    message = BytesParser().parsebytes(whole)
    if not message.is_multipart() or message.get_content_type() != "multipart/mixed" or message.defects:
        raise MalformedBatch("The batch request is not a valid multipart/mixed body")
    return _messages(message)


def _messages(message: Message) -> list[Message]:
    found: object = message.get_payload()
    if not isinstance(found, list):
        raise MalformedBatch("A part of the batch is empty")
    return [one for one in cast("list[object]", found) if isinstance(one, Message)]


def _request(part: Message, *, in_changes: bool) -> BatchPart:
    if part.get_content_type() != "application/http":
        raise MalformedBatch(f"Invalid Content-Type {part.get_content_type()} of a batch item")
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise MalformedBatch("A part of the batch is empty")
    head, _, body = content.replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")
    line, *lines = head.decode("utf-8").split("\n")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/"):  # noqa: PLR2004 - method, address, version
        raise MalformedBatch(f"Invalid request line in a batch: {line[:60]}")
    headers = {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in lines if one.strip())}
    return BatchPart(
        method=words[0], path=words[1], headers=headers, body=body.strip(), content_id=part.get("Content-ID"),
        in_changes=in_changes,
    )  # fmt: skip


def batch_reply(told: Sequence[tuple[bool, Sequence[tuple[BatchPart, Reply]]]]) -> tuple[str, bytes]:
    """Content type and body of the reply: for each item whether it was a change set, and its replies.

    A change set that failed is answered by its error alone.
    """
    items: list[bytes] = []
    for number, (in_changes, replies) in enumerate(told):
        parts = [_answer(part, reply) for part, reply in replies]
        if in_changes and replies[0][1].status < 400:  # noqa: PLR2004 - a failure
            kind, body = _multipart(f"changesetresponse_{number:032x}", parts)
            items.append(f"Content-Type: {kind}".encode() + _LINE * 2 + body)
        else:
            items += parts
    return _multipart("batchresponse_01346794-f2e2-4d45-8cc2-f97e09fe8916", items)


def _answer(part: BatchPart, reply: Reply) -> bytes:
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    head += [] if part.content_id is None else [f"Content-ID: {part.content_id}"]
    head += ["", f"HTTP/1.1 {reply.status} {_WORDS.get(reply.status, 'Refused')}"]
    head += [f"{name}: {value}" for name, value in reply.headers.items() if name != "Date"]
    return _LINE.join([*(one.encode() for one in head), b"", reply.body, b""])


def _multipart(boundary: str, parts: Sequence[bytes]) -> tuple[str, bytes]:
    mark = f"--{boundary}".encode()
    body = b"".join(mark + _LINE + part + _LINE for part in parts) + mark + b"--" + _LINE
    return f"multipart/mixed; boundary={boundary}", body
